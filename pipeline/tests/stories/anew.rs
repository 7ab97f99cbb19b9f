//! A page whose bytes are the same is read anew all the same, where what it said is known no longer.

use std::time::Duration;

use serde_json::json;
use sightline_model::{Clock as _, Closed, Mint, Run, VisitKind};
use sightline_pipeline::retention::{Keeping, Purge, RetentionSettings, purge};
use sightline_store::{Filter, alerts, captures, erasures, health, sightings, visits};

use crate::{
    erasing::erase,
    hunting::{add, ads, list, machine, wanted},
    keeping::site_of_two,
    removing::source,
    support::{Machine, Place, START, Site},
    telling::ROSE,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Ten days later, what is older than five of these classes is purged.
async fn purge_after_ten_days(machine: &Machine, settings: RetentionSettings) {
    machine.clock.advance(DAY * 10);
    let keeping = Keeping {
        settings,
        ..machine.instance.keeping()
    };
    let by = Purge {
        who: "R. Analyst".to_owned(),
        only: None,
    };
    purge(&keeping, &by).await.unwrap();
}

fn listings_for_five_days() -> RetentionSettings {
    RetentionSettings {
        listings_days: 5,
        observations_days: 5,
        ..RetentionSettings::default()
    }
}

fn went(run: &Run) -> (i64, i64) {
    (run.counts.fetched, run.counts.unchanged)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_led_to_what_was_erased_leads_to_the_others_as_ever() {
    let (site, place) = (Site::start().await, Place::new());
    let said = site_of_two(&site, 0);
    let machine = place.machine("one", START, &said).await;
    machine.crawl().await;
    erase(&machine, "1").await;
    site.write("/ad/2", "<div id=ad><h1>Rose 2, changed</h1></div>");
    let run = machine.crawl().await;
    assert_eq!((went(&run), run.counts.listings_changed), ((2, 0), 1));
    // It is known again, with the links that are left.
    for _ in 0..2 {
        assert_eq!(went(&machine.crawl().await), (2, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_be_fetched_again_is_found_on_lists_that_are_the_same() {
    for is_row in [false, true] {
        let (site, place) = (Site::start().await, Place::new());
        let machine = match is_row {
            true => {
                ads(&site, &[("1", ROSE), ("2", ROSE)]);
                machine(&place, &site).await
            }
            false => {
                let said = site_of_two(&site, 0);
                place.machine("one", START, &said).await
            }
        };
        machine.crawl().await;
        let (id, _) = erase(&machine, "1").await;
        for _ in 0..2 {
            machine.crawl().await;
            assert_eq!(machine.listings().await[0], ["2"], "{is_row}");
        }
        let mut tx = machine.write().await;
        let allowed = erasures::allow(&mut tx, id, machine.clock.now()).await;
        assert!(allowed.unwrap());
        tx.commit().await.unwrap();
        machine.crawl().await;
        assert_eq!(machine.listings().await[0], ["1", "2"], "{is_row}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listings_that_were_purged_and_still_stand_there_come_again() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = machine(&place, &site).await;
    ads(&site, &[("1", ROSE), ("2", ROSE)]);
    machine.crawl().await;
    purge_after_ten_days(&machine, listings_for_five_days()).await;
    assert_eq!(machine.listings().await, [vec![], Vec::<String>::new()]);
    let mint = &Mint::seeded(5);
    let rose = wanted(&list(&machine, "missing", mint).await, "email", ROSE, mint);
    add(&machine, &rose).await;
    let run = machine.crawl().await;
    assert_eq!((run.counts.listings_new, run.counts.unchanged), (2, 0));
    assert_eq!(machine.listings().await[0], ["1", "2"]);
    assert_eq!(seen(&machine).await, 2);
    // And so do sightings.
    let sightings_days = RetentionSettings {
        sightings_days: 5,
        alerts_days: 5,
        ..RetentionSettings::default()
    };
    let mut tx = machine.write().await;
    for alert in alerts::list(&mut tx, &Filter::default()).await.unwrap() {
        let closed = alerts::close(&mut tx, alert.id, Closed::Confirmed, machine.clock.now());
        closed.await.unwrap();
    }
    tx.commit().await.unwrap();
    purge_after_ten_days(&machine, sightings_days).await;
    assert_eq!(seen(&machine).await, 0);
    machine.crawl().await;
    assert_eq!(seen(&machine).await, 2);
}

async fn seen(machine: &Machine) -> usize {
    let mut tx = machine.read().await;
    sightings::list(&mut tx, &Filter::default())
        .await
        .unwrap()
        .len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_that_were_purged_and_are_still_shown_come_again() {
    let (site, place) = (Site::start().await, Place::new());
    site.write("/", "<a class=ad href=\"/ad/1\">x</a>");
    site.write(
        "/ad/1",
        "<div id=ad><h1>Rose</h1><img src=\"/1.gif\"></div>",
    );
    site.show("/1.gif");
    let said = source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": {
            "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" }, "images": { "css": "img" },
        },
    }));
    let machine = place.machine("one", START, &said).await;
    machine.crawl().await;
    let of_images = async || {
        let mut tx = machine.read().await;
        health::sizes(&mut tx)
            .await
            .unwrap()
            .into_iter()
            .find(|size| size.table == "image")
            .unwrap()
            .rows
    };
    assert_eq!(of_images().await, 1);
    let settings = RetentionSettings {
        images_days: 5,
        ..listings_for_five_days()
    };
    purge_after_ten_days(&machine, settings).await;
    assert_eq!(of_images().await, 0);
    // The first run finds that its bytes are known no longer, and the next one asks for them.
    machine.crawl().await;
    machine.crawl().await;
    assert_eq!(of_images().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_repeats_a_page_names_the_capture_that_holds_it() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = machine(&place, &site).await;
    ads(&site, &[("1", ROSE)]);
    machine.crawl().await;
    purge_after_ten_days(&machine, listings_for_five_days()).await;
    for _ in 0..3 {
        machine.crawl().await;
    }
    let mut tx = machine.read().await;
    let filter = Filter::default();
    let lists: Vec<_> = visits::list(&mut tx, &filter, None)
        .await
        .unwrap()
        .into_iter()
        .filter(|visit| visit.kind == VisitKind::List)
        .filter_map(|visit| visit.capture)
        .collect();
    let mut kept = captures::get(&mut tx, &lists).await.unwrap();
    kept.sort_by_key(|one| one.id);
    let held: Vec<_> = kept.iter().map(|one| one.revisit_of).collect();
    assert_eq!(
        held,
        [None, Some(kept[0].id), Some(kept[0].id), Some(kept[0].id)]
    );
}
