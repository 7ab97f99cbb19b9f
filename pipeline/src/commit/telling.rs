//! What decisions about alerts rest on: the alerts that are not closed, and the silences in force.

use std::collections::{BTreeSet, HashMap};

use sightline_alerts::{decide::Silence, group::OpenAlert};
use sightline_model::{Entry, EntryId, Group, GroupBy, Timestamp, WatchlistId};
use sightline_store::{Tx, alerts, deliveries, silences};

use super::{Shown, Sight};
use crate::PipelineError;

/// The silences in force at `now`.
pub(crate) async fn silences(tx: &mut Tx, now: Timestamp) -> Result<Vec<Silence>, PipelineError> {
    let in_force = silences::in_force(tx, now).await?;
    Ok(in_force
        .into_iter()
        .map(|silence| Silence {
            id: silence.id,
            covers: silence.covers,
            until: silence.until,
        })
        .collect())
}

/// The alerts that are not closed, of every group that what was shown may belong to; kept to this transaction.
pub(super) async fn open_alerts(
    tx: &mut Tx,
    sight: &Sight,
    shown: &[Shown],
    looked_for: &HashMap<EntryId, Entry>,
) -> Result<Vec<OpenAlert>, PipelineError> {
    let mut groups = BTreeSet::<(WatchlistId, Group)>::new();
    let mut shared = BTreeSet::new();
    for one in shown {
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
