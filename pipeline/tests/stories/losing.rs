//! A list that shows no ads any more, or counted pages that seem to end sooner: bad answers far more often than ads that are gone.

use serde_json::{Value, json};
use sightline_model::{Clock, RunOutcome};

use crate::{
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
};

use RunOutcome::{Complete, Partial};

/// How a run went, and how many listings are there and removed after it.
async fn after(machine: &Machine) -> (Option<RunOutcome>, usize, usize) {
    let run = machine.crawl().await;
    let [there, removed] = machine.listings().await;
    (run.outcome, there.len(), removed.len())
}

/// The links of a page, to two ads of its own.
fn links(page: u32, class: &str) -> String {
    let ads = [2 * page, 2 * page + 1];
    let links = ads.map(|ad| format!("<p><a class={class} href=\"/ad/{ad}\">{ad}</a></p>"));
    links.concat()
}

/// So many pages of two ads each, with links to the next; nothing behind them.
fn site_of(site: &Site, pages: u32) {
    for page in 1..=pages {
        write(site, page, "ad");
    }
    site.remove(&format!("/l/{}.html", pages + 1));
}

fn write(site: &Site, page: u32, class: &str) {
    let next = format!("<a class=next href=\"/l/{}.html\">next</a>", page + 1);
    site.write(&format!("/l/{page}.html"), &(links(page, class) + &next));
    write_ads(site, page);
}

fn write_ads(site: &Site, page: u32) {
    for ad in [2 * page, 2 * page + 1] {
        let ad_page = format!("<div id=ad><h1>Rose {ad}</h1></div>");
        site.write(&format!("/ad/{ad}"), &ad_page);
    }
}

fn settings(site: &Site, list: Value) -> Value {
    source(json!({
        "start": [site.url("/l/1.html")],
        "list": list,
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
    }))
}

fn counted(site: &Site) -> Value {
    settings(
        site,
        json!({ "links": ["a.ad"], "page_url": "/l/{page}.html" }),
    )
}

/// Takes the pages of the ads of these pages away.
fn take_ads(site: &Site, pages: std::ops::RangeInclusive<u32>) {
    for ad in 2 * pages.start()..2 * pages.end() + 2 {
        site.remove(&format!("/ad/{ad}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_leads_on_but_shows_no_ads_any_more_is_waited_for() {
    for broken in [1, 2] {
        let (site, place) = (Site::start().await, Place::new());
        site_of(&site, 3);
        site.write("/l/3.html", &links(3, "ad"));
        let by_next = settings(&site, json!({ "links": ["a.ad"], "next": ["a.next"] }));
        let machine = place.machine("one", START, &by_next).await;
        assert_eq!(after(&machine).await, (Some(Complete), 6, 0));

        // The site is rebuilt: the links to ads have another class there, and no selector finds them.
        write(&site, broken, "card");
        for _ in 0..3 {
            machine.clock.advance(24 * HOUR);
            assert_eq!(after(&machine).await, (Some(Partial), 6, 0), "{broken}");
        }
        machine.clock.advance(14 * 24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Complete), 6, 0), "{broken}");
        // The ads answer still, and are believed to be gone three days later.
        machine.clock.advance(3 * 24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Complete), 4, 2), "{broken}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_has_taken_from_the_profile_is_not_waited_for() {
    let (site, place) = (Site::start().await, Place::new());
    site_of(&site, 2);
    site.write("/l/2.html", &links(2, "ad"));
    let record = json!({ "root": "p", "title": "a", "link": "a", "key": { "url": "/(ad/\\w+)$" } });
    let by_records = json!({ "next": ["a.next"], "record": record });
    let by_links = json!({ "links": ["a.ad"], "next": ["a.next"] });
    let mut now = START;
    // What stands on the list has other keys than the ads' own pages.
    for (name, list, there, removed) in [
        ("one", &by_links, 4, 0),
        // Their own pages answer still.
        ("two", &by_records, 8, 0),
        ("three", &by_links, 4, 4),
    ] {
        let machine = place
            .machine(name, now, &settings(&site, list.clone()))
            .await;
        let end = (Some(Complete), there, removed);
        assert_eq!(after(&machine).await, end, "{name}");
        now = machine.clock.now() + HOUR;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counted_page_that_led_further_does_not_end_the_pages_by_one_bad_answer() {
    for says_so in [false, true] {
        let (site, place) = (Site::start().await, Place::new());
        site_of(&site, 5);
        let machine = place.machine("one", START, &counted(&site)).await;
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0));

        let break_second = || match says_so {
            true => site.remove("/l/2.html"),
            false => site.write("/l/2.html", "<p>Sorry, something went wrong</p>"),
        };
        break_second();
        for _ in 0..3 {
            machine.clock.advance(24 * HOUR);
            assert_eq!(after(&machine).await, (Some(Partial), 10, 0), "{says_so}");
        }
        // Mended, it is as it was; broken again, it is waited for anew.
        site_of(&site, 5);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0), "{says_so}");
        break_second();
        machine.clock.advance(24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Partial), 10, 0), "{says_so}");
        take_ads(&site, 2..=5);
        machine.clock.advance(14 * 24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Complete), 2, 8), "{says_so}");
        assert_eq!(after(&machine).await, (Some(Complete), 2, 8), "{says_so}");
        // What stood behind it is not waited for once more as the site grows again.
        site.write("/l/2.html", &links(2, "ad"));
        write_ads(&site, 2);
        site.remove("/l/3.html");
        assert_eq!(after(&machine).await, (Some(Complete), 4, 6), "{says_so}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_of_counted_pages_is_waited_for_a_day() {
    // Of the pages a tenth may be missing at the end, and one at least.
    for (pages, left, wait) in [(2, 1, 1), (5, 4, 1), (5, 3, 14), (21, 19, 1), (21, 18, 14)] {
        let (site, place) = (Site::start().await, Place::new());
        site_of(&site, pages);
        let machine = place.machine("one", START, &counted(&site)).await;
        let (all, kept) = (2 * pages as usize, 2 * left as usize);
        assert_eq!(after(&machine).await, (Some(Complete), all, 0));

        site.remove(&format!("/l/{}.html", left + 1));
        take_ads(&site, left + 1..=pages);
        let case = format!("{left} of {pages}");
        assert_eq!(after(&machine).await, (Some(Partial), all, 0), "{case}");
        machine.clock.advance(24 * HOUR * (wait - 1));
        assert_eq!(after(&machine).await, (Some(Partial), all, 0), "{case}");
        machine.clock.advance(24 * HOUR);
        let end = (Some(Complete), kept, all - kept);
        assert_eq!(after(&machine).await, end, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_end_sooner_day_by_day_are_believed_one_by_one() {
    let (site, place) = (Site::start().await, Place::new());
    site_of(&site, 5);
    let machine = place.machine("one", START, &counted(&site)).await;
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    for last in [4, 3] {
        machine.clock.advance(24 * HOUR);
        site.remove(&format!("/l/{}.html", last + 1));
        take_ads(&site, last + 1..=last + 1);
        assert_eq!(after(&machine).await, (Some(Partial), 10, 0), "{last}");
    }
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 6, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_held_records_and_holds_none_is_waited_for() {
    let record = json!({
        "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
    });
    let paged = json!({ "record": record, "page_url": "/{page}" });
    // Two pages to start from; or the third of four that are counted.
    for (start, list, broken) in [
        (
            vec!["/1", "/2", "/3", "/4"],
            json!({"record": record}),
            "/2",
        ),
        (vec!["/1"], paged, "/3"),
    ] {
        let (site, place) = (Site::start().await, Place::new());
        for page in ["1", "2", "3", "4"] {
            site.list(&format!("/{page}"), &[page, &format!("also{page}")]);
        }
        let start: Vec<String> = start.iter().map(|path| site.url(path)).collect();
        let settings = source(json!({ "start": start, "list": list }));
        let machine = place.machine("one", START, &settings).await;
        assert_eq!(after(&machine).await, (Some(Complete), 8, 0), "{broken}");

        site.write(broken, "<h1>Maintenance, please come back later</h1>");
        for _ in 0..3 {
            machine.clock.advance(24 * HOUR);
            assert_eq!(after(&machine).await, (Some(Partial), 8, 0), "{broken}");
        }
        machine.clock.advance(14 * 24 * HOUR);
        let (outcome, there, removed) = after(&machine).await;
        assert_eq!((outcome, there + removed), (Some(Complete), 8), "{broken}");
        assert!(removed >= 2, "{broken}");
    }
}
