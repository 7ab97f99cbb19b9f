//! Files that a command writes where somebody said: new ones, whole or not at all. What is there is never written over; and
//! nobody but their owner can read them, for they hold what is known of people.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Makes the file, for its owner alone.
///
/// # Errors
/// Where it can't be made: what is wrong, and what to do about it.
pub fn create(path: &Path) -> Result<File, String> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| in_words(path, &error))
}

/// Makes the file, and writes all of it.
///
/// # Errors
/// As [`create`], or where it can't be written: then nothing of it stays.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    begin(path)?.finish(bytes)
}

/// Makes the file now, for what is known only later.
///
/// # Errors
/// As [`create`].
pub fn begin(path: &Path) -> Result<Begun<'_>, String> {
    let file = create(path)?;
    Ok(Begun {
        path,
        file,
        is_whole: false,
    })
}

/// A file that is not whole yet: unless it is finished, nothing of it stays.
#[derive(Debug)]
pub struct Begun<'p> {
    path: &'p Path,
    file: File,
    is_whole: bool,
}

impl Begun<'_> {
    /// Writes all of it.
    ///
    /// # Errors
    /// Where it can't be written: then nothing of it stays.
    pub fn finish(mut self, bytes: &[u8]) -> Result<(), String> {
        self.file
            .write_all(bytes)
            .map_err(|error| in_words(self.path, &error))?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            // What remains of a full disk would be taken for the whole.
            let _ = fs::remove_file(self.path);
        }
    }
}

fn in_words(path: &Path, error: &io::Error) -> String {
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
    use std::os::unix::fs::PermissionsExt;

    use super::*;

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
        drop(begin(&begun).unwrap());
        assert!(!begun.exists(), "nothing stays of what is not finished");
    }
}
