//! From what is known of an alert to a frozen message: the templates of subjects, texts and HTML.
//!
//! The templates are part of the program; a folder in the settings may hold others of the same names. They are
//! minijinja's (Jinja2): `.html` ones escape what they print. Both kinds have the filters `defang` (breaks links),
//! `when` (an instant for people) and `words` (`new_source` becomes `new source`). A name that does not exist is an error, found at
//! start by rendering a sample.

use std::{io, path::Path};

use minijinja::{Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};
use sightline_model::{DeliveryId, Timestamp};
use uuid::Uuid;

use crate::{
    inert::{defang, one_line},
    message::{Detail, Message, Payload},
    sample::sample_view,
    view::AlertView,
};

/// The templates, by the names of their files.
const EMBEDDED: [(&str, &str); 3] = [
    (SUBJECT, include_str!("../templates/subject.txt")),
    (TEXT, include_str!("../templates/alert.txt")),
    (HTML, include_str!("../templates/alert.html")),
];

const SUBJECT: &str = "subject.txt";
const TEXT: &str = "alert.txt";
const HTML: &str = "alert.html";

/// The longest subject, in characters: mail clients show about half of it.
const SUBJECT_LIMIT: usize = 150;

/// Compiled templates, known to render.
pub struct Templates(Environment<'static>);

impl Templates {
    /// The templates that are part of the program.
    pub fn embedded() -> Result<Self, RenderError> {
        Self::with(|_| Ok(None))
    }

    /// Those in `folder`, and the program's own where it has none of the name.
    pub fn from_folder(folder: &Path) -> Result<Self, RenderError> {
        std::fs::read_dir(folder).map_err(|source| RenderError::Folder {
            folder: folder.display().to_string(),
            source,
        })?;
        Self::with(|name| {
            let file = folder.join(name);
            match std::fs::read_to_string(&file) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(source) => Err(RenderError::Folder {
                    folder: file.display().to_string(),
                    source,
                }),
            }
        })
    }

    fn with(
        own: impl Fn(&str) -> Result<Option<String>, RenderError>,
    ) -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Lines that hold a tag alone leave nothing behind, so that plain text can be laid out by eye.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        environment.set_syntax(syntax.map_err(|error| RenderError::template("syntax", error))?);
        environment.add_filter("defang", |text: &str| defang(text));
        environment.add_filter("when", when);
        environment.add_filter("words", |word: &str| word.replace('_', " "));
        for (name, embedded) in EMBEDDED {
            let text = own(name)?.unwrap_or_else(|| embedded.to_owned());
            environment
                .add_template_owned(name, text)
                .map_err(|error| RenderError::template(name, error))?;
        }
        let templates = Self(environment);
        templates.check()?;
        Ok(templates)
    }

    /// What is told of `view` on a channel of this `detail`, made at `now` and frozen from then on.
    pub fn render(
        &self,
        delivery: DeliveryId,
        view: &AlertView,
        detail: Detail,
        now: Timestamp,
    ) -> Result<Message, RenderError> {
        let payload = Payload::of(view, detail, now);
        // No victim data in a subject line, whatever the channel's detail and whoever wrote the template.
        let thin = Payload::of(view, Detail::Thin, now);
        Ok(Message {
            delivery,
            alert: view.alert,
            created_at: now,
            subject: one_line(&self.fill(SUBJECT, &thin)?, SUBJECT_LIMIT),
            text: self.fill(TEXT, &payload)?,
            html: self.fill(HTML, &payload)?,
            payload: payload.to_json(),
        })
    }

    fn fill(&self, name: &str, payload: &Payload) -> Result<String, RenderError> {
        self.0
            .get_template(name)
            .and_then(|template| template.render(Serde(payload)))
            .map_err(|error| RenderError::template(name, error))
    }

    /// Renders a sample both ways, so that a mistake in a template is found at start and not at the first alert.
    fn check(&self) -> Result<(), RenderError> {
        let view = sample_view();
        for detail in [Detail::Thin, Detail::Full] {
            self.render(DeliveryId(Uuid::nil()), &view, detail, view.opened_at)?;
        }
        Ok(())
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
        "the templates in {folder} cannot be read: {source}; correct the path or its permissions"
    )]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: io::Error,
    },
    /// A template is wrong.
    #[error(
        "the template {name} is wrong{line}: {message}; correct it, or remove it to use the built-in one"
    )]
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
    fn template(name: &str, error: minijinja::Error) -> Self {
        Self::Template {
            name: name.to_owned(),
            line: error
                .line()
                .map(|line| format!(" at line {line}"))
                .unwrap_or_default(),
            // The kind and the detail, without the values that minijinja's debug output would show.
            message: match error.detail() {
                Some(detail) => format!("{}: {detail}", error.kind()),
                None => error.kind().to_string(),
            },
        }
    }
}
