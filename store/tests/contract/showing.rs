//! What analysts are shown: the table of a list's entries, and where something was seen.

use std::time::Duration;

use sightline_model::*;
use sightline_store::{
    entries::{
        self,
        table::{self, Mark, Sort, Sought, Wanted},
    },
    seen::{self, Companion},
};

use crate::{
    support::{Place, START, at},
    world::*,
};

pub async fn a_list_is_shown_in_every_order(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let values = [
        "lotus@example.com",
        "lotus-2@example.com",
        "Zebra@example.com",
        "lo_tus@example.com",
        "lo%tus@example.com",
    ];
    let made: Vec<Entry> = values
        .iter()
        .enumerate()
        .map(|(nth, value)| Entry {
            id: mint.id(at(nth as i64 + 1)),
            selector: Selector::new(Kind::Email, *value),
            review_at: START + Duration::from_secs(1_000 - nth as u64),
            ..world.entry.clone()
        })
        .collect();
    entries::add(&mut tx, &made).await.unwrap();
    let list = world.watchlist.id;
    let mut all = made.clone();
    all.push(world.entry.clone());
    let mut newest = all.clone();
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    let mut by_value = all.clone();
    // By the words of the kinds, and by the bytes of the values: `%` before `-` before `Z` before `_` before letters.
    by_value.sort_by_key(|entry| (entry.selector.kind.as_str(), entry.selector.value.clone()));
    let mut by_review = all.clone();
    by_review.sort_by_key(|entry| (entry.review_at, entry.id));
    for (sort, expected) in [
        (Sort::Newest, newest),
        (Sort::Value, by_value),
        (Sort::Review, by_review),
    ] {
        let mut wanted = Wanted {
            sort,
            ..Wanted::of(list, EntryState::Active, 2)
        };
        let mut read = Vec::new();
        loop {
            let page = table::page(&mut tx, &wanted).await.unwrap();
            let Some(last) = page.last() else { break };
            wanted.after = Some(wanted.mark(last));
            read.extend(page);
        }
        assert_eq!(read, expected, "{sort:?}");
    }
    for (beginning, expected) in [
        ("lo", vec![values[4], values[3], values[1], values[0]]),
        ("lotus", vec![values[1], values[0]]),
        ("lo_", vec![values[3]]),
        ("lo%", vec![values[4]]),
        ("z", vec![]),
        ("Z", vec![values[2]]),
    ] {
        let beginning = vec![
            (Kind::Email, beginning.to_owned()),
            (Kind::Email, format!("{beginning}tus")),
        ];
        let mut wanted = Wanted {
            sought: Some(Sought {
                beginnings: beginning,
                parts: Vec::new(),
            }),
            ..Wanted::of(list, EntryState::Active, 1)
        };
        let mut read = Vec::new();
        while let Some(entry) = table::page(&mut tx, &wanted).await.unwrap().pop() {
            read.push(entry.selector.value.clone());
            wanted.after = Some(wanted.mark(&entry));
        }
        assert_eq!(read, expected, "{:?}", wanted.sought);
    }
    // Those that begin so, then those that have it in them; by one rule in the store and out of it.
    for (beginning, part) in [
        ("lo", "o"),
        ("lo_", "l"),
        ("z", "_"),
        ("x", "tus"),
        ("", "a"),
    ] {
        let sought = Sought {
            beginnings: vec![(Kind::Email, beginning.to_owned())],
            parts: vec![
                (Kind::Email, part.to_owned()),
                (Kind::Phone, "44".to_owned()),
            ],
        };
        let begins = |entry: &Entry| {
            entry.selector.kind == Kind::Email && entry.selector.value.starts_with(beginning)
        };
        let mut expected = all.clone();
        expected.retain(|entry| sought.finds(&entry.selector));
        expected.sort_by_key(|entry| (!begins(entry), entry.selector.clone()));
        let mut wanted = Wanted {
            sought: Some(sought),
            ..Wanted::of(list, EntryState::Active, 2)
        };
        let mut read = Vec::new();
        loop {
            let page = table::page(&mut tx, &wanted).await.unwrap();
            let Some(last) = page.last() else { break };
            wanted.after = Some(wanted.mark(last));
            read.extend(page);
        }
        assert_eq!(read, expected, "{:?}", wanted.sought);
    }
    let count = table::count(&mut tx, list, EntryState::Active, None, 4).await;
    assert_eq!(count.unwrap(), 4, "four are counted at most");
    let due = Some(made[3].review_at);
    let wanted = Wanted {
        due,
        ..Wanted::of(list, EntryState::Active, 9)
    };
    let found = table::page(&mut tx, &wanted).await.unwrap();
    let count = table::count(&mut tx, list, EntryState::Active, due, 99).await;
    assert_eq!(found.len() as i64, count.unwrap());
    assert!(found.contains(&made[3]) && !found.contains(&made[2]));
}

/// Reviewing the entries of a page moves them, and one may go altogether: the next page goes on where the first ended.
pub async fn a_list_goes_on_while_it_changes(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let made: Vec<Entry> = (1..=7)
        .map(|nth| Entry {
            id: mint.id(at(nth)),
            selector: Selector::new(Kind::Email, format!("lotus-{nth}@example.com")),
            review_at: at(nth),
            ..world.entry.clone()
        })
        .collect();
    entries::add(&mut tx, &made).await.unwrap();
    let due = Some(at(9));
    let list = world.watchlist.id;
    for (sort, due) in [
        (Sort::Review, due),
        (Sort::Review, None),
        (Sort::Value, None),
        (Sort::Newest, None),
    ] {
        let mut wanted = Wanted {
            sort,
            due,
            ..Wanted::of(list, EntryState::Active, 3)
        };
        let all = Wanted {
            limit: 99,
            ..wanted.clone()
        };
        let mut expected = table::page(&mut tx, &all).await.unwrap();
        let first = table::page(&mut tx, &wanted).await.unwrap();
        wanted.after = Some(wanted.mark(&first[2]));
        // Two of them are reviewed, and the last is withdrawn: it is not in the list any more.
        let mut changed = first.clone();
        for entry in &mut changed {
            entry.review_at = START + Duration::from_secs(90 * 86_400);
        }
        changed[2].state = EntryState::Withdrawn;
        entries::edit(&mut tx, &changed, START).await.unwrap();
        let rest = table::page(
            &mut tx,
            &Wanted {
                limit: 99,
                ..wanted.clone()
            },
        )
        .await
        .unwrap();
        let rest: Vec<EntryId> = rest.iter().map(|entry| entry.id).collect();
        let ids: Vec<EntryId> = expected.split_off(3).iter().map(|entry| entry.id).collect();
        let is_moved = due.is_none() && sort == Sort::Review;
        // In the order of reviews, what is to be reviewed later comes again at its end.
        assert_eq!(rest[..ids.len()], ids[..], "{sort:?} {due:?}");
        assert_eq!(rest.len(), ids.len() + if is_moved { 2 } else { 0 });
        entries::edit(&mut tx, &first, START).await.unwrap();
    }
    // What is due on all lists, and what ends, goes on by what stood in the last of the page before.
    let ending: Vec<Entry> = made
        .iter()
        .map(|entry| Entry {
            expires_at: Some(entry.review_at + Duration::from_secs(60)),
            ..entry.clone()
        })
        .collect();
    entries::edit(&mut tx, &ending, START).await.unwrap();
    let (now, span) = (at(9), (at(0), at(9) + Duration::from_secs(60)));
    // The world's own is due before them, and does not end.
    let mut due = Some((world.entry.review_at, world.entry.id));
    let mut ends = None;
    for pair in ending.chunks(2) {
        let page = entries::due_page(&mut tx, (now, now), due, 2).await;
        assert_eq!(page.unwrap(), pair);
        let page = entries::ending::page(&mut tx, span, ends, 2).await;
        assert_eq!(page.unwrap(), pair);
        let last = pair.last().unwrap();
        due = Some((last.review_at, last.id));
        ends = last.expires_at.map(|at| (at, last.id));
        let later: Vec<Entry> = pair
            .iter()
            .map(|entry| Entry {
                review_at: START + Duration::from_secs(90 * 86_400),
                expires_at: None,
                ..entry.clone()
            })
            .collect();
        entries::edit(&mut tx, &later, START).await.unwrap();
    }
    // All of them, each once, whatever state they are brought into meanwhile.
    let mut states = [EntryState::Withdrawn, EntryState::Draft].iter().cycle();
    let mut changed = made.clone();
    let mut read: Vec<EntryId> = Vec::new();
    loop {
        let after = read.last().copied();
        let page = table::whole(&mut tx, list, after, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page.iter().map(|entry| entry.id));
        for entry in &mut changed {
            entry.state = *states.next().unwrap();
        }
        entries::edit(&mut tx, &changed, START).await.unwrap();
    }
    let mut expected: Vec<EntryId> = made.iter().map(|entry| entry.id).collect();
    expected.push(world.entry.id);
    expected.sort_by_key(|id| std::cmp::Reverse(*id));
    assert_eq!(read, expected);
    // A mark of another order leads nowhere.
    let wanted = Wanted {
        after: Some(Mark::Newest(made[3].id)),
        sort: Sort::Value,
        ..Wanted::of(list, EntryState::Active, 3)
    };
    assert!(wanted.is_lost());
    assert_eq!(table::page(&mut tx, &wanted).await.unwrap(), []);
}

pub async fn it_is_shown_where_something_was_seen(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let selector = &world.observation.selector;
    let id = seen::known(&mut tx, selector).await.unwrap().unwrap();
    assert_eq!(id, world.observation.selector_id);
    let nobody = Selector::new(Kind::Email, "nobody@example.com");
    let wanted = [selector, &nobody, &world.entry.selector].into();
    let known = seen::known_of(&mut tx, &wanted).await.unwrap();
    assert_eq!(known.get(selector), Some(&id));
    assert_eq!(known.get(&nobody), None);
    let counts = table::counts_of(&mut tx, &wanted).await.unwrap();
    assert_eq!(counts, [(&world.entry.selector, 1)].into());
    let found = seen::observations(&mut tx, id, None, 9).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&world.observation));
    let last = Some(found[0].id);
    assert_eq!(seen::observations(&mut tx, id, last, 9).await.unwrap(), []);
    let latest = seen::of_selector(&mut tx, id, 9).await.unwrap();
    assert_eq!(latest.listings, [world.listing.id]);
    assert_eq!(latest.sources.len(), 1);
    assert_eq!(latest.span().unwrap().0, world.observation.first_seen);
    let other = Selector::new(Kind::Email, "nobody@example.com");
    let company = seen::company(&mut tx, &latest.listings, &other, 9).await;
    let expected = Companion {
        selector: selector.clone(),
        listings: 1,
    };
    assert_eq!(company.unwrap(), [expected]);
    let company = seen::company(&mut tx, &latest.listings, selector, 9).await;
    assert_eq!(company.unwrap(), []);
    let entry = world.sighting.entry;
    let page = seen::sightings(&mut tx, entry, None, 9).await.unwrap();
    assert_eq!(page.len(), 1);
    let after = Some((page[0].at, page[0].id));
    assert_eq!(seen::sightings(&mut tx, entry, after, 9).await.unwrap(), []);
    let days = seen::by_day(&mut tx, entry, START).await.unwrap();
    assert_eq!(days.values().sum::<i64>(), 1);
    let latest = seen::of_entry(&mut tx, entry, 9).await.unwrap();
    assert_eq!(latest.listings, [world.listing.id]);
}
