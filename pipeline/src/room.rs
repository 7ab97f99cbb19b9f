//! Room on the disks of the store and of the archive: how much is to be left free, and what is said where it is not. Below
//! the floor no page is fetched, so that what is known can still be stored, told and looked at.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use sightline_crawler::archive::Archive;
use sightline_store::{Engine, Store};

/// The floor: the folders whose disks are looked at, and the room that each is to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Floor {
    folders: Vec<PathBuf>,
    /// In bytes; 0 for none.
    least: u64,
}

/// A disk with less room than is to be left.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the disk of '{}' has {} MiB free, and work.free_mebibytes leaves {} of them alone: no page is fetched; free some space on it, \
     and the work goes on by itself",
    folder.display(), free / MEBIBYTE, least / MEBIBYTE
)]
pub struct BelowFloor {
    /// A folder on that disk.
    pub folder: PathBuf,
    /// What is free of it, in bytes.
    pub free: u64,
    /// What is to be left free, in bytes.
    pub least: u64,
}

const MEBIBYTE: u64 = 1 << 20;

/// Why nothing can be kept, or nothing more is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shortage {
    /// The store's disk is full.
    Store,
    /// The archive's disk is full.
    Archive,
    /// Neither is, and one is about to be.
    Floor(BelowFloor),
}

impl fmt::Display for Shortage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self {
            Self::Floor(below) => return below.fmt(formatter),
            Self::Store => "store",
            Self::Archive => "archive",
        };
        write!(
            formatter,
            "the disk of the {of} is full; free some space on it, and the work goes on by itself"
        )
    }
}

impl Floor {
    /// So many MiB on the disks that an archive and a store write to; none where it is 0. A server of databases keeps its own.
    pub(crate) fn under(archive: &Archive, store: &Store, mebibytes: u64) -> Self {
        let mut folders = vec![archive.folder().to_owned()];
        if store.engine() == Engine::Sqlite {
            let folder = Path::new(store.place()).parent();
            let folder = folder.filter(|folder| *folder != Path::new(""));
            folders.push(folder.unwrap_or(Path::new(".")).to_owned());
        }
        Self::of(folders, mebibytes)
    }

    fn of(folders: Vec<PathBuf>, mebibytes: u64) -> Self {
        Self {
            folders,
            least: mebibytes.saturating_mul(MEBIBYTE),
        }
    }

    /// The first disk that has less room, if one has. A disk that can't be asked is left to whoever writes to it.
    pub fn below(&self) -> Option<BelowFloor> {
        if self.least == 0 {
            return None;
        }
        self.folders.iter().find_map(|folder| {
            let free = free(folder).ok()?;
            (free < self.least).then(|| BelowFloor {
                folder: folder.clone(),
                free,
                least: self.least,
            })
        })
    }
}

/// The bytes that are free for Sightline on the disk of a folder.
///
/// # Errors
/// If the system does not tell.
pub fn free(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_tells_which_disk_has_less_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let at = |mebibytes| Floor::of(vec![folder.path().to_owned()], mebibytes).below();
        assert_eq!(at(0), None, "there is none");
        assert_eq!(at(1), None, "a test has a mebibyte");
        let below = at(u64::MAX).expect("no disk has as much");
        let said = Shortage::Floor(below).to_string();
        for part in [
            folder.path().to_str().unwrap(),
            "work.free_mebibytes",
            "free some space",
        ] {
            assert!(said.contains(part), "{said}");
        }
        let nowhere = Floor::of(vec![folder.path().join("gone")], u64::MAX);
        assert_eq!(nowhere.below(), None, "whoever writes there says more");
    }
}
