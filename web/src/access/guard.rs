//! The guard before every route: finds out who asks, and whether they may.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sightline_model::{Stage, TokenId};
use sightline_store::{sessions, tokens};

use super::{Means, Permission, Person, keyed, rates::Left};
use crate::{
    Console, Error,
    routes::{Face, Needs},
    sign_in::digest,
};

/// How exactly it is kept when a session or a token was last used.
const EXACTLY: std::time::Duration = std::time::Duration::from_secs(60);

/// What a guard knows of its route.
#[derive(Clone)]
pub(crate) struct Door {
    pub console: Console,
    pub face: Face,
    pub needs: Needs,
    /// The most that may be sent, in bytes.
    pub largest: usize,
    /// True where the answer holds a secret.
    pub is_secret: bool,
}

/// Lets a request through to its handler, with the person who asks; or refuses it.
pub(crate) async fn guard(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    // A request's body is not to be shared between threads; what is looked at is.
    let (back, headers) = (way_back(&request), request.headers().clone());
    match admit(&door, &headers, back).await {
        Ok(None) => next.run(request).await,
        Ok(Some(person)) => {
            let left = left(&door.console, &person);
            let mut response = match left.filter(|left| left.is_over) {
                Some(left) => Error::TooOften(left.reset).into_response(),
                None => {
                    let token = match person.means {
                        Means::Token(token, _) => Some(token),
                        Means::Session(..) => None,
                    };
                    request.extensions_mut().insert(person);
                    passed(&door, token, request, next).await
                }
            };
            if let Some(left) = left {
                left.write(response.headers_mut());
            }
            response
        }
        Err(error) => error.into_response(),
    }
}

/// Has the handler do it; for a program that says its key, once.
async fn passed(door: &Door, token: Option<TokenId>, request: Request, next: Next) -> Response {
    let is_deed = request.method() == Method::POST;
    let key = match is_deed {
        true => keyed::key(request.headers()),
        false => Ok(None),
    };
    let done = match (key, token) {
        (Ok(Some(key)), Some(token)) => keyed::once(door, (token, key), request, next).await,
        (Ok(_), _) => return next.run(request).await,
        (Err(error), _) => Err(error),
    };
    done.unwrap_or_else(IntoResponse::into_response)
}

/// What a program's token has left of its minute, this request counted.
fn left(console: &Console, person: &Person) -> Option<Left> {
    let Means::Token(token, _) = &person.means else {
        return None;
    };
    let limit = console.parts.settings.requests_per_minute;
    Some(console.rates.take(*token, limit, console.now()))
}

async fn admit(
    door: &Door,
    headers: &HeaderMap,
    back: Option<String>,
) -> Result<Option<Person>, Error> {
    if door.needs == Needs::Nobody {
        return Ok(None);
    }
    let person = match door.face {
        Face::Page => by_session(&door.console, headers).await?,
        Face::Api => by_token(&door.console, headers).await?,
    };
    let Some(person) = person else {
        return Err(match door.face {
            Face::Page => Error::SignIn(back),
            Face::Api => Error::NoToken,
        });
    };
    let is_enrolling = matches!(person.means, Means::Session(_, Stage::Enrolling));
    match door.needs {
        Needs::Nobody | Needs::Enrolling => Ok(Some(person)),
        Needs::SignedIn | Needs::May(_) if is_enrolling => Err(Error::Enrol),
        Needs::SignedIn => Ok(Some(person)),
        Needs::May(permission) if person.may(permission) => Ok(Some(person)),
        Needs::May(permission) => Err(refusal(&door.console, &person, permission).await?),
    }
}

/// Refuses it, of which the audit log and the log have one line an hour: somebody, or a program of theirs, tries doors.
async fn refusal(
    console: &Console,
    person: &Person,
    permission: Permission,
) -> Result<Error, Error> {
    let now = console.now();
    if console.refusals.is_first(person.account, permission, now) {
        tracing::info!(account = %person.account, %permission, "refused");
        let mut tx = console.write().await?;
        let by = console.by(person);
        by.log(
            &mut tx,
            "request.refuse",
            permission.to_string(),
            person.means(),
        )
        .await?;
        tx.commit().await?;
    }
    Ok(person.refusal(permission))
}

/// True where whoever is known by these means would still be let in.
pub(crate) async fn holds(console: &Console, means: &Means) -> Result<bool, Error> {
    let now = console.now();
    let settings = &console.parts.settings;
    let mut tx = console.read().await?;
    Ok(match means {
        Means::Session(id, _) => {
            let (idle, begun) = (now - settings.idle(), now - settings.longest());
            sessions::holds(&mut tx, *id, idle, begun).await?
        }
        Means::Token(id, _) => tokens::holds(&mut tx, *id, now).await?,
    })
}

/// Where to go on after signing in: only where asking again does no harm.
fn way_back(request: &Request) -> Option<String> {
    let path = request.uri().path_and_query()?.as_str();
    (request.method() == Method::GET && path != "/").then(|| path.to_owned())
}

/// Who asks, as their session says.
pub(crate) async fn by_session(
    console: &Console,
    headers: &HeaderMap,
) -> Result<Option<Person>, Error> {
    let Some(secret) = console.cookies.session(headers) else {
        return Ok(None);
    };
    let now = console.now();
    let mut tx = console.read().await?;
    let found = sessions::by_digest(&mut tx, &digest(&secret)).await?;
    drop(tx);
    let settings = &console.parts.settings;
    let found = found.filter(|(session, _)| {
        now.since(session.seen_at) < settings.idle()
            && now.since(session.created_at) < settings.longest()
    });
    let Some((session, account)) = found else {
        return Ok(None);
    };
    // To the minute: a write for every request would keep the crawlers from writing.
    if now.since(session.seen_at) >= EXACTLY {
        let mut tx = console.write().await?;
        sessions::touch(&mut tx, session.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Person::of_session(account, session.id, session.stage)))
}

async fn by_token(console: &Console, headers: &HeaderMap) -> Result<Option<Person>, Error> {
    let Some(secret) = bearer(headers) else {
        return Ok(None);
    };
    let now = console.now();
    let mut tx = console.read().await?;
    let found = tokens::by_digest(&mut tx, &digest(secret), now).await?;
    drop(tx);
    let Some((token, account)) = found else {
        return Ok(None);
    };
    if token.used_at.is_none_or(|used| now.since(used) >= EXACTLY) {
        let mut tx = console.write().await?;
        tokens::touch(&mut tx, token.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Person::of_token(account, &token)))
}

/// The token of `Authorization: Bearer …` (RFC 6750); the scheme in any case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
