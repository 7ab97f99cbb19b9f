//! The in-process side of politeness: how often, and how many at once, each host is asked.
//!
//! A [`HostGate`] stands before each host. A visit takes its [turn](HostGate::turn), sends one request, and says how it was
//! [answered](HostGate::answered). What must outlive the process comes in and goes out as [`HostState`]; what other
//! processes must heed at once is reserved in a [`Book`].

mod backoff;
mod gate;
pub mod limits;
mod politeness;
mod seat;
mod stretches;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sightline_model::HostState;

pub use backoff::{Answer, Refusal, Refused};
pub use gate::{HostGate, Permit};
pub use politeness::Politeness;
pub use seat::Seat;
pub use stretches::{Ahead, Book};

/// The gates of the hosts that are being visited. Bounded: gates that nobody holds make room for new ones, the longest unused
/// first, so a crawl over countless hosts keeps no more than [`Hosts::LIMIT`] of them.
#[derive(Default)]
pub struct Hosts {
    gates: Mutex<Registry>,
}

#[derive(Default)]
struct Registry {
    by_host: HashMap<String, Kept>,
    asked: u64,
}

struct Kept {
    gate: Arc<HostGate>,
    /// The registry's count of questions when this gate was last asked for: a larger number is more recent.
    used: u64,
}

impl Hosts {
    /// Gates that are kept though nobody holds them.
    pub const LIMIT: usize = 10_000;

    /// A registry without any gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// The gate of `state.host`, which from now on also minds what `source` asks for.
    ///
    /// On the first sight of a host the gate takes over all of `state`: no request before `next_at` or `backoff_until`. Later
    /// states are what this gate wrote itself, or what another process reserved: pass those to [`HostGate::heed`].
    pub fn gate(&self, state: &HostState, source: &str, politeness: &Politeness) -> Arc<HostGate> {
        // Held for a look-up only; nothing here waits.
        let mut registry = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        registry.asked += 1;
        let used = registry.asked;
        if !registry.by_host.contains_key(&state.host) {
            registry.make_room();
        }
        let kept = registry
            .by_host
            .entry(state.host.clone())
            .or_insert_with(|| Kept {
                gate: Arc::new(HostGate::new(state)),
                used,
            });
        kept.used = used;
        let gate = Arc::clone(&kept.gate);
        drop(registry);
        gate.demand(source, politeness);
        gate
    }

    /// The gate of `host`, where it has one.
    pub fn known(&self, host: &str) -> Option<Arc<HostGate>> {
        let registry = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        registry
            .by_host
            .get(host)
            .map(|kept| Arc::clone(&kept.gate))
    }

    /// How many hosts have a gate.
    pub fn len(&self) -> usize {
        self.gates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_host
            .len()
    }

    /// True while no host has a gate.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Registry {
    /// Drops the longer unused half of the gates that nobody holds, once there are too many. Half at a time, so that the
    /// sorting is paid for by the next five thousand hosts. A gate in use is never dropped: that would open a second one.
    fn make_room(&mut self) {
        if self.by_host.len() < Hosts::LIMIT {
            return;
        }
        let mut idle: Vec<(u64, String)> = self
            .by_host
            .iter()
            .filter(|(_, kept)| Arc::strong_count(&kept.gate) == 1)
            .map(|(host, kept)| (kept.used, host.clone()))
            .collect();
        idle.sort_unstable();
        for (_, host) in idle.iter().take(idle.len().div_ceil(2)) {
            self.by_host.remove(host);
        }
    }
}

#[cfg(test)]
mod tests;
