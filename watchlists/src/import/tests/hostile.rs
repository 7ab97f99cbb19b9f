//! What no program should write is read, or refused, and never brings a reader down.

use proptest::prelude::*;

use super::{super::*, imported, read_as};

proptest! {
    #[test]
    fn guarded_cells_read_back(cell in "[=+@'\t\r＝a-]{0,4}.{0,6}") {
        let safe = cells::guarded(&cell);
        prop_assert_eq!(cells::unguarded(&safe), cell.as_str());
        prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']));
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
        let mut reader = cells::Cells::new(file.as_slice());
        let dialect = cells::Dialect { delimiter: ',', quote: '"' };
        while let Some(row) = reader.row(dialect).unwrap() {
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
    /// Nothing that a stranger sends brings a reader down, whatever it is taken for.
    #[test]
    fn any_bytes_in_any_format(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0..5_usize) {
        let starts: [&[u8]; 5] = [b"", b"PK\x03\x04", b"{\"type\":\"bundle\",\"objects\":[", b"{\"Event\":{", b"value\n"];
        let file = [starts[start], &bytes].concat();
        for format in Format::ALL {
            let options = Options { format: Some(format), kind: Some(Kind::Phone), ..Options::default() };
            let _ = read_as(&file, "file", &options);
        }
    }

    #[test]
    fn any_pattern_is_read_or_refused(pattern in "[\\[\\]()'=:., a-cORANDIN\\\\]{0,40}") {
        let bundle = serde_json::json!({"type": "indicator", "id": "indicator--1", "pattern": pattern});
        let rows = read_as(bundle.to_string().as_bytes(), "x", &Options::default()).unwrap();
        prop_assert!(!rows.is_empty());
    }

    /// JSON of the right words in the wrong places.
    #[test]
    fn any_json_is_read_or_refused(file in some_json()) {
        for format in [Format::Stix, Format::Misp] {
            let options = Options { format: Some(format), ..Options::default() };
            let _ = read_as(file.to_string().as_bytes(), "x", &options);
        }
    }
}

fn some_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    const WORDS: [&str; 26] = [
        "type",
        "bundle",
        "objects",
        "indicator",
        "pattern",
        "[url:value = 'http://example.com']",
        "id",
        "labels",
        "sighting",
        "sighting_of_ref",
        "object_marking_refs",
        "extensions",
        "Event",
        "Attribute",
        "Object",
        "Tag",
        "name",
        "value",
        "phone-number",
        "to_ids",
        "Sighting",
        "date_sighting",
        "object_relation",
        "sightline-entry",
        "selector",
        "response",
    ];
    let word = || prop::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..8).prop_map(|members| Value::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()
            )),
        ]
    })
}
