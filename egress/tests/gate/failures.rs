//! Failures of connections, by outcome. Those of answers are the crawler's tests.

use sightline_model::Outcome;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::support::{
    client, gate, get,
    site::{Site, head},
};

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(&gate(&["127.0.0.0/8"], None));
    let failure = get(&client, &format!("http://{address}/"))
        .await
        .unwrap_err();
    assert_eq!(failure.outcome, Outcome::ConnectFailed, "{failure}");
    assert!(!failure.detail.contains("http://"), "{failure}");
}

#[tokio::test]
async fn answers_that_are_none() {
    for (answer, expected) in [
        (&b""[..], Outcome::Interrupted),
        (b"HTTP/1.1 200 OK\r\ncontent-le", Outcome::Interrupted),
        (b"hello\r\n\r\n", Outcome::ProtocolError),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Outcome::ProtocolError),
        (b"HTTP/1.1 2000 OK\r\n\r\n", Outcome::ProtocolError),
        (b"HTTP/3.0 200 OK\r\n\r\n", Outcome::ProtocolError),
    ] {
        let site = Site::start(move |mut stream| async move {
            head(&mut stream).await;
            let _ = stream.write_all(answer).await;
        })
        .await;
        let client = client(&gate(&["127.0.0.0/8"], None));
        let failure = get(&client, &format!("http://{}/", site.address))
            .await
            .unwrap_err();
        let name = String::from_utf8_lossy(answer);
        assert_eq!(failure.outcome, expected, "{name:?}: {failure}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let inside = Site::ok().await;
    let target = inside.address;
    let site = Site::start(move |mut stream| async move {
        head(&mut stream).await;
        let answer = format!(
            "HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n"
        );
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    let client = client(&gate(&["127.0.0.0/8"], None));
    assert_eq!(
        get(&client, &format!("http://{}/", site.address)).await,
        Ok(302)
    );
    assert_eq!(inside.connections(), 0);
}
