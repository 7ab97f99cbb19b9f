//! Alerts as lines of the inbox: what is looked for, why it is news, and where.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};

use sightline_alerts::words;
use sightline_model::{
    Alert, AlertId, Certainty, Entry, EntryId, Fate, ListingId, Sighting, SightingId,
};
use sightline_store::{Result, Tx, alerts, certainties::Certainties, entries, verdicts};

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
        let pairs: Vec<_> = sightings
            .iter()
            .map(|one| (one.entry, one.listing))
            .collect();
        let rejected = verdicts::rejected(tx, &pairs).await?;
        let ids: BTreeSet<SightingId> = sightings.iter().map(|one| one.id).collect();
        let sources: BTreeSet<String> = sightings
            .iter()
            .map(|sighting| names.source(sighting.source))
            .collect();
        lines.push(Line {
            entry: entries.get(&alert.entry).cloned(),
            watchlist: names.watchlist(alert.watchlist),
            why: why(&sightings, &rejected),
            possible: worth.of_alert(alert.id).is_some_and(Certainty::is_possible),
            sources: sources.into_iter().collect(),
            sightings: ids.len(),
            quiet: quiet.remove(&alert.id),
            alert,
        });
    }
    Ok(lines)
}

/// What comes within so long of the latest news is told with it: crawls run side by side, and a posting has several ads.
const TOGETHER: Duration = Duration::from_secs(60 * 60);

/// Why an alert is news: by the latest that stands, and by the gravest of what came with it. What somebody rejected, and what
/// is the site's own, tells it only where there is nothing else. `sightings` are in the order in which they were seen.
pub fn why(sightings: &[Sighting], rejected: &HashSet<(EntryId, ListingId)>) -> String {
    let is_rejected = |one: &Sighting| rejected.contains(&(one.entry, one.listing));
    let stands = |one: &&Sighting| !is_rejected(one) && !one.withheld;
    let news: Vec<&Sighting> = sightings.iter().filter(|one| is_news(one)).collect();
    let standing = news.iter().copied().filter(stands);
    let latest = standing.clone().map(|one| one.at).max();
    let telling = standing
        .filter(|one| latest.is_some_and(|latest| latest.since(one.at) <= TOGETHER))
        .max_by_key(|one| (one.reason, one.at));
    if let Some(one) = telling.or(sightings.iter().rfind(stands)) {
        return words::why(one);
    }
    match news.last().copied().or(sightings.last()) {
        None => "its sightings are gone".to_owned(),
        Some(one) if is_rejected(one) => format!("{}; rejected since", words::why(one)),
        Some(one) => format!("{}; the site's own, as is known since", words::why(one)),
    }
}

/// False for what goes on, and for what the rules do not tell of.
fn is_news(sighting: &Sighting) -> bool {
    !sighting.goes_on() && !matches!(sighting.fate, Some(Fate::Recorded { .. }))
}

#[cfg(test)]
mod tests {
    use sightline_model::{
        CaptureId, Confidence, Explanation, Mint, Previous, Reason, SourceId, Timestamp, Unalerted,
        WatchlistId,
    };

    use super::*;

    const DAY: u64 = 24;
    const FIRST: &str = "seen for the first time";
    const BACK: &str = "back after 41 days, on another site than before";
    const NEW_SITE: &str = "on a new site; last seen 41 days before on another";

    /// What is known of a sighting beside its reason.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Known {
        Nothing,
        Rejected,
        Withheld,
        Recorded,
    }

    /// Seen so many hours after the alert was raised; before that, 41 days earlier on another site.
    fn sighting(number: i64, reason: Reason, hours: u64, known: Known) -> Sighting {
        let at = Timestamp(1_795_428_000_000) + Duration::from_secs(hours * 3_600);
        let source = |seed| Mint::seeded(seed).id::<SourceId>(at);
        let recorded = Fate::Recorded {
            why: Unalerted::NotInRules,
            alert: None,
            batch: None,
        };
        Sighting {
            id: SightingId(Default::default()),
            entry: EntryId(Default::default()),
            watchlist: WatchlistId(Default::default()),
            observation: None,
            listing: ListingId(number),
            source: source(1),
            url: "https://ads.example/1".parse().unwrap(),
            reason,
            at,
            first_seen: at,
            last_seen: at,
            current: true,
            withheld: known == Known::Withheld,
            explanation: Explanation {
                raw: "lotus".into(),
                before: String::new(),
                after: String::new(),
                steps: Vec::new(),
                confidence: Confidence::Exact,
                capture: CaptureId(1),
                span: None,
                previous: (reason != Reason::First).then(|| Previous {
                    at: Timestamp(at.0 - 41 * 86_400_000),
                    source: source(2),
                    listing: ListingId(0),
                }),
                warning: None,
                also: Vec::new(),
            },
            since: None,
            fate: (known == Known::Recorded).then_some(recorded),
        }
    }

    #[test]
    fn a_line_says_the_latest_news_that_stands() {
        use Known::*;
        use Reason::*;
        for (seen, expected) in [
            (vec![], "its sightings are gone".to_owned()),
            (vec![(First, 0, Nothing)], FIRST.to_owned()),
            (
                vec![(First, 0, Nothing), (Reappeared, 41 * DAY, Nothing)],
                BACK.to_owned(),
            ),
            (
                vec![(First, 0, Nothing), (NewSource, 41 * DAY, Nothing)],
                NEW_SITE.to_owned(),
            ),
            // What came together is told by the gravest.
            (
                vec![(First, 0, Nothing), (NewSource, 1, Nothing)],
                FIRST.to_owned(),
            ),
            (
                vec![
                    (First, 0, Nothing),
                    (Reappeared, 41 * DAY, Nothing),
                    (NewSource, 41 * DAY + 1, Nothing),
                ],
                BACK.to_owned(),
            ),
            // What goes on is no news, nor is what the rules do not tell of.
            (
                vec![(First, 0, Nothing), (Continued, 2, Nothing)],
                FIRST.to_owned(),
            ),
            (
                vec![(First, 0, Nothing), (NewSource, 2, Recorded)],
                FIRST.to_owned(),
            ),
            // What was rejected is none either.
            (
                vec![(First, 0, Nothing), (Reappeared, 41 * DAY, Rejected)],
                FIRST.to_owned(),
            ),
            (
                vec![(First, 0, Rejected), (NewSource, 1, Nothing)],
                NEW_SITE.to_owned(),
            ),
            (
                vec![(First, 0, Rejected)],
                format!("{FIRST}; rejected since"),
            ),
            (
                vec![(First, 0, Rejected), (Reappeared, 41 * DAY, Rejected)],
                format!("{BACK}; rejected since"),
            ),
            (
                vec![(First, 0, Withheld)],
                format!("{FIRST}; the site's own, as is known since"),
            ),
        ] {
            let sightings: Vec<Sighting> = (1..)
                .zip(&seen)
                .map(|(number, (reason, hours, known))| sighting(number, *reason, *hours, *known))
                .collect();
            let rejected = sightings.iter().zip(&seen);
            let rejected = rejected.filter(|(_, (.., known))| *known == Rejected);
            let rejected = rejected.map(|(one, _)| (one.entry, one.listing)).collect();
            let said: Vec<_> = seen
                .iter()
                .map(|(reason, hours, _)| (reason, hours))
                .collect();
            assert_eq!(why(&sightings, &rejected), expected, "{said:?}");
        }
    }
}
