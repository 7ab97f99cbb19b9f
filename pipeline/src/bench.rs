//! The test bench: one page of a source, fetched as a crawl would fetch it or given by hand, and what is found on it.
//! Nothing of it is stored but how patient its host wants us to be.

use std::{sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_crawler::{
    budget::Refused,
    visit::{Ask, Visited},
};
use sightline_extractors::{Profile, RawPage, ReadListing, Reading, page_text, read};
use sightline_model::{HostState, Outcome, Timestamp, VisitKind, counted, visit::host_of};
use sightline_store::hosts;
use tokio::{task::spawn_blocking, time::timeout};
use url::Url;

use crate::{
    PipelineError,
    instance::{Instance, Watched},
    process::state_of,
    recall::Recall,
};

/// The longest that a person is kept waiting for a host's turn and its answer.
const PATIENCE: Duration = Duration::from_secs(25);
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
///
/// # Errors
/// Where it came to none.
pub fn came(visited: Visited, now: Timestamp) -> Result<Came, Failed> {
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

/// Fetches a page for a person who waits: within the source's scope, by robots.txt, at its host's turn and pace, which this
/// process's crawls share.
///
/// # Errors
/// If the store can't be read or written. That the page can't be had is no error.
pub async fn fetch(
    instance: &Instance,
    watched: &Watched,
    url: &Url,
    kind: VisitKind,
) -> Result<Result<Came, Failed>, PipelineError> {
    let host = host_of(url);
    let mut tx = instance.read().await?;
    let known = hosts::get(&mut tx, &[&host]).await?.pop();
    drop(tx);
    let known = known.unwrap_or(HostState {
        host,
        ..HostState::default()
    });
    let gate = instance.crawler.gate(&watched.session, &known);
    gate.heed(&known);
    let now = instance.clock.now();
    let state = gate.state();
    let held = state.backoff_until.unwrap_or_default().max(state.next_at);
    if held > now && held.since(now) > PATIENCE {
        let seconds = held.since(now).as_secs();
        return Ok(Err(too_long(format!(
            "the host is to be left alone for another {}",
            counted(seconds, "second", "seconds")
        ))));
    }
    let ask = Ask {
        url: url.clone(),
        kind,
        depth: 0,
        known: None,
        refused: Refused::Never,
    };
    let sight = instance.sight().await?;
    let memory = Recall {
        instance,
        sight: &sight,
        source: watched.id,
    };
    let visit = instance
        .crawler
        .visit(&watched.session, &ask, &gate, &memory);
    let Ok(mut visited) = timeout(PATIENCE, visit).await else {
        let seconds = PATIENCE.as_secs();
        return Ok(Err(too_long(format!(
            "its turn did not come within {seconds} seconds, for its host is being crawled or is slow"
        ))));
    };
    let mut gates = std::mem::take(&mut visited.others);
    gates.push(Arc::clone(&gate));
    let states: Vec<HostState> = gates.iter().map(|gate| state_of(gate, &visited)).collect();
    let mut tx = instance.write().await?;
    hosts::save(&mut tx, &states).await?;
    tx.commit().await?;
    Ok(came(visited, instance.clock.now()))
}

fn too_long(detail: String) -> Failed {
    Failed {
        outcome: Outcome::TimedOut,
        status: None,
        detail,
    }
}

/// Reads a page as a visit would. Long pages take their time, so it is done on a thread that may take it.
///
/// # Errors
/// Nothing where reading it fails by a defect of ours, which the log has.
pub async fn find(came: Came, kind: VisitKind, profile: Profile) -> Option<Found> {
    let reading = spawn_blocking(move || found(&came, kind, &profile));
    reading.await.ok()
}

fn found(came: &Came, kind: VisitKind, profile: &Profile) -> Found {
    let page = RawPage {
        url: &came.url,
        kind,
        content_type: came.content_type.as_deref(),
        body: &came.body,
        fetched_at: came.at,
    };
    let reading = read(&page, profile);
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
