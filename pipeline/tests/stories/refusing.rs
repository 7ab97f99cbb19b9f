//! Sites that ask to wait: what a page that always does costs its site's other pages (a minute, and nothing else), and what is
//! said of a site that wants to be asked slowly.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use sightline_model::{
    Clock, HostState, Outcome, RunOutcome, RunState, Told, VisitKind, VisitState, visit::host_of,
};
use sightline_pipeline::{
    bench::{Failed, fetch},
    notices::tell_operators,
    plan::plan,
    progress::Event,
    settings::WorkSettings,
};
use sightline_store::{Filter, hosts, notices, runs, visits};
use url::Url;

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

/// What nine days of a site that refuses come to: how often it was asked on each day, and what was told when, in hours.
#[derive(Debug, Default)]
struct Days {
    asked: [usize; 9],
    told: Vec<(u64, String)>,
    /// The longest that a run was open, in hours.
    longest: u64,
    outcomes: Vec<RunOutcome>,
}

/// Plans and works as the service does, each half hour of nine days, a source that is due each `hours`.
async fn nine_days(site: &Site, hours: u32) -> Days {
    let place = Place::new();
    let source = source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
        "schedule": { "every": format!("{hours}h") },
    }));
    let work = WorkSettings {
        visits_per_host: 1,
        ..WorkSettings::default()
    };
    let machine = place.machine_at("one", START, &source, work).await;
    let mut days = Days::default();
    for half in 0..9 * 48 {
        plan(&machine.instance).await.unwrap();
        let mut tx = machine.read().await;
        let open = runs::unfinished(&mut tx, None).await.unwrap();
        drop(tx);
        for run in open.iter().filter(|run| run.state == RunState::Running) {
            machine.work_for(run.id, Duration::ZERO).await;
            let age = machine.clock.now().since(run.planned_at).as_secs() / 3_600;
            days.longest = days.longest.max(age);
        }
        tell_operators(&machine.instance).await.unwrap();
        days.asked[half / 48] += site.asked().await.len();
        let mut tx = machine.read().await;
        for notice in notices::open(&mut tx).await.unwrap() {
            let Told::Fault(fault) = notice.told else {
                panic!("a review");
            };
            if days.told.len() < usize::try_from(notice.batch).unwrap() {
                days.told.push((half as u64 / 2, fault.what));
            }
        }
        drop(tx);
        machine.clock.advance(HOUR / 2);
    }
    let filter = Filter {
        limit: 1_000,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    let ended = runs::list(&mut tx, &filter).await.unwrap();
    days.outcomes = ended.into_iter().filter_map(|run| run.outcome).collect();
    days
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_is_not_blinded_in_silence_whatever_its_site_asks_for() {
    // What refuses and for how long, how often the source is due, when it is told of at the latest, in hours, and how often the
    // site is asked on a day, at the most.
    for (path, seconds, every, told_by, at_most) in [
        ("/", Some(86_400), 1, 3, 2),
        // Due at midnight, fourteen hours after the beginning; asked a day later.
        ("/", Some(86_400), 24, 14 + 25, 3),
        ("/", Some(2), 6, 24, 9 * 4),
        ("/", None, 6, 24, 9 * 4),
        ("/ad/0", Some(86_400), 1, 30, 5),
        ("/robots.txt", Some(86_400), 24, 14 + 73, 3),
    ] {
        let site = Site::start().await;
        ads(&site, "Rose");
        site.refuse_for(path, seconds);
        if path == "/ad/0" {
            for ad in 0..ADS {
                site.refuse_for(&format!("/ad/{ad}"), seconds);
            }
        }
        let days = nine_days(&site, every).await;
        let named = format!("{path} {seconds:?} each {every} h: {days:?}");
        let Some((hour, what)) = days.told.first() else {
            panic!("{named}");
        };
        assert!(*hour <= told_by && what.contains("ads"), "{named}");
        // A run may have waited a day for a host that earlier ones had asked, and then for what it asked itself.
        assert!(days.longest <= 49, "{named}");
        assert!(days.asked.iter().all(|asked| *asked <= at_most), "{named}");
        let ended = |outcome: &RunOutcome| *outcome != RunOutcome::Skipped;
        assert!(
            days.outcomes.iter().filter(|one| ended(one)).count() >= 3,
            "{named}"
        );
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

/// The page of somebody at the bench, whose host's next turn is so far ahead.
async fn tried(machine: &Machine, url: &Url, ahead: Duration) -> Result<Option<u16>, Failed> {
    let mut tx = machine.write().await;
    let state = HostState {
        host: host_of(url),
        next_at: machine.clock.now() + ahead,
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", &[state]).await.unwrap();
    tx.commit().await.unwrap();
    let fetched = fetch(&machine.instance, &machine.watched, url, VisitKind::List).await;
    fetched.unwrap().map(|came| came.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_tries_a_page_waits_for_its_host_and_for_no_clock_that_was_set_back() {
    let (site, place) = (Site::start().await, Place::new());
    ads(&site, "Rose");
    let machine = machine(&place, &site).await;
    let url = site.url("/").parse().unwrap();
    let set_back = tried(&machine, &url, HOUR * 48).await;
    assert_eq!(set_back, Ok(Some(200)));
    let busy = tried(&machine, &url, Duration::from_secs(60)).await;
    let busy = busy.unwrap_err();
    assert_eq!(busy.outcome, Outcome::RateLimited);
    assert!(
        busy.detail
            .starts_with("the host is to be left alone until 2"),
        "{}",
        busy.detail
    );
}
