//! The service: planner, crawlers and delivery, until told to stop.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_cron_scheduler::{Job, JobScheduler};
use tokio_util::sync::CancellationToken;

use crate::{
    PipelineError,
    deliver::deliver,
    hunt::hunt_new,
    instance::Instance,
    plan::plan,
    progress::Progress,
    retention::{Looked, finish_when_due, purge_if_due},
    sweep::sweep,
    work::{Goal, work},
};

/// When the planner looks for runs that are due: every second.
const PLANNING: &str = "* * * * * *";
/// When housekeeping is done: every minute.
const HOUSEKEEPING: &str = "30 * * * * *";
/// How long the next look, and the next housekeeping, are waited for at most. The ticks follow the clock on the wall: where that
/// is set back, they pause until it has caught up, and the work does not.
const PLANNING_AT_LATEST: Duration = Duration::from_secs(5);
const HOUSEKEEPING_AT_LATEST: Duration = Duration::from_secs(75);
/// How often it is looked whether anything is new on the lists.
const HUNTING: Duration = Duration::from_secs(1);
/// How often it is looked whether a purge is due, and whether what is gone can be taken out of the archive.
const RETENTION: Duration = Duration::from_secs(60);
/// How long a part that failed rests before it goes on; each failure in a row doubles it, up to [`LONGEST_REST`].
const REST: Duration = Duration::from_secs(2);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Plans, crawls and delivers until `stop` is called; then ends within seconds, and what was under way goes on next time.
/// A part that fails (a full disk, a database that is away) is tried again; the others go on meanwhile.
///
/// # Errors
/// If the ticks can't be set up.
pub async fn serve(
    instance: &Arc<Instance>,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let (planning, keeping) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut ticks = JobScheduler::new().await?;
    ticks.add(ticking(PLANNING, &planning)?).await?;
    ticks.add(ticking(HOUSEKEEPING, &keeping)?).await?;
    ticks.start().await?;
    tokio::join!(
        again("planning", stop, || Box::pin(async {
            loop {
                next(&planning, PLANNING_AT_LATEST).await;
                plan(instance).await?;
            }
        })),
        // Apart from planning, which must not wait until a hundred thousand phrases were looked for in all that is stored.
        again("hunting", stop, || Box::pin(async {
            loop {
                hunt_new(instance).await?;
                sleep(HUNTING).await;
            }
        })),
        again("housekeeping", stop, || Box::pin(async {
            loop {
                next(&keeping, HOUSEKEEPING_AT_LATEST).await;
                sweep(instance).await?;
            }
        })),
        // Apart from the rest of the housekeeping, which must not wait for a purge of a million rows.
        again("retention", stop, || Box::pin(async {
            let (mut wiped, mut looked) = (None, Looked::default());
            loop {
                finish_when_due(&instance.keeping(), &mut wiped).await?;
                purge_if_due(&instance.keeping(), &mut looked).await?;
                sleep(RETENTION).await;
            }
        })),
        until_done("crawling", stop, || Box::pin(async {
            work(instance, Goal::Forever, progress, stop)
                .await
                .map(|_| ())
        })),
        until_done("delivery", stop, || Box::pin(async {
            deliver(instance, &CancellationToken::new(), stop)
                .await
                .map(|_| ())
        })),
    );
    ticks.shutdown().await?;
    Ok(())
}

type Part<'p> = Pin<Box<dyn Future<Output = Result<(), PipelineError>> + Send + 'p>>;

fn ticking(when: &str, tick: &Arc<Notify>) -> Result<Job, PipelineError> {
    let tick = Arc::clone(tick);
    Ok(Job::new(when, move |_, _| tick.notify_one())?)
}

/// Waits for the next tick, and no longer than `at_latest`.
async fn next(tick: &Notify, at_latest: Duration) {
    // Which of the two it was is no matter.
    _ = timeout(at_latest, tick.notified()).await;
}

/// Runs a part that stops between its steps wherever it is: its transactions undo themselves.
async fn again<'p>(name: &str, stop: &CancellationToken, part: impl Fn() -> Part<'p>) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = until_done(name, stop, part) => {}
    }
}

/// Runs a part until it ends well, which it does when it is told to stop.
async fn until_done<'p>(name: &str, stop: &CancellationToken, part: impl Fn() -> Part<'p>) {
    let mut rest = REST;
    while let Err(error) = part().await {
        tracing::error!(part = name, %error, rest_seconds = rest.as_secs(), "failed; it rests and goes on");
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(rest) => rest = (rest * 2).min(LONGEST_REST),
        }
    }
}
