//! What all patterns that an organisation looks for take together.

use sightline_model::{Entry, EntryState, Kind};
use sightline_store::{
    StoreError, Tx,
    entries::table::{self, Mark, Sort, Wanted},
    watchlists,
};
use sightline_watchlists::Budget;

use crate::Refused;

/// Entries that are read at once.
const AT_ONCE: u32 = 1_000;

/// True of an entry that takes room among the patterns.
pub(crate) fn takes_room(entry: &Entry) -> bool {
    entry.selector.kind == Kind::Pattern && entry.state == EntryState::Active
}

/// What the patterns take that stand on any list and are looked for.
pub(crate) async fn budget(tx: &mut Tx) -> Result<Budget, StoreError> {
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
            standing.extend(page.into_iter().map(|entry| entry.selector.value));
            if is_last {
                break;
            }
        }
    }
    Ok(Budget::of(standing))
}

/// That there is room for these, which are to be looked for from now on.
///
/// # Errors
/// Where there is none.
pub(crate) async fn have_room(tx: &mut Tx, entries: &[&Entry]) -> Result<(), Refused> {
    if !entries.iter().any(|entry| takes_room(entry)) {
        return Ok(());
    }
    let mut budget = budget(tx).await?;
    for entry in entries.iter().filter(|entry| takes_room(entry)) {
        budget.take(&entry.selector.value).map_err(Refused::Wrong)?;
    }
    Ok(())
}
