//! A crawl on demand: the sources that a person names, now, to completion, alerts included.

use std::{
    collections::HashMap,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use sightline_model::{Run, RunId, RunOutcome, SourceId};
use sightline_store::{
    alerts, runs,
    visits::{self, Waiting},
    waits,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    PipelineError,
    deliver::{Sent, deliver, deliver_due},
    hunt::{Hunted, hunt_new},
    instance::{Instance, Watched},
    plan::plan_now,
    progress::{Event, Progress, Slow},
    sweep::tell_now,
    work::{Goal, work},
};

/// How long a crawl waits in all for hosts that asked us to, with nothing else to do: longer than the first two waits of a
/// site that is too busy. What asks for more goes on next time.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How long a crawl waits for what is new on the lists to be looked for in what is stored. A hundred thousand new phrases take
/// many minutes in a million listings; a few entries take none.
const HEAD_START: Duration = Duration::from_secs(5);

/// What a crawl came to.
#[derive(Debug, Default)]
pub struct Crawled {
    /// The runs, as they stand now. One that is not finished has visits left, which go on next time.
    pub runs: Vec<Run>,
    /// The hosts that are not to be asked again for longer than a crawl waits, and what waits for them.
    pub waiting: Vec<Waiting>,
    /// The hosts whose robots.txt sets a slow pace, and what is left for them.
    pub slow: Vec<Slow>,
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

/// Crawls `sources` now, until their runs have ended or wait for hosts, and sends what they raise while they do. A run that
/// was under way goes on. Operators are told of what is wrong when it has ended.
///
/// # Errors
/// If the store or the archive can't be written. What was committed stays; the rest goes on next time.
pub async fn crawl(
    instance: &Arc<Instance>,
    sources: &[Arc<Watched>],
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Crawled, PipelineError> {
    // What is new on the lists is in force for new pages at once. In what is stored it is looked for first, so that it is told as
    // what was there before; but where that takes long, the crawl begins, and the hunt goes on beside it.
    let mut hunting = pin!(hunt_new(instance));
    let goes_on = goes_on_after(HEAD_START, hunting.as_mut()).await?;
    // A host that holds the crawl back must not hold the messages back.
    let last = CancellationToken::new();
    let crawling = async {
        let hunting = async {
            match goes_on {
                // What was hunted stays hunted; the rest is hunted next time.
                true => tokio::select! {
                    () = stop.cancelled() => Ok(()),
                    hunted = hunting => hunted.map(drop),
                },
                false => Ok(()),
            }
        };
        // The hunt goes on from here on: it may have the one writer, which whoever plans waits for.
        let working = async {
            let runs = planned(instance, sources, progress).await?;
            let ids: Vec<_> = runs.keys().copied().collect();
            work_off(instance, runs, progress, stop).await.map(|()| ids)
        };
        let (crawled, hunted) = tokio::join!(working, hunting);
        last.cancel();
        let ids = crawled?;
        hunted.map(|()| ids)
    };
    let (crawled, sent) = tokio::join!(crawling, deliver(instance, &last, stop));
    let ids = crawled?;
    let mut sent = match sent {
        Ok(sent) => sent,
        Err(error) => {
            tracing::warn!(%error, "messages were held up during the crawl; they are sent now");
            deliver_due(instance, stop).await?
        }
    };
    match tell_now(instance, stop).await {
        Ok(told) => sent.add(told),
        // It took nothing from the crawl, and whoever looks next tells.
        Err(error) => tracing::warn!(%error, "operators were not told what is wrong"),
    }
    let mut tx = instance.read().await?;
    let runs = runs::get(&mut tx, &ids).await?;
    let now = instance.clock.now();
    let mut waiting = visits::waiting(&mut tx, &ids).await?;
    let slow = slow(instance, &waiting);
    waiting.retain(|host| host.next_at() > now);
    Ok(Crawled {
        runs,
        waiting,
        slow,
        sent,
    })
}

/// Plans a run of each source, which goes on where one is under way.
async fn planned(
    instance: &Instance,
    sources: &[Arc<Watched>],
    progress: &Progress,
) -> Result<HashMap<RunId, SourceId>, PipelineError> {
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
    Ok(runs)
}

/// Waits for a hunt for so long; true where it is not over by then.
async fn goes_on_after(
    length: Duration,
    hunting: Pin<&mut impl Future<Output = Result<Hunted, PipelineError>>>,
) -> Result<bool, PipelineError> {
    match timeout(length, hunting).await {
        Ok(hunted) => hunted.map(|_| false),
        Err(_) => Ok(true),
    }
}

fn slow(instance: &Instance, waiting: &[Waiting]) -> Vec<Slow> {
    let slow = waiting.iter().filter_map(|host| {
        Some(Slow {
            delay: instance.crawler.delay(&host.host)?,
            host: host.host.clone(),
            visits: host.visits,
        })
    });
    slow.collect()
}

async fn work_off(
    instance: &Arc<Instance>,
    runs: HashMap<RunId, SourceId>,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let ids: Vec<RunId> = runs.keys().copied().collect();
    let goal = Goal::Runs {
        runs,
        patience: PATIENCE,
    };
    let worked = work(instance, goal, progress, stop).await?;
    // The runs are over, so nothing more is gathered for their messages. Two messages of one alert keep their distance all the
    // same: whoever crawls, delivers or serves next sends what waits for that.
    let mut tx = instance.write().await?;
    // A worker that died may have raised some of what they tell of.
    let mut raised = worked.alerts;
    for run in runs::get(&mut tx, &ids).await? {
        if let Some(since) = run.started_at {
            raised.extend(alerts::gathering(&mut tx, run.source, since).await?);
        }
    }
    let raised: Vec<_> = raised.into_iter().collect();
    waits::release(&mut tx, &raised, instance.clock.now()).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_long_hunt_holds_no_crawl() {
        let at_once = Duration::ZERO;
        let found = Hunted {
            entries: 3,
            matches: 1,
        };
        let over = goes_on_after(at_once, pin!(ready(Ok(found)))).await;
        assert!(!over.unwrap());
        assert!(goes_on_after(at_once, pin!(pending())).await.unwrap());
        let failed: Result<Hunted, PipelineError> = Err(PipelineError::WriterGone);
        assert!(goes_on_after(at_once, pin!(ready(failed))).await.is_err());
    }
}
