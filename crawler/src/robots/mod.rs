//! robots.txt by RFC 9309, as Google's open parser reads it: what a site asks of crawlers, understood even where it is misspelt.
//!
//! Groups that name the crawler count together; only where none does, those for `*` do. The longest matching line wins, and
//! an allow line wins a tie. Lines that are not rules (Sitemap, Crawl-delay, what nobody knows) do not end a group.

mod parse;
mod pattern;
mod rule;

use std::{fmt, time::Duration};

use sightline_model::{Timestamp, normal_escapes};
use url::{Position, Url};

pub use pattern::Pattern;
pub use rule::RobotsRule;

/// A robots.txt, read.
#[derive(Clone, Debug, Default)]
pub struct Robots {
    groups: Vec<Group>,
    sitemaps: Vec<String>,
}

/// One line of a robots.txt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// What it comes to, such as `Disallow: /private/`.
    pub text: String,
}

/// What a robots.txt says to one URL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It may be fetched.
    Allowed {
        /// The line that says so; none where no line speaks of it.
        by: Option<Line>,
    },
    /// It may not.
    Disallowed {
        /// The line that says so.
        by: Line,
    },
    /// Nothing may be fetched, because robots.txt could not be.
    Unreachable {
        /// Why it could not: what the server answered, or what came instead of an answer.
        why: String,
        /// When it may be asked for again.
        again_at: Timestamp,
    },
}

impl Verdict {
    /// True if the URL may be fetched.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// A Crawl-delay line, which no standard has but many sites write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrawlDelay {
    /// What the site wrote.
    pub asked: Duration,
    /// What we keep to: the same, but at most [`CrawlDelay::LIMIT`]. Report it where the two differ.
    pub kept: Duration,
}

impl CrawlDelay {
    /// The longest delay that is kept. A site that wants fewer than 288 requests a day disallows crawlers.
    pub const LIMIT: Duration = Duration::from_secs(300);

    /// How many requests a day it leaves.
    pub fn requests_a_day(&self) -> u64 {
        let day = Duration::from_secs(24 * 60 * 60).as_millis();
        // A delay of less than a millisecond is none.
        let requests = day / self.kept.as_millis().max(1);
        u64::try_from(requests).unwrap_or(u64::MAX)
    }
}

/// What the site asks for and what that means: `robots.txt asks for a Crawl-delay of 600 s, kept at 300 s: at most 288 pages a
/// day`.
impl fmt::Display for CrawlDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (asked, kept) = (self.asked.as_secs_f64(), self.kept.as_secs_f64());
        write!(f, "robots.txt asks for a Crawl-delay of {asked} s")?;
        if self.kept < self.asked {
            write!(f, ", kept at {kept} s")?;
        }
        write!(f, ": at most {} pages a day", self.requests_a_day())
    }
}

/// The rules for a set of crawlers.
#[derive(Clone, Debug, Default)]
struct Group {
    /// Product tokens, as written.
    agents: Vec<String>,
    /// True if it is (also) for `*`.
    everyone: bool,
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Rule {
    number: u32,
    allow: bool,
    pattern: Pattern,
    /// A second reading of the same line, tried when the first does not match.
    other: Option<Pattern>,
}

impl Robots {
    /// The most bytes that are read (RFC 9309 §2.5): what follows is not there.
    pub const LIMIT: usize = 500 * 1024;

    /// Reads a robots.txt. Never fails: what makes no sense is skipped.
    pub fn parse(bytes: &[u8]) -> Self {
        parse::parse(&bytes[..bytes.len().min(Self::LIMIT)])
    }

    /// Whether the crawler with product token `agent` (`Sightline`, without version) may fetch `url`.
    pub fn allows(&self, agent: &str, url: &Url) -> Verdict {
        self.allows_path(agent, &url[Position::BeforePath..Position::AfterQuery])
    }

    /// The same for a path and query, percent-encoded: `/ads?page=2`. Where a redirect leads is asked for as it was spelt: leave
    /// is given to that spelling alone, and what is forbidden is so in any (RFC 9309 §2.2.2).
    fn allows_path(&self, agent: &str, path: &str) -> Verdict {
        let normal = normal_escapes(path);
        // RFC 9309 §2.2.2: the file itself is always allowed.
        if path == "/robots.txt" {
            return Verdict::Allowed { by: None };
        }
        let (mut allow, mut disallow): (Option<Match<'_>>, Option<Match<'_>>) = (None, None);
        for rule in self.groups_for(agent).flat_map(|group| &group.rules) {
            let best = if rule.allow {
                &mut allow
            } else {
                &mut disallow
            };
            let as_spelt = rule.matches(path.as_bytes());
            let as_meant = || rule.matches(normal.as_bytes()).filter(|_| !rule.allow);
            if let Some(length) = as_spelt.or_else(as_meant)
                && best.as_ref().is_none_or(|best| best.length < length)
            {
                *best = Some(Match { length, rule });
            }
        }
        match (allow, disallow) {
            // A disallow line without a path disallows nothing.
            (allow, Some(no))
                if no.length > 0 && allow.as_ref().is_none_or(|yes| yes.length < no.length) =>
            {
                Verdict::Disallowed { by: no.rule.line() }
            }
            (allow, _) => Verdict::Allowed {
                by: allow.map(|yes| yes.rule.line()),
            },
        }
    }

    /// The Crawl-delay for the crawler with product token `agent`; the longest where there are several.
    pub fn crawl_delay(&self, agent: &str) -> Option<CrawlDelay> {
        let asked = self
            .groups_for(agent)
            .filter_map(|group| group.crawl_delay)
            .max()?;
        Some(CrawlDelay {
            asked,
            kept: asked.min(CrawlDelay::LIMIT),
        })
    }

    /// The sitemaps that it names, as written.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    fn groups_for(&self, agent: &str) -> impl Iterator<Item = &Group> {
        let named = |group: &Group| {
            group
                .agents
                .iter()
                .any(|name| name.eq_ignore_ascii_case(agent))
        };
        let any_named = self.groups.iter().any(named);
        self.groups.iter().filter(move |group| match any_named {
            true => named(group),
            false => group.everyone,
        })
    }
}

struct Match<'a> {
    length: usize,
    rule: &'a Rule,
}

impl Rule {
    /// The length of the reading that matches.
    fn matches(&self, path: &[u8]) -> Option<usize> {
        [Some(&self.pattern), self.other.as_ref()]
            .into_iter()
            .flatten()
            .find(|pattern| pattern.matches(path))
            .map(Pattern::length)
    }

    fn line(&self) -> Line {
        let word = if self.allow { "Allow" } else { "Disallow" };
        Line {
            number: self.number,
            text: format!("{word}: {}", self.pattern),
        }
    }
}

#[cfg(test)]
mod tests;
