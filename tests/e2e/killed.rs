//! A machine that is killed in between: nothing is lost, and what is repeated can be told by its identifier.

use std::{collections::BTreeSet, thread, time::Duration};

use crate::watching::{Watching, text};

/// How often the crawl is killed.
const KILLS: u64 = 50;

#[test]
fn fifty_kills_lose_nothing_and_tell_nobody_twice() {
    let Some(watching) = Watching::start() else {
        return;
    };
    let truth = watching.site.truth();
    let watched: BTreeSet<&str> = truth
        .iter()
        .flat_map(|ad| &ad.selectors)
        .filter(|one| one.kind == "email")
        .map(|one| one.canonical.as_str())
        .take(10)
        .collect();
    let entries: Vec<(&str, &str)> = watched.iter().map(|email| ("email", *email)).collect();
    watching.watch(&entries);

    let mut random = Random(20_261_123);
    for _ in 0..KILLS {
        let mut crawl = watching.spawn(&["crawl", "classified"], "crawl.log");
        // From before the store is open to well into the crawl, and past its end into the delivery.
        thread::sleep(Duration::from_millis(random.below(1_200)));
        // SIGKILL. The crawl may be over already; then there is nothing to kill.
        _ = crawl.kill();
        crawl.wait().unwrap();
    }
    // What dead workers held comes back when their leases end.
    for _ in 0..60 {
        let ended = watching.crawl();
        let runs = watching.records("runs");
        if runs.iter().all(|run| text(run, "state") == "finished") && ended.status == 0 {
            break;
        }
        thread::sleep(Duration::from_secs(2));
    }
    watching.place.run(["deliver"]).ok();
    let listings = watching.records("listings");
    assert_eq!(listings.len(), truth.len());
    assert!(
        listings.iter().all(|listing| listing["version"] == 1),
        "no reading is half of another"
    );

    let alerts = watching.records("alerts");
    assert_eq!(alerts.len(), watched.len(), "one alert for each entry");
    let deliveries = watching.records("deliveries");
    assert_eq!(
        deliveries.len(),
        2 * watched.len(),
        "one delivery for each alert and channel"
    );
    assert!(
        deliveries
            .iter()
            .all(|one| text(one, "state") == "delivered"),
        "{deliveries:?}"
    );

    let ids = |channel| -> BTreeSet<String> {
        deliveries
            .iter()
            .filter(|one| text(one, "channel") == channel)
            .map(|one| text(one, "id").to_owned())
            .collect()
    };
    let received = watching.hook.received();
    assert!(received.iter().all(|one| one.verified));
    let hooks: BTreeSet<String> = received
        .iter()
        .filter_map(|one| bare(one.id.as_deref()?))
        .collect();
    assert_eq!(
        hooks,
        ids("cases"),
        "every webhook came, repeats under the same identifier"
    );
    let letters = watching.mailbox.letters();
    let mails: BTreeSet<String> = letters
        .iter()
        .filter_map(|letter| bare(letter.header("Message-ID")?))
        .collect();
    assert_eq!(
        mails,
        ids("desk"),
        "every letter came, repeats under the same identifier"
    );

    for file in watching.archive() {
        let mut judge = std::process::Command::new(watching.tools.python("warcio"));
        let judged = judge.arg("check").arg(&file).output().unwrap();
        assert!(
            judged.status.success(),
            "{}",
            String::from_utf8_lossy(&judged.stdout)
        );
    }
    watching.place.run(["doctor"]).ok();
}

/// The delivery's identifier in what a receiver got.
fn bare(id: &str) -> Option<String> {
    let is_id = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    id.split(|sign: char| !is_id(sign))
        .find(|part| part.len() == 36)
        .map(str::to_owned)
}

/// SplitMix64, so that a failing run can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}
