//! Watchlists: made, filled with a report for every row, shown, exported and read back.

use serde_json::json;

use crate::program::{Place, lines};

const CREATE: [&str; 13] = [
    "watchlist",
    "create",
    "Lotus",
    "--purpose",
    "find people",
    "--legal-basis",
    "order 1",
    "--owner",
    "A. Analyst",
    "--category",
    "suspect",
    "--review-days",
    "90",
];

fn place() -> Place {
    let place = Place::with_instance();
    place.run(CREATE).ok();
    place
}

#[test]
fn every_row_of_an_import_is_told_of() {
    let place = place();
    place.write(
        "list.csv",
        "kind,value,note\nphone,(202) 555-0123,\nphone,+1 202 555 0123,again\nphone,hello,\nemail,Lotus@Example.com,\nfax,1,\n",
    );
    let import = [
        "watchlist",
        "import",
        "Lotus",
        "list.csv",
        "--region",
        "US",
        "--json",
    ];
    let dry = place.run(import.iter().chain(&["--dry-run"]));
    assert_eq!(dry.status, 1);
    assert_eq!(
        place.run(["watchlist", "show", "Lotus", "--json"]).ok(),
        "",
        "a dry run adds nothing"
    );

    let ended = place.run(import);
    assert_eq!(ended.status, 1, "refused rows are problems");
    let rows = lines(&ended.out);
    let outcomes: Vec<_> = rows
        .iter()
        .map(|row| (row["line"].clone(), row["outcome"].clone()))
        .collect();
    let expected = [
        (2, "added"),
        (3, "duplicate"),
        (4, "refused"),
        (5, "added"),
        (6, "refused"),
    ];
    assert_eq!(
        outcomes,
        expected.map(|(line, outcome)| (json!(line), json!(outcome)))
    );
    assert_eq!(rows[0]["value"], "+12025550123");
    assert_eq!(rows[1]["of_line"], 2);
    assert!(rows[2]["problems"][0]["remedy"].is_string());

    let again = lines(&place.run(import).out);
    assert_eq!(
        (&again[0]["outcome"], &again[0]["of_entry"]),
        (&json!("duplicate"), &rows[0]["entry"])
    );
}

#[test]
fn a_list_is_renamed_and_one_that_was_a_mistake_is_deleted() {
    let place = place();
    place
        .run(["watchlist", "add", "Lotus", "phone", "+1 202 555 0123"])
        .ok();
    place.run(["watchlist", "create", "Lotsu"]).ok();
    let rename = |to| place.run(["watchlist", "set", "Lotsu", "--new-name", to]);
    let refused = rename("LOTUS");
    assert_ne!(refused.status, 0);
    assert!(
        refused.err.contains("there is already a watchlist 'Lotus'"),
        "{}",
        refused.err
    );
    let said = rename("Rose").ok();
    assert!(said.contains("name: Lotsu → Rose"), "{said}");
    place.run(["watchlist", "delete", "Rose"]).ok();
    let again = place.run(["watchlist", "delete", "Rose"]);
    assert!(
        again.err.contains("there is no watchlist 'Rose'"),
        "{}",
        again.err
    );
    let kept = place.run(["watchlist", "delete", "Lotus"]);
    assert_ne!(kept.status, 0);
    assert!(kept.err.contains("'Lotus' is kept"), "{}", kept.err);
}

#[test]
fn a_later_row_that_is_graver_is_told_and_taken_over() {
    let place = place();
    let file = "kind,value,severity\nphone,+447700900911,low\nphone,07700 900911,grave\nphone,+447700900911,low\n";
    place.write("twice.csv", file);
    let import = [
        "watchlist",
        "import",
        "Lotus",
        "twice.csv",
        "--region",
        "GB",
        "--json",
    ];
    let rows = lines(&place.run(import.iter().chain(&["--dry-run"])).out);
    assert_eq!(rows[1]["of_line"], 2);
    assert_eq!(rows[1]["differs"][0]["field"], "severity");
    assert!(rows[2]["differs"].is_null());
    place.run(import).ok();
    let severity =
        || lines(&place.run(["watchlist", "show", "Lotus", "--json"]).ok())[0]["severity"].clone();
    assert_eq!(severity(), "low");
    let rows = lines(&place.run(import.iter().chain(&["--update"])).ok());
    assert_eq!(rows[0]["outcome"], "updated");
    assert_eq!(rows[1]["taken_over"][0]["field"], "severity");
    assert!(rows[2]["taken_over"].is_null() && rows[2]["differs"].is_null());
    assert_eq!(severity(), "grave");
}

#[test]
fn what_is_meant_is_said_and_what_is_there_is_found() {
    let place = place();
    let add = |kind, value| place.run(["watchlist", "add", "Lotus", kind, value]);
    let said = add("domain", "*.lotus.example").ok();
    assert!(
        said.contains(
            "But mind: '*.lotus.example' was read as lotus.example and everything under it."
        ),
        "{said}"
    );
    let refused = add("phrase", "mass*");
    assert_eq!(refused.status, 2);
    assert!(
        refused.err.contains(r"write it as a pattern: \bmass"),
        "{}",
        refused.err
    );
    add("phone", "+1 202 555 0123").ok();
    for (text, count) in [
        ("(202) 555 01", 1),
        ("+1 (202) 555 01", 1),
        ("LOTUS.ex", 1),
        ("555 0123", 1),
        ("lotus[.]example", 1),
        ("rose", 0),
    ] {
        let show = ["watchlist", "show", "Lotus", "--json", "--find", text];
        assert_eq!(lines(&place.run(show).ok()).len(), count, "{text}");
    }

    // Whoever adds or imports what is written down alone is told that it is not looked for.
    place
        .run([
            "watchlist",
            "add",
            "Lotus",
            "email",
            "a@lotus.example",
            "--draft",
        ])
        .ok();
    let again = place.run([
        "watchlist",
        "add",
        "Lotus",
        "email",
        "a@lotus.example",
        "--severity",
        "grave",
    ]);
    assert!(
        again.err.contains("it is a draft (activate it)"),
        "{}",
        again.err
    );
    assert!(again.err.contains("severity – → grave"), "{}", again.err);
    place.write(
        "list.csv",
        "kind,value,category,severity\nemail,a@lotus.example,Opfer,high\n",
    );
    let import = [
        "watchlist",
        "import",
        "Lotus",
        "list.csv",
        "--refused",
        "refused.csv",
    ];
    let left = place.run(import);
    assert!(
        left.err.contains("not looked for, being expired or drafts"),
        "{}",
        left.err
    );
    assert!(
        left.err
            .contains("No row was refused, so refused.csv was not written"),
        "{}",
        left.err
    );
    let updated = lines(&place.run(import.iter().chain(&["--update", "--json"])).ok());
    assert_eq!(updated[0]["outcome"], "updated", "{updated:?}");
    let fields: Vec<_> = updated[0]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["field"])
        .collect();
    assert_eq!(json!(fields), json!(["category", "severity", "state"]));

    // Nobody tells two lists by their capitals.
    let mut again = CREATE;
    again[2] = "lotus ";
    assert!(
        place
            .run(again)
            .err
            .contains("there is already a watchlist 'Lotus'")
    );
}

#[test]
fn what_is_exported_can_be_imported() {
    let place = place();
    place
        .run([
            "watchlist",
            "add",
            "Lotus",
            "phone",
            "+1 202 555 0123",
            "--note",
            "=HYPERLINK(1)",
        ])
        .ok();
    place
        .run(["watchlist", "add", "Lotus", "handle", "telegram/lotus_demo"])
        .ok();
    place
        .run(["watchlist", "export", "Lotus", "-o", "out.csv"])
        .ok();
    let csv = std::fs::read_to_string(place.path("out.csv")).unwrap();
    assert!(
        !csv.contains(",=") && !csv.contains(",+"),
        "a spreadsheet would run it: {csv}"
    );
    let mut create = CREATE;
    create[2] = "Copy";
    place.run(create).ok();
    place.run(["watchlist", "import", "Copy", "out.csv"]).ok();
    let values = |name: &str| {
        let entries = place.run(["watchlist", "export", name, "--json"]).records();
        let mut values: Vec<_> = entries
            .into_iter()
            .map(|entry| (entry["value"].to_string(), entry["note"].to_string()))
            .collect();
        values.sort();
        values
    };
    assert_eq!(values("Copy"), values("Lotus"));
}

#[test]
fn an_entry_needs_its_reasons_and_can_be_removed() {
    let place = Place::with_instance();
    place.run(["watchlist", "create", "Bare"]).ok();
    let refused = place.run(["watchlist", "add", "Bare", "email", "a@example.com"]);
    assert_eq!(refused.status, 2);
    for part in [
        "--purpose",
        "--legal-basis",
        "--owner",
        "--category",
        "--review",
    ] {
        assert!(
            refused.err.contains(part),
            "{part} is not named: {}",
            refused.err
        );
    }
    place.run(CREATE).ok();
    let added = place
        .run([
            "watchlist",
            "add",
            "Lotus",
            "email",
            "A@Example.com",
            "--json",
        ])
        .records();
    let id = added[0]["id"].as_str().unwrap();
    assert_eq!(
        place
            .run(["watchlist", "add", "Lotus", "email", "a@example.com"])
            .status,
        1,
        "it is there already"
    );
    place.run(["watchlist", "remove", id]).ok();
    assert_eq!(place.run(["watchlist", "remove", id]).status, 1);
    assert_eq!(place.run(["watchlist", "show", "Lotus", "--json"]).ok(), "");
}

#[test]
fn rules_can_be_changed_one_by_one() {
    let place = Place::with_instance();
    place.run(CREATE).ok();
    let before = place.run(["watchlist", "list", "--json"]).records();
    let changed = place
        .run([
            "watchlist",
            "set",
            "Lotus",
            "--severity",
            "grave",
            "--repeat-seconds",
            "3600",
            "--json",
        ])
        .records();
    let rules = &changed[0]["rules"];
    assert_eq!(
        (&rules["severity"], &rules["repeat_seconds"]),
        (&json!("grave"), &json!(3600))
    );
    for kept in ["reasons", "channels", "gap_days", "group_wait_seconds"] {
        assert_eq!(rules[kept], before[0]["rules"][kept], "{kept}");
    }
    assert_eq!(changed[0]["defaults"], before[0]["defaults"]);
    let said = place
        .run([
            "watchlist",
            "set",
            "Lotus",
            "--no-repeat",
            "--reason",
            "first",
        ])
        .ok();
    assert!(said.contains("repeat_seconds: 3600 → null"), "{said}");
    let wrong = place.run([
        "watchlist",
        "set",
        "Lotus",
        "--channel",
        "nowhere",
        "--gap-days",
        "0",
    ]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.err.contains("nowhere") && wrong.err.contains("gap_days"),
        "{}",
        wrong.err
    );
    let after = place.run(["watchlist", "list", "--json"]).records();
    assert_eq!(after[0]["rules"]["reasons"], json!(["first"]));
    assert_eq!(
        after[0]["rules"]["gap_days"],
        before[0]["rules"]["gap_days"]
    );
    let nothing = place.run(["watchlist", "set", "Lotus"]);
    assert!(
        nothing.err.contains("Nothing was changed"),
        "{}",
        nothing.err
    );
}

#[test]
fn a_list_is_refused_with_everything_that_is_wrong() {
    let place = Place::with_instance();
    let ended = place.run([
        "watchlist",
        "create",
        "Lotus",
        "--channel",
        "nowhere",
        "--gap-days",
        "0",
        "--review-days",
        "9999",
    ]);
    assert_eq!(ended.status, 2);
    for part in ["nowhere", "gap_days", "review_after_days"] {
        assert!(
            ended.err.contains(part),
            "{part} is not named: {}",
            ended.err
        );
    }
    place.run(CREATE).ok();
    let again = place.run(CREATE);
    assert_eq!(again.status, 1);
    assert!(again.err.contains("already"), "{}", again.err);
    assert_eq!(place.run(["watchlist", "show", "Lots"]).status, 2);
    let lists = place.run(["watchlist", "list", "--json"]).records();
    assert_eq!(
        (&lists[0]["name"], &lists[0]["rules"]["gap_days"]),
        (&json!("Lotus"), &json!(14))
    );
}

#[test]
fn an_entry_has_a_life_that_is_kept() {
    let place = Place::with_instance();
    place.run(["watchlist", "create", "Lotus"]).ok();
    let add = ["watchlist", "add", "Lotus", "phone", "+1 202 555 0123"];
    let said = ["--category", "victim", "--owner", "A. Analyst", "--json"];
    let whole = add.iter().chain(&said);
    let refused = place.run(whole.clone());
    assert_eq!(refused.status, 2, "no entry without a purpose");
    let added = place.run(whole.chain(&["--draft"])).records();
    assert_eq!(added[0]["state"], "draft");
    let id = added[0]["id"].as_str().unwrap();

    let standing = || {
        let shown = place.run(["watchlist", "show", "Lotus", "--all", "--json"]);
        shown.records()[0]["standing"].clone()
    };
    assert_eq!(standing(), "draft");
    let activate = ["watchlist", "activate", id];
    let refused = place.run(activate);
    assert_eq!(refused.status, 1);
    for missing in ["purpose", "legal_basis"] {
        assert!(refused.err.contains(missing), "{}", refused.err);
    }
    let why = ["--purpose", "find her", "--legal-basis", "order 1"];
    place.run(activate.iter().chain(&why)).ok();
    assert_eq!(standing(), "active");
    place
        .run([
            "watchlist",
            "edit",
            id,
            "--tags",
            "north; docks, north",
            "--note",
            "tall",
        ])
        .ok();
    let nothing = place.run(["watchlist", "edit", id, "--note", "tall"]);
    assert_eq!(nothing.status, 2, "{}", nothing.err);
    let too_late = place.run(["watchlist", "review", id, "--next", "2099-01-01"]);
    assert_eq!(too_late.status, 1, "two years are the most");
    assert_eq!(place.run(["watchlist", "due", "--json"]).ok(), "");
    place
        .run(["watchlist", "remove", id, "--reason", "she was found"])
        .ok();
    assert_eq!(standing(), "withdrawn");
    assert_eq!(
        place.run(["watchlist", "edit", id, "--note", "x"]).status,
        1
    );
    let draft = add.iter().chain(&said).chain(&["--draft"]);
    assert_eq!(place.run(draft).records()[0]["id"], id);
    assert_eq!(standing(), "draft");

    let history = place.run(["watchlist", "history", id, "--json"]).records();
    let deeds: Vec<&str> = history
        .iter()
        .filter_map(|change| change["deed"].as_str())
        .collect();
    assert_eq!(deeds[..4], ["added", "activated", "edited", "withdrawn"]);
    assert_eq!(history[2]["fields"][1]["after"], "docks, north");
    assert_eq!(history[4]["deed"], "restored");
    let state = history[4]["fields"].as_array().and_then(|all| all.last());
    assert_eq!(state.unwrap()["after"], "draft");
    let shown = place.run(["watchlist", "history", id]).ok();
    assert!(shown.contains("nothing → tall"), "{shown}");
}
