//! Hosts: the durable side of politeness. Who owns which is in [`leases`](crate::leases).

use sightline_model::{HostState, RobotsText, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

impl Record for HostState {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            host: cells.next()?,
            next_at: cells.next()?,
            interval: cells.next()?,
            backoff_until: cells.next()?,
            backoffs: cells.next()?,
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
                "SELECT host.host, next_at, interval_ms, backoff_until, backoffs,
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

/// Remembers hosts. `next_at` never goes back: what is reserved stays reserved. Robots are left as they are where none
/// are given.
pub async fn save(tx: &mut Tx, states: &[HostState]) -> Result<()> {
    let mut states: Vec<&HostState> = states.iter().collect();
    states.sort_by(|a, b| a.host.cmp(&b.host));
    for states in tx.chunks(&states) {
        tx.sql("INSERT INTO host (organisation, host, next_at, interval_ms, backoff_until, backoffs) VALUES ")
            .rows(states, |state, row| {
                row.put(tx.org).put(&state.host).put(state.next_at).put(state.interval);
                row.put(state.backoff_until).put(state.backoffs);
            })
            .push(
                " ON CONFLICT (organisation, host) DO UPDATE SET
                    next_at = CASE WHEN host.next_at > excluded.next_at THEN host.next_at ELSE excluded.next_at END,
                    interval_ms = excluded.interval_ms, backoff_until = excluded.backoff_until,
                    backoffs = excluded.backoffs",
            )
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
