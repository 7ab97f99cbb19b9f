//! What the stories share: a site of a few pages, and machines that crawl it.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use sightline_alerts::{
    channels::{Channel, ChannelSettings, Surroundings},
    notices::operators::OperatorSettings,
    render::Templates,
    rules::Rules,
};
use sightline_crawler::{
    archive::{Archive, ArchiveSettings},
    settings::FetchSettings,
    visit::Crawler,
};
use sightline_egress::{Egress, EgressSettings, Secrets, install_crypto};
use sightline_model::{
    Clock, Entry, ManualClock, Mint, OrganisationId, Run, RunCounts, RunId, RunOutcome, RunState,
    Timestamp,
};
use sightline_pipeline::{
    backtest::{Ask, Backtest, backtest},
    instance::{Instance, Parts, Watched as WatchedSource},
    notices::{NoticeSettings, ReviewSettings},
    plan::plan_now,
    progress::{Event, Progress},
    settings::WorkSettings,
    source::{Source, SourceSettings},
    work::{Goal, work},
};
use sightline_store::{Filter, Store, StoreSettings, Tx, listings, runs};
use sightline_watchlists::{WarningLists, Watched};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// Keeps that the source was looked at, at an instant, and showed nothing of what is told of.
pub async fn looked(machine: &Machine, at: Timestamp) {
    let mut tx = machine.write().await;
    let run = Run {
        id: Mint::seeded(at.0.unsigned_abs()).id(at),
        source: machine.watched.id,
        planned_at: at,
        started_at: Some(at),
        finished_at: Some(at),
        state: RunState::Finished,
        outcome: Some(RunOutcome::Complete),
        counts: RunCounts::default(),
    };
    assert!(runs::plan(&mut tx, &run).await.unwrap());
    tx.commit().await.unwrap();
}

/// The instant at which stories begin: 2026-11-23T10:00:00Z.
pub const START: Timestamp = Timestamp(1_795_428_000_000);

pub const HOUR: Duration = Duration::from_secs(3_600);

/// A site whose pages the story writes. It knows their digests, and answers 304 to whoever has them already.
pub struct Site {
    server: MockServer,
    pages: Pages,
    /// How many requests were told of by [`Site::asked`].
    told: AtomicUsize,
}

#[derive(Clone, Default)]
struct Pages(Arc<Mutex<BTreeMap<String, Page>>>);

enum Page {
    Says(String),
    /// Is an image of these bytes.
    Shows(Vec<u8>),
    /// Answers 503, and says for how many seconds, or does not.
    Refuses(Option<u64>),
    /// Redirects to this URL.
    Leads(String),
    /// Answers 403.
    Forbids,
}

impl Pages {
    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Page>> {
        self.0.lock().unwrap()
    }
}

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let pages = self.held();
        let (body, media_type) = match pages.get(request.url.path()) {
            Some(Page::Says(page)) => (page.as_bytes(), "text/html; charset=utf-8"),
            Some(Page::Shows(bytes)) => (bytes.as_slice(), "image/gif"),
            Some(Page::Refuses(None)) => return ResponseTemplate::new(503),
            Some(Page::Refuses(Some(seconds))) => {
                return ResponseTemplate::new(503)
                    .insert_header("retry-after", seconds.to_string().as_str());
            }
            Some(Page::Leads(to)) => {
                return ResponseTemplate::new(302).insert_header("location", to.as_str());
            }
            Some(Page::Forbids) => return ResponseTemplate::new(403),
            None => return ResponseTemplate::new(404),
        };
        let mut digest = DefaultHasher::new();
        body.hash(&mut digest);
        let etag = format!("\"{:x}\"", digest.finish());
        let asked = request.headers.get("if-none-match");
        if asked.is_some_and(|asked| asked.as_bytes() == etag.as_bytes()) {
            return ResponseTemplate::new(304);
        }
        ResponseTemplate::new(200)
            .insert_header("etag", etag.as_str())
            .set_body_raw(body, media_type)
    }
}

impl Site {
    pub async fn start() -> Self {
        let pages = Pages::default();
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(pages.clone())
            .mount(&server)
            .await;
        Self {
            server,
            pages,
            told: AtomicUsize::new(0),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    /// The page at `path` says this from now on.
    pub fn write(&self, path: &str, body: &str) {
        let page = format!("<html><body>{body}</body></html>");
        self.pages.held().insert(path.to_owned(), Page::Says(page));
    }

    /// At `path` is an image of one pixel from now on.
    pub fn show(&self, path: &str) {
        const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
        let page = Page::Shows(DOT.to_vec());
        self.pages.held().insert(path.to_owned(), page);
    }

    /// The page at `path` redirects to another from now on.
    pub fn lead(&self, path: &str, to: &str) {
        self.pages
            .held()
            .insert(path.to_owned(), Page::Leads(to.to_owned()));
    }

    /// The page at `path` answers 403 from now on.
    pub fn forbid(&self, path: &str) {
        self.pages.held().insert(path.to_owned(), Page::Forbids);
    }

    /// The page at `path` answers 503 from now on.
    pub fn refuse(&self, path: &str) {
        self.refuse_for(path, None);
    }

    /// The same, with a Retry-After of so many seconds.
    pub fn refuse_for(&self, path: &str, seconds: Option<u64>) {
        let page = Page::Refuses(seconds);
        self.pages.held().insert(path.to_owned(), page);
    }

    /// The paths that were asked for since this was last called, in order.
    pub async fn asked(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        let told = self.told.swap(requests.len(), Ordering::Relaxed);
        let paths = requests[told..]
            .iter()
            .map(|request| request.url.path().to_owned());
        paths.collect()
    }

    /// The page at `path` answers 404 from now on.
    pub fn remove(&self, path: &str) {
        self.pages.held().remove(path);
    }

    /// The page at `path` is a list that holds the records of these keys themselves.
    pub fn list(&self, path: &str, keys: &[&str]) {
        let records: String = keys
            .iter()
            .map(|key| {
                format!(
                    "<li class=ad><a href=\"/ad/{key}\">ad {key}</a> <p>Call Rose, {key}.</p></li>"
                )
            })
            .collect();
        self.write(path, &format!("<ul>{records}</ul>"));
    }
}

/// One store, and a folder for all that machines keep beside it.
pub struct Place {
    folder: TempDir,
    /// Channels beside `post`, as they are configured.
    channels: BTreeMap<String, Value>,
}

impl Place {
    pub fn new() -> Self {
        install_crypto();
        Self {
            folder: TempDir::new().unwrap(),
            channels: BTreeMap::new(),
        }
    }

    /// A place with these channels beside `post`.
    pub fn with_channels(channels: BTreeMap<String, Value>) -> Self {
        Self {
            channels,
            ..Self::new()
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What was put into the channel `post`, message by message.
    pub fn post(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("post.jsonl")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Has the channel `post` take nothing, or take messages again.
    pub fn block_post(&self, blocked: bool) {
        let file = self.path("post.jsonl");
        match blocked {
            true => fs::create_dir(file).unwrap(),
            false => fs::remove_dir(file).unwrap(),
        }
    }

    fn channels(&self) -> BTreeMap<String, Channel> {
        let surroundings = Surroundings {
            egress: &loopback(),
            folder: self.folder.path(),
            environment: &|_| Some(SIGNING.to_owned()),
        };
        let file = json!({"kind": "file", "path": "post.jsonl"});
        let post = ("post".to_owned(), file);
        let all = self.channels.clone().into_iter().chain([post]);
        all.map(|(name, settings)| {
            let settings: ChannelSettings = serde_json::from_value(settings).unwrap();
            let channel = Channel::build(&name, &settings, &surroundings).unwrap();
            (name, channel)
        })
        .collect()
    }

    /// One more machine, by its own clock, that crawls this source.
    pub async fn machine(&self, name: &str, now: Timestamp, source: &Value) -> Machine {
        self.machine_at(name, now, source, WorkSettings::default())
            .await
    }

    /// One that does so much at once.
    pub async fn machine_at(
        &self,
        name: &str,
        now: Timestamp,
        source: &Value,
        work: WorkSettings,
    ) -> Machine {
        self.machine_of(name, now, ("ads", source), work).await
    }

    /// One that crawls a source of this name.
    pub async fn machine_of(
        &self,
        name: &str,
        now: Timestamp,
        (called, source): (&str, &Value),
        work: WorkSettings,
    ) -> Machine {
        let clock = ManualClock::at(now);
        let mint = Arc::new(Mint::seeded(name.len() as u64));
        let settings = StoreSettings {
            url: format!("sqlite:{}", self.path("store.db").display()),
            ..StoreSettings::default()
        };
        let store = Store::open(&settings, None).await.unwrap();
        let organisation = store.organisation("Lotus", now, &mint).await.unwrap();
        let by: Arc<dyn Clock> = Arc::new(clock.clone());
        let fetch = FetchSettings {
            contact: "crawling@example.org".to_owned(),
            ..FetchSettings::default()
        };
        let archive = Archive::open(
            self.path(name),
            ArchiveSettings::default(),
            Arc::clone(&mint),
        );
        let parts = Parts {
            store: store.clone(),
            organisation,
            clock: Arc::clone(&by),
            mint: Arc::clone(&mint),
            archive: archive.unwrap(),
            retention: Default::default(),
            crawler: Crawler::new(loopback(), fetch, by, mint),
            channels: self.channels(),
            unusable_channels: BTreeMap::new(),
            templates: Templates::embedded().unwrap(),
            public_url: None,
            notices: notices(),
            warnings: WarningLists::built_in(),
            work,
            workers: self.path("workers"),
            place: name.to_owned(),
        };
        let instance = Instance::open(parts).await.unwrap();
        let settings: SourceSettings = serde_json::from_value(source.clone()).unwrap();
        let source = Source::compile(&settings, called).unwrap();
        let secrets = Secrets {
            folder: Path::new(""),
            environment: &|_| None,
        };
        let registered = instance.register(vec![source], secrets).await.unwrap();
        let watched = registered.watched.into_iter().next().unwrap();
        Machine {
            clock,
            instance,
            store,
            organisation,
            watched,
        }
    }
}

/// What every secret is that a channel's settings name.
const SIGNING: &str = "whsec_c2lnaHRsaW5lLXRlc3RzLW9ubHktMDEyMzQ1Njc4OQ==";

/// A gate that lets through to this machine.
fn loopback() -> Egress {
    Egress::new(&EgressSettings {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ..EgressSettings::default()
    })
    .unwrap()
}

/// Operators are told by `ops`, J. Doe by `desk`, other owners by `reviews`.
fn notices() -> NoticeSettings {
    NoticeSettings {
        operators: OperatorSettings {
            channels: vec!["ops".to_owned()],
            ..OperatorSettings::default()
        },
        reviews: ReviewSettings {
            channels: vec!["reviews".to_owned()],
            owners: [("j. doe".to_owned(), vec!["desk".to_owned()])].into(),
            ..ReviewSettings::default()
        },
    }
}

/// A machine that plans and crawls by its own clock.
pub struct Machine {
    pub clock: ManualClock,
    pub instance: Arc<Instance>,
    store: Store,
    organisation: OrganisationId,
    pub watched: Arc<WatchedSource>,
}

impl Machine {
    pub async fn read(&self) -> Tx {
        self.store.read(self.organisation).await.unwrap()
    }

    pub async fn write(&self) -> Tx {
        self.store.write(self.organisation).await.unwrap()
    }

    /// What this entry would have raised in the last 90 days.
    pub async fn backtest(&self, entry: &Entry, rules: &Rules) -> Backtest {
        let ask = Ask {
            entries: &[(Watched::from(entry), None)],
            rules,
            warnings: &WarningLists::default(),
            days: 90,
            now: self.clock.now(),
        };
        let tested = backtest(&self.store, self.organisation, ask).await;
        tested.unwrap().remove(0)
    }

    /// Begins a run now.
    pub async fn plan(&self) -> RunId {
        plan_now(&self.instance, &self.watched, "R. Operator")
            .await
            .unwrap()
            .id
    }

    /// Does what a run has left to do; how it went.
    pub async fn work(&self, run: RunId) -> Run {
        self.work_for(run, Duration::from_secs(60)).await
    }

    /// Does what a run has left to do, with so much patience; how it stands.
    pub async fn work_for(&self, run: RunId, patience: Duration) -> Run {
        let goal = Goal::Runs {
            runs: HashMap::from([(run, self.watched.id)]),
            patience,
        };
        let stop = CancellationToken::new();
        work(&self.instance, goal, &Progress::default(), &stop)
            .await
            .unwrap();
        let mut tx = self.read().await;
        runs::get(&mut tx, &[run]).await.unwrap().remove(0)
    }

    /// Begins what a run has left to do, and stops once this is told; what was told.
    pub async fn work_until(&self, run: RunId, told: impl Fn(&Event) -> bool) -> Event {
        let goal = Goal::Runs {
            runs: HashMap::from([(run, self.watched.id)]),
            patience: Duration::from_secs(60),
        };
        let (progress, mut events) = Progress::watched();
        let stop = CancellationToken::new();
        let watching = async {
            let event = loop {
                let event = events.recv().await.unwrap();
                if told(&event) {
                    break event;
                }
            };
            stop.cancel();
            event
        };
        let (worked, event) = tokio::join!(work(&self.instance, goal, &progress, &stop), watching);
        worked.unwrap();
        event
    }

    /// A whole run, an hour after what was before.
    pub async fn crawl(&self) -> Run {
        self.clock.advance(HOUR);
        let run = self.plan().await;
        self.work(run).await
    }

    /// The keys of the listings that are there, and of those that were removed.
    pub async fn listings(&self) -> [Vec<String>; 2] {
        let mut tx = self.read().await;
        let filter = Filter {
            limit: 1_000,
            ..Filter::default()
        };
        let mut stored = listings::list(&mut tx, &filter).await.unwrap();
        stored.sort_by(|one, other| one.listing.key.cmp(&other.listing.key));
        let (removed, there): (Vec<_>, Vec<_>) = stored
            .into_iter()
            .partition(|one| one.listing.removed_at.is_some());
        [there, removed].map(|some| some.into_iter().map(|one| one.listing.key).collect())
    }
}
