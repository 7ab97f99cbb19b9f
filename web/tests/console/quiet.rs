//! Silences of lists, sources and cases, words on one sighting, files to take away, and what a page says where something is
//! not as its reader thought.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sightline_casework::Names;
use sightline_model::*;
use sightline_store::{Filter, alert_life, audit, sightings, silences, verdicts};

use crate::support::{Asker, Place, RAW};

/// What is narrowed to, and what a form says of that.
async fn source_of(place: &Place) -> String {
    let mut tx = place.write().await;
    let names = Names::read(&mut tx).await.unwrap();
    names.sources()[0].0.to_string()
}

#[tokio::test]
async fn silences_are_made_listed_and_ended_in_the_console() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let source = source_of(&place).await;
    let browser = place.somebody(Role::Investigator).await;
    let list = alert.watchlist.to_string();
    let why = ("reason", "the site <b>moves");
    for (form, told) in [
        (
            vec![("watchlist", &*list), ("hours", "24"), why],
            "watchlist ",
        ),
        (
            vec![("source", &*source), ("hours", "2"), why],
            "source harbourads",
        ),
        (
            vec![
                ("source", &*source),
                ("at_most", "normal"),
                ("hours", "720"),
                why,
            ],
            "source harbourads, normal at most",
        ),
    ] {
        let made = place.post(&browser, "/silences", &form).await;
        assert_eq!(made.header(header::LOCATION), "/silences", "{}", made.body);
        let page = place.get(&browser, "/silences").await;
        assert!(page.body.contains(told), "{told}: {}", page.body);
        assert!(page.body.contains("the site &#60;b&#62;moves"));
        let (_, rest) = page.body.split_once("action=\"/silences/").unwrap();
        let end = format!("/silences/{}", rest.split('"').next().unwrap());
        for _ in 0..2 {
            let ended = place.post(&browser, &end, &[]).await;
            assert_eq!(ended.header(header::LOCATION), "/silences");
        }
        let page = place.get(&browser, "/silences").await;
        assert!(!page.body.contains("End it"), "{}", page.body);
    }
    for (form, field) in [
        (vec![("hours", "24"), why], "watchlist"),
        (
            vec![("source", &*source), ("hours", "99999999999"), why],
            "for",
        ),
        (
            vec![
                ("source", &*source),
                ("hours", "24"),
                ("reason", "\u{200b}"),
            ],
            "reason",
        ),
        (vec![("case", "none of ours"), ("hours", "24"), why], "case"),
    ] {
        let again = place.post(&browser, "/silences", &form).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let fault = format!("id=\"{field}-fault\"");
        assert!(again.body.contains(&fault), "{field}: {}", again.body);
    }
    // On an alert's page a time that is not offered is refused as well, and a silence leads to where it is ended.
    let at = format!("/alerts/{}", alert.id);
    let to = format!("{at}/silence");
    let far = place
        .post(&browser, &to, &[("hours", "99999999999"), why])
        .await;
    assert_eq!(far.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wordless = place
        .post(&browser, &to, &[("hours", "720"), ("reason", " ")])
        .await;
    assert_eq!(wordless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let chosen = "<option value=\"720\" selected>";
    assert!(wordless.body.contains(chosen), "{}", wordless.body);
    place.post(&browser, &to, &[("hours", "720"), why]).await;
    let page = place.get(&browser, &at).await;
    assert!(page.body.contains("<a href=\"/silences\">End it"));
    let mut tx = place.write().await;
    assert_eq!(silences::list(&mut tx, 9).await.unwrap().len(), 4);
}

#[tokio::test]
async fn one_sighting_is_judged_on_the_page_of_its_alert() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let mut tx = place.write().await;
    let found = sightings::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    let (at, id) = (format!("/alerts/{}", alert.id), alert.id.to_string());
    let to = format!("/sightings/{}/verdict", found[0].id);
    assert!(place.get(&browser, &at).await.body.contains(&to));
    for (word, verdict) in [
        ("rejected", Some(Verdict::Rejected)),
        ("confirmed", Some(Verdict::Confirmed)),
        ("", None),
    ] {
        let form = [("verdict", word), ("why", "a <b>taxi"), ("alert", &*id)];
        let said = place.post(&browser, &to, &form).await;
        let back = format!("{at}#sighting-{}", found[0].id);
        assert_eq!(said.header(header::LOCATION), back, "{}", said.body);
        let page = place.get(&browser, &at).await;
        let shows = page.body.contains("a &#60;b&#62;taxi");
        assert_eq!(shows, verdict.is_some(), "{word}: {}", page.body);
        let pair = (found[0].entry, found[0].listing);
        let mut tx = place.write().await;
        let said = verdicts::history(&mut tx, &[pair]).await.unwrap();
        assert_eq!(said.last().unwrap().verdict, verdict, "{word}");
    }
}

#[tokio::test]
async fn a_comment_is_said_once_and_seen() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let to = format!("/alerts/{}/comment", alert.id);
    let form = [("text", "Rang the desk.")];
    let sent = (0..4).map(|_| place.post(&browser, &to, &form));
    for answer in futures::future::join_all(sent).await {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    for unseen in ["\u{200b}", " \u{2060}\u{feff} "] {
        let answer = place.post(&browser, &to, &[("text", unseen)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut tx = place.write().await;
    let said = alert_life::of_alert(&mut tx, alert.id).await.unwrap();
    assert_eq!(said.len(), 1);
    drop(tx);
    place.advance(std::time::Duration::from_secs(61));
    place.post(&browser, &to, &form).await;
    let mut tx = place.write().await;
    let said = alert_life::of_alert(&mut tx, alert.id).await.unwrap();
    assert_eq!(said.len(), 2, "later it is another");
}

#[tokio::test]
async fn an_alert_is_given_to_who_may_see_it() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let analyst = place.account(Role::Analyst).await;
    let auditor = place.account(Role::Auditor).await;
    let at = format!("/alerts/{}", alert.id);
    let page = place.get(&browser, &at).await;
    let offered = |name: &str| format!("<option value=\"{name}\">");
    assert!(page.body.contains(&offered(&analyst.name)), "{}", page.body);
    assert!(!page.body.contains(&offered(&auditor.name)));
    let long = "x".repeat(65);
    for to in [&*auditor.name, &*long] {
        let answer = place
            .post(&browser, &format!("{at}/assign"), &[("to", to)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{to}");
        assert!(answer.body.contains("id=\"to-fault\""));
    }
}

#[tokio::test]
async fn files_are_taken_away_in_the_console_by_whom_the_roles_say_and_that_is_kept() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Analyst).await;
    let list = format!("/watchlists/{}", alert.watchlist);
    for (page, file) in [
        ("/", "/exports/alerts"),
        ("/", "/exports/sightings"),
        ("/search", "/exports/listings"),
        (&*list, &*format!("{list}/export")),
    ] {
        let shown = place.get(&browser, page).await;
        assert!(
            shown.body.contains(&format!("\"{file}\" download")),
            "{file}"
        );
        let given = place.get(&browser, file).await;
        assert_eq!(given.status, StatusCode::OK);
        assert!(given.header(header::CONTENT_TYPE).starts_with("text/csv"));
        let named = given.header(header::CONTENT_DISPOSITION);
        assert!(named.starts_with("attachment"), "{named}");
        assert!(given.body.lines().count() > 1, "{file}: {}", given.body);
    }
    let auditor = place.somebody(Role::Auditor).await;
    for (who, file) in [(&browser, "/exports/audit"), (&auditor, "/exports/alerts")] {
        let refused = place.get(who, file).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{file}");
    }
    assert_eq!(
        place.get(&auditor, "/exports/audit").await.status,
        StatusCode::OK
    );
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let taken = log
        .iter()
        .filter(|one| one.deed.what.starts_with("export."));
    assert_eq!(taken.count(), 5);
}

#[tokio::test]
async fn what_is_not_as_its_reader_thought_leads_back_to_it() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let at = format!("/alerts/{}", alert.id);
    let to = format!("{at}/acknowledge");
    place.post(&browser, &to, &[]).await;
    let late = place.post(&browser, &to, &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    // The alert itself, as it is now.
    for shown in [
        "It is not as you thought",
        &format!("action=\"{at}/close\""),
    ] {
        assert!(late.body.contains(shown), "{shown}: {}", late.body);
    }
    // Nor is an entry that a colleague has taken off meanwhile: it is said who did, and what was written stands there.
    let at = format!("/entries/{}", alert.entry);
    let colleague = place.somebody(Role::Analyst).await;
    let analyst = place.somebody(Role::Analyst).await;
    let gone = [("reason", "the order has ended")];
    let done = place
        .post(&colleague, &format!("{at}/withdraw"), &gone)
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    for (deed, form, kept) in [
        (
            "withdraw",
            &[("reason", "she is <b>found")][..],
            &["<dt>Why</dt>", "she is &#60;b&#62;found"],
        ),
        (
            "review",
            &[("review_at", "2027-05-23"), ("why", "not yet")],
            &[
                "<dt>Next review</dt><dd class=\"lines\">2027-05-23</dd>",
                "not yet",
            ],
        ),
        (
            "activate",
            &[("owner", "K. Analyst")],
            &["<dt>Owner</dt>", "K. Analyst"],
        ),
    ] {
        let late = place.post(&analyst, &format!("{at}/{deed}"), form).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{deed}: {}", late.body);
        let (_, told) = late
            .body
            .split_once("It is not as you thought: <bdi>analyst")
            .unwrap();
        let (who, _) = told.split_once("</h2>").unwrap();
        assert!(who.contains(" withdrew it, "), "{deed}: {who}");
        for part in kept {
            assert!(told.contains(part), "{deed}: {part}: {}", late.body);
        }
    }
    // A filter that is none is told, and shows nothing as if it had been one.
    for wrong in [
        "watchlist=x",
        "source=%00",
        "severity=zzz",
        "tab=zzz",
        "reason=none",
    ] {
        let answer = place.get(&browser, &format!("/?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(!answer.body.contains(&alert.id.to_string()), "{wrong}");
    }
    let none = place.get(&browser, "/?watchlist=&source=&severity=").await;
    assert_eq!(none.status, StatusCode::OK);
}

#[tokio::test]
async fn the_audit_log_says_what_was_done_in_words_and_leads_to_it() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let administrator = place.somebody(Role::Administrator).await;
    let auditor = place.somebody(Role::Auditor).await;
    let at = format!("/alerts/{}", alert.id);
    place.get(&administrator, &at).await;
    for (who, leads) in [(&administrator, true), (&auditor, false)] {
        let page = place.get(who, "/audit").await;
        assert!(page.body.contains("alert read"), "{}", page.body);
        assert_eq!(page.body.contains(&format!("<a href=\"{at}\">")), leads);
        assert!(!page.body.contains(RAW));
    }
}

#[tokio::test]
async fn who_has_an_entry_is_told_of_news_and_may_change_it_all_the_same() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let at = format!("/api/v1/entries/{}", alert.entry);
    let asked = async |tag: &str| {
        let mut asked = program.request(Method::GET, &at, Body::empty(), "");
        let headers = asked.headers_mut();
        headers.insert(header::IF_NONE_MATCH, tag.parse().unwrap());
        place.send(asked).await
    };
    let tag = place.get(&program, &at).await;
    let tag = tag.header(header::ETAG).to_owned();
    assert_eq!(asked(&tag).await.status, StatusCode::NOT_MODIFIED);
    // It is seen on another listing: the entry is as it was, and what is shown of it is not.
    let other = place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let mut seen = sightings::list(&mut tx, &Default::default()).await.unwrap();
    let listing = seen.iter().find(|one| one.entry == other.entry);
    let listing = listing.unwrap().listing;
    seen.retain(|one| one.entry == alert.entry);
    seen[0].id = place.mint.id(place.console.now());
    seen[0].listing = listing;
    sightings::insert(&mut tx, &seen[..1]).await.unwrap();
    tx.commit().await.unwrap();
    let news = asked(&tag).await;
    assert_eq!(news.status, StatusCode::OK, "{}", news.body);
    assert_eq!(news.json()["sources"][0]["listings"], 2, "{}", news.body);
    assert_ne!(news.header(header::ETAG), tag);
    let note = serde_json::json!({"fields": {"note": "tall"}, "reason": "her sister said so"});
    let edit = format!("{at}/edit");
    let edited = place.call_if(&program, &edit, &tag, note.clone()).await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.body);
    let stale = place.call_if(&program, &edit, &tag, note).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn who_has_it_as_it_is_is_told_so_and_probes_answer_machines() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let at = format!("/api/v1/watchlists/{}", alert.watchlist);
    let tag = place
        .get(&program, &at)
        .await
        .header(header::ETAG)
        .to_owned();
    for (known, status) in [
        (tag.clone(), StatusCode::NOT_MODIFIED),
        (format!("\"x\", W/{tag}"), StatusCode::NOT_MODIFIED),
        ("\"x\"".to_owned(), StatusCode::OK),
    ] {
        let mut asked = program.request(Method::GET, &at, Body::empty(), "");
        asked
            .headers_mut()
            .insert(header::IF_NONE_MATCH, known.parse().unwrap());
        let answer = place.send(asked).await;
        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.header(header::ETAG), tag);
        assert_eq!(answer.body.is_empty(), status == StatusCode::NOT_MODIFIED);
    }
    let refused = place.get(&Asker::nobody(), "/metrics").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.header(header::CONTENT_TYPE),
        "application/problem+json"
    );
    assert_eq!(refused.header(header::WWW_AUTHENTICATE), "Bearer");
}

#[tokio::test]
async fn sightings_and_listings_are_narrowed_by_the_address() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Analyst).await;
    let source = source_of(&place).await;
    let rows = |body: &str| body.matches("<tr data-line>").count();
    let list = alert.watchlist;
    let none = "00000000-0000-7000-8000-000000000000";
    for (path, found) in [
        ("/sightings".to_owned(), 1),
        (
            format!(
                "/sightings?source={source}&watchlist={list}&reason=reappeared&since=2026-11-23"
            ),
            1,
        ),
        (format!("/sightings?watchlist={none}"), 0),
        ("/sightings?reason=new_source".to_owned(), 0),
        ("/sightings?since=2026-11-24&source=".to_owned(), 0),
        ("/listings".to_owned(), 1),
        (format!("/listings?source={source}&since="), 1),
        (format!("/listings?source={none}"), 0),
        ("/listings?since=2027-01-01".to_owned(), 0),
        ("/listings?removed=true".to_owned(), 0),
    ] {
        let page = place.get(&browser, &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert_eq!(rows(&page.body), found, "{path}: {}", page.body);
        assert!(!page.body.contains(RAW) && !page.body.contains("<script>alert"));
    }
    for wrong in [
        "/sightings?since=soon",
        "/listings?source=x",
        "/search?q=a&from=x",
        "/?assigned=Night+desk",
    ] {
        let answer = place.get(&browser, wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
