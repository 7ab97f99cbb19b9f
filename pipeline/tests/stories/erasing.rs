//! What was erased comes again, by whichever way; and what was captured of it before anybody could read it.

use std::{collections::HashMap, fs, io::Read as _, time::Duration};

use serde_json::json;
use sightline_model::{CaptureId, Clock as _, ErasureId, Mint, Outcome, RunOutcome, Timestamp};
use sightline_pipeline::retention::{compact, finish, finish_when_due, lists_showing};
use sightline_store::{
    Filter, captures,
    erasures::{self, Erasure, Found, mark_of_listing, mark_of_url},
    listings, visits,
};

use crate::{
    keeping::{files, site_of_two},
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
};

/// Erases the listing with this key, as people do.
pub async fn erase(machine: &Machine, key: &str) -> (ErasureId, Found) {
    let mut tx = machine.write().await;
    let all = listings::list(&mut tx, &Filter::default()).await.unwrap();
    let one = all.into_iter().find(|one| one.listing.key == key).unwrap();
    let found = erasures::follow(&mut tx, &[one.listing.id]).await.unwrap();
    let now = machine.clock.now();
    let id = Mint::seeded(3).id(now);
    erasures::take_out(&mut tx, &found, id, now).await.unwrap();
    let erasure = Erasure {
        id,
        at: now,
        who: "R. Analyst".to_owned(),
        why: "request 14/27".to_owned(),
        what: "listing".to_owned(),
        digest: String::new(),
        listings: 1,
        captures: 1,
        sightings: 0,
        alerts: 0,
        allowed_at: None,
    };
    let of_urls = found.urls.iter().map(|(of, url)| mark_of_url(*of, url));
    let marks: Vec<String> = std::iter::once(mark_of_listing(one.listing.source, key))
        .chain(of_urls)
        .collect();
    erasures::note(&mut tx, &erasure, &marks).await.unwrap();
    tx.commit().await.unwrap();
    compact(&machine.instance.keeping()).await.unwrap();
    (id, found)
}

/// Everything that stands in the archive, unpacked.
fn archived(machine: &Machine) -> String {
    let mut all = Vec::new();
    for file in files(&machine.instance.keeping()) {
        let packed = fs::File::open(file).unwrap();
        flate2::read::MultiGzDecoder::new(packed)
            .read_to_end(&mut all)
            .unwrap();
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_is_not_fetched_again_until_it_may() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = place.machine("one", START, &site_of_two(&site, 0)).await;
    machine.crawl().await;
    let (id, _) = erase(&machine, "1").await;
    assert_eq!(machine.listings().await[0], ["2"]);
    let text = archived(&machine);
    assert!(text.contains("Rose 2") && !text.contains("Rose 1"));
    // The list still leads there; nobody goes.
    site.asked().await;
    site_of_two(&site, 1);
    machine.crawl().await;
    assert!(!site.asked().await.contains(&"/ad/1".to_owned()));
    assert_eq!(machine.listings().await[0], ["2"]);
    let mut tx = machine.write().await;
    let allowed = erasures::allow(&mut tx, id, Timestamp(START.0 + 1)).await;
    assert!(allowed.unwrap());
    tx.commit().await.unwrap();
    machine.clock.advance(HOUR);
    site_of_two(&site, 2);
    machine.crawl().await;
    assert_eq!(machine.listings().await[0], ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_is_not_kept_by_another_way_either() {
    let (site, place) = (Site::start().await, Place::new());
    let mut said = site_of_two(&site, 0);
    said["detail"]["key"]["url"] = json!("/(\\w+)(?:\\?.*)?$");
    let machine = place.machine("one", START, &said).await;
    machine.crawl().await;
    let (id, _) = erase(&machine, "1").await;
    // A redirect to its page, and the same ad under two other URLs.
    let links: String = ["/go/1", "/ad/1", "/mirror/1", "/ad/1?from=list", "/ad/2"]
        .iter()
        .map(|path| format!("<a class=ad href=\"{path}\">x</a>"))
        .collect();
    site.write("/", &links);
    site.lead("/go/1", &site.url("/ad/1"));
    site.write("/mirror/1", "<div id=ad><h1>Rose 1</h1></div>");
    site.asked().await;
    let run = machine.crawl().await;
    assert_eq!(run.counts.failed, 0, "{run:?}");
    assert_eq!(run.outcome, Some(RunOutcome::Complete), "{run:?}");
    let asked = site.asked().await;
    // Under another query it is another URL, which only the page itself shows to be the same ad.
    assert_eq!(asked.iter().filter(|path| *path == "/ad/1").count(), 1);
    assert!(asked.contains(&"/mirror/1".to_owned()));
    assert_eq!(machine.listings().await[0], ["2"]);
    let text = archived(&machine);
    assert!(!text.contains("Rose 1"), "no body of it");
    let target = format!("location: {}", site.url("/ad/1"));
    assert!(!text.to_lowercase().contains(&target), "no redirect to it");
    let mut tx = machine.read().await;
    let filter = Filter::default();
    let ended = visits::list(&mut tx, &filter, None).await.unwrap();
    let erased = ended
        .iter()
        .filter(|visit| visit.outcome == Some(Outcome::Erased))
        .count();
    assert_eq!(erased, 3);
    drop(tx);
    // By its other URLs it is known from now on, and not even asked for.
    site.write("/", &format!("<p>Anew.</p>{links}"));
    machine.crawl().await;
    let asked = site.asked().await;
    assert!(!asked.contains(&"/mirror/1".to_owned()), "{asked:?}");
    assert!(!asked.contains(&"/ad/1".to_owned()), "{asked:?}");
    // What is allowed is allowed by every way.
    let mut tx = machine.write().await;
    assert!(erasures::allow(&mut tx, id, START).await.unwrap());
    tx.commit().await.unwrap();
    site.write("/", &format!("<p>Once more.</p>{links}"));
    machine.crawl().await;
    assert_eq!(machine.listings().await[0], ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_captured_before_anybody_could_read_it_is_erased_too() {
    let (site, place) = (Site::start().await, Place::new());
    let read_by = |root: &str| {
        let mut said = site_of_two(&site, 0);
        said["detail"]["root"] = json!(root);
        said
    };
    let blind = place.machine("one", START, &read_by("#nope")).await;
    blind.crawl().await;
    assert!(archived(&blind).contains("Rose 1"));
    drop(blind);
    let later = Timestamp(START.0 + 3_600_000);
    let machine = place.machine("one", later, &read_by("#ad")).await;
    for key in ["1", "2"] {
        let page = format!("<p>Anew.</p><div id=ad><h1>Rose {key}</h1></div>");
        site.write(&format!("/ad/{key}"), &page);
    }
    machine.crawl().await;
    let (_, found) = erase(&machine, "1").await;
    assert_eq!((found.captures.len(), found.shared.len()), (2, 0));
    let text = archived(&machine);
    assert!(text.contains("Rose 2") && !text.contains("Rose 1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_several_listings_is_not_taken_for_one_of_them() {
    let (site, place) = (Site::start().await, Place::new());
    let said = source(json!({
        "start": [site.url("/")],
        "list": { "record": {
            "root": "li.ad", "title": "a", "body": "p", "link": "a", "key": { "url": "/ad/(\\w+)" },
        } },
    }));
    site.list("/", &["2"]);
    let machine = place.machine("one", START, &said).await;
    machine.crawl().await;
    machine.clock.advance(HOUR);
    site.list("/", &["1", "2"]);
    machine.crawl().await;
    let (_, found) = erase(&machine, "1").await;
    assert_eq!((found.urls.len(), found.shared.len()), (1, 1));
    assert_eq!(found.captures.len(), 1, "from before it stood there: kept");
    // The list is asked for as ever, and its others are read.
    machine.clock.advance(HOUR);
    site.list("/", &["1", "2", "3"]);
    let run = machine.crawl().await;
    assert_eq!(run.outcome, Some(RunOutcome::Complete), "{run:?}");
    assert_eq!(machine.listings().await[0], ["2", "3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_reader_keeps_in_the_files_is_told_of_and_taken_out_once_it_ends() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = place.machine("one", START, &site_of_two(&site, 0)).await;
    machine.crawl().await;
    let keeping = machine.instance.keeping();
    let mut reader = machine.read().await;
    let filter = Filter::default();
    let seen = listings::list(&mut reader, &filter).await.unwrap();
    assert_eq!(seen.len(), 2);
    erase(&machine, "1").await;
    let finished = finish(&keeping, Duration::ZERO).await.unwrap();
    assert!(!finished.is_wiped, "the reader still sees it");
    let mut done = None;
    finish_when_due(&keeping, &mut done).await.unwrap();
    assert_eq!(done, None);
    drop(reader);
    finish_when_due(&keeping, &mut done).await.unwrap();
    assert!(done.is_some());
    let finished = finish(&keeping, Duration::ZERO).await.unwrap();
    assert!(finished.is_wiped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_that_lead_to_it_are_told_by_what_they_say() {
    let (site, place) = (Site::start().await, Place::new());
    let said = site_of_two(&site, 0);
    let machine = place.machine("one", START, &said).await;
    machine.crawl().await;
    // Another list, which no longer leads there.
    site.write("/", "<p>Two is left.</p><a class=ad href=\"/ad/2\">x</a>");
    machine.crawl().await;
    let mut tx = machine.read().await;
    let all = listings::list(&mut tx, &Filter::default()).await.unwrap();
    let one = all.into_iter().find(|one| one.listing.key == "1").unwrap();
    let found = erasures::follow(&mut tx, &[one.listing.id]).await.unwrap();
    let lists = erasures::lists(&mut tx, CaptureId(0), 9).await.unwrap();
    let after = lists[0].0;
    assert_eq!(
        erasures::lists(&mut tx, after, 1).await.unwrap(),
        lists[1..2]
    );
    drop(tx);
    let lists: Vec<CaptureId> = lists.into_iter().map(|(id, _)| id).collect();
    // robots.txt was asked for on the way to the first.
    let [_, leading, other] = lists[..] else {
        panic!("{lists:?}")
    };
    let keeping = machine.instance.keeping();
    let profile = machine.watched.source.profile.clone();
    let profiles = HashMap::from([(machine.watched.id, profile)]);
    let told = lists_showing(&keeping, &found, profiles).await.unwrap();
    assert_eq!((told.show, told.unread), (vec![leading], vec![]));
    let told = lists_showing(&keeping, &found, HashMap::new())
        .await
        .unwrap();
    assert_eq!((told.show, told.unread), (vec![], vec![leading, other]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_one_list_that_led_to_it_is_from_before_it_was_seen() {
    let (site, place) = (Site::start().await, Place::new());
    let said = site_of_two(&site, 0);
    let machine = place.machine("one", START, &said).await;
    site.remove("/ad/1");
    machine.crawl().await;
    // The list is as it was, and what it leads to is there now.
    site.write("/ad/1", "<div id=ad><h1>Rose 1</h1></div>");
    machine.crawl().await;
    let mut tx = machine.read().await;
    let all = listings::list(&mut tx, &Filter::default()).await.unwrap();
    let one = all.into_iter().find(|one| one.listing.key == "1").unwrap();
    let found = erasures::follow(&mut tx, &[one.listing.id]).await.unwrap();
    drop(tx);
    let profile = machine.watched.source.profile.clone();
    let profiles = HashMap::from([(machine.watched.id, profile)]);
    let told = lists_showing(&machine.instance.keeping(), &found, profiles)
        .await
        .unwrap();
    let mut tx = machine.read().await;
    let led = captures::get(&mut tx, &told.show).await.unwrap();
    let led: Vec<_> = led
        .iter()
        .map(|list| (list.url.path(), list.fetched_at < one.listing.first_seen))
        .collect();
    assert_eq!(
        (led.first(), told.unread),
        (Some(&("/", true)), vec![]),
        "{led:?}"
    );
}
