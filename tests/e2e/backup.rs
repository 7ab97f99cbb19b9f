//! Backup, restore and doctor: what was kept comes back, and what is damaged is found.

use std::{fs, io::Read, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    program::{Place, lines},
    support::Tools,
};

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
    let restored = place.run(["restore", "all.tar", "again"]);
    let said = restored.err.replace('\n', " ");
    assert!(said.contains("`signing.key` of then is not here"), "{said}");
    let key = "data/signing.key";
    fs::copy(place.path(key), place.path(&format!("again/{key}"))).unwrap();
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
    let bad: Vec<_> = lines(&findings.out)
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
fn a_backup_is_the_instances_own_and_has_nothing_that_can_not_be_restored() {
    let place = Place::after_the_demo();
    let made = place.run(["backup", "all.tar", "--json"]).ok();
    let key = lines(&made)[0]["signed_by"].as_str().unwrap().to_owned();
    let other = "0".repeat(64);
    place
        .run(["restore", "all.tar", "--check", "--key", &key])
        .ok();
    for check in [
        &["restore", "all.tar", "--check", "--key", &other][..],
        &["restore", "all.tar", "again", "--key", &other],
    ] {
        let refused = place.run(check);
        assert_eq!(refused.status, 1);
        assert!(
            refused
                .err
                .contains("it was not the instance with that key"),
            "{}",
            refused.err
        );
    }
    assert!(!place.path("again/sightline.toml").exists() && !leftovers(&place.path("again")));
    place
        .run(["restore", "all.tar", "again", "--key", &key])
        .ok();

    // Whether it is only looked at or not: what has no place is refused.
    fs::write(
        place.path("odd.tar"),
        with_a_stray_member(&place.path("all.tar")),
    )
    .unwrap();
    for arguments in [
        &["restore", "odd.tar", "--check"][..],
        &["restore", "odd.tar", "odd"],
    ] {
        let refused = place.run(arguments);
        assert_eq!(refused.status, 1, "{arguments:?}");
        assert!(
            refused.err.contains("'stray' in the backup has no place"),
            "{}",
            refused.err
        );
    }
}

/// The same backup in the form that was not signed, with one member more, which its manifest names.
fn with_a_stray_member(backup: &Path) -> Vec<u8> {
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut archive = tar::Builder::new(Vec::new());
    let mut append = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes).unwrap();
    };
    append("stray", b"");
    let mut sound = tar::Archive::new(fs::File::open(backup).unwrap());
    for entry in sound.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        match name.as_str() {
            "manifest.json" => {
                let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
                manifest["form"] = 1.into();
                let stray = json!({"name": "stray", "length": 0, "sha256": EMPTY});
                manifest["files"].as_array_mut().unwrap().push(stray);
                append(&name, &serde_json::to_vec(&manifest).unwrap());
            }
            "manifest.json.sig" => {}
            _ => append(&name, &bytes),
        }
    }
    archive.into_inner().unwrap()
}

/// The file of checkpoints is in no backup: who restores is told what to do about it, where there is something.
#[test]
fn what_was_signed_before_is_said_after_a_restore() {
    const WORDS: &str = "audit checkpoint --despite 'restored from the backup of 2";
    let place = Place::after_the_demo();
    place.run(["backup", "unsigned.tar"]).ok();
    let key = "data/signing.key";
    fs::create_dir_all(place.path("unsigned/data")).unwrap();
    fs::copy(place.path(key), place.path(&format!("unsigned/{key}"))).unwrap();
    let restored = place.run(["restore", "unsigned.tar", "unsigned"]);
    assert!(
        restored.status == 0 && !restored.err.contains("--despite"),
        "{}",
        restored.err
    );

    place.run(["audit", "checkpoint"]).ok();
    // The log says that it was signed in the deed before the next time.
    place.run(["backup", "once.tar"]).ok();
    place.run(["audit", "checkpoint"]).ok();
    place.run(["backup", "all.tar"]).ok();
    let restored = place.run(["restore", "all.tar", "again"]);
    assert_eq!(restored.status, 0, "{}", restored.err);
    let said = restored.err.replace('\n', " ");
    assert!(
        said.contains(WORDS) && said.contains("has nothing of that"),
        "{said}"
    );
    let again = |arguments: &[&str]| {
        let config = ["--config", "again/sightline.toml"];
        place.run(config.iter().chain(arguments))
    };
    for arguments in [&["audit", "verify"][..], &["doctor"]] {
        let ended = again(arguments);
        // The doctor's table breaks lines.
        assert!(
            ended.status == 1 && ended.out.contains("--despite") && ended.out.contains("restored"),
            "{}",
            ended.out
        );
    }
    // What was said is so, and what was advised helps.
    assert_eq!(again(&["audit", "checkpoint"]).status, 1);
    let why = ["--despite", "restored from the backup of 2026-11-23"];
    again(&[&["audit", "checkpoint"][..], &why].concat()).ok();
    again(&["audit", "verify"]).ok();

    // A file elsewhere that outlived the store knows of more, where the key was kept, too.
    let settings = fs::read_to_string(place.path("sightline.toml")).unwrap();
    let file = place.path("data/audit-checkpoints.txt");
    let settings = settings + &format!("\n[proof]\ncheckpoints = {:?}\n", file);
    place.write("sightline.toml", &settings);
    place.run(["backup", "older.tar"]).ok();
    place.run(["audit", "checkpoint"]).ok();
    fs::create_dir_all(place.path("older/data")).unwrap();
    fs::copy(place.path(key), place.path(&format!("older/{key}"))).unwrap();
    let restored = place.run(["restore", "older.tar", "older"]);
    let said = restored.err.replace('\n', " ");
    assert!(
        said.contains(WORDS) && said.contains("put it aside first"),
        "{said}"
    );
}

/// What the configuration names besides is in the backup, and what is restored starts.
#[test]
fn templates_and_warning_lists_come_back() {
    let place = Place::after_the_demo();
    fs::create_dir(place.path("templates")).unwrap();
    fs::create_dir(place.path("lists")).unwrap();
    place.write("templates/subject.txt", "Sightline: {{ type }}");
    let list = json!({"name": "Own", "version": 1, "description": "Own", "type": "string", "list": ["+12025550199"]});
    place.write("lists/own.json", &list.to_string());
    fs::create_dir(place.path("lists/cidr")).unwrap();
    place.write(
        "lists/cidr/list.json",
        &list.to_string().replace("Own", "Other"),
    );
    place.write("templates/password.txt", "sesame");
    let settings = fs::read_to_string(place.path("sightline.toml")).unwrap();
    let named = "[instance]\ntemplates = \"templates\"\nwarning_lists = \"lists\"\n";
    place.write(
        "sightline.toml",
        &settings.replacen("[instance]\n", named, 1),
    );
    place.run(["check"]).ok();
    place.run(["backup", "all.tar"]).ok();
    place.run(["restore", "all.tar", "again"]).ok();
    assert!(!place.path("again/templates/password.txt").exists());
    for file in [
        "templates/subject.txt",
        "lists/own.json",
        "lists/cidr/list.json",
    ] {
        let both =
            [".", "again"].map(|folder| fs::read(place.path(&format!("{folder}/{file}"))).unwrap());
        assert_eq!(both[0], both[1], "{file}");
    }
    place
        .run(["--config", "again/sightline.toml", "check"])
        .ok();
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

/// What was asked is a part of what was kept, and stands in the bundle that a court gets.
#[test]
fn a_request_that_is_damaged_is_named_and_leaves_no_bundle_without_it() {
    let place = Place::after_the_demo();
    let at_issue = place.run(["alerts", "--json"]).records().remove(0);
    let alert = at_issue["id"].as_str().unwrap();
    let sightings = place.run(["sightings", "--json"]).records();
    let sighting = sightings
        .iter()
        .find(|sighting| sighting["entry"] == at_issue["entries"][0])
        .unwrap();
    let capture = sighting["explanation"]["capture"].to_string();
    let shown = place.run(["evidence", "show", &capture, "--json"]);
    let evidence = shown.records()[0]["evidence"].clone();
    let file = format!("data/archive/{}", evidence["file"].as_str().unwrap());
    let mut bytes = fs::read(place.path(&file)).unwrap();
    let end = evidence["offset"].as_u64().unwrap() as usize;
    bytes[end - 20..end - 16]
        .iter_mut()
        .for_each(|byte| *byte ^= 0xff);
    fs::write(place.path(&file), bytes).unwrap();
    for (arguments, names) in [
        (&["doctor", "--all"][..], true),
        (&["backup", "all.tar"], true),
        (&["evidence", "export", alert, "-o", "case.zip"], false),
        (&["evidence", "show", &capture], false),
    ] {
        let ended = place.run(arguments);
        let said = format!("{} {}", ended.out, ended.err);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ended.status, 1, "{arguments:?}: {said}");
        assert!(
            said.contains("the request urn:uuid:"),
            "{arguments:?}: {said}"
        );
        let capture = format!("capture {capture}:");
        assert!(!names || said.contains(&capture), "{arguments:?}: {said}");
    }
    assert!(!place.path("case.zip").exists());
}

/// The tool that most people have opens what is sealed, and what it seals is restored.
#[test]
fn what_is_sealed_is_opened_by_age_and_the_other_way_round() {
    if Tools::find().is_none() {
        return;
    }
    let place = Place::after_the_demo();
    let tool = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let ended = command.args(arguments).current_dir(place.path("."));
        let output = ended
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    tool("age-keygen", &["-o", "key.txt"]);
    tool("age-keygen", &["-o", "other.txt"]);
    let key = tool("age-keygen", &["-y", "key.txt"]);
    place.write("recipients.txt", &tool("age-keygen", &["-y", "other.txt"]));

    let plain = place.run(["backup", "plain.tar"]);
    assert!(plain.ok().contains("It is not encrypted"));
    let made = place.run([
        "backup",
        "all.tar.age",
        "--recipient",
        key.trim(),
        "--recipients-file",
        "recipients.txt",
    ]);
    assert!(made.ok().contains("sealed for 2 keys"));
    for key in ["key.txt", "other.txt"] {
        place
            .run(["restore", "--check", "--identity", key, "all.tar.age"])
            .ok();
    }
    tool(
        "age",
        &["-d", "-i", "other.txt", "-o", "opened.tar", "all.tar.age"],
    );
    place.run(["restore", "opened.tar", "opened"]).ok();

    tool(
        "age",
        &["-r", key.trim(), "-o", "theirs.tar.age", "plain.tar"],
    );
    let wrong = place.run([
        "restore",
        "--identity",
        "other.txt",
        "theirs.tar.age",
        "again",
    ]);
    assert_eq!(wrong.status, 1);
    assert!(
        wrong.err.contains("no key in other.txt opens it"),
        "{}",
        wrong.err
    );
    // Half of it is sound, and comes out before the end is missed.
    let sound = fs::read(place.path("theirs.tar.age")).unwrap();
    fs::write(place.path("cut.tar.age"), &sound[..sound.len() - 100]).unwrap();
    let cut = place.run(["restore", "--identity", "key.txt", "cut.tar.age", "again"]);
    assert_eq!(cut.status, 1);
    assert!(cut.err.contains("this one can't be trusted"), "{}", cut.err);
    assert!(!place.path("again/sightline.toml").exists() && !leftovers(&place.path("again")));
    place
        .run([
            "restore",
            "--identity",
            "key.txt",
            "theirs.tar.age",
            "again",
        ])
        .ok();
    let listings = |folder: &str| {
        let config = format!("{folder}/sightline.toml");
        place.run(["--config", &config, "listings", "--json"]).ok()
    };
    assert_eq!(listings("again"), listings("."));
    assert_eq!(listings("opened"), listings("."));
}

/// The kernel itself says what was written where: beside the sealed file, nothing that is not.
#[test]
fn nothing_of_a_sealed_backup_is_written_without_its_seal() {
    if Tools::find().is_none() {
        return;
    }
    let place = Place::after_the_demo();
    fs::create_dir(place.path("elsewhere")).unwrap();
    let key = age::x25519::Identity::generate().to_public().to_string();
    let ended = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=openat,open,creat,rename,link",
            "-o",
            "calls",
        ])
        .arg(env!("CARGO_BIN_EXE_sightline"))
        .args(["backup", "elsewhere/all.tar.age", "--recipient", &key])
        .current_dir(place.path("."))
        .output()
        .unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let calls = fs::read_to_string(place.path("calls")).unwrap();
    let made: Vec<&str> = calls
        .lines()
        .filter(|line| line.contains("O_CREAT") && !line.contains("= -1"))
        .filter_map(|line| line.split('"').nth(1))
        .filter(|file| {
            !file.ends_with("-wal") && !file.ends_with("-shm") && !file.ends_with(".lock")
        })
        .filter(|file| !file.ends_with("sightline.db") && !file.contains("/signing.key"))
        .collect();
    assert_eq!(made, ["elsewhere/all.tar.age.partial"]);
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

/// What was unpacked lies there open, so the next restore takes it out, but not that of one that is under way.
#[test]
fn what_a_restore_that_was_killed_left_is_removed_by_the_next() {
    let place = Place::with_instance();
    place.run(["runs"]).ok();
    place.run(["backup", "all.tar"]).ok();
    let [dead, alive] = ["dead", "alive"].map(|name| {
        let folder = place.path(&format!("again/.sightline-restore-{name}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("store.db"), "Rose").unwrap();
        folder
    });
    let under_way = fs::File::open(&alive).unwrap();
    under_way.lock().unwrap();
    let restored = place.run(["restore", "all.tar", "again"]);
    assert_eq!(restored.status, 0, "{}", restored.err);
    assert!(
        restored.err.contains("sightline-restore-dead"),
        "{}",
        restored.err
    );
    assert!(!dead.exists() && alive.exists());
    let again = place.run(["restore", "all.tar", "again"]);
    assert!(again.err.contains("broken off"), "{}", again.err);
}
