//! Site furniture: what a source shows on most of its listings is learned to be the site's own, where enough different
//! sellers stand beside it. Pure: counts in, states out. The reasons for the thresholds are in
//! `docs/decisions/0010-site-furniture.md`.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sightline_model::{
    Confidence, EntryId, Find, Furniture, FurnitureState, Kind, ListingId, Selector, SelectorId,
    SourceId, StepKind, Tally, Timestamp,
};

use crate::matcher::{Matcher, Subject, TooLarge, Watched};

/// A source with fewer listings is not judged.
pub const LEAST_LISTINGS: i64 = 20;
/// The share of a source's listings that makes a selector stand out, in percent.
pub const STANDS_OUT: i64 = 80;
/// The share below which what stood out no longer does, in percent.
pub const LAPSES: i64 = 50;
/// Different other contacts that must stand beside it.
pub const LEAST_SELLERS: usize = 10;
/// The share of the listings with it that must show another contact, in percent.
pub const ACCOMPANIED: usize = 50;
/// The share of the listings with it that no single other contact may exceed, in percent.
pub const WIDEST: usize = 25;
/// The newest listings in which other contacts are looked at.
pub const SAMPLE: u32 = 1_000;
/// The kinds by which a seller is reached: what tells one from another.
pub const CONTACTS: [Kind; 4] = [Kind::Phone, Kind::Email, Kind::Handle, Kind::Wallet];
/// The most selectors of a source that are judged, those on most listings first.
pub const MOST: usize = 200;

/// What a source's listings show at present.
#[derive(Clone, Copy, Debug)]
pub struct Survey<'s> {
    /// The source.
    pub source: SourceId,
    /// Its listings that are still there.
    pub listings: i64,
    /// The selectors on at least [`LAPSES`] percent of them, and those that are known already.
    pub tallies: &'s [Tally],
    /// In the newest [`SAMPLE`] listings: which of those selectors, and which other contacts, each shows.
    pub shown: &'s [(ListingId, SelectorId)],
    /// Those of the selectors that somebody looks for: no count alone makes them furniture.
    pub watched: &'s HashSet<SelectorId>,
}

/// What follows from a survey.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Judged {
    /// Furniture that came into another state.
    pub changed: Vec<Furniture>,
    /// Furniture in its old state, with new counts.
    pub recounted: Vec<Furniture>,
    /// What is not, or no longer, shown by most listings: it is forgotten.
    pub lapsed: Vec<Furniture>,
}

impl Judged {
    /// True where nothing but counts follows.
    pub fn is_settled(&self) -> bool {
        self.changed.is_empty() && self.lapsed.is_empty()
    }
}

/// How few listings of `all` are no longer most of them.
pub fn fewest(all: i64) -> i64 {
    (all * LAPSES + 99) / 100
}

/// Judges what a source's listings show against what is `known` of its furniture. What a person decided stays.
pub fn judge(known: &[Furniture], survey: &Survey<'_>, now: Timestamp) -> Judged {
    let mut judged = Judged::default();
    if survey.listings < LEAST_LISTINGS {
        return judged;
    }
    let by_id: HashMap<SelectorId, &Furniture> =
        known.iter().map(|one| (one.selector_id, one)).collect();
    let company = Company::of(survey);
    for tally in survey.tallies.iter().take(MOST + known.len()) {
        let beside = company.beside(tally.selector_id);
        let before = by_id.get(&tally.selector_id).copied();
        let is_watched = survey.watched.contains(&tally.selector_id);
        let Some(state) = state_of(tally, &beside, survey.listings, is_watched, before) else {
            judged.lapsed.extend(before.cloned());
            continue;
        };
        let sellers = i64::try_from(beside.sellers).unwrap_or(i64::MAX);
        let now_stands = Furniture {
            source: survey.source,
            selector_id: tally.selector_id,
            selector: tally.selector.clone(),
            state,
            shown_on: tally.shown_on,
            listings: survey.listings,
            sellers,
            since: now,
            who: "sightline".to_owned(),
            why: why(state, &beside).to_owned(),
        };
        match before {
            Some(before) if before.state == state => {
                let mut recounted = Furniture {
                    since: before.since,
                    ..now_stands
                };
                if state.is_decided() {
                    recounted.who.clone_from(&before.who);
                    recounted.why.clone_from(&before.why);
                }
                if recounted != *before {
                    judged.recounted.push(recounted);
                }
            }
            _ => judged.changed.push(now_stands),
        }
    }
    judged
}

/// The state that counts lead to; none where the selector is, or becomes, an ordinary one. What somebody looks for is
/// not taken from them by a count: it is suspected at most. What was learned before anybody looked for it stays that,
/// since whoever adds it is told.
fn state_of(
    tally: &Tally,
    beside: &Beside,
    listings: i64,
    is_watched: bool,
    before: Option<&Furniture>,
) -> Option<FurnitureState> {
    let before = before.map(|before| before.state);
    if let Some(decided) = before.filter(|state| state.is_decided()) {
        return Some(decided);
    }
    let is_at_least = |percent: i64| tally.shown_on * 100 >= listings * percent;
    match before {
        Some(FurnitureState::Learned) if is_at_least(LAPSES) => Some(FurnitureState::Learned),
        _ if is_at_least(STANDS_OUT) && beside.are_many_sellers() && !is_watched => {
            Some(FurnitureState::Learned)
        }
        _ if is_at_least(STANDS_OUT) => Some(FurnitureState::Suspected),
        // Between the two shares it stays what it was.
        Some(state) if is_at_least(LAPSES) => Some(state),
        _ => None,
    }
}

/// Why it came into a state. Those who look after sources read it, who may not see what is looked for, so it is not said.
fn why(state: FurnitureState, beside: &Beside) -> &'static str {
    match state {
        FurnitureState::Suspected if beside.are_many_sellers() => {
            "it stands on most listings, beside the contacts of many sellers, as a site's own would: a person decides"
        }
        FurnitureState::Suspected => {
            "it stands on most listings, but without other contacts beside it: it may be the site's, or one seller's"
        }
        _ => "it stands on most listings, beside the contacts of many sellers",
    }
}

/// The contacts that listings show beside the selectors that stand out.
struct Company {
    of_listing: BTreeMap<ListingId, Shown>,
}

#[derive(Default)]
struct Shown {
    counted: Vec<SelectorId>,
    contacts: Vec<SelectorId>,
}

/// What stands beside one selector.
#[derive(Default)]
struct Beside {
    /// Listings that show it.
    listings: usize,
    /// Those that show another contact as well.
    accompanied: usize,
    /// Different other contacts.
    sellers: usize,
    /// Listings that the most frequent of them stands on.
    widest: usize,
}

impl Company {
    fn of(survey: &Survey<'_>) -> Self {
        let counted: HashSet<SelectorId> = survey
            .tallies
            .iter()
            .map(|tally| tally.selector_id)
            .collect();
        // A link or a picture says nothing of who posts; and what stands out itself is nobody's company.
        let is_company = |tally: &&Tally| {
            CONTACTS.contains(&tally.selector.kind)
                && tally.shown_on * 100 < survey.listings * STANDS_OUT
        };
        let common: HashSet<SelectorId> = survey
            .tallies
            .iter()
            .filter(is_company)
            .map(|tally| tally.selector_id)
            .collect();
        let mut of_listing = BTreeMap::<ListingId, Shown>::new();
        for &(listing, selector) in survey.shown {
            let shown = of_listing.entry(listing).or_default();
            if counted.contains(&selector) {
                shown.counted.push(selector);
            }
            if common.contains(&selector) || !counted.contains(&selector) {
                shown.contacts.push(selector);
            }
        }
        Self { of_listing }
    }

    fn beside(&self, selector: SelectorId) -> Beside {
        let mut beside = Beside::default();
        let mut others = HashMap::<SelectorId, usize>::new();
        for shown in self.of_listing.values() {
            if !shown.counted.contains(&selector) {
                continue;
            }
            beside.listings += 1;
            let contacts: BTreeSet<SelectorId> = shown
                .contacts
                .iter()
                .copied()
                .filter(|&contact| contact != selector)
                .collect();
            beside.accompanied += usize::from(!contacts.is_empty());
            for contact in contacts {
                *others.entry(contact).or_default() += 1;
            }
        }
        beside.sellers = others.len();
        beside.widest = others.into_values().max().unwrap_or(0);
        beside
    }
}

impl Beside {
    /// True where so many different contacts stand beside it that it can't belong to one of them.
    fn are_many_sellers(&self) -> bool {
        self.sellers >= LEAST_SELLERS
            && self.accompanied * 100 >= self.listings * ACCOMPANIED
            && self.widest * 100 <= self.listings * WIDEST
    }
}

/// The selectors that each source's sightings pass over.
pub fn withheld(furniture: &[Furniture]) -> HashMap<SourceId, HashSet<Selector>> {
    let mut withheld = HashMap::<SourceId, HashSet<Selector>>::new();
    for one in furniture.iter().filter(|one| one.state.is_withheld()) {
        withheld
            .entry(one.source)
            .or_default()
            .insert(one.selector.clone());
    }
    withheld
}

/// The entries that a selector would be recognised as.
pub fn recognised(matcher: &Matcher, selector: &Selector, now: Timestamp) -> Vec<EntryId> {
    let find = Find {
        selector: selector.clone(),
        raw: String::new(),
        start: 0,
        end: 0,
        confidence: Confidence::Exact,
        // As a page's text gives such a number: entries that reach by last digits are recognised in it.
        steps: match selector.lacks_country() {
            true => vec![StepKind::NoCountry.into()],
            false => Vec::new(),
        },
    };
    let subject = match selector.kind {
        Kind::Image => Subject {
            images: std::slice::from_ref(selector),
            ..Subject::default()
        },
        _ => Subject {
            finds: std::slice::from_ref(&find),
            ..Subject::default()
        },
    };
    let matches = matcher.matches(&subject, now);
    matches.into_iter().map(|found| found.entry).collect()
}

/// For each entry, the furniture that would be recognised as it, whatever its state but released: where it raises
/// nothing, or where a person should decide.
///
/// # Errors
/// As [`Matcher::new`].
pub fn over(
    entries: impl IntoIterator<Item = Watched>,
    furniture: &[Furniture],
    now: Timestamp,
) -> Result<HashMap<EntryId, Vec<&Furniture>>, TooLarge> {
    let mut over = HashMap::<EntryId, Vec<&Furniture>>::new();
    let standing: Vec<&Furniture> = furniture
        .iter()
        .filter(|one| one.state != FurnitureState::Released)
        .collect();
    if standing.is_empty() {
        return Ok(over);
    }
    let matcher = Matcher::new(entries)?;
    for one in standing {
        for entry in recognised(&matcher, &one.selector, now) {
            over.entry(entry).or_default().push(one);
        }
    }
    Ok(over)
}

/// What an analyst must know of an entry that is furniture, in a sentence; `source` is the source's name.
pub fn in_words(one: &Furniture, source: &str) -> String {
    let on = format!(
        "it stands on {} % of the listings of '{source}'",
        one.percent()
    );
    match one.state {
        FurnitureState::Learned => {
            format!("the site's own on source '{source}': {on} and raises nothing there")
        }
        FurnitureState::Declared => format!(
            "declared by {} to be the site's own on source '{source}': {on} and raises nothing there",
            one.who
        ),
        FurnitureState::Suspected => format!(
            "perhaps the site's own: {on}; it still raises alerts, until somebody declares it furniture or releases it"
        ),
        FurnitureState::Released => format!(
            "released by {}: {on} and raises alerts all the same",
            one.who
        ),
    }
}
