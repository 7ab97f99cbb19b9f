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
use sightline_model::{Account, AccountId, InvitationId, Role};
use sightline_store::{
    accounts,
    invitations::{self, Invitation},
    tokens::{self, Token},
};

use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page, on_to},
    api::Named,
    sign_in::{SecondFactor, Secret, invite as make_invitation},
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
    /// The link of an invitation that was made just now: shown this once.
    link: Option<String>,
}

impl Accounts {
    fn owner(&self, token: &Token) -> String {
        let name = self.names.get(&token.account);
        name.map_or_else(String::new, |name| self.frame.text(name))
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    page(&console, &person, None).await
}

async fn page(console: &Console, person: &Person, link: Option<String>) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let accounts = accounts::all(&mut tx).await?;
    let mut invitations = invitations::all(&mut tx).await?;
    invitations.retain(|invitation| invitation.expires_at > now);
    let tokens = tokens::that_hold(&mut tx, now).await?;
    let names = accounts.iter();
    let names = names.map(|account| (account.id, account.name.clone()));
    Ok(Page(Accounts {
        frame: Frame::new("Accounts", "/accounts", person, now),
        names: names.collect(),
        accounts,
        invitations,
        tokens,
        link,
    })
    .into_response())
}

/// A role.
#[derive(Deserialize)]
pub(crate) struct As {
    role: Role,
}

/// Makes an invitation, and gives its link, which is told this once.
pub(crate) async fn invitation(
    console: &Console,
    person: &Person,
    role: Role,
) -> Result<String, Error> {
    let secret = Secret::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    make_invitation(&mut tx, console, &secret, role, &person.name, HOLDS).await?;
    tx.commit().await?;
    let path = format!("/welcome/{}", secret.expose());
    Ok(match &console.parts.public_url {
        Some(url) => format!("{}{path}", url.as_str().trim_end_matches('/')),
        None => path,
    })
}

/// Makes an invitation, and shows its link this once.
pub(crate) async fn invite(
    State(console): State<Console>,
    person: Person,
    Form(As { role }): Form<As>,
) -> Result<Response, Error> {
    let link = invitation(&console, &person, role).await?;
    page(&console, &person, Some(link)).await
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

/// Takes away a second factor that somebody lost.
pub(crate) async fn reset_factor(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AccountId>,
) -> Result<Response, Error> {
    let secret = SecondFactor::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    account::reset_factor(&mut tx, id, &secret, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}
