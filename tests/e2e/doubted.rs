//! Bundles that are refused: of a store that says otherwise than the archive, or signed with a key that took another's place.

use std::fs;

use crate::{
    audit::{copy, meddle},
    evidence::with_alert,
};

#[test]
fn a_store_that_says_otherwise_than_the_archive_is_found_and_no_bundle_of_it_is_signed() {
    let (place, alert) = with_alert();
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
