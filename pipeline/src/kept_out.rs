//! Links that a source's own limits keep out: why, and whether that may hide listings.

use std::collections::BTreeMap;

use sightline_crawler::scope::OutOfScope;
use sightline_model::{PageLink, Problem, VisitKind, counted};

use crate::source::Source;

/// A link that is not followed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct KeptOut {
    /// Why.
    pub why: String,
    /// What to write where that should not be so. None where somebody has named the path, or no site can mean the address; with
    /// one, listings that are wanted may stand there, and a run that leaves them out has not seen everything.
    pub remedy: Option<&'static str>,
}

impl Source {
    /// Whether a link of a page of listings is kept out, where it leads `depth` links away from its start page.
    pub fn keeps_out(&self, link: &PageLink, depth: u32) -> Option<KeptOut> {
        let Err(reason) = self.scope.admits(&link.url, depth, link.kind) else {
            if link.kind != VisitKind::List {
                return None;
            }
            let last = self.profile.last_page_before(&link.url)?;
            return Some(KeptOut {
                why: format!("it is behind page {last}, the last that is read"),
                remedy: Some("raise list.last_page"),
            });
        };
        let remedy = match reason {
            OutOfScope::Host(_) => Some(
                "name it in scope.hosts, or the links more narrowly, or their path in scope.deny",
            ),
            OutOfScope::Depth { .. } => Some("raise scope.depth"),
            OutOfScope::Scheme(_)
            | OutOfScope::NotAllowed
            | OutOfScope::Denied(_)
            | OutOfScope::Trap(_) => None,
        };
        let why = reason.to_string();
        Some(KeptOut { why, remedy })
    }

    /// What is wrong with the links of a start page: those that are kept out although listings may stand there, by the reason.
    pub fn kept_out(&self, links: &[PageLink]) -> Vec<Problem> {
        let mut kept_out = BTreeMap::new();
        for one in links.iter().filter_map(|link| self.keeps_out(link, 1)) {
            *kept_out.entry(one).or_insert(0u32) += 1;
        }
        let problems = kept_out.into_iter().filter_map(|(one, count)| {
            let count = counted(count, "link is", "links are");
            let message = format!("{count} not followed: {}", one.why);
            Some(Problem::new("scope", message, one.remedy?))
        });
        problems.collect()
    }
}
