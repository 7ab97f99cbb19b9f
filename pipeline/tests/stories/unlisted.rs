//! The page of an ad that no list leads to any more: what else comes there is nobody's ad, and how it answers says nothing of the run.

use serde_json::{Value, json};
use sightline_model::{
    Outcome,
    RunOutcome::{self, Complete},
};

use crate::{
    keys::wordings,
    missing::{after, by_links, links},
    repeating::asked,
    support::{HOUR, Machine, Place, START, Site},
};

const ADS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

const DAY: std::time::Duration = HOUR.saturating_mul(24);

/// A list of these ads, and their pages. What other ads have stays as it is.
fn write(site: &Site, ads: &[&str]) {
    site.write("/l/1.html", &links(ads));
    for ad in ads {
        site.write(&format!("/ad/{ad}"), &ad_page(ad));
    }
}

fn ad_page(ad: &str) -> String {
    format!("<div id=ad><h1>Rose {ad}</h1><p>The words of {ad} alone.</p></div>")
}

/// Every page is an ad, and its address is its key.
fn any_page(site: &Site) -> Value {
    let detail = json!({ "detail": { "title": "h1", "body": "p" } });
    by_links(site, &detail)
}

async fn crawled(site: &Site, place: &Place, settings: &Value) -> Machine {
    write(site, &ADS);
    let machine = place.machine("one", START, settings).await;
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    machine
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_the_place_of_an_ad_is_no_new_one() {
    for to in ["/l/1.html", "/expired", "/ad/a"] {
        // More of them are gone than are there: the same notice for most says nothing of the run.
        for left in [9, 3] {
            let (site, place) = (Site::start().await, Place::new());
            site.write("/expired", "<h1>Sorry</h1><p>This ad has expired.</p>");
            let machine = crawled(&site, &place, &any_page(&site)).await;
            write(&site, &ADS[..left]);
            for ad in &ADS[left..] {
                site.lead(&format!("/ad/{ad}"), to);
            }
            for _ in 0..2 {
                machine.clock.advance(DAY);
                let found = after(&machine).await;
                assert_eq!(found, (Some(Complete), left, 10 - left), "{to}");
            }
            assert_eq!(
                asked(&machine, "/ad/j").await,
                [Outcome::Fetched, Outcome::Gone],
                "{to}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_not_cut_off_by_what_it_asks_for_at_its_end() {
    let (site, place) = (Site::start().await, Place::new());
    let few = json!({ "scope": { "pages_per_run": 15 } });
    let machine = crawled(&site, &place, &by_links(&site, &few)).await;
    let others = ["k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
    write(&site, &others);
    site.asked().await;
    for there in [20, 20, 20, 10] {
        machine.clock.advance(DAY);
        let found = after(&machine).await;
        assert_eq!(found, (Some(Complete), there, 20 - there));
        // One less than the limit: a run that reaches it was cut off.
        let asked = site.asked().await;
        let pages = asked.iter().filter(|path| *path != "/robots.txt").count();
        assert_eq!(pages, if there == 20 { 14 } else { 11 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_that_lists_lead_to_is_on_them_whatever_its_page_answers() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = crawled(&site, &place, &by_links(&site, &json!({}))).await;
    site.forbid("/ad/j");
    for _ in 0..5 {
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(RunOutcome::Partial), 10, 0));
    }
    // On the day on which it answers again, the list lacks it.
    site.write("/ad/j", &ad_page("j"));
    site.write("/l/1.html", &links(&ADS[..9]));
    machine.clock.advance(DAY);
    assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
    let of_j = asked(&machine, "/ad/j").await;
    assert_eq!(of_j.last(), Some(&Outcome::Unchanged), "{of_j:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_that_lists_let_go_of_before_its_page_failed_is_counted_from_then() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = crawled(&site, &place, &by_links(&site, &json!({}))).await;
    let without = links(&ADS[..9]);
    for day in 0..6 {
        // Two days without, one on which the list leads to it and its page fails, and so on.
        let is_led_to = day % 3 == 2;
        match is_led_to {
            true => {
                site.forbid("/ad/j");
                site.write("/l/1.html", &links(&ADS));
            }
            false => {
                site.write("/ad/j", &ad_page("j"));
                site.write("/l/1.html", &without);
            }
        }
        machine.clock.advance(DAY);
        let (_, there, removed) = after(&machine).await;
        assert_eq!((there, removed), (10, 0), "{day}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_the_page_of_an_ad_that_left_the_lists_fails_says_nothing_of_the_run() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = crawled(&site, &place, &by_links(&site, &json!({}))).await;
    write(&site, &ADS[..8]);
    site.forbid("/ad/i");
    site.lead("/ad/j", "http://127.0.0.2:9/elsewhere");
    for (there, removed) in [(10, 0), (10, 0), (10, 0), (8, 2)] {
        machine.clock.advance(DAY);
        let found = after(&machine).await;
        assert_eq!(found, (Some(Complete), there, removed));
    }
    assert_eq!(asked(&machine, "/ad/i").await[1..], [Outcome::Forbidden; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_that_moved_is_asked_where_it_stands_now() {
    // To an address that lists lead to, or that it sends its readers on to.
    for to in ["/new/j", "/new/to/j"] {
        let (site, place) = (Site::start().await, Place::new());
        let machine = crawled(&site, &place, &by_links(&site, &json!({}))).await;
        site.write("/l/1.html", &links(&ADS).replace("/ad/j", "/new/j"));
        if to != "/new/j" {
            site.lead("/new/j", to);
        }
        site.write(to, &ad_page("j"));
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
        // Its old page is somebody else's by now, and is not asked.
        site.write("/ad/j", "<div id=ad><h1>Lily</h1>Quite another ad.</div>");
        write(&site, &ADS[..9]);
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
        assert_eq!(asked(&machine, "/ad/j").await, [Outcome::Fetched]);
        let of_new = asked(&machine, "/new/j").await;
        assert_eq!(of_new, [Outcome::Fetched, Outcome::Unchanged]);
        assert_eq!(wordings(&machine).await, [1; 10]);
        // A list leads there, and it answers that it is gone: that counts, and the old page is not asked either.
        write(&site, &ADS[..9]);
        site.write("/l/1.html", &links(&ADS).replace("/ad/j", "/new/j"));
        site.remove("/new/j");
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(Complete), 9, 1));
        assert_eq!(asked(&machine, "/ad/j").await, [Outcome::Fetched]);
        // It moves back, to a page that was known before.
        site.write("/ad/j", &ad_page("j"));
        write(&site, &ADS);
        machine.clock.advance(DAY);
        assert_eq!(after(&machine).await, (Some(Complete), 10, 0));
        assert_eq!(wordings(&machine).await, [1; 10]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_for_all_makes_no_other_ad_a_wording_of_one_that_left() {
    let (site, place) = (Site::start().await, Place::new());
    let shared = json!({ "detail": { "root": "#ad", "title": "h1", "key": { "url": "/a(d)/" } } });
    write(&site, &ADS[..3]);
    let machine = place.machine("one", START, &by_links(&site, &shared)).await;
    assert_eq!(after(&machine).await, (Some(RunOutcome::Partial), 3, 0));
    // Whichever has the key comes behind those that are kept by their addresses.
    for order in [["b", "c", "a"], ["c", "a", "b"]] {
        write(&site, &order);
        machine.clock.advance(DAY);
        let (_, there, removed) = after(&machine).await;
        assert_eq!((there, removed), (3, 0), "{order:?}");
        assert_eq!(wordings(&machine).await, [1; 3], "{order:?}");
    }
    for gone in ["a", "b"] {
        write(&site, &["c"]);
        site.write("/ad/other", &ad_page("other"));
        site.lead(&format!("/ad/{gone}"), "/ad/other");
        machine.clock.advance(DAY);
        after(&machine).await;
        assert_eq!(wordings(&machine).await, [1; 3], "{gone}");
    }
    let [there, removed] = machine.listings().await;
    assert_eq!((there.len(), removed.len()), (1, 2));
}
