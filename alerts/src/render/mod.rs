//! From what is known of an alert to a frozen message: the templates of subjects, texts and HTML.
//!
//! The templates are part of the program; a folder in the settings may hold others of the same names. They are
//! minijinja's (Jinja2), and escape what they print for their medium ([`crate::markup`]). They have the filters `defang`
//! (breaks links), `when` (an instant for people), `words` (`new_source` becomes `new source`), `opening` (a message's type
//! in a sentence) and `code` (fixed width, nothing in it read as markup). A name that does not exist is an error, found at
//! start by rendering a sample.

use std::{fs, io, path::Path};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use sightline_model::{AlertId, Category, DeliveryId, Notice, Problem, Timestamp, Topic};
use uuid::Uuid;

use crate::{
    channels::{
        Style,
        dialect::{self, Draft},
    },
    digest::{DigestPayload, DigestView},
    inert::{defang, one_line},
    markup,
    message::{Detail, Event, Message},
    notices::payload::NoticePayload,
    payload::Payload,
    sample::{bare_samples, sample_digest, sample_notices, sample_view},
    view::AlertView,
};

/// The templates of letters, by the names of their files; each chat service adds one.
const LETTER: [(&str, &str); 9] = [
    (SUBJECT, include_str!("../../templates/subject.txt")),
    (TEXT, include_str!("../../templates/alert.txt")),
    (HTML, include_str!("../../templates/alert.html")),
    (
        DIGEST_SUBJECT,
        include_str!("../../templates/digest_subject.txt"),
    ),
    (DIGEST_TEXT, include_str!("../../templates/digest.txt")),
    (DIGEST_HTML, include_str!("../../templates/digest.html")),
    (
        NOTICE_SUBJECT,
        include_str!("../../templates/notice_subject.txt"),
    ),
    (NOTICE_TEXT, include_str!("../../templates/notice.txt")),
    (NOTICE_HTML, include_str!("../../templates/notice.html")),
];

/// Every template, by the name of its file.
fn embedded() -> impl Iterator<Item = (&'static str, &'static str)> {
    let chat = dialect::ALL.map(|dialect| (dialect.template, dialect.built_in));
    LETTER.into_iter().chain(chat)
}

const SUBJECT: &str = "subject.txt";
const TEXT: &str = "alert.txt";
const HTML: &str = "alert.html";
const DIGEST_SUBJECT: &str = "digest_subject.txt";
const DIGEST_TEXT: &str = "digest.txt";
const DIGEST_HTML: &str = "digest.html";
const NOTICE_SUBJECT: &str = "notice_subject.txt";
const NOTICE_TEXT: &str = "notice.txt";
const NOTICE_HTML: &str = "notice.html";

/// The longest subject, in characters: mail clients show about half of it.
const SUBJECT_LIMIT: usize = 150;

/// Steps that a template may take for one message. What Sightline brings takes some thousands; more than this is a loop in a
/// loop, which would keep every message behind it.
const MOST_STEPS: u64 = 1_000_000;
/// The longest text that a template may make, in bytes: steps do not tell how much each of them writes.
const LONGEST_TEXT: usize = 8 * 1024 * 1024;

/// Compiled templates, known to render.
pub struct Templates {
    used: Environment<'static>,
    /// The program's own, for what no sample showed: a message in other words is better than none.
    built_in: Option<Environment<'static>>,
}

impl Templates {
    /// The templates that are part of the program.
    pub fn embedded() -> Result<Self, RenderError> {
        Self::with(|_| Ok(None))
    }

    /// Those in `folder`, and the program's own where it has none of the name.
    pub fn from_folder(folder: &Path) -> Result<Self, RenderError> {
        find(folder)?;
        let mut templates = Self::with(|name| read(folder, name))?;
        templates.built_in = Some(Self::embedded()?.used);
        Ok(templates)
    }

    /// Everything that is wrong with the templates in `folder`, each file judged by itself.
    pub fn faults(folder: &Path) -> Vec<RenderError> {
        if let Err(error) = find(folder) {
            return vec![error];
        }
        let alone = |name| {
            let own = |other: &str| {
                if other == name {
                    read(folder, other)
                } else {
                    Ok(None)
                }
            };
            Self::with(own).err()
        };
        embedded().filter_map(|(name, _)| alone(name)).collect()
    }

    /// The names that templates have.
    pub fn names() -> impl Iterator<Item = &'static str> {
        embedded().map(|(name, _)| name)
    }

    /// The files in `folder` that are no templates, since none has their name; hidden ones are nobody's mistake.
    pub fn strangers(folder: &Path) -> Vec<String> {
        // A folder that can't be read is a fault.
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let files = files.filter(|file| file.file_type().is_ok_and(|kind| !kind.is_dir()));
        let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        let is_strange =
            |name: &String| !name.starts_with('.') && !Self::names().any(|known| known == name);
        let mut strangers: Vec<String> = names.filter(is_strange).collect();
        strangers.sort();
        strangers
    }

    fn with(
        own: impl Fn(&str) -> Result<Option<String>, RenderError>,
    ) -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(MOST_STEPS));
        // Lines that hold a tag alone leave nothing behind, so that plain text can be laid out by eye.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        environment.set_syntax(syntax.map_err(|error| RenderError::template("syntax", error))?);
        environment.add_filter("defang", |text: &str| defang(text));
        environment.add_filter("when", when);
        environment.add_filter("words", |word: &str| word.replace('_', " "));
        environment.add_filter("person", |category: Serde<Category>| category.0.in_words());
        environment.add_filter("opening", |event: Serde<Event>| event.0.sentence());
        environment.add_filter("code", markup::code);
        environment.set_auto_escape_callback(markup::by_name);
        environment.set_formatter(markup::print);
        for (name, embedded) in embedded() {
            let text = own(name)?.unwrap_or_else(|| embedded.to_owned());
            environment
                .add_template_owned(name, text)
                .map_err(|error| RenderError::template(name, error))?;
        }
        let templates = Self {
            used: environment,
            built_in: None,
        };
        templates.check()?;
        Ok(templates)
    }

    /// What is told of `view` on a channel of this `style`, made at `now` and frozen from then on.
    pub fn render(
        &self,
        delivery: DeliveryId,
        view: &AlertView,
        style: Style,
        now: Timestamp,
    ) -> Result<Message, RenderError> {
        let payload = Payload::of(view, style.detail, now);
        // No victim data in a subject line, whatever the channel's detail and whoever wrote the template.
        let thin = Payload::of(view, Detail::Thin, now);
        let subject = self.subject(SUBJECT, &thin)?;
        let text = self.fill(TEXT, &payload)?;
        let body = match style.dialect {
            None => None,
            Some(dialect) => Some(dialect.body(&Draft {
                subject: &subject,
                text: &text,
                words: &self.fill(dialect.template, &payload)?,
                link: view.link.as_ref(),
            })),
        };
        Ok(Message {
            delivery,
            topic: Topic::Alert(view.alert),
            digest_of: None,
            created_at: now,
            html: self.fill(HTML, &payload)?,
            payload: payload.to_json(),
            subject,
            text,
            body,
        })
    }

    /// What a digest tells of `view`, made at `now` and frozen from then on. `alert` is the first that it tells of.
    pub fn render_digest(
        &self,
        delivery: DeliveryId,
        alert: AlertId,
        view: &DigestView,
        now: Timestamp,
    ) -> Result<Message, RenderError> {
        let payload = DigestPayload::of(view, now);
        Ok(Message {
            delivery,
            topic: Topic::Alert(alert),
            digest_of: Some(view.watchlist),
            created_at: now,
            subject: self.subject(DIGEST_SUBJECT, &payload)?,
            text: self.fill(DIGEST_TEXT, &payload)?,
            html: self.fill(DIGEST_HTML, &payload)?,
            payload: payload.to_json(),
            // Chat services are sent the text, which each dialect makes its own.
            body: None,
        })
    }

    /// What batch number `batch` tells of `notice`, made at `now` and frozen from then on.
    pub fn render_notice(
        &self,
        delivery: DeliveryId,
        notice: &Notice,
        batch: i64,
        detail: Detail,
        now: Timestamp,
    ) -> Result<Message, RenderError> {
        let payload = NoticePayload::of(notice, batch, detail, now);
        let thin = NoticePayload::of(notice, batch, Detail::Thin, now);
        Ok(Message {
            delivery,
            topic: Topic::Notice(notice.id),
            digest_of: None,
            created_at: now,
            subject: self.subject(NOTICE_SUBJECT, &thin)?,
            text: self.fill(NOTICE_TEXT, &payload)?,
            html: self.fill(NOTICE_HTML, &payload)?,
            payload: payload.to_json(),
            // As with digests.
            body: None,
        })
    }

    fn subject(&self, name: &str, payload: &impl Serialize) -> Result<String, RenderError> {
        Ok(match one_line(&self.fill(name, payload)?, SUBJECT_LIMIT) {
            // Chat services refuse a head without a word in it.
            empty if empty.is_empty() => "Sightline".to_owned(),
            subject => subject,
        })
    }

    fn fill(&self, name: &str, payload: &impl Serialize) -> Result<String, RenderError> {
        let filled = filled_by(&self.used, name, payload);
        match (filled, &self.built_in) {
            (Err(error), Some(built_in)) => {
                tracing::error!(%error, "the built-in template is used for this message");
                filled_by(built_in, name, payload)
            }
            (filled, _) => filled,
        }
    }

    /// Renders samples both ways, of every sort of message and with all missing that may be, so that a mistake in a template
    /// is found at start and not at the first alert, or the first reminder.
    fn check(&self) -> Result<(), RenderError> {
        let view = sample_view();
        for sample in [&view].into_iter().chain(&bare_samples()) {
            for detail in [Detail::Thin, Detail::Full] {
                for dialect in dialect::ALL.map(Some) {
                    let style = Style { detail, dialect };
                    self.render(DeliveryId(Uuid::nil()), sample, style, view.opened_at)?;
                }
            }
        }
        let digest = sample_digest();
        self.render_digest(DeliveryId(Uuid::nil()), view.alert, &digest, view.opened_at)?;
        for notice in sample_notices() {
            for detail in [Detail::Thin, Detail::Full] {
                for batch in 1..=notice.batch {
                    let now = notice.told_at;
                    self.render_notice(DeliveryId(Uuid::nil()), &notice, batch, detail, now)?;
                }
            }
        }
        Ok(())
    }
}

fn filled_by(
    environment: &Environment<'_>,
    name: &str,
    payload: &impl Serialize,
) -> Result<String, RenderError> {
    let mut text = Bounded(Vec::new());
    environment
        .get_template(name)
        .and_then(|template| {
            template
                .render_captured_to(Serde(payload), &mut text)
                .map(|_| ())
        })
        .map_err(|error| RenderError::template(name, error))?;
    let text = String::from_utf8(text.0).unwrap_or_default();
    // Chat services refuse a message without a word in it, with all that it carries.
    match text.trim().is_empty() {
        true => Err(RenderError::says_nothing(name)),
        false => Ok(text),
    }
}

/// A text that does not grow beyond what a message may be.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.0.len() + part.len() > LONGEST_TEXT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// That there is such a folder.
fn find(folder: &Path) -> Result<(), RenderError> {
    match std::fs::read_dir(folder) {
        Ok(_) => Ok(()),
        Err(source) => Err(RenderError::Folder {
            folder: folder.display().to_string(),
            source,
        }),
    }
}

/// The file of a template, if there is one of the name.
fn read(folder: &Path, name: &str) -> Result<Option<String>, RenderError> {
    let file = folder.join(name);
    match sightline_egress::read_text(&file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RenderError::Folder {
            folder: file.display().to_string(),
            source,
        }),
    }
}

/// An instant for people: `23 November 2026, 10:04 UTC`.
fn when(instant: &str) -> Result<String, minijinja::Error> {
    let at = Timestamp::parse(instant).map_err(|error| {
        minijinja::Error::new(
            minijinja::ErrorKind::InvalidOperation,
            format!("'{instant}' is no instant: {error}"),
        )
    })?;
    Ok(at.to_utc().format("%-d %B %Y, %H:%M UTC").to_string())
}

/// Why a message could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The folder of templates, or a file in it, cannot be read.
    #[error(
        "the templates in {folder} cannot be read: {source}; {}",
        Self::READABLE
    )]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: io::Error,
    },
    /// A template is wrong.
    #[error("the template {name} is wrong{line}: {message}; {}", Self::RIGHT)]
    Template {
        /// Which.
        name: String,
        /// Where, as ` at line 3`.
        line: String,
        /// What minijinja says.
        message: String,
    },
}

impl RenderError {
    const READABLE: &str = "correct the path or its permissions";
    const RIGHT: &str = "correct it, or remove it to use the built-in one";

    /// The same as a problem of the settings that name the folder.
    pub fn problem(&self, key: &str) -> Problem {
        let remedy = match self {
            Self::Folder { .. } => Self::READABLE,
            Self::Template { .. } => Self::RIGHT,
        };
        let words = self.to_string();
        let message = words.strip_suffix(&format!("; {remedy}"));
        Problem::new(key, message.unwrap_or(&words), remedy)
    }

    fn says_nothing(name: &str) -> Self {
        Self::Template {
            name: name.to_owned(),
            line: String::new(),
            message: "it makes no text".to_owned(),
        }
    }

    fn template(name: &str, error: minijinja::Error) -> Self {
        Self::Template {
            name: name.to_owned(),
            line: error
                .line()
                .map(|line| format!(" at line {line}"))
                .unwrap_or_default(),
            // The kind and the detail, without the values that minijinja's debug output would show.
            message: match error.detail() {
                _ if error.kind() == ErrorKind::OutOfFuel => {
                    "it takes too many steps; look for a loop within a loop".to_owned()
                }
                _ if error.kind() == ErrorKind::WriteFailure => format!(
                    "it makes more than {} MiB of text; look for a loop that writes too much",
                    LONGEST_TEXT / (1024 * 1024)
                ),
                Some(detail) => format!("{}: {detail}", error.kind()),
                None => error.kind().to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
