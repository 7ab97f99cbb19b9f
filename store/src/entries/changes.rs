//! Changes of entries: who did what to which, and when. They only grow.

use sightline_model::{EntryChange, EntryId};

use crate::{
    Result, Tx,
    cell::{Cells, Json, Record},
    tx::EntryChangeId,
};

impl Record for EntryChange {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            entry: cells.next()?,
            at: cells.next()?,
            who: cells.next()?,
            deed: cells.next()?,
            fields: cells.json()?,
        })
    }
}

/// Keeps changes, in the transaction that makes them.
pub async fn append(tx: &mut Tx, changes: &[EntryChange]) -> Result<()> {
    let ids = tx.reserve::<EntryChangeId>(changes.len()).await?;
    let rows: Vec<(i64, &EntryChange)> = ids.into_iter().map(|id| id.0).zip(changes).collect();
    for rows in tx.chunks(&rows) {
        tx.sql("INSERT INTO entry_change (organisation, id, entry, at, who, deed, fields) VALUES ")
            .rows(rows, |(id, change), row| {
                row.put(tx.org).put(*id).put(change.entry).put(change.at);
                row.put(&change.who)
                    .put(change.deed)
                    .put(Json(&change.fields));
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// All changes of an entry, the first one first.
pub async fn of_entry(tx: &mut Tx, entry: EntryId) -> Result<Vec<EntryChange>> {
    tx.sql(
        "SELECT entry, at, who, deed, fields FROM entry_change WHERE organisation = ? AND entry = ? ORDER BY id",
    )
    .bind(tx.org)
    .bind(entry)
    .all(tx)
    .await
}
