//! Is a sighting news? Judged per entry, over everything that is remembered of it.

use std::{collections::BTreeSet, time::Duration};

use sightline_model::{Certainty, ListingId, Previous, Reason, SourceId, Timestamp};

use crate::absence::absence;

/// What is remembered of one entry: when and where it was last seen, and every source that ever showed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memory {
    /// The latest time and place, over all listings.
    pub last_seen: Previous,
    /// Every source that ever showed it.
    pub sources: BTreeSet<SourceId>,
}

impl Memory {
    /// What is remembered after a first time.
    pub fn of(seen: Previous) -> Self {
        Self {
            sources: BTreeSet::from([seen.source]),
            last_seen: seen,
        }
    }

    /// Remembers one time more. Visits end in any order, so an earlier time does not replace a later one.
    pub fn see(&mut self, at: Timestamp, source: SourceId, listing: ListingId) {
        self.sources.insert(source);
        if at >= self.last_seen.at {
            self.last_seen = Previous {
                at,
                source,
                listing,
            };
        }
    }
}

/// What is remembered of one entry by all that was seen of it, and by what was certain alone: a certain sighting is news
/// even where possible ones came before it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recollection {
    all: Option<Memory>,
    certain: Option<Memory>,
}

impl Recollection {
    /// Of what is stored.
    pub fn new(all: Option<Memory>, certain: Option<Memory>) -> Self {
        Self { all, certain }
    }

    /// What a sighting of this certainty is judged against.
    pub fn behind(&self, certainty: Certainty) -> Option<&Memory> {
        match certainty {
            Certainty::Certain => self.certain.as_ref(),
            Certainty::Possible | Certainty::Warned => self.all.as_ref(),
        }
    }

    /// Remembers one time more. What a warning list names is not remembered.
    pub fn see(
        &mut self,
        certainty: Certainty,
        at: Timestamp,
        source: SourceId,
        listing: ListingId,
    ) {
        let parts = [
            (&mut self.all, Certainty::Possible),
            (&mut self.certain, Certainty::Certain),
        ];
        for (part, least) in parts {
            if certainty < least {
                continue;
            }
            match part {
                Some(memory) => memory.see(at, source, listing),
                None => {
                    *part = Some(Memory::of(Previous {
                        at,
                        source,
                        listing,
                    }));
                }
            }
        }
    }
}

/// Whether a listing has shown an entry before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// It never has, or nobody could have been told of it.
    New,
    /// It has.
    Known,
}

/// Why a sighting in a `listing` of `source` at `now` is, or is not, news. `gap` is the watchlist's: quiet for longer than this is
/// to have been gone. What was gone and comes back on a new source has reappeared: the graver of the two. A listing that showed
/// it before may have stood there all the time: it is back only where somebody looked, at these instants, and missed it.
pub fn judge(
    memory: Option<&Memory>,
    source: SourceId,
    listing: Listing,
    now: Timestamp,
    gap: Duration,
    looks: &[Timestamp],
) -> Reason {
    let Some(memory) = memory else {
        return Reason::First;
    };
    let since = memory.last_seen.at;
    let away = match listing {
        Listing::New => now.since(since),
        Listing::Known => absence(since, looks, now, gap),
    };
    if away > gap {
        return Reason::Reappeared;
    }
    if !memory.sources.contains(&source) {
        return Reason::NewSource;
    }
    match listing {
        Listing::New => Reason::NewListing,
        Listing::Known => Reason::Continued,
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::Mint;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn what_is_certain_is_news_though_something_possible_came_before() {
        use Certainty::{Certain, Possible, Warned};
        let source = Mint::seeded(1).id(Timestamp(0));
        for (before, now, expected) in [
            (vec![], Certain, Reason::First),
            (vec![Possible], Certain, Reason::First),
            (vec![Possible], Possible, Reason::Continued),
            (vec![Certain], Possible, Reason::Continued),
            (vec![Certain], Certain, Reason::Continued),
            (vec![Warned], Certain, Reason::First),
            (vec![Warned], Possible, Reason::First),
        ] {
            let mut known = Recollection::default();
            for certainty in &before {
                known.see(*certainty, Timestamp(0), source, ListingId(1));
            }
            let behind = known.behind(now);
            let judged = judge(behind, source, Listing::Known, Timestamp(1), DAY, &[]);
            assert_eq!(judged, expected, "{now} after {before:?}");
        }
    }

    #[test]
    fn reasons() {
        let mint = Mint::seeded(1);
        let start = Timestamp(1_700_000_000_000);
        let [here, there, nowhere]: [SourceId; 3] = [(); 3].map(|()| mint.id(start));
        let mut memory = Memory::of(Previous {
            at: start,
            source: here,
            listing: ListingId(1),
        });
        memory.see(start - DAY, there, ListingId(2));
        assert_eq!(
            memory.last_seen.listing,
            ListingId(1),
            "an earlier time is no later one"
        );

        let gap = 14 * DAY;
        // Somebody looked each day, and missed it.
        let looks: Vec<Timestamp> = (1..50).map(|day| start + day * DAY).collect();
        for (known, source, after, expected) in [
            (false, here, DAY, Reason::First),
            (true, here, Duration::ZERO, Reason::Continued),
            (true, there, 2 * DAY, Reason::Continued),
            (true, here, gap, Reason::Continued),
            (
                true,
                here,
                gap + Duration::from_millis(1),
                Reason::Reappeared,
            ),
            (true, nowhere, DAY, Reason::NewSource),
            (true, nowhere, 41 * DAY, Reason::Reappeared),
        ] {
            let memory = known.then_some(&memory);
            let judged = judge(memory, source, Listing::Known, start + after, gap, &looks);
            assert_eq!(judged, expected, "after {after:?}, known: {known}");
            // Only what goes on is told apart by its listing.
            let one_more = match expected {
                Reason::Continued => Reason::NewListing,
                graver => graver,
            };
            let judged = judge(memory, source, Listing::New, start + after, gap, &looks);
            assert_eq!(judged, one_more, "after {after:?}, known: {known}");
            // Nobody looked: an ad that was there before may have been there all along; a new one was not.
            let unseen = judge(memory, source, Listing::Known, start + after, gap, &[]);
            let expected = match expected {
                Reason::Reappeared if source == nowhere => Reason::NewSource,
                Reason::Reappeared => Reason::Continued,
                other => other,
            };
            assert_eq!(unseen, expected, "after {after:?}, known: {known}");
            let unseen = judge(memory, source, Listing::New, start + after, gap, &[]);
            assert_eq!(unseen, one_more, "after {after:?}, known: {known}");
        }
    }
}
