//! Which sightings of each entry have begun messages lately: what its ceiling is measured by.

use std::{collections::HashMap, time::Duration};

use sightline_model::{EntryId, SightingId, Timestamp};

use crate::{Result, Tx};

/// For so long it is remembered what an entry brought about.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// The instants at which these entries brought about messages in the day before `now`, in order, and those at which messages
/// that gather what is beyond a ceiling are due. What somebody has rejected
/// since does not count: it was none of the entry. Those that brought about none are left out. Hold the entries first.
pub async fn lately(
    tx: &mut Tx,
    entries: &[EntryId],
    now: Timestamp,
) -> Result<HashMap<EntryId, Vec<Timestamp>>> {
    let mut lately = HashMap::<EntryId, Vec<Timestamp>>::new();
    for entries in tx.chunks(entries) {
        let sql = tx
            .sql(
                "SELECT entry_begun.entry, entry_begun.at FROM entry_begun CROSS JOIN sighting
                 WHERE entry_begun.organisation = ? AND sighting.id = entry_begun.sighting AND +sighting.organisation = ?
                   AND sighting.rejected = 0 AND entry_begun.at > ? AND entry_begun.entry IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .bind(now - REMEMBERED)
            .list(entries.iter().copied())
            .push(" ORDER BY entry_begun.entry, entry_begun.at");
        for (entry, at) in sql.all::<(EntryId, Timestamp)>(tx).await? {
            lately.entry(entry).or_default().push(at);
        }
    }
    Ok(lately)
}

/// Keeps that these sightings of entries began messages, each one, and from when on it counts; and forgets what the entries did
/// before the day before.
pub async fn note(
    tx: &mut Tx,
    begun: &[(EntryId, SightingId, Timestamp)],
    now: Timestamp,
) -> Result<()> {
    for begun in tx.chunks(begun) {
        let mut entries: Vec<EntryId> = begun.iter().map(|(entry, ..)| *entry).collect();
        entries.sort_unstable();
        entries.dedup();
        tx.sql("DELETE FROM entry_begun WHERE organisation = ? AND at <= ? AND entry IN ")
            .bind(tx.org)
            .bind(now - REMEMBERED)
            .list(entries.iter().copied())
            .run(tx)
            .await?;
        tx.sql("INSERT INTO entry_begun (organisation, entry, sighting, at) VALUES ")
            .rows(begun, |(entry, sighting, at), row| {
                row.put(tx.org).put(*entry).put(*sighting).put(*at);
            })
            .push(" ON CONFLICT (organisation, entry, at, sighting) DO NOTHING")
            .run(tx)
            .await?;
    }
    Ok(())
}
