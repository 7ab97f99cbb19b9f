//! `sightline restore`: a backup, verified to the last byte, into an empty place.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{CommandError, Context, Ended, Status, typed};
use crate::{
    app::{App, AppError},
    backup::{BackupError, Belongs, Destination, Manifest, Unpacked, unpack},
    configuration::{self, Configuration},
    data_folder, folders,
    output::{inert, when},
};
use sightline_model::counted;
use sightline_proof::key::{self, SigningKey};
use sightline_store::audit::Fault;

/// How the folder is called, beside its place, into which a backup is unpacked.
const SCRATCH: &str = ".sightline-restore-";

/// Bring back a backup into an empty place
///
/// Everything is unpacked beside its place and verified against the manifest first; only then is it moved there. What
/// is there already is never overwritten.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup file
    file: PathBuf,
    /// The folder to restore into, made where it is missing; sightline.toml must not be in it
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Verify the backup and write nothing
    #[arg(long, conflicts_with = "folder")]
    check: bool,
    /// The file with the key that opens a sealed backup, as `age-keygen` writes it
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// The fingerprint of the key that must have signed it: 64 hexadecimal digits, as `backup` and `doctor` said it
    #[arg(long, value_name = "FINGERPRINT", value_parser = typed::fingerprint)]
    key: Option<String>,
}

/// Runs the command.
pub async fn run(restore: Restore, context: &Context) -> Ended {
    let Restore {
        file,
        folder,
        check,
        identity,
        key,
    } = restore;
    let (identity, key) = (identity.as_deref(), key.as_deref());
    if check {
        let unpacked = unpack(&file, identity, Destination::Nowhere)?;
        demand(&unpacked, key)?;
        // Where all would go is asked as it is in earnest: what that refuses is no backup.
        moves(&unpacked, Path::new("backup"), &folder)?;
        report(&unpacked, &file, context)?;
        context.out.say(by_whom(&unpacked, key))?;
        return Ok(Status::Done);
    }
    if folder.exists() && !folder.is_dir() {
        return Err(CommandError::Usage(format!(
            "{} is no folder; name one to restore into",
            folder.display()
        )));
    }
    let failed = |path: &Path| BackupError::at(path.to_owned());
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    for left in clear(&folder).map_err(failed(&folder))? {
        context.out.note(format_args!(
            "What an earlier restore that was broken off had unpacked is removed: {}",
            left.display()
        ));
    }
    let scratch = tempfile::Builder::new()
        .prefix(SCRATCH)
        .tempdir_in(&folder)
        .map_err(failed(&folder))?;
    let lock = fs::File::open(scratch.path()).map_err(failed(scratch.path()))?;
    lock.lock().map_err(failed(scratch.path()))?;
    let unpacked = unpack(&file, identity, Destination::Folder(scratch.path()))?;
    demand(&unpacked, key)?;
    let Moves {
        data,
        store,
        checkpoints,
        folders,
        files,
    } = moves(&unpacked, scratch.path(), &folder)?;
    if let Some((_, taken)) = files.iter().find(|(_, to)| to.exists()) {
        return Err(CommandError::Failed(format!(
            "{} is there already, and nothing is overwritten; restore into an empty folder. What a restore that was broken off put \
             there is no instance: remove it first",
            taken.display()
        )));
    }
    store.as_deref().map_or(Ok(()), is_alone)?;
    if data != folder {
        is_empty(&data, &checkpoints)?;
    }
    is_of_the_key(&data, &unpacked)?;
    folders::make_private(&data).map_err(|error| CommandError::Failed(error.to_string()))?;
    for folder in &folders {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    for (from, to) in &files {
        put(from, to).map_err(failed(to))?;
    }
    report(&unpacked, &file, context)?;
    context.out.say(by_whom(&unpacked, key))?;
    let config = folder.join("sightline.toml");
    let mut elsewhere: Vec<String> = files
        .iter()
        .filter(|(_, to)| !to.starts_with(&folder))
        .filter_map(|(_, to)| Some(to.parent()?.display().to_string()))
        .collect();
    elsewhere.sort_unstable();
    elsewhere.dedup();
    if !elsewhere.is_empty() {
        context.out.note(format_args!(
            "What its configuration keeps elsewhere is there: {}",
            elsewhere.join(", ")
        ));
    }
    context.out.say(format_args!(
        "Restored into {}. Passwords and keys are not in a backup: put them back where the configuration names them.\n\
         To see that all is well:\n  sightline --config {} doctor",
        folder.display(),
        config.display()
    ))?;
    let mut members = unpacked.manifest.files.iter();
    match members.any(|member| Belongs::of(&member.name) == Some(Belongs::Store)) {
        true => look_at_the_log(&unpacked.manifest, config, context).await,
        false => context.out.note(
            "The backup holds no store: it was on PostgreSQL. Bring that back with `pg_restore` or `psql`.",
        ),
    }
    Ok(Status::Done)
}

/// Removes what restores that were broken off have left in a folder, for it lies there open, and says where it was. One that is
/// under way has locked its own.
fn clear(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut cleared = Vec::new();
    for found in fs::read_dir(folder)? {
        let found = found?;
        let is_scratch = found.file_name().to_string_lossy().starts_with(SCRATCH);
        if !is_scratch || !found.file_type()?.is_dir() {
            continue;
        }
        let lock = fs::File::open(found.path())?;
        match lock.try_lock() {
            Ok(()) => {
                fs::remove_dir_all(found.path())?;
                cleared.push(found.path());
            }
            Err(fs::TryLockError::WouldBlock) => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(cleared)
}

/// Checkpoints are in no backup, and a log that knows of some signs nothing without them: said now, not when that fails.
async fn look_at_the_log(manifest: &Manifest, config: PathBuf, context: &Context) {
    let (shown, out) = (config.display().to_string(), context.out);
    let verified = async {
        let app = App::open(&Context { config, out }).await?;
        let notary = app.notary()?;
        let verdict = notary.verify(None, &[]).await;
        app.store.close().await;
        let file = notary.ledger.path().display().to_string();
        verdict
            .map(|verdict| (verdict.report.fault, file))
            .map_err(|error| CommandError::Failed(error.to_string()))
    };
    let first = match verified.await {
        Ok((Some(Fault::Behind { .. }), file)) => format!(
            "{} has nothing of that, for it is not the file of then, or the `signing.key` of then is not here",
            inert::line(&file)
        ),
        Ok((Some(Fault::KeyGone | Fault::KeyAnew), _)) => {
            "the `signing.key` of then is not here; bring it back from where it is kept, and nothing more has to be said"
                .to_owned()
        }
        Ok((Some(Fault::Tail { .. }), file)) => format!(
            "{} knows of deeds that came after this backup; put it aside first, and keep it",
            inert::line(&file)
        ),
        // Another fault was there before, and the doctor tells it.
        Ok(_) => return,
        Err(error) => {
            return out.note(format_args!(
                "Whether the audit log is whole was not seen: {error}"
            ));
        }
    };
    let day: String = manifest.made_at.to_string().chars().take(10).collect();
    out.note(format_args!(
        "The audit log was signed before, and nothing more of it is signed until somebody says why: {first}. Then:\n  \
         sightline --config {shown} audit checkpoint --despite 'restored from the backup of {day}'"
    ));
}

/// What SQLite finds beside a database it takes for a part of it: what was verified would not be what is opened.
fn is_alone(store: &Path) -> Result<(), CommandError> {
    for ending in ["-wal", "-shm", "-journal"] {
        let mut beside = store.as_os_str().to_owned();
        beside.push(ending);
        let beside = Path::new(&beside);
        if beside.symlink_metadata().is_ok() {
            return Err(CommandError::Failed(format!(
                "{} is there already, of another store, and would change what is restored; move it away, or restore into an empty folder",
                beside.display()
            )));
        }
    }
    Ok(())
}

/// Nothing of another instance may lie where this one is kept. What is in no backup may have been put back before, and an empty
/// folder holds nothing.
fn is_empty(data: &Path, checkpoints: &Path) -> Result<(), CommandError> {
    let failed = |cause| CommandError::from(BackupError::at(data)(cause));
    let entries = match fs::read_dir(data) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    // Beside it lies how far the witness has got.
    let checkpoints = checkpoints.to_string_lossy().into_owned();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let is_bare = fs::read_dir(&path).is_ok_and(|mut inside| inside.next().is_none());
        let name = path.file_name().unwrap_or_default();
        let is_put_back = name == key::FILE
            || name == "lost+found"
            || path.to_string_lossy().starts_with(&checkpoints);
        if !is_bare && !is_put_back {
            return Err(CommandError::Failed(format!(
                "{} is there already, and may be of another instance; restore into an empty folder: `{}` and the file of checkpoints \
                 alone may be put back before",
                inert::line(&path.display().to_string()),
                key::FILE
            )));
        }
    }
    Ok(())
}

/// The key that was put back before must be the one that signed the backup.
fn is_of_the_key(data: &Path, unpacked: &Unpacked) -> Result<(), CommandError> {
    let own = SigningKey::open(data).map_err(|error| CommandError::Failed(error.to_string()))?;
    match (own.map(|key| key.public()), unpacked.signed_by) {
        (Some(own), Some(signed_by)) if own != signed_by => Err(CommandError::Failed(format!(
            "{} is another key than the one that signed this backup, {}; move it away",
            data.join(key::FILE).display(),
            signed_by.fingerprint()
        ))),
        _ => Ok(()),
    }
}

/// Only the backup of somebody's key is wanted, where one is named.
fn demand(unpacked: &Unpacked, key: Option<&str>) -> Result<(), CommandError> {
    let Some(wanted) = key else { return Ok(()) };
    let by = match &unpacked.signed_by {
        Some(key) if key.fingerprint().0 == wanted => return Ok(()),
        Some(key) => format!("it was signed by the key {}", key.fingerprint()),
        None => "it is of a form that was not signed".to_owned(),
    };
    Err(CommandError::Failed(format!(
        "{by}, and not by {wanted}: whoever made this backup, it was not the instance with that key"
    )))
}

/// Whose backup it is, as far as that can be told.
fn by_whom(unpacked: &Unpacked, key: Option<&str>) -> String {
    const SOUND: &str = "Every file in it is what it was when the backup was made.";
    match (&unpacked.signed_by, key) {
        (Some(_), Some(_)) => format!("{SOUND} It was made by the instance with that key."),
        (Some(key), None) => format!(
            "{SOUND} It was signed by the key\n  {}\nWhose key that is, this can't tell: compare it with what `backup` or \
             `doctor` said where it was made, or name that with --key.",
            key.fingerprint()
        ),
        (None, _) => format!(
            "{SOUND} It is of a form that was not signed, so who made it, this can't tell: keep backups where nobody else writes."
        ),
    }
}

fn report(unpacked: &Unpacked, file: &Path, context: &Context) -> Result<(), CommandError> {
    let Manifest {
        made_at,
        sightline,
        files,
        damaged,
        ..
    } = &unpacked.manifest;
    let signed_by = unpacked.signed_by.map(|key| key.fingerprint());
    context.out.record(&serde_json::json!({
        "file": file, "made_at": made_at, "sightline": sightline, "files": files.len(), "verified": true, "signed_by": signed_by,
        "damaged": damaged,
    }))?;
    let made = when::exact(*made_at);
    context.out.say(format_args!(
        "{}: {}, made {made} by Sightline {sightline}.",
        file.display(),
        counted(files.len(), "file", "files")
    ))?;
    if *damaged > 0 {
        context.out.note(format_args!(
            "When it was made, {} missing or damaged, and so is not in it as it was kept: `sightline doctor --all` names which.",
            counted(*damaged, "capture was", "captures were")
        ));
    }
    Ok(())
}

/// Where all that is in a backup belongs.
struct Moves {
    /// The folder for everything that is kept.
    data: PathBuf,
    /// The store's file, where it is one.
    store: Option<PathBuf>,
    /// The file of checkpoints, which is in no backup.
    checkpoints: PathBuf,
    /// The folders that the settings name, whether something is in them or not.
    folders: Vec<PathBuf>,
    /// From where to where, file by file.
    files: Vec<(PathBuf, PathBuf)>,
}

/// Where each file goes, by what the restored configuration itself says.
fn moves(unpacked: &Unpacked, from: &Path, folder: &Path) -> Result<Moves, CommandError> {
    // Paths are rooted where the settings were unpacked; what is inside that belongs inside the new folder.
    let root = from.join("config");
    let places = settings(unpacked, &root.join("sightline.toml"))?.settings;
    let settled = |path: &Path| match path.strip_prefix(&root) {
        Ok(relative) => folder.join(relative),
        Err(_) => path.to_owned(),
    };
    let store = places.store.store.url.strip_prefix("sqlite:");
    let store = store.map(|path| settled(Path::new(path)));
    let data = settled(&places.instance.data);
    let sources = settled(&places.instance.sources);
    let archive = settled(&places.archive_folder());
    let templates = places.instance.templates.as_deref().map(settled);
    let lists = places.instance.warning_lists.as_deref().map(settled);
    let files = unpacked.manifest.files.iter();
    let files = files
        .map(|member| {
            let name = member.name.as_str();
            let to = Belongs::of(name).and_then(|belongs| match belongs {
                Belongs::Store => store.clone(),
                Belongs::Evidence(file) => Some(archive.join(file)),
                Belongs::DataFolder => Some(data.join(data_folder::FILE)),
                Belongs::Settings => Some(folder.join("sightline.toml")),
                Belongs::Source(file) => Some(sources.join(file)),
                Belongs::Template(file) => templates.as_ref().map(|folder| folder.join(file)),
                Belongs::WarningList(file) => lists.as_ref().map(|folder| folder.join(file)),
            });
            let to = to.ok_or_else(|| {
                CommandError::Failed(format!(
                    "'{}' in the backup has no place in its configuration; take another backup file, this one can't be restored",
                    inert::line(name)
                ))
            })?;
            Ok((from.join(name), to))
        })
        .collect::<Result<_, CommandError>>()?;
    let folders = [Some(sources), templates, lists];
    Ok(Moves {
        data,
        store,
        checkpoints: settled(&places.checkpoints()),
        folders: folders.into_iter().flatten().collect(),
        files,
    })
}

/// The settings in the backup, which are to be in `file`.
fn settings(unpacked: &Unpacked, file: &Path) -> Result<Configuration, CommandError> {
    let text = unpacked.settings.clone().map(String::from_utf8);
    let text = text.and_then(Result::ok).ok_or_else(|| {
        CommandError::Failed(
            "there are no settings in the backup that can be read; take another backup file, this one can't be restored"
                .to_owned(),
        )
    })?;
    let configuration = Configuration::of_text(file, text, configuration::environment());
    Ok(configuration.map_err(AppError::from)?)
}

/// Moves a file; copies it where it goes to another disk.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::rename(from, to) {
        Err(cause) if cause.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(from, to)?;
            fs::File::open(to)?.sync_all()?;
            fs::remove_file(from)
        }
        moved => moved,
    }
}
