//! Sightings as programs are given them: what each is worth, and what its identifiers stand for.

use std::collections::{BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{Certainty, Entry, EntryId, Kind, Severity, Sighting, Tlp, Verdict};
use sightline_store::{Result, Tx, entries, verdicts};

use crate::Names;

/// A sighting as programs are given it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SightingShown")]
pub struct Row {
    /// The sighting.
    #[serde(flatten)]
    pub sighting: Sighting,
    /// What it is worth, as it stood then.
    pub certainty: Certainty,
    /// True where it is only possible: it may be another identifier after all.
    pub possible: bool,
    /// The kind of what was looked for.
    pub kind: Option<Kind>,
    /// Its canonical value.
    pub value: Option<String>,
    /// The watchlist's name.
    pub watchlist_name: String,
    /// The source's name.
    pub source_name: String,
    /// The organisation's own case, where the entry names one.
    pub case_reference: Option<String>,
    /// How grave it is, by its entry or its watchlist.
    pub severity: Severity,
    /// How far it may be shared.
    pub tlp: Option<Tlp>,
    /// What somebody found it to be, if anybody did.
    pub verdict: Option<Verdict>,
}

/// Sightings as programs are given them, in the order given.
///
/// # Errors
/// Where the store fails.
pub async fn rows(tx: &mut Tx, found: Vec<Sighting>, names: &Names) -> Result<Vec<Row>> {
    let ids: BTreeSet<EntryId> = found.iter().map(|one| one.entry).collect();
    let ids: Vec<EntryId> = ids.into_iter().collect();
    let entries = entries::get(tx, &ids).await?.into_iter();
    let entries: HashMap<EntryId, Entry> = entries.map(|entry| (entry.id, entry)).collect();
    let pairs: Vec<_> = found.iter().map(|one| (one.entry, one.listing)).collect();
    let said = verdicts::of_pairs(tx, &pairs).await?;
    let row = |sighting: Sighting| {
        let entry = entries.get(&sighting.entry);
        let certainty = sighting.explanation.certainty();
        let said = said.get(&(sighting.entry, sighting.listing));
        let severity = entry.and_then(|entry| entry.severity);
        Row {
            certainty,
            possible: certainty.is_possible(),
            kind: entry.map(|entry| entry.selector.kind),
            value: entry.map(|entry| entry.selector.value.clone()),
            watchlist_name: names.watchlist(sighting.watchlist),
            source_name: names.source(sighting.source),
            case_reference: entry.and_then(|entry| entry.case_reference.clone()),
            severity: severity.unwrap_or_else(|| names.rules(sighting.watchlist).severity),
            tlp: entry.map(|entry| entry.tlp),
            verdict: said.and_then(|said| said.verdict),
            sighting,
        }
    };
    Ok(found.into_iter().map(row).collect())
}
