//! `/api/v1/sightings`: what was seen of entries, and what people found it to be.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::words;
use sightline_casework::{
    Names,
    sighting::{self, Row},
    verdict::{self, Heard},
};
use sightline_model::{
    Certainty, Reason, Sighting, SightingId, SourceId, Timestamp, Verdict, WatchlistId, counted,
};
use sightline_store::{
    Filter, sightings,
    verdicts::{self, Said},
};

use super::{After, Asked, Limit, Listed, Named, Operation, Sent};
use crate::{Console, Error, access::Person};

/// Which sightings.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WhichSightings")]
pub(crate) struct Which {
    /// On this source.
    source: Option<SourceId>,
    /// Of this watchlist's entries.
    watchlist: Option<WatchlistId>,
    /// For this reason.
    reason: Option<Reason>,
    /// Judged at or after this instant.
    since: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<After<SightingId>>,
    /// Sightings at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Row>>(
        "Sightings, the latest found first, without those that are a site's own",
    )
    .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Row>>, Error> {
    let limit = which.limit.get()?;
    let filter = Filter {
        source: which.source,
        watchlist: which.watchlist,
        state: which.reason.map(|reason| reason.as_str()),
        since: which.since,
        after: which.after.map(|After(id)| id),
        limit: limit + 1,
    };
    let mut tx = console.read().await?;
    let found = sightings::list(&mut tx, &filter).await?;
    let Listed { items, next } = Listed::page(found, limit, |last: &Sighting| last.id.to_string());
    let names = Names::read(&mut tx).await?;
    let items = sighting::rows(&mut tx, items, &names).await?;
    drop(tx);
    let many = counted(items.len(), "sighting", "sightings");
    console.log_read(&person, "sightings.read", many).await?;
    Ok(Json(Listed { items, next }))
}

/// A sighting in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SightingInFull")]
pub(crate) struct Full {
    /// The sighting.
    #[serde(flatten)]
    sighting: Sighting,
    /// What it is worth, as it stood then.
    certainty: Certainty,
    /// True where it is only possible: it may be another identifier after all.
    possible: bool,
    /// Why it is news, in a sentence.
    why: String,
    /// What people found its entry to be in its listing, the last word last.
    verdicts: Vec<Said>,
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Full>("One sighting, and everything that people said of it")
}

pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SightingId>,
) -> Result<Json<Full>, Error> {
    let mut tx = console.read().await?;
    let stored = sightings::get(&mut tx, &[id]).await?.pop();
    let sighting = stored.ok_or(Error::NotFound)?;
    let pair = (sighting.entry, sighting.listing);
    let verdicts = verdicts::history(&mut tx, &[pair]).await?;
    drop(tx);
    console
        .log_read(&person, "sighting.read", id.to_string())
        .await?;
    Ok(Json(Full {
        why: words::why(&sighting),
        certainty: sighting.explanation.certainty(),
        possible: sighting.explanation.certainty().is_possible(),
        sighting,
        verdicts,
    }))
}

/// What a sighting turned out to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Word {
    /// Confirmed or rejected; null takes back what was said.
    verdict: Option<Verdict>,
    /// Why; others read it.
    #[serde(default)]
    why: String,
}

/// What became of a word on a sighting.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Judged {
    /// The sighting.
    sighting: SightingId,
    /// False where it stood so already, and nothing was written.
    new: bool,
    /// The word that counts now.
    said: Option<Said>,
}

pub(crate) fn judge_described() -> Operation {
    Operation::giving::<Judged>(
        "Say what a sighting turned out to be: a listing that is rejected never alerts for its entry again",
    )
    .sent::<Word>()
    .like(r#"{"verdict": "confirmed", "why": "…"}"#)
}

pub(crate) async fn judge(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SightingId>,
    Sent(word): Sent<Word>,
) -> Result<Json<Judged>, Error> {
    let by = console.by(&person);
    let mut tx = console.write().await?;
    let found = sightings::get(&mut tx, &[id]).await?;
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    let heard = verdict::say(&mut tx, &found, word.verdict, &word.why, &by).await?;
    tx.commit().await?;
    let heard = heard.into_iter().next();
    Ok(Json(Judged {
        sighting: id,
        new: heard.as_ref().is_some_and(Heard::is_new),
        said: heard.as_ref().and_then(Heard::words).cloned(),
    }))
}
