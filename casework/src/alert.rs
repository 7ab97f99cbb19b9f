//! Alerts as people and programs are shown them: a row of a list, and one in full.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    hash::Hash,
};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_alerts::{rules::Rules, words};
use sightline_model::{
    Alert, AlertChange, AlertDeed, AlertId, AlertState, Certainty, Closed, Delivery, Entry,
    EntryId, Fate, Group, Kind, ListingId, Reason, SIGHTLINE, Severity, Sighting, SightingId,
    Timestamp, Tlp, WatchlistId,
};
use sightline_store::{
    Result, Tx, alert_life,
    alerts::{self, Judged},
    certainties::Certainties,
    deliveries, entries, listings,
    silences::{self, Kept},
    verdicts::{self, Said},
};
use sightline_watchlists::explain;

use crate::{
    Batches, Names, Refused, chased, line,
    quiet::{Quiet, Silenced},
};

/// An alert as programs are given it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Alert")]
pub struct Row {
    /// Its identifier.
    pub id: AlertId,
    /// The name of the watchlist.
    pub watchlist: String,
    /// The watchlist.
    pub watchlist_id: WatchlistId,
    /// Where it stands.
    pub state: AlertState,
    /// How grave.
    pub severity: Severity,
    /// What its sightings have in common.
    pub group: Group,
    /// The kind of what was looked for; of several entries, by the one that raised it.
    pub kind: Option<Kind>,
    /// Its canonical value.
    pub value: Option<String>,
    /// The organisation's own case, where that entry names one.
    pub case_reference: Option<String>,
    /// How far that entry may be shared.
    pub tlp: Option<Tlp>,
    /// The names of the sources that show it.
    pub sources: Vec<String>,
    /// The entries that it is about, the one that raised it first.
    pub entries: Vec<EntryId>,
    /// The sightings that it rests on.
    pub sightings: Vec<SightingId>,
    /// Their reasons, each once, gravest first.
    pub reasons: Vec<Reason>,
    /// What they come to: `certain` where one of them is; nothing where none stands.
    pub certainty: Option<Certainty>,
    /// True where all of it is only possible: it may be another identifier after all.
    pub possible: bool,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// When the latest of its news came that nothing kept quiet.
    pub news_at: Timestamp,
    /// When a sighting or a person last changed it.
    pub updated_at: Timestamp,
    /// When its first message fell due; none while that waits.
    pub told_at: Option<Timestamp>,
    /// When a message to others last fell due, since nobody had taken it.
    pub escalated_at: Option<Timestamp>,
    /// Who took it.
    pub acknowledged_by: Option<String>,
    /// When they did.
    pub acknowledged_at: Option<Timestamp>,
    /// What it turned out to be.
    pub closed_as: Option<Closed>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Whose work it is.
    pub assigned: Option<String>,
    /// The silence that covers it at present, if one does: what is news of it is recorded, and nobody is told.
    pub quiet: Option<Quiet>,
}

/// An alert in full, as programs are given it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertInFull")]
pub struct Full {
    /// The alert.
    #[serde(flatten)]
    pub alert: Row,
    /// Why it is news, in a few words.
    pub why: String,
    /// The entry that raised it.
    pub entry: Option<Entry>,
    /// The other entries that it gathers.
    pub others: Vec<Entry>,
    /// The names of other watchlists on which somebody looks for the same: they have an alert of their own.
    pub also_on: Vec<String>,
    /// Its sightings, each with its reason in a sentence.
    pub seen: Vec<Seen>,
    /// Its messages.
    pub deliveries: Vec<Delivery>,
    /// What was done to it and said on it, the first first.
    pub changes: Vec<AlertChange>,
    /// What silences kept quiet of it.
    pub silenced: Vec<Kept>,
    /// Why nobody is reminded of it any more, nor is it escalated, where it is not closed and that is so.
    pub unchased: Option<&'static str>,
    /// Its watchlist's rules.
    #[serde(skip)]
    pub rules: Rules,
    /// The channels to which nothing is sent at present, by name: why.
    pub stopped: BTreeMap<String, String>,
}

/// A sighting with its reason in a sentence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SightingInAlert")]
pub struct Seen {
    /// The name of the source.
    pub source_name: String,
    /// Why it is news.
    pub why: String,
    /// What it is worth, as it stood then.
    pub certainty: Certainty,
    /// True where it is only possible: it may be another identifier after all.
    pub possible: bool,
    /// True where somebody disguised what matched, as it stood then.
    pub disguised: bool,
    /// The steps that led from what was written to what is looked for.
    pub how: String,
    /// How it is read since, where the listing says otherwise since.
    pub how_since: Option<String>,
    /// Since when the listing is gone, if it is.
    pub removed_at: Option<Timestamp>,
    /// What came of it, in a sentence.
    pub told: Option<String>,
    /// What somebody found it to be, if anybody did.
    pub verdict: Option<Said>,
    /// The sighting.
    #[serde(flatten)]
    pub sighting: Sighting,
}

/// An alert as programs are given it, with the sightings that it rests on and the silence that covers it.
pub fn row(
    alert: Alert,
    entry: Option<&Entry>,
    sightings: &[Sighting],
    certainty: Option<Certainty>,
    quiet: Option<Quiet>,
    names: &Names,
    now: Timestamp,
) -> Row {
    // The alert keeps when people are to be told, too, from which reminders count; nobody has been told then.
    let by_now = |at: &Timestamp| *at <= now;
    let raised_by = std::iter::once(alert.entry);
    let entries = each_once(raised_by.chain(sightings.iter().map(|one| one.entry)));
    let ids = each_once(sightings.iter().map(|one| one.id));
    let sources: BTreeSet<String> = sightings
        .iter()
        .map(|sighting| names.source(sighting.source))
        .collect();
    let (acknowledged_by, acknowledged_at) = alert.acknowledged.unzip();
    let (closed_as, closed_at) = alert.closed.unzip();
    Row {
        id: alert.id,
        watchlist: names.watchlist(alert.watchlist),
        watchlist_id: alert.watchlist,
        state: alert.state,
        severity: alert.severity,
        group: alert.group,
        kind: entry.map(|entry| entry.selector.kind),
        value: entry.map(|entry| entry.selector.value.clone()),
        case_reference: entry.and_then(|entry| entry.case_reference.clone()),
        tlp: entry.map(|entry| entry.tlp),
        sources: sources.into_iter().collect(),
        entries,
        sightings: ids,
        reasons: alert.reasons,
        certainty,
        possible: certainty.is_some_and(Certainty::is_possible),
        opened_at: alert.opened_at,
        news_at: alert.news_at,
        updated_at: alert.updated_at,
        told_at: alert.told_at.filter(by_now),
        escalated_at: alert.escalated_at.filter(by_now),
        acknowledged_by,
        acknowledged_at,
        closed_as,
        closed_at,
        assigned: alert.assigned,
        quiet,
    }
}

/// Each of these, where it stands first.
fn each_once<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut met = HashSet::new();
    all.filter(|&one| met.insert(one)).collect()
}

/// Alerts as programs are given them, in the order given.
pub async fn rows(
    tx: &mut Tx,
    found: Vec<Alert>,
    quietness: &Silenced,
    names: &Names,
) -> Result<Vec<Row>> {
    let mut quiet = quietness.over(tx, &found).await?;
    let ids: Vec<AlertId> = found.iter().map(|alert| alert.id).collect();
    let worth = Certainties::of(tx, &ids).await?;
    let raised: BTreeSet<EntryId> = found.iter().map(|alert| alert.entry).collect();
    let raised: Vec<EntryId> = raised.into_iter().collect();
    let raised = entries::get(tx, &raised).await?.into_iter();
    let raised: BTreeMap<EntryId, Entry> = raised.map(|entry| (entry.id, entry)).collect();
    let mut rows = Vec::with_capacity(found.len());
    for alert in found {
        let sightings = alerts::sightings_of(tx, alert.id, None).await?;
        let quiet = quiet.remove(&alert.id);
        let certainty = worth.of_alert(alert.id);
        let now = quietness.now();
        let entry = raised.get(&alert.entry);
        rows.push(row(alert, entry, &sightings, certainty, quiet, names, now));
    }
    Ok(rows)
}

/// Reads an alert with all that a person needs to judge it. `when` writes an instant for people.
///
/// # Errors
/// Where there is none.
pub async fn read(
    tx: &mut Tx,
    id: AlertId,
    now: Timestamp,
    names: &Names,
    when: &(dyn Fn(Timestamp) -> String + Sync),
) -> Result<Full, Refused> {
    let found = alerts::get(tx, &[id]).await?;
    let alert = found.into_iter().next().ok_or(Refused::NoAlert(id))?;
    let judged = alerts::judged(tx, id, None).await?;
    let (sightings, anew): (Vec<Sighting>, Vec<Option<AlertId>>) = judged
        .into_iter()
        .map(|Judged { sighting, anew }| (sighting, anew))
        .unzip();
    let deliveries = deliveries::of_alerts(tx, &[id]).await?;
    let changes = alert_life::of_alert(tx, id).await?;
    let silenced = silences::kept_of(tx, id).await?;
    let rules = names.rules(alert.watchlist);
    let unchased = chased::not(tx, std::slice::from_ref(&alert)).await?;
    let unchased = unchased.get(&id).map(|why| why.words());
    let raised_by = alert.entry;
    let pairs: Vec<_> = sightings
        .iter()
        .map(|one| (one.entry, one.listing))
        .collect();
    let why = line::why(&sightings, &verdicts::rejected(tx, &pairs).await?);
    let quietness = Silenced::read(tx, now).await?;
    let quiet = quietness.over(tx, std::slice::from_ref(&alert)).await?;
    let certainty = Certainties::of(tx, &[id]).await?.of_alert(id);
    let quiet = quiet.into_values().next();
    let entry = entries::get(tx, &[raised_by]).await?.pop();
    let alert = row(
        alert,
        entry.as_ref(),
        &sightings,
        certainty,
        quiet,
        names,
        now,
    );
    let (raised, others): (Vec<Entry>, Vec<Entry>) = entries::get(tx, &alert.entries)
        .await?
        .into_iter()
        .partition(|entry| entry.id == raised_by);
    let looked_for: Vec<Entry> = raised.iter().chain(&others).cloned().collect();
    let elsewhere = entries::elsewhere(tx, &looked_for).await?;
    let also_on: BTreeSet<String> = elsewhere
        .into_values()
        .flatten()
        .map(|other| other.watchlist)
        .filter(|name| *name != alert.watchlist)
        .collect();
    let said = verdicts::of_pairs(tx, &pairs).await?;
    let batches = Batches::of(tx, &sightings).await?;
    let shown: Vec<ListingId> = sightings.iter().map(|one| one.listing).collect();
    let shown = listings::get(tx, &shown).await?.into_iter();
    let removed: BTreeMap<ListingId, Timestamp> = shown
        .filter_map(|listing| Some((listing.id, listing.removed_at?)))
        .collect();
    let seen = sightings
        .into_iter()
        .zip(anew)
        .map(|(sighting, anew)| Seen {
            verdict: said.get(&(sighting.entry, sighting.listing)).cloned(),
            source_name: names.source(sighting.source),
            why: words::why(&sighting),
            certainty: sighting.explanation.certainty(),
            possible: sighting.explanation.certainty().is_possible(),
            disguised: sighting.explanation.is_disguised(),
            how: explain::steps(&sighting.explanation.steps),
            how_since: sighting
                .since
                .as_ref()
                .map(|since| explain::steps(&since.explanation.steps)),
            removed_at: removed.get(&sighting.listing).copied(),
            told: told(&sighting, id, anew, &deliveries, &batches, names, when),
            sighting,
        });
    let seen = seen.collect();
    Ok(Full {
        alert,
        why,
        entry: raised.into_iter().next(),
        others,
        also_on: also_on.into_iter().collect(),
        seen,
        deliveries,
        stopped: names.stopped().clone(),
        rules,
        changes,
        silenced,
        unchased,
    })
}

/// What came of a sighting in this alert, and that it was told of `anew` in another.
fn told(
    sighting: &Sighting,
    alert: AlertId,
    anew: Option<AlertId>,
    deliveries: &[Delivery],
    batches: &Batches,
    names: &Names,
    when: &dyn Fn(Timestamp) -> String,
) -> Option<String> {
    let of_alert = sighting.fate.as_ref().and_then(Fate::alert);
    let here = match of_alert.is_none_or(|of| of == alert) {
        true => names.told(sighting, deliveries, batches, when),
        false => None,
    };
    let elsewhere = anew.map(|other| format!("told of anew since, in alert {other}"));
    let told: Vec<String> = here.into_iter().chain(elsewhere).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// What somebody did to an alert, which is called `it`, for people; `clean` makes inert what others wrote.
pub fn did(change: &AlertChange, it: &str, clean: &dyn Fn(&str) -> String) -> String {
    let last = change.fields.last();
    let became = last.and_then(|field| field.after.as_deref());
    let by_itself = change.who == SIGHTLINE;
    match change.deed {
        AlertDeed::Acknowledged => format!("took {it}"),
        AlertDeed::TakenOver => match change.before("acknowledged_by") {
            Some(had_it) => format!("took {it} over from {}", clean(had_it)),
            None => format!("took {it} over"),
        },
        AlertDeed::HandedBack => format!("handed {it} back: nobody had it from then on"),
        AlertDeed::Assigned => match became {
            Some(to) => format!("gave {it} to {}", clean(to)),
            None => format!("gave {it} back"),
        },
        AlertDeed::Commented => "said".to_owned(),
        AlertDeed::Closed => {
            let how = became.unwrap_or("closed");
            match change.before("closed_as") {
                Some(before) => format!("closed {it} as {how}, not as {before}"),
                None => format!("closed {it} as {how}"),
            }
        }
        AlertDeed::Graver => {
            let verb = match by_itself {
                true => "found",
                false => "made",
            };
            let is = became.unwrap_or_default();
            match change.before("severity") {
                Some(was) => format!("{verb} {it} graver: {is}, not {was}"),
                None => format!("{verb} {it} graver"),
            }
        }
        AlertDeed::Unsilenced => format!("opened {it}: it is kept quiet no longer"),
        AlertDeed::Reopened if by_itself => format!("opened {it} again: there was news of it"),
        AlertDeed::Reopened => match change.before("closed_as") {
            Some(before) => format!("opened {it} again, which was closed as {before}"),
            None => format!("opened {it} again"),
        },
    }
}
