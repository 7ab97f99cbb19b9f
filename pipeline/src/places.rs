//! Places: where stored observations stand, and what a matcher recognises there. Hunting and backtesting share it, so that
//! both find what a crawl would have found.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
};

use sightline_model::{
    CaptureId, EntryId, Explanation, Find, Kind, Listing, ListingId, MOST_OTHERS, Observation,
    Selector, SourceId, Span, Timestamp, doubt,
};
use sightline_store::{Tx, listings, listings::PresentListing};
use sightline_watchlists::{
    explain::{Excerpt, excerpt},
    matcher::{Match, Matcher, Subject},
    warnings::WarningLists,
};

use crate::{PipelineError, commit::Shown};

/// What is known of selectors beside that they are looked for.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    /// What each source shows everywhere because it is the site's own.
    pub furniture: &'k HashMap<SourceId, HashSet<Selector>>,
    /// What matches where nothing is meant.
    pub warnings: &'k WarningLists,
}

/// What a matcher recognises in the words of a text, each with its span in bytes.
pub(crate) fn matched_text(
    matcher: &Matcher,
    warnings: &WarningLists,
    text: &str,
    now: Timestamp,
) -> Vec<(Match, usize, usize)> {
    let subject = Subject {
        text,
        warnings: Some(warnings),
        ..Subject::default()
    };
    let matched = matcher.matches(&subject, now).into_iter();
    matched
        .filter_map(|matched| {
            let (start, end) = matched.span(&[])?;
            Some((matched, start, end))
        })
        .collect()
}

fn as_find(observation: &Observation) -> Find {
    Find {
        selector: observation.selector.clone(),
        raw: observation.raw.clone(),
        start: usize::try_from(observation.start).unwrap_or(0),
        end: usize::try_from(observation.end).unwrap_or(0),
        confidence: observation.confidence,
        steps: observation.steps.clone(),
    }
}

/// Where observations stand: their listings, and what those said.
pub(crate) struct Places {
    listings: HashMap<ListingId, Listing>,
    /// None for those who only count.
    texts: Option<HashMap<(ListingId, i64), String>>,
}

impl Places {
    /// Reads the listings of observations, and what those said.
    pub(crate) async fn of(tx: &mut Tx, found: &[Observation]) -> Result<Self, PipelineError> {
        let mut places = Self::without_texts(tx, found).await?;
        let versions: BTreeSet<_> = found.iter().map(|one| (one.listing, one.version)).collect();
        let versions: Vec<_> = versions.into_iter().collect();
        let versions = listings::versions(tx, &versions).await?;
        let texts = versions
            .into_iter()
            .map(|one| ((one.listing, one.version), one.text));
        places.texts = Some(texts.collect());
        Ok(places)
    }

    /// Reads the listings of observations alone, for those who only count.
    pub(crate) async fn without_texts(
        tx: &mut Tx,
        found: &[Observation],
    ) -> Result<Self, PipelineError> {
        let ids: BTreeSet<ListingId> = found.iter().map(|one| one.listing).collect();
        let ids: Vec<ListingId> = ids.into_iter().collect();
        let listings = listings::get(tx, &ids).await?;
        Ok(Self {
            listings: listings.into_iter().map(|one| (one.id, one)).collect(),
            texts: None,
        })
    }

    /// What a matcher recognises in observations, each by itself, but for what is its source's furniture.
    pub(crate) fn matched<'o>(
        &self,
        matcher: &Matcher,
        known: Known<'_>,
        found: &'o [Observation],
        now: Timestamp,
    ) -> Vec<(&'o Observation, Match)> {
        let mut all = Vec::new();
        for observation in found {
            let find = as_find(observation);
            let of_image = [find.selector.clone()];
            let blank = Subject {
                furniture: self
                    .source(observation)
                    .and_then(|at| known.furniture.get(&at)),
                warnings: Some(known.warnings),
                ..Subject::default()
            };
            let subject = match find.selector.kind {
                Kind::Image => Subject {
                    images: &of_image,
                    ..blank
                },
                _ => Subject {
                    finds: std::slice::from_ref(&find),
                    ..blank
                },
            };
            let matched = matcher.matches(&subject, now).into_iter();
            all.extend(matched.map(|matched| (observation, matched)));
        }
        all
    }

    fn source(&self, observation: &Observation) -> Option<SourceId> {
        Some(self.listings.get(&observation.listing)?.source)
    }

    /// An entry that was recognised, as shown by its listing; with the words around it, where texts were read.
    pub(crate) fn shown(&self, observation: &Observation, matched: Match) -> Option<Shown> {
        let listing = self.listings.get(&observation.listing)?;
        let text = match (&self.texts, observation.selector.kind) {
            (None, _) | (_, Kind::Image) => "",
            (Some(texts), _) => texts.get(&(observation.listing, observation.version))?,
        };
        let find = as_find(observation);
        let place = Place {
            listing,
            version: observation.version,
            text,
            capture: observation.capture,
        };
        let mut shown = place.shown(matched, find.start, find.end);
        if text.is_empty() {
            shown.explanation.raw.clone_from(&observation.raw);
            shown.explanation.span = None;
        }
        shown.observation = Some(observation.id);
        shown.current = observation.current;
        shown.at = observation.seen_at;
        Some(shown)
    }

    /// The words around an observation.
    pub(crate) fn around(&self, observation: &Observation) -> Option<Excerpt<'_>> {
        let texts = self.texts.as_ref()?;
        let text = texts.get(&(observation.listing, observation.version))?;
        let find = as_find(observation);
        let is_text = observation.selector.kind != Kind::Image;
        is_text.then(|| excerpt(text, find.start, find.end))
    }
}

/// Of what shows an entry in a listing, the best, which names the others: found one by one, they say the same as where a crawl
/// finds them together.
pub(crate) fn best_of(shown: Vec<Shown>) -> Vec<Shown> {
    let worth = |one: &Shown| {
        let Explanation {
            confidence,
            steps,
            span,
            ..
        } = &one.explanation;
        let start = span.map(|span| (span.version, Reverse(span.start)));
        (one.current, *confidence, Reverse(doubt(steps)), start)
    };
    let mut places = HashMap::<(EntryId, ListingId), usize>::new();
    let mut best: Vec<Shown> = Vec::with_capacity(shown.len());
    for mut one in shown {
        let Some(&place) = places.get(&(one.entry, one.listing)) else {
            places.insert((one.entry, one.listing), best.len());
            best.push(one);
            continue;
        };
        let held = &mut best[place];
        if worth(&one) > worth(held) {
            std::mem::swap(held, &mut one);
        }
        let (held, also) = (&mut held.explanation, one.explanation);
        for other in [also.raw].into_iter().chain(also.also) {
            let is_new = other != held.raw && !held.also.contains(&other);
            if is_new && held.also.len() < MOST_OTHERS && one.current {
                held.also.push(other);
            }
        }
    }
    best
}

/// A listing, and what it says.
pub(crate) struct Place<'p> {
    listing: &'p Listing,
    version: i64,
    text: &'p str,
    capture: CaptureId,
}

impl<'p> Place<'p> {
    /// A listing with what it says now.
    pub(crate) fn of(present: &'p PresentListing) -> Self {
        Self {
            listing: &present.listing,
            version: present.present.version,
            text: &present.present.text,
            capture: present.present.capture,
        }
    }

    /// An entry that was recognised in this span of the text, as shown by the listing now.
    pub(crate) fn shown(&self, matched: Match, start: usize, end: usize) -> Shown {
        let also = matched.also(&[], self.text);
        let around = excerpt(self.text, start, end);
        Shown {
            entry: matched.entry,
            watchlist: matched.watchlist,
            listing: self.listing.id,
            source: self.listing.source,
            url: self.listing.url.clone(),
            observation: None,
            explanation: Explanation {
                raw: around.raw.to_owned(),
                before: around.before.to_owned(),
                after: around.after.to_owned(),
                steps: matched.steps,
                confidence: matched.confidence,
                capture: self.capture,
                span: Some(Span {
                    version: self.version,
                    start,
                    end,
                }),
                previous: None,
                warning: matched.warning,
                also,
            },
            at: self.listing.last_seen,
            current: true,
            run: None,
        }
    }
}
