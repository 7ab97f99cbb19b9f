//! Invitations: links that let somebody make an account, once.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{InvitationId, Role, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// An invitation. What its link holds is kept as a digest alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Invitation {
    /// Its identifier, to name it by.
    pub id: InvitationId,
    /// The role of the account that it makes.
    pub role: Role,
    /// Who invites.
    pub author: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "id, role, author, created_at, expires_at";

impl Record for Invitation {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            role: cells.next()?,
            author: cells.next()?,
            created_at: cells.next()?,
            expires_at: cells.next()?,
        })
    }
}

/// Makes an invitation.
pub async fn add(tx: &mut Tx, invitation: &Invitation, digest: &str) -> Result<()> {
    let text = format!(
        "INSERT INTO invitation (organisation, digest, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(invitation.id)
        .bind(invitation.role)
        .bind(&invitation.author)
        .bind(invitation.created_at)
        .bind(invitation.expires_at)
        .run(tx)
        .await?;
    Ok(())
}

/// The invitation of this digest, if it holds at `now`.
pub async fn by_digest(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<Invitation>> {
    let text = format!(
        "SELECT {COLUMNS} FROM invitation WHERE organisation = ? AND digest = ? AND expires_at > ?"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(digest)
        .bind(now)
        .optional(tx)
        .await
}

/// Every invitation that nobody has used, the newest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Invitation>> {
    let text = format!("SELECT {COLUMNS} FROM invitation WHERE organisation = ? ORDER BY id DESC");
    tx.sql(&text).bind(tx.org).all(tx).await
}

/// Takes an invitation away, as it is used or withdrawn. False where it is not there: then somebody was quicker.
pub async fn remove(tx: &mut Tx, id: InvitationId) -> Result<bool> {
    let removed = tx
        .sql("DELETE FROM invitation WHERE organisation = ? AND id = ?")
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    Ok(removed > 0)
}
