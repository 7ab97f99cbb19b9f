//! A source whose file is wrong is not one that is gone: what is due to it waits, what was found stays, and operators are
//! told.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use sightline_model::{NoticeKind, RunState, Told, VisitState};
use sightline_pipeline::{
    instance::Broken,
    notices::tell_operators,
    progress::Progress,
    settings::WorkSettings,
    work::{Goal, work},
};
use sightline_store::{Filter, notices, runs, visits};
use tokio_util::sync::CancellationToken;

use crate::{
    removing::source,
    support::{HOUR, Place, START, Site},
};

fn list_at(site: &Site, path: &str) -> Value {
    source(json!({
        "start": [site.url(path)],
        "list": { "record": {
            "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
        } },
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_to_a_source_whose_file_is_wrong_waits() {
    let (site, place) = (Site::start().await, Place::new());
    site.list("/north", &["one", "two"]);
    site.list("/south", &["three"]);
    let before = place.machine("one", START, &list_at(&site, "/north")).await;
    assert_eq!(before.crawl().await.counts.listings_new, 2);
    before.clock.advance(HOUR);
    let unfinished = before.plan().await;

    // Started anew: the file of "ads" is wrong, and another source is there.
    let south = list_at(&site, "/south");
    let now = START + HOUR * 3;
    let after = place
        .machine_of("other", now, ("south", &south), WorkSettings::default())
        .await;
    after.instance.hold(vec![Broken {
        name: "ads".to_owned(),
        why: "sources/ads.toml has 1 problem".to_owned(),
    }]);
    let run = after.plan().await;
    let (stop, instance) = (CancellationToken::new(), Arc::clone(&after.instance));
    let until_stopped = stop.clone();
    let service = tokio::spawn(async move {
        work(
            &instance,
            Goal::Forever,
            &Progress::default(),
            &until_stopped,
        )
        .await
    });
    // What was due before would have been made before.
    loop {
        let mut tx = after.read().await;
        let run = runs::get(&mut tx, &[run]).await.unwrap().remove(0);
        drop(tx);
        if run.state == RunState::Finished {
            assert_eq!(run.counts.listings_new, 1);
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    service.await.unwrap().unwrap();

    let mut tx = after.read().await;
    let run = runs::get(&mut tx, &[unfinished]).await.unwrap().remove(0);
    assert_eq!(run.state, RunState::Running);
    let filter = Filter {
        limit: 10,
        ..Filter::default()
    };
    let waiting = visits::list(&mut tx, &filter, Some(unfinished))
        .await
        .unwrap();
    assert!(!waiting.is_empty());
    assert!(waiting.iter().all(|visit| visit.state == VisitState::Due));
    drop(tx);
    assert_eq!(
        after.listings().await,
        [vec!["one", "three", "two"], vec![]]
    );

    tell_operators(&after.instance).await.unwrap();
    let mut tx = after.read().await;
    let open = notices::open(&mut tx).await.unwrap();
    let [notice] = open.as_slice() else {
        panic!("{open:?}");
    };
    let Told::Fault(fault) = &notice.told else {
        panic!("{notice:?}");
    };
    assert_eq!(notice.kind, NoticeKind::SourceFailing);
    assert!(
        fault.name == "ads" && fault.what.contains("sources/ads.toml"),
        "{fault:?}"
    );
}
