//! The settings of politeness: how hard a source may ask of its hosts.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

/// How hard a source may ask of each of its hosts. Where two sources share a host, the stricter value of each counts; a
/// Crawl-delay in robots.txt can only make it slower.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Politeness {
    /// Requests begun per second and host: from 0.001 to 50. 0.5 is one request every two seconds.
    pub requests_per_second: f64,
    /// Requests under way at once per host: from 1 to 64.
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: u32,
    /// Extra pause before a request, drawn at random, as a share of the pause between requests: from 0 to 1. Never shortens it.
    pub jitter: f64,
    /// True to leave out the pause between requests. For sites of your own and for tests: Crawl-delay, Retry-After and
    /// `concurrency` still hold.
    pub unlimited: bool,
}

impl Default for Politeness {
    fn default() -> Self {
        Self {
            requests_per_second: 0.5,
            concurrency: 1,
            jitter: 0.2,
            unlimited: false,
        }
    }
}

impl Politeness {
    const SLOWEST: f64 = 0.001;
    const FASTEST: f64 = 50.0;

    /// What is wrong with these values; empty when nothing is.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.unlimited && self.requests_per_second != Self::default().requests_per_second {
            problems.push(Problem::new(
                "unlimited",
                format!(
                    "unlimited = true leaves out every pause, and requests_per_second = {} asks for one",
                    self.requests_per_second
                ),
                "keep the one that is meant; unlimited is for sites of your own",
            ));
        }
        if !(Self::SLOWEST..=Self::FASTEST).contains(&self.requests_per_second) {
            problems.push(Problem::new(
                "requests_per_second",
                format!(
                    "{} requests per second is out of range",
                    self.requests_per_second
                ),
                "write a number from 0.001 to 50, such as 0.5; for no pause at all on a site of your own, set unlimited = true",
            ));
        }
        if !(1..=64).contains(&self.concurrency) {
            problems.push(Problem::new(
                "concurrency",
                format!("{} requests at once is out of range", self.concurrency),
                "write a whole number from 1 to 64, such as 1",
            ));
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            problems.push(Problem::new(
                "jitter",
                format!("a jitter of {} is out of range", self.jitter),
                "write a share from 0 to 1, such as 0.2",
            ));
        }
        problems
    }

    /// The pause from one request's start to the next one's; zero when unlimited. A value out of range counts as the slowest.
    pub fn pause(&self) -> Duration {
        if self.unlimited {
            return Duration::ZERO;
        }
        let rate = if self.requests_per_second >= Self::SLOWEST {
            self.requests_per_second.min(Self::FASTEST)
        } else {
            Self::SLOWEST
        };
        Duration::from_secs_f64(1.0 / rate)
    }
}
