//! The hunt: entries against all that is already stored, so that an entry is looked for in the past as in the future.
//! What it finds is marked as historic, and raises one alert for each entry, not one for each sighting.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use sightline_alerts::judge::Recollection;
use sightline_model::{EntryId, Kind, ListingId, Reason, Selector, WatchlistId, Way, WebPage};
use sightline_store::{Filter, Tx, entries, listings, observations::Trail, selectors};
use sightline_watchlists::matcher::{Matcher, Watched};

use crate::{
    PipelineError,
    commit::{Committed, Shown, judge_all, remember},
    instance::Instance,
    lookout::{Sight, watched},
    places::{Place, Places, best_of, matched_text},
};

/// Entries that are hunted together: each round looks through what is stored once, however many it looks for.
const ENTRIES: u32 = 5_000;
/// Observations, or listings, that are looked at in one transaction: the crawl's writer waits no longer than that takes.
pub(crate) const ROWS: u32 = 500;

/// What a hunt looked for and found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hunted {
    /// Entries that were looked for.
    pub entries: u64,
    /// Listings that showed one of them, each pair counted once.
    pub matches: u64,
}

/// Looks for the entries that were added since the last look, in all that is stored.
///
/// # Errors
/// If the store can't be read or written. What was hunted stays hunted; the rest is hunted next time.
pub async fn hunt_new(instance: &Instance) -> Result<Hunted, PipelineError> {
    let mut hunted = Hunted::default();
    loop {
        let now = instance.clock.now();
        let mut tx = instance.read().await?;
        let new = entries::not_yet_hunted(&mut tx, now, ENTRIES).await?;
        drop(tx);
        if new.is_empty() {
            return Ok(hunted);
        }
        // A whole list at once is mostly imported before the first crawl.
        if hunted.entries == 0 && new.len() > 1 {
            hunted.entries = hunt_in_nothing(instance).await?;
            if hunted.entries > 0 {
                continue;
            }
        }
        let new: Vec<_> = new.into_iter().map(watched).collect();
        hunt_for(instance, &new, &mut hunted).await?;
    }
}

/// While no listing is stored, there is nothing to look through: all entries are done at once. How many that were.
async fn hunt_in_nothing(instance: &Instance) -> Result<u64, PipelineError> {
    let mut tx = instance.write().await?;
    let first = listings::list(
        &mut tx,
        &Filter {
            limit: 1,
            ..Filter::default()
        },
    )
    .await?;
    if !first.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    let hunted = entries::mark_all_hunted(&mut tx, instance.clock.now()).await?;
    tx.commit().await?;
    Ok(hunted)
}

/// Looks for every entry of a watchlist, or of all, in all that is stored.
///
/// # Errors
/// As [`hunt_new`].
pub async fn hunt(
    instance: &Instance,
    watchlist: Option<WatchlistId>,
) -> Result<Hunted, PipelineError> {
    let mut hunted = Hunted::default();
    let mut filter = Filter {
        watchlist,
        limit: ENTRIES,
        ..Filter::default()
    };
    loop {
        let now = instance.clock.now();
        let mut tx = instance.read().await?;
        let part = entries::list(&mut tx, &filter).await?;
        drop(tx);
        let Some(last) = part.last() else {
            return Ok(hunted);
        };
        filter.after = Some(last.id);
        let active: Vec<Watched> = part
            .iter()
            .filter(|entry| entry.is_looked_for(now))
            .map(Watched::from)
            .collect();
        hunt_for(instance, &active, &mut hunted).await?;
    }
}

/// What is remembered of the entries of a hunt: read once, when each is first found. What another process sees of them
/// meanwhile is missing in it, and only tells what was seen before: the reason is known.
type Remembered = HashMap<EntryId, Recollection>;

async fn hunt_for(
    instance: &Instance,
    hunted_for: &[Watched],
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    let matcher = Matcher::new(hunted_for.iter().cloned())?;
    let mut memory = HashMap::new();
    hunt_selectors(instance, &matcher, hunted_for, &mut memory, hunted).await?;
    if hunted_for
        .iter()
        .any(|entry| matches!(entry.selector.kind, Kind::Phrase | Kind::Pattern))
    {
        hunt_texts(instance, &matcher, &mut memory, hunted).await?;
    }
    let ids: Vec<EntryId> = hunted_for.iter().map(|entry| entry.id).collect();
    let mut tx = instance.write().await?;
    entries::mark_hunted(&mut tx, &ids, instance.clock.now()).await?;
    tx.commit().await?;
    hunted.entries += ids.len() as u64;
    Ok(())
}

async fn hunt_selectors(
    instance: &Instance,
    matcher: &Matcher,
    hunted_for: &[Watched],
    memory: &mut Remembered,
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    let mut tx = instance.read().await?;
    let mut trail = trail(&mut tx, hunted_for).await?;
    drop(tx);
    while !trail.is_at_its_end() {
        let mut tx = instance.write().await?;
        let sight = instance.lookout.hold(&mut tx, instance.clock.now()).await?;
        let found = trail.follow(&mut tx, ROWS).await?;
        let places = Places::of(&mut tx, &found).await?;
        let matched = places.matched(matcher, sight.known(), &found, instance.clock.now());
        let shown = matched
            .into_iter()
            .filter_map(|(observation, matched)| places.shown(observation, matched))
            .collect();
        let shown = best_of(shown);
        judge(instance, &mut tx, &sight, shown, memory, hunted).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Where the selectors were seen that entries may be matched by.
pub(crate) async fn trail(tx: &mut Tx, wanted_by: &[Watched]) -> Result<Trail, PipelineError> {
    let wanted = wanted(tx, wanted_by).await?;
    Ok(Trail::of(tx, &wanted).await?)
}

/// The selectors that entries may be matched by: their own, and those that share something with them or stand under them.
/// The matcher then has the last word.
async fn wanted(tx: &mut Tx, hunted_for: &[Watched]) -> Result<Vec<Selector>, PipelineError> {
    let mut wanted = BTreeSet::new();
    let mut kin = BTreeMap::<Kind, BTreeSet<String>>::new();
    let (mut mail_hosts, mut url_hosts) = (Vec::new(), Vec::new());
    for Watched { selector, way, .. } in hunted_for {
        wanted.insert(selector.clone());
        match way {
            Way::Exact => {}
            // Asked for one by one: a big site has far more pages than one page has addresses.
            Way::Page => wanted.extend(addresses(selector)),
            Way::Trailing | Way::AnyCountry | Way::Mailbox | Way::Platform | Way::AnyPlatform => {
                let shared = selector.kin().map(Cow::into_owned);
                kin.entry(selector.kind).or_default().extend(shared);
            }
            Way::Prefix => {
                for address in addresses(selector) {
                    let host = address.kin().map(Cow::into_owned);
                    kin.entry(Kind::Url).or_default().extend(host);
                }
            }
            Way::Subdomains | Way::Host => {
                mail_hosts.push(format!("@{}", selector.value));
                mail_hosts.push(format!(".{}", selector.value));
            }
        }
        if *way == Way::Host {
            kin.entry(Kind::Url)
                .or_default()
                .insert(selector.value.clone());
            url_hosts.push(format!(".{}", selector.value));
        }
    }
    for (kind, shared) in kin {
        let shared: Vec<String> = shared.into_iter().collect();
        wanted.extend(selectors::of_kin(tx, kind, &shared).await?);
    }
    wanted.extend(selectors::ending_in(tx, Kind::Email, &mail_hosts).await?);
    wanted.extend(selectors::of_kin_ending_in(tx, Kind::Url, &url_hosts).await?);
    Ok(wanted.into_iter().collect())
}

/// Every address of the page that a web address leads to.
fn addresses(url: &Selector) -> impl Iterator<Item = Selector> {
    let addresses = WebPage::of(&url.value).addresses();
    addresses.map(|address| Selector::new(Kind::Url, address))
}

async fn hunt_texts(
    instance: &Instance,
    matcher: &Matcher,
    memory: &mut Remembered,
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let mut after = None;
    loop {
        // Texts are looked through beside the writer; few of them match.
        let mut tx = instance.read().await?;
        let found = listings::list(&mut tx, &part_of_texts(after)).await?;
        drop(tx);
        let Some(last) = found.last() else {
            return Ok(());
        };
        after = Some(last.listing.id);
        let warnings = instance.lookout.warnings();
        let matching: Vec<ListingId> = found
            .iter()
            .filter(|one| !matched_text(matcher, warnings, &one.present.text, now).is_empty())
            .map(|one| one.listing.id)
            .collect();
        if matching.is_empty() {
            continue;
        }
        let mut tx = instance.write().await?;
        let sight = instance.lookout.hold(&mut tx, now).await?;
        // They may say something else by now.
        let found = listings::present(&mut tx, &matching).await?;
        let shown = found
            .iter()
            .flat_map(|one| {
                let matched = matched_text(matcher, warnings, &one.present.text, now);
                matched
                    .into_iter()
                    .map(|(matched, start, end)| Place::of(one).shown(matched, start, end))
            })
            .collect();
        judge(instance, &mut tx, &sight, shown, memory, hunted).await?;
        tx.commit().await?;
    }
}

/// The texts of listings, a part at a time.
pub(crate) fn part_of_texts(after: Option<ListingId>) -> Filter<ListingId> {
    Filter {
        limit: ROWS,
        after,
        ..Filter::default()
    }
}

async fn judge(
    instance: &Instance,
    tx: &mut Tx,
    sight: &Arc<Sight>,
    shown: Vec<Shown>,
    memory: &mut Remembered,
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    hunted.matches += shown.len() as u64;
    let entries: BTreeSet<EntryId> = shown.iter().map(|one| one.entry).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    // All of them at once, in their order, so that two processes never wait in a circle.
    entries::hold(tx, &entries).await?;
    let is_new = |entry: &EntryId| !memory.contains_key(entry);
    let new: Vec<EntryId> = entries.into_iter().filter(is_new).collect();
    memory.extend(remember(tx, &new).await?);
    judge_all(
        tx,
        instance,
        sight,
        shown,
        memory,
        Some(Reason::Historic),
        &mut Committed::default(),
    )
    .await
}
