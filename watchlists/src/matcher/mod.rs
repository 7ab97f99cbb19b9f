//! The matcher: what is looked for, held so that a page is compared with all of it in a few microseconds.
//!
//! A matcher does not change. [`Matcher::with`] makes the next one, which shares what stayed the same; readers hold an
//! `Arc` and finish with the one that they began with.

mod fold;
mod index;
mod phrases;

#[cfg(test)]
mod tests;

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use sightline_model::{
    Confidence, Entry, EntryId, Find, Kind, Selector, Step, Timestamp, WatchlistId,
};

use index::{Index, on_a_platform};
use phrases::Phrases;

/// What a matcher has to know of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The entry.
    pub id: EntryId,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// What is looked for, in canonical form.
    pub selector: Selector,
    /// From this instant on it does not match.
    pub expires_at: Option<Timestamp>,
}

impl From<&Entry> for Watched {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            watchlist: entry.watchlist,
            selector: entry.selector.clone(),
            expires_at: entry.expires_at,
        }
    }
}

/// What was observed in one listing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The selectors found in its text.
    pub finds: &'a [Find],
    /// Its images, as selectors of their bytes.
    pub images: &'a [Selector],
    /// Its text, in which phrases are looked for.
    pub text: &'a str,
    /// What its source shows everywhere because it is the site's own: selectors and images that are passed over.
    pub furniture: Option<&'a HashSet<Selector>>,
}

impl Subject<'_> {
    fn is_furniture(&self, selector: &Selector) -> bool {
        self.furniture
            .is_some_and(|furniture| furniture.contains(selector))
    }
}

/// An entry that was recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// The entry.
    pub entry: EntryId,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// What it was recognised by.
    pub by: MatchBy,
    /// The steps that led from what stood there to the entry.
    pub steps: Vec<Step>,
    /// How much reading it took.
    pub confidence: Confidence,
}

impl Match {
    /// Where in the text it was recognised, in bytes: none for an image. `finds` are those of the subject.
    pub fn span(&self, finds: &[Find]) -> Option<(usize, usize)> {
        match self.by {
            MatchBy::Find(index) => finds.get(index).map(|find| (find.start, find.end)),
            MatchBy::Phrase { start, end } => Some((start, end)),
            MatchBy::Image(_) => None,
        }
    }
}

/// What an entry was recognised by. Ordered as it stands in a [`Subject`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchBy {
    /// The find with this index.
    Find(usize),
    /// The image with this index.
    Image(usize),
    /// Words of the text: `text[start..end]`.
    Phrase {
        /// Where they begin, in bytes.
        start: usize,
        /// Where they end, exclusive.
        end: usize,
    },
}

/// The entries can't be made into a matcher.
#[derive(Debug, thiserror::Error)]
pub enum TooLarge {
    /// More entries than 32 bits can count.
    #[error("a matcher holds at most {most} entries, not {0}; split the organisation", most = u32::MAX)]
    Entries(usize),
    /// More phrases than an automaton can hold.
    #[error("the phrases on the watchlists are too many or too long ({0}); withdraw some")]
    Phrases(#[from] aho_corasick::BuildError),
}

/// Recognises entries in what was observed.
#[derive(Debug)]
pub struct Matcher {
    entries: Vec<Watched>,
    index: Index,
    phrases: Arc<Phrases>,
}

impl Matcher {
    /// A matcher of these entries, each named once.
    pub fn new(entries: impl IntoIterator<Item = Watched>) -> Result<Self, TooLarge> {
        Self::build(entries.into_iter().collect(), &Arc::default())
    }

    /// The matcher without the entries `removed`, and with those `added`, which replace entries of the same id. The
    /// phrases are prepared anew only where one of them came or went.
    pub fn with(
        &self,
        added: impl IntoIterator<Item = Watched>,
        removed: &HashSet<EntryId>,
    ) -> Result<Self, TooLarge> {
        let added: Vec<Watched> = added.into_iter().collect();
        let replaced: HashSet<EntryId> = added.iter().map(|entry| entry.id).collect();
        let stays =
            |entry: &&Watched| !removed.contains(&entry.id) && !replaced.contains(&entry.id);
        let mut entries: Vec<Watched> = self.entries.iter().filter(stays).cloned().collect();
        entries.extend(added);
        Self::build(entries, &self.phrases)
    }

    /// How many entries it looks for.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True where it looks for nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that a listing shows, each once, by the best of what shows it, in the order in which that stands
    /// in the subject. Entries that expired before or at `now` do not match.
    pub fn matches(&self, subject: &Subject<'_>, now: Timestamp) -> Vec<Match> {
        let mut hits = Vec::new();
        for (index, find) in subject.finds.iter().enumerate() {
            if subject.is_furniture(&find.selector) {
                continue;
            }
            self.look_up(find, MatchBy::Find(index), &mut hits);
        }
        for (index, image) in subject.images.iter().enumerate() {
            if subject.is_furniture(image) {
                continue;
            }
            let by = MatchBy::Image(index);
            self.exact(image.kind, &[&image.value], |place| {
                hits.push(Hit::new(place, by, Confidence::Exact, None));
            });
        }
        self.phrases.find(subject.text, |phrase| {
            let by = MatchBy::Phrase {
                start: phrase.start,
                end: phrase.end,
            };
            let is_verbatim = subject.text.get(phrase.start..phrase.end) == Some(phrase.value);
            let (confidence, step) = match is_verbatim {
                true => (Confidence::Exact, None),
                false => (Confidence::Normalised, Some("folded")),
            };
            self.exact(Kind::Phrase, &[phrase.value], |place| {
                hits.push(Hit::new(place, by, confidence, step));
            });
        });
        hits.retain(|hit| {
            let expiry = self.entries[hit.place as usize].expires_at;
            expiry.is_none_or(|expiry| now < expiry)
        });
        hits.sort_unstable_by_key(|hit| (hit.place, Reverse(hit.confidence), hit.by));
        hits.dedup_by_key(|hit| hit.place);
        hits.sort_unstable_by_key(|hit| (hit.by, hit.place));
        hits.iter().map(|hit| self.shown(hit, subject)).collect()
    }

    fn build(mut entries: Vec<Watched>, phrases: &Arc<Phrases>) -> Result<Self, TooLarge> {
        if u32::try_from(entries.len()).is_err() {
            return Err(TooLarge::Entries(entries.len()));
        }
        entries.shrink_to_fit();
        let mut values: Vec<Box<str>> = entries
            .iter()
            .filter(|entry| entry.selector.kind == Kind::Phrase)
            .map(|entry| entry.selector.value.as_str().into())
            .collect();
        values.sort_unstable();
        values.dedup();
        let phrases = match phrases.are(&values) {
            true => Arc::clone(phrases),
            false => Arc::new(Phrases::of(values)?),
        };
        Ok(Self {
            index: Index::of(&entries),
            entries,
            phrases,
        })
    }

    /// Every entry that a find may show: itself, what is more general, and what is less certain.
    fn look_up(&self, find: &Find, by: MatchBy, hits: &mut Vec<Hit>) {
        let Selector { kind, value } = &find.selector;
        self.exact(*kind, &[value], |place| {
            hits.push(Hit::new(place, by, find.confidence, None));
        });
        match kind {
            Kind::Handle => self.look_up_name(value, by, hits),
            Kind::Email => {
                for domain in domains(value) {
                    let confidence = find.confidence.min(Confidence::Normalised);
                    self.exact(Kind::Domain, &[domain], |place| {
                        hits.push(Hit::new(place, by, confidence, Some("email_domain")));
                    });
                }
            }
            Kind::Phone | Kind::Url | Kind::Domain | Kind::Wallet | Kind::Image | Kind::Phrase => {}
        }
    }

    /// A name on a platform is what `any/name` looks for; a name without its platform may be any platform's.
    fn look_up_name(&self, found: &str, by: MatchBy, hits: &mut Vec<Hit>) {
        let mut push = |place| {
            hits.push(Hit::new(
                place,
                by,
                Confidence::Inferred,
                Some("any_platform"),
            ));
        };
        match on_a_platform(found) {
            Some(name) => self.exact(Kind::Handle, &["any/", name], push),
            None => {
                let Some((_, name)) = found.split_once('/') else {
                    return;
                };
                for place in self.index.places(Kind::Handle, &[found]) {
                    let entry = &self.entries[place as usize].selector;
                    if entry.kind == Kind::Handle && on_a_platform(&entry.value) == Some(name) {
                        push(place);
                    }
                }
            }
        }
    }

    /// Calls `found` for each entry of this very kind and value, given in parts.
    fn exact(&self, kind: Kind, value: &[&str], mut found: impl FnMut(u32)) {
        for place in self.index.places(kind, value) {
            let entry = &self.entries[place as usize].selector;
            if entry.kind == kind && is_joined_from(&entry.value, value) {
                found(place);
            }
        }
    }

    fn shown(&self, hit: &Hit, subject: &Subject<'_>) -> Match {
        let entry = &self.entries[hit.place as usize];
        let mut steps = match hit.by {
            MatchBy::Find(index) => subject.finds[index].steps.clone(),
            MatchBy::Image(_) | MatchBy::Phrase { .. } => Vec::new(),
        };
        steps.extend(hit.step.map(Step::from));
        Match {
            entry: entry.id,
            watchlist: entry.watchlist,
            by: hit.by,
            steps,
            confidence: hit.confidence,
        }
    }
}

/// An entry by its place, before it is known to be the best of its kind.
struct Hit {
    place: u32,
    by: MatchBy,
    confidence: Confidence,
    /// The step that the matcher itself took.
    step: Option<&'static str>,
}

impl Hit {
    fn new(place: u32, by: MatchBy, confidence: Confidence, step: Option<&'static str>) -> Self {
        Self {
            place,
            by,
            confidence,
            step,
        }
    }
}

/// The host of an e-mail address and every domain above it. An entry's domain is registrable, so whichever of these
/// is on a watchlist is the registrable domain of the host. A host has at most 127 labels.
fn domains(address: &str) -> impl Iterator<Item = &str> {
    let host = address.rsplit_once('@').map(|(_, host)| host);
    std::iter::successors(host, |host| host.split_once('.').map(|(_, above)| above)).take(127)
}

fn is_joined_from(whole: &str, parts: &[&str]) -> bool {
    let rest = parts
        .iter()
        .try_fold(whole, |rest, part| rest.strip_prefix(part));
    rest == Some("")
}
