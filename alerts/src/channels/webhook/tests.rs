//! The webhook channel against a receiver on loopback.

use std::{path::Path, time::Duration};

use sightline_egress::{Egress, EgressSettings};
use sightline_model::{AlertId, DeliveryId, Topic};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request as Received, ResponseTemplate, matchers::method};

use super::*;

const NOW: Timestamp = Timestamp(1_795_428_000_999);

/// Two secrets: 24 bytes of `a`, 24 bytes of `b`.
const SECRETS: &str =
    "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh whsec_YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJi";

fn egress(allowed: &[&str]) -> Egress {
    Egress::new(&EgressSettings {
        allow_networks: allowed
            .iter()
            .map(|network| network.parse().unwrap())
            .collect(),
        ..EgressSettings::default()
    })
    .unwrap()
}

fn build(url: &str, secrets: &str, timeout: f64, egress: &Egress) -> Result<WebhookChannel, Cause> {
    let settings = WebhookSettings {
        url: url.into(),
        allow_unencrypted: true,
        secret_env: Some("SECRETS".into()),
        timeout_seconds: timeout,
        ..WebhookSettings::default()
    };
    assert_eq!(settings.check(), []);
    WebhookChannel::build(
        &settings,
        &Surroundings {
            egress,
            folder: Path::new(""),
            environment: &|name| (name == "SECRETS").then(|| secrets.to_owned()),
        },
    )
}

fn message() -> Message {
    Message {
        delivery: DeliveryId(Uuid::from_u128(5)),
        topic: Topic::Alert(AlertId(Uuid::from_u128(6))),
        digest_of: None,
        created_at: NOW,
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        payload: "{\"type\":\"alert.opened\"}".into(),
        body: None,
    }
}

/// Sends one message to a receiver that answers `answer`; gives the verdict and what was received.
async fn send(answer: ResponseTemplate) -> (Verdict, Vec<Received>) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let url = format!("{}/hook", server.uri());
    let channel = build(&url, SECRETS, 0.5, &egress(&["127.0.0.0/8"])).unwrap();
    let verdict = channel.send(&message(), NOW).await;
    (verdict, server.received_requests().await.unwrap())
}

#[test]
fn a_signature_is_that_of_the_standards_own_libraries() {
    // The vector in the test suites of the standardwebhooks libraries.
    let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(
        key.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#
        ),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

#[tokio::test]
async fn a_request_is_signed_with_every_secret() {
    let (verdict, received) = send(ResponseTemplate::new(204)).await;
    assert_eq!(
        verdict,
        Verdict::delivered("the receiver answered 204 No Content")
    );
    let [request] = received.as_slice() else {
        panic!("one request: {received:?}");
    };
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("webhook-id"), message().delivery.to_string());
    assert_eq!(header("webhook-timestamp"), "1795428000");
    assert_eq!(header("content-type"), "application/json");
    assert!(header("user-agent").starts_with("Sightline/"));
    assert_eq!(request.body, message().payload.into_bytes());
    let expected: Vec<_> = SECRETS
        .split(' ')
        .map(|secret| {
            let key = SigningKey::parse(secret).unwrap();
            key.sign(
                &message().delivery.to_string(),
                1_795_428_000,
                &message().payload,
            )
        })
        .collect();
    assert_ne!(expected[0], expected[1]);
    assert_eq!(header("webhook-signature"), expected.join(" "));
}

#[tokio::test]
async fn an_answer_says_whether_a_retry_is_useful() {
    let retry = |why: &str, after: Option<u64>| Verdict::Retry {
        why: format!("the receiver answered {why}"),
        after: after.map(Duration::from_secs),
    };
    let gone = Verdict::Disable {
        why: "the receiver answered 410 Gone".into(),
    };
    for (status, retry_after, expected) in [
        (
            200,
            None,
            Verdict::delivered("the receiver answered 200 OK"),
        ),
        (410, None, gone),
        (400, None, retry("400 Bad Request", None)),
        (404, None, retry("404 Not Found", None)),
        (500, None, retry("500 Internal Server Error", None)),
        (429, Some("120"), retry("429 Too Many Requests", Some(120))),
        (
            503,
            Some("Mon, 23 Nov 2026 10:01:01 GMT"),
            retry("503 Service Unavailable", Some(60)),
        ),
        (
            503,
            Some("Mon, 23 Nov 2026 09:00:00 GMT"),
            retry("503 Service Unavailable", Some(0)),
        ),
        (503, Some("soon"), retry("503 Service Unavailable", None)),
    ] {
        let mut answer = ResponseTemplate::new(status);
        if let Some(value) = retry_after {
            answer = answer.insert_header("retry-after", value);
        }
        let (verdict, _) = send(answer).await;
        let close = match (&verdict, &expected) {
            // The present has milliseconds and an HTTP date has not.
            (
                Verdict::Retry {
                    why,
                    after: Some(found),
                },
                Verdict::Retry {
                    why: said,
                    after: Some(wanted),
                },
            ) => why == said && found.abs_diff(*wanted) <= Duration::from_secs(1),
            _ => verdict == expected,
        };
        assert!(close, "{status} {retry_after:?}: {verdict:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let moved = ResponseTemplate::new(307).insert_header("location", "/elsewhere");
    let (verdict, received) = send(moved).await;
    assert_eq!(received.len(), 1);
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("redirects are not followed")),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn a_slow_receiver_is_tried_again_and_a_long_answer_is_not_read_to_its_end() {
    let (verdict, _) = send(ResponseTemplate::new(200).set_delay(Duration::from_secs(30))).await;
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("longer than 0.5 seconds")),
        "{verdict:?}"
    );
    let (verdict, _) = send(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 8 << 20])).await;
    assert!(matches!(verdict, Verdict::Delivered { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_receiver_that_breaks_off_or_never_ends_does_no_harm() {
    const WAITS: &str = "…";
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, then, delivered) in [
        ("", "", false),
        ("HTTP/1.1 200 OK\r\nContent-Le", "", false),
        ("SSH-2.0-OpenSSH_9.2\r\n", "", false),
        (endless, "5\r\nagain\r\n", true),
        ("HTTP/1.1 204 No Content\r\nX-Long: ", "again", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "", true),
        // These keep the connection, and say no more.
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
            WAITS,
            true,
        ),
        (endless, WAITS, true),
        ("HTTP/1.1 200 OK\r\nContent-Le", WAITS, false),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let mut sent = stream.write_all(head.as_bytes()).await;
            if then == WAITS {
                std::future::pending::<()>().await;
            }
            while sent.is_ok() && !then.is_empty() {
                sent = stream.write_all(then.as_bytes()).await;
            }
        });
        let channel = build(&url, SECRETS, 0.5, &egress(&["127.0.0.0/8"])).unwrap();
        let verdict = channel.send(&message(), NOW).await;
        match verdict {
            Verdict::Delivered { .. } => assert!(delivered, "{head:?}"),
            Verdict::Retry { ref why, .. } => {
                assert!(!delivered && !why.is_empty(), "{head:?}: {why}")
            }
            _ => panic!("{head:?}: {verdict:?}"),
        }
        drop(channel);
        receiver.abort();
    }
}

#[tokio::test]
async fn nothing_is_sent_to_an_inside_address() {
    let server = MockServer::start().await;
    let channel = build(&server.uri(), SECRETS, 0.5, &egress(&[])).unwrap();
    let verdict = channel.send(&message(), NOW).await;
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("allow_networks")),
        "{verdict:?}"
    );
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn settings_are_checked() {
    let sound = WebhookSettings {
        url: "https://hooks.example.org/in".into(),
        secret_env: Some("WEBHOOK_SECRET".into()),
        ..WebhookSettings::default()
    };
    assert_eq!(sound.check(), []);
    let check = |change: &dyn Fn(&mut WebhookSettings), key: &str| {
        let mut settings = sound.clone();
        change(&mut settings);
        let keys: Vec<_> = settings
            .check()
            .into_iter()
            .map(|problem| problem.key)
            .collect();
        assert_eq!(keys, [key]);
    };
    check(&|settings| settings.url.clear(), "url");
    check(
        &|settings| settings.url = "http://hooks.example.org".into(),
        "url",
    );
    check(
        &|settings| settings.url = "ftp://hooks.example.org".into(),
        "url",
    );
    check(
        &|settings| settings.url = "https://u:p@hooks.example.org".into(),
        "url",
    );
    check(&|settings| settings.secret_env = None, "secret_env");
    check(
        &|settings| settings.secret_file = Some("key".into()),
        "secret_file",
    );
    check(
        &|settings| settings.timeout_seconds = f64::NAN,
        "timeout_seconds",
    );
}

#[test]
fn secrets_are_checked_and_not_shown() {
    let egress = egress(&[]);
    let url = "https://hooks.example.org";
    for wrong in ["hunter2", "whsec_c2hvcnQ=", "whsec_!"] {
        let both = format!("{SECRETS} {wrong}");
        let error = build(url, &both, 1.0, &egress).err().unwrap().to_string();
        assert!(
            error.contains("number 3") && !error.contains(wrong),
            "{error}"
        );
    }
    let channel = build(url, SECRETS, 1.0, &egress).unwrap();
    assert!(!format!("{channel:?}").contains("YWFh"), "{channel:?}");
}
