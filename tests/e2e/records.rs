//! What is stored, as scripts read it: the shapes that docs/cli.md promises, on the instance that the demonstration
//! leaves behind.

use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::{board::Board, program::Place};

#[track_caller]
fn check(place: &Place, arguments: &[&str], rows: usize, keys: &[&str]) -> Vec<Value> {
    let records = place.run(arguments.iter().chain(&["--json"])).records();
    assert_eq!(records.len(), rows, "{arguments:?}");
    for record in &records {
        for key in keys {
            assert!(
                record.get(key).is_some(),
                "{arguments:?}: {key} is missing from {record}"
            );
        }
    }
    records
}

#[test]
fn every_family_has_its_shape() {
    let place = Place::after_the_demo();
    check(
        &place,
        &["runs"],
        3,
        &[
            "id",
            "source",
            "source_id",
            "planned_at",
            "state",
            "outcome",
            "counts",
        ],
    );
    let visit = [
        "id", "run", "source", "kind", "url", "state", "outcome", "status", "capture", "meaning",
    ];
    check(&place, &["visits", "--limit", "100"], 100, &visit);
    let listing = [
        "id",
        "source",
        "key",
        "url",
        "title",
        "body",
        "fields",
        "first_seen",
        "last_seen",
        "removed_at",
    ];
    let listings = check(&place, &["listings", "--source", "board"], 61, &listing);
    assert_eq!(
        listings
            .iter()
            .filter(|listing| !listing["removed_at"].is_null())
            .count(),
        2
    );
    let observation = [
        "id",
        "listing",
        "capture",
        "kind",
        "value",
        "raw",
        "start",
        "end",
        "confidence",
        "steps",
        "seen_at",
    ];
    let observations = place.run(["observations", "--json"]).records();
    assert!(observations.len() > 60, "{}", observations.len());
    check(&place, &["observations"], observations.len(), &observation);
    let disguised = check(&place, &["observations", "--disguised"], 1, &observation);
    assert_eq!(
        (&disguised[0]["disguised"], &disguised[0]["value"]),
        (&true.into(), &"+12025550147".into())
    );
    let sighting = [
        "id",
        "entry",
        "watchlist",
        "observation",
        "listing",
        "url",
        "reason",
        "at",
        "disguised",
        "explanation",
    ];
    let sightings = check(
        &place,
        &["sightings", "--watchlist", "Operation Lotus"],
        5,
        &sighting,
    );
    assert!(
        sightings
            .iter()
            .all(|sighting| sighting["explanation"]["raw"].is_string())
    );
    let alert = [
        "id",
        "state",
        "severity",
        "entries",
        "sightings",
        "opened_at",
        "reasons",
    ];
    let alerts = check(&place, &["alerts", "--state", "open"], 4, &alert);
    assert!(alerts.iter().all(|alert| {
        alert["entries"]
            .as_array()
            .is_some_and(|entries| entries.len() == 1)
    }));
    let delivery = [
        "id",
        "alert",
        "channel",
        "state",
        "attempts",
        "next_at",
        "last_error",
    ];
    check(
        &place,
        &["deliveries", "--state", "delivered"],
        10,
        &delivery,
    );
}

#[test]
fn rows_are_chosen_by_time_source_state_and_number() {
    let place = Place::after_the_demo();
    check(&place, &["runs", "--since", "30d"], 2, &[]);
    check(&place, &["runs", "--since", "2000-01-01"], 3, &[]);
    check(&place, &["sightings", "--reason", "reappeared"], 1, &[]);
    check(&place, &["listings", "--limit", "7"], 7, &[]);
    check(&place, &["alerts", "--state", "closed"], 0, &[]);
    check(&place, &["notices", "--open"], 0, &[]);
    for wrong in [
        &["listings", "--source", "bord"][..],
        &["alerts", "--watchlist", "Lotus"],
        &["runs", "--since", "yesterday"],
        &["alerts", "--state", "ajar"],
    ] {
        let ended = place.run(wrong);
        assert_eq!(
            (ended.status, ended.out.as_str()),
            (2, ""),
            "{wrong:?}: {}",
            ended.err
        );
    }
}

#[test]
fn tables_show_exact_and_relative_times() {
    let place = Place::after_the_demo();
    let table = place.run(["runs"]).ok();
    assert!(
        table.contains("(41 d ago)") && table.contains("Z ("),
        "{table}"
    );
    let visits = place.run(["visits"]);
    assert!(visits.err.contains("--limit"), "{}", visits.err);
}

#[test]
fn what_a_crawl_could_not_have_stands_apart() {
    let place = Place::after_the_demo();
    let of = |arguments: &[&str]| {
        place
            .run([&["visits", "--json"], arguments].concat())
            .records()
    };
    let all = of(&[]);
    let is_missed = |visit: &&Value| {
        !visit["outcome"].is_null()
            && visit["outcome"] != "fetched"
            && visit["outcome"] != "unchanged"
    };
    let expected: Vec<_> = all.iter().filter(is_missed).collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(of(&["--missed"]).iter().collect::<Vec<_>>(), expected);
}

#[test]
fn an_alert_is_read_taken_and_closed() {
    let place = Place::after_the_demo();
    let alerts = place.run(["alerts", "--json"]).records();
    let back = alerts.iter().find(|alert| {
        alert["reasons"]
            .as_array()
            .is_some_and(|reasons| reasons.len() == 2)
    });
    let id = back.expect("one came back")["id"].as_str().unwrap();
    let words = place.run(["alert", "show", id]).ok();
    assert!(
        words.contains("back after 41 days") && words.contains("»2O2 555 zero one four seven«"),
        "{words}"
    );

    let taken = place
        .run(["alert", "ack", id, "--by", "I. Investigator", "--json"])
        .records();
    assert_eq!(taken[0]["by"], "I. Investigator");
    let ended = place.run(["alert", "ack", id]);
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("acknowledged already"), "{}", ended.err);
    place.run(["alert", "assign", id, "Night desk"]).ok();
    let theirs = ["alerts", "--assigned", "Night desk", "--json"];
    assert_eq!(place.run(theirs).records()[0]["id"], id);
    place
        .run([
            "alert",
            "comment",
            id,
            "Rang the desk.",
            "--by",
            "R. Analyst",
        ])
        .ok();
    assert_eq!(place.run(["alert", "comment", id, " "]).status, 2);
    place.run(["alert", "close", id, "--as", "confirmed"]).ok();
    assert_eq!(place.run(["alert", "assign", id, "--nobody"]).status, 1);
    let life = place.run(["alert", "show", id, "--json"]).records();
    let deeds = life[0]["changes"].as_array().unwrap().iter();
    let deeds: Vec<_> = deeds
        .map(|change| change["deed"].as_str().unwrap())
        .collect();
    assert_eq!(deeds, ["acknowledged", "assigned", "commented", "closed"]);
    let words = place.run(["alert", "show", id]).ok();
    for told in ["gave it to Night desk", "R. Analyst said: Rang the desk."] {
        assert!(words.contains(told), "{told} not in {words}");
    }
    let said = place.run(["alert", "reopen", id]).ok();
    assert!(said.contains("is open, with Night desk."), "{said}");
    place.run(["alert", "close", id, "--as", "confirmed"]).ok();
    let closed = place
        .run(["alerts", "--state", "closed", "--json"])
        .records();
    assert_eq!(
        (closed.len(), &closed[0]["closed_as"]),
        (1, &Value::from("confirmed"))
    );
    assert_eq!(place.run(["alert", "close", id, "--as", "maybe"]).status, 2);
    assert_eq!(
        place
            .run(["alert", "show", "0199d0a4-0000-7000-8000-000000000000"])
            .status,
        1
    );
}

#[test]
fn a_silence_is_made_listed_and_ended() {
    let place = Place::after_the_demo();
    let made = place
        .run([
            "alert",
            "silence",
            "--watchlist",
            "Operation Lotus",
            "--for",
            "2h",
            "--reason",
            "import",
            "--json",
        ])
        .records();
    let id = made[0]["id"].as_str().unwrap();
    assert_eq!(
        place.run(["alert", "silences", "--json"]).records()[0]["reason"],
        "import"
    );
    place.run(["alert", "unsilence", id]).ok();
    assert_eq!(place.run(["alert", "unsilence", id]).status, 1);
    let many = [
        "alert",
        "silence",
        "--source",
        "board",
        "--kind",
        "phone",
        "--value",
        "(202) 555-0147",
        "--region",
        "US",
        "--at-most",
        "normal",
        "--from",
        "1h",
        "--for",
        "2h",
        "--reason",
        "the site moves house",
        "--json",
    ];
    let covers = &place.run(many).records()[0]["covers"];
    assert_eq!(
        (&covers["value"], &covers["severity_at_most"]),
        (&"+12025550147".into(), &"normal".into())
    );
    let listed = place.run(["alert", "silences", "--json"]).records();
    assert_eq!(
        (&listed[0]["in_force"], &listed[0]["kept_quiet"]),
        (&false.into(), &0.into())
    );
    let words = place.run(["alert", "silences"]).ok();
    assert!(words.contains("normal at most"), "{words}");
    for wrong in [
        &["alert", "silence", "--for", "2h", "--reason", "x"][..],
        &[
            "alert",
            "silence",
            "--all",
            "--for",
            "2000-01-01",
            "--reason",
            "x",
        ],
        &["alert", "silence", "--all", "--for", "2h", "--reason", " "],
        &[
            "alert", "silence", "--all", "--kind", "phone", "--for", "2h", "--reason", "x",
        ],
        &[
            "alert",
            "silence",
            "--value",
            "+12025550123",
            "--for",
            "2h",
            "--reason",
            "x",
        ],
        &[
            "alert", "silence", "--source", "nowhere", "--for", "2h", "--reason", "x",
        ],
    ] {
        assert_eq!(place.run(wrong).status, 2, "{wrong:?}");
    }
}

#[test]
fn a_capture_is_shown_verified_and_inert() {
    let place = Place::after_the_demo();
    let sightings = place.run(["sightings", "--json"]).records();
    let capture = sightings[0]["explanation"]["capture"].to_string();
    let shown = place
        .run(["evidence", "show", &capture, "--json"])
        .records();
    assert_eq!(shown[0]["verified"], true);
    assert!(
        shown[0]["head"]
            .as_str()
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        shown[0]["body_start"]
            .as_str()
            .unwrap()
            .contains("<!doctype html>")
    );

    place
        .run(["evidence", "show", &capture, "--body", "body.html"])
        .ok();
    let body = std::fs::read(place.path("body.html")).unwrap();
    assert_eq!(body.len() as u64, shown[0]["length"].as_u64().unwrap());
    assert_eq!(
        place
            .run(["evidence", "show", &capture, "--body", "body.html"])
            .status,
        1,
        "nothing is overwritten"
    );
    assert_eq!(place.run(["evidence", "show", "999999"]).status, 1);
}

#[test]
fn a_channel_whose_secret_is_missing_keeps_nobody_from_telling_the_others() {
    let place = Place::after_the_demo();
    std::fs::remove_file(place.path("webhook.secret")).unwrap();
    for arguments in [&["check"][..], &["deliver"]] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, 0, "{arguments:?}: {}", ended.err);
        // `check` notes it among what it found; who sends is warned of it.
        let told = format!("{}{}", ended.out, ended.err);
        assert!(told.contains("webhook.secret"), "{arguments:?}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finds_its_channel_gone_waits_and_what_was_given_up_is_not_put_back_in_vain() {
    let (board, receiver) = (Board::open().await, MockServer::start().await);
    let answer = async |status, body: &str| {
        receiver.reset().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount(&receiver)
            .await;
    };
    let place = &board.place;
    let settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    let channel =
        "[channels.cases]\nkind = \"slack\"\nurl_file = \"room\"\nallow_unencrypted = true";
    place.write("sightline.toml", &format!("{settings}\n{channel}\n"));
    place.write("room", &format!("{}/alerts", receiver.uri()));
    place
        .run(["watchlist", "set", "missing", "--channel", "cases"])
        .ok();
    let mut ads = vec!["<h1>Room</h1><p>Call (202) 555-0147</p>".to_owned()];
    let ids = |state: &str| -> Vec<String> {
        let listed = place.run(["deliveries", "--state", state, "--json"]);
        let records = listed.records().into_iter();
        records
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    // One message is given up, since Slack does not take it; then the webhook is removed.
    answer(400, "invalid_payload").await;
    board.show(&ads).await;
    board.watch("phone", "+12025550147");
    board.crawl_untold();
    let dead = ids("dead");
    assert_eq!(dead.len(), 1);
    answer(404, "no_service").await;
    ads.push("<h1>Flat</h1><p>Call (202) 555-0148</p>".to_owned());
    board.show(&ads).await;
    board.watch("phone", "+12025550148");
    board.crawl_untold();
    assert_eq!(
        ids("dead"),
        dead,
        "nothing is given up for a channel that is gone"
    );
    let waiting = place.run(["deliveries", "--state", "pending", "--json"]);
    let waiting = waiting.records();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0]["attempts"], 0, "no try that counts");
    let kept = waiting[0]["id"].as_str().unwrap();
    let channels = place.run(["channel", "list", "--json"]).records();
    let cases = channels.iter().find(|one| one["channel"] == "cases");
    assert_eq!(cases.unwrap()["waiting"], 1, "{channels:?}");

    let refused = place.run(["deliver", "--replay", &dead[0]]);
    assert_eq!(refused.status, 1, "{}", refused.out);
    let id = &dead[0];
    let remedy = format!("sightline channel enable cases && sightline deliver --replay {id}");
    for part in [
        "channel 'cases' is switched off since",
        "no_service",
        remedy.as_str(),
    ] {
        assert!(refused.err.contains(part), "{}", refused.err);
    }
    assert_eq!(ids("dead"), dead, "nothing was put back");
    answer(200, "ok").await;
    let all = place.run(["deliver", "--replay", "--all"]);
    assert_eq!(all.status, 1, "{}", all.out);
    assert!(all.err.contains("Not put back, to cases"), "{}", all.err);

    // On again, it gets what waited; what was given up is put back by hand.
    place.run(["channel", "enable", "cases"]).ok();
    place.run(["deliver"]).ok();
    assert_eq!(ids("delivered"), [kept]);
    let none = place
        .run(["deliver", "--replay", "--channel", "other"])
        .ok();
    assert!(
        none.contains("No message to 'other' was given up"),
        "{none}"
    );
    let all = place
        .run(["deliver", "--replay", "--channel", "cases"])
        .ok();
    assert!(all.contains("Put back: 1 message to cases"), "{all}");
    assert!(ids("delivered").contains(&dead[0]));
}
