//! Backups of an instance whose evidence is not whole, places that are not empty, and files that are no backup.

use std::fs;

use crate::program::Place;

#[test]
fn nothing_of_another_instance_is_taken_for_what_is_restored() {
    let place = Place::after_the_demo();
    place.run(["backup", "all.tar"]).ok();
    for (nth, (file, bytes, words)) in [
        ("sightline.db-wal", &b"stale"[..], "of another store"),
        ("sightline.db-journal", b"stale", "of another store"),
        ("other.db", b"x", "may be of another instance"),
        ("archive/other.warc.gz", b"x", "may be of another instance"),
        ("signing.key", b"x", "is not an Ed25519 key"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("again{nth}");
        let file = place.path(&format!("{folder}/data/{file}"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, bytes).unwrap();
        let refused = place.run(["restore", "all.tar", &folder]);
        assert_eq!(refused.status, 1, "{}", refused.err);
        assert!(refused.err.contains(words), "{}", refused.err);
        assert!(!place.path(&format!("{folder}/sightline.toml")).exists());
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }
    // The key of another instance is as wrong as another store.
    let other = Place::with_instance();
    other.run(["backup", "all.tar"]).ok();
    fs::create_dir_all(place.path("theirs/data/archive")).unwrap();
    let key = place.path("theirs/data/signing.key");
    fs::copy(other.path("data/signing.key"), &key).unwrap();
    let refused = place.run(["restore", "all.tar", "theirs"]);
    assert!(
        refused.status == 1
            && refused
                .err
                .contains("is another key than the one that signed"),
        "{}",
        refused.err
    );
    fs::remove_file(&key).unwrap();
    place.run(["restore", "all.tar", "theirs"]).ok();
}

#[test]
fn evidence_that_is_missing_or_damaged_is_told_of_as_a_backup_is_made() {
    let place = Place::after_the_demo();
    let archive = fs::read_dir(place.path("data/archive")).unwrap();
    let files = archive.map(|file| file.unwrap().path());
    let files: Vec<_> = files
        .filter(|file| file.to_string_lossy().contains(".warc.gz"))
        .collect();
    let sound = fs::read(&files[0]).unwrap();
    let mut damaged = sound.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for (nth, left) in [None, Some(damaged)].into_iter().enumerate() {
        match left {
            None => fs::remove_file(&files[0]).unwrap(),
            Some(bytes) => fs::write(&files[0], bytes).unwrap(),
        }
        let name = format!("{nth}.tar");
        let ended = place.run(["backup", &name]);
        assert_eq!(ended.status, 1, "{}", ended.err);
        assert!(
            ended.err.contains("capture") && ended.err.contains("no better in this backup"),
            "{}",
            ended.err
        );
        let checked = place.run(["restore", "--check", &name]);
        assert!(
            checked.status == 0 && checked.err.contains("missing or damaged"),
            "{}",
            checked.err
        );
    }
    fs::write(&files[0], sound).unwrap();
    place.run(["backup", "sound.tar"]).ok();
}

#[test]
fn what_is_no_backup_or_no_place_for_one_is_told_of_in_words() {
    let place = Place::with_instance();
    place.run(["backup", "all.tar"]).ok();
    place.write("file", "x");
    place.write("case.zip", &format!("PK\u{3}\u{4}{}", "zip".repeat(500)));
    place.write("armoured.age", "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n");
    place.write("sealed.age", "age-encryption.org/v1\n-> X25519 x\n");
    for (arguments, status, words) in [
        (
            &["backup", "nowhere/x.tar"][..],
            1,
            "has no folder to lie in; make it",
        ),
        (&["backup", "all.tar"], 1, "is there already"),
        (
            &["backup", "data/archive/x.tar"],
            2,
            "lies among the evidence",
        ),
        (&["restore", "all.tar", "file"], 2, "is no folder; name one"),
        (
            &["restore", "--check", "case.zip"],
            1,
            "it is no backup, or damaged",
        ),
        (&["restore", "--check", "armoured.age"], 1, "age --decrypt"),
        (
            &[
                "restore",
                "--check",
                "--identity",
                "sealed.age",
                "armoured.age",
            ],
            1,
            "armoured as text",
        ),
        (
            &[
                "restore",
                "--check",
                "--identity",
                "sealed.age",
                "sealed.age",
            ],
            1,
            "is no file of keys",
        ),
        (
            &["restore", "--check", "nowhere.tar"],
            1,
            "look whether it is where",
        ),
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, status, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
    }
}
