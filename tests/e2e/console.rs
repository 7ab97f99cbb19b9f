//! The console as people use it: days of theirs in a browser, against the served program.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Child, Stdio},
};

use reqwest::Method;
use sightline_web::routes::{Face, Needs, Route, table};

use crate::{
    board::Board,
    program::{Place, command},
    support::{Tools, browser::Browser},
    watching::Watching,
};

/// The served console; ended when it is dropped.
pub struct Console {
    child: Child,
    /// The link that makes the first account.
    pub first_account: String,
    /// Where it listens, whatever its public address is.
    pub listening: String,
}

impl Console {
    fn serve(place: &Place) -> Self {
        Self::serve_with(place, &[])
    }

    /// The same under these variables of its environment.
    pub fn serve_with(place: &Place, settings: &[(&str, &str)]) -> Self {
        let mut child = command(&place.path("."))
            .envs(settings.iter().copied())
            .args(["--json", "serve"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut told = out
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
        let told = told
            .find(|record| record["first_account"].is_string())
            .expect("nobody has an account yet");
        let word = |name: &str| told[name].as_str().expect("it is told").to_owned();
        let (file, listening) = (word("first_account"), word("listening"));
        // What is told may end in a journal, so it names the file and not the link.
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        let first_account = fs::read_to_string(file).unwrap().trim().to_owned();
        Self {
            child,
            first_account,
            listening,
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // Nothing more can be done about it where this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_investigators_day() {
    let Some(tools) = Tools::find() else { return };
    let board = Board::open().await;
    board.watch("phone", "+12025550123");
    board.watch("email", "rose@example.com");
    let console = Console::serve(&board.place);
    let mut browser = Browser::start(&tools, "investigator", &[&console.first_account]);

    browser.comes_to("inbox open");
    let ad = "<h1>New in town</h1><p>call 2O2-555-Ol23 <img src=x onerror=alert(1)>";
    board.show(&[ad.to_owned()]).await;
    board.crawl();
    browser.go_on();

    browser.comes_to("closed");
    let second = "<h1>Still here</h1><p>rose (at) example dot com";
    board.show(&[ad.to_owned(), second.to_owned()]).await;
    board.crawl();
    browser.go_on();
    browser.ends();

    let states = board.place.run(["--json", "alerts"]).records();
    let closed: Vec<_> = states.iter().map(|alert| &alert["closed_as"]).collect();
    assert!(
        closed.contains(&&"confirmed".into()) && closed.contains(&&"rejected".into()),
        "{states:?}"
    );
}

/// What is asked for as a page is, and is none: files and their like, and events without an end.
const NO_PAGES: [&str; 6] = [
    "/assets/{version}/{name}",
    "/captures/{id}/download",
    "/events",
    "/images/{id}",
    "/images/{id}/veiled",
    "/watchlists/{id}/import/refused",
];

/// The routes of all pages that links lead to, and those of the others: of links that are given to people, and of doors.
fn pages() -> (Vec<String>, Vec<String>) {
    let is_page = |route: &Route| {
        let is_asked = route.method == Method::GET && route.face == Face::Page;
        is_asked && !NO_PAGES.contains(&route.path)
    };
    let is_linked = |route: &Route| {
        matches!(route.needs, Needs::SignedIn | Needs::May(_)) || route.path == "/api/v1"
    };
    let pages = table().into_iter().filter(is_page);
    let (linked, others): (Vec<Route>, Vec<Route>) = pages.partition(is_linked);
    let paths = |routes: Vec<Route>| routes.iter().map(|route| route.path.to_owned()).collect();
    (paths(linked), paths(others))
}

#[test]
fn an_analysts_day() {
    let Some(watching) = Watching::start() else {
        return;
    };
    // What the site shows is stored; nobody looks for anything yet.
    watching.crawl().ok();
    let truth = watching.site.truth();
    let shown = truth.iter().filter(|ad| !ad.images.is_empty());
    let mut selectors = shown.flat_map(|ad| &ad.selectors);
    let email = selectors.find(|one| one.kind == "email");
    let email = &email.expect("ads with images have addresses").canonical;
    let console = Console::serve(&watching.place);
    let mut arguments = vec![console.first_account.clone(), email.clone()];
    let (linked, others) = pages();
    arguments.extend(linked);
    arguments.push("--".to_owned());
    arguments.extend(others);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut browser = Browser::start(&watching.tools, "analyst", &arguments);

    browser.comes_to("inbox open");
    watching.site.create(
        "Cleaning: by the hour",
        "Ring 2O2 five-five-five 0147, any time.",
    );
    watching.crawl().ok();
    browser.go_on();
    browser.ends();

    let entries = ["watchlist", "show", "Operation Jade", "--json"];
    let entries = watching.place.run(entries).records();
    assert_eq!(
        entries.len(),
        4,
        "two were imported, and two added: {entries:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_day() {
    let Some(tools) = Tools::find() else { return };
    let board = Board::open().await;
    board.place.write("room", &board.hook());
    let mut settings = fs::read_to_string(board.place.path("sightline.toml")).unwrap();
    settings.push_str(
        "\n[channels.team]\nkind = \"teams\"\nallow_unencrypted = true\nurl_file = \"room\"\n",
    );
    board.place.write("sightline.toml", &settings);
    board
        .place
        .run([
            "watchlist",
            "set",
            "missing",
            "--channel",
            "team",
            "--wait-seconds",
            "0",
        ])
        .ok();
    board.watch("phone", "+12025550123");
    let ads = [
        "<h1>New in town</h1><p>call 202-555-0123",
        "<h1>Still here</h1><p>rose (at) example dot com",
    ];
    let ads = ads.map(str::to_owned);
    board.show(&ads).await;
    // The receiver does not take the message.
    board.answer(413).await;
    board.crawl_untold();
    // The next day the board calls its links otherwise.
    board.show_as("listing", &ads).await;
    board.answer(413).await;
    // That a run ends so is no success.
    let _ = board.place.run(["crawl", "board"]);
    let runs = board.place.run(["runs", "--json"]).records();
    assert_ne!(runs[0]["outcome"], "complete", "{runs:?}");

    let console = Console::serve(&board.place);
    let mut browser = Browser::start(&tools, "operator", &[&console.first_account]);
    browser.comes_to("message is dead");
    board.answer(200).await;
    browser.go_on();
    browser.ends();

    let file = fs::read_to_string(board.place.path("sources/board.toml")).unwrap();
    assert!(
        file.contains("a.listing") && file.contains("30 2 * * *"),
        "{file}"
    );
    let runs = board.place.run(["runs", "--json"]).records();
    assert_eq!(runs[0]["outcome"], "complete", "{runs:?}");
}
