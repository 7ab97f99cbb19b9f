//! What a crawl leaves: captures, pages, listings and their versions, images, observations.

use sightline_model::*;
use sightline_store::{
    Filter, captures, entries, images, listings, observations, pages, seen, selectors, sightings,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

pub async fn pages_keep_their_identifier(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let link = "https://ads.example/list";
    let changed = Page {
        digest: Digest("new".to_owned()),
        links: Vec::new(),
        seen_at: at(9),
        ..page(fresh(&mut tx).await, world.source, link, CaptureId(9))
    };
    let new = page(
        fresh(&mut tx).await,
        world.source,
        "https://ads.example/2",
        CaptureId(9),
    );
    let standing = pages::upsert(&mut tx, &[changed.clone(), new.clone()])
        .await
        .unwrap();
    assert_eq!(standing, [world.page, new.id]);
    let stored = pages::get(
        &mut tx,
        world.source,
        &[&url(link), &url("https://ads.example/none")],
    )
    .await
    .unwrap();
    assert_eq!(
        stored,
        [Page {
            id: world.page,
            ..changed
        }]
    );
    pages::forget(&mut tx, &[world.page]).await.unwrap();
    let stored = pages::get(&mut tx, world.source, &[&url(link)])
        .await
        .unwrap();
    assert_eq!(stored[0].validators, Validators::default());
}

pub async fn captures_are_found_again(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let ids: Vec<CaptureId> = tx.reserve(3).await.unwrap();
    let body = capture(ids[0], &run, VisitId(1), "https://ads.example/");
    let same = Capture {
        digest: body.digest.clone(),
        ..capture(ids[1], &run, VisitId(2), "https://ads.example/2")
    };
    let repeat = Capture {
        digest: body.digest.clone(),
        revisit_of: Some(ids[1]),
        fetched_at: at(9),
        ..capture(ids[2], &run, VisitId(3), "https://ads.example/3")
    };
    captures::insert(&mut tx, &[body.clone(), same.clone(), repeat.clone()])
        .await
        .unwrap();
    assert_eq!(
        captures::get(&mut tx, &[ids[0]]).await.unwrap(),
        std::slice::from_ref(&body)
    );
    assert_eq!(
        captures::latest_by_digest(&mut tx, &body.digest)
            .await
            .unwrap(),
        Some(same.clone())
    );
    assert_eq!(
        captures::latest_by_digest(&mut tx, &Digest("none".to_owned()))
            .await
            .unwrap(),
        None
    );
    let all = captures::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(all, [repeat.clone(), same.clone(), body.clone()]);
    let second_page = Filter {
        after: Some(ids[2]),
        limit: 1,
        ..Filter::default()
    };
    assert_eq!(captures::list(&mut tx, &second_page).await.unwrap(), [same]);
    let late = Filter {
        since: Some(at(9)),
        ..Filter::default()
    };
    assert_eq!(captures::list(&mut tx, &late).await.unwrap(), [repeat]);
}

pub async fn listings_change_and_vanish(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let id = world.listing.id;
    assert_eq!(
        listings::by_keys(&mut tx, world.source, &["42", "43"])
            .await
            .unwrap(),
        std::slice::from_ref(&world.listing)
    );
    assert_eq!(
        listings::on_pages(&mut tx, &[world.page]).await.unwrap(),
        [(world.page, id)]
    );

    let second = version(id, 2, world.capture, "Rose, new in town");
    listings::add_versions(&mut tx, std::slice::from_ref(&second))
        .await
        .unwrap();
    let changed = Listing {
        version: 2,
        last_seen: at(10),
        ..world.listing.clone()
    };
    listings::update(&mut tx, std::slice::from_ref(&changed))
        .await
        .unwrap();
    let present = listings::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(
        present,
        [listings::PresentListing {
            listing: changed,
            present: second.clone()
        }]
    );
    assert_eq!(
        listings::version(&mut tx, id, 1).await.unwrap(),
        Some(world.version.clone())
    );
    assert_eq!(listings::version(&mut tx, id, 3).await.unwrap(), None);
    assert_eq!(
        listings::history(&mut tx, id).await.unwrap(),
        [world.version, second]
    );

    let later = mint.id(START);
    let again = |at| [(world.page, later, at)];
    listings::touch(&mut tx, &again(at(20))).await.unwrap();
    listings::touch(&mut tx, &again(at(5))).await.unwrap();
    let touched = listings::get(&mut tx, &[id]).await.unwrap().pop().unwrap();
    assert_eq!(touched.last_seen, at(20), "time does not go back");
    assert_eq!(touched.seen_run, Some(later));

    assert_eq!(
        listings::mark_page_removed(&mut tx, &[world.page], at(50))
            .await
            .unwrap(),
        [id]
    );
    let removed = listings::get(&mut tx, &[id]).await.unwrap().pop().unwrap();
    assert_eq!(removed.removed_at, Some(at(50)));
    assert_eq!(
        listings::on_pages(&mut tx, &[world.page]).await.unwrap(),
        []
    );
    assert_eq!(
        listings::mark_page_removed(&mut tx, &[world.page], at(60))
            .await
            .unwrap(),
        []
    );
    listings::set_on_pages(&mut tx, &[(world.page, [id].into())])
        .await
        .unwrap();
    listings::touch(&mut tx, &again(at(70))).await.unwrap();
    let back = listings::get(&mut tx, &[id]).await.unwrap().pop().unwrap();
    assert_eq!(back.removed_at, None, "it is back");
}

pub async fn images_are_stored_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let again = Image {
        id: fresh(&mut tx).await,
        ..world.image.clone()
    };
    let new = Image {
        id: fresh(&mut tx).await,
        digest: Digest("dd".to_owned()),
        ..world.image.clone()
    };
    let standing = images::insert(&mut tx, &[again, new.clone()])
        .await
        .unwrap();
    assert_eq!(standing, [world.image.id, new.id]);
    let known = images::by_digests(&mut tx, &[&new.digest, &Digest("ee".to_owned())])
        .await
        .unwrap();
    assert_eq!(known, std::slice::from_ref(&new));
    let got = images::get(&mut tx, &[new.id, ImageId(999_999)])
        .await
        .unwrap();
    assert_eq!(got, std::slice::from_ref(&new));

    let [first, second] = ["https://img.example/1.jpg", "https://img.example/2.jpg"].map(url);
    let shown = vec![second.clone(), first.clone(), second.clone()];
    images::set_of_listings(&mut tx, &[(world.listing.id, shown)])
        .await
        .unwrap();
    images::link(&mut tx, &[(world.listing.id, second.clone(), new.id)])
        .await
        .unwrap();
    let images = images::of_listings(&mut tx, &[world.listing.id])
        .await
        .unwrap();
    let places: Vec<_> = images
        .iter()
        .map(|image| (&image.url, image.place, image.image))
        .collect();
    assert_eq!(
        places,
        [
            (&second, 0, Some(new.id)),
            (&first, 1, Some(world.image.id))
        ]
    );
    images::set_of_listings(&mut tx, &[(world.listing.id, vec![first])])
        .await
        .unwrap();
    assert_eq!(
        images::of_listings(&mut tx, &[world.listing.id])
            .await
            .unwrap()
            .len(),
        1
    );
    images::set_of_listings(&mut tx, &[(world.listing.id, vec![])])
        .await
        .unwrap();
    assert_eq!(
        images::of_listings(&mut tx, &[world.listing.id])
            .await
            .unwrap(),
        []
    );
}

pub async fn observations_follow_their_listing(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let selectors: Vec<Selector> = (0..1_200)
        .map(|nth| Selector::new(Kind::Handle, format!("any/{nth}")))
        .chain([
            world.observation.selector.clone(),
            Selector::new(Kind::Handle, "any/7"),
        ])
        .collect();
    let ids = selectors::intern(&mut tx, &selectors).await.unwrap();
    assert_eq!(ids.len(), selectors.len());
    assert_eq!(ids[1_200], world.observation.selector_id);
    assert_eq!(ids[1_201], ids[7]);
    let numbers: Vec<ObservationId> = tx.reserve(1_200).await.unwrap();
    let many: Vec<Observation> = (0..1_200)
        .map(|nth| {
            observation(
                numbers[nth],
                &world.listing,
                ids[nth],
                selectors[nth].clone(),
                world.capture,
            )
        })
        .collect();
    observations::insert(&mut tx, &many).await.unwrap();
    let stored = observations::of_listings(&mut tx, &[world.listing.id])
        .await
        .unwrap();
    assert_eq!(stored[0], world.observation);
    assert_eq!(stored[1..], many[..]);

    let ending = ["/7".to_owned(), "/_9".to_owned()];
    let handles = selectors::ending_in(&mut tx, Kind::Handle, &ending)
        .await
        .unwrap();
    assert_eq!(handles, [Selector::new(Kind::Handle, "any/7")]);

    // The hunt follows them a few at a time: each once, whatever the size of the parts.
    for at_most in [100, 500, 2_000] {
        let mut trail = observations::Trail::of(&mut tx, &selectors).await.unwrap();
        let mut found = Vec::new();
        loop {
            let some = trail.follow(&mut tx, at_most).await.unwrap();
            assert!(some.len() <= at_most as usize);
            if some.is_empty() {
                break;
            }
            found.extend(some);
        }
        assert!(trail.is_at_its_end());
        found.sort_by_key(|one| one.id);
        assert_eq!(found[0], world.observation);
        assert_eq!(found[1..], many[..], "{at_most} at a time");
    }
    let some = [many[7].id, many[1_100].id];
    let mut found = observations::get(&mut tx, &some).await.unwrap();
    found.sort_by_key(|one| one.id);
    assert_eq!(found, [many[7].clone(), many[1_100].clone()]);

    // One is gone from the text, the others are still there: those follow the listing, it does not.
    let gone = Observation {
        current: false,
        seen_at: START,
        ..world.observation.clone()
    };
    observations::update(&mut tx, std::slice::from_ref(&gone))
        .await
        .unwrap();
    listings::touch(&mut tx, &[(world.page, world.run.id, at(60))])
        .await
        .unwrap();
    let stored = observations::of_listings(&mut tx, &[world.listing.id])
        .await
        .unwrap();
    assert_eq!(stored[0], gone);
    assert_eq!(stored[1].seen_at, at(60));
    let late = Filter {
        since: Some(at(1)),
        limit: 5_000,
        ..Filter::default()
    };
    assert_eq!(
        observations::list(&mut tx, &late).await.unwrap().len(),
        1_200
    );

    // A disguise is a fact of its own, which follows the steps.
    let disguised = Filter {
        state: Some(observations::DISGUISED),
        ..Filter::default()
    };
    let none = observations::list(&mut tx, &disguised).await.unwrap();
    assert_eq!(none, []);
    let hidden = Observation {
        steps: vec![StepKind::NumberWords.into()],
        ..stored[1].clone()
    };
    observations::update(&mut tx, std::slice::from_ref(&hidden))
        .await
        .unwrap();
    let found = observations::list(&mut tx, &disguised).await.unwrap();
    assert_eq!(found, [hidden]);
}

pub async fn an_image_was_seen_when_its_bytes_came(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let selector = Selector::new(Kind::Image, "sha256/cc");
    let selector_id = selectors::intern(&mut tx, std::slice::from_ref(&selector))
        .await
        .unwrap()[0];
    let image = observation(
        fresh(&mut tx).await,
        &world.listing,
        selector_id,
        selector,
        world.capture,
    );
    observations::insert(&mut tx, std::slice::from_ref(&image))
        .await
        .unwrap();
    let shows = Entry {
        selector: image.selector.clone(),
        ..entry(&world.watchlist, "sha256/cc", &mint)
    };
    entries::add(&mut tx, std::slice::from_ref(&shows))
        .await
        .unwrap();
    let sighted = sighting(&shows, &world.listing, &mint);
    sightings::insert(&mut tx, std::slice::from_ref(&sighted))
        .await
        .unwrap();
    listings::touch(&mut tx, &[(world.page, world.run.id, at(60))])
        .await
        .unwrap();
    let stored = observations::of_listings(&mut tx, &[world.listing.id])
        .await
        .unwrap();
    let seen: Vec<_> = stored
        .iter()
        .map(|one| (one.seen_at, one.current))
        .collect();
    assert_eq!(seen, [(at(60), true), (image.seen_at, true)]);
    let latest = seen::of_selector(&mut tx, selector_id, 9).await.unwrap();
    assert_eq!(latest.sources[0].last_seen, image.seen_at);
    let late = Filter {
        since: Some(at(1)),
        ..Filter::default()
    };
    assert_eq!(observations::list(&mut tx, &late).await.unwrap().len(), 1);
    let kept = sightings::get(&mut tx, &[sighted.id, world.sighting.id])
        .await
        .unwrap();
    for one in kept {
        let followed = one.id == world.sighting.id;
        assert_eq!(one.last_seen == at(60), followed, "{one:?}");
    }
}

pub async fn a_stranger_s_nul_is_harmless(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let hostile = ListingVersion {
        text: "a\0b '; DROP TABLE listing; -- ? $1 \u{202e}".to_owned(),
        fields: [("x\0".to_owned(), serde_json::json!("\0"))].into(),
        ..version(world.listing.id, 2, world.capture, "\0")
    };
    listings::add_versions(&mut tx, std::slice::from_ref(&hostile))
        .await
        .unwrap();
    let stored = listings::version(&mut tx, world.listing.id, 2)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored.text,
        hostile.text.replace('\0', " "),
        "as long as before, so that spans hold"
    );
    assert_eq!(stored.fields, hostile.fields);
    assert_eq!(stored.title, " ");
}
