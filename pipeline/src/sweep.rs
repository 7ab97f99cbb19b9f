//! The sweep: what nobody's visit brings about. Reminders and escalations fall due, and runs end whose last visit was lost.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sightline_alerts::{
    due::Due,
    follow::{Holds, Taken, follow_up},
    group::OpenAlert,
    rules::{Escalate, Rules},
};
use sightline_model::{
    AlertId, Delivery, EntryId, GroupBy, RunState, Timestamp, Topic, WatchlistId,
};
use sightline_store::{
    Tx,
    alerts::{self, Overdue, ToldIn},
    deliveries, entries, runs, visits, waits,
};
use tokio_util::sync::CancellationToken;

use crate::{
    PipelineError,
    commit::{Committed, end_run, gathered, quietness},
    deliver::{Sent, deliver_due},
    forsaken, furniture,
    instance::Instance,
    notices::{tell_operators, tell_owners},
    set_back::bring_back,
    stale::close_stale,
    wake::tell_what_was_silenced,
};

/// Alerts that people are told of again in one transaction.
const ALERTS: u32 = 200;

/// Gives back what dead workers had, tells of alerts that nobody has dealt with, ends runs that have nothing left to do or whose
/// source nobody has any more, and
/// tells operators and owners what they have to look at.
pub(crate) async fn sweep(instance: &Instance) -> Result<(), PipelineError> {
    instance.relieve_the_dead().await?;
    bring_back(instance).await?;
    forsaken::look(instance).await?;
    end_idle_runs(instance).await?;
    put_out(instance).await?;
    tell_operators(instance).await
}

/// Puts into the outbox what no visit brings about and is due by now: reminders, escalations, and what owners are to be told.
/// Alerts that have gone stale are closed before anybody is reminded of them. What is wrong with the machinery is not looked at:
/// whoever is about to send what waits would tell operators that it waits, and then that it does no longer.
///
/// # Errors
/// If the store can't be read or written; the rest comes next time.
pub async fn put_out(instance: &Instance) -> Result<(), PipelineError> {
    close_stale(instance).await?;
    tell_what_was_silenced(instance).await?;
    follow_up_all(instance).await?;
    tell_owners(instance).await
}

/// Tells operators what is wrong now, such as what a crawl or a delivery that has just ended came to, and sends them that:
/// what a command that ends must do, for nobody may look after it.
///
/// # Errors
/// If the store can't be read or written; the next look tells.
pub async fn tell_now(
    instance: &Arc<Instance>,
    stop: &CancellationToken,
) -> Result<Sent, PipelineError> {
    tell_operators(instance).await?;
    deliver_due(instance, stop).await
}

/// Puts into the outbox what is due of alerts that nobody has acknowledged, or that were forgotten.
///
/// # Errors
/// If the store can't be read or written; the rest comes next time.
pub async fn follow_up_all(instance: &Instance) -> Result<(), PipelineError> {
    let sight = instance.sight().await?;
    for (watchlist, rules) in sight.following_up() {
        follow_up_of(instance, watchlist, rules).await?;
    }
    Ok(())
}

async fn follow_up_of(
    instance: &Instance,
    watchlist: WatchlistId,
    rules: &Rules,
) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let overdue = overdue(rules, now);
    let mut after = None;
    loop {
        let mut tx = instance.read().await?;
        let due = alerts::overdue(&mut tx, watchlist, &overdue, after, ALERTS).await?;
        drop(tx);
        let Some(last) = due.last() else {
            return Ok(());
        };
        after = Some(last.id);
        let mut tx = instance.write().await?;
        // Looked at again under the lock: somebody may have acknowledged one, or another process told of it.
        let entries: Vec<EntryId> = due.iter().map(|alert| alert.entry).collect();
        entries::hold(&mut tx, &entries).await?;
        if rules.group_by != GroupBy::Entry {
            alerts::hold_groups_of(&mut tx, &[watchlist]).await?;
        }
        let quietness = quietness(&mut tx, now).await?;
        let ids: Vec<AlertId> = due.iter().map(|alert| alert.id).collect();
        let due = alerts::get(&mut tx, &ids).await?;
        let sent = deliveries::of_alerts(&mut tx, &ids).await?;
        let gathered = gathered(&mut tx, &quietness, &ids).await?;
        let stands = standing(&mut tx, &ids).await?;
        let (mut told, mut messages, mut held) = (Vec::new(), Vec::new(), Vec::new());
        let mut taken = Vec::new();
        for alert in due {
            let open = OpenAlert::new(alert, &sent);
            let is_chased = match stands.get(&open.alert.id) {
                Some(holds) => holds.unchased().is_none(),
                None => open.alert.notify_at.is_some(),
            };
            if !is_chased {
                continue;
            }
            let gathers = gathered.get(&open.alert.id).map_or(&[][..], Vec::as_slice);
            let silence = quietness.over(&open.alert, gathers).whole();
            let due = follow_up(&open, silence, rules, now, &instance.mint);
            if let Some(due) = due {
                let batch = due.taken.map(|taken| taken.waiting.batch);
                let of_batch = |one: &&Delivery| {
                    one.topic == Topic::Alert(due.alert.id) && Some(one.batch) == batch
                };
                let more = sent.iter().filter(of_batch).chain(&due.deliveries);
                held.extend(
                    silence
                        .into_iter()
                        .flat_map(|by| more.clone().map(|one| (one.id, by.id))),
                );
                taken.extend(due.taken.map(|taken| (due.alert.id, taken)));
                told.push(due.alert);
                messages.extend(due.deliveries);
            }
        }
        if told.is_empty() {
            tx.rollback().await?;
            continue;
        }
        alerts::update(&mut tx, &told).await?;
        deliveries::insert(&mut tx, &messages).await?;
        for (alert, Taken { waiting, purpose }) in taken {
            let due = (waiting.due.at, waiting.due.waits);
            waits::take_along(&mut tx, alert, waiting.batch, purpose, due).await?;
        }
        waits::held(&mut tx, &held).await?;
        tx.commit().await?;
    }
}

/// What is left of these alerts, since people may have rejected some of it, or withdrawn what was looked for.
async fn standing(tx: &mut Tx, ids: &[AlertId]) -> Result<HashMap<AlertId, Holds>, PipelineError> {
    let mut told = HashMap::<AlertId, Vec<ToldIn>>::new();
    for one in alerts::told_in(tx, ids).await? {
        told.entry(one.alert).or_default().push(one);
    }
    let standing = told
        .iter()
        .map(|(alert, batches)| (*alert, Holds::of(ToldIn::left(batches))))
        .collect();
    Ok(standing)
}

/// Which alerts of a watchlist with these rules are worth a look.
fn overdue(rules: &Rules, now: Timestamp) -> Overdue {
    let before = |length: Option<Duration>| length.map(|length| now - length);
    let reminded = |length: Option<Duration>| {
        length.map(|length| Due::reminders_until(rules, length, now) - length)
    };
    let escalate = rules.escalate.as_ref();
    Overdue {
        told: reminded(rules.repeat()),
        unescalated: before(escalate.map(Escalate::after)),
        escalated: before(escalate.and_then(Escalate::repeat)),
        taken: reminded(rules.forgotten()),
        held: rules.repeat().or(rules.forgotten()).map(|_| now),
    }
}

async fn end_idle_runs(instance: &Instance) -> Result<(), PipelineError> {
    // Asked before looking: what is remembered of a run that begins meanwhile stays.
    let remembered = instance.before_runs.remembered();
    let mut tx = instance.read().await?;
    let unfinished = runs::unfinished(&mut tx, None).await?;
    drop(tx);
    // Another process may have ended them.
    for run in remembered {
        if unfinished.iter().all(|one| one.id != run) {
            instance.before_runs.forget(run);
        }
    }
    for run in unfinished
        .into_iter()
        .filter(|run| run.state == RunState::Running)
    {
        let mut tx = instance.write().await?;
        let mut done = Committed::default();
        if !visits::any_remaining(&mut tx, run.id).await? {
            end_run(&mut tx, instance, run.id, &mut done).await?;
        }
        tx.commit().await?;
        for (run, _) in &done.finished {
            instance.before_runs.forget(*run);
        }
        furniture::look(instance, &done.finished).await;
    }
    Ok(())
}
