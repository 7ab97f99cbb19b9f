//! The file being written: it always ends at the end of a record.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use sightline_model::{Mint, Timestamp};
use uuid::Uuid;

use super::ArchiveError;

/// What an open file is called beyond its name.
pub(super) const OPEN: &str = ".open";

pub(super) struct Segment {
    name: String,
    path: PathBuf,
    file: Arc<File>,
    end: u64,
    synced: u64,
    broken: bool,
}

impl Segment {
    /// Makes a file that begins with `info`, under a name that no other process makes.
    pub fn create(
        folder: &Path,
        now: Timestamp,
        mint: &Mint,
        info: &[u8],
    ) -> Result<Self, ArchiveError> {
        let time = now.to_utc().format("%Y%m%dT%H%M%SZ");
        let name = format!("sightline-{time}-{}.warc.gz", mint.id::<Uuid>(now).simple());
        let path = folder.join(format!("{name}{OPEN}"));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(ArchiveError::while_("making", &path))?;
        // Held until the file is closed: tells other processes that it is not abandoned.
        file.lock()
            .map_err(ArchiveError::while_("locking", &path))?;
        let mut segment = Self {
            name,
            path,
            file: Arc::new(file),
            end: 0,
            synced: 0,
            broken: false,
        };
        match segment.append(info).and_then(|_| sync_folder(folder)) {
            Ok(()) => Ok(segment),
            Err(error) => {
                // Each try on a full disk would leave another empty file. If this fails too, the next start does it.
                let _gone = fs::remove_file(&segment.path);
                Err(error)
            }
        }
    }

    /// Appends whole records; returns where they begin. After an error the file ends where it ended before.
    pub fn append(&mut self, records: &[u8]) -> Result<u64, ArchiveError> {
        let begin = self.end;
        if let Err(error) = self.file.write_all_at(records, begin) {
            self.broken = self.file.set_len(begin).is_err();
            return Err(ArchiveError::while_("writing", &self.path)(error));
        }
        self.end += records.len() as u64;
        Ok(begin)
    }

    /// Syncs the file and gives it its final name.
    pub fn close(self, folder: &Path) -> Result<(), ArchiveError> {
        self.file
            .sync_data()
            .map_err(ArchiveError::while_("syncing", &self.path))?;
        let closed = folder.join(&self.name);
        fs::rename(&self.path, &closed).map_err(ArchiveError::while_("renaming", &self.path))?;
        sync_folder(folder)
    }

    /// Writes to another file from now on, as if the disk had changed beneath it.
    #[cfg(test)]
    pub fn divert(&mut self, file: File) {
        self.file = Arc::new(file);
    }

    /// Its name when closed, by which evidence knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn end(&self) -> u64 {
        self.end
    }

    /// True once half a record could not be taken back. The next start will do so.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// True while something is not synced.
    pub fn is_dirty(&self) -> bool {
        self.synced < self.end
    }

    /// What to sync, and up to where that reaches.
    pub fn to_sync(&self) -> (Arc<File>, PathBuf, u64) {
        (Arc::clone(&self.file), self.path.clone(), self.end)
    }

    pub fn synced(&mut self, end: u64) {
        self.synced = self.synced.max(end);
    }
}

/// Whether so many bytes can be written to a file in the folder. Nothing is left of it.
pub(super) fn try_room(folder: &Path, bytes: usize, mint: &Mint) -> Result<(), ArchiveError> {
    let name = format!("room-{}.probe", mint.id::<Uuid>(Timestamp(0)).simple());
    let path = folder.join(name);
    let written = fs::write(&path, vec![0; bytes]);
    // If it stays, it is in nobody's way: it is no WARC file.
    let _gone = fs::remove_file(&path);
    written.map_err(ArchiveError::while_("writing", folder))
}

/// Makes the names in a folder survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<(), ArchiveError> {
    File::open(folder)
        .and_then(|handle| handle.sync_all())
        .map_err(ArchiveError::while_("syncing", folder))
}
