//! The work: visits that are due are leased, made side by side, and committed together.
//!
//! One task leases and watches; each visit is a task of its own, most of them waiting for their host's turn; one task
//! writes. What is leased counts against the limit until it is committed, so a slow disk slows the fetching; and what is
//! fetched keeps its seat at its host until then, so that a kill repeats no more pages than the host takes at once.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use sightline_crawler::robots::CrawlDelay;
use sightline_model::{
    AlertId, CaptureId, Outcome, RunId, RunOutcome, RunState, SourceId, Timestamp, VisitId,
};
use sightline_store::{
    captures,
    leases::{self, Whose, Wish},
    runs, visits,
};
use tokio::{
    sync::mpsc,
    task::{Id, JoinSet},
    time::{Instant, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{
    PipelineError,
    instance::Instance,
    patience::Patience,
    process::{Processed, Task, failed, process},
    progress::{Event, Progress, Slow},
    room::BelowFloor,
    writer::{Made, Report, write},
};

/// How often to look for what other processes have made due, and whether leases need renewing.
const TICK: Duration = Duration::from_millis(500);
/// A wait for hosts that is shorter than this is not told of: two tries of one page are not further apart.
const WORTH_TELLING: Duration = Duration::from_secs(25);

/// What to work towards.
#[derive(Clone, Debug)]
pub enum Goal {
    /// Until these runs of these sources have ended, or wait for hosts that asked us to, and nothing else is to be done.
    Runs {
        /// The runs.
        runs: HashMap<RunId, SourceId>,
        /// How long to wait for such hosts in all, if nothing else is to be done meanwhile.
        patience: Duration,
    },
    /// Until stopped.
    Forever,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Worked {
    /// How runs ended. One that is missing has visits left, which go on next time.
    pub ended: HashMap<RunId, RunOutcome>,
    /// The alerts for which messages were put into the outbox.
    pub alerts: BTreeSet<AlertId>,
}

/// Makes visits until the goal is reached or `stop` is called.
///
/// # Errors
/// If the store or the archive can't be written, or a disk has less room than is to be left. Leases are given back, so nothing is lost.
pub async fn work(
    instance: &Arc<Instance>,
    goal: Goal,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Worked, PipelineError> {
    instance.ready_to_keep().await?;
    // What an earlier try of this process could not give back, for the disk was full, is due again.
    give_back(instance).await?;
    instance.takes_leases();
    let (to_writer, from_visits) = mpsc::channel(instance.work.visits);
    let (reports, from_writer) = mpsc::channel(instance.work.visits);
    let writer = tokio::spawn(write(Arc::clone(instance), from_visits, reports));
    let patience = match &goal {
        Goal::Runs { patience, .. } => *patience,
        Goal::Forever => Duration::MAX,
    };
    let sources = match &goal {
        Goal::Runs { runs, .. } => Some(runs.values().copied().collect()),
        Goal::Forever => None,
    };
    let mut shift = Shift {
        instance,
        goal,
        sources,
        progress,
        visits: JoinSet::new(),
        tasks: HashMap::new(),
        held: HashMap::new(),
        is_dry: false,
        to_writer: Some(to_writer),
        from_writer,
        worked: Worked::default(),
        patience: Patience::new(patience),
        is_over: false,
        waits: Vec::new(),
        slow: HashSet::new(),
        below: None,
        over: CancellationToken::new(),
    };
    let result = shift.run(stop).await;
    // What was fetched is still committed; what was not goes back. Visits are broken off one by one, and the seat of one is not
    // for the next of them.
    shift.over.cancel();
    shift.visits.shutdown().await;
    shift.close_writer();
    while let Some(report) = shift.from_writer.recv().await {
        if let Ok(report) = report {
            shift.take(report);
        }
    }
    let worked = std::mem::take(&mut shift.worked);
    // The writer ends by itself when its senders are gone; a panic in it was told by the missing reports.
    _ = writer.await;
    give_back(instance).await?;
    instance.gave_back();
    result.map(|()| worked)
}

/// Gives back every visit and host that this process has leased.
async fn give_back(instance: &Instance) -> Result<(), PipelineError> {
    let mut tx = instance.write().await?;
    leases::release(&mut tx, instance.worker()).await?;
    Ok(tx.commit().await?)
}

struct Shift<'w> {
    instance: &'w Arc<Instance>,
    goal: Goal,
    /// The sources whose visits are made; all that are crawled here where none are named.
    sources: Option<Vec<SourceId>>,
    progress: &'w Progress,
    visits: JoinSet<Result<Processed, PipelineError>>,
    /// Which visit each task makes, to tell it when the task panics.
    tasks: HashMap<Id, Arc<Task>>,
    /// Visits that are leased and not committed, by host.
    held: HashMap<String, BTreeSet<VisitId>>,
    /// True once nothing more was due, until something may be: then asking again, after each commit, would be for nothing.
    is_dry: bool,
    /// None once no more visits are to be written.
    to_writer: Option<mpsc::Sender<Processed>>,
    from_writer: mpsc::Receiver<Result<Report, PipelineError>>,
    worked: Worked,
    patience: Patience,
    /// True once nothing of the goal can be done within what is left of the patience.
    is_over: bool,
    /// The hosts that are waited for, as last told.
    waits: Vec<(String, Timestamp)>,
    /// The hosts that were told of as slow.
    slow: HashSet<String>,
    /// The disk that had too little room for more, once one had: nothing more is taken then.
    below: Option<BelowFloor>,
    /// Called before visits are broken off.
    over: CancellationToken,
}

impl Shift<'_> {
    async fn run(&mut self, stop: &CancellationToken) -> Result<(), PipelineError> {
        let mut tick = interval(TICK);
        let mut renewed = Instant::now();
        while !self.is_done() {
            // What has a seat has its room yet, and is committed.
            if let Some(below) = self.below.take_if(|_| self.held.is_empty()) {
                return Err(below.into());
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                report = self.from_writer.recv() => {
                    // Its senders are here, so it ends early only by a panic, which is logged.
                    self.take(report.ok_or(PipelineError::WriterGone)??);
                    if !self.is_dry {
                        self.lease().await?;
                    }
                }
                Some(made) = self.visits.join_next_with_id() => self.hand_on(made).await?,
                _ = tick.tick() => {
                    if renewed.elapsed() > self.instance.work.lease() / 4 {
                        self.renew().await?;
                        renewed = Instant::now();
                    }
                    self.lease().await?;
                    self.tell_of_slow_hosts().await?;
                    self.look_after_runs().await?;
                }
            }
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        let Goal::Runs { runs, .. } = &self.goal else {
            return false;
        };
        let is_waited_for = self.is_over || self.patience.is_over(Instant::now());
        runs.keys().all(|run| self.worked.ended.contains_key(run)) || is_waited_for
    }

    fn held(&self) -> usize {
        self.held.values().map(BTreeSet::len).sum()
    }

    /// Takes as many visits as there is room for.
    async fn lease(&mut self) -> Result<(), PipelineError> {
        let room = self.instance.work.visits.saturating_sub(self.held());
        // Many small leases would cost as many commits.
        if room < self.instance.work.visits.div_ceil(8) {
            return Ok(());
        }
        // Those that were sent back are due again only when the work begins anew.
        self.below = self.below.take().or_else(|| self.instance.floor.below());
        if self.below.is_some() {
            return Ok(());
        }
        let tasks = lease(self.instance, self.sources.as_deref(), room).await?;
        for task in &tasks {
            let visit = &task.lease.visit;
            self.held
                .entry(visit.host.clone())
                .or_default()
                .insert(visit.id);
        }
        // A host that has as many as it may may have more that are due.
        let is_at_its_most =
            |held: &BTreeSet<VisitId>| held.len() >= self.instance.work.visits_per_host;
        self.is_dry = tasks.len() < room && !self.held.values().any(is_at_its_most);
        let under_way = self.held.keys().map(String::as_str);
        self.patience.look(under_way, Instant::now());
        if tasks.is_empty() {
            return Ok(());
        }
        let sight = self.instance.sight().await?;
        for task in tasks {
            let task = Arc::new(task);
            let visit = process(
                Arc::clone(self.instance),
                Arc::clone(&sight),
                Arc::clone(&task),
                self.over.clone(),
            );
            self.tasks.insert(self.visits.spawn(visit).id(), task);
        }
        Ok(())
    }

    async fn hand_on(
        &mut self,
        made: Result<(Id, Result<Processed, PipelineError>), tokio::task::JoinError>,
    ) -> Result<(), PipelineError> {
        let processed = match made {
            Ok((id, processed)) => {
                let task = self.tasks.remove(&id);
                match (processed, task) {
                    (Err(PipelineError::Room(below)), Some(task)) => {
                        self.send_back(&task, below);
                        return Ok(());
                    }
                    (processed, _) => processed?,
                }
            }
            Err(error) => {
                let Some(task) = self.tasks.remove(&error.id()) else {
                    return Ok(());
                };
                tracing::error!(visit = %task.lease.visit.id, "a visit panicked; it is kept as such, the others go on");
                let detail = "a defect in Sightline ended this visit; please report it";
                failed(self.instance, &task, Outcome::Panicked, detail)
            }
        };
        // The channel has room for every visit that may be held, so this never waits for long; it fails only when the
        // writer is gone, which its report tells.
        if let Some(writer) = &self.to_writer {
            _ = writer.send(processed).await;
        }
        Ok(())
    }

    /// A visit that found no room when it had its seat asks for nothing. It stays leased until the work ends, which gives it
    /// back.
    fn send_back(&mut self, task: &Task, below: BelowFloor) {
        let visit = &task.lease.visit;
        self.let_go(&visit.host, visit.id);
        self.below = Some(below);
    }

    fn let_go(&mut self, host: &str, visit: VisitId) {
        if let Some(held) = self.held.get_mut(host) {
            held.remove(&visit);
            if held.is_empty() {
                self.held.remove(host);
            }
        }
    }

    fn close_writer(&mut self) {
        self.to_writer = None;
    }

    fn take(&mut self, report: Report) {
        self.worked
            .alerts
            .extend(report.committed.alerts.iter().copied());
        for made in report.visits {
            self.made(&made);
        }
        self.is_dry &= !report.committed.led_on;
        for (&run, &counts) in &report.committed.counts {
            self.progress.tell(Event::Advanced { run, counts });
        }
        for &(run, outcome) in &report.committed.finished {
            self.end(run, outcome);
        }
    }

    fn made(&mut self, made: &Made) {
        self.let_go(&made.host, made.visit);
        match made.refused {
            true => self.patience.refused(&made.host),
            false => self.patience.answered(&made.host, Instant::now()),
        }
    }

    fn end(&mut self, run: RunId, outcome: RunOutcome) {
        if self.worked.ended.insert(run, outcome).is_none() {
            self.progress.tell(Event::Finished { run, outcome });
        }
    }

    async fn renew(&self) -> Result<(), PipelineError> {
        let until = self.instance.clock.now() + self.instance.work.lease();
        let mut tx = self.instance.write().await?;
        let held = self.held.values().flatten().copied().collect();
        leases::renew(&mut tx, self.instance.worker(), &held, until).await?;
        Ok(tx.commit().await?)
    }

    /// A pause that robots.txt asks for is no refusal, and may be as long: whoever watches is told why little happens.
    async fn tell_of_slow_hosts(&mut self) -> Result<(), PipelineError> {
        let Goal::Runs { runs, .. } = &self.goal else {
            return Ok(());
        };
        let asked = self.held.keys().filter(|host| !self.slow.contains(*host));
        let delays: Vec<(String, CrawlDelay)> = asked
            .filter_map(|host| Some((host.clone(), self.instance.crawler.delay(host)?)))
            .filter(|(_, delay)| delay.kept > WORTH_TELLING)
            .collect();
        if delays.is_empty() {
            return Ok(());
        }
        let runs: Vec<RunId> = runs.keys().copied().collect();
        let mut tx = self.instance.read().await?;
        let waiting = visits::waiting(&mut tx, &runs).await?;
        for (host, delay) in delays {
            self.slow.insert(host.clone());
            let left = waiting.iter().find(|one| one.host == host);
            let visits = left.map_or(0, |left| left.visits);
            self.progress.tell(Event::Slow(Slow {
                host,
                delay,
                visits,
            }));
        }
        Ok(())
    }

    /// Another process may share the work, and end a run that is waited for here. And what is left may be too far off to
    /// be waited for.
    async fn look_after_runs(&mut self) -> Result<(), PipelineError> {
        let Goal::Runs { runs, .. } = &self.goal else {
            return Ok(());
        };
        let open: Vec<RunId> = runs
            .keys()
            .filter(|run| !self.worked.ended.contains_key(run))
            .copied()
            .collect();
        if !self.held.is_empty() || open.is_empty() {
            return Ok(());
        }
        let mut tx = self.instance.read().await?;
        for run in runs::get(&mut tx, &open).await? {
            if let (RunState::Finished, Some(outcome)) = (run.state, run.outcome) {
                self.end(run.id, outcome);
            }
        }
        let now = self.instance.clock.now();
        let patient_until = now + self.patience.left(Instant::now());
        let hosts = visits::waiting(&mut tx, &open).await?;
        self.is_over = !hosts.is_empty()
            && hosts
                .iter()
                .all(|host| host.leased == 0 && host.next_at() > patient_until);
        let hosts: Vec<_> = hosts
            .into_iter()
            .map(|host| (host.next_at(), host))
            .filter(|(next, host)| host.leased == 0 && *next > now + WORTH_TELLING)
            .map(|(next, host)| (host.host, next))
            .collect();
        if !self.is_over && hosts != self.waits {
            self.waits = hosts.clone();
            if !hosts.is_empty() {
                self.progress.tell(Event::Waits { hosts });
            }
        }
        Ok(())
    }
}

/// Takes visits of these sources, or of all that are crawled here: which those are is asked each time. The others' are left due,
/// for those who have them.
async fn lease(
    instance: &Instance,
    only: Option<&[SourceId]>,
    at_most: usize,
) -> Result<Vec<Task>, PipelineError> {
    let mut strangers = Vec::new();
    let (mut tx, leased) = loop {
        let mut tx = instance.write().await?;
        if only.is_none() {
            strangers.extend(instance.strangers(&mut tx).await?);
        }
        let wish = Wish {
            worker: instance.worker(),
            lease_for: instance.work.lease(),
            sources: only.map_or(Whose::AllBut(&strangers), Whose::Only),
            at_most,
            per_host: instance.work.visits_per_host,
        };
        let leased = leases::lease_due(&mut tx, &wish, instance.clock.now()).await?;
        if leased.is_empty() {
            // Nothing to keep, so nothing to wait for the disk for.
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        let sources = leased.iter().map(|lease| lease.visit.source);
        let unknown: Vec<SourceId> = sources.filter(|id| !instance.crawls(*id)).collect();
        if only.is_some() || unknown.is_empty() {
            break (tx, leased);
        }
        // Their runs began since it was asked.
        tx.rollback().await?;
        strangers.extend(unknown);
    };
    let ids: Vec<CaptureId> = leased
        .iter()
        .filter_map(|lease| Some(lease.page.as_ref()?.capture))
        .collect();
    let known = captures::holders(&mut tx, &ids).await?;
    tx.commit().await?;
    let mut known: HashMap<CaptureId, _> = known
        .into_iter()
        .map(|capture| (capture.id, capture))
        .collect();
    Ok(leased
        .into_iter()
        .map(|lease| Task {
            known: lease
                .page
                .as_ref()
                .and_then(|page| known.remove(&page.capture)),
            lease,
        })
        .collect())
}
