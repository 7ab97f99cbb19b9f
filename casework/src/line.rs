//! Alerts as lines of the inbox: what is looked for, why it is news, and where.

use std::collections::{BTreeMap, BTreeSet};

use sightline_alerts::words;
use sightline_model::{Alert, AlertId, Certainty, Entry, EntryId, Sighting, SightingId};
use sightline_store::{Result, Tx, alerts, certainties::Certainties, entries};

use crate::{
    Names,
    quiet::{Quiet, Silenced},
};

/// An alert as a line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The alert.
    pub alert: Alert,
    /// The entry that raised it.
    pub entry: Option<Entry>,
    /// The name of its watchlist.
    pub watchlist: String,
    /// Why it is news, in a few words.
    pub why: String,
    /// True where all of it is only possible: it may be another identifier after all.
    pub possible: bool,
    /// The sources that show it, by name.
    pub sources: Vec<String>,
    /// How many sightings it gathers.
    pub sightings: usize,
    /// The silence that covers it at present.
    pub quiet: Option<Quiet>,
}

/// Alerts as lines, in the order given.
///
/// # Errors
/// Where the store fails.
pub async fn lines(
    tx: &mut Tx,
    found: Vec<Alert>,
    quietness: &Silenced,
    names: &Names,
) -> Result<Vec<Line>> {
    let mut quiet = quietness.over(tx, &found).await?;
    let ids: BTreeSet<EntryId> = found.iter().map(|alert| alert.entry).collect();
    let ids: Vec<EntryId> = ids.into_iter().collect();
    let of_id = |entry: Entry| (entry.id, entry);
    let entries: BTreeMap<EntryId, Entry> = entries::get(tx, &ids)
        .await?
        .into_iter()
        .map(of_id)
        .collect();
    let ids: Vec<AlertId> = found.iter().map(|alert| alert.id).collect();
    let worth = Certainties::of(tx, &ids).await?;
    let mut lines = Vec::with_capacity(found.len());
    for alert in found {
        let judged = alerts::judged(tx, alert.id, None).await?.into_iter();
        let sightings: Vec<Sighting> = judged.map(|one| one.sighting).collect();
        let ids: BTreeSet<SightingId> = sightings.iter().map(|one| one.id).collect();
        let sources: BTreeSet<String> = sightings
            .iter()
            .map(|sighting| names.source(sighting.source))
            .collect();
        lines.push(Line {
            entry: entries.get(&alert.entry).cloned(),
            watchlist: names.watchlist(alert.watchlist),
            why: why(&alert, &sightings),
            possible: worth.of_alert(alert.id).is_some_and(Certainty::is_possible),
            sources: sources.into_iter().collect(),
            sightings: ids.len(),
            quiet: quiet.remove(&alert.id),
            alert,
        });
    }
    Ok(lines)
}

/// Why an alert is news: by the latest of its sightings with the gravest reason.
pub fn why(alert: &Alert, sightings: &[Sighting]) -> String {
    let gravest = alert.reasons.first();
    let telling = sightings
        .iter()
        .rev()
        .find(|sighting| gravest.is_none_or(|reason| sighting.reason == *reason));
    let telling = telling.or(sightings.last());
    telling.map_or_else(|| "its sightings are gone".to_owned(), words::why)
}
