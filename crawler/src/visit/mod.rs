//! One visit: from a URL that is due to a body, or to the reason why there is none.
//!
//! A visit is a journey of hops, for sites redirect. Before each hop the URL must be in the source's scope, pass the egress
//! gate and be allowed by its host's robots.txt; then it waits for its turn at that host. Every exchange on the way is
//! handed back in order, robots.txt and redirects included, to be kept as evidence.

mod redirect;
mod robots;
mod session;
mod status;

use std::{
    collections::HashSet,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use sightline_egress::{Client, ClientOptions, Egress, EgressError, Failure, Proxy};
use sightline_model::{
    Clock, HostState, Mint, Outcome, RobotsText, Validators, VisitKind, visit::host_of,
};
use tokio::{task::spawn_blocking, time::timeout};
use url::Url;

use crate::{
    budget::{HostGate, Hosts, Permit},
    decode::{Limits, decode},
    fetch::{self, Accept, Exchange, FetchFailure, Fetcher},
    settings::{FetchSettings, check_contact},
};
use status::Meaning;

pub use session::{OpenError, RobotsUse, Session, SourceAccess};

/// How long a visit waits for a host that asked to be left alone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Decoding more than this many bytes could hold up other visits, so it is done on a thread for such work.
const DECODED_ASIDE: usize = 64 * 1024;

/// What a visit is to fetch.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The canonical URL.
    pub url: Url,
    /// What it hopes to find.
    pub kind: VisitKind,
    /// Links from the start page.
    pub depth: u32,
    /// What is known of the page from last time.
    pub known: Option<Known>,
}

/// What a server gave to ask "has it changed?" by, and for which URL: another URL is not asked by it, for a date alone
/// could make a different page look unchanged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The URL whose answer had them.
    pub url: Url,
    /// The validators.
    pub validators: Validators,
}

/// What came of a visit.
pub struct Visited {
    /// Every exchange on the way, in order: all are evidence.
    pub exchanges: Vec<Exchange>,
    /// The body, or why there is none.
    pub result: Result<Answer, VisitFailure>,
    /// robots.txt files that were fetched on the way, by host and port, to be remembered.
    pub robots: Vec<(String, RobotsText)>,
    /// The gates of other hosts that were asked on the way; their states are to be remembered, too.
    pub others: Vec<Arc<HostGate>>,
}

/// A visit that ended with a body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The URL that gave it, after redirects.
    pub url: Url,
    /// Which of the exchanges it is in.
    pub exchange: usize,
    /// The status: 200, or 304 where it is unchanged.
    pub status: u16,
    /// The Content-Type header.
    pub content_type: Option<String>,
    /// The body, content encodings undone; empty where it is unchanged.
    pub body: Bytes,
    /// True for a 304.
    pub unchanged: bool,
}

/// A visit that ended without a body.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct VisitFailure {
    /// What it counts as.
    pub outcome: Outcome,
    /// What happened, as a sentence.
    pub detail: String,
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// How long the site asked us to wait, at most a day. The host's gate knows it already.
    pub retry_after: Option<Duration>,
}

impl From<Failure> for VisitFailure {
    fn from(failure: Failure) -> Self {
        Self::from(FetchFailure::from(failure))
    }
}

impl From<FetchFailure> for VisitFailure {
    fn from(failure: FetchFailure) -> Self {
        Self {
            outcome: failure.outcome,
            detail: failure.detail,
            status: failure.status,
            retry_after: failure.retry_after,
        }
    }
}

/// What is remembered of hosts that a visit comes to by a redirect.
pub trait HostMemory: Sync {
    /// The state of `host` (`ads.example:443`) as last stored; a fresh one where there is none.
    fn recall(&self, host: &str) -> impl Future<Output = HostState> + Send;
}

/// Remembers nothing: for one-off visits.
impl HostMemory for () {
    async fn recall(&self, host: &str) -> HostState {
        HostState {
            host: host.to_owned(),
            ..HostState::default()
        }
    }
}

/// Fetches politely. One stands in each process.
pub struct Crawler {
    egress: Egress,
    settings: Arc<FetchSettings>,
    clock: Arc<dyn Clock>,
    mint: Arc<Mint>,
    hosts: Hosts,
    /// The client without a proxy: its connections and its certificates are shared by all sources.
    direct: Mutex<Option<Client>>,
}

impl Crawler {
    /// A crawler behind `egress`.
    pub fn new(
        egress: Egress,
        settings: FetchSettings,
        clock: Arc<dyn Clock>,
        mint: Arc<Mint>,
    ) -> Self {
        Self {
            egress,
            settings: Arc::new(settings),
            clock,
            mint,
            hosts: Hosts::new(),
            direct: Mutex::default(),
        }
    }

    /// Opens a source. An override of robots.txt is logged here, once.
    ///
    /// # Errors
    /// If nobody answers for the crawl, an override has no reason, or the source's proxy cannot be used.
    pub fn open(&self, access: SourceAccess) -> Result<Session, OpenError> {
        let contact = access.contact.as_deref().unwrap_or(&self.settings.contact);
        if let Some(problem) = check_contact(contact) {
            return Err(OpenError::Contact(problem));
        }
        if let RobotsUse::Override { reason } = &access.robots {
            if reason.trim().is_empty() {
                return Err(OpenError::NoReason {
                    source_name: access.name,
                });
            }
            tracing::info!(
                source = access.name,
                reason,
                "robots.txt is overridden for this source"
            );
        }
        let client = self
            .client(access.proxy.as_ref())
            .map_err(|error| OpenError::Egress {
                source_name: access.name.clone(),
                error,
            })?;
        let fetcher = Fetcher::new(
            client,
            Arc::clone(&self.settings),
            contact,
            Arc::clone(&self.clock),
        );
        Ok(Session::new(access, fetcher))
    }

    /// The gate of a host, which from now on also minds what the session's source asks for. See [`Hosts::gate`].
    pub fn gate(&self, session: &Session, state: &HostState) -> Arc<HostGate> {
        self.hosts.gate(state, &session.name, &session.politeness)
    }

    /// Makes one visit. `home` is the gate of the URL's own host; `memory` is asked about others that it is redirected to.
    pub async fn visit<M: HostMemory>(
        &self,
        session: &Session,
        ask: &Ask,
        home: &Arc<HostGate>,
        memory: &M,
    ) -> Visited {
        let mut journey = Journey {
            crawler: self,
            session,
            ask,
            memory,
            gates: vec![Arc::clone(home)],
            exchanges: Vec::new(),
            robots: Vec::new(),
        };
        let result = journey.travel().await;
        Visited {
            exchanges: journey.exchanges,
            result,
            robots: journey.robots,
            others: journey.gates.split_off(1),
        }
    }

    fn client(&self, proxy: Option<&Proxy>) -> Result<Client, EgressError> {
        let options = ClientOptions {
            connect_timeout: self.settings.connect_timeout(),
            max_headers: self.settings.headers,
            proxy: proxy.cloned(),
        };
        if proxy.is_some() {
            return self.egress.client(&options);
        }
        let mut direct = self.direct.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*direct {
            return Ok(client.clone());
        }
        let client = self.egress.client(&options)?;
        *direct = Some(client.clone());
        Ok(client)
    }
}

/// A visit under way.
struct Journey<'a, M> {
    crawler: &'a Crawler,
    session: &'a Session,
    ask: &'a Ask,
    memory: &'a M,
    /// The gates that were needed so far, that of the first host in front.
    gates: Vec<Arc<HostGate>>,
    exchanges: Vec<Exchange>,
    robots: Vec<(String, RobotsText)>,
}

impl<M: HostMemory> Journey<'_, M> {
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
            Meaning::Failed(failure) => return Err(failure),
        };
        Ok(Hop::Arrived(Answer {
            url: url.clone(),
            exchange: index,
            status: exchange.status,
            content_type: exchange.content_type(),
            body: if unchanged {
                Bytes::new()
            } else {
                self.decoded(exchange).await?
            },
            unchanged,
        }))
    }

    /// One exchange in its turn; the host's gate hears how it was answered. Returns its place among the exchanges.
    async fn exchange(
        &mut self,
        gate: &Arc<HostGate>,
        ask: &fetch::Ask,
    ) -> Result<usize, VisitFailure> {
        let Crawler { clock, mint, .. } = self.crawler;
        let permit = self.turn(gate).await?;
        let fetched = self.session.fetcher.fetch(ask).await;
        drop(permit);
        let now = clock.now();
        let (status, retry_after) = match &fetched {
            Ok(exchange) => (
                Some(exchange.status),
                fetch::retry_after(&exchange.headers, now),
            ),
            Err(failure) => (failure.status, failure.retry_after),
        };
        if let Some(status) = status {
            gate.answered(status::told(status, retry_after), now, mint);
        }
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
                    ..failure.into()
                },
                _ => failure.into(),
            }),
        }
    }

    /// Leave to send one request, in its turn. A visit waits as long as the pace of its host asks for, but not for a host that wants to
    /// be left alone for long: it makes room for others, and comes again.
    async fn turn(&self, gate: &Arc<HostGate>) -> Result<Permit, VisitFailure> {
        let Crawler { clock, mint, .. } = self.crawler;
        let mut turn = pin!(gate.turn(clock.as_ref(), mint));
        loop {
            let now = clock.now();
            let until = gate.state().backoff_until.unwrap_or(now);
            if until.since(now) > PATIENCE {
                return Err(VisitFailure {
                    outcome: Outcome::RateLimited,
                    detail: format!("the host asked to be left alone until {until}"),
                    status: None,
                    retry_after: Some(until.since(now)),
                });
            }
            // The place in the queue is kept while looking up.
            if let Ok(permit) = timeout(PATIENCE, turn.as_mut()).await {
                return Ok(permit);
            }
        }
    }

    async fn decoded(&self, exchange: &Exchange) -> Result<Bytes, VisitFailure> {
        let settings = &self.crawler.settings;
        let limits = Limits {
            bytes: settings.decoded_bytes,
            ratio: settings.decoded_ratio,
        };
        let coded = exchange
            .headers
            .contains_key(http::header::CONTENT_ENCODING);
        let decoded = if coded && exchange.body.len() > DECODED_ASIDE {
            let (body, headers) = (exchange.body.clone(), exchange.headers.clone());
            spawn_blocking(move || decode(&body, &headers, limits))
                .await
                .map_err(|error| {
                    self.failure(Outcome::Panicked, &format!("decoding the body: {error}"))
                })?
        } else {
            decode(&exchange.body, &exchange.headers, limits)
        };
        decoded.map_err(|failure| VisitFailure {
            status: Some(exchange.status),
            ..failure.into()
        })
    }

    /// The gate of `url`'s host: one that this visit has used already, or the registry's.
    async fn gate(&mut self, url: &Url) -> Arc<HostGate> {
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
        }
    }
}

enum Hop {
    Arrived(Answer),
    Onward(Url),
}
