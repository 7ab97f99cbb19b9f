//! What is not looked for any more is not looked for again because a file of it came back: whatever its format, its row
//! is refused and says why, or is a draft.

use std::collections::HashMap;

use sightline_model::{Entry, EntryState, Timestamp, Watchlist};

use super::*;
use crate::export::{self, Export};

/// What each word of the column `state` makes of its row, as every table has it.
#[test]
fn a_state_is_read_and_never_guessed() {
    for (word, expected) in [
        ("", "active"),
        ("active", "active"),
        (" Active ", "active"),
        ("due_for_review", "active"),
        ("Due for review", "active"),
        ("DRAFT", "draft"),
        ("withdrawn", "state: the entry was withdrawn"),
        ("Expired", "state: the entry has expired"),
        (
            "withdrwan",
            "state: 'withdrwan' is not a state; known are draft, active, due_for_review, expired, withdrawn",
        ),
        ("CA", "leave it out, with 'state=-'"),
    ] {
        let (defaults, mint) = (defaults(), Mint::seeded(1));
        let file = format!("kind,value,state\nphrase,blue lotus,{word}\n");
        let options = Options::default();
        let read = read(
            file.as_bytes(),
            "list.csv",
            &options,
            terms(&defaults, &mint),
        )
        .unwrap();
        let rows: Vec<RowReport> = read.map(Result::unwrap).collect();
        match &rows[0].outcome {
            RowOutcome::Ready(entry) => assert_eq!(entry.state.as_str(), expected, "{word}"),
            RowOutcome::Refused { problems, cells } => {
                assert!(
                    problems[0].to_string().contains(expected),
                    "{word}: {problems:?}"
                );
                assert_eq!(cells[2], word, "nothing of the row is lost");
            }
            RowOutcome::Duplicate { .. } | RowOutcome::Deleted => panic!("{word}"),
        }
    }
    // Whoever says that every row is to be looked for has not said that what was withdrawn is.
    for state in [EntryState::Active, EntryState::Draft] {
        let options = Options {
            state: Some(state),
            ..Options::default()
        };
        let rows = read_as(
            b"kind,value,state\nphrase,blue lotus,withdrawn\n",
            "list.csv",
            &options,
        );
        assert!(rows.unwrap()[0].contains("withdrawn"));
    }
    let rule = "state=-".parse().unwrap();
    let options = Options {
        columns: vec![rule],
        ..Options::default()
    };
    let rows = read_as(
        b"kind,value,state\nphrase,blue lotus,CA\n",
        "list.csv",
        &options,
    );
    assert_eq!(rows.unwrap(), ["2 blue lotus"]);
}

/// An entry as it stands at the end of each life, out and in again, in every format.
#[test]
fn what_has_ended_comes_back_as_that_in_every_format() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let terms = terms(&defaults, &mint);
    let draft = EntryDraft {
        kind: Some("phone".to_owned()),
        value: Some("+12025550123".to_owned()),
        ..EntryDraft::default()
    };
    let entry = make(&draft, &terms).unwrap();
    let list = Watchlist {
        id: entry.watchlist,
        name: "missing".to_owned(),
        defaults: serde_json::Value::Null,
        rules: serde_json::Value::Null,
        created_at: terms.now,
    };
    let lives = [
        (
            "draft",
            Entry {
                state: EntryState::Draft,
                ..entry.clone()
            },
        ),
        (
            "expired",
            Entry {
                expires_at: Some(Timestamp(terms.now.0 - 1)),
                ..entry.clone()
            },
        ),
        (
            "withdrawn",
            Entry {
                state: EntryState::Withdrawn,
                ..entry.clone()
            },
        ),
    ];
    for (life, entry) in lives {
        for format in [
            Format::Csv,
            Format::Xlsx,
            Format::Stix,
            Format::Misp,
            Format::Plain,
        ] {
            let held = [entry.clone()]
                .into_iter()
                .filter(|entry| export::holds(format, entry, terms.now));
            let entries: Vec<Entry> = held.collect();
            assert!(life != "expired" || entries.is_empty(), "{format}");
            let export = Export {
                watchlist: &list,
                entries: &entries,
                changed: &HashMap::new(),
                now: terms.now,
            };
            let mut file = Vec::new();
            export::write(format, &export, &mut file).unwrap();
            let options = Options {
                format: Some(format),
                kind: Some(Kind::Phone),
                ..Options::default()
            };
            let rows = match read(&file, "file", &options, terms) {
                Ok(rows) => rows.map(Result::unwrap).collect(),
                Err(ImportError::Empty) => Vec::new(),
                Err(error) => panic!("{life} as {format}: {error}"),
            };
            for RowReport { outcome, .. } in rows {
                match outcome {
                    RowOutcome::Ready(entry) => {
                        assert_eq!(entry.state, EntryState::Draft, "{life} as {format}")
                    }
                    RowOutcome::Refused { problems, .. } => assert!(!problems.is_empty()),
                    RowOutcome::Duplicate { .. } | RowOutcome::Deleted => {
                        panic!("{life} as {format}")
                    }
                }
            }
        }
    }
}

/// An entry that waits for its owner's review where it comes from waits for them where it goes, and is looked for.
#[test]
fn what_is_overdue_comes_back_overdue_in_every_format_that_says_so() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let terms = terms(&defaults, &mint);
    let draft = EntryDraft {
        kind: Some("phone".to_owned()),
        value: Some("+12025550123".to_owned()),
        ..EntryDraft::default()
    };
    let made = make(&draft, &terms).unwrap();
    let entry = Entry {
        review_at: Timestamp(terms.now.0 - 86_400_000),
        ..made
    };
    let list = Watchlist {
        id: entry.watchlist,
        name: "missing".to_owned(),
        defaults: serde_json::Value::Null,
        rules: serde_json::Value::Null,
        created_at: terms.now,
    };
    for format in [Format::Csv, Format::Xlsx, Format::Stix, Format::Misp] {
        let export = Export {
            watchlist: &list,
            entries: std::slice::from_ref(&entry),
            changed: &HashMap::new(),
            now: terms.now,
        };
        assert!(export::holds(format, &entry, terms.now));
        let mut file = Vec::new();
        export::write(format, &export, &mut file).unwrap();
        let rows = read(&file, "file", &Options::default(), terms).unwrap();
        let rows: Vec<RowReport> = rows.map(Result::unwrap).collect();
        let [
            RowReport {
                outcome: RowOutcome::Ready(back),
                ..
            },
        ] = rows.as_slice()
        else {
            panic!("{format}: {rows:?}");
        };
        assert_eq!(
            (back.review_at, back.state),
            (entry.review_at, EntryState::Active),
            "{format}"
        );
        assert!(back.is_looked_for(terms.now));
    }
    // A date in the past that nobody calls a review that is due is a slip.
    let rows = read_as(
        b"kind,value,review_at,state\nphrase,blue lotus,2020-01-01,active\n",
        "list.csv",
        &Options::default(),
    );
    assert!(rows.unwrap()[0].contains("in the past"));
}

/// What its author took back, ended or deleted.
#[test]
fn what_others_have_ended_is_not_looked_for() {
    let indicator = |more: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--1","pattern_type":"stix","pattern":"[url:value = 'https://a.example/']",{more}}}"#
        )
    };
    let event = |attribute: &str, object: &str| {
        format!(
            r#"{{"Event":{{"info":"x","Attribute":[{{"type":"phone-number","value":"+12025550123","to_ids":true{attribute}}}],
               "Object":[{{"name":"phone"{object},"Attribute":[{{"type":"phone-number","object_relation":"phone-number","value":"+12025550124","to_ids":true}}]}}]}}}}"#
        )
    };
    let deleted = r#","deleted":true"#;
    let seen = r#","Sighting":[{"type":"2","date_sighting":"1600000000"}]"#;
    for (file, format, expected) in [
        (
            indicator(r#""revoked":true"#),
            Format::Stix,
            vec!["took it back"],
        ),
        (
            indicator(r#""revoked":"true""#),
            Format::Stix,
            vec!["took it back"],
        ),
        (
            indicator(r#""valid_until":"2020-01-01T00:00:00Z""#),
            Format::Stix,
            vec!["expires_at"],
        ),
        (
            event(deleted, deleted),
            Format::Misp,
            vec!["deleted it", "deleted it"],
        ),
        (
            event(seen, deleted),
            Format::Misp,
            vec!["expires_at", "deleted it"],
        ),
        (
            event(r#","deleted":"1""#, r#","deleted":1"#),
            Format::Misp,
            vec!["deleted it", "deleted it"],
        ),
    ] {
        for state in [None, Some(EntryState::Active)] {
            let options = Options {
                format: Some(format),
                state,
                ..Options::default()
            };
            let rows = read_as(file.as_bytes(), "file", &options).unwrap();
            assert_eq!(rows.len(), expected.len(), "{file}: {rows:?}");
            for (row, part) in rows.iter().zip(&expected) {
                assert!(row.contains(" ! ") && row.contains(part), "{file}: {row}");
            }
        }
    }
}

/// What is told of what its author has ended, for what stands on a list already.
#[test]
fn what_its_author_has_ended_says_how_and_of_what() {
    let indicator = |more: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--1","pattern":"[url:value = 'https://a.example/'] OR [url:value = 'https://b.example/']"{more}}}"#
        )
    };
    let event = |more: &str| {
        format!(
            r#"{{"Event":{{"info":"x","uuid":"u-1","Attribute":[{{"type":"phone-number","value":"+12025550123"{more}}}]}}}}"#
        )
    };
    let (both, phone) = (
        ["https://a.example/", "https://b.example/"].as_slice(),
        ["+12025550123"].as_slice(),
    );
    let text = |kind: &str, more: &str| {
        format!(
            r#"{{"Event":{{"info":"x","uuid":"u-1","Attribute":[{{"type":"{kind}","value":"blue lotus"{more}}}]}}}}"#
        )
    };
    let words = ["blue lotus"].as_slice();
    let (id, event_id) = (Some("indicator--1"), Some("u-1"));
    let ran_out = Ending::RanOut(Timestamp(1_600_000_000_000));
    for (file, expected) in [
        (
            indicator(r#","revoked":true"#),
            Some((Ending::TakenBack, id, both)),
        ),
        (
            indicator(r#","revoked":true,"valid_until":"2020-09-13T12:26:40Z""#),
            Some((Ending::TakenBack, id, both)),
        ),
        (
            indicator(r#","valid_until":"2020-09-13T12:26:40Z""#),
            Some((ran_out, id, both)),
        ),
        (indicator(r#","valid_until":"2099-01-01T00:00:00Z""#), None),
        (indicator(""), None),
        (
            event(r#","to_ids":true,"deleted":true"#),
            Some((Ending::Deleted, event_id, phone)),
        ),
        (
            event(r#","to_ids":false"#),
            Some((Ending::Unasked, event_id, phone)),
        ),
        (
            event(r#","to_ids":true,"Sighting":[{"type":"2","date_sighting":"1600000000"}]"#),
            Some((ran_out, event_id, phone)),
        ),
        (event(r#","to_ids":true"#), None),
        // What is looked for only where it is flagged, and is so no longer.
        (text("text", ""), Some((Ending::Unasked, event_id, words))),
        (
            text("comment", r#","to_ids":"0""#),
            Some((Ending::Unasked, event_id, words)),
        ),
        (
            text("other", r#","deleted":true"#),
            Some((Ending::Deleted, event_id, words)),
        ),
        (
            text("pattern-in-file", r#","to_ids":true,"deleted":true"#),
            Some((Ending::Deleted, event_id, words)),
        ),
        (text("text", r#","to_ids":true"#), None),
        (text("datetime", ""), None),
    ] {
        let (defaults, mint) = (defaults(), Mint::seeded(1));
        let options = Options::default();
        let import = read(file.as_bytes(), "x", &options, terms(&defaults, &mint)).unwrap();
        let ended: Vec<Ended> = import.filter_map(|row| row.unwrap().ended).collect();
        let (ending, origin, values) = match expected {
            Some(expected) => expected,
            None => {
                assert_eq!(ended, [], "{file}");
                continue;
            }
        };
        let told: Vec<&str> = ended
            .iter()
            .map(|one| one.entry.selector.value.as_str())
            .collect();
        assert_eq!(told, values, "{file}");
        for one in &ended {
            assert_eq!(
                (one.ending, one.origin.as_deref()),
                (ending, origin),
                "{file}"
            );
        }
    }
}

/// A text that nobody is asked to look for is no entry, whatever is asked of the file.
#[test]
fn what_is_passed_over_is_no_entry() {
    let file = br#"{"Event":{"info":"x","uuid":"u-1","Attribute":[
        {"type":"text","value":"blue lotus"},{"type":"comment","value":"x","deleted":true}]}}"#;
    for state in [None, Some(EntryState::Draft), Some(EntryState::Active)] {
        let (defaults, mint) = (defaults(), Mint::seeded(1));
        let options = Options {
            state,
            ..Options::default()
        };
        let import = read(file, "x", &options, terms(&defaults, &mint)).unwrap();
        assert_eq!(
            import.notes(),
            [
                "1 attribute deleted by their authors: not added.",
                "Attributes without to_ids that name no identifier were passed over: text 1.",
            ]
        );
        for row in import {
            assert_eq!(row.unwrap().outcome, RowOutcome::Deleted, "{state:?}");
        }
    }
}
