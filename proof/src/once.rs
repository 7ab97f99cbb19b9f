//! Files that are made once: whole or not at all, never over another's, and for their owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use sightline_model::{Digest, Mint};

/// Makes `file` with this text in it, on the disk before it bears its name. False where it is there already, or another process
/// was quicker: what that wrote stays.
///
/// # Errors
/// What the system says.
pub fn make(file: &Path, text: &str, mint: &Mint) -> io::Result<bool> {
    let mut tail = [0; 8];
    mint.fill(&mut tail);
    let mut partial = file.as_os_str().to_owned();
    partial.push(format!(".{}", Digest::of_hash(&tail)));
    let partial = PathBuf::from(partial);
    let made = write_private(&partial, text)
        .and_then(|()| fs::hard_link(&partial, file))
        .and_then(|()| match file.parent() {
            Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
            _ => File::open(".")?.sync_all(),
        });
    // If it stays, it is a file that nobody uses; there is nothing more to be done about it.
    let _gone = fs::remove_file(&partial);
    match made {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept");
        assert!(make(&file, "one", &Mint::seeded(1)).unwrap());
        assert!(!make(&file, "two", &Mint::seeded(2)).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "one");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "nothing is left over");
    }
}
