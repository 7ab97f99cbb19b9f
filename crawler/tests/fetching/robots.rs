//! robots.txt: fetched before anything else, obeyed, and remembered.

use std::{io::Write, sync::Arc, time::Duration};

use sightline_crawler::visit::{RobotsUse, SourceAccess};
use sightline_model::{HostState, Outcome, RobotsText};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    Bench, access, answer, failure, page, paths, settings,
    site::{Site, once, redirect, reply, script},
};

const DENY_ALL: &[u8] = b"User-agent: *\nDisallow: /\n";

#[tokio::test]
async fn it_is_asked_first_and_once() {
    let site = Site::start().await;
    site.at(
        "/robots.txt",
        reply(200, "", b"User-agent: *\nDisallow: /admin\n"),
    )
    .at("/a", reply(200, "", b"a"))
    .at("/b", reply(200, "", b"b"));
    let bench = Bench::new(&["127.0.0.1"]);
    let first = bench.visit(&site.url("/a")).await;
    assert_eq!(paths(&first), ["/robots.txt", "/a"]);
    assert_eq!(answer(&first).exchange, 1);
    let (host, text) = &first.robots[0];
    assert_eq!(host, &site.address.to_string());
    assert_eq!(text.status, Some(200));
    assert_eq!(text.fetched_at, bench.now());

    let second = bench.visit(&site.url("/b")).await;
    assert_eq!(paths(&second), ["/b"]);
    assert!(second.robots.is_empty());

    bench.clock.advance(Duration::from_secs(25 * 60 * 60));
    let next_day = bench.visit(&site.url("/b")).await;
    assert_eq!(paths(&next_day), ["/robots.txt", "/b"]);
}

#[tokio::test]
async fn where_the_host_cannot_prove_who_it_is_that_is_the_fault_and_no_robots_txt() {
    // It has no certificate to show: it does not even speak TLS.
    let site = script(|mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let url = format!("https://{site}/a");
    let visited = Bench::new(&["127.0.0.1"]).visit(&url).await;
    let failed = failure(&visited);
    assert_eq!(failed.outcome, Outcome::TlsFailed, "{failed}");
    assert!(visited.robots.is_empty());
}

#[tokio::test]
async fn visits_at_the_same_time_ask_once() {
    let site = Site::start().await;
    site.at("/a", reply(200, "", b"a"));
    let bench = Bench::new(&["127.0.0.1"]);
    let url = site.url("/a");
    let visits = futures::future::join_all((0..8).map(|_| bench.visit(&url))).await;
    assert!(visits.iter().all(|visited| visited.result.is_ok()));
    assert_eq!(site.count("/robots.txt"), 1);
    assert_eq!(site.count("/a"), 8);
}

#[tokio::test]
async fn what_is_stored_is_not_asked_again() {
    let site = Site::start().await;
    let bench = Bench::new(&["127.0.0.1"]);
    let state = HostState {
        host: site.address.to_string(),
        robots: Some(RobotsText {
            fetched_at: bench.now(),
            status: Some(200),
            failure: None,
            max_age: None,
            body: String::from_utf8(DENY_ALL.to_vec()).unwrap(),
        }),
        ..HostState::default()
    };
    let home = bench.crawler.gate(&bench.session, &state);
    let visited = bench
        .crawler
        .visit(&bench.session, &page(&site.url("/a")), &home, &())
        .await;
    assert_eq!(failure(&visited).outcome, Outcome::RobotsDenied);
    assert!(
        failure(&visited).detail.contains("Disallow: /"),
        "{:?}",
        failure(&visited)
    );
    assert!(visited.exchanges.is_empty() && site.asked().is_empty());
}

#[tokio::test]
async fn what_its_status_means() {
    for (status, expected) in [
        (200, Some(Outcome::RobotsDenied)),
        (401, None),
        (403, None),
        (404, None),
        (410, None),
        (429, Some(Outcome::RobotsUnreachable)),
        (500, Some(Outcome::RobotsUnreachable)),
        (503, Some(Outcome::RobotsUnreachable)),
    ] {
        let site = Site::start().await;
        site.at("/robots.txt", reply(status, "", DENY_ALL))
            .at("/a", reply(200, "", b"a"));
        let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/a")).await;
        let outcome = visited.result.as_ref().err().map(|failure| failure.outcome);
        assert_eq!(outcome, expected, "{status}");
        assert_eq!(
            site.count("/a"),
            usize::from(expected.is_none()),
            "{status}"
        );
        assert_eq!(visited.robots[0].1.status, Some(status));
        if let Some(Outcome::RobotsUnreachable) = expected {
            let answered = format!("the server answered {status}; it is asked for again after ");
            assert!(failure(&visited).detail.starts_with(&answered));
        }
    }
}

#[tokio::test]
async fn a_host_that_fails_to_give_it_is_left_alone_for_a_while() {
    let site = once("").await;
    let bench = Bench::new(&["127.0.0.1"]);
    let url = format!("http://{site}/a");
    let visited = bench.visit(&url).await;
    assert_eq!(failure(&visited).outcome, Outcome::RobotsUnreachable);
    assert_eq!(visited.robots[0].1.status, None);
    let why = visited.robots[0].1.failure.clone().unwrap();
    let until = bench.now() + Duration::from_secs(600);
    let expected = format!(
        "{why}; it is asked for again after {}",
        until.to_utc().format("%Y-%m-%d %H:%M:%SZ")
    );
    assert_eq!(failure(&visited).detail, expected);
    bench.clock.advance(Duration::from_secs(200));
    let again = bench.visit(&url).await;
    assert_eq!(failure(&again).outcome, Outcome::RobotsUnreachable);
    assert_eq!(failure(&again).detail, expected);
    assert_eq!(failure(&again).retry_after, Some(Duration::from_secs(400)));
    assert!(again.robots.is_empty(), "it was asked again at once");
}

#[tokio::test]
async fn a_host_that_was_never_reached_says_nothing_about_it() {
    let bench = Bench::new(&["nowhere.example", "10.0.0.1"]);
    for (url, expected) in [
        ("http://nowhere.example/a", Outcome::DnsFailed),
        ("http://10.0.0.1/a", Outcome::EgressRefused),
    ] {
        let visited = bench.visit(url).await;
        assert_eq!(failure(&visited).outcome, expected, "{url}");
        assert!(visited.robots.is_empty(), "{url}");
    }
}

#[tokio::test]
async fn its_redirects_are_followed_five_times() {
    for (hops, expected) in [(5, Some(Outcome::RobotsDenied)), (6, None)] {
        let site = Site::start().await;
        site.at("/a", reply(200, "", b"a"))
            .at("/robots.txt", redirect("/r1"));
        for hop in 1..hops {
            site.at(&format!("/r{hop}"), redirect(&format!("/r{}", hop + 1)));
        }
        site.at(&format!("/r{hops}"), reply(200, "", DENY_ALL));
        let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/a")).await;
        let outcome = visited.result.as_ref().err().map(|failure| failure.outcome);
        assert_eq!(outcome, expected, "{hops}");
    }
}

#[tokio::test]
async fn its_redirect_may_not_lead_inside() {
    let site = Site::start().await;
    site.at("/a", reply(200, "", b"a"))
        .at("/robots.txt", redirect("http://10.0.0.1/robots.txt"));
    let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/a")).await;
    assert_eq!(failure(&visited).outcome, Outcome::RobotsUnreachable);
    let detail = &failure(&visited).detail;
    assert!(
        detail.starts_with("it redirects to 10.0.0.1:80: ") && detail.contains("private"),
        "{detail}"
    );
    assert_eq!(site.count("/a"), 0);
}

#[tokio::test]
async fn only_its_first_500_kib_count() {
    let site = Site::start().await;
    let padding = "# padding\n".repeat(51_200 - 3);
    for (name, body, expected) in [
        (
            "rules at the start",
            format!("User-agent: *\nDisallow: /\n{padding}{padding}"),
            Some(Outcome::RobotsDenied),
        ),
        (
            "rules beyond the limit",
            format!("{padding}{padding}User-agent: *\nDisallow: /\n"),
            None,
        ),
    ] {
        site.at("/robots.txt", reply(200, "", body.as_bytes()))
            .at("/a", reply(200, "", b"a"));
        let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/a")).await;
        let outcome = visited.result.as_ref().err().map(|failure| failure.outcome);
        assert_eq!(outcome, expected, "{name}");
        assert_eq!(visited.exchanges[0].body.len(), 500 * 1024);
        assert!(visited.exchanges[0].truncated);
        assert!(visited.robots[0].1.body.len() <= 500 * 1024);
    }
}

#[tokio::test]
async fn it_may_be_compressed_and_may_be_a_bomb() {
    let gzip = |body: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let mut bomb = DENY_ALL.to_vec();
    bomb.resize(1 << 20, b'#');
    for body in [DENY_ALL, &bomb] {
        let site = Site::start().await;
        site.at(
            "/robots.txt",
            reply(200, "content-encoding: gzip\r\n", &gzip(body)),
        );
        let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/a")).await;
        assert_eq!(failure(&visited).outcome, Outcome::RobotsDenied);
        assert!(visited.robots[0].1.body.len() <= 500 * 1024);
    }
}

#[tokio::test]
async fn it_may_be_anything_at_all() {
    for body in [
        &b"<!doctype html><p>Not here</p>"[..],
        b"\xff\xfe\0\0binary\x01",
        b"\xef\xbb\xbf",
        b"",
    ] {
        let site = Site::start().await;
        site.at("/robots.txt", reply(200, "", body))
            .at("/a", reply(200, "", b"a"));
        let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/a")).await;
        assert_eq!(answer(&visited).body, "a", "{body:?}");
    }
}

#[tokio::test]
async fn an_override_does_not_ask_it_and_needs_a_reason() {
    let overriding = |reason: &str| SourceAccess {
        robots: RobotsUse::Override {
            reason: reason.to_owned(),
        },
        ..access(&["127.0.0.1"])
    };
    let site = Site::start().await;
    site.at("/robots.txt", reply(200, "", DENY_ALL))
        .at("/a", reply(200, "", b"a"));
    let bench = Bench::with(settings(), overriding("a court order of 3 March allows it"));
    assert_eq!(answer(&bench.visit(&site.url("/a")).await).body, "a");
    assert_eq!(site.count("/robots.txt"), 0);
    assert!(bench.crawler.open(overriding("  ")).is_err());
}

#[tokio::test]
async fn a_crawl_delay_sets_the_pace() {
    let site = Site::start().await;
    site.at(
        "/robots.txt",
        reply(200, "", b"User-agent: *\nCrawl-delay: 10\nDisallow: /a\n"),
    );
    let bench = Bench::new(&["127.0.0.1"]);
    let home: Arc<_> = bench.gate(&site.url("/"));
    bench
        .crawler
        .visit(&bench.session, &page(&site.url("/a")), &home, &())
        .await;
    assert_eq!(home.state().interval, Duration::from_secs(10));
}
