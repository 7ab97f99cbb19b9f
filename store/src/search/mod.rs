//! Full-text search over what listings say now.
//!
//! The one place with a text for each engine: FTS5 on SQLite, a tsvector on PostgreSQL. Both hold the words alone and not
//! the texts; what a word is, is said once, in [`words`], and neither engine parts them or changes them. Both are brought up to
//! date by [`listings::add_versions`](crate::listings::add_versions), in the same transaction. What is found comes latest first, so that a page is a walk that stops where it has enough; by merit would
//! mean to weigh every listing that has the words.

mod anew;
mod query;
mod words;

use std::fmt::Write as _;

use sightline_model::{ListingId, SourceId, Timestamp};

pub(crate) use self::anew::index_anew;
pub use self::query::{Query, Unread};
use self::{query::Known, words::SEARCHED};

use crate::{Engine, Result, Tx, sql::padded};

/// The listings with the words that one question looks at, where their dates count as well.
const LOOKED_AT: u32 = 2_000;

/// The most words that a beginning is searched by.
const MOST_WORDS: usize = 300;

/// Brings the index up to date for these listings, by the latest version of each.
pub(crate) async fn index(tx: &mut Tx, listings: &[ListingId]) -> Result<()> {
    let mut sorted = listings.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    for part in sorted.chunks(LENGTHS[2]) {
        let said: Vec<Said> = tx
            .sql("SELECT listing.id, listing.source, said.title, substr(said.text, 1, CAST(? AS INTEGER))")
            .bind(SEARCHED as i64)
            .push(
                " FROM listing CROSS JOIN listing_version AS said
                  WHERE said.listing = listing.id AND +said.organisation = ? AND +listing.organisation = ?
                    AND said.version = (SELECT max(version) FROM listing_version WHERE listing = said.listing)
                    AND listing.id IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .list(padded(part, &LENGTHS))
            .all(tx)
            .await?;
        match tx.engine() {
            _ if said.is_empty() => {}
            Engine::Sqlite => put_sqlite(tx, &said).await?,
            Engine::Postgres => put_postgres(tx, &said).await?,
        }
    }
    Ok(())
}

/// A listing, its source, and what it says.
type Said = (ListingId, SourceId, String, String);

async fn put_sqlite(tx: &mut Tx, said: &[Said]) -> Result<()> {
    let org = format!("o{}", tx.org);
    tx.sql("INSERT OR REPLACE INTO listing_search (rowid, organisation, source, said) VALUES ")
        .rows(said, |(listing, source, title, text), row| {
            row.put(*listing)
                .put(&org)
                .put(&format!("s{}", source.0.simple()))
                .put(&words::indexed(title, text).join(" "));
        })
        .once()
        .run(tx)
        .await?;
    Ok(())
}

async fn put_postgres(tx: &mut Tx, said: &[Said]) -> Result<()> {
    let org = tx.org;
    tx.sql(
        "INSERT INTO listing_search (organisation, listing, source, document)
         SELECT made.organisation, made.listing, made.source, CAST(made.document AS tsvector) FROM (VALUES ",
    )
    .rows(said, |(listing, source, title, text), row| {
        row.put(org)
            .put(*listing)
            .put(*source)
            .put(&document(&words::indexed(title, text)));
    })
    .push(
        ") AS made (organisation, listing, source, document)
         ON CONFLICT (listing) DO UPDATE SET document = EXCLUDED.document",
    )
    .run(tx)
    .await?;
    Ok(())
}

/// Words with their places, as PostgreSQL reads them: words are of letters and digits alone, so none can end its quotation.
fn document(words: &[String]) -> String {
    let mut document = String::new();
    for (place, word) in (1..).zip(words) {
        // Writing into a string can't fail.
        let _ = write!(document, "'{word}':{place} ");
    }
    document
}

/// As many listings as one statement names. Few lengths, so that prepared statements serve again; and one statement for
/// most commits, for FTS5 writes down what it has gathered whenever another begins.
const LENGTHS: [usize; 3] = [16, 64, 256];

/// What is searched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The words.
    pub query: Query,
    /// On this source.
    pub source: Option<SourceId>,
    /// First seen at or after this instant.
    pub since: Option<Timestamp>,
    /// First seen before this instant.
    pub until: Option<Timestamp>,
    /// Where the page before ended.
    pub after: Option<ListingId>,
    /// Listings at most.
    pub limit: u32,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The listings, the latest found first.
    pub listings: Vec<ListingId>,
    /// Where to go on, where there may be more.
    pub next: Option<ListingId>,
}

/// A page of what was found.
pub async fn page(tx: &mut Tx, wanted: &Wanted) -> Result<Found> {
    let has_dates = wanted.since.is_some() || wanted.until.is_some();
    // One more than is shown tells whether there is another page.
    let most = match has_dates {
        true => LOOKED_AT,
        false => wanted.limit + 1,
    };
    let looked_at: Vec<(ListingId, Timestamp)> = match tx.engine() {
        Engine::Sqlite => sqlite(tx, wanted, most).await?,
        Engine::Postgres => postgres(tx, wanted, most).await?,
    };
    let is_within = |first_seen: Timestamp| {
        wanted.since.is_none_or(|since| first_seen >= since)
            && wanted.until.is_none_or(|until| first_seen < until)
    };
    let last = looked_at.last().map(|(listing, _)| *listing);
    let is_full = looked_at.len() >= most as usize;
    let mut listings: Vec<ListingId> = looked_at
        .into_iter()
        .filter(|(_, first_seen)| is_within(*first_seen))
        .map(|(listing, _)| listing)
        .collect();
    let has_more = listings.len() > wanted.limit as usize;
    listings.truncate(wanted.limit as usize);
    let next = match has_more {
        true => listings.last().copied(),
        false => last.filter(|_| is_full),
    };
    Ok(Found { listings, next })
}

async fn sqlite(tx: &mut Tx, wanted: &Wanted, most: u32) -> Result<Vec<(ListingId, Timestamp)>> {
    // The organisation's number and the source are words of the index: they can't be forged, for words are of our making.
    let mut expression = format!("organisation : o{} AND ", tx.org);
    if let Some(source) = wanted.source {
        expression += &format!("source : s{} AND ", source.0.simple());
    }
    let mut known = Known::new();
    for beginning in wanted.query.beginnings() {
        if let Some(words) = words_of(tx, beginning).await? {
            known.insert(beginning.to_owned(), words);
        }
    }
    expression += &wanted.query.for_sqlite(&known);
    tx.sql(
        "SELECT listing.id, listing.first_seen
         FROM (SELECT rowid AS id FROM listing_search WHERE listing_search MATCH ?",
    )
    .bind(&expression)
    .push_if(" AND rowid < ?", wanted.after)
    .push(
        " ORDER BY rowid DESC LIMIT ?) AS found CROSS JOIN listing
         WHERE listing.id = found.id AND +listing.organisation = ? ORDER BY found.id DESC",
    )
    .bind(i64::from(most))
    .bind(tx.org)
    .all(tx)
    .await
}

/// The words of the index that begin so, walked through from each to the next; nothing where there are more than
/// [`MOST_WORDS`], and the engine gathers them by itself.
async fn words_of(tx: &mut Tx, beginning: &str) -> Result<Option<Vec<String>>> {
    let end = format!("{beginning}{}", char::MAX);
    let (mut words, mut from) = (Vec::new(), beginning.to_owned());
    loop {
        let next: Option<(String,)> = tx
            .sql("SELECT term FROM listing_word WHERE term >= ? AND term < ? LIMIT 1")
            .bind(&from)
            .bind(&end)
            .optional(tx)
            .await?;
        let Some((word,)) = next else {
            return Ok(Some(words));
        };
        if words.len() == MOST_WORDS {
            return Ok(None);
        }
        // The least that comes after it.
        from = format!("{word}\u{1}");
        words.push(word);
    }
}

async fn postgres(tx: &mut Tx, wanted: &Wanted, most: u32) -> Result<Vec<(ListingId, Timestamp)>> {
    tx.sql(
        "SELECT listing.id, listing.first_seen
         FROM (SELECT listing AS id FROM listing_search
               WHERE organisation = ? AND document @@ CAST(CAST(? AS TEXT) AS tsquery)",
    )
    .bind(tx.org)
    .bind(&wanted.query.for_postgres())
    .push_if(" AND source = ?", wanted.source)
    .push_if(" AND listing < ?", wanted.after)
    .push(
        " ORDER BY listing DESC LIMIT ?) AS found CROSS JOIN listing
         WHERE listing.id = found.id AND listing.organisation = ? ORDER BY found.id DESC",
    )
    .bind(i64::from(most))
    .bind(tx.org)
    .all(tx)
    .await
}
