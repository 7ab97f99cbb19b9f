//! What people make of sightings: the last word counts, and every word is kept.

use sightline_model::*;
use sightline_store::{ids::beginning, sightings, verdicts};

use crate::{
    support::{Place, START},
    world::*,
};

pub fn said_of(sighting: &Sighting, verdict: Option<Verdict>) -> verdicts::Said {
    verdicts::Said {
        entry: sighting.entry,
        listing: sighting.listing,
        verdict,
        at: START,
        who: "R. Analyst".to_owned(),
        why: "her own words".to_owned(),
    }
}

pub async fn the_last_word_on_a_sighting_counts(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let pair = (world.sighting.entry, world.sighting.listing);
    let other = (world.sighting.entry, ListingId(99));
    let (confirmed, rejected) = (Verdict::Confirmed, Verdict::Rejected);
    let mut said = vec![said_of(&world.sighting, Some(confirmed))];
    // What is rejected leaves no memory and is not seen again on its page; what is taken back does.
    for (verdict, remembered) in [
        (Some(rejected), 0),
        (Some(confirmed), 1),
        (Some(rejected), 0),
        (None, 1),
    ] {
        said.push(said_of(&world.sighting, verdict));
        verdicts::say(&mut tx, &said[said.len() - 1..])
            .await
            .unwrap();
        assert_eq!(
            verdicts::history(&mut tx, &[pair, other]).await.unwrap(),
            said
        );
        let counts = verdicts::of_pairs(&mut tx, &[pair, other]).await.unwrap();
        assert_eq!(counts.get(&pair), said.last().filter(|_| verdict.is_some()));
        assert_eq!(
            verdicts::rejected(&mut tx, &[pair, other]).await.unwrap(),
            (verdict == Some(rejected))
                .then_some(pair)
                .into_iter()
                .collect()
        );
        let memory = sightings::memory(&mut tx, &[pair.0]).await.unwrap();
        assert_eq!(memory.all.len(), remembered, "{verdict:?}");
        let again = sightings::on_pages(&mut tx, &[world.page]).await.unwrap();
        assert_eq!(again.len(), remembered, "{verdict:?}");
    }
}

pub async fn identifiers_are_found_by_their_beginning(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let whole = world.alert.id.to_string();
    for (typed, found) in [
        (whole.as_str(), true),
        (&whole[..9], true),
        (&whole[..9].to_ascii_uppercase(), true),
        ("ffffffff", false),
        ("", false),
        ("%", false),
        ("0_", false),
    ] {
        let alerts = beginning::<AlertId>(&mut tx, typed, 5).await.unwrap();
        let expected: Vec<AlertId> = found.then_some(world.alert.id).into_iter().collect();
        assert_eq!(alerts, expected, "{typed}");
    }
    let entries = beginning::<EntryId>(&mut tx, &world.entry.id.to_string()[..8], 5).await;
    assert!(entries.unwrap().contains(&world.entry.id));
    tx.commit().await.unwrap();
    // Nobody else's are found.
    let other = store.organisation("Other", START, &mint).await.unwrap();
    let mut tx = store.read(other).await.unwrap();
    assert_eq!(beginning::<AlertId>(&mut tx, &whole, 5).await.unwrap(), []);
}
