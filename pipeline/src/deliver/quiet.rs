//! Quiet hours as messages are sent: what was due before them and comes to be tried within them, since its receiver or this
//! machine was away, waits for their end.

use std::collections::{BTreeSet, HashMap};

use sightline_alerts::rules::{QuietHours, Rules};
use sightline_model::{Alert, AlertId, Delivery, DeliveryId, Timestamp, WatchlistId};
use sightline_store::{Tx, alerts, watchlists};

use crate::PipelineError;

/// Those of these deliveries that would disturb somebody now, each with the instant from which on it does not.
pub(super) async fn held(
    tx: &mut Tx,
    taken: &[Delivery],
    now: Timestamp,
) -> Result<Vec<(DeliveryId, Timestamp)>, PipelineError> {
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
    let held = |delivery: &Delivery| {
        let alert = about.get(&delivery.topic.alert()?)?;
        let until = quiet.get(&alert.watchlist)?.over(alert.severity, now);
        (until > now).then_some((delivery.id, until))
    };
    Ok(taken.iter().filter_map(held).collect())
}
