//! Sightings: entries matched by observations, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    CaptureId, Confidence, EntryId, Fate, ListingId, ObservationId, SightingId, SourceId, Step,
    Timestamp, WatchlistId, is_disguised, selector::words,
};

/// Why a sighting is, or is not, news. Judged per entry, over all its listings.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Seen lately on this source, and before in this listing: recorded, not alerted.
    Continued,
    /// Seen lately on this source, but never in this listing before. Recorded, unless the rules ask for it.
    NewListing,
    /// Seen lately, but never on this source before.
    NewSource,
    /// No listing anywhere had shown it for longer than the watchlist's gap.
    Reappeared,
    /// Never seen before.
    First,
    /// Found in what was already stored when the entry was added.
    Historic,
}

words!(
    Reason, "reason",
    Continued => "continued", NewListing => "new_listing", NewSource => "new_source", Reappeared => "reappeared",
    First => "first", Historic => "historic",
);

impl Reason {
    /// Those that a watchlist's rules can name: all but what goes on, in the order in which people are shown them.
    pub const RULED: [Self; 5] = [
        Self::First,
        Self::Reappeared,
        Self::NewSource,
        Self::NewListing,
        Self::Historic,
    ];

    /// Reads a reason that raises an alert, as people name it.
    ///
    /// # Errors
    /// Where it is none, or one that raises no alert: in words that offer what can be said instead.
    pub fn ruled(word: &str) -> Result<Self, String> {
        let offered = Self::RULED.map(Self::as_str).join(", ");
        match word.parse() {
            Ok(Self::Continued) => Err(format!(
                "'continued' raises no alert, for what goes on is recorded; use one of {offered}"
            )),
            Ok(reason) => Ok(reason),
            Err(_) => Err(format!(
                "'{word}' is not a reason that raises an alert; use one of {offered}"
            )),
        }
    }
}

/// What a person found a sighting to be. It is remembered for the pair of entry and listing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is what was looked for.
    Confirmed,
    /// It is not: this listing never alerts for this entry again, and counts for nothing.
    Rejected,
}

words!(Verdict, "verdict", Confirmed => "confirmed", Rejected => "rejected");

/// An entry matched by an observation: one row for each (entry, listing).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sighting {
    /// Its identifier.
    pub id: SightingId,
    /// The entry that was looked for.
    pub entry: EntryId,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// The observation that matched. None for a phrase, which is matched in the text itself.
    pub observation: Option<ObservationId>,
    /// The listing.
    pub listing: ListingId,
    /// The listing's source.
    pub source: SourceId,
    /// The listing's URL, as it was then.
    pub url: Url,
    /// The latest judgement on this pair.
    pub reason: Reason,
    /// When that judgement was made.
    pub at: Timestamp,
    /// When the pair was first seen.
    pub first_seen: Timestamp,
    /// When the pair was last seen. While `current`, this follows the listing.
    pub last_seen: Timestamp,
    /// True while the listing's present version matches.
    pub current: bool,
    /// True where what it was recognised by is furniture of its source, which was learned after it was made. Then it
    /// tells nothing of the entry, and counts for nothing.
    pub withheld: bool,
    /// What led to that judgement, as it stood then: what the listing says later is never written over it.
    pub explanation: Explanation,
    /// What the listing was read to say of it since; nothing while that is the same.
    #[serde(default)]
    pub since: Option<Since>,
    /// What came of it; nothing where it was decided on before that was kept.
    #[serde(default)]
    pub fate: Option<Fate>,
}

impl Sighting {
    /// What the listing was last read to say of it: what led to the judgement, or what it says since.
    pub fn latest(&self) -> &Explanation {
        let since = self.since.as_ref().map(|since| &since.explanation);
        since.unwrap_or(&self.explanation)
    }

    /// The listing's URL when it was read to say so.
    pub fn latest_url(&self) -> &Url {
        self.since.as_ref().map_or(&self.url, |since| &since.url)
    }

    /// True where it is no news: it goes on, or is one more listing of which the rules do not tell. A message that waits
    /// may show it all the same.
    pub fn goes_on(&self) -> bool {
        match self.reason {
            Reason::Continued => true,
            Reason::NewListing => !matches!(
                self.fate,
                Some(
                    Fate::Told { .. }
                        | Fate::Grouped { .. }
                        | Fate::Gathered { .. }
                        | Fate::Silenced { .. }
                        | Fate::NoChannel { .. }
                )
            ),
            Reason::NewSource | Reason::Reappeared | Reason::First | Reason::Historic => false,
        }
    }
}

/// Why a sighting was made, in what a person needs to check it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The matched text as it stood.
    pub raw: String,
    /// What stood before it, up to 80 characters.
    pub before: String,
    /// What stood after it, up to 80 characters.
    pub after: String,
    /// The steps that led from raw to canonical.
    pub steps: Vec<Step>,
    /// How much reading it took.
    pub confidence: Confidence,
    /// The capture it was read from.
    pub capture: CaptureId,
    /// Where it stood in the listing's text; nothing for an image, and where that was not kept yet.
    #[serde(default)]
    pub span: Option<Span>,
    /// When and where the entry was seen before, if it was.
    pub previous: Option<Previous>,
    /// The warning list that names what was matched, where that keeps it from raising an alert.
    #[serde(default)]
    pub warning: Option<String>,
    /// What else in the listing matches the entry, as it stood, each once: what is shown is the best of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// What else in a listing matches an entry that an explanation names at most.
pub const MOST_OTHERS: usize = 8;

/// A place in the text of a version of a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The listing's version.
    pub version: i64,
    /// Where it begins in that version's text, in bytes of UTF-8.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// What a listing says of a sighting since it was judged, where that is other than it was then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Since {
    /// When it was first read so.
    pub at: Timestamp,
    /// The listing's URL since.
    pub url: Url,
    /// How it was read.
    pub explanation: Explanation,
}

/// What a sighting is worth as news of its entry. Ordered: what is worth more makes what is worth less old news, and not
/// the other way about.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A warning list names what was matched: recorded, and nobody is told.
    Warned,
    /// It may be another identifier after all.
    Possible,
    /// It is the identifier that is looked for.
    Certain,
}

words!(Certainty, "certainty", Warned => "warned", Possible => "possible", Certain => "certain");

impl Certainty {
    /// What several sightings come to: the best of them, for one that is certain makes all of it so; nothing where there is none.
    pub fn together(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().max()
    }

    /// True where it may be another identifier after all: people are told so wherever they read of it.
    pub fn is_possible(self) -> bool {
        self == Self::Possible
    }
}

impl Explanation {
    /// What it makes of the sighting.
    pub fn certainty(&self) -> Certainty {
        match (&self.warning, self.confidence.is_possible()) {
            (Some(_), _) => Certainty::Warned,
            (None, true) => Certainty::Possible,
            (None, false) => Certainty::Certain,
        }
    }

    /// True where the same words were read the same way, wherever they stood.
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self
            == Self {
                capture: self.capture,
                span: self.span,
                previous: self.previous.clone(),
                ..other.clone()
            }
    }

    /// True where somebody disguised what matched: one of the steps undid a disguise.
    pub fn is_disguised(&self) -> bool {
        is_disguised(&self.steps)
    }
}

/// Where an entry was last seen before the sighting at hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Previous {
    /// When.
    pub at: Timestamp,
    /// On which source.
    pub source: SourceId,
    /// In which listing.
    pub listing: ListingId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sighting_that_is_certain_makes_all_of_it_so() {
        use Certainty::{Certain, Possible, Warned};
        for (all, expected) in [
            (vec![], None),
            (vec![Possible], Some(Possible)),
            (vec![Possible, Certain, Possible], Some(Certain)),
            (vec![Warned, Possible], Some(Possible)),
        ] {
            let found = Certainty::together(all.clone());
            assert_eq!(found, expected, "{all:?}");
            let is_possible = found.is_some_and(Certainty::is_possible);
            assert_eq!(is_possible, expected == Some(Possible));
        }
    }

    #[test]
    fn rules_name_every_reason_but_what_goes_on() {
        for reason in Reason::ALL {
            let read = Reason::ruled(reason.as_str());
            assert_eq!(read.is_ok(), *reason != Reason::Continued);
            assert_eq!(Reason::RULED.contains(reason), read.is_ok());
        }
        for word in ["continued", "new"] {
            let offered = Reason::ruled(word).unwrap_err();
            let (_, offered) = offered.split_once("use one of").unwrap();
            assert_eq!(
                offered.trim(),
                "first, reappeared, new_source, new_listing, historic"
            );
        }
    }
}
