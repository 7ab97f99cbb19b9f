//! How listings vanish: from one of their pages, from all of them, and from a run.

use std::collections::BTreeSet;

use sightline_model::*;
use sightline_store::{
    Filter, Tx, images, listings, listings::UnlistedUntil, pages, sightings, visits,
    visits::VisitEnd,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

/// Two pages more of the world's source, the listings `north` and `both` on the first, `both` and `south` on the second.
struct TwoPages {
    world: World,
    pages: [PageId; 2],
    north: ListingId,
    both: ListingId,
    south: ListingId,
}

impl TwoPages {
    async fn fill(tx: &mut Tx, mint: &Mint) -> Self {
        let world = World::fill(tx, mint).await;
        let read = [
            "https://ads.example/?area=north",
            "https://ads.example/?area=south",
        ];
        let mut found = Vec::new();
        for link in read {
            found.push(page(fresh(tx).await, world.source, link, world.capture));
        }
        pages::upsert(tx, &found).await.unwrap();
        let lists = [world.page, found[1].id].map(|page| (page, VisitKind::List));
        pages::fetched_as(tx, &lists).await.unwrap();
        let mut stored = Vec::new();
        for key in ["north", "both", "south"] {
            stored.push(listing(fresh(tx).await, &world.run, key));
        }
        listings::insert(tx, &stored).await.unwrap();
        let [north, both, south] = [0, 1, 2].map(|nth: usize| stored[nth].id);
        let pages = [found[0].id, found[1].id];
        let standing = [
            (pages[0], [north, both].into()),
            (pages[1], [both, south].into()),
        ];
        listings::set_on_pages(tx, &standing).await.unwrap();
        Self {
            world,
            pages,
            north,
            both,
            south,
        }
    }

    async fn stand_on(&self, tx: &mut Tx) -> [BTreeSet<ListingId>; 2] {
        let standing = listings::on_pages(tx, &self.pages).await.unwrap();
        self.pages.map(|page| {
            let on_it = standing.iter().filter(|(on, _)| *on == page);
            on_it.map(|(_, listing)| *listing).collect()
        })
    }
}

pub async fn a_listing_stands_on_several_pages(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let (north, both, south) = (two.north, two.both, two.south);
    assert_eq!(
        two.stand_on(&mut tx).await,
        [[north, both].into(), [both, south].into()]
    );
    // The first page drops one and takes one over; the other keeps what it had.
    listings::set_on_pages(&mut tx, &[(two.pages[0], [north, south].into())])
        .await
        .unwrap();
    let now = [[north, south].into(), [both, south].into()];
    assert_eq!(two.stand_on(&mut tx).await, now);
    listings::set_on_pages(&mut tx, &[]).await.unwrap();
    assert_eq!(two.stand_on(&mut tx).await, now);
    listings::set_on_pages(
        &mut tx,
        &[(two.pages[1], [both].into()), (two.pages[0], [].into())],
    )
    .await
    .unwrap();
    assert_eq!(two.stand_on(&mut tx).await, [[].into(), [both].into()]);
}

pub async fn what_is_on_two_pages_is_touched_and_told_of_by_both(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let [first, second] = two.pages;
    let run: RunId = mint.id(START);
    listings::touch(&mut tx, &[(first, run, at(9)), (second, run, at(7))])
        .await
        .unwrap();
    for (id, seen) in [(two.north, 9), (two.both, 9), (two.south, 7)] {
        let listing = listings::get(&mut tx, &[id]).await.unwrap().pop().unwrap();
        assert_eq!((listing.last_seen, listing.seen_run), (at(seen), Some(run)));
    }

    let stored = listings::get(&mut tx, &[two.both]).await.unwrap();
    let made = Sighting {
        last_seen: at(9),
        ..sighting(&two.world.entry, &stored[0], &mint)
    };
    sightings::insert(&mut tx, std::slice::from_ref(&made))
        .await
        .unwrap();
    let mut found = sightings::on_pages(&mut tx, &two.pages).await.unwrap();
    found.sort_by_key(|(page, _)| *page);
    assert_eq!(found, [(first, made.clone()), (second, made)]);

    let shown = url("https://img.example/both.jpg");
    images::set_of_listings(&mut tx, &[(two.both, vec![shown.clone()])])
        .await
        .unwrap();
    let missing = images::missing_on_pages(&mut tx, &two.pages).await.unwrap();
    let missing: Vec<_> = missing
        .into_iter()
        .map(|(page, image)| (page, image.listing, image.url))
        .collect();
    assert_eq!(
        missing,
        [(first, two.both, shown.clone()), (second, two.both, shown)]
    );
}

pub async fn a_page_that_is_gone_leaves_what_stands_elsewhere(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let [first, second] = two.pages;
    let mut gone = async |pages: &[PageId], seconds| {
        listings::mark_page_removed(&mut tx, pages, at(seconds))
            .await
            .unwrap()
    };
    assert_eq!(gone(&[first], 1).await, [two.north]);
    assert_eq!(gone(&[second], 2).await, [two.both, two.south]);
    assert_eq!(gone(&[first, second], 3).await, []);
    tx.rollback().await.unwrap();

    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let removed = listings::mark_page_removed(&mut tx, &two.pages, at(1))
        .await
        .unwrap();
    assert_eq!(removed, [two.north, two.both, two.south], "both at once");
}

pub async fn a_run_removes_what_it_did_not_see(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let source = two.world.source;
    pages::fetched_as(&mut tx, &[(two.pages[0], VisitKind::List)])
        .await
        .unwrap();
    let later: RunId = mint.id(START);
    let alike = listings::alike_in(&mut tx, source, later).await.unwrap();
    assert_eq!(alike, (0, 0));
    // The machine that fetched lives an hour in the past: instants say nothing about what a run saw.
    listings::touch(&mut tx, &[(two.pages[1], later, at(-3_600))])
        .await
        .unwrap();
    let (seen, alike) = listings::alike_in(&mut tx, source, later).await.unwrap();
    assert!(seen > 0 && alike > 0);
    assert_eq!(
        missing(&mut tx, source, later, 29).await,
        [],
        "nobody noted what is missing"
    );
    listings::note_unlisted(&mut tx, source, later, at(20))
        .await
        .unwrap();
    let removed = missing(&mut tx, source, later, 30).await;
    assert_eq!(removed, [two.world.listing.id, two.north]);
    let stored = listings::get(&mut tx, &removed).await.unwrap();
    assert!(
        stored
            .iter()
            .all(|listing| listing.removed_at == Some(at(30)))
    );
    let gone = Filter {
        state: Some(listings::REMOVED),
        ..Filter::default()
    };
    let listed = listings::list(&mut tx, &gone).await.unwrap();
    let listed: Vec<ListingId> = listed.iter().map(|one| one.listing.id).collect();
    // The world's own is the only one here that has a wording.
    assert_eq!(listed, [two.world.listing.id]);
    assert_eq!(missing(&mut tx, source, later, 99).await, []);

    // One that no run was noted for counts as not seen.
    let unknown = Listing {
        seen_run: None,
        ..listing(fresh(&mut tx).await, &two.world.run, "unknown")
    };
    listings::insert(&mut tx, std::slice::from_ref(&unknown))
        .await
        .unwrap();
    listings::note_unlisted(&mut tx, source, later, at(20))
        .await
        .unwrap();
    assert_eq!(missing(&mut tx, source, later, 31).await, [unknown.id]);
}

/// What a run that saw every list marks as removed at an instant, where nothing was missing before twenty seconds.
async fn missing(tx: &mut Tx, source: SourceId, run: RunId, seconds: i64) -> Vec<ListingId> {
    let until = UnlistedUntil {
        with_page: at(-1),
        without: at(20),
    };
    listings::mark_removed(tx, source, run, until, at(seconds))
        .await
        .unwrap()
}

pub async fn a_failed_page_spares_its_listings(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let later = run(two.world.source, at(1), &mint);
    let links = [
        "https://ads.example/list",
        "https://ads.example/?area=north",
        "https://ads.example/?area=south",
    ];
    let visits = links.map(|link| NewVisit {
        run: later.id,
        ..new_visit(&two.world.run, link, START)
    });
    sightline_store::runs::plan(&mut tx, &later).await.unwrap();
    let ids = visits::add(&mut tx, &visits).await.unwrap();
    // The second page could not be fetched: what stood there may stand there still, wherever else it stood.
    let outcomes = [Outcome::Fetched, Outcome::TimedOut, Outcome::Fetched];
    for (id, outcome) in ids.into_iter().flatten().zip(outcomes) {
        end(&mut tx, id, outcome).await;
    }
    listings::note_unlisted(&mut tx, two.world.source, later.id, at(2))
        .await
        .unwrap();
    let until = UnlistedUntil {
        with_page: at(2),
        without: at(2),
    };
    let removed = listings::mark_removed(&mut tx, two.world.source, later.id, until, at(2))
        .await
        .unwrap();
    assert_eq!(removed, [two.world.listing.id, two.south]);
}

pub async fn the_own_page_of_what_no_list_shows_is_asked_once_in_a_run(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let source = two.world.source;
    pages::fetched_as(&mut tx, &[(two.pages[0], VisitKind::Detail)])
        .await
        .unwrap();
    let later = run(source, at(1), &mint);
    sightline_store::runs::plan(&mut tx, &later).await.unwrap();
    listings::note_unlisted(&mut tx, source, later.id, at(9))
        .await
        .unwrap();
    let own = url("https://ads.example/?area=north");
    let both = [(two.north, own.clone()), (two.both, own.clone())];
    for (after, limit, pages) in [
        (8, 9, &both[..]), // Not those of a list's page.
        (8, 1, &both[..1]),
        (9, 9, &[]), // For long enough.
    ] {
        let asked =
            listings::own_pages_of_unlisted(&mut tx, source, later.id, at(after), limit).await;
        assert_eq!(asked.unwrap(), pages, "{after} {limit}");
    }

    let alone = listing(fresh(&mut tx).await, &two.world.run, "alone");
    listings::insert(&mut tx, std::slice::from_ref(&alone))
        .await
        .unwrap();
    let alone = alone.id;
    // Noted once: since when, stands.
    listings::note_unlisted(&mut tx, source, later.id, at(50))
        .await
        .unwrap();
    let visit = NewVisit {
        run: later.id,
        kind: VisitKind::Detail,
        listing: Some(two.north),
        ..new_visit(&two.world.run, own.as_str(), START)
    };
    let asked = visits::add(&mut tx, &[visit]).await.unwrap();
    end(&mut tx, asked[0].unwrap(), Outcome::Fetched).await;
    let ends = visits::outcomes(&mut tx, later.id).await.unwrap();
    assert!(ends.iter().all(|end| end.is_unlisted) && ends.len() == 1);
    let again = listings::own_pages_of_unlisted(&mut tx, source, later.id, at(8), 9).await;
    assert_eq!(again.unwrap(), []);

    // What stands on no page is gone at once, and what a list had that was not come to sooner than what has a page of its own.
    let until = |with_page, without| UnlistedUntil {
        with_page: at(with_page),
        without: at(without),
    };
    for (until, gone) in [
        (until(8, 8), vec![alone]),
        (until(8, 9), vec![two.world.listing.id, two.south]),
        (until(9, 9), vec![two.north, two.both]),
    ] {
        let next: RunId = mint.id(START);
        let removed = listings::mark_removed(&mut tx, source, next, until, at(99)).await;
        assert_eq!(removed.unwrap(), gone, "{until:?}");
    }

    tx.rollback().await.unwrap();

    // A list that shows one again ends it.
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let source = two.world.source;
    let [first, second]: [RunId; 2] = [mint.id(START), mint.id(START)];
    for (run, now) in [(first, 1), (second, 2), (first, 3)] {
        if run == second {
            let seen = two.pages.map(|page| (page, second, at(2)));
            listings::touch(&mut tx, &seen).await.unwrap();
        }
        listings::note_listed(&mut tx, source, run).await.unwrap();
        listings::note_unlisted(&mut tx, source, run, at(now))
            .await
            .unwrap();
    }
    let removed = listings::mark_removed(&mut tx, source, first, until(2, 2), at(99)).await;
    assert_eq!(removed.unwrap(), [two.world.listing.id], "since the first");
}

pub async fn what_a_list_leads_to_is_listed_whatever_its_page_answers(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let source = two.world.source;
    let own = url("https://ads.example/?area=north");
    let unlisted = async |tx: &mut Tx, run: &Run| {
        let asked = listings::own_pages_of_unlisted(tx, source, run.id, at(0), 9).await;
        let asked = asked.unwrap().into_iter();
        asked.map(|(listing, _)| listing).collect::<Vec<_>>()
    };
    pages::fetched_as(&mut tx, &[(two.pages[0], VisitKind::Detail)])
        .await
        .unwrap();
    // No list led there; then one did, and the page failed; then the page was asked, which is no list's word.
    let asked = [
        None,
        Some((None, Outcome::TimedOut)),
        Some((Some(two.north), Outcome::Fetched)),
    ];
    let listed = [false, true, false];
    for (nth, (visit, is_listed)) in asked.into_iter().zip(listed).enumerate() {
        let run = run(source, at(nth as i64), &mint);
        sightline_store::runs::plan(&mut tx, &run).await.unwrap();
        if let Some((listing, outcome)) = visit {
            let visit = NewVisit {
                run: run.id,
                kind: VisitKind::Detail,
                listing,
                ..new_visit(&two.world.run, own.as_str(), START)
            };
            let ids = visits::add(&mut tx, &[visit]).await.unwrap();
            end(&mut tx, ids[0].unwrap(), outcome).await;
        }
        listings::note_listed(&mut tx, source, run.id)
            .await
            .unwrap();
        listings::note_unlisted(&mut tx, source, run.id, at(9 + nth as i64))
            .await
            .unwrap();
        let later = self::run(source, at(50 + nth as i64), &mint);
        let expected = match is_listed {
            true => vec![],
            false => vec![two.north, two.both],
        };
        assert_eq!(unlisted(&mut tx, &later).await, expected, "{nth}");
    }
}

pub async fn one_that_moved_leaves_the_page_that_no_list_leads_to(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let source = two.world.source;
    let [first, second] = two.pages;
    pages::fetched_as(&mut tx, &[(first, VisitKind::Detail)])
        .await
        .unwrap();
    let later = run(source, at(1), &mint);
    sightline_store::runs::plan(&mut tx, &later).await.unwrap();
    let left = listings::leave_behind(&mut tx, source, later.id).await;
    assert_eq!(left.unwrap(), [], "the run has seen nothing");
    // The run sees what stands on the second, a list's, and is not led to the first.
    listings::touch(&mut tx, &[(second, later.id, at(2))])
        .await
        .unwrap();
    let left = listings::leave_behind(&mut tx, source, later.id).await;
    assert_eq!(left.unwrap(), [first]);
    assert_eq!(
        two.stand_on(&mut tx).await,
        [[two.north].into(), [two.both, two.south].into()],
        "the one that it did not see stays"
    );
    // Where it is led to both, it stands on both.
    listings::set_on_pages(&mut tx, &[(first, [two.north, two.both].into())])
        .await
        .unwrap();
    let visit = NewVisit {
        run: later.id,
        ..new_visit(&two.world.run, "https://ads.example/?area=north", START)
    };
    visits::add(&mut tx, &[visit]).await.unwrap();
    let left = listings::leave_behind(&mut tx, source, later.id).await;
    assert_eq!(left.unwrap(), []);
}

async fn end(tx: &mut Tx, id: VisitId, outcome: Outcome) {
    let end = VisitEnd {
        id,
        outcome,
        detail: None,
        status: None,
        capture: None,
        at: at(1),
    };
    visits::finish(tx, &[end]).await.unwrap();
}

pub async fn what_came_back_says_when_it_was_gone(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let two = TwoPages::fill(&mut tx, &mint).await;
    let removed = |at| Listing {
        removed_at: Some(at),
        ..listing(two.both, &two.world.run, "both")
    };
    listings::update(&mut tx, &[removed(at(10))]).await.unwrap();
    // On both of its pages: it came back once.
    let again = two.pages.map(|page| (page, two.world.run.id, at(30)));
    listings::touch(&mut tx, &again).await.unwrap();
    listings::touch(&mut tx, &again).await.unwrap();
    listings::update(&mut tx, &[removed(at(50))]).await.unwrap();
    let back = [(two.both, at(70)), (two.north, at(70))];
    listings::come_back(&mut tx, &back).await.unwrap();
    let all = [two.north, two.both, two.south];
    let away = listings::away(&mut tx, &all).await.unwrap();
    let times: Vec<_> = away
        .iter()
        .map(|one| (one.listing, one.gone_at, one.back_at))
        .collect();
    assert_eq!(
        times,
        [(two.both, at(10), at(30)), (two.both, at(50), at(70))]
    );
}
