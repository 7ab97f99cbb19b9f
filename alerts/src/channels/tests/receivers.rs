//! Sent over HTTP: what each answer of each vendor's means.

use serde_json::json;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::*;
use crate::sample::sample_view;

/// A receiver that takes what the vendor's schema permits, and answers 400 to the rest.
pub async fn strict(vendor: Vendor, answer: ResponseTemplate) -> MockServer {
    let schema = vendor.schema();
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(move |request: &Request| {
            let stream = serde_json::Deserializer::from_slice(&request.body).into_iter::<Value>();
            let bodies: Result<Vec<_>, _> = stream.collect();
            let is_sound =
                bodies.is_ok_and(|bodies| bodies.iter().all(|body| schema.fault(body).is_empty()));
            match is_sound {
                true => answer.clone(),
                false => ResponseTemplate::new(400),
            }
        })
        .mount(&server)
        .await;
    server
}

async fn send(vendor: Vendor, answer: ResponseTemplate) -> (Verdict, Vec<Request>) {
    let server = strict(vendor, answer).await;
    let settings = vendor.settings(&server.uri(), Detail::Full);
    let channel = build(&settings, &vendor.secret(&server.uri())).unwrap();
    let message = message(vendor, &sample_view(), Detail::Full);
    (
        channel.send_one(&message, NOW).await,
        server.received_requests().await.unwrap(),
    )
}

/// What a verdict is, in a word, and what was asked to be waited.
pub fn word(verdict: &Verdict) -> (&'static str, Option<u64>) {
    match verdict {
        Verdict::Delivered { .. } => ("delivered", None),
        Verdict::Partly { .. } => ("partly", None),
        Verdict::Retry { after, .. } => ("retry", after.map(|after| after.as_secs())),
        Verdict::Untried { .. } => ("untried", None),
        Verdict::Dead { .. } => ("dead", None),
        Verdict::Disable { .. } => ("disable", None),
    }
}

#[tokio::test]
async fn an_answer_says_whether_a_retry_is_useful() {
    use Vendor::{Matrix, Slack, Splunk, Teams};
    let refusal = |code: &str| json!({"error": {"code": code, "message": "no"}}).to_string();
    let splunk = |code: i64| json!({"text": "words", "code": code}).to_string();
    let matrix = |code: &str| json!({"errcode": code, "error": "no"}).to_string();
    let cases: Vec<(Vendor, u16, String, &str)> = vec![
        (Slack, 200, "ok".into(), "delivered"),
        (Slack, 400, "invalid_payload".into(), "dead"),
        (Slack, 400, "user_not_found".into(), "retry"),
        (Slack, 403, "action_prohibited".into(), "retry"),
        (Slack, 404, "no_service".into(), "disable"),
        (Slack, 404, "channel_not_found".into(), "retry"),
        (Slack, 404, "<html>not found</html>".into(), "retry"),
        (Slack, 410, "channel_is_archived".into(), "disable"),
        (Slack, 500, "rollup_error".into(), "retry"),
        (Teams, 202, String::new(), "delivered"),
        (Teams, 200, "1".into(), "delivered"),
        (
            Teams,
            200,
            "Webhook message delivery failed with error: HTTP error 429".into(),
            "retry",
        ),
        (Teams, 400, refusal("TriggerInputSchemaMismatch"), "dead"),
        (Teams, 400, refusal("WorkflowTriggerIsNotEnabled"), "retry"),
        (Teams, 400, "?".into(), "retry"),
        (
            Teams,
            401,
            refusal("DirectApiAuthorizationRequired"),
            "retry",
        ),
        (Teams, 404, refusal("WorkflowNotFound"), "disable"),
        (Teams, 413, String::new(), "dead"),
        (Teams, 502, refusal("NoResponse"), "retry"),
        (Splunk, 200, splunk(0), "delivered"),
        (Splunk, 200, String::new(), "delivered"),
        (Splunk, 200, splunk(9), "retry"),
        (Splunk, 400, splunk(6), "dead"),
        (Splunk, 400, splunk(7), "retry"),
        (Splunk, 400, splunk(12), "dead"),
        (Splunk, 401, splunk(2), "retry"),
        (Splunk, 403, splunk(4), "retry"),
        (Splunk, 500, splunk(8), "retry"),
        (Splunk, 503, splunk(9), "retry"),
        (
            Matrix,
            200,
            json!({"event_id": "$1"}).to_string(),
            "delivered",
        ),
        (Matrix, 400, matrix("M_BAD_JSON"), "dead"),
        (Matrix, 401, matrix("M_UNKNOWN_TOKEN"), "retry"),
        (Matrix, 403, matrix("M_FORBIDDEN"), "retry"),
        (Matrix, 404, matrix("M_UNRECOGNIZED"), "retry"),
        (Matrix, 413, matrix("M_TOO_LARGE"), "dead"),
    ];
    for (vendor, status, body, expected) in cases {
        let (verdict, received) =
            send(vendor, ResponseTemplate::new(status).set_body_string(&body)).await;
        assert_eq!(
            word(&verdict).0,
            expected,
            "{vendor:?} {status} {body}: {verdict:?}"
        );
        assert_eq!(received.len(), 1);
        let said = format!("{verdict:?}");
        assert!(
            !said.contains("sesame") && !said.contains("words"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn every_channel_waits_as_asked_ends_when_gone_and_survives_bad_receivers() {
    for vendor in Vendor::ALL {
        let later = ResponseTemplate::new(429).insert_header("retry-after", "120");
        assert_eq!(
            word(&send(vendor, later).await.0),
            ("retry", Some(120)),
            "{vendor:?}"
        );
        // Why it is switched off outlives what is erased, so nothing that the receiver repeats is in it.
        let gone = ResponseTemplate::new(410).set_body_string("no Rose, no desk@example.com");
        let gone = send(vendor, gone).await.0;
        assert_eq!(word(&gone).0, "disable", "{vendor:?}");
        for repeated in ["Rose", "example"] {
            assert!(!gone.said().contains(repeated), "{vendor:?}: {gone:?}");
        }
        let moved = ResponseTemplate::new(302).insert_header("location", "/elsewhere");
        let (moved, received) = send(vendor, moved).await;
        assert_eq!((word(&moved).0, received.len()), ("retry", 1), "{vendor:?}");
        let long = ResponseTemplate::new(500).set_body_bytes(vec![b'x'; 4 << 20]);
        assert_eq!(word(&send(vendor, long).await.0).0, "retry", "{vendor:?}");
    }
    let asked = ResponseTemplate::new(429)
        .set_body_json(json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7_500}));
    assert_eq!(
        word(&send(Vendor::Matrix, asked).await.0),
        ("retry", Some(7))
    );
}

#[tokio::test]
async fn a_receiver_that_is_slow_or_absent_is_tried_again() {
    for vendor in Vendor::ALL {
        let server = strict(
            vendor,
            ResponseTemplate::new(200).set_delay(Duration::from_secs(30)),
        )
        .await;
        let url = server.uri();
        let mut settings = vendor.settings(&url, Detail::Thin);
        match &mut settings {
            ChannelSettings::Slack(chat) | ChannelSettings::Teams(chat) => {
                chat.timeout_seconds = 0.2;
            }
            ChannelSettings::Splunk(splunk) => splunk.timeout_seconds = 0.2,
            ChannelSettings::Matrix(matrix) => matrix.timeout_seconds = 0.2,
            _ => panic!("another kind"),
        }
        let channel = build(&settings, &vendor.secret(&url)).unwrap();
        let message = message(vendor, &sample_view(), Detail::Thin);
        for part in ["longer than 0.2 seconds", "refused"] {
            let verdict = channel.send_one(&message, NOW).await;
            assert!(
                matches!(&verdict, Verdict::Retry { why, .. } if part == "refused" || why.contains(part)),
                "{vendor:?}: {verdict:?}"
            );
            assert!(!format!("{verdict:?}").contains("sesame"));
        }
    }
}

#[tokio::test]
async fn requests_carry_their_secret_where_the_vendor_wants_it() {
    let ok = || ResponseTemplate::new(200).set_body_json(json!({"text": "Success", "code": 0}));
    for (vendor, method, path, authorization) in [
        (Vendor::Slack, "POST", "/open-sesame", None),
        (Vendor::Teams, "POST", "/open-sesame", None),
        (
            Vendor::Splunk,
            "POST",
            "/services/collector/event",
            Some("Splunk open-sesame"),
        ),
        (
            Vendor::Matrix,
            "PUT",
            "/_matrix/client/v3/rooms/!duty%2Fdesk:example.org/send/m.room.message/00000000-0000-0000-0000-000000000007",
            Some("Bearer open-sesame"),
        ),
    ] {
        let (verdict, received) = send(vendor, ok()).await;
        assert_eq!(word(&verdict).0, "delivered", "{vendor:?}: {verdict:?}");
        let request = &received[0];
        assert_eq!(request.method.as_str(), method);
        assert_eq!(request.url.path(), path);
        let sent = request
            .headers
            .get("authorization")
            .map(|value| value.to_str().unwrap());
        assert_eq!(sent, authorization);
        assert_eq!(request.headers["content-type"], "application/json");
    }
}

#[test]
fn secrets_are_not_shown_and_wrong_ones_are_named_by_their_place() {
    for vendor in Vendor::ALL {
        let settings = vendor.settings("https://receiver.example.org", Detail::Thin);
        let secret = vendor.secret("https://receiver.example.org");
        let channel = build(&settings, &secret).unwrap();
        assert!(!format!("{channel:?}").contains("sesame"), "{channel:?}");
    }
    for (vendor, wrong, part) in [
        (
            Vendor::Slack,
            "hooks/sesame",
            "url_env or url_file names: it is not a URL",
        ),
        (
            Vendor::Teams,
            "https://u:sesame@x.example",
            "user name or password",
        ),
        (
            Vendor::Teams,
            "ftp://x.example/sesame",
            "neither https nor http",
        ),
        (
            Vendor::Matrix,
            "open\nsesame",
            "token_env or token_file names holds no token",
        ),
        (Vendor::Splunk, "", "SECRET"),
    ] {
        let error = build(
            &vendor.settings("https://receiver.example.org", Detail::Thin),
            wrong,
        )
        .unwrap_err()
        .to_string();
        assert!(error.contains(part) && !error.contains("sesame"), "{error}");
    }
}

#[test]
fn settings_are_checked() {
    let check = |settings: &ChannelSettings, expected: &[&str]| {
        let problems = settings.check();
        let keys: Vec<_> = problems
            .iter()
            .map(|problem| problem.key.as_str())
            .collect();
        assert_eq!(keys, expected, "{problems:?}");
    };
    for vendor in Vendor::ALL {
        check(
            &vendor.settings("https://receiver.example.org", Detail::Thin),
            &[],
        );
    }
    check(
        &ChannelSettings::Slack(ChatSettings::default()),
        &["url_env"],
    );
    let both = ChatSettings {
        url_env: Some("A".into()),
        url_file: Some("b".into()),
        timeout_seconds: 0.0,
        ..ChatSettings::default()
    };
    check(
        &ChannelSettings::Teams(both),
        &["url_file", "timeout_seconds"],
    );
    check(
        &ChannelSettings::Matrix(MatrixSettings {
            room: "#duty:example.org".into(),
            ..MatrixSettings::default()
        }),
        &["homeserver", "room", "token_env"],
    );
    check(
        &ChannelSettings::Splunk(SplunkSettings {
            url: "https://splunk.example.org:8088/services/collector/event".into(),
            acknowledge_seconds: -1.0,
            ..SplunkSettings::default()
        }),
        &["url", "token_env", "acknowledge_seconds"],
    );
}
