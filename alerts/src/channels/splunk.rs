//! Splunk's HTTP Event Collector: several messages in one request, each an event; acknowledged where that is asked for.

use std::{collections::BTreeMap, ops::Range, path::PathBuf, time::Duration};

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sightline_egress::SecretPlace;
use sightline_model::{Problem, Timestamp};
use tokio::time::{Instant, sleep};
use url::Url;
use uuid::Uuid;

use super::{
    Cause, Surroundings, Verdict, Verdicts, check_seconds,
    dialect::unnamed,
    exchange::{Answer, Receiver, Token, USUAL_TIMEOUT, request, set, target},
    seconds, tell,
};
use crate::{
    message::{Detail, Message},
    payload::PAYLOAD_LIMIT,
};

/// What every event is: the key that Splunk chooses its reading by.
const SOURCETYPE: &str = "sightline:alert";

/// Messages of one request at most: the collector takes some 1,000,000 bytes by default.
pub(super) const PARCEL: u32 = 40;
const _: () = assert!(PARCEL as usize * (PAYLOAD_LIMIT + 2_000) < 1_000_000);

/// The first pause before the collector is asked again whether it has indexed what it took; each is twice as long, up to
/// the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// A Splunk HTTP Event Collector, or what takes the same requests.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SplunkSettings {
    /// The collector without its path: `https://splunk.example.org:8088`.
    pub url: String,
    /// Must be true for an http URL: alerts and the token then travel in the clear. For a collector on the same machine.
    pub allow_unencrypted: bool,
    /// The environment variable that holds the collector's token.
    pub token_env: Option<String>,
    /// The file that holds the collector's token, relative to the configuration.
    #[schemars(with = "Option<String>")]
    pub token_file: Option<PathBuf>,
    /// The index that events go to. Empty: the token's own.
    pub index: Option<String>,
    /// The host that events say they are from. Empty: what the collector makes of it.
    pub host: Option<String>,
    /// The source that events say they are from.
    pub source: String,
    /// True: a message counts as delivered once the collector says that it is indexed. The token must have indexer
    /// acknowledgement switched on.
    pub acknowledge: bool,
    /// How long to wait for that, in seconds; what is not acknowledged by then is sent again.
    pub acknowledge_seconds: f64,
    /// How long one request may take, in seconds, the answer included.
    pub timeout_seconds: f64,
    /// How much the events tell: `thin` or `full`.
    pub detail: Detail,
}

impl Default for SplunkSettings {
    fn default() -> Self {
        Self {
            url: String::new(),
            allow_unencrypted: false,
            token_env: None,
            token_file: None,
            index: None,
            host: None,
            source: "sightline".to_owned(),
            acknowledge: false,
            acknowledge_seconds: 30.0,
            timeout_seconds: USUAL_TIMEOUT,
            detail: Detail::default(),
        }
    }
}

impl SplunkSettings {
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems: Vec<_> = self.base().err().into_iter().collect();
        let token = self.token();
        if token.is_empty() {
            problems.push(unnamed("token", "the collector's token", "SPLUNK_TOKEN"));
        }
        problems.extend(token.check());
        check_seconds(
            "acknowledge_seconds",
            self.acknowledge_seconds,
            &mut problems,
        );
        check_seconds("timeout_seconds", self.timeout_seconds, &mut problems);
        problems
    }

    /// Sending all; where that is refused, sending one after another for as long again, and the last of these, which may
    /// begin as that time ends. Then waiting for the acknowledgements, and the last question for them, likewise.
    pub(super) fn longest_try(&self) -> f64 {
        let sending = 3.0 * self.timeout_seconds;
        match self.acknowledge {
            true => sending + self.acknowledge_seconds + self.timeout_seconds,
            false => sending,
        }
    }

    fn base(&self) -> Result<Url, Problem> {
        let url = target("url", &self.url, self.allow_unencrypted)?;
        if url.path().contains("/services/collector") || url.query().is_some() {
            return Err(Problem::new(
                "url",
                "it holds more than where the collector is",
                "leave out /services/collector and what follows, such as \"https://splunk.example.org:8088\"",
            ));
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

/// What the collector took and has not indexed yet: the places of the messages, by the number of their acknowledgement. One
/// that gives the same number twice must not make us forget what it took first.
type Indexing = BTreeMap<i64, Vec<Range<usize>>>;

#[derive(Debug)]
pub(super) struct SplunkChannel {
    receiver: Receiver,
    settings: SplunkSettings,
    events: Url,
    acknowledgements: Url,
    token: Token,
    /// What the collector tells the senders of one token apart by (X-Splunk-Request-Channel).
    sender: Uuid,
}

impl SplunkChannel {
    pub fn build(
        name: &str,
        settings: &SplunkSettings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        let base = settings.base().map_err(Cause::Settings)?;
        Ok(Self {
            receiver: Receiver::build(settings.timeout_seconds, surroundings)?,
            token: Token::read("Splunk", &settings.token(), surroundings)?,
            events: under(&base, "event"),
            acknowledgements: under(&base, "ack"),
            sender: sender(name, &settings.url),
            settings: settings.clone(),
        })
    }

    /// Sends all of `messages` in one request, and tells the verdicts as they come.
    pub async fn send(&self, messages: &[&Message], now: Timestamp, verdicts: &Verdicts) {
        let mut taken = Indexing::new();
        match self.post(messages, now).await {
            Ok(id) => taken.entry(id).or_default().push(0..messages.len()),
            // One event that is not taken must not keep its neighbours from being taken: each is sent by itself.
            Err(Verdict::Dead { .. }) if messages.len() > 1 => {
                taken = self.post_each(messages, now, verdicts).await;
            }
            Err(verdict) => tell_all(verdicts, 0..messages.len(), &verdict),
        }
        self.await_acknowledgements(taken, now, verdicts).await;
    }

    /// Sends `messages` one after another, for as long as one request may take: the lease on all of them goes on meanwhile.
    /// What there was no time for goes with the next parcel. What was taken and is to be acknowledged.
    async fn post_each(
        &self,
        messages: &[&Message],
        now: Timestamp,
        verdicts: &Verdicts,
    ) -> Indexing {
        let enough = Instant::now() + self.receiver.timeout();
        let mut taken = Indexing::new();
        for (place, message) in messages.iter().enumerate() {
            // The first is always tried, so that each parcel gets on.
            if place > 0 && Instant::now() >= enough {
                let why = "a message that went with it was refused, and sending each by itself took too long";
                let why = why.to_owned();
                tell_all(verdicts, place..messages.len(), &Verdict::Untried { why });
                break;
            }
            match self.post(&[*message], now).await {
                Ok(id) => taken.entry(id).or_default().push(place..place + 1),
                Err(verdict) => tell(verdicts, place, verdict),
            }
        }
        taken
    }

    /// Sends `messages`; by which number they are acknowledged, or the verdict where they need not be, or were not taken.
    async fn post(&self, messages: &[&Message], now: Timestamp) -> Result<i64, Verdict> {
        // JSON objects one after another, not a list: so the collector wants it.
        let events: serde_json::Result<Vec<_>> =
            messages.iter().map(|message| self.event(message)).collect();
        let events = events
            .map_err(|error| Verdict::dead(format!("the message is not JSON: {error}")))?
            .join("\n");
        let answer = self.ask(&self.events, events, now).await?;
        match (judge(&answer), self.settings.acknowledge) {
            (Verdict::Delivered { .. }, true) => {
                let id = answer.json::<Taken>().and_then(|taken| taken.ack_id);
                id.ok_or_else(|| {
                    answer.retry(
                        "it gives no acknowledgement; switch it on for the token, or write acknowledge = false",
                    )
                })
            }
            (verdict, _) => Err(verdict),
        }
    }

    async fn ask(&self, url: &Url, json: String, now: Timestamp) -> Result<Answer, Verdict> {
        let mut request = request(Method::POST, url, json);
        self.token.authorise(&mut request);
        set(
            &mut request,
            "x-splunk-request-channel",
            &self.sender.to_string(),
        );
        self.receiver.ask(request, now).await
    }

    /// Asks until the collector has indexed all that it took, or the time for that is over: one wait, however many requests it
    /// came in.
    async fn await_acknowledgements(
        &self,
        mut taken: Indexing,
        now: Timestamp,
        verdicts: &Verdicts,
    ) {
        let patience = seconds(self.settings.acknowledge_seconds, Duration::from_secs(30));
        let end = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        // What kept the last question from being answered.
        let mut unanswered = None;
        while !taken.is_empty() {
            let ids: Vec<i64> = taken.keys().copied().collect();
            let question = json!({ "acks": ids }).to_string();
            match self.ask(&self.acknowledgements, question, now).await {
                Err(verdict) => unanswered = Some(verdict),
                Ok(answer) => match answer.json::<Acknowledged>() {
                    Some(told) => {
                        unanswered = None;
                        let is_indexed = |id: &i64| told.acks.get(&id.to_string()) == Some(&true);
                        let indexed = taken.extract_if(.., |id, _| is_indexed(id));
                        for places in indexed.flat_map(|(_, places)| places) {
                            tell_all(verdicts, places, &Verdict::delivered("indexed"));
                        }
                    }
                    None => {
                        unanswered = Some(judge_question(&answer));
                        if is_final(answer.status) {
                            break;
                        }
                    }
                },
            }
            if Instant::now() + pause >= end {
                break;
            }
            if !taken.is_empty() {
                sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            }
        }
        let late = unanswered.unwrap_or_else(|| {
            Verdict::retry(format!(
                "the collector took it, and did not index it within {} seconds",
                patience.as_secs_f64()
            ))
        });
        for places in taken.into_values().flatten() {
            tell_all(verdicts, places, &late);
        }
    }

    /// A message as an event: the payload, with what is searched most as indexed fields.
    pub(super) fn event(&self, message: &Message) -> serde_json::Result<String> {
        let payload: Value = serde_json::from_str(&message.payload)?;
        let mut event = json!({
            "time": message.created_at.0 as f64 / 1000.0,
            "source": self.settings.source,
            "sourcetype": SOURCETYPE,
            "fields": fields(message, &payload),
        });
        for (key, value) in [
            ("index", &self.settings.index),
            ("host", &self.settings.host),
        ] {
            if let Some(value) = value {
                event[key] = json!(value);
            }
        }
        event["event"] = payload;
        Ok(event.to_string())
    }
}

fn tell_all(verdicts: &Verdicts, places: Range<usize>, verdict: &Verdict) {
    for place in places {
        tell(verdicts, place, verdict.clone());
    }
}

/// The indexed fields: flat strings, as the collector wants them. `delivery` is the same where an event comes again.
fn fields(message: &Message, payload: &Value) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::from([("delivery", message.delivery.to_string())]);
    let data = &payload["data"];
    for (name, value) in [
        ("type", &payload["type"]),
        ("alert", &data["alert"]),
        ("entry", &data["entry"]),
        ("watchlist", &data["watchlist_name"]),
        ("case", &data["case_reference"]),
        ("severity", &data["severity"]),
        ("tlp", &data["tlp"]),
    ] {
        if let Some(value) = value.as_str() {
            fields.insert(name, value.to_owned());
        }
    }
    fields
}

fn under(base: &Url, last: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["services", "collector", last]);
    }
    url
}

/// The same for a channel after every restart, another for every other channel.
fn sender(name: &str, url: &str) -> Uuid {
    let digest = Sha256::digest(format!("sightline\n{name}\n{url}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What the collector answers.
#[derive(Deserialize)]
struct Taken {
    code: i64,
    #[serde(rename = "ackId")]
    ack_id: Option<i64>,
}

/// Which of its acknowledgements it has.
#[derive(Deserialize)]
struct Acknowledged {
    acks: BTreeMap<String, bool>,
}

/// Whether asking the same once more is of no use.
fn is_final(status: StatusCode) -> bool {
    let may_pass = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_client_error() && !may_pass.contains(&status)
}

/// What it means that a question for acknowledgements was not answered: nothing is wrong with the events, which were taken.
fn judge_question(answer: &Answer) -> Verdict {
    const TAKEN: &str = "the collector took it, and does not say whether it is indexed";
    match judge(answer) {
        Verdict::Disable { why } => Verdict::Disable { why },
        Verdict::Retry { why, after } => Verdict::Retry {
            why: format!("{TAKEN}: {why}"),
            after,
        },
        other => Verdict::retry(format!("{TAKEN}: {}", other.said())),
    }
}

/// The collector's codes (Splunk's "Troubleshoot HTTP Event Collector"). Those that an operator can mend are tried again;
/// those that are about the event itself are not.
fn judge(answer: &Answer) -> Verdict {
    let code = answer.json::<Taken>().map(|taken| taken.code);
    let operator = |what: &str| answer.retry(what);
    match code {
        Some(0) if answer.status.is_success() => Verdict::delivered(answer.words()),
        Some(1) => operator("the token is switched off there (code 1); switch it on"),
        Some(2 | 3 | 16) => operator("it wants a token in another form (code 2, 3 or 16)"),
        Some(4) => {
            operator("the token is not right (code 4); set the one that the collector shows")
        }
        Some(7) => operator(
            "the token may not write to this index (code 7); correct index, or the token's indexes",
        ),
        Some(10 | 11) => operator("it does not take our channel identifier (code 10 or 11)"),
        Some(14) => {
            operator("acknowledgement is switched off there (code 14); write acknowledge = false")
        }
        Some(code @ (5 | 6 | 12 | 13 | 15)) => {
            answer.dead(&format!("it does not take the event (code {code})"))
        }
        Some(code @ (8 | 9 | 18..=20)) => answer.retry(&format!("it is busy or ill (code {code})")),
        Some(0) | None => answer.verdict(),
        Some(code) => match answer.status.is_success() {
            true => answer.retry(&format!("its code {code} is not that of success")),
            false => answer.verdict(),
        },
    }
}
