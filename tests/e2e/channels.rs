//! Ways of being told: an alert goes out by every one that speaks HTTP, a test can be sent, and how each fares is shown.

use serde_json::Value;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::path_regex};

use crate::board::Board;

/// The channels: name, kind, where the receiver hears of it, and its settings.
const CHANNELS: [(&str, &str, &str, &str); 5] = [
    ("cases", "webhook", "/cases", "secret_file = \"signing\""),
    ("room", "slack", "/room", "url_file = \"room\""),
    ("team", "teams", "/team", "url_file = \"team\""),
    ("siem", "splunk", "/services/", "token_file = \"token\""),
    (
        "matrix",
        "matrix",
        "/_matrix/",
        "token_file = \"token\"\nroom = \"!desk:example.org\"",
    ),
];

/// A board whose watchlist tells everybody, and who is told.
async fn opened() -> (Board, MockServer) {
    let (board, receiver) = (Board::open().await, MockServer::start().await);
    let place = &board.place;
    let mut settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    let mut set = vec!["watchlist", "set", "missing"];
    for (name, kind, at, more) in CHANNELS {
        let url = match kind {
            "webhook" => format!("url = \"{}{at}\"", receiver.uri()),
            "splunk" => format!("url = \"{}\"", receiver.uri()),
            "matrix" => format!("homeserver = \"{}\"", receiver.uri()),
            _ => String::new(),
        };
        settings.push_str(&format!(
            "\n[channels.{name}]\nkind = \"{kind}\"\nallow_unencrypted = true\n{url}\n{more}\n"
        ));
        set.extend(["--channel", name]);
    }
    place.write("sightline.toml", &settings);
    place.write(
        "signing",
        "whsec_c2lnaHRsaW5lLXRlc3RzLW9ubHktMDEyMzQ1Njc4OQ==",
    );
    place.write("token", "open-sesame");
    for room in ["room", "team"] {
        place.write(room, &format!("{}/{room}/open-sesame", receiver.uri()));
    }
    place.run(set).ok();
    (board, receiver)
}

async fn answer(receiver: &MockServer, at: &str, status: u16, body: &str) {
    Mock::given(path_regex(format!("^{at}")))
        .respond_with(ResponseTemplate::new(status).set_body_string(body))
        .mount(receiver)
        .await;
}

async fn heard(receiver: &MockServer, at: &str) -> Vec<Request> {
    let received = receiver.received_requests().await.unwrap();
    let there = received.into_iter();
    there
        .filter(|request| request.url.path().starts_with(at))
        .collect()
}

fn states(board: &Board) -> Vec<(String, Value, Value)> {
    let listed = board.place.run(["channel", "list", "--json"]).records();
    let ours = listed.into_iter().filter(|row| row["channel"] != "mail");
    ours.map(|row| {
        let name = row["channel"].as_str().unwrap().to_owned();
        (name, row["state"].clone(), row["waiting"].clone())
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_goes_out_by_every_channel_and_how_each_fares_is_shown() {
    let (board, receiver) = opened().await;
    answer(&receiver, "/room", 404, "no_service").await;
    answer(&receiver, "/team", 503, "").await;
    answer(&receiver, "/", 200, r#"{"text":"Success","code":0}"#).await;
    assert!(states(&board).iter().all(|(_, state, _)| state == "unused"));
    board
        .show(&["<h1>Room</h1><p>Call (202) 555-0147</p>".to_owned()])
        .await;
    board.watch("phone", "+12025550147");
    board.crawl_untold();

    for (name, _, at, _) in CHANNELS {
        let requests = heard(&receiver, at).await;
        assert!(!requests.is_empty(), "{name} was not told");
        let body = String::from_utf8(requests[0].body.clone()).unwrap();
        assert!(body.contains("seen for the first time"), "{name}: {body}");
        assert!(
            !body.contains("5550147") && !body.contains("555-0147"),
            "thin: {body}"
        );
    }
    let expected = [
        ("cases", "good", 0),
        ("matrix", "good", 0),
        // What found it gone waits until it is on again.
        ("room", "disabled", 1),
        ("siem", "good", 0),
        ("team", "failing", 1),
    ];
    let found = states(&board);
    let expected =
        expected.map(|(name, state, waiting)| (name.to_owned(), state.into(), waiting.into()));
    assert_eq!(found, expected);

    let shown = board.place.run(["channel", "list"]);
    for part in ["switched off", "no_service", "503", "splunk", "matrix"] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    for said in [shown.out + &shown.err, board.place.run(["doctor"]).out] {
        assert!(!said.contains("sesame"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_is_marked_sent_and_its_answer_shown() {
    let (board, receiver) = opened().await;
    answer(&receiver, "/room", 410, "channel_is_archived").await;
    answer(&receiver, "/", 200, r#"{"text":"Success","code":0}"#).await;
    let place = &board.place;
    for (name, kind, at, _) in CHANNELS {
        let ended = place.run(["channel", "test", name, "--json"]);
        let told: Value = serde_json::from_str(&ended.out).unwrap();
        let expected = if name == "room" {
            (1, "disable")
        } else {
            (0, "delivered")
        };
        assert_eq!(
            (ended.status, told["verdict"].as_str().unwrap()),
            expected,
            "{told}"
        );
        let body = String::from_utf8(heard(&receiver, at).await[0].body.clone()).unwrap();
        assert!(
            body.contains(&format!("test of the channel '{name}'")),
            "{kind}: {body}"
        );
        assert!(
            !body.contains("alert ack"),
            "there is nothing to take: {body}"
        );
    }
    let letter = place.run(["channel", "test", "mail"]);
    assert_eq!(letter.status, 0, "{}", letter.err);
    assert!(
        letter
            .out
            .contains("mail took the test: put into the folder"),
        "{}",
        letter.out
    );
    assert!(board.letters()[0].contains("Test"), "{:?}", board.letters());

    let unknown = place.run(["channel", "test", "romm"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.err.contains("did you mean 'room'?"),
        "{}",
        unknown.err
    );
    let sound = place.run(["channel", "enable", "room"]);
    assert_eq!(sound.status, 1);
    assert!(sound.err.contains("is not switched off"), "{}", sound.err);
    std::fs::remove_file(place.path("token")).unwrap();
    let missing = place.run(["channel", "test", "siem"]);
    assert_eq!(missing.status, 1);
    assert!(missing.err.contains("token"), "{}", missing.err);
    let listed = place.run(["channel", "list"]).out;
    assert!(listed.contains("unusable here"), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_channel_that_cannot_be_used_is_told_of_by_name_and_status() {
    let (board, receiver) = opened().await;
    answer(&receiver, "/", 200, r#"{"text":"Success","code":0}"#).await;
    let place = &board.place;
    let settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    // One without its secret, one that is written wrongly, and one that nobody configured any more.
    std::fs::remove_file(place.path("token")).unwrap();
    let broken = settings
        .replace("room = \"!desk:example.org\"", "room = 7")
        .replace("[channels.room]", "[channels.hall]");
    place.write("sightline.toml", &broken);
    place.run(["deliver"]).ok();
    board
        .show(&["<h1>Room</h1><p>Call (202) 555-0147</p>".to_owned()])
        .await;
    board.watch("phone", "+12025550147");
    for arguments in [
        &["crawl", "board"][..],
        &["deliver"],
        &["deliver", "--json"],
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, 1, "{arguments:?}: {}", ended.err);
        for (name, why) in [
            ("siem", "token"),
            ("matrix", "room"),
            ("room", "write [channels.room]"),
        ] {
            let start = format!("1 message waits for '{name}', and is not sent: ");
            let told = ended.err.lines().find(|line| line.starts_with(&start));
            let told = told.unwrap_or_else(|| panic!("{name}: {}", ended.err));
            assert!(told.contains(why), "{told}");
        }
        // One gate, and one word of what it lets through.
        let permits = ended
            .err
            .lines()
            .filter(|line| line.contains("is permitted by"));
        assert_eq!(permits.count(), 1, "{arguments:?}: {}", ended.err);
        for sound in ["cases", "team", "hall"] {
            let start = format!("for '{sound}', and is not sent");
            assert!(!ended.err.contains(&start), "{}", ended.err);
        }
    }
    // Put right, it goes out.
    place.write("sightline.toml", &settings);
    place.write("token", "open-sesame");
    place.run(["deliver"]).ok();
    for (name, _, at, _) in CHANNELS {
        assert_eq!(heard(&receiver, at).await.len(), 1, "{name}");
    }
}
