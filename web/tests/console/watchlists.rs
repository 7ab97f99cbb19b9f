//! Watchlists and entries: the table and its pages, an entry with where it was seen, and what analysts do with it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use sightline_model::*;
use sightline_store::{audit, entries, watchlists};

use crate::support::{Asker, Place, RAW, START};

/// What a stranger, or a colleague, would do to a page that did not escape it.
const HOSTILE: &str = "\"><script>alert(1)</script>\u{202e}";

async fn entry_of(place: &Place, alert: &Alert) -> Entry {
    let mut tx = place.write().await;
    entries::get(&mut tx, &[alert.entry])
        .await
        .unwrap()
        .remove(0)
}

/// Many entries of one list.
async fn crowd(place: &Place, model: &Entry, count: u32) {
    let made: Vec<Entry> = (0..count)
        .map(|nth| Entry {
            id: place.mint.id(START + Duration::from_secs(nth.into())),
            selector: Selector::new(Kind::Email, format!("lotus{nth:03}@example.com")),
            written: HOSTILE.to_owned(),
            owner: HOSTILE.to_owned(),
            state: match nth % 2 {
                0 => EntryState::Active,
                _ => EntryState::Draft,
            },
            ..model.clone()
        })
        .collect();
    let mut tx = place.write().await;
    entries::add(&mut tx, &made).await.unwrap();
    tx.commit().await.unwrap();
}

/// The addresses in a page that begin so.
fn links<'p>(page: &'p str, to: &str) -> Vec<&'p str> {
    let parts = page.split("href=\"").skip(1);
    let links = parts.filter_map(|part| part.split('"').next());
    links.filter(|link| link.starts_with(to)).collect()
}

#[tokio::test]
async fn a_list_is_read_page_by_page_in_every_order() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let entry = entry_of(&place, &alert).await;
    crowd(&place, &entry, 240).await;
    let analyst = place.somebody(Role::Analyst).await;
    let lists = place.get(&analyst, "/watchlists").await;
    assert!(lists.body.contains("Operation Lotus"), "{}", lists.body);
    for sort in ["newest", "value", "review"] {
        let mut address = format!("/watchlists/{}?sort={sort}", entry.watchlist);
        let mut read = Vec::new();
        loop {
            let page = place.get(&analyst, &address).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.body.contains("<script>alert"), "{}", page.body);
            assert!(
                page.body.contains("no channel of theirs is named"),
                "{}",
                page.body
            );
            read.extend(
                links(&page.body, "/entries/")
                    .into_iter()
                    .map(str::to_owned),
            );
            let next = page.body.split("rel=\"next\" href=\"").nth(1);
            let Some(next) = next else { break };
            address = next
                .split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&")
                .replace("&#38;", "&");
        }
        assert_eq!(read.len(), 121, "{sort}");
        read.sort();
        read.dedup();
        assert_eq!(read.len(), 121, "{sort}: one stands on two pages");
    }
}

/// Where the page after this one is.
fn next(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("rel=\"next\" href=\"")?;
    let address = rest.split('"').next()?;
    Some(address.replace("&amp;", "&").replace("&#38;", "&"))
}

#[tokio::test]
async fn the_next_page_goes_on_while_those_of_the_first_are_reviewed() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let entry = entry_of(&place, &alert).await;
    crowd(&place, &entry, 240).await;
    place.advance(Duration::from_secs(10_000_000));
    let analyst = place.somebody(Role::Analyst).await;
    let first = format!("/watchlists/{}?tab=due", entry.watchlist);
    let first = place.get(&analyst, &first).await.body;
    let shown = links(&first, "/entries/");
    assert_eq!(shown.len(), 50);
    for entry in shown {
        let path = format!("{entry}/review");
        let done = place
            .post(&analyst, &path, &[("review_at", "2027-09-01")])
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
    let second = place.get(&analyst, &next(&first).unwrap()).await.body;
    assert_eq!(links(&second, "/entries/").len(), 50, "{second}");
    let third = place.get(&analyst, &next(&second).unwrap()).await.body;
    assert_eq!(links(&third, "/entries/").len(), 21);
    assert_eq!(next(&third), None);
    // A place in another order is none in this.
    let address = next(&first).unwrap().replace("tab=due", "tab=active");
    let page = place.get(&analyst, &address).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert!(page.body.contains("another order"), "{}", page.body);
}

#[tokio::test]
async fn entries_are_found_by_any_spelling_and_any_filter() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let entry = entry_of(&place, &alert).await;
    crowd(&place, &entry, 20).await;
    let analyst = place.somebody(Role::Analyst).await;
    for (query, count) in [
        ("", 11),
        ("tab=draft", 10),
        ("tab=withdrawn", 0),
        ("tab=due", 0),
        ("kind=phone", 1),
        ("kind=email&sort=value", 10),
        ("kind=email&sort=review", 10),
        ("q=%2B1+(202)+555", 1),
        ("q=LOTUS00", 5),
        ("q=lotus004%40example.com", 1),
        ("q=LOTUS00&kind=phone", 0),
        ("q=(202)+555-01", 1),
        ("q=555+01", 1),
        ("q=tus00", 5),
        ("q=LOTUS000&tab=draft", 0),
        ("q=%22%3E%3Cscript%3Ealert(1)%25", 0),
    ] {
        let address = format!("/watchlists/{}?{query}", entry.watchlist);
        let page = place.get(&analyst, &address).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!(links(&page.body, "/entries/").len(), count, "{query}");
        assert!(!page.body.contains("<script>alert"), "{query}");
    }
    let address = format!("/watchlists/{}?q=LOTUS000&tab=draft", entry.watchlist);
    let page = place.get(&analyst, &address).await;
    assert!(page.body.contains("What is like this stands under"));
    place.advance(Duration::from_secs(10_000_000));
    let due = place
        .get(&place.somebody(Role::Analyst).await, "/watchlists/due")
        .await;
    assert_eq!(links(&due.body, "/entries/").len(), 11);
}

#[tokio::test]
async fn an_entry_shows_who_answers_for_it_and_where_it_was_seen() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let reader = place.somebody(Role::Investigator).await;
    let page = place
        .get(&reader, &format!("/entries/{}", alert.entry))
        .await;
    for part in [
        ": looked for</h1>",
        "consent of the family",
        "TLP:AMBER+STRICT",
        "<svg class=\"chart\"",
        "1 in 90 days, at most 1 on one",
        "<td>2026-11-23</td><td class=\"number\">1</td>",
        "harbourads",
        "/selectors?kind=email&#38;value=lotus%40example.com",
        "back after 41 days",
        "<mark><bdi>2O2-&#60;b&#62;555&#60;/b&#62;-O1\\u{202e}23</bdi></mark>",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains(RAW) && !page.body.contains("<script>alert"));
    assert!(
        !page.body.contains("Withdraw it"),
        "an investigator may not"
    );
    let mut tx = place.write().await;
    let logged = audit::list(&mut tx, &Default::default()).await.unwrap();
    assert_eq!(
        (
            logged[0].deed.what.as_str(),
            logged[0].deed.subject.as_str()
        ),
        ("entry.read", alert.entry.to_string().as_str())
    );
}

#[tokio::test]
async fn an_entry_is_reviewed_and_withdrawn_with_a_reason() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let analyst = place.somebody(Role::Analyst).await;
    let path = |deed: &str| format!("/entries/{}{deed}", alert.entry);
    let wrong = place
        .post(
            &analyst,
            &path("/review"),
            &[("review_at", HOSTILE), ("why", "still missing")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("still missing</textarea>"),
        "what was typed stays"
    );
    assert!(!wrong.body.contains("<script>alert") && wrong.body.contains("id=\"review_at-fault\""));
    assert!(
        wrong.body.contains("&#60;script&#62;"),
        "what was typed stays"
    );
    let done = place
        .post(&analyst, &path("/review"), &[("review_at", "2027-05-23")])
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    // Each of the page's two reasons is faulted in its own form.
    let long = "x".repeat(10_001);
    for (deed, field) in [("/review", "why"), ("/withdraw", "reason")] {
        let refused = place.post(&analyst, &path(deed), &[(field, &long)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{deed}");
        let fault = format!("id=\"{field}-fault\"");
        assert!(refused.body.contains(&fault), "{deed}");
    }
    let silent = place
        .post(&analyst, &path("/withdraw"), &[("reason", " ")])
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = place
        .post(&analyst, &path("/withdraw"), &[("reason", HOSTILE)])
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let again = place
        .post(&analyst, &path("/withdraw"), &[("reason", "x")])
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let page = place.get(&analyst, &path("")).await;
    assert!(
        page.body.contains(": withdrawn, no longer looked for</h1>"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("reviewed it:")
            && page.body.contains("withdrew it: state: active → withdrawn")
    );
}

#[tokio::test]
async fn an_entry_is_seen_before_it_is_added() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let entry = entry_of(&place, &alert).await;
    let analyst = place.somebody(Role::Analyst).await;
    let path = |deed: &str| format!("/watchlists/{}/{deed}", entry.watchlist);
    let form = place
        .get(&analyst, &path("add?kind=email&value=%22%3E%3Cb%3E"))
        .await;
    assert!(
        form.body.contains("value=\"&#34;&#62;&#60;b&#62;\""),
        "{}",
        form.body
    );
    let filled = [
        ("kind", "email"),
        ("value", " Lotus@Example.com"),
        ("purpose", HOSTILE),
        ("legal_basis", "order 12/26"),
        ("owner", "R. Analyst"),
        ("category", "suspect"),
        ("review_at", "2027-05-23"),
    ];
    let seen = place.post(&analyst, &path("preview"), &filled).await;
    assert_eq!(seen.status, StatusCode::OK);
    for part in [
        "<strong><bdi>lotus@example.com</bdi></strong>",
        "It would have raised 1 alert with 0 messages on 1 listing in the last 90 days",
        "<mark><bdi>lotus@example.com</bdi></mark>",
        "name=\"legal_basis\" value=\"order 12/26\"",
    ] {
        assert!(seen.body.contains(part), "{part}: {}", seen.body);
    }
    assert!(!seen.body.contains("<script>alert"));
    // As it is typed, the preview comes alone.
    let live = live(
        &place,
        &analyst,
        &path("preview"),
        "kind=email&value=Lotus%40Example.com",
    )
    .await;
    assert!(
        live.contains("It would have raised 1 alert") && !live.contains("<html"),
        "{live}"
    );
    let phrase = self::live(
        &place,
        &analyst,
        &path("preview"),
        "kind=phrase&value=new+in+town",
    )
    .await;
    assert!(phrase.contains("Press Preview"), "{phrase}");
    let nothing = self::live(&place, &analyst, &path("preview"), "kind=email&value=").await;
    assert!(!nothing.contains("fault"), "{nothing}");
    // Nobody has added anything so far.
    let done = place.post(&analyst, &path("add"), &filled).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let added = place.get(&analyst, done.header(header::LOCATION)).await;
    assert!(
        added
            .body
            .contains("<bdi>lotus@example.com</bdi>: looked for")
    );
    // Who put it there, and by which way.
    let life = added.body.split("What was done to it").nth(1).unwrap();
    assert!(
        life.contains("added it") && life.contains("in the console"),
        "{life}"
    );
    let twice = place.post(&analyst, &path("add"), &filled).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("already, as entry"), "{}", twice.body);
    let stands = place.post(&analyst, &path("preview"), &filled).await;
    assert!(stands.body.contains("It stands on"), "{}", stands.body);
}

async fn live(place: &Place, who: &Asker, path: &str, form: &'static str) -> String {
    let mut request = who.request(
        Method::POST,
        path,
        Body::from(form),
        "application/x-www-form-urlencoded",
    );
    let headers = request.headers_mut();
    headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    headers.insert("hx-request", HeaderValue::from_static("true"));
    let answer = place.send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_draft_is_completed_and_looked_for() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let entry = entry_of(&place, &alert).await;
    let analyst = place.somebody(Role::Analyst).await;
    let mut tx = place.write().await;
    let list = watchlists::get(&mut tx, entry.watchlist)
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    let filled = [
        ("kind", "handle"),
        ("value", "telegram/lotus_demo"),
        ("category", "other"),
        ("review_at", "2027-05-23"),
        ("as_draft", "on"),
    ];
    let add = format!("/watchlists/{}/add", list.id);
    let done = place.post(&analyst, &add, &filled[..4]).await;
    assert_eq!(
        done.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nobody answers for it"
    );
    let done = place.post(&analyst, &add, &filled).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let path = done.header(header::LOCATION).to_owned();
    let page = place.get(&analyst, &path).await;
    assert!(
        page.body.contains("a draft, not looked for yet") && page.body.contains("not said yet")
    );
    let activate = format!("{path}/activate");
    let lacking = place
        .post(&analyst, &activate, &[("purpose", "to find her")])
        .await;
    assert_eq!(lacking.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        lacking.body.contains("id=\"legal_basis-fault\"") && lacking.body.contains("to find her")
    );
    let whole = [
        ("purpose", "to find her"),
        ("legal_basis", "order 1/26"),
        ("owner", "R. A."),
    ];
    let done = place.post(&analyst, &activate, &whole).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = place.get(&analyst, &path).await;
    assert!(page.body.contains(": looked for</h1>"), "{}", page.body);
    let seen = "It is looked for in what is stored within a moment.";
    assert!(page.body.contains(seen), "{}", page.body);
    let id = path.trim_start_matches("/entries/").parse().unwrap();
    let mut tx = place.write().await;
    entries::mark_hunted(&mut tx, &[id], START).await.unwrap();
    tx.commit().await.unwrap();
    let page = place.get(&analyst, &path).await;
    assert!(page.body.contains("Nowhere yet."), "{}", page.body);
}
