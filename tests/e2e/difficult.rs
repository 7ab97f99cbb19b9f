//! Sites that make it difficult: one whose page kills the crawler, one that refuses.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::Child,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::runtime::Runtime;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::{
    program::{Place, command, lines},
    watching::text,
};

/// A small site of its own, on this machine.
struct Board {
    server: MockServer,
    runtime: Runtime,
}

impl Board {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(MockServer::start());
        Self { server, runtime }
    }

    fn answer(&self, at: &str, answer: ResponseTemplate) {
        let mock = Mock::given(path(at)).respond_with(answer);
        self.runtime.block_on(mock.mount(&self.server));
    }

    fn page(&self, at: &str, html: &str) {
        self.answer(
            at,
            ResponseTemplate::new(200).set_body_raw(html, "text/html"),
        );
    }

    /// How often a page was asked for.
    fn asked(&self, at: &str) -> usize {
        let requests = self
            .runtime
            .block_on(self.server.received_requests())
            .unwrap();
        requests.iter().filter(|one| one.url.path() == at).count()
    }

    /// A source of this site in an instance.
    fn watch(&self, place: &Place, name: &str) {
        let start = self.server.uri();
        place.write(
            &format!("sources/{name}.toml"),
            &format!(
                r#"
                start = ["{start}/"]
                list.links = ["a"]
                detail.root = "article"
                detail.title = "h1"
                detail.body = "p"
                detail.key.url = '/(\w+)$'
                politeness.unlimited = true
                "#
            ),
        );
    }
}

fn instance() -> Place {
    let place = Place::empty();
    fs::create_dir(place.path("sources")).unwrap();
    place.write(
        "sightline.toml",
        "fetch.contact = \"crawling@example.org\"\negress.allow_networks = [\"127.0.0.0/8\"]\n",
    );
    place
}

fn visits(place: &Place) -> Vec<Value> {
    place.run(["visits", "--json"]).records()
}

fn advert(text: &str) -> String {
    format!("<article><h1>Advert</h1><p>{text}</p></article>")
}

#[test]
fn a_page_that_kills_the_process_is_given_up_and_the_others_are_read() {
    let place = instance();
    let board = Board::start();
    board.watch(&place, "board");
    board.page(
        "/",
        "<a href=/deadly>1</a> <a href=/one>2</a> <a href=/two>3</a>",
    );
    board.page("/one", &advert("Call (202) 555-0101."));
    board.page("/two", &advert("Call (202) 555-0102."));
    // Stands for a page that takes more memory than there is: it is long in reading, and killed meanwhile.
    board.page(
        "/deadly",
        &advert(&"Call <b>(202) 555-0103</b> or write. ".repeat(180_000)),
    );

    for _ in 0..5 {
        let dead = workers(&place);
        let crawl = command(&place.path(""))
            .args(["crawl", "board"])
            .stdout(fs::File::create(place.path("crawl.out")).unwrap())
            .stderr(fs::File::create(place.path("crawl.err")).unwrap())
            .spawn()
            .unwrap();
        kill_while_it_reads("/deadly", crawl, &place, &dead);
    }
    let ended = place.run(["crawl", "board", "--json"]);
    assert_eq!(ended.status, 1, "not every page was seen: {}", ended.err);
    let visits = visits(&place);
    let of = |at: &str| {
        visits
            .iter()
            .find(|one| text(one, "url").ends_with(at))
            .unwrap()
    };
    assert_eq!(text(of("/deadly"), "outcome"), "worker_lost", "{visits:?}");
    assert_eq!(text(of("/one"), "outcome"), "fetched");
    assert_eq!(text(of("/two"), "outcome"), "fetched");
    assert_eq!(board.asked("/deadly"), 5);
    assert_eq!(
        place.run(["runs", "--json"]).records()[0]["outcome"],
        "partial"
    );
}

/// Kills the crawl with SIGKILL while it reads this page.
fn kill_while_it_reads(page: &str, mut crawl: Child, place: &Place, dead: &BTreeSet<PathBuf>) {
    let begun = Instant::now();
    let mut is_read = false;
    while !is_read {
        assert_eq!(crawl.try_wait().unwrap(), None, "it ended by itself");
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it is never read"
        );
        let known = place.run(["visits", "--json"]);
        let page = lines(&known.out)
            .into_iter()
            .find(|visit| text(visit, "url").ends_with(page))
            .map(|visit| visit["id"].to_string());
        let worker = workers(place).into_iter().find(|file| !dead.contains(file));
        let read = worker.and_then(|file| fs::read_to_string(file).ok());
        is_read = page
            .zip(read)
            .is_some_and(|(page, read)| read.lines().any(|line| line.trim() == page));
    }
    crawl.kill().unwrap();
    crawl.wait().unwrap();
}

/// The files in which workers note what they read.
fn workers(place: &Place) -> BTreeSet<PathBuf> {
    let files = fs::read_dir(place.path("data/workers"));
    files.map_or_else(
        |_| BTreeSet::new(),
        |files| files.flatten().map(|file| file.path()).collect(),
    )
}

#[test]
fn a_host_that_refuses_does_not_hold_a_crawl_and_is_named() {
    let place = instance();
    let (busy, calm) = (Board::start(), Board::start());
    busy.watch(&place, "busy");
    calm.watch(&place, "calm");
    busy.answer(
        "/",
        ResponseTemplate::new(429).insert_header("Retry-After", "7200"),
    );
    calm.page("/", "<a href=/one>1</a>");
    calm.page("/one", &advert("Call (202) 555-0101."));

    let begun = Instant::now();
    let ended = place.run(["crawl", "busy", "calm"]);
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(ended.status, 1);
    let host = busy.server.uri().replace("http://", "");
    let said = format!("{host} asks to be left alone until ");
    assert!(ended.err.contains(&said), "{}", ended.err);
    assert!(ended.err.contains("1 visit to it waits"), "{}", ended.err);
    let visits = visits(&place);
    let waiting: Vec<&Value> = visits
        .iter()
        .filter(|one| text(one, "state") == "due")
        .collect();
    assert_eq!(waiting.len(), 1, "{visits:?}");
    assert_eq!(text(waiting[0], "outcome"), "rate_limited");
    assert_eq!(place.run(["listings", "--json"]).records().len(), 1);
}

#[test]
fn a_site_that_wants_to_be_asked_slowly_is_named() {
    let place = instance();
    let board = Board::start();
    board.watch(&place, "slow");
    board.answer(
        "/robots.txt",
        ResponseTemplate::new(200).set_body_raw("User-agent: *\nCrawl-delay: 3", "text/plain"),
    );
    board.page("/", "<a href=/one>1</a>");
    let ended = place.run(["source", "test", "slow"]);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let delay = "robots.txt asks for a Crawl-delay of 3 s: at most 28800 pages a day";
    for said in [
        format!("Waits 3 s for its turn: {delay}."),
        format!("A crawl is slow here: {delay}."),
    ] {
        assert!(ended.err.contains(&said), "{}", ended.err);
    }
}

/// Two calls in a row are two requests at the pace of a crawl, and a host that was asked to be left alone is.
#[test]
fn a_test_of_a_source_keeps_to_what_its_host_asked_for() {
    let place = instance();
    let board = Board::start();
    board.watch(&place, "north");
    board.answer(
        "/robots.txt",
        ResponseTemplate::new(200).set_body_raw("User-agent: *\nCrawl-delay: 1", "text/plain"),
    );
    board.page("/", "<a href=/one>1</a>");
    let begun = Instant::now();
    for _ in 0..3 {
        let ended = place.run(["source", "test", "north"]);
        assert_eq!(ended.status, 0, "{}", ended.err);
    }
    assert_eq!(board.asked("/robots.txt"), 1, "it was learned at the first");
    assert_eq!(board.asked("/"), 3);
    // Four requests: three pauses.
    assert!(begun.elapsed() >= Duration::from_millis(2_990));

    board.answer(
        "/two",
        ResponseTemplate::new(429).insert_header("retry-after", "99999"),
    );
    let url = format!("{}/two", board.server.uri());
    let ended = place.run(["source", "test", "north", "--url", &url]);
    assert_eq!(ended.status, 1, "{}", ended.out);
    let ended = place.run(["source", "test", "north"]);
    assert_eq!(ended.status, 1, "{}", ended.out);
    assert!(ended.out.contains("rate_limited"), "{}", ended.out);
    assert!(
        ended.out.contains("asked to be left alone until"),
        "{}",
        ended.out
    );
    assert_eq!(board.asked("/"), 3);
}

#[test]
fn a_source_without_its_password_stops_alone() {
    let place = instance();
    let (shut, open) = (Board::start(), Board::start());
    shut.watch(&place, "shut");
    open.watch(&place, "open");
    open.page("/", "<a href=/one>1</a>");
    open.page("/one", &advert("Call (202) 555-0101."));
    let file = place.path("sources/shut.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let proxy = "[proxy]\nurl = \"http://127.0.0.1:9\"\nusername = \"me\"\npassword_env = \"SHUT_PASSWORD\"\n";
    fs::write(&file, settings + proxy).unwrap();

    let says_so = |words: &str| {
        assert!(
            words.contains("'shut'") && words.contains("SHUT_PASSWORD"),
            "{words}"
        )
    };
    let crawl = place.run(["crawl", "--all"]);
    assert_eq!(crawl.status, 1);
    says_so(&crawl.err);
    assert_eq!(place.run(["listings", "--json"]).records().len(), 1);
    let alone = place.run(["crawl", "shut"]);
    assert_eq!(alone.status, 1);
    says_so(&alone.err);
    let check = place.run(["check"]);
    assert_eq!(check.status, 0, "it may be there on another machine");
    assert!(check.out.contains("shut.toml") && check.out.contains("SHUT_PASSWORD"));
    let doctor = place.run(["doctor", "--json"]);
    assert_eq!(doctor.status, 1);
    says_so(&doctor.out);
    let list = place.run(["source", "list", "--json"]).records();
    let shut = list.iter().find(|source| source["name"] == "shut").unwrap();
    says_so(text(shut, "problem"));
    assert_eq!(shut["enabled"], true);
}

#[test]
fn a_source_whose_file_is_wrong_stops_alone_and_is_not_gone() {
    let place = instance();
    let (bent, open) = (Board::start(), Board::start());
    for (board, name) in [(&bent, "bent"), (&open, "open")] {
        board.watch(&place, name);
        board.page("/", "<a href=/one>1</a>");
        board.page("/one", &advert("Call (202) 555-0101."));
    }
    assert_eq!(place.run(["crawl", "--all"]).status, 0);
    place.write("sources/bent.toml", "start = [\nregion = \"Utopia\"\n");

    // What needs no source reads none.
    for command in [
        "alerts",
        "runs",
        "visits",
        "listings",
        "sightings",
        "observations",
        "deliveries",
        "deliver",
        "hunt",
    ] {
        assert_eq!(place.run([command]).status, 0, "{command}");
    }
    assert_eq!(place.run(["watchlist", "list"]).status, 0);

    let check = place.run(["check", "--json"]);
    assert_eq!(check.status, 2);
    assert!(check.out.contains("bent.toml"), "{}", check.out);
    let named = place.run(["crawl", "bent"]);
    assert_eq!(named.status, 2);
    assert!(named.err.contains("bent.toml"), "{}", named.err);
    let all = place.run(["crawl", "--all"]);
    assert_eq!(all.status, 1, "{}", all.err);
    assert!(all.err.contains("'bent' is not crawled"), "{}", all.err);
    assert_eq!(open.asked("/"), 2);
    assert_eq!(bent.asked("/"), 1);

    let list = place.run(["source", "list", "--json"]);
    assert_eq!(list.status, 1);
    let list = lines(&list.out);
    let broken = list.iter().find(|source| source["name"] == "bent").unwrap();
    assert_eq!(broken["broken"], true);
    let listings = place.run(["listings", "--json"]).records();
    assert_eq!(listings.len(), 2);
    assert!(listings.iter().all(|one| one["removed_at"].is_null()));
    let doctor = place.run(["doctor", "--json"]);
    assert!(doctor.out.contains("'bent' is broken"), "{}", doctor.out);
}
