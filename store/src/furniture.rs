//! Furniture: what sources show on most of their listings, and the counts by which that is learned.

use sightline_model::{Furniture, Kind, ListingId, Selector, SelectorId, SourceId, Tally};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    generation, selectors,
};

impl Record for Furniture {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            source: cells.next()?,
            selector_id: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            state: cells.next()?,
            shown_on: cells.next()?,
            listings: cells.next()?,
            sellers: cells.next()?,
            since: cells.next()?,
            who: cells.next()?,
            why: cells.next()?,
        })
    }
}

/// The furniture of a source, or of all, whatever its state, by source and selector.
pub async fn list(tx: &mut Tx, source: Option<SourceId>) -> Result<Vec<Furniture>> {
    tx.sql(
        "SELECT furniture.source, furniture.selector, selector.kind, selector.value, furniture.state,
           furniture.shown_on, furniture.listings, furniture.sellers, furniture.since, furniture.who, furniture.why
         FROM furniture JOIN selector ON selector.id = furniture.selector
         WHERE furniture.organisation = ? AND +selector.organisation = ?",
    )
    .bind(tx.org)
    .bind(tx.org)
    .push_if(" AND furniture.source = ?", source)
    .push(" ORDER BY furniture.source, furniture.shown_on DESC, furniture.selector")
    .all(tx)
    .await
}

/// Begins a change of furniture: nobody commits meanwhile what was matched by that of before. Call it before any row is
/// touched.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    generation::next(tx).await?;
    Ok(())
}

/// Stores furniture that came into a state, in place of what was known of its source and selector. Whoever holds a
/// matcher loads it anew; call it before sightings are withheld, so that none is made meanwhile.
pub async fn put(tx: &mut Tx, furniture: &[Furniture]) -> Result<()> {
    if furniture.is_empty() {
        return Ok(());
    }
    let generation = generation::next(tx).await?;
    store(tx, furniture).await?;
    generation::set(tx, generation).await
}

/// Stores new counts of furniture whose state is as it was.
pub async fn recount(tx: &mut Tx, furniture: &[Furniture]) -> Result<()> {
    store(tx, furniture).await
}

async fn store(tx: &mut Tx, furniture: &[Furniture]) -> Result<()> {
    let mut sorted: Vec<&Furniture> = furniture.iter().collect();
    sorted.sort_by_key(|one| (one.source, one.selector_id));
    for furniture in tx.chunks(&sorted) {
        tx.sql(
            "INSERT INTO furniture (organisation, source, selector, state, shown_on, listings, sellers, since, who, why)
             VALUES ",
        )
        .rows(furniture, |one, row| {
            row.put(tx.org).put(one.source).put(one.selector_id).put(one.state);
            row.put(one.shown_on).put(one.listings).put(one.sellers);
            row.put(one.since).put(&one.who).put(&one.why);
        })
        .push(
            " ON CONFLICT (organisation, source, selector) DO UPDATE SET state = excluded.state,
                shown_on = excluded.shown_on, listings = excluded.listings, sellers = excluded.sellers,
                since = excluded.since, who = excluded.who, why = excluded.why",
        )
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Forgets that selectors were furniture of a source.
pub async fn remove(tx: &mut Tx, source: SourceId, selectors: &[SelectorId]) -> Result<()> {
    if selectors.is_empty() {
        return Ok(());
    }
    let generation = generation::next(tx).await?;
    for selectors in tx.chunks(selectors) {
        tx.sql("DELETE FROM furniture WHERE organisation = ? AND source = ? AND selector IN ")
            .bind(tx.org)
            .bind(source)
            .list(selectors.iter().copied())
            .run(tx)
            .await?;
    }
    generation::set(tx, generation).await
}

/// How many listings a source has that are still there.
pub async fn listings(tx: &mut Tx, source: SourceId) -> Result<i64> {
    let (count,) = tx
        .sql("SELECT count(*) FROM listing WHERE organisation = ? AND source = ? AND removed_at IS NULL")
        .bind(tx.org)
        .bind(source)
        .one(tx)
        .await?;
    Ok(count)
}

impl Record for Tally {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            selector_id: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            shown_on: cells.next()?,
        })
    }
}

/// The selectors that at least so many of a source's listings show, the most shown first. It goes through everything
/// that the source shows at present: a tenth of a second for ten thousand listings, so once at the end of a run.
pub async fn shown_on_at_least(tx: &mut Tx, source: SourceId, listings: i64) -> Result<Vec<Tally>> {
    tx.sql(
        "SELECT selector.id, selector.kind, selector.value, tally.shown_on
         FROM (SELECT observation.selector, count(*) AS shown_on FROM listing CROSS JOIN observation
               WHERE listing.organisation = ? AND listing.source = ? AND listing.removed_at IS NULL
                 AND observation.listing = listing.id AND +observation.organisation = ? AND observation.current = 1
               GROUP BY observation.selector HAVING count(*) >= ?) AS tally
         JOIN selector ON selector.id = tally.selector
         WHERE +selector.organisation = ?
         ORDER BY tally.shown_on DESC, selector.id",
    )
    .bind(tx.org)
    .bind(source)
    .bind(tx.org)
    .bind(listings)
    .bind(tx.org)
    .all(tx)
    .await
}

/// How many of a source's listings show a selector at present.
pub async fn shown_on(tx: &mut Tx, source: SourceId, selector: SelectorId) -> Result<i64> {
    let (count,) = tx
        .sql(
            "SELECT count(*) FROM observation CROSS JOIN listing
             WHERE +observation.organisation = ? AND observation.selector = ? AND observation.current = 1
               AND listing.id = observation.listing AND +listing.organisation = ? AND listing.source = ?
               AND listing.removed_at IS NULL",
        )
        .bind(tx.org)
        .bind(selector)
        .bind(tx.org)
        .bind(source)
        .one(tx)
        .await?;
    Ok(count)
}

/// How many of a source's listings show each of these selectors at present; those that the store never met are left out.
pub async fn tallies(tx: &mut Tx, source: SourceId, selectors: &[Selector]) -> Result<Vec<Tally>> {
    let wanted = selectors.iter().collect();
    let mut tallies = Vec::new();
    for (selector, selector_id) in selectors::find(tx, &wanted).await? {
        tallies.push(Tally {
            selector_id,
            selector: selector.clone(),
            shown_on: shown_on(tx, source, selector_id).await?,
        });
    }
    Ok(tallies)
}

/// What the newest listings of a source show, `at_most` of them: by listing, those of `selectors` that it shows, and
/// every selector of these `kinds`.
pub async fn newest_show(
    tx: &mut Tx,
    source: SourceId,
    selectors: &[SelectorId],
    kinds: &[Kind],
    at_most: u32,
) -> Result<Vec<(ListingId, SelectorId)>> {
    if selectors.is_empty() || kinds.is_empty() {
        return Ok(Vec::new());
    }
    // Each step is one look at a key: a join's order would be the planner's guess, and a wrong one takes minutes.
    tx.sql(
        "WITH newest (id) AS (SELECT id FROM listing WHERE organisation = ? AND source = ? AND removed_at IS NULL
           ORDER BY id DESC LIMIT ?),
         shown (listing, selector) AS MATERIALIZED (SELECT observation.listing, observation.selector
           FROM newest CROSS JOIN observation
           WHERE observation.listing = newest.id AND +observation.organisation = ? AND observation.current = 1)
         SELECT listing, selector FROM shown
         WHERE (SELECT kind FROM selector WHERE selector.id = shown.selector AND +selector.organisation = ?) IN ",
    )
    .bind(tx.org)
    .bind(source)
    .bind(i64::from(at_most))
    .bind(tx.org)
    .bind(tx.org)
    .list(kinds.iter().copied())
    .push(" OR selector IN ")
    .list(selectors.iter().copied())
    .push(" ORDER BY listing, selector")
    .once()
    .all(tx)
    .await
}
