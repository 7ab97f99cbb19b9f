//! One visit: from a URL that is due to a body, or to the reason why there is none.
//!
//! A visit is a journey of hops, for sites redirect. Before each hop the URL must be in the source's scope, pass the
//! egress gate and be allowed by its host's robots.txt; then it waits for its turn at that host. Every exchange on the
//! way is handed back in order, robots.txt and redirects included, to be kept as evidence.

mod journey;
mod redirect;
mod robots;
mod session;
mod status;

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use sightline_egress::{Client, ClientOptions, Egress, EgressError, Failure, Proxy};
use sightline_model::{Clock, HostState, Mint, Outcome, RobotsText, Validators, VisitKind};
use url::Url;

use crate::{
    budget::{Book, HostGate, Hosts, Refused},
    fetch::{Exchange, FetchFailure, Fetcher},
    robots::CrawlDelay,
    room::{Room, Share},
    settings::{FetchSettings, check_contact},
};
use journey::Journey;

pub use session::{OpenError, RobotsUse, Session, SourceAccess};

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
    /// Whether it refused before in this run.
    pub refused: Refused,
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
    /// The room that all this has: it is kept until nothing of it is held any more.
    pub room: Share,
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
    /// True of a refusal that is the page's own: its host answers others.
    pub alone: bool,
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
            alone: false,
        }
    }
}

/// What is remembered of what a visit comes to on its way, and the book in which its turns are reserved.
pub trait Memory: Book {
    /// The state of `host` (`ads.example:443`) as last stored; a fresh one where there is none.
    fn recall(&self, host: &str) -> impl Future<Output = HostState> + Send;

    /// True where what stood at `url` was erased: it is not asked for, and no exchange that names it is handed back.
    fn has_erased(&self, _url: &Url) -> bool {
        false
    }
}

/// Remembers nothing: for one-off visits.
impl Memory for () {
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
    /// What visits may take of this machine's memory.
    room: Room,
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
            room: Room::default(),
            direct: Mutex::default(),
        }
    }

    /// The delay that sets the pace at a host, where its robots.txt asks for one, as far as is known.
    pub fn delay(&self, host: &str) -> Option<CrawlDelay> {
        self.hosts.known(host)?.delay()
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

    /// Makes one visit. `home` is the gate of the URL's own host; `memory` is asked about others that it is redirected
    /// to.
    pub async fn visit<M: Memory>(
        &self,
        session: &Session,
        ask: &Ask,
        home: &Arc<HostGate>,
        memory: &M,
    ) -> Visited {
        Journey::begin(self, session, ask, home, memory)
            .make()
            .await
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
