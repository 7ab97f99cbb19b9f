//! Captures, kept as they came and before they are parsed: WARC/1.1 files (ISO 28500:2017), one gzip member per record.
//!
//! A file is called `….warc.gz.open` while this process writes to it, and is locked for as long. Closed, it is `….warc.gz`.
//! An `.open` file that nobody has locked was left by a process that was killed: [`Archive::open`] cuts it to its last whole
//! record and closes it. Evidence names files without `.open`, so it stays true.

mod agree;
mod error;
mod gzip;
mod http_head;
mod read;
mod read_by;
mod record;
mod repair;
mod rewrite;
mod segment;
mod settings;
mod whole;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sightline_model::{Capture, Digest, Evidence, Mint, Timestamp};
use url::Url;

use self::{
    gzip::Gzip,
    record::{Kept, Records},
    segment::Segment,
};
use crate::fetch::Exchange;
pub use agree::{Contradiction, Fact};
pub use error::ArchiveError;
pub use read::Record;
pub use read_by::ReadBy;
pub use rewrite::{FolderLock, Gone, Moved, Rewritten, lock_for_copy};
pub use settings::ArchiveSettings;
pub use whole::Whole;

/// The folder of WARC files, and the file that this process writes.
///
/// Everything here blocks: call it where blocking is allowed. Several threads may keep at once; they compress side by side
/// and wait for each other only to append. Several processes may share a folder.
pub struct Archive {
    folder: PathBuf,
    settings: ArchiveSettings,
    mint: Arc<Mint>,
    gzip: Gzip,
    state: Mutex<State>,
    /// Held while syncing, so that those who come meanwhile find their work done.
    syncing: Mutex<()>,
}

struct State {
    /// None until something is kept.
    open: Option<Segment>,
    /// Set when the disk failed: what was kept since the last sync may be lost, and asking again would not tell.
    lost: bool,
    /// The bytes for which there was no room when something was last to be kept; 0 where there was.
    short_of: usize,
}

/// The earlier capture whose body an exchange repeats.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevisitOf {
    /// Its record: [`Evidence::record`].
    pub record: String,
    /// Its URL.
    pub url: Url,
    /// When it was fetched.
    pub at: Timestamp,
    /// The digest of its body.
    pub digest: Digest,
}

impl Archive {
    /// Opens the folder, makes it if need be, and closes what killed processes have left open.
    ///
    /// # Errors
    /// The folder cannot be made, read or written.
    pub fn open(
        folder: impl Into<PathBuf>,
        settings: ArchiveSettings,
        mint: Arc<Mint>,
    ) -> Result<Self, ArchiveError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(ArchiveError::while_("making", &folder))?;
        repair::close_abandoned(&folder)?;
        Ok(Self {
            folder,
            settings,
            mint,
            gzip: Gzip::default(),
            state: Mutex::new(State {
                open: None,
                lost: false,
                short_of: 0,
            }),
            syncing: Mutex::new(()),
        })
    }

    /// Keeps an exchange: its request, and its response or, where it repeats the body of `revisit`, a revisit record. A 304 is
    /// a revisit by the server's word, any other answer only if its body's digest is the same. `read_by` goes into the answer's
    /// record, so that who has the record alone can tell what read it.
    ///
    /// The evidence is safe from a kill at once, from a power cut after the next [`sync`](Self::sync).
    ///
    /// # Errors
    /// [`ArchiveError::Full`] and other errors of writing; the file then ends where it ended before.
    pub fn keep(
        &self,
        exchange: &Exchange,
        revisit: Option<&RevisitOf>,
        read_by: Option<&ReadBy>,
    ) -> Result<Evidence, ArchiveError> {
        let kept = Kept {
            exchange,
            revisit,
            read_by,
        };
        let records = Records::of(&kept, &self.settings, &self.gzip, &self.mint).map_err(
            ArchiveError::while_("compressing a record for", &self.folder),
        )?;
        let mut state = self.state();
        let kept = self.append(&mut state, &records, exchange.sent_at);
        match &kept {
            Ok(_) => state.short_of = 0,
            Err(ArchiveError::Full(_)) => state.short_of = records.bytes.len(),
            Err(_) => {}
        }
        kept
    }

    fn append(
        &self,
        state: &mut MutexGuard<'_, State>,
        records: &Records,
        now: Timestamp,
    ) -> Result<Evidence, ArchiveError> {
        let segment = self.segment(state, now)?;
        let offset = match segment.append(&records.bytes) {
            Ok(offset) => offset,
            Err(error) => {
                // Half a record that can't be taken back: what stands before it could no longer be synced with trust.
                state.lost = segment.is_broken();
                return Err(error);
            }
        };
        Ok(Evidence {
            file: segment.name().to_owned(),
            offset: in_sql(offset + records.response_at),
            length: in_sql(records.bytes.len() as u64 - records.response_at),
            record: records.id.clone(),
        })
    }

    /// Makes ready to keep again after a failure, which is to be done before anything is fetched anew: what can't be kept is
    /// asked of its site for nothing. A file that can't be trusted is cut to its last whole record and closed, as if this
    /// process had been killed. Nothing to do after no failure.
    ///
    /// # Errors
    /// [`ArchiveError::Full`] while there is no room for what there was none for; and where the folder still fails.
    pub fn recover(&self) -> Result<(), ArchiveError> {
        let _one = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        if state.short_of > 0 {
            segment::try_room(&self.folder, state.short_of, &self.mint)?;
            state.short_of = 0;
        }
        if state.lost {
            state.open = None;
            repair::close_abandoned(&self.folder)?;
            state.lost = false;
        }
        Ok(())
    }

    /// True where there was no room when something was last to be kept.
    pub fn is_full(&self) -> bool {
        self.state().short_of > 0
    }

    /// Makes all that was kept so far survive a power cut. Cheap if nothing is new.
    ///
    /// # Errors
    /// The disk failed. What was kept since the last good sync must be taken for lost, and this archive keeps nothing more
    /// until it has [recovered](Self::recover): then fetch again.
    pub fn sync(&self) -> Result<(), ArchiveError> {
        let _one = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, path, end) = {
            let state = self.state();
            self.not_lost(&state)?;
            match &state.open {
                Some(segment) if segment.is_dirty() => segment.to_sync(),
                _ => return Ok(()),
            }
        };
        // Without the state's lock: others go on keeping meanwhile.
        let synced = file.sync_data();
        let mut state = self.state();
        match synced {
            Ok(()) => {
                if let Some(segment) = state.open.as_mut().filter(|open| open.path() == path) {
                    segment.synced(end);
                }
                Ok(())
            }
            Err(error) => {
                state.lost = true;
                Err(ArchiveError::while_("syncing", &path)(error))
            }
        }
    }

    /// Closes the file that is being written, so that it gets its final name. The next exchange opens another.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn close(&self) -> Result<(), ArchiveError> {
        let mut state = self.state();
        self.not_lost(&state)?;
        match state.open.take() {
            Some(segment) => self.finish(&mut state, segment),
            None => Ok(()),
        }
    }

    /// Reads the record of an answer back and verifies it, without its request. A revisit record has no body: its caller looks
    /// for the earlier capture.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`] without the file, [`ArchiveError::Damaged`] where the bytes are not those that were kept.
    pub fn read(&self, evidence: &Evidence) -> Result<Record, ArchiveError> {
        read::read(&self.folder, evidence)
    }

    /// Reads the record that holds a capture's body: its own or, where it repeats the body of an `earlier` capture, that
    /// one's.
    ///
    /// # Errors
    /// As [`read`](Self::read); and where the earlier body is another one.
    pub fn read_body(
        &self,
        capture: &Capture,
        earlier: Option<&Capture>,
    ) -> Result<Record, ArchiveError> {
        read::holder(&self.folder, capture, earlier)
    }

    /// Reads an exchange, what was asked and what was answered, with the gzip members that hold it: to verify it, or to copy it
    /// whole into another WARC file.
    ///
    /// # Errors
    /// As [`read`](Self::read); and [`ArchiveError::DamagedRequest`] where what was asked is not what was kept.
    pub fn whole(&self, evidence: &Evidence) -> Result<Whole, ArchiveError> {
        whole::whole(&self.folder, evidence)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file to append to: the open one, or a new one if there is none or it has grown to its limit.
    fn segment<'a>(
        &self,
        state: &'a mut MutexGuard<'_, State>,
        now: Timestamp,
    ) -> Result<&'a mut Segment, ArchiveError> {
        self.not_lost(state)?;
        if let Some(full) = state
            .open
            .take_if(|segment| segment.end() >= self.settings.file_bytes)
        {
            self.finish(state, full)?;
        }
        if state.open.is_none() {
            let info = record::info(now, &self.settings, &self.gzip, &self.mint).map_err(
                ArchiveError::while_("compressing a record for", &self.folder),
            )?;
            state.open = Some(Segment::create(&self.folder, now, &self.mint, &info)?);
        }
        state.open.as_mut().ok_or(ArchiveError::Lost)
    }

    fn finish(
        &self,
        state: &mut MutexGuard<'_, State>,
        segment: Segment,
    ) -> Result<(), ArchiveError> {
        segment
            .close(&self.folder)
            .inspect_err(|_| state.lost = true)
    }

    fn not_lost(&self, state: &MutexGuard<'_, State>) -> Result<(), ArchiveError> {
        if state.lost {
            return Err(ArchiveError::Lost);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock could at worst leave bytes behind the segment's end, which the next append overwrites.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the open WARC file could not be closed; the next start will do it");
        }
    }
}

/// Offsets and lengths as the store has them. Files stay far below 2^63 bytes.
fn in_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
