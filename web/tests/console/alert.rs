//! The page of an alert, and what its forms do, without a script.

use axum::http::{StatusCode, header};
use sightline_model::{AlertState, Closed, Role, Severity};
use sightline_store::{Filter, alert_life, alerts, audit, silences};

use crate::{forms::forms, support::Place};

/// What a form sends.
type Form<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn the_page_answers_why_in_its_first_line_and_shows_the_match_as_it_was_written() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let page = place.get(&browser, &format!("/alerts/{}", alert.id)).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "</bdi>: possible, back after 41 days, on the same site</h1>",
        "Possible: it may be another identifier after all.",
        // What was crawled is text: escaped, and what would turn it around written out.
        "<mark><bdi>2O2-&#60;b&#62;555&#60;/b&#62;-O1\\u{202e}23</bdi></mark>",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "stood beside a word that says what it is",
        "<code>hxxps://ads[.]example/",
        "24-117",
        "consent of the family",
        "TLP:AMBER+STRICT",
        // When and where, in what company, and what proves it.
        "aria-label=\"1 listing between 2026-11-23 and 2026-11-23\"",
        "<a href=\"/selectors?kind=email&#38;value=lotus%40example.com\"><bdi>lotus@example.com</bdi></a>",
        "sha256 <code>00</code>",
        "/download\" download>",
    ] {
        assert!(page.body.contains(words), "{words}\n{}", page.body);
    }
    assert!(!page.body.contains("<script>"), "{}", page.body);
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let read = log.iter().filter(|logged| logged.deed.what == "alert.read");
    assert_eq!(read.count(), 1, "that it was read is in the audit log");
}

#[tokio::test]
async fn an_alert_is_taken_given_talked_about_and_closed_by_forms() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let page = format!("/alerts/{}", alert.id);
    let cases: [(&str, Form, &str); 11] = [
        ("acknowledge", &[], "took it"),
        ("hand-back", &[], "handed it back"),
        ("acknowledge", &[], "Hand it back</button>"),
        (
            "assign",
            &[("to", "Night desk"), ("anyway", "yes")],
            "gave it to Night desk",
        ),
        (
            "comment",
            &[("text", "Rang the desk.\nNobody there.")],
            "Rang the desk.\nNobody there.",
        ),
        (
            "silence",
            &[("hours", "24"), ("reason", "arrest planned")],
            "<bdi>arrest planned</bdi>",
        ),
        ("assign", &[("to", "")], "gave it back"),
        (
            "close",
            &[
                ("as", "rejected"),
                ("why", "a taxi rank"),
                ("sightings", "on"),
            ],
            "closed it as rejected",
        ),
        (
            "close",
            &[("as", "confirmed"), ("anew", "yes")],
            "closed it as confirmed, not as rejected",
        ),
        (
            "reopen",
            &[],
            "opened it again, which was closed as confirmed",
        ),
        ("close", &[("as", "rejected")], "Open it again</button>"),
    ];
    for (action, form, told) in cases {
        let done = place
            .post(&browser, &format!("{page}/{action}"), form)
            .await;
        assert_eq!(
            (done.status, done.header(header::LOCATION)),
            (StatusCode::SEE_OTHER, page.as_str()),
            "{action}: {}",
            done.body
        );
        let shown = place.get(&browser, &page).await;
        assert!(shown.body.contains(told), "{action}: {told}");
    }
    let mut tx = place.write().await;
    let stands = alerts::get(&mut tx, &[alert.id]).await.unwrap().remove(0);
    assert_eq!(stands.state, AlertState::Closed);
    assert_eq!(stands.closed.unwrap().0, Closed::Rejected);
    assert_eq!(
        alert_life::of_alert(&mut tx, alert.id).await.unwrap().len(),
        10
    );
    let silence = silences::list(&mut tx, 9).await.unwrap().remove(0);
    assert_eq!(
        (silence.covers.entry, silence.reason.as_str()),
        (Some(alert.entry), "arrest planned")
    );
    // Somebody was quicker: that is told, and nothing happens.
    drop(tx);
    let late = place
        .post(&browser, &format!("{page}/acknowledge"), &[])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let quicker = "closed it as rejected, ";
    let (_, told) = late.body.split_once("It is not as you thought").unwrap();
    assert!(told.contains(quicker), "{}", late.body);
    let why = [("as", "stale"), ("why", "nobody picks up")];
    let late = place.post(&browser, &format!("{page}/close"), &why).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    for kept in ["nobody picks up</textarea>", "What you wrote stands below."] {
        assert!(late.body.contains(kept), "{kept}: {}", late.body);
    }
    // What the silence covers is named as people know it, and no longer by its identifier alone.
    let listed = place.get(&browser, "/silences").await.body;
    assert!(
        !listed.contains(&format!("<bdi>entry {}", alert.entry)),
        "{listed}"
    );
    assert!(listed.contains("<bdi>phone +"), "{listed}");
}

#[tokio::test]
async fn an_alert_that_somebody_has_is_taken_over_by_another() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let (alice, bob) = (
        place.somebody(Role::Investigator).await,
        place.somebody(Role::Investigator).await,
    );
    let page = format!("/alerts/{}", alert.id);
    let to = |deed: &str| format!("{page}/{deed}");
    // Nobody has it: there is nobody to take it from, and nothing to give back.
    for deed in ["take-over", "hand-back", "reopen"] {
        let refused = place.post(&bob, &to(deed), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{deed}");
    }
    place.post(&alice, &to("acknowledge"), &[]).await;
    let button = "Take it over</button>";
    for (reader, offered) in [(&alice, false), (&bob, true)] {
        let shown = place.get(reader, &page).await.body;
        assert_eq!(shown.contains(button), offered);
    }
    let done = place.post(&bob, &to("take-over"), &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let shown = place.get(&bob, &page).await.body;
    assert!(shown.contains("took it over from"), "{shown}");
    assert!(!shown.contains(button));
}

/// Nobody hears of an alert that a silence covers, whatever it was before: so it says that.
#[tokio::test]
async fn an_open_alert_that_is_silenced_says_so() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let other = place.alert(Severity::Low).await;
    let browser = place.somebody(Role::Investigator).await;
    let program = place.program(Role::Investigator).await;
    let silenced = "/api/v1/alerts?state=silenced";
    let none = place.get(&program, silenced).await.json();
    assert_eq!(none["items"].as_array().unwrap().len(), 0);
    let page = format!("/alerts/{}", alert.id);
    let form = [("hours", "24"), ("reason", "arrest <b>planned")];
    place
        .post(&browser, &format!("{page}/silence"), &form)
        .await;
    for (address, covered, uncovered) in [
        (page.as_str(), true, false),
        ("/", true, true),
        ("/?tab=silenced", true, false),
        ("/?tab=acknowledged", false, false),
    ] {
        let shown = place.get(&browser, address).await.body;
        let says = shown.to_lowercase().contains("silenced by investigator")
            && shown.contains(", ends <time")
            && shown.contains("arrest &#60;b&#62;planned");
        assert_eq!(says, covered, "{address}: {shown}");
        let has_other = shown.contains(&other.id.to_string());
        assert_eq!(has_other, uncovered, "{address}");
    }
    let listed = place.get(&program, silenced).await.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["state"], "open");
    assert_eq!(items[0]["quiet"]["why"], "arrest <b>planned");
    // What goes on raises no alert, so nothing is listed by it.
    let continued = place.get(&program, "/api/v1/alerts?reason=continued").await;
    assert_eq!(continued.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_wrong_in_a_form_is_told_beside_its_field_and_nothing_typed_is_lost() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let long = "x".repeat(10_001);
    let cases: [(&str, Form, &str, &str); 3] = [
        ("comment", &[("text", " ")], "text-fault", "write something"),
        ("comment", &[("text", &long)], "text-fault", &long),
        (
            "close",
            &[("why", "the <taxi> rank")],
            "as-fault",
            "the &#60;taxi&#62; rank</textarea>",
        ),
    ];
    for (action, form, fault, kept) in cases {
        let again = place
            .post(&browser, &format!("/alerts/{}/{action}", alert.id), form)
            .await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains(&format!("id=\"{fault}\"")), "{action}");
        assert!(again.body.contains(kept), "{action}");
        assert!(
            again.body.contains("role=\"alert\""),
            "a summary stands at the top"
        );
    }
    // What was chosen and ticked is chosen and ticked still.
    let close = format!("/alerts/{}/close", alert.id);
    for (how, each) in [("confirmed", true), ("rejected", true), ("stale", false)] {
        let mut form = vec![("as", how), ("why", long.as_str())];
        form.extend(each.then_some(("sightings", "on")));
        let again = place.post(&browser, &close, &form).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        let forms = forms(&close, &again.body);
        let form = forms.iter().find(|form| form.action == close).unwrap();
        let chosen = again.body.split("name=\"as\" value=\"").skip(1);
        let chosen = chosen.filter(|radio| radio.split('>').next().unwrap().ends_with(" checked"));
        let chosen: Vec<&str> = chosen.filter_map(|radio| radio.split('"').next()).collect();
        assert_eq!(chosen, [how]);
        let ticked = again.body.contains("name=\"sightings\" checked>");
        assert_eq!(ticked, each, "{how}");
        assert!(form.fields.iter().any(|field| field.value == long), "{how}");
    }
}

#[tokio::test]
async fn an_alert_that_is_not_there_is_not_found() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    let none = "/alerts/00000000-0000-7000-8000-000000000000";
    assert_eq!(
        place.get(&browser, none).await.status,
        StatusCode::NOT_FOUND
    );
    let nonsense = place.get(&browser, "/alerts/nonsense").await;
    assert_eq!(nonsense.status, StatusCode::NOT_FOUND);
    for action in ["acknowledge", "silence"] {
        let form = [("hours", "1"), ("reason", "x")];
        let answer = place
            .post(&browser, &format!("{none}/{action}"), &form)
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{action}");
    }
}

#[tokio::test]
async fn an_alert_is_given_to_an_account_or_to_whom_is_meant() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let analyst = place.account(Role::Analyst).await;
    let operator = place.account(Role::Operator).await;
    let at = format!("/alerts/{}/assign", alert.id);
    let slip = analyst.name.to_uppercase();
    for (form, given) in [
        (&[("to", slip.as_str())][..], Some(analyst.name.as_str())),
        (&[("to", "Nigth desk")], None),
        (&[("to", &operator.name)], None),
        (
            &[("to", "Night desk"), ("anyway", "yes")],
            Some("Night desk"),
        ),
        (&[("to", "")], Some("")),
    ] {
        let done = place.post(&browser, &at, form).await;
        let Some(given) = given else {
            assert_eq!(done.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
            continue;
        };
        assert_eq!(
            done.status,
            StatusCode::SEE_OTHER,
            "{form:?}: {}",
            done.body
        );
        let mut tx = place.write().await;
        let stands = alerts::get(&mut tx, &[alert.id]).await.unwrap().remove(0);
        assert_eq!(stands.assigned.unwrap_or_default(), given);
    }
    // What was meant once is not asked again while an alert has it, and is a filter then.
    let other = place.alert(Severity::Low).await;
    let form = [("to", "Night desk"), ("anyway", "yes")];
    place.post(&browser, &at, &form).await;
    let at = format!("/alerts/{}/assign", other.id);
    let done = place.post(&browser, &at, &form[..1]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let inbox = place.get(&browser, "/?assigned=Night+desk").await.body;
    assert_eq!(inbox.matches("<tr data-line>").count(), 2, "{inbox}");
    let offered = |name: &str| inbox.contains(&format!("<option value=\"{name}\""));
    assert!(
        offered(&analyst.name) && !offered(&operator.name),
        "{inbox}"
    );
}
