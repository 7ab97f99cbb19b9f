//! An entry that is made graver: the alerts that hold its sightings are as grave from then on, and what waits of them is told
//! sooner, in the transaction that changes the entry.

use sightline_alerts::{group::OpenAlert, rise::rise, rules::Rules};
use sightline_model::{AlertId, Entry, Timestamp};
use sightline_store::{Result, Tx, alerts, deliveries, entries, waits, watchlists};

/// Raises the alerts of an entry that was changed. How many of them are told sooner for that.
pub(crate) async fn hasten(
    tx: &mut Tx,
    before: &Entry,
    after: &Entry,
    now: Timestamp,
) -> Result<usize> {
    let list = watchlists::get(tx, after.watchlist).await?;
    // Rules that do not read are told of wherever they are changed or checked.
    let Some(rules) = list.and_then(|list| Rules::read(&list.rules).ok()) else {
        return Ok(0);
    };
    let severity = |entry: &Entry| entry.severity.unwrap_or(rules.severity);
    if severity(after) <= severity(before) {
        return Ok(0);
    }
    // Whoever decides on a sighting of one of these groups waits.
    entries::hold(tx, &[after.id]).await?;
    alerts::hold_groups_of(tx, &[after.watchlist]).await?;
    let open = alerts::unclosed_of(tx, &[after.id]).await?;
    let ids: Vec<AlertId> = open.iter().map(|alert| alert.id).collect();
    let sent = deliveries::of_alerts(tx, &ids).await?;
    let (mut raised, mut hastened, mut loud) = (Vec::new(), Vec::new(), Vec::new());
    for alert in open {
        let open = OpenAlert::new(alert, &sent);
        let Some(risen) = rise(&open, severity(after), &rules, now) else {
            continue;
        };
        hastened.extend(risen.hastened.map(|sooner| (risen.alert.id, sooner)));
        loud.extend(risen.breaks_quiet.then_some(risen.alert.id));
        raised.push(risen.alert);
    }
    alerts::update(tx, &raised).await?;
    for (alert, sooner) in &hastened {
        let due = sooner.due;
        waits::hasten(tx, *alert, sooner.batch, due.at, due.waits).await?;
    }
    waits::let_through(tx, &loud, now).await?;
    Ok(hastened.len())
}
