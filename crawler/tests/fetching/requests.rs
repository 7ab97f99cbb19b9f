//! What we send, and that the exchange says the same.

use sightline_crawler::fetch::{Accept, Ask};
use sightline_model::{Outcome, Validators};
use url::Url;

use crate::support::{
    NOW, fetcher, settings, share,
    site::{Site, reply},
};

fn ask(url: &str) -> Ask {
    Ask {
        url: url.parse().unwrap(),
        accept: Accept::Page,
        validators: None,
        cookies: None,
    }
}

#[tokio::test]
async fn we_say_who_we_are_and_what_we_take() {
    let site = Site::start().await;
    site.at("/list?page=2", reply(200, "", b"ok"));
    let mut settings = settings();
    settings.accept_language = "en-GB,en;q=0.8".to_owned();
    let exchange = fetcher(settings)
        .fetch(&ask(&site.url("/list?page=2#top")), &mut share())
        .await
        .unwrap();
    let sent = &site.asked()[0];
    let version = env!("CARGO_PKG_VERSION");
    for line in [
        "GET /list?page=2 HTTP/1.1",
        &format!("user-agent: Sightline/{version} (+crawling@example.org)"),
        "accept-encoding: gzip, br, zstd, deflate",
        "accept-language: en-GB,en;q=0.8",
        &format!("host: {}", site.address),
    ] {
        assert!(
            sent.contains(&format!("{line}\r\n")),
            "{line} is not in {sent}"
        );
    }
    for absent in [
        "cookie",
        "if-none-match",
        "if-modified-since",
        "referer",
        "authorization",
    ] {
        assert!(
            !sent.to_ascii_lowercase().contains(&format!("{absent}:")),
            "{sent}"
        );
    }

    // The record of the request has the same lines, and no others.
    let mut recorded: Vec<String> = exchange
        .request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    let mut received: Vec<String> = sent.trim_end().lines().skip(1).map(str::to_owned).collect();
    recorded.sort();
    received.sort();
    assert_eq!(recorded, received);
    assert_eq!(exchange.request.target, "/list?page=2");
    assert_eq!(exchange.request.headers.keys().next().unwrap(), "host");
}

#[tokio::test]
async fn validators_and_cookies_are_sent_as_given() {
    let site = Site::start().await;
    site.at("/", reply(304, "", b""));
    let ask = Ask {
        validators: Some(Validators {
            etag: Some("W/\"a b\"".to_owned()),
            last_modified: Some("yesterday, about noon".to_owned()),
        }),
        cookies: Some("a=1; b=2".to_owned()),
        ..ask(&site.url("/"))
    };
    assert_eq!(
        fetcher(settings())
            .fetch(&ask, &mut share())
            .await
            .unwrap()
            .status,
        304
    );
    let sent = &site.asked()[0];
    for line in [
        "if-none-match: W/\"a b\"",
        "if-modified-since: yesterday, about noon",
        "cookie: a=1; b=2",
    ] {
        assert!(sent.contains(&format!("{line}\r\n")), "{sent}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_header_is_left_out() {
    let site = Site::start().await;
    site.at("/", reply(200, "", b""));
    let ask = Ask {
        validators: Some(Validators {
            etag: Some("\"a\"\r\nx-injected: yes".to_owned()),
            last_modified: None,
        }),
        cookies: Some("a=\0".to_owned()),
        ..ask(&site.url("/"))
    };
    fetcher(settings()).fetch(&ask, &mut share()).await.unwrap();
    let sent = site.asked()[0].to_ascii_lowercase();
    assert!(
        !sent.contains("injected") && !sent.contains("cookie"),
        "{sent}"
    );
}

#[tokio::test]
async fn the_exchange_is_what_came() {
    let site = Site::start().await;
    let headers = "Server: a\r\nContent-Type: text/html\r\nX-Two: 1\r\nX-Two: 2\r\nETag: \"v1\"\r\nLast-Modified: today\r\n";
    site.at("/", reply(200, headers, b"abc"));
    let exchange = fetcher(settings())
        .fetch(&ask(&site.url("/")), &mut share())
        .await
        .unwrap();
    assert_eq!(exchange.status, 200);
    assert_eq!(exchange.version, http::Version::HTTP_11);
    assert_eq!(exchange.body, "abc");
    // FIPS 180-4's own example.
    assert_eq!(
        exchange.digest.0,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(exchange.peer, Some(site.address));
    assert_eq!(exchange.sent_at, NOW);
    assert_eq!(exchange.content_type().as_deref(), Some("text/html"));
    assert_eq!(
        exchange.validators(),
        Validators {
            etag: Some("\"v1\"".to_owned()),
            last_modified: Some("today".to_owned()),
        }
    );
    let names: Vec<&str> = exchange
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "server",
            "content-type",
            "x-two",
            "x-two",
            "etag",
            "last-modified",
            "content-length"
        ]
    );
}

#[tokio::test]
async fn bodies_in_many_pieces_come_whole() {
    let site = Site::start().await;
    let body: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for piece in body.chunks(977) {
        chunked.extend(format!("{:x}\r\n", piece.len()).bytes());
        chunked.extend(piece);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    site.at("/whole", reply(200, "", &body))
        .at("/pieces", chunked);
    let fetcher = fetcher(settings());
    let whole = fetcher
        .fetch(&ask(&site.url("/whole")), &mut share())
        .await
        .unwrap();
    let pieces = fetcher
        .fetch(&ask(&site.url("/pieces")), &mut share())
        .await
        .unwrap();
    assert_eq!(whole.body, body);
    assert_eq!(pieces.body, body);
    assert_eq!(whole.digest, pieces.digest);
}

#[tokio::test]
async fn content_encodings_are_left_on() {
    let site = Site::start().await;
    site.at("/", reply(200, "content-encoding: gzip\r\n", b"not really"));
    let exchange = fetcher(settings())
        .fetch(&ask(&site.url("/")), &mut share())
        .await
        .unwrap();
    assert_eq!(exchange.body, "not really");
    assert_eq!(exchange.headers["content-encoding"], "gzip");
}

#[tokio::test]
async fn what_cannot_be_reached() {
    let fetcher = fetcher(settings());
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    for (url, expected) in [
        (format!("http://{address}/"), Outcome::ConnectFailed),
        ("http://nowhere.example/".to_owned(), Outcome::DnsFailed),
        ("http://10.0.0.1/".to_owned(), Outcome::EgressRefused),
        ("ftp://127.0.0.1/".to_owned(), Outcome::EgressRefused),
    ] {
        let url: Url = url.parse().unwrap();
        let failure = fetcher
            .fetch(&ask(url.as_str()), &mut share())
            .await
            .unwrap_err();
        assert_eq!(failure.outcome, expected, "{url}: {failure:?}");
        assert_eq!(failure.status, None);
    }
}
