//! The webhook channel: requests signed as Standard Webhooks 1.0.0 says, through the gate, without redirects.

use std::{fmt, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use reqwest::Request;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sightline_egress::SecretPlace;
use sightline_model::{Problem, Timestamp};
use url::Url;

use super::{
    Cause, Surroundings, Verdict, check_seconds,
    exchange::{Receiver, USUAL_TIMEOUT, request, set, target},
};
use crate::message::{Detail, Message};

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
            timeout_seconds: USUAL_TIMEOUT,
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
        target("url", &self.url, self.allow_unencrypted)
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
    receiver: Receiver,
    url: Url,
    keys: Vec<SigningKey>,
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
            receiver: Receiver::build(settings.timeout_seconds, surroundings)?,
            url: settings.target().map_err(Cause::Settings)?,
            keys,
        })
    }

    pub async fn send(&self, message: &Message, now: Timestamp) -> Verdict {
        match self.receiver.ask(self.request(message, now), now).await {
            Ok(answer) => answer.verdict(),
            Err(verdict) => verdict,
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
        let mut request = request(Method::POST, &self.url, message.payload.clone());
        set(&mut request, "webhook-id", &id);
        set(&mut request, "webhook-timestamp", &seconds.to_string());
        set(&mut request, "webhook-signature", &signatures.join(" "));
        request
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
