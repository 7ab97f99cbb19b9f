//! Backup, restore and doctor: what was kept comes back, and what is damaged is found.

use std::{fs, path::Path};

use crate::program::Place;

#[test]
fn a_backup_is_verified_and_restored_into_an_empty_place() {
    let place = Place::after_the_demo();
    place.run(["backup", "all.tar"]).ok();
    place.run(["restore", "all.tar", "--check"]).ok();
    assert_eq!(
        place.run(["backup", "all.tar"]).status,
        1,
        "a backup never overwrites"
    );

    let listings = |place: &Place, folder: &str| {
        place
            .run([
                "--config",
                &format!("{folder}/sightline.toml"),
                "listings",
                "--json",
            ])
            .ok()
    };
    place.run(["restore", "all.tar", "again"]).ok();
    assert_eq!(listings(&place, "again"), listings(&place, "."));
    let findings = place.run([
        "--config",
        "again/sightline.toml",
        "doctor",
        "--all",
        "--json",
    ]);
    // The webhook's secret is not in a backup, and the doctor says that it is missing; all else is well.
    assert_eq!(findings.status, 1);
    let bad: Vec<_> = crate::program::lines(&findings.out)
        .into_iter()
        .filter(|finding| finding["verdict"] == "bad")
        .map(|finding| finding["check"].clone())
        .collect();
    assert_eq!(bad, ["channels"]);
    fs::copy(
        place.path("webhook.secret"),
        place.path("again/webhook.secret"),
    )
    .unwrap();
    place
        .run(["--config", "again/sightline.toml", "doctor", "--all"])
        .ok();

    let refused = place.run(["restore", "all.tar", "again"]);
    assert_eq!(refused.status, 1);
    assert!(
        refused.err.contains("nothing is overwritten"),
        "{}",
        refused.err
    );
    assert!(
        !leftovers(&place.path("again")),
        "a refused restore leaves nothing behind"
    );
}

#[test]
fn a_damaged_backup_restores_nothing() {
    let place = Place::after_the_demo();
    place.run(["backup", "all.tar"]).ok();
    let sound = fs::read(place.path("all.tar")).unwrap();
    for at in [600, sound.len() / 3, sound.len() / 2] {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x20;
        fs::write(place.path("bad.tar"), bytes).unwrap();
        let ended = place.run(["restore", "bad.tar", "again"]);
        assert_eq!(ended.status, 1, "{at}: {}", ended.out);
        assert!(
            !place.path("again/sightline.toml").exists() && !leftovers(&place.path("again")),
            "{at}"
        );
    }
    fs::write(place.path("bad.tar"), &sound[..sound.len() / 2]).unwrap();
    assert_eq!(place.run(["restore", "bad.tar", "--check"]).status, 1);
}

#[test]
fn the_doctor_finds_evidence_that_is_not_what_was_kept() {
    let place = Place::after_the_demo();
    place.run(["doctor"]).ok();
    let archive = place.path("data/archive");
    let file = fs::read_dir(&archive)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let ended = place.run(["doctor", "--all"]);
    assert_eq!(ended.status, 1);
    assert!(ended.out.contains("not what was kept"), "{}", ended.out);
    fs::remove_file(&file).unwrap();
    let ended = place.run(["doctor", "--all"]);
    assert!(
        ended.status == 1 && ended.out.contains("backup"),
        "{}",
        ended.out
    );
}

fn leftovers(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| {
                entry
                    .file_name()
                    .to_string_lossy()
                    .starts_with(".sightline")
            })
        })
    })
}
