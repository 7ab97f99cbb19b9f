//! Alerts that gather more sightings than a page shows, as a ceiling makes of a flood.

use std::{collections::BTreeSet, time::Duration};

use sightline_model::{Alert, Role, Severity};
use sightline_store::alerts;

use crate::support::{Asker, Place};

/// An alert of thirty sightings, a minute apart.
async fn flood(place: &Place) -> Alert {
    let alert = place.alert(Severity::Grave).await;
    for _ in 0..29 {
        place.advance(Duration::from_secs(60));
        let other = place.alert(Severity::Low).await;
        let mut tx = place.write().await;
        let seen = alerts::sightings_of(&mut tx, other.id, None).await.unwrap();
        alerts::attach(&mut tx, &[(alert.id, seen[0].id, Some(1))])
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    alert
}

/// The instants of the sightings of one page, and its cursor.
async fn page(place: &Place, program: &Asker, path: &str) -> (Vec<String>, Option<String>) {
    let page = place.get(program, path).await.json();
    assert_eq!(page["seen_in_all"], 30, "{page}");
    let seen = page["seen"].as_array().unwrap().iter();
    let at = seen.map(|one| one["at"].as_str().unwrap().to_owned());
    (at.collect(), page["next"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn programs_are_given_them_a_page_at_a_time_the_latest_first() {
    let place = Place::open().await;
    let alert = flood(&place).await;
    let program = place.program(Role::Investigator).await;
    let path = format!("/api/v1/alerts/{}?limit=13", alert.id);
    let (mut all, mut next) = page(&place, &program, &path).await;
    assert_eq!(all.len(), 13);
    for count in [13, 4] {
        let path = format!("{path}&after={}", next.unwrap());
        let (seen, behind) = page(&place, &program, &path).await;
        assert_eq!(seen.len(), count);
        all.extend(seen);
        next = behind;
    }
    assert_eq!(next, None);
    assert!(all.is_sorted_by(|one, other| one > other), "{all:?}");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 30);
    let whole = place
        .get(&program, &format!("/api/v1/alerts/{}", alert.id))
        .await;
    assert_eq!(whole.json()["seen"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn people_are_shown_twenty_five_and_led_to_the_rest() {
    let place = Place::open().await;
    let alert = flood(&place).await;
    let investigator = place.somebody(Role::Investigator).await;
    let path = format!("/alerts/{}", alert.id);
    for (from, shown, words) in [
        ("", 25, "1 to 25 of 30 sightings"),
        ("?from=25", 5, "26 to 30 of 30 sightings"),
        ("?from=999", 5, "26 to 30 of 30 sightings"),
    ] {
        let page = place.get(&investigator, &format!("{path}{from}")).await;
        assert_eq!(page.body.matches("<article class=\"seen\">").count(), shown);
        assert!(page.body.contains(words), "{from}: {}", page.body);
    }
}
