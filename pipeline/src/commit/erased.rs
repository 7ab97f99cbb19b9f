//! What was erased comes again: its listing is passed over where a page shows it, and its pages and images are not fetched.

use std::collections::{HashMap, HashSet};

use sightline_model::{NewVisit, Timestamp, VisitKind};
use sightline_store::{
    Tx,
    erasures::{self, Stray, mark_of_listing, mark_of_url},
};

use super::{Item, listings::read_of};
use crate::{PipelineError, process::Found};

/// Notes on the items which of their listings were erased, to be passed over.
pub(super) async fn mark(tx: &mut Tx, items: &mut [Item<'_>]) -> Result<(), PipelineError> {
    if !erasures::any_suppressed(tx).await? {
        return Ok(());
    }
    let mut marks = HashMap::new();
    for item in &*items {
        for ((source, key), _) in read_of(item) {
            marks.insert((source, key), mark_of_listing(source, key));
        }
    }
    let asked: Vec<&str> = marks.values().map(String::as_str).collect();
    let erased: HashSet<String> = erasures::suppressed(tx, &asked)
        .await?
        .into_iter()
        .collect();
    for item in items {
        let found = read_of(item).filter_map(|(key, index)| {
            let mark = marks.get(&key)?;
            erased.contains(mark).then_some(index)
        });
        item.erased = found.collect();
    }
    Ok(())
}

/// Passes over listings' pages that were fetched before what they say was erased: their records go with the next compaction,
/// and their visits are made again, when their leases end. And remembers by which other URLs it comes.
pub(super) async fn set_aside(
    tx: &mut Tx,
    items: &mut Vec<Item<'_>>,
    now: Timestamp,
) -> Result<(), PipelineError> {
    for item in &*items {
        let visit = &item.processed.task.lease.visit;
        if let Some(mark) = &item.processed.erased {
            erasures::learn(tx, mark, &mark_of_url(visit.source, &visit.url)).await?;
        }
        let Some(key) = erased_key(item) else {
            continue;
        };
        let strays: Vec<Stray<'_>> = item
            .processed
            .kept
            .iter()
            .map(|kept| Stray {
                evidence: &kept.evidence,
                digest: &kept.digest,
                fetched_at: kept.fetched_at,
            })
            .collect();
        let mark = mark_of_listing(visit.source, key);
        erasures::entomb(tx, &mark, &strays, now).await?;
    }
    items.retain(|item| erased_key(item).is_none());
    Ok(())
}

/// The key of a listing that was erased on a listing's own page.
fn erased_key<'b>(item: &Item<'b>) -> Option<&'b str> {
    let Found::Page(page) = &item.processed.found else {
        return None;
    };
    let is_own = item.processed.task.lease.visit.kind == VisitKind::Detail;
    let index = item.erased.iter().next().filter(|_| is_own)?;
    Some(page.reading.listings.get(*index)?.key.as_str())
}

/// Leaves out what leads to a page or image that was erased.
pub(super) async fn leave_out(
    tx: &mut Tx,
    visits: &mut Vec<NewVisit>,
) -> Result<(), PipelineError> {
    if visits.is_empty() || !erasures::any_suppressed(tx).await? {
        return Ok(());
    }
    let marks: Vec<String> = visits
        .iter()
        .map(|visit| mark_of_url(visit.source, &visit.url))
        .collect();
    let asked: Vec<&str> = marks.iter().map(String::as_str).collect();
    let erased: HashSet<String> = erasures::suppressed(tx, &asked)
        .await?
        .into_iter()
        .collect();
    let mut marks = marks.iter();
    visits.retain(|_| marks.next().is_none_or(|mark| !erased.contains(mark)));
    Ok(())
}
