//! Runs: what they did so far, and how they end.

use sightline_model::{Outcome, Run, RunCounts, RunId, RunOutcome, RunState, VisitKind};
use sightline_store::{
    Tx, listings, runs,
    visits::{self, OutcomeCount},
};

use super::{Committed, unlisted};
use crate::{PipelineError, instance::Instance};

/// Adds up what the runs of the batch did, and ends those that have no visits left.
pub(super) async fn store(
    tx: &mut Tx,
    instance: &Instance,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    let counts: Vec<(RunId, RunCounts)> = done
        .counts
        .iter()
        .map(|(&run, &counts)| (run, counts))
        .collect();
    runs::add_counts(tx, &counts).await?;
    let ids: Vec<RunId> = done.counts.keys().copied().collect();
    for run in ids {
        if !visits::any_remaining(tx, run).await? {
            end(tx, instance, run, done).await?;
        }
    }
    Ok(())
}

/// Ends a run that has no visits left: says how it went, and, where it saw everything, what is gone.
pub(crate) async fn end(
    tx: &mut Tx,
    instance: &Instance,
    id: RunId,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let Some(run) = runs::get(tx, &[id]).await?.pop() else {
        return Ok(());
    };
    if run.state == RunState::Finished {
        return Ok(());
    }
    // What was asked after the lists were seen tells of a listing each, and nothing of the run.
    let (asked, outcomes): (Vec<_>, Vec<_>) = visits::outcomes(tx, id)
        .await?
        .into_iter()
        .partition(|count| count.is_unlisted);
    let has_asked = !asked.is_empty();
    let limit = instance
        .watched(run.source)
        .map_or(u32::MAX, |one| one.source.scope.pages_per_run());
    if !has_asked {
        listings::note_listed(tx, run.source, id).await?;
    }
    let (seen, alike) = listings::alike_in(tx, run.source, id).await?;
    let saw_listings = seen > 0 && !is_one_page(seen, alike);
    let limit = i64::from(limit);
    let outcome = judge(&run, &outcomes, limit, saw_listings);
    // A listing one of whose pages failed is spared by itself; a list that failed could hide any number of them.
    if saw_listings && saw_lists(&run, &outcomes, limit) {
        if !has_asked && unlisted::ask(tx, instance, &run, limit, done).await? {
            return Ok(());
        }
        let removed = unlisted::remove(tx, &run, now).await?;
        runs::add_counts(
            tx,
            &[(
                id,
                RunCounts {
                    listings_removed: removed,
                    ..RunCounts::default()
                },
            )],
        )
        .await?;
        done.counts(id).listings_removed += removed;
    }
    if runs::finish(tx, id, outcome, now).await? {
        done.finished.push((id, outcome));
    }
    Ok(())
}

/// So many listings at least have to say the very same for that to tell anything.
const ALIKE: i64 = 3;

/// True where most of the listings that a run saw say the very same: a log-in, or a notice that the site is under repair, which
/// came in their place. Then none was seen.
fn is_one_page(seen: i64, alike: i64) -> bool {
    alike >= ALIKE && 2 * alike > seen
}

/// How a run went, by how its visits ended. Images do not count: a listing whose photo is missing is still there.
fn judge(run: &Run, outcomes: &[OutcomeCount], limit: i64, saw_listings: bool) -> RunOutcome {
    let pages = || {
        outcomes
            .iter()
            .filter(|count| count.kind != VisitKind::Image)
    };
    let any = |holds: fn(Outcome) -> bool| pages().any(|count| holds(count.outcome));
    if !any(Outcome::is_success) {
        return match any(Outcome::is_block) {
            true => RunOutcome::Blocked,
            false => RunOutcome::Failed,
        };
    }
    if !saw_listings {
        // The lists alone were to be had.
        let was_kept_out = any(Outcome::is_block)
            && !pages().any(|count| count.kind == VisitKind::Detail && count.outcome.is_success());
        return match was_kept_out {
            true => RunOutcome::Blocked,
            false => RunOutcome::Empty,
        };
    }
    let is_settled =
        |outcome: Outcome| outcome.is_success() || outcome.is_gone() || outcome == Outcome::Erased;
    let all_seen =
        pages().all(|count| is_settled(count.outcome)) && saw_lists(run, outcomes, limit);
    match all_seen {
        true => RunOutcome::Complete,
        false => RunOutcome::Partial,
    }
}

/// True where every list was seen, and all that they lead to was asked for, within the limits of the source. A list page that is
/// gone ends a pagination early: then what lies behind it was not seen.
fn saw_lists(run: &Run, outcomes: &[OutcomeCount], limit: i64) -> bool {
    let is_seen = |count: &OutcomeCount| {
        count.was_asked && (count.kind != VisitKind::List || count.outcome.is_success())
    };
    run.counts.visits < limit && outcomes.iter().all(is_seen)
}

#[cfg(test)]
mod tests {
    use sightline_model::{Mint, Timestamp};

    use super::*;

    #[test]
    fn a_run_is_judged_by_its_pages() {
        use Outcome::{
            BadImage, Erased, Fetched, Forbidden, Gone, OutOfScope, RobotsDenied, ServerError,
            TimedOut, Unchanged,
        };
        use VisitKind::{Detail, Image, List};
        type Case = (
            &'static str,
            &'static [(VisitKind, Outcome)],
            bool,
            RunOutcome,
        );
        let cases: [Case; 12] = [
            (
                "all seen",
                &[(List, Fetched), (Detail, Unchanged)],
                true,
                RunOutcome::Complete,
            ),
            (
                "an ad went meanwhile",
                &[(List, Fetched), (Detail, Gone)],
                true,
                RunOutcome::Complete,
            ),
            (
                "an ad was erased",
                &[(List, Fetched), (Detail, Fetched), (Detail, Erased)],
                true,
                RunOutcome::Complete,
            ),
            (
                "a photo failed",
                &[(List, Fetched), (Image, BadImage)],
                true,
                RunOutcome::Complete,
            ),
            (
                "an ad failed",
                &[(List, Fetched), (Detail, TimedOut)],
                true,
                RunOutcome::Partial,
            ),
            (
                "a list is missing",
                &[(List, Fetched), (List, Gone)],
                true,
                RunOutcome::Partial,
            ),
            (
                "nothing on it",
                &[(List, Fetched)],
                false,
                RunOutcome::Empty,
            ),
            (
                "robots.txt forbids the ads",
                &[(List, Fetched), (Detail, RobotsDenied)],
                false,
                RunOutcome::Blocked,
            ),
            (
                "a limit keeps an ad out",
                &[(List, Fetched), (Detail, Fetched), (Detail, OutOfScope)],
                true,
                RunOutcome::Partial,
            ),
            ("refused", &[(List, Forbidden)], false, RunOutcome::Blocked),
            (
                "robots",
                &[(List, RobotsDenied)],
                false,
                RunOutcome::Blocked,
            ),
            ("down", &[(List, ServerError)], false, RunOutcome::Failed),
        ];
        let mint = Mint::seeded(1);
        for (name, ends, saw_listings, expected) in cases {
            let outcomes: Vec<OutcomeCount> = ends
                .iter()
                .map(|&(kind, outcome)| OutcomeCount {
                    kind,
                    depth: 0,
                    outcome,
                    was_asked: outcome != OutOfScope,
                    is_unlisted: false,
                    count: 1,
                })
                .collect();
            let run = Run {
                id: mint.id(Timestamp(0)),
                source: mint.id(Timestamp(0)),
                planned_at: Timestamp(0),
                started_at: None,
                finished_at: None,
                state: RunState::Running,
                outcome: None,
                counts: RunCounts {
                    visits: 2,
                    ..RunCounts::default()
                },
            };
            assert_eq!(judge(&run, &outcomes, 10, saw_listings), expected, "{name}");
            if expected == RunOutcome::Complete {
                assert_eq!(
                    judge(&run, &outcomes, 2, saw_listings),
                    RunOutcome::Partial,
                    "{name}, at its limit"
                );
            }
        }
    }
}
