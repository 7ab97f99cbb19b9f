//! Lists go out and come in, judged by the formats' own libraries: stix2-validator, pymisp, openpyxl.

use std::{collections::BTreeSet, process::Command};

use serde_json::{Value, json};

use crate::{
    program::{Place, lines},
    support::Tools,
};

/// Runs a judge in a place, and returns what it said.
#[track_caller]
fn judge(tools: &Tools, place: &Place, arguments: &[&str]) -> Vec<Value> {
    let mut judge = Command::new(tools.python("python"));
    judge
        .arg(tools.support("judges/formats.py"))
        .args(arguments)
        .current_dir(place.path(""));
    let judged = judge.output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&judged.stdout),
        String::from_utf8_lossy(&judged.stderr),
    );
    assert!(judged.status.success(), "{arguments:?}\n{out}\n{err}");
    lines(&out)
}

fn create(place: &Place, name: &str) {
    let purpose = ["--purpose", "find people", "--legal-basis", "order 1"];
    let person = ["--owner", "A. Analyst", "--category", "suspect"];
    place
        .run(
            ["watchlist", "create", name, "--review-days", "90"]
                .iter()
                .chain(&purpose)
                .chain(&person),
        )
        .ok();
}

fn place(names: &[&str]) -> Place {
    let place = Place::with_instance();
    names.iter().for_each(|name| create(&place, name));
    place
}

/// The entries of a list without what differs from list to list.
fn entries(place: &Place, name: &str) -> BTreeSet<String> {
    let records = place
        .run(["watchlist", "export", name, "--json", "--max-tlp", "red"])
        .records();
    records
        .into_iter()
        .map(|mut entry| {
            let members = entry.as_object_mut().unwrap();
            for own in ["id", "watchlist", "written", "created_at"] {
                members.remove(own).unwrap();
            }
            entry.to_string()
        })
        .collect()
}

/// An entry of every kind, and of every form in which formats write one, with all that an entry can say.
fn filled(place: &Place) {
    let mut file = "kind,value,purpose,legal_basis,owner,category,review_at,expires_at,case_reference,tlp,severity,note,tags,state\n".to_owned();
    for (at, (kind, value)) in [
        ("phone", "+12025550123"),
        ("email", "lotus@example.com"),
        ("handle", "telegram/lotus_demo"),
        ("handle", "twitter/lotus_demo"),
        ("handle", "any/lotus_demo"),
        ("url", "https://example.com/it's"),
        ("domain", "example.com"),
        ("wallet", "btc/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        ("wallet", "eth/0x52908400098527886e0f7030069857d2e4169ee7"),
        (
            "image",
            "sha256/ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c",
        ),
        (
            "image",
            "pdq/ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c",
        ),
        ("phrase", "blue lotus"),
    ]
    .into_iter()
    .enumerate()
    {
        let tlp = ["clear", "green", "amber", "amber_strict", "red"][at % 5];
        file += &format!(
            "{kind},\"{value}\",\"find \"\"her\"\"\",<order> & 7,Д. Петров,victim,2027-05-2{},2027-12-31,=12/26,{tlp},grave,\"=two\nlines\",\"docks, north\",\n",
            at % 10,
        );
    }
    place.write("all.csv", &file);
    place.run(["watchlist", "import", "Lotus", "all.csv"]).ok();
}

#[test]
fn every_format_brings_back_what_went_out() {
    let place = place(&["Lotus", "csv", "xlsx", "stix", "misp"]);
    filled(&place);
    let all = entries(&place, "Lotus");
    assert_eq!(all.len(), 12);
    for format in ["csv", "xlsx", "stix", "misp"] {
        let file = format!("out.{format}");
        let export = [
            "watchlist",
            "export",
            "Lotus",
            "--format",
            format,
            "-o",
            &file,
        ];
        place.run(export.iter().chain(&["--max-tlp", "red"])).ok();
        place.run(["watchlist", "import", format, &file]).ok();
        assert_eq!(entries(&place, format), all, "{format}");
    }
    let again = place
        .run(["watchlist", "import", "Lotus", "out.stix", "--json"])
        .records();
    assert_eq!(again[0]["watchlist"], "Lotus", "{}", again[0]);
    let also = place
        .run(["watchlist", "import", "csv", "out.stix", "--json"])
        .records();
    assert!(also.iter().all(|row| row["outcome"] == "duplicate"));

    let told = place.run(["watchlist", "export", "Lotus", "-o", "some.xlsx"]);
    assert!(told.err.contains("2 entries were left out"), "{}", told.err);
    let phones = [
        "watchlist",
        "export",
        "Lotus",
        "--format",
        "plain",
        "--kind",
        "phone",
    ];
    assert_eq!(place.run(phones).ok(), "# TLP:CLEAR\n+12025550123\n");
    let mixed = place.run([
        "watchlist",
        "export",
        "Lotus",
        "--format",
        "plain",
        "-o",
        "x.txt",
    ]);
    assert_eq!(mixed.status, 1);
    assert!(mixed.err.contains("--kind"), "{}", mixed.err);
    assert!(!place.path("x.txt").exists(), "half a file is left");
}

#[test]
fn others_read_what_went_out() {
    let Some(tools) = Tools::find() else { return };
    let place = place(&["Lotus"]);
    filled(&place);
    for format in ["stix", "misp", "xlsx"] {
        let file = format!("out.{format}");
        place
            .run([
                "watchlist",
                "export",
                "Lotus",
                "--format",
                format,
                "--max-tlp",
                "red",
                "-o",
                &file,
            ])
            .ok();
    }
    judge(&tools, &place, &["stix-check", "out.stix"]);
    let bundle: Value =
        serde_json::from_slice(&std::fs::read(place.path("out.stix")).unwrap()).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    let indicators = objects
        .iter()
        .filter(|object| object["type"] == "indicator");
    assert_eq!(indicators.count(), 12);

    let read = judge(&tools, &place, &["misp-read", "out.misp"]);
    assert_eq!(read.len(), 12);
    let number = read
        .iter()
        .find(|one| one["type"] == "phone-number")
        .unwrap();
    assert_eq!(number["value"], "+12025550123");
    assert_eq!(number["to_ids"], true);
    assert_eq!(number["tags"], json!(["docks", "north", "tlp:clear"]));
    assert_eq!(number["purpose"], "find \"her\"");
    assert_eq!(number["note"], "=two\nlines");

    let rows = judge(&tools, &place, &["xlsx-read", "out.xlsx"]);
    assert_eq!(rows.len(), 13);
    for row in &rows {
        let cells = row["cells"].as_array().unwrap();
        let is_text = |cell: &Value| cell[1].is_null() || cell[0] == "s";
        assert!(
            cells.iter().all(is_text),
            "a spreadsheet would run or shorten it: {row}"
        );
    }
}

#[test]
fn an_event_that_pymisp_made_comes_in() {
    let Some(tools) = Tools::find() else { return };
    let place = place(&["Lotus", "Back"]);
    judge(&tools, &place, &["misp-make", "event.json"]);
    let import = ["watchlist", "import", "Lotus", "event.json"];
    let ended = place.run(import.iter().chain(&["--json"]));
    assert_eq!(ended.status, 1, "an address is no identifier of a person");
    let rows = lines(&ended.out);
    let told: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            let said = |key| row[key].as_str().unwrap_or("").to_owned();
            format!("{} {} {}", said("outcome"), said("state"), said("value"))
        })
        .collect();
    let expected = [
        "added active +12025550123",
        "added active lotus@example.com",
        "added active https://example.com/lotus",
        "added active example.com",
        "added active twitter/lotus_demo",
        "added active telegram/lotus_demo",
        "added active btc/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "added active sha256/ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c",
        "added active blue lotus",
        "added draft +12025550147",
        "refused  ",
    ];
    assert_eq!(told, expected.map(str::to_owned).into());
    assert!(ended.err.contains("deleted"), "{}", ended.err);
    let number = place
        .run(["watchlist", "export", "Lotus", "--json"])
        .records()
        .into_iter()
        .find(|entry| entry["value"] == "+12025550123")
        .unwrap();
    assert_eq!(
        number["tlp"], "green",
        "its own marking goes before the event's"
    );
    assert_eq!(number["tags"], json!(["docks"]));
    let note = number["note"].as_str().unwrap();
    assert!(
        note.contains("of the agency") && note.contains("Sighted by others: 2"),
        "{note}"
    );

    // Out again: pymisp reads what it made, and the flags are as they were.
    place
        .run([
            "watchlist",
            "export",
            "Lotus",
            "--format",
            "misp",
            "-o",
            "out.json",
        ])
        .ok();
    let read = judge(&tools, &place, &["misp-read", "out.json"]);
    let flags: BTreeSet<(String, bool)> = read
        .iter()
        .map(|one| {
            (
                one["value"].as_str().unwrap().to_owned(),
                one["to_ids"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(flags.len(), 10);
    assert!(flags.contains(&("+12025550147".to_owned(), false)));
    assert_eq!(flags.iter().filter(|(_, flagged)| *flagged).count(), 9);
    place.run(["watchlist", "import", "Back", "out.json"]).ok();
    assert_eq!(entries(&place, "Back"), entries(&place, "Lotus"));
}

#[test]
fn a_workbook_that_openpyxl_made_comes_in() {
    let Some(tools) = Tools::find() else { return };
    let place = place(&["Lotus", "Other"]);
    judge(&tools, &place, &["xlsx-make", "numbers.xlsx"]);
    place
        .run(["watchlist", "add", "Other", "phone", "+1 202 555 0147"])
        .ok();
    let import = [
        "watchlist",
        "import",
        "Lotus",
        "numbers.xlsx",
        "--region",
        "US",
    ];
    let ended = place.run(import.iter().chain(&["--refused", "refused.csv", "--json"]));
    let rows = lines(&ended.out);
    assert_eq!(rows[0]["value"], "+12025550123", "{}", ended.out);
    assert_eq!(rows[0]["place"], "sheet 'Numbers', row 3");
    assert_eq!(rows[1]["also_on"][0]["watchlist"], "Other");
    assert_eq!(rows[2]["outcome"], "refused");
    assert_eq!(rows.len(), 3, "a hidden sheet is not read");
    assert!(ended.err.contains("'Alter' is not known"), "{}", ended.err);
    assert!(ended.err.contains("'Hidden'"), "{}", ended.err);
    let refused = std::fs::read_to_string(place.path("refused.csv")).unwrap();
    assert!(
        refused.starts_with("Telefon,Zweck,Wiedervorlage,Bemerkung,Alter,refused_because,refused_at\r\nhello,,,no number,,"),
        "{refused}"
    );
    let again = place.run(import.iter().chain(&["--refused", "refused.csv"]));
    assert_eq!(again.status, 1, "a file that is there is not written over");
    let note = |entry: &Value| entry["note"].as_str().map(str::to_owned);
    let records = place
        .run(["watchlist", "export", "Lotus", "--json"])
        .records();
    // Entries of one millisecond are in no order.
    let of = |row: &Value| {
        let same = records
            .iter()
            .find(|record| record["value"] == row["value"]);
        same.unwrap_or_else(|| panic!("{row} is not exported"))
    };
    assert_eq!(note(of(&rows[0])).as_deref(), Some("=1+1"));
    assert_eq!(of(&rows[0])["review_at"], "2027-05-23T00:00:00Z");
    assert_eq!(of(&rows[1])["review_at"], "2027-05-23T10:30:00Z");

    let corrected = refused.replace("hello", "202 555 0199");
    place.write("corrected.csv", &corrected);
    place
        .run([
            "watchlist",
            "import",
            "Lotus",
            "corrected.csv",
            "--region",
            "US",
            "--map",
            "Alter=-",
        ])
        .ok();
}
