//! Legal holds in the console: placed over an alert from its page, listed, lifted, and refused to whom it is not for.

use axum::http::StatusCode;
use sightline_model::{Role, Severity};

use crate::support::Place;

#[tokio::test]
async fn a_hold_is_placed_listed_and_lifted() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await.id.to_string();
    let person = place.somebody(Role::Investigator).await;
    let page = place.get(&person, &format!("/alerts/{alert}")).await.body;
    assert!(
        page.contains(&format!("/holds?of=alert&name={alert}")),
        "{page}"
    );
    let prefilled = place
        .get(&person, &format!("/holds?of=alert&name={alert}"))
        .await
        .body;
    assert!(prefilled.contains(&format!("value=\"{alert}\"")));

    let forms = [
        ("alert", alert.as_str(), "", "reason"),
        ("alert", "nonsense", "x", "name"),
        ("entry", &alert, "x", "name"),
        ("case", "", "x", "name"),
        ("case", "no such case", "x", "name"),
    ];
    for (of, name, reason, wrong) in forms {
        let form = [("of", of), ("name", name), ("reason", reason)];
        let refused = place.post(&person, "/holds", &form).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{of} {name}"
        );
        assert!(
            refused.body.contains(&format!("id=\"{wrong}-fault\"")),
            "{of} {name}"
        );
    }
    let form = [
        ("of", "alert"),
        ("name", alert.as_str()),
        ("reason", "letter 1/27"),
    ];
    let placed = place.post(&person, "/holds", &form).await;
    assert_eq!(placed.status, StatusCode::SEE_OTHER);
    let listed = place.get(&person, "/holds").await.body;
    assert!(
        listed.contains("letter 1/27") && listed.contains("/lift"),
        "{listed}"
    );
    // Analysts see it, and can't lift it.
    let analyst = place.somebody(Role::Analyst).await;
    let seen = place.get(&analyst, "/holds").await.body;
    assert!(seen.contains("letter 1/27") && !seen.contains("/lift"));
    let id = listed
        .split("/holds/")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let path = format!("/holds/{}/lift", id.unwrap());
    let long = "z".repeat(10_001);
    let field = format!("why-{}", id.unwrap());
    // What is wrong is told where it was typed; and somebody who was quicker, to who comes after.
    let fault = format!("id=\"{field}-fault\"");
    let kept =
        format!("id=\"{field}\" name=\"reason\" placeholder=\"Why\" required value=\"{long}\"");
    let quicker = "It is not as you thought: <bdi>investigator";
    for (who, reason, status, told) in [
        (&analyst, "x", StatusCode::FORBIDDEN, "permission"),
        (&person, "", StatusCode::UNPROCESSABLE_ENTITY, &*fault),
        (&person, &long, StatusCode::UNPROCESSABLE_ENTITY, &fault),
        (&person, &long, StatusCode::UNPROCESSABLE_ENTITY, &kept),
        (&person, "final", StatusCode::SEE_OTHER, ""),
        (&person, "once <b>more", StatusCode::CONFLICT, quicker),
        (
            &person,
            "once <b>more",
            StatusCode::CONFLICT,
            "</bdi> lifted the hold <time",
        ),
        (
            &person,
            "once <b>more",
            StatusCode::CONFLICT,
            "<bdi>once &#60;b&#62;more</bdi>",
        ),
    ] {
        let answer = place.post(who, &path, &[("reason", reason)]).await;
        assert_eq!(answer.status, status, "{reason}");
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
    let none = "/holds/00000000-0000-7000-8000-000000000000/lift";
    let answer = place.post(&person, none, &[("reason", "x")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let after = place.get(&person, "/holds").await.body;
    assert!(after.contains("final") && !after.contains("/lift"));
}
