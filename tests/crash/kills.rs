//! A machine that is killed in between: nothing is lost, what is repeated can be told by its identifier, and no more pages
//! are fetched again than were under way.
//!
//! The same judge must find fault where a promise is broken on purpose: see the second story.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{
    judge::{Channel, Seen, bare},
    machine::wait,
    random::Random,
    rounds::rounds,
    watching::{Watching, text},
};

/// Requests that the site takes at once: what a kill may have fetched again.
const CONCURRENCY: usize = 4;
/// Entries that are found on the site, each of which makes an alert with two deliveries.
const WATCHED: usize = 10;
/// How often it is killed in the crawl, and again in the delivery, in the short form: twice in each manner.
const KILLS: usize = 6;
/// How often it is looked whether a run is over. Looking more often would take the time of what is looked at.
const LOOK: Duration = Duration::from_millis(100);

#[test]
fn kills_at_any_point_lose_nothing_and_repeat_little() {
    let kills = rounds("KILLS", KILLS);
    let Some(mut machine) = Machine::start() else {
        return;
    };
    machine.crawl_with_kills(kills, None);
    machine.deliver_with_kills(kills, None);
    let seen = machine.seen();
    eprintln!("{seen}");
    assert_eq!(seen.faults(), [""; 0]);
    assert!(machine.in_delivery > 0, "no kill met a delivery");
    machine.is_whole();
}

#[test]
fn the_judge_sees_what_is_lost_and_what_is_repeated() {
    let Some(mut machine) = Machine::start() else {
        return;
    };
    machine.crawl_with_kills(2, Some(Breach::ForgetsWhatItFetched));
    machine.deliver_with_kills(2, Some(Breach::SettlesBeforeItSends));
    let faults = machine.seen().faults();
    for fault in ["fetched again", "webhooks are lost", "letters are lost"] {
        let is_found = faults.iter().any(|found| found.contains(fault));
        assert!(is_found, "'{fault}' is not among {faults:?}");
    }
}

/// A promise that is broken on purpose, at each kill.
#[derive(Clone, Copy)]
enum Breach {
    /// As if visits were not ended in the commit that stores what they found.
    ForgetsWhatItFetched,
    /// As if a message were taken from the outbox before it is sent.
    SettlesBeforeItSends,
}

impl Breach {
    fn sql(self) -> &'static str {
        match self {
            Self::ForgetsWhatItFetched => {
                "UPDATE visit SET state = 'due', finished_at = NULL WHERE kind = 'detail'"
            }
            Self::SettlesBeforeItSends => {
                "UPDATE delivery SET state = 'delivered', delivered_at = 0 WHERE state <> 'delivered'"
            }
        }
    }
}

/// The site, the receivers and the instance, with what was done to it.
struct Machine {
    watching: Watching,
    runtime: Runtime,
    random: Random,
    /// Requests that a crawl of the whole site takes, about.
    requests: usize,
    /// Kills in the crawl, and in the delivery.
    crawls: usize,
    deliveries: usize,
    /// Kills that fell between a message's coming and its receipt.
    in_delivery: usize,
}

impl Machine {
    fn start() -> Option<Self> {
        let watching = Watching::start()?;
        let truth = watching.site.truth();
        let emails: BTreeSet<&str> = truth
            .iter()
            .flat_map(|ad| &ad.selectors)
            .filter(|one| one.kind == "email")
            .map(|one| one.canonical.as_str())
            .take(WATCHED)
            .collect();
        let entries: Vec<(&str, &str)> = emails.iter().map(|email| ("email", *email)).collect();
        watching.watch(&entries);
        let images: usize = truth.iter().map(|ad| ad.images.len()).sum();
        Some(Self {
            requests: truth.len() + truth.len() / 10 + images,
            watching,
            runtime: Runtime::new().unwrap(),
            random: Random(20_261_123),
            crawls: 0,
            deliveries: 0,
            in_delivery: 0,
        })
    }

    /// Crawls the site once, killed again and again, each time after some more of its requests; then to the end. No message
    /// gets through meanwhile.
    fn crawl_with_kills(&mut self, kills: usize, breach: Option<Breach>) {
        self.watching.hook.hang();
        self.watching.mailbox.answer(&[("DATA", "451 later")]);
        let stretch = (2 * self.requests / kills) as u64;
        for kill in 0..=kills {
            let before = self.watching.site.requests();
            let more = match kill == kills {
                false => self.random.below(stretch) as usize,
                true => usize::MAX,
            };
            let mut crawl = self
                .watching
                .place
                .spawn(&["crawl", "classified"], "crawl.log");
            let mut is_over = false;
            let mut looked = Instant::now();
            wait(|| {
                // A run is over before its messages are sent: the last kill falls in between.
                if kill > 0 && looked.elapsed() > LOOK {
                    is_over = self.count("run WHERE state <> 'finished'") == 0;
                    looked = Instant::now();
                }
                let asked = self.watching.site.requests() - before;
                is_over || asked > more || crawl.try_wait().unwrap().is_some()
            });
            if kill < kills {
                thread::sleep(Duration::from_millis(self.random.below(40)));
            }
            // SIGKILL.
            _ = crawl.kill();
            crawl.wait().unwrap();
            self.crawls += 1;
            if is_over {
                break;
            }
            if let Some(breach) = breach.filter(|_| kill < kills) {
                self.sql(breach.sql());
            }
        }
        assert_eq!(self.count("run WHERE state <> 'finished'"), 0);
        assert_eq!(self.count("run"), 1);
    }

    /// Delivers, killed again and again: while a receiver has a message and does not answer, once it has, and anywhere.
    fn deliver_with_kills(&mut self, kills: usize, breach: Option<Breach>) {
        for kill in 0..kills {
            let manner = kill * 3 / kills;
            if manner > 0 {
                self.watching.hook.answer(204, &[]);
                self.watching.mailbox.answer(&[]);
            }
            // What is tried again later is due now.
            self.sql("UPDATE delivery SET next_at = 0 WHERE state = 'pending'");
            let before = self.received();
            let mut deliver = self.watching.place.spawn(&["deliver"], "deliver.log");
            if manner == 2 {
                thread::sleep(Duration::from_millis(self.random.below(1_000)));
            } else {
                wait(|| self.received() > before || deliver.try_wait().unwrap().is_some());
            }
            _ = deliver.kill();
            let ended = deliver.wait().unwrap();
            self.deliveries += 1;
            self.in_delivery += usize::from(!ended.success() && self.received() > before);
            if let Some(breach) = breach {
                self.sql(breach.sql());
            }
        }
        self.watching.hook.answer(204, &[]);
        self.watching.mailbox.answer(&[]);
        self.sql("UPDATE delivery SET next_at = 0 WHERE state = 'pending'");
        self.watching.place.run(["deliver"]).ok();
    }

    /// How many messages came to the receivers.
    fn received(&self) -> usize {
        self.watching.hook.received().len() + self.watching.mailbox.letters().len()
    }

    fn sql(&self, text: &str) {
        self.runtime.block_on(async {
            let mut store = self.store().await;
            sqlx::raw_sql(AssertSqlSafe(text))
                .execute(&mut store)
                .await
                .unwrap();
            store.close().await.unwrap();
        });
    }

    fn count(&self, what: &str) -> i64 {
        let text = format!("SELECT count(*) FROM {what}");
        self.runtime.block_on(async {
            let mut store = self.store().await;
            let row = sqlx::raw_sql(AssertSqlSafe(text))
                .fetch_one(&mut store)
                .await;
            store.close().await.unwrap();
            row.unwrap().get(0)
        })
    }

    async fn store(&self) -> SqliteConnection {
        let file = self.watching.place.path("data/sightline.db");
        SqliteConnection::connect(&format!("sqlite:{}", file.display()))
            .await
            .unwrap()
    }

    fn seen(&self) -> Seen {
        let Watching {
            site,
            hook,
            mailbox,
            ..
        } = &self.watching;
        let mut fetched = BTreeMap::<String, usize>::new();
        let log = site.access_log().into_iter();
        for request in log.filter(|one| {
            let agent = one.user_agent.as_deref().unwrap_or_default();
            agent.starts_with("Sightline/") && one.path != "/robots.txt"
        }) {
            *fetched.entry(request.path).or_default() += 1;
        }
        let received = hook.received();
        assert!(received.iter().all(|one| one.verified));
        let letters = mailbox.letters();
        let deliveries = self.watching.records("deliveries");
        let channel = |name, what, came| {
            let of_it = deliveries.iter().filter(|one| text(one, "channel") == name);
            Channel {
                what,
                expected: WATCHED,
                sent: of_it.map(|one| text(one, "id").to_owned()).collect(),
                came,
            }
        };
        let hooks = received.iter();
        let hooks = hooks.map(|one| {
            (
                bare(one.id.as_deref().unwrap_or_default()),
                one.status == 204,
            )
        });
        let letters = letters.iter();
        let letters = letters.map(|one| (bare(one.header("Message-ID").unwrap_or_default()), true));
        Seen {
            crawls: self.crawls,
            deliveries: self.deliveries,
            concurrency: CONCURRENCY,
            fetched,
            channels: vec![
                channel("cases", "webhooks", hooks.collect()),
                channel("desk", "letters", letters.collect()),
            ],
        }
    }

    /// All that is stored and kept is as if nothing had happened.
    fn is_whole(&self) {
        let watching = &self.watching;
        let listings = watching.records("listings");
        assert_eq!(listings.len(), watching.site.truth().len());
        let is_first = |listing: &serde_json::Value| listing["version"] == 1;
        assert!(
            listings.iter().all(is_first),
            "no reading is half of another"
        );
        assert_eq!(
            watching.records("alerts").len(),
            WATCHED,
            "one for each entry"
        );
        let deliveries = watching.records("deliveries");
        assert!(
            deliveries
                .iter()
                .all(|one| text(one, "state") == "delivered"),
            "{deliveries:?}"
        );
        for file in watching.archive() {
            let mut judge = std::process::Command::new(watching.tools.python("warcio"));
            let judged = judge.arg("check").arg(&file).output().unwrap();
            let found = String::from_utf8_lossy(&judged.stdout);
            assert!(judged.status.success(), "{found}");
        }
        watching.place.run(["doctor"]).ok();
    }
}
