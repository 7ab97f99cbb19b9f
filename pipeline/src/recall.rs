//! What a visit remembers on its way: how hosts were last time, and what was erased.

use sightline_crawler::visit::{Memory, VisitFailure, Visited};
use sightline_extractors::RawPage;
use sightline_model::{HostState, Outcome, SourceId, Visit, VisitKind, canonical_page};
use sightline_store::hosts;
use url::Url;

use crate::{PipelineError, instance::Instance, lookout::Sight, source::Source};

/// The memory of a visit of a source.
pub(crate) struct Recall<'i> {
    pub instance: &'i Instance,
    pub sight: &'i Sight,
    pub source: SourceId,
}

impl Memory for Recall<'_> {
    async fn recall(&self, host: &str) -> HostState {
        let asked = async {
            let mut tx = self.instance.read().await?;
            Ok::<_, PipelineError>(hosts::get(&mut tx, &[host]).await?.pop())
        };
        recalled(host, asked.await)
    }

    fn has_erased(&self, url: &Url) -> bool {
        // A redirect may name a session that the page's own address has not.
        self.sight.has_erased_at(self.source, url)
            || self.sight.has_erased_at(self.source, &canonical_page(url))
    }
}

/// What is remembered of a host, or a fresh state where nothing is, or nothing can be read.
pub(crate) fn recalled(
    host: &str,
    asked: Result<Option<HostState>, impl std::fmt::Display>,
) -> HostState {
    let known = asked.unwrap_or_else(|error| {
        tracing::warn!(host, %error, "asking a host without what was remembered of it");
        None
    });
    known.unwrap_or_else(|| HostState {
        host: host.to_owned(),
        ..HostState::default()
    })
}

/// Lets go of a listing's page that says what was erased, whatever its URL, before any of it is kept; returns the mark by which
/// it was known. A list stays, for it is evidence of others: there the listing alone is passed over.
///
/// Where nothing of the source was erased, pages are kept before they are read.
pub(crate) fn pass_over(
    visited: &mut Visited,
    visit: &Visit,
    source: &Source,
    sight: &Sight,
) -> Option<String> {
    if visit.kind != VisitKind::Detail || !sight.has_erased_any() {
        return None;
    }
    let answer = visited.result.as_ref().ok()?;
    let page = RawPage {
        url: &answer.url,
        kind: visit.kind,
        content_type: answer.content_type.as_deref(),
        body: &answer.body,
        fetched_at: visited.exchanges[answer.exchange].sent_at,
    };
    let reading = sightline_extractors::read(&page, &source.profile);
    let mut marks = reading.listings.iter().map(|listing| &listing.key);
    let mark = marks.find_map(|key| sight.erased_listing(visit.source, key))?;
    let status = Some(answer.status);
    // What is left says how the host answers robots.txt.
    visited
        .exchanges
        .retain(|exchange| exchange.url.path() == "/robots.txt");
    visited.result = Err(VisitFailure {
        outcome: Outcome::Erased,
        detail: "the listing was erased under another URL: nothing of it is kept until `sightline erase allow`".to_owned(),
        status,
        retry_after: None,
        alone: false,
    });
    Some(mark)
}
