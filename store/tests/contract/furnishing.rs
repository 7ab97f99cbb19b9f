//! Furniture: what a source shows everywhere, how that is counted, and what becomes of the sightings it made.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sightline_model::*;
use sightline_store::{
    Filter, Tx, entries, furniture, generation, listings, observations, selectors, sightings,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

/// The site's hotline, and how many sellers' numbers follow it.
const HOTLINE: &str = "+442079460100";

/// A source of so many listings, each with the hotline and with one of so many sellers' numbers. The hotline's
/// identifier and the listings.
async fn board(tx: &mut Tx, run: &Run, count: usize, sellers: usize) -> (SelectorId, Vec<Listing>) {
    let mut wanted = vec![Selector::new(Kind::Phone, HOTLINE)];
    wanted.extend((0..sellers).map(|nth| Selector::new(Kind::Phone, format!("+1202555{nth:04}"))));
    wanted.push(Selector::new(Kind::Url, "https://ads.example/terms"));
    let ids = selectors::intern(tx, &wanted).await.unwrap();
    let all: Vec<Listing> = tx
        .reserve::<ListingId>(count)
        .await
        .unwrap()
        .into_iter()
        .map(|id| listing(id, run, &format!("{}-{id}", run.source)))
        .collect();
    listings::insert(tx, &all).await.unwrap();
    let fresh = tx.reserve::<ObservationId>(count * 3).await.unwrap();
    let shown = all.iter().enumerate().flat_map(|(nth, listing)| {
        [0, 1 + nth % sellers, sellers + 1].map(|which| (listing, which))
    });
    let rows: Vec<Observation> = shown
        .zip(fresh)
        .map(|((listing, which), id)| {
            observation(id, listing, ids[which], wanted[which].clone(), CaptureId(1))
        })
        .collect();
    observations::insert(tx, &rows).await.unwrap();
    (ids[0], all)
}

fn learned(source: SourceId, selector_id: SelectorId) -> Furniture {
    Furniture {
        source,
        selector_id,
        selector: Selector::new(Kind::Phone, HOTLINE),
        state: FurnitureState::Learned,
        shown_on: 8,
        listings: 10,
        sellers: 4,
        since: START,
        who: "sightline".to_owned(),
        why: "it stands on most listings".to_owned(),
    }
}

pub async fn what_a_source_shows_is_counted(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let ads = running(&mut tx, "ads", &mint).await;
    let posts = running(&mut tx, "posts", &mint).await;
    let (hotline, all) = board(&mut tx, &ads, 10, 4).await;
    board(&mut tx, &posts, 6, 2).await;

    // A listing that is gone, and one that no longer shows it, do not count.
    listings::update(
        &mut tx,
        &[Listing {
            removed_at: Some(at(1)),
            ..all[0].clone()
        }],
    )
    .await
    .unwrap();
    let of_second = observations::of_listings(&mut tx, &[all[1].id])
        .await
        .unwrap();
    let no_more: Vec<Observation> = of_second
        .into_iter()
        .filter(|one| one.selector_id == hotline)
        .map(|one| Observation {
            current: false,
            ..one
        })
        .collect();
    observations::update(&mut tx, &no_more).await.unwrap();

    assert_eq!(furniture::listings(&mut tx, ads.source).await.unwrap(), 9);
    assert_eq!(
        furniture::shown_on(&mut tx, ads.source, hotline)
            .await
            .unwrap(),
        8
    );
    let tallies = furniture::shown_on_at_least(&mut tx, ads.source, 5)
        .await
        .unwrap();
    let counted: Vec<(&str, i64)> = tallies
        .iter()
        .map(|tally| (tally.selector.value.as_str(), tally.shown_on))
        .collect();
    assert_eq!(counted, [("https://ads.example/terms", 9), (HOTLINE, 8)]);

    // The newest listings, with what is asked for and the contacts: not the link that every one has.
    let newest = furniture::newest_show(&mut tx, ads.source, &[hotline], &[Kind::Phone], 3)
        .await
        .unwrap();
    let listings: BTreeSet<ListingId> = newest.iter().map(|(listing, _)| *listing).collect();
    assert_eq!(listings, all[7..].iter().map(|one| one.id).collect());
    assert_eq!(newest.len(), 6, "two numbers each");
}

pub async fn furniture_is_kept_by_source(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let ads = running(&mut tx, "ads", &mint).await;
    let posts = running(&mut tx, "posts", &mint).await;
    let (hotline, _) = board(&mut tx, &ads, 2, 2).await;
    let generation = generation::present(&mut tx).await.unwrap();
    let one = learned(ads.source, hotline);
    furniture::put(&mut tx, &[one.clone(), learned(posts.source, hotline)])
        .await
        .unwrap();
    let moved = generation::present(&mut tx).await.unwrap();
    assert!(moved > generation, "whoever holds a matcher loads it anew");
    assert_eq!(
        furniture::list(&mut tx, Some(ads.source)).await.unwrap(),
        std::slice::from_ref(&one)
    );
    assert_eq!(furniture::list(&mut tx, None).await.unwrap().len(), 2);

    let more = Furniture { shown_on: 9, ..one };
    furniture::recount(&mut tx, std::slice::from_ref(&more))
        .await
        .unwrap();
    assert_eq!(
        furniture::list(&mut tx, Some(ads.source)).await.unwrap(),
        [more]
    );
    assert_eq!(generation::present(&mut tx).await.unwrap(), moved);

    furniture::remove(&mut tx, ads.source, &[hotline])
        .await
        .unwrap();
    assert!(generation::present(&mut tx).await.unwrap() > moved);
    let left = furniture::list(&mut tx, None).await.unwrap();
    assert_eq!(left, [learned(posts.source, hotline)]);
}

pub async fn withheld_sightings_count_for_nothing(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let elsewhere = running(&mut tx, "posts", &mint).await;
    let selector = [world.observation.selector_id];
    let none = sightings::withhold(&mut tx, elsewhere.source, &selector)
        .await
        .unwrap();
    assert!(none.is_empty(), "another source's are another's");
    let concerned = sightings::withhold(&mut tx, world.source, &selector)
        .await
        .unwrap();
    assert_eq!(concerned, [(world.sighting.id, world.entry.id)]);
    let withheld = sightings::withheld_by(&mut tx, world.source, &selector)
        .await
        .unwrap();
    assert_eq!(withheld, concerned);
    let none = sightings::withheld_by(&mut tx, elsewhere.source, &selector)
        .await
        .unwrap();
    assert!(none.is_empty(), "another source's are another's");
    let tallies = furniture::tallies(
        &mut tx,
        world.source,
        std::slice::from_ref(&world.observation.selector),
    )
    .await
    .unwrap();
    assert_eq!(tallies.len(), 1);
    assert_eq!(
        (tallies[0].selector_id, tallies[0].shown_on),
        (selector[0], 1)
    );
    let again = sightings::withhold(&mut tx, world.source, &selector)
        .await
        .unwrap();
    assert!(again.is_empty(), "it is withheld once");

    let list = sightings::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(list, []);
    assert_eq!(
        sightings::on_pages(&mut tx, &[world.page]).await.unwrap(),
        []
    );
    let memory = sightings::memory(&mut tx, &[world.entry.id]).await.unwrap();
    assert!(memory.all.is_empty());

    // It is still there, and comes back.
    let pair = [(world.entry.id, world.listing.id)];
    let mut kept = sightings::of_pairs(&mut tx, &pair).await.unwrap();
    assert!(kept[0].withheld);
    kept[0].withheld = false;
    sightings::update(&mut tx, &kept).await.unwrap();
    assert_eq!(
        sightings::list(&mut tx, &Filter::default()).await.unwrap(),
        std::slice::from_ref(&world.sighting)
    );

    entries::mark_hunted(&mut tx, &[world.entry.id], at(1))
        .await
        .unwrap();
    entries::hunt_again(&mut tx, &[world.entry.id])
        .await
        .unwrap();
    let unhunted = entries::not_yet_hunted(&mut tx, at(-9), 9).await.unwrap();
    assert_eq!(unhunted.len(), 1);
    assert_eq!(unhunted[0].id, world.entry.id);
}

pub async fn ten_thousand_listings_are_counted_at_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let (hotline, _) = board(&mut tx, &run, 10_000, 3_000).await;
    tx.commit().await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let begun = Instant::now();
    let all = furniture::listings(&mut tx, run.source).await.unwrap();
    let tallies = furniture::shown_on_at_least(&mut tx, run.source, all / 2)
        .await
        .unwrap();
    let shown = furniture::newest_show(&mut tx, run.source, &[hotline], &[Kind::Phone], 1_000)
        .await
        .unwrap();
    let took = begun.elapsed();
    eprintln!("10,000 listings: {took:?}");
    assert_eq!((all, tallies.len(), shown.len()), (10_000, 2, 2_000));
    // Some tenths of a second; the limit is wide enough for a busy machine, and far from a plan that walks in circles.
    assert!(took < Duration::from_secs(3), "{took:?}");
}
