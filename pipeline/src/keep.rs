//! Keeping what a visit's exchanges were, before any of it is read.

use sightline_crawler::{
    archive::{Archive, ArchiveError, ReadBy, RevisitOf},
    visit::Visited,
};
use sightline_model::VisitKind;
use sightline_store::captures::Holder;

use crate::{
    instance::Watched,
    process::{Kept, Task, reader},
};

/// Puts every exchange into the archive, in order. A body that the page is known by already is referred to, not kept
/// twice; and the record of a page says what reads it.
pub(crate) fn keep(
    archive: &Archive,
    watched: &Watched,
    task: &Task,
    visited: &Visited,
) -> Result<Vec<Kept>, ArchiveError> {
    let answered = visited.result.as_ref().ok().map(|answer| answer.exchange);
    let kind = task.lease.visit.kind;
    let read_by = (kind != VisitKind::Image).then(|| ReadBy {
        kind,
        reader: reader(watched, kind).to_owned(),
    });
    let mut kept = Vec::with_capacity(visited.exchanges.len());
    for (index, exchange) in visited.exchanges.iter().enumerate() {
        let known = task.known.as_ref().filter(|_| answered == Some(index));
        let not_modified = exchange.status == 304;
        let revisit = known.filter(|known| not_modified || known.digest == exchange.digest);
        let read_by = read_by.as_ref().filter(|_| answered == Some(index));
        let evidence = archive.keep(exchange, revisit.map(referred).as_ref(), read_by)?;
        let digest = match revisit {
            Some(known) => known.digest.clone(),
            None => exchange.digest.clone(),
        };
        kept.push(Kept {
            url: exchange.url.clone(),
            status: exchange.status,
            content_type: exchange.content_type(),
            length: i64::try_from(exchange.body.len()).unwrap_or(i64::MAX),
            digest,
            peer: exchange.peer.map(|peer| peer.to_string()),
            fetched_at: exchange.sent_at,
            took_ms: i64::try_from(exchange.took.as_millis()).unwrap_or(i64::MAX),
            evidence,
            repeats: revisit.is_some(),
        });
    }
    Ok(kept)
}

fn referred(known: &Holder) -> RevisitOf {
    RevisitOf {
        record: known.record.clone(),
        url: known.url.clone(),
        at: known.fetched_at,
        digest: known.digest.clone(),
    }
}
