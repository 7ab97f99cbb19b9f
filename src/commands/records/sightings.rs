//! `sightline sightings`.

use std::collections::HashMap;

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::{Batches, Names};
use sightline_model::{
    AlertId, Certainty, Delivery, EntryId, Explanation, Fate, Kind, ListingId, ObservationId,
    Reason, Selector, Sighting, SightingId, Since, SourceId, Timestamp, Verdict, WatchlistId,
};
use sightline_store::{
    Filter, StoreError, Tx, deliveries, entries, sightings, totals,
    verdicts::{self, Said},
};
use url::Url;

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show where entries were seen, why that is or is not news, and how they were recognised
#[derive(Debug, Args)]
pub struct Sightings {
    #[command(flatten)]
    which: Which,
    /// For this reason: first, reappeared, new_source, new_listing or historic; continued where it was judged so anew
    #[arg(long, value_name = "REASON")]
    reason: Option<Reason>,
}

/// A sighting as programs are given it.
#[derive(Serialize)]
struct Row {
    id: SightingId,
    entry: EntryId,
    /// What the entry looks for.
    kind: Option<Kind>,
    /// Its canonical value.
    value: Option<String>,
    watchlist: String,
    watchlist_id: WatchlistId,
    observation: Option<ObservationId>,
    listing: ListingId,
    source: String,
    source_id: SourceId,
    url: Url,
    reason: Reason,
    at: Timestamp,
    first_seen: Timestamp,
    last_seen: Timestamp,
    current: bool,
    certainty: Certainty,
    disguised: bool,
    /// What somebody found it to be, if anybody did.
    verdict: Option<Said>,
    explanation: Explanation,
    /// What the listing says of it since, where that is something else.
    since: Option<Since>,
    /// What was decided of it.
    fate: Option<Fate>,
    /// That, and what became of its messages, in a sentence.
    told: Option<String>,
}

/// Runs the command.
pub async fn run(sightings: Sightings, context: &Context) -> Ended {
    super::show(
        Stored {
            reason: sightings.reason,
        },
        &sightings.which,
        sightings.reason.map(Reason::as_str),
        context,
    )
    .await
}

struct Stored {
    reason: Option<Reason>,
}

impl Family for Stored {
    type Id = SightingId;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Sightings;
    const IS_OF_PEOPLE: bool = true;
    const WORDS: (&'static str, &'static str) = ("sighting", "sightings");
    const NONE: &'static str = "No sighting yet: nothing that is watched was seen.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<SightingId>,
        at: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sightings::list(tx, filter).await?;
        let mut alerts: Vec<AlertId> = rows
            .iter()
            .filter_map(|sighting| sighting.fate.as_ref()?.alert())
            .collect();
        alerts.sort_unstable();
        alerts.dedup();
        let deliveries = deliveries::of_alerts(tx, &alerts).await?;
        let batches = Batches::of(tx, &rows).await?;
        let mut by_alert = HashMap::<AlertId, Vec<Delivery>>::new();
        for delivery in deliveries {
            if let Some(alert) = delivery.topic.alert() {
                by_alert.entry(alert).or_default().push(delivery);
            }
        }
        let pairs: Vec<_> = rows.iter().map(|one| (one.entry, one.listing)).collect();
        let mut said = verdicts::of_pairs(tx, &pairs).await?;
        let mut ids: Vec<EntryId> = rows.iter().map(|one| one.entry).collect();
        ids.sort_unstable();
        ids.dedup();
        let entries = entries::get(tx, &ids).await?.into_iter();
        let sought: HashMap<EntryId, Selector> =
            entries.map(|one| (one.id, one.selector)).collect();
        Ok(rows
            .into_iter()
            .map(|sighting| {
                let said = said.remove(&(sighting.entry, sighting.listing));
                let alert = sighting.fate.as_ref().and_then(Fate::alert);
                let deliveries = alert.and_then(|alert| by_alert.get(&alert));
                let sought = sought.get(&sighting.entry);
                Row {
                    kind: sought.map(|selector| selector.kind),
                    value: sought.map(|selector| selector.value.clone()),
                    verdict: said,
                    ..row(
                        sighting,
                        deliveries.map_or(&[], Vec::as_slice),
                        &batches,
                        &at.names,
                    )
                }
            })
            .collect())
    }

    fn unmatched(&self) -> Option<&'static str> {
        (self.reason == Some(Reason::Continued)).then_some(
            "What goes on in a listing makes no sighting of its own: the one that is there keeps its reason, it is seen \
             longer (`last_seen` with --json), and nobody is told.",
        )
    }

    fn id(row: &Row) -> SightingId {
        row.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table(["watchlist", "reason", "seen", "when", "where"]);
        for row in rows {
            table.add_row(vec![
                inert::line(&row.watchlist).into(),
                output::tinted(reason_of(row), tint(row.reason)),
                as_it_stood(row).into(),
                output::when::cell(row.at, now).into(),
                inert::cut(row.url.as_str(), 100).into(),
            ]);
        }
        table
    }
}

/// Why it is news, whether that is only possible, whether somebody disguised what matched, and what somebody found it to be.
fn reason_of(row: &Row) -> String {
    let mut words = vec![row.reason.as_str()];
    words.extend(match row.certainty {
        Certainty::Certain => None,
        Certainty::Possible => Some("possible"),
        Certainty::Warned => Some("on a warning list"),
    });
    words.extend(row.disguised.then_some("disguised"));
    words.extend(
        row.verdict
            .as_ref()
            .and_then(|said| said.verdict)
            .map(Verdict::as_str),
    );
    words.join(", ")
}

/// What stood there then, and in a second line what the listing says of it since.
fn as_it_stood(row: &Row) -> String {
    let mut lines = vec![marked(&row.explanation)];
    if let Some(since) = &row.since {
        lines.push(format!("since: {}", marked(&since.explanation)));
    }
    lines.extend((!row.current).then(|| "no longer there".to_owned()));
    lines.join("\n")
}

/// The matched text between marks, with what stood around it.
pub(crate) fn marked(explanation: &Explanation) -> String {
    let Explanation {
        before, raw, after, ..
    } = explanation;
    inert::line(&format!("{before}»{raw}«{after}")).into_owned()
}

fn row(sighting: Sighting, deliveries: &[Delivery], batches: &Batches, names: &Names) -> Row {
    Row {
        told: names.told(&sighting, deliveries, batches, &|at| at.to_string()),
        fate: sighting.fate,
        id: sighting.id,
        entry: sighting.entry,
        kind: None,
        value: None,
        watchlist: names.watchlist(sighting.watchlist),
        watchlist_id: sighting.watchlist,
        observation: sighting.observation,
        listing: sighting.listing,
        source: names.source(sighting.source),
        source_id: sighting.source,
        url: sighting.url,
        reason: sighting.reason,
        at: sighting.at,
        first_seen: sighting.first_seen,
        last_seen: sighting.last_seen,
        current: sighting.current,
        certainty: sighting.explanation.certainty(),
        disguised: sighting.explanation.is_disguised(),
        verdict: None,
        explanation: sighting.explanation,
        since: sighting.since,
    }
}

fn tint(reason: Reason) -> Tint {
    match reason {
        Reason::First | Reason::Reappeared | Reason::NewSource => Tint::Warning,
        Reason::Continued | Reason::NewListing | Reason::Historic => Tint::Faint,
    }
}
