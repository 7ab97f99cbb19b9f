//! Entries and sightings: what is looked for, and when it was seen.

use std::collections::BTreeSet;

use sightline_model::*;
use sightline_store::{
    Filter, StoreError, Tx,
    entries::{self, Addition, ChangeMark, changes},
    generation, listings, sightings, watchlists,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

pub fn change_of(entry: &Entry) -> EntryChange {
    EntryChange {
        entry: entry.id,
        at: START,
        who: "R. Analyst".to_owned(),
        deed: EntryDeed::Edited,
        fields: vec![FieldChange {
            field: "tags".to_owned(),
            before: None,
            after: Some("north".to_owned()),
        }],
        reason: None,
    }
}

pub async fn entries_are_added_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let list = watchlist("missing", &mint);
    watchlists::create(&mut tx, &list).await.unwrap();
    let generation = generation::present(&mut tx).await.unwrap();
    let [first, second, third] =
        ["+12025550123", "+12025550124", "+12025550123"].map(|value| entry(&list, value, &mint));
    let outcomes = entries::add(&mut tx, &[first.clone(), second.clone(), third.clone()])
        .await
        .unwrap();
    assert_eq!(
        outcomes,
        [
            Addition::Added,
            Addition::Added,
            Addition::Duplicate(first.id)
        ]
    );
    let moved = generation::present(&mut tx).await.unwrap();
    assert!(moved > generation);
    assert_eq!(
        entries::add(&mut tx, std::slice::from_ref(&third))
            .await
            .unwrap(),
        [Addition::Duplicate(first.id)]
    );
    assert_eq!(
        generation::present(&mut tx).await.unwrap(),
        moved,
        "nothing changed"
    );

    entries::mark_hunted(&mut tx, &[first.id, second.id], at(1))
        .await
        .unwrap();
    assert_eq!(entries::withdraw(&mut tx, &[first.id]).await.unwrap(), 1);
    assert_eq!(entries::withdraw(&mut tx, &[first.id]).await.unwrap(), 0);
    assert!(generation::present(&mut tx).await.unwrap() > moved);
    let renewed = Entry {
        purpose: "another case".to_owned(),
        ..third
    };
    assert_eq!(
        entries::add(&mut tx, std::slice::from_ref(&renewed))
            .await
            .unwrap(),
        [Addition::Restored(Box::new(Entry {
            state: EntryState::Withdrawn,
            ..first.clone()
        }))],
        "with what it said before"
    );
    let stored = entries::get(&mut tx, &[first.id]).await.unwrap();
    assert_eq!(
        stored,
        [Entry {
            id: first.id,
            ..renewed
        }]
    );
    let unhunted = entries::not_yet_hunted(&mut tx, at(2), 9).await.unwrap();
    assert_eq!(unhunted.len(), 1, "what is restored is hunted anew");
    assert_eq!(unhunted[0].id, first.id);
    assert_eq!(
        entries::list(
            &mut tx,
            &Filter {
                watchlist: Some(list.id),
                ..Filter::default()
            }
        )
        .await
        .unwrap()
        .len(),
        2
    );

    let taken = watchlists::create(&mut tx, &watchlist("missing", &mint))
        .await
        .unwrap_err();
    assert!(
        matches!(&taken, StoreError::Taken { what } if what.contains("missing")),
        "{taken}"
    );
}

pub async fn matchers_see_active_entries_only(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let mut list = watchlist("missing", &mint);
    watchlists::create(&mut tx, &list).await.unwrap();
    let many: Vec<Entry> = (0..1_500)
        .map(|nth| entry(&list, &format!("+1202{nth:07}"), &mint))
        .collect();
    entries::add(&mut tx, &many).await.unwrap();
    let unfit = [
        Entry {
            expires_at: Some(at(10)),
            ..entry(&list, "+447700900001", &mint)
        },
        Entry {
            purpose: " ".to_owned(),
            ..entry(&list, "+447700900002", &mint)
        },
        Entry {
            legal_basis: String::new(),
            ..entry(&list, "+447700900003", &mint)
        },
        Entry {
            state: EntryState::Withdrawn,
            ..entry(&list, "+447700900004", &mint)
        },
    ];
    entries::add(&mut tx, &unfit).await.unwrap();
    let looked_for = async |tx: &mut Tx, now, at_most| {
        let (mut mark, mut seen) = (ChangeMark::FIRST, Vec::new());
        loop {
            let some = entries::changed(tx, now, mark, at_most).await.unwrap();
            let Some(last) = some.last() else { break };
            mark = ChangeMark::after(last);
            seen.extend(some.into_iter().filter(|entry| entry.is_looked_for));
        }
        seen
    };
    let seen = looked_for(&mut tx, at(10), 700).await;
    assert_eq!(seen.len(), 1_500);
    let ids: BTreeSet<EntryId> = seen.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, many.iter().map(|entry| entry.id).collect());
    let before_expiry = looked_for(&mut tx, at(9), 9_999).await;
    assert_eq!(before_expiry.len(), 1_501);
    assert!(
        before_expiry
            .iter()
            .any(|entry| entry.expires_at == Some(at(10)))
    );

    list.rules = serde_json::json!({ "gap": "7d" });
    assert!(watchlists::update(&mut tx, &list).await.unwrap());
    assert_eq!(
        watchlists::by_name(&mut tx, "missing")
            .await
            .unwrap()
            .as_ref(),
        Some(&list)
    );
    assert_eq!(
        watchlists::get(&mut tx, list.id).await.unwrap().as_ref(),
        Some(&list)
    );
    assert_eq!(watchlists::all(&mut tx).await.unwrap(), [list]);
}

pub async fn what_changed_is_found_by_its_generation(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    assert_eq!(generation::hold(&mut tx).await.unwrap(), 0);
    let mut list = watchlist("missing", &mint);
    watchlists::create(&mut tx, &list).await.unwrap();
    let [first, second, third] =
        ["+12025550123", "+12025550124", "+12025550125"].map(|value| entry(&list, value, &mint));
    entries::add(&mut tx, &[first.clone(), second.clone()])
        .await
        .unwrap();
    let changed = async |tx: &mut Tx, since| {
        let mark = ChangeMark::behind(since);
        let changed = entries::changed(tx, START, mark, 9).await.unwrap();
        let place = |entry: entries::ChangedEntry| (entry.id, entry.is_looked_for);
        changed.into_iter().map(place).collect::<Vec<_>>()
    };
    let loaded = generation::hold(&mut tx).await.unwrap();
    assert_eq!(changed(&mut tx, loaded).await, []);

    entries::withdraw(&mut tx, &[second.id]).await.unwrap();
    let withdrawn = generation::present(&mut tx).await.unwrap();
    entries::add(&mut tx, std::slice::from_ref(&third))
        .await
        .unwrap();
    let added = generation::present(&mut tx).await.unwrap();
    assert_eq!(
        changed(&mut tx, loaded).await,
        [(second.id, false), (third.id, true)],
        "in the order of the changes"
    );
    assert_eq!(changed(&mut tx, withdrawn).await, [(third.id, true)]);

    let again = entry(&list, "+12025550124", &mint);
    entries::add(&mut tx, &[again]).await.unwrap();
    assert_eq!(changed(&mut tx, added).await, [(second.id, true)]);

    // What changes no entry: rules, and the note that entries were hunted.
    let loaded = generation::present(&mut tx).await.unwrap();
    list.rules = serde_json::json!({ "gap": "7d" });
    watchlists::update(&mut tx, &list).await.unwrap();
    entries::mark_hunted(&mut tx, &[first.id], START)
        .await
        .unwrap();
    assert!(generation::present(&mut tx).await.unwrap() > loaded);
    assert_eq!(changed(&mut tx, loaded).await, []);
}

pub async fn entries_are_hunted_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let list = watchlist("missing", &mint);
    watchlists::create(&mut tx, &list).await.unwrap();
    let both = ["+12025550123", "+12025550124"].map(|value| entry(&list, value, &mint));
    entries::add(&mut tx, &both).await.unwrap();
    let first = entries::not_yet_hunted(&mut tx, START, 1).await.unwrap();
    assert_eq!(first.len(), 1);
    entries::mark_hunted(&mut tx, &[first[0].id], at(1))
        .await
        .unwrap();
    let second = entries::not_yet_hunted(&mut tx, START, 1).await.unwrap();
    assert_ne!(first[0].id, second[0].id);
    entries::mark_hunted(&mut tx, &[second[0].id], at(1))
        .await
        .unwrap();
    assert_eq!(
        entries::not_yet_hunted(&mut tx, START, 1).await.unwrap(),
        []
    );

    let ids = [first[0].id, second[0].id];
    entries::hunt_again(&mut tx, &ids).await.unwrap();
    assert_eq!(entries::mark_all_hunted(&mut tx, at(2)).await.unwrap(), 2);
    assert_eq!(entries::mark_all_hunted(&mut tx, at(2)).await.unwrap(), 0);
}

pub async fn changed_entries_are_kept_with_their_changes(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let list = watchlist("missing", &mint);
    watchlists::create(&mut tx, &list).await.unwrap();
    let sketch = Entry {
        state: EntryState::Draft,
        ..entry(&list, "+12025550123", &mint)
    };
    let active = Entry {
        review_at: at(3),
        ..entry(&list, "+12025550124", &mint)
    };
    let both = [sketch.clone(), active.clone()];
    entries::add(&mut tx, &both).await.unwrap();
    let ids = both.map(|entry| entry.id);
    let hunted = entries::not_yet_hunted(&mut tx, START, 9).await.unwrap();
    assert_eq!(hunted.len(), 1, "a draft is not looked for");
    entries::mark_hunted(&mut tx, &ids, START).await.unwrap();
    for (now, due) in [(2, vec![]), (3, vec![active.clone()])] {
        let found = entries::due_for_review(&mut tx, at(now), at(now), 9)
            .await
            .unwrap();
        assert_eq!(found, due);
    }

    let activated = Entry {
        state: EntryState::Active,
        tags: vec!["north".to_owned()],
        review_at: at(9),
        ..sketch
    };
    let noted = Entry {
        note: Some("seen in spring".to_owned()),
        ..active
    };
    let generation = generation::present(&mut tx).await.unwrap();
    let edited = [activated.clone(), noted.clone()];
    entries::edit(&mut tx, &edited, START).await.unwrap();
    assert!(generation::present(&mut tx).await.unwrap() > generation);
    let mut stored = entries::get(&mut tx, &ids).await.unwrap();
    stored.sort_by_key(|entry| entry.id != activated.id);
    assert_eq!(stored, [activated.clone(), noted.clone()]);
    let hunted = entries::not_yet_hunted(&mut tx, START, 9).await.unwrap();
    let hunted: Vec<EntryId> = hunted.iter().map(|entry| entry.id).collect();
    assert_eq!(hunted, [activated.id], "what is looked for since is hunted");

    let edited = change_of(&activated);
    let changes = [
        EntryChange {
            deed: EntryDeed::Activated,
            ..edited.clone()
        },
        edited,
    ];
    changes::append(&mut tx, &changes).await.unwrap();
    assert_eq!(
        changes::of_entry(&mut tx, activated.id).await.unwrap(),
        changes
    );
    assert_eq!(changes::of_entry(&mut tx, noted.id).await.unwrap(), []);
    let last = changes::last(&mut tx, &[activated.id, noted.id])
        .await
        .unwrap();
    assert_eq!(last, [(activated.id, changes[1].at)].into());
}

pub async fn the_same_selector_is_found_on_other_lists(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let [here, there, elsewhere] =
        ["here", "there", "elsewhere"].map(|name| watchlist(name, &mint));
    for list in [&here, &there, &elsewhere] {
        watchlists::create(&mut tx, list).await.unwrap();
    }
    let on = |list: &Watchlist, value: &str| entry(list, value, &mint);
    let others = [
        on(&there, "+12025550123"),
        on(&elsewhere, "+12025550123"),
        on(&there, "+12025550124"),
    ];
    let own = [
        on(&here, "+12025550123"),
        on(&here, "+12025550124"),
        on(&here, "+12025550125"),
    ];
    entries::add(&mut tx, &others).await.unwrap();
    entries::add(&mut tx, &own[2..]).await.unwrap();
    entries::withdraw(&mut tx, &[others[2].id]).await.unwrap();
    let found = entries::elsewhere(&mut tx, &own).await.unwrap();
    let named = found[&own[0].selector]
        .iter()
        .map(|other| (other.watchlist.as_str(), other.entry));
    let named: Vec<_> = named.collect();
    assert_eq!(
        named,
        [("elsewhere", others[1].id), ("there", others[0].id)]
    );
    assert_eq!(
        found.len(),
        1,
        "neither what was withdrawn, nor what stands on the list itself"
    );
}

pub async fn memory_spans_all_listings(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let other = running(&mut tx, "posts", &mint).await;
    // Three more listings: one of the same source seen earlier, two of another, the first of which is seen last.
    let more = [
        Listing {
            last_seen: at(-50),
            ..listing(fresh(&mut tx).await, &world.run, "older")
        },
        Listing {
            last_seen: at(70),
            ..listing(fresh(&mut tx).await, &other, "newest")
        },
        Listing {
            last_seen: at(60),
            ..listing(fresh(&mut tx).await, &other, "newer")
        },
    ];
    listings::insert(&mut tx, &more).await.unwrap();
    let made: Vec<Sighting> = more
        .iter()
        .map(|listing| sighting(&world.entry, listing, &mint))
        .collect();
    sightings::insert(&mut tx, &made).await.unwrap();
    entries::hold(&mut tx, &[world.entry.id]).await.unwrap();
    let unseen: EntryId = mint.id(START);
    let memories = sightings::memory(&mut tx, &[world.entry.id, unseen])
        .await
        .unwrap();
    assert_eq!(memories.all.len(), 1);
    assert_eq!(memories.certain, memories.all);
    let memory = &memories.all[&world.entry.id];
    assert_eq!(
        (memory.last_seen, memory.listing, memory.source),
        (at(70), more[1].id, other.source)
    );
    assert_eq!(memory.sources, BTreeSet::from([world.source, other.source]));
    assert_eq!(memory.listings, 4);

    // What is only possible is remembered apart, and what a warning list names not at all.
    let mut doubtful = made.clone();
    doubtful[0].explanation.confidence = Confidence::Inferred;
    doubtful[1].explanation.warning = Some("hotlines".to_owned());
    sightings::update(&mut tx, &doubtful[..2]).await.unwrap();
    let memories = sightings::memory(&mut tx, &[world.entry.id]).await.unwrap();
    let listings =
        |of: &std::collections::HashMap<EntryId, sightings::Memory>| of[&world.entry.id].listings;
    assert_eq!(
        (listings(&memories.all), listings(&memories.certain)),
        (3, 2)
    );
}

pub async fn sightings_follow_their_listing(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let made = world.sighting.clone();
    let pairs = [(made.entry, made.listing), (made.entry, ListingId(99))];
    assert_eq!(
        sightings::of_pairs(&mut tx, &pairs).await.unwrap(),
        std::slice::from_ref(&made)
    );
    assert_eq!(
        sightings::on_pages(&mut tx, &[world.page]).await.unwrap(),
        [(world.page, made.clone())]
    );
    assert_eq!(
        sightings::get(&mut tx, &[made.id]).await.unwrap(),
        std::slice::from_ref(&made)
    );

    listings::touch(&mut tx, &[(world.page, world.run.id, at(60))])
        .await
        .unwrap();
    assert_eq!(
        sightings::get(&mut tx, &[made.id]).await.unwrap()[0].last_seen,
        at(60)
    );
    assert_eq!(
        sightings::memory(&mut tx, &[made.entry]).await.unwrap().all[&made.entry].last_seen,
        at(60)
    );
    // The text changed: the number is gone, and was last seen before the change.
    sightings::end(&mut tx, &[(made.id, at(60))]).await.unwrap();
    listings::touch(&mut tx, &[(world.page, world.run.id, at(90))])
        .await
        .unwrap();
    let ended = sightings::of_listings(&mut tx, &[made.listing])
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!((ended.current, ended.last_seen), (false, at(60)));
    assert_eq!(
        sightings::on_pages(&mut tx, &[world.page]).await.unwrap(),
        []
    );

    let again = Sighting {
        reason: Reason::Reappeared,
        at: at(100),
        last_seen: at(100),
        current: true,
        explanation: Explanation {
            previous: Some(Previous {
                at: at(60),
                source: world.source,
                listing: made.listing,
            }),
            ..made.explanation.clone()
        },
        ..made
    };
    sightings::update(&mut tx, std::slice::from_ref(&again))
        .await
        .unwrap();
    let reappeared = Filter {
        state: Some("reappeared"),
        watchlist: Some(again.watchlist),
        ..Filter::default()
    };
    assert_eq!(
        sightings::list(&mut tx, &reappeared).await.unwrap(),
        std::slice::from_ref(&again)
    );
    let elsewhere = Filter {
        source: Some(mint.id(START)),
        ..Filter::default()
    };
    assert_eq!(sightings::list(&mut tx, &elsewhere).await.unwrap(), []);
}
