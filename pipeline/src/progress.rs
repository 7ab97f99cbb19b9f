//! Progress: what happens while it happens, for whoever watches.

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
    /// A run ended.
    Finished {
        /// The run.
        run: RunId,
        /// How.
        outcome: RunOutcome,
    },
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
