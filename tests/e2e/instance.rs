//! An instance from outside: begun, checked, served, and stopped.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::program::{Place, command};

#[test]
fn what_init_writes_is_sound_and_never_overwritten() {
    let place = Place::empty();
    place.run(["init", "new"]).ok();
    place.run(["--config", "new/sightline.toml", "check"]).ok();
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
fn what_is_restored_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_instance();
    place.run(["runs"]).ok();
    place.run(["backup", "all.tar"]).ok();
    place.run(["restore", "all.tar", "again"]).ok();
    let data = place.path("again/data").metadata().unwrap();
    assert_eq!(data.permissions().mode() & 0o777, 0o700);
}
