//! What a message may tell: one batch of an alert, gathered from the store.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
};

use sightline_alerts::{
    due::Due,
    flood::Flood,
    message::Event,
    rules::Rules,
    view::{AlertView, Reminding, SightingView, Standing},
    words::{self, ceiling, why},
};
use sightline_model::{
    Alert, AlertId, CaptureId, Certainty, Closed, Delivery, Digest, Entry, EntryId, Fate, Kind,
    ListingId, Purpose, Reason, Selector, Severity, Sighting, SourceId, Timestamp, Tlp, Wait,
    counted,
};
use sightline_store::{
    Tx, alert_life, alerts, captures, deliveries,
    entries::{self, told},
    furniture, listings, sources, verdicts, watchlists,
};
use sightline_watchlists::{explain, furniture::over, matcher::Watched};
use url::Url;

use crate::{
    PipelineError,
    commit::{gathered, quietness},
    instance::Instance,
};

/// Sightings that are gathered for one message at most; the counts are of all.
const SHOWN: usize = 50;

/// How long nobody has dealt with an alert, where a delivery is sent because of that. Only then is it read what else was sent of
/// the alert: of one that goes on for long, that is much for each of its messages.
pub(super) async fn reminding(
    tx: &mut Tx,
    alert: &Alert,
    delivery: &Delivery,
) -> Result<Option<Reminding>, PipelineError> {
    let (Purpose::Reminder | Purpose::Forgotten | Purpose::Escalation) = delivery.purpose else {
        return Ok(None);
    };
    let changes = alert_life::of_alert(tx, alert.id).await?;
    let sent = deliveries::of_alerts(tx, &[alert.id]).await?;
    Ok(Reminding::of(alert, &changes, &sent, delivery))
}

/// One batch of an alert, with all that a message may need; none where its entry or watchlist is not in the store. Whom an
/// escalation reaches was told of nothing yet, so it tells of all that the alert holds.
pub(super) async fn of(
    tx: &mut Tx,
    instance: &Instance,
    delivery: &Delivery,
    alert: Alert,
) -> Result<Option<AlertView>, PipelineError> {
    let Some(entry) = entries::get(tx, &[alert.entry]).await?.pop() else {
        return Ok(None);
    };
    let Some(watchlist) = watchlists::get(tx, alert.watchlist).await? else {
        return Ok(None);
    };
    let told = match delivery.purpose {
        Purpose::Escalation => None,
        Purpose::News
        | Purpose::Reminder
        | Purpose::Forgotten
        | Purpose::Correction
        | Purpose::Notice => Some(delivery.batch),
    };
    let mut batch = as_judged(tx, alert.id, told).await?;
    let mut all = alerts::sightings_of(tx, alert.id, None).await?;
    let is_furniture = matches!(alert.closed, Some((Closed::Furniture, _)));
    if !is_furniture {
        batch.retain(|sighting| !sighting.withheld);
        all.retain(|sighting| !sighting.withheld);
    }
    // What somebody has rejected meanwhile is not told.
    let pairs: Vec<_> = all.iter().map(|one| (one.entry, one.listing)).collect();
    let rejected = verdicts::rejected(tx, &pairs).await?;
    let stands = |one: &Sighting| !rejected.contains(&(one.entry, one.listing));
    batch.retain(stands);
    all.retain(stands);
    let listed = listed(&batch);
    let names = Names::of(tx, &listed).await?;
    let mut ids = vec![entry.id];
    for sighting in &all {
        if !ids.contains(&sighting.entry) {
            ids.push(sighting.entry);
        }
    }
    let looked_for = entries::get(tx, &ids).await?;
    let strictest = looked_for.iter().map(|entry| entry.tlp).max();
    let also_on = also_on(tx, &looked_for, &watchlist.name).await?;
    let selectors: HashMap<EntryId, &Selector> = looked_for
        .iter()
        .map(|entry| (entry.id, &entry.selector))
        .collect();

    // What goes on is told in a number; the news stands in words.
    let is_news = |sighting: &&Sighting| !sighting.goes_on();
    let mut told: Vec<&Sighting> = batch.iter().filter(is_news).collect();
    // Whoever is reminded reads what of, and was told it before.
    let is_told_again = batch.is_empty();
    if is_told_again {
        told = all.iter().filter(is_news).collect();
    }
    let mut reasons: Vec<Reason> = match told.is_empty() || is_told_again {
        true => batch.iter().map(|sighting| sighting.reason).collect(),
        false => told.iter().map(|sighting| sighting.reason).collect(),
    };
    reasons.sort_unstable_by(|one, other| other.cmp(one));
    reasons.dedup();
    told.sort_by_key(|sighting| (Reverse(sighting.reason), Reverse(sighting.at)));
    let mut sentences: Vec<String> = Vec::new();
    if is_furniture {
        sentences.extend(furniture_of(tx, &entry, delivery.created_at).await?);
    }
    let new_sightings = count(batch.len());
    let of = if is_told_again { &all } else { &batch };
    let worth = of.iter().map(|one| one.explanation.certainty());
    // A reminder that took it along waited for no ceiling.
    let is_gathered = delivery.waits == Some(Wait::Ceiling)
        || batch
            .iter()
            .any(|one| matches!(one.fate, Some(Fate::Gathered { .. })));
    if is_gathered
        && let Some(most) = Rules::read(&watchlist.rules)
            .ok()
            .and_then(|rules| rules.ceiling_per_day)
    {
        sentences.push(format!(
            "more than {} in a day would have told of this entry: {} gathered in this one",
            counted(most, "message", "messages"),
            counted(new_sightings, "sighting is", "sightings are")
        ));
    }
    for sentence in told.iter().map(|one| why(one)) {
        if !sentences.contains(&sentence) && sentences.len() < 5 {
            sentences.push(sentence);
        }
    }
    let is_of_batch = matches!(
        delivery.purpose,
        Purpose::News | Purpose::Reminder | Purpose::Forgotten
    );
    if let (true, Ok(rules)) = (is_of_batch, Rules::read(&watchlist.rules)) {
        let now = instance.clock.now();
        sentences
            .extend(at_ceiling(tx, &batch, alert.severity, (&rules, &watchlist.name), now).await?);
    }
    if let Purpose::Reminder | Purpose::Forgotten | Purpose::Escalation = delivery.purpose {
        sentences.extend(silenced_in_part(tx, &alert, instance.clock.now()).await?);
    }
    let changes = alert_life::of_alert(tx, alert.id).await?;
    let reminding = reminding(tx, &alert, delivery).await?;
    let latest = all.iter().max_by_key(|one| (one.last_seen, one.id));
    let last_seen = latest.map(|one| one.last_seen);
    let latest = match latest.filter(|_| is_told_again) {
        Some(latest) => {
            let names = Names::of(tx, &[latest]).await?;
            Some(names.view(latest, &selectors))
        }
        None => None,
    };
    Ok(Some(AlertView {
        standing: Standing::of(&alert, &changes),
        reminding,
        possible: Certainty::together(worth).is_some_and(Certainty::is_possible),
        last_seen,
        latest,
        event: match is_furniture && delivery.batch > 1 {
            true => Event::Closed,
            false => Event::of(delivery.purpose, delivery.batch, new_sightings),
        },
        alert: alert.id,
        opened_at: alert.opened_at,
        severity: alert.severity,
        reasons: if reasons.is_empty() {
            alert.reasons
        } else {
            reasons
        },
        why: sentences,
        watchlist: watchlist.id,
        watchlist_name: watchlist.name,
        grouped_by: alert.group.by(),
        entry: entry.id,
        entries: ids,
        case_reference: entry.case_reference,
        also_on,
        tlp: strictest.unwrap_or(entry.tlp),
        link: instance
            .public_url
            .as_ref()
            .and_then(|url| link(url, alert.id)),
        selector: entry.selector.clone(),
        category: entry.category,
        note: entry.note,
        new_sightings,
        all_sightings: count(all.len()),
        sources: count(
            all.iter()
                .map(|sighting| sighting.source)
                .collect::<HashSet<_>>()
                .len(),
        ),
        sightings: listed
            .into_iter()
            .map(|sighting| names.view(sighting, &selectors))
            .collect(),
    }))
}

/// The other lists on which somebody looks for the same, by name. What is marked TLP:RED there is for named recipients, and a
/// channel is not one: that somebody looks for it is no more told than what it is.
async fn also_on(
    tx: &mut Tx,
    looked_for: &[Entry],
    own: &str,
) -> Result<Vec<String>, PipelineError> {
    let elsewhere = entries::elsewhere(tx, looked_for).await?;
    let others: HashMap<EntryId, String> = elsewhere
        .into_values()
        .flatten()
        .map(|other| (other.entry, other.watchlist))
        .collect();
    let ids: Vec<EntryId> = others.keys().copied().collect();
    let told = entries::get(tx, &ids).await?.into_iter();
    let names: BTreeSet<String> = told
        .filter(|entry| entry.tlp != Tlp::Red)
        .filter_map(|entry| others.get(&entry.id).cloned())
        .filter(|name| name != own)
        .collect();
    Ok(names.into_iter().collect())
}

/// The sightings of a batch, or of all, as they were judged for the alert last: whatever their listings say since, the message
/// tells what was seen.
async fn as_judged(
    tx: &mut Tx,
    alert: AlertId,
    batch: Option<i64>,
) -> Result<Vec<Sighting>, PipelineError> {
    let mut judged = alerts::judged(tx, alert, batch).await?;
    let mut met = HashSet::new();
    judged.reverse();
    judged.retain(|one| met.insert(one.sighting.id));
    judged.reverse();
    Ok(judged.into_iter().map(|one| one.sighting).collect())
}

/// That entries of the batch have reached their ceiling, in a sentence: who reads the last message for hours is told so.
async fn at_ceiling(
    tx: &mut Tx,
    batch: &[Sighting],
    severity: Severity,
    (rules, watchlist): (&Rules, &str),
    now: Timestamp,
) -> Result<Option<String>, PipelineError> {
    let entries: HashSet<EntryId> = batch.iter().map(|one| one.entry).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    let lately = told::lately(tx, &entries, now).await?;
    let floods: Vec<Flood<'_>> = lately
        .values()
        .filter_map(|lately| Flood::of(rules, lately, None, now))
        .collect();
    Ok(floods.iter().max_by_key(|flood| flood.until).map(|flood| {
        let due = Due::of_flood(rules, severity, flood.until, now);
        ceiling(rules, flood.ceiling, floods.len(), due.at, now, watchlist)
    }))
}

/// That a silence covers some of what the alert gathers, in a sentence: who made it thinks that nobody hears of that.
async fn silenced_in_part(
    tx: &mut Tx,
    alert: &Alert,
    now: Timestamp,
) -> Result<Option<String>, PipelineError> {
    let quietness = quietness(tx, now).await?;
    let gathered = gathered(tx, &quietness, &[alert.id]).await?;
    let gathers = gathered.get(&alert.id).map_or(&[][..], Vec::as_slice);
    let part = quietness.over(alert, gathers).part();
    Ok(part.map(|by| words::silenced_in_part(by.until)))
}

/// The sightings that a message lists, in the order in which they were seen. Where there are too many, what is news
/// goes before what goes on, and the latest before what is older.
fn listed(batch: &[Sighting]) -> Vec<&Sighting> {
    let mut places: Vec<usize> = (0..batch.len()).collect();
    places.sort_by_key(|&place| (batch[place].goes_on(), Reverse(place)));
    places.truncate(SHOWN);
    places.sort_unstable();
    places.into_iter().map(|place| &batch[place]).collect()
}

/// That what is told of turned out to be the site's own. Names no source, for a thin message names none.
async fn furniture_of(
    tx: &mut Tx,
    entry: &Entry,
    now: Timestamp,
) -> Result<Option<String>, PipelineError> {
    let known = furniture::list(tx, None).await?;
    let over = over([Watched::from(entry)], &known, now)?;
    let of_entry = over.get(&entry.id).into_iter().flatten();
    Ok(of_entry
        .filter(|one| one.state.is_withheld())
        .max_by_key(|one| one.percent())
        .map(|one| {
            format!(
                "the site's own: it stands on {} % of a source's listings, and raises nothing there any more",
                one.percent()
            )
        }))
}

pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where the console shows an alert.
pub(super) fn link(public_url: &Url, alert: AlertId) -> Option<Url> {
    public_url.join(&format!("alerts/{alert}")).ok()
}

/// What sightings refer to, by name.
struct Names {
    sources: HashMap<SourceId, String>,
    titles: HashMap<(ListingId, i64), String>,
    /// The versions of the listings now.
    present: HashMap<ListingId, i64>,
    digests: HashMap<CaptureId, Digest>,
}

impl Names {
    async fn of(tx: &mut Tx, sightings: &[&Sighting]) -> Result<Self, PipelineError> {
        let ids: Vec<ListingId> = sightings.iter().map(|one| one.listing).collect();
        let present = listings::get(tx, &ids).await?;
        let present: HashMap<ListingId, i64> = present
            .into_iter()
            .map(|listing| (listing.id, listing.version))
            .collect();
        let versions: BTreeSet<(ListingId, i64)> = sightings
            .iter()
            .filter_map(|one| version_of(one, &present))
            .collect();
        let versions: Vec<_> = versions.into_iter().collect();
        let titles = listings::versions(tx, &versions).await?;
        let ids: Vec<CaptureId> = sightings
            .iter()
            .map(|one| one.explanation.capture)
            .collect();
        let captures = captures::get(tx, &ids).await?;
        let sources = sources::all(tx).await?;
        Ok(Self {
            sources: sources
                .into_iter()
                .map(|source| (source.id, source.definition.name))
                .collect(),
            titles: titles
                .into_iter()
                .map(|version| ((version.listing, version.version), version.title))
                .collect(),
            present,
            digests: captures
                .into_iter()
                .map(|capture| (capture.id, capture.digest))
                .collect(),
        })
    }

    fn source(&self, id: SourceId) -> String {
        self.sources
            .get(&id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }

    fn view(&self, sighting: &Sighting, selectors: &HashMap<EntryId, &Selector>) -> SightingView {
        let explanation = &sighting.explanation;
        let selector = selectors.get(&sighting.entry).copied().cloned();
        SightingView {
            id: sighting.id,
            entry: sighting.entry,
            // Entries are withdrawn, not deleted: there is always one.
            selector: selector.unwrap_or_else(|| Selector::new(Kind::Phrase, "")),
            reason: sighting.reason,
            why: why(sighting),
            source: self.source(sighting.source),
            listing: sighting.listing,
            title: version_of(sighting, &self.present)
                .and_then(|version| self.titles.get(&version))
                .cloned(),
            url: sighting.url.clone(),
            raw: explanation.raw.clone(),
            before: explanation.before.clone(),
            after: explanation.after.clone(),
            confidence: explanation.confidence,
            steps: explanation.steps.clone(),
            how: explain::steps(&explanation.steps),
            seen_at: sighting.at,
            previous: explanation
                .previous
                .as_ref()
                .map(|previous| (previous.at, self.source(previous.source))),
            capture: explanation.capture,
            digest: self
                .digests
                .get(&explanation.capture)
                .cloned()
                .unwrap_or(Digest(String::new())),
        }
    }
}

/// The version in which a sighting was seen; where that was not kept, and for an image, the present one.
fn version_of(sighting: &Sighting, present: &HashMap<ListingId, i64>) -> Option<(ListingId, i64)> {
    let seen_in = sighting.explanation.span.map(|span| span.version);
    let version = seen_in.or_else(|| present.get(&sighting.listing).copied())?;
    Some((sighting.listing, version))
}
