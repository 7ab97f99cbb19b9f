//! TLS: whom we believe, and how it fails.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sightline_egress::{ClientOptions, Egress, EgressError, Proxy};
use sightline_model::Outcome;
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;

use crate::support::{
    client,
    dns::Dns,
    get, settings,
    site::{Site, answer_ok, head},
    tls_file,
};

/// TLS as the owner of `certificate` (a file beside this one).
pub fn acceptor(certificate: &str) -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(tls_file(certificate))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(tls_file("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn site(certificate: &str) -> Site {
    let acceptor = acceptor(certificate);
    Site::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            // An error is a client that did not like the certificate.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                head(&mut stream).await;
                answer_ok(&mut stream).await;
            }
        }
    })
    .await
}

async fn egress(ca_files: &[&str]) -> Egress {
    let dns = Dns::with(&[("site.example", &["127.0.0.1"])]).await;
    let mut settings = settings(&["127.0.0.1/32"], Some(dns.address));
    settings.ca_files = ca_files.iter().map(|name| tls_file(name)).collect();
    Egress::new(&settings).unwrap()
}

#[tokio::test]
async fn certificates_are_judged_by_authority_name_and_date() {
    let believing = client(&egress(&["authority.pem"]).await);
    let doubting = client(&egress(&[]).await);
    for (certificate, client, expected) in [
        ("good.pem", &believing, None),
        ("good.pem", &doubting, Some("egress.ca_files")),
        ("expired.pem", &believing, Some("has ended")),
        ("other.pem", &believing, Some("for another name")),
        (
            "self-signed.pem",
            &believing,
            Some("no authority that is trusted here"),
        ),
    ] {
        let site = site(certificate).await;
        let url = format!("https://site.example:{}/", site.port());
        match (get(client, &url).await, expected) {
            (Ok(status), None) => assert_eq!(status, 200),
            (Err(failure), Some(reason)) => {
                assert_eq!(
                    failure.outcome,
                    Outcome::TlsFailed,
                    "{certificate}: {failure}"
                );
                assert!(failure.detail.contains(reason), "{certificate}: {failure}");
            }
            (found, _) => panic!("{certificate}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn handshakes_that_go_wrong() {
    let client = client(&egress(&["authority.pem"]).await);
    for (name, reply, expected) in [
        (
            "plain HTTP",
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            Outcome::TlsFailed,
        ),
        // An alert: that version of the protocol is too new for me.
        (
            "an old protocol",
            b"\x15\x03\x01\x00\x02\x02\x46",
            Outcome::TlsFailed,
        ),
        (
            "noise",
            b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8",
            Outcome::TlsFailed,
        ),
        ("nothing, then the end", b"", Outcome::TlsFailed),
    ] {
        let site = Site::start(move |mut stream| async move {
            // The client's first record, so that closing does not reset the connection.
            let mut buffer = vec![0; 16 * 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await;
            let _ = stream.write_all(reply).await;
            let _ = stream.shutdown().await;
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        })
        .await;
        let url = format!("https://site.example:{}/", site.port());
        let failure = get(&client, &url).await.unwrap_err();
        assert_eq!(failure.outcome, expected, "{name}: {failure}");
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up() {
    let client = client(&egress(&["authority.pem"]).await);
    let silent = Site::start(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let url = format!("https://site.example:{}/", silent.port());
    let failure = get(&client, &url).await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::TimedOut, "{failure}");
}

#[test]
fn files_of_authorities_are_read_or_named() {
    let folder = std::env::temp_dir();
    let empty = tls_file("server.key");
    for file in [Path::new("missing.pem"), &folder, &empty] {
        let mut settings = settings(&[], None);
        settings.ca_files = vec![file.to_owned()];
        let error = Egress::new(&settings).unwrap_err();
        assert!(matches!(error, EgressError::Authorities { .. }), "{error}");
        assert!(
            error.to_string().contains(&file.display().to_string()),
            "{error}"
        );
    }
    assert!(fs::metadata(tls_file("authority.pem")).is_ok());
}

/// An HTTP proxy that opens whatever way on this machine it is asked for.
async fn tunnel() -> Site {
    Site::start(|mut stream| async move {
        let asked = head(&mut stream).await;
        let target = asked.strip_prefix("CONNECT site.example:").unwrap();
        let port = target.split(' ').next().unwrap();
        let mut onward = TcpStream::connect(format!("127.0.0.1:{port}"))
            .await
            .unwrap();
        stream
            .write_all(b"HTTP/1.1 200 Go on\r\n\r\n")
            .await
            .unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    })
    .await
}

#[tokio::test]
async fn through_a_proxy_it_is_the_site_that_is_believed_or_not() {
    let proxy = tunnel().await;
    let options = ClientOptions {
        proxy: Some(Proxy {
            url: format!("http://127.0.0.1:{}", proxy.port())
                .parse()
                .unwrap(),
            login: None,
        }),
        ..ClientOptions::default()
    };
    let client = egress(&["authority.pem"]).await.client(&options).unwrap();
    for (certificate, expected) in [
        ("good.pem", Ok(200)),
        ("expired.pem", Err("has ended")),
        ("other.pem", Err("for another name")),
    ] {
        let site = site(certificate).await;
        let url = format!("https://site.example:{}/", site.port());
        match (get(&client, &url).await, expected) {
            (Ok(status), Ok(expected)) => assert_eq!(status, expected),
            (Err(failure), Err(reason)) => {
                assert_eq!(failure.outcome, Outcome::TlsFailed, "{failure}");
                assert!(failure.detail.contains(reason), "{failure}");
            }
            (found, _) => panic!("{certificate}: {found:?}"),
        }
    }
    // Behind a tunnel nobody but the site can have said this.
    let acceptor = acceptor("good.pem");
    let site = Site::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            head(&mut stream).await;
            let answer = b"HTTP/1.1 407 Odd\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let url = format!("https://site.example:{}/", site.port());
    assert_eq!(get(&client, &url).await, Ok(407));
}
