//! An instance that watches the farm: every ad's address is looked for, and told of by a webhook.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use tokio::runtime::Runtime;
use url::Url;

use crate::{
    farm::Farm,
    judge::{Channel, Seen, bare},
    program::{Place, Running, copy},
};

/// Requests that the farm takes at once.
pub const CONCURRENCY: usize = 4;
/// The farm waits for nobody, where a story is not about that.
const UNLIMITED: &str = "unlimited = true";
/// The store where it lies in a file.
const FILE: &str = "sightline.db";

/// The farm and the instance.
pub struct Machine {
    pub farm: Farm,
    pub place: Place,
    /// Where the store and the evidence lie, below the place.
    data: &'static str,
    /// The store, as SQL finds it.
    store: String,
    /// How the farm is asked, as its source's file says.
    politeness: &'static str,
    runtime: Runtime,
}

impl Machine {
    /// An instance whose data lie in the folder `data` of its place.
    pub fn start(farm: Farm) -> Self {
        Self::with(farm, Place::empty(), None)
    }

    /// The same in a place of which `data` may be a file system of its own, and with its store on another engine if `store`
    /// names one.
    pub fn with(farm: Farm, place: Place, store: Option<&str>) -> Self {
        Self::asking(farm, place, store, UNLIMITED)
    }

    /// An instance that asks the farm as politely as this says.
    pub fn polite(farm: Farm, politeness: &'static str) -> Self {
        Self::asking(farm, Place::empty(), None, politeness)
    }

    fn asking(farm: Farm, place: Place, store: Option<&str>, politeness: &'static str) -> Self {
        sqlx::any::install_default_drivers();
        let data = "data";
        let file = format!("sqlite:{}", place.path(data).join(FILE).display());
        let store = store.map_or(file, str::to_owned);
        let machine = Self {
            farm,
            place,
            data,
            store,
            politeness,
            runtime: Runtime::new().expect("a runtime"),
        };
        machine.leave_free(0);
        machine.watch();
        machine
    }

    /// Writes the configuration, with so many MiB to be left free on the disk. Most stories have none, for some of their disks are
    /// small.
    pub fn leave_free(&self, mebibytes: u64) {
        // No password stands in a configuration: it lies in a file of its own.
        let mut store = Url::parse(&self.store).expect("a store's address");
        let mut password_file = "";
        if let Some(password) = store.password() {
            self.place.write("database-password", password);
            store.set_password(None).expect("it had one");
            password_file = "store.password_file = \"database-password\"";
        }
        // Where it lies in the data folder nothing is said of it, so that a backup can be restored elsewhere.
        let elsewhere = match store.scheme() {
            "sqlite" => String::new(),
            _ => format!("store.url = \"{store}\""),
        };
        for folder in ["sources", self.data] {
            std::fs::create_dir_all(self.place.path(folder)).expect("a folder");
        }
        self.place.write(
            "secret",
            "whsec_c2lnaHRsaW5lLXRlc3RzLW9ubHktMDEyMzQ1Njc4OQ==",
        );
        self.place.write(
            "sightline.toml",
            &format!(
                r#"
                instance.data = "{data}"
                work.free_mebibytes = {mebibytes}
                {elsewhere}
                {password_file}
                fetch.contact = "crawling@example.org"
                egress.allow_networks = ["127.0.0.0/8"]

                [channels.cases]
                kind = "webhook"
                url = "{base}/hook"
                allow_unencrypted = true
                secret_file = "secret"
                "#,
                data = self.data,
                base = self.farm.base(),
            ),
        );
        self.place.write(
            "sources/farm.toml",
            &format!(
                r#"
                enabled = true
                start = ["{base}/"]
                region = "US"
                [schedule]
                every = "1d"
                [politeness]
                {politeness}
                concurrency = {CONCURRENCY}
                [scope]
                pages_per_run = 100000
                depth = 10000
                [list]
                links = ["a.ad"]
                next = ["a.next"]
                [detail]
                title = "h1"
                "#,
                base = self.farm.base(),
                politeness = self.politeness,
            ),
        );
        self.place.run(["check"]).ok();
    }

    fn watch(&self) {
        // Messages wait for no others: so there are some under way whenever something is broken.
        let create = "watchlist create missing --owner Analyst --category victim --review-days 90 --channel cases --wait-seconds 0";
        let terms = [
            "--purpose",
            "find missing persons",
            "--legal-basis",
            "an order",
        ];
        self.place.run(create.split(' ').chain(terms)).ok();
        let addresses: String = (1..=self.farm.ads())
            .map(|number| format!("email,{}\n", Farm::address(number)))
            .collect();
        let file = self
            .place
            .write("entries.csv", &format!("kind,value\n{addresses}"));
        let file = file.to_str().expect("a plain name");
        self.place
            .run(["watchlist", "import", "missing", file])
            .ok();
    }

    /// Where the store and the evidence lie.
    pub fn data(&self) -> PathBuf {
        self.place.path(self.data)
    }

    /// The instance as it is now, to be had again.
    pub fn keep(&self, kept: &Path) {
        copy(&self.data(), kept).expect("a folder can be copied");
    }

    /// The instance as it was kept, and a farm that was asked nothing yet.
    pub fn again(&self, kept: &Path) {
        // What lies in it, and not the folder: that may be a file system of its own.
        for entry in std::fs::read_dir(self.data()).expect("it is there") {
            let path = entry.expect("it can be read").path();
            let removed = match path.is_dir() {
                true => std::fs::remove_dir_all(path),
                false => std::fs::remove_file(path),
            };
            removed.expect("it is there");
        }
        copy(kept, &self.data()).expect("a folder can be copied");
        self.farm.forget();
    }

    /// Starts a crawl of the farm.
    pub fn crawl(&self) -> Running {
        self.place.spawn(&["crawl", "farm"], "crawl.log")
    }

    /// Has a run begun, which the service then goes on with: one that is planned for a day is not planned at once.
    pub fn begin(&self) {
        let mut crawl = self.place.spawn(&["crawl", "farm"], "serve.log");
        wait(|| self.farm.count().0 > 1);
        self.stop(&mut crawl);
    }

    /// Starts the service.
    pub fn serve(&self) -> Running {
        self.place.spawn(&["serve"], "serve.log")
    }

    /// Sends a process a signal, and waits until it has ended. How it ended, and how long that took.
    pub fn end(&self, running: &mut Running, signal: &str) -> (ExitStatus, Duration) {
        let told = Instant::now();
        let id = running.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status();
        assert!(kill.expect("it is there").success());
        let ended = running.wait().expect("it was started");
        (ended, told.elapsed())
    }

    /// Tells a process to stop, and waits until it has.
    #[track_caller]
    pub fn stop(&self, running: &mut Running) {
        let (ended, _) = self.end(running, "-TERM");
        let said = std::fs::read_to_string(self.place.path("serve.log"));
        // An interrupted crawl has not done all that it was to do, and says so by its status.
        assert!(
            ended.code().is_some_and(|code| code <= 1),
            "{}",
            said.expect("it is there")
        );
    }

    /// True once the run is over and all its messages are delivered.
    pub fn is_done(&self) -> bool {
        let ads = i64::try_from(self.farm.ads()).expect("not that many");
        self.count("run WHERE state = 'finished'") > 0
            && self.count("delivery WHERE state = 'delivered'") == ads
    }

    /// Crawls and delivers to the end, with nothing in the way.
    pub fn finish(&self) {
        self.farm.answer(204);
        // What was tried in vain is due: a crawl that leaves some of it behind says so by its status.
        self.hasten();
        // Where the run is over, another would be another day's.
        if self.count("run WHERE state = 'finished'") == 0 {
            self.place.run(["crawl", "farm"]).ok();
        }
        self.hasten();
        self.place.run(["deliver"]).ok();
    }

    /// What is to be sent again later is due now.
    pub fn hasten(&self) {
        self.sql("UPDATE delivery SET next_at = 0 WHERE state = 'pending'");
    }

    /// Runs a statement on the store.
    pub fn sql(&self, text: &str) {
        self.runtime.block_on(async {
            let mut store = self.store().await;
            let ran = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut store).await;
            ran.expect("the statement is sound");
            store.close().await.expect("it can be closed");
        });
    }

    /// The texts that a query gives, one a row.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let texts = self.texts_of(&self.store, query);
        texts.expect("the query is sound")
    }

    /// The texts that a query gives of a copy of the store, one a row; none where the copy is no sound store.
    pub fn texts_in(&self, copy: &Path, query: &str) -> Option<Vec<String>> {
        self.texts_of(&format!("sqlite:{}", copy.display()), query)
            .ok()
    }

    fn texts_of(&self, store: &str, query: &str) -> Result<Vec<String>, sqlx::Error> {
        self.runtime.block_on(async {
            let mut store = AnyConnection::connect(store).await?;
            let rows = sqlx::raw_sql(AssertSqlSafe(query))
                .fetch_all(&mut store)
                .await;
            store.close().await?;
            rows?.iter().map(|row| row.try_get(0)).collect()
        })
    }

    /// How many rows there are of what is described.
    pub fn count(&self, what: &str) -> i64 {
        self.runtime.block_on(async {
            let mut store = self.store().await;
            let query = format!("SELECT count(*) FROM {what}");
            let row = sqlx::raw_sql(AssertSqlSafe(query))
                .fetch_one(&mut store)
                .await;
            store.close().await.expect("it can be closed");
            row.expect("the query is sound").get(0)
        })
    }

    async fn store(&self) -> AnyConnection {
        let store = AnyConnection::connect(&self.store).await;
        store.expect("the store can be opened")
    }

    /// What the farm saw, after so many kills.
    pub fn seen(&self, crawls: usize, deliveries: usize) -> Seen {
        let seen = self.farm.seen();
        let mut fetched = BTreeMap::<String, usize>::new();
        for (_, page) in seen.pages {
            *fetched.entry(page).or_default() += 1;
        }
        let came = seen.hooks.iter();
        Seen {
            crawls,
            deliveries,
            concurrency: CONCURRENCY,
            fetched,
            channels: vec![Channel {
                what: "webhooks",
                expected: self.farm.ads(),
                sent: self.texts("SELECT id FROM delivery").into_iter().collect(),
                came: came.map(|(id, accepted)| (bare(id), *accepted)).collect(),
            }],
        }
    }

    /// What came to the receiver without its delivery being stored: told, and forgotten.
    pub fn forgotten(&self) -> Vec<String> {
        // What comes while it is looked may be stored and told later than that.
        let came = self.farm.seen().hooks.into_iter();
        // A store that its disk has forgotten whole has not even the table.
        let stored = self.texts_of(&self.store, "SELECT id FROM delivery");
        let stored: BTreeSet<String> = stored.unwrap_or_default().into_iter().collect();
        came.map(|(id, _)| bare(&id))
            .filter(|id| !stored.contains(id))
            .collect()
    }

    /// All that is stored and kept is as if nothing had happened.
    #[track_caller]
    pub fn is_whole(&self) {
        let ads = i64::try_from(self.farm.ads()).expect("not that many");
        for (what, expected) in [
            ("listing", ads),
            ("listing_version", ads),
            ("alert", ads),
            ("delivery WHERE state = 'delivered'", ads),
            ("delivery", ads),
            ("visit WHERE state = 'leased'", 0),
            ("run WHERE state <> 'finished'", 0),
        ] {
            assert_eq!(self.count(what), expected, "{what}");
        }
        // The database of the story is worked by its superuser, which the doctor rightly finds fault with.
        match self.store.starts_with("sqlite:") {
            true => self.are_good(&["store", "evidence", "audit log"]),
            false => self.are_good(&["evidence", "audit log"]),
        }
    }

    /// The doctor finds no fault with these parts. What it says of the machine is not what is judged here: some of these disks
    /// are small.
    #[track_caller]
    pub fn are_good(&self, parts: &[&str]) {
        calls_good(&self.place.run(["doctor", "--json"]).out, parts);
    }
}

/// What a doctor said as JSON calls these parts good.
#[track_caller]
pub fn calls_good(said: &str, parts: &[&str]) {
    for part in parts {
        let is_good = said
            .lines()
            .any(|line| line.contains(&format!("\"{part}\"")) && line.contains("\"good\""));
        assert!(is_good, "{part}: {said}");
    }
}

impl Drop for Machine {
    /// What a failed story has to say for itself.
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        for log in ["crawl.log", "serve.log"] {
            let said = std::fs::read_to_string(self.place.path(log)).unwrap_or_default();
            let last = said.lines().rev().take(25).collect::<Vec<_>>();
            for line in last.iter().rev() {
                eprintln!("{log}: {line}");
            }
        }
    }
}

/// Waits for what must come within two minutes.
#[track_caller]
pub fn wait(mut until: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "it does not come to that"
        );
        thread::sleep(Duration::from_millis(2));
    }
}
