//! The reading of a draft, field by field, with every problem on the way.

use std::{collections::BTreeSet, str::FromStr, time::Duration};

use sightline_model::{Category, EntryState, Problem, Timestamp, Tlp};

use super::{MOST_LINE, MOST_REVIEW_DAYS, MOST_TAG, MOST_TAGS};
use crate::{
    dates::{DAY, Written},
    draft::Terms,
};

/// Days after which a draft that says nothing of its review is looked at again.
const DRAFT_DAYS: u32 = 30;

/// A draft under reading; `None` from a method means that the field was left out, or that its problem was noted.
pub(super) struct Reading<'a> {
    pub(super) terms: &'a Terms<'a>,
    /// What it is read for: an active entry must say more than a draft.
    state: EntryState,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    pub fn under(terms: &'a Terms<'a>, state: EntryState) -> Self {
        Self {
            terms,
            state,
            problems: Vec::new(),
        }
    }

    pub fn problem(&mut self, key: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(key, message, remedy));
    }

    /// One line of text that the draft or the defaults must have; empty where it is missing of what is not yet looked for.
    pub fn required(
        &mut self,
        key: &str,
        written: &Option<String>,
        default: &Option<String>,
    ) -> Option<String> {
        let known = self.problems.len();
        let text = self.line(key, written).or_else(|| {
            let default = default.as_deref()?.trim();
            (!default.is_empty()).then(|| default.to_owned())
        });
        match text {
            Some(text) => Some(text),
            None if self.problems.len() > known => None,
            None if self.state == EntryState::Draft => Some(String::new()),
            None => {
                self.missing(key);
                None
            }
        }
    }

    /// That nobody said what an entry can't be looked for without.
    pub fn missing(&mut self, key: &str) {
        let remedy = match key {
            "purpose" => "say why it is looked for",
            "legal_basis" => "name the law, order or consent that permits it",
            _ => "name who answers for it",
        };
        self.problem(
            key,
            "it is missing",
            format!("{remedy}, here or in the watchlist's defaults"),
        );
    }

    /// Words with commas or semicolons between, each once, in alphabetical order; none where nothing was written.
    pub fn tags(&mut self, written: &Option<String>) -> Option<Vec<String>> {
        let text = self.line("tags", written)?;
        let tags: BTreeSet<&str> = text
            .split([',', ';'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .collect();
        if let Some(long) = tags.iter().find(|tag| tag.chars().count() > MOST_TAG) {
            let start: String = long.chars().take(20).collect();
            self.problem(
                "tags",
                format!("'{start}…' is longer than {MOST_TAG} characters"),
                "tags are single words or short names; a note has more room",
            );
        }
        if tags.len() > MOST_TAGS {
            self.problem(
                "tags",
                format!(
                    "there are {} tags, and {MOST_TAGS} are the most",
                    tags.len()
                ),
                "leave some out",
            );
        }
        Some(tags.into_iter().map(str::to_owned).collect())
    }

    pub fn line(&mut self, key: &str, written: &Option<String>) -> Option<String> {
        let text = written.as_deref()?.trim();
        if let Some(problem) = line_problem(key, text) {
            self.problems.push(problem);
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub fn text(&mut self, key: &str, written: &Option<String>, most: usize) -> Option<String> {
        let text = written.as_deref()?.trim();
        if text.is_empty() {
            return None;
        }
        if let Some(problem) = text_problem(key, text, most) {
            self.problems.push(problem);
            return None;
        }
        // A file gives line breaks back as one character, whatever they were.
        Some(text.replace("\r\n", "\n").replace('\r', "\n"))
    }

    /// A word of a closed set.
    pub fn word<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        key: &str,
        written: &Option<String>,
    ) -> Option<T> {
        self.read(key, written, str::parse)
    }

    /// The same by a reading of its own.
    pub fn read<T, E: std::fmt::Display>(
        &mut self,
        key: &str,
        written: &Option<String>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.line(key, written)?;
        match read(&text) {
            Ok(member) => Some(member),
            Err(error) => {
                self.problem(
                    key,
                    error.to_string(),
                    "write one of these words, or leave it out",
                );
                None
            }
        }
    }

    pub fn category(&mut self, written: &Option<String>) -> Option<Category> {
        let known = self.problems.len();
        let category = self
            .read("category", written, Category::read)
            .or(self.terms.defaults.category);
        if category.is_none() && self.problems.len() == known {
            self.problem(
                "category",
                "it is missing",
                "say whose identifier it is thought to be: suspect, victim, witness or other",
            );
        }
        category
    }

    /// Reads the marking as it is usually printed, too: `TLP:AMBER+STRICT`, and `white` of TLP 1.0.
    pub fn tlp(&mut self, written: &Option<String>) -> Option<Tlp> {
        let plain = written.as_ref().map(|text| {
            let folded = text.trim().to_ascii_lowercase().replace('+', "_");
            match folded.strip_prefix("tlp:").unwrap_or(&folded).trim() {
                "white" => "clear".to_owned(),
                word => word.to_owned(),
            }
        });
        self.word("tlp", &plain).or(self.terms.defaults.tlp)
    }

    fn date(&mut self, key: &str, written: &Option<String>) -> Option<Written> {
        let text = self.line(key, written)?;
        match Written::read(&text) {
            Ok(read) => Some(read),
            Err(unread) => {
                let (message, remedy) = unread.in_words(&text);
                self.problem(key, message, remedy);
                None
            }
        }
    }

    pub fn review(&mut self, written: &Option<String>) -> Option<Timestamp> {
        let now = self.terms.now;
        let known = self.problems.len();
        let date = self.date("review_at", written).map(Written::start);
        if self.problems.len() > known {
            return None;
        }
        let drafts = (self.state == EntryState::Draft).then_some(DRAFT_DAYS);
        let after = self.terms.defaults.review_after_days.or(drafts);
        let Some(at) = date.or_else(|| after.map(|days| now + days_of(days))) else {
            self.problem(
                "review_at",
                "it is missing",
                "say when it must be looked at again, here or in the watchlist's defaults",
            );
            return None;
        };
        let last = now + days_of(MOST_REVIEW_DAYS);
        if at <= now || at > last {
            let fault = if at <= now {
                "in the past"
            } else {
                "more than two years ahead"
            };
            self.problem(
                "review_at",
                format!("{} is {fault}", day(at)),
                format!("choose a day from {} to {}", day(now + DAY), day(last)),
            );
            return None;
        }
        Some(at)
    }

    pub fn expiry(&mut self, written: &Option<String>) -> Option<Timestamp> {
        let now = self.terms.now;
        let date = self.date("expires_at", written);
        let at = date.map(Written::end).or_else(|| {
            let after = self.terms.defaults.expires_after_days?;
            Some(now + days_of(after))
        })?;
        if at <= now {
            // A day ends where the next begins, and is told by its own date.
            let last = date.map_or(at, Written::start);
            self.problem(
                "expires_at",
                format!("it ended on {}: it would never match", day(last)),
                "choose a day to come, or leave it out",
            );
            return None;
        }
        Some(at)
    }
}

/// What is wrong with what an entry keeps in one line; an entry's own words and the defaults of its list are held to the same.
pub(crate) fn line_problem(key: &str, text: &str) -> Option<Problem> {
    let is_broken = text.contains(['\n', '\r', '\t']);
    text_problem(key, text, MOST_LINE).or_else(|| {
        is_broken.then(|| {
            Problem::new(
                key,
                "it holds a line break or a tab",
                "write it in one line",
            )
        })
    })
}

/// The same of a text that may have several lines.
fn text_problem(key: &str, text: &str, most: usize) -> Option<Problem> {
    let acts = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if text.chars().any(acts) {
        return Some(Problem::new(
            key,
            "it holds a control character",
            "take it out",
        ));
    }
    (text.chars().count() > most).then(|| {
        Problem::new(
            key,
            format!("it is longer than {most} characters"),
            "shorten it, and keep the rest in the case file",
        )
    })
}

fn days_of(days: u32) -> Duration {
    DAY * days
}

fn day(at: Timestamp) -> String {
    at.to_utc().date_naive().to_string()
}
