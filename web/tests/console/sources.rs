//! Sources, their runs and visits, politeness and furniture, as an operator sees them; and the test bench.

use axum::http::{StatusCode, header};
use sightline_model::*;
use sightline_pipeline::instance::Broken;
use sightline_store::{Filter, audit, captures, furniture, hosts, runs, sources, visits};
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::{
    machinery,
    support::{Asker, Place, RAW, START},
};

/// An ad of a site that would do something to a page that did not escape it.
const HOSTILE: &str = "<h1>New in town</h1><p>Call 202-555-0123 &lt;script&gt;alert(1)&lt;/script&gt; \u{202e}any time</p>";

/// A site with a page of two ads, the first of which is there.
pub async fn site() -> MockServer {
    let server = MockServer::start().await;
    for (at, page) in [
        (
            "/",
            "<a class=ad href=/ad/1>one</a><a class=ad href=/ad/2>two</a>",
        ),
        ("/ad/1", HOSTILE),
    ] {
        let answer = ResponseTemplate::new(200).set_body_raw(page, "text/html; charset=utf-8");
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    server
}

/// A run of this source that ended so, at this instant.
async fn ran(
    place: &Place,
    source: SourceId,
    at: Timestamp,
    outcome: RunOutcome,
    new: i64,
) -> RunId {
    let run = Run {
        id: place.mint.id(at),
        source,
        planned_at: at,
        started_at: Some(at),
        finished_at: Some(at),
        state: RunState::Finished,
        outcome: Some(outcome),
        counts: RunCounts {
            visits: 50,
            fetched: 40,
            unchanged: 37,
            failed: 10,
            listings_new: new,
            ..RunCounts::default()
        },
    };
    let mut tx = place.write().await;
    assert!(runs::plan(&mut tx, &run).await.unwrap());
    tx.commit().await.unwrap();
    run.id
}

/// Visits of a run that ended so.
async fn visited(place: &Place, source: SourceId, run: RunId, ends: &[(&str, Outcome)]) {
    let mut tx = place.write().await;
    for (link, outcome) in ends {
        let visit = NewVisit {
            run,
            source,
            kind: VisitKind::Detail,
            url: Url::parse(link).unwrap(),
            depth: 1,
            due_at: START,
            listing: None,
        };
        let id = visits::add(&mut tx, &[visit]).await.unwrap()[0].unwrap();
        let end = visits::VisitEnd {
            id,
            outcome: *outcome,
            detail: Some(format!("the site said {RAW}")),
            status: Some(403),
            capture: None,
            at: START,
        };
        visits::finish(&mut tx, &[end]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_table_says_how_each_source_fares() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let answer = place.get(&operator, "/sources").await;
    assert!(answer.body.contains("No source is known yet"));
    let ads = machinery::source(&place.instance, "cityforum", "https://ads.example/").await;
    let forum = machinery::source(&place.instance, "harbourads", "https://harbour.example/").await;
    for (nth, new) in [3, 0, 12].into_iter().enumerate() {
        let at = START - std::time::Duration::from_secs(86_400 * (5 - nth as u64));
        ran(&place, ads, at, RunOutcome::Complete, new).await;
    }
    let blocked = ran(&place, forum, START, RunOutcome::Blocked, 0).await;
    let refused = [("https://harbour.example/", Outcome::RateLimited)];
    visited(&place, forum, blocked, &refused).await;
    let page = place.get(&operator, "/sources").await;
    assert_eq!(page.status, StatusCode::OK);
    let rows: Vec<&str> = page.body.split("<tr data-line>").collect();
    for words in [
        "cityforum",
        "ok</span>",
        "40 of 50",
        "92 %",
        "aria-label=\"3, 0, 12\"",
        "Tue 24 Nov 2026 02:30 UTC+1",
        "Run now",
    ] {
        assert!(rows[1].contains(words), "{words}: {}", rows[1]);
    }
    for words in ["harbourads", "rate-limited</span>"] {
        assert!(rows[2].contains(words), "{words}: {}", rows[2]);
    }
    // One whose file is wrong has no line before it was ever crawled, and is named all the same.
    place.instance.hold(vec![Broken {
        name: "north".to_owned(),
        why: "sources/north.toml has 1 problem".to_owned(),
    }]);
    let page = place.get(&operator, "/sources").await;
    assert!(page.body.contains("sources/north.toml has 1 problem"));
    let program = place.program(Role::Operator).await;
    let broken = place.get(&program, "/api/v1/sources/broken").await.json();
    assert_eq!(broken["items"][0]["name"], "north");
    // Whoever watches the machine is told that it works and what it leaves out, and no name.
    let ready = place.get(&Asker::nobody(), "/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    let said = "ready, but for 1 source that is not crawled, whose file is wrong";
    assert!(ready.body.starts_with(said), "{}", ready.body);
    assert!(!ready.body.contains("north"), "{}", ready.body);
    // Nor has one that was disabled from the start.
    let text = format!("enabled = false\n{}", crate::source_files::ADS);
    std::fs::write(place.source_file("south"), text).unwrap();
    let page = place.get(&operator, "/sources").await;
    assert!(
        page.body
            .contains("enabled = false</code>: <bdi>south</bdi>"),
        "{}",
        page.body
    );
    // Who may look and not touch sees no button.
    let analyst = place.somebody(Role::Analyst).await;
    let page = place.get(&analyst, "/sources").await;
    assert!(!page.body.contains("Run now"));
    // An operator has no inbox: they begin with what they work on.
    let home = place.get(&operator, "/").await;
    assert_eq!(home.header(header::LOCATION), "/sources");
}

#[tokio::test]
async fn a_source_is_run_paused_and_resumed() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = machinery::source(&place.instance, "cityforum", "https://ads.example/").await;
    let of = |deed: &str| format!("/sources/{id}/{deed}");
    let answer = place.post(&operator, &of("run"), &[]).await;
    let run = answer.header(header::LOCATION).to_owned();
    assert!(run.starts_with("/runs/"), "{run}");
    let page = place.get(&operator, &run).await;
    assert!(page.body.contains("cityforum"), "{}", page.body);
    let again =
        format!("It is under way, and this page does not follow it by itself. <a href=\"{run}\">");
    assert!(page.body.contains(&again), "{}", page.body);
    assert!(
        page.body.contains("hxxps://ads[.]example/"),
        "{}",
        page.body
    );
    // What is under way goes on.
    let again = place.post(&operator, &of("run"), &[]).await;
    assert_eq!(again.header(header::LOCATION), run);
    let page = place.get(&operator, &format!("/sources/{id}")).await;
    assert!(page.body.contains("A run is running"), "{}", page.body);
    assert!(page.body.contains("obeyed") || page.body.contains("not fetched yet"));
    place.post(&operator, &of("pause"), &[]).await;
    let mut tx = place.write().await;
    let known = sources::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(known.state, sources::SourceState::Paused);
    drop(tx);
    let page = place.get(&operator, &format!("/sources/{id}")).await;
    assert!(
        page.body.contains("Paused: no run is planned"),
        "{}",
        page.body
    );
    assert!(page.body.contains(&of("resume")));
    place.post(&operator, &of("resume"), &[]).await;
    place.post(&operator, &of("resume"), &[]).await;
    let mut tx = place.write().await;
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let deeds: Vec<&str> = deeds
        .iter()
        .rev()
        .map(|one| one.deed.what.as_str())
        .collect();
    assert_eq!(
        deeds,
        ["source.run", "source.run", "source.pause", "source.resume"],
        "what changes nothing is no deed"
    );
}

#[tokio::test]
async fn a_source_shows_its_plan_its_runs_and_its_manners() {
    let place = Place::open().await;
    let then = Timestamp::parse("2027-03-26T10:00:00Z").unwrap();
    place.advance(then.since(START));
    let operator = place.somebody(Role::Operator).await;
    let id = machinery::source(&place.instance, "cityforum", "https://ads.example/").await;
    for nth in 0..27 {
        let at = Timestamp(START.0 + nth * 1_000);
        ran(&place, id, at, RunOutcome::Complete, nth).await;
    }
    let last = ran(&place, id, place.console.now(), RunOutcome::Complete, 1).await;
    visited(
        &place,
        id,
        last,
        &[("https://ads.example/1", Outcome::Fetched)],
    )
    .await;
    let held = place.console.now() + std::time::Duration::from_secs(600);
    let mut tx = place.write().await;
    let state = HostState {
        host: "ads.example:443".to_owned(),
        interval: std::time::Duration::from_secs(5),
        backoff_until: Some(held),
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", &[state]).await.unwrap();
    tx.commit().await.unwrap();
    let page = place.get(&operator, &format!("/sources/{id}")).await;
    // The clock of Paris goes forward two nights from now.
    assert_eq!(page.body.matches("<li>").count(), 10);
    assert!(
        page.body.contains("Sun 28 Mar 2027 03:00 UTC+2"),
        "{}",
        page.body
    );
    assert_eq!(
        page.body.matches("the clock goes forward by 1 h").count(),
        1
    );
    // Twelve a minute, and none for ten minutes.
    assert!(page.body.contains("ads.example:443"));
    assert!(page.body.contains("\"number\">12</td>"), "{}", page.body);
    assert!(page.body.contains("in 10 minutes"));
    // Runs go on on another page.
    assert_eq!(page.body.matches("<tr data-line>").count(), 25);
    let next = page.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap();
    let page = place.get(&operator, next).await;
    assert_eq!(page.body.matches("<tr data-line>").count(), 3);
    assert!(!page.body.contains("rel=\"next\""));
    let none = "/sources/00000000-0000-7000-8000-000000000000";
    assert_eq!(
        place.get(&operator, none).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn visits_say_what_became_of_them_and_nothing_of_a_site_acts_on_the_page() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = machinery::source(&place.instance, "cityforum", "https://ads.example/").await;
    let run = ran(&place, id, START, RunOutcome::Partial, 0).await;
    let ends = [
        ("https://ads.example/a?<script>=1", Outcome::Forbidden),
        ("https://ads.example/b", Outcome::Fetched),
    ];
    visited(&place, id, run, &ends).await;
    let page = place.get(&operator, &format!("/runs/{run}")).await;
    assert!(page.body.contains("the site refuses us"), "{}", page.body);
    assert!(page.body.contains("respect it; ask the site"));
    assert!(page.body.contains("hxxps://ads[.]example/b"));
    assert!(!page.body.contains("<b>555") && !page.body.contains("\u{202e}"));
    let program = place.program(Role::Operator).await;
    let read = place.get(&program, &format!("/api/v1/runs/{run}")).await;
    let ends = &read.json()["ends"];
    let mut told = ends.as_array().unwrap().iter();
    let refused = told.find(|one| one["outcome"] == "forbidden").unwrap();
    assert_eq!(refused["visits"], 1, "{ends}");
    assert!(refused["remedy"].as_str().unwrap().contains("ask the site"));
    let page = place
        .get(&operator, &format!("/runs/{run}?outcome=fetched"))
        .await;
    assert!(!page.body.contains("ads[.]example/a"), "{}", page.body);
    let page = place
        .get(&operator, &format!("/runs/{run}?outcome=bomb"))
        .await;
    assert!(page.body.contains("No visit ended like this"));
}

#[tokio::test]
async fn what_is_the_sites_own_is_overruled_with_a_reason() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = machinery::source(&place.instance, "cityforum", "https://ads.example/").await;
    let to = format!("/sources/{id}/furniture");
    let wrong = [
        ("kind", "phone"),
        ("value", "<b>none</b>"),
        ("state", "declared"),
    ];
    let answer = place.post(&operator, &to, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "reason-fault",
        "value-fault",
        "&#60;b&#62;none",
        "value=\"declared\" required checked",
    ] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    let right = [
        ("kind", "phone"),
        ("value", "(202) 555-0199"),
        ("state", "declared"),
        ("reason", "the hotline in the footer <script>"),
    ];
    let answer = place.post(&operator, &to, &right).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut tx = place.write().await;
    let known = furniture::list(&mut tx, Some(id)).await.unwrap();
    assert_eq!(known[0].selector.value, "+12025550199");
    assert_eq!(known[0].state, FurnitureState::Declared);
    drop(tx);
    let page = place.get(&operator, &format!("/sources/{id}")).await;
    assert!(page.body.contains("+12025550199"));
    assert!(page.body.contains("footer &#60;script"), "{}", page.body);
}

#[tokio::test]
async fn the_bench_shows_what_is_found_on_a_page() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let site = site().await;
    let start = format!("{}/", site.uri());
    let id = machinery::source(&place.instance, "cityforum", &start).await;
    let to = format!("/sources/{id}/test");
    let form = place.get(&operator, &to).await;
    assert!(form.body.contains(&start), "{}", form.body);
    // A page of listings: its links.
    let answer = place
        .post(&operator, &to, &[("url", &start), ("kind", "list")])
        .await;
    assert!(
        answer.body.contains("0 listings, 2 links"),
        "{}",
        answer.body
    );
    // A listing, with what was found marked in the page's text, and nothing of it acting.
    let ad = format!("{}ad/1", start);
    let answer = place
        .post(&operator, &to, &[("url", &ad), ("kind", "detail")])
        .await;
    assert!(answer.body.contains("1 listing,"), "{}", answer.body);
    assert!(
        answer
            .body
            .contains("<mark title=\"title\">New in town</mark>"),
        "{}",
        answer.body
    );
    assert!(
        answer
            .body
            .contains("<mark title=\"phone\">202-555-0123</mark>")
    );
    assert!(answer.body.contains("+12025550123"));
    assert!(!answer.body.contains("<script>alert") && !answer.body.contains('\u{202e}'));
    // A page that is gone, and one that the source does not reach.
    let gone = format!("{}gone", start);
    let answer = place
        .post(&operator, &to, &[("url", &gone), ("kind", "detail")])
        .await;
    assert!(
        answer.body.contains("not there any more"),
        "{}",
        answer.body
    );
    let far = [("url", "https://elsewhere.example/"), ("kind", "detail")];
    let answer = place.post(&operator, &to, &far).await;
    assert!(
        answer.body.contains("outside the source"),
        "{}",
        answer.body
    );
    // Nothing is kept but that somebody asked.
    let mut tx = place.write().await;
    assert_eq!(
        captures::list(&mut tx, &Filter::default()).await.unwrap(),
        []
    );
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    assert!(deeds.iter().all(|one| one.deed.what == "source.test"));
    assert_eq!(deeds.len(), 4);
}

#[tokio::test]
async fn the_bench_reads_what_was_pasted() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = machinery::source(&place.instance, "cityforum", "https://ads.example/").await;
    let to = format!("/sources/{id}/test");
    let large = format!("{HOSTILE}{}", "<p>more</p>".repeat(25_000));
    let pasted = [
        ("url", "https://ads.example/ad/9"),
        ("kind", "detail"),
        ("page", large.as_str()),
    ];
    let answer = place.post(&operator, &to, &pasted).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body.len());
    assert!(
        answer
            .body
            .contains("<mark title=\"phone\">202-555-0123</mark>")
    );
    assert!(answer.body.contains("pasted"));
    let mut tx = place.write().await;
    assert_eq!(audit::list(&mut tx, &Filter::default()).await.unwrap(), []);
    drop(tx);
    // What was typed is not lost.
    let wrong = [("url", "ads"), ("page", "<i>kept</i>")];
    let answer = place.post(&operator, &to, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["url-fault", "kind-fault", "&#60;i&#62;kept"] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
}
