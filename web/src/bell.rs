//! The bell: tells the pages that are open when an alert was raised, by whichever process.

use std::sync::Mutex;

use sightline_model::{AlertId, AlertState, Severity};
use sightline_store::{StoreError, inbox};
use tokio::sync::watch;

use crate::Console;

/// Rung when there is an alert that was not there at the last look.
pub(crate) struct Bell {
    rung: watch::Sender<u64>,
    /// The newest open alert of each gravity at the last look; nothing before the first.
    newest: Mutex<Option<Vec<AlertId>>>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            rung: watch::Sender::new(0),
            newest: Mutex::new(None),
        }
    }
}

impl Bell {
    /// Waits for the bell, from now on.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.rung.subscribe()
    }

    /// Looks whether there is a newer open alert than at the last look. Costs nothing while no page listens.
    pub(crate) async fn look(&self, console: &Console) -> Result<(), StoreError> {
        if self.rung.receiver_count() == 0 {
            return Ok(());
        }
        let mut tx = console.read().await?;
        let mut newest = Vec::new();
        for severity in Severity::ALL {
            let wanted = inbox::Wanted {
                state: Some(AlertState::Open),
                severity: Some(*severity),
                limit: 1,
                ..inbox::Wanted::default()
            };
            let found = inbox::page(&mut tx, &wanted).await?;
            newest.extend(found.into_iter().map(|alert| alert.id));
        }
        // Replacing a list can't leave it half-made, so a poisoned lock is as good as any.
        let mut last = self
            .newest
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let has_newer = |last: &Vec<AlertId>| newest.iter().any(|id| !last.contains(id));
        if last.as_ref().is_none_or(has_newer) {
            self.rung.send_modify(|times| *times += 1);
        }
        *last = Some(newest);
        Ok(())
    }
}
