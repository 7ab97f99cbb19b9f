//! Silences: what people do not want to be told for a while, and who said so.

use serde::Serialize;
use sightline_model::{EntryId, SilenceId, Timestamp, WatchlistId};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// What a silence covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// Every alert.
    All,
    /// The alerts of one watchlist.
    Watchlist(WatchlistId),
    /// The alerts of one entry.
    Entry(EntryId),
}

/// A silence over alerts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Silence {
    /// Its identifier.
    pub id: SilenceId,
    /// What it covers.
    pub covers: Covers,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this instant on it is over.
    pub until: Timestamp,
    /// Who made it.
    pub author: String,
    /// Why.
    pub reason: String,
}

impl Silence {
    /// True where it covers alerts of this entry of this list.
    pub fn covers(&self, watchlist: WatchlistId, entry: EntryId) -> bool {
        match self.covers {
            Covers::All => true,
            Covers::Watchlist(covered) => covered == watchlist,
            Covers::Entry(covered) => covered == entry,
        }
    }
}

const COLUMNS: &str = "id, watchlist, entry, created_at, until, author, reason";

impl Record for Silence {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            covers: match (cells.next()?, cells.next()?) {
                (_, Some(entry)) => Covers::Entry(entry),
                (Some(watchlist), None) => Covers::Watchlist(watchlist),
                (None, None) => Covers::All,
            },
            created_at: cells.next()?,
            until: cells.next()?,
            author: cells.next()?,
            reason: cells.next()?,
        })
    }
}

/// Stores a new silence.
pub async fn add(tx: &mut Tx, silence: &Silence) -> Result<()> {
    let (watchlist, entry) = match silence.covers {
        Covers::All => (None, None),
        Covers::Watchlist(id) => (Some(id), None),
        Covers::Entry(id) => (None, Some(id)),
    };
    let text =
        format!("INSERT INTO silence (organisation, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    tx.sql(&text)
        .bind(tx.org)
        .bind(silence.id)
        .bind(watchlist)
        .bind(entry)
        .bind(silence.created_at)
        .bind(silence.until)
        .bind(&silence.author)
        .bind(&silence.reason)
        .run(tx)
        .await?;
    Ok(())
}

/// The silences that hold at `now`.
pub async fn in_force(tx: &mut Tx, now: Timestamp) -> Result<Vec<Silence>> {
    let text = format!(
        "SELECT {COLUMNS} FROM silence WHERE organisation = ? AND until > ? AND created_at <= ? ORDER BY id"
    );
    tx.sql(&text).bind(tx.org).bind(now).bind(now).all(tx).await
}

/// Every silence, past ones too, the latest first.
pub async fn list(tx: &mut Tx, at_most: u32) -> Result<Vec<Silence>> {
    let text =
        format!("SELECT {COLUMNS} FROM silence WHERE organisation = ? ORDER BY id DESC LIMIT ?");
    tx.sql(&text)
        .bind(tx.org)
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// Ends a silence now. False if it is over already, or is not there.
pub async fn end(tx: &mut Tx, id: SilenceId, now: Timestamp) -> Result<bool> {
    let changed = tx
        .sql("UPDATE silence SET until = ? WHERE organisation = ? AND id = ? AND until > ?")
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}
