//! Cases of disguises: testdata/disguises.toml, and those beside it.

use crate::selectors::find_all;
use serde::Deserialize;
use sightline_model::Kind;

/// What is found in a text in disguise, and what is not.
#[derive(Deserialize)]
struct Cases {
    family: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    name: String,
    region: Option<String>,
    /// Text, and then each selector that is in it: `phone +12025550123`.
    cases: Vec<Vec<String>>,
}

const KINDS: [Kind; 4] = [Kind::Phone, Kind::Email, Kind::Handle, Kind::Wallet];

const TABLES: [&str; 5] = [
    include_str!("../../../../testdata/disguises.toml"),
    include_str!("../../../../testdata/disguises.more.toml"),
    include_str!("../../../../testdata/disguises.misspelt.toml"),
    include_str!("../../../../testdata/disguises.apart.toml"),
    include_str!("../../../../testdata/disguises.other.toml"),
];

#[test]
fn disguises_are_seen_through_and_other_figures_left() {
    let cases = TABLES.map(|table| toml::from_str::<Cases>(table).unwrap());
    let mut missed = Vec::new();
    let mut count = 0;
    for family in cases.iter().flat_map(|cases| &cases.family) {
        for case in &family.cases {
            let (text, wanted) = (&case[0], &case[1..]);
            count += 1;
            let mut found: Vec<String> = find_all(text, family.region.as_deref())
                .iter()
                .filter(|find| {
                    KINDS.contains(&find.selector.kind)
                        || wanted.contains(&find.selector.to_string())
                })
                .map(|find| find.selector.to_string())
                .collect();
            let mut wanted = wanted.to_vec();
            found.sort();
            wanted.sort();
            found.dedup();
            if found != wanted {
                missed.push(format!(
                    "{}: {text:?}\n    wanted {wanted:?}\n    found  {found:?}",
                    family.name
                ));
            }
        }
    }
    assert!(count > 300, "cases are missing");
    assert!(
        missed.is_empty(),
        "{} of {count}\n{}",
        missed.len(),
        missed.join("\n")
    );
}
