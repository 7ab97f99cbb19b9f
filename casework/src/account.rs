//! Accounts: what administrators do with those of others.

use std::time::Duration;

use sightline_model::{Account, AccountId, InvitationId, Role, SessionId, Timestamp, TokenId};
use sightline_store::{
    Tx, accounts, attempts, invitations,
    reset_links::{self, ResetLink},
    sessions,
    tokens::{self, Token},
};

use crate::{By, Refused};

/// Gives somebody another role. Their sessions end, so that nothing they have open is of the old one.
pub async fn set_role(tx: &mut Tx, id: AccountId, role: Role, by: &By) -> Result<(), Refused> {
    accounts::hold(tx).await?;
    let account = get(tx, id).await?;
    if account.role == role {
        return Ok(());
    }
    accounts::set_role(tx, id, role).await?;
    keep_one(tx, &account).await?;
    let detail = format!("{} → {role}", account.role);
    Ok(by
        .log(tx, "account.set_role", id.to_string(), &detail)
        .await?)
}

/// Keeps somebody from signing in. Their sessions and their tokens end.
pub async fn disable(tx: &mut Tx, id: AccountId, by: &By) -> Result<(), Refused> {
    accounts::hold(tx).await?;
    let account = get(tx, id).await?;
    if account.disabled_at.is_some() {
        return Ok(());
    }
    accounts::set_disabled(tx, id, Some(by.at)).await?;
    keep_one(tx, &account).await?;
    tokens::end_all(tx, id, by.at).await?;
    reset_links::remove(tx, id).await?;
    Ok(by
        .log(tx, "account.disable", id.to_string(), &account.name)
        .await?)
}

/// Lets somebody sign in again.
pub async fn enable(tx: &mut Tx, id: AccountId, by: &By) -> Result<(), Refused> {
    let account = get(tx, id).await?;
    if account.disabled_at.is_none() {
        return Ok(());
    }
    accounts::set_disabled(tx, id, None).await?;
    Ok(by
        .log(tx, "account.enable", id.to_string(), &account.name)
        .await?)
}

/// Takes away the second factor of somebody who lost it: with their password they then set up another, of this secret. Where
/// it may have been stolen, their tokens end with it.
pub async fn reset_factor(
    tx: &mut Tx,
    id: AccountId,
    secret: &str,
    ends_tokens: bool,
    by: &By,
) -> Result<(), Refused> {
    let account = get(tx, id).await?;
    accounts::reset_factor(tx, id, secret).await?;
    if ends_tokens {
        end_tokens(tx, id, by).await?;
    }
    Ok(by
        .log(
            tx,
            "account.reset_second_factor",
            id.to_string(),
            &account.name,
        )
        .await?)
}

/// Ends somebody's session.
pub async fn end_session(tx: &mut Tx, id: SessionId, by: &By) -> Result<(), Refused> {
    if !sessions::end(tx, id).await? {
        return Err(Refused::Nothing);
    }
    Ok(by.log(tx, "session.end", id.to_string(), "").await?)
}

/// Ends somebody's token, and with it those that it made, and that these made.
pub async fn end_token(
    tx: &mut Tx,
    account: AccountId,
    id: TokenId,
    by: &By,
) -> Result<(), Refused> {
    if !tokens::end(tx, account, id, by.at).await? {
        return Err(Refused::Nothing);
    }
    by.log(tx, "token.end", id.to_string(), "").await?;
    let theirs = tokens::of_account(tx, account).await?;
    for token in theirs
        .iter()
        .filter(|token| token.id != id && is_made_by(&theirs, token.id, id))
    {
        if tokens::end(tx, account, token.id, by.at).await? {
            let detail = format!("made by {id}");
            by.log(tx, "token.end", token.id.to_string(), &detail)
                .await?;
        }
    }
    Ok(())
}

/// True where `token` is `maker`, or was made by it, or by one that it made.
pub fn is_made_by(tokens: &[Token], token: TokenId, maker: TokenId) -> bool {
    let mut at = Some(token);
    // A token is younger than the one that made it, so this ends.
    while let Some(id) = at.filter(|id| *id != maker) {
        let one = tokens.iter().find(|token| token.id == id);
        at = one.and_then(|one| one.parent);
    }
    at.is_some()
}

async fn end_tokens(tx: &mut Tx, id: AccountId, by: &By) -> Result<(), Refused> {
    tokens::end_all(tx, id, by.at).await?;
    Ok(by.log(tx, "account.end_tokens", id.to_string(), "").await?)
}

/// How long a reset link holds.
pub const RESET_HOLDS: Duration = Duration::from_secs(24 * 3_600);

/// Makes a link by which somebody chooses a new password, once; of its secret the digest is kept. Where `factor` says so,
/// they set up another second factor as well.
pub async fn make_reset_link(
    tx: &mut Tx,
    id: AccountId,
    digest: &str,
    factor: bool,
    by: &By,
) -> Result<(), Refused> {
    let account = get(tx, id).await?;
    if account.disabled_at.is_some() {
        return Err(Refused::Unwise("the account is disabled; enable it first"));
    }
    let link = ResetLink {
        account: id,
        factor,
        author: by.who.clone(),
        created_at: by.at,
        expires_at: by.at + RESET_HOLDS,
    };
    reset_links::put(tx, &link, digest).await?;
    let detail = match factor {
        true => format!("{}, password and second factor", account.name),
        false => format!("{}, password", account.name),
    };
    Ok(by
        .log(tx, "account.make_reset_link", id.to_string(), &detail)
        .await?)
}

/// What becomes of an account whose owner used their reset link.
pub struct Reset<'a> {
    /// The new password's hash.
    pub password: &'a str,
    /// The secret of the second factor that they are to set up, where the one that they had goes.
    pub factor: Option<String>,
    /// Whether their programs are to be kept out as well.
    pub ends_tokens: bool,
    /// What the failures of strangers are counted by, which are forgotten.
    pub strangers: &'a str,
}

/// Uses a reset link up.
pub async fn reset(
    tx: &mut Tx,
    account: &Account,
    new: &Reset<'_>,
    now: Timestamp,
) -> Result<(), Refused> {
    let by = By {
        who: account.name.clone(),
        at: now,
    };
    reset_links::remove(tx, account.id).await?;
    accounts::set_password(tx, account.id, new.password).await?;
    let mut detail = "by a reset link".to_owned();
    if let Some(secret) = &new.factor {
        accounts::reset_factor(tx, account.id, secret).await?;
        detail += ", second factor too";
    }
    attempts::clear(tx, new.strangers).await?;
    by.log(tx, "account.set_password", account.id.to_string(), &detail)
        .await?;
    if new.ends_tokens {
        end_tokens(tx, account.id, &by).await?;
    }
    Ok(())
}

/// Forgets that strangers failed to sign in as somebody, so that nobody waits for it.
pub async fn forget_failures(
    tx: &mut Tx,
    id: AccountId,
    strangers: &str,
    by: &By,
) -> Result<(), Refused> {
    let account = get(tx, id).await?;
    attempts::clear(tx, strangers).await?;
    Ok(by
        .log(tx, "account.let_in", id.to_string(), &account.name)
        .await?)
}

/// Takes back an invitation that nobody has used.
pub async fn withdraw(tx: &mut Tx, id: InvitationId, by: &By) -> Result<(), Refused> {
    if !invitations::remove(tx, id).await? {
        return Err(Refused::Nothing);
    }
    Ok(by
        .log(tx, "account.withdraw_invitation", id.to_string(), "")
        .await?)
}

async fn get(tx: &mut Tx, id: AccountId) -> Result<Account, Refused> {
    accounts::get(tx, id).await?.ok_or(Refused::Nothing)
}

/// Without an administrator, nobody could make one. Who never set up their second factor counts only where whoever goes has
/// none either, as where none is asked for.
async fn keep_one(tx: &mut Tx, whoever_goes: &Account) -> Result<(), Refused> {
    let accounts = accounts::all(tx).await?;
    let is_one = |account: &Account| {
        let gets_in = account.enrolled_at.is_some() || whoever_goes.enrolled_at.is_none();
        account.role == Role::Administrator && account.disabled_at.is_none() && gets_in
    };
    match accounts.iter().any(is_one) {
        true => Ok(()),
        false => Err(Refused::Unwise(
            "this is the last administrator; make another one first",
        )),
    }
}
