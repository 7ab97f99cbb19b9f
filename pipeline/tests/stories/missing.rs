//! What a site does not show for a while is not taken for gone: links that are missing, limits of the source's own, and one page in
//! the place of all.

use serde_json::{Value, json};
use sightline_model::{Clock, Mint, Outcome, Reason, RunOutcome, Visit, VisitKind};
use sightline_store::{Filter, entries, visits};

use crate::{
    hunting::{add, list, wanted},
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
    telling::sightings_of,
};

const ADS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Three pages of two ads each, every one of which leads to the next.
fn site_of_three(site: &Site) {
    for (index, pair) in ADS.chunks(2).enumerate() {
        let next = match index {
            2 => String::new(),
            _ => format!("<a class=next href=\"/l/{}.html\">next</a>", index + 2),
        };
        site.write(&format!("/l/{}.html", index + 1), &(links(pair) + &next));
    }
    ads(site);
}

fn ads(site: &Site) {
    for ad in ADS {
        site.write(
            &format!("/ad/{ad}"),
            &format!("<div id=ad><h1>Rose {ad}</h1></div>"),
        );
    }
}

/// Takes the pages of these ads away.
pub(crate) fn gone(site: &Site, ads: &[&str]) {
    for ad in ads {
        site.remove(&format!("/ad/{ad}"));
    }
}

pub(crate) fn links(ads: &[&str]) -> String {
    let links = ads
        .iter()
        .map(|ad| format!("<a class=ad href=\"/ad/{ad}\">{ad}</a> "));
    links.collect()
}

/// The source of that site, with more said of it.
pub(crate) fn by_links(site: &Site, more: &Value) -> Value {
    let mut said = json!({
        "start": [site.url("/l/1.html")],
        "list": { "links": ["a.ad"], "next": ["a.next"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
    });
    for (key, value) in more.as_object().unwrap() {
        said[key] = value.clone();
    }
    source(said)
}

/// How a run went, and how many listings are there and removed after it.
pub(crate) async fn after(machine: &Machine) -> (Option<RunOutcome>, usize, usize) {
    let run = machine.crawl().await;
    let [there, removed] = machine.listings().await;
    (run.outcome, there.len(), removed.len())
}

async fn all_visits(machine: &Machine) -> Vec<Visit> {
    let mut tx = machine.read().await;
    let filter = Filter {
        limit: 1_000,
        ..Filter::default()
    };
    visits::list(&mut tx, &filter, None).await.unwrap()
}

/// What is told of the visits that were kept out.
async fn kept_out(machine: &Machine) -> Vec<String> {
    let all = all_visits(machine).await.into_iter();
    let out = all.filter(|one| one.outcome == Some(Outcome::OutOfScope));
    out.filter_map(|one| one.detail).collect()
}

use RunOutcome::{Complete, Empty, Partial};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_are_missing_are_believed_to_be_gone_after_two_weeks() {
    for broken in [
        "<h1>We will be back soon</h1>",
        "<a class=next href=\"/l/2.html\">2</a>",
    ] {
        let (site, place) = (Site::start().await, Place::new());
        site_of_three(&site);
        let settings = by_links(
            &site,
            &json!({"start": [site.url("/l/1.html"), site.url("/l/3.html")]}),
        );
        let machine = place.machine("one", START, &settings).await;
        assert_eq!(after(&machine).await, (Some(Complete), 6, 0));

        site.write("/l/1.html", broken);
        for _ in 0..3 {
            machine.clock.advance(24 * HOUR);
            assert_eq!(after(&machine).await, (Some(Partial), 6, 0), "{broken}");
        }
        // Mended, it is as it was; broken again, it is waited for anew.
        site_of_three(&site);
        assert_eq!(after(&machine).await, (Some(Complete), 6, 0), "{broken}");
        site.write("/l/1.html", broken);
        machine.clock.advance(13 * 24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Partial), 6, 0), "{broken}");
        machine.clock.advance(14 * 24 * HOUR);
        assert_eq!(after(&machine).await, (Some(Complete), 6, 0), "{broken}");
        // And so are the ads, whose own pages answer still.
        machine.clock.advance(3 * 24 * HOUR);
        let (outcome, there, removed) = after(&machine).await;
        assert_eq!(outcome, Some(Complete), "{broken}");
        assert!(removed >= 2 && there + removed == 6, "{broken}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_ends_sooner_is_believed_at_once() {
    let (site, place) = (Site::start().await, Place::new());
    site_of_three(&site);
    let machine = place
        .machine("one", START, &by_links(&site, &json!({})))
        .await;
    assert_eq!(after(&machine).await, (Some(Complete), 6, 0));
    // The second page is the last, and not full.
    site.write("/l/2.html", &links(&["c"]));
    site.remove("/l/3.html");
    gone(&site, &ADS[3..]);
    assert_eq!(after(&machine).await, (Some(Complete), 3, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_sources_own_limits_keep_out_is_told_and_not_gone() {
    let counted = json!({ "links": ["a.ad"], "page_url": "/l/{page}.html" });
    let limited = |last: u32| {
        let mut list = counted.clone();
        list["last_page"] = json!(last);
        json!({ "list": list })
    };
    for (wide, narrow, told) in [
        (
            json!({}),
            json!({"scope": {"depth": 2}}),
            "3 links from the start page; 2 is the most; raise scope.depth",
        ),
        (
            limited(3),
            limited(2),
            "it is behind page 2, the last that is read; raise list.last_page",
        ),
    ] {
        let (site, place) = (Site::start().await, Place::new());
        site_of_three(&site);
        let machine = place.machine("one", START, &by_links(&site, &wide)).await;
        machine.crawl().await;
        let now = machine.clock.now();
        let machine = place.machine("two", now, &by_links(&site, &narrow)).await;
        for _ in 0..2 {
            assert_eq!(after(&machine).await, (Some(Partial), 6, 0), "{told}");
        }
        let kept_out = kept_out(&machine).await;
        assert!(kept_out.iter().any(|one| one == told), "{kept_out:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_to_another_host_are_told_of() {
    let (site, place) = (Site::start().await, Place::new());
    site_of_three(&site);
    let machine = place
        .machine("one", START, &by_links(&site, &json!({})))
        .await;
    assert_eq!(after(&machine).await, (Some(Complete), 6, 0));
    let moved = "<a class=ad href=\"http://ads.example/ad/e\">e</a>";
    site.write("/l/3.html", &(links(&["f"]) + moved));
    assert_eq!(after(&machine).await, (Some(Partial), 6, 0));
    let kept_out = kept_out(&machine).await;
    let told = "the host 'ads.example:80' is not one of the source's hosts";
    assert!(kept_out[0].contains(told), "{kept_out:?}");
    // What somebody has named by its path is meant to be left out.
    let denied = by_links(&site, &json!({"scope": {"deny": ["/ad/e"]}}));
    let now = machine.clock.now();
    let machine = place.machine("two", now, &denied).await;
    assert_eq!(after(&machine).await, (Some(Complete), 6, 0));
    machine.clock.advance(3 * 24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 5, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_page_in_the_place_of_all_is_no_listing() {
    let (site, place) = (Site::start().await, Place::new());
    site_of_three(&site);
    let machine = place
        .machine("one", START, &by_links(&site, &json!({})))
        .await;
    assert_eq!(after(&machine).await, (Some(Complete), 6, 0));
    for ad in &ADS[1..] {
        let notice = "<div id=ad><h1>We will be back soon</h1></div>";
        site.write(&format!("/ad/{ad}"), notice);
    }
    for _ in 0..2 {
        assert_eq!(after(&machine).await, (Some(Empty), 6, 0));
    }
    ads(&site);
    assert_eq!(after(&machine).await, (Some(Complete), 6, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_are_counted_end_where_the_site_has_none() {
    let (site, place) = (Site::start().await, Place::new());
    site_of_three(&site);
    let list = json!({ "list": { "links": ["a.ad"], "page_url": "/l/{page}.html" } });
    let machine = place.machine("one", START, &by_links(&site, &list)).await;
    assert_eq!(after(&machine).await, (Some(Complete), 6, 0));
    // One page fewer is believed the day after.
    site.remove("/l/3.html");
    gone(&site, &ADS[4..]);
    assert_eq!(after(&machine).await, (Some(Partial), 6, 0));
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 4, 2));
    // Nor need it say so: nothing stands there.
    site.write("/l/2.html", "<p>No ads.</p>");
    gone(&site, &ADS[2..4]);
    assert_eq!(after(&machine).await, (Some(Partial), 4, 2));
    machine.clock.advance(24 * HOUR);
    assert_eq!(after(&machine).await, (Some(Complete), 2, 4));
    let all = all_visits(&machine).await;
    let ends = all
        .iter()
        .filter(|one| one.kind == VisitKind::List && one.status == Some(404));
    let told: Vec<_> = ends.filter_map(|one| one.detail.as_deref()).collect();
    let end = "the site has no page of this number: its pages end before it";
    let unclear = "the links to ads that this page had are gone";
    assert_eq!(told, [end, unclear, end]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_whose_own_page_was_not_to_be_had_is_not_back() {
    // In its place nothing is read; or it is gone, and then it was away.
    for (is_gone, expected) in [(false, Reason::First), (true, Reason::Reappeared)] {
        let (site, place) = (Site::start().await, Place::new());
        site_of_three(&site);
        let write = "<div id=ad><h1>Rose a</h1> rose@mail.example.org</div>";
        site.write("/ad/a", write);
        let machine = place
            .machine("one", START, &by_links(&site, &json!({})))
            .await;
        let mint = Mint::seeded(5);
        let list = list(&machine, "missing", &mint).await;
        add(
            &machine,
            &wanted(&list, "email", "rose@mail.example.org", &mint),
        )
        .await;
        let mut tx = machine.write().await;
        entries::mark_all_hunted(&mut tx, START).await.unwrap();
        tx.commit().await.unwrap();
        machine.crawl().await;

        // The list leads there all the while, and the other ads are seen.
        for _ in 0..4 {
            machine.clock.advance(5 * 24 * HOUR);
            match is_gone {
                true => site.remove("/ad/a"),
                false => site.write("/ad/a", ""),
            }
            machine.crawl().await;
        }
        site.write("/ad/a", write);
        machine.clock.advance(5 * 24 * HOUR);
        machine.crawl().await;
        let told = sightings_of(&machine).await;
        assert_eq!((told.len(), told[0].reason), (1, expected), "{is_gone}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_whose_address_looks_like_a_counted_page_is_gone_where_it_is() {
    let (site, place) = (Site::start().await, Place::new());
    let link = |ad: &str| format!("<a class=ad href=\"/l/{ad}.html\">{ad}</a> ");
    site.write("/l/1.html", &(link("71") + &link("72")));
    for ad in ["71", "72"] {
        let page = format!("<div id=ad><h1>Rose {ad}</h1></div>");
        site.write(&format!("/l/{ad}.html"), &page);
    }
    let said = json!({
        "list": { "links": ["a.ad"], "page_url": "/l/{page}.html" },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+).html$" } },
    });
    let machine = place.machine("one", START, &by_links(&site, &said)).await;
    assert_eq!(after(&machine).await, (Some(Complete), 2, 0));
    site.remove("/l/72.html");
    assert_eq!(after(&machine).await, (Some(Complete), 1, 1));
    let all = all_visits(&machine).await;
    let gone = all.iter().filter(|one| one.outcome == Some(Outcome::Gone));
    assert_eq!(gone.count(), 1);
}
