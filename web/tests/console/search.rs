//! What a text may be, as the search tells it: names without their platform, numbers in disguise, and to whom.

use serde_json::{Value, json};
use sightline_model::*;
use sightline_store::{entries, observations, selectors, sightings};
use sightline_web::access::Permission;

use crate::support::{Asker, Place};

/// One more thing that was seen in the alert's listing.
async fn saw(place: &Place, kind: Kind, value: &str) {
    let mut tx = place.write().await;
    let found = observations::list(&mut tx, &Default::default())
        .await
        .unwrap();
    let selector = Selector::new(kind, value);
    let seen = Observation {
        id: tx.reserve(1).await.unwrap()[0],
        selector_id: selectors::intern(&mut tx, std::slice::from_ref(&selector))
            .await
            .unwrap()[0],
        selector,
        ..found[0].clone()
    };
    observations::insert(&mut tx, &[seen]).await.unwrap();
    tx.commit().await.unwrap();
}

/// One more entry of the alert's list.
async fn watches(place: &Place, value: &str) {
    let mut tx = place.write().await;
    let sighting = sightings::list(&mut tx, &Default::default()).await.unwrap();
    let like = entries::get(&mut tx, &[sighting[0].entry]).await.unwrap();
    let entry = Entry {
        id: place.mint.id(place.console.now()),
        selector: Selector::new(Kind::Handle, value),
        way: Way::Platform,
        written: value.to_owned(),
        ..like[0].clone()
    };
    entries::add(&mut tx, &[entry]).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the API says that a text may be.
async fn may_be(place: &Place, who: &Asker, text: &str) -> Value {
    let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let answer = place.get(who, &format!("/api/v1/selectors?q={text}")).await;
    let items = answer.json()["items"].take();
    let items = items.as_array().unwrap().iter().map(|one| {
        let kind = one["kind"].as_str().unwrap();
        json!([
            format!("{kind} {}", one["value"].as_str().unwrap()),
            one["seen"],
            one["entries"]
        ])
    });
    Value::Array(items.collect())
}

#[tokio::test]
async fn a_name_without_its_platform_is_told_on_each_that_knows_it() {
    let place = Place::open().await;
    place.alert(Severity::Low).await;
    saw(&place, Kind::Handle, "telegram/harbour_jobs").await;
    saw(&place, Kind::Handle, "telegram/pier_jobs").await;
    saw(&place, Kind::Handle, "any/quay_jobs").await;
    saw(&place, Kind::Handle, "instagram/dock_jobs_").await;
    watches(&place, "telegram/harbour_jobs").await;
    watches(&place, "instagram/harbour_jobs").await;
    watches(&place, "any/pier_jobs").await;
    let all = place.program(Role::Analyst).await;
    for (text, expected) in [
        (
            "@harbour_jobs",
            json!([
                ["handle telegram/harbour_jobs", true, 1],
                ["handle instagram/harbour_jobs", false, 1]
            ]),
        ),
        (
            "any/Harbour_Jobs",
            json!([
                ["handle telegram/harbour_jobs", true, 1],
                ["handle instagram/harbour_jobs", false, 1]
            ]),
        ),
        (
            "telegram/harbour_jobs",
            json!([["handle telegram/harbour_jobs", true, 1]]),
        ),
        // It was seen with its platform alone, and is looked for without: nobody is told that it was never seen.
        (
            "pier_jobs",
            json!([
                ["handle telegram/pier_jobs", true, 0],
                ["handle any/pier_jobs", true, 1]
            ]),
        ),
        ("@quay_jobs", json!([["handle any/quay_jobs", true, 0]])),
        // Names may end in signs on some.
        (
            "@dock_jobs_",
            json!([
                ["handle instagram/dock_jobs_", true, 0],
                ["handle any/dock_jobs", false, 0]
            ]),
        ),
        (
            "@nobody_jobs",
            json!([["handle any/nobody_jobs", false, 0]]),
        ),
    ] {
        assert_eq!(may_be(&place, &all, text).await, expected, "{text}");
    }

    // Whoever may not read watchlists learns from nothing what is on one.
    let account = place.account(Role::Analyst).await;
    let only = vec![Permission::ReadListings.to_string()];
    let reader = place.token(&account, only).await;
    for (text, expected) in [
        (
            "@harbour_jobs",
            json!([["handle telegram/harbour_jobs", true, null]]),
        ),
        (
            "pier_jobs",
            json!([["handle telegram/pier_jobs", true, null]]),
        ),
    ] {
        assert_eq!(may_be(&place, &reader, text).await, expected, "{text}");
    }

    let person = place.somebody(Role::Analyst).await;
    for (text, part) in [
        ("harbour_jobs", "seen on 1 listing, last"),
        ("pier_jobs", "seen with a platform alone · on 1 watchlist<"),
    ] {
        let page = place.get(&person, &format!("/search?q=%40{text}")).await;
        assert!(page.body.contains(part), "{text}: {}", page.body);
        assert_eq!(
            page.body.contains("never seen"),
            text == "harbour_jobs",
            "{text}: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn the_page_of_a_handle_leads_to_what_is_known_by_its_name() {
    let place = Place::open().await;
    place.alert(Severity::Low).await;
    saw(&place, Kind::Handle, "telegram/harbour_jobs").await;
    saw(&place, Kind::Handle, "telegram/pier_jobs").await;
    saw(&place, Kind::Handle, "any/quay_jobs").await;
    watches(&place, "any/pier_jobs").await;
    let person = place.somebody(Role::Analyst).await;
    for (handle, heading, others) in [
        (
            "telegram/pier_jobs",
            "seen on 1 listing",
            &["any/pier_jobs"][..],
        ),
        (
            "any/pier_jobs",
            "seen with a platform alone",
            &["telegram/pier_jobs"],
        ),
        (
            "any/harbour_jobs",
            "seen with a platform alone",
            &["telegram/harbour_jobs"],
        ),
        (
            "instagram/harbour_jobs",
            "never seen",
            &["telegram/harbour_jobs"],
        ),
        ("telegram/harbour_jobs", "seen on 1 listing", &[]),
        ("any/quay_jobs", "seen on 1 listing", &[]),
        ("any/nobody_jobs", "never seen", &[]),
    ] {
        let page = place
            .get(&person, &format!("/selectors?kind=handle&value={handle}"))
            .await;
        let heading = format!("<bdi>{handle}</bdi>: {heading}</h1>");
        assert!(page.body.contains(&heading), "{handle}: {}", page.body);
        let by_name = page.body.split("By the same name").nth(1);
        let by_name = by_name.map_or("", |rest| rest.split("</section>").next().unwrap());
        let found: Vec<&str> = by_name
            .split("<bdi>")
            .skip(1)
            .map(|rest| rest.split("</bdi>").next().unwrap())
            .collect();
        assert_eq!(found, others, "{handle}");
    }
}

#[tokio::test]
async fn a_number_in_disguise_is_read_as_in_an_ad() {
    let place = Place::open().await;
    // The source is one of the United States.
    place.alert(Severity::Low).await;
    saw(&place, Kind::Phone, "+12025550147").await;
    let all = place.program(Role::Analyst).await;
    let person = place.somebody(Role::Analyst).await;
    for text in [
        "2O2 555 zero one four seven",
        "(2O2) 555-OI47",
        "two oh two 555 0147",
        "2O2-five55-0l47",
        "call 2O2-five55-0l47",
    ] {
        let found = may_be(&place, &all, text).await;
        let number = json!(["phone +12025550147", true, 0]);
        assert_eq!(found[0], number, "{text}: {found}");
        let page = place
            .get(&person, &format!("/search?q={}", text.replace(' ', "+")))
            .await;
        assert!(
            page.body.contains("value=%2B12025550147"),
            "{text}: {}",
            page.body
        );
    }
    // One that nobody saw comes before the name that it could be as well.
    let found = may_be(&place, &all, "2O2-five55-0l48").await;
    let expected = json!([
        ["phone +12025550148", false, 0],
        ["handle any/2o2-five55-0l48", false, 0]
    ]);
    assert_eq!(found, expected);
}
