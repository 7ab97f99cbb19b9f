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
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
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

impl BackupError {
    /// A failure of the system at `path`.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

#[cfg(test)]
mod tests;
