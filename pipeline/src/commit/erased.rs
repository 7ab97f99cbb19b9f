//! What was erased comes again: its listing is passed over where a page shows it, and its pages and images are not fetched.

use std::collections::{HashMap, HashSet};

use sightline_model::NewVisit;
use sightline_store::{
    Tx,
    erasures::{self, mark_of_listing, mark_of_url},
};

use super::{Item, listings::read_of};
use crate::PipelineError;

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
