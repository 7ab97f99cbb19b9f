//! Silences: what people do not want to be told for a while, who said so, and what each has kept quiet.

use std::collections::{BTreeSet, HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{AlertId, Covers, Entry, EntryId, Gathered, SilenceId, SourceId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    entries,
};

/// A silence over alerts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Silence {
    /// Its identifier.
    pub id: SilenceId,
    /// What it covers.
    pub covers: Covers,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this instant on it holds.
    pub from: Timestamp,
    /// From this instant on it is over.
    pub until: Timestamp,
    /// Who made it.
    pub author: String,
    /// Why.
    pub reason: String,
}

const COLUMNS: &str = "id, watchlist, entry, source, kind, value, case_reference, severity_at_most, sighted, \
                       created_at, starts_at, until, author, reason";

impl Record for Silence {
    fn read(cells: &mut Cells) -> Result<Self> {
        let id = cells.next()?;
        let covers = Covers {
            watchlist: cells.next()?,
            entry: cells.next()?,
            source: cells.next()?,
            kind: cells.next()?,
            value: cells.next()?,
            case_reference: cells.next()?,
            severity_at_most: cells.next()?,
            sighted: cells.next()?,
        };
        let created_at = cells.next()?;
        let starts_at: Option<Timestamp> = cells.next()?;
        Ok(Self {
            id,
            covers,
            created_at,
            // Those of before there were starts began when they were made.
            from: starts_at.unwrap_or(created_at),
            until: cells.next()?,
            author: cells.next()?,
            reason: cells.next()?,
        })
    }
}

/// Stores a new silence.
pub async fn add(tx: &mut Tx, silence: &Silence) -> Result<()> {
    let Covers {
        watchlist,
        entry,
        source,
        kind,
        value,
        case_reference,
        severity_at_most,
        sighted,
    } = &silence.covers;
    let text = format!("INSERT INTO silence (organisation, {COLUMNS}) VALUES ");
    tx.sql(&text)
        .rows([silence], |silence, row| {
            row.put(tx.org).put(silence.id);
            row.put(*watchlist).put(*entry).put(*source);
            row.put(*kind)
                .put(value.as_ref())
                .put(case_reference.as_ref());
            row.put(*severity_at_most).put(*sighted);
            row.put(silence.created_at)
                .put(silence.from)
                .put(silence.until);
            row.put(&silence.author).put(&silence.reason);
        })
        .run(tx)
        .await?;
    Ok(())
}

/// The silences that hold at `now`.
pub async fn in_force(tx: &mut Tx, now: Timestamp) -> Result<Vec<Silence>> {
    let text = format!(
        "SELECT {COLUMNS} FROM silence
         WHERE organisation = ? AND until > ? AND coalesce(starts_at, created_at) <= ? ORDER BY id"
    );
    tx.sql(&text).bind(tx.org).bind(now).bind(now).all(tx).await
}

/// Every silence, past ones too, the latest first.
pub async fn list(tx: &mut Tx, at_most: u32) -> Result<Vec<Silence>> {
    let text =
        format!("SELECT {COLUMNS} FROM silence WHERE organisation = ? ORDER BY id DESC LIMIT ?");
    tx.sql(&text)
        .bind(tx.org)
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// Ends a silence now: the instant until which it would have lasted. None if it is over already, or is not there.
pub async fn end(tx: &mut Tx, id: SilenceId, now: Timestamp) -> Result<Option<Timestamp>> {
    let until: Option<(Timestamp,)> = tx
        .sql("SELECT until FROM silence WHERE organisation = ? AND id = ? AND until > ?")
        .bind(tx.org)
        .bind(id)
        .bind(now)
        .optional(tx)
        .await?;
    tx.sql("UPDATE silence SET until = ? WHERE organisation = ? AND id = ? AND until > ?")
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(until.map(|(until,)| until))
}

/// What an alert gathers, without what its entry says.
struct Part {
    alert: AlertId,
    batch: Option<i64>,
    entry: EntryId,
    source: SourceId,
    standing: i64,
}

impl Record for Part {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            alert: cells.next()?,
            batch: cells.next()?,
            entry: cells.next()?,
            source: cells.next()?,
            standing: cells.next()?,
        })
    }
}

/// What each of these alerts gathers, by the alert, as silences know it.
pub async fn gathered(tx: &mut Tx, alerts: &[AlertId]) -> Result<HashMap<AlertId, Vec<Gathered>>> {
    let mut rows = Vec::new();
    for alerts in tx.chunks(alerts) {
        let sql = tx
            .sql(
                "SELECT alert_sighting.alert, alert_sighting.batch, sighting.entry, sighting.source,
                   max((1 - sighting.rejected) * (1 - sighting.withheld))
                 FROM alert_sighting CROSS JOIN sighting
                 WHERE sighting.id = alert_sighting.sighting
                   AND +alert_sighting.organisation = ? AND +sighting.organisation = ? AND alert_sighting.alert IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .list(alerts.iter().copied())
            .push(" GROUP BY alert_sighting.alert, alert_sighting.batch, sighting.entry, sighting.source");
        rows.extend(sql.all::<Part>(tx).await?);
    }
    let ids: BTreeSet<EntryId> = rows.iter().map(|row| row.entry).collect();
    let ids: Vec<EntryId> = ids.into_iter().collect();
    let entries = entries::get(tx, &ids).await?.into_iter();
    let entries: HashMap<EntryId, Entry> = entries.map(|entry| (entry.id, entry)).collect();
    let mut gathered = HashMap::<AlertId, Vec<Gathered>>::new();
    for row in rows {
        // Entries are withdrawn, not deleted: there is always one.
        let Some(entry) = entries.get(&row.entry) else {
            continue;
        };
        gathered.entry(row.alert).or_default().push(Gathered {
            alert: row.alert,
            batch: row.batch,
            entry: row.entry,
            source: row.source,
            selector: entry.selector.clone(),
            case_reference: entry.case_reference.clone(),
            stands: row.standing > 0,
        });
    }
    Ok(gathered)
}

/// What one silence has kept quiet of one alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Kept {
    /// The silence.
    pub silence: SilenceId,
    /// The alert.
    pub alert: AlertId,
    /// How many times a sighting was news of it and nobody was told.
    pub sightings: u32,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

impl Record for Kept {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            silence: cells.next()?,
            alert: cells.next()?,
            sightings: cells.next()?,
            first_at: cells.next()?,
            last_at: cells.next()?,
        })
    }
}

/// What is owed since silences are over: each with an alert of which it kept news quiet, that nobody was told of since; the
/// alerts that were raised first, `at_most` pairs.
pub async fn owed(tx: &mut Tx, now: Timestamp, at_most: u32) -> Result<Vec<(SilenceId, AlertId)>> {
    tx.sql(
        "SELECT silenced.silence, silenced.alert FROM silenced JOIN silence ON silence.id = silenced.silence
         WHERE silenced.organisation = ? AND silence.organisation = ? AND silenced.told_at IS NULL AND silence.until <= ?
         ORDER BY silenced.alert, silenced.silence LIMIT ?",
    )
    .bind(tx.org)
    .bind(tx.org)
    .bind(now)
    .bind(i64::from(at_most))
    .all(tx)
    .await
}

/// Those of these alerts of which a silence, over or not, keeps something quiet that nobody was told of since.
pub async fn unsettled(tx: &mut Tx, alerts: &[AlertId]) -> Result<HashSet<AlertId>> {
    let mut unsettled = HashSet::new();
    for alerts in tx.chunks(alerts) {
        let rows: Vec<(AlertId,)> = tx
            .sql("SELECT DISTINCT alert FROM silenced WHERE organisation = ? AND told_at IS NULL AND alert IN ")
            .bind(tx.org)
            .list(alerts.iter().copied())
            .all(tx)
            .await?;
        unsettled.extend(rows.into_iter().map(|(id,)| id));
    }
    Ok(unsettled)
}

/// Notes that nothing is owed of these pairs any more.
pub async fn settle(tx: &mut Tx, pairs: &[(SilenceId, AlertId)], now: Timestamp) -> Result<()> {
    for pairs in tx.chunks(pairs) {
        tx.sql("WITH owed (silence, alert) AS (VALUES ")
            .rows(pairs, |(silence, alert), row| {
                row.put(*silence).put(*alert);
            })
            .push(
                ") UPDATE silenced SET told_at = ? FROM owed
                 WHERE silenced.organisation = ? AND silenced.silence = owed.silence AND silenced.alert = owed.alert",
            )
            .bind(now)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Notes that silences kept news of alerts quiet: once for each pair that is given.
pub async fn note(tx: &mut Tx, quiet: &[(SilenceId, AlertId)], now: Timestamp) -> Result<()> {
    // In one order, so that two processes never wait in a circle; and a statement can't touch a row twice.
    let mut counts = std::collections::BTreeMap::<(SilenceId, AlertId), u32>::new();
    for pair in quiet {
        *counts.entry(*pair).or_default() += 1;
    }
    let rows: Vec<_> = counts.into_iter().collect();
    for rows in tx.chunks(&rows) {
        tx.sql("INSERT INTO silenced (organisation, silence, alert, sightings, first_at, last_at) VALUES ")
            .rows(rows, |((silence, alert), count), row| {
                row.put(tx.org).put(*silence).put(*alert).put(*count);
                row.put(now).put(now);
            })
            .push(
                " ON CONFLICT (silence, alert) DO UPDATE
                  SET sightings = silenced.sightings + excluded.sightings, last_at = excluded.last_at, told_at = NULL",
            )
            .run(tx)
            .await?;
    }
    Ok(())
}

/// What these silences have kept quiet so far, in no order.
pub async fn kept_by(tx: &mut Tx, silences: &[SilenceId]) -> Result<Vec<Kept>> {
    kept(tx, "silence", silences).await
}

/// How many messages each of these silences has held so far: reminders, escalations, and news that waited already; whatever has
/// become of them since.
pub async fn held_by(tx: &mut Tx, silences: &[SilenceId]) -> Result<HashMap<SilenceId, i64>> {
    let mut held = HashMap::new();
    for silences in tx.chunks(silences) {
        let rows: Vec<(SilenceId, i64)> = tx
            .sql("SELECT held_by, count(*) FROM delivery WHERE organisation = ? AND held_by IN ")
            .bind(tx.org)
            .list(silences.iter().copied())
            .push(" GROUP BY held_by")
            .all(tx)
            .await?;
        held.extend(rows);
    }
    Ok(held)
}

/// What silences have kept quiet of this alert so far, in no order.
pub async fn kept_of(tx: &mut Tx, alert: AlertId) -> Result<Vec<Kept>> {
    kept(tx, "alert", &[alert]).await
}

async fn kept<Id: crate::cell::Put + Copy>(
    tx: &mut Tx,
    column: &'static str,
    ids: &[Id],
) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for ids in tx.chunks(ids) {
        let text = format!(
            "SELECT silence, alert, sightings, first_at, last_at FROM silenced WHERE organisation = ? AND {column} IN "
        );
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        kept.extend(sql.all::<Kept>(tx).await?);
    }
    Ok(kept)
}
