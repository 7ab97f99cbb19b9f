//! Runs: scheduled passes over a source.

use std::collections::HashMap;

use sightline_model::{Run, RunCounts, RunId, RunOutcome, RunState, SourceId, Timestamp};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record},
};

const COLUMNS: &str = "id, source, planned_at, started_at, finished_at, state, outcome, visits, fetched, unchanged, \
                       failed, listings_new, listings_changed, listings_removed, sightings, bytes";

impl Record for Run {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            source: cells.next()?,
            planned_at: cells.next()?,
            started_at: cells.next()?,
            finished_at: cells.next()?,
            state: cells.next()?,
            outcome: cells.next()?,
            counts: RunCounts {
                visits: cells.next()?,
                fetched: cells.next()?,
                unchanged: cells.next()?,
                failed: cells.next()?,
                listings_new: cells.next()?,
                listings_changed: cells.next()?,
                listings_removed: cells.next()?,
                sightings: cells.next()?,
                bytes: cells.next()?,
            },
        })
    }
}

/// The deed of somebody who asked for a run now: of the source, and its particulars are the run's identifier.
pub const ASKED_FOR: &str = "source.run";

/// Stores a planned run. False if there is one for this source and instant already: then another process was quicker.
pub async fn plan(tx: &mut Tx, run: &Run) -> Result<bool> {
    let counts = &run.counts;
    let text = format!("INSERT INTO run (organisation, {COLUMNS}) VALUES ");
    let added = tx
        .sql(&text)
        .rows([run], |run, row| {
            row.put(tx.org).put(run.id).put(run.source);
            row.put(run.planned_at)
                .put(run.started_at)
                .put(run.finished_at);
            row.put(run.state).put(run.outcome);
            row.put(counts.visits)
                .put(counts.fetched)
                .put(counts.unchanged);
            row.put(counts.failed).put(counts.listings_new);
            row.put(counts.listings_changed)
                .put(counts.listings_removed);
            row.put(counts.sightings).put(counts.bytes);
        })
        .push(" ON CONFLICT (organisation, source, planned_at) DO NOTHING")
        .run(tx)
        .await?;
    Ok(added > 0)
}

/// The runs of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[RunId]) -> Result<Vec<Run>> {
    let mut runs = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let text = format!("SELECT {COLUMNS} FROM run WHERE +organisation = ? AND id IN ");
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        runs.extend(sql.all::<Run>(tx).await?);
    }
    Ok(runs)
}

/// The runs that are not finished, of one source or of all, the earliest planned first.
pub async fn unfinished(tx: &mut Tx, source: Option<SourceId>) -> Result<Vec<Run>> {
    let text = format!("SELECT {COLUMNS} FROM run WHERE organisation = ? AND state <> 'finished'");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND source = ?", source)
        .push(" ORDER BY planned_at, id")
        .all(tx)
        .await
}

/// How many runs of a source were planned after this instant, whatever became of them.
pub async fn planned_after(tx: &mut Tx, source: SourceId, at: Timestamp) -> Result<i64> {
    let (count,): (i64,) = tx
        .sql("SELECT count(*) FROM run WHERE organisation = ? AND source = ? AND planned_at > ?")
        .bind(tx.org)
        .bind(source)
        .bind(at)
        .one(tx)
        .await?;
    Ok(count)
}

/// Begins a queued run. False if it was not queued.
pub async fn start(tx: &mut Tx, id: RunId, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE run SET state = 'running', started_at = ?
             WHERE organisation = ? AND id = ? AND state = 'queued'",
    )
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// Ends a run. False if it had ended already: then another process was quicker.
pub async fn finish(tx: &mut Tx, id: RunId, outcome: RunOutcome, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE run SET state = ?, outcome = ?, finished_at = ?
             WHERE organisation = ? AND id = ? AND state <> 'finished'",
    )
    .bind(RunState::Finished)
    .bind(outcome)
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// Adds to what runs have done so far. Several entries for one run add up.
pub async fn add_counts(tx: &mut Tx, more: &[(RunId, RunCounts)]) -> Result<()> {
    // One row for each run: a statement can't touch a row twice.
    let mut sums = std::collections::BTreeMap::<RunId, RunCounts>::new();
    for &(run, counts) in more {
        *sums.entry(run).or_default() += counts;
    }
    let sums: Vec<_> = sums.into_iter().collect();
    let ids: Vec<RunId> = sums.iter().map(|(run, _)| *run).collect();
    tx.hold("run", &ids).await?;
    for sums in tx.chunks(&sums) {
        tx.sql("WITH more (id, visits, fetched, unchanged, failed, listings_new, listings_changed, listings_removed, sightings, bytes) AS (VALUES ")
            .rows(sums, |(run, counts), row| {
                row.put(*run).put(counts.visits).put(counts.fetched).put(counts.unchanged).put(counts.failed);
                row.put(counts.listings_new).put(counts.listings_changed).put(counts.listings_removed);
                row.put(counts.sightings).put(counts.bytes);
            })
            .push(
                ") UPDATE run SET visits = run.visits + more.visits, fetched = run.fetched + more.fetched,
                     unchanged = run.unchanged + more.unchanged, failed = run.failed + more.failed,
                     listings_new = run.listings_new + more.listings_new,
                     listings_changed = run.listings_changed + more.listings_changed,
                     listings_removed = run.listings_removed + more.listings_removed,
                     sightings = run.sightings + more.sightings, bytes = run.bytes + more.bytes
                   FROM more WHERE run.organisation = ? AND run.id = more.id",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// How the last runs of a source ended that were begun, the latest first, `at_most` of them.
pub async fn last_outcomes(tx: &mut Tx, source: SourceId, at_most: u32) -> Result<Vec<RunOutcome>> {
    let outcomes: Vec<(RunOutcome,)> = tx
        .sql(
            "SELECT outcome FROM run WHERE organisation = ? AND source = ? AND outcome IS NOT NULL AND outcome <> 'skipped'
             ORDER BY coalesce(started_at, planned_at) DESC, planned_at DESC LIMIT ?",
        )
        .bind(tx.org)
        .bind(source)
        .bind(i64::from(at_most))
        .all(tx)
        .await?;
    Ok(outcomes.into_iter().map(|(outcome,)| outcome).collect())
}

/// The last run of a source that saw everything, by when it began.
pub async fn last_complete(tx: &mut Tx, source: SourceId) -> Result<Option<Run>> {
    let text = format!(
        "SELECT {COLUMNS} FROM run WHERE organisation = ? AND source = ? AND outcome = 'complete'
         ORDER BY coalesce(started_at, planned_at) DESC, planned_at DESC LIMIT 1"
    );
    tx.sql(&text).bind(tx.org).bind(source).optional(tx).await
}

/// When each of these sources was looked at after an instant: the beginnings, in order, of runs that are over and had pages read
/// with listings on them. Not of those that failed, were refused, or found a site that shows nothing any more.
pub async fn looks(
    tx: &mut Tx,
    sources: &[(SourceId, Timestamp)],
) -> Result<HashMap<SourceId, Vec<Timestamp>>> {
    let mut looks = HashMap::new();
    for (source, since) in sources {
        // A run may have been planned long before it could begin.
        let rows: Vec<(Timestamp,)> = tx
            .sql(
                "SELECT started_at FROM run WHERE organisation = ? AND source = ? AND started_at > ?
                   AND outcome IN ('complete', 'partial') ORDER BY started_at",
            )
            .bind(tx.org)
            .bind(*source)
            .bind(*since)
            .all(tx)
            .await?;
        looks.insert(*source, rows.into_iter().map(|(at,)| at).collect());
    }
    Ok(looks)
}

/// Runs, the latest first; `since` is of the planned instant.
pub async fn list(tx: &mut Tx, filter: &Filter<RunId>) -> Result<Vec<Run>> {
    let text = format!("SELECT {COLUMNS} FROM run WHERE +organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND planned_at >= ?", filter.since)
        .push_if(" AND source = ?", filter.source)
        .push_if(" AND state = ?", filter.state)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}

/// The latest runs of each of these sources, `each` of them at most: by source, the latest begun first, as
/// [`of_source`] has them.
pub async fn latest_of(tx: &mut Tx, sources: &[SourceId], each: u32) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    // One look at a key for each source: a window over all runs would read them all.
    for sources in sources.chunks(50) {
        let mut sql = tx.sql("");
        for (nth, source) in sources.iter().enumerate() {
            let text = format!(
                "{}SELECT * FROM (SELECT {COLUMNS} FROM run WHERE organisation = ? AND source = ?
                 ORDER BY coalesce(started_at, planned_at) DESC, planned_at DESC LIMIT ?) AS part",
                if nth > 0 { " UNION ALL " } else { "" }
            );
            sql = sql
                .push(&text)
                .bind(tx.org)
                .bind(*source)
                .bind(i64::from(each));
        }
        runs.extend(sql.once().all::<Run>(tx).await?);
    }
    runs.sort_by_key(|run| (run.source, std::cmp::Reverse(begun(run))));
    Ok(runs)
}

/// Where a run stands among those of its source.
pub type Begun = (Timestamp, Timestamp);

/// By when it began, and of several by when they were planned.
pub fn begun(run: &Run) -> Begun {
    (run.begun(), run.planned_at)
}

/// Runs of a source, the latest begun first; of those that stand after `before` in this order, where it is given.
pub async fn of_source(
    tx: &mut Tx,
    source: SourceId,
    before: Option<Begun>,
    limit: u32,
) -> Result<Vec<Run>> {
    let text = format!("SELECT {COLUMNS} FROM run WHERE organisation = ? AND source = ?");
    let sql = tx.sql(&text).bind(tx.org).bind(source);
    let sql = match before {
        Some((began, planned)) => sql
            .push(" AND (coalesce(started_at, planned_at), planned_at) < (?, ?)")
            .bind(began)
            .bind(planned),
        None => sql,
    };
    sql.push(" ORDER BY coalesce(started_at, planned_at) DESC, planned_at DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}
