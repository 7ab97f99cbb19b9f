//! A crawl on demand: the sources that a person names, now, to completion, alerts included.

use std::{collections::HashMap, sync::Arc, time::Duration};

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

/// Crawls `sources` now, since `who` asked for that, until their runs have ended or wait for hosts, and sends what they raise while they do. A run that
/// was under way goes on. Operators are told of what is wrong when it has ended.
///
/// # Errors
/// If the store or the archive can't be written. What was committed stays; the rest goes on next time.
pub async fn crawl(
    instance: &Arc<Instance>,
    sources: &[Arc<Watched>],
    who: &str,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Crawled, PipelineError> {
    // A host that holds the crawl back must not hold the messages back.
    let last = CancellationToken::new();
    let crawling = async {
        let working = async {
            let runs = planned(instance, sources, who, progress).await?;
            let ids: Vec<_> = runs.keys().copied().collect();
            work_off(instance, runs, progress, stop).await.map(|()| ids)
        };
        // What is new on the lists is in force for new pages at once. In what is stored it is looked for first, so that it is told
        // as what was there before; but where that takes long, the crawl begins, and the hunt goes on beside it.
        let crawled = after_or_beside(HEAD_START, hunt_new(instance), working, stop).await;
        last.cancel();
        crawled
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
    who: &str,
    progress: &Progress,
) -> Result<HashMap<RunId, SourceId>, PipelineError> {
    let mut runs = HashMap::new();
    for watched in sources {
        let run = plan_now(instance, watched, who).await?;
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

/// Does `working` once `hunting` is over; where that takes longer than its head start, beside it, until both are over. Whoever
/// is told to stop hunts no more: what was hunted stays hunted, the rest is hunted next time.
///
/// Both ask for the one writer. So neither may stand still while it has it: the hunt goes on from its first moment to its last, and
/// is gone, with what it holds, the moment it is given up.
async fn after_or_beside<W>(
    head_start: Duration,
    hunting: impl Future<Output = Result<Hunted, PipelineError>>,
    working: impl Future<Output = Result<W, PipelineError>>,
    stop: &CancellationToken,
) -> Result<W, PipelineError> {
    let mut hunting = Box::pin(hunting);
    if let Ok(hunted) = timeout(head_start, hunting.as_mut()).await {
        hunted?;
        return working.await;
    }
    let hunting = async move {
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            hunted = hunting => hunted.map(drop),
        }
    };
    let (worked, hunted) = tokio::join!(working, hunting);
    let worked = worked?;
    hunted.map(|()| worked)
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
    use std::{cell::RefCell, future::pending};

    use tokio::{sync::Mutex, time::sleep};

    use super::*;

    const HUNTED: Hunted = Hunted {
        entries: 3,
        matches: 1,
    };

    /// Hunts for `length` with the one writer in its hand, works, which needs it too, and says what was over in which order.
    async fn in_order(length: Duration, stop: &CancellationToken) -> Vec<&'static str> {
        let writer = Mutex::new(());
        let order = RefCell::new(Vec::new());
        let hunting = async {
            let _writer = writer.lock().await;
            sleep(length).await;
            order.borrow_mut().push("hunted");
            Ok(HUNTED)
        };
        let working = async {
            let _writer = writer.lock().await;
            order.borrow_mut().push("worked");
            Ok(())
        };
        let both = after_or_beside(HEAD_START, hunting, working, stop);
        timeout(Duration::from_secs(3600), both)
            .await
            .expect("nobody waits for who stands still")
            .unwrap();
        order.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn a_hunt_that_has_the_writer_goes_on_while_a_crawl_is_planned() {
        let stop = CancellationToken::new();
        let both = ["hunted", "worked"];
        assert_eq!(in_order(HEAD_START / 2, &stop).await, both, "a short one");
        assert_eq!(in_order(HEAD_START * 9, &stop).await, both, "a long one");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hunt_that_is_given_up_gives_the_writer_back() {
        let stop = CancellationToken::new();
        let stopping = async {
            sleep(HEAD_START * 2).await;
            stop.cancel();
        };
        let (order, ()) = tokio::join!(in_order(HEAD_START * 9, &stop), stopping);
        assert_eq!(order, ["worked"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_hunt_holds_no_crawl() {
        let stop = CancellationToken::new();
        let working = async {
            stop.cancel();
            Ok(7)
        };
        let both = after_or_beside(HEAD_START, pending(), working, &stop);
        assert_eq!(both.await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hunt_that_fails_is_told() {
        let stop = CancellationToken::new();
        for length in [HEAD_START / 2, HEAD_START * 9] {
            let hunting = async {
                sleep(length).await;
                Err(PipelineError::WriterGone)
            };
            let both = after_or_beside(HEAD_START, hunting, async { Ok(()) }, &stop);
            assert!(both.await.is_err(), "{length:?}");
        }
    }
}
