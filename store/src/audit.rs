//! The audit log: who did what, and why it was allowed. It only grows.

use serde::Serialize;
use sightline_model::Timestamp;

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record},
    tx::AuditId,
};

/// Something that was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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

/// Writes a deed into the log, in the transaction that does it.
pub async fn append(tx: &mut Tx, deed: &Deed) -> Result<()> {
    for AuditId(id) in tx.reserve::<AuditId>(1).await? {
        tx.sql("INSERT INTO audit (organisation, id, at, who, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(tx.org)
            .bind(id)
            .bind(deed.at)
            .bind(&deed.who)
            .bind(&deed.what)
            .bind(&deed.subject)
            .bind(&deed.detail)
            .run(tx)
            .await?;
    }
    Ok(())
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
