//! Pages: what a source's URLs looked like when last fetched.

use std::collections::{BTreeMap, HashMap};

use sightline_model::{Page, PageId, SourceId, Timestamp, Validators, Visit, VisitId, VisitKind};
use url::Url;

use crate::{
    Result, Tx,
    cell::{Cells, Json, Record},
};

const COLUMNS: &str = "id, source, url, etag, last_modified, digest, capture, reader, links, seen_at, lost_since, kind";

impl Record for Page {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            source: cells.next()?,
            url: cells.next()?,
            validators: Validators {
                etag: cells.next()?,
                last_modified: cells.next()?,
            },
            digest: cells.next()?,
            capture: cells.next()?,
            reader: cells.next()?,
            links: cells.json()?,
            seen_at: cells.next()?,
            lost_since: cells.next()?,
            kind: cells.next()?,
        })
    }
}

/// The pages of these URLs of a source, in no order. A URL that was never fetched has none.
pub async fn get(tx: &mut Tx, source: SourceId, urls: &[&Url]) -> Result<Vec<Page>> {
    let mut pages = Vec::with_capacity(urls.len());
    for urls in tx.chunks(urls) {
        let text =
            format!("SELECT {COLUMNS} FROM page WHERE organisation = ? AND source = ? AND url IN ");
        let sql = tx
            .sql(&text)
            .bind(tx.org)
            .bind(source)
            .list(urls.iter().copied());
        pages.extend(sql.all::<Page>(tx).await?);
    }
    Ok(pages)
}

/// The pages that visits are about to fetch again.
pub(crate) async fn of_visits(tx: &mut Tx, visits: &[Visit]) -> Result<HashMap<VisitId, Page>> {
    let mut by_source = BTreeMap::<SourceId, Vec<&Visit>>::new();
    for visit in visits {
        by_source.entry(visit.source).or_default().push(visit);
    }
    let mut found = HashMap::with_capacity(visits.len());
    for (source, visits) in by_source {
        let urls: Vec<&Url> = visits.iter().map(|visit| &visit.url).collect();
        let pages = get(tx, source, &urls).await?;
        // Two runs of a source may have a visit of one URL each: its page is theirs both.
        let mut of_urls = HashMap::<&Url, Vec<VisitId>>::with_capacity(visits.len());
        for visit in visits {
            of_urls.entry(&visit.url).or_default().push(visit.id);
        }
        for page in pages {
            let Some((last, others)) = of_urls.get(&page.url).and_then(|of| of.split_last()) else {
                continue;
            };
            found.extend(others.iter().map(|&visit| (visit, page.clone())));
            found.insert(*last, page);
        }
    }
    Ok(found)
}

/// Stores pages. Where a URL of the source has one already, that one keeps its identifier and takes over the rest: for
/// each of `pages`, in order, the identifier that stands.
pub async fn upsert(tx: &mut Tx, pages: &[Page]) -> Result<Vec<PageId>> {
    // The last of several for one URL, in the order in which all writers lock them.
    let mut sorted = BTreeMap::<(SourceId, &str), &Page>::new();
    for page in pages {
        sorted.insert((page.source, page.url.as_str()), page);
    }
    let rows: Vec<&Page> = sorted.into_values().collect();
    let mut standing = HashMap::<(SourceId, String), PageId>::with_capacity(rows.len());
    for rows in tx.chunks(&rows) {
        let text = format!("INSERT INTO page (organisation, {COLUMNS}) VALUES ");
        let sql = tx
            .sql(&text)
            .rows(rows, |page, row| {
                row.put(tx.org).put(page.id).put(page.source).put(&page.url);
                row.put(page.validators.etag.as_ref())
                    .put(page.validators.last_modified.as_ref());
                row.put(&page.digest)
                    .put(page.capture)
                    .put(&page.reader)
                    .put(Json(&page.links));
                row.put(page.seen_at).put(page.lost_since).put(page.kind);
            })
            .push(
                " ON CONFLICT (organisation, source, url) DO UPDATE SET
                    etag = excluded.etag, last_modified = excluded.last_modified, digest = excluded.digest,
                    capture = excluded.capture, reader = excluded.reader, links = excluded.links,
                    seen_at = excluded.seen_at, lost_since = excluded.lost_since,
                    kind = excluded.kind
                  RETURNING source, url, id",
            );
        for (source, url, id) in sql.all::<(SourceId, String, PageId)>(tx).await? {
            standing.insert((source, url), id);
        }
    }
    Ok(pages
        .iter()
        .map(|page| {
            let key = (page.source, String::from(page.url.clone()));
            standing.get(&key).copied().unwrap_or(page.id)
        })
        .collect())
}

/// Notes that links are missing on these pages, each since an instant, if none were missing before. What is known of each stays,
/// links and all, but that it has not changed: it is read anew until they are back, or are believed to be gone.
pub async fn lose(tx: &mut Tx, lost: &[(PageId, Timestamp)]) -> Result<()> {
    for lost in tx.chunks(lost) {
        tx.sql("WITH lost (id, at) AS (VALUES ")
            .rows(lost, |(id, at), row| {
                row.put(*id).put(*at);
            })
            .push(
                ") UPDATE page SET etag = NULL, last_modified = NULL, digest = '',
                     lost_since = coalesce(page.lost_since, lost.at)
                   FROM lost WHERE +page.organisation = ? AND page.id = lost.id",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Notes what pages were fetched as that are as they were, where that is not known of them.
pub async fn fetched_as(tx: &mut Tx, pages: &[(PageId, VisitKind)]) -> Result<()> {
    for pages in tx.chunks(pages) {
        tx.sql("WITH fetched (id, kind) AS (VALUES ")
            .rows(pages, |(id, kind), row| {
                row.put(*id).put(*kind);
            })
            .push(
                ") UPDATE page SET kind = fetched.kind
                   FROM fetched WHERE +page.organisation = ? AND page.id = fetched.id AND page.kind IS NULL",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Forgets what to ask "has it changed?" by, so that these pages are fetched whole and read next time, even where their bytes
/// are the same.
pub async fn forget(tx: &mut Tx, ids: &[PageId]) -> Result<()> {
    for ids in tx.chunks(ids) {
        tx.sql("UPDATE page SET etag = NULL, last_modified = NULL, digest = '' WHERE organisation = ? AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(())
}
