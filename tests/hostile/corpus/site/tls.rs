//! TLS of sites that cannot prove who they are, or never come to the point. The name that the client greets says which input
//! plays.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::Acceptor,
};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::{
    Notes, h2, head, made, read,
    reply::{Reply, html},
};

/// How a site shows itself.
enum Shown {
    /// By this certificate, and this many more behind it.
    Certificate(&'static str, usize),
    /// Not at all: this is what it does instead of shaking hands.
    Instead(Reply),
}

fn shown(input: &str) -> Shown {
    use Reply::{Bytes, Drip, Flood, Hang, Reset};
    use Shown::{Certificate, Instead};
    match input.strip_prefix("tls-").unwrap_or_default() {
        "expired" => Certificate("expired", 0),
        "not-yet-valid" => Certificate("early", 0),
        "of-another-host" => Certificate("other", 0),
        "without-a-name" => Certificate("nameless", 0),
        "self-signed" => Certificate("self-signed", 0),
        "of-an-unknown-authority" => Certificate("doubted", 0),
        "vouched-for-by-a-server" => Certificate("usurped", 1),
        "chain-of-100" => Certificate("good", 99),
        "chain-of-1000" => Certificate("good", 999),
        "stalled" => Instead(Hang(Vec::new())),
        "stalled-in-the-middle" => Instead(Hang(b"\x16\x03\x03\x40\x00\x02".to_vec())),
        "slow" => Instead(Drip(b"\x16\x03\x03\x40\x00".to_vec(), b"\x02")),
        "of-1999" => Instead(Bytes(b"\x15\x03\x01\x00\x02\x02\x46".to_vec())),
        "ssl-2" => Instead(Bytes(
            b"\x80\x2e\x04\x00\x00\x00\x02\x00\x00\x00\x00".to_vec(),
        )),
        "record-of-64-kib" => Instead(Flood(b"\x16\x03\x03\xff\xff".to_vec(), vec![0; 1 << 14])),
        "records-without-content" => {
            Instead(Flood(Vec::new(), b"\x16\x03\x03\x00\x00".repeat(100)))
        }
        "warnings-without-end" => Instead(Flood(
            Vec::new(),
            b"\x15\x03\x03\x00\x02\x01\x5a".repeat(100),
        )),
        "plain-http" => Instead(html("<p>hello")),
        "noise" => Instead(Bytes((0..=255).rev().cycle().take(10_000).collect())),
        "nothing" => Instead(Bytes(Vec::new())),
        "reset" => Instead(Reset(Vec::new())),
        // All others are sound, and what they say is not: HTTP/2, redirects.
        _ => Certificate("good", 0),
    }
}

/// One connection.
pub async fn serve(stream: TcpStream, notes: Notes) {
    let Ok(start) = LazyConfigAcceptor::new(Acceptor::default(), stream).await else {
        return;
    };
    let greeted = start
        .client_hello()
        .server_name()
        .unwrap_or_default()
        .to_owned();
    let input = greeted.split('.').next().unwrap_or_default();
    let config = match shown(input) {
        Shown::Certificate(name, more) => config(name, more, input.starts_with("h2-")),
        Shown::Instead(reply) => {
            let _ = reply.over(start.io).await;
            return;
        }
    };
    // An error is a client that did not like the certificate, or had enough.
    let Ok(mut stream) = start.into_stream(config).await else {
        return;
    };
    if let Some(name) = input.strip_prefix("h2-") {
        let _ = h2::play(name, stream).await;
        return;
    }
    let head = head(&mut stream).await;
    if let Some(asked) = read(&head, &notes) {
        let _ = made(asked).await.play(stream).await;
    }
}

fn config(name: &str, more: usize, speaks_2: bool) -> Arc<ServerConfig> {
    let file = |name: &str| {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/hostile/tls")
            .join(name)
    };
    let certificate = |name: &str| {
        CertificateDer::from_pem_file(file(&format!("{name}.pem"))).expect("a certificate")
    };
    let chain = std::iter::once(certificate(name))
        .chain(std::iter::repeat_n(certificate("good"), more))
        .collect();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("the key is the certificate's");
    if speaks_2 {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }
    Arc::new(config)
}
