//! What machines ask: measurements that name no person, and the service from its listener to its end.

use axum::http::StatusCode;
use sightline_model::{Role, Severity};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Answer, Asker, Place};

#[tokio::test]
async fn measurements_name_routes_and_no_person() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    place.get(&browser, &format!("/alerts/{}", alert.id)).await;
    let operator = place.program(Role::Operator).await;
    let measured = place.get(&operator, "/metrics").await;
    assert_eq!(measured.status, StatusCode::OK);
    for line in [
        "sightline_alerts{state=\"open\"} 1",
        "sightline_http_answers_total{route=\"/alerts/{id}\",status=\"200\"} 1",
    ] {
        assert!(measured.body.contains(line), "{line}\n{}", measured.body);
    }
    assert!(!measured.body.contains(&alert.id.to_string()));
    // One channel of this machine has no secret: that is said, and not which.
    let ready = place.get(&Asker::nobody(), "/readyz").await.body;
    assert_eq!(
        ready,
        "ready, but for 1 channel that is out of use: `sightline check` says more\n"
    );
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop() {
    let place = Place::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(sightline_web::serve(place.console.clone(), listener));
    let mut connection = TcpStream::connect(at).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ok\n"),
        "{answer}"
    );
    place.stop.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn so_many_connections_are_served_at_once_and_probes_besides() {
    let place = Place::open_with(None, |web| web.connections = 16).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(sightline_web::serve(place.console.clone(), listener));
    // Whoever holds a connection and says nothing keeps a place.
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(TcpStream::connect(at).await.unwrap());
    }
    let ask = async |path: &str| {
        let mut connection = TcpStream::connect(at).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        answer
    };
    for (path, status) in [
        ("/healthz", "200 OK"),
        ("/readyz", "200 OK"),
        ("/metrics", "401 Unauthorized"),
        ("/sign-in", "503 Service Unavailable"),
        ("/api/v1/alerts", "503 Service Unavailable"),
        ("/healthz", "200 OK"),
    ] {
        let answer = ask(path).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {answer}"
        );
        // Whoever is sent away is told when to come again, and holds no place meanwhile.
        assert_eq!(
            answer.contains("retry-after: 1\r\n"),
            status.starts_with("503"),
            "{answer}"
        );
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
    // Those who say nothing on the places of probes lose them soon, and the next is served.
    for _ in 0..4 {
        silent.push(TcpStream::connect(at).await.unwrap());
    }
    assert!(ask("/healthz").await.starts_with("HTTP/1.1 200 OK"));
    // Whoever comes once there is room has a place as all have.
    silent.clear();
    while !ask("/sign-in").await.starts_with("HTTP/1.1 200 OK") {
        tokio::task::yield_now().await;
    }
    place.stop.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn a_token_has_so_many_requests_a_minute() {
    let place = Place::open_with(None, |web| web.requests_per_minute = 2).await;
    let operator = place.program(Role::Operator).await;
    // `"token";r=1;t=60`: what is left, and for how long.
    let left = |answer: &Answer| -> Vec<String> {
        let words = answer.headers["ratelimit"].to_str().unwrap().split(';');
        let numbers = words.filter_map(|word| word.split_once('='));
        numbers.map(|(_, number)| number.to_owned()).collect()
    };
    let first = place.get(&operator, "/metrics").await;
    assert_eq!(
        (first.status, left(&first)[0].as_str()),
        (StatusCode::OK, "1")
    );
    assert_eq!(first.headers["ratelimit-policy"], "\"token\";q=2;w=60");
    // What it may not do at all costs it nothing.
    let second = place.get(&operator, "/api/v1/alerts").await;
    assert_eq!(second.status, StatusCode::FORBIDDEN);
    let third = place.get(&operator, "/metrics").await;
    assert_eq!(third.status, StatusCode::OK);
    let fourth = place.get(&operator, "/metrics").await;
    assert_eq!(
        (fourth.status, left(&fourth)[0].as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "0")
    );
    assert_eq!(fourth.headers["retry-after"], left(&fourth)[1]);
    let other = place.program(Role::Operator).await;
    assert_eq!(place.get(&other, "/metrics").await.status, StatusCode::OK);
    place.advance(std::time::Duration::from_secs(60));
    assert_eq!(
        place.get(&operator, "/metrics").await.status,
        StatusCode::OK
    );
}
