//! `/accounts`: who may sign in, and as what; whoever is invited; and the tokens that programs hold.

use std::{collections::HashMap, time::Duration};

use askama::Template;
use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::account;
use sightline_model::{Account, AccountId, InvitationId, Role, Timestamp};
use sightline_store::{
    Tx, accounts, attempts,
    invitations::{self, Invitation},
    tokens::{self, Token},
};

use super::form::optional;
use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page, on_to},
    api::Named,
    sign_in::{Origin, SecondFactor, Secret, invite as make_invitation, of_late, of_strangers},
};

/// How long an invitation holds.
const HOLDS: Duration = Duration::from_secs(7 * 24 * 3_600);

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    frame: Frame,
    accounts: Vec<Account>,
    invitations: Vec<Invitation>,
    tokens: Vec<Token>,
    names: HashMap<AccountId, String>,
    failures: Failures,
    /// A link that was made just now: shown this once.
    link: Option<Link>,
    /// What the next invitation is to be known by: a form that is sent twice makes one.
    next_invitation: InvitationId,
}

/// A link for somebody else.
enum Link {
    /// It makes an account.
    Invitation(String),
    /// It lets them choose a new password.
    Reset(String),
}

impl Accounts {
    fn owner(&self, token: &Token) -> String {
        let name = self.names.get(&token.account);
        name.map_or_else(String::new, |name| self.frame.text(name))
    }

    /// What becomes of somebody's tokens where they are disabled.
    fn tokens_of(&self, account: &Account) -> String {
        let theirs = self
            .tokens
            .iter()
            .filter(|token| token.account == account.id);
        match theirs.count() {
            0 => "They have no token.".to_owned(),
            1 => "Their token ends for good: a program that uses it is shut out.".to_owned(),
            count => {
                format!("Their {count} tokens end for good: programs that use them are shut out.")
            }
        }
    }

    fn failures(&self, account: &Account) -> u32 {
        self.failures.as_whom(account)
    }
}

/// How often strangers failed of late to sign in as somebody, by what that is counted by.
pub(crate) struct Failures(HashMap<String, u32>);

impl Failures {
    pub(crate) async fn of(
        tx: &mut Tx,
        accounts: &[Account],
        now: Timestamp,
    ) -> Result<Self, Error> {
        let subjects = accounts.iter().map(|account| of_strangers(&account.name));
        let subjects: Vec<String> = subjects.collect();
        let failures = attempts::of_subjects(tx, &subjects, of_late(now)).await?;
        let failures = failures.into_iter();
        Ok(Self(
            failures
                .map(|(subject, one)| (subject, one.count))
                .collect(),
        ))
    }

    /// How often as this one.
    pub(crate) fn as_whom(&self, account: &Account) -> u32 {
        let found = self.0.get(&of_strangers(&account.name));
        found.copied().unwrap_or_default()
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    page(&console, &person, None).await
}

async fn page(console: &Console, person: &Person, link: Option<Link>) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let accounts = accounts::all(&mut tx).await?;
    let mut invitations = invitations::all(&mut tx).await?;
    invitations.retain(|invitation| invitation.expires_at > now);
    let tokens = tokens::that_hold(&mut tx, now).await?;
    let failures = Failures::of(&mut tx, &accounts, now).await?;
    let names = accounts.iter();
    let names = names.map(|account| (account.id, account.name.clone()));
    Ok(Page(Accounts {
        frame: Frame::new("Accounts", "/accounts", person, now),
        names: names.collect(),
        failures,
        accounts,
        invitations,
        tokens,
        link,
        next_invitation: console.parts.mint.id(now),
    })
    .into_response())
}

/// A role.
#[derive(Deserialize)]
pub(crate) struct As {
    role: Role,
}

/// Makes an invitation, and gives its link's path, which is told this once.
pub(crate) async fn invitation(
    console: &Console,
    person: &Person,
    (id, role): (InvitationId, Role),
) -> Result<String, Error> {
    person.may_let_in(role)?;
    let secret = Secret::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    let made = invitations::all(&mut tx).await?;
    if made.iter().any(|invitation| invitation.id == id) {
        return Err(Error::Conflict(
            "This invitation was made already, and its link is shown only once. If you have not kept it, withdraw it and make another."
                .to_owned(),
        ));
    }
    let invited = (id, role);
    make_invitation(&mut tx, console, &secret, invited, &person.name, HOLDS).await?;
    tx.commit().await?;
    Ok(format!("/welcome/{}", secret.expose()))
}

/// Makes a link by which somebody chooses a new password, and gives its path, which is told this once.
pub(crate) async fn reset_link(
    console: &Console,
    person: &Person,
    id: AccountId,
    factor: bool,
) -> Result<String, Error> {
    let secret = Secret::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    let theirs = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    person.may_let_in(theirs.role)?;
    let by = console.by(person);
    account::make_reset_link(&mut tx, id, &secret.digest(), factor, &by).await?;
    tx.commit().await?;
    Ok(format!("/reset/{}", secret.expose()))
}

/// Forgets that strangers failed to sign in as somebody.
pub(crate) async fn let_in(
    console: &Console,
    person: &Person,
    id: AccountId,
) -> Result<Account, Error> {
    let mut tx = console.write().await?;
    let found = accounts::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let strangers = of_strangers(&found.name);
    account::forget_failures(&mut tx, id, &strangers, &console.by(person)).await?;
    tx.commit().await?;
    Ok(found)
}

/// Whom somebody invites.
#[derive(Deserialize)]
pub(crate) struct Invited {
    role: Role,
    /// What the form that it was asked for in gives the invitation to be known by.
    #[serde(default, deserialize_with = "optional")]
    id: Option<InvitationId>,
}

/// Makes an invitation, and shows its link this once.
pub(crate) async fn invite(
    State(console): State<Console>,
    person: Person,
    origin: Origin,
    Form(Invited { role, id }): Form<Invited>,
) -> Result<Response, Error> {
    let id = id.unwrap_or_else(|| console.parts.mint.id(console.now()));
    let path = invitation(&console, &person, (id, role)).await?;
    let link = Link::Invitation(origin.of(&console, &path));
    page(&console, &person, Some(link)).await
}

/// What somebody lost.
#[derive(Deserialize)]
pub(crate) struct Lost {
    factor: Option<String>,
}

/// Makes a reset link, and shows it this once.
pub(crate) async fn reset(
    State(console): State<Console>,
    person: Person,
    origin: Origin,
    Named(id): Named<AccountId>,
    Form(Lost { factor }): Form<Lost>,
) -> Result<Response, Error> {
    let path = reset_link(&console, &person, id, factor.is_some()).await?;
    let link = Link::Reset(origin.of(&console, &path));
    page(&console, &person, Some(link)).await
}

/// Lets somebody in whom strangers keep waiting.
pub(crate) async fn admit(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Response, Error> {
    let_in(&console, &person, id).await?;
    Ok(on_to("/accounts"))
}

/// Takes an invitation back.
pub(crate) async fn withdraw(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<InvitationId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    account::withdraw(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}

/// Gives somebody another role.
pub(crate) async fn set_role(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
    Form(As { role }): Form<As>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    account::set_role(&mut tx, id, role, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}

/// Keeps somebody from signing in.
pub(crate) async fn disable(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    account::disable(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}

/// Lets somebody sign in again.
pub(crate) async fn enable(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    account::enable(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}

/// What else ends.
#[derive(Deserialize)]
pub(crate) struct Ends {
    tokens: Option<String>,
}

/// Takes away a second factor that somebody lost.
pub(crate) async fn reset_factor(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
    Form(Ends { tokens }): Form<Ends>,
) -> Result<Response, Error> {
    let secret = SecondFactor::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    let by = console.by(&person);
    account::reset_factor(&mut tx, id, &secret, tokens.is_some(), &by).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}
