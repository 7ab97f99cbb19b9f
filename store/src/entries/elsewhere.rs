//! The same selector on several lists: an analyst who adds it should know of the others.

use std::collections::HashMap;

use sightline_model::{Entry, EntryId, Selector};

use super::adding::wanted;
use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// An entry of another list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The list's name.
    pub watchlist: String,
    /// The entry.
    pub entry: EntryId,
}

struct Found(Selector, Elsewhere);

impl Record for Found {
    fn read(cells: &mut Cells) -> Result<Self> {
        let selector = Selector {
            kind: cells.next()?,
            value: cells.next()?,
        };
        Ok(Self(
            selector,
            Elsewhere {
                entry: cells.next()?,
                watchlist: cells.next()?,
            },
        ))
    }
}

/// Where the selectors of these entries stand on lists other than their own, by selector; drafts count, what was withdrawn
/// does not. Selectors that stand nowhere else are left out.
pub async fn elsewhere(
    tx: &mut Tx,
    entries: &[Entry],
) -> Result<HashMap<Selector, Vec<Elsewhere>>> {
    let mut found = HashMap::<Selector, Vec<Elsewhere>>::new();
    for entries in tx.chunks(entries) {
        let sql = wanted(tx, entries)
            .push(
                "SELECT entry.kind, entry.value, entry.id, watchlist.name
                   FROM wanted CROSS JOIN entry
                     JOIN watchlist ON watchlist.organisation = entry.organisation AND watchlist.id = entry.watchlist
                   WHERE entry.organisation = ? AND entry.kind = wanted.kind AND entry.value = wanted.value
                     AND entry.watchlist <> wanted.watchlist AND entry.state <> 'withdrawn'
                   ORDER BY watchlist.name",
            )
            .bind(tx.org);
        for Found(selector, other) in sql.all::<Found>(tx).await? {
            found.entry(selector).or_default().push(other);
        }
    }
    Ok(found)
}
