//! Verdicts: what people made of sightings, remembered for the pair of entry and listing. Every word is kept; the last
//! one of a pair counts.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{EntryId, ListingId, Timestamp, Verdict};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    tx::VerdictId,
};

/// What somebody said of an entry's sighting in a listing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Said {
    /// The entry.
    pub entry: EntryId,
    /// The listing.
    pub listing: ListingId,
    /// What it was found to be; none where what was said before is taken back.
    pub verdict: Option<Verdict>,
    /// When it was said.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why; may be empty.
    pub why: String,
}

impl Record for Said {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            entry: cells.next()?,
            listing: cells.next()?,
            verdict: cells.next()?,
            at: cells.next()?,
            who: cells.next()?,
            why: cells.next()?,
        })
    }
}

const COLUMNS: &str = "entry, listing, verdict, at, who, why";

/// Says something of sightings, each of another pair. Hold their entries first, so that none is judged meanwhile.
pub async fn say(tx: &mut Tx, said: &[Said]) -> Result<()> {
    let ids = tx.reserve::<VerdictId>(said.len()).await?;
    let rows: Vec<(VerdictId, &Said)> = ids.into_iter().zip(said).collect();
    for rows in tx.chunks(&rows) {
        let text = format!("INSERT INTO verdict (organisation, id, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(rows, |(VerdictId(id), said), row| {
                row.put(tx.org).put(*id).put(said.entry).put(said.listing);
                row.put(said.verdict)
                    .put(said.at)
                    .put(&said.who)
                    .put(&said.why);
            })
            .run(tx)
            .await?;
        // Beside the sighting, since every judgement of the entry asks for it.
        tx.sql("WITH said (entry, listing, rejected) AS (VALUES ")
            .rows(rows, |(_, said), row| {
                row.put(said.entry).put(said.listing);
                row.put(said.verdict == Some(Verdict::Rejected));
            })
            .push(
                ") UPDATE sighting SET rejected = said.rejected FROM said
                   WHERE sighting.organisation = ? AND sighting.entry = said.entry AND sighting.listing = said.listing",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Everything that was ever said of these pairs, in the order in which it was said.
pub async fn history(tx: &mut Tx, pairs: &[(EntryId, ListingId)]) -> Result<Vec<Said>> {
    let mut all = Vec::new();
    for pairs in tx.chunks(pairs) {
        let sql = tx
            .sql("WITH wanted (entry, listing) AS (VALUES ")
            .rows(pairs, |(entry, listing), row| {
                row.put(*entry).put(*listing);
            })
            .push(
                ") SELECT verdict.entry, verdict.listing, verdict.verdict, verdict.at, verdict.who, verdict.why
                   FROM wanted CROSS JOIN verdict
                   WHERE verdict.organisation = ? AND verdict.entry = wanted.entry AND verdict.listing = wanted.listing
                   ORDER BY verdict.id",
            )
            .bind(tx.org);
        all.extend(sql.all::<Said>(tx).await?);
    }
    Ok(all)
}

/// What counts of these pairs: the last word on each, where it was not taken back.
pub async fn of_pairs(
    tx: &mut Tx,
    pairs: &[(EntryId, ListingId)],
) -> Result<HashMap<(EntryId, ListingId), Said>> {
    let said = history(tx, pairs).await?.into_iter();
    let mut last: HashMap<_, _> = said
        .map(|said| ((said.entry, said.listing), said))
        .collect();
    last.retain(|_, said| said.verdict.is_some());
    Ok(last)
}

/// Those of these pairs that were rejected.
pub async fn rejected(
    tx: &mut Tx,
    pairs: &[(EntryId, ListingId)],
) -> Result<HashSet<(EntryId, ListingId)>> {
    let mut rejected = HashSet::new();
    for pairs in tx.chunks(pairs) {
        let sql = tx
            .sql("WITH wanted (entry, listing) AS (VALUES ")
            .rows(pairs, |(entry, listing), row| {
                row.put(*entry).put(*listing);
            })
            .push(
                ") SELECT sighting.entry, sighting.listing FROM wanted CROSS JOIN sighting
                   WHERE +sighting.organisation = ? AND sighting.entry = wanted.entry
                     AND sighting.listing = wanted.listing AND sighting.rejected = 1",
            )
            .bind(tx.org);
        rejected.extend(sql.all::<(EntryId, ListingId)>(tx).await?);
    }
    Ok(rejected)
}
