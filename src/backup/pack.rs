//! Writing a backup file.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use sightline_model::Timestamp;
use sightline_proof::key::SigningKey;
use tar::{Builder, Header};

use super::{
    BackupError, Belongs,
    manifest::{self, FORM, Hashing, Manifest, UNSIGNED},
    seal::{Recipients, Writing},
    unpack::is_plain,
};
use crate::output::new_file;

/// A backup file being written. It bears its name only once it is whole: until then it is `NAME.partial`.
pub struct Packer {
    path: PathBuf,
    partial: PathBuf,
    archive: Builder<Writing>,
    manifest: Manifest,
}

impl Packer {
    /// Begins a backup at `path`, which must not exist, sealed for these recipients.
    pub fn create(
        path: &Path,
        made_at: Timestamp,
        recipients: &Recipients,
    ) -> Result<Self, BackupError> {
        let failed = |cause| BackupError::Unwritten(new_file::in_words(path, &cause));
        if path.symlink_metadata().is_ok() {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        // Of one that was ended in the midst of this. A link goes, and what it points to stays as it is.
        let _ = fs::remove_file(&partial);
        let begun = new_file::made(&partial).and_then(|file| Writing::begin(file, recipients));
        let begun = begun.map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            archive: Builder::new(begun),
            manifest: Manifest {
                form: FORM,
                sightline: env!("CARGO_PKG_VERSION").to_owned(),
                made_at,
                key: None,
                damaged: 0,
                files: Vec::new(),
            },
        })
    }

    /// Adds a file as it is now: if it grows meanwhile, what is added later is left out.
    pub fn add(&mut self, member: Belongs<'_>, from: &Path) -> Result<(), BackupError> {
        let file = File::open(from).map_err(BackupError::at(from))?;
        let length = file.metadata().map_err(BackupError::at(from))?.len();
        self.add_read(member, length, file.take(length))
            .map_err(BackupError::at(from))
    }

    /// Adds what is read, which has this length.
    pub fn add_read(
        &mut self,
        member: Belongs<'_>,
        length: u64,
        from: impl Read,
    ) -> io::Result<()> {
        let name = member.name();
        if !is_plain(&name) {
            let refused = "its name can't stand in a backup";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, refused));
        }
        let mut read = Hashing::of(from);
        self.append(&name, length, &mut read)?;
        self.manifest.files.push(read.member(&name));
        Ok(())
    }

    /// Has the manifest say how many captures are not what was kept, in the archive that was copied.
    pub fn says_damaged(&mut self, captures: usize) {
        self.manifest.damaged = captures;
    }

    /// Writes the manifest, signs it, brings all to the disk, and gives the file its name. Without a key it is of the form that is
    /// not signed.
    pub fn finish(mut self, key: Option<&SigningKey>) -> Result<Manifest, BackupError> {
        self.manifest.key = key.map(|key| key.public().pem());
        self.manifest.form = if key.is_some() { FORM } else { UNSIGNED };
        let manifest = self.manifest.clone();
        let path = self.path.clone();
        let failed = |cause| BackupError::Unwritten(new_file::in_words(&path, &cause));
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from);
        let written = text.and_then(|text| {
            self.append(manifest::NAME, text.len() as u64, &mut text.as_slice())?;
            if let Some(key) = key {
                let signature = key.sign(&text);
                let length = signature.len() as u64;
                self.append(manifest::SIGNATURE, length, &mut signature.as_slice())?;
            }
            self.archive.into_inner()?.end()?.sync_all()?;
            fs::rename(&self.partial, &self.path)
        });
        written.map_err(failed)?;
        Ok(manifest)
    }

    fn append(&mut self, name: &str, length: u64, from: &mut impl Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.manifest.made_at.0 / 1000).unwrap_or(0));
        self.archive.append_data(&mut header, name, &mut *from)?;
        Ok(())
    }
}
