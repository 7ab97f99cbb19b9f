//! Versions of one object of STIX in one bundle: the newest is what its author means.

use super::*;

#[test]
fn the_newest_version_of_an_object_is_read_and_the_older_ones_are_named() {
    let object = |id: &str, modified: &str, url: &str, more: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{id}","modified":"{modified}","pattern_type":"stix","pattern":"[url:value = 'https://{url}.example/']"{more}}}"#
        )
    };
    let revoked = r#","revoked":true"#;
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00.5Z");
    for (objects, rows, named) in [
        // A retraction, and a correction, wherever they stand.
        (
            vec![object("1", old, "a", ""), object("1", new, "a", revoked)],
            vec!["indicator--1 ! revoked"],
            vec![("indicator--1", old)],
        ),
        (
            vec![object("1", new, "a", revoked), object("1", old, "a", "")],
            vec!["indicator--1 ! revoked"],
            vec![("indicator--1", old)],
        ),
        (
            vec![
                object("1", old, "a", ""),
                object("2", old, "c", ""),
                object("1", new, "b", ""),
            ],
            vec!["indicator--2 https://c", "indicator--1 https://b"],
            vec![("indicator--1", old)],
        ),
        // Taken back, and written anew since.
        (
            vec![object("1", old, "a", revoked), object("1", new, "a", "")],
            vec!["indicator--1 https://a"],
            vec![("indicator--1", old)],
        ),
        // Of one instant: the retraction, else the last.
        (
            vec![object("1", old, "a", revoked), object("1", old, "a", "")],
            vec!["indicator--1 ! revoked"],
            vec![("indicator--1", old)],
        ),
        (
            vec![
                object("1", old, "a", ""),
                object("1", old, "b", ""),
                object("1", "x", "c", ""),
            ],
            vec!["indicator--1 https://b"],
            vec![("indicator--1", old), ("indicator--1", "x")],
        ),
        (
            vec![object("1", old, "a", ""), object("2", old, "b", "")],
            vec!["indicator--1 https://a", "indicator--2 https://b"],
            vec![],
        ),
    ] {
        let file = format!("[{}]", objects.join(","));
        let (defaults, mint) = (defaults(), Mint::seeded(1));
        let options = Options {
            format: Some(Format::Stix),
            ..Options::default()
        };
        let import = read(file.as_bytes(), "x", &options, terms(&defaults, &mint)).unwrap();
        let note = import.notes().join(" ");
        for (id, modified) in &named {
            assert!(
                note.contains(&format!("{id} of {modified}")),
                "{file}: {note}"
            );
        }
        assert_eq!(note.contains("passed over"), !named.is_empty(), "{note}");
        let read = told(import);
        assert_eq!(read.len(), rows.len(), "{file}: {read:?}");
        for (row, start) in read.iter().zip(rows) {
            assert!(row.starts_with(start), "{file}: {row}");
        }
    }
}
