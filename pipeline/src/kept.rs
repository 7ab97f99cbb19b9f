//! Captures, read back from the archive: the record that holds the body, verified, and what stands behind its encodings.

use std::{panic::resume_unwind, sync::Arc};

pub use sightline_crawler::archive::Record;
use sightline_crawler::{archive::ArchiveError, decode::Limits};
use sightline_model::{Capture, CaptureId};
use sightline_store::captures;
use tokio::task::spawn_blocking;

use crate::{PipelineError, instance::Instance};

/// How many times what came a body may grow to when its encodings are undone.
const RATIO: u64 = 200;

impl Instance {
    /// A capture and the record that holds its body; none where there is no such capture.
    ///
    /// # Errors
    /// The store or the archive can't be read, or the record is not the one that was kept.
    pub async fn kept(
        self: &Arc<Self>,
        id: CaptureId,
    ) -> Result<Option<(Capture, Record)>, PipelineError> {
        match self.read_kept(id).await {
            // Its file was written anew between the look at the row and the look at the file: now the row says where it is.
            Err(PipelineError::Archive(ArchiveError::Missing(_))) => self.read_kept(id).await,
            read => read,
        }
    }

    async fn read_kept(
        self: &Arc<Self>,
        id: CaptureId,
    ) -> Result<Option<(Capture, Record)>, PipelineError> {
        let mut tx = self.store.read(self.organisation).await?;
        let Some(capture) = captures::get(&mut tx, &[id]).await?.pop() else {
            return Ok(None);
        };
        let earlier = match capture.revisit_of {
            Some(earlier) => captures::get(&mut tx, &[earlier]).await?.pop(),
            None => None,
        };
        drop(tx);
        let instance = Arc::clone(self);
        let reading = spawn_blocking(move || {
            let record = instance.archive.read_body(&capture, earlier.as_ref())?;
            Ok(Some((capture, record)))
        });
        match reading.await {
            Ok(read) => read,
            Err(died) => resume_unwind(died.into_panic()),
        }
    }
}

/// The body of a record behind its encodings; none where it is larger than `most`, or is not what its head says.
pub fn decoded(record: &Record, most: u64) -> Option<Vec<u8>> {
    let limits = Limits {
        bytes: most,
        ratio: RATIO,
    };
    let bytes = record.decoded(limits).ok()?;
    (bytes.len() as u64 <= most).then(|| bytes.to_vec())
}
