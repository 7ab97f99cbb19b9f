//! How many messages each entry has brought about lately: what its ceiling is measured by.

use std::{collections::HashMap, time::Duration};

use sightline_model::{EntryId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// For so long it is remembered what an entry brought about.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

struct Row(EntryId, Timestamp, i64);

impl Record for Row {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self(cells.next()?, cells.next()?, cells.next()?))
    }
}

/// The instants at which these entries brought about messages in the day before `now`, each as often as there were; in
/// order. Those that brought about none are left out. Hold the entries first.
pub async fn lately(
    tx: &mut Tx,
    entries: &[EntryId],
    now: Timestamp,
) -> Result<HashMap<EntryId, Vec<Timestamp>>> {
    let mut lately = HashMap::<EntryId, Vec<Timestamp>>::new();
    for entries in tx.chunks(entries) {
        let sql = tx
            .sql("SELECT entry, at, messages FROM entry_told WHERE organisation = ? AND at > ? AND entry IN ")
            .bind(tx.org)
            .bind(now - REMEMBERED)
            .list(entries.iter().copied())
            .push(" ORDER BY entry, at");
        for Row(entry, at, messages) in sql.all::<Row>(tx).await? {
            let messages = usize::try_from(messages).unwrap_or(0);
            let of_entry = lately.entry(entry).or_default();
            of_entry.extend(std::iter::repeat_n(at, messages));
        }
    }
    Ok(lately)
}

/// Keeps that entries brought about so many messages at `now`, and forgets what they did before the day before. Each is
/// named once.
pub async fn note(tx: &mut Tx, told: &[(EntryId, u32)], now: Timestamp) -> Result<()> {
    for told in tx.chunks(told) {
        tx.sql("DELETE FROM entry_told WHERE organisation = ? AND at <= ? AND entry IN ")
            .bind(tx.org)
            .bind(now - REMEMBERED)
            .list(told.iter().map(|(entry, _)| *entry))
            .run(tx)
            .await?;
        tx.sql("INSERT INTO entry_told (organisation, entry, at, messages) VALUES ")
            .rows(told, |(entry, messages), row| {
                row.put(tx.org).put(*entry).put(now).put(*messages);
            })
            .push(
                " ON CONFLICT (organisation, entry, at)
                  DO UPDATE SET messages = entry_told.messages + excluded.messages",
            )
            .run(tx)
            .await?;
    }
    Ok(())
}
