//! `sightline visits`: how each URL fared, in words, and what to do about it.

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::{Names, outcome::explain};
use sightline_crawler::{fetch::Fetcher, robots::RobotsRule};
use sightline_model::{
    CaptureId, Clock, HostState, ListingId, Outcome, RunId, SourceId, SystemClock, Timestamp,
    Visit, VisitId, VisitKind, VisitState,
};
use sightline_store::{Filter, StoreError, Tx, hosts, totals, visits};
use url::Url;

use super::{At, Family, Which};
use crate::{
    app::App,
    commands::{Beginning, Context, Ended},
    output::{self, Tint, inert},
};

/// Show URLs that were, or are to be, fetched: how it went, and what to do about it
#[derive(Debug, Args)]
pub struct Visits {
    #[command(flatten)]
    which: Which,
    /// Of this run, by its id or the beginning of it
    #[arg(long, value_name = "ID")]
    run: Option<Beginning<RunId>>,
    /// In this state: due, leased or done
    #[arg(long, value_name = "STATE")]
    state: Option<VisitState>,
    /// Only what was not had: all but `fetched`, `unchanged` and `shared_key`
    #[arg(long)]
    missed: bool,
}

/// A visit as programs are given it.
#[derive(Serialize)]
struct Row {
    id: VisitId,
    run: RunId,
    source: String,
    source_id: SourceId,
    kind: VisitKind,
    url: Url,
    depth: u32,
    state: VisitState,
    attempts: u32,
    due_at: Timestamp,
    finished_at: Option<Timestamp>,
    outcome: Option<Outcome>,
    /// The outcome in words.
    meaning: Option<&'static str>,
    /// What to do about it; empty where nothing is to be done.
    remedy: Option<&'static str>,
    /// The particulars.
    detail: Option<String>,
    /// Why it is not made at once, where its host asks for that.
    waits: Option<String>,
    status: Option<u16>,
    capture: Option<CaptureId>,
    listing: Option<ListingId>,
}

/// Runs the command.
pub async fn run(visits: Visits, context: &Context) -> Ended {
    let state = visits.state.map(VisitState::as_str);
    let app = App::open(context).await?;
    let run = match &visits.run {
        Some(run) => Some(run.found(&mut app.read().await?).await?),
        None => None,
    };
    super::show_in(
        &app,
        Stored {
            run,
            missed: visits.missed,
        },
        &visits.which,
        state,
        context.out,
    )
    .await
}

struct Stored {
    run: Option<RunId>,
    missed: bool,
}

impl Family for Stored {
    type Id = VisitId;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Visits;
    const IS_OF_PEOPLE: bool = true;
    const WORDS: (&'static str, &'static str) = ("visit", "visits");
    const NONE: &'static str = "No visit yet; `sightline crawl NAME` makes some.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<VisitId>,
        at: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let visits = match self.missed {
            true => visits::list_missed(tx, filter, self.run).await?,
            false => visits::list(tx, filter, self.run).await?,
        };
        let waits = waits(tx, &visits, SystemClock.now()).await?;
        let with_waits = visits.into_iter().map(|visit| {
            let waits = waits
                .get(&visit.host)
                .filter(|_| visit.state != VisitState::Done);
            row(visit, waits.cloned(), &at.names)
        });
        Ok(with_waits.collect())
    }

    fn id(row: &Row) -> VisitId {
        row.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "source",
            "url",
            "when",
            "outcome",
            "what it means, and what to do",
        ]);
        for row in rows {
            let outcome = match row.outcome {
                None => output::tinted(row.state, Tint::Faint),
                Some(outcome) => output::tinted(outcome, tint(outcome)),
            };
            let mut words = row.meaning.unwrap_or_default().to_owned();
            if let Some(detail) = &row.detail {
                words.push_str(&format!(": {}", inert::cut(detail, 160)));
            }
            if let Some(waits) = &row.waits {
                let parted = if words.is_empty() { "" } else { "; " };
                words.push_str(&format!("{parted}{}", inert::cut(waits, 160)));
            }
            if let Some(remedy) = row.remedy.filter(|remedy| !remedy.is_empty()) {
                words.push_str(&format!(" → {remedy}"));
            }
            table.add_row(vec![
                row.source.as_str().into(),
                inert::cut(row.url.as_str(), 120).into(),
                output::when::cell(row.finished_at.unwrap_or(row.due_at), now).into(),
                outcome,
                words.into(),
            ]);
        }
        table
    }
}

/// Why visits that have not ended wait, by host: what is remembered of the hosts that ask for it.
async fn waits(
    tx: &mut Tx,
    visits: &[Visit],
    now: Timestamp,
) -> Result<HashMap<String, String>, StoreError> {
    let open = visits
        .iter()
        .filter(|visit| visit.state != VisitState::Done);
    let open: BTreeSet<&str> = open.map(|visit| visit.host.as_str()).collect();
    let open: Vec<&str> = open.into_iter().collect();
    let states = hosts::get(tx, &open).await?.into_iter();
    let why = states.filter_map(|state| Some((state.host.clone(), why_it_waits(&state, now)?)));
    Ok(why.collect())
}

fn why_it_waits(host: &HostState, now: Timestamp) -> Option<String> {
    if let Some(until) = host.backoff_until.filter(|&until| until > now) {
        return Some(format!(
            "its host asks to be left alone until {}",
            output::when::exact(until)
        ));
    }
    let delay = RobotsRule::from(host.robots.as_ref()?).crawl_delay(Fetcher::AGENT)?;
    // A source that overrides robots.txt does not keep to it, and one may be slower by itself.
    (delay.kept == host.interval).then(|| delay.to_string())
}

fn row(visit: Visit, waits: Option<String>, names: &Names) -> Row {
    let (meaning, remedy) = visit.outcome.map(explain).unzip();
    Row {
        id: visit.id,
        run: visit.run,
        source: names.source(visit.source),
        source_id: visit.source,
        kind: visit.kind,
        url: visit.url,
        depth: visit.depth,
        state: visit.state,
        attempts: visit.attempts,
        due_at: visit.due_at,
        finished_at: visit.finished_at,
        outcome: visit.outcome,
        meaning,
        remedy,
        detail: visit.detail,
        waits,
        status: visit.status,
        capture: visit.capture,
        listing: visit.listing,
    }
}

fn tint(outcome: Outcome) -> Tint {
    match outcome {
        Outcome::Fetched => Tint::Good,
        Outcome::Unchanged | Outcome::Gone => Tint::Faint,
        outcome if outcome.is_block() => Tint::Warning,
        _ => Tint::Bad,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sightline_model::RobotsText;

    use super::*;

    #[test]
    fn a_visit_says_what_it_waits_for() {
        let now = Timestamp(1_795_428_000_000);
        let host = |interval, backoff_until, robots: &str| HostState {
            interval: Duration::from_secs(interval),
            backoff_until,
            robots: Some(RobotsText {
                fetched_at: now,
                max_age: None,
                status: Some(200),
                failure: None,
                body: robots.to_owned(),
            }),
            ..HostState::default()
        };
        let slow = "User-agent: *\nCrawl-delay: 600";
        let later = Some(now + Duration::from_secs(3_600));
        for (host, expected) in [
            (host(2, None, "User-agent: *\nDisallow: /private"), None),
            (
                host(300, None, slow),
                Some(
                    "robots.txt asks for a Crawl-delay of 600 s, kept at 300 s: at most 288 pages a day",
                ),
            ),
            (host(2, None, slow), None),
            (
                host(300, Some(now), "User-agent: *\nCrawl-delay: 1.5"),
                None,
            ),
            (
                host(300, later, slow),
                Some("its host asks to be left alone until 2026-11-23 11:00:00Z"),
            ),
        ] {
            assert_eq!(why_it_waits(&host, now).as_deref(), expected, "{host:?}");
        }
    }
}
