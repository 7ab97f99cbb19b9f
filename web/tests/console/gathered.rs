//! Alerts that gather more sightings than a page shows, as a ceiling makes of a flood.

use std::{collections::BTreeSet, time::Duration};

use axum::http::{StatusCode, header};
use sightline_model::{Alert, Fate, Role, Severity};
use sightline_store::{alerts, sightings};

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
        assert_eq!(page.body.matches("<article class=\"seen\"").count(), shown);
        assert!(page.body.contains(words), "{from}: {}", page.body);
    }
}

#[tokio::test]
async fn a_word_on_a_sighting_leads_back_to_it_on_whichever_page_it_stands() {
    let place = Place::open().await;
    let alert = flood(&place).await;
    let investigator = place.somebody(Role::Investigator).await;
    let mut tx = place.write().await;
    let mut seen = alerts::sightings_of(&mut tx, alert.id, None).await.unwrap();
    drop(tx);
    seen.sort_by_key(|one| std::cmp::Reverse(one.at));
    let id = alert.id.to_string();
    let path = format!("/alerts/{id}");
    let long = "y".repeat(10_001);
    for (nth, from, page) in [(3, "0", ""), (28, "25", "?from=25")] {
        let sighting = seen[nth].id;
        let shown = place.get(&investigator, &format!("{path}{page}")).await;
        let carried = format!("name=\"from\" value=\"{from}\"");
        assert!(shown.body.contains(&carried), "{}", shown.body);
        let to = format!("/sightings/{sighting}/verdict");
        let said = |why| {
            [
                ("alert", id.as_str()),
                ("from", from),
                ("verdict", "rejected"),
                ("why", why),
            ]
        };
        let again = place.post(&investigator, &to, &said(&long)).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        for part in [
            &format!("<a href=\"#why-{sighting}\">Why is too long; 10000 bytes are the most.</a>"),
            &format!("id=\"why-{sighting}-fault\""),
            &format!("id=\"why-{sighting}\" name=\"why\" value=\"{long}\""),
            "<details open><summary>Say what this sighting is",
        ] {
            assert!(again.body.contains(part), "{nth}: {part}: {}", again.body);
        }
        // It is not said where the alert is closed: whoever goes on there would close it.
        let (_, close) = again.body.split_once("data-key=\"c\"").unwrap();
        let (close, _) = close.split_once("</form>").unwrap();
        assert!(
            !close.contains("why-fault") && !close.contains(&long),
            "{close}"
        );
        assert!(
            !again
                .body
                .contains("<details open><summary data-key=\"c\">")
        );
        let done = place.post(&investigator, &to, &said("a taxi rank")).await;
        let back = format!("{path}{page}#sighting-{sighting}");
        assert_eq!(done.header(header::LOCATION), back, "{}", done.body);
        let shown = place.get(&investigator, &back).await;
        let place_of_it = format!("<article class=\"seen\" id=\"sighting-{sighting}\">");
        assert!(shown.body.contains(&place_of_it), "{back}: {}", shown.body);
    }
}

#[tokio::test]
async fn a_sighting_that_an_alert_tells_of_twice_has_one_place_and_one_form() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    place.advance(Duration::from_secs(60));
    let mut tx = place.write().await;
    let mut seen = alerts::sightings_of(&mut tx, alert.id, None).await.unwrap();
    seen[0].fate = Some(Fate::Told {
        alert: alert.id,
        batch: 1,
        due: seen[0].at,
        waits: None,
    });
    sightings::update(&mut tx, &seen).await.unwrap();
    // Judged anew, and told of in the same alert.
    seen[0].at = place.console.now();
    sightings::update(&mut tx, &seen).await.unwrap();
    tx.commit().await.unwrap();
    let investigator = place.somebody(Role::Investigator).await;
    let page = place
        .get(&investigator, &format!("/alerts/{}", alert.id))
        .await;
    let sighting = seen[0].id;
    for (part, count) in [
        ("<article class=\"seen\"", 2),
        (&format!("id=\"sighting-{sighting}\""), 1),
        (&format!("href=\"#sighting-{sighting}\""), 1),
        (&format!("id=\"why-{sighting}\""), 1),
    ] {
        assert_eq!(
            page.body.matches(part).count(),
            count,
            "{part}: {}",
            page.body
        );
    }
}
