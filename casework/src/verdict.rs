//! What a person found sightings to be, remembered for the pairs of entry and listing.

use std::collections::BTreeSet;

use sightline_model::{EntryId, Sighting, Verdict};
use sightline_store::{
    Tx, entries,
    verdicts::{self, Said},
};

use crate::{By, Refused, refused::said};

/// What became of a person's word on a sighting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It was written down.
    New(Said),
    /// It stood so already, by these words, or by none: then there was nothing to take back. Nothing was written.
    Known(Option<Said>),
}

impl Heard {
    /// The words that count now.
    pub fn words(&self) -> Option<&Said> {
        match self {
            Self::New(said) => Some(said),
            Self::Known(said) => said.as_ref(),
        }
    }

    /// True where something was written.
    pub fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// Says one thing of sightings, or takes back what was said of them, and writes it into the audit log. What the same person
/// said before with the same reason, or with none to add, is not said again; what nobody said is not taken back. Another's
/// word, or another reason, is kept.
///
/// # Errors
/// Where the reason is too long, or the store fails.
pub async fn say(
    tx: &mut Tx,
    found: &[Sighting],
    verdict: Option<Verdict>,
    why: &str,
    by: &By,
) -> Result<Vec<Heard>, Refused> {
    let entries: BTreeSet<EntryId> = found.iter().map(|one| one.entry).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    entries::hold(tx, &entries).await?;
    let pairs: Vec<_> = found.iter().map(|one| (one.entry, one.listing)).collect();
    let mut standing = verdicts::of_pairs(tx, &pairs).await?;
    let why = match why.trim() {
        "" => String::new(),
        why => said("why", why)?,
    };
    let hear = |sighting: &Sighting| {
        let before = standing.remove(&(sighting.entry, sighting.listing));
        let repeats = match (&before, verdict) {
            (None, None) => true,
            (Some(before), Some(_)) => {
                let same_why = why.is_empty() || before.why == why;
                before.verdict == verdict && before.who == by.who && same_why
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        match repeats {
            true => Heard::Known(before),
            false => Heard::New(Said {
                entry: sighting.entry,
                listing: sighting.listing,
                verdict,
                at: by.at,
                who: by.who.clone(),
                why: why.clone(),
            }),
        }
    };
    let heard: Vec<Heard> = found.iter().map(hear).collect();
    let new = |heard: &Heard| heard.words().filter(|_| heard.is_new()).cloned();
    let said: Vec<Said> = heard.iter().filter_map(new).collect();
    verdicts::say(tx, &said).await?;
    let what = match verdict {
        Some(Verdict::Confirmed) => "sighting.confirm",
        Some(Verdict::Rejected) => "sighting.reject",
        None => "sighting.undo",
    };
    for (sighting, _) in found.iter().zip(&heard).filter(|(_, heard)| heard.is_new()) {
        by.log(tx, what, sighting.id.to_string(), &why).await?;
    }
    Ok(heard)
}
