//! Several processes on one store: they wait for each other where they must, and block each other never.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sightline_model::*;
use sightline_store::{
    Filter, Store, alert_life, alerts, deliveries, entries, generation, hosts,
    leases::{self, Wish},
    pages, runs, selectors, sightings, visits, watchlists,
};
use tokio::task::JoinSet;

use crate::{
    support::{Place, START, at},
    world::*,
};

/// Two stores, as two processes have them.
async fn two(place: &Place) -> [Store; 2] {
    [place.open().await, place.open().await]
}

pub async fn writers_do_not_block_each_other(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let runs: [Run; 2] = [
        running(&mut tx, "ads", &mint).await,
        running(&mut tx, "posts", &mint).await,
    ];
    tx.commit().await.unwrap();
    let mut tasks = JoinSet::new();
    for (nth, store) in two(place).await.into_iter().enumerate() {
        for worker in 0..2 {
            let (store, runs) = (store.clone(), runs.clone());
            tasks.spawn(async move {
                let backwards = (nth + worker) % 2 == 1;
                for round in 0..15 {
                    write_all(&store, organisation, &runs, round, backwards).await;
                }
            });
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let mut tx = store.read(organisation).await.unwrap();
    for run in runs::list(&mut tx, &Filter::default()).await.unwrap() {
        assert_eq!(run.counts.visits, 60, "no count is lost");
    }
}

/// One commit's worth of rows that the others write as well at the same moment, given in the opposite order.
async fn write_all(
    store: &Store,
    organisation: OrganisationId,
    runs: &[Run; 2],
    round: i64,
    backwards: bool,
) {
    let mut numbers: Vec<i64> = (0..20).map(|nth| round * 10 + nth).collect();
    let mut runs = runs.clone();
    if backwards {
        numbers.reverse();
        runs.reverse();
    }
    let mut tx = store.write(organisation).await.unwrap();
    let link = |nth: &i64| format!("https://h{nth}.example/{nth}");
    let due: Vec<NewVisit> = runs
        .iter()
        .flat_map(|run| {
            numbers
                .iter()
                .map(move |nth| new_visit(run, &link(nth), START))
        })
        .collect();
    visits::add(&mut tx, &due).await.unwrap();
    let ids: Vec<PageId> = tx.reserve(numbers.len()).await.unwrap();
    let found: Vec<Page> = ids
        .into_iter()
        .zip(&numbers)
        .map(|(id, nth)| page(id, runs[0].source, &link(nth), CaptureId(1)))
        .collect();
    pages::upsert(&mut tx, &found).await.unwrap();
    let seen: Vec<Selector> = numbers
        .iter()
        .map(|nth| Selector::new(Kind::Handle, format!("any/{nth}")))
        .collect();
    let interned = selectors::intern(&mut tx, &seen).await.unwrap();
    assert_eq!(interned.len(), seen.len());
    let states: Vec<HostState> = numbers
        .iter()
        .map(|nth| HostState {
            host: format!("h{nth}.example:443"),
            next_at: at(round),
            ..HostState::default()
        })
        .collect();
    hosts::save(&mut tx, "one", &states).await.unwrap();
    let one = RunCounts {
        visits: 1,
        ..RunCounts::default()
    };
    runs::add_counts(&mut tx, &[(runs[0].id, one), (runs[1].id, one)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub async fn one_alert_is_raised_by_two(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    alerts::close(&mut tx, world.alert.id, Closed::Rejected, at(1))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // Both look whether there is an alert, see none, and raise one: the hold makes the second look after the first.
    let mut tasks = JoinSet::new();
    for (nth, store) in (0..).zip(two(place).await) {
        let entry = world.entry.clone();
        tasks.spawn(async move {
            let mint = Mint::seeded(100 + nth);
            let mut tx = store.write(organisation).await.unwrap();
            entries::hold(&mut tx, &[entry.id]).await.unwrap();
            let memory = sightings::memory(&mut tx, &[entry.id]).await.unwrap();
            assert_eq!(memory.all[&entry.id].listings, 1);
            if alerts::unclosed_of(&mut tx, &[entry.id])
                .await
                .unwrap()
                .is_empty()
            {
                let alert = alert(&entry, &mint);
                alerts::insert(&mut tx, std::slice::from_ref(&alert))
                    .await
                    .unwrap();
                deliveries::insert(&mut tx, &[delivery(&alert, "duty", START, &mint)])
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let mut tx = store.read(organisation).await.unwrap();
    assert_eq!(
        alerts::unclosed_of(&mut tx, &[world.entry.id])
            .await
            .unwrap()
            .len(),
        1
    );
}

/// Somebody takes alerts together, the first of which is of the later entry, while a process that has the earlier one goes on to
/// the later one and their list.
pub async fn who_takes_alerts_together_waits_with_nothing_in_hand(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let other = entry(&world.watchlist, "+12025550199", &mint);
    entries::add(&mut tx, std::slice::from_ref(&other))
        .await
        .unwrap();
    let mut of = [world.entry.clone(), other];
    of.sort_by_key(|entry| entry.id);
    let [earlier, later] = of;
    alerts::close(&mut tx, world.alert.id, Closed::Stale, at(1))
        .await
        .unwrap();
    let mut raised = [alert(&later, &mint), alert(&earlier, &mint)];
    let mut ids = raised.each_ref().map(|alert| alert.id);
    ids.sort_unstable();
    (raised[0].id, raised[1].id) = ids.into();
    alerts::insert(&mut tx, &raised).await.unwrap();
    tx.commit().await.unwrap();

    let taker = place.open().await;
    let mut tx = store.write(organisation).await.unwrap();
    entries::hold(&mut tx, &[earlier.id]).await.unwrap();
    let taking = tokio::spawn(async move {
        let mut tx = taker.write(organisation).await.unwrap();
        let held = alert_life::hold(&mut tx, &ids, &[]).await.unwrap();
        tx.commit().await.unwrap();
        held.len()
    });
    place.await_a_waiting_lock().await;
    entries::hold(&mut tx, &[later.id]).await.unwrap();
    alerts::hold_groups_of(&mut tx, &[later.watchlist])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(taking.await.unwrap(), 2);
}

/// A commit holds the generation and then its entries; whoever changes entries or watchlists at that moment waits for it
/// with nothing in hand that it will want.
pub async fn a_change_of_entries_waits_for_a_commit(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();
    let other = place.open().await;
    for change in [
        Change::Withdraw(world.entry.id),
        Change::Add(entry(&world.watchlist, "+12025550123", &mint)),
        Change::Rename(world.watchlist.clone()),
    ] {
        let mut tx = store.write(organisation).await.unwrap();
        let before = generation::hold(&mut tx).await.unwrap();
        let changing = tokio::spawn(make(other.clone(), organisation, change));
        place.await_a_waiting_lock().await;
        // With a lock on the entry or its list, the other would wait for this one, and this one for the other.
        entries::hold(&mut tx, &[world.entry.id]).await.unwrap();
        let raised = alert(&world.entry, &mint);
        alerts::insert(&mut tx, &[raised]).await.unwrap();
        assert_eq!(generation::present(&mut tx).await.unwrap(), before);
        tx.commit().await.unwrap();
        changing.await.unwrap();
        let mut tx = store.read(organisation).await.unwrap();
        assert!(generation::present(&mut tx).await.unwrap() > before);
    }
}

enum Change {
    Withdraw(EntryId),
    Add(Entry),
    Rename(Watchlist),
}

async fn make(store: Store, organisation: OrganisationId, change: Change) {
    let mut tx = store.write(organisation).await.unwrap();
    match change {
        Change::Withdraw(id) => {
            assert_eq!(entries::withdraw(&mut tx, &[id]).await.unwrap(), 1);
        }
        Change::Add(entry) => {
            // It was withdrawn before, and is back.
            let added = entries::add(&mut tx, &[entry]).await.unwrap();
            assert!(matches!(added[..], [entries::Addition::Restored(_)]));
        }
        Change::Rename(list) => {
            let renamed = Watchlist {
                name: "found".to_owned(),
                ..list
            };
            assert!(watchlists::update(&mut tx, &renamed).await.unwrap());
        }
    }
    tx.commit().await.unwrap();
}

/// A commit keeps its visits and then saves their hosts; the same worker renews its leases, or gives them back, at that
/// moment.
pub async fn a_renewal_waits_for_a_commit(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let due = new_visit(&run, "https://ads.example/", START);
    visits::add(&mut tx, &[due]).await.unwrap();
    let wish = Wish {
        worker: "worker",
        lease_for: Duration::from_secs(60),
        sources: sightline_store::leases::Whose::Everyones,
        at_most: 9,
        per_host: 9,
    };
    let leased = leases::lease_due(&mut tx, &wish, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    let visit = &leased[0].visit;
    let other = place.open().await;
    for gives_back in [false, true] {
        let mut tx = store.write(organisation).await.unwrap();
        let held = leases::still_held(&mut tx, "worker", &[visit.id]).await;
        assert_eq!(held.unwrap(), [visit.id]);
        let other = other.clone();
        let has = BTreeSet::from([visit.id]);
        let beside = tokio::spawn(async move {
            let mut tx = other.write(organisation).await.unwrap();
            match gives_back {
                false => leases::renew(&mut tx, "worker", &has, at(90))
                    .await
                    .unwrap(),
                true => leases::release(&mut tx, "worker").await.unwrap(),
            }
            tx.commit().await.unwrap();
        });
        place.await_a_waiting_lock().await;
        let state = HostState {
            host: visit.host.clone(),
            next_at: at(2),
            ..HostState::default()
        };
        hosts::save(&mut tx, "one", &[state]).await.unwrap();
        tx.commit().await.unwrap();
        beside.await.unwrap();
    }
}

pub async fn workers_share_the_work(place: &Place) {
    const HOSTS: i64 = 40;
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let due: Vec<NewVisit> = (0..HOSTS * 5)
        .map(|nth| {
            new_visit(
                &run,
                &format!("https://h{}.example/{nth}", nth % HOSTS),
                START,
            )
        })
        .collect();
    visits::add(&mut tx, &due).await.unwrap();
    tx.commit().await.unwrap();
    let mut tasks = JoinSet::new();
    for (nth, store) in two(place).await.into_iter().enumerate() {
        tasks.spawn(async move { work(&store, organisation, &format!("worker {nth}")).await });
    }
    let mut done = Vec::<(String, VisitId)>::new();
    while let Some(one) = tasks.join_next().await {
        done.extend(one.unwrap());
    }
    assert_eq!(done.len(), due.len(), "every visit is made, and made once");
    assert_eq!(
        done.iter().map(|(_, id)| id).collect::<BTreeSet<_>>().len(),
        due.len()
    );
    let mut tx = store.read(organisation).await.unwrap();
    assert!(!visits::any_remaining(&mut tx, run.id).await.unwrap());
}

/// Takes and ends visits until none are due, as one process would; which, and on which host.
async fn work(store: &Store, organisation: OrganisationId, worker: &str) -> Vec<(String, VisitId)> {
    let mut made = Vec::new();
    let mut idle = 0;
    // What another has locked at that moment is skipped, so one empty answer does not mean that all is done.
    while idle < 20 {
        let wish = Wish {
            worker,
            lease_for: Duration::from_secs(60),
            sources: sightline_store::leases::Whose::Everyones,
            at_most: 7,
            per_host: 2,
        };
        let mut tx = store.write(organisation).await.unwrap();
        let leases = leases::lease_due(&mut tx, &wish, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        idle = if leases.is_empty() { idle + 1 } else { 0 };
        let ids: Vec<VisitId> = leases.iter().map(|lease| lease.visit.id).collect();
        let mut tx = store.write(organisation).await.unwrap();
        assert_eq!(
            leases::still_held(&mut tx, worker, &ids)
                .await
                .unwrap()
                .len(),
            ids.len()
        );
        let ends: Vec<visits::VisitEnd> = ids
            .iter()
            .map(|&id| visits::VisitEnd {
                id,
                outcome: Outcome::Fetched,
                detail: None,
                status: Some(200),
                capture: None,
                at: at(2),
            })
            .collect();
        visits::finish(&mut tx, &ends).await.unwrap();
        tx.commit().await.unwrap();
        let mut per_host = BTreeMap::<&str, u32>::new();
        for lease in &leases {
            *per_host.entry(&lease.visit.host).or_default() += 1;
        }
        assert!(per_host.values().all(|&count| count <= 2), "{per_host:?}");
        made.extend(
            leases
                .into_iter()
                .map(|lease| (lease.visit.host, lease.visit.id)),
        );
    }
    made
}
