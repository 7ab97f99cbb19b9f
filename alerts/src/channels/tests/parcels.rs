//! Several messages in one request to Splunk: taken, refused, taken apart, acknowledged.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::{
    receivers::{strict, word},
    *,
};
use crate::sample::sample_view;

/// Messages for Splunk, numbered from 1.
fn parcel(count: u128) -> Vec<Message> {
    (1..=count)
        .map(|number| numbered(Vendor::Splunk, &sample_view(), Detail::Full, number))
        .collect()
}

fn splunk_settings(server: &MockServer) -> SplunkSettings {
    match Vendor::Splunk.settings(&server.uri(), Detail::Full) {
        ChannelSettings::Splunk(settings) => settings,
        _ => panic!("it is Splunk's"),
    }
}

async fn splunk(server: &MockServer, acknowledge: bool, messages: &[Message]) -> Vec<Verdict> {
    let settings = SplunkSettings {
        acknowledge,
        acknowledge_seconds: 0.35,
        ..splunk_settings(server)
    };
    let mut told = splunk_with(settings, messages).await;
    told.sort_by_key(|(place, _)| *place);
    let places: Vec<_> = told.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, (0..messages.len()).collect::<Vec<_>>());
    told.into_iter().map(|(_, verdict)| verdict).collect()
}

/// The verdicts in the order in which they were told.
async fn splunk_with(settings: SplunkSettings, messages: &[Message]) -> Vec<(usize, Verdict)> {
    let channel = build(&ChannelSettings::Splunk(settings), "open-sesame").unwrap();
    let letter = |message| Letter {
        message,
        progress: None,
    };
    let letters: Vec<Letter<'_>> = messages.iter().map(letter).collect();
    let (verdicts, mut told) = tokio::sync::mpsc::unbounded_channel();
    channel.send(&letters, NOW, &verdicts).await;
    drop(verdicts);
    let mut all = Vec::new();
    told.recv_many(&mut all, messages.len() + 1).await;
    all.into_iter()
        .map(|told| (told.place, told.verdict))
        .collect()
}

fn events(request: &Request) -> Vec<Value> {
    serde_json::Deserializer::from_slice(&request.body)
        .into_iter::<Value>()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test]
async fn splunk_gets_a_parcel_in_one_request() {
    let taken = ResponseTemplate::new(200).set_body_json(json!({"text": "Success", "code": 0}));
    let server = strict(Vendor::Splunk, taken).await;
    let parcel = parcel(u128::from(splunk::PARCEL));
    let verdicts = splunk(&server, false, &parcel).await;
    assert_eq!(verdicts.len(), parcel.len());
    assert!(
        verdicts
            .iter()
            .all(|verdict| word(verdict).0 == "delivered"),
        "{verdicts:?}"
    );
    let received = server.received_requests().await.unwrap();
    assert_eq!(received.len(), 1);
    assert!(received[0].body.len() < 1_000_000);
    let deliveries: Vec<_> = events(&received[0])
        .iter()
        .map(|event| event["fields"]["delivery"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = parcel
        .iter()
        .map(|message| message.delivery.to_string())
        .collect();
    assert_eq!(deliveries, expected);
}

#[tokio::test]
async fn one_event_that_is_refused_does_not_keep_its_neighbours_back() {
    let server = MockServer::start().await;
    let parcel = parcel(3);
    let poison = parcel[1].delivery.to_string();
    Mock::given(any())
        .respond_with(move |request: &Request| {
            let is_poisoned = events(request)
                .iter()
                .any(|event| event["fields"]["delivery"] == poison.as_str());
            match is_poisoned {
                true => ResponseTemplate::new(400).set_body_json(
                    json!({"text": "Invalid data format", "code": 6, "invalid-event-number": 1}),
                ),
                false => {
                    ResponseTemplate::new(200).set_body_json(json!({"text": "Success", "code": 0}))
                }
            }
        })
        .mount(&server)
        .await;
    let verdicts = splunk(&server, false, &parcel).await;
    let words: Vec<_> = verdicts.iter().map(|verdict| word(verdict).0).collect();
    assert_eq!(words, ["delivered", "dead", "delivered"]);
}

#[tokio::test]
async fn what_splunk_has_not_indexed_is_not_delivered() {
    // After how many questions it acknowledges, and what becomes of the messages.
    for (questions, acknowledged, expected) in [
        (Some(1), true, "delivered"),
        (Some(2), true, "delivered"),
        (Some(1), false, "retry"),
        (None, true, "retry"),
    ] {
        let server = MockServer::start().await;
        let asked = AtomicUsize::new(0);
        Mock::given(any())
            .respond_with(move |request: &Request| {
                let sender = request.headers["x-splunk-request-channel"]
                    .to_str()
                    .unwrap();
                assert!(sender.parse::<uuid::Uuid>().is_ok());
                if request.url.path() == "/services/collector/event" {
                    let mut taken = json!({"text": "Success", "code": 0});
                    if questions.is_some() {
                        taken["ackId"] = json!(5);
                    }
                    return ResponseTemplate::new(200).set_body_json(taken);
                }
                assert_eq!(request.url.path(), "/services/collector/ack");
                let question: Value = serde_json::from_slice(&request.body).unwrap();
                assert_eq!(question, json!({"acks": [5]}));
                let is_indexed =
                    acknowledged && Some(asked.fetch_add(1, Ordering::Relaxed) + 1) >= questions;
                ResponseTemplate::new(200).set_body_json(json!({"acks": {"5": is_indexed}}))
            })
            .mount(&server)
            .await;
        let verdicts = splunk(&server, true, &parcel(2)).await;
        let words: Vec<_> = verdicts.iter().map(|verdict| word(verdict).0).collect();
        assert_eq!(
            words, [expected; 2],
            "{questions:?} {acknowledged}: {verdicts:?}"
        );
    }
}

/// A collector that refuses every request of several events, takes each by itself after `delay`, and has indexed those of an
/// even number.
async fn dismantling(delay: Duration) -> MockServer {
    let ids = AtomicUsize::new(0);
    dismantling_as(delay, move || ids.fetch_add(1, Ordering::Relaxed)).await
}

/// As [`dismantling`], with these numbers of acknowledgements.
async fn dismantling_as(
    delay: Duration,
    number: impl Fn() -> usize + Send + Sync + 'static,
) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(move |request: &Request| {
            if request.url.path().ends_with("/ack") {
                let question: Value = serde_json::from_slice(&request.body).unwrap();
                let ids = question["acks"].as_array().unwrap().iter();
                let acks: serde_json::Map<String, Value> = ids
                    .map(|id| (id.to_string(), json!(id.as_i64().unwrap() % 2 == 0)))
                    .collect();
                return ResponseTemplate::new(200).set_body_json(json!({ "acks": acks }));
            }
            if events(request).len() > 1 {
                return ResponseTemplate::new(400)
                    .set_body_json(json!({"text": "Invalid data format", "code": 6}));
            }
            ResponseTemplate::new(200)
                .set_body_json(json!({"text": "Success", "code": 0, "ackId": number()}))
                .set_delay(delay)
        })
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn what_is_sent_one_by_one_is_acknowledged_within_one_wait() {
    let server = dismantling(Duration::ZERO).await;
    let settings = SplunkSettings {
        acknowledge: true,
        acknowledge_seconds: 0.35,
        ..splunk_settings(&server)
    };
    let told = splunk_with(settings, &parcel(4)).await;
    let told: Vec<_> = told
        .iter()
        .map(|(place, verdict)| (*place, word(verdict).0))
        .collect();
    // What is indexed is told at once, and not with what is waited for.
    let expected = [
        (0, "delivered"),
        (2, "delivered"),
        (1, "retry"),
        (3, "retry"),
    ];
    assert_eq!(told, expected);
    let received = server.received_requests().await.unwrap();
    let asked: Vec<Value> = received
        .iter()
        .filter(|request| request.url.path().ends_with("/ack"))
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert_eq!(asked[0], json!({"acks": [0, 1, 2, 3]}));
    assert!(
        asked[1..]
            .iter()
            .all(|asked| *asked == json!({"acks": [1, 3]})),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_is_acknowledged_by_the_same_number_has_its_verdict() {
    for (number, expected) in [(4, "delivered"), (5, "retry")] {
        let server = dismantling_as(Duration::ZERO, move || number).await;
        let verdicts = splunk(&server, true, &parcel(3)).await;
        let words: Vec<_> = verdicts.iter().map(|verdict| word(verdict).0).collect();
        assert_eq!(words, [expected; 3], "{number}: {verdicts:?}");
    }
}

#[tokio::test]
async fn what_there_is_no_time_to_send_by_itself_was_not_tried() {
    let server = dismantling(Duration::from_millis(200)).await;
    let settings = SplunkSettings {
        timeout_seconds: 0.3,
        ..splunk_settings(&server)
    };
    let told = splunk_with(settings, &parcel(8)).await;
    assert_eq!(told.len(), 8);
    let (tried, untried): (Vec<_>, Vec<_>) = told
        .iter()
        .partition(|(_, verdict)| word(verdict).0 != "untried");
    // Two fit into the time of one request, and a busy machine manages one.
    assert!((1..=2).contains(&tried.len()), "{told:?}");
    assert_eq!(tried[0].0, 0);
    assert_eq!(untried[0].0, tried.len(), "in their order: {told:?}");
    // One request for all of them, and one for each that was tried.
    let received = server.received_requests().await.unwrap().len();
    assert_eq!(received, 1 + tried.len());
}

#[test]
fn the_longest_try_of_splunk_takes_a_parcel_apart() {
    let settings = |acknowledge| {
        ChannelSettings::Splunk(SplunkSettings {
            acknowledge,
            timeout_seconds: 20.0,
            acknowledge_seconds: 30.0,
            ..SplunkSettings::default()
        })
    };
    assert_eq!(settings(false).longest_try(), 60.0);
    assert_eq!(settings(true).longest_try(), 110.0);
}

#[tokio::test]
async fn why_it_is_not_known_whether_it_is_indexed_is_told() {
    let said = |code: i64| json!({"text": "words", "code": code}).to_string();
    // What a question for the acknowledgement is answered, what is told of it, and whether it is asked once more.
    for (status, body, parts, is_asked_again) in [
        (400, said(14), ["code 14", "acknowledge = false"], false),
        (400, said(6), ["400 Bad Request", "code 6"], false),
        (403, said(4), ["code 4", "the collector took it"], false),
        (
            404,
            "<html>".to_owned(),
            ["404 Not Found", "the collector took it"],
            false,
        ),
        (503, said(9), ["503 Service Unavailable", "code 9"], true),
        (
            429,
            String::new(),
            ["429 Too Many", "the collector took it"],
            true,
        ),
        (
            200,
            "?".to_owned(),
            ["200 OK", "the collector took it"],
            true,
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(move |request: &Request| match request.url.path() {
                "/services/collector/ack" => {
                    ResponseTemplate::new(status).set_body_string(body.clone())
                }
                _ => ResponseTemplate::new(200)
                    .set_body_json(json!({"text": "Success", "code": 0, "ackId": 5})),
            })
            .mount(&server)
            .await;
        let verdicts = splunk(&server, true, &parcel(2)).await;
        for verdict in &verdicts {
            assert_eq!(word(verdict).0, "retry", "{status}: {verdict:?}");
            for part in parts {
                assert!(verdict.said().contains(part), "{status}: {verdict:?}");
            }
            assert!(!verdict.said().contains("words"), "{verdict:?}");
        }
        let asked = server.received_requests().await.unwrap().len() - 1;
        assert_eq!(asked > 1, is_asked_again, "{status}: asked {asked} times");
    }
}
