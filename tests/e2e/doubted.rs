//! Bundles that are refused: of a store that says otherwise than the archive, or signed with a key that took another's place. And
//! bundles that name what was changed in the store after it was read.

use std::fs;

use serde_json::Value;

use crate::{
    audit::{copy, meddle},
    evidence::with_alert,
    program::{Ended, Place, lines},
};

#[test]
fn a_store_that_says_otherwise_than_the_archive_is_found_and_no_bundle_of_it_is_signed() {
    let (place, alert) = with_alert();
    // The key is made before the copies are: a log that is older than it is in doubt.
    place.run(["audit", "checkpoint"]).ok();
    for (change, words) in [
        (
            "UPDATE capture SET url = 'http://other.example/1'",
            "its URL is",
        ),
        (
            "UPDATE capture SET fetched_at = fetched_at - 8640000000",
            "its date is",
        ),
        ("UPDATE capture SET status = 404", "its status is"),
        (
            "UPDATE capture SET peer = '192.0.2.1:443'",
            "the address that answered is",
        ),
    ] {
        copy(&place, "data/sightline.db", "sound.db");
        meddle(&place, change);
        let doctor = place.run(["doctor", "--all"]);
        assert!(
            doctor.status == 1 && doctor.out.contains(words),
            "{change}: {}",
            doctor.out
        );
        let refused = place.run(["evidence", "export", &alert, "-o", "case.zip"]);
        assert!(
            refused.status == 1
                && refused.err.contains("contradicts itself")
                && refused.err.contains(words),
            "{change}: {}",
            refused.err
        );
        assert!(!place.path("case.zip").exists());
        copy(&place, "sound.db", "data/sightline.db");
    }
    place
        .run(["evidence", "export", &alert, "-o", "case.zip"])
        .ok();
}

/// Exports an alert's case, and returns how that ended, what it says of reading the captures again, and the bundle's bytes as
/// text: nothing in it is compressed but the captures.
fn exported(place: &Place, alert: &str) -> (Ended, Value, String) {
    let ended = place.run(["evidence", "export", alert, "-o", "case.zip", "--json"]);
    let bundle = fs::read(place.path("case.zip")).unwrap();
    fs::remove_file(place.path("case.zip")).unwrap();
    let again = lines(&ended.out).remove(0)["read_again"].clone();
    (ended, again, String::from_utf8_lossy(&bundle).into_owned())
}

#[test]
fn what_was_changed_in_the_store_after_it_was_read_is_named_in_the_bundle() {
    let (place, alert) = with_alert();
    let (ended, sound, bundle) = exported(&place, &alert);
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(
        sound["same"].as_u64() > Some(0) && sound["differ"] == 0 && sound["not_compared"] == 0,
        "{sound}"
    );
    assert!(!bundle.contains("ATTENTION") && bundle.contains(r#""result": "same""#));
    assert!(bundle.contains("The audit log was verified as this was exported"));
    // Whose doing it was, and where each deed stands in the log.
    for words in [
        "began by hand",
        "\"source.run\"",
        "\"place\": ",
        "\"hash\": \"",
    ] {
        assert!(bundle.contains(words), "{words}");
    }
    for other in place.run(["alerts", "--json"]).records() {
        let (_, again, _) = exported(&place, other["id"].as_str().unwrap());
        assert!(
            again["differ"] == 0 && again["not_compared"] == 0,
            "{again}"
        );
    }

    for (change, words) in [
        (
            "UPDATE listing_version SET title = title || '.'",
            ": title\"",
        ),
        ("UPDATE listing_version SET body = body || '.'", ": body\""),
        (
            "UPDATE listing_version SET fields = '{\"price\": 1}'",
            ": fields\"",
        ),
        ("UPDATE listing_version SET text = text || '.'", ": text\""),
        ("UPDATE observation SET raw = raw || '0'", ": observation "),
        (
            "UPDATE observation SET steps = '[]', confidence = 'inferred'",
            ": observation ",
        ),
        (
            "UPDATE observation SET start_byte = start_byte + 1",
            ": observation ",
        ),
        (
            "UPDATE sighting SET explanation = json_set(explanation, '$.before', 'They said: ')",
            ": the words of a sighting",
        ),
        (
            "UPDATE listing SET key = key || 'x'",
            "it is not on the page",
        ),
    ] {
        copy(&place, "data/sightline.db", "sound.db");
        meddle(&place, change);
        let (ended, again, bundle) = exported(&place, &alert);
        assert_eq!(ended.status, 1, "{change}: {}", ended.err);
        assert!(ended.err.contains("It shows a fault"), "{}", ended.err);
        assert!(again["differ"].as_u64() > Some(0), "{change}: {again}");
        assert!(
            bundle.contains(r#""result": "differs""#)
                && bundle.contains(words)
                && bundle.contains("ATTENTION: what Sightline's database holds"),
            "{change}"
        );
        copy(&place, "sound.db", "data/sightline.db");
    }

    // Nobody can tell what was read by a definition that is not there any more; and that is said.
    meddle(
        &place,
        "UPDATE source SET region = 'FR'; UPDATE listing_version SET text = text || '.'",
    );
    let (ended, again, bundle) = exported(&place, &alert);
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(
        again["differ"] == 0 && again["not_compared"].as_u64() > Some(0),
        "{again}"
    );
    assert!(
        bundle.contains("another definition of its source, or another version of the extractors")
    );
}

#[test]
fn no_bundle_is_signed_with_a_key_that_took_the_place_of_another_unsaid() {
    let (place, alert) = with_alert();
    place
        .run(["evidence", "export", &alert, "-o", "case.zip"])
        .ok();
    let key = place.path("data/signing.key");
    fs::remove_file(&key).unwrap();
    let doctor = place.run(["doctor"]);
    assert!(
        doctor.status == 1 && doctor.out.contains("`signing.key` is not there"),
        "{}",
        doctor.out
    );
    for arguments in [
        &["evidence", "export", &alert, "-o", "again.zip"][..],
        &["audit", "checkpoint"],
    ] {
        let refused = place.run(arguments);
        assert!(
            refused.status == 1 && refused.err.contains("--despite"),
            "{}",
            refused.err
        );
        assert!(!key.exists());
    }
    place
        .run(["audit", "checkpoint", "--despite", "the disk died"])
        .ok();
    place
        .run(["evidence", "export", &alert, "-o", "again.zip"])
        .ok();
    place.run(["doctor"]).ok();
}

#[test]
fn a_bundle_says_that_the_audit_log_was_changed() {
    let (place, alert) = with_alert();
    meddle(&place, "UPDATE audit SET who = 'nobody' WHERE seq = 1");
    let (ended, _, bundle) = exported(&place, &alert);
    assert_eq!(ended.status, 1, "{}", ended.err);
    let words = "at place 1, is not what was written";
    assert!(ended.err.contains(words), "{}", ended.err);
    assert_eq!(
        bundle.matches(words).count(),
        2,
        "in README.txt and history.json"
    );
    assert!(bundle.contains("ATTENTION: Sightline's audit log"));
    let said = lines(&ended.out)[0]["log_fault"].clone();
    assert!(
        said.as_str().is_some_and(|fault| fault.contains(words)),
        "{said}"
    );
    // The log has it with the export.
    let deed = place.run(["audit", "list", "--what", "evidence.export", "--json"]);
    let detail = deed.records()[0]["detail"].to_string();
    assert!(detail.contains(words), "{detail}");
}
