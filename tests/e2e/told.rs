//! What commands say where there is nothing to show, where a file is in the way, and where an alert is silenced: true words,
//! and what to do.

use serde_json::Value;

use crate::{program::Place, watching::text};

const LIST: &str = "Operation Lotus";

#[test]
fn an_empty_answer_says_whether_anything_is_stored() {
    let fresh = Place::with_instance();
    let full = Place::after_the_demo();
    for (arguments, empty, filtered) in [
        (
            &["sightings", "--reason", "historic"][..],
            "No sighting yet",
            "None of the 5 sightings that are stored is like that",
        ),
        (
            &["sightings", "--reason", "continued"],
            "No sighting yet",
            "What goes on in a listing makes no sighting of its own",
        ),
        (
            &["alerts", "--state", "closed"],
            "No alert",
            "None of the 4 alerts that are stored is like that",
        ),
        (
            &["deliveries", "--state", "dead"],
            "No message yet",
            "messages that are stored is like",
        ),
        (
            &["runs", "--since", "2999-01-01"],
            "No run yet",
            "runs that are stored is like that",
        ),
        (
            &["visits", "--state", "due"],
            "No visit yet",
            "visits that are stored is like that",
        ),
        (
            &["listings", "--since", "2999-01-01"],
            "No listing yet",
            "listings that are stored is like that",
        ),
        (
            &["observations", "--since", "2999-01-01"],
            "No observation yet",
            "observations that are stored is like that",
        ),
    ] {
        let said = fresh.run(arguments);
        assert!(said.err.contains(empty), "{arguments:?}: {}", said.err);
        let said = full.run(arguments);
        assert!(said.err.contains(filtered), "{arguments:?}: {}", said.err);
        assert!(!said.err.contains(empty), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_file_that_is_there_stays_and_the_way_out_is_told() {
    let place = Place::after_the_demo();
    place.write(
        "rows.csv",
        "kind,value\nphone,+1 202 555 0160\nphone,nobody\n",
    );
    place.write("there", "mine");
    for arguments in [
        &["watchlist", "export", LIST, "-o", "there"][..],
        &[
            "watchlist",
            "import",
            LIST,
            "rows.csv",
            "--refused",
            "there",
        ],
        &["evidence", "show", "1", "--body", "there"],
        &["backup", "there"],
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, 1, "{arguments:?}: {}", ended.err);
        for part in ["there", "name"] {
            assert!(ended.err.contains(part), "{arguments:?}: {}", ended.err);
        }
        let kept = std::fs::read_to_string(place.path("there")).unwrap();
        assert_eq!(kept, "mine", "{arguments:?}");
    }
    let entries = place.run(["watchlist", "show", LIST, "--json"]).records();
    let added = entries
        .iter()
        .find(|one| text(one, "value") == "+12025550160");
    assert!(
        added.is_none(),
        "nothing is imported where its report has no place"
    );
}

#[test]
fn an_identifier_may_be_begun_and_a_wrong_one_is_told() {
    let place = Place::after_the_demo();
    let entries = place.run(["watchlist", "show", LIST, "--json"]).records();
    let whole = text(&entries[0], "id");
    let others = entries[1..].iter().map(|one| text(one, "id"));
    let shared = others
        .map(|other| {
            whole
                .bytes()
                .zip(other.bytes())
                .take_while(|(one, two)| one == two)
                .count()
        })
        .max()
        .unwrap_or(0);
    let begun = &whole[..(shared + 1).max(4)];
    place.run(["watchlist", "history", begun]).ok();
    place
        .run(["watchlist", "edit", begun, "--note", "tall"])
        .ok();
    place.run(["watchlist", "review", begun]).ok();
    let silence = [
        "alert", "silence", "--entry", begun, "--for", "2h", "--reason", "known",
    ];
    place.run(silence).ok();
    for command in [
        &["watchlist", "activate"][..],
        &["watchlist", "history"],
        &["watchlist", "review"],
        &["watchlist", "remove"],
        &["alert", "show"],
        &["alert", "ack"],
        &["sighting", "confirm"],
        &["deliver", "--replay"],
        &["visits", "--run"],
    ] {
        let ended = place.run(command.iter().chain(&["zzzz"]));
        assert_eq!(ended.status, 2, "{command:?}");
        let said = &ended.err;
        let shown = said.contains("no identifier has a 'z'; write that of the");
        assert!(shown && said.contains("` shows it"), "{command:?}: {said}");
        // One that nobody has: which command shows those there are.
        let ended = place.run(command.iter().chain(&["ffffffff-ffff"]));
        assert_eq!(ended.status, 1, "{command:?}: {}", ended.err);
        assert!(
            ended.err.contains("` shows those there are"),
            "{command:?}: {}",
            ended.err
        );
    }
}

#[test]
fn an_open_alert_that_is_silenced_says_so() {
    let place = Place::after_the_demo();
    let silenced = |place: &Place| -> Vec<Value> {
        place
            .run(["alerts", "--state", "silenced", "--json"])
            .records()
    };
    assert!(silenced(&place).is_empty());
    let alerts = place.run(["alerts", "--state", "open", "--json"]).records();
    let (id, entry) = (
        text(&alerts[0], "id"),
        alerts[0]["entries"][0].as_str().unwrap(),
    );
    let why = ["--reason", "arrest planned, case 12/26", "--by", "R. Roe"];
    let silence = ["alert", "silence", "--entry", entry, "--for", "7d"];
    place.run(silence.into_iter().chain(why)).ok();

    let found = silenced(&place);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (text(&found[0], "id"), text(&found[0], "state")),
        (id, "open")
    );
    let quiet = &found[0]["quiet"];
    assert_eq!(
        (text(quiet, "by"), text(quiet, "why")),
        ("R. Roe", "arrest planned, case 12/26")
    );
    let shown = place.run(["alert", "show", id]).ok();
    for part in [
        "silenced until 20",
        "by R. Roe: arrest planned, case 12/26",
        "alert unsilence",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let listed = place.run(["alerts"]).ok();
    assert_eq!(
        listed.matches("open, silenced until").count(),
        1,
        "{listed}"
    );
    place
        .run(["alert", "unsilence", text(quiet, "silence")])
        .ok();
    assert!(silenced(&place).is_empty());
}

#[test]
fn what_is_due_is_what_the_weekly_digest_tells_of() {
    let place = Place::after_the_demo();
    let entries = place.run(["watchlist", "show", LIST, "--json"]).records();
    let [soon, later] = [text(&entries[0], "id"), text(&entries[1], "id")];
    let day = |days: i64| {
        let at = chrono::Utc::now() + chrono::Duration::days(days);
        at.format("%Y-%m-%d").to_string()
    };
    place
        .run(["watchlist", "review", soon, "--next", &day(4)])
        .ok();
    place
        .run(["watchlist", "review", later, "--next", &day(20)])
        .ok();
    let due = |more: &[&str]| -> Vec<String> {
        let asked = ["watchlist", "due", "--json"].iter().chain(more);
        let records = place.run(asked).records();
        let ids = records.iter().map(|one| text(one, "id").to_owned());
        ids.collect()
    };
    let owner = text(&entries[0], "owner").to_uppercase();
    for (asked, expected) in [
        (&[][..], vec![soon]),
        (&["--within", "0d"], vec![]),
        (&["--within", "4w"], vec![soon, later]),
        (&["--owner", &owner], vec![soon]),
        (&["--owner", "Nobody"], vec![]),
    ] {
        assert_eq!(due(asked), expected, "{asked:?}");
    }
    let said = place.run(["watchlist", "due", "--owner", "Nobody"]).err;
    assert!(said.contains("of others, 1 entry is"), "{said}");
    let said = place.run(["watchlist", "due"]).err;
    assert!(said.contains("0 overdue, 1 by"), "{said}");

    // What ends is told before it does; a list all of which has ended is told of by the doctor.
    let list = "watchlist create Brief --purpose test --legal-basis test --owner Brief --category other --review-days 90";
    place.run(list.split(' ')).ok();
    let add = [
        "watchlist",
        "add",
        "Brief",
        "phone",
        "+1 202 555 0148",
        "--expiry",
    ];
    place.run(add.iter().copied().chain([day(2).as_str()])).ok();
    let said = place.run(["watchlist", "due", "--owner", "Brief"]);
    assert!(said.err.contains("0 overdue, 0 by"), "{}", said.err);
    assert!(said.err.contains("1 ends by then, 0 ended"), "{}", said.err);
    let shown = place.run(["watchlist", "show", "Brief"]).ok();
    assert!(shown.contains("ends"), "{shown}");
    let doctor = place.run(["doctor"]);
    assert!(
        !doctor.out.contains("looks for nothing any more"),
        "{}",
        doctor.out
    );
}

/// A list whose one alert waits for the digest of the week: the alert, and its entry.
fn weekly(place: &Place) -> (String, String) {
    let list = "watchlist create Weekly --purpose test --legal-basis test --owner test --category other --review-days 9 \
                --channel case-system --digest weekly --digest-at 08:00";
    place.run(list.split_whitespace()).ok();
    place
        .run(["watchlist", "add", "Weekly", "phone", "+1 202 555 0147"])
        .ok();
    place.run(["hunt", "--watchlist", "Weekly"]).ok();
    let alert = alert_of_week(place);
    let id = alert["id"].as_str().unwrap().to_owned();
    let listed = place.run(["watchlist", "show", "Weekly", "--json"]).ok();
    let of_entry = crate::program::lines(&listed)
        .into_iter()
        .find(|row| row["kind"] == "phone" || row["selector"]["kind"] == "phone");
    let entry = of_entry.unwrap()["id"].as_str().unwrap().to_owned();
    let shown = place.run(["alert", "show", &id]).ok();
    assert!(shown.contains("waits for the digest of"), "{shown}");
    (id, entry)
}

fn alert_of_week(place: &Place) -> Value {
    let alerts = place.run(["alerts", "--watchlist", "Weekly", "--json"]);
    crate::program::lines(&alerts.ok()).remove(0)
}

#[test]
fn what_waits_of_an_entry_that_is_made_grave_is_told_sooner() {
    let place = Place::after_the_demo();
    let (id, entry) = weekly(&place);
    let edited = place
        .run(["watchlist", "edit", &entry, "--note", "seen twice"])
        .ok();
    assert!(!edited.contains("told sooner"), "{edited}");
    let edited = place
        .run(["watchlist", "edit", &entry, "--severity", "grave"])
        .ok();
    assert!(
        edited.contains("1 alert that waits is told sooner"),
        "{edited}"
    );
    let shown = place.run(["alert", "show", &id]).ok();
    assert!(shown.contains("case-system: to be sent"), "{shown}");
    assert_eq!(alert_of_week(&place)["severity"], "grave");
}

#[test]
fn what_waits_of_a_list_that_is_made_grave_is_told_sooner() {
    let graver = ["watchlist", "set", "Weekly", "--severity", "grave"];
    let place = Place::after_the_demo();
    let (id, _) = weekly(&place);
    let set = place
        .run(["watchlist", "set", "Weekly", "--severity", "low"])
        .ok();
    assert!(!set.contains("told sooner"), "{set}");
    let set = place.run(graver).ok();
    assert!(set.contains("1 alert that waits is told sooner"), "{set}");
    let shown = place.run(["alert", "show", &id]).ok();
    assert!(shown.contains("case-system: to be sent"), "{shown}");
    assert_eq!(alert_of_week(&place)["severity"], "grave");
    let logged = place.run(["audit", "list", "--what", "watchlist.set"]).ok();
    assert!(logged.contains("told sooner"), "{logged}");

    // What says for itself how grave it is goes by that.
    let place = Place::after_the_demo();
    let (id, entry) = weekly(&place);
    place
        .run(["watchlist", "edit", &entry, "--severity", "low"])
        .ok();
    let set = place.run(graver).ok();
    assert!(!set.contains("told sooner"), "{set}");
    let shown = place.run(["alert", "show", &id]).ok();
    assert!(shown.contains("waits for the digest of"), "{shown}");
}
