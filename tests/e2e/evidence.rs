//! Bundles of evidence: what lies behind an alert leaves the instance, and two verifiers that share no code find every
//! change of it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::Value;
use sightline_model::Mint;
use sightline_proof::{
    bundle::{Packer, verify},
    key::SigningKey,
};

use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::path};

use crate::{
    program::{Ended, Place, command, lines},
    support::Tools,
};

const VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_bundle.py");

/// An instance with an alert, and that alert's id.
pub fn with_alert() -> (Place, String) {
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
    let (bytes, sealed) = packer.seal(&info, None, &key).unwrap();
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

    // A sample of a real one; `small` below is tried whole.
    let bytes = fs::read(&path).unwrap();
    assert!(verify(&bytes[..], Some(fingerprint)).is_ok());
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(
            verify(&changed[..], Some(fingerprint)).is_err(),
            "byte {at}"
        );
    }

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
    let history: Value = serde_json::from_str(&history).unwrap();
    assert_eq!(history["log_kept_from"]["place"], 0);
    assert!(history["log_kept_from"]["since"].is_string() && history["deeds"].is_array());
    let readme = read(&tools, &path, "README.txt");
    assert!(readme.contains("from its first line on"), "{readme}");
    let story = read(&tools, &path, "story.txt");
    assert!(
        story.contains("the alert was raised") && story.contains(">>>"),
        "{story}"
    );
    let custody = read(&tools, &path, "custody.json");
    assert!(
        custody.contains("\"user_agent\": \"Sightline/") && custody.contains("\"moved\": []"),
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
    let (forged, _) = forged.seal(&[], None, &other).unwrap();
    assert!(verify(&forged[..], None).is_ok());
    assert!(verify(&forged[..], Some(&fingerprint)).is_err());
}

#[test]
fn a_bundle_tells_what_was_erased_from_its_alert_and_keeps_notes_back_where_that_is_asked() {
    let place = Place::after_the_demo();
    let mut of_two = None;
    for alert in place.run(["alerts", "--json"]).records() {
        let id = alert["id"].as_str().unwrap().to_owned();
        let shown = place.run(["alert", "show", &id, "--json"]).records();
        let seen = shown[0]["seen"].as_array().unwrap().clone();
        let listings: std::collections::BTreeSet<i64> = seen
            .iter()
            .map(|one| one["listing"].as_i64().unwrap())
            .collect();
        if listings.len() > 1 {
            let entry = shown[0]["entry"]["id"].as_str().unwrap().to_owned();
            of_two = Some((id, *listings.last().unwrap(), entry));
            break;
        }
    }
    let (alert, listing, entry) = of_two.expect("an alert of the demo rests on two listings");
    place
        .run([
            "watchlist",
            "edit",
            &entry,
            "--note",
            "INTERNAL-NOTE",
            "--tlp",
            "red",
        ])
        .ok();
    let erased = place
        .run([
            "erase",
            "listing",
            &listing.to_string(),
            "--reason",
            "request 14/27",
            "--json",
        ])
        .records()
        .remove(0);
    let exported = place.run(["evidence", "export", &alert, "-o", "case.zip"]);
    assert!(exported.err.contains("TLP:RED"), "{}", exported.err);
    // Nothing in a bundle is compressed.
    let text = |file: &str| {
        let bytes = fs::read(place.path(file)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let bundle = text("case.zip");
    let digest = erased["erasure"]["digest"].as_str().unwrap();
    for told in [
        "data/erased.json",
        digest,
        "request 14/27",
        "body_digest",
        "TLP:RED",
        "INTERNAL-NOTE",
    ] {
        assert!(bundle.contains(told), "{told}");
    }
    place.run(["evidence", "verify", "case.zip"]).ok();
    place
        .run([
            "evidence",
            "export",
            &alert,
            "-o",
            "without.zip",
            "--without-notes",
        ])
        .ok();
    let bundle = text("without.zip");
    assert!(!bundle.contains("INTERNAL-NOTE") && bundle.contains("were left out"));
}

#[test]
fn both_verifiers_refuse_what_strangers_write_and_sign_themselves() {
    let place = Place::empty();
    let (path, fingerprint) = small(&place);
    // A fingerprint is copied from paper: in capitals, in groups.
    let typed: Vec<String> = fingerprint
        .to_uppercase()
        .as_bytes()
        .chunks(4)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    let typed = typed.join(" ");
    let bytes = fs::read(&path).unwrap();
    assert!(verify(&bytes[..], Some(&typed)).is_ok());
    let Some(tools) = Tools::find() else { return };
    let judged = Command::new(tools.python("python"))
        .arg(VERIFIER)
        .arg(&path)
        .arg(&typed)
        .output()
        .unwrap();
    assert!(judged.status.success(), "{judged:?}");
    let folder = place.path("resealed");
    fs::create_dir(&folder).unwrap();
    let resealed = judge(&tools, "reseal", &[VERIFIER.as_ref(), &path, &folder]);
    assert_eq!(resealed.len(), 9);
    for one in resealed {
        let name = one["name"].as_str().unwrap();
        let bytes = fs::read(folder.join(format!("resealed-{name}.zip"))).unwrap();
        let is_found = verify(&bytes[..], None).is_err();
        assert_eq!(is_found, name != "sound", "by Rust: {name}");
        assert_eq!(one["found"], is_found, "by Python: {name}");
    }
    let bomb = judge(
        &tools,
        "bomb",
        &[VERIFIER.as_ref(), &place.path("bomb.zip")],
    );
    assert_eq!(bomb[0]["found"], true);
    let grown = bomb[0]["grown_kb"].as_u64().unwrap();
    assert!(grown < 32 * 1024, "{grown} KB for a megabyte");
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

/// The configuration of a time stamp authority, as OpenSSL has it.
const AUTHORITY: &str = "[a]\nserial = serial\nsigner_cert = tsa.pem\ncerts = tsa.pem\nsigner_key = tsa.key\n\
    signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\ntsa_name = yes\ness_cert_id_alg = sha256\n";

/// Runs OpenSSL in a folder.
#[track_caller]
fn openssl(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let ran = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output();
    ran.expect("OpenSSL is installed, as scripts/tools sees to")
}

/// Answers questions by OpenSSL.
struct Authority(std::path::PathBuf);

impl Respond for Authority {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        fs::write(self.0.join("asked.tsq"), &request.body).unwrap();
        let ask = [
            "ts",
            "-reply",
            "-config",
            "tsa.cnf",
            "-section",
            "a",
            "-queryfile",
            "asked.tsq",
            "-out",
            "told.tsr",
        ];
        let ran = openssl(&self.0, &ask);
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let answer = fs::read(self.0.join("told.tsr")).unwrap();
        ResponseTemplate::new(200).set_body_raw(answer, "application/timestamp-reply")
    }
}

#[test]
fn an_authority_stamps_what_is_exported_and_without_it_there_is_a_bundle_all_the_same() {
    let (place, alert) = with_alert();
    let authority = Place::empty();
    authority.write("tsa.cnf", AUTHORITY);
    authority.write("serial", "01");
    let make = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.pem",
        "-days",
        "2",
        "-subj",
        "/CN=Test authority",
        "-addext",
        "extendedKeyUsage=critical,timeStamping",
    ];
    assert!(openssl(&authority.path(""), &make).status.success());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        let stamps = Mock::given(path("/stamp")).respond_with(Authority(authority.path("")));
        stamps.mount(&server).await;
        server
    });
    let export = |file: &str, at: &str| {
        let mut command = command(&place.path(""));
        command
            .args(["evidence", "export", &alert, "-o", file, "--json"])
            .env(
                "SIGHTLINE__PROOF__TIMESTAMP_URL",
                format!("{}{at}", server.uri()),
            )
            .env("SIGHTLINE__EGRESS__ALLOW_NETWORKS", "[\"127.0.0.0/8\"]");
        let ended: Ended = command.output().unwrap().into();
        ended
    };
    export("stamped.zip", "/stamp").ok();
    let verified = place
        .run(["evidence", "verify", "stamped.zip", "--json"])
        .records()
        .remove(0);
    assert!(verified["stamped_at"].is_string(), "{verified}");
    // Where there is no authority, that is said, and stands in the bundle.
    let ended = export("unstamped.zip", "/gone");
    assert!(
        ended.err.contains("It has no time stamp: it answered 404"),
        "{}",
        ended.err
    );
    let verified = place
        .run(["evidence", "verify", "unstamped.zip", "--json"])
        .records()
        .remove(0);
    assert!(
        verified["stamped_at"].is_null() && verified.to_string().contains("404"),
        "{verified}"
    );
    // The authority's own signature is for OpenSSL to tell, by the line in docs/evidence.md.
    let Some(tools) = Tools::find() else { return };
    judge(
        &tools,
        "accepts",
        &[VERIFIER.as_ref(), &place.path("stamped.zip")],
    );
    let unpack = "import sys, zipfile\n\
                  bag = zipfile.ZipFile('stamped.zip')\n\
                  for name in bag.namelist():\n    \
                      if name.endswith(('timestamp.tsr', '/manifest-sha256.txt')):\n        \
                          open(name.split('/')[-1], 'wb').write(bag.read(name))";
    let mut python = Command::new(tools.python("python"));
    python.args(["-c", unpack]).current_dir(place.path(""));
    assert!(python.status().unwrap().success());
    fs::copy(authority.path("tsa.pem"), place.path("tsa.pem")).unwrap();
    let verify = [
        "ts",
        "-verify",
        "-in",
        "timestamp.tsr",
        "-data",
        "manifest-sha256.txt",
        "-CAfile",
        "tsa.pem",
    ];
    let ran = openssl(&place.path(""), &verify);
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    fs::write(place.path("manifest-sha256.txt"), "another\n").unwrap();
    assert!(!openssl(&place.path(""), &verify).status.success());
}
