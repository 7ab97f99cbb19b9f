//! Visits: how those of the batch ended, and which follow from them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sightline_model::{NewVisit, Outcome, PageLink, RunId, Timestamp, VisitKind};
use sightline_store::{
    Tx, runs,
    visits::{self, Try, VisitEnd, VisitRetry},
};
use url::Url;

use super::{Committed, Item, erased};
use crate::{PipelineError, ending::Ending, instance::Instance, process::Found};

/// Of so many links of one page it is told that a limit of the source keeps them out: one would do for the run to be partial, and
/// a page may have thousands.
const KEPT_OUT: usize = 10;

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

    let (mut due, out) = leads_to(instance, items);
    erased::leave_out(tx, &mut due).await?;
    erased::leave_out(tx, &mut images).await?;
    within_runs(tx, instance, &mut due).await?;
    // Pages that lead on come first: behind fifty listings, each would keep the crawl waiting for the next.
    due.sort_by_key(|visit| visit.kind != VisitKind::List);
    for (visit, added) in due.iter().zip(visits::add(tx, &due).await?) {
        done.counts(visit.run).visits += i64::from(added.is_some());
    }
    visits::add(tx, &images).await?;
    keep_out(tx, instance, out, done).await?;
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
            // It is had, and nothing is wrong with it: it is not wanted, or says that the pages end before it.
            Found::Nothing
                if matches!(item.processed.outcome, Outcome::Erased | Outcome::Fetched) =>
            {
                counts.fetched += 1;
            }
            Found::Nothing => counts.failed += 1,
            Found::Unchanged => {
                counts.fetched += 1;
                counts.unchanged += 1;
            }
            Found::Page(_) | Found::Image(_) => counts.fetched += 1,
        }
    }
}

/// The links of a page of listings, remembered ones where it had not changed.
fn links<'i>(item: &'i Item<'_>) -> &'i [PageLink] {
    let lease = &item.processed.task.lease;
    match (&item.processed.found, &lease.page) {
        _ if lease.visit.kind != VisitKind::List => &[],
        (Found::Page(page), _) => &page.reading.links,
        (Found::Unchanged, Some(page)) => &page.links,
        _ => &[],
    }
}

/// Where the pages of listings in the batch lead: the visits that are due, and those that the source's own limits keep out, each
/// with why.
fn leads_to(instance: &Instance, items: &[Item<'_>]) -> (Vec<NewVisit>, Vec<(NewVisit, String)>) {
    let (mut due, mut out) = (Vec::new(), Vec::new());
    for item in items {
        let Some(watched) = instance.watched(item.processed.task.lease.visit.source) else {
            continue;
        };
        let mut told = 0;
        for link in links(item) {
            if item.counts_on_for_nothing(link) {
                continue;
            }
            let visit = new_visit(item, link);
            let Some(kept_out) = watched.source.keeps_out(link, visit.depth) else {
                due.push(visit);
                continue;
            };
            if let Some(remedy) = kept_out.remedy.filter(|_| told < KEPT_OUT) {
                told += 1;
                out.push((visit, format!("{}; {remedy}", kept_out.why)));
            }
        }
    }
    (due, out)
}

fn new_visit(item: &Item<'_>, link: &PageLink) -> NewVisit {
    let visit = &item.processed.task.lease.visit;
    NewVisit {
        run: visit.run,
        source: visit.source,
        kind: link.kind,
        url: link.url.clone(),
        depth: visit.depth + 1,
        due_at: item.processed.at,
        listing: None,
    }
}

/// Keeps what the source's own limits keep out, as visits that are over: whoever looks sees what is missing, and the run knows that
/// it did not see everything.
async fn keep_out(
    tx: &mut Tx,
    instance: &Instance,
    out: Vec<(NewVisit, String)>,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    if out.is_empty() {
        return Ok(());
    }
    let mut visits: Vec<NewVisit> = out.iter().map(|(visit, _)| visit.clone()).collect();
    let why: HashMap<(RunId, Url), String> = out
        .into_iter()
        .map(|(visit, why)| ((visit.run, visit.url), why))
        .collect();
    erased::leave_out(tx, &mut visits).await?;
    within_runs(tx, instance, &mut visits).await?;
    let added = visits::add(tx, &visits).await?;
    let mut ends = Vec::new();
    for (visit, id) in visits.iter().zip(added) {
        let Some(id) = id else { continue };
        let counts = done.counts(visit.run);
        counts.visits += 1;
        counts.failed += 1;
        ends.push(VisitEnd {
            id,
            outcome: Outcome::OutOfScope,
            detail: why.get(&(visit.run, visit.url.clone())).cloned(),
            status: None,
            capture: None,
            at: visit.due_at,
        });
    }
    Ok(visits::finish(tx, &ends).await?)
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
        let met = visits::met(tx, run.id, &urls).await?;
        due.retain(|visit| {
            if visit.run != run.id {
                return true;
            }
            if met.contains(&visit.url) {
                return false;
            }
            room -= 1;
            room >= 0
        });
    }
    Ok(())
}
