//! The backtest: what people would have been told of entries, had they been looked for all along. It finds what a hunt
//! finds, replays it under the watchlist's rules, and writes nothing.

mod found;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_alerts::{
    replay::{Replayed, replay},
    rules::Rules,
};
use sightline_model::{
    Entry, Explanation, Furniture, ListingId, Mint, ObservationId, OrganisationId, Reason,
    Severity, Sighting, SourceId, Timestamp, Watchlist,
};
use sightline_store::{Store, Tx, furniture, observations};
use sightline_watchlists::{
    matcher::{Matcher, Watched},
    warnings::WarningLists,
};
use url::Url;

use self::found::{Found, is_by_text};
use crate::{PipelineError, places::Places};

/// Listings of one entry that are replayed at most; where more show it, the counts are the least that there would be.
pub const MOST: usize = 100_000;
/// Sightings that are shown.
const EXAMPLES: usize = 5;
/// The percentage of a source's listings from which on an entry looks like the site's own.
const FURNITURE_PERCENT: u64 = 40;
/// The fewest listings by which that is judged.
const FEWEST: u64 = 20;
/// The news of one day from which on people stop reading.
pub const FLOOD_PER_DAY: u64 = 50;

const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
const MILLIS_OF_DAY: i64 = 86_400_000;

/// What is tested.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The entries, saved or not.
    pub entries: &'a [(Watched, Option<Severity>)],
    /// The rules of their watchlist.
    pub rules: &'a Rules,
    /// What is known to match where nothing is meant.
    pub warnings: &'a WarningLists,
    /// How far back, in days.
    pub days: u32,
    /// The present instant.
    pub now: Timestamp,
}

/// What people would have been told of one entry.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Backtest {
    /// How far back, in days.
    pub days: u32,
    /// Alerts that would have been raised; while one is open, what is news joins it.
    pub alerts: u64,
    /// Messages to each channel that would have told of them.
    pub messages: u64,
    /// Listings that first showed it in those days.
    pub listings: u64,
    /// Of how many of them people would have been told.
    pub told: u64,
    /// Listings that show it, whenever that began.
    pub ever: u64,
    /// True where more show it than are counted.
    pub at_least: bool,
    /// How often which reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// By source, the most listings first.
    pub sources: Vec<OfSource>,
    /// By week, from the oldest on.
    pub weeks: Vec<Week>,
    /// The latest that people would have been told of.
    pub examples: Vec<Example>,
    /// Why it would be a nuisance.
    pub warnings: Vec<Warning>,
    /// What keeps it from raising anything on some sources, and what it would have raised all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
}

impl Backtest {
    /// Listings beyond those that count, that first showed it in those days and only where it is known to be the site's own.
    pub fn further_withheld(&self) -> u64 {
        let withheld = self
            .withheld
            .as_ref()
            .map_or(0, |withheld| withheld.listings);
        withheld.saturating_sub(self.listings)
    }
}

/// What is known to be the sources' own, and so is not in the counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Withheld {
    /// What stands there, and on how much of each source.
    pub furniture: Vec<Furniture>,
    /// Alerts that would have been raised, were all of it released.
    pub alerts: u64,
    /// Messages to each channel that would have told of them.
    pub messages: u64,
    /// Listings that first showed it in those days.
    pub listings: u64,
    /// Of how many of them people would have been told.
    pub told: u64,
}

/// What a source adds to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "BacktestSource")]
pub struct OfSource {
    /// The source.
    pub source: SourceId,
    /// Its listings that first showed the entry in those days.
    pub listings: u64,
    /// Of how many of them people would have been told.
    pub told: u64,
}

/// Seven days.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "BacktestWeek")]
pub struct Week {
    /// When they began.
    pub from: Timestamp,
    /// Alerts raised in them.
    pub alerts: u64,
    /// Listings that first showed the entry in them.
    pub listings: u64,
}

/// One that people would have been told of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "BacktestExample")]
pub struct Example {
    /// The listing.
    pub listing: ListingId,
    /// Its source.
    pub source: SourceId,
    /// Its URL.
    pub url: Url,
    /// Why it would have been news.
    pub reason: Reason,
    /// When the listing showed it first.
    pub first_seen: Timestamp,
    /// When it did last.
    pub last_seen: Timestamp,
    /// What stood there, and what led from that to the entry.
    pub explanation: Explanation,
}

impl From<&Sighting> for Example {
    fn from(sighting: &Sighting) -> Self {
        Self {
            listing: sighting.listing,
            source: sighting.source,
            url: sighting.url.clone(),
            reason: sighting.reason,
            first_seen: sighting.first_seen,
            last_seen: sighting.last_seen,
            explanation: sighting.explanation.clone(),
        }
    }
}

/// Why an entry would be a nuisance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "BacktestWarning")]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Warning {
    /// So much news in a day that people stop reading.
    Flood {
        /// The day on which there was the most, from midnight UTC.
        day: Timestamp,
        /// The listings of that day that people would have been told of.
        told: u64,
    },
    /// It stands on so many listings of a source that it looks like the site's own.
    Furniture {
        /// The source.
        source: SourceId,
        /// The percentage of its listings.
        percent: u64,
    },
}

/// Days that are looked back where nobody says.
pub const DAYS: u32 = 90;

/// Tests entries of a watchlist, saved or not, under its rules; for each of them, in their order.
///
/// # Errors
/// As [`backtest`]; or if the rules can't be read.
pub async fn of_list(
    store: &Store,
    organisation: OrganisationId,
    (watchlist, entries): (&Watchlist, &[Entry]),
    warnings: &WarningLists,
    days: u32,
    now: Timestamp,
) -> Result<Vec<Backtest>, PipelineError> {
    let rules = Rules::read(&watchlist.rules).map_err(|cause| PipelineError::Rules {
        watchlist: watchlist.name.clone(),
        cause: cause.to_string(),
    })?;
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| (Watched::from(entry), entry.severity))
        .collect();
    let ask = Ask {
        entries: &entries,
        rules: &rules,
        warnings,
        days,
        now,
    };
    backtest(store, organisation, ask).await
}

/// Tests entries against all that is stored; for each of them, in their order.
///
/// # Errors
/// If the store can't be read, or the entries can't be made into a matcher.
pub async fn backtest(
    store: &Store,
    organisation: OrganisationId,
    ask: Ask<'_>,
) -> Result<Vec<Backtest>, PipelineError> {
    let watched: Vec<Watched> = ask.entries.iter().map(|(one, _)| one.clone()).collect();
    let mut found = Found::default();
    let matcher = Matcher::new(watched.iter().cloned())?;
    found
        .observed(store, organisation, &matcher, &watched, &ask)
        .await?;
    if watched.iter().any(is_by_text) {
        found.said(store, organisation, &matcher, &ask).await?;
    }
    // Its identifiers are thrown away with what it makes.
    let mint = Mint::seeded(0);
    let from = ask.now - DAY * ask.days;
    let mut tests = Vec::with_capacity(ask.entries.len());
    let mut sizes = HashMap::new();
    for (entry, severity) in ask.entries {
        let (mut shown, hidden) = found.of(entry.id);
        let replayed = replay(&mut shown, *severity, ask.rules, from, &mint);
        let mut test = summary(&ask, from, &shown, &replayed);
        test.withheld = found.furniture.remove(&entry.id).map(|furniture| {
            let mut all = [shown.as_slice(), &hidden].concat();
            let replayed = replay(&mut all, *severity, ask.rules, from, &mint);
            let released = summary(&ask, from, &all, &replayed);
            Withheld {
                furniture,
                alerts: released.alerts,
                messages: released.messages,
                listings: released.listings,
                told: released.told,
            }
        });
        // Of a long list, few were ever shown: the others are asked nothing.
        if !shown.is_empty() {
            let mut tx = store.read(organisation).await?;
            test.warnings
                .extend(furniture_like(&mut tx, &shown, &mut sizes).await?);
            test.examples = examples(&mut tx, &shown, &replayed.news).await?;
        }
        tests.push(test);
    }
    Ok(tests)
}

/// What was replayed, in numbers. `shown` is in the order of time.
fn summary(ask: &Ask<'_>, from: Timestamp, shown: &[Sighting], replayed: &Replayed) -> Backtest {
    let told: HashSet<usize> = replayed.news.iter().copied().collect();
    let mut sources = BTreeMap::<SourceId, OfSource>::new();
    let mut weeks: Vec<Week> = (0..u64::from(ask.days).div_ceil(7))
        .map(|nth| Week {
            from: from + WEEK * u32::try_from(nth).unwrap_or(u32::MAX),
            alerts: 0,
            listings: 0,
        })
        .collect();
    let week = |at: Timestamp| usize::try_from(at.since(from).as_secs() / WEEK.as_secs());
    let mut listings = 0;
    for (place, sighting) in shown.iter().enumerate() {
        if sighting.first_seen < from {
            continue;
        }
        listings += 1;
        let of_source = sources.entry(sighting.source).or_insert(OfSource {
            source: sighting.source,
            listings: 0,
            told: 0,
        });
        of_source.listings += 1;
        of_source.told += u64::from(told.contains(&place));
        if let Some(week) = week(sighting.first_seen)
            .ok()
            .and_then(|nth| weeks.get_mut(nth))
        {
            week.listings += 1;
        }
    }
    for at in &replayed.alerts {
        if let Some(week) = week(*at).ok().and_then(|nth| weeks.get_mut(nth)) {
            week.alerts += 1;
        }
    }
    let mut sources: Vec<OfSource> = sources.into_values().collect();
    sources.sort_by_key(|one| Reverse(one.listings));
    Backtest {
        days: ask.days,
        alerts: count(replayed.alerts.len()),
        messages: replayed.messages,
        listings,
        told: count(replayed.news.len()),
        ever: count(shown.len()),
        at_least: shown.len() >= MOST,
        reasons: replayed.reasons.clone(),
        sources,
        weeks,
        examples: Vec::new(),
        warnings: Vec::from_iter(flood(shown, replayed)),
        withheld: None,
    }
}

/// The day on which there would have been the most to tell, where that is too much.
fn flood(shown: &[Sighting], replayed: &Replayed) -> Option<Warning> {
    let mut days = BTreeMap::<i64, u64>::new();
    for &place in &replayed.news {
        *days
            .entry(shown[place].first_seen.0.div_euclid(MILLIS_OF_DAY))
            .or_default() += 1;
    }
    let (day, told) = days.into_iter().max_by_key(|(_, told)| *told)?;
    (told > FLOOD_PER_DAY).then_some(Warning::Flood {
        day: Timestamp(day * MILLIS_OF_DAY),
        told,
    })
}

/// The sources that show it on so many of their listings that it looks like their own. `sizes` keeps how many listings each
/// source has, which is counted once for all entries.
async fn furniture_like(
    tx: &mut Tx,
    shown: &[Sighting],
    sizes: &mut HashMap<SourceId, u64>,
) -> Result<Vec<Warning>, PipelineError> {
    let mut current = BTreeMap::<SourceId, u64>::new();
    for sighting in shown.iter().filter(|sighting| sighting.current) {
        *current.entry(sighting.source).or_default() += 1;
    }
    let mut warnings = Vec::new();
    for (source, there) in current.into_iter().filter(|(_, there)| *there >= FEWEST) {
        let all = match sizes.get(&source) {
            Some(all) => *all,
            None => {
                let all = u64::try_from(furniture::listings(tx, source).await?).unwrap_or(0);
                *sizes.entry(source).or_insert(all)
            }
        };
        // What vanished counts as there until its listing changes, so there may be more than all.
        let percent = (there * 100).checked_div(all).unwrap_or(0).min(100);
        if percent >= FURNITURE_PERCENT {
            warnings.push(Warning::Furniture { source, percent });
        }
    }
    Ok(warnings)
}

/// The latest that people would have been told of, with the words around it.
async fn examples(
    tx: &mut Tx,
    shown: &[Sighting],
    news: &[usize],
) -> Result<Vec<Example>, PipelineError> {
    let latest = news.iter().rev().take(EXAMPLES);
    let told: Vec<&Sighting> = latest.map(|&place| &shown[place]).collect();
    let ids: Vec<ObservationId> = told.iter().filter_map(|one| one.observation).collect();
    let found = observations::get(tx, &ids).await?;
    let places = Places::of(tx, &found).await?;
    let mut examples = Vec::with_capacity(told.len());
    for sighting in told {
        let mut example = Example::from(sighting);
        let observation = found
            .iter()
            .find(|one| Some(one.id) == sighting.observation);
        if let Some(around) = observation.and_then(|one| places.around(one)) {
            example.explanation.before = around.before.to_owned();
            example.explanation.after = around.after.to_owned();
        }
        examples.push(example);
    }
    Ok(examples)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
