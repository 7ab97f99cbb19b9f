//! Which URLs belong to a source: hosts, paths, depth; and the shapes of address by which a site goes on for ever.

mod host;
mod settings;
mod trap;

use sightline_model::{Problem, VisitKind, normal_escapes};
use url::Url;

use self::{host::HostPattern, trap::trap};
use crate::robots::Pattern;
pub use settings::ScopeSettings;

/// Why a URL does not belong to a source.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutOfScope {
    /// Neither http nor https.
    #[error("the scheme '{0}' is not crawled")]
    Scheme(String),
    /// Not on a host of the source.
    #[error("the host '{0}' is not one of the source's hosts")]
    Host(String),
    /// No allow pattern matches.
    #[error("no allow pattern matches the path")]
    NotAllowed,
    /// A deny pattern matches.
    #[error("the deny pattern '{0}' matches the path")]
    Denied(String),
    /// Too many links away.
    #[error("{depth} links from the start page; {limit} is the most")]
    Depth {
        /// Its distance.
        depth: u32,
        /// The most allowed.
        limit: u32,
    },
    /// Shaped like one of the endless addresses of a trap.
    #[error("the address looks like a trap: {0}")]
    Trap(&'static str),
}

/// A [`ScopeSettings`] ready to judge.
#[derive(Clone, Debug)]
pub struct Scope {
    hosts: Vec<HostPattern>,
    image_hosts: Vec<HostPattern>,
    allow: Vec<Pattern>,
    deny: Vec<Pattern>,
    depth: u32,
    pages_per_run: u32,
}

impl Scope {
    /// The scope of a source that starts at `start`; or all that is wrong with the settings.
    pub fn new(settings: &ScopeSettings, start: &[Url]) -> Result<Self, Vec<Problem>> {
        let problems = settings.check();
        if !problems.is_empty() {
            return Err(problems);
        }
        let hosts = if settings.hosts.is_empty() {
            start.iter().filter_map(HostPattern::of).collect()
        } else {
            hosts(&settings.hosts)
        };
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
        Ok(Self {
            hosts,
            image_hosts: hosts_or_all(&settings.image_hosts),
            allow: patterns(&settings.allow),
            deny: patterns(&settings.deny),
            depth: settings.depth,
            pages_per_run: settings.pages_per_run,
        })
    }

    /// Whether a visit of this kind to `url`, `depth` links from its start page, belongs to the source.
    pub fn admits(&self, url: &Url, depth: u32, kind: VisitKind) -> Result<(), OutOfScope> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OutOfScope::Scheme(url.scheme().to_owned()));
        }
        let is_image = kind == VisitKind::Image;
        let of = |patterns: &[HostPattern]| patterns.iter().any(|pattern| pattern.matches(url));
        // What somebody has named by its path is not meant on any host.
        let path = &*normal_escapes(&url[url::Position::BeforePath..url::Position::AfterQuery]);
        if let Some(pattern) = self.deny.iter().find(|deny| deny.matches(path.as_bytes())) {
            return Err(OutOfScope::Denied(pattern.to_string()));
        }
        if !(of(&self.hosts) || is_image && of(&self.image_hosts)) {
            return Err(OutOfScope::Host(sightline_model::visit::host_of(url)));
        }
        if let Some(shape) = trap(url) {
            return Err(OutOfScope::Trap(shape));
        }
        if is_image {
            return Ok(());
        }
        if depth > self.depth {
            let limit = self.depth;
            return Err(OutOfScope::Depth { depth, limit });
        }
        let allowed = |allow: &Pattern| allow.matches(path.as_bytes());
        if !(self.allow.is_empty() || depth == 0 || self.allow.iter().any(allowed)) {
            return Err(OutOfScope::NotAllowed);
        }
        Ok(())
    }

    /// Pages fetched in one run, images not counted.
    pub fn pages_per_run(&self) -> u32 {
        self.pages_per_run
    }
}

fn hosts(texts: &[String]) -> Vec<HostPattern> {
    texts
        .iter()
        .filter_map(|text| HostPattern::parse(text))
        .collect()
}

fn hosts_or_all(texts: &[String]) -> Vec<HostPattern> {
    if texts.iter().any(|text| text == "*") {
        return vec![HostPattern::Every];
    }
    hosts(texts)
}

#[cfg(test)]
mod tests;
