//! Sightings: entries matched by observations, and when each entry was seen before.

use std::collections::{BTreeSet, HashMap};

use sightline_model::{
    Certainty, EntryId, Explanation, Fate, ListingId, PageId, Reason, SelectorId, Sighting,
    SightingId, Since, SourceId, Timestamp,
};
use url::Url;

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, OnPage, Record},
    sql::Sql,
};

/// While a sighting is current, it was last seen when its listing was.
const LAST_SEEN: &str = "CASE WHEN sighting.current = 1 AND listing.last_seen > sighting.last_seen \
                         THEN listing.last_seen ELSE sighting.last_seen END";

/// That of an image does not follow its listing: whether its address still gives the same is not known from that.
const SHOWN_LAST: &str = "CASE WHEN (SELECT entry.kind FROM entry WHERE entry.id = sighting.entry) = 'image' \
                          THEN sighting.last_seen";

const FROM: &str = "sighting JOIN listing ON listing.id = sighting.listing
                    WHERE sighting.organisation = ? AND +listing.organisation = ?";

fn columns() -> String {
    format!(
        "sighting.id, sighting.entry, sighting.watchlist, sighting.observation, sighting.listing, sighting.source,
         sighting.url, sighting.reason, sighting.at, sighting.first_seen, {SHOWN_LAST} ELSE {LAST_SEEN} END, sighting.current,
         sighting.withheld, sighting.explanation, sighting.since, sighting.fate"
    )
}

pub(crate) fn select(tx: &Tx) -> Sql {
    tx.sql(&format!("SELECT {} FROM {FROM}", columns()))
        .bind(tx.org)
        .bind(tx.org)
}

impl Record for Sighting {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            entry: cells.next()?,
            watchlist: cells.next()?,
            observation: cells.next()?,
            listing: cells.next()?,
            source: cells.next()?,
            url: cells.next()?,
            reason: cells.next()?,
            at: cells.next()?,
            first_seen: cells.next()?,
            last_seen: cells.next()?,
            current: cells.next()?,
            withheld: cells.next()?,
            explanation: cells.json()?,
            since: cells.optional_json()?,
            fate: cells.optional_json()?,
        })
    }
}

/// What is remembered of an entry over all its listings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memory {
    /// When any listing showed it last.
    pub last_seen: Timestamp,
    /// Which one that was.
    pub listing: ListingId,
    /// On which source.
    pub source: SourceId,
    /// Every source that ever showed it.
    pub sources: BTreeSet<SourceId>,
    /// How many listings ever showed it.
    pub listings: i64,
}

/// What is remembered of entries: by all that was seen of them, and by what was certain alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Memories {
    /// By all sightings that count.
    pub all: HashMap<EntryId, Memory>,
    /// Without those that are only possible.
    pub certain: HashMap<EntryId, Memory>,
}

/// When and where entries were seen before. An entry that never was has no memory; what is withheld or was
/// rejected, and what a warning list names, leaves none.
pub async fn memory(tx: &mut Tx, entries: &[EntryId]) -> Result<Memories> {
    let mut memories = Memories::default();
    for entries in tx.chunks(entries) {
        for seen in latest_by_source(tx, entries).await? {
            seen.add_to(&mut memories.all);
            if seen.certainty == Certainty::Certain {
                seen.add_to(&mut memories.certain);
            }
        }
    }
    Ok(memories)
}

/// The latest sight of an entry on a source, of those that are as certain.
struct Seen {
    entry: EntryId,
    certainty: Certainty,
    source: SourceId,
    listing: ListingId,
    at: Timestamp,
    listings: i64,
}

impl Seen {
    fn add_to(&self, memories: &mut HashMap<EntryId, Memory>) {
        let memory = memories.entry(self.entry).or_insert_with(|| Memory {
            last_seen: self.at,
            listing: self.listing,
            source: self.source,
            sources: BTreeSet::new(),
            listings: 0,
        });
        memory.sources.insert(self.source);
        memory.listings += self.listings;
        if (self.at, self.listing) > (memory.last_seen, memory.listing) {
            (memory.last_seen, memory.listing, memory.source) =
                (self.at, self.listing, self.source);
        }
    }
}

impl Record for Seen {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            entry: cells.next()?,
            certainty: cells.next()?,
            source: cells.next()?,
            listing: cells.next()?,
            at: cells.next()?,
            listings: cells.next()?,
        })
    }
}

async fn latest_by_source(tx: &mut Tx, entries: &[EntryId]) -> Result<Vec<Seen>> {
    let text = format!(
        "SELECT entry, certainty, source, listing, seen, listings FROM (
           SELECT entry, certainty, source, listing, seen,
             count(*) OVER (PARTITION BY entry, certainty, source) AS listings,
             row_number() OVER (PARTITION BY entry, certainty, source ORDER BY seen DESC, listing DESC) AS place
           FROM (
             SELECT sighting.entry, sighting.certainty, sighting.source, sighting.listing, {LAST_SEEN} AS seen FROM {FROM}
               AND sighting.withheld = 0 AND sighting.rejected = 0
               AND sighting.certainty <> 'warned' AND sighting.entry IN "
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(tx.org)
        .list(entries.iter().copied())
        .push(") AS sights) AS ranked WHERE place = 1")
        .all(tx)
        .await
}

/// The sightings of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[SightingId]) -> Result<Vec<Sighting>> {
    let mut sightings = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = select(tx)
            .push(" AND sighting.id IN ")
            .list(ids.iter().copied());
        sightings.extend(sql.all::<Sighting>(tx).await?);
    }
    Ok(sightings)
}

/// The sightings of these pairs that are stored, current or not, in no order.
pub async fn of_pairs(tx: &mut Tx, pairs: &[(EntryId, ListingId)]) -> Result<Vec<Sighting>> {
    let mut sightings = Vec::with_capacity(pairs.len());
    for pairs in tx.chunks(pairs) {
        let sql = tx
            .sql("WITH wanted (entry, listing) AS (VALUES ")
            .rows(pairs, |(entry, listing), row| {
                row.put(*entry).put(*listing);
            })
            .push(&format!(
                ") SELECT {} FROM wanted CROSS JOIN {FROM}
                   AND sighting.entry = wanted.entry AND sighting.listing = wanted.listing",
                columns()
            ))
            .bind(tx.org)
            .bind(tx.org);
        sightings.extend(sql.all::<Sighting>(tx).await?);
    }
    Ok(sightings)
}

/// The current sightings in listings that stand on these pages, each with a page, in no order. Of a listing that stands
/// on several of them, they come as often. Without those that are withheld or were rejected.
pub async fn on_pages(tx: &mut Tx, pages: &[PageId]) -> Result<Vec<(PageId, Sighting)>> {
    let text = format!(
        "SELECT listing_page.page, {} FROM listing_page CROSS JOIN {FROM}
           AND +listing_page.organisation = ? AND sighting.listing = listing_page.listing AND sighting.current = 1
           AND sighting.withheld = 0 AND sighting.rejected = 0 AND listing_page.page IN ",
        columns()
    );
    let mut sightings = Vec::new();
    for pages in tx.chunks(pages) {
        let sql = tx.sql(&text).bind(tx.org).bind(tx.org).bind(tx.org);
        let found: Vec<OnPage<Sighting>> = sql.list(pages.iter().copied()).all(tx).await?;
        sightings.extend(
            found
                .into_iter()
                .map(|OnPage(page, sighting)| (page, sighting)),
        );
    }
    Ok(sightings)
}

/// The sightings in these listings, current or not, in no order.
pub async fn of_listings(tx: &mut Tx, listings: &[ListingId]) -> Result<Vec<Sighting>> {
    let mut sightings = Vec::new();
    for listings in tx.chunks(listings) {
        let sql = select(tx)
            .push(" AND sighting.listing IN ")
            .list(listings.iter().copied());
        sightings.extend(sql.all::<Sighting>(tx).await?);
    }
    Ok(sightings)
}

/// Stores new sightings.
///
/// # Errors
/// Where the entry and listing have one already: look first, with the entries held.
pub async fn insert(tx: &mut Tx, sightings: &[Sighting]) -> Result<()> {
    let mut sorted: Vec<&Sighting> = sightings.iter().collect();
    sorted.sort_by_key(|sighting| (sighting.entry, sighting.listing));
    for sightings in tx.chunks(&sorted) {
        tx.sql(
            "INSERT INTO sighting (organisation, id, entry, watchlist, observation, listing, source, url, reason, at,
               first_seen, last_seen, current, withheld, certainty, capture, explanation, since, fate) VALUES ",
        )
        .rows(sightings, |sighting, row| {
            row.put(tx.org).put(sighting.id).put(sighting.entry).put(sighting.watchlist);
            row.put(sighting.observation).put(sighting.listing).put(sighting.source).put(&sighting.url);
            row.put(sighting.reason).put(sighting.at).put(sighting.first_seen).put(sighting.last_seen);
            row.put(sighting.current).put(sighting.withheld).put(sighting.latest().certainty());
            row.put(sighting.explanation.capture).put(Json(&sighting.explanation));
            row.put(sighting.since.as_ref().map(Json)).put(sighting.fate.as_ref().map(Json));
        })
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Brings sightings up to date with the latest judgement: all but entry, listing and first sight. Of those that are judged
/// anew, what alerts rest on stays: the judgement before, as [`before`] gives it.
pub async fn update(tx: &mut Tx, sightings: &[Sighting]) -> Result<()> {
    let mut sorted: Vec<&Sighting> = sightings.iter().collect();
    sorted.sort_by_key(|sighting| (sighting.entry, sighting.listing));
    keep_judgements(tx, &sorted).await?;
    for sightings in tx.chunks(&sorted) {
        tx.sql(
            "WITH now (id, observation, url, reason, at, last_seen, current, withheld, certainty, capture, explanation,
               since, fate) AS (VALUES ",
        )
        .rows(sightings, |sighting, row| {
            row.put(sighting.id).put(sighting.observation).put(&sighting.url).put(sighting.reason);
            row.put(sighting.at).put(sighting.last_seen).put(sighting.current).put(sighting.withheld);
            row.put(sighting.latest().certainty());
            row.put(sighting.explanation.capture).put(Json(&sighting.explanation));
            row.put(sighting.since.as_ref().map(Json)).put(sighting.fate.as_ref().map(Json));
        })
        .push(
            ") UPDATE sighting SET observation = now.observation, url = now.url, reason = now.reason, at = now.at,
                 last_seen = now.last_seen, current = now.current, withheld = now.withheld,
                 certainty = now.certainty, capture = now.capture, explanation = now.explanation, since = now.since,
                 fate = now.fate
               FROM now WHERE sighting.organisation = ? AND sighting.id = now.id",
        )
        .bind(tx.org)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Keeps the stored judgements of sightings that are about to be judged anew, where an alert rests on them.
async fn keep_judgements(tx: &mut Tx, sightings: &[&Sighting]) -> Result<()> {
    for sightings in tx.chunks(sightings) {
        tx.sql("WITH now (id, at) AS (VALUES ")
            .rows(sightings, |sighting, row| {
                row.put(sighting.id).put(sighting.at);
            })
            .push(
                ") INSERT INTO sighting_before (organisation, sighting, at, reason, url, capture, explanation, fate)
                   SELECT sighting.organisation, sighting.id, sighting.at, sighting.reason, sighting.url,
                     sighting.capture, sighting.explanation, sighting.fate
                   FROM now CROSS JOIN sighting
                   WHERE sighting.organisation = ? AND sighting.id = now.id AND sighting.at <> now.at
                     AND EXISTS (SELECT 1 FROM alert_sighting WHERE +alert_sighting.organisation = ?
                                 AND alert_sighting.sighting = sighting.id)
                   ON CONFLICT (sighting, at) DO NOTHING",
            )
            .bind(tx.org)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// A judgement on a sighting that another has followed since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Before {
    /// The sighting.
    pub sighting: SightingId,
    /// When it was judged.
    pub at: Timestamp,
    /// As what.
    pub reason: Reason,
    /// The listing's URL then.
    pub url: Url,
    /// What led to it.
    pub explanation: Explanation,
    /// What came of it.
    pub fate: Option<Fate>,
}

impl Before {
    /// The sighting as it was judged then; what it was read to say last is what it says since.
    pub(crate) fn of(self, sighting: &Sighting) -> Sighting {
        let latest = sighting.latest();
        let (at, url) = match &sighting.since {
            Some(since) => (since.at, &since.url),
            None => (sighting.at, &sighting.url),
        };
        let since = (!self.explanation.says_the_same(latest)).then(|| Since {
            at,
            url: url.clone(),
            explanation: latest.clone(),
        });
        Sighting {
            reason: self.reason,
            at: self.at,
            url: self.url,
            explanation: self.explanation,
            since,
            fate: self.fate,
            ..sighting.clone()
        }
    }
}

impl Record for Before {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            sighting: cells.next()?,
            at: cells.next()?,
            reason: cells.next()?,
            url: cells.next()?,
            explanation: cells.json()?,
            fate: cells.optional_json()?,
        })
    }
}

/// The judgements on these sightings that others have followed since and that alerts rest on, in no order.
pub async fn before(tx: &mut Tx, ids: &[SightingId]) -> Result<Vec<Before>> {
    let mut before = Vec::new();
    for ids in tx.chunks(ids) {
        let sql = tx
            .sql(
                "SELECT sighting, at, reason, url, explanation, fate FROM sighting_before
                 WHERE +organisation = ? AND sighting IN ",
            )
            .bind(tx.org)
            .list(ids.iter().copied());
        before.extend(sql.all::<Before>(tx).await?);
    }
    Ok(before)
}

/// Notes that listings no longer show what they showed, each last at its instant: from then on the sighting no longer
/// follows its listing.
pub async fn end(tx: &mut Tx, ended: &[(SightingId, Timestamp)]) -> Result<()> {
    for ended in tx.chunks(ended) {
        tx.sql("WITH ended (id, at) AS (VALUES ")
            .rows(ended, |(id, at), row| {
                row.put(*id).put(*at);
            })
            .push(
                ") UPDATE sighting SET current = 0, last_seen = ended.at
                   FROM ended WHERE sighting.organisation = ? AND sighting.id = ended.id AND sighting.current = 1",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Withholds the sightings on a source that were recognised by one of these selectors, since they are its furniture: each
/// with the entry that it is of.
pub async fn withhold(
    tx: &mut Tx,
    source: SourceId,
    selectors: &[SelectorId],
) -> Result<Vec<(SightingId, EntryId)>> {
    let found = recognised_by(tx, source, selectors, " AND sighting.withheld = 0").await?;
    let ids: Vec<SightingId> = found.iter().map(|(id, _)| *id).collect();
    for ids in tx.chunks(&ids) {
        tx.sql("UPDATE sighting SET withheld = 1 WHERE organisation = ? AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(found)
}

/// The sightings on a source that were recognised by one of these selectors and stand withheld: each with its entry.
pub async fn withheld_by(
    tx: &mut Tx,
    source: SourceId,
    selectors: &[SelectorId],
) -> Result<Vec<(SightingId, EntryId)>> {
    recognised_by(tx, source, selectors, " AND sighting.withheld = 1").await
}

async fn recognised_by(
    tx: &mut Tx,
    source: SourceId,
    selectors: &[SelectorId],
    which: &'static str,
) -> Result<Vec<(SightingId, EntryId)>> {
    let mut all = Vec::new();
    for selectors in tx.chunks(selectors) {
        let found: Vec<(SightingId, EntryId)> = tx
            .sql(
                "SELECT sighting.id, sighting.entry FROM observation CROSS JOIN sighting
                 WHERE sighting.listing = observation.listing AND sighting.observation = observation.id
                   AND +observation.organisation = ? AND +sighting.organisation = ? AND sighting.source = ?
                   AND observation.selector IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .bind(source)
            .list(selectors.iter().copied())
            .push(which)
            .all(tx)
            .await?;
        all.extend(found);
    }
    all.sort_unstable();
    Ok(all)
}

/// Sightings, the latest found first, without those that are withheld; `since` is of the judgement, and `state` is a
/// reason's word.
pub async fn list(tx: &mut Tx, filter: &Filter<SightingId>) -> Result<Vec<Sighting>> {
    select(tx)
        .push(" AND sighting.withheld = 0")
        .push_if(" AND sighting.at >= ?", filter.since)
        .push_if(" AND sighting.source = ?", filter.source)
        .push_if(" AND sighting.watchlist = ?", filter.watchlist)
        .push_if(" AND sighting.reason = ?", filter.state)
        .push_if(" AND sighting.id < ?", filter.after)
        .push(" ORDER BY sighting.id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
