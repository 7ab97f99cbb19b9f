//! Addresses, names and wallets that wear disguises, and what looks like one: testdata/names.toml.

use serde::Deserialize;
use sightline_extractors::find_all;
use sightline_model::Kind;

#[derive(Deserialize)]
struct File {
    family: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    name: String,
    /// A text, and then every selector that is in it: e-mail addresses, handles and wallets; domains where one is named.
    cases: Vec<Vec<String>>,
}

#[test]
fn names_are_read_as_told() {
    let file: File = toml::from_str(include_str!("../testdata/names.toml")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for family in &file.family {
        for case in &family.cases {
            let (text, wanted) = case.split_first().unwrap();
            let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let asks_domains =
                wanted.is_empty() || wanted.iter().any(|value| value.starts_with("domain "));
            let finds = find_all(text, Some("US"));
            let mut found: Vec<String> = finds
                .iter()
                .filter(|find| match find.selector.kind {
                    Kind::Email | Kind::Handle | Kind::Wallet => true,
                    Kind::Domain => asks_domains,
                    _ => false,
                })
                .map(|find| find.selector.to_string())
                .collect();
            found.sort();
            found.dedup();
            wanted.sort_unstable();
            count += 1;
            if found != wanted {
                wrong.push(format!(
                    "{}: {text:?}\n    wanted {wanted:?}\n    found  {found:?}",
                    family.name
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
