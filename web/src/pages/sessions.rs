//! `/sessions`: who is signed in, and ending that; and the ends of tokens of others.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::account;
use sightline_model::{AccountId, SessionId, TokenId};
use sightline_store::{
    accounts,
    sessions::{self, Session},
    tokens,
};

use super::{form::filter, query::Query};
use crate::{
    Console, Error,
    access::Person,
    address::Address,
    answer::{Frame, Page, on_to},
    api::{Listed, Named},
};

/// Sessions of one page.
const PAGE: u32 = 50;

/// Where to go on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default, deserialize_with = "filter")]
    after: Option<SessionId>,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct Sessions {
    frame: Frame,
    person: Person,
    sessions: Vec<Session>,
    names: HashMap<AccountId, String>,
    next: Option<String>,
}

impl Sessions {
    fn owner(&self, session: &Session) -> String {
        let name = self.names.get(&session.account);
        name.map_or_else(String::new, |name| self.frame.text(name))
    }

    fn is_this(&self, session: &SessionId) -> bool {
        self.person.session() == Some(*session)
    }
}

/// Shows those that hold.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let now = console.now();
    let settings = &console.parts.settings;
    let mut tx = console.read().await?;
    let found = sessions::page(&mut tx, asked.after, PAGE + 1).await?;
    let names = accounts::all(&mut tx).await?.into_iter();
    let names = names.map(|account| (account.id, account.name)).collect();
    drop(tx);
    let Listed {
        items: mut found,
        next,
    } = Listed::page(found, PAGE, |last| {
        Address::of("/sessions").with("after", last.id).written()
    });
    // What is over is forgotten when somebody signs in next; it is worth nothing already.
    found.retain(|session| {
        now.since(session.seen_at) < settings.idle()
            && now.since(session.created_at) < settings.longest()
    });
    Ok(Page(Sessions {
        frame: Frame::new("Sessions", "/accounts", &person, now),
        person,
        sessions: found,
        names,
        next,
    })
    .into_response())
}

/// Ends one.
pub(crate) async fn end(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SessionId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    account::end_session(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/sessions"))
}

/// Ends a token of somebody.
pub(crate) async fn end_token(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<TokenId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let held = tokens::that_hold(&mut tx, console.now()).await?;
    let token = held.into_iter().find(|token| token.id == id);
    let owner = token.ok_or(Error::NotFound)?.account;
    account::end_token(&mut tx, owner, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/accounts"))
}
