//! The patterns that an organisation looks for: what they take together, and which of them nothing can look for.

use sightline_model::{Entry, EntryState, Kind, Problem, Timestamp};
use sightline_store::{
    StoreError, Tx,
    entries::table::{self, Mark, Sort, Wanted},
    generation, watchlists,
};
use sightline_watchlists::Budget;

use crate::Refused;

/// Entries that are read at once.
const AT_ONCE: u32 = 1_000;

/// True of an entry that takes room among the patterns: what has ended takes none.
pub(crate) fn takes_room(entry: &Entry, now: Timestamp) -> bool {
    entry.selector.kind == Kind::Pattern && entry.is_looked_for(now)
}

/// The patterns that stand on any list and are looked for.
async fn standing(tx: &mut Tx, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
    let mut standing = Vec::new();
    for list in watchlists::all(tx).await? {
        let mut wanted = Wanted {
            kind: Some(Kind::Pattern),
            sort: Sort::Newest,
            ..Wanted::of(list.id, EntryState::Active, AT_ONCE)
        };
        loop {
            let page = table::page(tx, &wanted).await?;
            let is_last = page.len() < AT_ONCE as usize;
            wanted.after = page.last().map(|entry| Mark::Newest(entry.id));
            standing.extend(page.into_iter().filter(|entry| takes_room(entry, now)));
            if is_last {
                break;
            }
        }
    }
    Ok(standing)
}

/// Those that are to be looked for and can't be, each with why: an earlier version took them.
pub async fn unusable(tx: &mut Tx, now: Timestamp) -> Result<Vec<(Entry, Problem)>, StoreError> {
    let standing = standing(tx, now).await?.into_iter();
    let broken = standing.filter_map(|entry| {
        let problem = sightline_watchlists::unusable(&entry.selector.value)?;
        Some((entry, problem))
    });
    Ok(broken.collect())
}

/// What the patterns take that stand on any list and are looked for.
pub(crate) async fn budget(tx: &mut Tx, now: Timestamp) -> Result<Budget, StoreError> {
    let standing = standing(tx, now).await?.into_iter();
    Ok(Budget::of(standing.map(|entry| entry.selector.value)))
}

/// What they take, for one who is about to add to it: until this transaction ends nobody else changes entries, so that two do
/// not both take the last of the room.
pub(crate) async fn held_budget(tx: &mut Tx, now: Timestamp) -> Result<Budget, StoreError> {
    generation::shut(tx).await?;
    budget(tx, now).await
}

/// That there is room for these, which are to be looked for from now on, and are written by the same transaction.
///
/// # Errors
/// Where there is none.
pub(crate) async fn have_room(
    tx: &mut Tx,
    entries: &[&Entry],
    now: Timestamp,
) -> Result<(), Refused> {
    if !entries.iter().any(|entry| takes_room(entry, now)) {
        return Ok(());
    }
    let mut budget = held_budget(tx, now).await?;
    for entry in entries.iter().filter(|entry| takes_room(entry, now)) {
        budget.take(&entry.selector.value).map_err(Refused::Wrong)?;
    }
    Ok(())
}
