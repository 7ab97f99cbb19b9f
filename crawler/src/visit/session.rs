//! A source's session: who asks, by which way, how far, and with which cookies.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use sightline_egress::{EgressError, Proxy};
use sightline_model::RunId;
use url::Url;

use crate::{budget::Politeness, cookies::Cookies, fetch::Fetcher, scope::Scope};

/// All that is particular to a source when it is fetched.
#[derive(Clone, Debug)]
pub struct SourceAccess {
    /// The source's name.
    pub name: String,
    /// Which URLs belong to it.
    pub scope: Scope,
    /// How hard it may ask of its hosts.
    pub politeness: Politeness,
    /// Its way out, if not the direct one.
    pub proxy: Option<Proxy>,
    /// Its own contact, if not the instance's.
    pub contact: Option<String>,
    /// Whether robots.txt counts.
    pub robots: RobotsUse,
}

/// Whether a source minds robots.txt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RobotsUse {
    /// It does.
    Obey,
    /// The operator decided that it does not, and wrote down why.
    Override {
        /// The written reason.
        reason: String,
    },
}

/// Why a source could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nobody answers for the crawl.
    #[error("{}, as fetch.contact; {}", .0.message, .0.remedy)]
    Contact(sightline_model::Problem),
    /// An override without a reason.
    #[error(
        "source '{source_name}' overrides robots.txt without a written reason; write one, or obey robots.txt"
    )]
    NoReason {
        /// The source.
        source_name: String,
    },
    /// There is no way out.
    #[error("source '{source_name}': {error}")]
    Egress {
        /// The source.
        source_name: String,
        /// What the gate said.
        error: EgressError,
    },
}

/// A source, opened. Shared by all visits to it; its cookies live as long as a run.
pub struct Session {
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) politeness: Politeness,
    pub(super) obeys_robots: bool,
    pub(super) fetcher: Fetcher,
    cookies: Mutex<Jar>,
}

/// The cookies of the run that is under way.
#[derive(Default)]
struct Jar {
    run: Option<RunId>,
    cookies: Cookies,
}

impl Session {
    pub(super) fn new(access: SourceAccess, fetcher: Fetcher) -> Self {
        Self {
            obeys_robots: access.robots == RobotsUse::Obey,
            name: access.name,
            scope: access.scope,
            politeness: access.politeness,
            fetcher,
            cookies: Mutex::default(),
        }
    }

    /// The source's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which URLs belong to the source.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Says which run the visits from now on belong to: each begins without cookies.
    pub fn enter(&self, run: RunId) {
        let mut jar = self.jar();
        if jar.run != Some(run) {
            *jar = Jar {
                run: Some(run),
                cookies: Cookies::default(),
            };
        }
    }

    pub(super) fn cookies_for(&self, url: &Url) -> Option<String> {
        self.jar().cookies.header(url)
    }

    pub(super) fn take_cookies(&self, url: &Url, headers: &HeaderMap) {
        if headers.contains_key(http::header::SET_COOKIE) {
            self.jar().cookies.take(url, headers);
        }
    }

    /// Held for a look-up only, never across an await.
    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
