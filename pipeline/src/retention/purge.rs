//! The purge: class after class, a few rows in each transaction, so that the one writer is never held for long.

use std::{collections::HashMap, time::Duration};

use serde::Serialize;
use sightline_model::Timestamp;
use sightline_store::{
    audit::{self, Deed},
    purges::{self, Class, Receipt},
};

use super::{Compacted, Keeping, compact};
use crate::PipelineError;

/// Rows that go in one transaction.
const AT_ONCE: u32 = 200;
/// Rows that are counted at most where nothing is to be done.
const COUNTED: u32 = 100_000;
/// How often a purge is begun.
const EVERY: Duration = Duration::from_secs(24 * 3_600);

/// What is to be purged, and who says so.
#[derive(Clone, Debug)]
pub struct Purge {
    /// By whom: a person's name, or `sightline`.
    pub who: String,
    /// These classes alone; none for every one that has a period.
    pub only: Option<Vec<Class>>,
}

/// What came of a purge, or would.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Purged {
    /// The class.
    pub class: Class,
    /// What is from before this instant.
    pub up_to: Timestamp,
    /// How many went, or would.
    pub gone: i64,
    /// What shows it; none where nothing was to be done.
    pub receipt: Option<Receipt>,
}

/// Takes out what has been kept for long enough, and compacts the archive. With nothing to be done, nothing is noted.
///
/// # Errors
/// If the store or the archive fails; the next purge goes on.
pub async fn purge(
    keeping: &Keeping,
    purge: &Purge,
) -> Result<(Vec<Purged>, Compacted), PipelineError> {
    let mut done = Vec::new();
    for (class, up_to) in classes(keeping, purge) {
        done.push(purge_class(keeping, class, up_to, &purge.who).await?);
    }
    Ok((done, compact(keeping).await?))
}

impl Keeping {
    /// What a purge would take out now, each class counted as things are: what one class keeps from another is still there.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn would_go(&self, purge: &Purge) -> Result<Vec<Purged>, PipelineError> {
        let mut would = Vec::new();
        for (class, up_to) in classes(self, purge) {
            let mut tx = self.store.read(self.organisation).await?;
            let count = purges::count(&mut tx, class, up_to, COUNTED).await?;
            would.push(Purged {
                class,
                up_to,
                gone: i64::try_from(count).unwrap_or(i64::MAX),
                receipt: None,
            });
        }
        Ok(would)
    }
}

/// When each class was last looked at by a process.
pub type Looked = HashMap<Class, Timestamp>;

/// Purges what was not looked at for a day, by this process or by a purge that took something out, and goes on with one that was
/// stopped. What is gone is taken out of the archive whenever it can be.
///
/// # Errors
/// As [`purge`].
pub async fn purge_if_due(keeping: &Keeping, looked: &mut Looked) -> Result<(), PipelineError> {
    let by = Purge {
        who: "sightline".to_owned(),
        only: None,
    };
    let now = keeping.clock.now();
    for (class, up_to) in classes(keeping, &by) {
        let mut tx = keeping.store.read(keeping.organisation).await?;
        let is_stopped = purges::unfinished(&mut tx, class).await?.is_some();
        let last = purges::last(&mut tx, class).await?;
        drop(tx);
        let last = last
            .map(|last| last.begun_at)
            .max(looked.get(&class).copied());
        if is_stopped || last.is_none_or(|last| last + EVERY <= now) {
            let done = purge_class(keeping, class, up_to, &by.who).await?;
            looked.insert(class, now);
            if done.gone > 0 {
                tracing::info!(
                    class = class.as_str(),
                    gone = done.gone,
                    "purged what was kept for long enough"
                );
            }
        }
    }
    let done = compact(keeping).await?;
    for (file, why) in &done.waiting {
        tracing::info!(file, "still holds what is gone: {why}");
    }
    Ok(())
}

fn classes(keeping: &Keeping, purge: &Purge) -> Vec<(Class, Timestamp)> {
    let now = keeping.clock.now();
    let asked = |class: &Class| purge.only.as_ref().is_none_or(|only| only.contains(class));
    Class::ALL
        .into_iter()
        .filter(asked)
        .filter_map(|class| Some((class, keeping.settings.up_to(class, now)?)))
        .collect()
}

async fn purge_class(
    keeping: &Keeping,
    class: Class,
    up_to: Timestamp,
    who: &str,
) -> Result<Purged, PipelineError> {
    let now = keeping.clock.now();
    let mut tx = keeping.store.read(keeping.organisation).await?;
    let is_stopped = purges::unfinished(&mut tx, class).await?.is_some();
    if !is_stopped && purges::count(&mut tx, class, up_to, 1).await? == 0 {
        return Ok(Purged {
            class,
            up_to,
            gone: 0,
            receipt: None,
        });
    }
    drop(tx);
    let mut tx = keeping.store.write(keeping.organisation).await?;
    let mut receipt = purges::begin(&mut tx, class, up_to, now, &keeping.mint).await?;
    tx.commit().await?;
    loop {
        // Looked for where nobody is kept waiting, and once more under the lock.
        let mut tx = keeping.store.read(keeping.organisation).await?;
        let due = purges::due(&mut tx, class, receipt.up_to, &receipt.place, AT_ONCE).await?;
        drop(tx);
        if due.is_empty() {
            break;
        }
        let mut tx = keeping.store.write(keeping.organisation).await?;
        receipt = purges::take_out(&mut tx, &receipt, &due, now).await?;
        tx.commit().await?;
        tokio::task::yield_now().await;
    }
    let mut tx = keeping.store.write(keeping.organisation).await?;
    let now = keeping.clock.now();
    purges::finish(&mut tx, &receipt, now).await?;
    receipt.finished_at = Some(now);
    if receipt.gone > 0 {
        let deed = Deed {
            at: now,
            who: who.to_owned(),
            what: "retention.purge".to_owned(),
            subject: receipt.id.to_string(),
            detail: format!(
                "{} {} from before {}; sha256 {}",
                receipt.gone,
                class.as_str(),
                receipt.up_to,
                receipt.digest
            ),
        };
        audit::append(&mut tx, &deed).await?;
    }
    tx.commit().await?;
    Ok(Purged {
        class,
        up_to: receipt.up_to,
        gone: receipt.gone,
        receipt: Some(receipt),
    })
}
