//! Answers given to programs under a key of theirs (`Idempotency-Key`), so that what is asked for twice is done once.

use sightline_model::{Timestamp, TokenId};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// What a token asked for under a key, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Of everything that was asked: the same key with another is a mistake.
    pub asked: String,
    /// The status; nothing while it is being done, or where how it ended is not known.
    pub status: Option<u16>,
    /// The media type of the body.
    pub media_type: Option<String>,
    /// The body, where it was to be kept.
    pub body: Option<String>,
    /// The tag of the thing as it then stood.
    pub tag: Option<String>,
}

/// What was answered, where it may be given again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Content<'a> {
    /// The media type of the body.
    pub media_type: &'a str,
    /// The body.
    pub body: &'a str,
    /// The tag of the thing as it now stands.
    pub tag: Option<&'a str>,
}

impl Record for Answer {
    fn read(cells: &mut Cells) -> Result<Self> {
        let asked = cells.next()?;
        let status: Option<i64> = cells.next()?;
        Ok(Self {
            asked,
            status: status.and_then(|status| u16::try_from(status).ok()),
            media_type: cells.next()?,
            body: cells.next()?,
            tag: cells.next()?,
        })
    }
}

/// Takes a key for what a token asks. Gives what stands under it, where it was taken before; keys from before `since` are
/// forgotten.
pub async fn take(
    tx: &mut Tx,
    (token, key): (TokenId, &str),
    asked: &str,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<Answer>> {
    tx.sql("DELETE FROM given_answer WHERE organisation = ? AND at < ?")
        .bind(tx.org)
        .bind(since)
        .run(tx)
        .await?;
    let is_new = tx
        .sql(
            "INSERT INTO given_answer (organisation, token, name, asked, at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (organisation, token, name) DO NOTHING",
        )
        .bind(tx.org)
        .bind(token)
        .bind(key)
        .bind(asked)
        .bind(now)
        .changes(tx)
        .await?;
    if is_new {
        return Ok(None);
    }
    tx.sql(
        "SELECT asked, status, media_type, body, tag FROM given_answer
         WHERE organisation = ? AND token = ? AND name = ?",
    )
    .bind(tx.org)
    .bind(token)
    .bind(key)
    .optional(tx)
    .await
}

/// Keeps what was answered under a key; a body only where it may be given again.
pub async fn keep(
    tx: &mut Tx,
    (token, key): (TokenId, &str),
    status: u16,
    content: Option<Content<'_>>,
) -> Result<()> {
    tx.sql(
        "UPDATE given_answer SET status = ?, media_type = ?, body = ?, tag = ?
         WHERE organisation = ? AND token = ? AND name = ?",
    )
    .bind(i64::from(status))
    .bind(content.map(|content| content.media_type))
    .bind(content.map(|content| content.body))
    .bind(content.and_then(|content| content.tag))
    .bind(tx.org)
    .bind(token)
    .bind(key)
    .run(tx)
    .await?;
    Ok(())
}

/// Lets go of a key: nothing was done under it.
pub async fn let_go(tx: &mut Tx, (token, key): (TokenId, &str)) -> Result<()> {
    tx.sql("DELETE FROM given_answer WHERE organisation = ? AND token = ? AND name = ?")
        .bind(tx.org)
        .bind(token)
        .bind(key)
        .run(tx)
        .await?;
    Ok(())
}
