//! An instance that watches the listing site, with a mailbox and a webhook receiver to tell: what the stories share.

// Each test binary that includes this uses some of it.
#![allow(dead_code)]

use std::path::PathBuf;

use serde_json::Value;

use crate::{
    program::{Ended, Place},
    support::{Tools, hook::Hook, mailbox::Mailbox, site::Site},
};

/// The secret that webhooks are signed with; of no worth outside the tests.
const SECRET: &str = "whsec_c2lnaHRsaW5lLXRlc3RzLW9ubHktMDEyMzQ1Njc4OQ==";

/// The site, the receivers, and an instance between them.
pub struct Watching {
    pub site: Site,
    pub mailbox: Mailbox,
    pub hook: Hook,
    pub place: Place,
    pub tools: Tools,
}

impl Watching {
    /// Everything, started anew; none where the tools are not installed.
    pub fn start() -> Option<Self> {
        let tools = Tools::find()?;
        let place = Place::empty();
        let site = Site::start(&tools, &place.path("site"));
        let mailbox = Mailbox::start(&tools, &place.path("mail"));
        let hook = Hook::start(&tools, &place.path("hook"), SECRET);
        let watching = Self {
            site,
            mailbox,
            hook,
            place,
            tools,
        };
        watching.configure(
            "sqlite:data/sightline.db",
            "unlimited = true\nconcurrency = 4",
            "",
        );
        Some(watching)
    }

    /// Writes the settings, with this store, politeness and schedule.
    pub fn configure(&self, store: &str, politeness: &str, schedule: &str) {
        let profile = include_str!("../../extractors/testdata/classified.profile.toml");
        std::fs::create_dir_all(self.place.path("sources")).unwrap();
        self.place.write("secret", SECRET);
        self.place.write(
            "sightline.toml",
            &format!(
                r#"
                store.url = "{store}"
                fetch.contact = "crawling@example.org"
                egress.allow_networks = ["127.0.0.0/8"]

                [channels.desk]
                kind = "email"
                host = "127.0.0.1"
                port = {port}
                encryption = "none"
                allow_unencrypted = true
                from = "Sightline <sightline@example.org>"
                to = ["desk@example.org"]

                [channels.cases]
                kind = "webhook"
                url = "{hook}"
                allow_unencrypted = true
                secret_file = "secret"
                "#,
                port = self.mailbox.port(),
                hook = self.hook.url(),
            ),
        );
        self.place.write(
            "sources/classified.toml",
            &format!(
                "start = [\"{base}/\"]\nregion = \"US\"\n{profile}\n[politeness]\n{politeness}\n[schedule]\n{schedule}\n",
                base = self.site.base(),
            ),
        );
        self.place.run(["check"]).ok();
    }

    /// Makes the watchlist of these stories, told to both channels, with these entries.
    pub fn watch(&self, entries: &[(&str, &str)]) {
        self.place
            .run([
                "watchlist",
                "create",
                "missing",
                "--purpose",
                "find missing persons",
                "--legal-basis",
                "consent of the family",
                "--owner",
                "A. Analyst",
                "--category",
                "victim",
                "--review-days",
                "90",
                "--channel",
                "desk",
                "--channel",
                "cases",
            ])
            .ok();
        for (kind, value) in entries {
            self.place
                .run(["watchlist", "add", "missing", kind, value])
                .ok();
        }
    }

    /// An e-mail address that ads of the site show, in canonical form.
    pub fn an_email(&self) -> String {
        let truth = self.site.truth();
        let mut selectors = truth.into_iter().flat_map(|ad| ad.selectors);
        let email = selectors.find(|one| one.kind == "email");
        email.expect("the site's ads have addresses").canonical
    }

    /// Crawls the site to the end.
    pub fn crawl(&self) -> Ended {
        self.place.run(["crawl", "classified", "--json"])
    }

    /// What `sightline NAME --json` prints.
    pub fn records(&self, name: &str) -> Vec<Value> {
        self.place
            .run([name, "--limit", "100000", "--json"])
            .records()
    }

    /// The WARC files of the instance.
    pub fn archive(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.place.path("data/archive")).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }
}

/// The text at this key of a record.
#[track_caller]
pub fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text '{key}' in {record}"))
}
