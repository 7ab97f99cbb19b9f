//! Accounts: what administrators do with those of others.

use sightline_model::{Account, AccountId, InvitationId, Role, SessionId, TokenId};
use sightline_store::{Tx, accounts, invitations, sessions, tokens};

use crate::{By, Refused};

/// Gives somebody another role. Their sessions end, so that nothing they have open is of the old one.
pub async fn set_role(tx: &mut Tx, id: AccountId, role: Role, by: &By) -> Result<(), Refused> {
    accounts::hold(tx).await?;
    let account = get(tx, id).await?;
    if account.role == role {
        return Ok(());
    }
    accounts::set_role(tx, id, role).await?;
    keep_one(tx).await?;
    let detail = format!("{} → {role}", account.role);
    Ok(by
        .log(tx, "account.set_role", id.to_string(), &detail)
        .await?)
}

/// Keeps somebody from signing in. Their sessions end, and their tokens are worth nothing meanwhile.
pub async fn disable(tx: &mut Tx, id: AccountId, by: &By) -> Result<(), Refused> {
    accounts::hold(tx).await?;
    let account = get(tx, id).await?;
    if account.disabled_at.is_some() {
        return Ok(());
    }
    accounts::set_disabled(tx, id, Some(by.at)).await?;
    keep_one(tx).await?;
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

/// Takes away the second factor of somebody who lost it: with their password they then set up another, of this secret.
pub async fn reset_factor(
    tx: &mut Tx,
    id: AccountId,
    secret: &str,
    by: &By,
) -> Result<(), Refused> {
    let account = get(tx, id).await?;
    accounts::reset_factor(tx, id, secret).await?;
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

/// Ends somebody's token.
pub async fn end_token(
    tx: &mut Tx,
    account: AccountId,
    id: TokenId,
    by: &By,
) -> Result<(), Refused> {
    if !tokens::end(tx, account, id, by.at).await? {
        return Err(Refused::Nothing);
    }
    Ok(by.log(tx, "token.end", id.to_string(), "").await?)
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

/// Without an administrator, nobody could make one.
async fn keep_one(tx: &mut Tx) -> Result<(), Refused> {
    let accounts = accounts::all(tx).await?;
    let is_one =
        |account: &Account| account.role == Role::Administrator && account.disabled_at.is_none();
    match accounts.iter().any(is_one) {
        true => Ok(()),
        false => Err(Refused::Unwise(
            "this is the last administrator; make another one first",
        )),
    }
}
