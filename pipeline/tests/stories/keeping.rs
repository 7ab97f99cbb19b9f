//! What is kept is compacted and erased while others crawl, and whoever is killed leaves nothing that is not made good.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use sightline_model::{Capture, Clock as _};
use sightline_pipeline::retention::{
    Keeping, Looked, Purge, RetentionSettings, Step, compact, compact_until, purge, purge_if_due,
};
use sightline_store::{
    Filter, captures, erasures,
    purges::{self, Class},
    rewritings,
};

use crate::{
    removing::source,
    support::{Machine, Place, START, Site},
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn by() -> Purge {
    Purge {
        who: "R. Analyst".to_owned(),
        only: None,
    }
}

/// A list whose words change with every crawl, and two ads with pages of their own.
pub fn site_of_two(site: &Site, turn: usize) -> Value {
    site.write(
        "/",
        &format!(
            "<p>Turn {turn}.</p><a class=ad href=\"/ad/1\">x</a><a class=ad href=\"/ad/2\">x</a>"
        ),
    );
    for key in [1, 2] {
        site.write(
            &format!("/ad/{key}"),
            &format!("<div id=ad><h1>Rose {key}</h1><p>Call 555-010{key}.</p></div>"),
        );
    }
    source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
    }))
}

/// Captures of 31 days ago that nothing was read from, and younger ones.
async fn machine(site: &Site, place: &Place) -> (Machine, Keeping) {
    let said = site_of_two(site, 0);
    let machine = place.machine("one", START, &said).await;
    for turn in 0..3 {
        site_of_two(site, turn);
        machine.crawl().await;
    }
    machine.clock.advance(DAY * 31);
    site_of_two(site, 9);
    machine.crawl().await;
    let keeping = Keeping {
        settings: RetentionSettings {
            captures_days: 30,
            ..RetentionSettings::default()
        },
        ..machine.instance.keeping()
    };
    (machine, keeping)
}

async fn kept(machine: &Machine) -> Vec<Capture> {
    let mut tx = machine.read().await;
    let filter = Filter {
        limit: 10_000,
        ..Filter::default()
    };
    captures::list(&mut tx, &filter).await.unwrap()
}

/// The bytes of every record that a row names, read where the row says. Each is verified.
async fn records(machine: &Machine, keeping: &Keeping) -> BTreeMap<i64, Vec<u8>> {
    let mut records = BTreeMap::new();
    for capture in kept(machine).await {
        keeping.archive.read(&capture.evidence).unwrap();
        let evidence = &capture.evidence;
        let closed = keeping.archive.folder().join(&evidence.file);
        let open = keeping
            .archive
            .folder()
            .join(format!("{}.open", evidence.file));
        let bytes = fs::read(if closed.exists() { closed } else { open }).unwrap();
        let (begin, length) = (evidence.offset as usize, evidence.length as usize);
        records.insert(capture.id.0, bytes[begin..begin + length].to_vec());
    }
    records
}

pub fn files(keeping: &Keeping) -> Vec<PathBuf> {
    let found = fs::read_dir(keeping.archive.folder()).unwrap();
    found.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_takes_out_what_nothing_stands_on() {
    let (site, place) = (Site::start().await, Place::new());
    let (machine, keeping) = machine(&site, &place).await;
    let before = records(&machine, &keeping).await;
    let would = keeping.would_go(&by()).await.unwrap();
    let (done, compacted) = purge(&keeping, &by()).await.unwrap();
    assert_eq!(would[0].gone, done[0].gone);
    assert!(done[0].gone >= 3, "{done:?}");
    let after = records(&machine, &keeping).await;
    assert_eq!(after.len() + done[0].gone as usize, before.len());
    assert!(
        after.iter().all(|(id, bytes)| before[id] == *bytes),
        "byte for byte"
    );
    // A request and its answer for each.
    assert_eq!(compacted.records, 2 * done[0].gone as usize);
    assert!(
        compacted.freed > 0 && compacted.waiting.is_empty(),
        "{compacted:?}"
    );
    assert_eq!(machine.listings().await, [vec!["1", "2"], vec![]]);
    let receipt = done[0].receipt.clone().unwrap();
    let mut tx = machine.read().await;
    let stones = erasures::tombstones(&mut tx, &receipt.id.to_string(), 99)
        .await
        .unwrap();
    assert_eq!(stones.len() as i64, receipt.gone);
    assert!(
        stones
            .iter()
            .all(|stone| stone.record_digest.is_some() && stone.removed_at.is_some())
    );
    // Each record that stays knows by which move it came where it is.
    let stays = kept(&machine).await.remove(0).evidence.file;
    let moves = rewritings::moves(&mut tx, &[&stays]).await.unwrap();
    assert_eq!(moves.len(), 1, "{moves:?}");
    assert_eq!((&moves[0].to, moves[0].at), (&stays, keeping.clock.now()));
    assert!(!keeping.archive.has(&moves[0].from));
    let receipts = purges::list(&mut tx, None, 99).await.unwrap();
    drop(tx);
    // With nothing to be done, nothing is noted.
    let (again, _) = purge(&keeping, &by()).await.unwrap();
    assert_eq!((again[0].gone, &again[0].receipt), (0, &None));
    let mut tx = machine.read().await;
    assert_eq!(purges::list(&mut tx, None, 99).await.unwrap(), receipts);
    drop(tx);
    // The crawl goes on as ever, and what is young is left alone.
    assert_eq!(machine.crawl().await.counts.failed, 0);
    let mut looked = Looked::default();
    purge_if_due(&keeping, &mut looked).await.unwrap();
    assert_eq!(records(&machine, &keeping).await.len(), after.len() + 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compaction_that_is_killed_anywhere_is_made_good_by_the_next() {
    for killed_at in Step::ALL {
        let (site, place) = (Site::start().await, Place::new());
        let (machine, keeping) = machine(&site, &place).await;
        let before = records(&machine, &keeping).await;
        let mut tx = machine.write().await;
        let up_to = keeping
            .settings
            .up_to(Class::Captures, machine.clock.now())
            .unwrap();
        let begun = purges::begin(&mut tx, Class::Captures, up_to, up_to, &keeping.mint).await;
        let due = purges::due(&mut tx, Class::Captures, up_to, "", 99)
            .await
            .unwrap();
        purges::take_out(&mut tx, &begun.unwrap(), &due, up_to)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        compact_until(&keeping, &|step| step != killed_at)
            .await
            .unwrap();
        // Whatever a row names can be read, wherever it was stopped.
        let stopped = records(&machine, &keeping).await;
        assert_eq!(stopped.len() + due.len(), before.len(), "{killed_at:?}");
        assert!(
            stopped.iter().all(|(id, bytes)| before[id] == *bytes),
            "{killed_at:?}"
        );
        compact(&keeping).await.unwrap();
        assert_eq!(records(&machine, &keeping).await, stopped, "{killed_at:?}");
        let mut tx = machine.read().await;
        assert_eq!(
            rewritings::unfinished(&mut tx).await.unwrap(),
            [],
            "{killed_at:?}"
        );
        assert_eq!(
            rewritings::pending(&mut tx).await.unwrap(),
            Vec::<String>::new()
        );
        drop(tx);
        // No file is left that nothing names.
        let named: Vec<String> = kept(&machine)
            .await
            .into_iter()
            .map(|one| one.evidence.file)
            .collect();
        for file in files(&keeping) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            assert!(named.contains(&name), "{killed_at:?}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crawl_goes_on_while_what_it_writes_is_compacted() {
    let (site, place) = (Site::start().await, Place::new());
    let keys: Vec<String> = (0..60).map(|key| key.to_string()).collect();
    let page = |turn: usize| {
        let links: String = keys
            .iter()
            .map(|key| format!("<a class=ad href=\"/ad/{key}\">x</a>"))
            .collect();
        site.write("/", &format!("<p>{turn}</p>{links}"));
        for key in &keys {
            site.write(
                &format!("/ad/{key}"),
                &format!("<div id=ad><h1>Rose {key}, {turn}</h1></div>"),
            );
        }
    };
    page(0);
    let said = source(json!({
        "start": [site.url("/")],
        "list": { "links": ["a.ad"] },
        "detail": { "root": "#ad", "title": "h1", "key": { "url": "/(\\w+)$" } },
    }));
    let machine = place.machine("one", START, &said).await;
    let keeping = Keeping {
        settings: RetentionSettings {
            listings_days: 1,
            observations_days: 1,
            captures_days: 1,
            ..RetentionSettings::default()
        },
        ..machine.instance.keeping()
    };
    machine.crawl().await;
    for turn in 1..4 {
        machine.clock.advance(DAY * 2);
        page(turn);
        let run = machine.plan().await;
        // The purge closes and rewrites the very file that the crawl writes.
        let (done, purged) = tokio::join!(machine.work(run), async {
            let mut gone = 0;
            for _ in 0..20 {
                let (done, _) = purge(&keeping, &by()).await.unwrap();
                gone += done.iter().map(|one| one.gone).sum::<i64>();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            gone
        });
        assert!(purged > 0);
        assert_eq!(done.counts.failed, 0, "{done:?}");
        assert_eq!(machine.listings().await[0].len(), 60);
        let records = records(&machine, &keeping).await;
        assert!(records.len() >= 61, "{}", records.len());
    }
}
