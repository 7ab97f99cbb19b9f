//! What belongs together: a store has its data folder, its tables and its evidence, and what is missing or changed is told of.

use std::fs;

use crate::program::{Place, lines};

/// Machines that share a store share its data folder: one that has another would keep evidence where nobody finds it.
#[test]
fn another_data_folder_than_the_stores_is_refused() {
    let place = Place::after_the_demo();
    let other = "[instance]\norganisation = \"Demonstration\"\ndata = \"other\"\n[store]\nurl = \"sqlite:data/sightline.db\"\n";
    place.write("other.toml", other);
    let run = |arguments: &[&str]| {
        let config = ["--config", "other.toml"];
        place.run(config.iter().chain(arguments))
    };
    for arguments in [
        &["runs"][..],
        &["crawl", "--all"],
        &["serve"],
        &["backup", "all.tar"],
    ] {
        let refused = run(arguments);
        assert_eq!(refused.status, 1, "{arguments:?}: {}", refused.err);
        assert!(
            refused.err.contains("is not the data folder"),
            "{}",
            refused.err
        );
    }
    let told = run(&["doctor", "--json"]);
    assert_eq!(told.status, 1);
    assert_eq!(lines(&told.out)[0]["check"], "data folder");
    assert!(!place.path("other/signing.key").exists() && !place.path("all.tar").exists());

    // A folder that is moved takes along what it is known by.
    let moved = |from: &str, to: &str| fs::copy(place.path(from), place.path(to)).unwrap();
    moved("data/folder-id", "other/folder-id");
    run(&["runs"]).ok();
    // Two that were never one stay two.
    fs::write(place.path("other/folder-id"), "00ff\n").unwrap();
    let refused = run(&["runs"]);
    assert!(
        refused.err.contains("this one has '00ff'"),
        "{}",
        refused.err
    );
    place.run(["runs"]).ok();
}

/// A store that is gone or was emptied is not taken for one that never was: an empty one would hide that.
#[test]
fn a_store_that_is_gone_is_told_of_and_no_other_is_made() {
    let place = Place::after_the_demo();
    place.run(["backup", "all.tar"]).ok();
    let database = place.path("data/sightline.db");
    let told_of = || {
        for arguments in [&["doctor"][..], &["serve"], &["runs"]] {
            let told = place.run(arguments);
            assert_eq!(told.status, 1, "{arguments:?}");
            let said = (told.out + &told.err).replace('\n', " ");
            assert!(
                said.contains("evidence") && said.contains("restore"),
                "{said}"
            );
        }
    };
    for file in ["sightline.db", "sightline.db-wal", "sightline.db-shm"] {
        let _ = fs::remove_file(place.path(&format!("data/{file}")));
    }
    told_of();
    assert!(!database.exists());
    fs::write(&database, "").unwrap();
    told_of();
    assert_eq!(fs::metadata(&database).unwrap().len(), 0);
    // The folder's identifier tells as much where there is no evidence yet.
    fs::remove_dir_all(place.path("data/archive")).unwrap();
    told_of();
}

/// Whoever looks after an instance that is gone is not told that nothing is wrong with the one that was made by looking.
#[test]
fn the_doctor_makes_no_store() {
    let place = Place::with_instance();
    let new = place.run(["doctor"]).ok();
    assert!(new.contains("there is none yet"), "{new}");
    fs::remove_dir_all(place.path("data")).unwrap();
    let gone = place.run(["doctor"]);
    assert_eq!(gone.status, 1);
    assert!(gone.out.contains("restore"), "{}", gone.out);
    assert!(!place.path("data").exists());
    // Nobody can tell, but for the folder that was there.
    let made = place.run(["runs"]);
    assert_eq!(made.status, 0);
    assert!(
        made.err.contains("is not there: a new one is made"),
        "{}",
        made.err
    );
    fs::remove_dir_all(place.path("data")).unwrap();
    // Where checkpoints are kept elsewhere, no command makes one.
    place.write(
        "elsewhere.toml",
        "[proof]\ncheckpoints = \"kept/checkpoints.txt\"\n",
    );
    fs::create_dir(place.path("kept")).unwrap();
    place.write("kept/checkpoints.txt", "1\n");
    let refused = place.run(["--config", "elsewhere.toml", "runs"]);
    assert!(
        refused.status == 1 && refused.err.contains("checkpoints.txt is left of a store"),
        "{}",
        refused.err
    );
    assert!(!place.path("data/sightline.db").exists());
}

/// A table that somebody dropped is missed before somebody needs it.
#[test]
fn a_store_without_all_of_its_tables_is_told_of() {
    let place = Place::after_the_demo();
    place.meddle("DROP TABLE sighting_before; DROP INDEX sighting_capture");
    let told = place.run(["doctor", "--json"]);
    assert_eq!(told.status, 1);
    // Its index went with the table.
    assert!(told.out.contains("is missing, and 2 more"), "{}", told.out);
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
