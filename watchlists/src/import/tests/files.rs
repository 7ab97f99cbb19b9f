//! Files named by what is in them, with what is said of them beside.

use sightline_model::Mint;

use super::{super::*, defaults, terms};

/// Every file of `testdata/import`, with what is said of it beside it: `numbers.csv` and `numbers.csv.said`. What is
/// said is written anew with `SIGHTLINE_BLESS=1`; read the difference.
#[test]
fn files_named_by_what_is_in_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending != "said"));
    files.sort();
    assert!(files.len() > 20, "{} files", files.len());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let (defaults, mint) = (defaults(), Mint::seeded(1));
        let bytes = std::fs::read(&file).unwrap();
        let mut said = String::new();
        match read(&bytes, &name, &Options::default(), terms(&defaults, &mint)) {
            Err(error) => said += &format!("{error}\n"),
            Ok(import) => {
                for note in import.notes() {
                    said += &format!("note: {note}\n");
                }
                for column in import.ignored_columns() {
                    said += &format!("left out: {column}\n");
                }
                for row in import {
                    said += &in_words(&row.unwrap());
                }
            }
        }
        // It is said in the console and to programs as well, who have no options.
        assert!(!said.contains(" --"), "{name}: {said}");
        let expected = file.with_file_name(format!("{name}.said"));
        if std::env::var_os("SIGHTLINE_BLESS").is_some() {
            std::fs::write(&expected, &said).unwrap();
        }
        assert_eq!(
            said,
            std::fs::read_to_string(expected).unwrap_or_default(),
            "{name}"
        );
    }
}

fn in_words(row: &RowReport) -> String {
    let place = &row.place;
    match &row.outcome {
        RowOutcome::Duplicate { of, .. } => format!("{place}: the same as {of}\n"),
        RowOutcome::Refused { problems, .. } => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            format!("{place}: refused, {}\n", problems.join(" | "))
        }
        // Passed over, and counted.
        RowOutcome::Deleted
            if row
                .ended
                .as_ref()
                .is_none_or(|one| one.ending == Ending::Unasked) =>
        {
            String::new()
        }
        RowOutcome::Deleted => format!("{place}: its author deleted it\n"),
        RowOutcome::Ready(entry) => {
            let mut said = format!(
                "{place}: {} {} tlp={}",
                entry.state, entry.selector, entry.tlp
            );
            if let Some(end) = entry.expires_at {
                said += &format!(" until={end}");
            }
            if entry.purpose != "find her" {
                said += &format!(" purpose={}", entry.purpose);
            }
            if !entry.tags.is_empty() {
                said += &format!(" tags={}", entry.tags.join("|"));
            }
            if let Some(note) = &entry.note {
                said += &format!(" note={note:?}");
            }
            said + "\n"
        }
    }
}

#[test]
fn a_refused_pattern_of_stix_is_kept_whole() {
    let bundle = serde_json::json!({"type": "bundle", "objects": [{
        "type": "indicator", "id": "indicator--1", "pattern_type": "stix",
        "pattern": r"[url:value = 'https://a.example/it\'s' AND email-addr:value = 'a@b.example']",
    }]});
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let bytes = bundle.to_string();
    let options = Options::default();
    let import = read(
        bytes.as_bytes(),
        "bundle.json",
        &options,
        terms(&defaults, &mint),
    )
    .unwrap();
    let columns = import.columns().to_vec();
    let rows: Vec<_> = import.map(|row| row.unwrap().outcome).collect();
    let [RowOutcome::Refused { cells, .. }] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    let value = columns.iter().position(|name| name == "value").unwrap();
    assert_eq!(
        cells[value],
        r"[url:value = 'https://a.example/it\'s' AND email-addr:value = 'a@b.example']"
    );
}

/// A workbook as programs write it that do not work formulas out.
fn with_open_formulas(bytes: &[u8]) -> Vec<u8> {
    rewritten(bytes, "</f><v>0</v>", "</f><v></v>")
}

/// A workbook with other words in its parts.
pub(super) fn rewritten(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut other = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let text = text.replace(from, to);
        let options = zip::write::SimpleFileOptions::default();
        other.start_file(name, options).unwrap();
        other.write_all(text.as_bytes()).unwrap();
    }
    other.finish().unwrap().into_inner()
}

#[test]
fn a_formula_without_a_value_spoils_its_row_where_the_value_would_be() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["phone", "note", "age"]) {
        sheet.write(0, column, name).unwrap();
    }
    sheet.write_formula(1, 0, "=A9").unwrap();
    for row in 2..=3 {
        sheet.write(row, 0, format!("+1 202 555 010{row}")).unwrap();
        let column = u16::try_from(row - 1).unwrap();
        sheet.write_formula(row, column, "=A9").unwrap();
    }
    let bytes = with_open_formulas(&workbook.save_to_buffer().unwrap());
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let import = read(&bytes, "x", &Options::default(), terms(&defaults, &mint)).unwrap();
    let notes = import.notes().concat();
    assert!(
        notes.contains("Formulas without a value are read as empty: 1."),
        "{notes}"
    );
    let rows: String = import.map(|row| in_words(&row.unwrap())).collect();
    for part in [
        "cell A2 holds a formula whose value is not in the file",
        "open the file in a spreadsheet and save it",
        "+12025550102",
        "+12025550103",
    ] {
        assert!(rows.contains(part), "{part}: {rows}");
    }
}
