//! What is written in each format is read back as it was.

use proptest::prelude::*;
use sightline_model::{Mint, Selector};

use super::*;
use crate::{
    draft::{EntryDefaults, EntryDraft, Terms},
    entry::{make, sketch},
    import::{self, Options, RowOutcome},
};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// A value of every kind, and of every form that a format writes in its own way.
const VALUES: [(&str, &str, &str); 20] = [
    ("phone", "+12025550123", ""),
    ("email", "lotus@example.com", ""),
    ("handle", "telegram/lotus_demo", ""),
    ("handle", "twitter/lotus_demo", ""),
    ("handle", "any/lotus_demo", ""),
    ("handle", "whatsapp/+12025550147", ""),
    ("url", "https://example.com/it's?a=\\b", ""),
    ("domain", "example.com", ""),
    ("wallet", "btc/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", ""),
    (
        "wallet",
        "eth/0x52908400098527886e0f7030069857d2e4169ee7",
        "",
    ),
    (
        "image",
        "sha256/ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c",
        "",
    ),
    (
        "image",
        "pdq/ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c",
        "",
    ),
    ("phone", "+12025550199", "exact"),
    ("domain", "girls.lotus.example.net", "host"),
    ("url", "https://example.com/lotus", "prefix"),
    ("email", "rose@example.com", "exact"),
    ("pattern", r"room\s+'\d{3}'\b", ""),
    ("phrase", "blue lotus", ""),
    ("phrase", "蓝色莲花", ""),
    ("phrase", "she isn't free", ""),
];

fn list() -> Watchlist {
    Watchlist {
        id: Mint::seeded(7).id(NOW),
        name: "Operation \"Lotus\"".into(),
        defaults: serde_json::Value::Null,
        rules: serde_json::Value::Null,
        created_at: NOW,
    }
}

fn terms<'a>(list: &Watchlist, defaults: &'a EntryDefaults, mint: &'a Mint) -> Terms<'a> {
    Terms {
        watchlist: list.id,
        defaults,
        region: None,
        now: NOW,
        mint,
    }
}

fn written(format: Format, list: &Watchlist, entries: &[Entry]) -> Vec<u8> {
    let export = Export {
        watchlist: list,
        entries,
        changed: &HashMap::new(),
        now: NOW,
    };
    let mut file = Vec::new();
    write(format, &export, &mut file).unwrap();
    file
}

/// The entries in a file, under what is no part of it: their identifiers, and how they were once spelled.
fn read_back(file: &[u8], options: &Options<'_>, terms: Terms<'_>, like: &[Entry]) -> Vec<Entry> {
    let rows = import::read(file, "file", options, terms).unwrap();
    let entries: Vec<Entry> = rows
        .map(|row| match row.unwrap().outcome {
            RowOutcome::Ready(entry) => *entry,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(entries.len(), like.len());
    entries
        .into_iter()
        .zip(like)
        .map(|(entry, like)| Entry {
            id: like.id,
            written: like.written.clone(),
            ..entry
        })
        .collect()
}

fn some_text() -> impl Strategy<Value = String> {
    "[=+@'\"a-cé,;<&＝\\\\{}-]{0,8}".prop_map(|text| format!("{text}x"))
}

proptest! {
    // Each case writes and reads four files.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn an_export_is_read_back_as_it_was(
        chosen in prop::sample::subsequence(VALUES.to_vec(), 1..VALUES.len()),
        purpose in some_text(),
        note in some_text(),
        more in "[\n\t a-c'=]{0,5}",
        case in "[=+@'-]{0,2}[0-9/]{1,5}",
        tags in prop::sample::subsequence(vec!["docks", "north", "2027", "=x"], 0..4),
        tlp in prop::sample::select(Tlp::ALL),
        draft in any::<bool>(),
    ) {
        let (list, defaults, mint) = (list(), EntryDefaults::default(), Mint::seeded(1));
        let terms = terms(&list, &defaults, &mint);
        let text = |text: &str| Some(text.to_owned());
        let entries: Vec<Entry> = chosen
            .iter()
            .map(|(kind, value, way)| EntryDraft {
                way: Some((*way).to_owned()),
                region: None,
                kind: text(kind),
                value: text(value),
                purpose: text(&purpose),
                legal_basis: text("order 7"),
                owner: text("desk 2"),
                category: text("victim"),
                review_at: text("2027-05-23"),
                expires_at: text("2027-12-31"),
                case_reference: text(&case),
                severity: text("grave"),
                tlp: text(tlp.as_str()),
                note: Some(format!("{note}{more}x")),
                tags: Some(tags.join(", ")),
                despite_warning: Some(note.clone()),
            })
            .map(|written| match draft {
                true => sketch(&written, &terms).unwrap(),
                false => make(&written, &terms).unwrap(),
            })
            .collect();
        let formats: &[Format] = match draft {
            true => &[Format::Csv, Format::Xlsx, Format::Misp],
            false => &[Format::Csv, Format::Xlsx, Format::Misp, Format::Stix],
        };
        for format in formats {
            let file = written(*format, &list, &entries);
            prop_assert_eq!(&file, &written(*format, &list, &entries), "{} differs from itself", format);
            let read = read_back(&file, &Options::default(), terms, &entries);
            prop_assert_eq!(&read, &entries, "{}", format);
        }
    }

    /// A workbook is a stranger's, too: a byte changed here and there is an error at worst.
    #[test]
    fn a_broken_workbook_is_an_error_at_worst(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let (list, defaults, mint) = (list(), EntryDefaults::default(), Mint::seeded(1));
        let mut file = written(Format::Xlsx, &list, &entries_of(&VALUES[..2], Tlp::Amber));
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let options = Options { format: Some(Format::Xlsx), ..Options::default() };
        if let Ok(rows) = import::read(&file, "x.xlsx", &options, terms(&list, &defaults, &mint)) {
            prop_assert!(rows.count() < 100);
        }
    }
}

fn entries_of(values: &[(&str, &str, &str)], tlp: Tlp) -> Vec<Entry> {
    let (list, mint) = (list(), Mint::seeded(1));
    let defaults = EntryDefaults {
        purpose: Some("find her".into()),
        legal_basis: Some("order 7".into()),
        owner: Some("desk 2".into()),
        category: Some(sightline_model::Category::Victim),
        review_after_days: Some(90),
        tlp: Some(tlp),
        ..EntryDefaults::default()
    };
    let terms = terms(&list, &defaults, &mint);
    values
        .iter()
        .map(|(kind, value, way)| EntryDraft {
            way: Some((*way).to_owned()),
            kind: Some((*kind).to_owned()),
            value: Some((*value).to_owned()),
            ..EntryDraft::default()
        })
        .map(|draft| make(&draft, &terms).unwrap())
        .collect()
}

#[test]
fn a_plain_list_keeps_its_markings() {
    let (list, mint) = (list(), Mint::seeded(1));
    let mut entries = entries_of(&VALUES[..1], Tlp::Red);
    entries.extend(entries_of(
        &[("phone", "+12025550147", "")],
        Tlp::AmberStrict,
    ));
    let file = written(Format::Plain, &list, &entries);
    assert_eq!(
        String::from_utf8(file.clone()).unwrap(),
        "# TLP:AMBER+STRICT\n+12025550147\n# TLP:RED\n+12025550123\n"
    );
    entries.reverse();
    let defaults = EntryDefaults {
        purpose: Some("find her".into()),
        legal_basis: Some("order 7".into()),
        owner: Some("desk 2".into()),
        category: Some(sightline_model::Category::Victim),
        review_after_days: Some(90),
        ..EntryDefaults::default()
    };
    let options = Options {
        format: Some(Format::Plain),
        kind: Some(Kind::Phone),
        ..Options::default()
    };
    let read = read_back(&file, &options, terms(&list, &defaults, &mint), &entries);
    assert_eq!(read, entries);

    let several = Export {
        watchlist: &list,
        entries: &entries_of(&VALUES, Tlp::Green),
        changed: &HashMap::new(),
        now: NOW,
    };
    let error = write(Format::Plain, &several, Vec::new())
        .unwrap_err()
        .to_string();
    assert!(error.contains("choose one, such as phone"), "{error}");
}

#[test]
fn what_is_too_strictly_marked_stays_here() {
    let mut entries = entries_of(&VALUES[..2], Tlp::Red);
    entries.extend(entries_of(&VALUES[2..5], Tlp::Green));
    let (kept, left) = within(entries, Tlp::AmberStrict);
    assert_eq!((kept.len(), left), (3, 2));
}

#[test]
fn patterns_escape_what_they_quote() {
    let selector = Selector::new(Kind::Url, r"https://example.com/it's\");
    assert_eq!(
        stix::pattern(&selector),
        r"[url:value = 'https://example.com/it\'s\\']"
    );
}
