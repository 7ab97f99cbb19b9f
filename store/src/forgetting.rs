//! Statements that forget whose rows they are for: by it a test shows that the stories of tenancy would notice.
//!
//! Only where assertions are on. A release has no way to it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What every statement says of its rows, in the text for SQLite.
const OF_US: &str = "organisation = ?";
/// The same place for a value, and true whatever that is: organisations are numbered from 1 on, and tests have few.
const OF_ANYBODY: &str = "organisation > ? - 99";

/// Which statement of a store forgets its organisation, and which there were that name it; its clones are the same.
#[derive(Clone, Default)]
pub struct Forgetting(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    forgets: Option<String>,
    met: BTreeSet<String>,
}

impl Forgetting {
    /// Has this statement forget it wherever it comes, and everywhere in it: rows that are joined by an identifier may be named
    /// twice, and either is enough.
    pub fn of(statement: String) -> Self {
        Self(Arc::new(Mutex::new(State {
            forgets: Some(statement),
            met: BTreeSet::new(),
        })))
    }

    /// The statements so far, with places for their values.
    pub fn met(&self) -> BTreeSet<String> {
        self.state().met.clone()
    }

    /// A statement as it is to be run.
    pub(crate) fn pass(&self, text: String) -> String {
        let mut state = self.state();
        if text.contains(OF_US) && !state.met.contains(&text) {
            state.met.insert(text.clone());
        }
        match state.forgets.as_ref() == Some(&text) {
            true => text.replace(OF_US, OF_ANYBODY),
            false => text,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked with the lock left whole statements behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
