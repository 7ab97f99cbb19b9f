//! How far witnesses have what was signed of a log: beside the file of checkpoints, for all who share that.

use std::{fs, io, path::PathBuf};

use url::Url;

use crate::checkpoint::{CheckpointError, Ledger};

/// What the file's name ends with.
const ENDING: &str = ".sent";

/// How many deeds of this log the witness at `to` has a checkpoint of; 0 where it has none.
///
/// # Errors
/// The file can't be read.
pub(crate) fn sent(ledger: &Ledger, origin: &str, to: &Url) -> Result<u64, CheckpointError> {
    let path = beside(ledger);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(cause) => return Err(CheckpointError::File { path, cause }),
    };
    let of = of(origin, to);
    let sizes = text.lines().filter_map(|line| line.strip_suffix(&of));
    Ok(sizes
        .filter_map(|size| size.parse().ok())
        .max()
        .unwrap_or(0))
}

/// Remembers how many. Whoever finds half of the file, or none, sends once more what the witness has.
///
/// # Errors
/// The file can't be written.
pub(crate) fn note(
    ledger: &Ledger,
    origin: &str,
    to: &Url,
    size: u64,
) -> Result<(), CheckpointError> {
    let path = beside(ledger);
    let known = fs::read_to_string(&path).unwrap_or_default();
    let of = of(origin, to);
    let others = known.lines().filter(|line| !line.ends_with(&of));
    let mut text: String = others.map(|line| format!("{line}\n")).collect();
    text += &format!("{size}{of}\n");
    fs::write(&path, text).map_err(|cause| CheckpointError::File { path, cause })
}

fn of(origin: &str, to: &Url) -> String {
    format!(" {origin} {to}")
}

fn beside(ledger: &Ledger) -> PathBuf {
    let mut name = ledger.path().to_owned().into_os_string();
    name.push(ENDING);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_witness_and_log_is_remembered_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::at(folder.path().join("checkpoints.txt"));
        let [here, there] = ["https://a.example/", "https://b.example/"].map(|url| {
            let url: Url = url.parse().unwrap();
            url
        });
        let origins = ["sightline/audit/x", "sightline/audit/y"];
        assert_eq!(sent(&ledger, origins[0], &here).unwrap(), 0);
        for (origin, to, size) in [
            (origins[0], &here, 3),
            (origins[1], &here, 9),
            (origins[0], &there, 4),
            (origins[0], &here, 12),
        ] {
            note(&ledger, origin, to, size).unwrap();
            assert_eq!(sent(&ledger, origin, to).unwrap(), size);
        }
        assert_eq!(sent(&ledger, origins[1], &here).unwrap(), 9);
        assert_eq!(sent(&ledger, origins[1], &there).unwrap(), 0);
        assert_eq!(sent(&ledger, origins[0], &there).unwrap(), 4);
    }
}
