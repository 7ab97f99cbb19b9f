//! Large pages and pictures, which are read one at a time: what reading takes is many times what was fetched.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sightline_extractors::{BadImage, ImageInfo, ImageLimits, Proof, inspect};

/// Pixels from which images are decoded one at a time: 4 to 16 MiB of memory.
const PICTURE: u64 = 1 << 20;
/// Bytes, decoded, from which pages and images are read one at a time; more than are read where they were fetched.
const BODY: usize = 1 << 20;

/// Held while something large is read.
#[derive(Debug, Default)]
pub(crate) struct Large(Mutex<()>);

impl Large {
    /// Waits until nothing else that is large is read, where so many bytes are: on a thread that may wait.
    pub fn alone(&self, length: usize) -> Option<MutexGuard<'_, ()>> {
        (length > BODY).then(|| self.wait())
    }

    /// What an image is. Large ones wait for one another, so this is asked on a thread that may wait.
    pub fn inspect(&self, bytes: &[u8]) -> Result<ImageInfo, BadImage> {
        let limits = ImageLimits::default();
        let header = ImageLimits {
            proof: Proof::Header,
            ..limits
        };
        let alone = self.alone(bytes.len());
        let seen = inspect(bytes, &header)?;
        let is_large = u64::from(seen.width) * u64::from(seen.height) > PICTURE;
        let _alone = alone.or_else(|| is_large.then(|| self.wait()));
        inspect(bytes, &limits)
    }

    fn wait(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
