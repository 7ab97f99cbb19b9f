//! A clock that runs, and can be set forward: how the demonstration lives through six weeks in seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sightline_model::{Clock, SystemClock, Timestamp};

/// The machine's clock, set back by a length that only shrinks; clones share the hands.
#[derive(Clone, Debug)]
pub struct ShiftedClock(Arc<AtomicI64>);

impl ShiftedClock {
    /// A clock that shows the present as it was `behind` ago.
    pub fn behind(behind: Duration) -> Self {
        let clock = Self(Arc::new(AtomicI64::new(0)));
        clock.set_behind(behind);
        clock
    }

    /// Sets it so that it shows the present as it was `behind` ago.
    pub fn set_behind(&self, behind: Duration) {
        self.0.store(
            i64::try_from(behind.as_millis()).unwrap_or(i64::MAX),
            Ordering::SeqCst,
        );
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp(
            SystemClock
                .now()
                .0
                .saturating_sub(self.0.load(Ordering::SeqCst)),
        )
    }
}
