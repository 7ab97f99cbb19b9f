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
    error::SignedOut,
    routes::{Face, Needs},
    shell::back,
    sign_in::digest,
};

/// How exactly it is kept when a session or a token was last used.
const EXACTLY: std::time::Duration = std::time::Duration::from_secs(60);
/// What a page asks for as long as it stands open.
const EVENTS: &str = "/events";
/// Whoever has signed out already loses nothing by signing out.
const SIGN_OUT: &str = "/sign-out";

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
    let (out, headers) = (signed_out(&request), request.headers().clone());
    let asks = match request.uri().path() == EVENTS {
        true => Asks::ByItself,
        false => Asks::ForSomebody,
    };
    match admit(&door, &headers, (asks, out)).await {
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
    (asks, out): (Asks, SignedOut),
) -> Result<Option<Person>, Error> {
    if door.needs == Needs::Nobody {
        return Ok(None);
    }
    let person = match door.face {
        Face::Page => by_session(&door.console, headers, asks).await?,
        Face::Api => by_token(&door.console, headers).await?,
    };
    let Some(person) = person else {
        return Err(match door.face {
            Face::Page => Error::SignIn(out),
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

/// What becomes of a request by nobody: where to go on after signing in. What a form would have done is not done then, so that
/// leads back to the page of what it was about.
fn signed_out(request: &Request) -> SignedOut {
    let (is_get, is_form) = (
        request.method() == Method::GET,
        request.method() == Method::POST,
    );
    let asked = request.uri().path_and_query().map(|path| path.as_str());
    let asked = asked.filter(|path| *path != "/").map(str::to_owned);
    SignedOut {
        next: match is_get {
            true => asked,
            false => back(request),
        },
        is_lost: is_form && request.uri().path() != SIGN_OUT,
    }
}

/// Whether a request is somebody's, or their page's that stands open: by that alone nobody stays signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Somebody asks.
    ForSomebody,
    /// The page does.
    ByItself,
}

/// Who asks, as their session says.
pub(crate) async fn by_session(
    console: &Console,
    headers: &HeaderMap,
    asks: Asks,
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
    if asks == Asks::ForSomebody && now.since(session.seen_at) >= EXACTLY {
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
