//! What stands around all routes: limits, headers, the refusal of foreign forms, and the face of every failure.

use std::time::{Duration, Instant};

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, timeout::TimeoutLayer};

use crate::{
    Console,
    access::RATE_HEADERS,
    answer::{Frame, Page},
    error::Failure,
    routes,
};

/// The longest that a request may take, up to the beginning of its answer.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that a form or a JSON document may have. A route that takes files says so itself.
pub(crate) const LARGEST: usize = 256 * 1024;
/// What comes under this is for programs.
pub(crate) const API: &str = "/api/";

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
        .layer(middleware::from_fn_with_state(console.clone(), dress))
        .layer(middleware::from_fn_with_state(console.clone(), head))
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
    let is_api = request.uri().path().starts_with(API);
    let response = next.run(request).await;
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || is_dressed(&response) {
        return response;
    }
    let failure = response.extensions().get::<Failure>();
    let failure = failure.cloned().unwrap_or_else(|| Failure::of(status));
    let mut dressed = match is_api {
        true => problem(status, failure),
        false => Page(ErrorPage {
            frame: Frame::for_anybody(failure.title, console.now()),
            failure,
        })
        .into_response(),
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
