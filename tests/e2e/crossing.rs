//! Two processes on one PostgreSQL, each with a source of its own; the ads of one lead to the host of the other. By that host's
//! own log it is asked no more often than it takes, whoever asks.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::{
    program::{Place, Running, command},
    shared::{database_of_its_own, postgres},
};

/// Requests that the host takes in a second.
const RATE: u32 = 4;
/// Ads of each source.
const ADS: usize = 24;
/// Requests so close to each other are two processes', and a busy machine blurs so many.
const AT_ONCE: Duration = Duration::from_millis(100);
const BLURRED: usize = 1;

/// A host with a list of ads, which lead on where told; it keeps when it was asked for what.
struct Host {
    leads_to: Option<String>,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Respond for Host {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        let asked = (Instant::now(), path.to_owned());
        self.asked.lock().unwrap().push(asked);
        let page = |body: &str| {
            let page = format!("<!doctype html><title>Board</title><body>{body}</body>");
            ResponseTemplate::new(200).set_body_raw(page, "text/html; charset=utf-8")
        };
        match (path, &self.leads_to) {
            ("/robots.txt", _) => ResponseTemplate::new(404),
            ("/", _) => {
                let link = |number| format!("<a class=ad href='/ad/{number}'>{number}</a> ");
                page(&(0..ADS).map(link).collect::<String>())
            }
            (_, Some(to)) => {
                let to = format!("{to}/led{path}");
                ResponseTemplate::new(302).insert_header("location", to.as_str())
            }
            (_, None) => page(&format!("<h1>{path}</h1>Call Rose.")),
        }
    }
}

async fn start(
    at: &str,
    leads_to: Option<String>,
) -> (MockServer, Arc<Mutex<Vec<(Instant, String)>>>) {
    let listener = TcpListener::bind((at, 0)).unwrap();
    let server = MockServer::builder().listener(listener).start().await;
    let asked = Arc::default();
    let host = Host {
        leads_to,
        asked: Arc::clone(&asked),
    };
    Mock::given(any()).respond_with(host).mount(&server).await;
    (server, asked)
}

/// Starts a crawl by a process that has the sources of one folder alone.
fn crawl(place: &Place, sources: &str) -> Running {
    let mut program = command(&place.path(""));
    program
        .args(["crawl", sources])
        .env("SIGHTLINE__INSTANCE__SOURCES", sources);
    place.start(program, &format!("crawl-{sources}.log"))
}

#[test]
fn a_host_that_another_process_has_is_asked_no_more_often_than_it_takes() {
    let Some(server) = postgres() else {
        return;
    };
    let runtime = runtime_of_many();
    let (home, asked) = runtime.block_on(start("127.0.0.2", None));
    let (away, _) = runtime.block_on(start("127.0.0.1", Some(home.uri())));
    let database = database_of_its_own(&server, "crossing");
    let place = Place::empty();
    place.write("database-password", database.password().unwrap());
    let mut store = database.clone();
    store.set_password(None).unwrap();
    place.write(
        "sightline.toml",
        &format!(
            r#"
            store.url = "{store}"
            store.password_file = "database-password"
            fetch.contact = "crawling@example.org"
            egress.allow_networks = ["127.0.0.0/8"]
            "#
        ),
    );
    // Who is led there knows of a pace of its own alone.
    for (name, site, rate) in [("away", &away, 4 * RATE), ("home", &home, RATE)] {
        std::fs::create_dir(place.path(name)).unwrap();
        place.write(
            &format!("{name}/{name}.toml"),
            &format!(
                r#"
                enabled = true
                start = ["{}/"]
                region = "US"
                [politeness]
                requests_per_second = {rate}
                concurrency = 2
                jitter = 0.0
                [scope]
                hosts = ["127.0.0.1", "127.0.0.2"]
                [list]
                links = ["a.ad"]
                [detail]
                title = "h1"
                "#,
                site.uri()
            ),
        );
    }
    let processes = ["away", "home"].map(|sources| crawl(&place, sources));
    let begun = Instant::now();
    let count = |of: &str| {
        let asked = asked.lock().unwrap();
        asked
            .iter()
            .filter(|(_, path)| path.starts_with(of))
            .count()
    };
    // Both have to have come there for long enough.
    while count("/led/") < ADS / 2 || count("/ad/") < ADS / 2 {
        let log = |name| std::fs::read_to_string(place.path(name)).unwrap_or_default();
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "{} led there, {} at home\n{}\n{}",
            count("/led/"),
            count("/ad/"),
            log("crawl-away.log"),
            log("crawl-home.log")
        );
        thread::sleep(Duration::from_millis(200));
    }
    drop(processes);

    // A request that a busy machine brings late makes the next seem early, once; two that know nothing of each other come at once
    // again and again.
    let asked = asked.lock().unwrap();
    let gaps = asked.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let at_once = gaps.clone().filter(|gap| *gap < AT_ONCE).count();
    assert!(
        at_once <= BLURRED,
        "{at_once} of {} requests came right behind another: {:?}",
        asked.len(),
        gaps.collect::<Vec<_>>()
    );
}

/// For the hosts, which answer while the test waits.
fn runtime_of_many() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
