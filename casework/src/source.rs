//! Sources: how each fares, in a word, and pausing one.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use sightline_extractors::{canonical, national_digits};
use sightline_model::{
    Kind, Outcome, Run, RunId, RunOutcome, RunState, Selector, SourceId, Timestamp, VisitKind, kin,
};
use sightline_store::{
    StoreError, Tx, furniture, runs, selectors,
    sources::{self, Source, SourceState},
    visits::{self, OutcomeCount},
};
use sightline_watchlists::entry;

use crate::{By, Refused, refused::said};

/// Runs of a source that are looked at, and that its yield is drawn of.
pub const RECENT: u32 = 14;
/// Of the pages that were to be read, the share from which on a failure is more than an accident: one in five.
const NOTABLE: i64 = 5;

/// How a source fares, in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Faring {
    /// No run of it has ended.
    New,
    /// Its last run saw what it should.
    Ok,
    /// The site refuses us: 403, or robots.txt.
    Blocked,
    /// The site asked us to wait, and went on to; or has the run that is under way wait.
    RateLimited,
    /// The site wants a log-in where it wanted none.
    LoggedOut,
    /// Pages were read, and there was nothing on them, as before.
    Empty,
    /// Pages were read, and what was found on them before is not found any more: the site was rebuilt.
    Drifted,
    /// Pages could not be had, for whatever reason.
    Failing,
}

impl Faring {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "no run yet",
            Self::Ok => "ok",
            Self::Blocked => "blocked",
            Self::RateLimited => "rate-limited",
            Self::LoggedOut => "logged out",
            Self::Empty => "empty",
            Self::Drifted => "drifted",
            Self::Failing => "failing",
        }
    }

    /// How grave that is: `ok`, `quiet`, `warn` or `bad`.
    pub fn tone(self) -> &'static str {
        match self {
            Self::New => "quiet",
            Self::Ok => "ok",
            Self::RateLimited | Self::Empty => "warn",
            Self::Blocked | Self::LoggedOut | Self::Drifted | Self::Failing => "bad",
        }
    }

    /// What to do about it; empty where nothing is to be done.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::New | Self::Ok => "",
            Self::Blocked => {
                "The site keeps us out. Respect it: narrow the scope, or ask the site's operator."
            }
            Self::RateLimited => "Lower politeness.requests_per_second in the source's file.",
            Self::LoggedOut => {
                "The site shows a log-in page. Sightline does not log in: leave such pages out of the scope."
            }
            Self::Empty => "Nothing was ever found there. Try its selectors in the test bench.",
            Self::Drifted => {
                "The site looks otherwise than its selectors expect. Try them in the test bench, and mend them."
            }
            Self::Failing => "Look at the visits of the last run: each says what went wrong.",
        }
    }

    /// Of the last run that ended, of how its visits ended, and of whether earlier runs found something.
    fn of(run: &Run, ends: &[OutcomeCount], found_before: bool) -> Self {
        let count = |is: &dyn Fn(Outcome) -> bool| -> i64 {
            let ends = ends.iter().filter(|end| is(end.outcome));
            ends.map(|end| end.count).sum()
        };
        let pages = ends.iter().filter(|end| end.kind != VisitKind::Image);
        let made: i64 = pages.map(|end| end.count).sum();
        let empty = match found_before {
            true => Self::Drifted,
            false => Self::Empty,
        };
        // A list that lost its ads, or the links to what is behind it: however few pages of a run are lists, that part of the
        // site is not seen any more.
        let lost_list = |end: &OutcomeCount| {
            end.kind == VisitKind::List && end.outcome == Outcome::NoListing && end.count > 0
        };
        if run.outcome == Some(RunOutcome::Partial) && ends.iter().any(lost_list) {
            return Self::Drifted;
        }
        let failures = [
            (
                Self::RateLimited,
                count(&|outcome| outcome == Outcome::RateLimited),
            ),
            (
                Self::LoggedOut,
                count(&|outcome| outcome == Outcome::LoginRequired),
            ),
            (
                Self::Blocked,
                count(&|outcome| matches!(outcome, Outcome::Forbidden | Outcome::RobotsDenied)),
            ),
            (empty, count(&|outcome| outcome == Outcome::NoListing)),
            (
                Self::Failing,
                count(&|outcome| {
                    !outcome.is_success()
                        && !outcome.is_gone()
                        && !outcome.is_block()
                        && outcome != Outcome::NoListing
                }),
            ),
        ];
        let worst = failures.into_iter().filter(|(_, count)| *count > 0);
        // The first of equals, as they stand: what the site says of itself before what chance did.
        let worst = worst.rev().max_by_key(|(_, count)| *count);
        match (run.outcome, worst) {
            (Some(RunOutcome::Complete | RunOutcome::Skipped) | None, _) => Self::Ok,
            (Some(RunOutcome::Empty), _) => empty,
            (Some(RunOutcome::Blocked), Some((faring, _))) => faring,
            (Some(RunOutcome::Blocked), None) => Self::Blocked,
            (Some(RunOutcome::Failed), Some((faring, _))) => faring,
            (Some(RunOutcome::Failed), None) => Self::Failing,
            (Some(RunOutcome::Partial), Some((faring, count))) if count * NOTABLE >= made => faring,
            (Some(RunOutcome::Partial), _) => Self::Ok,
        }
    }
}

/// A source, and how it fares.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The source.
    pub source: Source,
    /// Its latest runs, the latest first.
    pub runs: Vec<Run>,
    /// How it fares.
    pub faring: Faring,
    /// Where its run is held up, since all that is left of it wants to be left alone: until when, at the least.
    pub held: Option<Timestamp>,
}

impl Row {
    /// The run that is under way, or waits.
    pub fn under_way(&self) -> Option<&Run> {
        let mut runs = self.runs.iter();
        runs.find(|run| run.state != RunState::Finished)
    }

    /// The last run that ended and was not skipped.
    pub fn last(&self) -> Option<&Run> {
        last(&self.runs)
    }

    /// Of a hundred pages of the last run, how many had not changed.
    pub fn unchanged(&self) -> Option<i64> {
        let counts = self.last()?.counts;
        (counts.fetched > 0).then(|| counts.unchanged * 100 / counts.fetched)
    }

    /// Listings that were new or changed, run by run, the earliest first.
    pub fn yields(&self) -> Vec<i64> {
        let runs = self.runs.iter().rev().filter(|run| has_ended(run));
        runs.map(|run| run.counts.listings_new + run.counts.listings_changed)
            .collect()
    }
}

fn has_ended(run: &Run) -> bool {
    run.state == RunState::Finished && run.outcome != Some(RunOutcome::Skipped)
}

fn last(runs: &[Run]) -> Option<&Run> {
    runs.iter().find(|run| has_ended(run))
}

/// How these sources fare.
pub async fn rows(
    tx: &mut Tx,
    sources: Vec<Source>,
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
    let mut by_source = HashMap::<SourceId, Vec<Run>>::new();
    for run in runs::latest_of(tx, &ids, RECENT).await? {
        by_source.entry(run.source).or_default().push(run);
    }
    let under_way = by_source.values().flatten();
    let under_way = under_way.filter(|run| run.state == RunState::Running);
    let under_way: Vec<RunId> = under_way.map(|run| run.id).collect();
    let held = visits::held(tx, &under_way, now).await?;
    let mut rows = Vec::with_capacity(sources.len());
    for source in sources {
        let runs = by_source.remove(&source.id).unwrap_or_default();
        let held = runs.iter().find_map(|run| held.get(&run.id).copied());
        let faring = match last(&runs) {
            _ if held.is_some() => Faring::RateLimited,
            None => Faring::New,
            Some(run) => {
                let ends = ends(tx, run.id, run.outcome).await?;
                let before = runs.iter().filter(|earlier| earlier.id != run.id);
                let mut before = before.filter(|run| has_ended(run));
                let found_before = before.any(|run| run.outcome == Some(RunOutcome::Complete));
                Faring::of(run, &ends, found_before)
            }
        };
        rows.push(Row {
            source,
            runs,
            faring,
            held,
        });
    }
    Ok(rows)
}

/// How a run's visits ended that its lists led to; not asked of one that saw everything.
async fn ends(
    tx: &mut Tx,
    run: RunId,
    outcome: Option<RunOutcome>,
) -> Result<Vec<OutcomeCount>, StoreError> {
    match outcome {
        Some(RunOutcome::Complete) | None => Ok(Vec::new()),
        Some(_) => {
            let mut ends = visits::outcomes(tx, run).await?;
            ends.retain(|end| !end.is_unlisted);
            Ok(ends)
        }
    }
}

/// Plans no further run of a source; what is under way goes on.
pub async fn pause(tx: &mut Tx, id: SourceId, by: &By) -> Result<(), Refused> {
    set(tx, id, SourceState::Paused, "source.pause", by).await
}

/// Plans runs of a source again.
pub async fn resume(tx: &mut Tx, id: SourceId, by: &By) -> Result<(), Refused> {
    set(tx, id, SourceState::Active, "source.resume", by).await
}

async fn set(
    tx: &mut Tx,
    id: SourceId,
    state: SourceState,
    what: &str,
    by: &By,
) -> Result<(), Refused> {
    let source = sources::get(tx, id).await?.ok_or(Refused::Nothing)?;
    if source.state == state {
        return Ok(());
    }
    sources::set_state(tx, id, state).await?;
    Ok(by.log(tx, what, source.definition.name, "").await?)
}

/// The selectors that somebody means who says that an identifier is, or is not, a site's own: those that the source shows
/// it as. A number stands there with its country, or without where nothing tells it; written in either way, both are meant
/// that the source shows. What it does not show is taken as it was written.
pub async fn own_selectors(
    tx: &mut Tx,
    source: &Source,
    kind: &str,
    value: &str,
) -> Result<Vec<Selector>, Refused> {
    let kind = entry::kind(kind)
        .map_err(|error| Refused::wrong("kind", error, "choose one of those there are"))?;
    if matches!(kind, Kind::Phrase | Kind::Pattern) {
        return Err(Refused::wrong(
            "kind",
            "a phrase or a pattern is looked for in the text and never counted as furniture",
            "leave the site's part of the page out with `ignore` in the source's profile",
        ));
    }
    let written = match canonical(kind, value, source.definition.region.as_deref()) {
        Ok(selector) => selector,
        // Where nothing tells the country, a number is its digits.
        Err(refused) => national_digits(value)
            .filter(|_| kind == Kind::Phone)
            .map(|digits| Selector::new(kind, digits))
            .ok_or_else(|| Refused::wrong("value", refused.message, refused.remedy))?,
    };
    if kind != Kind::Phone {
        return Ok(vec![written]);
    }
    let kin: Vec<String> = written.kin().map(Into::into).into_iter().collect();
    let related = selectors::of_kin(tx, kind, &kin).await?;
    let known = furniture::list(tx, Some(source.id)).await?;
    let shown = furniture::tallies(tx, source.id, &related)
        .await?
        .into_iter();
    let shown = shown
        .filter(|one| one.shown_on > 0 || known.iter().any(|known| known.selector == one.selector));
    shown_as(&written, shown.map(|one| one.selector).collect())
}

/// Which of the numbers that a source shows somebody means who wrote this one.
fn shown_as(written: &Selector, shown: Vec<Selector>) -> Result<Vec<Selector>, Refused> {
    let digits = kin::national_digits(&written.value);
    let (without, with): (Vec<Selector>, Vec<Selector>) = shown
        .into_iter()
        .filter(|one| kin::national_digits(&one.value) == digits)
        .partition(Selector::lacks_country);
    if !written.lacks_country() {
        let mut meant: Vec<Selector> = with.into_iter().filter(|one| one == written).collect();
        meant.extend(without);
        return Ok(match meant.is_empty() {
            true => vec![written.clone()],
            false => meant,
        });
    }
    match (without.is_empty(), with.as_slice()) {
        (false, _) => Ok(without),
        (true, [] | [_]) => Ok(vec![
            with.into_iter().next().unwrap_or_else(|| written.clone()),
        ]),
        (true, several) => {
            let values: Vec<&str> = several.iter().map(|one| one.value.as_str()).collect();
            Err(Refused::wrong(
                "value",
                format!(
                    "it is several numbers of this source: {}",
                    values.join(", ")
                ),
                "write the one that you mean with its country",
            ))
        }
    }
}

/// Why somebody overrules what was learned of a selector.
pub fn reason(text: &str) -> Result<String, Refused> {
    said("reason", text)
}

#[cfg(test)]
mod tests {
    use sightline_model::{RunCounts, Timestamp, VisitKind};

    use super::*;

    #[test]
    fn a_number_is_meant_as_the_source_shows_it() {
        let phone = |value: &str| Selector::new(Kind::Phone, value);
        for (written, shown, meant) in [
            ("+442079460123", &[][..], Some(&["+442079460123"][..])),
            ("+442079460123", &["2079460123"], Some(&["2079460123"])),
            (
                "+442079460123",
                &["+442079460123", "2079460123"],
                Some(&["+442079460123", "2079460123"]),
            ),
            // Others that end alike.
            (
                "+442079460123",
                &["+12079460123", "5079460123"],
                Some(&["+442079460123"]),
            ),
            ("2079460123", &[], Some(&["2079460123"])),
            (
                "2079460123",
                &["2079460123", "+442079460123"],
                Some(&["2079460123"]),
            ),
            ("2079460123", &["+442079460123"], Some(&["+442079460123"])),
            ("2079460123", &["+442079460123", "+12079460123"], None),
        ] {
            let found = shown_as(&phone(written), shown.iter().copied().map(phone).collect());
            let meant = meant.map(|meant| meant.iter().copied().map(phone).collect::<Vec<_>>());
            assert_eq!(found.ok(), meant, "{written} {shown:?}");
        }
    }

    #[test]
    fn a_source_fares_as_its_last_run_did() {
        use Outcome::*;
        let run = |outcome| Run {
            id: RunId(Default::default()),
            source: SourceId(Default::default()),
            planned_at: Timestamp(0),
            started_at: None,
            finished_at: None,
            state: RunState::Finished,
            outcome: Some(outcome),
            counts: RunCounts {
                fetched: 80,
                failed: 20,
                ..RunCounts::default()
            },
        };
        let ends = |kind: VisitKind, of: &[(Outcome, i64)]| -> Vec<OutcomeCount> {
            let ends = of.iter().map(|&(outcome, count)| OutcomeCount {
                kind,
                depth: 1,
                outcome,
                was_asked: true,
                is_unlisted: false,
                count,
            });
            ends.collect()
        };
        for (outcome, of, found_before, faring) in [
            (RunOutcome::Complete, &[][..], true, Faring::Ok),
            (RunOutcome::Empty, &[], false, Faring::Empty),
            (RunOutcome::Empty, &[], true, Faring::Drifted),
            (
                RunOutcome::Blocked,
                &[(Forbidden, 3)],
                true,
                Faring::Blocked,
            ),
            (
                RunOutcome::Blocked,
                &[(RateLimited, 3)],
                true,
                Faring::RateLimited,
            ),
            (
                RunOutcome::Failed,
                &[(LoginRequired, 1), (TimedOut, 1)],
                true,
                Faring::LoggedOut,
            ),
            (
                RunOutcome::Failed,
                &[(TimedOut, 2), (Forbidden, 1)],
                true,
                Faring::Failing,
            ),
            (
                RunOutcome::Partial,
                &[(Fetched, 80), (NoListing, 20)],
                true,
                Faring::Drifted,
            ),
            (
                RunOutcome::Partial,
                &[(Fetched, 97), (NoListing, 3)],
                true,
                Faring::Ok,
            ),
            (RunOutcome::Partial, &[(Gone, 50)], true, Faring::Ok),
            // Of the pages that its lists led to: what else it asked for counts in the run alone.
            (
                RunOutcome::Partial,
                &[(Fetched, 20), (Forbidden, 6)],
                true,
                Faring::Blocked,
            ),
        ] {
            let found = Faring::of(&run(outcome), &ends(VisitKind::Detail, of), found_before);
            assert_eq!(found, faring, "{outcome} {of:?}");
        }
        let one_list = ends(VisitKind::List, &[(Fetched, 97), (NoListing, 1)]);
        let found = Faring::of(&run(RunOutcome::Partial), &one_list, true);
        assert_eq!(found, Faring::Drifted, "a list lost its links");
    }
}
