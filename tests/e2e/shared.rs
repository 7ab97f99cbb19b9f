//! Two services on one PostgreSQL: they share the work, the politeness and the outbox.

use std::{
    collections::BTreeMap,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};
use tokio::runtime::Runtime;
use url::Url;

use crate::{
    program::Running,
    support::skipped,
    watching::{Watching, text},
};

/// Requests to the site in a second.
const RATE: f64 = 25.0;
/// Requests that the site takes at once: what a kill may have fetched again.
const CONCURRENCY: usize = 2;
/// Pauses between requests that the rate is measured over: three seconds. The site stamps a request when it gets to it, and a
/// busy machine lets it wait for some tenths of one.
const PAUSES: usize = 75;

#[test]
fn two_services_on_one_database_fetch_once_and_tell_once() {
    let Some(Shared {
        watching,
        mut services,
        ..
    }) = Shared::start("two")
    else {
        return;
    };
    let truth = watching.site.truth();
    wait_for(&watching, "a first run", done(1));
    wait_for(&watching, "the messages", |watching| {
        watching.hook.received().len() + watching.mailbox.letters().len() >= 2
    });

    // One of them is killed, whatever it was doing; the other goes on with it.
    services[0].kill().unwrap();
    services[0].wait().unwrap();
    let before = watching
        .records("runs")
        .iter()
        .filter(|run| run["outcome"] == "complete")
        .count();
    wait_for(&watching, "a run after the kill", done(before + 1));
    end(&mut services[1]);

    assert_eq!(watching.records("alerts").len(), 1);
    assert_eq!(watching.records("deliveries").len(), 2);
    assert_eq!(watching.hook.received().len(), 1, "told once");
    assert_eq!(watching.mailbox.letters().len(), 1, "told once");
    assert_eq!(watching.records("listings").len(), truth.len());
    let mut planned: Vec<Value> = watching
        .records("runs")
        .into_iter()
        .map(|run| run["planned_at"].clone())
        .collect();
    planned.sort_by_key(ToString::to_string);
    let plans = planned.len();
    planned.dedup();
    assert_eq!(planned.len(), plans, "a run is planned once");
    assert_eq!(faults(&watching, 1), [""; 0]);
}

#[test]
fn the_site_sees_where_services_take_each_others_work() {
    let Some(Shared {
        watching,
        services,
        database,
    }) = Shared::start("none")
    else {
        return;
    };
    // As if a lease were worth nothing: what one has, the other may take.
    let runtime = runtime();
    let mut connection = runtime
        .block_on(PgConnection::connect(database.as_str()))
        .unwrap();
    let text = "UPDATE visit SET state = 'due' WHERE state = 'leased'; UPDATE host SET owner = NULL, next_at = 0";
    wait_for(&watching, "a fault", |watching| {
        // Either service may be in its way for a moment.
        _ = runtime.block_on(connection.execute(text));
        !faults(watching, 0).is_empty()
    });
    drop(services);
}

/// Two services on one database, with one entry to look for, and a run of the site every five seconds.
struct Shared {
    watching: Watching,
    services: [Running; 2],
    /// The database, password included.
    database: Url,
}

impl Shared {
    /// None where the tools are not installed.
    fn start(name: &str) -> Option<Self> {
        let politeness =
            format!("requests_per_second = {RATE}\nconcurrency = {CONCURRENCY}\njitter = 0.0");
        let schedule = "cron = \"*/5 * * * * *\"\noverlap = \"skip\"";
        let (watching, database) = on_postgres(name, &politeness, schedule)?;
        watching.watch(&[("email", &watching.an_email())]);
        let services = [
            watching.place.spawn(&["serve"], "serve-1.log"),
            watching.place.spawn(&["serve"], "serve-2.log"),
        ];
        Some(Self {
            watching,
            services,
            database,
        })
    }
}

/// Holds once so many runs saw everything.
fn done(at_least: usize) -> impl Fn(&Watching) -> bool {
    move |watching| {
        let runs = watching.records("runs");
        let finished = |run: &&Value| run["outcome"] == "complete";
        runs.iter().filter(finished).count() >= at_least
    }
}

/// By the site's own log: pages that were asked for more than once a run, but for what killed services had under way, and
/// requests that came faster than the rate.
fn faults(watching: &Watching, kills: usize) -> Vec<String> {
    let mut faults = Vec::new();
    let log = watching.site.access_log();
    let mut ours: Vec<_> = log
        .iter()
        .filter(|one| {
            one.user_agent
                .as_deref()
                .is_some_and(|agent| agent.starts_with("Sightline/"))
        })
        .collect();
    let begun = watching
        .records("runs")
        .iter()
        .filter(|run| run["outcome"] != "skipped")
        .count();
    let mut times = BTreeMap::<&str, usize>::new();
    for request in ours.iter().filter(|one| one.path != "/robots.txt") {
        *times.entry(&request.path).or_default() += 1;
    }
    let again: usize = times
        .values()
        .map(|times| times.saturating_sub(begun))
        .sum();
    // What a killed service had under way, whatever the rate and the disk: docs/decisions/0018.
    if again > kills * CONCURRENCY {
        faults.push(format!(
            "{again} pages more often than in {begun} runs, with {kills} kills"
        ));
    }

    ours.sort_by(|one, other| (one.at - one.took).total_cmp(&(other.at - other.took)));
    for window in ours.windows(PAUSES + 1) {
        let (first, last) = (window[0], window[PAUSES]);
        let seconds = (last.at - last.took) - (first.at - first.took);
        if seconds <= PAUSES as f64 / RATE * 0.85 {
            let requests = window.len();
            faults.push(format!(
                "{requests} requests in {seconds} s, around {}",
                first.path
            ));
        }
    }
    faults
}

/// An instance that watches the site, on a database of its own, whose URL has its password; none where there is no server.
pub fn on_postgres(name: &str, politeness: &str, schedule: &str) -> Option<(Watching, Url)> {
    let server = postgres()?;
    let watching = Watching::start()?;
    let database = database_of_its_own(&server, name);
    let password = database.password().unwrap();
    watching.place.write("database-password", password);
    let mut store = database.clone();
    store.set_password(None).unwrap();
    let store = format!("{store}\"\nstore.password_file = \"database-password");
    watching.configure(&store, politeness, schedule);
    Some((watching, database))
}

/// The test server; none where there is none.
pub fn postgres() -> Option<Url> {
    let Ok(url) = std::env::var("SIGHTLINE_TEST_POSTGRES") else {
        skipped("SIGHTLINE_TEST_POSTGRES names no server; scripts/test starts one");
        return None;
    };
    Some(Url::parse(&url).unwrap())
}

/// Makes a database.
pub fn database_of_its_own(server: &Url, name: &str) -> Url {
    let name = format!("e2e_{name}_{}", std::process::id());
    runtime().block_on(async {
        let mut connection = PgConnection::connect(server.as_str()).await.unwrap();
        let text = format!("CREATE DATABASE {name}");
        connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    });
    let mut url = server.clone();
    url.set_path(&name);
    url
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn wait_for(watching: &Watching, what: &str, mut holds: impl FnMut(&Watching) -> bool) {
    let begun = Instant::now();
    while !holds(watching) {
        if begun.elapsed() > Duration::from_secs(240) {
            let log = |name| std::fs::read_to_string(watching.place.path(name)).unwrap_or_default();
            panic!(
                "no sign of {what}:\n{}\n{}",
                log("serve-1.log"),
                log("serve-2.log")
            );
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// SIGTERM: it ends by itself, well, and soon.
fn end(service: &mut Child) {
    let begun = Instant::now();
    let told = std::process::Command::new("kill")
        .arg(service.id().to_string())
        .status()
        .unwrap();
    assert!(told.success());
    let status = service.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_stop_gives_everything_back() {
    let Some(watching) = Watching::start() else {
        return;
    };
    watching.configure(
        "sqlite:data/sightline.db",
        "requests_per_second = 5\nconcurrency = 1",
        "cron = \"* * * * * *\"",
    );
    let mut service = watching.place.spawn(&["serve"], "serve.log");
    wait_for(&watching, "visits", |watching| {
        watching
            .records("visits")
            .iter()
            .filter(|visit| text(visit, "state") == "done")
            .count()
            > 5
    });
    end(&mut service);
    let leased = |visit: &&Value| text(visit, "state") == "leased";
    assert_eq!(watching.records("visits").iter().filter(leased).count(), 0);
}
