//! `sightline backup`: the store, the evidence and the configuration in one file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use sightline_alerts::render::Templates;
use sightline_crawler::archive::lock_for_copy;
use sightline_model::counted;
use sightline_proof::key::SigningKey;
use sightline_store::{Engine, snapshot::Snapshot};

use super::{CommandError, Context, Ended, Status, doctor::damaged};
use crate::{
    app::App,
    backup::{BackupError, Belongs, Packer, Recipients},
    data_folder,
    output::{self, inert},
    warning_lists,
};

/// Copy the store, the evidence and the configuration into one file
///
/// Works while Sightline runs: the store is copied as of one moment, and the evidence after it, so that nothing that the
/// store names is missing. Every capture is verified against its digests meanwhile; where one is missing or damaged, it is named, and
/// the exit status is 1. The file is a tar archive with a manifest of SHA-256 that the instance's key signs; `sightline restore`
/// verifies it. It holds no passwords, for the configuration has none; keep those elsewhere, and this file as safe as the store. With
/// recipients it is sealed with age, and only their keys open it; nothing of it is on any disk without that seal.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write, which must not exist: sightline-2026-11-23.tar
    file: PathBuf,
    /// Seal it for the holder of this public key of age (`age-keygen` makes one); can be given more than once
    #[arg(long, value_name = "AGE1…")]
    recipient: Vec<String>,
    /// Seal it for the public keys in this file, one a line; can be given more than once
    #[arg(long, value_name = "FILE")]
    recipients_file: Vec<PathBuf>,
}

/// Runs the command.
pub async fn run(backup: Backup, context: &Context) -> Ended {
    let recipients = Recipients::collect(&backup.recipient, &backup.recipients_file)
        .map_err(CommandError::Usage)?;
    let app = App::open(context).await?;
    let archive = app.configuration.settings.archive_folder();
    if is_within(&backup.file, &archive) {
        return Err(CommandError::Usage(format!(
            "{} lies among the evidence, and would be in each backup after it; name a file elsewhere",
            backup.file.display()
        )));
    }
    // Before its first byte is written, as with all that leaves the instance; so the deed is in the copy, too.
    let name = backup.file.display().to_string();
    app.log_read("backup.make", &name).await?;
    // Before the store is copied: if the key is made now, the copy knows of it.
    let key = key(&app, context).await;
    // No file may be compacted away between the copy of the store and the copy of what it names.
    let _whole = match archive.is_dir() {
        true => Some(
            lock_for_copy(&archive).map_err(|cause| CommandError::failed("the archive", cause))?,
        ),
        false => None,
    };
    let mut packer = Packer::create(&backup.file, app.clock.now(), &recipients)?;
    match app.store.engine() {
        Engine::Sqlite => add_store(&mut packer, &app).await?,
        Engine::Postgres => context.out.note(
            "The store is on PostgreSQL and is not in this file: run `pg_dump` first and keep both together. \
             The evidence and the configuration follow.",
        ),
    }
    let configuration = &app.configuration;
    packer.add(Belongs::Settings, &configuration.file)?;
    let instance = &configuration.settings.instance;
    add_sources(&mut packer, &instance.sources)?;
    if let Some(folder) = &instance.templates {
        add_templates(&mut packer, folder)?;
    }
    if let Some(folder) = &instance.warning_lists {
        add_lists(&mut packer, folder)?;
    }
    let identifier = configuration.settings.instance.data.join(data_folder::FILE);
    packer.add(Belongs::DataFolder, &identifier)?;
    add_evidence(&mut packer, &archive)?;
    let damaged = damaged(&app).await?;
    packer.says_damaged(damaged.len());
    let manifest = packer.finish(key.as_ref())?;
    let signed_by = key.map(|key| key.public().fingerprint());
    let certificates = &configuration.settings.egress.ca_files;
    if !certificates.is_empty() {
        let named: Vec<String> = certificates
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        context.out.note(format_args!(
            "Certificates that the configuration names are not in this file; keep them beside it: {}",
            named.join(", ")
        ));
    }
    let length: u64 = manifest.files.iter().map(|file| file.length).sum();
    let files = manifest.files.len();
    context.out.record(&serde_json::json!({
        "file": backup.file, "files": files, "bytes": length, "recipients": recipients.len(),
        "signed_by": signed_by, "damaged": damaged,
    }))?;
    let file = backup.file.display();
    context.out.say(format_args!(
        "{file} holds {}, {}{}",
        counted(files, "file", "files"),
        counted(length, "byte", "bytes"),
        signed_by.map_or_else(
            || ".".to_owned(),
            |key| format!(", signed by the key\n  {key}")
        ),
    ))?;
    context.out.say(match recipients.len() {
        0 => format!(
            "It is not encrypted: whoever has the file reads all of it. Name --recipient to seal it.\n\
             To see that it can be restored:\n  sightline restore --check {file}"
        ),
        keys => format!(
            "It is sealed for {}. To see that it can be restored, where one of these keys is:\n  \
             sightline restore --check --identity KEYFILE {file}",
            counted(keys, "key", "keys")
        ),
    })?;
    if damaged.is_empty() {
        return Ok(Status::Done);
    }
    for one in &damaged {
        output::error(inert::line(one));
    }
    output::error(format_args!(
        "{} not what was kept, and no better in this backup: bring the files back from one that was made before, keep that, and \
         make another",
        counted(damaged.len(), "capture is", "captures are")
    ));
    Ok(Status::Problems)
}

/// Whether a file that is not there yet would lie in a folder.
fn is_within(file: &Path, folder: &Path) -> bool {
    let parent = match file.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return false,
    };
    match (fs::canonicalize(parent), fs::canonicalize(folder)) {
        (Ok(parent), Ok(folder)) => parent.starts_with(folder),
        _ => false,
    }
}

/// The store as of one moment, from its own file: a copy beside the backup would be one without a seal.
async fn add_store(packer: &mut Packer, app: &App) -> Result<(), CommandError> {
    let snapshot = Snapshot::take(&app.store).await?;
    packer
        .add_read(Belongs::Store, snapshot.length(), snapshot.bytes())
        .map_err(|cause| CommandError::failed("the store can't be copied", cause))?;
    Ok(snapshot.release().await?)
}

/// Every WARC file. One that is being written may be closed, and so renamed, between the look and the copy.
fn add_evidence(packer: &mut Packer, folder: &Path) -> Result<(), BackupError> {
    for name in names(folder, "")? {
        let path = folder.join(&name);
        let closed = name.strip_suffix(".open").map(|closed| folder.join(closed));
        match (path.exists(), closed) {
            (false, Some(closed)) => {
                let name = name.trim_end_matches(".open");
                packer.add(Belongs::Evidence(name), &closed)?;
            }
            _ => packer.add(Belongs::Evidence(&name), &path)?,
        }
    }
    Ok(())
}

fn add_sources(packer: &mut Packer, folder: &Path) -> Result<(), BackupError> {
    for name in names(folder, ".toml")? {
        packer.add(Belongs::Source(&name), &folder.join(&name))?;
    }
    Ok(())
}

/// What else lies beside templates is no business of a backup: it may be a secret.
fn add_templates(packer: &mut Packer, folder: &Path) -> Result<(), BackupError> {
    for name in Templates::names() {
        let file = folder.join(name);
        if file.is_file() {
            packer.add(Belongs::Template(name), &file)?;
        }
    }
    Ok(())
}

fn add_lists(packer: &mut Packer, folder: &Path) -> Result<(), BackupError> {
    for file in warning_lists::files(folder).map_err(BackupError::at(folder))? {
        let name = file.strip_prefix(folder).ok().and_then(Path::to_str);
        // A name that is not UTF-8 is told of by `check`; what it has is not worth a backup that fails.
        if let Some(name) = name.filter(|_| file.is_file()) {
            packer.add(Belongs::WarningList(name), &file)?;
        }
    }
    Ok(())
}

/// The key that signs the backup. One that nobody signed is better than none, so whatever is wrong with the key is only told.
async fn key(app: &App, context: &Context) -> Option<SigningKey> {
    let why = match app.undoubted_key().await {
        Ok(Ok(key)) => return Some(key),
        Ok(Err(fault)) => fault.to_string(),
        Err(error) => error.to_string(),
    };
    context
        .out
        .note(format_args!("This backup is not signed: {why}"));
    None
}

/// The names of the files in a folder, sorted; none where there is no such folder.
fn names(folder: &Path, ending: &str) -> Result<Vec<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(BackupError::at(folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(BackupError::at(folder))?;
        let is_file = entry
            .file_type()
            .map_err(BackupError::at(entry.path()))?
            .is_file();
        match entry.file_name().into_string() {
            Ok(name) if is_file && name.ends_with(ending) => names.push(name),
            _ => {}
        }
    }
    names.sort_unstable();
    Ok(names)
}
