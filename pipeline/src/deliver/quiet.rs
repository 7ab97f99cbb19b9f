//! Quiet as messages are sent: what was due before quiet hours and comes to be tried within them, since its receiver or this
//! machine was away, waits for their end; and so does all that a silence covers, however long it has waited already.

use std::collections::{BTreeSet, HashMap};

use sightline_alerts::{
    decide::About,
    follow::silenced_by,
    rules::{QuietHours, Rules},
};
use sightline_model::{Alert, AlertId, Delivery, Entry, EntryId, Timestamp, Wait, WatchlistId};
use sightline_store::{Tx, alerts, entries, waits::PutOff, watchlists};

use crate::{PipelineError, commit::silences};

/// Those of these deliveries that would disturb somebody now, each with the instant from which on it does not.
pub(super) async fn held(
    tx: &mut Tx,
    taken: &[Delivery],
    now: Timestamp,
) -> Result<Vec<PutOff>, PipelineError> {
    let ids: BTreeSet<AlertId> = taken
        .iter()
        .filter_map(|delivery| delivery.topic.alert())
        .collect();
    let ids: Vec<AlertId> = ids.into_iter().collect();
    let about = alerts::get(tx, &ids).await?.into_iter();
    let about: HashMap<AlertId, Alert> = about.map(|alert| (alert.id, alert)).collect();
    let lists: BTreeSet<WatchlistId> = about.values().map(|alert| alert.watchlist).collect();
    let mut quiet = HashMap::<WatchlistId, QuietHours>::new();
    for list in lists {
        let stored = watchlists::get(tx, list).await?;
        // Rules that do not read are told of wherever they are changed or checked.
        let rules = stored.and_then(|stored| Rules::read(&stored.rules).ok());
        quiet.extend(rules.and_then(|rules| Some((list, rules.quiet_hours?))));
    }
    let silences = silences(tx, now).await?;
    let raised_by: HashMap<EntryId, Entry> = match silences.is_empty() {
        true => HashMap::new(),
        false => {
            let ids: Vec<EntryId> = about.values().map(|alert| alert.entry).collect();
            let raised_by = entries::get(tx, &ids).await?.into_iter();
            raised_by.map(|entry| (entry.id, entry)).collect()
        }
    };
    let silenced_until = |alert: &Alert| {
        let about = raised_by.get(&alert.entry).map(About::of);
        let by = silenced_by(alert, about.unwrap_or_default(), &silences, now);
        by.map(|by| (by.until, Wait::Silence))
    };
    let quiet_until = |alert: &Alert| {
        let until = quiet.get(&alert.watchlist)?.over(alert.severity, now);
        (until > now).then_some((until, Wait::QuietHours))
    };
    let held = |delivery: &Delivery| {
        let alert = about.get(&delivery.topic.alert()?)?;
        let (until, waits) = silenced_until(alert).or_else(|| quiet_until(alert))?;
        Some(PutOff {
            delivery: delivery.id,
            until,
            waits,
        })
    };
    Ok(taken.iter().filter_map(held).collect())
}
