//! Workbooks as people have them.

use rust_xlsxwriter::Workbook;
use sightline_model::{EntryState, Mint};

use super::*;
use crate::{
    draft::EntryDefaults,
    import::{Options, RowOutcome},
};

/// Each row as its place and value, or why it is refused.
fn told(workbook: &mut Workbook, options: Options<'_>) -> Result<Vec<String>, String> {
    let (defaults, mint) = (
        EntryDefaults {
            category: Some(sightline_model::Category::Other),
            ..EntryDefaults::default()
        },
        Mint::seeded(1),
    );
    let now = sightline_model::Timestamp(1_795_000_000_000);
    let terms = Terms {
        watchlist: mint.id(now),
        defaults: &defaults,
        region: Some("US"),
        now,
        mint: &mint,
    };
    let bytes = workbook.save_to_buffer().unwrap();
    let options = Options {
        state: Some(EntryState::Draft),
        ..options
    };
    let rows =
        crate::import::read(&bytes, "x", &options, terms).map_err(|error| error.to_string())?;
    Ok(rows
        .map(|row| {
            let row = row.unwrap();
            match row.outcome {
                RowOutcome::Ready(entry) => format!("{}: {}", row.place, entry.selector.value),
                RowOutcome::Duplicate { of, .. } => format!("{}: as {of}", row.place),
                RowOutcome::Refused { problems, .. } => {
                    format!("{}: {}", row.place, problems[0])
                }
                RowOutcome::Deleted => panic!("a sheet deletes nothing"),
            }
        })
        .collect())
}

#[test]
fn sheets_as_people_have_them() {
    let mut workbook = Workbook::new();
    workbook
        .add_worksheet()
        .set_name("Cover")
        .unwrap()
        .write(0, 0, "Nothing here")
        .unwrap();
    let hidden = workbook
        .add_worksheet()
        .set_name("Old")
        .unwrap()
        .set_hidden(true);
    hidden
        .write(0, 0, "Telefon")
        .unwrap()
        .write(1, 0, "+1 202 555 0101")
        .unwrap();
    let sheet = workbook.add_worksheet().set_name("Numbers").unwrap();
    sheet.write(0, 0, "Numbers of the desk").unwrap();
    sheet
        .write(2, 1, "Telefon")
        .unwrap()
        .write(2, 2, "Notiz")
        .unwrap();
    sheet.write(3, 1, 12_025_550_123.0).unwrap();
    sheet
        .write(4, 1, "202 555 0147")
        .unwrap()
        .write(4, 2, "'=tall")
        .unwrap();
    sheet.write(5, 1, 1_234_567_890_123_456_789.0).unwrap();
    sheet.write(7, 1, "202 555 0147").unwrap();
    // A cell in the last corner takes no table of a thousand million.
    sheet.write(1_048_575, 16_383, "far").unwrap();
    let rows = told(&mut workbook, Options::default()).unwrap();
    assert_eq!(
        rows[..2],
        [
            "sheet 'Numbers', row 4: +12025550123",
            "sheet 'Numbers', row 5: +12025550147"
        ]
    );
    assert!(
        rows[2].contains("row 6: cell B6 holds a number that"),
        "{rows:?}"
    );
    assert_eq!(rows[3], "sheet 'Numbers', row 8: as sheet 'Numbers', row 5");
    assert!(
        rows[4].contains("row 1048576: the row has 256 cells"),
        "{rows:?}"
    );
    assert_eq!(rows.len(), 5);

    let named = Options {
        sheet: Some("Old"),
        ..Options::default()
    };
    assert_eq!(
        told(&mut workbook, named).unwrap(),
        ["sheet 'Old', row 2: +12025550101"]
    );
    let nowhere = Options {
        sheet: Some("New"),
        ..Options::default()
    };
    let error = told(&mut workbook, nowhere).unwrap_err();
    assert!(
        error.contains("no sheet 'New' (it has 'Cover', 'Old', 'Numbers')"),
        "{error}"
    );
}

#[test]
fn what_is_unpacked_is_counted_and_not_believed() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for row in 0..2_000 {
        sheet.write(row, 0, "the same again").unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    assert!(bytes.len() < 50_000);
    assert!(check_unpacked(&bytes, 10_000_000).is_ok());
    let error = check_unpacked(&bytes, 50_000).unwrap_err().to_string();
    assert!(error.contains("unpacked text; split it"), "{error}");
}
