//! Pages of listings by number, on a site that shows its last page for every number above it.

use serde_json::json;
use sightline_model::RunOutcome;

use crate::{
    removing::source,
    support::{Machine, Place, START, Site},
};

/// Three pages of two ads, and as many more as anybody asks for that repeat the third.
fn pages(site: &Site) {
    for page in 1..=9 {
        let ads = match page {
            1 => ["a", "b"],
            2 => ["c", "d"],
            _ => ["e", "f"],
        };
        let ads: String = ads
            .iter()
            .map(|ad| {
                format!(
                    "<li class=ad><a href=\"/ad/{ad}\">ad {ad}</a> <p>Call Rose, {ad}.</p></li>"
                )
            })
            .collect();
        // Not byte for byte: the page says which one it takes itself for.
        site.write(
            &format!("/l/{page}.html"),
            &format!("<p>Page {page}</p><ul>{ads}</ul>"),
        );
    }
    for ad in ["a", "b", "c", "d", "e", "f"] {
        site.write(
            &format!("/ad/{ad}"),
            &format!("<div id=ad><h1>Rose {ad}</h1></div>"),
        );
    }
}

async fn asked_for(machine: &Machine, site: &Site) -> Vec<String> {
    let run = machine.crawl().await;
    assert_eq!(run.outcome, Some(RunOutcome::Complete));
    let mut asked = site.asked().await;
    asked.retain(|path| path.starts_with("/l/"));
    asked.sort();
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counting_ends_where_a_page_repeats_the_one_before() {
    let by_links = json!({ "links": ["li a"], "page_url": "/l/{page}.html" });
    let by_records = json!({ "page_url": "/l/{page}.html", "record": {
        "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
    } });
    for list in [by_links, by_records] {
        let (site, place) = (Site::start().await, Place::new());
        pages(&site);
        let settings = source(json!({
            "start": [site.url("/l/1.html")],
            "list": list,
            "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
        }));
        let machine = place.machine("one", START, &settings).await;
        let four = ["/l/1.html", "/l/2.html", "/l/3.html", "/l/4.html"];
        for _ in 0..3 {
            assert_eq!(asked_for(&machine, &site).await, four);
        }
        let [there, removed] = machine.listings().await;
        assert_eq!((there.len(), removed.len()), (6, 0));
    }
}
