//! An instance from outside: begun, checked, served, and stopped.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::net::UnixDatagram,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    program::{Place, command, lines},
    support::skipped,
};

#[test]
fn what_init_writes_is_sound_and_never_overwritten() {
    let place = Place::empty();
    place.run(["init", "new"]).ok();
    let checked = place.run(["--config", "new/sightline.toml", "check"]);
    assert_eq!(checked.status, 0);
    let wanted =
        "note: fetch.contact is empty: before `sightline source test` and `sightline crawl`";
    assert!(checked.err.contains(wanted), "{}", checked.err);
    assert_eq!(place.run(["init", "new"]).status, 1);
    assert!(place.path("new/data").is_dir() && place.path("new/sources").is_dir());
}

#[test]
fn a_wrong_configuration_is_told_of_before_anything_is_done() {
    let place = Place::with_instance();
    place.write(
        "sightline.toml",
        "[instance]\norganisaton = \"x\"\n[store]\nconnections = \"many\"\n",
    );
    for arguments in [
        &["runs"][..],
        &["crawl", "--all"],
        &["serve"],
        &["watchlist", "list"],
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, 2, "{arguments:?}");
        assert!(
            ended.err.contains("organisaton") && ended.err.contains("connections"),
            "{}",
            ended.err
        );
    }
    assert_eq!(place.run(["check"]).status, 2);
    assert!(!place.path("data/sightline.db").exists());
    let missing = place.run(["--config", "nowhere.toml", "runs"]);
    assert_eq!(missing.status, 2);
    assert!(missing.err.contains("sightline init"), "{}", missing.err);
}

#[test]
fn a_database_that_stays_behind_when_the_data_move_is_told_of() {
    let place = Place::with_instance();
    for (settings, is_told) in [
        ("[instance]\ndata = \"elsewhere\"\n", true),
        (
            "[instance]\ndata = \"elsewhere\"\n[store]\nurl = \"sqlite:elsewhere/sightline.db\"\n",
            false,
        ),
    ] {
        place.write("sightline.toml", settings);
        let checked = place.run(["check"]);
        let told = checked.err.contains("the database is not in it");
        assert_eq!(told, is_told, "{}", checked.err);
    }
}

#[test]
fn a_store_that_has_no_place_is_told_of_at_once() {
    let place = Place::with_instance();
    place.write("file", "");
    for (url, part) in [
        ("sqlite:missing/store.db", "make that folder"),
        ("sqlite:file/store.db", "make that folder"),
        ("sqlite:sources", "name a file in it"),
    ] {
        place.write("sightline.toml", &format!("[store]\nurl = \"{url}\"\n"));
        let ended = place.run(["runs"]);
        assert_eq!(ended.status, 1, "{url}");
        assert!(ended.err.contains(part), "{url}: {}", ended.err);
    }
}

#[test]
fn a_crawl_needs_a_source_that_is_there() {
    let place = Place::with_instance();
    for arguments in [
        &["crawl"][..],
        &["crawl", "nowhere"],
        &["crawl", "--all"],
        &["source", "test", "nowhere"],
    ] {
        assert_eq!(place.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn the_service_stops_when_it_is_told_to() {
    let place = Place::with_instance();
    for signal in ["-TERM", "-INT"] {
        let mut child = command(&place.path("."))
            .args(["serve"])
            .env("SIGHTLINE__LOG__FORMAT", "json")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let serving = log
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("\"serving\""));
        assert!(serving, "it never began");
        let told = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        let rest: Vec<String> = log.map_while(Result::ok).collect();
        assert!(child.wait().unwrap().success(), "{rest:?}");
        assert!(
            rest.iter().any(|line| line.contains("\"stopped\"")),
            "{rest:?}"
        );
    }
}

#[test]
fn a_supervisor_is_told_that_the_service_is_ready_lives_and_stops() {
    let place = Place::with_instance();
    let socket = place.path("supervisor");
    let supervisor = UnixDatagram::bind(&socket).unwrap();
    supervisor
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let told = || {
        let mut message = [0; 256];
        let length = supervisor.recv(&mut message).expect("a word in time");
        String::from_utf8_lossy(&message[..length])
            .trim()
            .to_owned()
    };
    let mut child = command(&place.path("."))
        .args(["serve"])
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "200000")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(told(), "READY=1");
    for _ in 0..3 {
        assert_eq!(told(), "WATCHDOG=1");
    }
    let id = child.id().to_string();
    let stop = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(stop.success());
    let last = std::iter::repeat_with(told).find(|word| word != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_unit_of_the_service_leaves_little_open() {
    let unit = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/sightline.service");
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=15", "--no-pager"])
        .arg(unit)
        .output();
    // A machine without systemd has no use for the unit.
    let Ok(judged) = judged else {
        return skipped("there is no systemd-analyze: Debian's systemd has it");
    };
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{said}");
}

#[test]
fn what_is_restored_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_instance();
    place.run(["runs"]).ok();
    place.run(["backup", "all.tar"]).ok();
    place.run(["restore", "all.tar", "again"]).ok();
    let data = place.path("again/data").metadata().unwrap();
    assert_eq!(data.permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_bundle_that_is_not_there_is_no_forgery() {
    let ended = Place::empty().run(["evidence", "verify", "nowhere.zip"]);
    assert_eq!(ended.status, 2, "{}", ended.err);
    assert!(!ended.err.contains("does not verify"), "{}", ended.err);
    // Nor is what is no file, and nobody waits for a pipe.
    let place = Place::empty();
    let pipe = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(pipe.unwrap().success());
    for name in ["pipe", "."] {
        let ended = place.run(["evidence", "verify", name]);
        assert!(
            ended.status == 2 && ended.err.contains("is no file; name the bundle"),
            "{name}: {}",
            ended.err
        );
    }
}

/// What the doctor finds of one check: its verdict, and its words.
fn doctor_finds(place: &Place, check: &str) -> Vec<(String, String)> {
    let findings = lines(&place.run(["doctor", "--json"]).out).into_iter();
    let findings = findings.filter(|one| one["check"] == check);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .map(|one| {
            let words = format!("{} {}", text(&one["finding"]), text(&one["remedy"]));
            (text(&one["verdict"]), words)
        })
        .collect()
}

#[test]
fn a_key_that_is_gone_or_no_key_is_told_of_with_what_helps() {
    let place = Place::after_the_demo();
    place.run(["audit", "checkpoint"]).ok();
    let key = place.path("data/signing.key");
    for left in [None, Some("no key")] {
        match left {
            None => fs::remove_file(&key).unwrap(),
            Some(text) => fs::write(&key, text).unwrap(),
        }
        let found = doctor_finds(&place, "signing key");
        assert!(
            found.len() == 1 && found[0].0 == "bad" && found[0].1.contains("--despite"),
            "{found:?}"
        );
    }
    fs::remove_file(&key).unwrap();
    place
        .run(["audit", "checkpoint", "--despite", "the disk died"])
        .ok();
    assert_eq!(doctor_finds(&place, "signing key")[0].0, "good");
}

#[test]
fn a_clock_that_is_behind_the_newest_deed_is_told_of() {
    let place = Place::after_the_demo();
    assert_eq!(doctor_finds(&place, "clock")[0].0, "good");
    crate::audit::meddle(
        &place,
        "UPDATE audit SET at = at + 259200000 WHERE seq = (SELECT max(seq) FROM audit)",
    );
    place.run(["listings"]).ok();
    let found = doctor_finds(&place, "clock");
    assert!(
        found[0].0 == "bad"
            && found[0]
                .1
                .contains("the newest deed in the audit log is of"),
        "{found:?}"
    );
}

#[test]
fn a_configuration_that_every_user_can_change_is_told_of() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_instance();
    let open = |name: &str, mode: u32| {
        fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    open(".", 0o755);
    let told = || {
        let found = doctor_finds(&place, "permissions").into_iter();
        found
            .filter(|(verdict, words)| verdict == "warning" && words.contains("can change"))
            .count()
    };
    assert_eq!(told(), 0);
    for (nth, (name, mode)) in [(".", 0o777), ("sightline.toml", 0o666), ("sources", 0o777)]
        .into_iter()
        .enumerate()
    {
        open(name, mode);
        assert_eq!(told(), nth + 1, "{name}");
    }
}
