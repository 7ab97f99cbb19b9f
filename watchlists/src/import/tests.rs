//! Files as analysts have them, and what comes of each row.

use proptest::prelude::*;
use sightline_model::{Mint, Timestamp, WatchlistId};

use super::*;
use crate::{draft::EntryDefaults, export};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn defaults() -> EntryDefaults {
    EntryDefaults {
        purpose: Some("find her".into()),
        legal_basis: Some("order 7/2026".into()),
        owner: Some("desk 2".into()),
        category: Some(sightline_model::Category::Victim),
        review_after_days: Some(90),
        ..EntryDefaults::default()
    }
}

fn terms<'a>(defaults: &'a EntryDefaults, mint: &'a Mint) -> Terms<'a> {
    Terms {
        watchlist: WatchlistId(uuid()),
        defaults,
        region: Some("US"),
        now: NOW,
        mint,
    }
}

fn uuid<T: Default>() -> T {
    T::default()
}

/// Each row as `line value`, `line = other line`, or `line ! keys and messages`.
fn imported(bytes: &[u8]) -> Result<Vec<String>, String> {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let import = table(bytes, Some(Kind::Phrase), terms(&defaults, &mint))
        .map_err(|error| error.to_string())?;
    Ok(told(import))
}

fn told<R: BufRead>(import: Import<'_, R>) -> Vec<String> {
    import
        .map(|row| {
            let RowReport { line, outcome } = row.unwrap();
            match outcome {
                RowOutcome::Ready(entry) => format!("{line} {}", entry.selector.value),
                RowOutcome::Duplicate { of } => format!("{line} = {of}"),
                RowOutcome::Refused(problems) => {
                    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    format!("{line} ! {}", problems.join(" | "))
                }
            }
        })
        .collect()
}

/// Checks the rows; of a refused one, that its words are in the order given, with anything between them.
fn check(file: &str, expected: &[&str]) {
    let rows = imported(file.as_bytes()).unwrap();
    assert_eq!(rows.len(), expected.len(), "{file:?} gave {rows:#?}");
    for (row, expected) in rows.iter().zip(expected) {
        let mut rest = row.as_str();
        for part in expected.split('…') {
            let Some(at) = rest.find(part) else {
                panic!("{file:?}: '{row}' is not '{expected}'");
            };
            rest = &rest[at + part.len()..];
        }
        assert!(
            expected.ends_with('…') || rest.is_empty(),
            "'{row}' is not '{expected}'"
        );
    }
}

#[test]
fn tables_of_every_make() {
    for file in [
        "kind,value\nphrase,blue lotus\nphrase,red rose\n",
        "Kind;Value\r\nphrase;blue lotus\r\nphrase;red rose\r\n",
        "\u{feff}\"Type\"\t\"Identifier\"\n\"name\"\t\"Blue  LOTUS\"\nname\tred rose",
        "sep=|\nvalue|kind\nblue lotus|phrase\n",
        "value\nblue lotus\nred rose\n",
        "value,purpose\r\"blue lotus\" ,\"say \"\"hello\"\"\"\rred rose\r",
    ] {
        let rows = imported(file.as_bytes()).unwrap();
        assert!(rows[0].ends_with(" blue lotus"), "{file:?} gave {rows:?}");
        assert!(
            rows.get(1).is_none_or(|row| row.ends_with(" red rose")),
            "{file:?} gave {rows:?}"
        );
    }
}

#[test]
fn bad_rows_never_lose_the_good_ones() {
    check(
        "value,note,category\n\
         blue lotus,,\n\
         BLUE LOTUS,the same,\n\
         ,nothing,nobody\n\
         \"never closed,,\n\
         red rose,a \"5 foot\" one,\n\
         \"closed\"early,,\n\
         one,two,three,four\n\
         \n\
         ,,\n\
         white lily,\"two\nlines\",witness\n\
         snow drop\n",
        &[
            "2 blue lotus",
            "3 = 2",
            "4 ! value: it is missing;… | category: 'nobody' is not a category…",
            "5 ! a quotation mark is opened and never closed;…",
            "6 red rose",
            "7 ! text follows a closing quotation mark;…",
            "8 ! the row has 4 cells, and the header 3;…",
            "11 white lily",
            "13 snow drop",
        ],
    );
}

#[test]
fn rows_that_no_program_should_write() {
    let long = format!("value\n{}\nred rose\n", "x".repeat(lines::LONGEST_ROW + 1));
    check(
        &long,
        &["2 ! the row is longer than 64 KiB;…", "3 red rose"],
    );
    check(
        "value\nblue\0lotus\nred rose",
        &["2 ! the row holds a NUL byte;…", "3 red rose"],
    );

    let latin = b"value\nJos\xe9 Example\nred rose";
    let rows = imported(latin).unwrap();
    assert!(
        rows[0].starts_with("2 ! byte 4 of the line is not UTF-8; save"),
        "{rows:?}"
    );
    assert_eq!(rows[1], "3 red rose");
}

#[test]
fn a_quotation_mark_left_open_costs_one_row_however_long_the_file() {
    let rest: String = (0..9_000)
        .map(|number| format!("red rose {number}\n"))
        .collect();
    let rows = imported(format!("value\n\"open\n{rest}").as_bytes()).unwrap();
    assert_eq!(rows.len(), 9_001);
    assert!(rows[0].starts_with("2 ! a quotation mark"), "{}", rows[0]);
    assert_eq!(rows[9_000], "9002 red rose 8999");
}

#[test]
fn files_that_are_no_tables() {
    for (bytes, expected) in [
        (&b""[..], "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"PK\x03\x04rest", "a spreadsheet in its own format"),
        (b"\xff\xfev\0a\0", "UTF-16"),
        (
            b"name,number\nlotus,1",
            "no column 'value' (it has 'name', 'number')",
        ),
        (
            b"value,note,Comments\n",
            "'note' and 'Comments' both mean note",
        ),
        (b"v\xe9lue\n", "not text in UTF-8"),
    ] {
        let error = imported(bytes).unwrap_err();
        assert!(
            error.contains(expected),
            "'{error}' does not say '{expected}'"
        );
    }
}

#[test]
fn columns_that_mean_nothing_are_named() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let import = table(
        &b"value,Shoe size,id,written\n"[..],
        None,
        terms(&defaults, &mint),
    )
    .unwrap();
    assert_eq!(import.ignored_columns(), ["Shoe size"]);
}

#[test]
fn plain_lists() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let file = "# from the tip line\nblue lotus\n\n'=red rose\nblue lotus\nno\n";
    let rows = told(list(file.as_bytes(), Kind::Phrase, terms(&defaults, &mint)).unwrap());
    assert_eq!(rows[0], "2 blue lotus");
    assert_eq!(rows[1], "4 =red rose");
    assert_eq!(rows[2], "5 = 2");
    assert!(
        rows[3].starts_with("6 ! value: 'no' is too short"),
        "{}",
        rows[3]
    );
}

fn some_text() -> impl Strategy<Value = String> {
    "[=+@'\"a-cé,;\n\t＝ -]{0,8}".prop_map(|text| format!("{text}x"))
}

proptest! {
    #[test]
    fn guarded_cells_read_back(cell in "[=+@'\t\r＝a-]{0,4}.{0,6}") {
        let safe = cells::guarded(&cell);
        prop_assert_eq!(cells::unguarded(&safe), cell.as_str());
        prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']));
    }

    #[test]
    fn an_export_is_read_back_as_it_was(
        phrases in prop::collection::btree_set("[a-c]{3,6}", 1..5),
        purpose in some_text(),
        note in some_text(),
        case in "[=+@'-]{0,2}[0-9/]{1,5}",
    ) {
        let (defaults, mint) = (defaults(), Mint::seeded(1));
        let terms = terms(&defaults, &mint);
        let entries: Vec<Entry> = phrases
            .iter()
            .map(|phrase| EntryDraft {
                kind: Some("phrase".into()),
                value: Some(phrase.clone()),
                purpose: Some(purpose.replace(['\n', '\t'], " ")),
                note: Some(note.clone()),
                case_reference: Some(case.clone()),
                severity: Some("grave".into()),
                ..EntryDraft::default()
            })
            .map(|draft| make(&draft, &terms).unwrap())
            .collect();
        let mut file = Vec::new();
        export::write(&entries, &mut file).unwrap();
        let read: Vec<Entry> = table(file.as_slice(), None, terms)
            .unwrap()
            .map(|row| match row.unwrap().outcome {
                RowOutcome::Ready(entry) => *entry,
                other => panic!("{other:?}"),
            })
            .zip(&entries)
            .map(|(read, entry)| Entry { id: entry.id, ..read })
            .collect();
        prop_assert_eq!(read, entries);
    }

    #[test]
    fn whole_rows_are_split_as_the_csv_crate_does(
        rows in prop::collection::vec(prop::collection::vec("[a\", \n]{0,5}", 2..4), 1..5),
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let mut split = Vec::new();
        let mut reader = Cells::new(file.as_slice());
        while let Some(row) = reader.row(',').unwrap() {
            split.push(row.cells.unwrap());
        }
        let says_something = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
        let expected: Vec<Vec<String>> = rows.iter().filter(says_something).cloned().collect();
        prop_assert_eq!(split, expected);
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b"value,note\n".to_vec();
        file.extend(&bytes);
        let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        prop_assert!(imported(&file).unwrap().len() <= lines);
    }
}
