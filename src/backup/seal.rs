//! Backups that are sealed with age (<https://age-encryption.org/v1>), for the holders of keys. What is sealed goes to the
//! disk as such, chunk by chunk; any tool for age opens it, and finds a tar archive.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use age::{DecryptError, Decryptor, Encryptor, IdentityFile, stream::StreamWriter, x25519};

use super::BackupError;

/// What a sealed file begins with.
const BEGIN: &[u8] = b"age-encryption.org/";
/// What one begins with that is armoured as text, which this does not read.
const ARMOUR: &[u8] = b"-----BEGIN AGE ENCR";

/// Whose keys open a backup. Without any it is not sealed: whoever has the file reads it.
#[derive(Default)]
pub struct Recipients(Vec<x25519::Recipient>);

impl Recipients {
    /// The keys that were written out, and those in files: one a line, with `#` before a remark.
    ///
    /// # Errors
    /// What is no public key of age, in words; a file that can't be read, or has none.
    pub fn collect(keys: &[String], files: &[PathBuf]) -> Result<Self, String> {
        let mut all = Vec::new();
        for key in keys {
            all.push(recipient(key, "--recipient")?);
        }
        for file in files {
            let shown = file.display();
            let text = fs::read_to_string(file).map_err(|cause| format!("{shown}: {cause}"))?;
            let before = all.len();
            for (line, nth) in text.lines().zip(1..) {
                let key = line.trim();
                if !key.is_empty() && !key.starts_with('#') {
                    all.push(recipient(key, &format!("{shown}, line {nth}"))?);
                }
            }
            if all.len() == before {
                return Err(format!(
                    "{shown} holds no key: write public keys of age into it, one a line"
                ));
            }
        }
        Ok(Self(all))
    }

    /// Of how many people, or places.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True where nothing is sealed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn recipient(written: &str, place: &str) -> Result<x25519::Recipient, String> {
    let written = written.trim();
    if written.to_ascii_uppercase().starts_with("AGE-SECRET-KEY") {
        // Not echoed, and not to be used.
        return Err(format!(
            "{place}: this is a secret key, which opens backups and belongs in nobody's history; name the public one, age1…"
        ));
    }
    written.parse().map_err(|cause| {
        format!("{place}: '{written}' is no public key of age ({cause}); name one such as age1…, which `age-keygen` prints")
    })
}

/// A backup file being written, sealed or not.
pub(super) enum Writing {
    Plain(BufWriter<File>),
    Sealed(Box<StreamWriter<BufWriter<File>>>),
}

impl Writing {
    pub fn begin(file: File, recipients: &Recipients) -> io::Result<Self> {
        let to = BufWriter::new(file);
        if recipients.is_empty() {
            return Ok(Self::Plain(to));
        }
        let keys = recipients.0.iter().map(|key| key as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(keys).map_err(io::Error::other)?;
        Ok(Self::Sealed(Box::new(encryptor.wrap_output(to)?)))
    }

    /// Ends the seal, without which the file would be taken for one that was cut off; the file, with all of it written.
    pub fn end(self) -> io::Result<File> {
        let inner = match self {
            Self::Plain(inner) => inner,
            Self::Sealed(sealed) => sealed.finish()?,
        };
        inner.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(inner) => inner.write(bytes),
            Self::Sealed(sealed) => sealed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(inner) => inner.flush(),
            Self::Sealed(sealed) => sealed.flush(),
        }
    }
}

/// Opens a backup for reading, with the keys in the file `identity` where it is sealed.
pub(super) fn open(path: &Path, identity: Option<&Path>) -> Result<Box<dyn Read>, BackupError> {
    let mut file = File::open(path).map_err(BackupError::at(path))?;
    let mut begin = Vec::new();
    let looked = Read::by_ref(&mut file)
        .take(BEGIN.len() as u64)
        .read_to_end(&mut begin)
        .and_then(|_| file.rewind());
    looked.map_err(BackupError::at(path))?;
    let file = BufReader::new(file);
    let sealed = |why: String| BackupError::Sealed {
        path: path.to_owned(),
        why,
    };
    if begin == ARMOUR {
        return Err(sealed(
            "it is sealed, and armoured as text, which Sightline does not read: open it with `age --decrypt -i KEYFILE`, and \
             restore what comes out"
                .to_owned(),
        ));
    }
    match (begin == BEGIN, identity) {
        (false, None) => Ok(Box::new(file)),
        // Who names a key expects to be told if somebody put another file in the sealed one's place.
        (false, Some(_)) => Err(sealed(
            "it is not sealed, or its beginning is damaged; leave --identity out if you trust it all the same".to_owned(),
        )),
        (true, None) => Err(sealed(
            "it is sealed; name the file with the key that opens it: --identity FILE".to_owned(),
        )),
        (true, Some(identity)) => unseal(file, identity, path),
    }
}

fn unseal(
    file: BufReader<File>,
    identity: &Path,
    path: &Path,
) -> Result<Box<dyn Read>, BackupError> {
    let sealed = |why: String| BackupError::Sealed {
        path: path.to_owned(),
        why,
    };
    let damaged = |cause: DecryptError| BackupError::Damaged {
        path: path.to_owned(),
        why: cause.to_string(),
    };
    let keys = File::open(identity).map_err(BackupError::at(identity))?;
    let keys =
        IdentityFile::from_buffer(BufReader::new(keys)).map_err(|cause| BackupError::Sealed {
            path: identity.to_owned(),
            why: format!("it is no file of keys ({cause}); name the one that `age-keygen` wrote"),
        })?;
    let keys = keys.into_identities().map_err(damaged)?;
    let decryptor = Decryptor::new_buffered(file).map_err(damaged)?;
    if decryptor.is_scrypt() {
        return Err(sealed(
            "it is sealed with a passphrase, which Sightline does not do: open it with `age --decrypt`, and restore what comes out"
                .to_owned(),
        ));
    }
    match decryptor.decrypt(keys.iter().map(|key| &**key)) {
        Ok(reader) => Ok(Box::new(reader)),
        Err(DecryptError::NoMatchingKeys) => Err(sealed(format!(
            "no key in {} opens it; name the file of somebody it was sealed for",
            identity.display()
        ))),
        Err(cause) => Err(damaged(cause)),
    }
}
