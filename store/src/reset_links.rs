//! Reset links: what lets an account's owner choose a new password, once.

use sightline_model::{AccountId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// A reset link. What it holds is kept as a digest alone; an account has one at most.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResetLink {
    /// Whose password may be chosen by it.
    pub account: AccountId,
    /// True where their second factor goes with it.
    pub factor: bool,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "account, factor, author, created_at, expires_at";

impl Record for ResetLink {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            account: cells.next()?,
            factor: cells.next()?,
            author: cells.next()?,
            created_at: cells.next()?,
            expires_at: cells.next()?,
        })
    }
}

/// Makes a link, in the place of one that there was.
pub async fn put(tx: &mut Tx, link: &ResetLink, digest: &str) -> Result<()> {
    remove(tx, link.account).await?;
    let text = format!(
        "INSERT INTO reset_link (organisation, digest, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(link.account)
        .bind(link.factor)
        .bind(&link.author)
        .bind(link.created_at)
        .bind(link.expires_at)
        .run(tx)
        .await?;
    Ok(())
}

/// The link of this digest, if it holds at `now`.
pub async fn by_digest(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<ResetLink>> {
    let text = format!(
        "SELECT {COLUMNS} FROM reset_link WHERE organisation = ? AND digest = ? AND expires_at > ?"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(now)
        .optional(tx)
        .await
}

/// Takes away the link of an account, as it is used or of no more use. False where there is none.
pub async fn remove(tx: &mut Tx, account: AccountId) -> Result<bool> {
    tx.sql("DELETE FROM reset_link WHERE organisation = ? AND account = ?")
        .bind(tx.org)
        .bind(account)
        .changes(tx)
        .await
}
