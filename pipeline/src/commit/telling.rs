//! What decisions about alerts rest on, the alerts that are not closed and the silences in force; and what they come to.

use std::collections::{BTreeSet, HashMap};

use sightline_alerts::{decide::Silence, desk::Changes, group::OpenAlert, quiet::Quietness};
use sightline_model::{
    AlertId, Entry, EntryId, Gathered, Group, GroupBy, ListingId, Sighting, SourceId, Timestamp,
    WatchlistId,
};
use sightline_store::{
    Tx, alert_life, alerts, deliveries,
    entries::{self, told},
    silences as kept_quiet, waits,
};

use super::{Committed, Shown, Sight};
use crate::PipelineError;

/// The silences in force at `now`.
pub(crate) async fn quietness(tx: &mut Tx, now: Timestamp) -> Result<Quietness, PipelineError> {
    let in_force = kept_quiet::in_force(tx, now).await?.into_iter();
    let silences = in_force.map(|silence| Silence {
        id: silence.id,
        covers: silence.covers,
        until: silence.until,
    });
    Ok(Quietness::new(silences.collect(), now))
}

/// What each of these alerts gathers, as silences know it; not looked up where there are none.
pub(crate) async fn gathered(
    tx: &mut Tx,
    quietness: &Quietness,
    alerts: &[AlertId],
) -> Result<HashMap<AlertId, Vec<Gathered>>, PipelineError> {
    match quietness.is_any() {
        true => Ok(kept_quiet::gathered(tx, alerts).await?),
        false => Ok(HashMap::new()),
    }
}

/// Those of these entries that are looked for at `now`.
pub(crate) async fn looked_for(
    tx: &mut Tx,
    ids: &[EntryId],
    now: Timestamp,
) -> Result<HashMap<EntryId, Entry>, PipelineError> {
    those(tx, ids, |entry| entry.is_looked_for(now)).await
}

/// Those of these entries whose sightings are still to be told, though their time may be over since.
pub(crate) async fn told_of(
    tx: &mut Tx,
    ids: &[EntryId],
) -> Result<HashMap<EntryId, Entry>, PipelineError> {
    those(tx, ids, Entry::is_told_of).await
}

async fn those(
    tx: &mut Tx,
    ids: &[EntryId],
    is_one: impl Fn(&Entry) -> bool,
) -> Result<HashMap<EntryId, Entry>, PipelineError> {
    let entries = entries::get(tx, ids).await?.into_iter();
    let those = entries.filter(is_one);
    Ok(those.map(|entry| (entry.id, entry)).collect())
}

/// What tells which alert a sighting belongs to.
pub(crate) struct Placed {
    entry: EntryId,
    watchlist: WatchlistId,
    listing: ListingId,
    source: SourceId,
}

impl From<&Shown> for Placed {
    fn from(shown: &Shown) -> Self {
        Self {
            entry: shown.entry,
            watchlist: shown.watchlist,
            listing: shown.listing,
            source: shown.source,
        }
    }
}

impl From<&Sighting> for Placed {
    fn from(sighting: &Sighting) -> Self {
        Self {
            entry: sighting.entry,
            watchlist: sighting.watchlist,
            listing: sighting.listing,
            source: sighting.source,
        }
    }
}

/// The alerts that are not closed, of every group that these may belong to; kept to this transaction.
pub(crate) async fn open_alerts(
    tx: &mut Tx,
    sight: &Sight,
    placed: impl Iterator<Item = Placed>,
    looked_for: &HashMap<EntryId, Entry>,
) -> Result<Vec<OpenAlert>, PipelineError> {
    let mut groups = BTreeSet::<(WatchlistId, Group)>::new();
    let mut shared = BTreeSet::new();
    for one in placed {
        let Some(entry) = looked_for.get(&one.entry) else {
            continue;
        };
        let rules = sight.rules(one.watchlist);
        let by = rules.group_by;
        // What is beyond an entry's ceiling is gathered in its own alert, however the rules group.
        if rules.ceiling_per_day.is_some() {
            groups.insert((one.watchlist, Group::Entry(one.entry)));
        }
        // The entries are held already; a group of several needs its list held as well.
        if by != GroupBy::Entry {
            shared.insert(one.watchlist);
        }
        let case = entry.case_reference.as_deref();
        let of_one = by.groups(one.entry, one.listing, one.source, case);
        groups.extend(of_one.into_iter().map(|group| (one.watchlist, group)));
    }
    let shared: Vec<WatchlistId> = shared.into_iter().collect();
    alerts::hold_groups_of(tx, &shared).await?;
    let groups: Vec<_> = groups.into_iter().collect();
    let open = alerts::unclosed_in(tx, &groups).await?;
    let ids: Vec<_> = open.iter().map(|alert| alert.id).collect();
    let sent = deliveries::of_alerts(tx, &ids).await?;
    Ok(open
        .into_iter()
        .map(|alert| OpenAlert::new(alert, &sent))
        .collect())
}

/// Stores what was decided on sightings, which are stored already.
pub(crate) async fn save(
    tx: &mut Tx,
    changes: Changes,
    now: Timestamp,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    alerts::insert(tx, &changes.raised).await?;
    alerts::update(tx, &changes.updated).await?;
    alert_life::append(tx, &changes.became).await?;
    let attached: Vec<_> = changes
        .attached
        .iter()
        .map(|one| (one.alert, one.sighting, one.batch))
        .collect();
    alerts::attach(tx, &attached).await?;
    kept_quiet::note(tx, &changes.silenced, now).await?;
    told::note(tx, &changes.begun, now).await?;
    deliveries::insert(tx, &changes.deliveries).await?;
    for (alert, waiting) in changes.hastened {
        let due = waiting.due;
        waits::hasten(tx, alert, waiting.batch, due.at, due.waits).await?;
    }
    waits::let_through(tx, &changes.graver, now).await?;
    let told = changes.deliveries.iter();
    done.alerts.extend(told.filter_map(|one| one.topic.alert()));
    Ok(())
}
