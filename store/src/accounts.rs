//! Accounts, and what their owners prove themselves with.

use sightline_model::{Account, AccountId, Role, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    sessions,
    sql::Sql,
};

const COLUMNS: &str = "id, name, role, created_at, enrolled_at, disabled_at";

impl Record for Account {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            name: cells.next()?,
            role: cells.next()?,
            created_at: cells.next()?,
            enrolled_at: cells.next()?,
            disabled_at: cells.next()?,
        })
    }
}

/// What an account's owner proves themselves with.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// The password's argon2id hash, as a PHC string.
    pub password: String,
    /// The secret of the second factor, in base 32; nothing before it was drawn.
    pub totp_secret: Option<String>,
    /// The last step of the second factor that was accepted: it, and what came before, are not accepted again.
    pub totp_step: Option<i64>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof")
    }
}

/// An account with what its owner proves themselves with.
struct Provable(Account, Proof);

impl Record for Provable {
    fn read(cells: &mut Cells) -> Result<Self> {
        let account = Account::read(cells)?;
        let proof = Proof {
            password: cells.next()?,
            totp_secret: cells.next()?,
            totp_step: cells.next()?,
        };
        Ok(Self(account, proof))
    }
}

/// True where somebody has an account.
pub async fn any(tx: &mut Tx) -> Result<bool> {
    let found: Option<(AccountId,)> = tx
        .sql("SELECT id FROM account WHERE organisation = ? LIMIT 1")
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// Every account, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Account>> {
    let text = format!("SELECT {COLUMNS} FROM account WHERE organisation = ? ORDER BY folded");
    tx.sql(&text).bind(tx.org).all(tx).await
}

/// The account of this identifier.
pub async fn get(tx: &mut Tx, id: AccountId) -> Result<Option<Account>> {
    let text = format!("SELECT {COLUMNS} FROM account WHERE organisation = ? AND id = ?");
    tx.sql(&text).bind(tx.org).bind(id).optional(tx).await
}

/// The account of this name, in whatever case, and its proof.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<(Account, Proof)>> {
    let text = format!(
        "SELECT {COLUMNS}, password, totp_secret, totp_step FROM account WHERE organisation = ? AND folded = ?"
    );
    let found = tx.sql(&text).bind(tx.org).bind(&name.to_lowercase());
    let found: Option<Provable> = found.optional(tx).await?;
    Ok(found.map(|Provable(account, proof)| (account, proof)))
}

/// The proof of an account.
pub async fn proof(tx: &mut Tx, id: AccountId) -> Result<Option<Proof>> {
    let text = format!(
        "SELECT {COLUMNS}, password, totp_secret, totp_step FROM account WHERE organisation = ? AND id = ?"
    );
    let found: Option<Provable> = tx.sql(&text).bind(tx.org).bind(id).optional(tx).await?;
    Ok(found.map(|Provable(_, proof)| proof))
}

/// Makes an account. False where its name is taken.
pub async fn add(tx: &mut Tx, account: &Account, password: &str) -> Result<bool> {
    let text = format!(
        "INSERT INTO account (organisation, folded, password, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (organisation, folded) DO NOTHING"
    );
    let added = tx
        .sql(&text)
        .bind(tx.org)
        .bind(&account.name.to_lowercase())
        .bind(password)
        .bind(account.id)
        .bind(&account.name)
        .bind(account.role)
        .bind(account.created_at)
        .bind(account.enrolled_at)
        .bind(account.disabled_at)
        .run(tx)
        .await?;
    Ok(added > 0)
}

/// Has this statement change an account, and ends its sessions: they were begun by whoever it was before. False where there
/// is none.
async fn change(tx: &mut Tx, id: AccountId, statement: Sql) -> Result<bool> {
    let is_there = statement.changes(tx).await?;
    sessions::end_all(tx, id).await?;
    Ok(is_there)
}

/// Sets an account's password, and ends its sessions.
pub async fn set_password(tx: &mut Tx, id: AccountId, password: &str) -> Result<bool> {
    let statement = tx
        .sql("UPDATE account SET password = ? WHERE organisation = ? AND id = ?")
        .bind(password)
        .bind(tx.org)
        .bind(id);
    change(tx, id, statement).await
}

/// Sets an account's role, and ends its sessions.
pub async fn set_role(tx: &mut Tx, id: AccountId, role: Role) -> Result<bool> {
    let statement = tx
        .sql("UPDATE account SET role = ? WHERE organisation = ? AND id = ?")
        .bind(role)
        .bind(tx.org)
        .bind(id);
    change(tx, id, statement).await
}

/// Keeps an account from being used from `since` on, or lets it be used again; its sessions end.
pub async fn set_disabled(tx: &mut Tx, id: AccountId, since: Option<Timestamp>) -> Result<bool> {
    let statement = tx
        .sql("UPDATE account SET disabled_at = ? WHERE organisation = ? AND id = ?")
        .bind(since)
        .bind(tx.org)
        .bind(id);
    change(tx, id, statement).await
}

/// Keeps the secret of a second factor that is being set up. False where one is set up already.
pub async fn set_secret(tx: &mut Tx, id: AccountId, secret: &str) -> Result<bool> {
    tx
        .sql(
            "UPDATE account SET totp_secret = ? WHERE organisation = ? AND id = ? AND enrolled_at IS NULL",
        )
        .bind(secret)
        .bind(tx.org)
        .bind(id)
        .changes(tx).await
}

/// Notes that a step of the second factor was accepted, which also finishes its setting up. False where that step, or a
/// later one, was accepted before: then somebody says a code again.
pub async fn accept_step(tx: &mut Tx, id: AccountId, step: i64, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE account SET totp_step = ?, enrolled_at = coalesce(enrolled_at, ?)
             WHERE organisation = ? AND id = ? AND (totp_step IS NULL OR totp_step < ?)",
    )
    .bind(step)
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .bind(step)
    .changes(tx)
    .await
}

/// Puts new recovery codes, by their digests, in the place of those there were.
pub async fn set_recovery(tx: &mut Tx, id: AccountId, digests: &[String]) -> Result<()> {
    tx.sql("DELETE FROM recovery_code WHERE organisation = ? AND account = ?")
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    for digests in tx.chunks(digests) {
        tx.sql("INSERT INTO recovery_code (organisation, account, digest) VALUES ")
            .rows(digests, |digest, row| {
                row.put(tx.org).put(id).put(digest);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Uses a recovery code, by its digest. False where there is none, or it was used before.
pub async fn use_recovery(
    tx: &mut Tx,
    id: AccountId,
    digest: &str,
    now: Timestamp,
) -> Result<bool> {
    tx.sql(
        "UPDATE recovery_code SET used_at = ?
             WHERE organisation = ? AND account = ? AND digest = ? AND used_at IS NULL",
    )
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .bind(digest)
    .changes(tx)
    .await
}

/// Keeps all accounts to this transaction until its commit, so that two people can't take the last administrator's role
/// from each other. SQLite has one writer, so there it does nothing.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    let ids: Vec<AccountId> = all(tx).await?.iter().map(|account| account.id).collect();
    tx.hold("account", &ids).await
}

/// Takes away the second factor of somebody who lost it, with its recovery codes: they set up another, of this secret, when
/// they sign in next. Their sessions end.
pub async fn reset_factor(tx: &mut Tx, id: AccountId, secret: &str) -> Result<bool> {
    let statement = tx
        .sql(
            "UPDATE account SET totp_secret = ?, totp_step = NULL, enrolled_at = NULL, pending_secret = NULL,
               pending_at = NULL
             WHERE organisation = ? AND id = ?",
        )
        .bind(secret)
        .bind(tx.org)
        .bind(id);
    set_recovery(tx, id, &[]).await?;
    change(tx, id, statement).await
}

/// Keeps the secret of the second factor that somebody is to move to.
pub async fn set_pending(tx: &mut Tx, id: AccountId, secret: &str, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE account SET pending_secret = ?, pending_at = ? WHERE organisation = ? AND id = ?",
    )
    .bind(secret)
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// The secret of the second factor that somebody is to move to, if it was drawn at `since` or later.
pub async fn pending(tx: &mut Tx, id: AccountId, since: Timestamp) -> Result<Option<String>> {
    let found: Option<(String,)> = tx
        .sql(
            "SELECT pending_secret FROM account
             WHERE organisation = ? AND id = ? AND pending_at >= ? AND pending_secret IS NOT NULL",
        )
        .bind(tx.org)
        .bind(id)
        .bind(since)
        .optional(tx)
        .await?;
    Ok(found.map(|(secret,)| secret))
}

/// Puts the second factor of this secret, of which `step` was accepted, in the place of the one that there was. Sessions end.
pub async fn move_factor(
    tx: &mut Tx,
    id: AccountId,
    secret: &str,
    step: i64,
    now: Timestamp,
) -> Result<bool> {
    let statement = tx
        .sql(
            "UPDATE account SET totp_secret = ?, totp_step = ?, enrolled_at = ?, pending_secret = NULL, pending_at = NULL
             WHERE organisation = ? AND id = ?",
        )
        .bind(secret)
        .bind(step)
        .bind(now)
        .bind(tx.org)
        .bind(id);
    change(tx, id, statement).await
}

/// How many recovery codes an account has that were not used.
pub async fn recovery_left(tx: &mut Tx, id: AccountId) -> Result<i64> {
    let (left,): (i64,) = tx
        .sql(
            "SELECT count(*) FROM recovery_code
             WHERE organisation = ? AND account = ? AND used_at IS NULL",
        )
        .bind(tx.org)
        .bind(id)
        .one(tx)
        .await?;
    Ok(left)
}
