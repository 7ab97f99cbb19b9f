//! The audit log: who did what, and why it was allowed. It only grows, and tells if it was made to do otherwise: each
//! organisation's deeds are a chain of hashes, and the leaves of a tree whose root can be signed.

mod chain;
pub mod tree;
mod verify;

pub use chain::{Head, begin_at, head};
pub(crate) use chain::{begin, keep, write};
pub use verify::{Fault, Report, Signed, verify};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::Timestamp;

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record},
};

/// Something that was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// By whom: a person's name, or `sightline`.
    pub who: String,
    /// What, as a stable word: `watchlist.import`, `source.robots_override`.
    pub what: String,
    /// To what, by its name or identifier.
    pub subject: String,
    /// The particulars, and the reason given.
    pub detail: String,
}

/// A deed with its number in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Logged {
    /// Its number; later deeds have higher ones.
    pub id: i64,
    /// What was done.
    #[serde(flatten)]
    pub deed: Deed,
}

impl Record for Logged {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            deed: Deed {
                at: cells.next()?,
                who: cells.next()?,
                what: cells.next()?,
                subject: cells.next()?,
                detail: cells.next()?,
            },
        })
    }
}

/// Writes a deed into the log, in the transaction that does it: as the last of all, when that is committed. Until then the
/// log does not show it.
pub async fn append(tx: &mut Tx, deed: &Deed) -> Result<()> {
    tx.log(deed.clone());
    Ok(())
}

/// A deed at its place in the chain, as people and programs are shown it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Placed {
    /// The deed.
    #[serde(flatten)]
    pub logged: Logged,
    /// Its place in the chain, from 0; none where it has none.
    pub place: Option<i64>,
    /// The hash of the deed before it.
    pub previous: Option<String>,
    /// Its own.
    pub hash: Option<String>,
}

impl Record for Placed {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            logged: Logged::read(cells)?,
            place: cells.next()?,
            previous: cells.next()?,
            hash: cells.next()?,
        })
    }
}

/// One deed by its number.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Placed>> {
    tx.sql("SELECT id, at, who, what, subject, detail, seq, previous, hash FROM audit WHERE +organisation = ? AND id = ?")
        .bind(tx.org)
        .bind(id)
        .optional(tx)
        .await
}

/// How many deeds were done before this instant, and none after it: the first place of one that was done since, or the
/// log's end.
pub async fn places_before(tx: &mut Tx, instant: Timestamp) -> Result<u64> {
    let (first,): (Option<i64>,) = tx
        .sql("SELECT min(seq) FROM audit WHERE organisation = ? AND at >= ?")
        .bind(tx.org)
        .bind(instant)
        .one(tx)
        .await?;
    match first {
        Some(first) => Ok(u64::try_from(first).unwrap_or(0)),
        None => Ok(head(tx).await?.map_or(0, |head| head.tree.size())),
    }
}

/// From where on a log is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Kept {
    /// The first place; 0 where no deed was let go.
    pub place: u64,
    /// When its deed was done.
    pub since: Option<Timestamp>,
}

/// From where on the log is kept: what was done before was let go.
pub async fn kept(tx: &mut Tx) -> Result<Kept> {
    let since: Option<(Timestamp,)> = tx
        .sql("SELECT at FROM audit WHERE organisation = ? AND seq IS NOT NULL ORDER BY seq LIMIT 1")
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(Kept {
        place: head(tx).await?.map_or(0, |head| head.start.size()),
        since: since.map(|(at,)| at),
    })
}

/// The log, the latest first; `state` is the word for what was done.
pub async fn list(tx: &mut Tx, filter: &Filter<i64>) -> Result<Vec<Logged>> {
    tx.sql("SELECT id, at, who, what, subject, detail FROM audit WHERE organisation = ?")
        .bind(tx.org)
        .push_if(" AND at >= ?", filter.since)
        .push_if(" AND what = ?", filter.state)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}

/// What was done to any of these, the first first.
pub async fn of_subjects(tx: &mut Tx, subjects: &[String]) -> Result<Vec<Placed>> {
    let mut found: Vec<Placed> = Vec::new();
    for subjects in tx.chunks(subjects) {
        let sql = tx
            .sql("SELECT id, at, who, what, subject, detail, seq, previous, hash FROM audit WHERE organisation = ? AND subject IN ")
            .bind(tx.org)
            .list(subjects.iter());
        found.extend(sql.all::<Placed>(tx).await?);
    }
    found.sort_unstable_by_key(|placed| placed.logged.id);
    Ok(found)
}

/// Which deeds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// By this person.
    pub who: Option<String>,
    /// This was done.
    pub what: Option<String>,
    /// To any of these; to anything where none is named.
    pub subjects: Vec<String>,
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// The number of the last one of the page before.
    pub after: Option<i64>,
    /// Deeds at most.
    pub limit: u32,
}

/// A page of the log, the latest first. Instants are looked up as numbers first: numbers grow with time, and each filter
/// has its index by them.
pub async fn page(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Logged>> {
    let mut before = wanted.after;
    if let Some(until) = wanted.until {
        let first: Option<(i64,)> = tx
            .sql("SELECT id FROM audit WHERE organisation = ? AND at >= ? ORDER BY at, id LIMIT 1")
            .bind(tx.org)
            .bind(until)
            .optional(tx)
            .await?;
        if let Some((first,)) = first {
            before = Some(before.map_or(first, |before| before.min(first)));
        }
    }
    let mut from = None;
    if let Some(since) = wanted.since {
        let first: Option<(i64,)> = tx
            .sql("SELECT id FROM audit WHERE organisation = ? AND at >= ? ORDER BY at, id LIMIT 1")
            .bind(tx.org)
            .bind(since)
            .optional(tx)
            .await?;
        match first {
            Some((first,)) => from = Some(first),
            None => return Ok(Vec::new()),
        }
    }
    let is_filtered = wanted.who.is_some() || wanted.what.is_some() || !wanted.subjects.is_empty();
    let text = match is_filtered {
        true => "SELECT id, at, who, what, subject, detail FROM audit WHERE organisation = ?",
        false => "SELECT id, at, who, what, subject, detail FROM audit WHERE +organisation = ?",
    };
    let mut sql = tx
        .sql(text)
        .bind(tx.org)
        .push_if(" AND who = ?", wanted.who.as_ref())
        .push_if(" AND what = ?", wanted.what.as_ref());
    if !wanted.subjects.is_empty() {
        sql = sql.push(" AND subject IN ").list(wanted.subjects.iter());
    }
    sql.push_if(" AND id >= ?", from)
        .push_if(" AND id < ?", before)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(wanted.limit))
        .all(tx)
        .await
}
