//! What is kept, and what goes: periods, holds and erasure, as an operator meets them.

use std::{fs, io::Read, path::PathBuf, process::Command};

use serde_json::Value;

use crate::{
    program::{Place, lines},
    support::Tools,
};

fn archive(place: &Place) -> Vec<PathBuf> {
    let found = fs::read_dir(place.path("data/archive")).unwrap();
    found.map(|entry| entry.unwrap().path()).collect()
}

/// Everything that stands in the archive's files, unpacked.
fn texts(place: &Place) -> String {
    let mut all = Vec::new();
    for file in archive(place) {
        let packed = fs::File::open(file).unwrap();
        flate2::read::MultiGzDecoder::new(packed)
            .read_to_end(&mut all)
            .unwrap();
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn database(place: &Place) -> String {
    String::from_utf8_lossy(&fs::read(place.path("data/sightline.db")).unwrap()).into_owned()
}

/// A listing in which something was sighted, and one of its entries' sightings.
fn sighted(place: &Place) -> Value {
    let sightings = place.run(["sightings", "--json"]).records();
    let id = sightings[0]["listing"].as_i64().unwrap();
    let listings = place.run(["listings", "--json"]).records();
    listings.into_iter().find(|one| one["id"] == id).unwrap()
}

/// Sets a period of retention.
fn keep_for(place: &Place, period: &str) {
    let mut settings = fs::read_to_string(place.path("sightline.toml")).unwrap();
    settings += &format!("\n[retention]\n{period}\n");
    place.write("sightline.toml", &settings);
}

#[test]
fn a_listing_that_is_erased_is_in_no_file() {
    let place = Place::after_the_demo();
    let listing = sighted(&place);
    let (id, url) = (
        listing["id"].to_string(),
        listing["url"].as_str().unwrap().to_owned(),
    );
    assert!(texts(&place).contains(&url) && database(&place).contains(&url));
    let sightings = place.run(["sightings", "--json"]).records();
    let entry = sightings[0]["entry"].as_str().unwrap().to_owned();

    // A hold is in the way, and is named; what it covers is not purged either.
    let held = place
        .run([
            "hold",
            "place",
            "--entry",
            &entry,
            "--reason",
            "letter 1/27",
            "--json",
        ])
        .records();
    let hold = held[0]["id"].as_str().unwrap();
    let refused = place.run(["erase", "listing", &id, "--reason", "request 14/27"]);
    assert_eq!(refused.status, 1);
    assert!(refused.err.contains(hold), "{}", refused.err);
    assert_eq!(place.run(["hold", "list", "--json"]).records().len(), 1);
    place
        .run(["hold", "lift", hold, "--reason", "judgment is final"])
        .ok();

    let would = place
        .run([
            "erase",
            "listing",
            &id,
            "--reason",
            "x",
            "--dry-run",
            "--json",
        ])
        .records();
    assert_eq!(would[0]["listings"], serde_json::json!([listing["id"]]));
    assert!(texts(&place).contains(&url), "a dry run changes nothing");

    let done = place
        .run([
            "erase",
            "listing",
            &id,
            "--reason",
            "request 14/27",
            "--json",
        ])
        .records();
    assert!(
        !database(&place).contains(&url),
        "not in the database, deleted rows included"
    );
    assert!(!texts(&place).contains(&format!("WARC-Target-URI: {url}\r\n")));
    // The secret and the URL show what was erased; the store alone does not.
    let (secret, digest) = (
        done[0]["secret"].as_str().unwrap(),
        &done[0]["erasure"]["digest"],
    );
    assert_eq!(*digest, sha256(&format!("{secret}\nlisting {url}")));
    assert!(!database(&place).contains(secret));
    // What is left is sound, and what stays is there.
    place.run(["doctor", "--all"]).ok();
    let left = place.run(["listings", "--json"]).records();
    assert!(!left.is_empty() && left.iter().all(|one| one["id"] != listing["id"]));
    assert_eq!(place.run(["erase", "list", "--json"]).records().len(), 1);
    let again = place.run(["erase", "listing", &id, "--reason", "request 14/27"]);
    assert_eq!(again.status, 1);
}

#[test]
fn nothing_slips_from_under_a_hold_of_its_case() {
    let place = Place::after_the_demo();
    let sightings = place.run(["sightings", "--json"]).records();
    let entry = sightings[0]["entry"].as_str().unwrap();
    let edit = |case| place.run(["watchlist", "edit", entry, "--case", case]);
    edit("40/26").ok();
    place
        .run(["hold", "place", "40/26", "--reason", "letter 3/27"])
        .ok();
    let refused = edit("42/26");
    assert_eq!(refused.status, 2, "{}", refused.err);
    assert!(
        refused.err.contains("over the case") && refused.err.contains("over the entry itself"),
        "{}",
        refused.err
    );
    place
        .run([
            "hold",
            "place",
            "--entry",
            entry,
            "--reason",
            "letter 3/27, as to the entry",
        ])
        .ok();
    edit("42/26").ok();
}

#[test]
fn what_was_kept_for_long_enough_goes_and_the_rest_is_read_by_others() {
    let place = Place::after_the_demo();
    let none = place.run(["retention", "run", "captures"]);
    assert_eq!(none.status, 2, "{}", none.err);
    keep_for(&place, "captures_days = 1");
    let would = place
        .run(["retention", "run", "--dry-run", "--json"])
        .records();
    let done = place.run(["retention", "run", "--json"]).records();
    assert_eq!(would[0]["gone"], done[0]["gone"]);
    let shown = lines(&place.run(["retention", "show", "--json"]).ok());
    assert!(shown.iter().any(|one| one["days"] == 1));
    assert!(
        shown
            .iter()
            .any(|one| one["digest"] == done[0]["receipt"]["digest"])
    );
    place.run(["doctor", "--all"]).ok();
    place.run(["backup", "all.tar"]).ok();
    place.run(["restore", "all.tar", "--check"]).ok();
    let Some(tools) = Tools::find() else { return };
    let checked = Command::new(tools.python("warcio"))
        .arg("check")
        .args(archive(&place))
        .output()
        .unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(text);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the audit log has of deeds of this kind.
fn deeds(place: &Place, what: &str) -> Vec<Value> {
    place
        .run(["audit", "list", "--what", what, "--json"])
        .records()
}

#[test]
fn lists_that_show_what_is_erased_are_named_and_go_where_that_is_asked() {
    let place = Place::after_the_demo();
    let sightings = place.run(["sightings", "--json"]).records();
    let listings = place.run(["listings", "--json"]).records();
    let kept = texts(&place);
    // The one that the fewest lists lead to: from before anybody had seen it.
    let (_, id, link) = sightings
        .iter()
        .filter_map(|sighting| {
            let id = &sighting["listing"];
            let listing = listings.iter().find(|one| one["id"] == *id)?;
            let url = url::Url::parse(listing["url"].as_str()?).ok()?;
            let link = format!("href=\"{}\"", url.path());
            let lists = kept.matches(&link).count();
            (lists > 0).then_some((lists, id.to_string(), link))
        })
        .min()
        .expect("some list of the demo leads to what was sighted");
    let would = place.run([
        "erase",
        "listing",
        &id,
        "--reason",
        "x",
        "--dry-run",
        "--json",
    ]);
    let would = would.records().remove(0);
    assert!(would["lists"][0].is_i64(), "{link}: {would}");
    let said = place.run(["erase", "listing", &id, "--reason", "x", "--dry-run"]);
    assert!(
        said.err.contains("--with-pages") && said.err.contains(&would["lists"][0].to_string()),
        "{}",
        said.err
    );
    let done = place.run([
        "erase",
        "listing",
        &id,
        "--reason",
        "request 14/27",
        "--with-pages",
        "--json",
    ]);
    let told = done.err.clone();
    let record = done.records().remove(0);
    // In somebody's hands before anything is gone.
    assert!(told.contains(record["secret"].as_str().unwrap()));
    assert_eq!(record["is_wiped"], true);
    assert!(!texts(&place).contains(&link), "{link}");
    let said = place.run(["erase", "finish"]).ok();
    assert!(said.contains("Nothing is left"), "{said}");
    place.run(["doctor", "--all"]).ok();
    // That it was asked for is kept, as every search is.
    assert!(!deeds(&place, "erase.ask").is_empty());
    let again = place.run(["erase", "listing", &id, "--reason", "x"]);
    assert!(
        again.status == 1 && again.err.contains("erase list"),
        "{}",
        again.err
    );
}

#[test]
fn a_case_that_nothing_is_of_is_not_said_to_be_held() {
    let place = Place::after_the_demo();
    let place_hold = |more: &[&str]| {
        let mut all = vec![
            "hold",
            "place",
            "no such case 77",
            "--reason",
            "letter 4/27",
        ];
        all.extend(more);
        place.run(all)
    };
    let refused = place_hold(&[]);
    assert!(
        refused.status == 1 && refused.err.contains("--force"),
        "{}",
        refused.err
    );
    assert_eq!(place.run(["hold", "list", "--json"]).records().len(), 0);
    place_hold(&["--force"]).ok();
    let held = &deeds(&place, "hold.place")[0];
    let detail = held["detail"].as_str().unwrap();
    assert!(detail.contains("'no such case 77'"), "{held}");
}

#[test]
fn what_is_read_or_taken_away_by_other_ways_is_kept_too() {
    let place = Place::after_the_demo();
    let lists = place.run(["watchlist", "list", "--json"]).records();
    let name = lists[0]["name"].as_str().unwrap();
    place.run(["watchlist", "show", name]).ok();
    place.run(["watchlist", "due"]).ok();
    place.run(["furniture"]).ok();
    place.run(["visits"]).ok();
    place.run(["deliveries"]).ok();
    place.run(["backup", "all.tar"]).ok();
    for what in [
        "watchlist.read",
        "entries.read",
        "furniture.read",
        "visits.read",
        "messages.read",
        "backup.make",
        "audit.read",
    ] {
        assert!(!deeds(&place, what).is_empty(), "{what}");
    }
}

#[test]
fn deeds_go_as_far_as_they_were_signed() {
    let place = Place::after_the_demo();
    let refused = place.run(["retention", "run", "audit"]);
    assert_eq!(refused.status, 2, "{}", refused.err);
    keep_for(&place, "audit_days = 1");
    place.run(["audit", "checkpoint"]).ok();
    let said = place.run(["retention", "run", "audit"]).ok();
    assert!(said.contains("No deed went"), "{said}");
    let shown = lines(&place.run(["retention", "show", "--json"]).ok());
    let of_deeds = shown.iter().find(|one| one["class"] == "audit").unwrap();
    assert_eq!(of_deeds["days"], 1);
    place.run(["audit", "verify"]).ok();
}
