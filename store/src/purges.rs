//! Purges: what has been kept for as long as it is to be kept, taken out class by class, a few rows at a time.
//!
//! What may go is said once for each class, by [`Class::may_go`]: what is older than the period, that nothing kept stands on,
//! and that is not held. An alert keeps its sightings; a sighting keeps its listing, with all that was observed in it; a
//! listing keeps its images and the captures that it was read from. So a period counts from the day on which nothing stands
//! on something any more.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{
    AlertId, CaptureId, ImageId, ListingId, Mint, ObservationId, ReceiptId, SightingId, Timestamp,
};

use sqlx::any::AnyRow;

use crate::{
    Result, Tx,
    cell::{Cells, Get, Put, Record},
    erasures::sha256,
    holds::SIGHTING_IS_HELD,
    removing,
    sql::Values,
};

/// What is kept for a period of its own. In the order in which they are purged: what stands on something goes before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Closed alerts, from when they were closed.
    Alerts,
    /// Sightings that no alert holds, from when the entry was last seen there.
    Sightings,
    /// Observations that listings without sightings no longer show, from when they were last seen.
    Observations,
    /// Listings without sightings, from when they were last seen.
    Listings,
    /// Images that no listing shows, from when they were first seen.
    Images,
    /// Captures that nothing was read from which is kept, from when they were fetched.
    Captures,
}

impl Class {
    /// Every one, in the order in which they are purged.
    pub const ALL: [Self; 6] = [
        Self::Alerts,
        Self::Sightings,
        Self::Observations,
        Self::Listings,
        Self::Images,
        Self::Captures,
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Sightings => "sightings",
            Self::Observations => "observations",
            Self::Listings => "listings",
            Self::Images => "images",
            Self::Captures => "captures",
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::Alerts => "alert",
            Self::Sightings => "sighting",
            Self::Observations => "observation",
            Self::Listings => "listing",
            Self::Images => "image",
            Self::Captures => "capture",
        }
    }

    /// When something of it may go. The first place is for the instant, the others for the organisation.
    fn may_go(self) -> String {
        match self {
            Self::Alerts => format!(
                "alert.state = 'closed' AND alert.closed_at < ?
                 AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.organisation = ?
                                 AND delivery.alert = alert.id AND delivery.state = 'pending')
                 AND NOT EXISTS (SELECT 1 FROM hold WHERE hold.organisation = ? AND hold.lifted_at IS NULL
                   AND (hold.alert = alert.id OR hold.entry = alert.entry OR hold.case_reference =
                     (SELECT entry.case_reference FROM entry WHERE entry.id = alert.entry)))
                 AND NOT EXISTS (SELECT 1 FROM alert_sighting JOIN sighting ON sighting.id = alert_sighting.sighting
                   WHERE alert_sighting.organisation = ? AND alert_sighting.alert = alert.id AND {SIGHTING_IS_HELD})"
            ),
            Self::Sightings => format!(
                "(SELECT CASE WHEN sighting.current = 1 AND listing.last_seen > sighting.last_seen
                    THEN listing.last_seen ELSE sighting.last_seen END
                  FROM listing WHERE listing.id = sighting.listing) < ?
                 AND NOT EXISTS (SELECT 1 FROM alert_sighting WHERE alert_sighting.organisation = ?
                                 AND alert_sighting.sighting = sighting.id)
                 AND NOT {SIGHTING_IS_HELD}"
            ),
            Self::Observations => "observation.current = 0 AND observation.seen_at < ?
                 AND NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.organisation = ?
                                 AND sighting.listing = observation.listing)"
                .to_owned(),
            Self::Listings => "listing.last_seen < ?
                 AND NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.organisation = ?
                                 AND sighting.listing = listing.id)"
                .to_owned(),
            Self::Images => "image.first_seen < ?
                 AND NOT EXISTS (SELECT 1 FROM listing_image WHERE listing_image.organisation = ?
                                 AND listing_image.image = image.id)"
                .to_owned(),
            Self::Captures => "capture.fetched_at < ?
                 AND NOT EXISTS (SELECT 1 FROM listing_version WHERE listing_version.organisation = ?
                                 AND listing_version.capture = capture.id)
                 AND NOT EXISTS (SELECT 1 FROM observation WHERE observation.organisation = ?
                                 AND observation.capture = capture.id)
                 AND NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.organisation = ?
                                 AND sighting.capture = capture.id)
                 AND NOT EXISTS (SELECT 1 FROM sighting_before WHERE sighting_before.organisation = ?
                                 AND sighting_before.capture = capture.id)
                 AND NOT EXISTS (SELECT 1 FROM image WHERE image.organisation = ? AND image.capture = capture.id)
                 AND NOT EXISTS (SELECT 1 FROM capture AS later WHERE later.organisation = ?
                                 AND later.revisit_of = capture.id)"
                .to_owned(),
        }
    }
}

impl std::str::FromStr for Class {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|class| class.as_str() == word)
            .ok_or_else(|| format!("'{word}' is no class of what is kept"))
    }
}

/// What a purge did to one class.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Receipt {
    /// Its identifier.
    pub id: ReceiptId,
    /// What was purged.
    pub class: Class,
    /// What is from before this instant.
    pub up_to: Timestamp,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it was done; none while it is under way, or was stopped and goes on.
    pub finished_at: Option<Timestamp>,
    /// The last that was looked at.
    #[serde(skip)]
    pub place: String,
    /// How many are gone.
    pub gone: i64,
    /// SHA-256 over their identifiers, each with a line break behind it, in the order in which they went, each part over
    /// the digest of the parts before it.
    pub digest: String,
}

const COLUMNS: &str = "id, class, up_to, begun_at, finished_at, place, gone, digest";

impl Record for Receipt {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            class: cells.next()?,
            up_to: cells.next()?,
            begun_at: cells.next()?,
            finished_at: cells.next()?,
            place: cells.next()?,
            gone: cells.next()?,
            digest: cells.next()?,
        })
    }
}

/// Receipts, the latest first, from the one behind `after` on.
pub async fn list(tx: &mut Tx, after: Option<ReceiptId>, limit: u32) -> Result<Vec<Receipt>> {
    let text = format!("SELECT {COLUMNS} FROM purge_receipt WHERE organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND id < ?", after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// The purge of a class that is under way or was stopped.
pub async fn unfinished(tx: &mut Tx, class: Class) -> Result<Option<Receipt>> {
    let text = format!(
        "SELECT {COLUMNS} FROM purge_receipt WHERE organisation = ? AND class = ? AND finished_at IS NULL"
    );
    tx.sql(&text).bind(tx.org).bind(class).optional(tx).await
}

/// The latest purge of a class that came to its end.
pub async fn last(tx: &mut Tx, class: Class) -> Result<Option<Receipt>> {
    let text = format!(
        "SELECT {COLUMNS} FROM purge_receipt WHERE organisation = ? AND class = ? AND finished_at IS NOT NULL
         ORDER BY id DESC LIMIT 1"
    );
    tx.sql(&text).bind(tx.org).bind(class).optional(tx).await
}

/// Begins a purge of a class, or goes on with the one that was stopped.
pub async fn begin(
    tx: &mut Tx,
    class: Class,
    up_to: Timestamp,
    now: Timestamp,
    mint: &Mint,
) -> Result<Receipt> {
    if let Some(stopped) = unfinished(tx, class).await? {
        return Ok(stopped);
    }
    let begun = Receipt {
        id: mint.id(now),
        class,
        up_to,
        begun_at: now,
        finished_at: None,
        place: String::new(),
        gone: 0,
        digest: String::new(),
    };
    tx.sql(
        "INSERT INTO purge_receipt (organisation, id, class, up_to, begun_at, place, gone, digest)
         VALUES (?, ?, ?, ?, ?, '', 0, '')",
    )
    .bind(tx.org)
    .bind(begun.id)
    .bind(class)
    .bind(up_to)
    .bind(now)
    .run(tx)
    .await?;
    Ok(begun)
}

/// Ends a purge.
pub async fn finish(tx: &mut Tx, receipt: &Receipt, now: Timestamp) -> Result<()> {
    tx.sql("UPDATE purge_receipt SET finished_at = ? WHERE organisation = ? AND id = ?")
        .bind(now)
        .bind(tx.org)
        .bind(receipt.id)
        .run(tx)
        .await?;
    Ok(())
}

/// The next of a class that may go, behind `place`, as text.
pub async fn due(
    tx: &mut Tx,
    class: Class,
    up_to: Timestamp,
    place: &str,
    at_most: u32,
) -> Result<Vec<String>> {
    match class {
        Class::Alerts | Class::Sightings => {
            let place = Name(place.to_owned());
            let found = pick(tx, class, up_to, Which::Behind(place, at_most)).await?;
            Ok(found.into_iter().map(|Name(id)| id).collect())
        }
        _ => {
            let place: i64 = place.parse().unwrap_or(0);
            let found: Vec<i64> = pick(tx, class, up_to, Which::Behind(place, at_most)).await?;
            Ok(found.into_iter().map(|id| id.to_string()).collect())
        }
    }
}

/// How many of a class may go now, counted to `at_most`.
pub async fn count(tx: &mut Tx, class: Class, up_to: Timestamp, at_most: u32) -> Result<usize> {
    Ok(due(tx, class, up_to, "", at_most).await?.len())
}

/// An identifier that is text.
#[derive(Clone)]
struct Name(String);

impl Put for Name {
    fn put(self, values: &mut Values) {
        self.0.as_str().put(values);
    }

    fn put_null(values: &mut Values) {
        <&str>::put_null(values);
    }
}

impl Get for Name {
    fn get(row: &AnyRow, at: usize) -> Result<Self> {
        String::get(row, at).map(Self)
    }
}

enum Which<K> {
    Behind(K, u32),
    These(Vec<K>),
}

async fn pick<K: Put + Get + Clone>(
    tx: &mut Tx,
    class: Class,
    up_to: Timestamp,
    which: Which<K>,
) -> Result<Vec<K>> {
    let (table, may_go) = (class.table(), class.may_go());
    let text =
        format!("SELECT {table}.id FROM {table} WHERE +{table}.organisation = ? AND {may_go}");
    let mut sql = tx.sql(&text).bind(tx.org).bind(up_to);
    for _ in 1..may_go.matches('?').count() {
        sql = sql.bind(tx.org);
    }
    let sql = match which {
        Which::Behind(place, at_most) => sql
            .push(&format!(" AND {table}.id > ?"))
            .bind(place)
            .push(&format!(" ORDER BY {table}.id LIMIT ?"))
            .bind(i64::from(at_most)),
        Which::These(ids) => sql
            .push(&format!(" AND {table}.id IN "))
            .list(ids)
            .push(&format!(" ORDER BY {table}.id")),
    };
    let found: Vec<(K,)> = sql.all(tx).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Takes out those of `due` that may still go, and notes them on the receipt, which goes on behind them.
pub async fn take_out(
    tx: &mut Tx,
    receipt: &Receipt,
    due: &[String],
    now: Timestamp,
) -> Result<Receipt> {
    removing::gate(tx).await?;
    let (class, up_to) = (receipt.class, receipt.up_to);
    let gone: Vec<String> = match class {
        Class::Alerts | Class::Sightings => {
            let named = due.iter().cloned().map(Name).collect();
            let still = pick(tx, class, up_to, Which::These(named)).await?;
            still.into_iter().map(|Name(id)| id).collect()
        }
        _ => {
            let ids = due.iter().filter_map(|id| id.parse::<i64>().ok()).collect();
            let still: Vec<i64> = pick(tx, class, up_to, Which::These(ids)).await?;
            still.into_iter().map(|id| id.to_string()).collect()
        }
    };
    match class {
        Class::Alerts => removing::alerts(tx, &ids::<AlertId>(&gone)).await?,
        Class::Sightings => removing::sightings(tx, &ids::<SightingId>(&gone)).await?,
        Class::Observations => removing::observations(tx, &ids::<ObservationId>(&gone)).await?,
        Class::Listings => removing::listings(tx, &ids::<ListingId>(&gone)).await?,
        Class::Images => removing::images(tx, &ids::<ImageId>(&gone)).await?,
        Class::Captures => {
            let cause = receipt.id.to_string();
            removing::captures(tx, &ids::<CaptureId>(&gone), &cause, now).await?;
        }
    }
    let mut next = receipt.clone();
    if let Some(last) = due.last() {
        next.place.clone_from(last);
    }
    if !gone.is_empty() {
        next.gone += i64::try_from(gone.len()).unwrap_or(i64::MAX);
        let lines: String = gone.iter().map(|id| format!("{id}\n")).collect();
        next.digest = sha256(&format!("{}{lines}", receipt.digest));
    }
    tx.sql("UPDATE purge_receipt SET place = ?, gone = ?, digest = ? WHERE organisation = ? AND id = ?")
        .bind(&next.place)
        .bind(next.gone)
        .bind(&next.digest)
        .bind(tx.org)
        .bind(next.id)
        .run(tx)
        .await?;
    Ok(next)
}

fn ids<Id: std::str::FromStr>(texts: &[String]) -> Vec<Id> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
