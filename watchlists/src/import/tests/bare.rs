//! Tables without a header: the column of values is the one that can be nothing else, or it is asked for.

use rust_xlsxwriter::Workbook;
use sightline_model::Mint;

use super::{super::*, at, defaults, read_as, terms};

fn workbook(rows: &str) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, row) in (0..).zip(rows.lines()) {
        for (column, cell) in (0..).zip(row.split(';')) {
            sheet.write_string(at, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn options(kind: Option<Kind>, header: Header, rules: &[&str]) -> Options<'static> {
    Options {
        kind,
        header,
        columns: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
        ..Options::default()
    }
}

/// Checks the values that are read, `!` where a row is refused; or what is said of the whole file, as a text and as a workbook.
fn check(rows: &str, options: &Options<'_>, expected: Result<&[&str], &str>) {
    for (make, bytes) in [("csv", rows.as_bytes().to_vec()), ("xlsx", workbook(rows))] {
        let read = read_as(&bytes, "list", options);
        match (&read, expected) {
            (Ok(read), Ok(values)) => {
                let value = |row: &'_ String| match row.contains(" ! ") {
                    true => "!".to_owned(),
                    false => row.rsplit(' ').next().unwrap_or_default().to_owned(),
                };
                let read: Vec<String> = read.iter().map(value).collect();
                assert_eq!(read, values, "{make} of {rows}");
            }
            (Err(error), Err(part)) => assert!(error.contains(part), "{make} of {rows}: {error}"),
            (read, expected) => panic!("{make} of {rows}: {read:?} is not {expected:?}"),
        }
    }
}

#[test]
fn two_columns_without_a_header() {
    let phone = Some(Kind::Phone);
    let handle = Some(Kind::Handle);
    let (recognised, absent) = (Header::Recognised, Header::Absent);
    let both: &[&str] = &["+12025550123", "+12025550147"];
    for (rows, options, expected) in [
        // The value and a note, a name and the value; some words of the note are names of columns.
        (
            "202 555 0123;tall\n202 555 0147;mobile\n",
            options(phone, recognised, &[]),
            Ok(both),
        ),
        (
            "202 555 0123;mobile\n202 555 0147;work\n",
            options(phone, recognised, &[]),
            Ok(both),
        ),
        (
            "202 555 0123;note\n202 555 0147;profile\n",
            options(phone, recognised, &[]),
            Ok(both),
        ),
        (
            "Anna;202 555 0123\nBea;202 555 0147\n",
            options(phone, recognised, &[]),
            Ok(both),
        ),
        // A number that stands in a note is not the value.
        (
            "Anna;202 555 0123\n202 555 0199;202 555 0147\nCleo;no\n",
            options(phone, recognised, &["1=-"]),
            Ok(&["+12025550123", "+12025550147", "!"]),
        ),
        (
            "202 555 0123;Anna\n202 555 0147;202 555 0199\n+1 202 555 0148;Bea\n",
            options(phone, recognised, &[]),
            Ok(&["+12025550123", "+12025550147", "+12025550148"]),
        ),
        // Both may be the value.
        (
            "202 555 0123;202 555 0147\n",
            options(phone, recognised, &[]),
            Err("columns 1 and 2 may both be the value; say which is, such as 1=value"),
        ),
        (
            "202 555 0123;\n202 555 0147;\n202 555 0148;202 555 0199\n",
            options(phone, recognised, &[]),
            Err("columns 1 and 2 may both be the value"),
        ),
        (
            "Anna;lotus.demo\n",
            options(handle, absent, &[]),
            Err("columns 1 and 2 may both be the value"),
        ),
        (
            "Anna;lotus.demo\n",
            options(handle, absent, &["2=value"]),
            Ok(&["any/lotus.demo"]),
        ),
        (
            "phrase;lotus;rose\n",
            options(None, absent, &[]),
            Err("columns 2 and 3 may both be the value"),
        ),
        // Nobody has said what they are.
        (
            "Anna;+1 202 555 0123\n",
            options(None, recognised, &[]),
            Err("column 2 there reads as an entry of the kind phone; say that they all are, if so"),
        ),
        (
            "a@example.com;mobile\n",
            options(None, recognised, &[]),
            Err("column 1 there reads as an entry of the kind email; say that they all are, if so"),
        ),
        (
            "instagram/lotus;profile\n",
            options(None, recognised, &[]),
            Ok(&["instagram/lotus"]),
        ),
        // The first row is not lost where somebody says which column is the value.
        (
            "+1 202 555 0123;tall\n+1 202 555 0147;small\n",
            options(phone, recognised, &["1=value", "2=note"]),
            Ok(both),
        ),
        // A first row that is bad loses nothing either.
        (
            "Anna;unknown\nBea;202 555 0147\nCleo;202 555 0123\n",
            options(phone, absent, &[]),
            Ok(&["!", "+12025550147", "+12025550123"]),
        ),
        (
            "Anna;unknown\nBea;202 555 0147\n",
            options(phone, recognised, &[]),
            Err("or, if there is no header row, put one above"),
        ),
        // Names of columns are a header still.
        (
            "name;phone\nAnna;202 555 0123\n",
            options(None, recognised, &[]),
            Ok(&["+12025550123"]),
        ),
        (
            "value;note\n202 555 0123;tall\n",
            options(phone, recognised, &[]),
            Ok(&["+12025550123"]),
        ),
    ] {
        check(rows, &options, expected);
    }
}

#[test]
fn what_is_read_and_what_is_left_out_is_told() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    for (rows, rules, note) in [
        (
            "Anna;202 555 0123\n",
            &[][..],
            "The table has no header row: its column 2 is read as the value; left out: 1. To read one of them, say what it \
             means, such as 1=note.",
        ),
        (
            "Anna;202 555 0123\n",
            &["1=note"][..],
            "The table has no header row: its column 1 is read as the note, column 2 is read as the value.",
        ),
    ] {
        let options = options(Some(Kind::Phone), Header::Recognised, rules);
        for bytes in [rows.as_bytes().to_vec(), workbook(rows)] {
            let import = read(&bytes, "list", &options, terms(&defaults, &mint)).unwrap();
            assert_eq!(import.notes(), [note]);
        }
    }
}

/// A word that is a column's name, in the fifth row of a sheet without a header, loses none of the four above.
#[test]
fn a_sheet_without_a_header_keeps_its_first_rows() {
    let rows = "202 555 0123;tall\n202 555 0147;small\n202 555 0148;mobile\n";
    let options = options(Some(Kind::Phone), Header::Recognised, &[]);
    check(
        rows,
        &options,
        Ok(&["+12025550123", "+12025550147", "+12025550148"]),
    );
    // A title above a header is passed over, and told.
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let titled = workbook("Numbers of the desk\nTelefon;Notiz\n202 555 0123;tall\n");
    let import = read(&titled, "list", &options, terms(&defaults, &mint)).unwrap();
    assert_eq!(import.notes(), ["Passed over above row 2: 1 row."]);
    let places: Vec<String> = import.map(|row| at(&row.unwrap().place)).collect();
    assert_eq!(places, ["sheet 'Sheet1', row 3"]);
}

/// What parts the cells is told by many rows, where no header tells it.
#[test]
fn a_comma_in_a_note_parts_no_cells_of_semicolons() {
    let rows = "202 555 0123;Anna, tall\n202 555 0147;Bea\n202 555 0148;Cleo\n";
    let options = options(Some(Kind::Phone), Header::Recognised, &["2=note"]);
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let import = read(rows.as_bytes(), "list", &options, terms(&defaults, &mint)).unwrap();
    let notes: Vec<Option<String>> = import
        .map(|row| match row.unwrap().outcome {
            RowOutcome::Ready(entry) => entry.note,
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = ["Anna, tall", "Bea", "Cleo"].map(|note| Some(note.to_owned()));
    assert_eq!(notes, expected);
}
