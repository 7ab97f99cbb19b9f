//! Legal holds: while one stands, nothing that it covers is purged or erased.
//!
//! A hold is of a case, an entry or an alert. What is held follows by what stands on what: the sightings of a held entry, or
//! of a case's entries; the alerts that hold such a sighting; and whatever these stand on. The two predicates below say so
//! in one place, for purges and for erasures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{AlertId, EntryId, HoldId, ListingId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// True of a `sighting` under a hold: two places for the organisation.
pub(crate) const SIGHTING_IS_HELD: &str = "EXISTS (
    SELECT 1 FROM hold WHERE hold.organisation = ? AND hold.lifted_at IS NULL AND (
      hold.entry = sighting.entry
      OR hold.case_reference = (SELECT entry.case_reference FROM entry WHERE entry.id = sighting.entry)
      OR hold.alert IN (SELECT held.alert FROM alert_sighting AS held
                        WHERE held.organisation = ? AND held.sighting = sighting.id)))";

/// What is held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// All entries that name this case.
    Case(String),
    /// An entry.
    Entry(EntryId),
    /// An alert.
    Alert(AlertId),
}

/// A legal hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Hold {
    /// Its identifier.
    pub id: HoldId,
    /// What it is of.
    pub of: Held,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// By whom.
    pub placed_by: String,
    /// Why.
    pub reason: String,
    /// How it ended; none while it stands.
    pub lifted: Option<Lifted>,
}

/// How a hold ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Lifted {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
}

const COLUMNS: &str = "hold.id, hold.case_reference, hold.entry, hold.alert, hold.placed_at, hold.placed_by, hold.reason, \
                       hold.lifted_at, hold.lifted_by, hold.lifted_why";

impl Record for Hold {
    fn read(cells: &mut Cells) -> Result<Self> {
        let id = cells.next()?;
        let (case, entry): (Option<String>, Option<EntryId>) = (cells.next()?, cells.next()?);
        let alert: Option<AlertId> = cells.next()?;
        let of = match (case, entry, alert) {
            (_, Some(entry), _) => Held::Entry(entry),
            (_, _, Some(alert)) => Held::Alert(alert),
            (case, ..) => Held::Case(case.unwrap_or_default()),
        };
        let (placed_at, placed_by, reason) = (cells.next()?, cells.next()?, cells.next()?);
        let at: Option<Timestamp> = cells.next()?;
        let (by, why): (Option<String>, Option<String>) = (cells.next()?, cells.next()?);
        let lifted = at.map(|at| Lifted {
            at,
            by: by.unwrap_or_default(),
            why: why.unwrap_or_default(),
        });
        Ok(Self {
            id,
            of,
            placed_at,
            placed_by,
            reason,
            lifted,
        })
    }
}

/// Stores a new hold.
pub async fn place(tx: &mut Tx, hold: &Hold) -> Result<()> {
    let (case, entry, alert) = match &hold.of {
        Held::Case(case) => (Some(case), None, None),
        Held::Entry(entry) => (None, Some(*entry), None),
        Held::Alert(alert) => (None, None, Some(*alert)),
    };
    tx.sql(
        "INSERT INTO hold (organisation, id, case_reference, entry, alert, placed_at, placed_by, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(tx.org)
    .bind(hold.id)
    .bind(case)
    .bind(entry)
    .bind(alert)
    .bind(hold.placed_at)
    .bind(&hold.placed_by)
    .bind(&hold.reason)
    .run(tx)
    .await?;
    Ok(())
}

/// Ends a hold; false where none of that identifier stands.
pub async fn lift(tx: &mut Tx, id: HoldId, lifted: &Lifted) -> Result<bool> {
    tx.sql(
        "UPDATE hold SET lifted_at = ?, lifted_by = ?, lifted_why = ?
         WHERE organisation = ? AND id = ? AND lifted_at IS NULL",
    )
    .bind(lifted.at)
    .bind(&lifted.by)
    .bind(&lifted.why)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// Holds, the latest first, from the one behind `after` on: those that stand, or all that ever were.
pub async fn list(
    tx: &mut Tx,
    which: Which,
    after: Option<HoldId>,
    limit: u32,
) -> Result<Vec<Hold>> {
    let text = format!("SELECT {COLUMNS} FROM hold WHERE hold.organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push(match which {
            Which::Standing => " AND hold.lifted_at IS NULL",
            Which::All => "",
        })
        .push_if(" AND hold.id < ?", after)
        .push(" ORDER BY hold.id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// Which holds are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Those that stand.
    Standing,
    /// Lifted ones too.
    All,
}

/// The holds that stand over any sighting in these listings, and so over the listings and what they stand on.
pub async fn over_listings(tx: &mut Tx, listings: &[ListingId]) -> Result<Vec<Hold>> {
    let mut holds: Vec<Hold> = Vec::new();
    for listings in tx.chunks(listings) {
        let text = format!(
            "SELECT DISTINCT {COLUMNS} FROM hold
             WHERE hold.organisation = ? AND hold.lifted_at IS NULL AND EXISTS (
               SELECT 1 FROM sighting WHERE sighting.organisation = ? AND (
                 hold.entry = sighting.entry
                 OR hold.case_reference = (SELECT entry.case_reference FROM entry WHERE entry.id = sighting.entry)
                 OR hold.alert IN (SELECT held.alert FROM alert_sighting AS held
                                   WHERE held.organisation = ? AND held.sighting = sighting.id))
                 AND sighting.listing IN "
        );
        let sql = tx.sql(&text).bind(tx.org).bind(tx.org).bind(tx.org);
        let found: Vec<Hold> = sql.list(listings.iter().copied()).push(")").all(tx).await?;
        holds.extend(found);
    }
    holds.sort_by_key(|hold| hold.id);
    holds.dedup();
    Ok(holds)
}

/// The holds that stand over entries themselves: by name, or by the case.
pub async fn over_entries(tx: &mut Tx, entries: &[EntryId]) -> Result<Vec<Hold>> {
    let mut holds: Vec<Hold> = Vec::new();
    for entries in tx.chunks(entries) {
        let text = format!(
            "SELECT DISTINCT {COLUMNS} FROM hold JOIN entry
               ON hold.entry = entry.id OR hold.case_reference = entry.case_reference
                 OR hold.alert IN (SELECT alert.id FROM alert WHERE alert.organisation = ? AND alert.entry = entry.id)
             WHERE hold.organisation = ? AND entry.organisation = ? AND hold.lifted_at IS NULL AND entry.id IN "
        );
        let sql = tx.sql(&text).bind(tx.org).bind(tx.org).bind(tx.org);
        holds.extend(sql.list(entries.iter().copied()).all::<Hold>(tx).await?);
    }
    holds.sort_by_key(|hold| hold.id);
    holds.dedup();
    Ok(holds)
}
