//! Hosts: the durable side of politeness. Who owns which is in [`leases`](crate::leases).

use std::time::Duration;

use sightline_model::{HostState, RobotsText, Stretch, Timestamp, Turns};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    sql::Sql,
};

impl Record for HostState {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            host: cells.next()?,
            next_at: cells.next()?,
            interval: cells.next()?,
            backoff_until: cells.next()?,
            backoffs: cells.next()?,
            refused_since: cells.next()?,
            robots: {
                let fetched_at: Option<Timestamp> = cells.next()?;
                let (max_age, status, failure) = (cells.next()?, cells.next()?, cells.next()?);
                let body: Option<String> = cells.next()?;
                fetched_at.map(|fetched_at| RobotsText {
                    fetched_at,
                    max_age,
                    status,
                    failure,
                    body: body.unwrap_or_default(),
                })
            },
        })
    }
}

/// What is remembered of these hosts, in no order. A host that was never met is not among them.
pub async fn get(tx: &mut Tx, hosts: &[&str]) -> Result<Vec<HostState>> {
    let mut states = Vec::with_capacity(hosts.len());
    for hosts in tx.chunks(hosts) {
        let sql = tx
            .sql(
                "SELECT host.host, next_at, interval_ms, backoff_until, backoffs, refused_since,
                   fetched_at, max_age_ms, status, failure, body
                 FROM host LEFT JOIN robots ON robots.organisation = host.organisation AND robots.host = host.host
                 WHERE host.organisation = ? AND host.host IN ",
            )
            .bind(tx.org)
            .list(hosts.iter().copied());
        states.extend(sql.all::<HostState>(tx).await?);
    }
    Ok(states)
}

/// Remembers hosts, as `worker` knows them. `next_at` never goes back: what is reserved stays reserved. Nor does the pause get shorter
/// by the word of a worker that has not the host: it may not know by what source the host is crawled. Robots are left as they are
/// where none are given.
pub async fn save(tx: &mut Tx, worker: &str, states: &[HostState]) -> Result<()> {
    let mut states: Vec<&HostState> = states.iter().collect();
    states.sort_by(|a, b| a.host.cmp(&b.host));
    for states in tx.chunks(&states) {
        tx.sql("INSERT INTO host (organisation, host, next_at, interval_ms, backoff_until, backoffs, refused_since) VALUES ")
            .rows(states, |state, row| {
                row.put(tx.org).put(&state.host).put(state.next_at).put(state.interval);
                row.put(state.backoff_until).put(state.backoffs).put(state.refused_since);
            })
            .push(
                " ON CONFLICT (organisation, host) DO UPDATE SET
                    next_at = CASE WHEN host.next_at > excluded.next_at THEN host.next_at ELSE excluded.next_at END,
                    interval_ms = CASE WHEN host.interval_ms > excluded.interval_ms AND coalesce(host.owner, '') <> ?
                                       THEN host.interval_ms ELSE excluded.interval_ms END,
                    backoff_until = excluded.backoff_until,
                    backoffs = excluded.backoffs, refused_since = excluded.refused_since",
            )
            .bind(worker)
            .run(tx)
            .await?;
    }
    let robots: Vec<(&str, &RobotsText)> = states
        .iter()
        .filter_map(|state| Some((state.host.as_str(), state.robots.as_ref()?)))
        .collect();
    for robots in tx.chunks(&robots) {
        tx.sql(
            "INSERT INTO robots (organisation, host, fetched_at, max_age_ms, status, failure, body) VALUES ",
        )
        .rows(robots, |(host, robots), row| {
            row.put(tx.org)
                .put(*host)
                .put(robots.fetched_at)
                .put(robots.max_age)
                .put(robots.status)
                .put(robots.failure.as_ref())
                .put(&robots.body);
        })
        .push(
            " ON CONFLICT (organisation, host) DO UPDATE SET
                    fetched_at = excluded.fetched_at, max_age_ms = excluded.max_age_ms,
                    status = excluded.status, failure = excluded.failure, body = excluded.body
                  WHERE robots.fetched_at <= excluded.fetched_at",
        )
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Reserves a host's next free stretch for these turns, whoever owns it, and at least as long as its pause: whoever reserves
/// after that, or takes visits, comes behind it. That is all that is left of a process that dies. The pause of whoever
/// reserves is kept by others from then on.
pub async fn reserve(tx: &mut Tx, host: &str, turns: Turns, now: Timestamp) -> Result<Stretch> {
    let Turns { length, pause } = turns;
    let step = length.max(pause);
    let (until, kept): (Timestamp, Duration) = tx
        .sql(
            "INSERT INTO host (organisation, host, next_at, interval_ms, backoffs) VALUES (?, ?, ?, ?, 0)
             ON CONFLICT (organisation, host) DO UPDATE SET
               next_at = (CASE WHEN host.next_at > ? THEN host.next_at ELSE ? END)
                 + (CASE WHEN host.interval_ms > ? THEN host.interval_ms ELSE ? END),
               interval_ms = CASE WHEN host.interval_ms > ? THEN host.interval_ms ELSE ? END
             RETURNING next_at, interval_ms",
        )
        .bind(tx.org)
        .bind(host)
        .bind(now + step)
        .bind(pause)
        .bind(now)
        .bind(now)
        .bind(step)
        .bind(step)
        .bind(pause)
        .bind(pause)
        .one(tx)
        .await?;
    let from = until - kept.max(step);
    Ok(Stretch {
        from,
        until: from + length,
    })
}

/// The furthest ahead that politeness ever puts a host's next turn. What lies beyond was written while the clock was ahead.
#[derive(Clone, Copy, Debug)]
pub struct Furthest {
    /// How far ahead a host may be leased before its turn.
    pub lease: Duration,
    /// How many turns are reserved with a lease at most.
    pub turns: u32,
    /// How long a host is left alone at most.
    pub backoff: Duration,
}

const TOO_FAR: &str =
    " WHERE organisation = ? AND (next_at > ? + interval_ms * ? OR backoff_until > ?)";

impl Furthest {
    fn too_far(&self, sql: Sql, org: i64, now: Timestamp) -> Sql {
        sql.push(TOO_FAR)
            .bind(org)
            .bind(now + self.lease)
            .bind(i64::from(self.turns))
            .bind(now + self.backoff)
    }
}

/// The hosts that would wait for longer than politeness asks, with until when: the furthest first.
pub async fn too_far_ahead(
    tx: &mut Tx,
    furthest: Furthest,
    now: Timestamp,
) -> Result<Vec<(String, Timestamp)>> {
    let waits = "CASE WHEN backoff_until > next_at THEN backoff_until ELSE next_at END";
    let sql = tx.sql(&format!("SELECT host, {waits} FROM host"));
    furthest
        .too_far(sql, tx.org, now)
        .push(&format!(" ORDER BY {waits} DESC, host"))
        .all(tx)
        .await
}

/// Has these hosts wait no longer than politeness asks, were they asked just now.
pub async fn bring_back(tx: &mut Tx, furthest: Furthest, now: Timestamp) -> Result<()> {
    let sql = tx
        .sql(
            "UPDATE host SET
               next_at = CASE WHEN next_at > ? + interval_ms * ? THEN ? + interval_ms ELSE next_at END,
               backoff_until = CASE WHEN backoff_until > ? THEN ? ELSE backoff_until END",
        )
        .bind(now + furthest.lease)
        .bind(i64::from(furthest.turns))
        .bind(now)
        .bind(now + furthest.backoff)
        .bind(now + furthest.backoff);
    furthest.too_far(sql, tx.org, now).run(tx).await?;
    Ok(())
}
