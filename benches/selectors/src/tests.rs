//! What must hold of all families of both splits: they can be made, repeat exactly, and hold nobody's data.

use std::{collections::BTreeSet, path::Path};

use sightline_model::Kind;

use crate::{
    document::{Document, Maker},
    family::{Family, Split, Subject},
    pool::Pools,
    pools,
};

const SPLITS: [&str; 2] = ["tuned", "held_out"];

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn split(name: &str) -> Split {
    Split::load(&folder().join("families").join(name)).unwrap()
}

fn documents<'f>(split: &'f Split, pools: &Pools, seed: u64) -> Vec<(&'f Family, Vec<Document>)> {
    let maker = Maker {
        pools,
        split,
        name: "tuned",
        seed,
    };
    let families = split.families.iter();
    families
        .map(|family| (family, maker.documents(family).unwrap()))
        .collect()
}

#[test]
fn a_seed_gives_the_same_documents_again() {
    let pools = pools(folder()).unwrap();
    let split = split("tuned");
    let lines = |seed| {
        let all = documents(&split, &pools, seed);
        let all = all.into_iter().flat_map(|(_, documents)| documents);
        all.map(|document| serde_json::to_string(&document).unwrap())
            .collect::<Vec<_>>()
    };
    let once = lines(1);
    assert_eq!(once, lines(1));
    let differing = once
        .iter()
        .zip(lines(2))
        .filter(|(once, other)| **once != *other);
    assert!(differing.count() > once.len() * 9 / 10);
}

#[test]
fn every_document_is_whole() {
    let pools = pools(folder()).unwrap();
    for name in SPLITS {
        for (family, documents) in documents(&split(name), &pools, 7) {
            assert!(
                family.about.ends_with('.'),
                "{}: {}",
                family.name,
                family.about
            );
            assert!(
                documents.len() >= 20,
                "{} is too small to say anything",
                family.name
            );
            for document in documents {
                let shown = document
                    .text
                    .as_deref()
                    .or(document.html.as_deref())
                    .unwrap();
                assert_eq!(slot(shown), None, "{}: {shown}", document.id);
                assert_eq!(
                    document.expect.is_empty(),
                    family.subject == Subject::Nothing,
                    "{}",
                    document.id
                );
            }
        }
    }
}

/// Words that stand in such brackets because that is how an address is hidden: `rose{at}example{dot}com`.
const SIGNS: [&str; 2] = ["at", "dot"];

/// The first slot that nobody filled.
fn slot(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('{') {
        let name = behind.split('}').next().unwrap_or_default();
        let is_slot = name.bytes().all(|byte| byte.is_ascii_lowercase()) && !SIGNS.contains(&name);
        if behind.len() > name.len() && is_slot {
            return Some(name);
        }
        rest = behind;
    }
    None
}

#[test]
fn what_is_not_disguised_stands_there() {
    let pools = pools(folder()).unwrap();
    for name in SPLITS {
        for (family, documents) in documents(&split(name), &pools, 3) {
            if family.disguised != Some(false) {
                continue;
            }
            for document in documents {
                let shown = document
                    .text
                    .as_deref()
                    .or(document.html.as_deref())
                    .unwrap();
                let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
                for expected in &document.expect {
                    let value = &expected.value;
                    let is_there = match expected.kind {
                        // The longest country code has three digits, and the trunk's zero may stand before the rest.
                        Kind::Phone => digits.contains(&value[4..]),
                        Kind::Handle | Kind::Wallet => value
                            .split_once('/')
                            .is_some_and(|(_, name)| shown.contains(name)),
                        _ => shown.contains(value.trim_start_matches("https://")),
                    };
                    assert!(is_there, "{}: {value} in {shown}", document.id);
                }
            }
        }
    }
}

/// What is held out says something where it is a whole round, and nothing of it was tuned with.
#[test]
fn a_held_out_round_is_whole_and_shares_nothing_with_the_tuned() {
    const FAMILIES: usize = 60;
    let (tuned, held_out) = (split("tuned"), split("held_out"));
    if held_out.families.is_empty() {
        // Between two examinations none is held out.
        return;
    }
    let names = |split: &Split| -> BTreeSet<String> {
        let families = split.families.iter();
        families.map(|family| family.name.clone()).collect()
    };
    let rounds = |split: &Split| -> BTreeSet<String> { split.rounds.keys().cloned().collect() };
    let ads = |split: &Split| -> BTreeSet<String> {
        let of_rounds = split.rounds.values().flat_map(|round| round.ads.values());
        let of_families = split.families.iter().flat_map(|family| family.ads.values());
        of_rounds.chain(of_families).flatten().cloned().collect()
    };
    assert!(names(&tuned).is_disjoint(&names(&held_out)));
    assert!(rounds(&tuned).is_disjoint(&rounds(&held_out)));
    assert!(ads(&tuned).is_disjoint(&ads(&held_out)));
    let count = held_out.families.len();
    assert!(count >= FAMILIES, "{count} families are held out");
    for kind in ["phone", "email", "handle", "web", "wallet", "nothing"] {
        let mut families = held_out.families.iter();
        let has = families.any(|family| family.subject.as_str() == kind);
        assert!(has, "{kind} is missing");
    }
}

/// Every number is of a range that is kept for fiction, by the beginnings of those ranges.
#[test]
fn no_number_is_anybodys() {
    const FICTION: [&str; 24] = [
        "447700900",
        "442079460",
        "441214960",
        "441414960",
        "441614960",
        "441134960",
        "441914980",
        "3319900",
        "3326191",
        "3335301",
        "3346571",
        "3353649",
        "3363998",
        "493023125",
        "494066969",
        "496990009",
        "498999998",
        "4917139200",
        "61491570",
        "61491571",
        "4670174061",
        "4670174063",
        "4670174065",
        "4670174068",
    ];
    let pools = pools(folder()).unwrap();
    for name in SPLITS {
        for (_, documents) in documents(&split(name), &pools, 5) {
            let expected = documents.iter().flat_map(|document| &document.expect);
            for phone in expected.filter(|expected| expected.kind == Kind::Phone) {
                let digits = phone.value.trim_start_matches('+');
                let is_american =
                    digits.len() == 11 && digits.starts_with('1') && &digits[4..9] == "55501";
                let is_fiction = FICTION.iter().any(|range| digits.starts_with(range));
                assert!(is_american || is_fiction, "{}", phone.value);
            }
        }
    }
}
