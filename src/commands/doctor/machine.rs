//! The machine: folders, their permissions, and room on the disk.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use sightline_pipeline::room::free;
use sightline_proof::key::SigningKey;

use super::Finding;
use crate::{app::App, outbox::Channels};

const MEBIBYTE: u64 = 1 << 20;
/// Less room than this is worth a look, in bytes.
const LITTLE: u64 = 4 * 1024 * 1024 * 1024;

pub(super) fn examine(app: &App) -> Vec<Finding> {
    let settings = &app.configuration.settings;
    let data = &settings.instance.data;
    let least = settings.work.free_mebibytes * MEBIBYTE;
    let mut findings = vec![
        writable(data),
        private(data),
        room(data, least),
        signing_key(data),
    ];
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

/// What is kept concerns people; others on the machine have no business in it.
fn private(folder: &Path) -> Finding {
    let open: Vec<PathBuf> = [
        folder.to_owned(),
        folder.join("sightline.db"),
        folder.join("archive"),
    ]
    .into_iter()
    .filter(|path| fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o007 != 0))
    .collect();
    // Whoever can't enter the folder can't reach what is in it.
    match open.first() {
        Some(path) if path == folder => Finding::warning(
            "permissions",
            format!("every user of this machine can enter {}", folder.display()),
            format!("chmod o-rwx {}", folder.display()),
        ),
        _ => Finding::good(
            "permissions",
            format!("others can't enter {}", folder.display()),
        ),
    }
}

/// What others compare the signature of a bundle with.
fn signing_key(folder: &Path) -> Finding {
    const CHECK: &str = "signing key";
    match SigningKey::open(folder) {
        Ok(Some(key)) => Finding::good(
            CHECK,
            format!("its fingerprint is {}", key.public().fingerprint()),
        ),
        Ok(None) => Finding::good(CHECK, "there is none yet: it is made when it is needed"),
        Err(error) => Finding::bad(
            CHECK,
            error.to_string(),
            "until this is put right, no evidence can be exported",
        ),
    }
}

/// The room on a disk, of which Sightline leaves `least` bytes alone.
fn room(folder: &Path, least: u64) -> Finding {
    let free = match free(folder) {
        Ok(free) => free,
        Err(cause) => {
            return Finding::warning(
                "disk",
                format!("the room can't be told: {cause}"),
                "look with `df`",
            );
        }
    };
    let shown = format!("{} MiB free", free / MEBIBYTE);
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
