//! Tokens: what programs sign in with, for a person, with some of what that person may do.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{Account, AccountId, Timestamp, TokenId};

use crate::{
    Result, Tx,
    cell::{Cells, Json, Record},
};

/// A token. What it is known by is kept as a digest alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Token {
    /// Its identifier, to name it by.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// What it is for, in a person's words.
    pub name: String,
    /// The permissions that it has, as far as its owner has them.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// When a person ended it.
    pub ended_at: Option<Timestamp>,
    /// The token that made it, with which it ends; none where a person made it.
    pub parent: Option<TokenId>,
}

const COLUMNS: &str =
    "id, account, name, scopes, created_at, expires_at, used_at, ended_at, parent";

impl Record for Token {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            account: cells.next()?,
            name: cells.next()?,
            scopes: cells.json()?,
            created_at: cells.next()?,
            expires_at: cells.next()?,
            used_at: cells.next()?,
            ended_at: cells.next()?,
            parent: cells.next()?,
        })
    }
}

struct Owned(Token, Account);

impl Record for Owned {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self(Token::read(cells)?, Account::read(cells)?))
    }
}

/// Makes a token.
pub async fn add(tx: &mut Tx, token: &Token, digest: &str) -> Result<()> {
    let text = format!(
        "INSERT INTO token (organisation, digest, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(token.id)
        .bind(token.account)
        .bind(&token.name)
        .bind(Json(&token.scopes))
        .bind(token.created_at)
        .bind(token.expires_at)
        .bind(token.used_at)
        .bind(token.ended_at)
        .bind(token.parent)
        .run(tx)
        .await?;
    Ok(())
}

/// The token of this digest with its owner, if it holds at `now` and their account may be used.
pub async fn by_digest(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<Option<(Token, Account)>> {
    let columns = COLUMNS.replace(", ", ", token.");
    let text = format!(
        "SELECT token.{columns}, account.id, account.name, account.role, account.created_at,
           account.enrolled_at, account.disabled_at
         FROM token JOIN account ON account.id = token.account
         WHERE token.organisation = ? AND token.digest = ? AND token.expires_at > ? AND token.ended_at IS NULL
           AND +account.organisation = ? AND account.disabled_at IS NULL"
    );
    let found: Option<Owned> = tx
        .sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(now)
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(found.map(|Owned(token, account)| (token, account)))
}

/// The tokens of an account, ended ones too, the newest first.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Token>> {
    let text = format!(
        "SELECT {COLUMNS} FROM token WHERE organisation = ? AND account = ? ORDER BY id DESC"
    );
    tx.sql(&text).bind(tx.org).bind(account).all(tx).await
}

/// Tokens of everybody that hold at `now`, the newest first.
pub async fn that_hold(tx: &mut Tx, now: Timestamp) -> Result<Vec<Token>> {
    let text = format!(
        "SELECT {COLUMNS} FROM token WHERE organisation = ? AND ended_at IS NULL AND expires_at > ? ORDER BY id DESC"
    );
    tx.sql(&text).bind(tx.org).bind(now).all(tx).await
}

/// True where a token holds at `now`.
pub async fn holds(tx: &mut Tx, id: TokenId, now: Timestamp) -> Result<bool> {
    let found: Option<(TokenId,)> = tx
        .sql("SELECT id FROM token WHERE organisation = ? AND id = ? AND expires_at > ? AND ended_at IS NULL")
        .bind(tx.org)
        .bind(id)
        .bind(now)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// Notes that a token was used.
pub async fn touch(tx: &mut Tx, id: TokenId, now: Timestamp) -> Result<()> {
    tx.sql("UPDATE token SET used_at = ? WHERE organisation = ? AND id = ?")
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// Ends a token of an account. False where it is not there, or has ended.
pub async fn end(tx: &mut Tx, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool> {
    let ended = tx
        .sql(
            "UPDATE token SET ended_at = ?
             WHERE organisation = ? AND account = ? AND id = ? AND ended_at IS NULL",
        )
        .bind(now)
        .bind(tx.org)
        .bind(account)
        .bind(id)
        .run(tx)
        .await?;
    Ok(ended > 0)
}

/// Ends every token of an account; how many held.
pub async fn end_all(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<u64> {
    tx.sql(
        "UPDATE token SET ended_at = ?
         WHERE organisation = ? AND account = ? AND ended_at IS NULL AND expires_at > ?",
    )
    .bind(now)
    .bind(tx.org)
    .bind(account)
    .bind(now)
    .run(tx)
    .await
}
