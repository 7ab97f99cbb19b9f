//! Channels that are renamed, taken off or named anew: what waits follows its watchlist.

use serde_json::Value;

use crate::program::Place;

#[test]
fn a_channel_that_was_renamed_is_told_of_and_what_is_due_to_it_waits() {
    let place = Place::after_the_demo();
    let list = "watchlist create Again --purpose test --legal-basis test --owner test --category other --review-days 9";
    place
        .run(list.split(' ').chain(["--channel", "case-system"]))
        .ok();
    place
        .run(["watchlist", "add", "Again", "phone", "+1 202 555 0147"])
        .ok();
    let settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    place.write(
        "sightline.toml",
        &settings.replace("[channels.case-system]", "[channels.renamed]"),
    );
    place.run(["hunt", "--watchlist", "Again"]).ok();

    let waiting = place.run(["deliveries", "--state", "pending"]).ok();
    assert!(waiting.contains("no channel of this"), "{waiting}");
    let delivered = place.run(["deliver"]);
    let said = format!("{}{}", delivered.out, delivered.err);
    assert_eq!(delivered.status, 1, "{said}");
    for part in [
        "1 message waits for 'case-system', and is not sent: no channel of this name",
        "'case-system' is named by",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let doctor = place.run(["doctor", "--json"]);
    assert_eq!(doctor.status, 1);
    let bad: Vec<Value> = crate::program::lines(&doctor.out)
        .into_iter()
        .filter(|finding| finding["verdict"] == "bad")
        .collect();
    assert_eq!(bad.len(), 1, "{bad:?}");
    let (finding, remedy) = (bad[0]["finding"].to_string(), bad[0]["remedy"].to_string());
    assert!(
        finding.contains("'Again'") && finding.contains("1 message that waits"),
        "{finding}"
    );
    assert!(remedy.contains("[channels.case-system]"), "{remedy}");

    let alerts = place.run(["alerts", "--watchlist", "Again", "--json"]).ok();
    let alert = crate::program::lines(&alerts)[0]["id"].clone();
    let alert = alert.as_str().unwrap().to_owned();
    let shown = place.run(["alert", "show", &alert]).ok();
    let why = "case-system: will not be sent";
    let but = ": no channel of this name is configured; write [channels.case-system]";
    assert!(shown.matches(why).count() > 1, "{shown}");
    assert_eq!(
        shown.matches(why).count(),
        shown.matches(but).count(),
        "{shown}"
    );

    // Named anew, the list has it sent to where it goes now; what is not waited for any more is no trouble.
    let set = place.run(["watchlist", "set", "Again", "--channel", "renamed"]);
    let set = set.ok();
    for part in [
        "withdrawn: 1 message that waits for channels that it does not name any more",
        "put out: 1 message for channels that it names now",
    ] {
        assert!(set.contains(part), "{set}");
    }
    let shown = place.run(["alert", "show", &alert]).ok();
    for part in [
        "case-system: not sent: its watchlist does not name this channel any more",
        "renamed: to be sent",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn what_nobody_was_told_of_is_told_once_the_list_names_a_channel() {
    let place = Place::after_the_demo();
    let list = "watchlist create Alone --purpose test --legal-basis test --owner test --category other --review-days 9";
    place.run(list.split(' ')).ok();
    place
        .run(["watchlist", "add", "Alone", "phone", "+1 202 555 0147"])
        .ok();
    place.run(["hunt", "--watchlist", "Alone"]).ok();
    let alerts = place.run(["alerts", "--watchlist", "Alone", "--json"]).ok();
    let alert = crate::program::lines(&alerts)[0]["id"].clone();
    let alert = alert.as_str().unwrap().to_owned();
    let shown = place.run(["alert", "show", &alert]).ok();
    assert!(
        shown.contains("not sent: the watchlist names no channel"),
        "{shown}"
    );

    let set = place.run(["watchlist", "set", "Alone", "--channel", "case-system"]);
    let set = set.ok();
    assert!(
        set.contains("among them 1 alert that nobody was told of yet"),
        "{set}"
    );
    let shown = place.run(["alert", "show", &alert]).ok();
    assert!(!shown.contains("names no channel"), "{shown}");
    assert!(shown.contains("news to case-system: to be sent"), "{shown}");
}
