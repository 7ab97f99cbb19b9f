//! Matrix: a message into a room, by the client-server API. The delivery is the transaction's identifier, so a homeserver
//! that has it already drops the repeat.

use std::{path::PathBuf, time::Duration};

use http::Method;
use minijinja::HtmlEscape;
use reqwest::Request;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sightline_egress::SecretPlace;
use sightline_model::{Problem, Timestamp};
use url::Url;

use super::{
    Cause, Surroundings, Verdict, check_seconds,
    dialect::{Dialect, Draft, unnamed},
    exchange::{Answer, Receiver, Token, USUAL_TIMEOUT, request, target},
};
use crate::{
    markup::cut,
    message::{Detail, Message},
};

pub(super) const DIALECT: Dialect = Dialect {
    template: "matrix.html",
    built_in: include_str!("../../templates/matrix.html"),
    escape: preformatted,
    compose,
    judge,
};

/// The longest content in bytes: an event has 65,536, with what homeservers add.
const CONTENT_LIMIT: usize = 50_000;

/// The longest plain text where that is all, in characters of at most four bytes that JSON may double.
const TEXT_LIMIT: usize = 6_000;

/// A room of Matrix. It must not be encrypted: Sightline holds no keys.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MatrixSettings {
    /// The homeserver of the account that writes: an https URL.
    pub homeserver: String,
    /// Must be true for an http URL: alerts and the token then travel in the clear. For a homeserver on the same machine.
    pub allow_unencrypted: bool,
    /// The room's identifier, such as `!abc:example.org`; the account must have joined it.
    pub room: String,
    /// The environment variable that holds the account's access token.
    pub token_env: Option<String>,
    /// The file that holds the account's access token, relative to the configuration.
    #[schemars(with = "Option<String>")]
    pub token_file: Option<PathBuf>,
    /// How long one request may take, in seconds, the answer included.
    pub timeout_seconds: f64,
    /// How much the messages tell: `thin` or `full`. Homeservers keep what they are told.
    pub detail: Detail,
}

impl Default for MatrixSettings {
    fn default() -> Self {
        Self {
            homeserver: String::new(),
            allow_unencrypted: false,
            room: String::new(),
            token_env: None,
            token_file: None,
            timeout_seconds: USUAL_TIMEOUT,
            detail: Detail::default(),
        }
    }
}

impl MatrixSettings {
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems: Vec<_> = self.place().err().into_iter().collect();
        let is_room = self.room.starts_with('!') && self.room.len() > 1;
        if !is_room || self.room.contains(char::is_whitespace) {
            problems.push(Problem::new(
                "room",
                "it is not a room's identifier",
                "write it as the room's settings show it, such as \"!abc:example.org\"; not its address with a #",
            ));
        }
        let token = self.token();
        if token.is_empty() {
            problems.push(unnamed("token", "the access token", "MATRIX_TOKEN"));
        }
        problems.extend(token.check());
        check_seconds("timeout_seconds", self.timeout_seconds, &mut problems);
        problems
    }

    /// Where messages are put, each under its transaction.
    fn place(&self) -> Result<Url, Problem> {
        let mut url = target("homeserver", &self.homeserver, self.allow_unencrypted)?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend([
                "_matrix",
                "client",
                "v3",
                "rooms",
                &self.room,
                "send",
                "m.room.message",
            ]);
        }
        Ok(url)
    }

    fn token(&self) -> SecretPlace<'_> {
        SecretPlace {
            key: "token",
            variable: self.token_env.as_deref(),
            file: self.token_file.as_deref(),
        }
    }
}

#[derive(Debug)]
pub(super) struct MatrixChannel {
    receiver: Receiver,
    place: Url,
    token: Token,
}

impl MatrixChannel {
    pub fn build(
        settings: &MatrixSettings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        Ok(Self {
            receiver: Receiver::build(settings.timeout_seconds, surroundings)?,
            token: Token::read("Bearer", &settings.token(), surroundings)?,
            place: settings.place().map_err(Cause::Settings)?,
        })
    }

    pub async fn send(&self, message: &Message, now: Timestamp) -> Verdict {
        match self.receiver.ask(self.request(message), now).await {
            Ok(answer) => judge(&answer),
            Err(verdict) => verdict,
        }
    }

    fn request(&self, message: &Message) -> Request {
        let mut place = self.place.clone();
        if let Ok(mut path) = place.path_segments_mut() {
            path.push(&message.delivery.to_string());
        }
        let mut request = request(Method::PUT, &place, DIALECT.of(message));
        self.token.authorise(&mut request);
        request
    }
}

fn compose(draft: &Draft<'_>) -> Value {
    let html = format!(
        "<p><strong>{}</strong></p>\n{}",
        HtmlEscape(draft.subject),
        draft.words
    );
    let content = json!({
        "msgtype": "m.text",
        "body": format!("{}\n\n{}", draft.subject, draft.text),
        "format": "org.matrix.custom.html",
        "formatted_body": html,
        // Nobody is mentioned, whatever stands in the text.
        "m.mentions": {},
    });
    if content.to_string().len() <= CONTENT_LIMIT {
        return content;
    }
    let text = cut(&format!("{}\n\n{}", draft.subject, draft.text), TEXT_LIMIT);
    json!({"msgtype": "m.text", "body": text, "m.mentions": {}})
}

fn preformatted(text: &str) -> String {
    format!("<pre>{}</pre>", HtmlEscape(text))
}

/// What a homeserver answers where it refuses.
#[derive(Deserialize)]
struct Refusal {
    errcode: String,
    retry_after_ms: Option<u64>,
}

fn judge(answer: &Answer) -> Verdict {
    let refusal = answer.json::<Refusal>();
    let code = refusal.as_ref().map(|refusal| refusal.errcode.as_str());
    let asked = refusal.as_ref().and_then(|refusal| refusal.retry_after_ms);
    match (answer.status.as_u16(), code) {
        (400, Some("M_BAD_JSON" | "M_NOT_JSON")) | (413, _) => {
            answer.dead("it does not take the message")
        }
        (401, _) => {
            answer.retry("it does not know the access token; log in anew, and name the new one")
        }
        (403, _) => answer.retry("the account may not write into the room; invite it, and join"),
        // Older homeservers tell in the body how long to wait, newer ones in Retry-After.
        (429, _) => match (answer.verdict(), asked) {
            (Verdict::Retry { why, after: None }, Some(milliseconds)) => Verdict::Retry {
                why,
                after: Some(Duration::from_millis(milliseconds)),
            },
            (verdict, _) => verdict,
        },
        _ => answer.verdict(),
    }
}
