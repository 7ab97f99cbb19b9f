//! Sources: what is watched, and when each is next due.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{Mint, SourceId, Timestamp};

use crate::{
    Result, StoreError, Tx,
    cell::{Cells, Get, Json, Put, Record, unreadable},
    sql::Values,
};

/// Where a source stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Runs are planned for it.
    Active,
    /// None are; what is under way goes on.
    Paused,
}

impl SourceState {
    /// The word for it in tables, commands and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

impl FromStr for SourceState {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "active" => Ok(Self::Active),
            "paused" => Ok(Self::Paused),
            _ => Err(format!("'{word}' is not a state of a source")),
        }
    }
}

impl Put for SourceState {
    fn put(self, values: &mut Values) {
        self.as_str().put(values);
    }

    fn put_null(values: &mut Values) {
        <&str>::put_null(values);
    }
}

impl Get for SourceState {
    fn get(row: &sqlx::any::AnyRow, at: usize) -> Result<Self> {
        String::get(row, at)?
            .parse()
            .map_err(|error: String| unreadable(at, error))
    }
}

/// A source as its file defines it.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    /// What people call it; unique in its organisation.
    pub name: String,
    /// The region that its national telephone numbers are read in, such as `GB`.
    pub region: Option<String>,
    /// The whole definition.
    pub definition: serde_json::Value,
    /// Of the definition: another digest means that it was edited.
    pub digest: String,
}

/// A site, feed or folder that is watched.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// Its identifier.
    pub id: SourceId,
    /// What its file says.
    pub definition: Definition,
    /// Where it stands.
    pub state: SourceState,
    /// The next instant that its schedule names; none where it has no schedule, or none was computed yet.
    pub next_planned_at: Option<Timestamp>,
    /// The last instant that the planner dealt with, by a run or by skipping it.
    pub last_planned_at: Option<Timestamp>,
    /// When it was first registered.
    pub created_at: Timestamp,
}

const COLUMNS: &str =
    "id, name, region, definition, digest, state, next_planned_at, last_planned_at, created_at";

impl Record for Source {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            definition: Definition {
                name: cells.next()?,
                region: cells.next()?,
                definition: cells.json()?,
                digest: cells.next()?,
            },
            state: cells.next()?,
            next_planned_at: cells.next()?,
            last_planned_at: cells.next()?,
            created_at: cells.next()?,
        })
    }
}

/// Makes the source of this name, or brings its definition up to date; its state and plan stay as they are.
pub async fn register(
    tx: &mut Tx,
    source: &Definition,
    now: Timestamp,
    mint: &Mint,
) -> Result<SourceId> {
    let (id,) = tx
        .sql(
            "INSERT INTO source (organisation, id, name, region, definition, digest, state, created_at)
             VALUES (?, ?, ?, ?, ?, ?, 'active', ?)
             ON CONFLICT (organisation, name) DO UPDATE
             SET region = excluded.region, definition = excluded.definition, digest = excluded.digest
             RETURNING id",
        )
        .bind(tx.org)
        .bind(mint.id::<SourceId>(now))
        .bind(&source.name)
        .bind(source.region.as_ref())
        .bind(Json(&source.definition))
        .bind(&source.digest)
        .bind(now)
        .one(tx)
        .await?;
    Ok(id)
}

/// Every source, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Source>> {
    let text = format!("SELECT {COLUMNS} FROM source WHERE organisation = ? ORDER BY name");
    tx.sql(&text).bind(tx.org).all(tx).await
}

/// Sources by name, those after `after`, where it is given.
pub async fn page(tx: &mut Tx, after: Option<&str>, limit: u32) -> Result<Vec<Source>> {
    let text = format!("SELECT {COLUMNS} FROM source WHERE organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND name > ?", after)
        .push(" ORDER BY name LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// The source of this identifier.
pub async fn get(tx: &mut Tx, id: SourceId) -> Result<Option<Source>> {
    let text = format!("SELECT {COLUMNS} FROM source WHERE organisation = ? AND id = ?");
    tx.sql(&text).bind(tx.org).bind(id).optional(tx).await
}

/// The source of this name.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Source>> {
    let text = format!("SELECT {COLUMNS} FROM source WHERE organisation = ? AND name = ?");
    tx.sql(&text).bind(tx.org).bind(name).optional(tx).await
}

/// Keeps a source to this transaction until its commit, so that two processes don't plan runs of it at the same time.
/// SQLite has one writer, so there it does nothing.
pub async fn hold(tx: &mut Tx, id: SourceId) -> Result<()> {
    tx.hold("source", &[id]).await
}

/// Notes what the planner found: the instant that it dealt with last, and the next one. False, and nothing changed,
/// if the last instant is no longer `before`: then another process has planned meanwhile.
pub async fn set_next_planned(
    tx: &mut Tx,
    id: SourceId,
    before: Option<Timestamp>,
    last: Option<Timestamp>,
    next: Option<Timestamp>,
) -> Result<bool> {
    tx.sql(
        "UPDATE source SET last_planned_at = ?, next_planned_at = ?
             WHERE organisation = ? AND id = ? AND coalesce(last_planned_at, -1) = ?",
    )
    .bind(last)
    .bind(next)
    .bind(tx.org)
    .bind(id)
    .bind(before.map_or(-1, |at| at.0))
    .changes(tx)
    .await
}

/// Pauses a source, or lets it go on.
pub async fn set_state(tx: &mut Tx, id: SourceId, state: SourceState) -> Result<bool> {
    tx.sql("UPDATE source SET state = ? WHERE organisation = ? AND id = ?")
        .bind(state)
        .bind(tx.org)
        .bind(id)
        .changes(tx)
        .await
}

impl StoreError {
    /// `error`, or that `what` is taken where it says so.
    pub(crate) fn taken(error: Self, what: impl FnOnce() -> String) -> Self {
        if error.is_duplicate() {
            return Self::Taken { what: what() };
        }
        error
    }
}
