//! Seats: how many pages of a host may be under way or fetched and not yet stored.
//!
//! A process that is killed fetches those pages again. So there are as many seats as a host takes requests at once, and a
//! visit gives its seat up when what it brought is stored, not when it is fetched: a kill repeats no more than that.

use std::sync::Arc;

use super::HostGate;

/// A visit's seat at its host. Its drop frees it for another.
#[must_use = "the seat is free again as soon as this is dropped"]
pub struct Seat(pub(super) Arc<HostGate>);

impl Seat {
    /// The host and port.
    pub fn host(&self) -> &str {
        self.0.host()
    }

    /// How many seats the host has at present.
    pub fn of(&self) -> usize {
        self.0.seats()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Seat").field(&self.host()).finish()
    }
}
