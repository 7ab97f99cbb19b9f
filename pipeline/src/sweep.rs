//! The sweep: what nobody's visit brings about. Reminders fall due, and runs end whose last visit was lost.

use sightline_alerts::{decide::remind, group::OpenAlert, rules::Rules};
use sightline_model::{AlertId, EntryId, RunState, WatchlistId};
use sightline_store::{alerts, deliveries, entries, runs, visits};

use crate::{
    PipelineError,
    commit::{Committed, end_run},
    furniture,
    instance::Instance,
};

/// Alerts that people are reminded of in one transaction.
const ALERTS: u32 = 200;

/// Gives back what dead workers had, reminds of alerts that nobody has acknowledged, and ends runs that have nothing left
/// to do.
pub(crate) async fn sweep(instance: &Instance) -> Result<(), PipelineError> {
    instance.relieve_the_dead().await?;
    remind_all(instance).await?;
    end_idle_runs(instance).await
}

async fn remind_all(instance: &Instance) -> Result<(), PipelineError> {
    let sight = instance.sight().await?;
    for (watchlist, rules) in sight.reminding() {
        remind_of(instance, watchlist, rules).await?;
    }
    Ok(())
}

/// Reminds of the alerts of a watchlist that nobody has acknowledged since people were last told of them.
async fn remind_of(
    instance: &Instance,
    watchlist: WatchlistId,
    rules: &Rules,
) -> Result<(), PipelineError> {
    let Some(repeat) = rules.repeat() else {
        return Ok(());
    };
    let now = instance.clock.now();
    let mut after = None;
    loop {
        let mut tx = instance.read().await?;
        let due = alerts::told_until(&mut tx, watchlist, now - repeat, after, ALERTS).await?;
        drop(tx);
        let Some(last) = due.last() else {
            return Ok(());
        };
        after = last.notify_at.map(|at| (at, last.id));
        let mut tx = instance.write().await?;
        // Looked at again under the lock: somebody may have acknowledged one, or another process reminded of it.
        let entries: Vec<EntryId> = due.iter().map(|alert| alert.entry).collect();
        entries::hold(&mut tx, &entries).await?;
        let ids: Vec<AlertId> = due.iter().map(|alert| alert.id).collect();
        let due = alerts::get(&mut tx, &ids).await?;
        let sent = deliveries::of_alerts(&mut tx, &ids).await?;
        let (mut reminded, mut messages) = (Vec::new(), Vec::new());
        for alert in due {
            let open = OpenAlert::new(alert, &sent);
            if let Some((alert, more)) = remind(&open, rules, now, &instance.mint) {
                reminded.push(alert);
                messages.extend(more);
            }
        }
        alerts::update(&mut tx, &reminded).await?;
        deliveries::insert(&mut tx, &messages).await?;
        tx.commit().await?;
    }
}

async fn end_idle_runs(instance: &Instance) -> Result<(), PipelineError> {
    let mut tx = instance.read().await?;
    let unfinished = runs::unfinished(&mut tx, None).await?;
    drop(tx);
    for run in unfinished
        .into_iter()
        .filter(|run| run.state == RunState::Running)
    {
        let mut tx = instance.write().await?;
        let mut done = Committed::default();
        if visits::remaining(&mut tx, run.id).await? == 0 {
            end_run(&mut tx, instance, run.id, &mut done).await?;
        }
        tx.commit().await?;
        furniture::look(instance, &done.finished).await;
    }
    Ok(())
}
