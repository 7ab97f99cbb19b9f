//! Changes of entries: who did what to which, and when. They only grow.

use std::collections::HashMap;

use sightline_model::{EntryChange, EntryDeed, EntryId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Json, Record},
    tx::EntryChangeId,
};

const COLUMNS: &str = "entry, at, who, deed, fields, reason";

impl Record for EntryChange {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            entry: cells.next()?,
            at: cells.next()?,
            who: cells.next()?,
            deed: cells.next()?,
            fields: cells.json()?,
            reason: cells.next()?,
        })
    }
}

/// Keeps changes, in the transaction that makes them.
pub async fn append(tx: &mut Tx, changes: &[EntryChange]) -> Result<()> {
    let ids = tx.reserve::<EntryChangeId>(changes.len()).await?;
    let rows: Vec<(i64, &EntryChange)> = ids.into_iter().map(|id| id.0).zip(changes).collect();
    for rows in tx.chunks(&rows) {
        let text = format!("INSERT INTO entry_change (organisation, id, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(rows, |(id, change), row| {
                row.put(tx.org).put(*id).put(change.entry).put(change.at);
                row.put(&change.who)
                    .put(change.deed)
                    .put(Json(&change.fields))
                    .put(change.reason.as_ref());
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// All changes of an entry, the first one first.
pub async fn of_entry(tx: &mut Tx, entry: EntryId) -> Result<Vec<EntryChange>> {
    let text = format!(
        "SELECT {COLUMNS} FROM entry_change WHERE organisation = ? AND entry = ? ORDER BY id"
    );
    tx.sql(&text).bind(tx.org).bind(entry).all(tx).await
}

/// How each of these entries was last withdrawn; those that never were are left out.
pub async fn withdrawals(
    tx: &mut Tx,
    entries: &[EntryId],
) -> Result<HashMap<EntryId, EntryChange>> {
    let mut last = HashMap::new();
    for entries in tx.chunks(entries) {
        let text = format!(
            "SELECT {COLUMNS} FROM entry_change WHERE organisation = ? AND deed = ? AND entry IN "
        );
        let sql = tx
            .sql(&text)
            .bind(tx.org)
            .bind(EntryDeed::Withdrawn)
            .list(entries.iter().copied())
            .push(" ORDER BY id");
        for change in sql.all::<EntryChange>(tx).await? {
            last.insert(change.entry, change);
        }
    }
    Ok(last)
}

struct Last(EntryId, Timestamp);

impl Record for Last {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self(cells.next()?, cells.next()?))
    }
}

/// When each of these entries was last changed; those that never were are left out.
pub async fn last(tx: &mut Tx, entries: &[EntryId]) -> Result<HashMap<EntryId, Timestamp>> {
    let mut changed = HashMap::new();
    for entries in tx.chunks(entries) {
        let sql = tx
            .sql("SELECT entry, max(at) FROM entry_change WHERE organisation = ? AND entry IN ")
            .bind(tx.org)
            .list(entries.iter().copied())
            .push(" GROUP BY entry");
        changed.extend(
            sql.all::<Last>(tx)
                .await?
                .into_iter()
                .map(|Last(entry, at)| (entry, at)),
        );
    }
    Ok(changed)
}
