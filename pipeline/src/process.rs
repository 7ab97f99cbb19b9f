//! One visit, from its URL to what it says: fetched, kept, read and matched. Nothing is stored here; see
//! [`commit`](crate::commit).

use std::{future::pending, sync::Arc};

use sha2::{Digest as _, Sha256};
use sightline_crawler::{
    budget::{HostGate, Refused, Seat},
    fetch::Exchange,
    visit::{Answer, Ask, Known, VisitFailure, Visited},
};
use sightline_extractors::{ImageInfo, ImageLimits, RawPage, Reading, inspect};
use sightline_model::{
    Digest, Evidence, HostState, Kind, Outcome, Selector, Timestamp, Validators, Visit, VisitKind,
};
use sightline_store::{captures::Holder, leases::Lease};
use sightline_watchlists::matcher::Match;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    PipelineError,
    ending::{Ending, LOST_TRIES, ending},
    forsaken::GONE,
    instance::{Instance, Watched},
    keep::keep,
    large::needs,
    lookout::Sight,
    missing,
    recall::{self, Recall},
    unlisted,
};

/// Bytes, as they came and decoded, up to which a page is read where it was fetched: it takes a few milliseconds, and
/// handing it to another thread would cost a tenth of that.
const READ_HERE: usize = 512 * 1024;

/// A visit that a worker has, with what was kept of its URL last time.
#[derive(Debug)]
pub(crate) struct Task {
    pub lease: Lease,
    /// The capture that holds the body which the page is known by.
    pub known: Option<Holder>,
}

/// A visit that was made, ready to be stored.
#[derive(Debug)]
pub(crate) struct Processed {
    pub task: Arc<Task>,
    pub ending: Ending,
    pub outcome: Outcome,
    /// The outcome's particulars, as a sentence.
    pub detail: Option<String>,
    pub status: Option<u16>,
    /// Every exchange on the way, kept; the last is the one that answered, if one did.
    pub kept: Vec<Kept>,
    pub found: Found,
    /// What must be remembered of the hosts on the way.
    pub hosts: Vec<HostState>,
    /// When it ended.
    pub at: Timestamp,
    /// By which mark it was known as something that was erased; none where it was not, or only leads there.
    pub erased: Option<String>,
    /// Its seat at its host, kept until all this is stored; none where nothing was fetched.
    pub seat: Option<Seat>,
}

/// One exchange in the archive.
#[derive(Debug)]
pub(crate) struct Kept {
    pub url: Url,
    pub status: u16,
    pub content_type: Option<String>,
    pub length: i64,
    /// Of the body; for a 304, of the body that it stands for.
    pub digest: Digest,
    pub peer: Option<String>,
    pub fetched_at: Timestamp,
    pub took_ms: i64,
    pub evidence: Evidence,
    /// True where it repeats the page's known body.
    pub repeats: bool,
}

/// What a visit found.
#[derive(Debug)]
pub(crate) enum Found {
    /// Nothing: it failed.
    Nothing,
    /// The page as it was known.
    Unchanged,
    /// A page, read.
    Page(Box<ReadPage>),
    /// An image.
    Image(SeenImage),
}

/// An image, inspected.
#[derive(Debug)]
pub(crate) struct SeenImage {
    pub info: ImageInfo,
    /// Of its bytes, content encodings undone.
    pub digest: Digest,
    /// In bytes.
    pub length: i64,
    pub validators: Validators,
}

/// A page, read and matched.
#[derive(Debug)]
pub(crate) struct ReadPage {
    pub validators: Validators,
    /// What it was read with.
    pub reader: String,
    pub reading: Reading,
    /// For each listing of the reading, the entries that it shows.
    pub matches: Vec<Vec<Match>>,
    /// The count of changes of what was looked for: another one at the commit means that it is matched again.
    pub generation: i64,
}

/// Makes one visit, unless all work is `over` by the time that it has its seat. It fails where the archive can't be written,
/// and where a disk is below its floor before anything is asked for: then nothing is acknowledged, and the visit stays with
/// its lease.
pub(crate) async fn process(
    instance: Arc<Instance>,
    sight: Arc<Sight>,
    task: Arc<Task>,
    over: CancellationToken,
) -> Result<Processed, PipelineError> {
    let visit = &task.lease.visit;
    // Tries that came to an end would have ended it by now: these were lost with the workers that made them.
    if visit.attempts > LOST_TRIES {
        let detail = "the process that made it died of it, or was killed while it read the page, at every try";
        return Ok(failed(&instance, &task, Outcome::WorkerLost, detail));
    }
    let Some(watched) = instance.watched(visit.source) else {
        return Ok(failed(&instance, &task, Outcome::OutOfScope, GONE));
    };
    watched.session.enter(visit.run);
    let gate = instance.crawler.gate(&watched.session, &task.lease.host);
    gate.reserved(task.lease.reserved);
    let seat = gate.seat().await;
    if over.is_cancelled() {
        // Its seat is that of a visit which was broken off, as this one is about to be: it fetches nothing more.
        return pending().await;
    }
    // Whoever has a seat may fetch, whatever becomes of the disk: so no more than the seats cross its floor.
    if let Some(below) = instance.floor.below() {
        return Err(below.into());
    }
    // Many wait for a seat, and few have one: only they need the room that a visit under way takes.
    let made = seated(
        Arc::clone(&instance),
        sight,
        task,
        Arc::clone(&watched),
        gate,
    );
    let mut processed = Box::pin(made).await?;
    missing::settle(&instance, &watched.source, &mut processed).await?;
    unlisted::settle(&instance, &mut processed).await?;
    Ok(processed.seated(seat))
}

/// The same, once the visit has its seat.
async fn seated(
    instance: Arc<Instance>,
    sight: Arc<Sight>,
    task: Arc<Task>,
    watched: Arc<Watched>,
    gate: Arc<HostGate>,
) -> Result<Processed, PipelineError> {
    let visit = &task.lease.visit;
    let ask = Ask {
        url: visit.url.clone(),
        kind: visit.kind,
        depth: visit.depth,
        known: known(&task, &watched),
        refused: match has_refused(visit) {
            true => Refused::Before,
            false => Refused::Never,
        },
    };
    let memory = Recall {
        instance: &instance,
        sight: &sight,
        source: visit.source,
    };
    let mut visited = instance
        .crawler
        .visit(&watched.session, &ask, &gate, &memory)
        .await;
    let mut gates = std::mem::take(&mut visited.others);
    gates.push(gate);
    let hosts = gates.iter().map(|gate| state_of(gate, &visited)).collect();
    if is_soon_read(&visited, visit.kind) {
        return read(&instance, &watched, &sight, task, visited, hosts);
    }
    let kind = visit.kind;
    if let Ok(answer) = &visited.result {
        let body = answer.body.clone();
        let needed = aside(move || needs(&body, kind)).await;
        visited.room.read(needed).await;
    }
    // A long page must not hold up the network's threads. The semaphore is never closed; were it, reading would merely
    // be unlimited. Whoever has a place here has its room, so that nobody waits behind those who have none.
    let reading = Arc::clone(&instance);
    let _place = reading.reading.acquire().await.ok();
    aside(move || read(&instance, &watched, &sight, task, visited, hosts)).await
}

/// What is done on a thread for work that takes long.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

impl Processed {
    fn seated(mut self, seat: Seat) -> Self {
        self.seat = Some(seat);
        self
    }
}

/// True where keeping and reading take a few milliseconds at most. An image never is: a small file can be a large picture.
fn is_soon_read(visited: &Visited, kind: VisitKind) -> bool {
    let kept: usize = visited
        .exchanges
        .iter()
        .map(|exchange| exchange.body.len())
        .sum();
    let decoded = visited
        .result
        .as_ref()
        .map_or(0, |answer| answer.body.len());
    kind != VisitKind::Image && kept + decoded <= READ_HERE
}

/// What must be remembered of a host; its robots.txt only where this visit has fetched it, for it is long and the store
/// keeps the last one.
pub(crate) fn state_of(gate: &HostGate, visited: &Visited) -> HostState {
    let mut state = gate.state();
    if !visited.robots.iter().any(|(host, _)| *host == state.host) {
        state.robots = None;
    }
    state
}

/// A visit that came to nothing for a reason of ours.
pub(crate) fn failed(
    instance: &Instance,
    task: &Arc<Task>,
    outcome: Outcome,
    detail: &str,
) -> Processed {
    Processed {
        task: Arc::clone(task),
        ending: Ending::Over,
        outcome,
        detail: Some(detail.to_owned()),
        status: None,
        kept: Vec::new(),
        found: Found::Nothing,
        hosts: Vec::new(),
        at: instance.clock.now(),
        erased: None,
        seat: None,
    }
}

/// What to ask "has it changed?" by: nothing where the page would have to be read anew anyway.
fn known(task: &Task, watched: &Watched) -> Option<Known> {
    let page = task.lease.page.as_ref()?;
    let capture = task.known.as_ref()?;
    let asks = page.validators.etag.is_some() || page.validators.last_modified.is_some();
    (asks && page.reader == reader(watched, task.lease.visit.kind)).then(|| Known {
        url: capture.url.clone(),
        validators: page.validators.clone(),
    })
}

/// What pages of this kind are read with; another value means that a page must be read anew.
pub(crate) fn reader(watched: &Watched, kind: VisitKind) -> &str {
    match kind {
        VisitKind::List | VisitKind::Detail => watched.source.profile.reader(),
        VisitKind::Image => "image",
    }
}

/// True where a page was remembered as something else read it: what it says must be compared anew.
pub(crate) fn reader_changed(lease: &Lease, reader: &str) -> bool {
    lease
        .page
        .as_ref()
        .is_some_and(|page| page.reader != reader)
}

/// The digest of a body with its content encodings undone; that of the exchange where there were none.
fn digest_of(exchange: &Exchange, body: &[u8]) -> Digest {
    if exchange.body == body {
        return exchange.digest.clone();
    }
    Digest::of_hash(&Sha256::digest(body))
}

fn read(
    instance: &Instance,
    watched: &Watched,
    sight: &Sight,
    task: Arc<Task>,
    mut visited: Visited,
    hosts: Vec<HostState>,
) -> Result<Processed, PipelineError> {
    let at = instance.clock.now();
    // Nothing is read of an answer that has no body: of most, where a page has not changed.
    let has_body = visited.exchanges.iter().any(|one| !one.body.is_empty());
    let _reading = has_body.then(|| instance.reading(task.lease.visit.id));
    let erased = recall::pass_over(&mut visited, &task.lease.visit, &watched.source, sight);
    let kept = keep(&instance.archive, watched, &task, &visited)?;
    let mut processed = Processed {
        ending: Ending::Over,
        outcome: Outcome::Fetched,
        detail: None,
        status: None,
        kept,
        found: Found::Nothing,
        hosts,
        at,
        erased,
        seat: None,
        task,
    };
    match visited.result {
        Err(failure) => fail(instance, watched, &mut processed, failure),
        Ok(answer) => {
            let exchange = &visited.exchanges[answer.exchange];
            processed.status = Some(answer.status);
            take(watched, sight, &mut processed, &answer, exchange);
        }
    }
    Ok(processed)
}

fn fail(instance: &Instance, watched: &Watched, processed: &mut Processed, failure: VisitFailure) {
    let visit = &processed.task.lease.visit;
    let is_list = visit.kind == VisitKind::List;
    if is_list && failure.outcome.is_gone() && watched.source.profile.counts_to(&visit.url) {
        processed.detail =
            Some("the site has no page of this number: its pages end before it".to_owned());
        processed.status = failure.status;
        return;
    }
    let host = processed
        .hosts
        .iter()
        .find(|state| state.host == visit.host);
    processed.ending = ending(visit, &failure, host, processed.at, &instance.mint);
    processed.outcome = failure.outcome;
    processed.detail = Some(failure.detail);
    // What was not asked, since its host wants to be left alone, is still known to have refused before.
    let before = visit.status.filter(|_| has_refused(visit));
    processed.status = failure.status.or(before);
}

/// True where the last answer to a visit that is due again was a refusal.
fn has_refused(visit: &Visit) -> bool {
    visit.outcome == Some(Outcome::RateLimited) && visit.status.is_some()
}

fn take(
    watched: &Watched,
    sight: &Sight,
    processed: &mut Processed,
    answer: &Answer,
    exchange: &Exchange,
) {
    let visit = &processed.task.lease.visit;
    let page = processed.task.lease.page.as_ref();
    // A page that was forgotten repeats the body that is kept, and is read all the same: what it said is no longer known.
    let is_known = page.is_some_and(|page| {
        let same = |kept: &Kept| kept.repeats && kept.digest == page.digest;
        page.reader == reader(watched, visit.kind) && processed.kept.last().is_some_and(same)
    });
    if answer.unchanged || is_known {
        processed.outcome = Outcome::Unchanged;
        processed.found = Found::Unchanged;
        return;
    }
    // A date alone could make another page look unchanged, so what a redirect led to is asked for whole next time.
    let validators = match answer.url == visit.url {
        true => exchange.validators(),
        false => Validators::default(),
    };
    if visit.kind == VisitKind::Image {
        match inspect(&answer.body, &ImageLimits::default()) {
            Ok(info) => {
                processed.found = Found::Image(SeenImage {
                    info,
                    digest: digest_of(exchange, &answer.body),
                    length: i64::try_from(answer.body.len()).unwrap_or(i64::MAX),
                    validators,
                });
            }
            Err(error) => {
                processed.outcome = Outcome::BadImage;
                processed.detail = Some(error.to_string());
            }
        }
        return;
    }
    let reading = sightline_extractors::read(
        &RawPage {
            url: &answer.url,
            kind: visit.kind,
            content_type: answer.content_type.as_deref(),
            body: &answer.body,
            fetched_at: exchange.sent_at,
        },
        &watched.source.profile,
    );
    if let Some(what) = &reading.no_page {
        processed.outcome = Outcome::WrongType;
        processed.detail = Some(format!("{what} came instead of a page"));
        return;
    }
    if reading.login_page {
        processed.outcome = Outcome::LoginRequired;
        processed.detail = Some("the page asks to log in instead of showing listings".to_owned());
        return;
    }
    processed.detail = reading.problems.first().map(ToString::to_string);
    let matches = sight.matches(visit.source, &reading, processed.at);
    if visit.kind == VisitKind::Detail && reading.listings.is_empty() {
        // Not remembered: next time it is asked for whole. Why there is no listing is said by what was looked for and not found.
        let none = || "the page was read, but there is no listing on it".to_owned();
        processed.outcome = Outcome::NoListing;
        processed.detail.get_or_insert_with(none);
        return;
    }
    let reader = reader(watched, visit.kind).to_owned();
    processed.found = Found::Page(Box::new(ReadPage {
        validators,
        reader,
        reading,
        matches,
        generation: sight.generation,
    }));
}

/// The selector of an image's bytes.
pub(crate) fn image_selector(digest: &Digest) -> Selector {
    Selector::new(Kind::Image, format!("sha256/{digest}"))
}
