//! The webhook channel: requests signed as Standard Webhooks 1.0.0 says, through the gate, without redirects.

use std::{
    fmt,
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT},
};
use reqwest::{Request, Response};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sightline_egress::{Client, ClientOptions, SecretPlace};
use sightline_model::{Problem, Timestamp};
use tokio::time::timeout;
use url::Url;

use super::{Cause, Surroundings, Verdict, check_seconds, seconds};
use crate::message::{Detail, Message};

/// How much of an answer is read: enough to use the connection again, and no more than a stranger should make us.
const ANSWER_LIMIT: usize = 4 * 1024;

/// What a signing secret begins with (Standard Webhooks 1.0.0, "Signature scheme").
const SECRET_PREFIX: &str = "whsec_";

/// The lengths that Standard Webhooks allows a signing secret, in bytes.
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A receiver of signed HTTP requests (Standard Webhooks 1.0.0; docs/webhooks.md).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WebhookSettings {
    /// Where to send: an https URL. Redirects are not followed.
    pub url: String,
    /// Must be true for an http URL: alerts then travel in the clear. For a receiver on the same machine.
    pub allow_unencrypted: bool,
    /// The environment variable that holds the signing secret, `whsec_…`. While a secret is being changed it may hold
    /// several, separated by spaces; each request is then signed with all of them.
    pub secret_env: Option<String>,
    /// The file that holds the signing secret or secrets, relative to the configuration.
    #[schemars(with = "Option<String>")]
    pub secret_file: Option<PathBuf>,
    /// How long one request may take, in seconds, the answer included.
    pub timeout_seconds: f64,
    /// How much the messages tell: `thin` or `full`.
    pub detail: Detail,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            url: String::new(),
            allow_unencrypted: false,
            secret_env: None,
            secret_file: None,
            timeout_seconds: 20.0,
            detail: Detail::default(),
        }
    }
}

impl WebhookSettings {
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems: Vec<_> = self.target().err().into_iter().collect();
        let secret = self.secret();
        if secret.is_empty() {
            problems.push(Problem::new(
                "secret_env",
                "no signing secret is named, so the receiver could not tell our requests from others'",
                "name the environment variable that holds it, such as secret_env = \"WEBHOOK_SECRET\"",
            ));
        }
        problems.extend(secret.check());
        check_seconds("timeout_seconds", self.timeout_seconds, &mut problems);
        problems
    }

    fn target(&self) -> Result<Url, Problem> {
        let problem = |message: String, remedy: &str| Err(Problem::new("url", message, remedy));
        let example = "write one such as \"https://example.org/sightline\"";
        let url = match Url::parse(&self.url) {
            Ok(url) => url,
            Err(error) => return problem(format!("it is not a URL ({error})"), example),
        };
        match url.scheme() {
            "https" => {}
            "http" if self.allow_unencrypted => {}
            "http" => {
                return problem(
                    "alerts would travel in the clear".into(),
                    "write https, or allow_unencrypted = true for a receiver on the same machine",
                );
            }
            other => return problem(format!("'{other}' is neither https nor http"), example),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return problem(
                "it holds a user name or password".into(),
                "leave them out; requests are signed",
            );
        }
        Ok(url)
    }

    fn secret(&self) -> SecretPlace<'_> {
        SecretPlace {
            key: "secret",
            variable: self.secret_env.as_deref(),
            file: self.secret_file.as_deref(),
        }
    }
}

#[derive(Debug)]
pub(super) struct WebhookChannel {
    client: Client,
    url: Url,
    keys: Vec<SigningKey>,
    timeout: Duration,
}

impl WebhookChannel {
    pub fn build(
        settings: &WebhookSettings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        let secrets = settings.secret().read(surroundings.secrets())?;
        let secrets = secrets
            .as_ref()
            .map_or("", |secrets| secrets.expose_secret());
        let keys = secrets
            .split_whitespace()
            .enumerate()
            .map(|(index, secret)| {
                SigningKey::parse(secret).ok_or(Cause::NotASigningSecret { number: index + 1 })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            client: surroundings.egress.client(&ClientOptions::default())?,
            url: settings.target().map_err(Cause::Settings)?,
            keys,
            timeout: seconds(settings.timeout_seconds, Duration::from_secs(20)),
        })
    }

    pub async fn send(&self, message: &Message, now: Timestamp) -> Verdict {
        let exchange = async {
            let mut response = self.client.execute(self.request(message, now)).await?;
            discard_body(&mut response).await;
            Ok::<_, sightline_egress::Failure>(response)
        };
        match timeout(self.timeout, exchange).await {
            Ok(Ok(response)) => verdict(response.status(), response.headers(), now),
            Ok(Err(failure)) => Verdict::retry(failure.detail),
            Err(_) => Verdict::retry(format!(
                "the receiver took longer than {} seconds",
                self.timeout.as_secs_f64()
            )),
        }
    }

    /// The identifier is the delivery's on every try; the timestamp is that of the try, so that a receiver may refuse
    /// old ones, which could be replayed by somebody else.
    fn request(&self, message: &Message, now: Timestamp) -> Request {
        let id = message.delivery.to_string();
        let seconds = now.0.div_euclid(1000);
        let signatures: Vec<_> = self
            .keys
            .iter()
            .map(|key| key.sign(&id, seconds, &message.payload))
            .collect();
        let mut request = Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("Sightline/", env!("CARGO_PKG_VERSION"))),
        );
        for (name, value) in [
            ("webhook-id", id),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ] {
            // A UUID, a number and base64: always a header value.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        *request.body_mut() = Some(message.payload.clone().into());
        request
    }
}

/// 2xx is success and 410 means never again; all else may be mended at the receiver, so a retry is useful.
fn verdict(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Verdict {
    let answered = format!("the receiver answered {status}");
    if status.is_success() {
        return Verdict::delivered(answered);
    }
    if status == StatusCode::GONE {
        return Verdict::Disable { why: answered };
    }
    let why = match status.is_redirection() {
        true => format!(
            "{answered}; redirects are not followed, so set the channel's url to where it leads"
        ),
        false => answered,
    };
    Verdict::Retry {
        why,
        after: retry_after(headers, now),
    }
}

/// The Retry-After header (RFC 9110 §10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).ok()?);
    Some(at.duration_since(now).unwrap_or_default())
}

/// Reads the answer's body up to [`ANSWER_LIMIT`] and drops it: it may repeat what we sent, so it is not kept.
async fn discard_body(response: &mut Response) {
    let mut read = 0;
    while read < ANSWER_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            // The status is what counts; a body that breaks off changes nothing.
            Ok(None) | Err(_) => return,
        }
    }
}

/// A secret that requests are signed with.
struct SigningKey(SecretSlice<u8>);

impl SigningKey {
    fn parse(text: &str) -> Option<Self> {
        let key = BASE64.decode(text.strip_prefix(SECRET_PREFIX)?).ok()?;
        SECRET_LENGTHS
            .contains(&key.len())
            .then(|| Self(key.into()))
    }

    /// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        // HMAC takes keys of any length (RFC 2104).
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .expect("HMAC takes keys of any length");
        for part in [id, ".", &timestamp.to_string(), ".", body] {
            mac.update(part.as_bytes());
        }
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

#[cfg(test)]
mod tests;
