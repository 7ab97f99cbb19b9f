//! `/account`: a person's own password, sessions and tokens.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::Form;
use secrecy::SecretString;
use serde::Deserialize;
use sightline_casework::account;
use sightline_model::{SessionId, TokenId};
use sightline_store::{
    sessions::{self, Session},
    tokens::{self, Token},
};

use super::form::secret;
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page, on_to},
    api::Named,
    sign_in::{Caller, Secret, change_password},
};

/// Days that a token may hold at most.
const LONGEST_DAYS: u32 = 365;
/// The longest name of a token, in characters.
const LONGEST_NAME: usize = 64;
/// What every token begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "slt_";

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    person: Person,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    /// What this person may give to a token.
    permissions: Vec<Permission>,
    /// A token that was made just now: shown this once.
    made: Option<String>,
    faults: Faults,
}

impl Account {
    fn is_this(&self, session: &SessionId) -> bool {
        self.person.session() == Some(*session)
    }

    fn holds(&self, token: &Token) -> bool {
        token.ended_at.is_none() && token.expires_at > self.frame.now
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    page(&console, person, None, Faults::default()).await
}

/// A new password.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    #[serde(deserialize_with = "secret")]
    present: SecretString,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
}

/// Changes the password; every other session ends.
pub(crate) async fn set_password(
    State(console): State<Console>,
    person: Person,
    caller: Caller,
    Form(new): Form<NewPassword>,
) -> Result<Response, Error> {
    let passwords = (&new.present, &new.password);
    match change_password(&console, &person, passwords, &caller).await {
        Ok(session) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&session))];
            Ok((cookie, on_to("/account")).into_response())
        }
        Err(Error::Wrong(problems)) => again(&console, person, Faults(problems)).await,
        Err(error) => Err(error),
    }
}

/// A new token.
#[derive(Deserialize)]
pub(crate) struct NewToken {
    name: String,
    days: u32,
    #[serde(default)]
    scopes: Vec<String>,
}

/// Makes a token, and shows it this once.
pub(crate) async fn make_token(
    State(console): State<Console>,
    person: Person,
    Form(new): Form<NewToken>,
) -> Result<Response, Error> {
    let name = new.name.trim();
    let scopes: Vec<Permission> = new
        .scopes
        .iter()
        .filter_map(|scope| Permission::named(scope))
        .filter(|permission| person.may(*permission))
        .collect();
    let wrong = if name.is_empty()
        || name.chars().count() > LONGEST_NAME
        || name.chars().any(char::is_control)
    {
        Some(Error::field(
            "name",
            "it needs a name",
            "write what it is for",
        ))
    } else if !(1..=LONGEST_DAYS).contains(&new.days) {
        Some(Error::field(
            "days",
            "it holds from 1 to 365 days",
            "write how many",
        ))
    } else if scopes.is_empty() {
        Some(Error::field(
            "scopes",
            "it may do nothing",
            "tick what it is to do",
        ))
    } else {
        None
    };
    if let Some(Error::Wrong(problems)) = wrong {
        return again(&console, person, Faults(problems)).await;
    }
    let now = console.now();
    let secret = Secret::draw(&console.parts.mint);
    let shown = format!("{PREFIX}{}", secret.expose());
    let token = Token {
        id: console.parts.mint.id(now),
        account: person.account,
        name: name.to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        created_at: now,
        expires_at: now + Duration::from_secs(u64::from(new.days) * 86_400),
        used_at: None,
        ended_at: None,
    };
    let mut tx = console.write().await?;
    tokens::add(&mut tx, &token, &crate::sign_in::digest(&shown)).await?;
    let by = console.by(&person);
    by.log(
        &mut tx,
        "token.make",
        token.id.to_string(),
        &token.scopes.join(" "),
    )
    .await?;
    tx.commit().await?;
    page(&console, person, Some(shown), Faults::default()).await
}

/// Ends a token.
pub(crate) async fn end_token(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<TokenId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    account::end_token(&mut tx, person.account, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/account"))
}

/// Ends one of their sessions.
pub(crate) async fn end_session(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SessionId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let theirs = sessions::of_account(&mut tx, person.account).await?;
    if !theirs.iter().any(|session| session.id == id) {
        return Err(Error::NotFound);
    }
    account::end_session(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/account"))
}

async fn again(console: &Console, person: Person, faults: Faults) -> Result<Response, Error> {
    let page = page(console, person, None, faults).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn page(
    console: &Console,
    person: Person,
    made: Option<String>,
    faults: Faults,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let sessions = sessions::of_account(&mut tx, person.account).await?;
    let tokens = tokens::of_account(&mut tx, person.account).await?;
    let may = |permission: &Permission| person.may(*permission);
    Ok(Page(Account {
        frame: Frame::new("Your account", "/account", &person, console.now()),
        permissions: Permission::all().filter(may).collect(),
        person,
        sessions,
        tokens,
        made,
        faults,
    })
    .into_response())
}
