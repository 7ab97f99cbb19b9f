//! What can go wrong in keeping evidence and reading it back.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why something was not kept, or is not what was kept.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No space is left. Nothing was kept, and the file is as it was.
    #[error("the disk is full while writing {}; free some space, or move the archive, and it goes on", .0.display())]
    Full(PathBuf),
    /// The system refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A sync failed before.
    #[error(
        "the archive's disk failed earlier, so nothing is kept until the file is closed and another begun; if this comes again, look at the disk"
    )]
    Lost,
    /// The file that evidence names is not there.
    #[error(
        "the WARC file {} is not in the archive: it is lost, or lies on another machine, where several share a store and not the data \
         folder; bring it back from a backup, or share the folder", .0.display()
    )]
    Missing(PathBuf),
    /// The bytes are not those that were kept.
    #[error("the record at {offset} of {} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the record begins.
        offset: i64,
        /// What does not hold.
        what: String,
    },
    /// What was asked is not what was kept, though the answer may be.
    #[error(
        "the request {record}, kept before the record at {offset} of {}, is damaged: nothing that ends there unpacks to it and \
         agrees with its digest", path.display()
    )]
    DamagedRequest {
        /// The file.
        path: PathBuf,
        /// Where the answer's record begins, and the request's ends.
        offset: i64,
        /// The request's record, as the answer names it.
        record: String,
    },
}

impl ArchiveError {
    /// The file that does not hold what was kept in it: it is damaged, or not there. None where the fault may be elsewhere.
    pub fn broken_file(&self) -> Option<&Path> {
        match self {
            Self::Missing(path)
            | Self::Damaged { path, .. }
            | Self::DamagedRequest { path, .. } => Some(path),
            Self::Full(_) | Self::Io { .. } | Self::Lost => None,
        }
    }

    /// For `map_err`: what the system said while something was done to `path`.
    pub(super) fn while_(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full(path.to_owned())
            }
            _ => Self::Io {
                doing,
                path: path.to_owned(),
                source,
            },
        }
    }
}
