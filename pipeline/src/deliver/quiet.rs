//! Quiet as messages are sent: what was due before quiet hours and comes to be tried within them, since its receiver or this
//! machine was away, waits for their end; and so does all that a silence covers, however long it has waited already.

use std::collections::{BTreeSet, HashMap};

use sightline_alerts::rules::{QuietHours, Rules};
use sightline_model::{Alert, AlertId, Delivery, Timestamp, Wait, WatchlistId};
use sightline_store::{Tx, alerts, waits::PutOff, watchlists};

use crate::{
    PipelineError,
    commit::{gathered, quietness},
};

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
    let quietness = quietness(tx, now).await?;
    let gathered = gathered(tx, &quietness, &ids).await?;
    let silenced_until = |delivery: &Delivery, alert: &Alert| {
        let gathers = gathered.get(&alert.id).map_or(&[][..], Vec::as_slice);
        let by = quietness.over_message(delivery, alert, gathers).whole();
        by.map(|by| (by.until, Wait::Silence, Some(by.id)))
    };
    let quiet_until = |alert: &Alert| {
        let until = quiet.get(&alert.watchlist)?.over(alert.severity, now);
        (until > now).then_some((until, Wait::QuietHours, None))
    };
    let held = |delivery: &Delivery| {
        let alert = about.get(&delivery.topic.alert()?)?;
        let (until, waits, held_by) =
            silenced_until(delivery, alert).or_else(|| quiet_until(alert))?;
        Some(PutOff {
            delivery: delivery.id,
            until,
            waits,
            held_by,
        })
    };
    Ok(taken.iter().filter_map(held).collect())
}
