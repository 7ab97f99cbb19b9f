//! Room for bodies: what all visits together hold of them in memory, however many there are and however long each is.
//!
//! Each body may begin; beyond its beginning it grows into a room that all share. Where the room is full, one body at a time
//! grows outside of it, so that there is always one that can come to its end, and the others wait for it as they would
//! for a slow site. The room is given back when the last copy of the body is dropped, not when it was read.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Bytes that every body has room for.
const BEGINNING: u64 = 32 * 1024;
/// KiB that bodies share beyond their beginnings.
const SHARED: u32 = 24 * 1024;

/// Room for bodies. Clones share it.
#[derive(Clone, Debug)]
pub struct Room {
    /// A permit for each KiB.
    shared: Arc<Semaphore>,
    /// One permit: to grow where the room is full.
    beyond: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(SHARED)
    }
}

impl Room {
    fn of(kib: u32) -> Self {
        Self {
            shared: Arc::new(Semaphore::new(kib as usize)),
            beyond: Arc::new(Semaphore::new(1)),
        }
    }

    /// The room of one body.
    pub(super) fn share(&self) -> Share<'_> {
        Share {
            room: self,
            has: BEGINNING,
            shared: None,
            beyond: None,
        }
    }
}

/// What one body has of the room.
#[derive(Debug)]
pub(super) struct Share<'r> {
    room: &'r Room,
    /// In bytes.
    has: u64,
    shared: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
}

impl Share<'_> {
    /// Waits until there is room for `length` bytes in all, and says how long that took. It grows by doubling, as the memory
    /// behind it does.
    pub(super) async fn grow(&mut self, length: u64) -> Duration {
        if length <= self.has || self.beyond.is_some() {
            return Duration::ZERO;
        }
        let asked = Instant::now();
        let wanted = length.max(2 * self.has);
        let kib = u32::try_from((wanted - self.has).div_ceil(1024)).unwrap_or(u32::MAX);
        match Arc::clone(&self.room.shared).try_acquire_many_owned(kib) {
            Ok(more) => {
                self.has = wanted;
                match &mut self.shared {
                    Some(permit) => permit.merge(more),
                    none => *none = Some(more),
                }
            }
            // It is never closed; were it, bodies would merely not be counted.
            Err(_) => self.beyond = Arc::clone(&self.room.beyond).acquire_owned().await.ok(),
        }
        asked.elapsed()
    }

    /// The body, which keeps its room as long as there is a copy of it.
    pub(super) fn hold(self, bytes: Bytes) -> Bytes {
        match (self.shared, self.beyond) {
            (None, None) => bytes,
            (shared, beyond) => Bytes::from_owner(Held {
                bytes,
                _room: (shared, beyond),
            }),
        }
    }
}

/// Bytes with what must be given back when they are dropped.
struct Held {
    bytes: Bytes,
    _room: (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>),
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const KIB: u64 = 1024;

    /// True where a body of this many KiB has room at once.
    async fn fits(share: &mut Share<'_>, kib: u64) -> bool {
        timeout(Duration::from_millis(1), share.grow(kib * KIB))
            .await
            .is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_share_a_room_and_one_at_a_time_outgrows_it() {
        let room = Room::of(100);
        let (mut one, mut two, mut three) = (room.share(), room.share(), room.share());
        assert!(fits(&mut one, 100).await, "32 of its own, 68 of the room");
        assert!(fits(&mut two, 32).await, "its own");
        assert!(fits(&mut two, 5_000).await, "beyond the room, alone");
        assert!(fits(&mut three, 32).await);
        assert!(!fits(&mut three, 5_000).await, "another is beyond the room");
        let held = two.hold(Bytes::from_static(b"two"));
        let copy = held.clone();
        drop(held);
        assert!(!fits(&mut three, 5_000).await, "a copy is left");
        drop(copy);
        assert!(fits(&mut three, 5_000).await);
        drop((one, three));
        assert_eq!(room.shared.available_permits(), 100);
        assert_eq!(room.beyond.available_permits(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn small_bodies_never_wait() {
        let room = Room::of(0);
        let mut giant = room.share();
        giant.grow(1 << 30).await;
        let mut shares: Vec<_> = (0..1_000).map(|_| room.share()).collect();
        for share in &mut shares {
            assert!(fits(share, 32).await);
        }
    }
}
