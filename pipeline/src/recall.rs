//! What a visit remembers on its way: how hosts were last time, and what was erased.

use std::time::Duration;

use sightline_crawler::{
    budget::Book,
    visit::{Memory, VisitFailure, Visited},
};
use sightline_extractors::RawPage;
use sightline_model::{
    HostState, OrganisationId, Outcome, SourceId, Stretch, Timestamp, Turns, Visit, VisitKind,
    canonical_page,
};
use sightline_store::{Store, StoreError, hosts};
use tokio::time::sleep;
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

impl Book for Recall<'_> {
    async fn reserve(&self, host: &str, turns: Turns, now: Timestamp) -> Option<Stretch> {
        let Instance {
            store,
            organisation,
            ..
        } = self.instance;
        Some(reserve(store, *organisation, host, turns, now).await)
    }
}

/// After so long it is tried again to reserve a turn in a store that can't be written.
const RESERVED_AGAIN: Duration = Duration::from_secs(1);

/// Reserves a stretch at a host in the store, where all processes do. A host is not asked without: what can't be written is
/// tried again, until the visit is broken off.
pub(crate) async fn reserve(
    store: &Store,
    organisation: OrganisationId,
    host: &str,
    turns: Turns,
    now: Timestamp,
) -> Stretch {
    let try_once = async || {
        let mut tx = store.write(organisation).await?;
        let stretch = hosts::reserve(&mut tx, host, turns, now).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(stretch)
    };
    loop {
        match try_once().await {
            Ok(stretch) => return stretch,
            Err(error) => {
                tracing::warn!(host, %error, "no turn can be reserved at the host; it is tried again");
                sleep(RESERVED_AGAIN).await;
            }
        }
    }
}

/// What is remembered of a host, or a fresh state where nothing is, or nothing can be read. Not when its next turn is: that is
/// reserved.
pub(crate) fn recalled(
    host: &str,
    asked: Result<Option<HostState>, impl std::fmt::Display>,
) -> HostState {
    let known = asked.unwrap_or_else(|error| {
        tracing::warn!(host, %error, "asking a host without what was remembered of it");
        None
    });
    HostState {
        host: host.to_owned(),
        next_at: Timestamp::default(),
        ..known.unwrap_or_default()
    }
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
