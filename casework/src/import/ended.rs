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

/// Those of `ended`, each with the place of its row, that are news of what stands on the list.
pub(super) async fn met(
    tx: &mut Tx,
    ended: &[(usize, Ended)],
    of_standing: OfStanding,
    now: Timestamp,
) -> Result<Vec<Met>, StoreError> {
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let about: Vec<Entry> = ended
        .iter()
        .map(|(_, ended)| ended.entry.as_ref().clone())
        .collect();
    let stands = entries::foresee(tx, &about).await?;
    let stands: HashMap<usize, EntryId> = stands
        .into_iter()
        .enumerate()
        .filter_map(|(at, addition)| match addition {
            Addition::Duplicate(id) => Some((at, id)),
            Addition::Added | Addition::Restored(_) => None,
        })
        .collect();
    let ids: Vec<EntryId> = stands.values().copied().collect();
    let stored = entries::get(tx, &ids).await?.into_iter();
    let stored: HashMap<EntryId, Entry> = stored.map(|entry| (entry.id, entry)).collect();
    let mut met = Vec::new();
    for (at, (nth, ended)) in ended.iter().enumerate() {
        let Some(before) = stands.get(&at).and_then(|id| stored.get(id)) else {
            continue;
        };
        if !ended.ending.is_news_of(before, now) {
            continue;
        }
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
    Ok(one_each(met))
}

/// Of several endings of one entry the one that counts: of where it came from rather than of others, taken back or deleted
/// rather than run out; of those that are equal the first.
fn one_each(met: Vec<Met>) -> Vec<Met> {
    let mut places: HashMap<EntryId, usize> = HashMap::new();
    let mut counts: Vec<Met> = Vec::with_capacity(met.len());
    for one in met {
        let weight = |one: &Met| (one.is_theirs, one.ending.is_final());
        match places.get(&one.entry) {
            Some(&at) if weight(&one) > weight(&counts[at]) => counts[at] = one,
            Some(_) => {}
            None => {
                places.insert(one.entry, counts.len());
                counts.push(one);
            }
        }
    }
    counts
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
