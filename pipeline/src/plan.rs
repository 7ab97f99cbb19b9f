//! The plan: which runs are due, and how they begin. A run is unique per source and planned instant, so any number of
//! processes may plan.

use sightline_crawler::schedule::{Due, Overlap};
use sightline_model::{
    NewVisit, Run, RunCounts, RunId, RunOutcome, RunState, Timestamp, VisitKind,
};
use sightline_store::{
    Tx,
    audit::{self, Deed},
    runs,
    sources::{self, SourceState},
    visits,
};

use crate::{
    PipelineError,
    instance::{Instance, Watched},
};

/// Plans what is due on the schedules of all sources, and begins queued runs whose turn has come.
pub async fn plan(instance: &Instance) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let mut tx = instance.read().await?;
    let rows = sources::all(&mut tx).await?;
    let unfinished = runs::unfinished(&mut tx, None).await?;
    drop(tx);
    for row in rows {
        let Some(watched) = instance.watched(row.id) else {
            continue;
        };
        if row.state != SourceState::Active || !watched.source.is_enabled() {
            continue;
        }
        if row.next_planned_at.is_none_or(|next| next <= now) {
            plan_source(instance, &watched, &row, now).await?;
        }
        let mut of_source = unfinished.iter().filter(|run| run.source == row.id);
        let next = of_source.clone().find(|run| run.state == RunState::Queued);
        if let Some(next) = next.filter(|_| of_source.all(|run| run.state == RunState::Queued)) {
            let mut tx = instance.write().await?;
            if runs::start(&mut tx, next.id, now).await? {
                begin(&mut tx, &watched, next.id, now).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

/// The run that a person asks for now: one that is under way goes on, else a new one begins. That `who` asked for it is kept.
pub async fn plan_now(
    instance: &Instance,
    watched: &Watched,
    who: &str,
) -> Result<Run, PipelineError> {
    let now = instance.clock.now();
    let mut tx = instance.write().await?;
    // What a run did not see is removed at its end, so there must not be two of a source at once.
    sources::hold(&mut tx, watched.id).await?;
    let run = asked_for(&mut tx, instance, watched, now).await?;
    let deed = Deed {
        at: now,
        who: who.to_owned(),
        what: runs::ASKED_FOR.to_owned(),
        subject: watched.source.name.clone(),
        detail: run.id.to_string(),
    };
    audit::append(&mut tx, &deed).await?;
    tx.commit().await?;
    Ok(run)
}

async fn asked_for(
    tx: &mut Tx,
    instance: &Instance,
    watched: &Watched,
    now: Timestamp,
) -> Result<Run, PipelineError> {
    let unfinished = runs::unfinished(tx, Some(watched.id)).await?;
    if let Some(run) = unfinished.iter().find(|run| run.state == RunState::Running) {
        return Ok(run.clone());
    }
    if let Some(queued) = unfinished.first() {
        runs::start(tx, queued.id, now).await?;
        begin(tx, watched, queued.id, now).await?;
        let started = runs::get(tx, &[queued.id]).await?;
        return Ok(started.into_iter().next().unwrap_or_else(|| queued.clone()));
    }
    let mut run = new_run(instance, watched, now, now);
    run.started_at = Some(now);
    runs::plan(tx, &run).await?;
    run.counts.visits = begin(tx, watched, run.id, now).await?;
    Ok(run)
}

async fn plan_source(
    instance: &Instance,
    watched: &Watched,
    row: &sources::Source,
    now: Timestamp,
) -> Result<(), PipelineError> {
    let since = row.last_planned_at.unwrap_or(watched.created_at);
    let Due {
        plan,
        skipped,
        next,
    } = watched.source.schedule.due(since, now);
    let dealt_with = plan.max(skipped);
    if dealt_with.is_none() && next == row.next_planned_at {
        return Ok(());
    }
    let last = dealt_with.or(row.last_planned_at);
    let mut tx = instance.write().await?;
    if !sources::set_next_planned(&mut tx, row.id, row.last_planned_at, last, next).await? {
        // Another process was quicker, and has planned the same.
        return Ok(tx.rollback().await?);
    }
    if let Some(skipped) = skipped {
        skip(&mut tx, instance, watched, skipped, now).await?;
    }
    if let Some(planned) = plan {
        plan_run(&mut tx, instance, watched, planned, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Stores the run of a planned instant: under way, queued behind an earlier one, or skipped on its account.
async fn plan_run(
    tx: &mut Tx,
    instance: &Instance,
    watched: &Watched,
    planned: Timestamp,
    now: Timestamp,
) -> Result<(), PipelineError> {
    let is_busy = !runs::unfinished(tx, Some(watched.id)).await?.is_empty();
    let mut run = new_run(instance, watched, planned, now);
    if is_busy && watched.source.schedule.overlap() == Overlap::Skip {
        tracing::info!(source = watched.source.name, %planned, "skipped: the run before is still under way");
        return skip(tx, instance, watched, planned, now).await;
    }
    if is_busy {
        run.state = RunState::Queued;
        runs::plan(tx, &run).await?;
        return Ok(());
    }
    let start = watched
        .source
        .schedule
        .start_of(planned, &watched.source.name)
        .max(now);
    run.started_at = Some(start);
    if runs::plan(tx, &run).await? {
        begin(tx, watched, run.id, start).await?;
        tracing::info!(source = watched.source.name, %planned, %start, "planned");
    }
    Ok(())
}

async fn skip(
    tx: &mut Tx,
    instance: &Instance,
    watched: &Watched,
    planned: Timestamp,
    now: Timestamp,
) -> Result<(), PipelineError> {
    let run = Run {
        state: RunState::Finished,
        outcome: Some(RunOutcome::Skipped),
        finished_at: Some(now),
        ..new_run(instance, watched, planned, now)
    };
    runs::plan(tx, &run).await?;
    Ok(())
}

fn new_run(instance: &Instance, watched: &Watched, planned: Timestamp, now: Timestamp) -> Run {
    Run {
        id: instance.mint.id(now),
        source: watched.id,
        planned_at: planned,
        started_at: None,
        finished_at: None,
        state: RunState::Running,
        outcome: None,
        counts: RunCounts::default(),
    }
}

/// Makes a run's first visits due at `start`; how many they are.
async fn begin(
    tx: &mut Tx,
    watched: &Watched,
    run: RunId,
    start: Timestamp,
) -> Result<i64, PipelineError> {
    let first: Vec<NewVisit> = watched
        .source
        .start
        .iter()
        .map(|url| NewVisit {
            run,
            source: watched.id,
            kind: VisitKind::List,
            url: url.clone(),
            depth: 0,
            due_at: start,
            listing: None,
        })
        .collect();
    let added = visits::add(tx, &first).await?.into_iter().flatten().count();
    let visits = i64::try_from(added).unwrap_or(i64::MAX);
    runs::add_counts(
        tx,
        &[(
            run,
            RunCounts {
                visits,
                ..RunCounts::default()
            },
        )],
    )
    .await?;
    Ok(visits)
}
