//! What a robots.txt, or its absence, comes to, and for how long that holds.

use std::time::Duration;

use sightline_model::{RobotsText, Timestamp};
use url::Url;

use super::{CrawlDelay, Robots, Verdict};

/// What holds for a host after asking for its robots.txt.
#[derive(Clone, Debug)]
pub struct RobotsRule {
    fetched_at: Timestamp,
    max_age: Option<Duration>,
    answer: Answer,
}

#[derive(Clone, Debug)]
enum Answer {
    /// There is one.
    Rules(Robots),
    /// There is none: everything is allowed.
    None,
    /// It could not be had, for this reason: nothing is allowed.
    Unreachable(String),
}

/// RFC 9309 §2.4: not longer than a day.
const HOLDS: Duration = Duration::from_secs(24 * 60 * 60);
/// A failure is asked about again sooner, so that a short outage does not cost a day.
const FAILURE_HOLDS: Duration = Duration::from_secs(10 * 60);
/// A site that lets it hold for less is asked this often all the same: at every page would be a burden to it.
const SHORTEST: Duration = Duration::from_secs(10 * 60);

impl From<&RobotsText> for RobotsRule {
    /// By status (RFC 9309 §2.3.1): 2xx is read; 4xx, and 3xx after too many redirects, means that there is none; 5xx, 429 and
    /// no answer mean that nothing may be fetched.
    fn from(text: &RobotsText) -> Self {
        let answer = match text.status {
            Some(200..=299) => Answer::Rules(Robots::parse(text.body.as_bytes())),
            // Google reads 429 as a failure of the server, and it is no leave to go on.
            Some(300..=428 | 430..=499) => Answer::None,
            Some(status) => Answer::Unreachable(format!("the server answered {status}")),
            None => Answer::Unreachable(match &text.failure {
                Some(failure) => failure.clone(),
                None => "there was no answer".to_owned(),
            }),
        };
        Self {
            fetched_at: text.fetched_at,
            max_age: text.max_age,
            answer,
        }
    }
}

impl RobotsRule {
    /// True while it need not be fetched again: for as long as the site's Cache-Control says, from ten minutes to a day;
    /// for a day where it says nothing, and after a failure for ten minutes.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        // An instant in the future is a clock that was wrong: not to be trusted either.
        self.fetched_at <= now && now < self.holds_until()
    }

    fn holds_until(&self) -> Timestamp {
        let holds = match self.answer {
            Answer::Unreachable(_) => FAILURE_HOLDS,
            Answer::Rules(_) | Answer::None => self
                .max_age
                .map_or(HOLDS, |asked| asked.clamp(SHORTEST, HOLDS)),
        };
        self.fetched_at + holds
    }

    /// Whether the crawler with product token `agent` may fetch `url`.
    pub fn allows(&self, agent: &str, url: &Url) -> Verdict {
        match &self.answer {
            Answer::Rules(robots) => robots.allows(agent, url),
            Answer::None => Verdict::Allowed { by: None },
            Answer::Unreachable(why) => Verdict::Unreachable {
                why: why.clone(),
                again_at: self.holds_until(),
            },
        }
    }

    /// The Crawl-delay for the crawler with product token `agent`.
    pub fn crawl_delay(&self, agent: &str) -> Option<CrawlDelay> {
        match &self.answer {
            Answer::Rules(robots) => robots.crawl_delay(agent),
            Answer::None | Answer::Unreachable(_) => None,
        }
    }

    /// The sitemaps that it names, as written.
    pub fn sitemaps(&self) -> &[String] {
        match &self.answer {
            Answer::Rules(robots) => robots.sitemaps(),
            Answer::None | Answer::Unreachable(_) => &[],
        }
    }
}
