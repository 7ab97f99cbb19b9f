//! HTTP/2, over TLS as sites speak it: the same exchanges, and its own ways to go wrong.

use std::{future::Future, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use h2::{
    Reason,
    server::{Connection, SendResponse},
};
use http::{Request, Response, Version};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sightline_crawler::{
    fetch::{Accept, Ask, Exchange, FetchFailure, Fetcher},
    settings::FetchSettings,
};
use sightline_model::Outcome;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::support::{fetcher, settings, share, site::script, tls_file};

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(tls_file("good.pem"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(tls_file("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// Plays `play` to each connection that has shaken hands.
async fn over_tls<F>(
    play: impl Fn(TlsStream<TcpStream>) -> F + Clone + Send + Sync + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let acceptor = acceptor();
    script(move |stream| {
        let (acceptor, play) = (acceptor.clone(), play.clone());
        async move { play(acceptor.accept(stream).await.unwrap()).await }
    })
    .await
}

type Served = Connection<TlsStream<TcpStream>, Bytes>;

/// Answers the first request by `answer`, which may end the connection too, and keeps the connection going.
async fn site(
    answer: impl Fn(&Request<h2::RecvStream>, SendResponse<Bytes>, &mut Served)
    + Clone
    + Send
    + Sync
    + 'static,
) -> SocketAddr {
    over_tls(move |stream| {
        let answer = answer.clone();
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((request, respond))) = connection.accept().await {
                answer(&request, respond, &mut connection);
            }
        }
    })
    .await
}

async fn fetch(settings: FetchSettings, site: SocketAddr) -> Result<Exchange, FetchFailure> {
    let ask = Ask {
        url: format!("https://{site}/list?page=2").parse().unwrap(),
        accept: Accept::Page,
        validators: None,
        cookies: None,
    };
    fetcher(settings).fetch(&ask, &mut share()).await
}

fn head() -> Response<()> {
    Response::builder()
        .header("content-type", "text/html")
        .body(())
        .unwrap()
}

#[tokio::test]
async fn an_exchange_is_an_exchange() {
    let site = site(|request, mut respond, _| {
        let told = format!(
            "{} {}",
            request.uri(),
            request.headers()["user-agent"].to_str().unwrap()
        );
        let mut body = respond.send_response(head(), false).unwrap();
        body.send_data(told.into(), true).unwrap();
    })
    .await;
    let exchange = fetch(settings(), site).await.unwrap();
    assert_eq!(exchange.version, Version::HTTP_2);
    assert_eq!(exchange.peer, Some(site));
    assert_eq!(exchange.request.target, "/list?page=2");
    assert_eq!(exchange.request.headers["host"], site.to_string());
    let agent = exchange.request.headers["user-agent"].to_str().unwrap();
    assert_eq!(exchange.body, format!("https://{site}/list?page=2 {agent}"));
}

#[tokio::test]
async fn streams_that_break_off() {
    type Breaks = fn(h2::SendStream<Bytes>, &mut Served);
    let cases: [(&str, Breaks); 3] = [
        ("a reset", |mut body, _| {
            body.send_reset(Reason::INTERNAL_ERROR)
        }),
        ("a cancellation", |mut body, _| {
            body.send_reset(Reason::CANCEL)
        }),
        ("a farewell", |body, connection| {
            connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
            drop(body);
        }),
    ];
    for (name, breaks) in cases {
        let site = site(move |_, mut respond, connection| {
            let mut body = respond.send_response(head(), false).unwrap();
            body.send_data(Bytes::from_static(b"half"), false).unwrap();
            breaks(body, connection);
        })
        .await;
        let failure = fetch(settings(), site).await.unwrap_err();
        assert_eq!(failure.outcome, Outcome::Interrupted, "{name}: {failure:?}");
    }
}

#[tokio::test]
async fn a_refused_stream_is_not_asked_for_again() {
    let site = site(|_, mut respond, _| respond.send_reset(Reason::REFUSED_STREAM)).await;
    let failure = fetch(settings(), site).await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::Interrupted, "{failure:?}");
}

#[tokio::test]
async fn frames_that_make_no_sense() {
    // An empty SETTINGS frame, as a server's first word must be, then what no server may send.
    let settings_frame = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    for (name, frames) in [
        (
            "HTTP/1.1 after all",
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(),
        ),
        (
            "data for nobody",
            [&settings_frame[..], &[0, 0, 1, 0, 0, 0, 0, 0, 9, b'x']].concat(),
        ),
        (
            "a frame of 16 MiB",
            [&settings_frame[..], &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]].concat(),
        ),
        (
            "headers that don't unpack",
            [
                &settings_frame[..],
                &[0, 0, 2, 1, 4, 0, 0, 0, 1, 0xff, 0xff],
            ]
            .concat(),
        ),
    ] {
        let site = over_tls(move |mut stream| {
            let frames = frames.clone();
            async move {
                let _ = stream.write_all(&frames).await;
                let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
            }
        })
        .await;
        let failure = fetch(settings(), site).await.unwrap_err();
        assert_eq!(
            failure.outcome,
            Outcome::ProtocolError,
            "{name}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn bodies_without_end_or_content() {
    for (name, piece, expected) in [
        (
            "a long body",
            &b"listings and listings"[..],
            Outcome::TooLarge,
        ),
        // A known way to keep a client busy (CVE-2019-9518).
        ("empty frames", b"", Outcome::TooLarge),
    ] {
        let site = site(move |_, mut respond, _| {
            let mut body = respond.send_response(head(), false).unwrap();
            tokio::spawn(async move {
                while body
                    .send_data(Bytes::from(piece.repeat(1_000)), false)
                    .is_ok()
                {
                    tokio::task::yield_now().await;
                }
            });
        })
        .await;
        let failure = fetch(settings(), site).await.unwrap_err();
        assert_eq!(failure.outcome, expected, "{name}: {failure:?}");
    }
}

#[tokio::test]
async fn heads_may_be_large_but_not_huge() {
    for (length, fits) in [(100_000, true), (1 << 20, false)] {
        let site = site(move |_, mut respond, _| {
            let head = Response::builder()
                .header("x", "x".repeat(length))
                .body(())
                .unwrap();
            let _ = respond.send_response(head, true);
        })
        .await;
        let fetched = fetch(settings(), site).await;
        let outcome = fetched.as_ref().err().map(|failure| failure.outcome);
        assert_eq!(
            outcome,
            (!fits).then_some(Outcome::TooLarge),
            "{length}: {fetched:?}"
        );
    }
}

/// The length of the page at `path`, asked for by one who shares a connection with others.
async fn fetch_by(fetcher: Fetcher, site: SocketAddr, path: String) -> Result<usize, Outcome> {
    let ask = Ask {
        url: format!("https://{site}/{path}").parse().unwrap(),
        accept: Accept::Page,
        validators: None,
        cookies: None,
    };
    let fetched = fetcher.fetch(&ask, &mut share()).await;
    fetched
        .map(|exchange| exchange.body.len())
        .map_err(|failure| failure.outcome)
}

#[tokio::test]
async fn pages_that_are_given_up_hold_up_no_others() {
    const LIMIT: usize = 512 << 10;
    let site = site(|request, mut respond, _| {
        let size = match request.uri().path().starts_with("/large") {
            true => 8 * LIMIT,
            false => LIMIT / 2,
        };
        let mut body = respond.send_response(head(), false).unwrap();
        body.send_data(vec![b'x'; size].into(), true).unwrap();
    })
    .await;
    let fetcher = fetcher(FetchSettings {
        page_bytes: LIMIT as u64,
        ..settings()
    });
    // All share the window of one connection, which those that are given up have to give back.
    let asked: Vec<_> = (0..24)
        .map(|nth| {
            let (name, expected) = match nth % 2 {
                0 => ("large", Err(Outcome::TooLarge)),
                _ => ("page", Ok(LIMIT / 2)),
            };
            let fetched = fetch_by(fetcher.clone(), site, format!("{name}/{nth}"));
            (tokio::spawn(fetched), expected)
        })
        .collect();
    for (nth, (fetched, expected)) in asked.into_iter().enumerate() {
        assert_eq!(fetched.await.unwrap(), expected, "{nth}");
    }
    let after = fetch_by(fetcher, site, "page/after".to_owned()).await;
    assert_eq!(after, Ok(LIMIT / 2));
}

#[tokio::test]
async fn a_farewell_costs_no_page() {
    let site = site(|_, mut respond, connection| {
        let mut body = respond.send_response(head(), false).unwrap();
        body.send_data(Bytes::from_static(b"page"), true).unwrap();
        // GOAWAY: what is under way is answered, and nothing more on this connection.
        connection.graceful_shutdown();
    })
    .await;
    let fetcher = fetcher(settings());
    for nth in 0..6 {
        let fetched = fetch_by(fetcher.clone(), site, nth.to_string()).await;
        assert_eq!(fetched, Ok(4), "{nth}");
    }
}
