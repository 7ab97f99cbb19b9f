//! Writing a bundle.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};
use sightline_model::Digest;

use super::{
    DECLARATION, DECLARED, FOLDER, INFO, KEY, MANIFEST, PAYLOAD, SIGNATURE, STAMP, TAG_MANIFEST,
    line, signed, zip::Writer,
};
use crate::key::SigningKey;

/// A bundle that is being written: first the payload, file by file, then all that vouches for it.
pub struct Packer<W> {
    zip: Writer<W>,
    folder: String,
    manifest: String,
    files: usize,
    bytes: u64,
}

/// A bundle that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Files of its payload.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// The length of the whole.
    pub length: u64,
    /// Of the manifest that is signed: it stands for the whole.
    pub digest: Digest,
    /// Of the key.
    pub signed_by: Digest,
}

impl<W: Write> Packer<W> {
    /// Begins a bundle whose one folder is called `folder`.
    pub fn new(to: W, folder: &str) -> Self {
        Self {
            zip: Writer::new(to),
            folder: folder.to_owned(),
            manifest: String::new(),
            files: 0,
            bytes: 0,
        }
    }

    /// Adds a file to the payload. Each path comes once.
    ///
    /// # Errors
    /// It can't be written, or the bundle would become too large.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = format!("{PAYLOAD}{path}");
        self.zip.add(&format!("{}/{path}", self.folder), bytes)?;
        let digest = Digest::of_hash(&Sha256::digest(bytes));
        self.manifest.push_str(&line(&digest, &path));
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// The manifest of what was added: what a time stamp is to be of, for it stands for every file.
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Signs what was added. `info` is what the bag says of itself, in order; line breaks in it become spaces. `stamp` is
    /// the answer of a time stamp authority, where one was asked.
    ///
    /// # Errors
    /// It can't be written.
    pub fn seal(
        mut self,
        info: &[(&str, String)],
        stamp: Option<&[u8]>,
        key: &SigningKey,
    ) -> io::Result<(W, Sealed)> {
        let oxum = ("Payload-Oxum", format!("{}.{}", self.bytes, self.files));
        // The folder's name stands in every path, and in no manifest.
        let folder = (FOLDER, self.folder.clone());
        let info: String = info
            .iter()
            .chain([&folder, &oxum])
            .map(|(label, value)| format!("{label}: {}\n", one_line(value)))
            .collect();
        let public = key.public();
        let tags = [
            (DECLARATION, DECLARED.as_bytes().to_vec()),
            (INFO, info.into_bytes()),
            (MANIFEST, self.manifest.clone().into_bytes()),
            (KEY, public.pem().into_bytes()),
        ];
        let stamp = stamp.map(|stamp| (STAMP, stamp.to_vec()));
        let mut manifest = String::new();
        for (path, bytes) in tags.into_iter().chain(stamp) {
            self.tag(path, &bytes)?;
            let digest = Digest::of_hash(&Sha256::digest(&bytes));
            manifest.push_str(&line(&digest, path));
        }
        self.tag(TAG_MANIFEST, manifest.as_bytes())?;
        let signature = signed(&public, &key.sign(manifest.as_bytes()));
        self.tag(SIGNATURE, signature.as_bytes())?;
        let (to, length) = self.zip.finish()?;
        let sealed = Sealed {
            files: self.files,
            bytes: self.bytes,
            length,
            digest: Digest::of_hash(&Sha256::digest(manifest.as_bytes())),
            signed_by: public.fingerprint(),
        };
        Ok((to, sealed))
    }

    fn tag(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.zip.add(&format!("{}/{path}", self.folder), bytes)
    }
}

fn one_line(text: &str) -> String {
    let inert = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .map(inert)
        .collect::<String>()
        .trim()
        .to_owned()
}
