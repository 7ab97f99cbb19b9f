//! A key that does not differ from ad to ad: other people's ads are never taken for wordings of one.

use serde_json::json;
use sightline_model::{Outcome, RunOutcome};
use sightline_store::{Filter, listings, visits};

use crate::{
    removing::source,
    support::{Machine, Place, START, Site},
};

const ADS: [&str; 4] = ["1", "2", "3", "4"];

fn ads(site: &Site, word: &str) {
    let links: String = ADS
        .iter()
        .map(|ad| format!("<a class=ad href=\"/ad/{ad}\">{ad}</a>"))
        .collect();
    site.write("/", &links);
    for ad in ADS {
        let text = format!("<div id=ad><h1>Ad {ad}</h1><p>{word} 202 555 010{ad}</p></div>");
        site.write(&format!("/ad/{ad}"), &text);
    }
}

/// How many wordings each listing has had, in order.
pub(crate) async fn wordings(machine: &Machine) -> Vec<i64> {
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    let found = listings::list(&mut tx, &filter).await.unwrap();
    let mut versions: Vec<i64> = found.iter().map(|one| one.listing.version).collect();
    versions.sort_unstable();
    versions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ads_with_one_key_are_kept_apart_and_told_of() {
    let (site, place) = (Site::start().await, Place::new());
    ads(&site, "Call");
    let settings = source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/a(d)/" } },
    }));
    let machine = place.machine("one", START, &settings).await;
    let run = machine.crawl().await;
    assert_eq!(run.outcome, Some(RunOutcome::Partial));
    assert_eq!(
        (run.counts.listings_new, run.counts.listings_changed),
        (4, 0)
    );
    assert_eq!(wordings(&machine).await, [1; 4]);
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    let visits = visits::list(&mut tx, &filter, Some(run.id)).await.unwrap();
    drop(tx);
    let shared = visits
        .iter()
        .filter(|visit| visit.outcome == Some(Outcome::SharedKey));
    let details: Vec<&str> = shared.filter_map(|visit| visit.detail.as_deref()).collect();
    assert_eq!(details.len(), 3, "{visits:?}");
    assert!(
        details.iter().all(|detail| detail.contains("`d`")),
        "{details:?}"
    );

    // Each stays what it was, whichever comes first; an edit is a wording of its own ad.
    ads(&site, "Write");
    let run = machine.crawl().await;
    assert_eq!(
        (run.counts.listings_new, run.counts.listings_changed),
        (0, 4)
    );
    assert_eq!(wordings(&machine).await, [2; 4]);
}

/// The same ad at two addresses, or one that has moved, is one listing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_ad_at_several_addresses_is_one() {
    let (site, place) = (Site::start().await, Place::new());
    let settings = source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "-(\\d+)$" } },
    }));
    let machine = place.machine("one", START, &settings).await;
    let ad = |views: u32, title: &str| {
        format!(
            "<div id=ad><h1>{title}</h1><p>Call 202 555 0107 from ten to six, seen {views} times</p></div>"
        )
    };
    site.write("/", "<a href=/rose-7>1</a><a href=/top/rose-7>2</a>");
    site.write("/rose-7", &ad(1, "Rose"));
    site.write("/top/rose-7", &ad(2, "Rose"));
    let run = machine.crawl().await;
    assert_eq!(
        (run.outcome, run.counts.listings_new),
        (Some(RunOutcome::Complete), 1)
    );
    // Its title changed, and its address with it.
    site.write("/", "<a href=/iris-7>1</a>");
    site.write("/iris-7", &ad(3, "Iris"));
    let run = machine.crawl().await;
    assert_eq!(run.outcome, Some(RunOutcome::Complete));
    assert_eq!(
        (run.counts.listings_new, run.counts.listings_changed),
        (0, 1)
    );
}
