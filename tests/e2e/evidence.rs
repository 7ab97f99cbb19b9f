//! Bundles of evidence: what lies behind an alert leaves the instance, and two verifiers that share no code find every
//! change of it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::Value;
use sightline_model::Mint;
use sightline_proof::{
    bundle::{Packer, verify},
    key::SigningKey,
};

use crate::{
    program::{Place, lines},
    support::Tools,
};

const VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_bundle.py");

/// An instance with an alert, and that alert's id.
fn with_alert() -> (Place, String) {
    let place = Place::after_the_demo();
    let alerts = place.run(["alerts", "--json"]).records();
    let id = alerts[0]["id"].as_str().unwrap().to_owned();
    (place, id)
}

#[track_caller]
fn judge(tools: &Tools, what: &str, arguments: &[&Path]) -> Vec<Value> {
    let mut judge = Command::new(tools.python("python"));
    judge.arg(tools.support("judges/bundle.py")).arg(what);
    let judged = judge.args(arguments).output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&judged.stdout),
        String::from_utf8_lossy(&judged.stderr),
    );
    assert!(judged.status.success(), "{what}\n{out}\n{err}");
    lines(&out)
}

/// A bundle of a few files, small enough for each of its bytes to be changed.
fn small(place: &Place) -> (std::path::PathBuf, String) {
    let key = SigningKey::open_or_make(&place.path(""), &Mint::seeded(7)).unwrap();
    let mut packer = Packer::new(Vec::new(), "small");
    packer.add("README.txt", b"For the judge.\n").unwrap();
    packer.add("captures/one.bin", &[0, 1, 2, 3]).unwrap();
    packer.add("empty", b"").unwrap();
    let info = [("Source-Organization", "Example Trust".to_owned())];
    let (bytes, sealed) = packer.seal(&info, &key).unwrap();
    let path = place.path("small.zip");
    fs::write(&path, bytes).unwrap();
    (path, sealed.signed_by.0)
}

#[test]
fn an_alert_is_exported_and_verified_by_those_who_have_only_the_file() {
    let (place, alert) = with_alert();
    let exported = place
        .run(["evidence", "export", &alert, "-o", "case.zip", "--json"])
        .records()
        .remove(0);
    let path = place.path("case.zip");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = fs::metadata(place.path("data/signing.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);

    // Elsewhere, where there is no instance.
    let court = Place::empty();
    fs::copy(&path, court.path("case.zip")).unwrap();
    let fingerprint = exported["signed_by"].as_str().unwrap();
    let verified = court
        .run([
            "evidence",
            "verify",
            "case.zip",
            "--key",
            fingerprint,
            "--json",
        ])
        .records()
        .remove(0);
    assert_eq!(verified["digest"], exported["digest"]);
    let said = court.run(["evidence", "verify", "case.zip"]).ok();
    assert!(
        said.contains("not a bit changed") && said.contains(fingerprint),
        "{said}"
    );
    let other = "0".repeat(64);
    let refused = court.run(["evidence", "verify", "case.zip", "--key", &other]);
    assert!(
        refused.status == 1 && refused.err.contains(fingerprint),
        "{}",
        refused.err
    );
    let refused = court.run(["evidence", "verify", "case.zip", "--key", "no fingerprint"]);
    assert_eq!(refused.status, 2);

    // Never written over; and that it was taken is kept.
    let refused = place.run(["evidence", "export", &alert, "-o", "case.zip"]);
    assert!(refused.status == 1 && refused.err.contains("is there already"));
    place
        .run(["evidence", "export", &alert, "-o", "again.zip"])
        .ok();
    let Some(tools) = Tools::find() else { return };
    let judged = judge(&tools, "accepts", &[VERIFIER.as_ref(), &path]).remove(0);
    assert!(judged["said"].as_str().unwrap().contains(fingerprint));
    assert_eq!(judged["info"]["External-Identifier"], alert.as_str());
    let records = judged["records"].as_array().unwrap();
    assert!(
        records.len() >= 2 && records.iter().any(|kind| kind == "request"),
        "{records:?}"
    );
    let history = read(&tools, &place.path("again.zip"), "history.json");
    assert!(
        history.contains("evidence.export") && history.contains(fingerprint),
        "{history}"
    );
    let story = read(&tools, &path, "story.txt");
    assert!(
        story.contains("the alert was raised") && story.contains(">>>"),
        "{story}"
    );
    let custody = read(&tools, &path, "custody.json");
    assert!(
        custody.contains("\"user_agent\": \"Sightline/"),
        "{custody}"
    );
}

/// A file of the payload.
fn read(tools: &Tools, bundle: &Path, name: &str) -> String {
    let program = "import sys, zipfile\n\
                   bag = zipfile.ZipFile(sys.argv[1])\n\
                   [name] = [n for n in bag.namelist() if n.endswith('/data/' + sys.argv[2])]\n\
                   sys.stdout.write(bag.read(name).decode())";
    let mut python = Command::new(tools.python("python"));
    let output = python
        .args(["-c", program])
        .arg(bundle)
        .arg(name)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_byte_that_is_another_is_found_by_both_verifiers() {
    let place = Place::empty();
    let (path, fingerprint) = small(&place);
    let bytes = fs::read(&path).unwrap();
    let holds = |bytes: &[u8]| verify(bytes, Some(&fingerprint)).is_ok();
    assert!(holds(&bytes));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(!holds(&changed), "bit {bit} of byte {at}");
        }
        assert!(!holds(&bytes[..at]), "cut at {at}");
    }
    let Some(tools) = Tools::find() else { return };
    let flipped = judge(&tools, "flips", &[VERIFIER.as_ref(), &path]).remove(0);
    assert_eq!(flipped["bytes"], bytes.len());
    assert_eq!(flipped["missed"], serde_json::json!([]));
}

#[test]
fn what_is_taken_out_added_moved_or_cut_is_found_by_both_verifiers() {
    let place = Place::empty();
    let (path, fingerprint) = small(&place);
    let Some(tools) = Tools::find() else { return };
    let folder = place.path("tampered");
    fs::create_dir(&folder).unwrap();
    let tampered = judge(&tools, "tamper", &[VERIFIER.as_ref(), &path, &folder]);
    assert!(tampered.len() > 1_000, "{}", tampered.len());
    for one in tampered {
        let name = one["name"].as_str().unwrap();
        assert_eq!(one["found"], true, "by Python: {name}");
        let bytes = fs::read(folder.join(format!("{name}.zip"))).unwrap();
        assert!(verify(&bytes[..], Some(&fingerprint)).is_err(), "{name}");
    }
    // Whoever signs anew is not who signed.
    let other = SigningKey::open_or_make(&folder, &Mint::seeded(8)).unwrap();
    let forged = Packer::new(Vec::new(), "small");
    let (forged, _) = forged.seal(&[], &other).unwrap();
    assert!(verify(&forged[..], None).is_ok());
    assert!(verify(&forged[..], Some(&fingerprint)).is_err());
}

#[test]
fn a_verifier_that_lacks_one_demand_misses_something() {
    let place = Place::empty();
    let (path, _) = small(&place);
    let Some(tools) = Tools::find() else { return };
    let controls = judge(&tools, "control", &[VERIFIER.as_ref(), &path]);
    assert_eq!(controls.len(), 5);
    for control in controls {
        assert!(control["missed"].as_u64().unwrap() > 0, "{control}");
    }
}
