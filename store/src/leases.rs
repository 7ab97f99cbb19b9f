//! Leases: which worker has which hosts and visits, and until when.
//!
//! A worker owns a host as long as it has visits of it and its lease lasts: the host's visits are then its alone. A lease
//! that expires gives host and visits back, so a dead worker loses nothing. Each visit taken moves the host's `next_at`
//! ahead by one interval: that stretch is reserved for the worker, and whoever takes the host over, after a crash as well,
//! waits it out. A visit may be led to hosts that another worker owns; what it sends there is sent in a stretch of its own
//! ([`hosts::reserve`]).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use sightline_model::{HostState, Page, SourceId, Stretch, Timestamp, Visit, VisitId};

use crate::{Result, Tx, hosts, pages, sql::Sql, visits};

/// A visit that a worker has, with what it needs to carry it out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// What to fetch.
    pub visit: Visit,
    /// What its URL looked like last time.
    pub page: Option<Page>,
    /// The host as it was before this lease; `next_at` is the first instant at which a new owner may speak to it.
    pub host: Arc<HostState>,
    /// What is reserved at the host for this visit and those that were taken with it.
    pub reserved: Stretch,
}

/// Whose visits a worker takes.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Those of all sources.
    Everyones,
    /// Those of these sources.
    Only(&'a [SourceId]),
    /// Those of all sources but these.
    AllBut(&'a [SourceId]),
}

impl Whose<'_> {
    fn named(self) -> usize {
        match self {
            Self::Everyones => 0,
            Self::Only(sources) | Self::AllBut(sources) => sources.len(),
        }
    }
}

/// What a worker asks for.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// Its name, unique among the workers that live.
    pub worker: &'a str,
    /// How long it wants them for; longer than any visit takes, or renewed.
    pub lease_for: Duration,
    /// Visits of which sources.
    pub sources: Whose<'a>,
    /// Visits at most.
    pub at_most: usize,
    /// Visits of one host at most, those that it has already included.
    pub per_host: usize,
}

/// Takes visits that are due, evenly over the hosts: one of each, then a second of each, the longest due first. A host
/// that backs off, that another worker has, or whose next turn comes after the lease is left alone.
pub async fn lease_due(tx: &mut Tx, wish: &Wish<'_>, now: Timestamp) -> Result<Vec<Lease>> {
    expire(tx, now).await?;
    let free = free_hosts(tx, wish, now).await?;
    let candidates = candidates(tx, wish, &free, now).await?;
    let taken = share_out(candidates, wish.at_most);
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let mut turns = BTreeMap::<&str, i64>::new();
    for candidate in &taken {
        *turns.entry(&free[candidate.host].host).or_default() += 1;
    }
    let hosts: Vec<&str> = turns.keys().copied().collect();
    let states: HashMap<String, Arc<HostState>> = hosts::get(tx, &hosts)
        .await?
        .into_iter()
        .map(|state| (state.host.clone(), Arc::new(state)))
        .collect();
    let reserved: HashMap<&str, Stretch> = turns
        .iter()
        .map(|(&host, &turns)| (host, stretch(states.get(host), turns, now)))
        .collect();
    claim_hosts(tx, wish, &turns, now).await?;
    let ids: Vec<VisitId> = taken.iter().map(|candidate| candidate.visit).collect();
    let visits = claim_visits(tx, wish, &ids, now).await?;
    let mut pages = pages::of_visits(tx, &visits).await?;
    Ok(visits
        .into_iter()
        .map(|visit| Lease {
            page: pages.remove(&visit.id),
            host: states.get(&visit.host).cloned().unwrap_or_default(),
            reserved: reserved.get(&*visit.host).copied().unwrap_or_default(),
            visit,
        })
        .collect())
}

/// What [`claim_hosts`] reserves for so many turns at a host.
fn stretch(host: Option<&Arc<HostState>>, turns: i64, now: Timestamp) -> Stretch {
    let Some(host) = host else {
        return Stretch::default();
    };
    let turns = u32::try_from(turns).unwrap_or(u32::MAX);
    let from = host.next_at.max(now);
    Stretch {
        from,
        until: from + host.interval * turns,
    }
}

/// Makes the visits of dead workers due again.
async fn expire(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let skip = tx.lock(" ORDER BY id FOR UPDATE SKIP LOCKED");
    tx.sql(
        "UPDATE visit SET state = 'due', owner = NULL, lease_until = NULL WHERE organisation = ? AND id IN (
           SELECT id FROM visit WHERE organisation = ? AND state = 'leased' AND lease_until <= ?",
    )
    .bind(tx.org)
    .bind(tx.org)
    .bind(now)
    .push(skip)
    .push(")")
    .run(tx)
    .await?;
    Ok(())
}

/// A host that the worker may take visits of, and how many.
struct FreeHost {
    host: String,
    room: usize,
}

/// The hosts that the worker may have: those that may be spoken to now before those whose turn is reserved, and of
/// each the longest due first. One that another worker owns is free once that one has no visit of it: its next ones may be
/// of sources that the owner does not know. On PostgreSQL their rows are locked until
/// the commit; what another process has locked is skipped, for it is about to be that one's.
async fn free_hosts(tx: &mut Tx, wish: &Wish<'_>, now: Timestamp) -> Result<Vec<FreeHost>> {
    let held: HashMap<String, i64> = tx
        .sql(
            "SELECT host, count(*) FROM visit
             WHERE organisation = ? AND state = 'leased' AND owner = ? GROUP BY host",
        )
        .bind(tx.org)
        .bind(wish.worker)
        .all::<(String, i64)>(tx)
        .await?
        .into_iter()
        .collect();
    let room = |host: &str| {
        let held = held.get(host).copied().unwrap_or(0);
        wish.per_host
            .saturating_sub(usize::try_from(held).unwrap_or(usize::MAX))
    };
    let full: Vec<&String> = held.keys().filter(|host| room(host) == 0).collect();
    let mut sql = tx
        .sql(
            "SELECT host.host FROM host
             WHERE host.organisation = ? AND (host.owner IS NULL OR host.owner = ? OR host.lease_until <= ?
                 OR NOT EXISTS (SELECT 1 FROM visit WHERE visit.organisation = host.organisation
                   AND visit.state = 'leased' AND visit.owner = host.owner AND visit.host = host.host))
               AND (host.backoff_until IS NULL OR host.backoff_until <= ?) AND host.next_at <= ?",
        )
        .bind(tx.org)
        .bind(wish.worker)
        .bind(now)
        .bind(now)
        .bind(now + wish.lease_for);
    // Which hosts are full hardly comes again; without them the text is the same each time.
    if !full.is_empty() {
        sql = sql.push(" AND host.host NOT IN ").list(full).once();
    }
    sql = sql.push(" AND EXISTS (SELECT 1").push(DUE_ON_HOST);
    sql = of_sources(sql.bind(tx.org).bind(now), wish.sources);
    sql = sql
        .push(") ORDER BY CASE WHEN host.next_at > ? THEN 1 ELSE 0 END, (SELECT min(visit.due_at)")
        .bind(now)
        .push(DUE_ON_HOST);
    sql = of_sources(sql.bind(tx.org).bind(now), wish.sources)
        .push("), host.host LIMIT ?")
        .bind(i64::try_from(wish.at_most).unwrap_or(i64::MAX))
        .push(tx.lock(" FOR UPDATE OF host SKIP LOCKED"));
    let found: Vec<(String,)> = sql.all(tx).await?;
    Ok(found
        .into_iter()
        .map(|(host,)| FreeHost {
            room: room(&host),
            host,
        })
        .collect())
}

const DUE_ON_HOST: &str = " FROM visit WHERE visit.organisation = ? AND visit.state = 'due'
                            AND visit.host = host.host AND visit.due_at <= ?";

fn of_sources(sql: Sql, sources: Whose<'_>) -> Sql {
    match sources {
        Whose::Only(sources) => sql
            .push(" AND visit.source IN ")
            .list(sources.iter().copied()),
        Whose::AllBut(sources) if !sources.is_empty() => sql
            .push(" AND visit.source NOT IN ")
            .list(sources.iter().copied()),
        Whose::Everyones | Whose::AllBut(_) => sql,
    }
}

/// A visit that may be taken.
struct Candidate {
    /// The place of its host in the list of free ones.
    host: usize,
    visit: VisitId,
}

/// For each host, the visits that are longest due, as many as it has room for.
async fn candidates(
    tx: &mut Tx,
    wish: &Wish<'_>,
    free: &[FreeHost],
    now: Timestamp,
) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    let numbered: Vec<_> = free.iter().enumerate().collect();
    // SQLite joins 500 selects at most, and takes some 32,000 values. Each select is one step down the index of due visits.
    let at_once = (30_000 / (wish.sources.named() + 6)).clamp(1, 100);
    for hosts in numbered.chunks(at_once) {
        let mut sql = tx.sql("");
        for (nth, (number, free)) in hosts.iter().enumerate() {
            sql = sql
                .push(if nth > 0 { " UNION ALL " } else { "" })
                .push(
                    "SELECT * FROM (SELECT CAST(? AS BIGINT) AS place, id FROM visit
                     WHERE organisation = ? AND state = 'due' AND host = ? AND due_at <= ?",
                )
                .bind(i64::try_from(*number).unwrap_or(i64::MAX))
                .bind(tx.org)
                .bind(&free.host)
                .bind(now);
            sql = of_sources(sql, wish.sources)
                .push(" ORDER BY due_at, id LIMIT ?) AS part")
                .bind(i64::try_from(free.room).unwrap_or(i64::MAX));
        }
        // A crawl of one site asks for its host each time, one of many for others each time.
        if hosts.len() > 1 {
            sql = sql.once();
        }
        for (host, visit) in sql.all::<(i64, VisitId)>(tx).await? {
            found.push(Candidate {
                host: usize::try_from(host).unwrap_or(usize::MAX),
                visit,
            });
        }
    }
    Ok(found)
}

/// `at_most` of the candidates: the first of each host, then the second of each, and so on.
fn share_out(candidates: Vec<Candidate>, at_most: usize) -> Vec<Candidate> {
    let mut seen = HashMap::<usize, usize>::new();
    let mut ranked: Vec<(usize, Candidate)> = candidates
        .into_iter()
        .map(|candidate| {
            let rank = seen.entry(candidate.host).or_default();
            *rank += 1;
            (*rank, candidate)
        })
        .collect();
    ranked.sort_by_key(|(rank, candidate)| (*rank, candidate.host));
    ranked.truncate(at_most);
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Makes the worker the owner of hosts, and reserves the turns that its visits will use.
async fn claim_hosts(
    tx: &mut Tx,
    wish: &Wish<'_>,
    turns: &BTreeMap<&str, i64>,
    now: Timestamp,
) -> Result<()> {
    let turns: Vec<_> = turns.iter().collect();
    for turns in tx.chunks(&turns) {
        tx.sql("WITH turn (host, number) AS (VALUES ")
            .rows(turns, |(host, number), row| {
                row.put(**host).put(**number);
            })
            .push(
                ") UPDATE host SET owner = ?, lease_until = ?,
                     next_at = (CASE WHEN host.next_at > ? THEN host.next_at ELSE ? END) + turn.number * host.interval_ms
                   FROM turn WHERE host.organisation = ? AND host.host = turn.host",
            )
            .bind(wish.worker)
            .bind(now + wish.lease_for)
            .bind(now)
            .bind(now)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

async fn claim_visits(
    tx: &mut Tx,
    wish: &Wish<'_>,
    ids: &[VisitId],
    now: Timestamp,
) -> Result<Vec<Visit>> {
    let mut claimed = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = tx
            .sql(
                "UPDATE visit SET state = 'leased', owner = ?, lease_until = ?, attempts = attempts + 1
                 WHERE +organisation = ? AND state = 'due' AND id IN ",
            )
            .bind(wish.worker)
            .bind(now + wish.lease_for)
            .bind(tx.org)
            .list(ids.iter().copied())
            .push(" RETURNING ")
            .push(visits::COLUMNS);
        claimed.extend(sql.all::<Visit>(tx).await?);
    }
    let place: HashMap<VisitId, usize> = ids.iter().enumerate().map(|(n, &id)| (id, n)).collect();
    claimed.sort_by_key(|visit| place.get(&visit.id).copied());
    Ok(claimed)
}

/// Prolongs what the worker has, until `until`. What expired meanwhile and was taken by another stays that one's. Visits under
/// its name of which it does not know, `held` being those it does, are due again: the database lost what was said of their
/// end, or the worker never heard that it has them; prolonged, they would be nobody's for ever.
pub async fn renew(
    tx: &mut Tx,
    worker: &str,
    held: &BTreeSet<VisitId>,
    until: Timestamp,
) -> Result<()> {
    hold_all(tx, worker).await?;
    let leased: Vec<(VisitId,)> = tx
        .sql("SELECT id FROM visit WHERE organisation = ? AND state = 'leased' AND owner = ?")
        .bind(tx.org)
        .bind(worker)
        .all(tx)
        .await?;
    let lost: Vec<VisitId> = leased
        .into_iter()
        .map(|(id,)| id)
        .filter(|id| !held.contains(id))
        .collect();
    for ids in tx.chunks(&lost) {
        tx.sql("UPDATE visit SET state = 'due', owner = NULL, lease_until = NULL WHERE organisation = ? AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    tx.sql(
        "UPDATE visit SET lease_until = ? WHERE organisation = ? AND state = 'leased' AND owner = ?",
    )
    .bind(until)
    .bind(tx.org)
    .bind(worker)
    .run(tx)
    .await?;
    tx.sql("UPDATE host SET lease_until = ? WHERE organisation = ? AND owner = ?")
        .bind(until)
        .bind(tx.org)
        .bind(worker)
        .run(tx)
        .await?;
    Ok(())
}

/// Keeps all that the worker has to this transaction: visits first, then hosts, each in order. A commit keeps its visits
/// and saves their hosts at its end, so the other way round the two would wait for each other for ever. (Taking visits
/// begins with the hosts, but waits for nobody: it skips what is locked.)
async fn hold_all(tx: &mut Tx, worker: &str) -> Result<()> {
    for text in [
        "SELECT id FROM visit WHERE organisation = ? AND state = 'leased' AND owner = ? ORDER BY id",
        "SELECT 1 FROM host WHERE organisation = ? AND owner = ? ORDER BY host",
    ] {
        let sql = tx.sql(text).bind(tx.org).bind(worker);
        sql.push(tx.lock(" FOR UPDATE")).run(tx).await?;
    }
    Ok(())
}

/// Takes from a dead worker the visits that may have been its end: they are due again, behind all that are due `now`, and
/// their tries count. Were they first again, a machine that is killed often would blame the same ones each time.
pub async fn lose(tx: &mut Tx, worker: &str, visits: &[VisitId], now: Timestamp) -> Result<()> {
    for ids in tx.chunks(visits) {
        tx.sql(
            "UPDATE visit SET state = 'due', owner = NULL, lease_until = NULL, due_at = ?
             WHERE organisation = ? AND state = 'leased' AND owner = ? AND id IN ",
        )
        .bind(now)
        .bind(tx.org)
        .bind(worker)
        .list(ids.iter().copied())
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Gives back what the worker has; the tries that it did not finish don't count. The turns that were reserved on the
/// hosts stay so: some may have been used.
pub async fn release(tx: &mut Tx, worker: &str) -> Result<()> {
    hold_all(tx, worker).await?;
    tx.sql(
        "UPDATE visit SET state = 'due', owner = NULL, lease_until = NULL,
           attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
         WHERE organisation = ? AND state = 'leased' AND owner = ?",
    )
    .bind(tx.org)
    .bind(worker)
    .run(tx)
    .await?;
    tx.sql("UPDATE host SET owner = NULL, lease_until = NULL WHERE organisation = ? AND owner = ?")
        .bind(tx.org)
        .bind(worker)
        .run(tx)
        .await?;
    Ok(())
}

/// Of these visits, those that the worker still has, and keeps until the commit. A worker that was too slow asks before
/// it writes what it found: what it no longer has, another has visited.
pub async fn still_held(tx: &mut Tx, worker: &str, visits: &[VisitId]) -> Result<Vec<VisitId>> {
    let mut sorted = visits.to_vec();
    sorted.sort_unstable();
    let mut held = Vec::with_capacity(visits.len());
    for ids in tx.chunks(&sorted) {
        let sql = tx
            .sql("SELECT id FROM visit WHERE organisation = ? AND state = 'leased' AND owner = ? AND id IN ")
            .bind(tx.org)
            .bind(worker)
            .list(ids.iter().copied())
            .push(" ORDER BY id")
            .push(tx.lock(" FOR UPDATE"));
        held.extend(sql.all::<(VisitId,)>(tx).await?.into_iter().map(|(id,)| id));
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_shared_out_in_turns() {
        let candidate = |(host, visit)| Candidate {
            host,
            visit: VisitId(visit),
        };
        let of = |pairs: &[(usize, i64)], at_most| {
            share_out(pairs.iter().copied().map(candidate).collect(), at_most)
                .into_iter()
                .map(|candidate| candidate.visit.0)
                .collect::<Vec<_>>()
        };
        let due = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 5), (2, 6)];
        assert_eq!(of(&due, 4), [1, 4, 5, 2]);
        assert_eq!(of(&due, 99), [1, 4, 5, 2, 6, 3]);
        assert_eq!(of(&due, 0), [0; 0]);
    }
}
