//! Sources and runs: what is planned is planned once.

use sightline_model::{RunCounts, RunOutcome, RunState};
use sightline_store::{Filter, runs, sources, sources::SourceState};

use crate::{
    support::{Place, START, at},
    world::{definition, run},
};

pub async fn a_source_keeps_its_plan_when_its_file_changes(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let id = sources::register(&mut tx, &definition("ads"), START, &mint)
        .await
        .unwrap();
    assert!(
        sources::set_state(&mut tx, id, SourceState::Paused)
            .await
            .unwrap()
    );
    assert!(
        sources::set_next_planned(&mut tx, id, None, Some(at(1)), Some(at(2)))
            .await
            .unwrap()
    );

    let edited = sources::Definition {
        digest: "d2".to_owned(),
        region: None,
        ..definition("ads")
    };
    let same = sources::register(&mut tx, &edited, at(9), &mint)
        .await
        .unwrap();
    assert_eq!(same, id);
    let source = sources::by_name(&mut tx, "ads").await.unwrap().unwrap();
    assert_eq!(source.definition, edited);
    assert_eq!(source.state, SourceState::Paused);
    assert_eq!(
        (source.last_planned_at, source.next_planned_at),
        (Some(at(1)), Some(at(2)))
    );
    assert_eq!(source.created_at, START);
    assert_eq!(sources::by_name(&mut tx, "adverts").await.unwrap(), None);
}

pub async fn planners_do_not_overwrite_each_other(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let id = sources::register(&mut tx, &definition("ads"), START, &mint)
        .await
        .unwrap();
    assert!(
        sources::set_next_planned(&mut tx, id, None, Some(at(1)), None)
            .await
            .unwrap()
    );
    let late = sources::set_next_planned(&mut tx, id, None, Some(at(5)), None)
        .await
        .unwrap();
    assert!(
        !late,
        "the second planner looked before the first had written"
    );
    let source = sources::by_name(&mut tx, "ads").await.unwrap().unwrap();
    assert_eq!(source.last_planned_at, Some(at(1)));
}

pub async fn a_run_is_planned_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let other = place.open().await;
    let mut tx = store.write(organisation).await.unwrap();
    let source = sources::register(&mut tx, &definition("ads"), START, &mint)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // Two processes come to the same instant at the same time; the second waits for the first and then yields.
    let (first, second) = (run(source, at(60), &mint), run(source, at(60), &mint));
    let plan = async |store: &sightline_store::Store, run| {
        let mut tx = store.write(organisation).await.unwrap();
        let planned = runs::plan(&mut tx, run).await.unwrap();
        tx.commit().await.unwrap();
        planned
    };
    let (a, b) = tokio::join!(plan(&store, &first), plan(&other, &second));
    assert_ne!(a, b, "exactly one of them plans the run");
    assert!(plan(&store, &run(source, at(120), &mint)).await);
    let mut tx = store.read(organisation).await.unwrap();
    assert_eq!(
        runs::list(&mut tx, &Filter::default()).await.unwrap().len(),
        2
    );
}

pub async fn a_run_begins_counts_and_ends(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let source = sources::register(&mut tx, &definition("ads"), START, &mint)
        .await
        .unwrap();
    let mut queued = run(source, at(60), &mint);
    (queued.state, queued.started_at) = (RunState::Queued, None);
    let other = run(source, at(120), &mint);
    assert!(runs::plan(&mut tx, &queued).await.unwrap());
    assert!(runs::plan(&mut tx, &other).await.unwrap());
    assert!(runs::start(&mut tx, queued.id, at(61)).await.unwrap());
    assert!(!runs::start(&mut tx, queued.id, at(99)).await.unwrap());

    let more = RunCounts {
        visits: 2,
        fetched: 1,
        bytes: 5_000_000_000,
        ..RunCounts::default()
    };
    let counts = [(queued.id, more), (other.id, more), (queued.id, more)];
    runs::add_counts(&mut tx, &counts).await.unwrap();
    runs::add_counts(&mut tx, &[]).await.unwrap();
    assert_eq!(runs::unfinished(&mut tx, None).await.unwrap().len(), 2);
    assert!(
        runs::finish(&mut tx, queued.id, RunOutcome::Partial, at(70))
            .await
            .unwrap()
    );
    assert!(
        !runs::finish(&mut tx, queued.id, RunOutcome::Complete, at(80))
            .await
            .unwrap()
    );
    let left = runs::unfinished(&mut tx, Some(source)).await.unwrap();
    assert_eq!(
        left.iter().map(|run| run.id).collect::<Vec<_>>(),
        [other.id]
    );

    let ended = runs::get(&mut tx, &[queued.id])
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(
        (ended.state, ended.outcome),
        (RunState::Finished, Some(RunOutcome::Partial))
    );
    assert_eq!(
        (ended.started_at, ended.finished_at),
        (Some(at(61)), Some(at(70)))
    );
    assert_eq!(
        ended.counts,
        RunCounts {
            visits: 4,
            fetched: 2,
            bytes: 10_000_000_000,
            ..RunCounts::default()
        }
    );
    let finished = Filter {
        state: Some("finished"),
        ..Filter::default()
    };
    assert_eq!(runs::list(&mut tx, &finished).await.unwrap(), [ended]);
    let late = Filter {
        since: Some(at(120)),
        ..Filter::default()
    };
    assert_eq!(runs::list(&mut tx, &late).await.unwrap().len(), 1);
}
