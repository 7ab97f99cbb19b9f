//! What stands around all routes: limits, headers, the refusal of foreign forms, and the face of every failure.

use std::time::{Duration, Instant};

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, timeout::TimeoutLayer};

use crate::{
    Console, Error,
    accept::ByKeptPlace,
    access::{Asks, RATE_HEADERS, by_session},
    answer::{Beginning, Frame, Page},
    error::Failure,
    routes,
};

/// The longest that a request may take, up to the beginning of its answer.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that a form or a JSON document may have. A route that takes files says so itself.
pub(crate) const LARGEST: usize = 256 * 1024;
/// What comes under this is for programs.
pub(crate) const API: &str = "/api/";
/// And these.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// No script and no style but our own files; nothing from elsewhere; in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// On every answer.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
    // Pages tell of people: nothing of them stays in a browser's cache. Assets say otherwise of themselves.
    (header::CACHE_CONTROL, "no-store"),
];

/// The whole console and API, ready to be served.
pub fn app(console: &Console) -> Router {
    routes::router(console)
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(foreign_forms(console))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            LONGEST,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(probes_alone))
        .layer(middleware::from_fn_with_state(console.clone(), dress))
        .layer(middleware::from_fn_with_state(console.clone(), head))
}

/// Where all places are taken but those that are kept for probes, whoever does not probe is told so at once.
async fn probes_alone(request: Request, next: Next) -> Response {
    let is_kept = request.extensions().get::<ByKeptPlace>().is_some();
    match is_kept && !PROBES.contains(&request.uri().path()) {
        true => Error::Busy.into_response(),
        false => next.run(request).await,
    }
}

/// Refuses every unsafe request that another site's page makes: by `Sec-Fetch-Site`, and by `Origin` where a browser
/// sends only that. Programs send neither.
fn foreign_forms(console: &Console) -> CsrfLayer {
    let public = console.parts.public_url.as_ref();
    let origin = public.map(|url| url.origin().ascii_serialization());
    // Behind a proxy that changes Host, the public address is still ours.
    let ours = origin.and_then(|origin| CsrfLayer::new().add_trusted_origin(origin).ok());
    ours.unwrap_or_default()
}

/// What panicked is told as any failure of ours; the log has where.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let words = cause
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned());
    let words = words.or_else(|| cause.downcast_ref::<String>().cloned());
    tracing::error!(cause = words.unwrap_or_default(), "a request panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Puts the headers on that every answer has, and counts it.
async fn head(State(console): State<Console>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>();
    // By route, never by address: an address may hold an identifier.
    let route = route.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    console.metrics.answered(route, status, begun.elapsed());
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    if console.cookies.is_secure() {
        let year = HeaderValue::from_static("max-age=31536000");
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// Dresses every failure, ours or a library's, as a page or as a problem.
async fn dress(State(console): State<Console>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with(API) || PROBES.contains(&path);
    let headers = request.headers();
    let known = headers.get(header::IF_NONE_MATCH).cloned();
    let cookies = (!is_api).then(|| headers.clone());
    let is_get = request.method() == Method::GET;
    let back = back(&request);
    let response = next.run(request).await;
    if is_get && known.is_some_and(|known| is_known(&response, &known)) {
        return unchanged(&response);
    }
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || is_dressed(&response) {
        return response;
    }
    let failure = response.extensions().get::<Failure>();
    let failure = failure.cloned().unwrap_or_else(|| Failure::of(status));
    let mut dressed = match cookies {
        None => problem(status, failure),
        Some(cookies) => {
            // Where the store fails, that is what is being told.
            let person = by_session(&console, &cookies, Asks::ByItself)
                .await
                .ok()
                .flatten();
            let now = console.now();
            Page(ErrorPage {
                frame: match &person {
                    Some(person) => Frame::new(failure.title, "", person, now),
                    None => Frame::for_anybody(failure.title, now),
                },
                beginning: Beginning::of(person.as_ref()),
                failure,
                // What was refused is not to be read either.
                back: back.filter(|_| status == StatusCode::CONFLICT),
            })
            .into_response()
        }
    };
    *dressed.status_mut() = status;
    let kept = [header::RETRY_AFTER, header::ALLOW, header::SET_COOKIE];
    for name in kept.into_iter().chain(RATE_HEADERS) {
        if let Some(value) = response.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    if is_api && status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        dressed
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, bearer);
    }
    dressed
}

/// True where whoever asks has what the answer would give them (RFC 9110, 13.1.2).
fn is_known(response: &Response, known: &HeaderValue) -> bool {
    let tag = response.headers().get(header::ETAG);
    let tag = tag.and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    let known = known.to_str().unwrap_or_default();
    let plain = |one: &str| one.trim().trim_start_matches("W/") == tag;
    let is_it = !tag.is_empty() && (known.trim() == "*" || known.split(',').any(plain));
    response.status() == StatusCode::OK && is_it
}

/// The answer that nothing has changed, with the headers that the whole one would have.
fn unchanged(response: &Response) -> Response {
    let mut answer = StatusCode::NOT_MODIFIED.into_response();
    for name in [header::ETAG].into_iter().chain(RATE_HEADERS) {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// A form that is shown again with what is wrong in it is a page already.
fn is_dressed(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    media_type.starts_with("text/html") || media_type.starts_with("application/json")
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    failure: Failure,
    /// Where whoever reads it may go on.
    beginning: Beginning,
    /// The page of what could not be changed.
    back: Option<String>,
}

/// The pages that have forms about each of their lines, by what such a form is sent to.
const LISTS: [(&str, &str); 8] = [
    ("deliveries", "/deliveries"),
    ("channels", "/deliveries"),
    ("silences", "/silences"),
    ("holds", "/holds"),
    ("accounts", "/accounts"),
    ("invitations", "/accounts"),
    ("tokens", "/accounts"),
    ("sessions", "/sessions"),
];

/// The page of what a form was about: `/alerts/ID` for `/alerts/ID/close`, `/deliveries` for a channel's, and the editor of a
/// source whose file is wrong. Of a form alone: whoever can't read a page is not sent to it again.
pub(crate) fn back(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let mut parts = path.splitn(4, '/').skip(1);
    let part = parts.next()?;
    if let Some((_, list)) = LISTS.iter().find(|(of, _)| *of == part) {
        return (request.method() == Method::POST).then(|| (*list).to_owned());
    }
    let (id, deed) = (parts.next()?, parts.next()?);
    let has_page = ["alerts", "entries", "sources", "watchlists"].contains(&part);
    let is_id = id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let is_form = request.method() == Method::POST && has_page && is_id;
    let further = match (part, deed) {
        ("sources", "run" | "resume" | "schedule") => "/edit",
        _ => "",
    };
    is_form.then(|| format!("/{part}/{id}{further}"))
}

/// A problem of RFC 9457.
fn problem(status: StatusCode, failure: Failure) -> Response {
    let body = serde_json::json!({
        "type": format!("/api/v1/problems#{}", failure.word),
        "title": failure.title,
        "status": status.as_u16(),
        "detail": failure.detail,
        "fields": failure.fields,
    });
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (media_type, body.to_string()).into_response()
}
