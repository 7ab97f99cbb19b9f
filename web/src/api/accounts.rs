//! `/api/v1/me`, `/api/v1/accounts` and what belongs to them: who may sign in, and what they are known by.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{Account, AccountId, Role, SessionId, TokenId};
use sightline_store::{
    accounts,
    invitations::{self, Invitation},
    sessions::{self, Session},
    tokens::{self, Token},
};

use super::{After, Asked, Limit, Listed, Operation};
use crate::{
    Console, Error,
    access::{Means, Permission, Person},
    pages::accounts::Failures,
};

/// Whose token this is, and what it may do.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Me {
    /// The account.
    account: AccountId,
    /// Its name.
    name: String,
    /// Its role.
    role: Role,
    /// The token that asks.
    token: Option<TokenId>,
    /// What it may do.
    permissions: Vec<&'static str>,
}

pub(crate) fn me_described() -> Operation {
    Operation::giving::<Me>("Whose token this is, and what it may do")
}

pub(crate) async fn me(person: Person) -> Json<Me> {
    let permissions = Permission::all().filter(|one| person.may(*one));
    Json(Me {
        account: person.account,
        role: person.role,
        token: match person.means {
            Means::Token(id, _) => Some(id),
            Means::Session(..) => None,
        },
        permissions: permissions.map(Permission::as_str).collect(),
        name: person.name,
    })
}

pub(crate) fn my_sessions_described() -> Operation {
    Operation::giving::<Listed<Session>>("Where the token's owner is signed in")
}

pub(crate) async fn my_sessions(
    State(console): State<Console>,
    person: Person,
) -> Result<Json<Listed<Session>>, Error> {
    let mut tx = console.read().await?;
    let found = sessions::of_account(&mut tx, person.account).await?;
    Ok(Json(Listed::whole(found)))
}

pub(crate) fn my_tokens_described() -> Operation {
    Operation::giving::<Listed<Token>>("The tokens of the token's owner, the newest first")
}

pub(crate) async fn my_tokens(
    State(console): State<Console>,
    person: Person,
) -> Result<Json<Listed<Token>>, Error> {
    let mut tx = console.read().await?;
    let found = tokens::of_account(&mut tx, person.account).await?;
    Ok(Json(Listed::whole(found)))
}

/// Somebody who may sign in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccountInList")]
pub(crate) struct Row {
    /// The account.
    #[serde(flatten)]
    account: Account,
    /// How often strangers failed of late to sign in as them; who lets them in again has it forgotten.
    failures: u32,
}

pub(crate) fn accounts_described() -> Operation {
    Operation::giving::<Listed<Row>>(
        "Who may sign in, by name, and how often strangers tried it in their place",
    )
}

pub(crate) async fn accounts(
    State(console): State<Console>,
    _: Person,
) -> Result<Json<Listed<Row>>, Error> {
    let mut tx = console.read().await?;
    let found = accounts::all(&mut tx).await?;
    let failures = Failures::of(&mut tx, &found, console.now()).await?;
    let rows = found.into_iter().map(|account| Row {
        failures: failures.as_whom(&account),
        account,
    });
    Ok(Json(Listed::whole(rows.collect())))
}

pub(crate) fn invitations_described() -> Operation {
    Operation::giving::<Listed<Invitation>>("The invitations that hold")
}

pub(crate) async fn invitations(
    State(console): State<Console>,
    _: Person,
) -> Result<Json<Listed<Invitation>>, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let mut found = invitations::all(&mut tx).await?;
    found.retain(|invitation| invitation.expires_at > now);
    Ok(Json(Listed::whole(found)))
}

/// Which sessions.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// `next` of the page before.
    after: Option<After<SessionId>>,
    /// Sessions at most.
    limit: Limit,
}

pub(crate) fn sessions_described() -> Operation {
    Operation::giving::<Listed<Session>>(
        "Who is signed in; a page may have fewer than were asked for",
    )
    .asking::<Which>()
}

pub(crate) async fn sessions(
    State(console): State<Console>,
    _: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Session>>, Error> {
    let limit = which.limit.get()?;
    let after = which.after.map(|After(id)| id);
    let mut tx = console.read().await?;
    let found = sessions::page(&mut tx, after, limit + 1).await?;
    let mut page = Listed::page(found, limit, |last: &Session| last.id.to_string());
    let (now, settings) = (console.now(), &console.parts.settings);
    // What is over is forgotten when somebody signs in next; it is worth nothing already.
    page.items.retain(|session| {
        now.since(session.seen_at) < settings.idle()
            && now.since(session.created_at) < settings.longest()
    });
    Ok(Json(page))
}

pub(crate) fn tokens_described() -> Operation {
    Operation::giving::<Listed<Token>>("The tokens of everybody that hold, the newest first")
}

pub(crate) async fn tokens(
    State(console): State<Console>,
    _: Person,
) -> Result<Json<Listed<Token>>, Error> {
    let mut tx = console.read().await?;
    let found = tokens::that_hold(&mut tx, console.now()).await?;
    Ok(Json(Listed::whole(found)))
}
