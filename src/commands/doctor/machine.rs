//! The machine: folders, their permissions, and room on the disk.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{self, Path, PathBuf},
};

use serde_json::Value;
use sightline_pipeline::room::free;
use sightline_proof::key::{self, SigningKey};
use sightline_store::Engine;

use super::Finding;
use crate::{app::App, outbox::Channels, settings::Settings};

const MEBIBYTE: u64 = 1 << 20;
/// Less room than this is worth a look, in bytes.
const LITTLE: u64 = 4 * 1024 * 1024 * 1024;

pub(super) fn examine(app: &App) -> Vec<Finding> {
    let settings = &app.configuration.settings;
    let data = &settings.instance.data;
    let least = settings.work.free_mebibytes * MEBIBYTE;
    let mut findings = vec![writable(data)];
    findings.extend(private(app));
    findings.extend(disks(app).iter().map(|folder| room(folder, least)));
    findings.push(signing_key(data));
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
    findings
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

/// What is kept concerns people; others on the machine have no business in it, nor with what it is opened by.
fn private(app: &App) -> Vec<Finding> {
    const CHECK: &str = "permissions";
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
    if open.is_empty() {
        let shown = data.display();
        return vec![Finding::good(
            CHECK,
            format!("others reach neither {shown} nor what else is kept or kept secret"),
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
    open.iter().map(finding).collect()
}

/// The store's file, where it is one.
fn store_file(app: &App) -> Option<PathBuf> {
    (app.store.engine() == Engine::Sqlite).then(|| PathBuf::from(app.store.place()))
}

/// True where others on the machine may do anything with it: they can enter every folder above it, too.
fn is_open(path: &Path) -> bool {
    let others = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.is_dir(), found.permissions().mode() & 0o007))
    };
    let Ok(path) = path::absolute(path) else {
        return false;
    };
    let is_reached = path
        .ancestors()
        .skip(1)
        .all(|above| others(above).is_some_and(|(_, may)| may & 0o001 != 0));
    is_reached
        && others(&path).is_some_and(|(is_folder, may)| match is_folder {
            true => may != 0,
            false => may & 0o006 != 0,
        })
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
fn signing_key(folder: &Path) -> Finding {
    const CHECK: &str = "signing key";
    match SigningKey::open(folder) {
        Ok(Some(key)) => Finding::good(
            CHECK,
            format!("its fingerprint is {}", key.public().fingerprint()),
        ),
        // Whether there should be one, the audit log tells.
        Ok(None) => Finding::good(
            CHECK,
            "there is none here; the first is made when it is needed",
        ),
        Err(error) => Finding::bad(
            CHECK,
            error.to_string(),
            "until this is put right, no evidence can be exported",
        ),
    }
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
