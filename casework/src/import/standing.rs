//! Entries that stand on a list already when a file comes with them: what it says otherwise, left or taken over.

use std::collections::HashMap;

use sightline_model::{
    Entry, EntryChange, EntryDeed, EntryId, EntryStanding, EntryState, FieldChange, Timestamp,
};
use sightline_store::{
    StoreError, Tx,
    entries::{self, Addition, changes},
};
use sightline_watchlists::entry::{differences, kept_against, taken_over};

use super::Read;
use crate::{
    By, Refused,
    entry::{Through, stays_held},
    graver,
};

/// What becomes of entries that stand on the list already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OfStanding {
    /// They are left as they are; what the file says otherwise is told.
    #[default]
    Left,
    /// They take over what the file says.
    Updated,
}

/// What is told of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Stood {
    pub standing: EntryStanding,
    pub expired_at: Option<Timestamp>,
    /// What is different by the file.
    pub fields: Vec<FieldChange>,
    /// What the file says that protects people less, and is never taken over.
    pub stays: Vec<FieldChange>,
    /// True where that was taken over, or would be.
    pub is_updated: bool,
}

/// One as it stands, and with what the file says of it.
pub(super) struct Known {
    /// Its place among what was read.
    index: usize,
    before: Entry,
    after: Entry,
    fields: Vec<FieldChange>,
    stays: Vec<FieldChange>,
}

impl Known {
    pub fn told(&self, of_standing: OfStanding, now: Timestamp) -> (usize, Stood) {
        let stood = Stood {
            standing: self.before.standing(now),
            expired_at: self.before.expires_at.filter(|at| *at <= now),
            fields: self.fields.clone(),
            stays: self.stays.clone(),
            is_updated: of_standing == OfStanding::Updated && !self.fields.is_empty(),
        };
        (self.index, stood)
    }
}

/// What stands on the list already of what was read from `first` on, of which `additions` tell.
pub(super) async fn known(
    tx: &mut Tx,
    read: &Read,
    first: usize,
    additions: &[Addition],
    now: Timestamp,
) -> Result<Vec<Known>, StoreError> {
    let stands = additions.iter().enumerate();
    let stands = stands.filter_map(|(nth, addition)| match addition {
        Addition::Duplicate(id) => Some((first + nth, *id)),
        Addition::Added | Addition::Restored(_) => None,
    });
    let stands: Vec<(usize, EntryId)> = stands.collect();
    let ids: Vec<EntryId> = stands.iter().map(|(_, id)| *id).collect();
    let stored = entries::get(tx, &ids).await?.into_iter();
    let mut stored: HashMap<EntryId, Entry> = stored.map(|entry| (entry.id, entry)).collect();
    let mut known = Vec::with_capacity(stands.len());
    for (index, id) in stands {
        let Some(before) = stored.remove(&id) else {
            continue;
        };
        let (row, given) = (&read.ready[index], read.given[index]);
        let mut after = taken_over(&before, row, given, now);
        if after.case_reference != before.case_reference {
            match stays_held(tx, &before).await {
                Ok(()) => {}
                Err(Refused::Store(error)) => return Err(error),
                // A hold over its case keeps it there.
                Err(_) => after.case_reference.clone_from(&before.case_reference),
            }
        }
        known.push(Known {
            index,
            fields: differences(&before, &after),
            stays: kept_against(&before, row, given, now),
            before,
            after,
        });
    }
    Ok(known)
}

/// Has them take over what the file says, each with its history. How many are different for it.
pub(super) async fn update(
    tx: &mut Tx,
    known: &[Known],
    through: Through<'_>,
    by: &By,
) -> Result<usize, StoreError> {
    let different: Vec<&Known> = known.iter().filter(|one| !one.fields.is_empty()).collect();
    let afters: Vec<Entry> = different.iter().map(|one| one.after.clone()).collect();
    let changes: Vec<EntryChange> = different
        .iter()
        .map(|one| EntryChange {
            entry: one.before.id,
            at: by.at,
            who: by.who.clone(),
            deed: match (one.before.state, one.after.state) {
                (EntryState::Draft, EntryState::Active) => EntryDeed::Activated,
                _ => EntryDeed::Edited,
            },
            fields: one.fields.clone(),
            reason: Some(through.in_words()),
        })
        .collect();
    entries::edit(tx, &afters, by.at).await?;
    changes::append(tx, &changes).await?;
    for one in &different {
        if one.before.severity != one.after.severity {
            graver::hasten(tx, &one.before, &one.after, by).await?;
        }
    }
    Ok(different.len())
}
