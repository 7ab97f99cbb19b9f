//! Files that a command writes where somebody said: new ones, whole or not at all. What is there is never written over; and
//! nobody but their owner can read them, for they hold what is known of people.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Makes the file, for its owner alone, and writes all of it.
///
/// # Errors
/// Where it can't be made or written: what is wrong, and what to do about it. Nothing of it stays then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    begin(path)?.finish(bytes)
}

/// Sees that the file can be made, for what is known only later. It is not there before it is finished, so that whoever ends the
/// program meanwhile finds nothing of it.
///
/// # Errors
/// As [`write`].
pub fn begin(path: &Path) -> Result<Begun<'_>, String> {
    if path.symlink_metadata().is_ok() {
        return Err(in_words(path, &ErrorKind::AlreadyExists.into()));
    }
    let begun = Begun { path };
    let beside = begun.beside();
    let tried = written(&beside, io::empty());
    let _ = fs::remove_file(&beside);
    tried.map_err(|error| in_words(path, &error))?;
    Ok(begun)
}

/// A file that is not there yet.
#[derive(Debug)]
pub struct Begun<'p> {
    path: &'p Path,
}

impl Begun<'_> {
    /// Writes all that comes from `from` beside its place, and puts it there once it is safe on the disk.
    ///
    /// # Errors
    /// Where it can't be written, or something came to lie in its place meanwhile: then nothing of it stays.
    pub fn finish(self, from: impl Read) -> Result<(), String> {
        let beside = self.beside();
        let put = written(&beside, from).and_then(|()| self.put(&beside));
        if put.is_err() {
            // What remains of a full disk would be taken for the whole.
            let _ = fs::remove_file(&beside);
        }
        put.map_err(|error| in_words(self.path, &error))
    }

    /// Gives its name to what is whole.
    fn put(&self, beside: &Path) -> io::Result<()> {
        // It takes the name first, for a file is renamed over whatever is there.
        made(self.path)?;
        let put = fs::rename(beside, self.path);
        if put.is_err() {
            let _ = fs::remove_file(self.path);
        }
        put
    }

    fn beside(&self) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".new");
        self.path.with_file_name(name)
    }
}

fn written(path: &Path, mut from: impl Read) -> io::Result<()> {
    // Of one that was ended in the midst of this.
    let _ = fs::remove_file(path);
    let mut file = made(path)?;
    io::copy(&mut from, &mut file)?;
    file.sync_all()
}

/// Makes a file that is not there yet, for its owner alone. What a link points to is none.
///
/// # Errors
/// It can't be made, or something lies there.
pub fn made(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Why a file can't be made or written, and what to do about it.
pub fn in_words(path: &Path, error: &io::Error) -> String {
    let file = path.display();
    match error.kind() {
        ErrorKind::AlreadyExists => format!(
            "{file} is there already, and nothing was written over it; name another file, or move that one away"
        ),
        ErrorKind::NotFound => {
            format!("{file} has no folder to lie in; make it, or name another file")
        }
        ErrorKind::IsADirectory => format!("{file} is a folder; name a file in it"),
        ErrorKind::PermissionDenied => {
            format!("{file} may not be written by this user; name a file in a folder of theirs")
        }
        ErrorKind::StorageFull => {
            format!("{file} was not written: the disk is full; make space on it")
        }
        _ => format!("{file}: {error}; name another file"),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, ffi::OsString, os::unix::fs::PermissionsExt};

    use super::*;

    /// Nothing more can be read.
    struct Breaks;

    impl Read for Breaks {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn what_is_there_stays_and_every_error_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let [taken, fresh] = ["taken.csv", "fresh.csv"].map(|name| folder.path().join(name));
        fs::write(&taken, "mine").unwrap();
        write(&fresh, b"new").unwrap();
        assert_eq!(fs::read(&fresh).unwrap(), b"new");
        let mode = fs::metadata(&fresh).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "its owner alone reads it");
        for (path, words) in [
            (
                taken.clone(),
                "is there already, and nothing was written over it; name another",
            ),
            (fresh, "is there already"),
            (folder.path().to_owned(), "is there already"),
            (
                folder.path().join("none/x.csv"),
                "has no folder to lie in; make it",
            ),
        ] {
            let error = write(&path, b"new").unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        assert_eq!(fs::read(&taken).unwrap(), b"mine");
        let begun = folder.path().join("begun.csv");
        // Of one that was ended while it wrote.
        fs::write(folder.path().join(".begun.csv.new"), "part").unwrap();
        // Whoever is ended by a signal now leaves it at that.
        let _unfinished = begin(&begun).unwrap();
        let left = fs::read_dir(folder.path()).unwrap();
        let names = left.map(|file| file.unwrap().file_name());
        let names: BTreeSet<OsString> = names.collect();
        let expected = ["fresh.csv", "taken.csv"].map(OsString::from);
        assert_eq!(
            names,
            expected.into(),
            "nothing stays of what is not finished"
        );
        // What breaks off leaves neither a part of it nor the file beside.
        let breaks = b"part".chain(Breaks);
        let error = begin(&begun).unwrap().finish(breaks).unwrap_err();
        assert!(error.contains("the disk is full"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        // What came to lie there meanwhile stays, and nothing beside it.
        let late = begin(&begun).unwrap();
        fs::write(&begun, "theirs").unwrap();
        let error = late.finish(&b"new"[..]).unwrap_err();
        assert!(error.contains("is there already"), "{error}");
        assert_eq!(fs::read(&begun).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
