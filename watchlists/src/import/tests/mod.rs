//! Files as analysts have them, and what comes of each row.

use sightline_model::{Mint, Timestamp, WatchlistId};

mod bare;
mod columns_of_dates;
mod ended;
mod files;
mod hostile;
mod versions;

use super::*;
use crate::draft::EntryDefaults;

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

/// Each row as `place value`, `place = other place`, or `place ! keys and messages`.
fn imported(bytes: &[u8]) -> Result<Vec<String>, String> {
    let options = Options {
        kind: Some(Kind::Phrase),
        ..Options::default()
    };
    read_as(bytes, "list.csv", &options)
}

fn read_as(bytes: &[u8], name: &str, options: &Options<'_>) -> Result<Vec<String>, String> {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let import =
        read(bytes, name, options, terms(&defaults, &mint)).map_err(|error| error.to_string())?;
    Ok(told(import))
}

/// Lines are told by their numbers alone.
fn at(place: &Place) -> String {
    place.to_string().trim_start_matches("line ").to_owned()
}

fn told(import: Import<'_>) -> Vec<String> {
    import
        .map(|row| {
            let RowReport { place, outcome, .. } = row.unwrap();
            let place = at(&place);
            match outcome {
                RowOutcome::Ready(entry) => format!("{place} {}", entry.selector.value),
                RowOutcome::Duplicate { of, .. } => format!("{place} = {}", at(&of)),
                RowOutcome::Refused { problems, .. } => {
                    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    format!("{place} ! {}", problems.join(" | "))
                }
                RowOutcome::Deleted => format!("{place} ! its author deleted it"),
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
    assert_eq!(imported(latin).unwrap(), ["2 josé example", "3 red rose"]);
    let mixed = b"value\nJos\xc3\xa9 Example\nJos\xc3\xa9\nJos\xe9 Example\nred rose";
    let rows = imported(mixed).unwrap();
    assert!(
        rows[2].starts_with("4 ! byte 4 of the line is not UTF-8; save"),
        "{rows:?}"
    );
    assert_eq!(rows[3], "5 red rose");
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
        (b"PK\x03\x04rest", "the workbook can't be read"),
        (b"\xd0\xcf\x11\xe0rest", "a spreadsheet in an old format"),
        (b"%PDF-1.7\n", "a PDF, not CSV"),
        (b"a\0b\0\0c", "not text"),
        (
            b"name,number\nlotus,1",
            "no column 'value' (it has 'name', 'number')",
        ),
        (
            b"value,note,Comments\n",
            "'note' and 'Comments' both mean note",
        ),
        (b"value\tvalue\n", "'value' and 'value' both mean value"),
        (
            b"Telefon;Telefax;E-Mail\n",
            "with 'E-Mail=-', then with 'Telefon=-'",
        ),
        (b"{\"type\": \"bundle\", \"objects\": [", "line 1, column"),
        (b"{\"spec_version\": 1}", "JSON, but not STIX"),
        (b"[]", "JSON, but not STIX"),
        (b"[1, {}]", "JSON, but not STIX"),
        (b"{\"Event\": 1}", "JSON, but not MISP"),
        (
            b"{\"Event\": {\"Attribute\": \"x\"}}",
            "as Attribute is none",
        ),
        (b"{\"Event\": {\"Object\": [1]}}", "as Object is none"),
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
    let file = b"value,Shoe size,id,written,refused_because\n";
    let import = read(file, "x.csv", &Options::default(), terms(&defaults, &mint)).unwrap();
    assert_eq!(import.ignored_columns(), ["Shoe size"]);
}

#[test]
fn plain_lists() {
    let file = "# from the tip line\nblue lotus\n\n'=red rose\nblue lotus\nno\n";
    let options = Options {
        kind: Some(Kind::Phrase),
        ..Options::default()
    };
    let rows = read_as(file.as_bytes(), "list.txt", &options).unwrap();
    assert_eq!(rows[0], "2 blue lotus");
    assert_eq!(rows[1], "4 =red rose");
    assert_eq!(rows[2], "5 = 2");
    assert!(
        rows[3].starts_with("6 ! value: 'no' is too short"),
        "{}",
        rows[3]
    );
    let plain = Options {
        format: Some(Format::Plain),
        ..Options::default()
    };
    let error = read_as(b"a\n", "x", &plain).unwrap_err();
    assert!(
        error.contains("of which kind they are, such as phone"),
        "{error}"
    );
}

/// Each column rule on its own, and the header that there is or is not.
#[test]
fn columns_mean_what_the_analyst_says() {
    let rules = |rules: &[&str]| rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let of = |columns: Vec<ColumnRule>, kind, header| Options {
        columns,
        kind,
        header,
        ..Options::default()
    };
    let phone = Some(Kind::Phone);
    let recognised = Header::Recognised;
    for (file, options, expected) in [
        (
            "Rufnr.;Wer\n(202) 555-0123;x\n",
            of(rules(&["Rufnr.=value"]), phone, recognised),
            "2 +12025550123",
        ),
        (
            "a;b\nx;202 555 0123\n",
            of(rules(&["2=value"]), phone, Header::Present),
            "2 +12025550123",
        ),
        (
            "x;202 555 0123\n",
            of(rules(&["2=value"]), phone, Header::Absent),
            "1 +12025550123",
        ),
        (
            "Telefon,Wert\n202 555 0123,no\n",
            of(rules(&["Wert=-"]), None, recognised),
            "2 +12025550123",
        ),
        (
            "Telefon,Wert\n202 555 0123,no\n",
            of(rules(&["telefon=value"]), None, recognised),
            "2 +12025550123",
        ),
        (
            "x,202 555 0123\n",
            of(rules(&[]), phone, recognised),
            "1 +12025550123",
        ),
        (
            "phone|202 555 0123\nemail|a@example.com\n",
            of(rules(&[]), None, recognised),
            "1 +12025550123\n2 a@example.com",
        ),
        (
            "'kind';'value'\n'phrase';'blue; lotus'\n",
            of(rules(&[]), None, recognised),
            "2 blue; lotus",
        ),
        (
            "E-Mail-Adresse\nA@Example.com\n",
            of(rules(&[]), None, recognised),
            "2 a@example.com",
        ),
    ] {
        assert_eq!(
            read_as(file.as_bytes(), "x.csv", &options)
                .unwrap()
                .join("\n"),
            expected,
            "{file}"
        );
    }
    for (file, options, said) in [
        (
            "value\nx\n",
            of(rules(&["Wert=value"]), phone, recognised),
            "line 1: there is no column 'Wert' to map (there are 'value')",
        ),
        (
            "a,b\n",
            of(rules(&["a=value", "b=value"]), phone, recognised),
            "'a' and 'b' both mean value",
        ),
        (
            "hello,you\n",
            of(rules(&[]), phone, recognised),
            "no column 'value'",
        ),
        (
            "hello,you\n",
            of(rules(&[]), phone, Header::Absent),
            "such as 1=value",
        ),
    ] {
        let error = read_as(file.as_bytes(), "x.csv", &options).unwrap_err();
        assert!(error.contains(said), "'{error}' does not say '{said}'");
    }
    for (rule, said) in [
        ("value", "Telefon=value"),
        ("=value", "Telefon=value"),
        ("a=fone", "'fone' is not a field"),
    ] {
        let error = rule.parse::<ColumnRule>().unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn refused_rows_are_corrected_and_come_back() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let file = "Telefon;Wer;Notiz\n=1+1;x;\n202 555 0123;y;\n\"open;;\n12;z;'@home\n";
    let refused_of = |file: &[u8]| {
        let import = read(file, "x.csv", &Options::default(), terms(&defaults, &mint)).unwrap();
        let columns = import.columns().to_vec();
        let rows: Vec<_> = import
            .filter_map(|row| {
                let row = row.unwrap();
                match row.outcome {
                    RowOutcome::Refused { cells, .. } => Some((cells, row.place.to_string())),
                    _ => None,
                }
            })
            .collect();
        let rows = rows
            .iter()
            .map(|(cells, place)| (cells.as_slice(), "because".to_owned(), place.clone()));
        String::from_utf8(refused(&columns, rows)).unwrap()
    };
    let report = refused_of(file.as_bytes());
    assert_eq!(
        report,
        "Telefon,Wer,Notiz,refused_because,refused_at\r\n\
         '=1+1,x,,because,line 2\r\n\
         \"\"\"open\",,,because,line 4\r\n\
         12,z,'@home,because,line 5\r\n"
    );
    let corrected = report.replace("'=1+1", "202 555 0147");
    let rows = read_as(corrected.as_bytes(), "x.csv", &Options::default()).unwrap();
    assert_eq!(rows[0], "2 +12025550147");
    assert!(
        refused_of(report.as_bytes())
            .starts_with("Telefon,Wer,Notiz,refused_because,refused_at\r\n")
    );
}

#[test]
fn a_row_that_cannot_be_split_keeps_its_cells_apart() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let file =
        "kind,value,note\nphrase,\"blue, lotus\",\"she \"said\" so\"\nphrase,\"red\" rose,x\n";
    let import = read(
        file.as_bytes(),
        "x.csv",
        &Options::default(),
        terms(&defaults, &mint),
    );
    let refused: Vec<Vec<String>> = import
        .unwrap()
        .map(|row| match row.unwrap().outcome {
            RowOutcome::Refused { cells, .. } => cells,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        refused,
        [
            ["phrase", "blue, lotus", "\"she \"said\" so\""],
            ["phrase", "\"red\" rose", "x"],
        ]
    );
}

#[test]
fn a_column_says_by_whose_rules_a_national_number_is_read() {
    check(
        "kind,value,region\n\
         phone,020 7946 0123,gb\n\
         phone,202 555 0147,\n\
         phone,+33 1 99 00 12 34,France\n\
         phrase,blue lotus,Bavaria\n\
         phone,020 7946 0456,Britain\n",
        &[
            "2 +442079460123",
            "3 +12025550147",
            "4 +33199001234",
            "5 blue lotus",
            "6 ! region: 'BRITAIN' is no country's code…write two letters…",
        ],
    );
}

#[test]
fn a_number_whose_plus_a_spreadsheet_took_is_told_as_such() {
    let (defaults, mint) = (defaults(), Mint::seeded(1));
    let terms = Terms {
        region: None,
        ..terms(&defaults, &mint)
    };
    let file = b"kind,value\nphone,442079460123\nphone,7946\n";
    let rows = told(read(file, "x.csv", &Options::default(), terms).unwrap());
    assert!(
        rows[0].contains("lost its plus sign") && rows[0].contains("+442079460123"),
        "{rows:?}"
    );
    assert!(!rows[1].contains("plus sign"), "{rows:?}");
}

#[test]
fn cells_beyond_the_header_are_kept_and_refused_until_they_are_put_right() {
    let columns = ["kind", "value", "note"].map(str::to_owned);
    let cells = ["phrase", "we keep your", " passport", "why", "n"].map(str::to_owned);
    let rows = [(&cells[..], "because".to_owned(), "line 2".to_owned())];
    let report = String::from_utf8(refused(&columns, rows)).unwrap();
    assert_eq!(
        report,
        "kind,value,note,cells_beyond,refused_because,refused_at\r\n\
         phrase,we keep your, passport,\"why,n\",because,line 2\r\n"
    );
    let rows = read_as(report.as_bytes(), "x.csv", &Options::default()).unwrap();
    assert!(
        rows[0].starts_with("2 ! ") && rows[0].contains("more cells"),
        "{rows:?}"
    );
    let corrected = report.replace(
        "we keep your, passport,\"why,n\"",
        "\"we keep your, passport\",why,",
    );
    let rows = read_as(corrected.as_bytes(), "x.csv", &Options::default()).unwrap();
    assert_eq!(rows, ["2 we keep your, passport"]);
}

#[test]
fn a_host_under_somebody_elses_domain_stays_that_host() {
    let bundle = |name: &str| {
        format!(
            r#"{{"type":"indicator","id":"indicator--1","pattern":"[domain-name:value = '{name}']"}}"#
        )
    };
    for (name, said) in [
        ("example.com", "indicator--1 example.com"),
        ("Example.COM", "indicator--1 example.com"),
        ("www.lotus.example.com", "indicator--1 lotus.example.com"),
    ] {
        let rows = read_as(bundle(name).as_bytes(), "x.json", &Options::default()).unwrap();
        assert!(rows[0].starts_with(said), "{rows:?}");
    }
}
