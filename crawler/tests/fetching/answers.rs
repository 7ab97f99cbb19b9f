//! Answers that mean harm, or are just wrong: each has a typed outcome, and none takes more time or memory than it may.

use std::{net::SocketAddr, time::Duration};

use sightline_crawler::{
    fetch::{Accept, Ask, Exchange, FetchFailure},
    settings::FetchSettings,
};
use sightline_model::Outcome;
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout},
};

use crate::support::{
    fetcher, settings, share,
    site::{head, once, script},
};

async fn fetch(settings: FetchSettings, site: SocketAddr) -> Result<Exchange, FetchFailure> {
    let ask = Ask {
        url: format!("http://{site}/").parse().unwrap(),
        accept: Accept::Page,
        validators: None,
        cookies: None,
    };
    let begun = Instant::now();
    // Far beyond any limit of these settings: a fetch that does not heed them fails here.
    let fetched = timeout(
        Duration::from_secs(120),
        fetcher(settings).fetch(&ask, &mut share()),
    )
    .await;
    fetched.unwrap_or_else(|_| panic!("still fetching after {:?}", begun.elapsed()))
}

/// Short limits, for sites that keep us waiting.
fn hasty() -> FetchSettings {
    FetchSettings {
        connect_timeout_seconds: 0.2,
        first_byte_timeout_seconds: 0.1,
        timeout_seconds: 0.6,
        ..settings()
    }
}

#[tokio::test]
async fn answers_that_are_wrong() {
    let long_header = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20));
    let long_status = format!("HTTP/1.1 200 {}\r\n\r\n", "x".repeat(1 << 20));
    let headers = |count: usize| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{}\r\n",
            "x: y\r\n".repeat(count - 1)
        )
    };
    let (many, some_too_many) = (headers(10_000), headers(201));
    for (name, answer, expected) in [
        ("nothing at all", "", Outcome::Interrupted),
        (
            "half a head",
            "HTTP/1.1 200 OK\r\ncontent-",
            Outcome::Interrupted,
        ),
        (
            "less than promised",
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
            Outcome::Interrupted,
        ),
        (
            "chunks that break off",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            Outcome::Interrupted,
        ),
        (
            "a chunk that breaks off",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhello",
            Outcome::Interrupted,
        ),
        (
            "a bad chunk size",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "an overflowing chunk size",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a negative length",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a length in words",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "two lengths",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            Outcome::ProtocolError,
        ),
        (
            "a NUL in a header",
            "HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a NUL in a name",
            "HTTP/1.1 200 OK\r\nx\0: y\r\ncontent-length: 0\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a space before a colon",
            "HTTP/1.1 200 OK\r\nx : y\r\ncontent-length: 0\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a folded header",
            "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n",
            Outcome::ProtocolError,
        ),
        ("HTTP/0.9", "<html>hello</html>", Outcome::ProtocolError),
        (
            "HTTP/3 in words",
            "HTTP/3 200 OK\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "another protocol",
            "SSH-2.0-OpenSSH_9.2\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a status of two digits",
            "HTTP/1.1 20 OK\r\n\r\n",
            Outcome::ProtocolError,
        ),
        (
            "a status of four",
            "HTTP/1.1 2000 OK\r\n\r\n",
            Outcome::ProtocolError,
        ),
        ("a huge header", &long_header, Outcome::TooLarge),
        ("a huge reason", &long_status, Outcome::TooLarge),
        ("ten thousand headers", &many, Outcome::TooLarge),
        ("one header too many", &some_too_many, Outcome::TooLarge),
        (
            "a promise of too much",
            "HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n",
            Outcome::TooLarge,
        ),
        (
            "a promise of everything",
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
            Outcome::TooLarge,
        ),
    ] {
        let failure = fetch(settings(), once(answer).await).await.unwrap_err();
        assert_eq!(failure.outcome, expected, "{name}: {failure:?}");
        assert!(!failure.detail.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn answers_that_are_odd_but_sound() {
    let headers = "x: y\r\n".repeat(199);
    let many = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{headers}\r\nok");
    let cookie = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: a={}\r\n\r\nok",
        "x".repeat(300_000)
    );
    let informed = format!(
        "{}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(500)
    );
    for (name, answer, status, body) in [
        (
            "HTTP/1.0 without a length",
            "HTTP/1.0 200 OK\r\n\r\nok",
            200,
            "ok",
        ),
        (
            "bare line feeds",
            "HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
            200,
            "ok",
        ),
        (
            "no reason",
            "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok",
            200,
            "ok",
        ),
        (
            "a reason in another script",
            "HTTP/1.1 200 \u{416}\r\ncontent-length: 2\r\n\r\nok",
            200,
            "ok",
        ),
        (
            "more than promised",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay",
            200,
            "ok",
        ),
        (
            "the same length twice",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok",
            200,
            "ok",
        ),
        (
            "a length and chunks",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            200,
            "ok",
        ),
        (
            "chunks with extensions and trailers",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nx: y\r\n\r\n",
            200,
            "ok",
        ),
        (
            "a status of its own",
            "HTTP/1.1 799 So\r\ncontent-length: 2\r\n\r\nok",
            799,
            "ok",
        ),
        (
            "a 204 with a body",
            "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok",
            204,
            "",
        ),
        (
            "a NUL in the body",
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na\0b",
            200,
            "a\0b",
        ),
        ("as many headers as allowed", &many, 200, "ok"),
        ("a giant cookie", &cookie, 200, "ok"),
        ("much information first", &informed, 200, "ok"),
    ] {
        let exchange = fetch(settings(), once(answer).await)
            .await
            .unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        assert_eq!(exchange.status, status, "{name}");
        assert_eq!(exchange.body, body, "{name}");
        assert!(!exchange.truncated, "{name}");
    }
}

#[tokio::test]
async fn answers_that_never_end() {
    for (name, head_of_it, piece, outcome) in [
        (
            "chunks",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "4\r\nlist\r\n",
            Outcome::TooLarge,
        ),
        (
            "a body",
            "HTTP/1.1 200 OK\r\n\r\n",
            "listings and listings",
            Outcome::TooLarge,
        ),
        (
            "headers",
            "HTTP/1.1 200 OK\r\n",
            "x: y\r\n",
            Outcome::TooLarge,
        ),
        (
            "one header",
            "HTTP/1.1 200 OK\r\nx: ",
            "yyyyyyyy",
            Outcome::TooLarge,
        ),
        (
            "a chunk's extension",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;",
            "yyyyyyyy",
            Outcome::ProtocolError,
        ),
    ] {
        let site = script(move |mut stream| async move {
            head(&mut stream).await;
            let pieces = piece.repeat(1_000);
            let mut sent = stream.write_all(head_of_it.as_bytes()).await;
            while sent.is_ok() {
                sent = stream.write_all(pieces.as_bytes()).await;
            }
        })
        .await;
        let failure = fetch(settings(), site).await.unwrap_err();
        assert_eq!(failure.outcome, outcome, "{name}: {failure:?}");
    }
}

#[tokio::test]
async fn answers_that_keep_us_waiting() {
    for (name, sent, drip, status) in [
        ("no answer", "", "", None),
        ("half a head", "HTTP/1.1 200 OK\r\n", "", None),
        (
            "no body",
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n",
            "",
            Some(200),
        ),
        (
            "a body by drops",
            "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
            "x",
            Some(200),
        ),
        ("a head by drops", "HTTP/1.1 200 OK\r\nx: ", "x", None),
        (
            "information without end",
            "",
            "HTTP/1.1 100 Continue\r\n\r\n",
            None,
        ),
    ] {
        let site = script(move |mut stream| async move {
            head(&mut stream).await;
            let mut open = stream.write_all(sent.as_bytes()).await;
            while open.is_ok() && !drip.is_empty() {
                open = stream.write_all(drip.as_bytes()).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            std::future::pending::<()>().await;
        })
        .await;
        let failure = fetch(hasty(), site).await.unwrap_err();
        assert_eq!(failure.outcome, Outcome::TimedOut, "{name}: {failure:?}");
        assert_eq!(failure.status, status, "{name}");
    }
}

#[tokio::test]
async fn a_reset_in_the_middle_is_an_interruption() {
    let site = script(|mut stream| async move {
        head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            .await
            .unwrap();
        stream.set_zero_linger().unwrap();
    })
    .await;
    let failure = fetch(settings(), site).await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Interrupted, "{failure:?}");
}

#[tokio::test]
async fn a_refusal_is_heard_though_its_body_breaks_off() {
    let answer = "HTTP/1.1 429 So\r\nretry-after: 120\r\ncontent-length: 100\r\n\r\nhalf";
    let failure = fetch(settings(), once(answer).await).await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Interrupted);
    assert_eq!(failure.status, Some(429));
    assert_eq!(failure.retry_after, Some(Duration::from_secs(120)));
}

#[tokio::test]
async fn the_limit_is_exact() {
    let settings = FetchSettings {
        page_bytes: 10_000,
        ..settings()
    };
    for (length, fits) in [(10_000, true), (10_001, false)] {
        let body = "x".repeat(length);
        for answer in [
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"),
            format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
            format!(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
            ),
        ] {
            let fetched = fetch(settings.clone(), once(answer).await).await;
            assert_eq!(fetched.is_ok(), fits, "{length}: {fetched:?}");
        }
    }
}
