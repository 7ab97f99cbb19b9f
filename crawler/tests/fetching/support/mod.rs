//! What the tests share: crawlers with short limits, and sites that play scripts.

pub mod site;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sightline_crawler::{
    budget::{HostGate, Politeness, Refused},
    fetch::Fetcher,
    room::{Room, Share},
    scope::{Scope, ScopeSettings},
    settings::FetchSettings,
    visit::{
        Answer, Ask, Crawler, Memory, RobotsUse, Session, SourceAccess, VisitFailure, Visited,
    },
};
use sightline_egress::{ClientOptions, Egress, EgressSettings};
use sightline_model::{Clock, HostState, ManualClock, Mint, Timestamp, VisitKind, visit::host_of};
use url::Url;

/// When the tests take place.
pub const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// Limits that are met quickly where a test means to meet them, and not by a busy machine otherwise.
pub fn settings() -> FetchSettings {
    FetchSettings {
        contact: "crawling@example.org".to_owned(),
        connect_timeout_seconds: 10.0,
        first_byte_timeout_seconds: 10.0,
        timeout_seconds: 20.0,
        page_bytes: 1 << 20,
        image_bytes: 2 << 20,
        ..FetchSettings::default()
    }
}

/// The certificates of the gate's tests; the authority among them is believed.
pub fn tls_file(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../egress/tests/gate/tls");
    Path::new(folder).join(name)
}

pub fn loopback() -> Egress {
    Egress::new(&EgressSettings {
        ca_files: vec![tls_file("authority.pem")],
        allow_networks: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        dns_timeout_seconds: 0.3,
        // Nobody answers there, so only the hosts file has names.
        name_servers: vec!["127.0.0.1:9".parse().unwrap()],
    })
    .unwrap()
}

pub fn fetcher(settings: FetchSettings) -> Fetcher {
    let options = ClientOptions {
        connect_timeout: Duration::from_secs_f64(settings.connect_timeout_seconds),
        max_headers: settings.headers,
        proxy: None,
    };
    let contact = settings.contact.clone();
    Fetcher::new(
        loopback().client(&options).unwrap(),
        Arc::new(settings),
        &contact,
        Arc::new(ManualClock::at(NOW)),
    )
}

/// Room for one visit.
pub fn share() -> Share {
    Room::default().share()
}

/// A crawler at work on one source.
pub struct Bench {
    pub crawler: Crawler,
    pub session: Session,
    pub clock: ManualClock,
}

impl Bench {
    /// A source on these hosts, without pauses.
    pub fn new(hosts: &[&str]) -> Self {
        Self::with(settings(), access(hosts))
    }

    pub fn with(settings: FetchSettings, access: SourceAccess) -> Self {
        let clock = ManualClock::at(NOW);
        let crawler = Crawler::new(
            loopback(),
            settings,
            Arc::new(clock.clone()),
            Arc::new(Mint::seeded(1)),
        );
        let session = crawler.open(access).unwrap();
        Self {
            crawler,
            session,
            clock,
        }
    }

    pub fn gate(&self, url: &str) -> Arc<HostGate> {
        let url: Url = url.parse().unwrap();
        let state = HostState {
            host: host_of(&url),
            ..HostState::default()
        };
        self.crawler.gate(&self.session, &state)
    }

    pub async fn visit(&self, url: &str) -> Visited {
        self.ask(&page(url)).await
    }

    pub async fn ask(&self, ask: &Ask) -> Visited {
        self.ask_remembering(ask, &()).await
    }

    pub async fn ask_remembering<M: Memory>(&self, ask: &Ask, memory: &M) -> Visited {
        let home = self.gate(ask.url.as_str());
        self.crawler.visit(&self.session, ask, &home, memory).await
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub fn access(hosts: &[&str]) -> SourceAccess {
    let scope = ScopeSettings {
        hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
        deny: vec!["/private".to_owned()],
        ..ScopeSettings::default()
    };
    SourceAccess {
        name: "ads".to_owned(),
        scope: Scope::new(&scope, &[]).unwrap(),
        politeness: Politeness {
            unlimited: true,
            concurrency: 8,
            ..Politeness::default()
        },
        proxy: None,
        contact: None,
        robots: RobotsUse::Obey,
    }
}

pub fn page(url: &str) -> Ask {
    Ask {
        url: url.parse().unwrap(),
        kind: VisitKind::List,
        depth: 0,
        known: None,
        refused: Refused::Never,
    }
}

/// The answer of a visit that must have ended well.
pub fn answer(visited: &Visited) -> &Answer {
    visited
        .result
        .as_ref()
        .unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// The failure of a visit that must not have.
pub fn failure(visited: &Visited) -> &VisitFailure {
    visited.result.as_ref().expect_err("the visit ended well")
}

/// The paths that were fetched, in order.
pub fn paths(visited: &Visited) -> Vec<&str> {
    visited
        .exchanges
        .iter()
        .map(|exchange| exchange.url.path())
        .collect()
}
