//! What machines ask: measurements that name no person, and the service from its listener to its end.

use axum::http::StatusCode;
use sightline_model::{Role, Severity};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Asker, Place};

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
    assert_eq!(place.get(&Asker::nobody(), "/readyz").await.body, "ready\n");
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
    serving.await.unwrap().unwrap();
}
