//! Paces: how often the hosts of a run were asked, and how its visits fared, as an operator looks at them.

use sightline_model::{Outcome, RunId, Timestamp, Visit};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    visits,
};

/// How many visits to a host ended within a minute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Host and port: `ads.example:443`.
    pub host: String,
    /// When the minute began.
    pub minute: Timestamp,
    /// The visits that asked the host for something.
    pub visits: i64,
}

impl Record for Pace {
    fn read(cells: &mut Cells) -> Result<Self> {
        let (host, minute, visits): (String, i64, i64) =
            (cells.next()?, cells.next()?, cells.next()?);
        Ok(Self {
            host,
            minute: Timestamp(minute.saturating_mul(60_000)),
            visits,
        })
    }
}

/// How often the hosts of a run were asked since `since`, minute by minute, by host and time. What was refused before
/// anything was asked does not count.
pub async fn of_run(tx: &mut Tx, run: RunId, since: Timestamp) -> Result<Vec<Pace>> {
    tx.sql(
        "SELECT host, finished_at / 60000 AS minute, count(*) FROM visit
         WHERE +organisation = ? AND run = ? AND state = 'done' AND finished_at >= ?
           AND outcome NOT IN ('robots_denied', 'out_of_scope', 'egress_refused', 'dns_failed', 'proxy_failed')
         GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .bind(tx.org)
    .bind(run)
    .bind(since)
    .all(tx)
    .await
}

/// Visits of a run in the order of their URLs, those after `after`; of one outcome or of all.
pub async fn visits_of(
    tx: &mut Tx,
    run: RunId,
    outcome: Option<Outcome>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Visit>> {
    let text = format!(
        "SELECT {} FROM visit WHERE +organisation = ? AND run = ?",
        visits::COLUMNS
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(run)
        .push_if(" AND url > ?", after)
        .push_if(" AND outcome = ?", outcome)
        .push(" ORDER BY url LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}
