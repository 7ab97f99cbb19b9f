//! A bundle: a bag of evidence (BagIt, RFC 8493) in a zip file, signed. docs/evidence.md has its form for those who are to
//! judge it.
//!
//! The signature covers the manifest of the tag files, that covers the manifest of the payload, and that every file; the
//! order of the files is that of the manifests, and the zip file around them has one form only. So there is no byte in it
//! that could be another.

mod pack;
mod verify;
mod zip;

pub use pack::{Packer, Sealed};
pub use verify::{Verified, verify};

use std::io;

use sightline_model::Digest;

use crate::stamp::NoStamp;

/// The largest bundle, in bytes: what any program reads that knows zip.
pub const LARGEST: u64 = 1 << 30;
/// The most files of a bundle.
const MOST_FILES: usize = 20_000;

const DECLARATION: &str = "bagit.txt";
const INFO: &str = "bag-info.txt";
const MANIFEST: &str = "manifest-sha256.txt";
const KEY: &str = "public-key.pem";
/// The answer of a time stamp authority, of the manifest; not every bundle has one.
const STAMP: &str = "timestamp.tsr";
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
const SIGNATURE: &str = "signature.txt";
/// The field of the bag's information that has the name of its folder.
const FOLDER: &str = "Internal-Sender-Identifier";
/// The folder of the payload, in the bag's own.
const PAYLOAD: &str = "data/";
/// What the declaration says.
const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Why a file is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum Forged {
    /// It can't be read.
    #[error("it can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is larger than any bundle.
    #[error("it is larger than any bundle")]
    TooLarge,
    /// It has not the form in which bundles are written.
    #[error("it is damaged or changed at byte {0} or behind it, or is no bundle at all")]
    Form(u64),
    /// A file of it is missing, or stands elsewhere.
    #[error("{0} is missing, or not in its place")]
    Missing(&'static str),
    /// A file of it does not belong there.
    #[error("{0} does not belong in it")]
    Foreign(String),
    /// What a list says is not what is there.
    #[error(
        "{0} does not say what is in the bundle: a file was changed, added, moved or taken out"
    )]
    Manifest(&'static str),
    /// The folder was given another name.
    #[error(
        "its folder {0} has another name than was signed: it may be the bundle of another alert"
    )]
    Folder(String),
    /// A file is not written as we write it.
    #[error("{0} is not as Sightline writes it")]
    Text(&'static str),
    /// The time stamp is of something else, or none.
    #[error("timestamp.tsr: {0}")]
    Stamp(#[from] NoStamp),
    /// The signature does not hold.
    #[error(
        "the signature does not hold: what it was made for has been changed, or it was made by somebody else"
    )]
    Signature,
    /// Another key has signed.
    #[error("it was signed by the key {found}, and not by {wanted}")]
    OtherKey {
        /// Which.
        found: Digest,
        /// Which should have.
        wanted: String,
    },
}

/// A line of a manifest.
fn line(digest: &Digest, path: &str) -> String {
    format!("{digest}  {path}\n")
}

/// What the signature's file says.
fn signed(key: &crate::key::PublicKey, signature: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!(
        "Ed25519 signature of {TAG_MANIFEST}\nkey: {}\nsignature: {}\n",
        STANDARD.encode(key.bytes()),
        STANDARD.encode(signature)
    )
}
