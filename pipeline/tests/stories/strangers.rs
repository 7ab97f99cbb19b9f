//! Sources that a machine does not have: it leaves their runs to whoever has them, for as long as anybody may have them.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use sightline_model::{Outcome, Run, RunId, RunOutcome, RunState, Visit, VisitState};
use sightline_pipeline::{
    forsaken::{self, FORSAKEN},
    instance::Broken,
    progress::Progress,
    settings::WorkSettings,
    work::{Goal, work},
};
use sightline_store::{Filter, runs, visits};
use tokio_util::sync::CancellationToken;

use crate::{
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
};

fn list_at(site: &Site, path: &str) -> Value {
    source(json!({
        "start": [site.url(path)],
        "list": { "record": {
            "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
        } },
    }))
}

async fn run_of(machine: &Machine, run: RunId) -> Run {
    let mut tx = machine.read().await;
    runs::get(&mut tx, &[run]).await.unwrap().remove(0)
}

async fn visits_of(machine: &Machine, run: RunId) -> Vec<Visit> {
    let filter = Filter {
        limit: 10,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    visits::list(&mut tx, &filter, Some(run)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_leaves_a_source_that_was_added_meanwhile_to_whoever_has_it() {
    let (site, place) = (Site::start().await, Place::new());
    site.list("/old", &["one"]);
    site.list("/newer", &["two", "three"]);
    let (old, newer) = (list_at(&site, "/old"), list_at(&site, "/newer"));
    let serving = place
        .machine_of("service", START, ("old", &old), WorkSettings::default())
        .await;
    serving.instance.hold(Vec::new());
    let (stop, instance) = (CancellationToken::new(), Arc::clone(&serving.instance));
    let until_stopped = stop.clone();
    let service = tokio::spawn(async move {
        let progress = Progress::default();
        work(&instance, Goal::Forever, &progress, &until_stopped).await
    });

    // Its file is there only for a process that starts later; both are of one host, and the service owns that.
    let crawling = place
        .machine_of("crawl", START, ("newer", &newer), WorkSettings::default())
        .await;
    let theirs = crawling.plan().await;
    let ours = serving.plan().await;
    while run_of(&serving, ours).await.state != RunState::Finished {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(run_of(&serving, theirs).await.state, RunState::Running);
    let waiting = visits_of(&serving, theirs).await;
    assert!(!waiting.is_empty());
    for visit in waiting {
        assert_eq!((visit.state, visit.outcome), (VisitState::Due, None));
    }

    let run = crawling.work(theirs).await;
    assert_eq!(run.outcome, Some(RunOutcome::Complete));
    assert_eq!(run.counts.listings_new, 2);
    stop.cancel();
    service.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_of_a_source_that_nobody_has_ends_after_a_fortnight() {
    let (site, place) = (Site::start().await, Place::new());
    site.list("/old", &["one"]);
    site.list("/gone", &["two"]);
    let (old, gone) = (list_at(&site, "/old"), list_at(&site, "/gone"));
    let before = place
        .machine_of("before", START, ("gone", &gone), WorkSettings::default())
        .await;
    let run = before.plan().await;
    let after = place
        .machine_of("after", START, ("old", &old), WorkSettings::default())
        .await;
    let broken = Broken {
        name: "other".to_owned(),
        why: "sources/other.toml has 1 problem".to_owned(),
    };
    // How much later it looks, which files it finds wrong, and whether the visits end.
    let cases = [
        (HOUR, vec![], false),
        (FORSAKEN - HOUR * 2, vec![], false),
        (HOUR * 2, vec![broken], false),
        (HOUR, vec![], true),
    ];
    for (passed, files, ends) in cases {
        after.instance.hold(files);
        after.clock.advance(passed);
        forsaken::look(&after.instance).await.unwrap();
        let visits = visits_of(&after, run).await;
        for visit in &visits {
            let expected = ends.then_some(Outcome::OutOfScope);
            assert_eq!(visit.outcome, expected, "{passed:?}");
            let told = visit.detail.as_deref().unwrap_or_default();
            assert_eq!(told.contains("put its file back"), ends, "{told}");
        }
        let counts = run_of(&after, run).await.counts;
        assert_eq!(counts.failed, i64::from(ends), "{counts:?}");
    }
}
