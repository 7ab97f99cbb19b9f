//! Visits: URLs due to be fetched, and how each ended. Who has which is in [`leases`](crate::leases).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use sightline_model::{CaptureId, NewVisit, Outcome, RunId, Timestamp, Visit, VisitId, VisitKind};

use url::Url;

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record},
};

pub(crate) const COLUMNS: &str = "id, run, source, kind, url, host, depth, attempts, due_at, state, outcome, detail, \
                                  status, capture, listing, finished_at";

impl Record for Visit {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            run: cells.next()?,
            source: cells.next()?,
            kind: cells.next()?,
            url: cells.next()?,
            host: cells.next()?,
            depth: cells.next()?,
            attempts: cells.next()?,
            due_at: cells.next()?,
            state: cells.next()?,
            outcome: cells.next()?,
            detail: cells.next()?,
            status: cells.next()?,
            capture: cells.next()?,
            listing: cells.next()?,
            finished_at: cells.next()?,
        })
    }
}

/// Adds visits to their runs, each URL once in a run. For each of `visits`, in order: its identifier if it was added,
/// none if its run had the URL already.
pub async fn add(tx: &mut Tx, visits: &[NewVisit]) -> Result<Vec<Option<VisitId>>> {
    let ids = tx.reserve::<VisitId>(visits.len()).await?;
    let mut rows: Vec<(VisitId, &NewVisit, String)> = ids
        .iter()
        .zip(visits)
        .map(|(&id, visit)| (id, visit, visit.host()))
        .collect();
    rows.sort_by(|(_, a, _), (_, b, _)| (a.run, &a.url).cmp(&(b.run, &b.url)));
    meet_hosts(tx, rows.iter().map(|(_, _, host)| host.as_str()).collect()).await?;
    let mut added = HashSet::with_capacity(rows.len());
    for rows in tx.chunks(&rows) {
        let sql = tx
            .sql("INSERT INTO visit (organisation, id, run, source, kind, url, host, depth, attempts, due_at, state, listing) VALUES ")
            .rows(rows, |(id, visit, host), row| {
                row.put(tx.org).put(*id).put(visit.run).put(visit.source).put(visit.kind);
                row.put(&visit.url).put(host).put(visit.depth).put(0_i64).put(visit.due_at);
                row.put("due").put(visit.listing);
            })
            .push(" ON CONFLICT (run, url) DO NOTHING RETURNING id");
        let new: Vec<(VisitId,)> = sql.all(tx).await?;
        added.extend(new.into_iter().map(|(id,)| id));
    }
    Ok(ids
        .into_iter()
        .map(|id| added.contains(&id).then_some(id))
        .collect())
}

/// Makes the rows of hosts that were not met before, so that their visits can be leased.
async fn meet_hosts(tx: &mut Tx, hosts: BTreeSet<&str>) -> Result<()> {
    let hosts: Vec<&str> = hosts.into_iter().collect();
    for hosts in tx.chunks(&hosts) {
        tx.sql("INSERT INTO host (organisation, host, next_at, interval_ms, backoffs) VALUES ")
            .rows(hosts, |host, row| {
                row.put(tx.org).put(*host).put(0_i64).put(0_i64).put(0_i64);
            })
            .push(" ON CONFLICT (organisation, host) DO NOTHING")
            .run(tx)
            .await?;
    }
    Ok(())
}

/// How a visit ended for good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitEnd {
    /// Which.
    pub id: VisitId,
    /// How.
    pub outcome: Outcome,
    /// The same in words, with the particulars.
    pub detail: Option<String>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// What was kept of it.
    pub capture: Option<CaptureId>,
    /// When.
    pub at: Timestamp,
}

/// Ends visits. Those that had ended already stay as they were.
pub async fn finish(tx: &mut Tx, ends: &[VisitEnd]) -> Result<()> {
    for ends in tx.chunks(ends) {
        tx.sql("WITH ended (id, outcome, detail, status, capture, at) AS (VALUES ")
            .rows(ends, |end, row| {
                row.put(end.id)
                    .put(end.outcome)
                    .put(end.detail.as_ref())
                    .put(end.status);
                row.put(end.capture).put(end.at);
            })
            .push(
                ") UPDATE visit SET state = 'done', outcome = ended.outcome, detail = ended.detail,
                     status = ended.status, capture = ended.capture, finished_at = ended.at,
                     owner = NULL, lease_until = NULL
                   FROM ended WHERE visit.organisation = ? AND visit.id = ended.id AND visit.state <> 'done'",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Whether a try that failed counts towards the limit of tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Try {
    /// It does.
    Counts,
    /// It doesn't: the site asked us to wait, or we stopped.
    DoesNotCount,
}

/// A visit that is to be tried again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitRetry {
    /// Which.
    pub id: VisitId,
    /// How this try ended.
    pub outcome: Outcome,
    /// The same in words, with the particulars.
    pub detail: Option<String>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// Whether this try counts.
    pub counted: Try,
}

/// Makes visits due again.
pub async fn retry(tx: &mut Tx, retries: &[VisitRetry]) -> Result<()> {
    for retries in tx.chunks(retries) {
        tx.sql("WITH again (id, outcome, detail, status, due_at, uncounted) AS (VALUES ")
            .rows(retries, |retry, row| {
                row.put(retry.id).put(retry.outcome).put(retry.detail.as_ref()).put(retry.status);
                row.put(retry.due_at).put(retry.counted == Try::DoesNotCount);
            })
            .push(
                ") UPDATE visit SET state = 'due', outcome = again.outcome, detail = again.detail,
                     status = again.status, due_at = again.due_at, owner = NULL, lease_until = NULL,
                     attempts = CASE WHEN visit.attempts > again.uncounted THEN visit.attempts - again.uncounted ELSE 0 END
                   FROM again WHERE visit.organisation = ? AND visit.id = again.id AND visit.state <> 'done'",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Ends all visits of a run to a host that nobody has: they were not asked, and are not. How many pages they were, images aside.
pub async fn give_up(
    tx: &mut Tx,
    run: RunId,
    host: &str,
    detail: &str,
    now: Timestamp,
) -> Result<i64> {
    end_due(tx, run, Some(host), (Outcome::RateLimited, detail), now).await
}

/// Ends all visits of a run that nobody has, for nobody can make them any more. How many pages they were, images aside.
pub async fn forsake(tx: &mut Tx, run: RunId, detail: &str, now: Timestamp) -> Result<i64> {
    end_due(tx, run, None, (Outcome::OutOfScope, detail), now).await
}

async fn end_due(
    tx: &mut Tx,
    run: RunId,
    host: Option<&str>,
    (outcome, detail): (Outcome, &str),
    now: Timestamp,
) -> Result<i64> {
    let ended: Vec<(VisitKind,)> = tx
        .sql(
            "UPDATE visit SET state = 'done', outcome = ?, detail = ?, finished_at = ?, owner = NULL, lease_until = NULL
             WHERE organisation = ? AND run = ? AND state = 'due'",
        )
        .bind(outcome)
        .bind(detail)
        .bind(now)
        .bind(tx.org)
        .bind(run)
        .push_if(" AND host = ?", host)
        .push(" RETURNING kind")
        .all(tx)
        .await?;
    let pages = ended.iter().filter(|(kind,)| *kind != VisitKind::Image);
    Ok(i64::try_from(pages.count()).unwrap_or(i64::MAX))
}

/// When a visit of a run last ended, or was or will be due; none where a worker has one, or it has none.
pub async fn last_moved(tx: &mut Tx, run: RunId) -> Result<Option<Timestamp>> {
    let (last, leased): (Option<Timestamp>, Option<i64>) = tx
        .sql(
            "SELECT max(coalesce(finished_at, due_at)), CAST(max(CASE WHEN state = 'leased' THEN 1 ELSE 0 END) AS BIGINT)
             FROM visit WHERE organisation = ? AND run = ?",
        )
        .bind(tx.org)
        .bind(run)
        .one(tx)
        .await?;
    Ok(last.filter(|_| leased == Some(0)))
}

/// Whether any visit of a run has not ended. Not how many: that would be to walk along all that are due, at each commit.
pub async fn any_remaining(tx: &mut Tx, run: RunId) -> Result<bool> {
    let found: Option<(i64,)> = tx
        .sql("SELECT 1 FROM visit WHERE +organisation = ? AND run = ? AND state <> 'done' LIMIT 1")
        .bind(tx.org)
        .bind(run)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// A host that visits of some runs wait for, or are under way to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The host and port: `ads.example:443`.
    pub host: String,
    /// The visits to it that have not ended.
    pub visits: i64,
    /// Those of them that a worker has.
    pub leased: i64,
    /// When the first of them is due.
    pub due_at: Timestamp,
    /// Until when the host asked to be left alone; it may be past.
    pub backoff_until: Option<Timestamp>,
    /// What came of the last try of one of them, where one was tried.
    pub detail: Option<String>,
}

impl Waiting {
    /// When the host may be asked again, as far as is known.
    pub fn next_at(&self) -> Timestamp {
        self.backoff_until
            .map_or(self.due_at, |held| held.max(self.due_at))
    }
}

impl Record for Waiting {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            host: cells.next()?,
            visits: cells.next()?,
            leased: cells.next()?,
            due_at: cells.next()?,
            backoff_until: cells.next()?,
            detail: cells.next()?,
        })
    }
}

/// The hosts of the visits of these runs that have not ended, in order of their names.
pub async fn waiting(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Waiting>> {
    tx.sql(
        "SELECT visit.host, count(*), CAST(sum(CASE WHEN visit.state = 'leased' THEN 1 ELSE 0 END) AS BIGINT),
           min(visit.due_at), host.backoff_until, max(visit.detail)
         FROM visit LEFT JOIN host ON host.organisation = visit.organisation AND host.host = visit.host
         WHERE visit.organisation = ? AND visit.state <> 'done' AND visit.run IN ",
    )
    .bind(tx.org)
    .list(runs.iter().copied())
    .push(" GROUP BY visit.host, host.backoff_until ORDER BY visit.host")
    .all(tx)
    .await
}

/// The runs of these whose visits that have not ended all wait for hosts which want to be left alone, with when the first of
/// those may be asked again.
pub async fn held(
    tx: &mut Tx,
    runs: &[RunId],
    now: Timestamp,
) -> Result<HashMap<RunId, Timestamp>> {
    let mut held = HashMap::new();
    for runs in tx.chunks(runs) {
        // A run that can go on is known by the first of its visits that can.
        let found: Vec<(RunId, Option<Timestamp>)> = tx
            .sql(
                "SELECT run.id, (SELECT min(host.backoff_until) FROM visit
                   JOIN host ON host.organisation = visit.organisation AND host.host = visit.host
                   WHERE visit.organisation = run.organisation AND visit.run = run.id AND visit.state <> 'done')
                 FROM run WHERE run.organisation = ? AND NOT EXISTS (SELECT 1 FROM visit
                   LEFT JOIN host ON host.organisation = visit.organisation AND host.host = visit.host
                   WHERE visit.organisation = run.organisation AND visit.run = run.id AND visit.state <> 'done'
                     AND (visit.state = 'leased' OR host.backoff_until IS NULL OR host.backoff_until <= ?))
                 AND run.id IN ",
            )
            .bind(tx.org)
            .bind(now)
            .list(runs.iter().copied())
            .all(tx)
            .await?;
        held.extend(
            found
                .into_iter()
                .filter_map(|(run, until)| Some((run, until?))),
        );
    }
    Ok(held)
}

/// Those of `urls` that a run has a visit for already.
pub async fn met(tx: &mut Tx, run: RunId, urls: &[&Url]) -> Result<HashSet<Url>> {
    let mut met = HashSet::with_capacity(urls.len());
    for urls in tx.chunks(urls) {
        let sql = tx
            .sql("SELECT url FROM visit WHERE organisation = ? AND run = ? AND url IN ")
            .bind(tx.org)
            .bind(run)
            .list(urls.iter().copied());
        met.extend(sql.all::<(Url,)>(tx).await?.into_iter().map(|(url,)| url));
    }
    Ok(met)
}

/// Those of `urls` that a run had a page of, changed or not.
pub async fn answered(tx: &mut Tx, run: RunId, urls: &[&Url]) -> Result<HashSet<Url>> {
    let mut answered = HashSet::with_capacity(urls.len());
    for urls in tx.chunks(urls) {
        let sql = tx
            .sql(
                "SELECT url FROM visit WHERE organisation = ? AND run = ? AND outcome IN ('fetched', 'unchanged')
                   AND coalesce(status, 200) NOT IN (404, 410) AND url IN ",
            )
            .bind(tx.org)
            .bind(run)
            .list(urls.iter().copied());
        answered.extend(sql.all::<(Url,)>(tx).await?.into_iter().map(|(url,)| url));
    }
    Ok(answered)
}

/// How often visits of a kind ended in an outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutcomeCount {
    /// What they hoped to find.
    pub kind: VisitKind,
    /// Links from the start page, counted up to 1: 0 are the start pages.
    pub depth: u32,
    /// How they ended.
    pub outcome: Outcome,
    /// False where nothing was asked for: a limit of the source kept them out.
    pub was_asked: bool,
    /// True of pages that the run asked about a listing each, since no list leads there any more.
    pub is_unlisted: bool,
    /// How many.
    pub count: i64,
}

impl Record for OutcomeCount {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            kind: cells.next()?,
            depth: cells.next()?,
            outcome: cells.next()?,
            was_asked: cells.next::<u32>()? > 0,
            is_unlisted: cells.next::<u32>()? > 0,
            count: cells.next()?,
        })
    }
}

/// How the ended visits of a run ended; start pages apart from the rest.
pub async fn outcomes(tx: &mut Tx, run: RunId) -> Result<Vec<OutcomeCount>> {
    tx.sql(
        "SELECT kind, CASE WHEN depth = 0 THEN 0 ELSE 1 END AS distance, outcome,
           CASE WHEN outcome = 'out_of_scope' AND capture IS NULL THEN 0 ELSE 1 END AS asked,
           CASE WHEN kind = 'detail' AND listing IS NOT NULL THEN 1 ELSE 0 END AS unlisted, count(*)
         FROM visit WHERE organisation = ? AND run = ? AND state = 'done' AND outcome IS NOT NULL
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    )
    .bind(tx.org)
    .bind(run)
    .all(tx)
    .await
}

/// Visits, the latest first; `since` is of the end, or of the due instant of those that have not ended.
pub async fn list(tx: &mut Tx, filter: &Filter<VisitId>, run: Option<RunId>) -> Result<Vec<Visit>> {
    listed(tx, filter, run, "").await
}

/// Those of them that were not given what they asked for, for good or so far.
pub async fn list_missed(
    tx: &mut Tx,
    filter: &Filter<VisitId>,
    run: Option<RunId>,
) -> Result<Vec<Visit>> {
    listed(
        tx,
        filter,
        run,
        " AND outcome NOT IN ('fetched', 'unchanged', 'shared_key')",
    )
    .await
}

async fn listed(
    tx: &mut Tx,
    filter: &Filter<VisitId>,
    run: Option<RunId>,
    only: &str,
) -> Result<Vec<Visit>> {
    let text = format!("SELECT {COLUMNS} FROM visit WHERE organisation = ?{only}");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND run = ?", run)
        .push_if(" AND coalesce(finished_at, due_at) >= ?", filter.since)
        .push_if(" AND source = ?", filter.source)
        .push_if(" AND state = ?", filter.state)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}

/// The hosts all of whose fresh visits are further ahead of `now` than `at_most`, each with the instant of the first. Fresh are
/// those that were due as soon as a page led to them, and were never made: only a clock that was set back leaves them there.
pub async fn too_far_ahead(
    tx: &mut Tx,
    at_most: Duration,
    now: Timestamp,
) -> Result<Vec<(String, Timestamp)>> {
    let sql = tx.sql(
        "SELECT host, soonest FROM
           (SELECT host.host AS host, (SELECT min(visit.due_at) FROM visit
              WHERE visit.organisation = host.organisation AND visit.host = host.host AND visit.state = 'due'
                AND visit.outcome IS NULL AND visit.depth > 0) AS soonest
            FROM host WHERE host.organisation = ?) AS firsts
         WHERE soonest > ? ORDER BY host",
    );
    sql.bind(tx.org).bind(now + at_most).all(tx).await
}

/// Makes the fresh visits of such hosts due, in the order that they have; how many. What was put off after a try waits on, and
/// so does what a run begins with.
pub async fn bring_back(tx: &mut Tx, at_most: Duration, now: Timestamp) -> Result<u64> {
    let mut brought = 0;
    for (host, first) in too_far_ahead(tx, at_most, now).await? {
        let sql = tx.sql(
            "UPDATE visit SET due_at = due_at - ?
             WHERE organisation = ? AND host = ? AND state = 'due' AND outcome IS NULL AND depth > 0",
        );
        let sql = sql.bind(first.0 - now.0).bind(tx.org).bind(&*host);
        brought += sql.run(tx).await?;
    }
    Ok(brought)
}
