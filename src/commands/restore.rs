//! `sightline restore`: a backup, verified to the last byte, into an empty place.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::{self, App},
    backup::{BackupError, Destination, Manifest, unpack},
    folders,
    output::{inert, when},
};
use sightline_model::counted;
use sightline_store::audit::Fault;

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
}

/// Runs the command.
pub async fn run(restore: Restore, context: &Context) -> Ended {
    let Restore {
        file,
        folder,
        check,
        identity,
    } = restore;
    let identity = identity.as_deref();
    if check {
        let manifest = unpack(&file, identity, Destination::Nowhere)?;
        report(&manifest, &file, context)?;
        context.out.say(
            "Every file in it is what it was when its list of files was made. Who made that, this can't tell: keep backups where nobody \
             else writes.",
        )?;
        return Ok(Status::Done);
    }
    let failed = |path: &Path| BackupError::at(path.to_owned());
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    let scratch = tempfile::Builder::new()
        .prefix(".sightline-restore-")
        .tempdir_in(&folder)
        .map_err(failed(&folder))?;
    let manifest = unpack(&file, identity, Destination::Folder(scratch.path()))?;
    let Moves { data, files } = moves(&manifest, scratch.path(), &folder)?;
    if let Some((_, taken)) = files.iter().find(|(_, to)| to.exists()) {
        return Err(CommandError::Failed(format!(
            "{} is there already, and nothing is overwritten; restore into an empty folder",
            taken.display()
        )));
    }
    folders::make_private(&data).map_err(|error| CommandError::Failed(error.to_string()))?;
    for (from, to) in &files {
        put(from, to).map_err(failed(to))?;
    }
    report(&manifest, &file, context)?;
    let config = folder.join("sightline.toml");
    context.out.say(format_args!(
        "Restored into {}. Passwords and keys are not in a backup: put them back where the configuration names them.\n\
         To see that all is well:\n  sightline --config {} doctor",
        folder.display(),
        config.display()
    ))?;
    let mut names = manifest.files.iter().map(|member| member.name.as_str());
    match names.any(|name| name.starts_with("store/")) {
        true => look_at_the_log(&manifest, config, context).await,
        false => context.out.note(
            "The backup holds no store: it was on PostgreSQL. Bring that back with `pg_restore` or `psql`.",
        ),
    }
    Ok(Status::Done)
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

fn report(manifest: &Manifest, file: &Path, context: &Context) -> Result<(), CommandError> {
    let Manifest {
        made_at,
        sightline,
        files,
        ..
    } = manifest;
    context.out.record(&serde_json::json!({
        "file": file, "made_at": made_at, "sightline": sightline, "files": files.len(), "verified": true,
    }))?;
    let made = when::exact(*made_at);
    context.out.say(format_args!(
        "{}: {}, made {made} by Sightline {sightline}.",
        file.display(),
        counted(files.len(), "file", "files")
    ))?;
    Ok(())
}

/// Where all that is in a backup belongs.
struct Moves {
    /// The folder for everything that is kept.
    data: PathBuf,
    /// From where to where, file by file.
    files: Vec<(PathBuf, PathBuf)>,
}

/// Where each file goes, by what the restored configuration itself says.
fn moves(manifest: &Manifest, from: &Path, folder: &Path) -> Result<Moves, CommandError> {
    let places = app::configuration(&from.join("config/sightline.toml"))?.settings;
    // Paths were rooted at the scratch folder's config; what is inside it belongs inside the new folder.
    let root = from.join("config");
    let settled = |path: &Path| match path.strip_prefix(&root) {
        Ok(relative) => folder.join(relative),
        Err(_) => path.to_owned(),
    };
    let store = places
        .store
        .store
        .url
        .strip_prefix("sqlite:")
        .map(|path| settled(Path::new(path)));
    let (sources, archive) = (
        settled(&places.instance.sources),
        settled(&places.archive_folder()),
    );
    let files = manifest.files.iter();
    let files = files
        .map(|member| {
            let name = member.name.as_str();
            let to = match name.split_once('/') {
                Some(("store", _)) => store.clone(),
                Some(("evidence", file)) => Some(archive.join(file)),
                Some(("config", file)) => Some(match file.strip_prefix("sources/") {
                    Some(source) => sources.join(source),
                    None => folder.join(file),
                }),
                _ => None,
            };
            let to = to.ok_or_else(|| {
                CommandError::Failed(format!(
                    "'{name}' in the backup has no place in its configuration"
                ))
            })?;
            Ok((from.join(name), to))
        })
        .collect::<Result<_, CommandError>>()?;
    Ok(Moves {
        data: settled(&places.instance.data),
        files,
    })
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
