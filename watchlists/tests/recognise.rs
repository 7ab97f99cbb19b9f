//! From what an analyst writes to what a listing shows: an entry in any spelling is recognised in any other.

use sightline_extractors::find_all;
use sightline_model::{Category, Entry, Mint, Timestamp, WatchlistId};
use sightline_watchlists::{
    EntryDefaults, EntryDraft, Matcher, Subject, Terms, Watched, entry, explain,
};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn defaults() -> EntryDefaults {
    EntryDefaults {
        purpose: Some("find her".into()),
        legal_basis: Some("order 7/2026".into()),
        owner: Some("desk 2".into()),
        category: Some(Category::Victim),
        review_after_days: Some(90),
        ..EntryDefaults::default()
    }
}

fn with_terms<T>(then: impl FnOnce(Terms<'_>) -> T) -> T {
    let mint = Mint::seeded(1);
    then(Terms {
        watchlist: mint.id::<WatchlistId>(NOW),
        defaults: &defaults(),
        region: Some("GB"),
        now: NOW,
        mint: &mint,
    })
}

fn made(kind: &str, value: &str) -> Entry {
    let draft = EntryDraft {
        kind: Some(kind.into()),
        value: Some(value.into()),
        ..EntryDraft::default()
    };
    with_terms(|terms| entry::make(&draft, &terms))
        .unwrap_or_else(|problems| panic!("{value}: {problems:?}"))
}

/// What of `text` is recognised, and the steps in words.
fn recognised(entry: &Entry, text: &str) -> Option<(String, String)> {
    let matcher = Matcher::new([Watched::from(entry)]).unwrap();
    let finds = find_all(text, Some("GB"));
    let subject = Subject {
        finds: &finds,
        images: &[],
        text,
        furniture: None,
        warnings: None,
    };
    let found = matcher.matches(&subject, NOW).pop()?;
    let (start, end) = found.span(&finds).unwrap();
    let raw = explain::excerpt(text, start, end).raw.to_owned();
    Some((raw, explain::steps(&found.steps)))
}

#[test]
fn an_entry_in_any_spelling_is_recognised_in_any_other() {
    for (kind, value, text, raw) in [
        (
            "phone",
            "020 7946 0123",
            "ring +44 (0)20 7946 0123 now",
            "+44 (0)20 7946 0123",
        ),
        (
            "phone",
            "+44 20 7946 0123",
            "ring 020-7946-0123 now",
            "020-7946-0123",
        ),
        (
            "phone",
            "tel:+12025550123",
            "whatsapp +1 202.555.0123",
            "+1 202.555.0123",
        ),
        (
            "email",
            "Lotus@Example.COM",
            "mail lotus@example.com",
            "lotus@example.com",
        ),
        (
            "handle",
            "instagram/Blue_Lotus",
            "insta: blue_lotus",
            "blue_lotus",
        ),
        (
            "handle",
            "https://www.instagram.com/blue_lotus/",
            "ig: Blue_Lotus",
            "Blue_Lotus",
        ),
        ("handle", "@blue_lotus", "insta: blue_lotus", "blue_lotus"),
        (
            "domain",
            "https://www.example.co.uk/x",
            "see example.co.uk",
            "example.co.uk",
        ),
        (
            "domain",
            "https://www.lotus.example.co.uk/x",
            "see lotus.example.co.uk",
            "lotus.example.co.uk",
        ),
        (
            "domain",
            "example.com",
            "mail a@mail.example.com",
            "a@mail.example.com",
        ),
        (
            "url",
            "https://Ads.Example.com/p/1?utm_source=x#top",
            "see https://ads.example.com/p/1",
            "https://ads.example.com/p/1",
        ),
        (
            "phrase",
            "blue  lotus",
            "the BLUE\nLotus spa",
            "BLUE\nLotus",
        ),
        (
            "phrase",
            "İstanbul masaj",
            "İstanbul masaj!",
            "İstanbul masaj",
        ),
        (
            "phrase",
            "istanbul masaj",
            "İSTANBUL MASAJ",
            "İSTANBUL MASAJ",
        ),
        (
            "phrase",
            "İstanbul masaj",
            "istanbul masaj",
            "istanbul masaj",
        ),
        (
            "phrase",
            "ISTANBUL masaj",
            "i\u{307}stanbul masaj",
            "i\u{307}stanbul masaj",
        ),
        ("pattern", "istanbul", "İstanbul'da", "İstanbul"),
        (
            "phrase",
            "1\u{20e3} room",
            "1\u{20e3} room",
            "1\u{20e3} room",
        ),
        ("phrase", "new\u{2800}girls", "new girls", "new girls"),
        ("phrase", "فتيات جديدة", "فَتَيَات جديدة", "فَتَيَات جديدة"),
        ("phrase", "فَتَيَات جديدة", "فتيات جديدة", "فتيات جديدة"),
        ("phrase", "فتيات جديدة", "فتيـــات جديدة", "فتيـــات جديدة"),
    ] {
        let found = recognised(&made(kind, value), text).map(|(raw, _)| raw);
        assert_eq!(found.as_deref(), Some(raw), "{kind} {value} in '{text}'");
    }
}

#[test]
fn another_identifier_is_not_recognised() {
    for (kind, value, text) in [
        ("phone", "020 7946 0123", "ring 020 7946 0124"),
        ("phone", "020 7946 0123", "our price: 20794601.23"),
        ("email", "lotus@example.com", "mail lotus@example.org"),
        ("handle", "instagram/blue_lotus", "telegram: blue_lotus"),
        ("domain", "example.com", "mail a@notexample.com"),
        ("domain", "www.lotus.example.co.uk", "see example.co.uk"),
        ("phrase", "lotus", "lotuses"),
    ] {
        assert_eq!(
            recognised(&made(kind, value), text),
            None,
            "{kind} {value} in '{text}'"
        );
    }
}

#[test]
fn the_steps_are_told_in_words() {
    let (_, words) = recognised(&made("phone", "+44 20 7946 0123"), "ring 020-7946-0123").unwrap();
    assert!(
        words.contains("a national number of the United Kingdom"),
        "{words}"
    );
}
