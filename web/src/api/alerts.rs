//! `/api/v1/alerts`: read them, and do with them what people do.

use std::cmp::Reverse;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::{
    Names,
    alert::{self, Full, Row, Seen},
    judge::{self, Closing},
    quiet::Silenced,
};
use sightline_model::{
    Alert, AlertChange, AlertId, AlertState, Closed, Reason, Severity, SightingId, SourceId,
    Timestamp, WatchlistId, counted,
};
use sightline_store::{
    Tx,
    inbox::{Mark, Wanted},
    seen,
};

use super::{
    After, Asked, At, Limit, Listed, Named, OfAlert, Operation, Sent,
    company::{Companion, LATEST, OnSource},
    evidence::ShownImage,
};
use crate::{Console, Error, access::Person, pages::judge::whose};

/// Which alerts.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// In this state; `silenced` is also what a silence covers now.
    state: Option<AlertState>,
    /// As grave as this.
    severity: Option<Severity>,
    /// Of this watchlist.
    watchlist: Option<WatchlistId>,
    /// With a sighting on this source.
    source: Option<SourceId>,
    /// With a sighting for this reason.
    reason: Option<Reason>,
    /// What this person has: their work, or acknowledged by them.
    with: Option<String>,
    /// The work of this person.
    assigned: Option<String>,
    /// True for those alone that are nobody's work.
    unassigned: bool,
    /// True for those alone that nobody has closed.
    unclosed: bool,
    /// Raised, or changed by a sighting or a person, at or after this instant.
    since: Option<Timestamp>,
    /// Raised at or after this instant.
    raised_since: Option<Timestamp>,
    /// Come into this list at or after this instant: raised; or raised before and there was news of it, or it was opened again, handed back, given
    /// to or taken by whom the list is of, let out of a silence, or made as grave as `severity` asks. The open ones are those that `/events` counts.
    come_since: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<After<OfAlert>>,
    /// Alerts at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Row>>(
        "Alerts, the gravest first and of these the one with the latest news",
    )
    .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Row>>, Error> {
    let limit = which.limit.get()?;
    if which.reason == Some(Reason::Continued) {
        return Err(Error::field(
            "reason",
            "raises no alert: what goes on is recorded, and nobody is told",
            format!(
                "write one of {}",
                Reason::RULED.map(Reason::as_str).join(", ")
            ),
        ));
    }
    let wanted = Wanted {
        state: which.state,
        severity: which.severity,
        watchlist: which.watchlist,
        source: which.source,
        reason: which.reason,
        with: which.with,
        assigned: which.assigned,
        unassigned: which.unassigned,
        since: which.since,
        raised_since: which.raised_since,
        come_since: which.come_since,
        unclosed: which.unclosed,
        after: which.after.map(|After(OfAlert(mark))| mark),
        limit: limit + 1,
    };
    let mut tx = console.read().await?;
    let quietness = Silenced::read(&mut tx, console.now()).await?;
    let found = quietness.page(&mut tx, &wanted).await?;
    let cursor = |last: &Alert| OfAlert(Mark::of(last)).to_string();
    let found = Listed::page(found, limit, cursor);
    Ok(Json(told(&console, &person, tx, &quietness, found).await?))
}

/// A page of alerts as they are listed, once it is kept who reads them.
pub(super) async fn told(
    console: &Console,
    person: &Person,
    mut tx: Tx,
    quietness: &Silenced,
    Listed { items, next }: Listed<Alert>,
) -> Result<Listed<Row>, Error> {
    let names = Names::read(&mut tx).await?;
    let items = alert::rows(&mut tx, items, quietness, &names).await?;
    drop(tx);
    console
        .log_read(
            person,
            "alerts.read",
            counted(items.len(), "alert", "alerts"),
        )
        .await?;
    Ok(Listed { items, next })
}

/// An alert in full, and what is known of its entry and its listings beside it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AlertShown")]
pub(crate) struct Shown {
    /// The alert.
    #[serde(flatten)]
    full: Full,
    /// Where its entry was seen, by its latest 500 sightings, the most listings first.
    seen_on: Vec<OnSource>,
    /// What stands in the same listings as its entry.
    company: Vec<Companion>,
    /// The images of the listings that the sightings of this page are of, each address once.
    images: Vec<ShownImage>,
    /// How many sightings it has: `seen` shows a page of them, the latest first.
    seen_in_all: usize,
    /// What to send as `after` for the sightings after these; null where these are the last.
    next: Option<String>,
}

/// Which of an alert's sightings.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WhichOfAlert")]
pub(crate) struct Page {
    /// `next` of the page before.
    after: Option<After<At<SightingId>>>,
    /// Sightings at most.
    limit: Limit,
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Shown>(
        "One alert in full: the entry and its company, its sightings with the text that matched and their images, a page of \
         them at a time, the messages, and what people did",
    )
    .asking::<Page>()
}

pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Asked(page): Asked<Page>,
) -> Result<Json<Shown>, Error> {
    let limit = page.limit.get()?;
    let mut tx = console.read().await?;
    let names = console.names(&mut tx).await?;
    let mut full = alert::read(&mut tx, id, console.now(), &names, &|at| at.to_string()).await?;
    let seen_in_all = full.seen.len();
    let place = |one: &Seen| Reverse((one.sighting.at, one.sighting.id));
    full.seen.sort_by_key(place);
    if let Some(After(At(at, id))) = page.after {
        full.seen.retain(|one| place(one) > Reverse((at, id)));
    }
    full.seen.truncate(limit as usize + 1);
    let cursor = |last: &Seen| At(last.sighting.at, last.sighting.id).to_string();
    let Listed { items, next } = Listed::page(full.seen, limit, cursor);
    full.seen = items;
    let (latest, company) = match &full.entry {
        Some(entry) => {
            let latest = seen::of_entry(&mut tx, entry.id, LATEST).await?;
            let company = Companion::of(&mut tx, &latest.listings, &entry.selector).await?;
            (latest, company)
        }
        None => Default::default(),
    };
    let mut listings: Vec<_> = full.seen.iter().map(|one| one.sighting.listing).collect();
    listings.sort_unstable();
    listings.dedup();
    let images = ShownImage::of(&mut tx, &listings, &person).await?;
    drop(tx);
    console
        .log_read(&person, "alert.read", id.to_string())
        .await?;
    Ok(Json(Shown {
        full,
        seen_on: latest.sources.into_iter().map(Into::into).collect(),
        company,
        images,
        seen_in_all,
        next,
    }))
}

pub(crate) fn acknowledge_described() -> Operation {
    Operation::giving::<AlertChange>("Take an alert: others see who has it, and reminders stop")
}

pub(crate) async fn acknowledge(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Json<AlertChange>, Error> {
    let mut tx = console.write().await?;
    let change = judge::acknowledge(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(change))
}

/// Alerts that are taken together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Together {
    /// Which: 200 at most.
    #[schemars(length(min = 1, max = judge::MOST_TOGETHER))]
    alerts: Vec<AlertId>,
}

pub(crate) fn acknowledge_all_described() -> Operation {
    Operation::giving::<Listed<judge::Taken>>(
        "Take several alerts, 200 at most: what came of each, once. Those that somebody took meanwhile stay theirs",
    )
    .sent::<Together>()
}

pub(crate) async fn acknowledge_all(
    State(console): State<Console>,
    person: Person,
    Sent(Together { alerts }): Sent<Together>,
) -> Result<Json<Listed<judge::Taken>>, Error> {
    let mut tx = console.write().await?;
    let taken = judge::acknowledge_all(&mut tx, &alerts, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(Listed::whole(taken)))
}

pub(crate) fn take_over_described() -> Operation {
    Operation::giving::<AlertChange>("Take an alert from somebody else who has it")
}

pub(crate) async fn take_over(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Json<AlertChange>, Error> {
    let mut tx = console.write().await?;
    let change = judge::take_over(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(change))
}

/// Why something is taken back.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Back {
    /// Why; others read it.
    why: Option<String>,
}

pub(crate) fn hand_back_described() -> Operation {
    Operation::giving::<AlertChange>(
        "Give back an alert that somebody has: it is open again, and reminders go on",
    )
    .sent::<Back>()
}

pub(crate) async fn hand_back(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Sent(back): Sent<Back>,
) -> Result<Json<AlertChange>, Error> {
    let mut tx = console.write().await?;
    let by = console.by(&person);
    let change = judge::hand_back(&mut tx, id, back.why.as_deref(), &by).await?;
    tx.commit().await?;
    Ok(Json(change))
}

pub(crate) fn reopen_described() -> Operation {
    Operation::giving::<AlertChange>(
        "Open an alert again that was closed, where none of the same group has followed it",
    )
    .sent::<Back>()
}

pub(crate) async fn reopen(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Sent(back): Sent<Back>,
) -> Result<Json<AlertChange>, Error> {
    let mut tx = console.write().await?;
    let by = console.by(&person);
    let change = judge::reopen(&mut tx, id, back.why.as_deref(), &by).await?;
    tx.commit().await?;
    Ok(Json(change))
}

/// To whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    /// Their name, where they have an account in whatever case; null gives it back to nobody.
    to: Option<String>,
}

pub(crate) fn assign_described() -> Operation {
    Operation::giving::<AlertChange>("Give an alert to somebody")
        .sent::<Assignment>()
        .like(r#"{"to": "…"}"#)
}

pub(crate) async fn assign(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Sent(sent): Sent<Assignment>,
) -> Result<Json<AlertChange>, Error> {
    let mut tx = console.write().await?;
    let to = whose(&mut tx, sent.to.as_deref()).await?;
    let change = judge::assign(&mut tx, id, to.name(), &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(change))
}

/// What is said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Comment {
    /// The words.
    text: String,
}

pub(crate) fn comment_described() -> Operation {
    Operation::giving::<AlertChange>("Say something on an alert").sent::<Comment>()
}

pub(crate) async fn comment(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Sent(sent): Sent<Comment>,
) -> Result<Json<AlertChange>, Error> {
    let mut tx = console.write().await?;
    let change = judge::comment(&mut tx, id, &sent.text, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(change))
}

/// How it is closed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Close {
    /// What it turned out to be: confirmed, rejected or stale.
    #[serde(rename = "as")]
    how: Closed,
    /// Why; others read it.
    #[serde(default)]
    why: Option<String>,
    /// Whether the same is said of each of its sightings.
    #[serde(default)]
    sightings: bool,
    /// Whether it may be closed already: as something else, which it did not turn out to be after all.
    #[serde(default)]
    anew: bool,
}

pub(crate) fn close_described() -> Operation {
    Operation::giving::<AlertChange>("Close an alert: what is seen from now on raises a new one")
        .sent::<Close>()
}

pub(crate) async fn close(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Sent(sent): Sent<Close>,
) -> Result<Json<AlertChange>, Error> {
    let closing = Closing {
        how: sent.how,
        why: sent.why.as_deref(),
        sightings: sent.sightings,
        anew: sent.anew,
    };
    let mut tx = console.write().await?;
    let (change, _) = judge::close(&mut tx, id, &closing, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(change))
}
