//! Visits: how those of the batch ended, and which follow from them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sightline_model::{NewVisit, Outcome, RunId, Timestamp, VisitKind};
use sightline_store::{
    Tx, runs,
    visits::{self, Try, VisitEnd, VisitRetry},
};

use super::{Committed, Item, erased};
use crate::{PipelineError, ending::Ending, instance::Instance, process::Found};

/// Ends the visits of the batch, or makes them due again, and adds those that their pages lead to, with the `images` of
/// the listings.
pub(super) async fn store(
    tx: &mut Tx,
    instance: &Instance,
    items: &[Item<'_>],
    mut images: Vec<NewVisit>,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    let (ends, retries) = endings(items);
    visits::finish(tx, &ends).await?;
    visits::retry(tx, &retries).await?;
    count(items, done);
    give_up(tx, items, done).await?;

    let mut due = Vec::new();
    for item in items {
        due.extend(leads_to(instance, item));
    }
    erased::leave_out(tx, &mut due).await?;
    erased::leave_out(tx, &mut images).await?;
    within_runs(tx, instance, &mut due).await?;
    // Pages that lead on come first: behind fifty listings, each would keep the crawl waiting for the next.
    due.sort_by_key(|visit| visit.kind != VisitKind::List);
    for (visit, added) in due.iter().zip(visits::add(tx, &due).await?) {
        done.counts(visit.run).visits += i64::from(added.is_some());
    }
    visits::add(tx, &images).await?;
    done.led_on |= !due.is_empty() || !images.is_empty();
    Ok(())
}

fn endings(items: &[Item<'_>]) -> (Vec<VisitEnd>, Vec<VisitRetry>) {
    let (mut ends, mut retries) = (Vec::new(), Vec::new());
    for item in items {
        let processed = item.processed;
        let retry = |due_at, counted| VisitRetry {
            id: processed.task.lease.visit.id,
            outcome: processed.outcome,
            detail: processed.detail.clone(),
            status: processed.status,
            due_at,
            counted,
        };
        match processed.ending {
            Ending::Again(at) => retries.push(retry(at, Try::Counts)),
            Ending::Held(at) => retries.push(retry(at, Try::DoesNotCount)),
            Ending::Over | Ending::GivenUp => ends.push(VisitEnd {
                id: processed.task.lease.visit.id,
                outcome: match item.shares_key {
                    Some(_) => Outcome::SharedKey,
                    None => processed.outcome,
                },
                detail: item.shares_key.clone().or_else(|| processed.detail.clone()),
                status: processed.status,
                capture: item.capture,
                at: processed.at,
            }),
        }
    }
    (ends, retries)
}

/// Ends all that runs have left to ask of hosts which they give up: waiting for each page anew would be to press the host, and
/// to keep the source's next runs from their turn.
async fn give_up(
    tx: &mut Tx,
    items: &[Item<'_>],
    done: &mut Committed,
) -> Result<(), PipelineError> {
    let given_up = items
        .iter()
        .filter(|item| item.processed.ending == Ending::GivenUp);
    let hosts: BTreeMap<(RunId, &str), Timestamp> = given_up
        .map(|item| {
            let visit = &item.processed.task.lease.visit;
            ((visit.run, visit.host.as_str()), item.processed.at)
        })
        .collect();
    for ((run, host), at) in hosts {
        let detail = "not asked in this run any more: its host refused for too long; the next run asks again";
        let pages = visits::give_up(tx, run, host, detail, at).await?;
        done.counts(run).failed += pages;
        // A site may be of any number of hosts: below what is logged by default.
        tracing::debug!(%run, host, pages, "a host that refuses for too long is given up for this run");
    }
    Ok(())
}

/// Counts pages, not images: how far a run is and how it went is told in pages.
fn count(items: &[Item<'_>], done: &mut Committed) {
    for item in items {
        let visit = &item.processed.task.lease.visit;
        let counts = done.counts(visit.run);
        counts.bytes += item
            .processed
            .kept
            .iter()
            .map(|kept| kept.length)
            .sum::<i64>();
        let is_over = matches!(item.processed.ending, Ending::Over | Ending::GivenUp);
        if visit.kind == VisitKind::Image || !is_over {
            continue;
        }
        match item.processed.found {
            // It is had, and nothing is wrong with it: it is not wanted.
            Found::Nothing if item.processed.outcome == Outcome::Erased => counts.fetched += 1,
            Found::Nothing => counts.failed += 1,
            Found::Unchanged => {
                counts.fetched += 1;
                counts.unchanged += 1;
            }
            Found::Page(_) | Found::Image(_) => counts.fetched += 1,
        }
    }
}

/// The visits that a page of listings leads to: its links, remembered ones where it had not changed.
fn leads_to(instance: &Instance, item: &Item<'_>) -> Vec<NewVisit> {
    let lease = &item.processed.task.lease;
    let links = match (&item.processed.found, &lease.page) {
        (Found::Page(page), _) => &page.reading.links,
        (Found::Unchanged, Some(page)) => &page.links,
        _ => return Vec::new(),
    };
    let visit = &lease.visit;
    let Some(watched) = instance.watched(visit.source) else {
        return Vec::new();
    };
    if visit.kind != VisitKind::List {
        return Vec::new();
    }
    let depth = visit.depth + 1;
    links
        .iter()
        .filter(|link| !item.counts_on_for_nothing(link))
        .filter(|link| {
            watched
                .source
                .scope
                .admits(&link.url, depth, link.kind)
                .is_ok()
        })
        .map(|link| NewVisit {
            run: visit.run,
            source: visit.source,
            kind: link.kind,
            url: link.url.clone(),
            depth,
            due_at: item.processed.at,
            listing: None,
        })
        .collect()
}

/// Cuts what would exceed its run's limit of pages.
async fn within_runs(
    tx: &mut Tx,
    instance: &Instance,
    due: &mut Vec<NewVisit>,
) -> Result<(), PipelineError> {
    let mut met = HashSet::new();
    due.retain(|visit| met.insert((visit.run, visit.url.clone())));
    let ids: BTreeSet<RunId> = due.iter().map(|visit| visit.run).collect();
    let ids: Vec<RunId> = ids.into_iter().collect();
    for run in runs::get(tx, &ids).await? {
        let limit = instance
            .watched(run.source)
            .map_or(0, |one| one.source.scope.pages_per_run());
        let mut room = i64::from(limit) - run.counts.visits;
        let asked = due.iter().filter(|visit| visit.run == run.id).count();
        if i64::try_from(asked).is_ok_and(|asked| asked <= room) {
            continue;
        }
        // What the run has already takes no room.
        let urls: Vec<_> = due
            .iter()
            .filter(|one| one.run == run.id)
            .map(|one| &one.url)
            .collect();
        let known = visits::known(tx, run.id, &urls).await?;
        due.retain(|visit| {
            if visit.run != run.id {
                return true;
            }
            if known.contains(&visit.url) {
                return false;
            }
            room -= 1;
            room >= 0
        });
    }
    Ok(())
}
