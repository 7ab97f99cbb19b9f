//! One HTTP exchange with a receiver of messages: through the gate, in time, without redirects, and only so much of the
//! answer as is worth reading.

use std::{
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER, USER_AGENT},
};
use reqwest::{Request, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use sightline_egress::{Client, ClientOptions, SecretPlace};
use sightline_model::{Problem, Timestamp, counted};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Cause, Surroundings, Verdict, seconds};

/// How much of an answer is read: enough to use the connection again and to find an error's code, and no more than a
/// stranger should make us.
const ANSWER_LIMIT: usize = 4 * 1024;

/// How long the body of an answer is waited for once its head is there. The status is what counts, so a receiver that is
/// slow with its body, or never ends it, is not asked again for that.
const BODY_PATIENCE: Duration = Duration::from_secs(5);

/// How long an exchange may take, in seconds, where the settings do not say.
pub(super) const USUAL_TIMEOUT: f64 = 20.0;

/// Who asks.
#[derive(Debug)]
pub(super) struct Receiver {
    client: Client,
    timeout: Duration,
}

impl Receiver {
    pub fn build(timeout_seconds: f64, surroundings: &Surroundings<'_>) -> Result<Self, Cause> {
        Ok(Self {
            client: surroundings.egress.client(&ClientOptions::default())?,
            timeout: seconds(timeout_seconds, Duration::from_secs_f64(USUAL_TIMEOUT)),
        })
    }

    /// How long one exchange may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends `request`; the answer, or the verdict where none came. Its head has to come within the time limit, and decides;
    /// of its body, what comes within what is left of that time, and within [`BODY_PATIENCE`].
    pub async fn ask(&self, request: Request, now: Timestamp) -> Result<Answer, Verdict> {
        let deadline = Instant::now() + self.timeout;
        match timeout_at(deadline, self.client.execute(request)).await {
            Ok(Ok(response)) => {
                let enough = deadline.min(Instant::now() + BODY_PATIENCE);
                Ok(Answer::read(response, now, enough).await)
            }
            Ok(Err(failure)) => Err(Verdict::retry(failure.detail)),
            Err(_) => Err(Verdict::retry(format!(
                "the receiver took longer than {}",
                counted(self.timeout.as_secs_f64(), "second", "seconds")
            ))),
        }
    }
}

/// What a receiver answered. Its body is looked into for codes that are known, and otherwise dropped: it may repeat
/// what we sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    retry_after: Option<Duration>,
}

impl Answer {
    async fn read(mut response: Response, now: Timestamp, enough: Instant) -> Self {
        let mut body = Vec::new();
        while body.len() < ANSWER_LIMIT {
            match timeout_at(enough, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                // The status is what counts; a body that breaks off, or does not come, changes nothing.
                Ok(Ok(None) | Err(_)) | Err(_) => break,
            }
        }
        body.truncate(ANSWER_LIMIT);
        Self {
            status: response.status(),
            retry_after: retry_after(response.headers(), now),
            body,
        }
    }

    /// The body as text, without white space around it.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default().trim()
    }

    /// The body as JSON; None where it is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What it means where nothing more is known of the receiver: 2xx is success and 410 means never again; all else may
    /// be mended there, so a retry is useful.
    pub fn verdict(&self) -> Verdict {
        if self.status.is_success() {
            return Verdict::delivered(self.words());
        }
        if self.status == StatusCode::GONE {
            return Verdict::Disable { why: self.words() };
        }
        match self.status.is_redirection() {
            true => {
                self.retry("redirects are not followed, so set the channel's url to where it leads")
            }
            false => Verdict::Retry {
                why: self.words(),
                after: self.retry_after,
            },
        }
    }

    /// It may work later; `what` is what it said, or what to do.
    pub fn retry(&self, what: &str) -> Verdict {
        Verdict::Retry {
            why: format!("{}; {what}", self.words()),
            after: self.retry_after,
        }
    }

    /// It will never work.
    pub fn dead(&self, what: &str) -> Verdict {
        Verdict::dead(format!("{}; {what}", self.words()))
    }

    /// Nothing more is wanted.
    pub fn disable(&self, what: &str) -> Verdict {
        Verdict::Disable {
            why: format!("{}; {what}", self.words()),
        }
    }

    pub fn words(&self) -> String {
        format!("the receiver answered {}", self.status)
    }
}

/// The Retry-After header (RFC 9110 §10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that they don't fit are still longer than anything that is waited.
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).ok()?);
    Some(at.duration_since(now).unwrap_or_default())
}

/// A request that carries JSON.
pub(super) fn request(method: Method, url: &Url, json: impl Into<reqwest::Body>) -> Request {
    let mut request = Request::new(method, url.clone());
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("Sightline/", env!("CARGO_PKG_VERSION"))),
    );
    *request.body_mut() = Some(json.into());
    request
}

/// Sets a header; what can't stand in one is left out.
pub(super) fn set(request: &mut Request, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

/// A token that requests are authorised with, as `scheme token`.
pub(super) struct Token(HeaderValue);

impl Token {
    /// Reads the token whose place the settings name; `place` is not empty.
    pub fn read(
        scheme: &str,
        place: &SecretPlace<'_>,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        let key = place.key.to_owned();
        let secret = place.read(surroundings.secrets())?;
        let secret: SecretString = secret.unwrap_or_default();
        let mut value = HeaderValue::from_str(&format!("{scheme} {}", secret.expose_secret()))
            .map_err(|_| Cause::NotAToken { key })?;
        // No library writes it into its log.
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub fn authorise(&self, request: &mut Request) {
        request.headers_mut().insert(AUTHORIZATION, self.0.clone());
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// The URL of a receiver as it stands in the settings at `key`.
pub(super) fn target(key: &str, written: &str, allow_unencrypted: bool) -> Result<Url, Problem> {
    let problem = |message: String, unfit: Unfit| Problem::new(key, message, unfit.remedy());
    let url = Url::parse(written)
        .map_err(|error| problem(format!("it is not a URL ({error})"), Unfit::NoUrl))?;
    match unfit(&url, allow_unencrypted) {
        None => Ok(url),
        Some(unfit) => Err(problem(unfit.to_string(), unfit)),
    }
}

/// Why nothing is sent to a URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    /// It does not parse.
    #[error("it is not a URL")]
    NoUrl,
    /// It is neither https nor http.
    #[error("it is neither https nor http")]
    Scheme,
    /// It is http, and nobody permitted that.
    #[error("alerts would travel in the clear")]
    Clear,
    /// It holds a user's name or password.
    #[error("it holds a user name or password")]
    Login,
}

impl Unfit {
    /// What to write instead.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoUrl | Self::Scheme => "write one such as \"https://example.org/sightline\"",
            Self::Clear => {
                "write https, or allow_unencrypted = true for a receiver on the same machine"
            }
            Self::Login => "leave them out; requests are authorised otherwise",
        }
    }
}

fn unfit(url: &Url, allow_unencrypted: bool) -> Option<Unfit> {
    match url.scheme() {
        "https" => {}
        "http" if allow_unencrypted => {}
        "http" => return Some(Unfit::Clear),
        _ => return Some(Unfit::Scheme),
    }
    (!url.username().is_empty() || url.password().is_some()).then_some(Unfit::Login)
}

/// A URL that is itself a secret: whoever knows it can write to the channel.
pub(super) struct SecretUrl(Url);

impl SecretUrl {
    /// Reads the URL whose place the settings name; `place` is not empty.
    pub fn read(
        place: &SecretPlace<'_>,
        allow_unencrypted: bool,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        let secret = place.read(surroundings.secrets())?.unwrap_or_default();
        let parsed = Url::parse(secret.expose_secret()).map_err(|_| Unfit::NoUrl);
        let fit = parsed.and_then(|url| match unfit(&url, allow_unencrypted) {
            None => Ok(Self(url)),
            Some(unfit) => Err(unfit),
        });
        fit.map_err(|unfit| Cause::NotAUrl {
            key: place.key.to_owned(),
            unfit,
        })
    }

    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp((784_111_777 - 60) * 1_000);
        for (text, expected) in [
            ("120", Some(Duration::from_secs(120))),
            ("1000000000", Some(Duration::from_secs(1_000_000_000))),
            // Too long for a number is long all the same.
            ("99999999999999999999999999", Some(Duration::MAX)),
            (
                "Sun, 06 Nov 1994 08:49:37 GMT",
                Some(Duration::from_secs(60)),
            ),
            ("", None),
            ("-5", None),
            ("+5", None),
            ("soon", None),
        ] {
            let value = HeaderValue::from_static(text);
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
            assert_eq!(retry_after(&headers, now), expected, "{text:?}");
        }
    }

    #[test]
    fn a_url_is_fit_or_is_told_why_not() {
        for (written, allow, key) in [
            ("https://hooks.example.org/in", false, None),
            ("http://127.0.0.1:8080/in", true, None),
            ("http://hooks.example.org/in", false, Some(Unfit::Clear)),
            ("ftp://hooks.example.org/in", true, Some(Unfit::Scheme)),
            ("https://u:p@hooks.example.org/", false, Some(Unfit::Login)),
        ] {
            let url = Url::parse(written).unwrap();
            assert_eq!(unfit(&url, allow), key, "{written}");
            assert_eq!(target("url", written, allow).is_ok(), key.is_none());
        }
        assert_eq!(target("url", "hooks", false).unwrap_err().key, "url");
    }
}
