//! What programs do with accounts, sessions, tokens and invitations: their owner's own, and, for administrators, those of
//! others. A program lets nobody in, or back in, as what it may not be itself.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::account;
use sightline_model::{Account, AccountId, InvitationId, Role, SessionId, TokenId};
use sightline_store::{
    accounts, sessions,
    tokens::{self as kept, Token},
};

use super::{Named, Operation, Sent};
use crate::{
    Console, Error,
    access::{Means, Permission, Person},
    pages,
    sign_in::{Origin, SecondFactor, tokens},
};

/// A token to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is for.
    #[schemars(length(min = 1, max = 64))]
    name: String,
    /// Days that it is to hold; it ends with the token that makes it at the latest.
    #[schemars(range(min = 1, max = 365))]
    days: u32,
    /// The permissions that it is to have, as far as the token that makes it has them.
    #[schemars(length(min = 1))]
    scopes: Vec<String>,
}

/// A token that was made.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MadeToken {
    /// The token.
    token: Token,
    /// What a program sends as it: told this once.
    secret: String,
}

pub(crate) fn make_token_described() -> Operation {
    Operation::giving::<MadeToken>("Make a token, whose secret is told once")
        .sent::<NewToken>()
        .telling_a_secret()
}

pub(crate) async fn make_token(
    State(console): State<Console>,
    person: Person,
    Sent(new): Sent<NewToken>,
) -> Result<Json<MadeToken>, Error> {
    let wanted = tokens::NewToken {
        id: console.parts.mint.id(console.now()),
        name: &new.name,
        days: new.days,
        scopes: &new.scopes,
    };
    let (token, secret) = tokens::make(&console, &person, &wanted).await?;
    Ok(Json(MadeToken { token, secret }))
}

/// Something that is over.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {
    /// True: what was asked for is done.
    done: bool,
}

pub(super) const DONE: Json<Done> = Json(Done { done: true });

pub(crate) fn end_my_token_described() -> Operation {
    Operation::giving::<Done>(
        "End this token or one that it made, with those that that made; another of one's own needs account.own",
    )
}

pub(crate) async fn end_my_token(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<TokenId>,
) -> Result<Json<Done>, Error> {
    let mut tx = console.write().await?;
    let theirs = kept::of_account(&mut tx, person.account).await?;
    if !theirs.iter().any(|token| token.id == id) {
        return Err(Error::NotFound);
    }
    // One that leaked must not stop the others.
    let is_its_own = match person.means {
        Means::Token(asking, _) => account::is_made_by(&theirs, id, asking),
        Means::Session(..) => true,
    };
    if !is_its_own && !person.may(Permission::OwnAccount) {
        return Err(person.refusal(Permission::OwnAccount));
    }
    account::end_token(&mut tx, person.account, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(DONE)
}

pub(crate) fn end_my_session_described() -> Operation {
    Operation::giving::<Done>("Sign oneself out somewhere")
}

pub(crate) async fn end_my_session(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SessionId>,
) -> Result<Json<Done>, Error> {
    let mut tx = console.write().await?;
    let theirs = sessions::of_account(&mut tx, person.account).await?;
    if !theirs.iter().any(|session| session.id == id) {
        return Err(Error::NotFound);
    }
    account::end_session(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(DONE)
}

pub(crate) fn end_session_described() -> Operation {
    Operation::giving::<Done>("Sign somebody out")
}

pub(crate) async fn end_session(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SessionId>,
) -> Result<Json<Done>, Error> {
    let mut tx = console.write().await?;
    account::end_session(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(DONE)
}

pub(crate) fn end_token_described() -> Operation {
    Operation::giving::<Done>("End somebody's token")
}

pub(crate) async fn end_token(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<TokenId>,
) -> Result<Json<Done>, Error> {
    let mut tx = console.write().await?;
    let held = kept::that_hold(&mut tx, console.now()).await?;
    let token = held.into_iter().find(|token| token.id == id);
    let owner = token.ok_or(Error::NotFound)?.account;
    account::end_token(&mut tx, owner, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(DONE)
}

/// A role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AsRole")]
pub(crate) struct As {
    /// What somebody is here for.
    role: Role,
}

/// A link that lets somebody make an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Invited {
    /// The link: told this once.
    link: String,
}

pub(crate) fn invite_described() -> Operation {
    Operation::giving::<Invited>("Invite somebody: the link is told once and holds for a week")
        .sent::<As>()
        .telling_a_secret()
}

pub(crate) async fn invite(
    State(console): State<Console>,
    person: Person,
    origin: Origin,
    Sent(As { role }): Sent<As>,
) -> Result<Json<Invited>, Error> {
    let id = console.parts.mint.id(console.now());
    let path = pages::accounts::invitation(&console, &person, (id, role)).await?;
    let link = origin.of(&console, &path);
    Ok(Json(Invited { link }))
}

pub(crate) fn withdraw_described() -> Operation {
    Operation::giving::<Done>("Take back an invitation that nobody has used")
}

pub(crate) async fn withdraw(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<InvitationId>,
) -> Result<Json<Done>, Error> {
    let mut tx = console.write().await?;
    account::withdraw(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(DONE)
}

pub(crate) fn set_role_described() -> Operation {
    Operation::giving::<Account>("Give somebody another role; their sessions end").sent::<As>()
}

pub(crate) async fn set_role(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
    Sent(As { role }): Sent<As>,
) -> Result<Json<Account>, Error> {
    person.may_let_in(role)?;
    let mut tx = console.write().await?;
    account::set_role(&mut tx, id, role, &console.by(&person)).await?;
    let now = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(now))
}

pub(crate) fn disable_described() -> Operation {
    Operation::giving::<Account>("Keep somebody from signing in; their sessions and tokens end")
}

pub(crate) async fn disable(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Json<Account>, Error> {
    let mut tx = console.write().await?;
    account::disable(&mut tx, id, &console.by(&person)).await?;
    let now = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(now))
}

pub(crate) fn enable_described() -> Operation {
    Operation::giving::<Account>("Let somebody sign in again")
}

pub(crate) async fn enable(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Json<Account>, Error> {
    let mut tx = console.write().await?;
    let theirs = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    person.may_let_in(theirs.role)?;
    account::enable(&mut tx, id, &console.by(&person)).await?;
    let now = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(now))
}

/// What may have been lost with a second factor.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Lost {
    /// True where their tokens are to end as well.
    end_tokens: bool,
}

pub(crate) fn reset_factor_described() -> Operation {
    Operation::giving::<Account>(
        "Take away a second factor that somebody lost; they set up another",
    )
    .sent::<Lost>()
}

pub(crate) async fn reset_factor(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
    Sent(Lost { end_tokens }): Sent<Lost>,
) -> Result<Json<Account>, Error> {
    let secret = SecondFactor::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    let theirs = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    person.may_let_in(theirs.role)?;
    let by = console.by(&person);
    account::reset_factor(&mut tx, id, &secret, end_tokens, &by).await?;
    let now = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(now))
}

/// What somebody lost.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Forgotten {
    /// True where their second factor is lost as well: they set up another.
    second_factor: bool,
}

/// A link that lets somebody choose a new password.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ResetLink {
    /// The link: told this once.
    link: String,
}

pub(crate) fn reset_link_described() -> Operation {
    Operation::giving::<ResetLink>(
        "Make a link by which somebody who forgot their password chooses another: told once, it holds for a day",
    )
    .sent::<Forgotten>()
    .telling_a_secret()
}

pub(crate) async fn reset_link(
    State(console): State<Console>,
    person: Person,
    origin: Origin,
    Named(id): Named<AccountId>,
    Sent(Forgotten { second_factor }): Sent<Forgotten>,
) -> Result<Json<ResetLink>, Error> {
    let path = pages::accounts::reset_link(&console, &person, id, second_factor).await?;
    let link = origin.of(&console, &path);
    Ok(Json(ResetLink { link }))
}

pub(crate) fn let_in_described() -> Operation {
    Operation::giving::<Account>(
        "Forget that strangers failed to sign in as somebody, so that nobody waits for it",
    )
}

pub(crate) async fn let_in(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Json<Account>, Error> {
    Ok(Json(pages::accounts::let_in(&console, &person, id).await?))
}
