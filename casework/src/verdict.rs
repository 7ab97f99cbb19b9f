//! What a person found sightings to be, remembered for the pairs of entry and listing.

use std::collections::BTreeSet;

use sightline_model::{EntryId, Sighting, Verdict};
use sightline_store::{
    Tx, entries,
    verdicts::{self, Said},
};

use crate::{By, Refused};

/// Says one thing of sightings, or takes back what was said of them, and writes it into the audit log.
///
/// # Errors
/// Where the store fails.
pub async fn say(
    tx: &mut Tx,
    found: &[Sighting],
    verdict: Option<Verdict>,
    why: &str,
    by: &By,
) -> Result<Vec<Said>, Refused> {
    let entries: BTreeSet<EntryId> = found.iter().map(|one| one.entry).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    entries::hold(tx, &entries).await?;
    let said: Vec<Said> = found
        .iter()
        .map(|sighting| Said {
            entry: sighting.entry,
            listing: sighting.listing,
            verdict,
            at: by.at,
            who: by.who.clone(),
            why: why.to_owned(),
        })
        .collect();
    verdicts::say(tx, &said).await?;
    let what = match verdict {
        Some(Verdict::Confirmed) => "sighting.confirm",
        Some(Verdict::Rejected) => "sighting.reject",
        None => "sighting.undo",
    };
    for sighting in found {
        by.log(tx, what, sighting.id.to_string(), why).await?;
    }
    Ok(said)
}
