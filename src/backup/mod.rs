//! A backup file: a tar archive with a manifest of the length and SHA-256 of every member, signed by the instance's key, and
//! sealed with age where recipients are named.

mod manifest;
mod member;
mod pack;
mod seal;
mod unpack;

pub use manifest::Manifest;
pub use member::Belongs;
pub use pack::Packer;
pub use seal::Recipients;
pub use unpack::{Destination, Unpacked, unpack};

use std::{io, path::PathBuf};

/// Why a backup could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder could not be read or written.
    #[error("{}: {cause}; {}", path.display(), remedy(cause))]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The backup file could not be made or written: where, why, and what to do.
    #[error("{0}")]
    Unwritten(String),
    /// The backup file is damaged, cut off, or none.
    #[error("{}: {why}; take another backup file, this one can't be trusted", path.display())]
    Damaged {
        /// The backup file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It is sealed and can't be opened, or is expected to be sealed and is not.
    #[error("{}: {why}", path.display())]
    Sealed {
        /// The backup file.
        path: PathBuf,
        /// What is in the way, and what to do.
        why: String,
    },
}

/// What to do about what the system says.
fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "look whether it is where it should be",
        io::ErrorKind::PermissionDenied => {
            "give the user that runs this permission, or run it as another"
        }
        io::ErrorKind::StorageFull => "make space on the disk",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "it is no folder; name one",
        io::ErrorKind::IsADirectory => "it is a folder; name a file",
        io::ErrorKind::InvalidInput => "give it a plain name",
        _ => "look whether its disk is sound",
    }
}

impl BackupError {
    /// A failure of the system at `path`.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

#[cfg(test)]
mod tests;
