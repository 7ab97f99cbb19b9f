//! Listings that the lists of a run do not lead to any more: their own pages are asked before they count as gone. A list may lack
//! an ad by mistake, and nobody knows of an ad what its own page does not know.

use std::time::Duration;

use sightline_model::{NewVisit, PageLink, Run, RunCounts, Timestamp, VisitKind};
use sightline_store::{
    Tx,
    listings::{self, UnlistedUntil},
    pages, runs, visits,
};

use super::{Committed, erased};
use crate::{PipelineError, instance::Instance};

/// So long a listing counts as there though no list leads to it, where its own page answers: sites take ads from their lists long
/// before they take their pages away, and mend their lists within days.
const ANSWERED: Duration = Duration::from_secs(68 * 3_600);

/// The same of a listing that only a page of listings had, and the run did not come to that: until the next day's run, whatever minute
/// it begins at.
const SHOWN: Duration = Duration::from_secs(20 * 3_600);

/// Asks the pages of those that a run has not seen which has seen all lists. True where there are any: the run goes on until
/// they have answered.
pub(super) async fn ask(
    tx: &mut Tx,
    instance: &Instance,
    run: &Run,
    limit: i64,
    done: &mut Committed,
) -> Result<bool, PipelineError> {
    let now = instance.clock.now();
    let left = listings::leave_behind(tx, run.source, run.id).await?;
    pages::forget(tx, &left).await?;
    listings::note_unlisted(tx, run.source, run.id, now).await?;
    let Some(watched) = instance.watched(run.source) else {
        return Ok(false);
    };
    // A run that reaches its limit was cut off: this one was not.
    let room = u32::try_from(limit - 1 - run.counts.visits).unwrap_or(0);
    let after = until(now).with_page;
    let pages = listings::own_pages_of_unlisted(tx, run.source, run.id, after, room).await?;
    let mut due: Vec<NewVisit> = pages
        .into_iter()
        .map(|(listing, url)| NewVisit {
            run: run.id,
            source: run.source,
            kind: VisitKind::Detail,
            url,
            depth: 1,
            due_at: now,
            listing: Some(listing),
        })
        .filter(|visit| {
            let link = PageLink {
                kind: visit.kind,
                url: visit.url.clone(),
            };
            watched.source.keeps_out(&link, visit.depth).is_none()
        })
        .collect();
    erased::leave_out(tx, &mut due).await?;
    let added = visits::add(tx, &due).await?.into_iter().flatten().count();
    let visits = i64::try_from(added).unwrap_or(i64::MAX);
    let counts = RunCounts {
        visits,
        ..RunCounts::default()
    };
    runs::add_counts(tx, &[(run.id, counts)]).await?;
    done.counts(run.id).visits += visits;
    done.led_on |= added > 0;
    Ok(added > 0)
}

/// Marks as removed what was missing for long enough; how many those are.
pub(super) async fn remove(tx: &mut Tx, run: &Run, now: Timestamp) -> Result<i64, PipelineError> {
    let removed = listings::mark_removed(tx, run.source, run.id, until(now), now).await?;
    Ok(i64::try_from(removed.len()).unwrap_or(i64::MAX))
}

fn until(now: Timestamp) -> UnlistedUntil {
    UnlistedUntil {
        with_page: now - ANSWERED,
        without: now - SHOWN,
    }
}
