//! What a listing that stands on two pages needs to be removed, and what a run removes whatever the machines' clocks say.

use serde_json::{Value, json};
use sightline_model::RunOutcome;
use sightline_pipeline::source::SourceSettings;

use crate::support::{HOUR, Place, START, Site};

/// Two lists that hold the records themselves.
fn two_lists(site: &Site) -> Value {
    source(json!({
        "start": [site.url("/north"), site.url("/south")],
        "list": { "record": {
            "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
        } },
    }))
}

/// A list that leads to listings' own pages, whose last part is their key.
fn own_pages(site: &Site) -> Value {
    source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
    }))
}

/// A source that is not polite, with what is said of it.
pub fn source(mut said: Value) -> Value {
    let default = serde_json::to_value(SourceSettings::default()).unwrap();
    said["politeness"] = json!({ "unlimited": true });
    let mut whole = default;
    for (key, value) in said.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_page_drops_and_the_other_still_has_is_there() {
    let (site, place) = (Site::start().await, Place::new());
    site.list("/north", &["both", "north"]);
    site.list("/south", &["both", "south"]);
    let machine = place.machine("one", START, &two_lists(&site)).await;
    assert_eq!(machine.crawl().await.counts.listings_new, 3);

    // The north drops it; the south answers 304.
    site.list("/north", &["north"]);
    let run = machine.crawl().await;
    assert_eq!(run.outcome, Some(RunOutcome::Complete));
    assert_eq!((run.counts.unchanged, run.counts.listings_removed), (1, 0));
    assert_eq!(
        machine.listings().await,
        [vec!["both", "north", "south"], vec![]]
    );
    // Neither page changed any more.
    let run = machine.crawl().await;
    assert_eq!((run.counts.unchanged, run.counts.listings_removed), (2, 0));

    // Now the south drops it, too, and later takes it back.
    site.list("/south", &["south"]);
    assert_eq!(machine.crawl().await.counts.listings_removed, 1);
    assert_eq!(
        machine.listings().await,
        [vec!["north", "south"], vec!["both"]]
    );
    site.list("/south", &["both", "south"]);
    let run = machine.crawl().await;
    assert_eq!(
        (run.counts.listings_new, run.counts.listings_removed),
        (0, 0)
    );
    assert_eq!(
        machine.listings().await,
        [vec!["both", "north", "south"], vec![]]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_both_pages_drop_at_once_is_removed() {
    let (site, place) = (Site::start().await, Place::new());
    site.list("/north", &["both", "north"]);
    site.list("/south", &["both", "south"]);
    let machine = place.machine("one", START, &two_lists(&site)).await;
    machine.crawl().await;
    site.list("/north", &["north"]);
    site.list("/south", &["south"]);
    assert_eq!(machine.crawl().await.counts.listings_removed, 1);
    assert_eq!(
        machine.listings().await,
        [vec!["north", "south"], vec!["both"]]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_gone_takes_along_what_stands_nowhere_else() {
    let (site, place) = (Site::start().await, Place::new());
    let ad = |name| format!("<div id=ad><h1>Rose, {name}</h1></div>");
    let pages = ["/cars/1", "/sale/1", "/cars/2", "/cars/3"];
    let links: String = pages
        .iter()
        .map(|page| format!("<a class=ad href=\"{page}\">x</a>"))
        .collect();
    site.write("/", &links);
    for page in pages {
        site.write(page, &ad(&page[6..]));
    }
    let machine = place.machine("one", START, &own_pages(&site)).await;
    assert_eq!(machine.crawl().await.counts.listings_new, 3);

    site.remove("/cars/1");
    site.remove("/cars/2");
    let run = machine.crawl().await;
    assert_eq!(run.counts.listings_removed, 1);
    assert_eq!(machine.listings().await, [vec!["1", "3"], vec!["2"]]);

    // In a run that did not see everything, a listing whose last page is gone is gone all the same.
    site.remove("/sale/1");
    site.write("/", &(links + "<a class=ad href=\"/empty\">x</a>"));
    site.write("/empty", "");
    let run = machine.crawl().await;
    assert_eq!(run.outcome, Some(RunOutcome::Partial));
    assert_eq!(machine.listings().await, [vec!["3"], vec!["1", "2"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_may_differ_about_the_time() {
    for ahead in ["the planner", "the fetcher"] {
        let (site, place) = (Site::start().await, Place::new());
        site.list("/north", &["stays", "goes"]);
        site.list("/south", &["south"]);
        let source = two_lists(&site);
        let (here, there) = match ahead {
            "the planner" => (START + HOUR, START),
            _ => (START, START + HOUR),
        };
        let planner = place.machine("plans", here, &source).await;
        let fetcher = place.machine("fetches", there, &source).await;
        for removed in [0, 1, 0] {
            let run = planner.plan().await;
            // What is due by one clock is due by the other an hour later.
            fetcher.clock.advance(HOUR);
            let run = fetcher.work(run).await;
            assert_eq!(run.outcome, Some(RunOutcome::Complete), "{ahead} is ahead");
            assert_eq!(run.counts.listings_removed, removed, "{ahead} is ahead");
            planner.clock.advance(HOUR / 4);
            site.list("/north", &["stays"]);
        }
        assert_eq!(
            fetcher.listings().await,
            [vec!["south", "stays"], vec!["goes"]]
        );
    }
}
