//! Room: what all visits together hold of this machine's memory, however many there are and however much each brings.
//!
//! Whoever is about to hold something large asks here first, in one place for all of it: bodies as they come, what their
//! content encodings stand for, the trees of pages, the pixels of pictures. A visit that finds no room waits until there is
//! some; or it has the turn, of which there is one, and goes on without room until it is over. Whoever has the turn waits
//! for nobody here, so there is always one that comes to its end, and nobody waits for ever.
//!
//! A site may be slow on purpose, and a page large on purpose. So bodies leave half of the room to what is read, which
//! takes no longer than a processor needs; and whatever is large leaves a part to what is not.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Bytes that every visit has room for.
const OWN: u64 = 32 << 10;
/// Bytes that visits share beyond their own.
const SHARED: u64 = 48 << 20;
/// A visit that has so many of them is large.
const LARGE: u64 = 512 << 10;

/// Room for visits. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Ground>);

#[derive(Debug)]
struct Ground {
    /// In bytes, like all here.
    size: u64,
    free: Mutex<u64>,
    /// Rung when some is free again.
    freed: Notify,
    /// One permit: to go on where the room is full. It is given in the order in which it was asked for.
    turn: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(SHARED)
    }
}

impl Room {
    /// Room of a size in bytes.
    pub fn of(size: u64) -> Self {
        Self(Arc::new(Ground {
            size,
            free: Mutex::new(size),
            freed: Notify::new(),
            turn: Arc::new(Semaphore::new(1)),
        }))
    }

    /// What a new visit has of it.
    pub fn share(&self) -> Share {
        Share {
            room: self.clone(),
            own: OWN,
            has: 0,
            turn: None,
            beyond: 0,
        }
    }

    fn free(&self) -> MutexGuard<'_, u64> {
        self.0.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `bytes` where that leaves `left` free.
    fn take(&self, bytes: u64, left: u64) -> bool {
        let mut free = self.free();
        let is_room = bytes
            .checked_add(left)
            .is_some_and(|needed| needed <= *free);
        if is_room {
            *free -= bytes;
        }
        is_room
    }

    fn give(&self, bytes: u64) {
        if bytes > 0 {
            *self.free() += bytes;
            self.0.freed.notify_waiters();
        }
    }
}

/// What one visit has of the room. It is given back when this is dropped.
#[derive(Debug)]
pub struct Share {
    room: Room,
    /// What is left of its own.
    own: u64,
    /// What it has of the room, …
    has: u64,
    /// … and where it has the turn, what it holds without.
    turn: Option<OwnedSemaphorePermit>,
    beyond: u64,
}

impl Share {
    /// Waits until there is room for so many bytes more of a body that comes, and says how long that took.
    pub async fn fetch(&mut self, bytes: u64) -> Duration {
        let size = self.room.0.size;
        let left = match self.has + bytes > LARGE {
            true => size / 2 + size / 8,
            false => size / 2,
        };
        self.take(bytes, left).await
    }

    /// Waits until there is room for so many bytes more, which reading what has come is about to need.
    pub async fn read(&mut self, bytes: u64) {
        let left = match self.has + bytes > LARGE {
            true => self.room.0.size / 8,
            false => 0,
        };
        self.take(bytes, left).await;
    }

    async fn take(&mut self, bytes: u64, left: u64) -> Duration {
        let own = self.own.min(bytes);
        self.own -= own;
        let bytes = bytes - own;
        if bytes == 0 {
            return Duration::ZERO;
        }
        if self.turn.is_some() {
            self.beyond += bytes;
            return Duration::ZERO;
        }
        let asked = Instant::now();
        let ground = Arc::clone(&self.room.0);
        let mut turn = pin!(Arc::clone(&ground.turn).acquire_owned());
        loop {
            let mut freed = pin!(ground.freed.notified());
            // From here on it hears of what is freed, so that nothing is missed between looking and waiting.
            freed.as_mut().enable();
            if self.room.take(bytes, left) {
                self.has += bytes;
                return asked.elapsed();
            }
            tokio::select! {
                turn = &mut turn => {
                    // It is never closed; were it, some bytes would merely not be counted.
                    self.turn = turn.ok();
                    self.beyond = bytes;
                    return asked.elapsed();
                }
                () = freed => {}
            }
        }
    }

    /// Gives back so many bytes of those that it has asked for.
    pub fn give(&mut self, bytes: u64) {
        let beyond = self.beyond.min(bytes);
        self.beyond -= beyond;
        if self.beyond == 0 {
            self.turn = None;
        }
        let back = self.has.min(bytes - beyond);
        self.has -= back;
        self.own = (self.own + bytes - beyond - back).min(OWN);
        self.room.give(back);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.room.give(self.has);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;

    /// True where there is room for so many bytes more of a body at once.
    async fn fetches(share: &mut Share, bytes: u64) -> bool {
        timeout(Duration::from_millis(1), share.fetch(bytes))
            .await
            .is_ok()
    }

    /// The same of what is to be read.
    async fn reads(share: &mut Share, bytes: u64) -> bool {
        timeout(Duration::from_millis(1), share.read(bytes))
            .await
            .is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn visits_share_a_room_and_one_at_a_time_goes_on_without() {
        let room = Room::of(16 * MIB);
        let (mut one, mut two, mut three) = (room.share(), room.share(), room.share());
        assert!(
            fetches(&mut one, 6 * MIB).await,
            "it leaves half, and an eighth"
        );
        assert!(fetches(&mut two, 5 * MIB).await, "it has the turn");
        assert!(fetches(&mut two, 50 * MIB).await, "and waits for nobody");
        assert!(reads(&mut two, 50 * MIB).await, "in all that it does");
        assert!(!fetches(&mut three, MIB).await, "another has the turn");
        assert!(
            reads(&mut one, 8 * MIB).await,
            "to what is read there is room"
        );
        assert!(
            !reads(&mut three, MIB).await,
            "an eighth is for what is small"
        );
        assert!(reads(&mut three, 400 * KIB).await);
        drop(two);
        assert!(fetches(&mut three, 50 * MIB).await, "the turn is free");
        drop((one, three));
        assert_eq!(*room.free(), 16 * MIB);
        assert_eq!(room.0.turn.available_permits(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_is_for_others() {
        let room = Room::of(16 * MIB);
        let (mut one, mut two) = (room.share(), room.share());
        assert!(reads(&mut one, 14 * MIB).await);
        assert!(reads(&mut one, 20 * MIB).await, "it has the turn");
        {
            let mut waits = pin!(two.read(3 * MIB));
            let soon = Duration::from_millis(1);
            assert!(timeout(soon, waits.as_mut()).await.is_err());
            one.give(19 * MIB);
            assert!(timeout(soon, waits.as_mut()).await.is_err(), "a part of it");
            one.give(5 * MIB);
            assert!(
                timeout(soon, waits.as_mut()).await.is_ok(),
                "the turn, and room"
            );
        }
        one.give(50 * MIB);
        drop((one, two));
        assert_eq!(*room.free(), 16 * MIB);
    }

    #[tokio::test(start_paused = true)]
    async fn small_bodies_never_wait() {
        let room = Room::of(0);
        let mut giant = room.share();
        giant.fetch(1 << 30).await;
        let mut shares: Vec<_> = (0..1_000).map(|_| room.share()).collect();
        for share in &mut shares {
            assert!(fetches(share, OWN).await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_told_of_room_and_keeps_its_place_for_the_turn() {
        let room = Room::of(16 * MIB);
        let (mut first, mut second, mut slow) = (room.share(), room.share(), room.share());
        first.read(14 * MIB).await;
        slow.fetch(9 * MIB).await;
        let mut waits = pin!(second.read(4 * MIB));
        let soon = Duration::from_millis(1);
        assert!(timeout(soon, waits.as_mut()).await.is_err());
        drop(first);
        assert!(
            timeout(soon, waits).await.is_ok(),
            "a site that is slow has the turn, and there is room"
        );
    }
}
