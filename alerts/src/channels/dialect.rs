//! How chat services want their messages: what each makes of a template's words, and what its answers mean.

use sightline_model::Problem;
use url::Url;

use super::{Verdict, exchange::Answer, matrix, slack, teams};
use crate::message::{Body, Message};

/// One chat service's way of being talked to.
#[derive(Debug)]
pub struct Dialect {
    /// The file name of the template that makes its words. Its ending names the escaping.
    pub template: &'static str,
    /// The template that is part of the program.
    pub built_in: &'static str,
    /// Writes plain text as the template would have written it.
    pub(super) escape: fn(&str) -> String,
    /// Makes the request's body, within the service's limits.
    pub(super) compose: fn(&Draft<'_>) -> serde_json::Value,
    /// What its answers mean.
    pub(super) judge: fn(&Answer) -> Verdict,
}

/// Every dialect, so that their templates are tried at start.
pub const ALL: [&Dialect; 3] = [&slack::DIALECT, &teams::DIALECT, &matrix::DIALECT];

/// What a message is composed of.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The subject, as plain text.
    pub subject: &'a str,
    /// The whole message as plain text.
    pub text: &'a str,
    /// What the template made.
    pub words: &'a str,
    /// Where to read the whole.
    pub link: Option<&'a Url>,
}

impl Dialect {
    /// The body of a request that tells what `draft` tells.
    pub fn body(&self, draft: &Draft<'_>) -> Body {
        Body {
            template: self.template.to_owned(),
            json: (self.compose)(draft).to_string(),
        }
    }

    /// What is sent of `message`: as it was composed, or its plain text where it was made for a channel that has become
    /// one of another kind since.
    pub(super) fn of(&self, message: &Message) -> String {
        match &message.body {
            Some(body) if body.template == self.template => body.json.clone(),
            _ => {
                let draft = Draft {
                    subject: &message.subject,
                    text: &message.text,
                    words: &(self.escape)(&message.text),
                    link: None,
                };
                (self.compose)(&draft).to_string()
            }
        }
    }
}

/// No place is named for a secret that is needed.
pub(super) fn unnamed(key: &str, what: &str, variable: &str) -> Problem {
    Problem::new(
        format!("{key}_env"),
        format!("no place is named for {what}, which is a secret"),
        format!("name the environment variable that holds it, such as {key}_env = \"{variable}\""),
    )
}
