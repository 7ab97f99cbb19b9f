//! The test bench: one page of a source, fetched as a crawl would fetch it or given by hand, and what is found on it.
//! Nothing of it is stored but how patient its host wants us to be.

use std::{collections::HashSet, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_alerts::words::ago;
use sightline_crawler::{
    budget::{Book, HostGate, Refused},
    visit::{Ask, Crawler, Memory, Session, Visited},
};
use sightline_extractors::{RawPage, ReadListing, Reading, page_text, read};
use sightline_model::{
    Clock, HostState, OrganisationId, Outcome, SourceId, Stretch, Timestamp, Turns, VisitKind,
    visit::host_of,
};
use sightline_store::{
    Store, StoreError, erasures,
    hosts::{self, Furthest},
    sources,
};
use tokio::{task::spawn_blocking, time::timeout};
use url::Url;

use crate::{
    PipelineError,
    instance::{Instance, Watched},
    process::state_of,
    recall::{Recall, recalled, reserve},
    set_back::bring_hosts_back,
    source::Source,
};

/// The longest that a person at the console is kept waiting for a host's turn and its answer.
const PATIENCE: Duration = Duration::from_secs(25);
/// By what name hosts are remembered here: no worker's, for none is taken.
const NOBODY: &str = "nobody";
/// Characters of a page's text that are shown.
const SHOWN: usize = 50_000;

/// A page as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Came {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The HTTP status; none where it was given by hand.
    pub status: Option<u16>,
    /// The Content-Type header.
    pub content_type: Option<String>,
    /// The body, content encodings undone.
    pub body: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// A page that could not be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failed {
    /// Why.
    pub outcome: Outcome,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The particulars, as a sentence.
    pub detail: String,
}

/// What is found on a page.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// What the page is read as.
    pub reading: Reading,
    /// All that a reader sees of it, as far as it is shown.
    pub text: String,
    /// The parts of the text that were read as something: in order, none over another.
    pub marks: Vec<Mark>,
}

/// A part of a page's text that was read as something: `text[start..end]`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Mark {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// As what: `title`, `phone`, the name of a field.
    pub what: String,
}

/// The page that a visit came to.
fn came(visited: Visited, now: Timestamp) -> Result<Came, Failed> {
    match visited.result {
        Ok(answer) => Ok(Came {
            at: visited
                .exchanges
                .get(answer.exchange)
                .map_or(now, |exchange| exchange.sent_at),
            url: answer.url,
            status: Some(answer.status),
            content_type: answer.content_type,
            body: answer.body.to_vec(),
        }),
        Err(failure) => Err(Failed {
            outcome: failure.outcome,
            status: failure.status,
            detail: failure.detail,
        }),
    }
}

/// Somebody's errand: to fetch a page and come back with it, within the source's scope, by robots.txt, at its host's turn and pace.
/// The host's row is read before and written after, as a crawl does it, so that whoever asks the host next keeps to it.
pub struct Errand<'e, M> {
    /// Where the host's row is.
    pub store: &'e Store,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Who fetches.
    pub crawler: &'e Crawler,
    /// As which source.
    pub session: &'e Session,
    /// Where the present comes from.
    pub clock: &'e dyn Clock,
    /// What is remembered of other hosts on the way, and of what was erased.
    pub memory: M,
    /// The longest that the person is kept waiting for the host's turn and its answer.
    pub patience: Duration,
    /// The furthest ahead that crawls ever put a host's next turn.
    pub furthest: Furthest,
}

impl<M: Memory> Errand<'_, M> {
    /// The gate before a page's host, which knows what the store does. Where the clock was set back, hosts wait no longer than
    /// politeness asks, as when a crawl begins.
    ///
    /// # Errors
    /// If the store can't be read or written.
    pub async fn gate(&self, url: &Url) -> Result<Arc<HostGate>, StoreError> {
        let host = host_of(url);
        let now = self.clock.now();
        bring_hosts_back(self.store, self.organisation, self.furthest, now).await?;
        let mut tx = self.store.read(self.organisation).await?;
        let known = hosts::get(&mut tx, &[&host]).await?.pop();
        let known = known.unwrap_or(HostState {
            host,
            ..HostState::default()
        });
        let gate = self.crawler.gate(self.session, &known);
        gate.heed(&known);
        Ok(gate)
    }

    /// Fetches the page behind that gate.
    ///
    /// # Errors
    /// If the store can't be written. That the page can't be had is no error.
    pub async fn fetch(
        &self,
        url: &Url,
        kind: VisitKind,
        gate: &Arc<HostGate>,
    ) -> Result<Result<Came, Failed>, StoreError> {
        let now = self.clock.now();
        gate.bring_back(now);
        let state = gate.state();
        let held = state.backoff_until.map(|until| (until, "asked"));
        let held = held.into_iter().chain([(state.next_at, "is")]);
        let mut held = held.filter(|(until, _)| *until > now + self.patience);
        if let Some((until, how)) = held.next() {
            return Ok(Err(Failed {
                outcome: Outcome::RateLimited,
                status: None,
                detail: format!(
                    "the host {how} to be left alone until {}",
                    until.to_utc().format("%Y-%m-%d %H:%M:%SZ")
                ),
            }));
        }
        let ask = Ask {
            url: url.clone(),
            kind,
            depth: 0,
            known: None,
            refused: Refused::Never,
        };
        let visit = self.crawler.visit(self.session, &ask, gate, &self.memory);
        let Ok(mut visited) = timeout(self.patience, visit).await else {
            // What was asked for on the way counts all the same.
            self.remember(&[gate.state()]).await?;
            return Ok(Err(Failed {
                outcome: Outcome::TimedOut,
                status: None,
                detail: format!(
                    "its turn did not come within {}, for its host is being crawled or is slow",
                    ago(self.patience)
                ),
            }));
        };
        let mut gates = std::mem::take(&mut visited.others);
        gates.push(Arc::clone(gate));
        let states: Vec<HostState> = gates.iter().map(|gate| state_of(gate, &visited)).collect();
        self.remember(&states).await?;
        Ok(came(visited, self.clock.now()))
    }

    async fn remember(&self, states: &[HostState]) -> Result<(), StoreError> {
        let mut tx = self.store.write(self.organisation).await?;
        hosts::save(&mut tx, NOBODY, states).await?;
        tx.commit().await
    }
}

/// Fetches a page for a person at the console, who waits; this process's crawls share the host's turns.
///
/// # Errors
/// If the store can't be read or written. That the page can't be had is no error.
pub async fn fetch(
    instance: &Instance,
    watched: &Watched,
    url: &Url,
    kind: VisitKind,
) -> Result<Result<Came, Failed>, PipelineError> {
    let sight = instance.sight().await?;
    let errand = Errand {
        store: &instance.store,
        organisation: instance.organisation,
        crawler: &instance.crawler,
        session: &watched.session,
        clock: instance.clock.as_ref(),
        memory: Recall {
            instance,
            sight: &sight,
            source: watched.id,
        },
        patience: PATIENCE,
        furthest: instance.work.furthest(),
    };
    let gate = errand.gate(url).await?;
    Ok(errand.fetch(url, kind, &gate).await?)
}

/// What the store remembers, for an errand of a process that runs no instance.
pub struct Stored<'s> {
    /// The store.
    pub store: &'s Store,
    /// Whose rows are meant.
    pub organisation: OrganisationId,
    /// The source, where it was crawled before, with the marks of what was erased.
    erased: Option<(SourceId, HashSet<String>)>,
}

impl<'s> Stored<'s> {
    /// What is remembered for a source of this name.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn of(
        store: &'s Store,
        organisation: OrganisationId,
        source: &str,
    ) -> Result<Self, StoreError> {
        let mut tx = store.read(organisation).await?;
        let erased = match sources::by_name(&mut tx, source).await? {
            Some(known) => Some((known.id, erasures::all_suppressed(&mut tx).await?)),
            None => None,
        };
        Ok(Self {
            store,
            organisation,
            erased,
        })
    }
}

impl Book for Stored<'_> {
    async fn reserve(&self, host: &str, turns: Turns, now: Timestamp) -> Option<Stretch> {
        Some(reserve(self.store, self.organisation, host, turns, now).await)
    }
}

impl Memory for Stored<'_> {
    async fn recall(&self, host: &str) -> HostState {
        let asked = async {
            let mut tx = self.store.read(self.organisation).await?;
            hosts::get(&mut tx, &[host]).await
        };
        recalled(host, asked.await.map(|mut states| states.pop()))
    }

    fn has_erased(&self, url: &Url) -> bool {
        self.erased
            .as_ref()
            .is_some_and(|(source, marks)| marks.contains(&erasures::mark_of_url(*source, url)))
    }
}

/// Reads a page as a visit would. Long pages take their time, so it is done on a thread that may take it.
///
/// # Errors
/// Nothing where reading it fails by a defect of ours, which the log has.
pub async fn find(came: Came, kind: VisitKind, source: Source) -> Option<Found> {
    let reading = spawn_blocking(move || found(&came, kind, &source));
    reading.await.ok()
}

fn found(came: &Came, kind: VisitKind, source: &Source) -> Found {
    let page = RawPage {
        url: &came.url,
        kind,
        content_type: came.content_type.as_deref(),
        body: &came.body,
        fetched_at: came.at,
    };
    let mut reading = read(&page, &source.profile);
    reading.problems.extend(source.kept_out(&reading.links));
    let mut text = page_text(&page);
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
    }
    let marks = marks(&text, &reading.listings);
    Found {
        reading,
        text,
        marks,
    }
}

/// Where what was read stands in the page's text: selectors before titles and fields, each at every place that is free.
fn marks(text: &str, listings: &[ReadListing]) -> Vec<Mark> {
    let mut wanted: Vec<(&str, String)> = Vec::new();
    for listing in listings {
        for find in &listing.finds {
            wanted.push((&find.raw, find.selector.kind.to_string()));
        }
    }
    for listing in listings {
        wanted.push((&listing.title, "title".to_owned()));
        for (name, value) in &listing.fields {
            if let Some(value) = value.as_str() {
                wanted.push((value, name.clone()));
            }
        }
    }
    let mut marks: Vec<Mark> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (part, what) in wanted {
        if part.trim().is_empty() || !seen.insert(part) {
            continue;
        }
        for (start, _) in text.match_indices(part) {
            let end = start + part.len();
            // Sorted as they are put in, so the neighbours tell whether the place is free.
            let at = marks.partition_point(|mark| mark.start < start);
            let is_free = at
                .checked_sub(1)
                .is_none_or(|before| marks[before].end <= start)
                && marks.get(at).is_none_or(|after| end <= after.start);
            if is_free {
                let what = what.clone();
                marks.insert(at, Mark { start, end, what });
            }
        }
    }
    marks
}
