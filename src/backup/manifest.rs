//! The manifest of a backup: what is in it, and by which digests that can be checked.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sightline_model::{Digest, Timestamp};

/// The manifest's name in the archive.
pub(super) const NAME: &str = "manifest.json";
/// The name of its signature, which stands behind it: 64 bytes, by Ed25519 (RFC 8032).
pub(super) const SIGNATURE: &str = "manifest.json.sig";
/// The form that this Sightline writes.
pub(super) const FORM: u32 = 2;
/// The form that is not signed: that of older versions, and of whoever has no key that may be trusted.
pub(super) const UNSIGNED: u32 = 1;

/// What is in a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup: 2; 1 where it was not signed.
    pub form: u32,
    /// The version of Sightline that made it.
    pub sightline: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The key of the instance that made it, in PEM, with which its signature is verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Captures that were missing or damaged when it was made, and so are in it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub damaged: usize,
    /// Every file but the manifest and its signature, in the order of the archive.
    pub files: Vec<Member>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// One file in a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its name in the archive: `evidence/….warc.gz`.
    pub name: String,
    /// Its length in bytes.
    pub length: u64,
    /// Of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// Reads through, and knows afterwards how much it was and its digest.
pub(super) struct Hashing<R> {
    inner: R,
    digest: Sha256,
    length: u64,
}

impl<R: Read> Hashing<R> {
    pub fn of(inner: R) -> Self {
        Self {
            inner,
            digest: Sha256::new(),
            length: 0,
        }
    }

    /// What was read, as a member of this name.
    pub fn member(self, name: &str) -> Member {
        Member {
            name: name.to_owned(),
            length: self.length,
            sha256: Digest::of_hash(&self.digest.finalize()).0,
        }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(block)?;
        self.digest.update(&block[..read]);
        self.length += read as u64;
        Ok(read)
    }
}
