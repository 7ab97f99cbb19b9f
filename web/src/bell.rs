//! The bell: tells the pages that are open when alerts may have come into their lists, by whichever process.
//!
//! It rings for whatever becomes of alerts: one is raised, there is news of it, it is opened again, given to somebody, taken. Whether that brought anything
//! into the list of a page, its stream finds out, and says a number only where it is another than before. Where nothing became of
//! any alert, it does not ring.

use std::sync::Mutex;

use sightline_model::{AlertId, Severity, Timestamp};
use sightline_store::{StoreError, alert_life, inbox};
use tokio::sync::watch;

use crate::Console;

/// How many are looked at of each gravity, and of changes. More than one: what another process writes may be stored later than
/// what comes after it in order.
const DEEP: u32 = 20;

/// Rung when something became of an alert since the last look.
pub(crate) struct Bell {
    rung: watch::Sender<u64>,
    /// How it stood at the last look; nothing before the first.
    seen: Mutex<Option<Standing>>,
}

/// What tells that something became of alerts.
struct Standing {
    /// Those of each gravity with the latest news, and when that came.
    newest: Vec<(AlertId, Timestamp)>,
    /// The latest changes of any.
    changes: Vec<i64>,
}

impl Standing {
    async fn read(console: &Console) -> Result<Self, StoreError> {
        let mut tx = console.read().await?;
        let mut newest = Vec::new();
        for severity in Severity::ALL {
            let wanted = inbox::Wanted {
                severity: Some(*severity),
                limit: DEEP,
                ..inbox::Wanted::default()
            };
            let found = inbox::page(&mut tx, &wanted).await?;
            newest.extend(found.into_iter().map(|alert| (alert.id, alert.news_at)));
        }
        let changes = alert_life::latest(&mut tx, DEEP).await?;
        Ok(Self { newest, changes })
    }

    fn has_more_than(&self, before: &Self) -> bool {
        let is_new = |one: &(AlertId, Timestamp)| !before.newest.contains(one);
        let is_another = |id: &i64| !before.changes.contains(id);
        self.newest.iter().any(is_new) || self.changes.iter().any(is_another)
    }
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            rung: watch::Sender::new(0),
            seen: Mutex::new(None),
        }
    }
}

impl Bell {
    /// Waits for the bell, from now on.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.rung.subscribe()
    }

    /// Looks whether anything became of alerts since the last look. Costs nothing while no page listens.
    pub(crate) async fn look(&self, console: &Console) -> Result<(), StoreError> {
        if self.rung.receiver_count() == 0 {
            return Ok(());
        }
        let now = Standing::read(console).await?;
        // Replacing it can't leave it half-made, so a poisoned lock is as good as any.
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if seen.as_ref().is_none_or(|before| now.has_more_than(before)) {
            self.rung.send_modify(|times| *times += 1);
        }
        *seen = Some(now);
        Ok(())
    }
}
