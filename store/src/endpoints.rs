//! Endpoints: how the channels fare that messages go out by.

use std::collections::BTreeSet;

use serde::Serialize;
use sightline_model::Timestamp;

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// How one channel fares.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Endpoint {
    /// The channel's name in the configuration.
    pub channel: String,
    /// When it last accepted a message.
    pub last_success: Option<Timestamp>,
    /// Who of its recipients did not get that one, and why; none where all did.
    pub partly: Option<String>,
    /// Failures since then.
    pub failures: u32,
    /// When it last failed.
    pub last_failure: Option<Timestamp>,
    /// How.
    pub last_error: Option<String>,
    /// Since when nothing is sent to it, and why.
    pub disabled: Option<(Timestamp, String)>,
}

const COLUMNS: &str =
    "channel, last_success, partly, failures, last_failure, last_error, disabled_at, disabled_why";

impl Record for Endpoint {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            channel: cells.next()?,
            last_success: cells.next()?,
            partly: cells.next()?,
            failures: cells.next()?,
            last_failure: cells.next()?,
            last_error: cells.next()?,
            disabled: {
                let (at, why): (Option<Timestamp>, Option<String>) = (cells.next()?, cells.next()?);
                at.zip(why)
            },
        })
    }
}

/// How this channel fares; none where nothing was ever sent to it.
pub async fn get(tx: &mut Tx, channel: &str) -> Result<Option<Endpoint>> {
    let text = format!("SELECT {COLUMNS} FROM endpoint WHERE organisation = ? AND channel = ?");
    tx.sql(&text).bind(tx.org).bind(channel).optional(tx).await
}

/// How every channel fares, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Endpoint>> {
    let text = format!("SELECT {COLUMNS} FROM endpoint WHERE organisation = ? ORDER BY channel");
    tx.sql(&text).bind(tx.org).all(tx).await
}

/// Notes that it accepted a message; `partly` says for whom not.
pub async fn record_success(
    tx: &mut Tx,
    channel: &str,
    partly: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    tx.sql(
        "INSERT INTO endpoint (organisation, channel, failures, partly, last_success) VALUES (?, ?, 0, ?, ?)
         ON CONFLICT (organisation, channel) DO UPDATE SET failures = 0, partly = excluded.partly,
           last_success = excluded.last_success",
    )
    .bind(tx.org)
    .bind(channel)
    .bind(partly)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Notes that it failed.
pub async fn record_failure(tx: &mut Tx, channel: &str, error: &str, now: Timestamp) -> Result<()> {
    tx.sql(
        "INSERT INTO endpoint (organisation, channel, failures, last_failure, last_error) VALUES (?, ?, 1, ?, ?)
         ON CONFLICT (organisation, channel) DO UPDATE SET failures = endpoint.failures + 1,
           last_failure = excluded.last_failure, last_error = excluded.last_error",
    )
    .bind(tx.org)
    .bind(channel)
    .bind(now)
    .bind(error)
    .run(tx)
    .await?;
    Ok(())
}

/// Sends it nothing more until it is enabled: what is due waits in the outbox.
pub async fn disable(tx: &mut Tx, channel: &str, why: &str, now: Timestamp) -> Result<()> {
    tx.sql(
        "INSERT INTO endpoint (organisation, channel, failures, disabled_at, disabled_why) VALUES (?, ?, 0, ?, ?)
         ON CONFLICT (organisation, channel) DO UPDATE SET
           disabled_at = coalesce(endpoint.disabled_at, excluded.disabled_at),
           disabled_why = coalesce(endpoint.disabled_why, excluded.disabled_why)",
    )
    .bind(tx.org)
    .bind(channel)
    .bind(now)
    .bind(why)
    .run(tx)
    .await?;
    Ok(())
}

/// Sends to it again. Its failures stay recorded until it takes a message. False if it was not disabled.
pub async fn enable(tx: &mut Tx, channel: &str) -> Result<bool> {
    tx.sql(
        "UPDATE endpoint SET disabled_at = NULL, disabled_why = NULL
             WHERE organisation = ? AND channel = ? AND disabled_at IS NOT NULL",
    )
    .bind(tx.org)
    .bind(channel)
    .changes(tx)
    .await
}

/// Makes the rows of channels that were not met before, so that their deliveries can be leased.
pub(crate) async fn meet(tx: &mut Tx, channels: &BTreeSet<&str>) -> Result<()> {
    let channels: Vec<&str> = channels.iter().copied().collect();
    for channels in tx.chunks(&channels) {
        tx.sql("INSERT INTO endpoint (organisation, channel, failures) VALUES ")
            .rows(channels, |channel, row| {
                row.put(tx.org).put(*channel).put(0_i64);
            })
            .push(" ON CONFLICT (organisation, channel) DO NOTHING")
            .run(tx)
            .await?;
    }
    Ok(())
}
