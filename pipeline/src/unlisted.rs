//! The page of a listing that no list leads to any more, asked for itself: whether it still has that listing.

use sightline_extractors::{ReadListing, Reading};
use sightline_model::{ListingId, Outcome, VisitKind};
use sightline_store::listings;

use crate::{
    PipelineError,
    commit::differ,
    instance::Instance,
    process::{Found, Processed},
};

/// Ends the visit as `gone` where the page that came does not have the listing that it was asked about: sites send those who ask for
/// an ad that is gone to their lists, to another ad, or to a notice. What stands there is passed over, for no list leads to it: it is
/// nobody's new ad.
pub(crate) async fn settle(
    instance: &Instance,
    processed: &mut Processed,
) -> Result<(), PipelineError> {
    let visit = &processed.task.lease.visit;
    let (VisitKind::Detail, Some(listing)) = (visit.kind, visit.listing) else {
        return Ok(());
    };
    let is_there = match &processed.found {
        Found::Page(page) => has(instance, &page.reading, listing).await?,
        Found::Nothing => processed.outcome != Outcome::NoListing,
        Found::Unchanged | Found::Image(_) => true,
    };
    if is_there {
        return Ok(());
    }
    if let Found::Page(_) = processed.found {
        processed.found = Found::Nothing;
        processed.detail = Some("something else came in the place of this ad".to_owned());
    }
    processed.outcome = Outcome::Gone;
    Ok(())
}

/// True where a page has this listing: under its key, and where that is at another address, in its words; or under its address, where
/// it is kept by that.
async fn has(
    instance: &Instance,
    reading: &Reading,
    listing: ListingId,
) -> Result<bool, PipelineError> {
    let mut tx = instance.read().await?;
    let Some(listing) = listings::get(&mut tx, &[listing]).await?.pop() else {
        return Ok(false);
    };
    let last = listings::version(&mut tx, listing.id, listing.version).await?;
    let is_it = |read: &ReadListing| {
        let is_other = || {
            last.as_ref()
                .is_some_and(|last| differ(read, &last.title, &last.text))
        };
        read.url.as_str() == listing.key
            || (read.key == listing.key && (read.url == listing.url || !is_other()))
    };
    Ok(reading.listings.iter().any(is_it))
}
