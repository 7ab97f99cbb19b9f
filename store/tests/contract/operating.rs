//! What operators and administrators look at, page by page, and what ends when an account changes.

use std::slice::from_ref;

use sightline_model::*;
use sightline_store::{
    Tx, accounts,
    audit::{self, Deed},
    deliveries, outbox, paces, runs,
    sessions::{self, Session},
    source_texts::{self, SourceText},
    sources, tokens, visits,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

/// What is theirs is nothing to us.
pub async fn is_not_ours(tx: &mut Tx, them: &World) {
    let theirs = them.source;
    assert_eq!(sources::get(tx, theirs).await.unwrap(), None);
    assert!(
        sources::page(tx, None, 9)
            .await
            .unwrap()
            .iter()
            .all(|source| source.id != theirs)
    );
    let kept = source_texts::of_source(tx, theirs, None, 9).await;
    assert_eq!(kept.unwrap(), []);
    // Numbers are the same for all: each of theirs is asked for.
    for id in 0..9 {
        let kept = source_texts::get(tx, theirs, id).await.unwrap();
        assert_eq!(kept, None);
    }
    assert_eq!(runs::latest_of(tx, &[theirs], 9).await.unwrap(), []);
    assert_eq!(runs::of_source(tx, theirs, None, 9).await.unwrap(), []);
    let visits = paces::visits_of(tx, them.run.id, None, None, 9).await;
    assert_eq!(visits.unwrap(), []);
    assert_eq!(paces::of_run(tx, them.run.id, at(-99)).await.unwrap(), []);
    for state in DeliveryState::ALL {
        let found = outbox::page(tx, *state, None, 9).await.unwrap();
        assert!(found.iter().all(|one| one.id != them.delivery.id));
    }
    let open = sessions::page(tx, None, 9).await.unwrap();
    let held = tokens::that_hold(tx, START).await.unwrap();
    let ours: Vec<AccountId> = accounts::all(tx)
        .await
        .unwrap()
        .iter()
        .map(|account| account.id)
        .collect();
    assert!(open.iter().all(|session| ours.contains(&session.account)));
    assert!(held.iter().all(|token| ours.contains(&token.account)));
    let log = audit::Wanted {
        limit: 99,
        ..audit::Wanted::default()
    };
    let log = audit::page(tx, &log).await.unwrap();
    let of_ours = audit::list(tx, &sightline_store::Filter::default()).await;
    assert_eq!(log.len(), of_ours.unwrap().len());
}

/// What a file said at its change of this number.
pub fn text(nth: i64) -> SourceText {
    SourceText {
        at: at(nth),
        who: "O. Operator".to_owned(),
        why: "its board has moved".to_owned(),
        text: format!("# {nth}\nstart = []\r\n"),
    }
}

pub async fn what_a_sources_file_said_is_kept(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let mut ids = Vec::new();
    for name in ["ads", "beta"] {
        let source = sources::register(&mut tx, &definition(name), START, &mint).await;
        ids.push(source.unwrap());
    }
    for nth in 0..4 {
        source_texts::append(&mut tx, ids[0], &text(nth))
            .await
            .unwrap();
    }
    let first = source_texts::of_source(&mut tx, ids[0], None, 3)
        .await
        .unwrap();
    let texts: Vec<SourceText> = first.iter().map(|kept| kept.text.clone()).collect();
    assert_eq!(texts, [text(3), text(2), text(1)]);
    let rest = source_texts::of_source(&mut tx, ids[0], Some(first[2].id), 3).await;
    let rest = rest.unwrap();
    assert_eq!((rest.len(), &rest[0].text), (1, &text(0)));
    let other = source_texts::of_source(&mut tx, ids[1], None, 3).await;
    assert_eq!(other.unwrap(), []);
    let one = source_texts::get(&mut tx, ids[0], first[1].id)
        .await
        .unwrap();
    assert_eq!(one.as_ref(), Some(&first[1]));
    assert_eq!(
        source_texts::get(&mut tx, ids[1], first[1].id)
            .await
            .unwrap(),
        None
    );
    tx.commit().await.unwrap();
}

pub async fn runs_are_read_by_source_the_latest_first(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let mut ids = Vec::new();
    for name in ["ads", "beta", "zeta"] {
        let source = sources::register(&mut tx, &definition(name), START, &mint)
            .await
            .unwrap();
        ids.push(source);
    }
    for nth in 0..5 {
        for source in &ids[..2] {
            let run = run(*source, at(nth), &mint);
            assert!(runs::plan(&mut tx, &run).await.unwrap());
        }
    }
    let latest = runs::latest_of(&mut tx, &ids, 3).await.unwrap();
    let mut sorted = ids[..2].to_vec();
    sorted.sort_unstable();
    let seen: Vec<_> = latest
        .iter()
        .map(|run| (run.source, run.planned_at))
        .collect();
    let wanted = [4, 3, 2].map(|nth| (sorted[0], at(nth)));
    assert_eq!(seen[..3], wanted);
    assert_eq!(seen.len(), 6);
    // Page by page.
    let first = runs::of_source(&mut tx, ids[0], None, 3).await.unwrap();
    let rest = runs::of_source(&mut tx, ids[0], Some(runs::begun(&first[2])), 3)
        .await
        .unwrap();
    let planned = |runs: &[Run]| runs.iter().map(|run| run.planned_at).collect::<Vec<_>>();
    assert_eq!(planned(&first), [at(4), at(3), at(2)]);
    assert_eq!(planned(&rest), [at(1), at(0)]);
    // One that makes up for a time when nothing ran is begun after one that was planned later.
    for (planned, began, outcome) in [(10, 90, RunOutcome::Complete), (5, 91, RunOutcome::Failed)] {
        let made_up = Run {
            started_at: Some(at(began)),
            finished_at: Some(at(began)),
            state: RunState::Finished,
            outcome: Some(outcome),
            ..run(ids[0], at(planned), &mint)
        };
        assert!(runs::plan(&mut tx, &made_up).await.unwrap());
    }
    let first = runs::of_source(&mut tx, ids[0], None, 2).await.unwrap();
    let rest = runs::of_source(&mut tx, ids[0], Some(runs::begun(&first[1])), 3)
        .await
        .unwrap();
    assert_eq!(planned(&first), [at(5), at(10)]);
    assert_eq!(planned(&rest), [at(4), at(3), at(2)]);
    let latest = runs::latest_of(&mut tx, &ids[..1], 2).await.unwrap();
    assert_eq!(latest, first);
    let outcomes = runs::last_outcomes(&mut tx, ids[0], 1).await.unwrap();
    assert_eq!(outcomes, [RunOutcome::Failed]);
    let names = |page: &[sources::Source]| -> Vec<String> {
        page.iter().map(|one| one.definition.name.clone()).collect()
    };
    let page = sources::page(&mut tx, None, 2).await.unwrap();
    assert_eq!(names(&page), ["ads", "beta"]);
    let page = sources::page(&mut tx, Some("beta"), 2).await.unwrap();
    assert_eq!(names(&page), ["zeta"]);
    let found = sources::get(&mut tx, ids[1]).await.unwrap().unwrap();
    assert_eq!(found.definition.name, "beta");
}

pub async fn visits_and_paces_of_a_run_are_read(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let mut ends = Vec::new();
    for (nth, (link, outcome)) in [
        ("https://ads.example/1", Outcome::Fetched),
        ("https://ads.example/2", Outcome::Forbidden),
        ("https://ads.example/3", Outcome::RobotsDenied),
        ("https://img.example/4", Outcome::Fetched),
    ]
    .into_iter()
    .enumerate()
    {
        let visit = new_visit(&run, link, START);
        let id = visits::add(&mut tx, &[visit]).await.unwrap()[0].unwrap();
        ends.push(visits::VisitEnd {
            id,
            outcome,
            detail: None,
            status: None,
            capture: None,
            at: at(30 * nth as i64),
        });
    }
    visits::finish(&mut tx, &ends).await.unwrap();
    let first = paces::visits_of(&mut tx, run.id, None, None, 3)
        .await
        .unwrap();
    let last = first[2].url.as_str().to_owned();
    let rest = paces::visits_of(&mut tx, run.id, None, Some(&last), 3)
        .await
        .unwrap();
    assert_eq!((first.len(), rest.len()), (3, 1));
    let refused = paces::visits_of(&mut tx, run.id, Some(Outcome::Forbidden), None, 9).await;
    assert_eq!(refused.unwrap()[0].url.path(), "/2");
    let paces = paces::of_run(&mut tx, run.id, START).await.unwrap();
    let seen: Vec<_> = paces
        .iter()
        .map(|pace| (pace.host.as_str(), pace.minute, pace.visits))
        .collect();
    // What robots.txt kept from being asked for was not asked for.
    let (first, second) = (START, START + std::time::Duration::from_secs(60));
    assert_eq!(
        seen,
        [
            ("ads.example:443", first, 2),
            ("img.example:443", second, 1)
        ]
    );
}

pub async fn messages_are_read_by_state(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let mut more = Vec::new();
    for nth in 0..4 {
        let mut made = delivery(&world.alert, &format!("channel {nth}"), at(nth), &mint);
        made.batch = 50 + nth;
        more.push(made);
    }
    deliveries::insert(&mut tx, &more).await.unwrap();
    let mut read = Vec::new();
    let mut after = None;
    loop {
        let page = outbox::page(&mut tx, DeliveryState::Pending, after, 2)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        read.extend(page.into_iter().map(|delivery| delivery.id));
    }
    assert!(read.is_sorted_by(|one, next| one > next));
    assert!(more.iter().all(|delivery| read.contains(&delivery.id)));
    assert!(!read.contains(&world.rest.dead));
    let dead = outbox::page(&mut tx, DeliveryState::Dead, None, 9)
        .await
        .unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].id, world.rest.dead);
}

pub async fn the_audit_log_is_read_by_every_filter(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let _ = mint;
    let mut tx = store.write(organisation).await.unwrap();
    for nth in 0..9 {
        let deed = Deed {
            at: at(nth),
            who: ["Zoe", "Rose"][nth as usize % 2].to_owned(),
            what: ["alert.read", "alert.close", "export"][nth as usize % 3].to_owned(),
            subject: (nth / 3).to_string(),
            detail: String::new(),
        };
        audit::append(&mut tx, &deed).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let wanted = |change: fn(&mut audit::Wanted)| {
        let mut wanted = audit::Wanted {
            limit: 99,
            ..audit::Wanted::default()
        };
        change(&mut wanted);
        wanted
    };
    for (wanted, count) in [
        (wanted(|_| ()), 9),
        (wanted(|it| it.who = Some("Zoe".to_owned())), 5),
        (wanted(|it| it.what = Some("export".to_owned())), 3),
        (
            wanted(|it| it.subjects = vec!["1".to_owned(), "none".to_owned()]),
            3,
        ),
        (wanted(|it| it.since = Some(at(7))), 2),
        (wanted(|it| it.since = Some(at(99))), 0),
        (wanted(|it| it.until = Some(at(7))), 7),
        (wanted(|it| it.until = Some(START)), 0),
        (
            wanted(|it| {
                it.who = Some("Rose".to_owned());
                it.since = Some(at(2));
                it.until = Some(at(6));
            }),
            2,
        ),
    ] {
        let found = audit::page(&mut tx, &wanted).await.unwrap();
        assert_eq!(found.len(), count, "{wanted:?}");
    }
    let mut page = wanted(|it| it.limit = 4);
    let first = audit::page(&mut tx, &page).await.unwrap();
    page.after = first.last().map(|deed| deed.id);
    let second = audit::page(&mut tx, &page).await.unwrap();
    assert!(first[3].id > second[0].id);
    assert_eq!((first.len(), second.len()), (4, 4));
}

pub async fn whoever_changes_an_account_ends_its_sessions(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let account = Account {
        id: mint.id(START),
        name: "Zoe".to_owned(),
        role: Role::Analyst,
        created_at: START,
        enrolled_at: Some(START),
        disabled_at: None,
    };
    accounts::add(&mut tx, &account, "hash").await.unwrap();
    let id = account.id;
    let codes = ["recovery".to_owned()];
    for nth in 0..5 {
        accounts::set_recovery(&mut tx, id, &codes).await.unwrap();
        let session = Session {
            id: mint.id(START),
            account: id,
            stage: Stage::SignedIn,
            created_at: START,
            seen_at: START,
            address: None,
            agent: None,
            failures: 0,
        };
        let digest = format!("session {nth}");
        sessions::begin(&mut tx, &session, &digest).await.unwrap();
        assert_eq!(
            sessions::page(&mut tx, None, 9).await.unwrap(),
            from_ref(&session)
        );
        let changed = match nth {
            0 => accounts::set_role(&mut tx, id, Role::Auditor).await,
            1 => accounts::set_password(&mut tx, id, "new").await,
            2 => accounts::set_disabled(&mut tx, id, Some(at(5))).await,
            3 => accounts::set_disabled(&mut tx, id, None).await,
            _ => accounts::reset_factor(&mut tx, id, "secret").await,
        };
        assert!(changed.unwrap());
        assert_eq!(sessions::page(&mut tx, None, 9).await.unwrap(), [], "{nth}");
    }
    // Whoever lost their second factor begins anew; their recovery codes are worth nothing.
    let found = accounts::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(found.enrolled_at, None);
    let used = accounts::use_recovery(&mut tx, id, "recovery", START).await;
    assert!(!used.unwrap());
    let proof = accounts::proof(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(proof.totp_secret.as_deref(), Some("secret"));
}

pub async fn no_page_of_the_operator_reads_a_whole_table(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let plans = tx.explain();
    let (source, run) = (world.source, world.run.id);
    sources::page(&mut tx, Some("a"), 9).await.unwrap();
    runs::latest_of(&mut tx, &[source, source], 9)
        .await
        .unwrap();
    runs::of_source(&mut tx, source, Some((at(9), at(9))), 9)
        .await
        .unwrap();
    visits::outcomes(&mut tx, run).await.unwrap();
    for outcome in [None, Some(Outcome::Fetched)] {
        let visits = paces::visits_of(&mut tx, run, outcome, Some("a"), 9).await;
        visits.unwrap();
    }
    paces::of_run(&mut tx, run, START).await.unwrap();
    for state in DeliveryState::ALL {
        let after = Some(world.delivery.id);
        outbox::page(&mut tx, *state, after, 9).await.unwrap();
    }
    for nth in 0..5 {
        let wanted = audit::Wanted {
            who: (nth == 1).then(|| "Zoe".to_owned()),
            what: (nth == 2).then(|| "export".to_owned()),
            subjects: (nth == 3).then(|| "1".to_owned()).into_iter().collect(),
            since: (nth == 4).then_some(START),
            until: (nth == 4).then_some(at(9)),
            after: Some(9),
            limit: 9,
        };
        audit::page(&mut tx, &wanted).await.unwrap();
    }
    let steps = plans.take();
    if store.engine() == sightline_store::Engine::Sqlite {
        assert!(steps.len() > 15, "{steps:?}");
    }
    for step in &steps {
        // By an index, and in its order: only what is grouped may be sorted, which is of one run.
        let is_of_a_page = step.does.starts_with("SEARCH ")
            || step.does.starts_with("SCAN part")
            || ["COMPOUND", "CO-ROUTINE", "UNION ALL", "LEFT-MOST"]
                .iter()
                .any(|word| step.does.contains(word))
            || step.does == "USE TEMP B-TREE FOR GROUP BY";
        assert!(is_of_a_page, "{step:?}: {steps:#?}");
    }
}
