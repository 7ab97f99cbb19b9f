//! A crawl on demand: the sources that a person names, now, to completion, alerts included.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sightline_model::{Run, RunOutcome};
use sightline_store::{deliveries, runs};
use tokio_util::sync::CancellationToken;

use crate::{
    PipelineError,
    deliver::{Sent, deliver_due},
    hunt::hunt_new,
    instance::{Instance, Watched},
    plan::plan_now,
    progress::{Event, Progress},
    work::{Goal, work},
};

/// How long a crawl waits for hosts that asked us to, with nothing else to do. Longer than the first wait of a site
/// that is too busy; what asks for more goes on next time.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a crawl came to.
#[derive(Debug, Default)]
pub struct Crawled {
    /// The runs, as they stand now. One that is not finished has visits left, which go on next time.
    pub runs: Vec<Run>,
    /// The messages that were sent.
    pub sent: Sent,
}

impl Crawled {
    /// True where every run saw everything.
    pub fn is_complete(&self) -> bool {
        self.runs
            .iter()
            .all(|run| run.outcome == Some(RunOutcome::Complete))
    }
}

/// Crawls `sources` now, until their runs have ended or wait for hosts, and sends what they raised. A run that was under
/// way goes on.
///
/// # Errors
/// If the store or the archive can't be written. What was committed stays; the rest goes on next time.
pub async fn crawl(
    instance: &Arc<Instance>,
    sources: &[Arc<Watched>],
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Crawled, PipelineError> {
    hunt_new(instance).await?;
    let mut runs = HashMap::new();
    for watched in sources {
        let run = plan_now(instance, watched).await?;
        progress.tell(Event::Started {
            run: run.id,
            source: watched.id,
            name: watched.source.name.clone(),
            counts: run.counts,
        });
        runs.insert(run.id, watched.id);
    }
    let ids: Vec<_> = runs.keys().copied().collect();
    let worked = work(
        instance,
        Goal::Runs {
            runs,
            patience: PATIENCE,
        },
        progress,
        stop,
    )
    .await?;

    // The runs are over, so nothing more is to be gathered for their messages.
    let mut tx = instance.write().await?;
    let alerts: Vec<_> = worked.alerts.into_iter().collect();
    deliveries::release_waits(&mut tx, &alerts, instance.clock.now()).await?;
    tx.commit().await?;
    let sent = deliver_due(instance, stop).await?;
    let mut tx = instance.read().await?;
    let runs = runs::get(&mut tx, &ids).await?;
    Ok(Crawled { runs, sent })
}
