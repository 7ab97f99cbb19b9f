//! A clock that was set back: what was reserved and what became due while it was ahead would wait for as long as that.

use sightline_crawler::budget::limits::LONGEST_WAIT;
use sightline_model::{OrganisationId, Timestamp};
use sightline_store::{
    Store, StoreError, ahead,
    hosts::{self, Furthest},
    visits,
};

use crate::{PipelineError, instance::Instance, settings::WorkSettings};

impl WorkSettings {
    /// The furthest ahead that these settings ever put a host's next turn.
    pub fn furthest(&self) -> Furthest {
        Furthest {
            lease: self.lease(),
            turns: u32::try_from(self.visits_per_host).unwrap_or(u32::MAX),
            backoff: LONGEST_WAIT,
        }
    }
}

/// Has neither a host, nor a message, nor a page wait for a clock that was set back, and says so where one would have.
pub(crate) async fn bring_back(instance: &Instance) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let (store, organisation) = (&instance.store, instance.organisation);
    bring_hosts_back(store, organisation, instance.work.furthest(), now).await?;
    bring_messages_back(instance, now).await?;
    bring_pages_back(instance, now).await
}

/// The same of hosts alone, for an errand of a process that runs no instance.
pub(crate) async fn bring_hosts_back(
    store: &Store,
    organisation: OrganisationId,
    furthest: Furthest,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Hardly ever anything: nobody who writes is to wait for this look.
    let mut tx = store.read(organisation).await?;
    let ahead = hosts::too_far_ahead(&mut tx, furthest, now).await?;
    drop(tx);
    if let Some((host, until)) = ahead.first() {
        tracing::warn!(
            hosts = ahead.len(),
            %host,
            %until,
            "the clock was set back: hosts would have waited until then; they wait no longer than politeness asks. \
             Keep the clock right with NTP"
        );
        let mut tx = store.write(organisation).await?;
        hosts::bring_back(&mut tx, furthest, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Has no message wait until the clock is again where it was when that was put into the outbox.
async fn bring_messages_back(instance: &Instance, now: Timestamp) -> Result<(), PipelineError> {
    let at_most = instance.work.lease();
    let mut tx = instance.read().await?;
    let waiting = ahead::waiting(&mut tx, at_most, now).await?;
    drop(tx);
    if waiting == 0 {
        return Ok(());
    }
    let mut tx = instance.write().await?;
    let messages = ahead::bring_back(&mut tx, at_most, now).await?;
    tx.commit().await?;
    tracing::warn!(
        messages,
        "the clock was set back: messages that would have waited for it wait as long from now on as they were to. Keep \
         the clock right with NTP"
    );
    Ok(())
}

/// Has no page wait that was due before the clock was set back.
async fn bring_pages_back(instance: &Instance, now: Timestamp) -> Result<(), PipelineError> {
    let at_most = instance.work.lease();
    let mut tx = instance.read().await?;
    let ahead = visits::too_far_ahead(&mut tx, at_most, now).await?;
    drop(tx);
    if ahead.is_empty() {
        return Ok(());
    }
    let mut tx = instance.write().await?;
    let pages = visits::bring_back(&mut tx, at_most, now).await?;
    tx.commit().await?;
    tracing::warn!(
        pages,
        "the clock was set back: pages that were due by then are due now. Keep the clock right with NTP"
    );
    Ok(())
}
