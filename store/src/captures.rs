//! Captures: where each HTTP exchange is kept.

use std::collections::HashSet;

use sightline_model::{Capture, CaptureId, Digest, Evidence, Timestamp};
use url::Url;

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record},
};

const COLUMNS: &str = "id, source, run, visit, url, status, content_type, length, digest, peer, fetched_at, took_ms, \
                       file, file_offset, file_length, record, revisit_of";

impl Record for Capture {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            source: cells.next()?,
            run: cells.next()?,
            visit: cells.next()?,
            url: cells.next()?,
            status: cells.next()?,
            content_type: cells.next()?,
            length: cells.next()?,
            digest: cells.next()?,
            peer: cells.next()?,
            fetched_at: cells.next()?,
            took_ms: cells.next()?,
            evidence: Evidence {
                file: cells.next()?,
                offset: cells.next()?,
                length: cells.next()?,
                record: cells.next()?,
            },
            revisit_of: cells.next()?,
        })
    }
}

/// What another capture that repeats a body has to say of the one that holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The capture.
    pub id: CaptureId,
    /// Its URL.
    pub url: Url,
    /// Of its body.
    pub digest: Digest,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// Its record in the archive.
    pub record: String,
}

impl Record for Holder {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            url: cells.next()?,
            digest: cells.next()?,
            fetched_at: cells.next()?,
            record: cells.next()?,
        })
    }
}

/// Stores captures.
pub async fn insert(tx: &mut Tx, captures: &[Capture]) -> Result<()> {
    for captures in tx.chunks(captures) {
        let text = format!("INSERT INTO capture (organisation, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(captures, |capture, row| {
                let kept = &capture.evidence;
                row.put(tx.org)
                    .put(capture.id)
                    .put(capture.source)
                    .put(capture.run);
                row.put(capture.visit).put(&capture.url).put(capture.status);
                row.put(capture.content_type.as_ref()).put(capture.length);
                row.put(&capture.digest).put(capture.peer.as_ref());
                row.put(capture.fetched_at).put(capture.took_ms);
                row.put(&kept.file)
                    .put(kept.offset)
                    .put(kept.length)
                    .put(&kept.record);
                row.put(capture.revisit_of);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The captures of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[CaptureId]) -> Result<Vec<Capture>> {
    let mut captures = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let text = format!("SELECT {COLUMNS} FROM capture WHERE +organisation = ? AND id IN ");
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        captures.extend(sql.all::<Capture>(tx).await?);
    }
    Ok(captures)
}

/// The same, as far as captures that repeat their bodies refer to them: a crawl asks for one with every page that it knows.
pub async fn holders(tx: &mut Tx, ids: &[CaptureId]) -> Result<Vec<Holder>> {
    let mut holders = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = tx
            .sql("SELECT id, url, digest, fetched_at, record FROM capture WHERE +organisation = ? AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied());
        holders.extend(sql.all::<Holder>(tx).await?);
    }
    Ok(holders)
}

/// Those of these identifiers that there are.
pub async fn existing(tx: &mut Tx, ids: &[CaptureId]) -> Result<HashSet<CaptureId>> {
    let mut existing = HashSet::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = tx.sql("SELECT id FROM capture WHERE +organisation = ? AND id IN ");
        let sql = sql.bind(tx.org).list(ids.iter().copied());
        existing.extend(
            sql.all::<(CaptureId,)>(tx)
                .await?
                .into_iter()
                .map(|(id,)| id),
        );
    }
    Ok(existing)
}

/// The latest capture that holds a body of this digest itself, and does not merely refer to one that does.
pub async fn latest_by_digest(tx: &mut Tx, digest: &Digest) -> Result<Option<Capture>> {
    let text = format!(
        "SELECT {COLUMNS} FROM capture WHERE organisation = ? AND digest = ? AND revisit_of IS NULL
         ORDER BY id DESC LIMIT 1"
    );
    tx.sql(&text).bind(tx.org).bind(digest).optional(tx).await
}

/// Captures, the latest first; `since` is of the fetch.
pub async fn list(tx: &mut Tx, filter: &Filter<CaptureId>) -> Result<Vec<Capture>> {
    let text = format!("SELECT {COLUMNS} FROM capture WHERE +organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND fetched_at >= ?", filter.since)
        .push_if(" AND source = ?", filter.source)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
