//! Dates in numbers: what a column proves of the order of its days and months, the same for a text and for a workbook.

use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook};
use sightline_model::Mint;

use super::{super::*, defaults, files::rewritten, terms};

/// The rows as a text, and as a workbook in which every cell is a text.
fn made(rows: &[&[&str]]) -> [(&'static str, Vec<u8>); 2] {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, row) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*row) {
            sheet.write_string(at, column, *cell).unwrap();
        }
    }
    [
        ("csv", lines.join("\n").into_bytes()),
        ("xlsx", workbook.save_to_buffer().unwrap()),
    ]
}

/// What is noted of the file; and of each row the last day of its entry, with how it was read, or why it is refused.
fn told(bytes: &[u8], options: &Options<'_>) -> (Vec<String>, Vec<String>) {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let import = read(bytes, "list", options, terms(&defaults, &mint)).unwrap();
    let notes = import.notes().to_vec();
    let rows = import.map(|row| {
        let row = row.unwrap();
        let said = match row.outcome {
            RowOutcome::Ready(entry) | RowOutcome::Duplicate { entry, .. } => {
                let end = entry.expires_at.map(|at| Timestamp(at.0 - 1));
                end.map_or("no end".to_owned(), |at| {
                    at.to_utc().date_naive().to_string()
                })
            }
            RowOutcome::Refused { problems, .. } => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                format!("! {}", problems.join(" | "))
            }
            RowOutcome::Deleted => panic!("a table deletes nothing"),
        };
        [vec![said], row.told].concat().join("; ")
    });
    (notes, rows.collect())
}

/// Checks the last day of each row's entry, or a part of why it is refused; and a part of what is noted.
fn check(dates: &[(&str, &str)], note: &str) {
    let mut rows: Vec<Vec<&str>> = vec![vec!["kind", "value", "expires_at"]];
    let names: Vec<String> = (0..dates.len())
        .map(|at| format!("blue lotus {at}"))
        .collect();
    let named = names.iter().zip(dates);
    rows.extend(named.map(|(name, (date, _))| vec!["phrase", name, date]));
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    for (make, bytes) in made(&rows) {
        let (notes, said) = told(&bytes, &Options::default());
        assert_eq!(notes.is_empty(), note.is_empty(), "{make}: {notes:?}");
        assert!(notes.join(" ").contains(note), "{make}: {notes:?}");
        assert_eq!(said.len(), dates.len());
        for ((written, expected), said) in dates.iter().zip(said) {
            let is_it = match expected.strip_prefix("! ") {
                Some(part) => said.starts_with("! ") && said.contains(part),
                None => said == *expected,
            };
            assert!(is_it, "{make}: {written} is '{said}', not '{expected}'");
        }
    }
}

#[test]
fn a_column_settles_what_a_date_alone_does_not() {
    // Above the row that proves it or below, in slashes or hyphens.
    check(
        &[
            ("03/04/2027", "2027-04-03"),
            ("31/12/2027", "2027-12-31"),
            ("05-06-2027", "2027-06-05"),
            ("", "no end"),
        ],
        "with the day first, '03/04/2027' as 2027-04-03: '31/12/2027' in ",
    );
    check(
        &[
            ("12/31/2027", "2027-12-31"),
            ("3/4/2027", "2027-03-04"),
            ("06/06/2027", "2027-06-06"),
        ],
        "with the month first, '3/4/2027' as 2027-03-04: '12/31/2027' in ",
    );
    // What nobody needs to be told.
    check(
        &[("12/31/2027", "2027-12-31"), ("06/06/2027", "2027-06-06")],
        "",
    );
}

#[test]
fn a_column_that_proves_nothing_or_both_refuses_what_is_in_doubt_alone() {
    let neither = "! expires_at: '03/04/2027' is not a date that can be read in one way only: it is 2027-04-03 where the day \
                   stands first, 2027-03-04 where the month does; no other date of the column tells which; write \
                   2027-04-03 or 2027-03-04; one date in the column with a day beyond the 12th";
    check(
        &[
            ("03/04/2027", neither),
            ("06/06/2027", "2027-06-06"),
            // Written otherwise, these say nothing of slashes.
            ("31.12.2027", "2027-12-31"),
            ("2027-12-31", "2027-12-31"),
            ("99/99/2027", "! '99/99/2027' is not a date"),
        ],
        "",
    );
    check(
        &[
            ("31/12/2027", "2027-12-31"),
            ("12/31/2027", "2027-12-31"),
            ("03/04/2027", "! the column has both, '31/12/2027' in "),
        ],
        "",
    );
}

#[test]
fn a_column_proves_nothing_of_another() {
    let rows: &[&[&str]] = &[
        &["kind", "value", "review_at", "expires_at"],
        &["phrase", "blue lotus", "31/12/2027", "03/04/2027"],
        &["phrase", "", "01/02/2027", "2027-12-31"],
    ];
    for (make, bytes) in made(rows) {
        let (_, said) = told(&bytes, &Options::default());
        assert!(
            said[0].starts_with("! expires_at: '03/04/2027'"),
            "{make}: {said:?}"
        );
        // What else is wrong is told with it.
        assert!(
            said[1].starts_with("! value: it is missing"),
            "{make}: {said:?}"
        );
    }
}

/// A row that has slipped proves nothing of a column that is not its own.
#[test]
fn a_row_that_slipped_is_no_witness() {
    let file = "value,expires_at\nblue lotus,03/04/2027\na,b,31/12/2027\nc,31/12/2027,d\n";
    let options = Options {
        kind: Some(Kind::Phrase),
        ..Options::default()
    };
    let (notes, said) = told(file.as_bytes(), &options);
    assert!(
        notes.is_empty() && said[0].contains("tells which"),
        "{said:?}"
    );
}

#[test]
fn the_last_of_many_rows_settles_the_first() {
    let rows: String = (0..20_000)
        .map(|at| format!("phrase,blue lotus {at},03/04/2027\n"))
        .collect();
    let file = format!("kind,value,expires_at\n{rows}phrase,red rose,12/31/2027\n");
    let (notes, said) = told(file.as_bytes(), &Options::default());
    assert!(notes[0].contains("in line 20002"), "{notes:?}");
    assert!(said[..20_000].iter().all(|said| said == "2027-03-04"));
}

/// The refused rows alone would prove something else than the whole file, or nothing.
#[test]
fn refused_rows_come_back_with_the_dates_that_their_file_gave_them() {
    let file = "kind,value,expires_at,review_at\n\
                phrase,,03/04/2027,05/06/2027\n\
                phrase,blue lotus,31/12/2027,\n\
                phrase,,31/12/2027,\n";
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let options = Options::default();
    let import = read(file.as_bytes(), "x.csv", &options, terms(&defaults, &mint)).unwrap();
    let refused: Vec<String> = import
        .filter_map(|row| match row.unwrap().outcome {
            RowOutcome::Refused { cells, .. } => Some(cells.join(",")),
            _ => None,
        })
        .collect();
    assert_eq!(
        refused,
        ["phrase,,2027-04-03,05/06/2027", "phrase,,2027-12-31,"]
    );
}

#[test]
fn a_number_in_a_column_of_dates() {
    let counted = "it looks like a spreadsheet's number for 2027-12-31; look whether that day is meant, and write it as";
    for (number, in_csv, in_xlsx) in [
        (
            "46752",
            counted,
            "2027-12-31; the number 46752 in 'expires_at' is read as the spreadsheet's for 2027-12-31",
        ),
        ("20271231", "2027-12-31", "2027-12-31"),
        (
            "2027",
            "'2027' is not a date that can be read",
            "'2027' is not a date that can be read",
        ),
    ] {
        let csv = format!("kind,value,expires_at\nphrase,blue lotus,{number}\n");
        let (_, said) = told(csv.as_bytes(), &Options::default());
        assert!(said[0].contains(in_csv), "{number}: {said:?}");
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (column, name) in (0..).zip(["kind", "value", "expires_at"]) {
            sheet.write(0, column, name).unwrap();
        }
        sheet.write(1, 0, "phrase").unwrap();
        sheet.write(1, 1, "blue lotus").unwrap();
        let digits: f64 = number.parse().unwrap();
        sheet.write_number(1, 2, digits).unwrap();
        let (_, said) = told(&workbook.save_to_buffer().unwrap(), &Options::default());
        assert!(said[0].contains(in_xlsx), "{number}: {said:?}");
    }
}

/// A date as a spreadsheet has it, with a format of any land, and the same number without a format; counted from 1900, and from
/// 1904.
#[test]
fn dates_of_a_workbook_are_dates_whatever_they_look_like() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["kind", "value", "expires_at"]) {
        sheet.write(0, column, name).unwrap();
    }
    let day = ExcelDateTime::from_ymd(2027, 12, 31).unwrap();
    for (row, look) in (1..).zip(["dd/mm/yyyy", "mm/dd/yyyy", "[$-407]d. mmmm yyyy", ""]) {
        sheet.write(row, 0, "phrase").unwrap();
        sheet.write(row, 1, format!("blue lotus {row}")).unwrap();
        let look = Look::new().set_num_format(look);
        match look == Look::new() {
            true => sheet.write_number(row, 2, 46_752).unwrap(),
            false => sheet
                .write_datetime_with_format(row, 2, &day, &look)
                .unwrap(),
        };
    }
    let from_1900 = workbook.save_to_buffer().unwrap();
    let from_1904 = rewritten(&from_1900, "<workbookPr ", "<workbookPr date1904=\"1\" ");
    for (bytes, day, from) in [
        (from_1900, "2027-12-31", ""),
        (
            from_1904,
            "2032-01-01",
            ", for the workbook counts from 1904",
        ),
    ] {
        let (_, said) = told(&bytes, &Options::default());
        let counted = format!(
            "{day}; the number 46752 in 'expires_at' is read as the spreadsheet's for {day}{from}"
        );
        assert_eq!(said, [day, day, day, counted.as_str()]);
    }
}
