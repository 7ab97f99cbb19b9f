//! Full-text search: words, phrases, beginnings, what is not to be there; and what is found follows what listings say.

use sightline_model::*;
use sightline_store::{
    listings,
    search::{self, Found, Query, Wanted},
};

use crate::{
    support::{Place, START, at},
    world::*,
};

fn wanted(text: &str) -> Wanted {
    Wanted {
        query: Query::read(text).unwrap(),
        source: None,
        since: None,
        until: None,
        after: None,
        limit: 9,
    }
}

pub async fn what_listings_say_is_found(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let texts = [
        "New in town, call Lily",
        "In town again: NEW pictures; passport kept",
        "Новая в городе, звони",
        "lotus@example.com it's \u{202e}me\0",
    ];
    let mut ids = Vec::new();
    for (nth, text) in texts.iter().enumerate() {
        let id: ListingId = tx.reserve(1).await.unwrap()[0];
        ids.push(id);
        let listing = Listing {
            id,
            key: format!("search-{nth}"),
            first_seen: at(nth as i64),
            ..world.listing.clone()
        };
        listings::insert(&mut tx, &[listing]).await.unwrap();
        let version = ListingVersion {
            listing: id,
            version: 1,
            title: format!("Title{nth}"),
            text: (*text).to_owned(),
            ..world.version.clone()
        };
        listings::add_versions(&mut tx, &[version]).await.unwrap();
    }
    for (text, expected) in [
        ("town", vec![1, 0]),
        ("NEW town", vec![1, 0]),
        ("\"new in town\"", vec![0]),
        ("town -pictures", vec![0]),
        ("pass*", vec![1]),
        ("pass", vec![]),
        ("tow*", vec![1, 0]),
        ("town pass* pic*", vec![1]),
        ("town -pass*", vec![0]),
        ("nothing*", vec![]),
        ("нова*", vec![2]),
        ("городе", vec![2]),
        ("НОВАЯ", vec![2]),
        ("lotus@example.com", vec![3]),
        ("lotus", vec![3]),
        ("title3", vec![3]),
        ("it's", vec![3]),
        // Words of the index itself are of no listing.
        ("o1", vec![]),
        ("organisation:o1", vec![]),
        ("a OR NEAR(\"b\" {c} : ^d) & !e | 'f'", vec![]),
    ] {
        let found = search::page(&mut tx, &wanted(text)).await.unwrap();
        let expected: Vec<ListingId> = expected.into_iter().map(|nth: usize| ids[nth]).collect();
        assert_eq!(found.listings, expected, "{text}");
        assert_eq!(found.next, None, "{text}");
    }
    // In pages, by source and by days.
    let first = Wanted {
        limit: 1,
        ..wanted("town")
    };
    let found = search::page(&mut tx, &first).await.unwrap();
    assert_eq!(
        (found.listings.as_slice(), found.next),
        (&ids[1..2], Some(ids[1]))
    );
    let second = Wanted {
        after: found.next,
        ..first
    };
    let found = search::page(&mut tx, &second).await.unwrap();
    assert_eq!((found.listings.as_slice(), found.next), (&ids[..1], None));
    for (source, since, until, expected) in [
        (Some(world.source), None, None, &[1, 0][..]),
        (Some(SourceId(Default::default())), None, None, &[]),
        (None, Some(at(1)), None, &[1]),
        (None, Some(START), Some(at(1)), &[0]),
        (None, Some(at(9)), None, &[]),
    ] {
        let wanted = Wanted {
            source,
            since,
            until,
            ..wanted("town")
        };
        let found = search::page(&mut tx, &wanted).await.unwrap();
        let expected: Vec<ListingId> = expected.iter().map(|nth| ids[*nth]).collect();
        assert_eq!(found.listings, expected, "{wanted:?}");
    }
    // Another version says something else; the old words are found no more.
    let second = ListingVersion {
        listing: ids[0],
        version: 2,
        text: "Gone to the coast".to_owned(),
        ..world.version.clone()
    };
    listings::add_versions(&mut tx, &[second]).await.unwrap();
    let found = search::page(&mut tx, &wanted("lily")).await.unwrap();
    assert_eq!(found, Found::default());
    let found = search::page(&mut tx, &wanted("coast")).await.unwrap();
    assert_eq!(found.listings, ids[..1]);
    // What is not committed was never there; a text of any length can be kept.
    let long = ListingVersion {
        listing: ids[0],
        version: 3,
        text: "wörd ".repeat(500_000),
        ..world.version.clone()
    };
    tx.commit().await.unwrap();
    let mut tx = store.write(organisation).await.unwrap();
    listings::add_versions(&mut tx, &[long]).await.unwrap();
    let found = search::page(&mut tx, &wanted("wörd")).await.unwrap();
    assert_eq!(found.listings, ids[..1]);
    tx.rollback().await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let found = search::page(&mut tx, &wanted("coast")).await.unwrap();
    assert_eq!(found.listings, ids[..1]);
    drop(tx);
    // Another organisation finds nothing of it.
    let theirs = store.organisation("Iris", START, &mint).await.unwrap();
    let mut tx = store.read(theirs).await.unwrap();
    for text in ["coast", "town", "o1"] {
        let found = search::page(&mut tx, &wanted(text)).await.unwrap();
        assert_eq!(found, Found::default(), "{text}");
    }
}

/// What listings say, what is asked for, and which of them answer: the same on both engines.
pub async fn words_are_the_same_on_both_engines(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let texts = [
        "中文 按摩 新来的女孩",
        "新来Lily，电话２０７９",
        "マッサージの女の子、ｶﾞｰﾙ",
        "ร้านนวดไทย ที่นี่",
        "서울에서 마사지를 받으세요",
        "Élise et Zoë, Łódź, Straße",
        "Elise keeps your passport on the Fifth floor",
        "ΟΔΟΣ Ερμού; Новая ёлка",
        "ＬＯＴＵＳ 𝓼𝓹𝓪 lo\u{200b}tus e\u{301}lise",
        "Fourth floor, finest pass",
        "វិមាន ລາວ မြန်မာ",
    ];
    let mut ids = Vec::new();
    for (nth, text) in texts.iter().enumerate() {
        let id: ListingId = tx.reserve(1).await.unwrap()[0];
        ids.push(id);
        let listing = Listing {
            id,
            key: format!("words-{nth}"),
            ..world.listing.clone()
        };
        listings::insert(&mut tx, &[listing]).await.unwrap();
        let version = ListingVersion {
            listing: id,
            version: 1,
            title: format!("Heading {nth}"),
            text: (*text).to_owned(),
            ..world.version.clone()
        };
        listings::add_versions(&mut tx, &[version]).await.unwrap();
    }
    for (text, expected) in [
        ("女孩", vec![0]),
        ("新来", vec![1, 0]),
        ("新来的女孩", vec![0]),
        ("新来的女孩子", vec![]),
        ("孩女", vec![]),
        ("女", vec![2, 0]),
        ("孩", vec![0]),
        ("\"新来 Lily\"", vec![1]),
        ("新来lily", vec![1]),
        ("\"lily 电\"", vec![1]),
        ("2079", vec![1]),
        ("新来 -lily", vec![0]),
        ("マッサージ", vec![2]),
        ("サージ", vec![2]),
        ("ガール", vec![2]),
        ("นวด", vec![3]),
        ("นวดไทย", vec![3]),
        ("ที่", vec![3]),
        ("마사지", vec![4]),
        ("서울", vec![4]),
        ("សាន", vec![]),
        ("មាន", vec![10]),
        ("ລາວ", vec![10]),
        ("မြန်", vec![10]),
        ("elise", vec![8, 6, 5]),
        ("ÉLISE", vec![8, 6, 5]),
        ("zoe", vec![5]),
        ("lodz", vec![5]),
        ("strasse", vec![5]),
        ("STRASSE", vec![5]),
        ("οδός", vec![7]),
        ("ερμου", vec![7]),
        ("елка", vec![7]),
        ("lotus", vec![8]),
        ("spa", vec![8]),
        ("fourth OR fifth", vec![9, 6]),
        ("fourth OR fifth passport", vec![6]),
        ("floor AND passport", vec![6]),
        ("\"keeps your pass*\"", vec![6]),
        ("pass*", vec![9, 6]),
        ("fin*", vec![9]),
        // A phrase does not go from a title to a text.
        ("\"heading 9\"", vec![9]),
        ("\"9 fourth\"", vec![]),
        ("¦", vec![]),
    ] {
        let Ok(query) = Query::read(text) else {
            assert_eq!(expected, Vec::<usize>::new(), "{text}");
            continue;
        };
        let asked = Wanted {
            query,
            limit: 20,
            ..wanted("a")
        };
        let found = search::page(&mut tx, &asked).await.unwrap();
        let expected: Vec<ListingId> = expected.into_iter().map(|nth| ids[nth]).collect();
        assert_eq!(found.listings, expected, "{text}");
        // What is found is marked, and nothing else is.
        for (id, said) in ids.iter().zip(&texts) {
            let has_marks = !asked.query.marks(said).is_empty();
            let is_said = expected.contains(id) && !text.contains("heading");
            assert!(has_marks || !is_said, "{text} in {said}");
        }
    }
}
