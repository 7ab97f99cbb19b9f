//! One HTTP exchange: asked for as who we are, limited in time and size, and kept as it came.

mod body;
mod exchange;

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::Response;
use sightline_egress::{Client, Failure};
use sightline_model::{Clock, Outcome, Timestamp, Validators};
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use crate::{room::Share, settings::FetchSettings};

use body::{Limits, Overflow, read};
pub use exchange::{Exchange, RequestHead};

/// What is asked for: decides the Accept header and the size limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accept {
    /// An HTML page, or a feed.
    Page,
    /// An image.
    Image,
    /// A robots.txt, of which the first 500 KiB are read.
    Robots,
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Self::Page => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Self::Image => "image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.5",
            Self::Robots => "text/plain,*/*;q=0.8",
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Where to.
    pub url: Url,
    /// For what.
    pub accept: Accept,
    /// To be answered 304 if nothing has changed.
    pub validators: Option<Validators>,
    /// The Cookie header.
    pub cookies: Option<String>,
}

/// An exchange that did not come about, or broke off.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct FetchFailure {
    /// What it counts as.
    pub outcome: Outcome,
    /// What happened, as a sentence.
    pub detail: String,
    /// The status, where the answer's head had come.
    pub status: Option<u16>,
    /// How long the site asked us to wait (Retry-After), at most a day.
    pub retry_after: Option<Duration>,
}

impl From<Failure> for FetchFailure {
    fn from(failure: Failure) -> Self {
        Self {
            outcome: failure.outcome,
            detail: failure.detail,
            status: None,
            retry_after: None,
        }
    }
}

/// Fetches for one source: through its proxy, under its contact.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    settings: Arc<FetchSettings>,
    user_agent: HeaderValue,
    clock: Arc<dyn Clock>,
}

impl Fetcher {
    /// The product token by which robots.txt knows us.
    pub const AGENT: &str = "Sightline";

    /// What we ask content to be coded in; [`crate::decode`] undoes these.
    const ENCODINGS: &str = "gzip, br, zstd, deflate";

    /// A fetcher that says that `contact` answers for it. The contact must have passed
    /// [`check_contact`](crate::settings::check_contact); what cannot be sent in a header is left out.
    pub fn new(
        client: Client,
        settings: Arc<FetchSettings>,
        contact: &str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            client,
            settings,
            user_agent: user_agent(contact),
            clock,
        }
    }

    /// Sends one request and reads its answer to the end, where `share` has room for it. Follows nothing, undoes no content
    /// encoding.
    ///
    /// # Errors
    /// Typed by what went wrong; see [`Outcome`].
    pub async fn fetch(&self, ask: &Ask, share: &mut Share) -> Result<Exchange, FetchFailure> {
        let sent_at = self.clock.now();
        let started = Instant::now();
        let deadline = started + self.settings.timeout();
        let headers = self.headers(ask);
        let mut request = reqwest::Request::new(Method::GET, ask.url.clone());
        request.headers_mut().clone_from(&headers);

        let mut response = self.head(request, started, deadline).await?;
        let status = response.status().as_u16();
        let version = response.version();
        let peer = response.remote_addr();
        let received = std::mem::take(response.headers_mut());

        let limits = self.limits(ask.accept);
        let too_slow = || self.too_slow();
        let read = read(response, &received, limits, share, deadline, too_slow).await;
        let body = read.map_err(|failure| FetchFailure {
            status: Some(status),
            retry_after: retry_after(&received, self.clock.now()),
            ..failure.into()
        })?;
        Ok(Exchange {
            request: RequestHead {
                method: Method::GET,
                target: ask.url[Position::BeforePath..Position::AfterQuery].to_owned(),
                version,
                headers: with_host(&ask.url, headers),
            },
            url: ask.url.clone(),
            status,
            version,
            headers: received,
            body: body.bytes,
            digest: body.digest,
            truncated: body.truncated,
            peer,
            sent_at,
            took: started.elapsed(),
        })
    }

    /// The answer's head, within the time that connecting and the first byte may take together.
    async fn head(
        &self,
        request: reqwest::Request,
        started: Instant,
        deadline: Instant,
    ) -> Result<Response, FetchFailure> {
        let first_byte =
            started + self.settings.connect_timeout() + self.settings.first_byte_timeout();
        let answer = timeout_at(first_byte.min(deadline), self.client.execute(request)).await;
        match answer {
            Ok(answer) => Ok(answer?),
            Err(_) if first_byte < deadline => Err(Failure::new(
                Outcome::TimedOut,
                format!(
                    "no answer began within {} seconds",
                    (first_byte - started).as_secs_f64()
                ),
            )
            .into()),
            Err(_) => Err(self.too_slow().into()),
        }
    }

    fn too_slow(&self) -> Failure {
        Failure::new(
            Outcome::TimedOut,
            format!(
                "the exchange took longer than {} seconds",
                self.settings.timeout_seconds
            ),
        )
    }

    fn limits(&self, accept: Accept) -> Limits {
        let (most, overflow) = match accept {
            Accept::Page => (self.settings.page_bytes, Overflow::Refuse),
            Accept::Image => (self.settings.image_bytes, Overflow::Refuse),
            Accept::Robots => (crate::robots::Robots::LIMIT as u64, Overflow::Cut),
        };
        Limits { most, overflow }
    }

    fn headers(&self, ask: &Ask) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static(ask.accept.header()),
        );
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static(Self::ENCODINGS),
        );
        if !self.settings.accept_language.is_empty() {
            insert(
                &mut headers,
                header::ACCEPT_LANGUAGE,
                &self.settings.accept_language,
            );
        }
        if let Some(validators) = &ask.validators {
            if let Some(etag) = &validators.etag {
                insert(&mut headers, header::IF_NONE_MATCH, etag);
            }
            if let Some(date) = &validators.last_modified {
                insert(&mut headers, header::IF_MODIFIED_SINCE, date);
            }
        }
        if let Some(cookies) = &ask.cookies {
            insert(&mut headers, header::COOKIE, cookies);
        }
        headers
    }
}

/// Puts a header in whose value a stranger may have chosen: what cannot be sent is left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn user_agent(contact: &str) -> HeaderValue {
    let version = concat!("Sightline/", env!("CARGO_PKG_VERSION"));
    HeaderValue::from_str(&format!("{version} (+{contact})"))
        .unwrap_or(HeaderValue::from_static(version))
}

/// The headers as they went out: HTTP/1.1 sends Host first; in HTTP/2 it stands for `:authority`.
fn with_host(url: &Url, sent: HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(sent.len() + 1);
    insert(
        &mut headers,
        header::HOST,
        &url[Position::BeforeHost..Position::AfterPort],
    );
    headers.extend(sent);
    headers
}

/// How long an answer asks us to wait (Retry-After, RFC 9110 §10.2.3: seconds or a date), at most a day. None where the
/// header is missing or makes no sense.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that they don't fit is still "later than a day".
        text.parse().map_or(DAY, Duration::from_secs)
    } else {
        let at: chrono::DateTime<chrono::Utc> = httpdate::parse_http_date(text).ok()?.into();
        Timestamp::from(at).since(now)
    };
    Some(wait.min(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        // 784111777 is the instant of the date that RFC 9110 uses as its example.
        let now = Timestamp((784_111_777 - 60) * 1_000);
        for (text, seconds) in [
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(60)),
            ("Sun Nov  6 08:49:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:40:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("1000000000", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ] {
            let mut headers = HeaderMap::new();
            insert(&mut headers, header::RETRY_AFTER, text);
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, now), expected, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
