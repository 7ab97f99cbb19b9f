//! Legal holds: while one stands, nothing that it covers is purged or erased.
//!
//! A hold is of a case, an entry or an alert. What is held follows by what stands on what: the sightings of a held entry, or
//! of a case's entries; the alerts that hold such a sighting; and whatever these stand on. The two predicates below say so
//! in one place, for purges and for erasures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{AlertId, EntryId, HoldId, ListingId, Timestamp};

use crate::{
    Result, Tx, audit,
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

/// The place of the first deed on anything that a hold covers, the hold's own placing among it; none where there is no such
/// deed. Keeps the log to this transaction, so that no hold is placed behind its back.
///
/// What is held is known by the same words as in an export: alerts, sightings, entries and images by their names wherever these
/// stand, listings and captures by their numbers where they were read. Of captures these are what a sighting was ever judged by, what
/// its listing says and what is seen in it now, its images, and those that have the bodies of any of these.
pub async fn first_deed(tx: &mut Tx) -> Result<Option<u64>> {
    audit::keep(tx).await?;
    let text = format!(
        "WITH standing AS (SELECT id, entry, alert, case_reference FROM hold WHERE organisation = ? AND lifted_at IS NULL),
         named AS (
           SELECT entry AS id FROM standing WHERE entry IS NOT NULL
           UNION SELECT entry.id FROM entry JOIN standing ON standing.case_reference = entry.case_reference
             WHERE entry.organisation = ?),
         told AS (
           SELECT alert AS id FROM standing WHERE alert IS NOT NULL
           UNION SELECT alert.id FROM alert JOIN named ON named.id = alert.entry WHERE alert.organisation = ?
           UNION SELECT alert_sighting.alert FROM alert_sighting
             JOIN sighting ON sighting.id = alert_sighting.sighting
             WHERE alert_sighting.organisation = ? AND {SIGHTING_IS_HELD}),
         seen AS (
           SELECT sighting.id, sighting.entry, sighting.listing, sighting.capture FROM sighting
             JOIN named ON named.id = sighting.entry WHERE sighting.organisation = ?
           UNION SELECT sighting.id, sighting.entry, sighting.listing, sighting.capture FROM sighting
             JOIN alert_sighting ON alert_sighting.sighting = sighting.id
             JOIN told ON told.id = alert_sighting.alert WHERE alert_sighting.organisation = ?),
         pictured AS (
           SELECT image.digest, image.capture FROM image JOIN listing_image ON listing_image.image = image.id
             JOIN seen ON seen.listing = listing_image.listing WHERE listing_image.organisation = ?),
         shown (capture) AS (
           SELECT capture FROM seen UNION SELECT capture FROM pictured
           UNION SELECT sighting_before.capture FROM sighting_before
             JOIN seen ON seen.id = sighting_before.sighting WHERE sighting_before.organisation = ?
           UNION SELECT listing_version.capture FROM listing_version
             JOIN seen ON seen.listing = listing_version.listing WHERE listing_version.organisation = ?
           UNION SELECT observation.capture FROM observation
             JOIN seen ON seen.listing = observation.listing WHERE observation.organisation = ? AND observation.current = 1),
         captured (id) AS (
           SELECT capture FROM shown
           UNION SELECT capture.revisit_of FROM capture
             JOIN shown ON shown.capture = capture.id WHERE capture.organisation = ? AND capture.revisit_of IS NOT NULL),
         held (what, subject) AS (
           SELECT '', id FROM standing UNION SELECT '', id FROM named UNION SELECT '', id FROM told
           UNION SELECT '', id FROM seen UNION SELECT '', entry FROM seen UNION SELECT '', digest FROM pictured
           UNION SELECT 'listing.read', CAST(listing AS TEXT) FROM seen
           UNION SELECT 'capture.read', CAST(id AS TEXT) FROM captured)
         SELECT min(audit.seq) FROM audit JOIN held ON held.subject = audit.subject
           AND (held.what = '' OR held.what = audit.what) WHERE audit.organisation = ?"
    );
    let mut sql = tx.sql(&text);
    for _ in 0..PLACES {
        sql = sql.bind(tx.org);
    }
    let (first,): (Option<i64>,) = sql.one(tx).await?;
    Ok(first.and_then(|first| u64::try_from(first).ok()))
}

/// The places for the organisation in [`first_deed`]'s statement.
const PLACES: usize = 14;
