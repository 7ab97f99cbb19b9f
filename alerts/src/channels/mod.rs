//! Channels: the ways in which people are told. After a failure a channel answers one question: is a retry useful?
//!
//! A channel is one file here, one line in [`ChannelSettings`] and one in each match below.

pub mod chat;
pub mod dialect;
pub mod email;
mod exchange;
pub mod file;
mod letter;
pub mod matrix;
mod slack;
pub mod splunk;
mod teams;
pub mod webhook;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_egress::{Egress, EgressError, SecretError, Secrets};
use sightline_model::{Problem, Timestamp};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::{
    chat::{ChatChannel, ChatSettings},
    dialect::Dialect,
    email::{EmailChannel, EmailSettings},
    file::{FileChannel, FileSettings},
    matrix::{MatrixChannel, MatrixSettings},
    splunk::{SplunkChannel, SplunkSettings},
    webhook::{WebhookChannel, WebhookSettings},
};
use crate::message::{Detail, Message};

pub use self::exchange::Unfit;

/// One channel of the configuration: `[channels.NAME]` with a `kind`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChannelSettings {
    /// E-mail over SMTP, or into a folder.
    Email(EmailSettings),
    /// Signed HTTP requests (Standard Webhooks 1.0.0).
    Webhook(WebhookSettings),
    /// A room of Slack, or of a server that takes what Slack takes (Mattermost, Rocket.Chat), by an incoming webhook.
    Slack(ChatSettings),
    /// A room of Microsoft Teams, by a webhook of its Workflows app.
    Teams(ChatSettings),
    /// A room of Matrix.
    Matrix(MatrixSettings),
    /// Events for Splunk, by its HTTP Event Collector.
    Splunk(SplunkSettings),
    /// Lines of JSON in a file.
    File(FileSettings),
}

impl ChannelSettings {
    /// How much its messages tell.
    pub fn detail(&self) -> Detail {
        match self {
            Self::Email(settings) => settings.detail,
            Self::Webhook(settings) => settings.detail,
            Self::Slack(settings) | Self::Teams(settings) => settings.detail,
            Self::Matrix(settings) => settings.detail,
            Self::Splunk(settings) => settings.detail,
            Self::File(settings) => settings.detail,
        }
    }

    /// The longest that a try may take, in seconds. It must end before the delivery's lease does, or somebody else sends
    /// the message too.
    pub fn longest_try(&self) -> f64 {
        match self {
            // Connecting, and then sending.
            Self::Email(settings) => 2.0 * settings.timeout_seconds,
            Self::Webhook(settings) => settings.timeout_seconds,
            Self::Slack(settings) | Self::Teams(settings) => settings.timeout_seconds,
            Self::Matrix(settings) => settings.timeout_seconds,
            Self::Splunk(settings) => settings.longest_try(),
            Self::File(_) => 0.0,
        }
    }

    /// What its messages are made of.
    pub fn style(&self) -> Style {
        Style {
            detail: self.detail(),
            dialect: match self {
                Self::Slack(_) => Some(&slack::DIALECT),
                Self::Teams(_) => Some(&teams::DIALECT),
                Self::Matrix(_) => Some(&matrix::DIALECT),
                Self::Email(_) | Self::Webhook(_) | Self::Splunk(_) | Self::File(_) => None,
            },
        }
    }

    /// The word for its kind in the settings.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Webhook(_) => "webhook",
            Self::Slack(_) => "slack",
            Self::Teams(_) => "teams",
            Self::Matrix(_) => "matrix",
            Self::Splunk(_) => "splunk",
            Self::File(_) => "file",
        }
    }

    /// What is wrong with these settings. Secrets are not looked at: they may be there on another machine only.
    pub fn check(&self) -> Vec<Problem> {
        match self {
            Self::Email(settings) => settings.check(),
            Self::Webhook(settings) => settings.check(),
            Self::Slack(settings) | Self::Teams(settings) => settings.check(),
            Self::Matrix(settings) => settings.check(),
            Self::Splunk(settings) => settings.check(),
            Self::File(settings) => settings.check(),
        }
    }
}

/// What the messages of a channel are made of.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// How much they tell.
    pub detail: Detail,
    /// The chat service that they are for, if they are for one.
    pub dialect: Option<&'static Dialect>,
}

/// What channels need of their surroundings.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The one gate to the network.
    pub egress: &'a Egress,
    /// What relative paths in the settings are relative to.
    pub folder: &'a Path,
    /// The value of an environment variable, if it is set.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl Surroundings<'_> {
    fn path(&self, written: &Path) -> PathBuf {
        self.folder.join(written)
    }

    fn secrets(&self) -> Secrets<'_> {
        Secrets {
            folder: self.folder,
            environment: self.environment,
        }
    }
}

/// A channel, ready to send. It remembers nothing of what it sent: that is kept with each delivery.
#[derive(Debug)]
pub struct Channel {
    name: String,
    style: Style,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Email(Box<EmailChannel>),
    Webhook(WebhookChannel),
    Chat(ChatChannel),
    Matrix(MatrixChannel),
    Splunk(Box<SplunkChannel>),
    File(FileChannel),
}

impl Channel {
    /// A channel from its settings, its secrets read.
    ///
    /// # Errors
    /// Where a secret is missing, an address is no address or a client cannot be built. [`ChannelSettings::check`]
    /// finds all but the first and the last beforehand.
    pub fn build(
        name: &str,
        settings: &ChannelSettings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, BuildError> {
        let within = |cause| BuildError {
            channel: name.to_owned(),
            cause,
        };
        if let Some(problem) = settings.check().into_iter().next() {
            return Err(within(Cause::Settings(problem)));
        }
        let way = match settings {
            ChannelSettings::Email(settings) => EmailChannel::build(settings, surroundings)
                .map(|channel| Way::Email(Box::new(channel))),
            ChannelSettings::Webhook(settings) => {
                WebhookChannel::build(settings, surroundings).map(Way::Webhook)
            }
            ChannelSettings::Slack(settings) => {
                ChatChannel::build(&slack::DIALECT, settings, surroundings).map(Way::Chat)
            }
            ChannelSettings::Teams(settings) => {
                ChatChannel::build(&teams::DIALECT, settings, surroundings).map(Way::Chat)
            }
            ChannelSettings::Matrix(settings) => {
                MatrixChannel::build(settings, surroundings).map(Way::Matrix)
            }
            ChannelSettings::Splunk(settings) => SplunkChannel::build(name, settings, surroundings)
                .map(|channel| Way::Splunk(Box::new(channel))),
            ChannelSettings::File(settings) => {
                Ok(Way::File(FileChannel::build(settings, surroundings)))
            }
        }
        .map_err(within)?;
        Ok(Self {
            name: name.to_owned(),
            style: settings.style(),
            way,
        })
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its messages are made of.
    pub fn style(&self) -> Style {
        self.style
    }

    /// How many messages one request of this channel carries at most.
    pub fn parcel(&self) -> u32 {
        match &self.way {
            Way::Splunk(_) => splunk::PARCEL,
            Way::Email(_) | Way::Webhook(_) | Way::Chat(_) | Way::Matrix(_) | Way::File(_) => 1,
        }
    }

    /// Tries once to send `letters`, no more than [`Channel::parcel`] of them, within
    /// [`ChannelSettings::longest_try`]. `now` is the instant of the try. Tells a verdict on each as soon as it is known: who
    /// waits for the last to note the first would send it again after a crash.
    pub async fn send(&self, letters: &[Letter<'_>], now: Timestamp, verdicts: &Verdicts) {
        for (place, &Letter { message, progress }) in letters.iter().enumerate() {
            let verdict = match &self.way {
                Way::Email(channel) => {
                    let (verdict, progress) = channel.send(message, progress).await;
                    _ = verdicts.send(Told {
                        place,
                        verdict,
                        progress,
                    });
                    continue;
                }
                Way::Webhook(channel) => channel.send(message, now).await,
                Way::Chat(channel) => channel.send(message, now).await,
                Way::Matrix(channel) => channel.send(message, now).await,
                Way::Splunk(channel) => {
                    let messages: Vec<_> = letters.iter().map(|letter| letter.message).collect();
                    return channel.send(&messages, now, verdicts).await;
                }
                Way::File(channel) => channel.send(message, now).await,
            };
            tell(verdicts, place, verdict);
        }
    }

    /// What is kept of a message's [`Told::progress`] where it is given up: who has it. Whoever was refused is asked again, should
    /// it be sent once more: what was wrong with their address may be right by then.
    pub fn kept_of_dead(&self, progress: &str) -> Option<String> {
        match &self.way {
            Way::Email(_) => email::kept_of_dead(progress),
            Way::Webhook(_) | Way::Chat(_) | Way::Matrix(_) | Way::Splunk(_) | Way::File(_) => None,
        }
    }

    /// Tries once to send `message`, as [`Channel::send`] does for the first time; the verdict on it.
    pub async fn send_one(&self, message: &Message, now: Timestamp) -> Verdict {
        let (verdicts, mut told) = unbounded_channel();
        let letter = Letter {
            message,
            progress: None,
        };
        self.send(&[letter], now, &verdicts).await;
        match told.try_recv() {
            Ok(told) => told.verdict,
            Err(_) => Verdict::retry("nothing is known of the try"),
        }
    }
}

/// A message that is to be tried.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// What is sent.
    pub message: &'a Message,
    /// What the channel told of the try before ([`Told::progress`]).
    pub progress: Option<&'a str>,
}

/// What a channel tells of a message that it tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The place of the message among those that were sent.
    pub place: usize,
    /// What came of it.
    pub verdict: Verdict,
    /// Who need not be sent it again, to be kept and handed to the next try, whoever makes it; it names nobody. None where
    /// there is nothing to remember.
    pub progress: Option<String>,
}

impl Told {
    /// A verdict after which there is nothing to remember.
    pub fn plain(place: usize, verdict: Verdict) -> Self {
        Self {
            place,
            verdict,
            progress: None,
        }
    }
}

/// Where verdicts go.
pub type Verdicts = UnboundedSender<Told>;

/// Whoever does not listen any more has given up on them, and they are sent again.
fn tell(verdicts: &Verdicts, place: usize, verdict: Verdict) {
    _ = verdicts.send(Told::plain(place, verdict));
}

/// What came of a try. The words hold no secret and no victim data: they are stored and shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The receiver has it.
    Delivered {
        /// What it said, in a few words.
        note: String,
    },
    /// Some of those that it is sent to have it; the others never will.
    Partly {
        /// Who not, and why; it names nobody.
        note: String,
    },
    /// It may work later.
    Retry {
        /// What went wrong.
        why: String,
        /// What the receiver asks to be waited.
        after: Option<Duration>,
    },
    /// It was not tried: what it was to go with was refused, and that took the time there was.
    Untried {
        /// What with.
        why: String,
    },
    /// It will never work.
    Dead {
        /// What went wrong.
        why: String,
    },
    /// The receiver wants nothing more from this channel (HTTP 410). What is due to it waits until somebody has seen to that.
    Disable {
        /// What it meant, in words of ours alone: it is kept until somebody has seen to that, whatever is erased meanwhile.
        why: String,
    },
}

impl Verdict {
    /// What was said, by the receiver or of it.
    pub fn said(&self) -> &str {
        match self {
            Self::Delivered { note } | Self::Partly { note } => note,
            Self::Retry { why, .. }
            | Self::Untried { why }
            | Self::Dead { why }
            | Self::Disable { why } => why,
        }
    }

    fn delivered(note: impl Into<String>) -> Self {
        Self::Delivered { note: note.into() }
    }

    fn retry(why: impl Into<String>) -> Self {
        Self::Retry {
            why: why.into(),
            after: None,
        }
    }

    fn dead(why: impl Into<String>) -> Self {
        Self::Dead { why: why.into() }
    }
}

/// A channel that cannot be built.
#[derive(Debug, thiserror::Error)]
#[error("the channel '{channel}' cannot be used: {cause}")]
pub struct BuildError {
    /// Its name.
    pub channel: String,
    /// Why.
    #[source]
    pub cause: Cause,
}

/// Why a channel cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// A setting is wrong.
    #[error("{0}")]
    Settings(Problem),
    /// A secret is missing.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What should be a signing secret is none.
    #[error(
        "signing secret number {number} is not `whsec_` followed by 24 to 64 bytes in base64; \
         make one with: echo whsec_$(openssl rand -base64 32)"
    )]
    NotASigningSecret {
        /// Which of those given, from 1.
        number: usize,
    },
    /// What should be a webhook's URL is none that can be used. The URL is not repeated: it is a secret.
    #[error("nothing is sent to what {key}_env or {key}_file names: {unfit}; {}", unfit.remedy())]
    NotAUrl {
        /// The secret's key.
        key: String,
        /// What is wrong with it.
        unfit: Unfit,
    },
    /// What should be a token can't stand in a header.
    #[error(
        "what {key}_env or {key}_file names holds no token: there are line breaks or control characters in it"
    )]
    NotAToken {
        /// The secret's key.
        key: String,
    },
    /// The gate to the network gives no client.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

/// A number of seconds from the settings, within its range or a problem at `key`.
fn check_seconds(key: &str, seconds: f64, problems: &mut Vec<Problem>) {
    if !(0.1..=600.0).contains(&seconds) {
        problems.push(Problem::new(
            key,
            format!("{seconds} is not between 0.1 and 600"),
            "write a number of seconds such as 30",
        ));
    }
}

/// That number as a length; `fallback` where it was not checked.
fn seconds(number: f64, fallback: Duration) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(fallback)
}

#[cfg(test)]
mod tests;
