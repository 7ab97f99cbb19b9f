//! Sites that ask to wait: what a page that always does costs its site's other pages (a minute, and nothing else), and what is
//! said of a site that wants to be asked slowly.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use sightline_model::{Clock, Outcome, RunOutcome, VisitState};
use sightline_pipeline::{progress::Event, settings::WorkSettings};
use sightline_store::{Filter, visits};

use crate::{
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
};

const ADS: usize = 30;

/// Thirty ads; a text that differs makes all of them differ.
fn ads(site: &Site, text: &str) {
    let links: String = (0..ADS)
        .map(|ad| format!("<a class=ad href=\"/ad/{ad}\">{ad}</a>"))
        .collect();
    site.write("/", &links);
    for ad in 0..ADS {
        site.write(
            &format!("/ad/{ad}"),
            &format!("<div id=ad><h1>{text} {ad}</h1></div>"),
        );
    }
}

/// One visit at a time, so that nobody stands before the host's gate and waits by the real clock.
async fn machine(place: &Place, site: &Site) -> Machine {
    let source = source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
    }));
    let work = WorkSettings {
        visits_per_host: 1,
        ..WorkSettings::default()
    };
    place.machine_at("one", START, &source, work).await
}

fn times(asked: &[String]) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for path in asked {
        *times.entry(path.as_str()).or_default() += 1;
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_page_of_thirty_that_always_refuses() {
    let (site, place) = (Site::start().await, Place::new());
    ads(&site, "Rose");
    let machine = machine(&place, &site).await;
    assert_eq!(machine.crawl().await.counts.listings_new, ADS as i64);

    ads(&site, "Iris");
    site.refuse("/ad/7");
    machine.clock.advance(HOUR);
    site.asked().await;
    let run = machine.plan().await;
    let mut rounds = Vec::new();
    let ended = loop {
        let stands = machine.work_for(run, Duration::ZERO).await;
        rounds.push(site.asked().await);
        assert!(rounds.len() < 9, "{rounds:?}");
        if stands.outcome.is_some() {
            break stands;
        }
        // Not a second earlier than the site's minute is over.
        let asked_for = rounds.len();
        machine.clock.advance(Duration::from_secs(50));
        machine.work_for(run, Duration::ZERO).await;
        assert_eq!(site.asked().await, [""; 0], "after round {asked_for}");
        machine.clock.advance(Duration::from_secs(20));
    };

    // The first refusal holds the host back; then all others come first, and the page is asked twice more, by itself.
    let refused = "/ad/7".to_owned();
    assert_eq!(rounds.len(), 3, "{rounds:?}");
    assert_eq!(rounds[0].last(), Some(&refused), "{rounds:?}");
    assert_eq!(rounds[1].last(), Some(&refused), "{rounds:?}");
    assert_eq!(rounds[2], [refused.as_str()]);
    let asked = rounds.concat();
    for (path, times) in times(&asked) {
        assert_eq!(times, if path == refused { 3 } else { 1 }, "{path}");
    }
    assert_eq!(asked.len(), 1 + ADS + 2, "{rounds:?}");

    // It is said, and nothing is taken for gone.
    assert_eq!(ended.outcome, Some(RunOutcome::Partial));
    assert_eq!(ended.counts.listings_changed, ADS as i64 - 1);
    assert_eq!((ended.counts.failed, ended.counts.listings_removed), (1, 0));
    let [there, removed] = machine.listings().await;
    assert_eq!((there.len(), removed.len()), (ADS, 0));
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    let visits = visits::list(&mut tx, &filter, Some(run)).await.unwrap();
    let visit = visits
        .iter()
        .find(|visit| visit.url.path() == refused)
        .unwrap();
    assert_eq!((visit.state, visit.status), (VisitState::Done, Some(503)));
    assert_eq!(visit.outcome, Some(Outcome::RateLimited));
    assert!(visit.finished_at.unwrap() <= machine.clock.now());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_refuses_everything_is_left_alone_by_the_next_process_too() {
    let (site, place) = (Site::start().await, Place::new());
    ads(&site, "Rose");
    for ad in 0..ADS {
        site.refuse(&format!("/ad/{ad}"));
    }
    let mut machine = machine(&place, &site).await;
    let run = machine.plan().await;
    let mut waits = Vec::new();
    for _ in 0..4 {
        machine.work_for(run, Duration::ZERO).await;
        let asked = site.asked().await;
        let pages = asked.iter().filter(|path| path.starts_with("/ad/"));
        assert_eq!(pages.count(), 1, "{asked:?}");
        let mut tx = machine.read().await;
        let waiting = visits::waiting(&mut tx, &[run]).await.unwrap().remove(0);
        let until = waiting.backoff_until.unwrap();
        waits.push(until.since(machine.clock.now()).as_secs());
        drop(tx);
        // Another process comes, with nothing but what is stored.
        let now = until + Duration::from_secs(1);
        drop(machine);
        machine = self::machine(&place, &site).await;
        machine.clock.advance(now.since(machine.clock.now()));
    }
    for (nth, wait) in waits.iter().enumerate() {
        assert!((54 << nth..=66 << nth).contains(wait), "{waits:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crawl_says_that_a_site_wants_to_be_asked_slowly() {
    let (site, place) = (Site::start().await, Place::new());
    ads(&site, "Rose");
    site.write("/robots.txt", "</body>\nUser-agent: *\nCrawl-delay: 600\n");
    let machine = machine(&place, &site).await;
    let run = machine.plan().await;
    let is_slow = |event: &Event| matches!(event, Event::Slow(_));
    let Event::Slow(slow) = machine.work_until(run, is_slow).await else {
        panic!("another event");
    };
    assert_eq!(slow.host, site.url("").replace("http://", ""));
    assert_eq!(
        slow.delay.to_string(),
        "robots.txt asks for a Crawl-delay of 600 s, kept at 300 s: at most 288 pages a day"
    );
    // The start page waits behind robots.txt; what lies behind it is not known yet.
    assert_eq!((slow.visits, slow.takes()), (1, Duration::from_secs(300)));
    assert_eq!(site.asked().await, ["/robots.txt"]);
}
