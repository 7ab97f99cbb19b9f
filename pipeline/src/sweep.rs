//! The sweep: what nobody's visit brings about. Reminders fall due, and runs end whose last visit was lost.

use sightline_alerts::{decide::remind, group::OpenAlert};
use sightline_model::{AlertState, RunState};
use sightline_store::{Filter, alerts, deliveries, entries, runs, visits};

use crate::{
    PipelineError,
    commit::{Committed, end_run},
    instance::Instance,
};

/// Gives back what dead workers had, reminds of alerts that nobody has acknowledged, and ends runs that have nothing left
/// to do.
pub(crate) async fn sweep(instance: &Instance) -> Result<(), PipelineError> {
    instance.relieve_the_dead().await?;
    remind_all(instance).await?;
    end_idle_runs(instance).await
}

async fn remind_all(instance: &Instance) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let sight = instance.sight().await?;
    let open = Filter {
        state: Some(AlertState::Open.as_str()),
        limit: u32::MAX,
        ..Filter::default()
    };
    let mut tx = instance.read().await?;
    let candidates = alerts::list(&mut tx, &open).await?;
    drop(tx);
    for candidate in candidates {
        let rules = sight.rules(candidate.watchlist);
        let Some(repeat) = rules.repeat() else {
            continue;
        };
        if candidate.notify_at.is_none_or(|last| now < last + repeat) {
            continue;
        }
        let mut tx = instance.write().await?;
        // Looked at again under the lock: somebody may have acknowledged it, or another process reminded.
        entries::hold(&mut tx, &[candidate.entry]).await?;
        let Some(alert) = alerts::get(&mut tx, &[candidate.id]).await?.pop() else {
            continue;
        };
        let sent = deliveries::of_alerts(&mut tx, &[alert.id]).await?;
        let open = OpenAlert::new(alert, &sent);
        if let Some((alert, messages)) = remind(&open, &rules, now, &instance.mint) {
            alerts::update(&mut tx, &[alert]).await?;
            deliveries::insert(&mut tx, &messages).await?;
        }
        tx.commit().await?;
    }
    Ok(())
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
        if visits::remaining(&mut tx, run.id).await? == 0 {
            end_run(&mut tx, instance, run.id, &mut Committed::default()).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
