//! The matcher: what is looked for, held so that a page is compared with all of it in a few microseconds.
//!
//! A matcher does not change. [`Matcher::with`] makes the next one, which shares what stayed the same; readers hold an
//! `Arc` and finish with the one that they began with.

mod index;
pub(crate) mod marks;
pub(crate) mod reach;
mod text;

#[cfg(test)]
mod tests;

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use sightline_model::{
    Confidence, Entry, EntryId, Find, Kind, MOST_OTHERS, Selector, Step, StepKind, Timestamp,
    WatchlistId, Way, WebPage, doubt, kin::url_host,
};

use index::{Index, Key};
use text::Texts;

use crate::warnings::WarningLists;

/// What a matcher has to know of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The entry.
    pub id: EntryId,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// What is looked for, in canonical form.
    pub selector: Selector,
    /// How far beyond that it reaches.
    pub way: Way,
    /// From this instant on it does not match.
    pub expires_at: Option<Timestamp>,
    /// True where it raises alerts although a warning list names what shows it.
    pub despite_warning: bool,
}

impl From<&Entry> for Watched {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            watchlist: entry.watchlist,
            selector: entry.selector.clone(),
            way: entry.way,
            expires_at: entry.expires_at,
            despite_warning: entry.despite_warning.is_some(),
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
    /// Its text, in which phrases and patterns are looked for.
    pub text: &'a str,
    /// What its source shows everywhere because it is the site's own: selectors and images that are passed over.
    pub furniture: Option<&'a HashSet<Selector>>,
    /// What is known to match where nothing is meant.
    pub warnings: Option<&'a WarningLists>,
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
    /// The warning list that keeps it from raising an alert.
    pub warning: Option<String>,
    /// What else of the subject shows the entry, in the order of the text.
    pub others: Vec<MatchBy>,
}

impl Match {
    /// Where in the text it was recognised, in bytes: none for an image. `finds` are those of the subject.
    pub fn span(&self, finds: &[Find]) -> Option<(usize, usize)> {
        self.by.span(finds)
    }

    /// What else of this text shows the entry, as it stands there, each once.
    pub fn also(&self, finds: &[Find], text: &str) -> Vec<String> {
        let at = |by: MatchBy| by.span(finds).and_then(|(start, end)| text.get(start..end));
        let shown = at(self.by);
        let mut also: Vec<String> = Vec::new();
        for other in self.others.iter().filter_map(|by| at(*by)) {
            let is_new = Some(other) != shown && !also.iter().any(|one| one == other);
            if is_new && also.len() < MOST_OTHERS {
                also.push(other.to_owned());
            }
        }
        also
    }
}

/// What an entry was recognised by. Ordered as it stands in a [`Subject`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchBy {
    /// The find with this index.
    Find(usize),
    /// The image with this index.
    Image(usize),
    /// A phrase or a pattern in the text: `text[start..end]`.
    Text {
        /// Where they begin, in bytes.
        start: usize,
        /// Where they end, exclusive.
        end: usize,
    },
}

impl MatchBy {
    /// Where in the text it stands, in bytes: none for an image.
    fn span(self, finds: &[Find]) -> Option<(usize, usize)> {
        match self {
            Self::Find(index) => finds.get(index).map(|find| (find.start, find.end)),
            Self::Text { start, end } => Some((start, end)),
            Self::Image(_) => None,
        }
    }
}

/// The entries can't be made into a matcher.
#[derive(Debug, thiserror::Error)]
pub enum TooLarge {
    /// More entries than 32 bits can count.
    #[error("a matcher holds at most {most} entries, not {0}; split the organisation", most = u32::MAX)]
    Entries(usize),
    /// More phrases and patterns than an automaton can hold.
    #[error(
        "the phrases and patterns on the watchlists are too many or too long ({0}); withdraw some"
    )]
    Texts(#[from] aho_corasick::BuildError),
}

/// Recognises entries in what was observed.
#[derive(Debug)]
pub struct Matcher {
    entries: Vec<Watched>,
    index: Index,
    texts: Arc<Texts>,
}

impl Matcher {
    /// A matcher of these entries, each named once.
    pub fn new(entries: impl IntoIterator<Item = Watched>) -> Result<Self, TooLarge> {
        Self::build(entries.into_iter().collect(), &Arc::default())
    }

    /// The matcher without the entries `removed`, and with those `added`, which replace entries of the same id. The
    /// phrases and patterns are prepared anew only where one of them came or went.
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
        Self::build(entries, &self.texts)
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
            self.exact(image.kind, &image.value, |place| {
                hits.push(Hit::new(place, by, Confidence::Exact, None));
            });
        }
        self.texts.find(subject.text, |text| {
            let by = MatchBy::Text {
                start: text.start,
                end: text.end,
            };
            let (confidence, folded) = match text.is_verbatim {
                true => (Confidence::Exact, None),
                false => (Confidence::Normalised, Some(StepKind::Folded)),
            };
            let step = text.step.or(folded).map(Step::from);
            self.exact(text.kind, text.value, |place| {
                hits.push(Hit::new(place, by, confidence, step.clone()));
            });
        });
        hits.retain(|hit| {
            let expiry = self.entries[hit.place as usize].expires_at;
            expiry.is_none_or(|expiry| now < expiry)
        });
        // The surest stands first, then what leaves the least in doubt, then what comes first in the text.
        hits.sort_by_key(|hit| {
            let find = match hit.by {
                MatchBy::Find(index) => subject.finds.get(index),
                MatchBy::Image(_) | MatchBy::Text { .. } => None,
            };
            let steps = find.map_or(&[][..], |find| &find.steps);
            let doubt = doubt(steps.iter().chain(&hit.step));
            let start = hit.by.span(subject.finds).map(|(start, _)| start);
            (hit.place, Reverse(hit.confidence), doubt, start, hit.by)
        });
        let mut best: Vec<(Hit, Vec<MatchBy>)> = Vec::new();
        for hit in hits {
            match best.last_mut() {
                Some((first, others)) if first.place == hit.place => {
                    if hit.by != first.by && !others.contains(&hit.by) {
                        others.push(hit.by);
                    }
                }
                _ => best.push((hit, Vec::new())),
            }
        }
        best.sort_by_key(|(hit, _)| (hit.by, hit.place));
        best.into_iter()
            .map(|(hit, mut others)| {
                others.sort_by_key(|by| (by.span(subject.finds), *by));
                self.shown(hit, others, subject)
            })
            .collect()
    }

    fn build(mut entries: Vec<Watched>, texts: &Arc<Texts>) -> Result<Self, TooLarge> {
        if u32::try_from(entries.len()).is_err() {
            return Err(TooLarge::Entries(entries.len()));
        }
        entries.shrink_to_fit();
        let (phrases, patterns) = (
            values_of(&entries, Kind::Phrase),
            values_of(&entries, Kind::Pattern),
        );
        let texts = match texts.are(&phrases, &patterns) {
            true => Arc::clone(texts),
            false => Arc::new(Texts::of(phrases, patterns, texts)?),
        };
        Ok(Self {
            index: Index::of(&entries),
            entries,
            texts,
        })
    }

    /// Every entry that a find may show: itself, what is more general, and what is less certain.
    fn look_up(&self, find: &Find, by: MatchBy, hits: &mut Vec<Hit>) {
        let Selector { kind, value } = &find.selector;
        self.exact(*kind, value, |place| {
            hits.push(Hit::new(place, by, find.confidence, None));
        });
        if let Some(kin) = find.selector.kin() {
            for place in self.index.places(Key::Kin(*kind, &kin)) {
                let step = reach::by_kin(self.entry(place), find);
                hits.extend(step.map(|step| Hit::new(place, by, Confidence::Inferred, Some(step))));
            }
        }
        // From here on it is the same identifier for certain, if not the same spelling.
        let confidence = find.confidence.min(Confidence::Normalised);
        let mut under = |place, step: StepKind| {
            hits.push(Hit::new(place, by, confidence, Some(step.into())));
        };
        match kind {
            Kind::Email => {
                for domain in reach::domains(reach::mail_host(value)) {
                    self.exact(Kind::Domain, domain, |place| match self.entry(place).way {
                        Way::Host => under(place, StepKind::Host),
                        Way::Exact => {}
                        _ => under(place, StepKind::EmailDomain),
                    });
                }
            }
            Kind::Url => {
                let page = WebPage::of(value);
                for place in self.index.places(Key::Page(page)) {
                    let Watched { selector, way, .. } = self.entry(place);
                    let is_reached = matches!(way, Way::Page | Way::Prefix);
                    if is_reached
                        && selector.kind == Kind::Url
                        && WebPage::of(&selector.value) == page
                    {
                        under(place, StepKind::SamePage);
                    }
                }
                for prefix in reach::prefixes(value) {
                    for place in self.index.places(Key::Prefix(prefix)) {
                        let entry = self.entry(place);
                        let is_it = entry.way == Way::Prefix && entry.selector.kind == Kind::Url;
                        if is_it && reach::prefix(&entry.selector.value) == prefix {
                            under(place, StepKind::Prefix);
                        }
                    }
                }
                for host in reach::domains(url_host(value)) {
                    self.exact(Kind::Domain, host, |place| {
                        if self.entry(place).way == Way::Host {
                            under(place, StepKind::Host);
                        }
                    });
                }
            }
            Kind::Phone
            | Kind::Handle
            | Kind::Domain
            | Kind::Wallet
            | Kind::Image
            | Kind::Phrase
            | Kind::Pattern => {}
        }
    }

    /// Calls `found` for each entry of this very kind and value.
    fn exact(&self, kind: Kind, value: &str, mut found: impl FnMut(u32)) {
        for place in self.index.places(Key::Value(kind, value)) {
            let entry = &self.entry(place).selector;
            if entry.kind == kind && entry.value == value {
                found(place);
            }
        }
    }

    fn entry(&self, place: u32) -> &Watched {
        &self.entries[place as usize]
    }

    fn shown(&self, hit: Hit, others: Vec<MatchBy>, subject: &Subject<'_>) -> Match {
        let entry = self.entry(hit.place);
        let mut steps = match hit.by {
            MatchBy::Find(index) => subject.finds[index].steps.clone(),
            MatchBy::Image(_) | MatchBy::Text { .. } => Vec::new(),
        };
        steps.extend(hit.step);
        let found = match hit.by {
            MatchBy::Find(index) => Some(&subject.finds[index].selector),
            MatchBy::Image(_) | MatchBy::Text { .. } => None,
        };
        let warning = subject
            .warnings
            .filter(|_| !entry.despite_warning)
            .and_then(|lists| lists.quieting(&entry.selector, found));
        Match {
            entry: entry.id,
            watchlist: entry.watchlist,
            by: hit.by,
            steps,
            confidence: hit.confidence,
            warning: warning.map(str::to_owned),
            others,
        }
    }
}

/// The canonical values of a kind, sorted, each once.
fn values_of(entries: &[Watched], kind: Kind) -> Vec<Box<str>> {
    let mut values: Vec<Box<str>> = entries
        .iter()
        .filter(|entry| entry.selector.kind == kind)
        .map(|entry| entry.selector.value.as_str().into())
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// An entry by its place, before it is known to be the best of its kind.
struct Hit {
    place: u32,
    by: MatchBy,
    confidence: Confidence,
    /// The step that the matcher itself took.
    step: Option<Step>,
}

impl Hit {
    fn new(place: u32, by: MatchBy, confidence: Confidence, step: Option<Step>) -> Self {
        Self {
            place,
            by,
            confidence,
            step,
        }
    }
}
