//! Proxies: named by the operator, never by the environment; the gate judges the proxy and, as far as can be, the target.

use std::time::Duration;

use secrecy::SecretString;
use sightline_egress::{Client, ClientOptions, Egress, EgressError, Proxy};
use sightline_model::Outcome;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    sync::mpsc,
};

use crate::support::{
    dns::Dns,
    gate, get,
    site::{Site, answer_ok, head},
};

const NAMES: &[(&str, &[&str])] = &[
    ("site.example", &["127.0.0.1"]),
    ("inside.example", &["10.0.0.1"]),
];

fn through(
    egress: &Egress,
    proxy: &str,
    login: Option<(&str, &str)>,
) -> Result<Client, EgressError> {
    egress.client(&ClientOptions {
        connect_timeout: Duration::from_secs(2),
        proxy: Some(Proxy {
            url: proxy.parse().unwrap(),
            login: login.map(|(user, password)| (user.to_owned(), SecretString::from(password))),
        }),
        ..ClientOptions::default()
    })
}

/// An HTTP proxy that answers everything itself, and tells what it was asked.
async fn http_proxy() -> (Site, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let site = Site::start(move |mut stream| {
        let tell = tell.clone();
        async move {
            tell.send(head(&mut stream).await).unwrap();
            answer_ok(&mut stream).await;
        }
    })
    .await;
    (site, told)
}

/// A SOCKS5 proxy (RFC 1928) that connects where it is told to, and tells where that was.
async fn socks_proxy() -> (Site, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let site = Site::start(move |mut stream| {
        let tell = tell.clone();
        async move {
            let target = greet(&mut stream).await;
            tell.send(target.clone()).unwrap();
            if let Ok(mut onward) = TcpStream::connect(&target).await {
                let yes = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
                stream.write_all(&yes).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut onward).await;
            } else {
                let _ = stream.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            }
        }
    })
    .await;
    (site, told)
}

async fn greet(stream: &mut TcpStream) -> String {
    let mut hello = [0; 2];
    stream.read_exact(&mut hello).await.unwrap();
    let mut methods = vec![0; usize::from(hello[1])];
    stream.read_exact(&mut methods).await.unwrap();
    stream.write_all(&[5, 0]).await.unwrap();
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.unwrap();
    let host = match request[3] {
        1 => {
            let mut octets = [0; 4];
            stream.read_exact(&mut octets).await.unwrap();
            std::net::Ipv4Addr::from(octets).to_string()
        }
        3 => {
            let mut name = vec![0; usize::from(stream.read_u8().await.unwrap())];
            stream.read_exact(&mut name).await.unwrap();
            String::from_utf8(name).unwrap()
        }
        other => panic!("address type {other}"),
    };
    format!("{host}:{}", stream.read_u16().await.unwrap())
}

#[tokio::test]
async fn an_http_proxy_is_used_and_logged_in_to() {
    let dns = Dns::with(NAMES).await;
    let (proxy, mut told) = http_proxy().await;
    let egress = gate(&["127.0.0.1/32"], Some(dns.address));
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let client = through(&egress, &url, Some(("crawler", "open sesame"))).unwrap();
    assert_eq!(get(&client, "http://site.example/list").await, Ok(200));
    let asked = told.recv().await.unwrap();
    assert!(
        asked.starts_with("GET http://site.example/list HTTP/1.1"),
        "{asked}"
    );
    assert!(
        asked.contains("proxy-authorization: Basic Y3Jhd2xlcjpvcGVuIHNlc2FtZQ=="),
        "{asked}"
    );

    assert!(!format!("{client:?}").contains("sesame"));

    // A name that only the proxy knows is the proxy's to judge.
    assert_eq!(get(&client, "http://elsewhere.example/").await, Ok(200));
}

#[tokio::test]
async fn an_http_proxy_is_not_a_way_inside() {
    let dns = Dns::with(NAMES).await;
    let (proxy, _told) = http_proxy().await;
    let egress = gate(&["127.0.0.1/32"], Some(dns.address));
    let client = through(&egress, &format!("http://127.0.0.1:{}", proxy.port()), None).unwrap();
    for url in [
        "http://10.0.0.1/",
        "http://127.0.0.2/",
        "http://inside.example/",
        "https://inside.example/",
    ] {
        let failure = get(&client, url).await.unwrap_err();
        assert_eq!(failure.outcome, Outcome::EgressRefused, "{url}: {failure}");
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn a_socks_proxy_gets_a_checked_address() {
    let dns = Dns::with(NAMES).await;
    let (proxy, mut told) = socks_proxy().await;
    let site = Site::ok().await;
    let egress = gate(&["127.0.0.1/32"], Some(dns.address));
    let client = through(
        &egress,
        &format!("socks5://127.0.0.1:{}", proxy.port()),
        None,
    )
    .unwrap();
    for host in ["site.example", "127.0.0.1"] {
        let url = format!("http://{host}:{}/", site.port());
        assert_eq!(get(&client, &url).await, Ok(200), "{host}");
        assert_eq!(told.recv().await.unwrap(), site.address.to_string());
    }
    for host in ["inside.example", "10.0.0.1", "[::1]"] {
        let failure = get(&client, &format!("http://{host}/")).await.unwrap_err();
        assert_eq!(failure.outcome, Outcome::EgressRefused, "{host}: {failure}");
    }
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn socks5h_leaves_names_to_the_proxy() {
    let dns = Dns::with(NAMES).await;
    let (proxy, mut told) = socks_proxy().await;
    let egress = gate(&["127.0.0.1/32"], Some(dns.address));
    let client = through(
        &egress,
        &format!("socks5h://127.0.0.1:{}", proxy.port()),
        None,
    )
    .unwrap();
    // Only the proxy could know an address for it; this one does not.
    let failure = get(&client, "http://hidden.onion.example/")
        .await
        .unwrap_err();
    assert_eq!(failure.outcome, Outcome::ConnectFailed, "{failure}");
    assert_eq!(told.recv().await.unwrap(), "hidden.onion.example:80");
    let failure = get(&client, "http://inside.example/").await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::EgressRefused, "{failure}");
}

#[tokio::test]
async fn the_proxy_itself_passes_the_gate() {
    let dns = Dns::with(NAMES).await;
    let (proxy, _told) = http_proxy().await;
    let egress = gate(&[], Some(dns.address));
    for url in [
        "http://127.0.0.1:PORT",
        "http://0x7f.1:PORT",
        "socks5://[::1]:PORT",
        "socks5h://10.0.0.1:PORT",
    ] {
        let url = url.replace("PORT", &proxy.port().to_string());
        let error = through(&egress, &url, None).unwrap_err();
        assert!(
            matches!(error, EgressError::ProxyRefused(_)),
            "{url}: {error}"
        );
    }
    let by_name = format!("http://site.example:{}", proxy.port());
    let failure = get(
        &through(&egress, &by_name, None).unwrap(),
        "http://example.com/",
    )
    .await;
    assert_eq!(failure.unwrap_err().outcome, Outcome::EgressRefused);
    assert_eq!(proxy.connections(), 0);
    assert!(matches!(
        through(&egress, "ftp://proxy.example", None),
        Err(EgressError::Proxy(_))
    ));
}

/// Answers whoever comes with `says`, and hangs up.
async fn saying(says: &'static [u8]) -> Site {
    Site::start(move |mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(says).await;
    })
    .await
}

/// A SOCKS5 proxy that takes no one in, or whose reply to the request is `reply`.
async fn socks_saying(reply: Option<u8>) -> Site {
    Site::start(move |mut stream| async move {
        match reply {
            Some(reply) => {
                greet(&mut stream).await;
                let _ = stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            }
            None => {
                let mut hello = [0; 3];
                let _ = stream.read_exact(&mut hello).await;
                let _ = stream.write_all(&[5, 0xff]).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn what_fails_at_the_proxy_is_told_as_the_proxys() {
    const NO: &[u8] = b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n";
    let dns = Dns::with(NAMES).await;
    let egress = gate(&["127.0.0.1/32"], Some(dns.address));
    let refusing = saying(NO).await;
    let shut = saying(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n").await;
    let silent = saying(b"").await;
    let forbidding = socks_saying(Some(2)).await;
    let broken = socks_saying(Some(1)).await;
    let exclusive = socks_saying(None).await;
    let unable = socks_saying(Some(4)).await;
    let dead = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap().port()
    };
    let (http, https) = ("http://site.example/", "https://site.example/");
    let (at_proxy, at_site) = (Outcome::ProxyFailed, Outcome::ConnectFailed);
    for (scheme, port, target, outcome, told) in [
        (
            "http",
            refusing.port(),
            http,
            at_proxy,
            "username and password",
        ),
        (
            "http",
            refusing.port(),
            https,
            at_proxy,
            "username and password",
        ),
        ("http", shut.port(), https, at_proxy, "opened no way"),
        ("http", silent.port(), https, at_proxy, "end of file"),
        ("http", dead, http, at_proxy, "refused"),
        ("http", dead, https, at_proxy, "refused"),
        ("socks5", dead, http, at_proxy, "connection"),
        ("socks5h", dead, https, at_proxy, "connection"),
        ("socks5", forbidding.port(), http, at_proxy, "not allowed"),
        (
            "socks5h",
            broken.port(),
            https,
            at_proxy,
            "general server failure",
        ),
        ("socks5", exclusive.port(), http, at_proxy, "failed"),
        // Here it did its part.
        ("socks5", unable.port(), http, at_site, "host unreachable"),
    ] {
        let proxy = format!("{scheme}://127.0.0.1:{port}");
        let client = through(&egress, &proxy, None).unwrap();
        let failure = get(&client, target).await.unwrap_err();
        assert_eq!(failure.outcome, outcome, "{proxy} {target}: {failure}");
        for part in [&*proxy, told] {
            assert!(failure.detail.contains(part), "{proxy} {target}: {failure}");
        }
    }
    let nowhere = through(&egress, "http://nowhere.example:3128", None).unwrap();
    for target in [http, https] {
        let failure = get(&nowhere, target).await.unwrap_err();
        assert_eq!(failure.outcome, at_proxy, "{target}: {failure}");
        assert!(failure.detail.contains("does not resolve"), "{failure}");
    }
    // A site's own 407 is the site's.
    let client = egress.client(&ClientOptions::default()).unwrap();
    let direct = format!("http://127.0.0.1:{}/", refusing.port());
    assert_eq!(get(&client, &direct).await, Ok(407));
}
