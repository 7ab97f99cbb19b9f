//! Entries put on their lists: each identifier stands on a list once, and what was withdrawn comes back under its old
//! identifier.

use std::collections::HashMap;

use sightline_model::{Entry, EntryId, EntryState, Selector, WatchlistId};

use super::{Hunt, get, insert, overwrite};
use crate::{
    Result, Tx,
    cell::{Cells, Record},
    generation,
    sql::Sql,
};

/// What became of an entry that was to be added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Addition {
    /// It stands on its list now.
    Added,
    /// It had been withdrawn, and stands there again under its old identifier, with what was given now. It is hunted anew.
    /// Here is what it said before: [`changes`](super::changes) keep what is different.
    Restored(Box<Entry>),
    /// The list has it already; that one was left as it is.
    Duplicate(EntryId),
}

/// Adds entries to their lists, each identifier once on a list. For each of `entries`, in order, what became of it.
pub async fn add(tx: &mut Tx, entries: &[Entry]) -> Result<Vec<Addition>> {
    let generation = generation::next(tx).await?;
    let outcomes = foresee(tx, entries).await?;
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for (entry, outcome) in entries.iter().zip(&outcomes) {
        match outcome {
            Addition::Added => new.push(entry),
            Addition::Restored(before) => again.push((before.id, entry)),
            Addition::Duplicate(_) => {}
        }
    }
    insert(tx, &new, generation).await?;
    overwrite(tx, &again, Hunt::Anew, generation).await?;
    if !(new.is_empty() && again.is_empty()) {
        generation::set(tx, generation).await?;
    }
    Ok(outcomes)
}

/// What would become of each of `entries`, were they added now. Only reads.
pub async fn foresee(tx: &mut Tx, entries: &[Entry]) -> Result<Vec<Addition>> {
    let standing = standing(tx, entries).await?;
    let known = |entry: &Entry| {
        standing
            .get(&entry.watchlist)?
            .get(&entry.selector)
            .copied()
    };
    let gone: Vec<EntryId> = entries
        .iter()
        .filter_map(known)
        .filter(|(_, state)| *state == EntryState::Withdrawn)
        .map(|(id, _)| id)
        .collect();
    let gone = get(tx, &gone).await?.into_iter();
    let mut gone: HashMap<EntryId, Entry> = gone.map(|entry| (entry.id, entry)).collect();
    let mut met = HashMap::<(WatchlistId, &Selector), EntryId>::new();
    let mut outcomes = Vec::with_capacity(entries.len());
    for entry in entries {
        let key = (entry.watchlist, &entry.selector);
        let known = known(entry).map(|(id, _)| id);
        let before = known.and_then(|id| gone.remove(&id));
        outcomes.push(match (before, known, met.get(&key)) {
            // A repetition within the slice: its first has taken the place.
            (_, _, Some(&id)) => Addition::Duplicate(id),
            (Some(before), _, None) => {
                met.insert(key, before.id);
                Addition::Restored(Box::new(before))
            }
            (None, Some(id), None) => Addition::Duplicate(id),
            (None, None, None) => {
                met.insert(key, entry.id);
                Addition::Added
            }
        });
    }
    Ok(outcomes)
}

/// The beginning of a statement that looks for the lists and selectors of entries, as the table `wanted`.
pub(super) fn wanted(tx: &Tx, entries: &[Entry]) -> Sql {
    tx.sql("WITH wanted (watchlist, kind, value) AS (VALUES ")
        .rows(entries, |entry, row| {
            row.put(entry.watchlist)
                .put(entry.selector.kind)
                .put(&entry.selector.value);
        })
        .push(") ")
}

type Standing = HashMap<WatchlistId, HashMap<Selector, (EntryId, EntryState)>>;

/// What stands on the lists already of what is to be added.
async fn standing(tx: &mut Tx, entries: &[Entry]) -> Result<Standing> {
    let mut found = Standing::new();
    for entries in tx.chunks(entries) {
        let sql = wanted(tx, entries)
            .push(
                "SELECT entry.watchlist, entry.kind, entry.value, entry.id, entry.state
                   FROM wanted CROSS JOIN entry
                   WHERE entry.organisation = ? AND entry.watchlist = wanted.watchlist
                     AND entry.kind = wanted.kind AND entry.value = wanted.value",
            )
            .bind(tx.org);
        for Stands {
            list,
            selector,
            id,
            state,
        } in sql.all::<Stands>(tx).await?
        {
            found.entry(list).or_default().insert(selector, (id, state));
        }
    }
    Ok(found)
}

struct Stands {
    list: WatchlistId,
    selector: Selector,
    id: EntryId,
    state: EntryState,
}

impl Record for Stands {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            list: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            id: cells.next()?,
            state: cells.next()?,
        })
    }
}
