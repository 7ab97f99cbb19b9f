//! Entries that stand on a list of which their author has ended what they say: told, or ended here, too.

use std::collections::{HashMap, HashSet};

use sightline_model::{
    AlertId, Entry, EntryChange, EntryDeed, EntryId, EntryStanding, EntryState, FieldChange, Kind,
    Timestamp,
};
use sightline_store::{
    StoreError, Tx,
    entries::{self, Addition, changes},
};
use sightline_watchlists::{
    entry::differences,
    import::{Ended, Ending},
};

use super::{OfStanding, Read, Said};
use crate::{By, chased, entry::Through};

/// An entry that stands on the list, and how a row says that its author ended it.
#[derive(Clone, Debug)]
pub(super) struct Met {
    /// The row, by its place among all.
    pub nth: usize,
    pub entry: EntryId,
    pub kind: Kind,
    pub value: String,
    pub standing: EntryStanding,
    pub ending: Ending,
    origin: Option<String>,
    /// True where the entry says that it came from there.
    pub is_theirs: bool,
    /// True where somebody here has decided otherwise by hand.
    pub is_kept: bool,
    /// What is different of it then.
    pub fields: Vec<FieldChange>,
    /// True where it was ended here, too, or would be.
    pub is_done: bool,
}

impl Read {
    /// Keeps of what was ended what no other row of the file still tells of, each identifier once for each place that it comes
    /// from and each way in which it ended: which of them counts is told by what stands on the list.
    pub(super) fn settle_ended(&mut self) {
        let asked: HashSet<usize> = self
            .rows
            .iter()
            .filter_map(|(_, said)| match said {
                Said::Repeats(repeat) if repeat.entry.state == EntryState::Active => {
                    Some(repeat.index)
                }
                _ => None,
            })
            .collect();
        let ready: HashSet<_> = self.ready.iter().map(|entry| &entry.selector).collect();
        let mut once = HashSet::new();
        let rows = &self.rows;
        self.ended.retain(|(nth, ended)| {
            let is_left = match rows.get(*nth).map(|(_, said)| said) {
                Some(Said::Ready(index)) => !asked.contains(index),
                Some(Said::Refused(..) | Said::Gone) => !ready.contains(&ended.entry.selector),
                Some(Said::Repeats(_)) | None => false,
            };
            let of = (&ended.entry.selector, &ended.origin);
            is_left && once.insert((of.0.clone(), of.1.clone(), ended.ending.is_final()))
        });
    }
}

/// Those of `ended`, each with the place of its row, that count for what stands on the list now. Of several endings of one entry
/// that is the one of where it came from rather than of others, taken back or deleted rather than run out; of those that are
/// equal the first. To be asked of a whole file: in part of it another one may count.
pub(super) async fn counted<'r>(
    tx: &mut Tx,
    ended: &'r [(usize, Ended)],
    now: Timestamp,
) -> Result<Vec<(usize, &'r Ended)>, StoreError> {
    let all: Vec<(usize, &Ended)> = ended.iter().map(|(nth, ended)| (*nth, ended)).collect();
    let stands = standing(tx, &all).await?;
    let mut heaviest: HashMap<EntryId, ((bool, bool), usize)> = HashMap::new();
    for (at, (_, ended)) in all.iter().enumerate() {
        let before = stands.get(&at);
        let Some(before) = before.filter(|before| ended.ending.is_news_of(before, now)) else {
            continue;
        };
        let weight = (ended.is_origin_of(before), ended.ending.is_final());
        match heaviest.get(&before.id) {
            Some((heavier, _)) if weight <= *heavier => {}
            _ => {
                heaviest.insert(before.id, (weight, at));
            }
        }
    }
    let mut places: Vec<usize> = heaviest.into_values().map(|(_, at)| at).collect();
    places.sort_unstable();
    Ok(places.into_iter().map(|at| all[at]).collect())
}

/// Those of so many rows from `first` on.
pub(super) fn in_rows<'e, 'r>(
    ended: &'e [(usize, &'r Ended)],
    first: usize,
    rows: usize,
) -> &'e [(usize, &'r Ended)] {
    let at = |row: usize| ended.partition_point(|(nth, _)| *nth < row);
    &ended[at(first)..at(first + rows)]
}

/// What stands on the list of what these are about, by their places.
async fn standing(
    tx: &mut Tx,
    ended: &[(usize, &Ended)],
) -> Result<HashMap<usize, Entry>, StoreError> {
    if ended.is_empty() {
        return Ok(HashMap::new());
    }
    let about: Vec<Entry> = ended
        .iter()
        .map(|(_, ended)| ended.entry.as_ref().clone())
        .collect();
    let stands = entries::foresee(tx, &about).await?.into_iter();
    let stands: Vec<(usize, EntryId)> = stands
        .enumerate()
        .filter_map(|(at, addition)| match addition {
            Addition::Duplicate(id) => Some((at, id)),
            Addition::Added | Addition::Restored(_) => None,
        })
        .collect();
    let ids: Vec<EntryId> = stands.iter().map(|(_, id)| *id).collect();
    let stored = entries::get(tx, &ids).await?.into_iter();
    let stored: HashMap<EntryId, Entry> = stored.map(|entry| (entry.id, entry)).collect();
    let stands = stands.into_iter();
    Ok(stands
        .filter_map(|(at, id)| Some((at, stored.get(&id)?.clone())))
        .collect())
}

/// Those of these endings, of which at most one [counts](counted) for each entry, that are news of what stands on the list.
pub(super) async fn met(
    tx: &mut Tx,
    ended: &[(usize, &Ended)],
    of_standing: OfStanding,
    now: Timestamp,
) -> Result<Vec<Met>, StoreError> {
    let stands = standing(tx, ended).await?;
    let mut met = Vec::new();
    for (at, (nth, ended)) in ended.iter().enumerate() {
        let before = stands.get(&at);
        let Some(before) = before.filter(|before| ended.ending.is_news_of(before, now)) else {
            continue;
        };
        let is_theirs = ended.is_origin_of(before);
        let is_kept = is_theirs && {
            let history = changes::of_entry(tx, before.id).await?;
            let by_hand = |change: &EntryChange| !Through::is_of_file(change);
            ended.ending.is_overruled(before, &history, by_hand)
        };
        met.push(Met {
            nth: *nth,
            entry: before.id,
            kind: before.selector.kind,
            value: before.selector.value.clone(),
            standing: before.standing(now),
            ending: ended.ending,
            origin: ended.origin.clone(),
            is_theirs,
            is_kept,
            fields: differences(before, &ended.ending.of(before)),
            is_done: is_theirs && !is_kept && of_standing == OfStanding::Updated,
        });
    }
    Ok(met)
}

/// Ends what is to be ended here, too, each with its history and why. The alerts of what is withdrawn that nobody has closed:
/// from now on nobody is reminded of them.
pub(super) async fn end(
    tx: &mut Tx,
    met: &[Met],
    through: Through<'_>,
    by: &By,
) -> Result<Vec<AlertId>, StoreError> {
    let done: Vec<&Met> = met.iter().filter(|one| one.is_done).collect();
    let ids: Vec<EntryId> = done.iter().map(|one| one.entry).collect();
    // As they stand by now: a row may have said more of them.
    let stored = entries::get(tx, &ids).await?.into_iter();
    let stored: HashMap<EntryId, Entry> = stored.map(|entry| (entry.id, entry)).collect();
    let (mut gone, mut edited, mut history) = (Vec::new(), Vec::new(), Vec::new());
    for one in done {
        let Some(before) = stored.get(&one.entry) else {
            continue;
        };
        let after = one.ending.of(before);
        let origin = one.origin.as_deref().unwrap_or_default();
        let reason = format!(
            "{}: {origin}, {}",
            one.ending.in_words(),
            through.in_words()
        );
        let is_gone = after.state == EntryState::Withdrawn;
        history.push(EntryChange {
            entry: one.entry,
            at: by.at,
            who: by.who.clone(),
            deed: match is_gone {
                true => EntryDeed::Withdrawn,
                false => EntryDeed::Edited,
            },
            fields: differences(before, &after),
            reason: Some(reason.clone()),
        });
        let deed = match is_gone {
            true => "entry.withdraw",
            false => "entry.edit",
        };
        by.log(tx, deed, one.entry.to_string(), &reason).await?;
        match is_gone {
            true => gone.push(one.entry),
            false => edited.push(after),
        }
    }
    if !gone.is_empty() {
        entries::withdraw(tx, &gone).await?;
    }
    if !edited.is_empty() {
        entries::edit(tx, &edited, by.at).await?;
    }
    changes::append(tx, &history).await?;
    chased::left(tx, &gone).await
}
