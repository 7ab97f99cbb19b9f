//! Progress: what happens while it happens, for whoever watches.

use std::time::Duration;

use sightline_crawler::robots::CrawlDelay;
use sightline_model::{RunCounts, RunId, RunOutcome, SourceId, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A run began, or went on where it was stopped.
    Started {
        /// The run.
        run: RunId,
        /// Its source.
        source: SourceId,
        /// The source's name.
        name: String,
        /// What it did so far.
        counts: RunCounts,
    },
    /// A run did more.
    Advanced {
        /// The run.
        run: RunId,
        /// What it did since the last event.
        counts: RunCounts,
    },
    /// Nothing is done for now: what is left is for hosts that are not to be asked before these instants.
    Waits {
        /// The hosts, by name, each with its instant.
        hosts: Vec<(String, Timestamp)>,
    },
    /// A host is asked slowly, because its robots.txt wants it so. Told once for each host.
    Slow(Slow),
    /// A run ended.
    Finished {
        /// The run.
        run: RunId,
        /// How.
        outcome: RunOutcome,
    },
}

/// A host whose robots.txt sets a slow pace, and what is left to be asked of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slow {
    /// The host and port.
    pub host: String,
    /// What it asks for.
    pub delay: CrawlDelay,
    /// Visits to it that are known and have not ended.
    pub visits: i64,
}

impl Slow {
    /// How long what is left takes at least.
    pub fn takes(&self) -> Duration {
        self.delay.kept * u32::try_from(self.visits).unwrap_or(u32::MAX)
    }
}

/// Tells events to whoever watches, if anybody does. Events are few (one a commit), so none is dropped.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<UnboundedSender<Event>>);

impl Progress {
    /// A teller and its listener.
    pub fn watched() -> (Self, UnboundedReceiver<Event>) {
        let (teller, listener) = unbounded_channel();
        (Self(Some(teller)), listener)
    }

    pub(crate) fn tell(&self, event: Event) {
        if let Some(teller) = &self.0 {
            // Nobody listens any more: then nobody misses it.
            _ = teller.send(event);
        }
    }
}
