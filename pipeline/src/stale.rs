//! Alerts that have gone stale, closed where their watchlist asks for it.

use std::collections::{BTreeMap, HashMap};

use sightline_alerts::{rules::Rules, stale::close_as_stale};
use sightline_model::{AlertId, EntryId, SourceId, Timestamp, WatchlistId};
use sightline_store::{Tx, alert_life, alerts, entries, runs};

use crate::{PipelineError, instance::Instance};

/// Alerts that are closed in one transaction.
const ALERTS: u32 = 200;

/// Closes the alerts that no listing has shown, and nobody has touched, for as long as their watchlists say.
pub(crate) async fn close_stale(instance: &Instance) -> Result<(), PipelineError> {
    let sight = instance.sight().await?;
    for (watchlist, rules) in sight.closing_stale() {
        close_stale_of(instance, watchlist, rules).await?;
    }
    Ok(())
}

async fn close_stale_of(
    instance: &Instance,
    watchlist: WatchlistId,
    rules: &Rules,
) -> Result<(), PipelineError> {
    let Some(length) = rules.stale() else {
        return Ok(());
    };
    let now = instance.clock.now();
    let mut after = None;
    loop {
        let mut tx = instance.read().await?;
        let quiet =
            alert_life::quiet_since(&mut tx, watchlist, now - length, after, ALERTS).await?;
        let found = alerts::get(&mut tx, &quiet).await?;
        drop(tx);
        let Some(last) = quiet.last() else {
            return Ok(());
        };
        after = Some(*last);
        let mut tx = instance.write().await?;
        // Looked at again under the lock: it may have been sighted, or somebody may have taken it, at this moment.
        let entries: Vec<EntryId> = found.iter().map(|alert| alert.entry).collect();
        entries::hold(&mut tx, &entries).await?;
        alerts::hold_groups_of(&mut tx, &[watchlist]).await?;
        let seen = alert_life::last_seen(&mut tx, &quiet).await?;
        let looks = looks(&mut tx, &seen).await?;
        let (mut closed, mut changes) = (Vec::new(), Vec::new());
        for alert in alerts::get(&mut tx, &quiet).await? {
            let (last_seen, source) = seen.get(&alert.id).copied().unzip();
            let looks = source.and_then(|source| looks.get(&source));
            let looks = looks.map_or(&[][..], Vec::as_slice);
            if let Some((alert, change)) = close_as_stale(&alert, last_seen, looks, rules, now) {
                closed.push(alert);
                changes.push(change);
            }
        }
        alerts::update(&mut tx, &closed).await?;
        alert_life::append(&mut tx, &changes).await?;
        tx.commit().await?;
        if !closed.is_empty() {
            tracing::info!(alerts = closed.len(), "closed as stale");
        }
    }
}

/// When each source was looked at that showed one of these alerts last, since it did: one that nobody looks at does not say that
/// something is gone.
async fn looks(
    tx: &mut Tx,
    seen: &HashMap<AlertId, (Timestamp, SourceId)>,
) -> Result<HashMap<SourceId, Vec<Timestamp>>, PipelineError> {
    let mut since = BTreeMap::<SourceId, Timestamp>::new();
    for (at, source) in seen.values() {
        let since = since.entry(*source).or_insert(*at);
        *since = (*since).min(*at);
    }
    let since: Vec<_> = since.into_iter().collect();
    Ok(runs::looks(tx, &since).await?)
}
