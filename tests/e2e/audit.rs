//! The audit log from outside: what people did and read stands in it, it is signed outside the database, and whoever changes
//! it is found.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use tokio::runtime::Runtime;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::program::{Place, command};

/// Changes the store of an instance, as whoever has its file could.
pub fn meddle(place: &Place, statements: &str) {
    let guards =
        "DROP TRIGGER IF EXISTS audit_is_not_changed; DROP TRIGGER IF EXISTS audit_is_not_cut;";
    place.meddle(&format!("{guards}{statements}"));
}

pub fn copy(place: &Place, from: &str, to: &str) {
    for ending in ["", "-wal", "-shm"] {
        let (from, to) = (format!("{from}{ending}"), format!("{to}{ending}"));
        let _gone = fs::remove_file(place.path(&to));
        if Path::new(&place.path(&from)).exists() {
            fs::copy(place.path(&from), place.path(&to)).unwrap();
        }
    }
}

#[test]
fn what_is_read_and_done_is_logged_signed_and_cannot_be_changed_unseen() {
    let place = Place::after_the_demo();
    let alert = place.run(["alerts", "--json"]).records()[0]["id"].clone();
    let alert = alert.as_str().unwrap();
    place.run(["alert", "show", alert]).ok();
    place.run(["listings"]).ok();
    let signed = place
        .run(["audit", "checkpoint", "--json"])
        .records()
        .remove(0);
    assert_eq!(signed["signed"], true);
    let note = fs::read_to_string(place.path("data/audit-checkpoints.txt")).unwrap();
    assert!(note.contains(signed["note"].as_str().unwrap()), "{note}");
    let nothing = place
        .run(["audit", "checkpoint", "--json"])
        .records()
        .remove(0);
    assert_eq!(nothing["signed"], false);

    let log = place.run(["audit", "list", "--json"]).records();
    for what in ["alerts.read", "alert.read", "listings.read", "key.make"] {
        assert!(
            log.iter().any(|deed| deed["what"] == what),
            "{what}: {log:?}"
        );
    }
    let shown = place
        .run(["audit", "show", &log[0]["id"].to_string(), "--json"])
        .records()
        .remove(0);
    assert_eq!(shown["place"], log.len() - 1);
    let said = place.run(["audit", "verify"]).ok();
    assert!(
        said.contains("one unbroken chain") && said.contains("2 checkpoints say"),
        "{said}"
    );

    copy(&place, "data/sightline.db", "sound.db");
    for (change, words) in [
        (
            "UPDATE audit SET who = 'nobody' WHERE seq = 1",
            "at place 1, is not what was written",
        ),
        (
            "DELETE FROM audit WHERE seq = 1",
            "the deed at place 1 is missing",
        ),
        // The tail is cut, by hands that know how the head is written: nothing but the checkpoint tells.
        (
            "DELETE FROM audit; UPDATE audit_head SET size = 0, tree = '',
             hash = '0000000000000000000000000000000000000000000000000000000000000000'",
            "the tail was cut",
        ),
    ] {
        meddle(&place, change);
        let ended = place.run(["audit", "verify"]);
        assert!(
            ended.status == 1 && ended.out.contains(words),
            "{change}: {}",
            ended.out
        );
        let doctor = place.run(["doctor"]);
        assert!(
            doctor.status == 1 && doctor.out.contains("audit log"),
            "{}",
            doctor.out
        );
        copy(&place, "sound.db", "data/sightline.db");
    }
    // A log that is cut and its checkpoints taken away: the instance has a key of which the log must tell, and does not.
    let kept = place.path("kept.txt");
    fs::rename(place.path("data/audit-checkpoints.txt"), &kept).unwrap();
    meddle(
        &place,
        "DELETE FROM audit; UPDATE audit_head SET size = 0, tree = '',
         hash = '0000000000000000000000000000000000000000000000000000000000000000'",
    );
    for arguments in [&["audit", "verify"][..], &["audit", "checkpoint"]] {
        let ended = place.run(arguments);
        let said = format!("{}{}", ended.out, ended.err);
        assert!(
            ended.status == 1 && said.contains("the instance's key"),
            "{said}"
        );
    }
    let ended = place.run(["audit", "verify", "--checkpoints", "kept.txt"]);
    assert!(
        ended.status == 1 && ended.out.contains("the tail was cut"),
        "{}",
        ended.out
    );
    // A checkpoint that nobody known has signed is not believed.
    let size = note.lines().nth(1).unwrap();
    let forged = note.replacen(&format!("\n{size}\n"), &format!("\n1{size}\n"), 1);
    assert_ne!(forged, note);
    fs::write(&kept, forged).unwrap();
    let ended = place.run(["audit", "verify", "--checkpoints", "kept.txt"]);
    assert!(
        ended.status == 1 && ended.out.contains("checkpoint 1"),
        "{}",
        ended.out
    );
}

#[test]
fn a_service_signs_as_it_starts_and_stops_and_a_witness_gets_what_was_signed() {
    let place = Place::after_the_demo();
    let runtime = Runtime::new().unwrap();
    let witness = runtime.block_on(async {
        let witness = MockServer::start().await;
        let takes = Mock::given(method("POST")).respond_with(ResponseTemplate::new(200));
        takes.mount(&witness).await;
        witness
    });
    let mut service = command(&place.path(""))
        .args(["serve", "--json"])
        .env("SIGHTLINE__PROOF__CHECKPOINT_URL", witness.uri())
        .env("SIGHTLINE__EGRESS__ALLOW_NETWORKS", "[\"127.0.0.0/8\"]")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It says where its console is once it serves.
    let mut line = String::new();
    let mut out = BufReader::new(service.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(line.contains("console"), "{line}");
    place.run(["listings"]).ok();
    let ended = Command::new("kill").arg(service.id().to_string()).status();
    assert!(ended.unwrap().success());
    assert!(service.wait().unwrap().success());
    let kept = fs::read_to_string(place.path("data/audit-checkpoints.txt")).unwrap();
    let sent = runtime.block_on(witness.received_requests()).unwrap();
    assert!(!sent.is_empty());
    for sent in sent {
        let note = String::from_utf8(sent.body).unwrap();
        assert!(
            note.starts_with("sightline/audit/") && kept.contains(&note),
            "{note}"
        );
    }
    // What was read last is signed, too; the reading of the log is none of it.
    let signed = place.run(["audit", "verify", "--json"]).records().remove(0);
    assert_eq!(signed["vouched"], signed["deeds"], "{signed}");
}

#[test]
fn a_checkpoint_that_a_witness_refused_is_sent_again_though_nothing_was_done_since() {
    let place = Place::after_the_demo();
    let runtime = Runtime::new().unwrap();
    let witness = runtime.block_on(async {
        let witness = MockServer::start().await;
        let refuses = Mock::given(method("POST")).respond_with(ResponseTemplate::new(503));
        refuses.up_to_n_times(2).mount(&witness).await;
        let takes = Mock::given(method("POST")).respond_with(ResponseTemplate::new(200));
        takes.mount(&witness).await;
        witness
    });
    let sign = || {
        let signed = command(&place.path(""))
            .args(["audit", "checkpoint"])
            .env("SIGHTLINE__PROOF__CHECKPOINT_URL", witness.uri())
            .env("SIGHTLINE__EGRESS__ALLOW_NETWORKS", "[\"127.0.0.0/8\"]")
            .output()
            .unwrap();
        let said = [signed.stdout, signed.stderr].concat();
        (
            signed.status.code(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    for (status, words) in [
        (1, "has not got it"),
        (1, "has not got it"),
        (0, "sent it once more"),
        (0, "Nothing was done"),
    ] {
        let (ended, said) = sign();
        assert!(ended == Some(status) && said.contains(words), "{said}");
    }
    // After a restore it may have had more than there is, and gets what there is.
    let known = place.path("data/audit-checkpoints.txt.sent");
    let before = fs::read_to_string(&known).unwrap();
    fs::write(&known, format!("9{before}")).unwrap();
    let (ended, said) = sign();
    let is_sent = ended == Some(0) && said.contains("sent it once more");
    assert!(is_sent, "{said}");
    assert_eq!(fs::read_to_string(&known).unwrap(), before);
    // Where that can't be kept, it is said; what is signed is signed.
    fs::remove_file(&known).unwrap();
    fs::create_dir(&known).unwrap();
    let (ended, said) = sign();
    let is_told = ended == Some(1) && said.contains("can't be written down");
    assert!(is_told && said.contains("signed, in"), "{said}");
    let sent = runtime.block_on(witness.received_requests()).unwrap();
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|one| one.body == sent[0].body));
}

#[test]
fn a_log_that_was_changed_is_not_signed_until_somebody_says_why() {
    let place = Place::after_the_demo();
    place.run(["audit", "checkpoint"]).ok();
    place.run(["listings"]).ok();
    let change = |seq: u32| {
        meddle(
            &place,
            &format!("UPDATE audit SET who = 'nobody' WHERE seq = {seq}"),
        );
    };
    let refused = |seq: u32| {
        let ended = place.run(["audit", "checkpoint"]);
        let words = format!("at place {seq}, is not what was written");
        assert_eq!(ended.status, 1);
        assert!(
            ended.err.contains(&words) && ended.err.contains("--despite"),
            "{}",
            ended.err
        );
    };
    change(4);
    refused(4);
    let why = ["audit", "checkpoint", "--despite", "known to the police"];
    place.run(why).ok();
    let deed = place.run([
        "audit",
        "list",
        "--what",
        "audit.checkpoint_despite",
        "--json",
    ]);
    let detail = deed.records()[0]["detail"].to_string();
    assert!(
        detail.contains("known to the police") && detail.contains("at place 4"),
        "{detail}"
    );
    // This fault is known from then on, and told all the same; another is not.
    place.run(["listings"]).ok();
    place.run(["audit", "checkpoint"]).ok();
    let ended = place.run(["audit", "verify"]);
    assert!(
        ended.status == 1 && ended.out.contains("at place 4"),
        "{}",
        ended.out
    );
    place.run(["listings"]).ok();
    change(3);
    refused(3);
}
