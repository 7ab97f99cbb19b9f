//! Visits: what is asked, what is handed back, and what it counts as.

use std::{io::Write, pin::pin, time::Duration};

use flate2::{Compression, write::GzEncoder};
use sightline_crawler::{
    budget::Refused,
    settings::FetchSettings,
    visit::{Ask, Known, OpenError, SourceAccess},
};
use sightline_model::{Outcome, Validators, VisitKind};
use tokio::time::timeout;

use crate::support::{
    Bench, access, answer, failure, page, settings,
    site::{Site, reply},
};

fn known(url: &str, etag: &str) -> Option<Known> {
    Some(Known {
        url: url.parse().unwrap(),
        validators: Validators {
            etag: Some(etag.to_owned()),
            last_modified: None,
        },
    })
}

#[tokio::test]
async fn a_page_comes_decoded_and_its_exchange_as_it_was() {
    let site = Site::start().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all("<p>listings</p>".repeat(50_000).as_bytes())
        .unwrap();
    let coded = encoder.finish().unwrap();
    let headers = "content-type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\n";
    site.at("/", reply(200, headers, &coded));
    let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/")).await;
    let answer = answer(&visited);
    assert_eq!(answer.body.len(), 15 * 50_000);
    assert_eq!(
        answer.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!((answer.status, answer.unchanged), (200, false));
    assert_eq!(visited.exchanges[answer.exchange].body, coded);
}

#[tokio::test]
async fn bodies_that_grow_large_share_the_room() {
    let site = Site::start().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&[b' '; 600 * 1024]).unwrap();
    let coded = encoder.finish().unwrap();
    site.at("/", reply(200, "content-encoding: gzip\r\n", &coded));
    site.at(
        "/small",
        reply(200, "content-type: text/html\r\n", b"small"),
    );
    let (bench, url) = (Bench::new(&["127.0.0.1"]), site.url("/"));
    let [mut first, mut second] = [bench.visit(&url).await, bench.visit(&url).await];
    // What reading them needs: one has all the room, the other the turn to go on without.
    first.room.read(40 << 20).await;
    second.room.read(40 << 20).await;
    let mut third = pin!(bench.visit(&url));
    let soon = Duration::from_millis(300);
    assert!(timeout(soon, third.as_mut()).await.is_err());
    // The others go on meanwhile.
    assert_eq!(
        answer(&bench.visit(&site.url("/small")).await).body,
        "small"
    );
    drop(first);
    assert_eq!(answer(&third.await).body.len(), 600 * 1024);
}

#[tokio::test]
async fn large_bodies_are_decoded_too() {
    let site = Site::start().await;
    let noise: Vec<u8> = (0..50_000_u32)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&noise).unwrap();
    let coded = encoder.finish().unwrap();
    assert!(coded.len() > 64 * 1024);
    site.at("/", reply(200, "content-encoding: gzip\r\n", &coded));
    let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/")).await;
    assert_eq!(answer(&visited).body, noise);
}

#[tokio::test]
async fn bodies_that_do_not_decode() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 2 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    for (headers, body, expected) in [
        ("content-encoding: gzip\r\n", &bomb[..], Outcome::Bomb),
        ("content-encoding: gzip\r\n", b"plain", Outcome::BadEncoding),
        (
            "content-encoding: gzip\r\n",
            &bomb[..100],
            Outcome::BadEncoding,
        ),
        ("content-encoding: sdch\r\n", b"plain", Outcome::BadEncoding),
    ] {
        let site = Site::start().await;
        site.at("/", reply(200, headers, body));
        let visited = Bench::new(&["127.0.0.1"]).visit(&site.url("/")).await;
        let failure = failure(&visited);
        assert_eq!(failure.outcome, expected, "{headers}");
        assert_eq!(failure.status, Some(200));
        // Kept as evidence all the same.
        assert_eq!(visited.exchanges.last().unwrap().body, body);
    }
}

#[tokio::test]
async fn an_unchanged_page_has_no_body() {
    let site = Site::start().await;
    site.at_with("/", |head| match head.contains("if-none-match: \"v1\"") {
        true => reply(304, "etag: \"v1\"\r\n", b""),
        false => reply(200, "etag: \"v1\"\r\n", b"page"),
    });
    let bench = Bench::new(&["127.0.0.1"]);
    let url = site.url("/");
    let first = bench.visit(&url).await;
    let etag = first.exchanges[1].validators().etag.unwrap();
    let again = bench
        .ask(&Ask {
            known: known(&url, &etag),
            refused: Refused::Never,
            ..page(&url)
        })
        .await;
    let answer = answer(&again);
    assert_eq!(
        (answer.status, answer.unchanged, answer.body.len()),
        (304, true, 0)
    );
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_no_answer() {
    let site = Site::start().await;
    site.at("/", reply(304, "", b""));
    let bench = Bench::new(&["127.0.0.1"]);
    let url = site.url("/");
    let empty = Some(Known {
        url: url.parse().unwrap(),
        validators: Validators::default(),
    });
    for known in [None, empty] {
        let visited = bench
            .ask(&Ask {
                known,
                ..page(&url)
            })
            .await;
        assert_eq!(failure(&visited).outcome, Outcome::ProtocolError);
    }
}

#[tokio::test]
async fn statuses_have_their_outcomes() {
    let site = Site::start().await;
    let bench = Bench::new(&["127.0.0.1"]);
    for (status, expected) in [
        (204, Outcome::UnexpectedStatus),
        (206, Outcome::UnexpectedStatus),
        (300, Outcome::UnexpectedStatus),
        (401, Outcome::LoginRequired),
        (403, Outcome::Forbidden),
        (404, Outcome::Gone),
        (410, Outcome::Gone),
        (451, Outcome::Forbidden),
        (500, Outcome::ServerError),
        (799, Outcome::UnexpectedStatus),
    ] {
        let path = format!("/{status}");
        site.at(&path, reply(status, "", b""));
        let visited = bench.visit(&site.url(&path)).await;
        let failure = failure(&visited);
        assert_eq!((failure.outcome, failure.status), (expected, Some(status)));
    }
}

#[tokio::test]
async fn what_is_out_of_scope_is_not_asked() {
    let site = Site::start().await;
    let bench = Bench::new(&["127.0.0.1"]);
    let elsewhere = format!("http://localhost:{}/", site.address.port());
    for url in [site.url("/private/1"), elsewhere] {
        let visited = bench.visit(&url).await;
        assert_eq!(failure(&visited).outcome, Outcome::OutOfScope, "{url}");
        assert!(visited.exchanges.is_empty());
    }
    assert!(site.asked().is_empty());
}

#[tokio::test]
async fn images_have_their_own_limit_and_are_asked_for_as_such() {
    let site = Site::start().await;
    let image = vec![0; 3 << 19];
    site.at("/1.png", reply(200, "content-type: image/png\r\n", &image));
    let bench = Bench::new(&["127.0.0.1"]);
    for (kind, outcome) in [
        (VisitKind::Image, None),
        (VisitKind::Detail, Some(Outcome::TooLarge)),
    ] {
        let visited = bench
            .ask(&Ask {
                kind,
                ..page(&site.url("/1.png"))
            })
            .await;
        let found = visited.result.as_ref().err().map(|failure| failure.outcome);
        assert_eq!(found, outcome, "{kind}");
    }
    let asked = site.asked();
    let accepts: Vec<bool> = asked
        .iter()
        .map(|head| head.contains("accept: image/"))
        .collect();
    assert_eq!(accepts, [false, true, false]);
}

#[tokio::test]
async fn cookies_last_as_long_as_the_session() {
    let site = Site::start().await;
    site.at(
        "/a",
        reply(
            200,
            "set-cookie: a=1; Path=/\r\nset-cookie: b=2; Domain=example.com\r\n",
            b"",
        ),
    )
    .at("/b", reply(200, "", b""));
    let bench = Bench::new(&["127.0.0.1"]);
    bench.visit(&site.url("/a")).await;
    bench.visit(&site.url("/b")).await;
    let asked = site.asked();
    let last = asked.last().unwrap();
    assert!(last.contains("cookie: a=1\r\n"), "{last}");
    let other = bench.crawler.open(access(&["127.0.0.1"])).unwrap();
    let home = bench.gate(&site.url("/b"));
    bench
        .crawler
        .visit(&other, &page(&site.url("/b")), &home, &())
        .await;
    assert!(!site.asked().last().unwrap().contains("cookie"));
}

#[test]
fn nobody_crawls_without_a_contact() {
    let nobody = FetchSettings {
        contact: String::new(),
        ..settings()
    };
    let someone = SourceAccess {
        contact: Some("https://example.org/crawler".to_owned()),
        ..access(&["127.0.0.1"])
    };
    let bench = Bench::with(nobody, someone);
    let refused = bench.crawler.open(access(&["127.0.0.1"]));
    assert!(matches!(refused.err(), Some(OpenError::Contact(_))));
}

#[tokio::test]
async fn a_visit_can_run_on_any_thread() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let site = Site::start().await;
    site.at("/", reply(200, "", b"page"));
    let bench = Bench::new(&["127.0.0.1"]);
    let url = site.url("/");
    assert!(is_send(bench.visit(&url)).await.result.is_ok());
}
