//! The console as people use it: days of theirs in a browser, against the served program.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Child, Stdio},
};

use crate::{
    board::Board,
    program::{Place, command},
    support::{Tools, browser::Browser},
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
