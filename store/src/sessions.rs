//! Sessions: who has signed in, and has not ended it.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{Account, AccountId, SessionId, Stage, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// One sign-in. What it is known by is kept as a digest alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Session {
    /// Its identifier, to name it by.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// How far they have got.
    pub stage: Stage,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// From where it began.
    pub address: Option<String>,
    /// In which browser, as that says of itself.
    pub agent: Option<String>,
    /// Attempts to sign in as them that failed before it began, since the last that did not.
    pub failures: u32,
}

const COLUMNS: &str = "id, account, stage, created_at, seen_at, address, agent, failures";

impl Record for Session {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            account: cells.next()?,
            stage: cells.next()?,
            created_at: cells.next()?,
            seen_at: cells.next()?,
            address: cells.next()?,
            agent: cells.next()?,
            failures: cells.next()?,
        })
    }
}

struct Owned(Session, Account);

impl Record for Owned {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self(Session::read(cells)?, Account::read(cells)?))
    }
}

/// Begins a session.
pub async fn begin(tx: &mut Tx, session: &Session, digest: &str) -> Result<()> {
    let text = format!(
        "INSERT INTO session (organisation, digest, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(session.id)
        .bind(session.account)
        .bind(session.stage)
        .bind(session.created_at)
        .bind(session.seen_at)
        .bind(session.address.as_ref())
        .bind(session.agent.as_ref())
        .bind(i64::from(session.failures))
        .run(tx)
        .await?;
    Ok(())
}

/// The session of this digest with its owner, if their account may be used. Whether its time is over is not asked here.
pub async fn by_digest(tx: &mut Tx, digest: &str) -> Result<Option<(Session, Account)>> {
    let columns = COLUMNS.replace(", ", ", session.");
    let text = format!(
        "SELECT session.{columns}, account.id, account.name, account.role, account.created_at,
           account.enrolled_at, account.disabled_at
         FROM session JOIN account ON account.id = session.account
         WHERE session.organisation = ? AND session.digest = ?
           AND +account.organisation = ? AND account.disabled_at IS NULL"
    );
    let found: Option<Owned> = tx
        .sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(found.map(|Owned(session, account)| (session, account)))
}

/// The sessions of an account, the last used first.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Session>> {
    let text = format!(
        "SELECT {COLUMNS} FROM session WHERE organisation = ? AND account = ? ORDER BY seen_at DESC, id"
    );
    tx.sql(&text).bind(tx.org).bind(account).all(tx).await
}

/// Sessions of everybody, the latest begun first; those before `after`, where it is given.
pub async fn page(tx: &mut Tx, after: Option<SessionId>, limit: u32) -> Result<Vec<Session>> {
    let text = format!("SELECT {COLUMNS} FROM session WHERE +organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND id < ?", after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// Notes that a session was used.
pub async fn touch(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<()> {
    tx.sql("UPDATE session SET seen_at = ? WHERE organisation = ? AND id = ? AND seen_at < ?")
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// True where a session has not ended, nor was it last used before `idle`, nor began before `begun`.
pub async fn holds(tx: &mut Tx, id: SessionId, idle: Timestamp, begun: Timestamp) -> Result<bool> {
    let found: Option<(SessionId,)> = tx
        .sql("SELECT id FROM session WHERE organisation = ? AND id = ? AND seen_at >= ? AND created_at >= ?")
        .bind(tx.org)
        .bind(id)
        .bind(idle)
        .bind(begun)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// Ends a session. False where it is not there.
pub async fn end(tx: &mut Tx, id: SessionId) -> Result<bool> {
    let ended = tx
        .sql("DELETE FROM session WHERE organisation = ? AND id = ?")
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    Ok(ended > 0)
}

/// Ends all sessions of an account; how many there were.
pub async fn end_all(tx: &mut Tx, account: AccountId) -> Result<u64> {
    tx.sql("DELETE FROM session WHERE organisation = ? AND account = ?")
        .bind(tx.org)
        .bind(account)
        .run(tx)
        .await
}

/// Forgets sessions that were last used before `idle`, or began before `begun`.
pub async fn forget(tx: &mut Tx, idle: Timestamp, begun: Timestamp) -> Result<u64> {
    tx.sql("DELETE FROM session WHERE organisation = ? AND (seen_at < ? OR created_at < ?)")
        .bind(tx.org)
        .bind(idle)
        .bind(begun)
        .run(tx)
        .await
}
