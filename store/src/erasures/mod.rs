//! Erasure: everything about listings taken out at once, wherever it stands, and what is left to show that it was.
//!
//! [`ERASED`] names every table and says what an erasure does there.

mod follow;
mod list;
mod wipe;

pub use follow::{At, Found, follow, lists, showing, take_along};
pub use list::ERASED;
pub use wipe::wipe;

use std::collections::HashSet;

use follow::found;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sightline_model::{
    AlertId, Digest, EntryId, ErasureId, Evidence, NoticeKind, Selector, SightingId, SourceId,
    Timestamp, VisitKind,
};
use url::Url;

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    generation, removing,
};

/// Takes out what was found. What its captures held is noted as gone by `cause`.
pub async fn take_out(tx: &mut Tx, found: &Found, cause: ErasureId, now: Timestamp) -> Result<()> {
    removing::gate(tx).await?;
    removing::messages(tx, &found.other_alerts).await?;
    removing::alerts(tx, &found.alerts).await?;
    removing::sightings(tx, &found.sightings).await?;
    removing::listings(tx, &found.listings).await?;
    removing::images(tx, &found.images).await?;
    removing::captures(tx, &found.captures, &cause.to_string(), now).await?;
    for urls in tx.chunks(&found.urls) {
        for text in [
            ") DELETE FROM visit WHERE organisation = ? AND EXISTS
                 (SELECT 1 FROM wanted WHERE wanted.source = visit.source AND wanted.url = visit.url)",
            ") DELETE FROM page WHERE organisation = ? AND EXISTS
                 (SELECT 1 FROM wanted WHERE wanted.source = page.source AND wanted.url = page.url)
               AND NOT EXISTS (SELECT 1 FROM listing_page WHERE listing_page.page = page.id)",
            // Lists that lead to it: they are asked for as a whole the next time, and read anew.
            ") UPDATE page SET etag = NULL, last_modified = NULL, digest = '', links = '[]'
               WHERE organisation = ? AND EXISTS
                 (SELECT 1 FROM wanted WHERE wanted.source = page.source
                    AND replace(page.links, '\"' || wanted.url || '\"', '') <> page.links)",
        ] {
            tx.sql("WITH wanted (source, url) AS (VALUES ")
                .rows(urls, |(source, url), row| {
                    row.put(*source).put(url);
                })
                .push(text)
                .bind(tx.org)
                .run(tx)
                .await?;
        }
    }
    tx.sql("UPDATE given_answer SET media_type = NULL, body = NULL WHERE organisation = ?")
        .bind(tx.org)
        .run(tx)
        .await?;
    tx.sql("UPDATE endpoint SET last_error = NULL, partly = NULL WHERE organisation = ?")
        .bind(tx.org)
        .run(tx)
        .await?;
    Ok(())
}

/// The alerts of entries, by whichever of their sightings, and those that were raised by them.
pub async fn alerts_of(tx: &mut Tx, entries: &[EntryId]) -> Result<Vec<AlertId>> {
    found(
        tx,
        "SELECT id FROM alert WHERE organisation = ? AND entry IN ",
        entries,
    )
    .await
}

/// Takes out what is left of a selector, once no listing shows it: its entries, silences, and what it was to sources.
pub async fn take_out_selector(
    tx: &mut Tx,
    selector: &Selector,
    entries: &[EntryId],
) -> Result<()> {
    removing::gate(tx).await?;
    let alerts = alerts_of(tx, entries).await?;
    removing::alerts(tx, &alerts).await?;
    let text = "SELECT id FROM sighting WHERE organisation = ? AND entry IN ";
    let sightings: Vec<SightingId> = found(tx, text, entries).await?;
    removing::sightings(tx, &sightings).await?;
    removing::entries(tx, entries).await?;
    // What owners were told is due may name it; what is still due is told again.
    for text in [
        "DELETE FROM delivery WHERE organisation = ? AND notice IN
           (SELECT notice.id FROM notice WHERE notice.organisation = delivery.organisation AND notice.kind = ?)",
        "DELETE FROM notice WHERE organisation = ? AND kind = ?",
    ] {
        let sql = tx.sql(text).bind(tx.org);
        sql.bind(NoticeKind::Review).run(tx).await?;
    }
    for text in [
        "DELETE FROM silenced WHERE organisation = ? AND silence IN (SELECT silence.id FROM silence
           WHERE silence.organisation = silenced.organisation AND silence.kind = ? AND silence.value = ?)",
        "DELETE FROM silence WHERE organisation = ? AND kind = ? AND value = ?",
        "DELETE FROM furniture WHERE organisation = ? AND selector IN
           (SELECT selector.id FROM selector WHERE selector.organisation = furniture.organisation
            AND selector.kind = ? AND selector.value = ?)",
        "DELETE FROM selector WHERE organisation = ? AND kind = ? AND value = ?
           AND NOT EXISTS (SELECT 1 FROM observation WHERE observation.selector = selector.id)",
    ] {
        tx.sql(text)
            .bind(tx.org)
            .bind(selector.kind)
            .bind(&selector.value)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// What was erased, by whom and why; and what shows that it was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Erasure {
    /// Its identifier.
    pub id: ErasureId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why.
    pub why: String,
    /// `listing` or `selector`.
    pub what: String,
    /// SHA-256 over a secret that only the one who erased was given, and over what was erased.
    pub digest: String,
    /// How many listings went.
    pub listings: i64,
    /// How many captures.
    pub captures: i64,
    /// How many sightings.
    pub sightings: i64,
    /// How many alerts.
    pub alerts: i64,
    /// Since when it may be fetched again; none while it may not.
    pub allowed_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, at, who, why, what, digest, listings, captures, sightings, alerts, allowed_at";

impl Record for Erasure {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            at: cells.next()?,
            who: cells.next()?,
            why: cells.next()?,
            what: cells.next()?,
            digest: cells.next()?,
            listings: cells.next()?,
            captures: cells.next()?,
            sightings: cells.next()?,
            alerts: cells.next()?,
            allowed_at: cells.next()?,
        })
    }
}

/// Stores what was erased, and by which digests it is known if it comes again. Whoever crawls knows of it from the next visit
/// on.
pub async fn note(tx: &mut Tx, erasure: &Erasure, suppressed: &[String]) -> Result<()> {
    let generation = generation::next(tx).await?;
    let text = format!("INSERT INTO erasure (organisation, {COLUMNS}) VALUES ");
    tx.sql(&text)
        .rows([erasure], |erasure, row| {
            row.put(tx.org).put(erasure.id).put(erasure.at);
            row.put(&erasure.who).put(&erasure.why);
            row.put(&erasure.what).put(&erasure.digest);
            row.put(erasure.listings).put(erasure.captures);
            row.put(erasure.sightings).put(erasure.alerts);
            row.put(erasure.allowed_at);
        })
        .run(tx)
        .await?;
    for digests in tx.chunks(suppressed) {
        tx.sql("INSERT INTO suppressed (organisation, digest, erasure) VALUES ")
            .rows(digests, |digest, row| {
                row.put(tx.org).put(digest).put(erasure.id);
            })
            .push(" ON CONFLICT (organisation, digest, erasure) DO NOTHING")
            .run(tx)
            .await?;
    }
    generation::set(tx, generation).await
}

/// An erasure; none where there is no such.
pub async fn get(tx: &mut Tx, id: ErasureId) -> Result<Option<Erasure>> {
    let text = format!("SELECT {COLUMNS} FROM erasure WHERE organisation = ? AND id = ?");
    tx.sql(&text).bind(tx.org).bind(id).optional(tx).await
}

/// Erasures, the latest first, from the one behind `after` on.
pub async fn list(tx: &mut Tx, after: Option<ErasureId>, limit: u32) -> Result<Vec<Erasure>> {
    let text = format!("SELECT {COLUMNS} FROM erasure WHERE organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND id < ?", after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// Lets what was erased be fetched again; false where it may be already, or there is no such erasure.
///
/// Every list is read anew then, for no row tells which of them lead to what was erased, or hold it: that is what was erased.
pub async fn allow(tx: &mut Tx, id: ErasureId, now: Timestamp) -> Result<bool> {
    let generation = generation::next(tx).await?;
    generation::set(tx, generation).await?;
    tx.sql("DELETE FROM suppressed WHERE organisation = ? AND erasure = ?")
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    let is_allowed = tx
        .sql("UPDATE erasure SET allowed_at = ? WHERE organisation = ? AND id = ? AND allowed_at IS NULL")
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .changes(tx)
        .await?;
    if is_allowed {
        tx.sql(
            "UPDATE page SET etag = NULL, last_modified = NULL, digest = ''
             WHERE organisation = ? AND EXISTS (SELECT 1 FROM capture JOIN visit ON visit.id = capture.visit
               WHERE capture.id = page.capture AND visit.kind = ?)",
        )
        .bind(tx.org)
        .bind(VisitKind::List)
        .run(tx)
        .await?;
    }
    Ok(is_allowed)
}

/// SHA-256 of a text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    Digest::of_hash(&Sha256::digest(text)).0
}

/// By which a listing is known if it is read again.
pub fn mark_of_listing(source: SourceId, key: &str) -> String {
    sha256(&format!("listing\n{source}\n{key}"))
}

/// By which a page or image is known if something leads to it again.
pub fn mark_of_url(source: SourceId, url: &Url) -> String {
    sha256(&format!("url\n{source}\n{url}"))
}

/// Whether anything is not to be fetched again.
pub async fn any_suppressed(tx: &mut Tx) -> Result<bool> {
    let found: Option<(i64,)> = tx
        .sql("SELECT 1 FROM suppressed WHERE organisation = ? LIMIT 1")
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// The digests of all that is not to be fetched again.
pub async fn all_suppressed(tx: &mut Tx) -> Result<HashSet<String>> {
    let found: Vec<(String,)> = tx
        .sql("SELECT DISTINCT digest FROM suppressed WHERE organisation = ?")
        .bind(tx.org)
        .all(tx)
        .await?;
    Ok(found.into_iter().map(|(digest,)| digest).collect())
}

/// Another digest by which what was erased under `known` comes again.
pub async fn learn(tx: &mut Tx, known: &str, other: &str) -> Result<()> {
    tx.sql(
        "INSERT INTO suppressed (organisation, digest, erasure)
         SELECT organisation, CAST(? AS TEXT), erasure FROM suppressed WHERE organisation = ? AND digest = ?
         ON CONFLICT (organisation, digest, erasure) DO NOTHING",
    )
    .bind(other)
    .bind(tx.org)
    .bind(known)
    .run(tx)
    .await?;
    Ok(())
}

/// A record that was kept though what it holds was erased meanwhile, and that no capture names.
#[derive(Clone, Copy, Debug)]
pub struct Stray<'a> {
    /// Where it is.
    pub evidence: &'a Evidence,
    /// SHA-256 of its body.
    pub digest: &'a Digest,
    /// When it was fetched.
    pub fetched_at: Timestamp,
}

/// Has the next compaction take out strays of what is known by this digest.
pub async fn entomb(tx: &mut Tx, known: &str, strays: &[Stray<'_>], now: Timestamp) -> Result<()> {
    let cause: Option<(ErasureId,)> = tx
        .sql("SELECT erasure FROM suppressed WHERE organisation = ? AND digest = ? LIMIT 1")
        .bind(tx.org)
        .bind(known)
        .optional(tx)
        .await?;
    let Some((cause,)) = cause else { return Ok(()) };
    let cause = cause.to_string();
    for strays in tx.chunks(strays) {
        tx.sql(
            "INSERT INTO tombstone (organisation, record, body_digest, file, fetched_at, gone_at, cause) VALUES ",
        )
        .rows(strays, |stray, row| {
            row.put(tx.org).put(&stray.evidence.record).put(&stray.digest.0);
            row.put(&stray.evidence.file).put(stray.fetched_at);
            row.put(now).put(&cause);
        })
        .push(" ON CONFLICT (organisation, record) DO NOTHING")
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Those of these digests that are of something that is not to be fetched again.
pub async fn suppressed(tx: &mut Tx, digests: &[&str]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for digests in tx.chunks(digests) {
        let sql =
            tx.sql("SELECT DISTINCT digest FROM suppressed WHERE organisation = ? AND digest IN ");
        let found: Vec<(String,)> = sql
            .bind(tx.org)
            .list(digests.iter().copied())
            .all(tx)
            .await?;
        all.extend(found.into_iter().map(|(digest,)| digest));
    }
    Ok(all)
}

/// What is left of a record that is gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Tombstone {
    /// Its `WARC-Record-ID`.
    pub record: String,
    /// SHA-256 of its body.
    pub body_digest: String,
    /// SHA-256 of the whole record, once it is out of the archive.
    pub record_digest: Option<String>,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// When it went.
    pub gone_at: Timestamp,
    /// The receipt or erasure by which it went.
    pub cause: String,
    /// When its bytes were out of the archive; none while they still stand there.
    pub removed_at: Option<Timestamp>,
}

impl Record for Tombstone {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            record: cells.next()?,
            body_digest: cells.next()?,
            record_digest: cells.next()?,
            fetched_at: cells.next()?,
            gone_at: cells.next()?,
            cause: cells.next()?,
            removed_at: cells.next()?,
        })
    }
}

/// What is left of the records that went by an erasure or a purge, in the order of their identifiers.
pub async fn tombstones(tx: &mut Tx, cause: &str, limit: u32) -> Result<Vec<Tombstone>> {
    tx.sql(
        "SELECT record, body_digest, record_digest, fetched_at, gone_at, cause, removed_at FROM tombstone
         WHERE organisation = ? AND cause = ? ORDER BY record LIMIT ?",
    )
    .bind(tx.org)
    .bind(cause)
    .bind(i64::from(limit))
    .all(tx)
    .await
}
