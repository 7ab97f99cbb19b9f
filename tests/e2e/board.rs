//! A board of ads that a test writes itself, and an instance that watches it and puts its letters into a folder.

use std::sync::atomic::{AtomicU8, Ordering};

use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::program::Place;

/// The board, and the instance that watches it as the source `board`, region US.
pub struct Board {
    server: MockServer,
    /// How often the receiver was given another answer.
    answers: AtomicU8,
    pub place: Place,
}

impl Board {
    /// A board without ads, and an instance with the watchlist `missing`, told by letters in full.
    pub async fn open() -> Self {
        let server = MockServer::start().await;
        let place = Place::empty();
        for folder in ["sources", "letters"] {
            std::fs::create_dir(place.path(folder)).unwrap();
        }
        place.write(
            "sightline.toml",
            r#"
            store.url = "sqlite:data/sightline.db"
            fetch.contact = "crawling@example.org"
            egress.allow_networks = ["127.0.0.0/8"]

            [channels.mail]
            kind = "email"
            folder = "letters"
            from = "Sightline <alerts@example.org>"
            to = ["investigator@example.org"]
            detail = "full"
            "#,
        );
        place.write(
            "sources/board.toml",
            &format!(
                r#"
                enabled = true
                start = ["{}/"]
                region = "US"
                [schedule]
                every = "1d"
                [politeness]
                unlimited = true
                [list]
                links = ["a.ad"]
                [detail]
                title = "h1"
                "#,
                server.uri()
            ),
        );
        let create = "watchlist create missing --owner Analyst --category suspect --review-days 90 --channel mail";
        let terms = ["--purpose", "find people", "--legal-basis", "an order"];
        place.run(create.split(' ').chain(terms)).ok();
        Self {
            server,
            answers: AtomicU8::new(0),
            place,
        }
    }

    /// Puts these ads on the board in place of those before: each the HTML of its page's body.
    pub async fn show(&self, ads: &[String]) {
        self.show_as("ad", ads).await;
    }

    /// The same, with links that the board calls so: by another word than `ad` the source finds none.
    pub async fn show_as(&self, class: &str, ads: &[String]) {
        self.server.reset().await;
        let links: String = (1..=ads.len())
            .map(|number| format!("<a class={class} href='/ads/{number}'>{number}</a> "))
            .collect();
        self.serve("/", &links).await;
        for (number, ad) in (1..).zip(ads) {
            self.serve(&format!("/ads/{number}"), ad).await;
        }
    }

    /// Refuses every page from now on.
    pub async fn refuse(&self) {
        self.server.reset().await;
        let refused = Mock::given(method("GET")).respond_with(ResponseTemplate::new(403));
        refused.mount(&self.server).await;
    }

    /// Serves this body at a path, beside all that is served already.
    pub async fn serve(&self, at: &str, body: &str) {
        let page = format!("<!doctype html><title>Board</title><body>{body}</body>");
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_raw(page, "text/html; charset=utf-8"))
            .mount(&self.server)
            .await;
    }

    /// Answers so to messages that are posted to [`Self::hook`], in place of what it answered before.
    pub async fn answer(&self, status: u16) {
        let guard = Mock::given(method("POST"))
            .and(path("/hook"))
            .respond_with(ResponseTemplate::new(status))
            .with_priority(u8::MAX - self.answers.fetch_add(1, Ordering::Relaxed));
        guard.mount(&self.server).await;
    }

    /// Where a webhook's receiver is.
    pub fn hook(&self) -> String {
        format!("{}/hook", self.server.uri())
    }

    /// Puts an entry on the watchlist.
    pub fn watch(&self, kind: &str, value: &str) -> String {
        let add = ["watchlist", "add", "missing", kind, value, "--region", "US"];
        self.place.run(add).ok()
    }

    /// Crawls the board to its end.
    pub fn crawl(&self) {
        self.place.run(["crawl", "board"]).ok();
    }

    /// Crawls the board to its end, where a message does not get through: the exit status says so.
    #[track_caller]
    pub fn crawl_untold(&self) {
        let crawled = self.place.run(["crawl", "board"]);
        assert_eq!(crawled.status, 1, "{}\n{}", crawled.out, crawled.err);
    }

    /// The letters so far, in no order, each as it reads.
    pub fn letters(&self) -> Vec<String> {
        let letters = std::fs::read_dir(self.place.path("letters")).unwrap();
        letters
            .map(|letter| std::fs::read_to_string(letter.unwrap().path()).unwrap())
            .map(|letter| decoded(&letter.replace("=\r\n", "").replace("\r\n", "\n")))
            .collect()
    }
}

/// Quoted-printable (RFC 2045) undone, its soft line breaks apart.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        let (byte, length) = match escaped.filter(|_| first == b'=') {
            Some(byte) => (byte, 3),
            None => (first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    String::from_utf8(bytes).unwrap()
}
