//! The worker: the name under which a process leases work, and a sign that it lives.
//!
//! A lease that its worker never gives back runs out by itself, after minutes. Most dead workers are known sooner: each
//! holds a lock on a file of its name as long as it lives, and the operating system takes it away when it dies, however it
//! dies. Whoever starts next in the same folder finds such files unlocked, and gives the leases back at once. A worker that
//! could not give back what it had (the disk is full) leaves its file behind, as if it had died.
//!
//! While it reads a page, the page's visit stands in the file. A page that takes the whole process with it (more memory
//! than there is, an abort) is so found out: that visit has used up a try, the others of the dead worker have not.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sightline_model::{Mint, Timestamp, VisitId};
use uuid::Uuid;

/// A living worker. Its name ends with it.
#[derive(Debug)]
pub struct Worker {
    name: String,
    file: PathBuf,
    marks: Mutex<Marks>,
    /// Works under way, or ended, whose leases are not given back.
    owing: AtomicUsize,
}

/// The worker's file, locked for as long as this lives: a line for each page that may be read at once.
#[derive(Debug)]
struct Marks {
    file: File,
    /// Which lines are in use.
    used: Vec<bool>,
}

/// The bytes of a line: the longest number, and its end.
const LINE: usize = 20;

/// A page that is being read. Its visit stands in the worker's file until this is dropped.
#[must_use = "the page counts as read as soon as this is dropped"]
pub(crate) struct Reading<'w> {
    worker: &'w Worker,
    line: usize,
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
                marks: Mutex::new(Marks {
                    file: lock,
                    used: Vec::new(),
                }),
                owing: AtomicUsize::new(0),
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

    /// Work begins that takes leases: until they are given back, the worker's file says that something is owed.
    pub(crate) fn takes_leases(&self) {
        self.owing.fetch_add(1, Ordering::Relaxed);
    }

    /// The leases of that work are given back, and the store has it.
    pub(crate) fn gave_back(&self) {
        self.owing.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that the page of a visit is being read. It is not waited for the disk: the note need only outlive this process,
    /// not the machine.
    pub(crate) fn reading(&self, visit: VisitId) -> Reading<'_> {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let free = marks.used.iter().position(|used| !used);
        let line = free.unwrap_or(marks.used.len());
        match free {
            Some(line) => marks.used[line] = true,
            None => marks.used.push(true),
        }
        marks.write(line, &visit.to_string());
        Reading { worker: self, line }
    }
}

impl Marks {
    fn write(&self, line: usize, text: &str) {
        let text = format!("{text:<width$}\n", width = LINE - 1);
        let written = self
            .file
            .write_all_at(text.as_bytes(), (line * LINE) as u64);
        if let Err(error) = written {
            // Without the note a page that kills is merely tried more often.
            tracing::debug!(%error, "a worker's file can't be written");
        }
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut marks = self
            .worker
            .marks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        marks.write(self.line, "");
        marks.used[self.line] = false;
    }
}

/// A worker that died without giving back what it had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Dead {
    pub name: String,
    /// The visits whose pages it was reading.
    pub reading: Vec<VisitId>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // If it stays, the next worker takes it for that of a dead one, which is true by then.
        if self.owing.load(Ordering::Relaxed) == 0 {
            _ = fs::remove_file(&self.file);
        }
    }
}

/// The workers of `folder` that died without giving back what they had. Call [`bury`] for each, once that is done.
pub(crate) fn dead(folder: &Path) -> Vec<Dead> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    files
        .flatten()
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            Uuid::parse_str(&name).ok()?;
            let reading = last_read(&file.path())?;
            Some(Dead { name, reading })
        })
        .collect()
}

/// What a worker was reading when it died; none of a worker that lives.
fn last_read(file: &Path) -> Option<Vec<VisitId>> {
    let mut file = File::open(file).ok()?;
    // Locked, or not to be looked at: taken for alive, since its leases run out in any case.
    if let Err(TryLockError::WouldBlock | TryLockError::Error(_)) = file.try_lock() {
        return None;
    }
    let mut text = String::new();
    // What does not read blames nobody.
    _ = file.read_to_string(&mut text);
    Some(
        text.lines()
            .filter_map(|line| line.trim().parse().ok())
            .collect(),
    )
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
        ended.takes_leases();
        ended.gave_back();
        drop(ended);
        let owing = Worker::begin(folder.path(), Timestamp(1), &mint).unwrap();
        let left = owing.name().to_owned();
        owing.takes_leases();
        let killed = mint.id::<Uuid>(Timestamp(1)).to_string();
        File::create(folder.path().join(&killed)).unwrap();
        File::create(folder.path().join("notes.txt")).unwrap();

        let nobody = Dead {
            name: killed.clone(),
            reading: Vec::new(),
        };
        assert_eq!(dead(folder.path()), [nobody]);
        bury(folder.path(), &killed);
        // One that ended in order, and could not give back what it had.
        drop(owing);
        let names: Vec<String> = dead(folder.path())
            .into_iter()
            .map(|dead| dead.name)
            .collect();
        assert_eq!(names, [left.as_str()]);
        bury(folder.path(), &left);
        assert!(dead(folder.path()).is_empty());
        assert!(folder.path().join(alive.name()).exists());
    }

    #[test]
    fn what_was_being_read_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mint = Mint::seeded(1);
        let worker = Worker::begin(folder.path(), Timestamp(1), &mint).unwrap();
        let first = worker.reading(VisitId(7));
        let longest = worker.reading(VisitId(i64::MAX));
        drop(first);
        let next = worker.reading(VisitId(9));
        // What a kill at this moment would leave behind.
        let killed = mint.id::<Uuid>(Timestamp(1)).to_string();
        fs::copy(
            folder.path().join(worker.name()),
            folder.path().join(&killed),
        )
        .unwrap();
        let found = dead(folder.path());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].reading, [VisitId(9), VisitId(i64::MAX)]);
        drop((longest, next));
        let left = fs::read_to_string(folder.path().join(worker.name())).unwrap();
        assert_eq!(left.trim(), "");
    }
}
