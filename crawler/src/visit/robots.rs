//! robots.txt for a visit: known, or fetched first, under the same politeness as any page.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, header};
use sightline_model::{Outcome, RobotsText, Timestamp};
use url::Url;

use super::{Memory, VisitFailure, journey::Journey, redirect};
use crate::{
    budget::HostGate,
    decode::decode_start,
    fetch::{Accept, Ask, Exchange, Fetcher},
    robots::{Robots, RobotsRule, Verdict},
};

/// RFC 9309 §2.3.1.2: at least five hops are followed.
const REDIRECTS: usize = 5;

impl<M: Memory> Journey<'_, M> {
    /// Whether robots.txt of the host behind `gate` lets us fetch `url`.
    pub(super) async fn ask_robots(
        &mut self,
        gate: &Arc<HostGate>,
        url: &Url,
    ) -> Result<(), VisitFailure> {
        if !self.session.obeys_robots {
            return Ok(());
        }
        let rule = match gate.robots(self.crawler.clock.now()) {
            Some(rule) => rule,
            None => self.learn_robots(gate, url).await?,
        };
        if let Some(delay) = rule.crawl_delay(Fetcher::AGENT) {
            gate.keep_delay(Some(delay));
        }
        Err(match rule.allows(Fetcher::AGENT, url) {
            Verdict::Allowed { .. } => return Ok(()),
            Verdict::Disallowed { by } => VisitFailure {
                outcome: Outcome::RobotsDenied,
                detail: format!("line {} of robots.txt says '{}'", by.number, by.text),
                status: None,
                retry_after: None,
                alone: false,
            },
            // Earlier it would not be asked for again, and the same would come of it.
            Verdict::Unreachable { why, again_at } => {
                let again_at = gate.next_at().max(again_at);
                VisitFailure {
                    outcome: Outcome::RobotsUnreachable,
                    detail: format!(
                        "{why}; it is asked for again after {}",
                        to_the_second(again_at)
                    ),
                    status: None,
                    retry_after: Some(again_at.since(self.crawler.clock.now())),
                    alone: false,
                }
            }
        })
    }

    /// Fetches the host's robots.txt, unless another visit does so at this moment.
    async fn learn_robots(
        &mut self,
        gate: &Arc<HostGate>,
        url: &Url,
    ) -> Result<Arc<RobotsRule>, VisitFailure> {
        let _alone = gate.fetching_robots().await;
        if let Some(rule) = gate.robots(self.crawler.clock.now()) {
            return Ok(rule);
        }
        let text = self.fetch_robots(gate, url).await?;
        let rule = gate.learn_robots(text.clone());
        if let Some(delay) = rule.crawl_delay(Fetcher::AGENT)
            && delay.kept < delay.asked
        {
            // A site may be of any number of hosts: below what is logged by default.
            tracing::debug!(
                host = gate.host(),
                asked = delay.asked.as_secs(),
                kept = delay.kept.as_secs(),
                "this host's Crawl-delay is longer than we keep to"
            );
        }
        self.robots.push((gate.host().to_owned(), text));
        Ok(rule)
    }

    /// Fetches it, redirects included. What cannot be had is written down as such; only where we never got as far as
    /// the host is there nothing to write down.
    async fn fetch_robots(
        &mut self,
        gate: &Arc<HostGate>,
        url: &Url,
    ) -> Result<RobotsText, VisitFailure> {
        let mut target = robots_url(url);
        let mut hop_gate = Arc::clone(gate);
        for hop in 0..=REDIRECTS {
            let ask = Ask {
                url: target.clone(),
                accept: Accept::Robots,
                validators: None,
                cookies: None,
            };
            let exchange = match self.exchange(&hop_gate, &ask).await {
                Ok(index) => &self.exchanges[index],
                Err(failure) if hop == 0 && never_got_there(&failure) => return Err(failure),
                Err(failure) => {
                    tracing::debug!(host = gate.host(), %failure, "robots.txt could not be had");
                    let why = match hop {
                        0 => failure.detail,
                        _ => format!("it redirects to {}: {}", hop_gate.host(), failure.detail),
                    };
                    return Ok(RobotsText {
                        failure: Some(why),
                        ..self.robots_text(None, None, String::new())
                    });
                }
            };
            if !matches!(exchange.status, 301 | 302 | 303 | 307 | 308) {
                let (status, body) = (exchange.status, text(exchange));
                let max_age = max_age(&exchange.headers);
                return Ok(self.robots_text(Some(status), max_age, body));
            }
            let status = exchange.status;
            target = match redirect::target(&target, status, &exchange.headers) {
                Ok(target) => target,
                // A redirect that leads nowhere says that there is none, as too many of them do.
                Err(_) => return Ok(self.robots_text(Some(status), None, String::new())),
            };
            hop_gate = self.gate(&target).await;
        }
        // RFC 9309 §2.3.1.2: too many redirects count as if there were none.
        Ok(self.robots_text(Some(302), None, String::new()))
    }

    fn robots_text(
        &self,
        status: Option<u16>,
        max_age: Option<Duration>,
        body: String,
    ) -> RobotsText {
        RobotsText {
            fetched_at: self.crawler.clock.now(),
            max_age,
            status,
            failure: None,
            body,
        }
    }
}

fn to_the_second(at: Timestamp) -> impl std::fmt::Display {
    at.to_utc().format("%Y-%m-%d %H:%M:%SZ")
}

/// Failures that say nothing about the host's robots.txt, because the host was not asked: where it can't prove who it is, that is
/// the fault, and a page of it would meet the same.
fn never_got_there(failure: &VisitFailure) -> bool {
    match failure.outcome {
        Outcome::EgressRefused | Outcome::DnsFailed | Outcome::ProxyFailed | Outcome::TlsFailed => {
            true
        }
        Outcome::RateLimited => failure.status.is_none(),
        _ => false,
    }
}

/// How long an answer says that it holds (RFC 9111 §5.2.2.1). The shortest counts where it says several; a text that is
/// no number says nothing.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|directive| {
            let (name, seconds) = directive.split_once('=')?;
            let is_max_age = name.trim().eq_ignore_ascii_case("max-age");
            let seconds: u64 = seconds.trim().trim_matches('"').parse().ok()?;
            // RFC 9111 §1.2.2: what is too large counts as 2^31.
            is_max_age.then_some(Duration::from_secs(seconds.min(1 << 31)))
        })
        .min()
}

fn robots_url(url: &Url) -> Url {
    let mut robots = url.clone();
    robots.set_path("/robots.txt");
    robots.set_query(None);
    robots.set_fragment(None);
    robots
}

/// The first 500 KiB, content encodings undone. A body in an unknown coding reads as empty, like any other text without
/// rules.
fn text(exchange: &Exchange) -> String {
    let bytes = decode_start(&exchange.body, &exchange.headers, Robots::LIMIT as u64);
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn cache_control_is_read_as_it_is_written() {
        for (lines, expected) in [
            (&["max-age=3600"][..], Some(3_600)),
            (&["public, Max-Age=\"60\", must-revalidate"], Some(60)),
            (&["max-age=600", "max-age=60"], Some(60)),
            (&["s-maxage=60"], None),
            (&["max-age=soon"], None),
            (&["max-age=-1"], None),
            (&["no-cache"], None),
            (&[], None),
        ] {
            let headers: HeaderMap = lines
                .iter()
                .map(|line| (header::CACHE_CONTROL, HeaderValue::from_static(line)))
                .collect();
            assert_eq!(
                max_age(&headers),
                expected.map(Duration::from_secs),
                "{lines:?}"
            );
        }
    }
}
