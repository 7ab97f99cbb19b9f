//! The way of one visit: hop by hop, each URL past every check, each request in its turn.

use std::{collections::HashSet, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use sightline_egress::Failure;
use sightline_model::{Outcome, RobotsText, Validators, VisitKind, visit::host_of};
use tokio::{task::spawn_blocking, time::timeout};
use url::Url;

use super::{Answer, Ask, Crawler, Memory, Session, VisitFailure, Visited, redirect, status};
use crate::{
    budget::{self, Ahead, HostGate, Permit, Refused},
    decode::{Limits, decode, needs},
    fetch::{self, Accept},
    room::Share,
};
use status::Meaning;

/// How long a visit waits for a host that asked to be left alone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Decoding more than this many bytes, or to more than that many, could hold up other visits, so it is done on a thread for
/// such work, where there is room for it.
const CODED_ASIDE: usize = 64 * 1024;
const SOON_DECODED: u64 = 512 * 1024;

/// A visit under way.
pub(super) struct Journey<'a, M> {
    pub(super) crawler: &'a Crawler,
    pub(super) session: &'a Session,
    ask: &'a Ask,
    memory: &'a M,
    /// The gates that were needed so far, that of the first host in front.
    gates: Vec<Arc<HostGate>>,
    pub(super) exchanges: Vec<fetch::Exchange>,
    /// The room that it has.
    share: Share,
    pub(super) robots: Vec<(String, RobotsText)>,
    /// True where the last answer was a refusal that is the page's own.
    alone: bool,
}

impl<'a, M: Memory> Journey<'a, M> {
    pub(super) fn begin(
        crawler: &'a Crawler,
        session: &'a Session,
        ask: &'a Ask,
        home: &Arc<HostGate>,
        memory: &'a M,
    ) -> Self {
        Self {
            crawler,
            session,
            ask,
            memory,
            gates: vec![Arc::clone(home)],
            exchanges: Vec::new(),
            share: crawler.room.share(),
            robots: Vec::new(),
            alone: false,
        }
    }

    pub(super) async fn make(mut self) -> Visited {
        let result = self.travel().await;
        Visited {
            exchanges: self.exchanges,
            result,
            robots: self.robots,
            others: self.gates.split_off(1),
            room: self.share,
        }
    }

    async fn travel(&mut self) -> Result<Answer, VisitFailure> {
        let mut url = self.ask.url.clone();
        // With the cookies, because a site may redirect a URL to itself to set one.
        let mut seen = HashSet::new();
        for _ in 0..=self.crawler.settings.redirects {
            let cookies = self.session.cookies_for(&url);
            if !seen.insert((url.clone(), cookies.clone())) {
                return Err(self.failure(
                    Outcome::RedirectLoop,
                    "the redirects lead back to where they came from",
                ));
            }
            match self.hop(&url, cookies).await? {
                Hop::Arrived(answer) => return Ok(answer),
                Hop::Onward(target) => url = target,
            }
        }
        let most = self.crawler.settings.redirects;
        Err(self.failure(
            Outcome::TooManyRedirects,
            &format!("more than {most} redirects"),
        ))
    }

    /// Everything that one URL must pass, and its exchange.
    async fn hop(&mut self, url: &Url, cookies: Option<String>) -> Result<Hop, VisitFailure> {
        if self.memory.has_erased(url) {
            let failure = self.failure(
                Outcome::Erased,
                "what stands there, or where it leads, was erased: it is not fetched until `sightline erase allow`",
            );
            // The redirect that led here names it.
            self.exchanges.pop();
            return Err(failure);
        }
        self.session
            .scope
            .admits(url, self.ask.depth, self.ask.kind)
            .map_err(|reason| self.failure(Outcome::OutOfScope, &reason.to_string()))?;
        self.crawler
            .egress
            .check_url(url)
            .map_err(|refusal| VisitFailure::from(Failure::from(refusal)))?;
        let gate = self.gate(url).await;
        self.ask_robots(&gate, url).await?;

        let validators = self
            .ask
            .known
            .as_ref()
            .filter(|known| known.url == *url)
            .map(|known| known.validators.clone())
            .filter(|validators| *validators != Validators::default());
        let conditional = validators.is_some();
        let ask = fetch::Ask {
            url: url.clone(),
            accept: match self.ask.kind {
                VisitKind::List | VisitKind::Detail => Accept::Page,
                VisitKind::Image => Accept::Image,
            },
            validators,
            cookies,
        };
        let index = self.exchange(&gate, &ask).await?;
        let exchange = &self.exchanges[index];
        self.session.take_cookies(url, &exchange.headers);
        let now = self.crawler.clock.now();
        let unchanged = match status::meaning(exchange.status, &exchange.headers, conditional, now)
        {
            Meaning::Body => false,
            Meaning::Unchanged => true,
            Meaning::Redirect => {
                let target = redirect::target(url, exchange.status, &exchange.headers)?;
                return Ok(Hop::Onward(target));
            }
            Meaning::Failed(failure) => {
                return Err(VisitFailure {
                    alone: self.alone,
                    ..failure
                });
            }
        };
        let (status, content_type) = (exchange.status, exchange.content_type());
        Ok(Hop::Arrived(Answer {
            url: url.clone(),
            exchange: index,
            status,
            content_type,
            body: match unchanged {
                true => Bytes::new(),
                false => self.decoded(index).await?,
            },
            unchanged,
        }))
    }

    /// One exchange in its turn; the host's gate hears how it was answered. Returns its place among the exchanges.
    pub(super) async fn exchange(
        &mut self,
        gate: &Arc<HostGate>,
        ask: &fetch::Ask,
    ) -> Result<usize, VisitFailure> {
        let Crawler { clock, mint, .. } = self.crawler;
        let permit = self.turn(gate).await?;
        let fetched = self.session.fetcher.fetch(ask, &mut self.share).await;
        drop(permit);
        let now = clock.now();
        let (status, retry_after) = match &fetched {
            Ok(exchange) => (
                Some(exchange.status),
                fetch::retry_after(&exchange.headers, now),
            ),
            Err(failure) => (failure.status, failure.retry_after),
        };
        let (is_robots, refused) = match ask.accept {
            Accept::Robots => (true, Refused::Never),
            Accept::Page | Accept::Image => (false, self.ask.refused),
        };
        let told = status.map(|status| status::told(status, retry_after, refused));
        // That robots.txt is served as ever says nothing about the pages.
        let told = told.filter(|told| !is_robots || *told != budget::Answer::Ok);
        let refusal = told.and_then(|told| gate.answered(told, now, mint));
        self.alone = refusal.is_some_and(|refusal| refusal.alone);
        match fetched {
            Ok(exchange) => {
                self.exchanges.push(exchange);
                Ok(self.exchanges.len() - 1)
            }
            // The head of the answer said what matters, though its body broke off.
            Err(failure) => Err(match failure.status {
                Some(status @ (429 | 503)) => VisitFailure {
                    outcome: Outcome::RateLimited,
                    detail: format!("the server answered {status}"),
                    alone: self.alone,
                    ..failure.into()
                },
                _ => failure.into(),
            }),
        }
    }

    /// Leave to send one request, in its turn: also at a host that is another's, to which a page or its robots.txt redirects,
    /// nothing is sent but in a stretch that is reserved. A visit waits as long as the pace of its host asks for, but not for a
    /// host that wants to be left alone for long: it makes room for others, and comes again.
    async fn turn(&self, gate: &Arc<HostGate>) -> Result<Permit, VisitFailure> {
        let Crawler { clock, mint, .. } = self.crawler;
        let ahead = match Arc::ptr_eq(gate, &self.gates[0]) {
            true => Ahead::Several,
            false => Ahead::One,
        };
        let mut turn = pin!(gate.turn_by(self.memory, ahead, clock.as_ref(), mint));
        loop {
            let now = clock.now();
            let until = gate.state().backoff_until.unwrap_or(now);
            if until.since(now) > PATIENCE {
                return Err(VisitFailure {
                    outcome: Outcome::RateLimited,
                    detail: format!("the host asked to be left alone until {until}"),
                    status: None,
                    retry_after: Some(until.since(now)),
                    alone: false,
                });
            }
            // The place in the queue is kept while looking up.
            if let Ok(permit) = timeout(PATIENCE, turn.as_mut()).await {
                return Ok(permit);
            }
        }
    }

    /// The body of an exchange with its content encodings undone.
    async fn decoded(&mut self, index: usize) -> Result<Bytes, VisitFailure> {
        let exchange = &self.exchanges[index];
        let settings = &self.crawler.settings;
        let limits = Limits {
            bytes: settings.decoded_bytes,
            ratio: settings.decoded_ratio,
        };
        let soon = Limits {
            bytes: limits.bytes.min(SOON_DECODED),
            ..limits
        };
        let is_short = !exchange
            .headers
            .contains_key(http::header::CONTENT_ENCODING)
            || exchange.body.len() <= CODED_ASIDE;
        let at_once = is_short
            .then(|| decode(&exchange.body, &exchange.headers, soon))
            .filter(|decoded| !decoded.as_ref().is_err_and(is_bomb));
        let status = exchange.status;
        let decoded = match at_once {
            Some(decoded) => decoded,
            None => {
                let (body, headers) = (exchange.body.clone(), exchange.headers.clone());
                self.decoded_aside(body, headers, limits).await
            }
        };
        decoded.map_err(|failure| VisitFailure {
            status: Some(status),
            ..failure.into()
        })
    }

    /// It may grow to the limit, so there must be room for that; what it has not grown to is given back.
    async fn decoded_aside(
        &mut self,
        body: Bytes,
        headers: HeaderMap,
        limits: Limits,
    ) -> Result<Bytes, Failure> {
        let room = needs(&body, &headers, limits);
        self.share.read(room).await;
        let decoded = spawn_blocking(move || decode(&body, &headers, limits)).await;
        let kept = match &decoded {
            Ok(Ok(decoded)) => decoded.len() as u64,
            _ => 0,
        };
        self.share.give(room.saturating_sub(kept));
        decoded.map_err(|error| {
            Failure::new(Outcome::Panicked, format!("decoding the body: {error}"))
        })?
    }

    /// The gate of `url`'s host: one that this visit has used already, or the registry's.
    pub(super) async fn gate(&mut self, url: &Url) -> Arc<HostGate> {
        let host = host_of(url);
        if let Some(gate) = self.gates.iter().find(|gate| gate.host() == host) {
            return Arc::clone(gate);
        }
        let state = self.memory.recall(&host).await;
        let gate = self.crawler.gate(self.session, &state);
        gate.heed(&state);
        self.gates.push(Arc::clone(&gate));
        gate
    }

    /// A failure of the journey so far, with the last answer's status.
    fn failure(&self, outcome: Outcome, detail: &str) -> VisitFailure {
        VisitFailure {
            outcome,
            detail: detail.to_owned(),
            status: self.exchanges.last().map(|exchange| exchange.status),
            retry_after: None,
            alone: false,
        }
    }
}

enum Hop {
    Arrived(Answer),
    Onward(Url),
}

fn is_bomb(failure: &Failure) -> bool {
    failure.outcome == Outcome::Bomb
}
