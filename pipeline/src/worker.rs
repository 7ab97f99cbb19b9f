//! The worker: the name under which a process leases work, and a sign that it lives.
//!
//! A lease that its worker never gives back runs out by itself, after minutes. Most dead workers are known sooner: each
//! holds a lock on a file of its name as long as it lives, and the operating system takes it away when it dies, however it
//! dies. Whoever starts next in the same folder finds such files unlocked, and gives the leases back at once.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use sightline_model::{Mint, Timestamp};
use uuid::Uuid;

/// A living worker. Its name ends with it.
#[derive(Debug)]
pub struct Worker {
    name: String,
    file: PathBuf,
    /// Locked for as long as this lives.
    _lock: File,
}

/// The worker's file can't be made or locked.
#[derive(Debug, thiserror::Error)]
#[error("'{file}' can't be made: {source}; let Sightline write into its data folder")]
pub struct WorkerError {
    /// The file.
    file: String,
    source: io::Error,
}

impl Worker {
    /// A new worker, whose sign of life lies in `folder`, which is made if need be.
    ///
    /// # Errors
    /// If the folder or the file can't be made, or the file can't be locked.
    pub fn begin(folder: &Path, now: Timestamp, mint: &Mint) -> Result<Self, WorkerError> {
        let name = mint.id::<Uuid>(now).to_string();
        let file = folder.join(&name);
        let made = fs::create_dir_all(folder).and_then(|()| File::create_new(&file));
        let locked = made.and_then(|lock| lock.lock().map(|()| lock));
        match locked {
            Ok(lock) => Ok(Self {
                name,
                file,
                _lock: lock,
            }),
            Err(source) => Err(WorkerError {
                file: file.display().to_string(),
                source,
            }),
        }
    }

    /// Its name: no other worker ever has it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // If it stays, the next worker takes it for that of a dead one, which is true by then.
        _ = fs::remove_file(&self.file);
    }
}

/// The workers of `folder` that died without giving back what they had. Call [`bury`] for each, once that is done.
pub(crate) fn dead(folder: &Path) -> Vec<String> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    files
        .flatten()
        .filter(|file| {
            let opened = File::open(file.path());
            // Locked, or not to be looked at: taken for alive, since its leases run out in any case.
            opened.is_ok_and(|file| {
                !matches!(
                    file.try_lock(),
                    Err(TryLockError::WouldBlock | TryLockError::Error(_))
                )
            })
        })
        .filter_map(|file| file.file_name().into_string().ok())
        .filter(|name| Uuid::parse_str(name).is_ok())
        .collect()
}

/// Removes the sign of a dead worker.
pub(crate) fn bury(folder: &Path, name: &str) {
    // Another process may have been quicker.
    _ = fs::remove_file(folder.join(name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_are_told_from_the_living() {
        let folder = tempfile::tempdir().unwrap();
        let mint = Mint::seeded(1);
        let alive = Worker::begin(folder.path(), Timestamp(1), &mint).unwrap();
        let ended = Worker::begin(folder.path(), Timestamp(1), &mint).unwrap();
        drop(ended);
        let killed = mint.id::<Uuid>(Timestamp(1)).to_string();
        File::create(folder.path().join(&killed)).unwrap();
        File::create(folder.path().join("notes.txt")).unwrap();

        assert_eq!(dead(folder.path()), [killed.as_str()]);
        bury(folder.path(), &killed);
        assert!(dead(folder.path()).is_empty());
        assert!(folder.path().join(alive.name()).exists());
    }
}
