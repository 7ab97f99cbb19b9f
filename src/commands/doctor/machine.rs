//! The machine: folders, their permissions, and room on the disk.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{self, Path, PathBuf},
};

use serde_json::Value;
use sightline_pipeline::room::free;
use sightline_proof::{
    doubts,
    key::{self, SigningKey},
};
use sightline_store::{Engine, audit::Fault};

use super::Finding;
use crate::{
    app::App, commands::CommandError, configuration::Configuration, outbox::Channels,
    settings::Settings,
};

const MEBIBYTE: u64 = 1 << 20;
/// Less room than this is worth a look, in bytes.
const LITTLE: u64 = 4 * 1024 * 1024 * 1024;

pub(super) async fn examine(app: &App) -> Result<Vec<Finding>, CommandError> {
    let settings = &app.configuration.settings;
    let data = &settings.instance.data;
    let least = settings.work.free_mebibytes * MEBIBYTE;
    let mut findings = vec![writable(data)];
    findings.extend(private(app));
    findings.extend(disks(app).iter().map(|folder| room(folder, least)));
    findings.push(signing_key(app).await?);
    match Channels::build(&app.configuration) {
        Ok(channels) => findings.extend(channels.unusable.iter().map(|error| {
            Finding::bad(
                "channels",
                error.to_string(),
                "until this is put right, what is due to it waits; the others are told",
            )
        })),
        Err(error) => findings.push(Finding::bad(
            "channels",
            error.to_string(),
            "until this is put right, `crawl`, `serve` and `deliver` do not start",
        )),
    }
    Ok(findings)
}

fn writable(folder: &Path) -> Finding {
    let shown = folder.display();
    match fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder)) {
        Ok(_) => Finding::good(
            "data folder",
            format!("{shown} can be written, and is the store's"),
        ),
        Err(cause) => Finding::bad(
            "data folder",
            format!("{shown} can't be written: {cause}"),
            "give the user that runs Sightline permission to write it, or free the disk",
        ),
    }
}

/// What is looked at by whom it can be opened or changed.
const CHECK: &str = "permissions";

/// What is kept concerns people; others on the machine have no business in it, nor with what it is opened by.
fn private(app: &App) -> Vec<Finding> {
    let configuration = &app.configuration;
    let settings = &configuration.settings;
    let data = &settings.instance.data;
    let mut kept = vec![
        data.clone(),
        settings.archive_folder(),
        data.join(key::FILE),
        settings.checkpoints(),
    ];
    kept.extend(store_file(app));
    kept.extend(secret_files(settings, &configuration.folder));
    let mut open: Vec<&PathBuf> = Vec::new();
    for path in kept.iter().filter(|path| is_open(path)) {
        // Whoever shuts a folder shuts out of what is in it.
        if !open.iter().any(|above| path.starts_with(above)) {
            open.push(path);
        }
    }
    let changeable = changeable(configuration);
    if open.is_empty() && changeable.is_empty() {
        let shown = data.display();
        return vec![Finding::good(
            CHECK,
            format!(
                "others reach neither {shown} nor what else is kept or kept secret, and change nothing of the configuration"
            ),
        )];
    }
    let finding = |path: &&PathBuf| {
        let shown = path.display();
        let may = match path.is_dir() {
            true => "enter",
            false => "read or write",
        };
        let remedy = format!("chmod o-rwx {shown}");
        Finding::warning(
            CHECK,
            format!("every user of this machine can {may} {shown}"),
            remedy,
        )
    };
    open.iter().map(finding).chain(changeable).collect()
}

/// What of the configuration others on the machine can change.
pub(super) fn changeable(configuration: &Configuration) -> Vec<Finding> {
    let configured = configured(configuration).into_iter();
    let changed = |path: PathBuf| {
        let shown = path.display();
        Finding::warning(
            CHECK,
            format!("every user of this machine can change {shown}, and so what Sightline does"),
            format!("chmod o-w {shown}"),
        )
    };
    configured
        .filter(|path| is_written(path))
        .map(changed)
        .collect()
}

/// What Sightline is told to do: the settings, and all that they name besides, with the folders in which these lie.
fn configured(configuration: &Configuration) -> Vec<PathBuf> {
    let instance = &configuration.settings.instance;
    let folders = [
        Some(&instance.sources),
        instance.templates.as_ref(),
        instance.warning_lists.as_ref(),
    ];
    let mut paths = vec![configuration.folder.clone(), configuration.file.clone()];
    for folder in folders.into_iter().flatten() {
        paths.push(folder.clone());
        // One that can't be read is told of where it is read.
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        files.sort_unstable();
        paths.extend(files);
    }
    paths
}

/// The store's file, where it is one.
fn store_file(app: &App) -> Option<PathBuf> {
    (app.store.engine() == Engine::Sqlite).then(|| PathBuf::from(app.store.place()))
}

/// True where others on the machine may do anything with it.
fn is_open(path: &Path) -> bool {
    others(path).is_some_and(|(is_folder, may)| match is_folder {
        true => may != 0,
        false => may & 0o006 != 0,
    })
}

/// True where others on the machine may change it.
fn is_written(path: &Path) -> bool {
    others(path).is_some_and(|(_, may)| may & 0o002 != 0)
}

/// Whether it is a folder, and what others on the machine may do with it; nothing where they can't enter every folder above it.
fn others(path: &Path) -> Option<(bool, u32)> {
    let others = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.is_dir(), found.permissions().mode() & 0o007))
    };
    let path = path::absolute(path).ok()?;
    let is_reached = path
        .ancestors()
        .skip(1)
        .all(|above| others(above).is_some_and(|(_, may)| may & 0o001 != 0));
    others(&path).filter(|_| is_reached)
}

/// The files that hold secrets, as the settings name them.
fn secret_files(settings: &Settings, folder: &Path) -> Vec<PathBuf> {
    fn gather(value: &Value, folder: &Path, files: &mut Vec<PathBuf>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                Value::String(file) if name.ends_with("_file") => files.push(folder.join(file)),
                value => gather(value, folder, files),
            }),
            Value::Array(all) => all.iter().for_each(|value| gather(value, folder, files)),
            _ => {}
        }
    }
    let mut files = Vec::new();
    // Settings are made of what JSON has, too.
    let value = serde_json::to_value(settings).unwrap_or_default();
    gather(&value, folder, &mut files);
    files
}

/// What others compare the signature of a bundle with.
async fn signing_key(app: &App) -> Result<Finding, CommandError> {
    const CHECK: &str = "signing key";
    let key = match SigningKey::open(&app.configuration.settings.instance.data) {
        Ok(key) => key.map(|key| key.public()),
        Err(error) => {
            let remedy = "until this is put right, no evidence can be exported";
            return Ok(Finding::bad(CHECK, error.to_string(), remedy));
        }
    };
    // Whether there should be one, and which, the audit log tells.
    let doubt = doubts::key(&mut app.read().await?, key).await?;
    Ok(match (doubt, key) {
        (Some(fault @ (Fault::KeyGone | Fault::KeyAnew)), _) => Finding::bad(
            CHECK,
            format!("of the audit log, {fault}"),
            "bring the `signing.key` of then back from where it is kept; if it is lost, say why, and another signs from then on: \
             sightline audit checkpoint --despite REASON",
        ),
        (_, Some(key)) => Finding::good(CHECK, format!("its fingerprint is {}", key.fingerprint())),
        (_, None) => Finding::good(
            CHECK,
            "there is none here; the first is made when it is needed",
        ),
    })
}

/// A folder on each disk that Sightline writes to.
fn disks(app: &App) -> Vec<PathBuf> {
    let settings = &app.configuration.settings;
    let mut folders = vec![settings.instance.data.clone()];
    let store = store_file(app).and_then(|file| file.parent().map(Path::to_owned));
    let archive = settings.archive_folder();
    let device = |folder: &Path| fs::metadata(folder).ok().map(|found| found.dev());
    for folder in store.into_iter().chain([archive]) {
        let is_new = |known: &PathBuf| device(known) != device(&folder);
        if folder.exists() && folders.iter().all(is_new) {
            folders.push(folder);
        }
    }
    folders
}

/// The room on a disk, of which Sightline leaves `least` bytes alone.
fn room(folder: &Path, least: u64) -> Finding {
    let free = match free(folder) {
        Ok(free) => free,
        Err(cause) => {
            return Finding::warning(
                "disk",
                format!(
                    "the room where {} is can't be told: {cause}",
                    folder.display()
                ),
                "look with `df`",
            );
        }
    };
    let shown = format!("{} MiB free where {} is", free / MEBIBYTE, folder.display());
    if free < least.max(MEBIBYTE) {
        return Finding::bad(
            "disk",
            format!(
                "{shown}, and work.free_mebibytes leaves {} alone: no page is fetched",
                least / MEBIBYTE
            ),
            "free some space now; the work goes on by itself when there is some",
        );
    }
    if free < LITTLE {
        return Finding::warning(
            "disk",
            shown,
            "make room, or move the archive to a larger disk",
        );
    }
    Finding::good("disk", shown)
}
