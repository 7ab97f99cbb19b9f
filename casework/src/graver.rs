//! An entry that is made graver, or a list whose entries are: the alerts that hold their sightings are as grave from then on, and
//! what waits of them is told sooner, in the transaction that makes the change.

use std::collections::{BTreeSet, HashSet};

use sightline_alerts::{group::OpenAlert, rise::rise, rules::Rules};
use sightline_model::{
    Alert, AlertChange, AlertId, AlertState, Entry, EntryId, Severity, WatchlistId,
};
use sightline_store::{
    Result, Tx, alert_life, alerts, deliveries, entries, readdressing, silences, waits, watchlists,
};

use crate::By;

/// Alerts that are looked at together.
const PART: u32 = 500;

/// Raises the alerts of an entry that was changed. How many of them are told sooner for that.
pub(crate) async fn hasten(tx: &mut Tx, before: &Entry, after: &Entry, by: &By) -> Result<usize> {
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
    raise(tx, open, severity(after), &rules, by).await
}

/// Raises the alerts of a watchlist that is graver than before, with the entries on it that say nothing of their own. How many of
/// them are told sooner for that. The list is held, as for readdressing.
pub(crate) async fn hasten_list(
    tx: &mut Tx,
    list: WatchlistId,
    rules: &Rules,
    by: &By,
) -> Result<usize> {
    let (mut hastened, mut last) = (0, None);
    loop {
        let part = readdressing::concerned(tx, list, last, PART).await?;
        let Some(alert) = part.last() else { break };
        last = Some(alert.id);
        let meek = part
            .into_iter()
            .filter(|alert| alert.state != AlertState::Closed && alert.severity < rules.severity);
        let by_default = by_default(tx, meek.collect()).await?;
        hastened += raise(tx, by_default, rules.severity, rules, by).await?;
    }
    Ok(hastened)
}

/// Those that were raised by an entry, or hold a sighting of one, that is as grave as its list says.
async fn by_default(tx: &mut Tx, all: Vec<Alert>) -> Result<Vec<Alert>> {
    let ids: Vec<AlertId> = all.iter().map(|alert| alert.id).collect();
    let gathered = silences::gathered(tx, &ids).await?;
    let gathered = gathered.values().flatten();
    let pairs: Vec<(AlertId, EntryId)> = gathered
        .map(|one| (one.alert, one.entry))
        .chain(all.iter().map(|alert| (alert.id, alert.entry)))
        .collect();
    let of: BTreeSet<EntryId> = pairs.iter().map(|(_, entry)| *entry).collect();
    let of: Vec<EntryId> = of.into_iter().collect();
    let entries = entries::get(tx, &of).await?.into_iter();
    let silent: HashSet<EntryId> = entries
        .filter(|entry| entry.severity.is_none())
        .map(|entry| entry.id)
        .collect();
    let found: HashSet<AlertId> = pairs
        .into_iter()
        .filter(|(_, entry)| silent.contains(entry))
        .map(|(alert, _)| alert)
        .collect();
    let all = all.into_iter();
    Ok(all.filter(|alert| found.contains(&alert.id)).collect())
}

/// Makes these as grave as this, and tells sooner what waits of them. Of how many something waited.
async fn raise(
    tx: &mut Tx,
    all: Vec<Alert>,
    severity: Severity,
    rules: &Rules,
    by: &By,
) -> Result<usize> {
    let ids: Vec<AlertId> = all.iter().map(|alert| alert.id).collect();
    let sent = deliveries::of_alerts(tx, &ids).await?;
    let (mut raised, mut hastened, mut loud) = (Vec::new(), Vec::new(), Vec::new());
    let mut graver = Vec::new();
    for alert in all {
        let open = OpenAlert::new(alert, &sent);
        let Some(risen) = rise(&open, severity, rules, by.at) else {
            continue;
        };
        let change = AlertChange::graver(&open.alert, &risen.alert, &by.who, by.at);
        graver.extend(change);
        hastened.extend(risen.hastened.map(|sooner| (risen.alert.id, sooner)));
        loud.extend(risen.breaks_quiet.then_some(risen.alert.id));
        raised.push(risen.alert);
    }
    alerts::update(tx, &raised).await?;
    alert_life::append(tx, &graver).await?;
    for (alert, sooner) in &hastened {
        let due = sooner.due;
        waits::hasten(tx, *alert, sooner.batch, due.at, due.waits).await?;
    }
    waits::let_through(tx, &loud, by.at).await?;
    Ok(hastened.len())
}
