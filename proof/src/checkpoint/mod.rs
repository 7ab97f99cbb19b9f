//! Checkpoints of the audit log: how many deeds there were and the root of their tree, signed, in a file outside the
//! database. Whoever cuts the log's tail, or writes it anew, would have to change that file, too, and sign it again.
//!
//! The form is C2SP's: a tlog-checkpoint in a signed note, one behind the other with an empty line between.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use sightline_model::OrganisationId;
use sightline_store::audit::Signed;

use crate::key::{PublicKey, SigningKey};

/// The kind of key in a note: Ed25519.
const ED25519: u8 = 1;
/// The length of its signatures.
const SIGNATURE: usize = 64;
/// What the name of a log begins with.
const ORIGIN: &str = "sightline/audit/";
/// What a signature's line begins with.
const MARK: &str = "\u{2014} ";
/// The longest file that is read, in bytes: a checkpoint an hour for two hundred years.
const LONGEST: u64 = 512 << 20;
/// So many of the last checkpoints are looked at to tell how far was signed: one of before may have been appended again.
const LATEST: usize = 100;

/// A log's state at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log: [`origin`].
    pub origin: String,
    /// How many deeds, and the root of their tree.
    pub signed: Signed,
}

/// What a log is called in checkpoints.
pub fn origin(organisation: OrganisationId) -> String {
    format!("{ORIGIN}{organisation}")
}

/// A key as programs that verify notes take it: `ORIGIN+ID+KEY`.
pub fn verifier(origin: &str, key: &PublicKey) -> String {
    let id = u32::from_be_bytes(key_id(origin, key));
    let typed = [&[ED25519], key.bytes()].concat();
    format!("{origin}+{id:08x}+{}", STANDARD.encode(typed))
}

/// The key in such a text, whatever its name.
pub fn key_of(verifier: &str) -> Option<PublicKey> {
    // No more than these: base64 has a + of its own.
    let (name, rest) = verifier.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let typed = STANDARD.decode(key).ok()?;
    let (kind, bytes) = typed.split_first()?;
    let key = PublicKey::of(bytes).filter(|_| *kind == ED25519)?;
    (u32::from_be_bytes(key_id(name, &key)) == u32::from_str_radix(id, 16).ok()?).then_some(key)
}

fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.bytes())
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

impl Checkpoint {
    fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.signed.size,
            STANDARD.encode(self.signed.root)
        )
    }

    /// The checkpoint as a note that this key has signed.
    pub fn note(&self, key: &SigningKey) -> String {
        let text = self.text();
        let id = key_id(&self.origin, &key.public());
        let signature = STANDARD.encode([&id[..], &key.sign(text.as_bytes())].concat());
        format!("{text}\n{MARK}{} {signature}\n", self.origin)
    }

    /// Reads a note that one of these keys has signed.
    fn read(note: &str, keys: &[PublicKey]) -> Result<Self, &'static str> {
        let Parsed {
            checkpoint,
            signatures,
        } = Self::parse(note)?;
        let text = checkpoint.text();
        let is_signed = signatures.iter().any(|(id, signature)| {
            keys.iter().any(|key| {
                key_id(&checkpoint.origin, key) == id[..]
                    && key.has_signed(text.as_bytes(), signature)
            })
        });
        match is_signed {
            true => Ok(checkpoint),
            false => Err("no key that is known has signed it"),
        }
    }

    /// Reads a note, whoever has signed it.
    fn parse(note: &str) -> Result<Parsed, &'static str> {
        let (text, signatures) = note.split_once("\n\n").ok_or("it is no signed note")?;
        let text = format!("{text}\n");
        let mut lines = text.lines();
        let mut line = || lines.next().ok_or("it has not three lines");
        let origin = line()?.to_owned();
        let size = line()?.parse().map_err(|_| "it names no size")?;
        let root = STANDARD
            .decode(line()?)
            .ok()
            .and_then(|root| root.try_into().ok());
        let root = root.ok_or("it names no root")?;
        let checkpoint = Self {
            origin,
            signed: Signed { size, root },
        };
        // Written anew, so that there is no second way to say the same.
        if checkpoint.text() != text {
            return Err("it is not as Sightline writes it");
        }
        let signatures = signatures.lines().filter_map(|line| {
            let (name, signature) = line.strip_prefix(MARK)?.split_once(' ')?;
            let bytes = STANDARD.decode(signature).ok()?;
            let (id, signature) = bytes.split_at_checked(4)?;
            let is_one = name == checkpoint.origin && signature.len() == SIGNATURE;
            is_one.then(|| (id.to_vec(), signature.to_vec()))
        });
        let signatures = signatures.collect();
        Ok(Parsed {
            checkpoint,
            signatures,
        })
    }
}

/// A note, whoever has signed it.
struct Parsed {
    checkpoint: Checkpoint,
    /// What may be signatures in the name of its log, each behind its key's number.
    signatures: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Parsed {
    /// Whether it is a whole one of this log.
    fn is_of(&self, origin: &str) -> bool {
        self.checkpoint.origin == origin && !self.signatures.is_empty()
    }
}

/// Why checkpoints can't be kept or relied on.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file can't be read or written.
    #[error("{}: {cause}; {}", path.display(), remedy(cause))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The log knows of a checkpoint that the file has not.
    #[error(
        "{}: the log says that {known} deeds were signed, and the file {}: where several machines share the store, they must \
         share the data folder, too. Bring it back from where it is kept besides, or from the witness. If it is lost for good, or a backup was restored: sightline audit checkpoint --despite REASON", path.display(),
        match found { Some(found) => format!("knows of {found} alone"), None => "has no such checkpoint, or is gone".to_owned() }
    )]
    Behind {
        /// The file.
        path: PathBuf,
        /// Deeds that the log says were signed.
        known: u64,
        /// Those that the file says were.
        found: Option<u64>,
    },
    /// More was signed than there is.
    #[error(
        "{}: {signed} deeds were signed, and the log has {size}: its tail was cut, or an older store was put back; nothing is \
         signed until that is cleared up: `sightline audit verify` tells more", path.display()
    )]
    Cut {
        /// The file.
        path: PathBuf,
        /// Deeds that were signed.
        signed: u64,
        /// Deeds that there are.
        size: u64,
    },
}

/// What to do where the file can't be read or written.
fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::IsADirectory => {
            "name a file, in that folder or elsewhere, as proof.checkpoints"
        }
        io::ErrorKind::NotFound => {
            "make the folder that it is to lie in, or name another file as proof.checkpoints"
        }
        io::ErrorKind::StorageFull => {
            "make space on that disk, or name another file as proof.checkpoints"
        }
        _ => "correct its permissions, or name another file as proof.checkpoints",
    }
}

/// What a file of checkpoints holds of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Those that were signed by a key that is known.
    pub checkpoints: Vec<Checkpoint>,
    /// What is believed to be of nobody: which of the file's notes, the first being 1, and why.
    pub passed_over: Vec<(usize, &'static str)>,
}

/// What a file says of how far a log was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Filed {
    /// False where there is no file.
    pub is_there: bool,
    /// The most deeds, by the last checkpoints that a known key has signed: once there is one, whoever else appends to the file
    /// can neither stop the signing nor have it believed.
    pub last: Option<u64>,
    /// True where it has checkpoints of this log, and no key that is known has signed any of these. Whoever can write there before
    /// the first is signed can make it so, by a whole checkpoint of a key of their own; then somebody has to say why that is in
    /// order.
    pub is_strange: bool,
}

/// The file of checkpoints of an instance.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// The file at `path`, which may not be there yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every checkpoint of this log in the file that one of `keys` has signed, and what is passed over. Empty where there is no
    /// file.
    ///
    /// # Errors
    /// It can't be read.
    pub fn read(&self, origin: &str, keys: &[PublicKey]) -> Result<Held, CheckpointError> {
        let text = match File::open(&self.path) {
            Ok(mut file) => whole(&mut file).map_err(|cause| self.failed(cause))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.failed(error)),
        };
        let mut held = Held::default();
        for (nth, note) in notes(&text).into_iter().enumerate() {
            match Checkpoint::read(&note, keys) {
                // Another log's may stand in the same file.
                Ok(checkpoint) if checkpoint.origin != origin => {}
                Ok(checkpoint) => held.checkpoints.push(checkpoint),
                Err(why) => held.passed_over.push((nth + 1, why)),
            }
        }
        Ok(held)
    }

    /// Makes the file where it is not there yet.
    ///
    /// # Errors
    /// It can't be made.
    pub fn begin(&self) -> Result<(), CheckpointError> {
        let is_new = !self.path.exists();
        let failed = |cause| self.failed(cause);
        self.open().map_err(failed)?;
        if let Some(folder) = self.path.parent().filter(|_| is_new) {
            let folder = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(failed)?;
        }
        Ok(())
    }

    /// What the file says of how far this log was signed.
    ///
    /// # Errors
    /// It can't be read.
    pub fn last(&self, origin: &str, keys: &[PublicKey]) -> Result<Filed, CheckpointError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Filed::default()),
            Err(error) => return Err(self.failed(error)),
        };
        let text = whole(&mut file).map_err(|cause| self.failed(cause))?;
        let last = latest(&text, origin, keys).map(|(size, _)| size);
        Ok(Filed {
            is_there: true,
            last,
            is_strange: last.is_none()
                && notes(&text)
                    .iter()
                    .any(|note| Checkpoint::parse(note).is_ok_and(|one| one.is_of(origin))),
        })
    }

    /// The note of the last checkpoint of this log that one of `keys` has signed.
    ///
    /// # Errors
    /// It can't be read.
    pub fn latest(
        &self,
        origin: &str,
        keys: &[PublicKey],
    ) -> Result<Option<(u64, String)>, CheckpointError> {
        let failed = |cause| self.failed(cause);
        let text = whole(&mut self.open().map_err(failed)?).map_err(failed)?;
        Ok(latest(&text, origin, keys))
    }

    /// Appends a checkpoint, if the log has grown since the last one of its own in the file that one of `keys` has signed; the
    /// note, if so.
    ///
    /// # Errors
    /// It can't be written; or the log has become shorter, and then nothing is signed.
    pub fn append(
        &self,
        checkpoint: &Checkpoint,
        key: &SigningKey,
        keys: &[PublicKey],
    ) -> Result<Option<String>, CheckpointError> {
        self.begin()?;
        let failed = |cause| self.failed(cause);
        let mut file = self.open().map_err(failed)?;
        // Held until it is closed: two processes of an instance may come at once.
        file.lock().map_err(failed)?;
        let text = whole(&mut file).map_err(failed)?;
        let last = latest(&text, &checkpoint.origin, keys).map(|(size, _)| size);
        let size = checkpoint.signed.size;
        match last {
            Some(signed) if signed > size => {
                let path = self.path.clone();
                return Err(CheckpointError::Cut { path, signed, size });
            }
            Some(signed) if signed == size => return Ok(None),
            _ => {}
        }
        let note = checkpoint.note(key);
        // What others appended may not end in an empty line; a note must not become a part of it.
        let between = match text.is_empty() || text.ends_with("\n\n") {
            true => "",
            false => "\n\n",
        };
        let written = file
            .write_all(format!("{between}{note}\n").as_bytes())
            .and_then(|()| file.sync_all());
        written.map_err(failed)?;
        Ok(Some(note))
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)
    }

    /// The file's length; 0 where there is none.
    pub fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |found| found.len())
    }

    fn failed(&self, cause: io::Error) -> CheckpointError {
        CheckpointError::File {
            path: self.path.clone(),
            cause,
        }
    }
}

/// The notes of a file: each a text, an empty line and lines of signatures; and an empty line behind it. What is none stands
/// by itself, so that it takes no note with it.
fn notes(text: &str) -> Vec<String> {
    let mut blocks = text
        .split("\n\n")
        .map(|block| block.trim_matches('\n'))
        .filter(|block| !block.is_empty())
        .peekable();
    let mut notes = Vec::new();
    while let Some(block) = blocks.next() {
        let begins = block.starts_with(ORIGIN);
        notes.push(
            match blocks.next_if(|next| begins && next.starts_with(MARK)) {
                Some(signatures) => format!("{block}\n\n{signatures}\n"),
                None => format!("{block}\n"),
            },
        );
    }
    notes
}

/// The file's text, as far as it is one.
fn whole(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last checkpoint of a log in a file's text that one of `keys` has signed: the most deeds, and its note.
fn latest(text: &str, origin: &str, keys: &[PublicKey]) -> Option<(u64, String)> {
    notes(text)
        .into_iter()
        .rev()
        .filter_map(|note| {
            let read = Checkpoint::read(&note, keys).ok()?;
            (read.origin == origin).then_some((read.signed.size, note))
        })
        .take(LATEST)
        .max_by_key(|(size, _)| *size)
}

#[cfg(test)]
mod tests;
