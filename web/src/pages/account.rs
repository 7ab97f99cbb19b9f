//! `/account`: a person's own password, sessions and tokens.

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
    accounts,
    sessions::{self, Session},
    tokens::{self as kept, Token},
};

use super::form::{optional, secret};
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page, on_to},
    api::Named,
    sign_in::{self, Caller, change_password, tokens},
};

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    person: Person,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    /// What the next one is to be known by.
    next_token: TokenId,
    /// What this person may give to a token.
    permissions: Vec<Permission>,
    /// A token that was made just now: shown this once.
    made: Option<String>,
    /// Attempts as them that failed before they signed in here.
    failures: u32,
    /// Recovery codes that are left, where they have a second factor.
    codes: Option<i64>,
    faults: Faults,
    typed: Typed,
}

/// What was typed and ticked in the page's forms. Passwords are typed anew.
struct Typed {
    /// True where their tokens were to end with the password.
    ends_tokens: bool,
    name: String,
    days: String,
    scopes: Vec<String>,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            ends_tokens: false,
            name: String::new(),
            days: "90".to_owned(),
            scopes: Vec::new(),
        }
    }
}

impl Account {
    fn is_this(&self, session: &SessionId) -> bool {
        self.person.session() == Some(*session)
    }

    /// Who made a token: they, or another token of theirs, by its name.
    fn maker(&self, token: &Token) -> String {
        let Some(parent) = token.parent else {
            return "you".to_owned();
        };
        let parent = self.tokens.iter().find(|one| one.id == parent);
        parent.map_or_else(String::new, |one| self.frame.text(&one.name))
    }

    /// True of what was ticked for a new token.
    fn is_ticked(&self, permission: &Permission) -> bool {
        let word = permission.to_string();
        self.typed.scopes.contains(&word)
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
    let (faults, typed) = (Faults::default(), Typed::default());
    page(&console, person, None, faults, typed).await
}

/// A new password.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    #[serde(deserialize_with = "secret")]
    present: SecretString,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    tokens: Option<String>,
}

/// Changes the password; every other session ends.
pub(crate) async fn set_password(
    State(console): State<Console>,
    person: Person,
    caller: Caller,
    Form(new): Form<NewPassword>,
) -> Result<Response, Error> {
    let password = sign_in::NewPassword {
        present: &new.present,
        new: &new.password,
        ends_tokens: new.tokens.is_some(),
    };
    match change_password(&console, &person, &password, &caller).await {
        Ok(session) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&session))];
            Ok((cookie, on_to("/account")).into_response())
        }
        Err(Error::Wrong(problems)) => {
            let typed = Typed {
                ends_tokens: new.tokens.is_some(),
                ..Typed::default()
            };
            again(&console, person, Faults(problems), typed).await
        }
        Err(error) => Err(error),
    }
}

/// A new token.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewToken {
    /// What the form that it was written in gives it to be known by.
    #[serde(deserialize_with = "optional")]
    id: Option<TokenId>,
    name: String,
    days: String,
    scopes: Vec<String>,
}

/// Makes a token, and shows it this once.
pub(crate) async fn make_token(
    State(console): State<Console>,
    person: Person,
    Form(new): Form<NewToken>,
) -> Result<Response, Error> {
    let wanted = tokens::NewToken {
        id: new
            .id
            .unwrap_or_else(|| console.parts.mint.id(console.now())),
        name: &new.name,
        // What is no number is no number of days that a token may hold.
        days: new.days.trim().parse().unwrap_or_default(),
        scopes: &new.scopes,
    };
    match tokens::make(&console, &person, &wanted).await {
        Ok((_, shown)) => {
            let (faults, typed) = (Faults::default(), Typed::default());
            page(&console, person, Some(shown), faults, typed).await
        }
        Err(Error::Wrong(problems)) => {
            let typed = Typed {
                name: new.name,
                days: new.days,
                scopes: new.scopes,
                ..Typed::default()
            };
            again(&console, person, Faults(problems), typed).await
        }
        Err(error) => Err(error),
    }
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

async fn again(
    console: &Console,
    person: Person,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let page = page(console, person, None, faults, typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn page(
    console: &Console,
    person: Person,
    made: Option<String>,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let sessions = sessions::of_account(&mut tx, person.account).await?;
    let tokens = kept::of_account(&mut tx, person.account).await?;
    let this = sessions.iter().find(|one| Some(one.id) == person.session());
    let failures = this.map_or(0, |session| session.failures);
    let account = accounts::get(&mut tx, person.account).await?;
    let is_enrolled = account.is_some_and(|account| account.enrolled_at.is_some());
    let codes = match is_enrolled {
        true => Some(accounts::recovery_left(&mut tx, person.account).await?),
        false => None,
    };
    let may = |permission: &Permission| person.may(*permission);
    Ok(Page(Account {
        frame: Frame::new("Your account", "/account", &person, console.now()),
        next_token: console.parts.mint.id(console.now()),
        permissions: Permission::all().filter(may).collect(),
        person,
        sessions,
        tokens,
        made,
        failures,
        codes,
        faults,
        typed,
    })
    .into_response())
}
