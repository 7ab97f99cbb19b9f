//! A channel into a chat room by a webhook whose URL is the secret: Slack and its like, and Microsoft Teams.

use std::path::PathBuf;

use http::Method;
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sightline_egress::{SecretPlace, Secrets};
use sightline_model::{Problem, Timestamp};
use url::Url;

use super::{
    Cause, Surroundings, Verdict, check_seconds,
    dialect::{Dialect, unnamed},
    exchange::{Receiver, SecretUrl, USUAL_TIMEOUT, request},
};
use crate::message::{Detail, Message};

/// An incoming webhook of a chat service. Whoever knows its URL can write into the room, so the URL is a secret.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChatSettings {
    /// The environment variable that holds the webhook's URL.
    pub url_env: Option<String>,
    /// The file that holds the webhook's URL, relative to the configuration.
    #[schemars(with = "Option<String>")]
    pub url_file: Option<PathBuf>,
    /// Must be true where that is an http URL: alerts then travel in the clear. For a server of your own on the same
    /// machine.
    pub allow_unencrypted: bool,
    /// How long one request may take, in seconds, the answer included.
    pub timeout_seconds: f64,
    /// How much the messages tell: `thin` or `full`. Rooms have many members, and keep what they are told.
    pub detail: Detail,
}

impl Default for ChatSettings {
    fn default() -> Self {
        Self {
            url_env: None,
            url_file: None,
            allow_unencrypted: false,
            timeout_seconds: USUAL_TIMEOUT,
            detail: Detail::default(),
        }
    }
}

impl ChatSettings {
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let url = self.url();
        if url.is_empty() {
            problems.push(unnamed("url", "the webhook's URL", "ROOM_WEBHOOK_URL"));
        }
        problems.extend(url.check());
        check_seconds("timeout_seconds", self.timeout_seconds, &mut problems);
        problems
    }

    /// The server that it sends to, without the rest of its address, which is a secret; none where that can't be read.
    pub fn server(&self, secrets: Secrets<'_>) -> Option<Url> {
        let secret = self.url().read(secrets).ok()??;
        let mut url = Url::parse(secret.expose_secret()).ok()?;
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    }

    fn url(&self) -> SecretPlace<'_> {
        SecretPlace {
            key: "url",
            variable: self.url_env.as_deref(),
            file: self.url_file.as_deref(),
        }
    }
}

#[derive(Debug)]
pub(super) struct ChatChannel {
    receiver: Receiver,
    url: SecretUrl,
    dialect: &'static Dialect,
}

impl ChatChannel {
    pub fn build(
        dialect: &'static Dialect,
        settings: &ChatSettings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        Ok(Self {
            receiver: Receiver::build(settings.timeout_seconds, surroundings)?,
            url: SecretUrl::read(&settings.url(), settings.allow_unencrypted, surroundings)?,
            dialect,
        })
    }

    pub async fn send(&self, message: &Message, now: Timestamp) -> Verdict {
        let body = self.dialect.of(message);
        let request = request(Method::POST, self.url.expose(), body);
        match self.receiver.ask(request, now).await {
            Ok(answer) => (self.dialect.judge)(&answer),
            Err(verdict) => verdict,
        }
    }
}
