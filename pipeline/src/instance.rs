//! The instance: what every part of the story needs, opened once and shared.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZero,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    thread::available_parallelism,
};

use sightline_alerts::{channels::Channel, render::Templates};
use sightline_crawler::{
    archive::Archive,
    visit::{Crawler, OpenError, Session},
};
use sightline_egress::Secrets;
use sightline_model::{Clock, Mint, OrganisationId, SourceId, Timestamp, VisitId};
use sightline_store::{
    Store, StoreError, Tx,
    audit::{self, Deed},
    deliveries, leases, runs,
    sources::{self, Definition},
};
use sightline_watchlists::WarningLists;
use tokio::{sync::Semaphore, task::spawn_blocking};
use url::Url;

use crate::{
    PipelineError,
    commit::BeforeRuns,
    lookout::{Lookout, Sight},
    notices::NoticeSettings,
    retention::RetentionSettings,
    room::{Floor, Shortage},
    set_back::bring_back,
    settings::WorkSettings,
    source::{NoPassword, Source},
    worker::{Dead, Reading, Worker, bury, dead},
};

/// What an instance is made of. Each part is opened by the caller, who knows where things are.
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// Whose instance it is.
    pub organisation: OrganisationId,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers and jitter.
    pub mint: Arc<Mint>,
    /// Where captures are kept.
    pub archive: Archive,
    /// For how long what is kept is kept.
    pub retention: RetentionSettings,
    /// Who fetches.
    pub crawler: Crawler,
    /// How people are told, by name.
    pub channels: BTreeMap<String, Channel>,
    /// Those that are written and can't be used here, each with the cause and its remedy.
    pub unusable_channels: BTreeMap<String, String>,
    /// What they are told in.
    pub templates: Templates,
    /// Where the console is, for the links in messages; without it they have none.
    pub public_url: Option<Url>,
    /// Whom to tell of what belongs to no alert.
    pub notices: NoticeSettings,
    /// What is known to match where nothing is meant.
    pub warnings: WarningLists,
    /// How much is done at once.
    pub work: WorkSettings,
    /// The folder in which the workers of this machine give a sign of life.
    pub workers: PathBuf,
    /// Where the files of sources lie, and on which machine: what is wrong with one is known there alone.
    pub place: String,
}

/// An open instance. One stands in each process that crawls or delivers.
pub struct Instance {
    pub(crate) store: Store,
    pub(crate) organisation: OrganisationId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) mint: Arc<Mint>,
    pub(crate) archive: Arc<Archive>,
    pub(crate) retention: RetentionSettings,
    pub(crate) crawler: Crawler,
    pub(crate) channels: BTreeMap<String, Channel>,
    pub(crate) unusable_channels: BTreeMap<String, String>,
    pub(crate) templates: Templates,
    pub(crate) public_url: Option<Url>,
    pub(crate) notices: NoticeSettings,
    pub(crate) work: WorkSettings,
    /// The room that is to be left on the disks.
    pub(crate) floor: Floor,
    pub(crate) lookout: Lookout,
    pub(crate) before_runs: BeforeRuns,
    /// One place for each processor: more readings at once would only compete for them, and for memory.
    pub(crate) reading: Semaphore,
    /// The name under which this process leases work.
    worker: Worker,
    workers: PathBuf,
    watched: RwLock<HashMap<SourceId, Arc<Watched>>>,
    /// Sources that are configured and can't be opened, each with the cause.
    unready: RwLock<HashMap<SourceId, Broken>>,
    /// Sources whose files are wrong; none where this process has not looked at all files.
    broken: RwLock<Option<Vec<Broken>>>,
    pub(crate) place: String,
    /// The sources that are not crawled here, of whose runs the log was told.
    pub(crate) told_of: Mutex<BTreeSet<SourceId>>,
}

/// A source that can't be crawled as its file stands, so that nothing is known of it but its name.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Its name, as far as it can be told.
    pub name: String,
    /// What is wrong, in a sentence.
    pub why: String,
}

/// What came of registering sources.
pub struct Registered {
    /// Those that are crawled.
    pub watched: Vec<Arc<Watched>>,
    /// Why others are not.
    pub unusable: Vec<Unusable>,
}

/// Why a source can't be crawled as things are. Each names the source.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Its proxy's password is missing.
    #[error(transparent)]
    NoPassword(#[from] NoPassword),
    /// It can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A source that this process crawls.
pub struct Watched {
    /// Its identifier.
    pub id: SourceId,
    /// As configured.
    pub source: Source,
    /// When it was first registered: its schedule counts from then.
    pub created_at: Timestamp,
    pub(crate) session: Session,
}

impl Instance {
    /// Opens an instance over its parts, and gives back what workers had who died in the same place.
    ///
    /// # Errors
    /// If this process can't give a sign of life, or the store can't be written.
    pub async fn open(parts: Parts) -> Result<Arc<Self>, PipelineError> {
        let worker = Worker::begin(&parts.workers, parts.clock.now(), &parts.mint)?;
        let floor = Floor::under(&parts.archive, &parts.store, parts.work.free_mebibytes);
        let instance = Self {
            floor,
            store: parts.store,
            organisation: parts.organisation,
            clock: parts.clock,
            mint: parts.mint,
            archive: Arc::new(parts.archive),
            retention: parts.retention,
            crawler: parts.crawler,
            channels: parts.channels,
            unusable_channels: parts.unusable_channels,
            templates: parts.templates,
            public_url: parts.public_url,
            notices: parts.notices,
            work: parts.work,
            lookout: Lookout::under(parts.warnings),
            before_runs: BeforeRuns::default(),
            reading: Semaphore::new(available_parallelism().map_or(1, NonZero::get)),
            worker,
            workers: parts.workers,
            watched: RwLock::default(),
            unready: RwLock::default(),
            broken: RwLock::default(),
            place: parts.place,
            told_of: Mutex::default(),
        };
        instance.relieve_the_dead().await?;
        bring_back(&instance).await?;
        Ok(Arc::new(instance))
    }

    /// The name under which this process leases work: no other process has it.
    pub(crate) fn worker(&self) -> &str {
        self.worker.name()
    }

    /// Work begins that takes leases under the worker's name. Call [`Self::gave_back`] once they are given back: where that
    /// fails, whoever comes next does it.
    pub(crate) fn takes_leases(&self) {
        self.worker.takes_leases();
    }

    /// The leases of that work are given back, and committed.
    pub(crate) fn gave_back(&self) {
        self.worker.gave_back();
    }

    /// Notes, for whoever comes after a crash, that the page of a visit is being read.
    pub(crate) fn reading(&self, visit: VisitId) -> Reading<'_> {
        self.worker.reading(visit)
    }

    /// Where captures are kept.
    pub fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    /// Gives back what workers had who died in the same place.
    pub(crate) async fn relieve_the_dead(&self) -> Result<(), PipelineError> {
        for Dead { name, reading } in dead(&self.workers) {
            let mut tx = self.write().await?;
            leases::lose(&mut tx, &name, &reading, self.clock.now()).await?;
            leases::release(&mut tx, &name).await?;
            deliveries::release(&mut tx, &name).await?;
            tx.commit().await?;
            bury(&self.workers, &name);
            tracing::info!(
                worker = name,
                was_reading = reading.len(),
                "a worker died; what it had is due again"
            );
        }
        Ok(())
    }

    /// Registers sources, so that they are planned and crawled: makes or updates their rows, and opens their sessions, with
    /// the passwords of their proxies looked up in `secrets`. One that can't be opened is left out alone: the others are
    /// crawled, and what is due to it waits.
    ///
    /// # Errors
    /// If the store can't be written.
    pub async fn register(
        &self,
        sources: Vec<Source>,
        secrets: Secrets<'_>,
    ) -> Result<Registered, PipelineError> {
        let now = self.clock.now();
        let mut tx = self.write().await?;
        let mut registered = Vec::with_capacity(sources.len());
        let (mut waiting, mut unusable) = (Vec::new(), Vec::new());
        for source in sources {
            let definition = Definition {
                name: source.name.clone(),
                region: source.settings.region.clone(),
                definition: source.definition(),
                digest: source.digest.0.clone(),
            };
            let before = sources::by_name(&mut tx, &source.name).await?;
            let id = sources::register(&mut tx, &definition, now, &self.mint).await?;
            if before
                .as_ref()
                .is_none_or(|before| before.definition.digest != definition.digest)
            {
                self.note_override(&mut tx, &source, now).await?;
            }
            let session = match self.open_source(&source, secrets) {
                Ok(session) => session,
                Err(error) => {
                    tracing::error!(
                        source = source.name,
                        "it is not crawled until this is put right and Sightline is started anew: {error}"
                    );
                    let why = error.to_string();
                    waiting.push((
                        id,
                        Broken {
                            name: source.name.clone(),
                            why,
                        },
                    ));
                    unusable.push(error);
                    continue;
                }
            };
            registered.push(Arc::new(Watched {
                id,
                session,
                created_at: before.map_or(now, |before| before.created_at),
                source,
            }));
        }
        tx.commit().await?;
        let mut watched = self.watched.write().unwrap_or_else(PoisonError::into_inner);
        watched.extend(
            registered
                .iter()
                .map(|source| (source.id, Arc::clone(source))),
        );
        let mut unready = self.unready.write().unwrap_or_else(PoisonError::into_inner);
        unready.retain(|id, _| registered.iter().all(|source| source.id != *id));
        unready.extend(waiting);
        Ok(Registered {
            watched: registered,
            unusable,
        })
    }

    pub(crate) fn open_source(
        &self,
        source: &Source,
        secrets: Secrets<'_>,
    ) -> Result<Session, Unusable> {
        Ok(self.crawler.open(source.access(secrets)?)?)
    }

    /// Whether a source can be opened as it is.
    ///
    /// # Errors
    /// Why it can't.
    pub fn try_open(&self, source: &Source, secrets: Secrets<'_>) -> Result<(), Unusable> {
        self.open_source(source, secrets).map(drop)
    }

    /// Registers a source whose file was changed while this process runs: it is crawled so from the next page on that is
    /// asked for. A schedule that was changed counts from now: what it would have planned before was never missed.
    ///
    /// # Errors
    /// If the store can't be written.
    pub async fn take_up(
        &self,
        source: Source,
        secrets: Secrets<'_>,
    ) -> Result<Registered, PipelineError> {
        let name = source.name.clone();
        let plan = (source.settings.schedule.clone(), source.is_enabled());
        let schedule = source.schedule.clone();
        let mut tx = self.read().await?;
        let row = sources::by_name(&mut tx, &name).await?;
        drop(tx);
        let before = row.as_ref().and_then(|row| self.watched(row.id));
        let was = before.map(|before| {
            let settings = before.source.settings.clone();
            (settings.schedule, settings.enabled)
        });
        let registered = self.register(vec![source], secrets).await?;
        self.is_put_right(&name);
        if let Some(row) = row.filter(|_| was != Some(plan)) {
            let now = self.clock.now();
            let mut tx = self.write().await?;
            let last = row.last_planned_at;
            sources::set_next_planned(&mut tx, row.id, last, Some(now), schedule.next_after(now))
                .await?;
            tx.commit().await?;
        }
        Ok(registered)
    }

    fn is_put_right(&self, name: &str) {
        let mut broken = self.broken.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(broken) = broken.as_mut() {
            broken.retain(|broken| broken.name != name);
        }
    }

    /// Says which sources' files are wrong. What is due to them waits: they are still configured, and nothing of theirs may
    /// look as if it were gone. Which row of the store is meant can't always be told, so whatever is not registered waits.
    pub fn hold(&self, broken: Vec<Broken>) {
        for Broken { name, why } in &broken {
            tracing::error!(
                source = name,
                "it is not crawled until its file is put right and Sightline is started anew: {why}"
            );
        }
        let mut held = self.broken.write().unwrap_or_else(PoisonError::into_inner);
        *held = Some(broken);
    }

    /// The sources whose files are wrong, as far as this process has looked.
    pub fn broken(&self) -> Vec<Broken> {
        self.looked_at().unwrap_or_default()
    }

    /// The sources whose files are wrong; none where this process has not looked at all files.
    pub(crate) fn looked_at(&self) -> Option<Vec<Broken>> {
        let broken = self.broken.read().unwrap_or_else(PoisonError::into_inner);
        broken.clone()
    }

    /// The sources that are configured and can't be opened, each with the cause.
    pub(crate) fn unready(&self) -> HashMap<SourceId, Broken> {
        let unready = self.unready.read().unwrap_or_else(PoisonError::into_inner);
        unready.clone()
    }

    /// Why this process does not crawl a source that is configured, if it is known.
    pub fn hindrance(&self, row: &sources::Source) -> Option<String> {
        let unready = self.unready.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(broken) = unready.get(&row.id) {
            return Some(broken.why.clone());
        }
        let mut broken = self.broken().into_iter();
        let named = broken.find(|broken| broken.name == row.definition.name);
        named.map(|broken| broken.why)
    }

    /// Whether this process crawls a source as things are. What is due to one that it does not have, that can't be opened, or
    /// whose file is wrong is left to whoever can.
    pub(crate) fn crawls(&self, id: SourceId) -> bool {
        let unready = self.unready.read().unwrap_or_else(PoisonError::into_inner);
        self.watched(id).is_some() && !unready.contains_key(&id)
    }

    /// The sources with runs under way that this process does not crawl.
    pub(crate) async fn strangers(&self, tx: &mut Tx) -> Result<Vec<SourceId>, PipelineError> {
        let unfinished = runs::unfinished(tx, None).await?;
        let sources: BTreeSet<SourceId> = unfinished.iter().map(|run| run.source).collect();
        Ok(sources.into_iter().filter(|id| !self.crawls(*id)).collect())
    }

    /// The registered source of this identifier.
    pub fn watched(&self, id: SourceId) -> Option<Arc<Watched>> {
        let watched = self.watched.read().unwrap_or_else(PoisonError::into_inner);
        watched.get(&id).map(Arc::clone)
    }

    /// Every registered source.
    pub(crate) fn all_watched(&self) -> Vec<Arc<Watched>> {
        let watched = self.watched.read().unwrap_or_else(PoisonError::into_inner);
        watched.values().map(Arc::clone).collect()
    }

    /// What is looked for at present.
    pub(crate) async fn sight(&self) -> Result<Arc<Sight>, PipelineError> {
        let mut tx = self.read().await?;
        self.lookout.look(&mut tx, self.clock.now()).await
    }

    /// Waits with all fetching until what is fetched could be kept again, if it could not.
    pub(crate) async fn ready_to_keep(self: &Arc<Self>) -> Result<(), PipelineError> {
        let keeper = Arc::clone(self);
        let recovered = spawn_blocking(move || keeper.archive.recover()).await;
        Ok(recovered.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?)
    }

    /// What there is no room for on the disks: the store or the archive, for which this process found none and still finds
    /// none, or anything more below the floor.
    ///
    /// # Errors
    /// If the store fails otherwise.
    pub async fn is_short_of_room(&self) -> Result<Option<Shortage>, StoreError> {
        if !self.store.has_room(self.organisation).await? {
            return Ok(Some(Shortage::Store));
        }
        if self.archive.is_full() {
            return Ok(Some(Shortage::Archive));
        }
        Ok(self.floor.below().map(Shortage::Floor))
    }

    pub(crate) async fn read(&self) -> Result<Tx, PipelineError> {
        Ok(self.store.read(self.organisation).await?)
    }

    pub(crate) async fn write(&self) -> Result<Tx, PipelineError> {
        Ok(self.store.write(self.organisation).await?)
    }

    /// An override of robots.txt is a decision that must be found again: it goes into the audit log.
    async fn note_override(
        &self,
        tx: &mut Tx,
        source: &Source,
        now: Timestamp,
    ) -> Result<(), PipelineError> {
        if let Some(over) = &source.settings.robots_override {
            let deed = Deed {
                at: now,
                who: "operator".to_owned(),
                what: "source.robots_override".to_owned(),
                subject: source.name.clone(),
                detail: over.reason.clone(),
            };
            audit::append(tx, &deed).await?;
        }
        Ok(())
    }
}
