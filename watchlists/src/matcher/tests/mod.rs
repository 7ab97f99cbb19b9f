//! What the matcher recognises, and by what.

mod pages;
mod several;
mod texts;
mod ways;

use proptest::prelude::*;
use sightline_extractors::fold_text;
use sightline_model::Mint;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Entries as `kind value`, with ids that follow from their order.
fn watched(entries: &[&str]) -> Vec<Watched> {
    let mint = Mint::seeded(1);
    let watchlist = mint.id(NOW);
    entries
        .iter()
        .map(|entry| Watched {
            id: mint.id(NOW),
            watchlist,
            way: Way::usual(selector(entry).kind),
            selector: selector(entry),
            expires_at: None,
            despite_warning: false,
        })
        .collect()
}

fn selector(words: &str) -> Selector {
    let (kind, value) = words.split_once(' ').unwrap();
    Selector::new(kind.parse().unwrap(), value)
}

fn find(words: &str, confidence: Confidence) -> Find {
    Find {
        selector: selector(words),
        raw: String::new(),
        start: 0,
        end: 0,
        confidence,
        steps: vec![Step::from("found")],
    }
}

/// What is recognised, as `entry: by steps confidence`, where the entry is named by its place.
fn recognised(entries: &[&str], finds: &[Find], images: &[Selector], text: &str) -> Vec<String> {
    let entries = watched(entries);
    let matcher = Matcher::new(entries.clone()).unwrap();
    let subject = Subject {
        finds,
        images,
        text,
        furniture: None,
        warnings: None,
    };
    matcher
        .matches(&subject, NOW)
        .into_iter()
        .map(|found| {
            let place = entries
                .iter()
                .position(|entry| entry.id == found.entry)
                .unwrap();
            let by = match found.by {
                MatchBy::Find(index) => format!("find {index}"),
                MatchBy::Image(index) => format!("image {index}"),
                MatchBy::Text { start, end } => format!("'{}'", &text[start..end]),
            };
            let steps: Vec<_> = found.steps.iter().map(|step| step.0.as_ref()).collect();
            format!("{place}: {by} [{}] {}", steps.join(" "), found.confidence)
        })
        .collect()
}

#[test]
fn finds_show_entries() {
    use Confidence::{Exact, Inferred, Normalised};
    for (entries, finds, expected) in [
        (
            vec!["phone +12025550123", "phone +12025550124"],
            vec![("phone +12025550123", Normalised)],
            vec!["0: find 0 [found] normalised"],
        ),
        // The same value of another kind is another thing.
        (
            vec!["domain example.com"],
            vec![("url example.com", Exact)],
            vec![],
        ),
        // Two lists may look for the same.
        (
            vec!["email a@example.com", "email a@example.com"],
            vec![("email a@example.com", Exact)],
            vec!["0: find 0 [found] exact", "1: find 0 [found] exact"],
        ),
        // Each entry once, by the best.
        (
            vec!["phone +12025550123"],
            vec![
                ("phone +12025550123", Inferred),
                ("phone +12025550123", Exact),
                ("phone +12025550123", Exact),
            ],
            vec!["0: find 1 [found] exact"],
        ),
        // The domain of an e-mail address, at any depth, but not a longer name that ends alike.
        (
            vec!["domain example.co.uk", "domain example.com"],
            vec![
                ("email a@mail.example.co.uk", Exact),
                ("email a@notexample.com", Exact),
            ],
            vec!["0: find 0 [found email_domain] normalised"],
        ),
        // Handles.
        (
            vec![
                "handle any/lotus",
                "handle instagram/lotus",
                "handle telegram/lotus",
            ],
            vec![("handle instagram/lotus", Exact)],
            vec![
                "0: find 0 [found any_platform] inferred",
                "1: find 0 [found] exact",
            ],
        ),
        (
            vec![
                "handle any/lotus",
                "handle instagram/lotus",
                "handle any/rose",
            ],
            vec![("handle any/lotus", Inferred)],
            vec![
                "0: find 0 [found] inferred",
                "1: find 0 [found any_platform] inferred",
            ],
        ),
        (
            vec!["handle instagram/lotus"],
            vec![
                ("handle any/lotus", Inferred),
                ("handle instagram/lotus", Normalised),
            ],
            vec!["0: find 1 [found] normalised"],
        ),
    ] {
        let finds: Vec<Find> = finds
            .iter()
            .map(|&(words, confidence)| find(words, confidence))
            .collect();
        assert_eq!(
            recognised(&entries, &finds, &[], ""),
            expected,
            "{entries:?}"
        );
    }
}

#[test]
fn images_show_entries() {
    let entries = ["image sha256/aa", "image pdq/bb"];
    let images = ["image sha256/cc", "image sha256/aa"].map(selector);
    assert_eq!(
        recognised(&entries, &[], &images, ""),
        ["0: image 1 [] exact"]
    );
}

#[test]
fn phrases_show_entries_where_they_are_whole_words() {
    for (phrase, text, expected) in [
        (
            "blue lotus",
            "The blue lotus spa",
            Some("'blue lotus' [] exact"),
        ),
        (
            "blue lotus",
            "The BLUE\n\nLotus.",
            Some("'BLUE\n\nLotus' [folded] normalised"),
        ),
        ("blue lotus", "The blue lotuses", None),
        ("anna", "Joanna", None),
        (
            "anna",
            "joanna and Anna",
            Some("'Anna' [folded] normalised"),
        ),
        (
            "strasse 5",
            "In der Straße 5!",
            Some("'Straße 5' [folded] normalised"),
        ),
        ("张伟", "我叫张伟在这里", Some("'张伟' [] exact")),
        ("οδοσ", "ΟΔΟΣ", Some("'ΟΔΟΣ' [folded] normalised")),
    ] {
        let entry = format!("phrase {phrase}");
        let expected: Vec<String> = expected.iter().map(|found| format!("0: {found}")).collect();
        assert_eq!(
            recognised(&[&entry], &[], &[], text),
            expected,
            "{phrase} in {text}"
        );
    }
}

#[test]
fn a_phrase_inside_another_is_found_too() {
    let entries = ["phrase lotus", "phrase blue lotus spa", "phrase lotus spa"];
    assert_eq!(
        recognised(&entries, &[], &[], "blue lotus spa"),
        [
            "1: 'blue lotus spa' [] exact",
            "0: 'lotus' [] exact",
            "2: 'lotus spa' [] exact"
        ]
    );
}

#[test]
fn what_expired_does_not_match() {
    let mut entries = watched(&["phone +12025550123", "phrase lotus"]);
    for entry in &mut entries {
        entry.expires_at = Some(NOW);
    }
    let matcher = Matcher::new(entries).unwrap();
    let finds = [find("phone +12025550123", Confidence::Exact)];
    let subject = Subject {
        finds: &finds,
        images: &[],
        text: "lotus",
        furniture: None,
        warnings: None,
    };
    assert_eq!(matcher.matches(&subject, Timestamp(NOW.0 - 1)).len(), 2);
    assert_eq!(matcher.matches(&subject, NOW), []);
}

#[test]
fn the_next_matcher_shares_its_phrases_unless_they_changed() {
    let entries = watched(&["phrase lotus", "phone +12025550123", "phone +12025550124"]);
    let first = Matcher::new(entries[..2].iter().cloned()).unwrap();

    let second = first
        .with([entries[2].clone()], &HashSet::from([entries[1].id]))
        .unwrap();
    assert!(Arc::ptr_eq(&first.texts, &second.texts));
    assert_eq!(second.len(), 2);

    let third = second.with([], &HashSet::from([entries[0].id])).unwrap();
    assert!(!Arc::ptr_eq(&second.texts, &third.texts));
    let subject = Subject {
        text: "lotus",
        ..Subject::default()
    };
    assert_eq!(second.matches(&subject, NOW).len(), 1);
    assert_eq!(third.matches(&subject, NOW), []);
}

#[test]
fn an_added_entry_replaces_that_of_its_id() {
    let entries = watched(&["phone +12025550123"]);
    let matcher = Matcher::new(entries.clone()).unwrap();
    let mut ended = entries[0].clone();
    ended.expires_at = Some(NOW);
    let next = matcher.with([ended], &HashSet::new()).unwrap();
    assert_eq!(next.len(), 1);
    let finds = [find("phone +12025550123", Confidence::Exact)];
    let subject = Subject {
        finds: &finds,
        ..Subject::default()
    };
    assert_eq!(next.matches(&subject, NOW), []);
}

#[test]
fn a_phrase_of_any_letter_is_found_in_its_own_spelling() {
    // Each letter alone, and with a mark that may become one with it.
    for letter in ('\u{80}'..=char::MAX).filter(|letter| letter.is_alphanumeric()) {
        for text in [format!("x{letter} {letter}"), format!("{letter}\u{307}y")] {
            let canonical = sightline_extractors::canonical(Kind::Phrase, &text, None)
                .unwrap()
                .value;
            let (phrase, words) = (marks::words_of(&canonical), marks::words_of(&text));
            assert_eq!(phrase, words, "{letter} {:x}", letter as u32);
        }
    }
}

proptest! {
    #[test]
    fn a_phrase_between_other_words_is_found(
        phrase in "[a-zA-ZäöüßéÉà]{3,8}( [a-zA-Zа-яА-Я]{1,8}){0,2}",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
    ) {
        let folded = fold_text(&phrase).text;
        let entry = format!("phrase {folded}");
        let text = format!("{before} - {phrase} - {after}");
        let matcher = Matcher::new(watched(&[&entry])).unwrap();
        let subject = Subject { text: &text, ..Subject::default() };
        let found = matcher.matches(&subject, NOW);
        prop_assert_eq!(found.len(), 1);
        let MatchBy::Text { start, end } = found[0].by else { unreachable!() };
        prop_assert_eq!(fold_text(&text[start..end]).text, folded);
    }

    #[test]
    fn a_phrase_is_found_in_its_own_spelling(
        text in "\\PC{1,20}|[ -~İıÎÏßΣﬁŉǰ\u{300}-\u{308}\u{323}\u{345}\u{200b}\u{20e3}´'’]{1,20}|[\\p{Arabic} ]{1,20}|[\\p{Hangul} ]{1,12}|[\\p{Thai}\\p{Devanagari}\\p{Greek} ]{1,20}|[\\p{Lu}\\p{Lt}\\p{M}\\p{Lm} ]{1,12}",
    ) {
        // Quotation marks make it an expression of phrases.
        prop_assume!(!text.contains(['"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{201f}', '\u{ab}', '\u{bb}', '\u{ff02}']));
        if let Ok(canonical) = sightline_extractors::canonical(Kind::Phrase, &text, None) {
            let matcher = Matcher::new(watched(&[&canonical.to_string()])).unwrap();
            let subject = Subject { text: &text, ..Subject::default() };
            prop_assert_eq!(matcher.matches(&subject, NOW).len(), 1, "{}", canonical);
        }
    }

    #[test]
    fn any_text_is_read_without_harm(text in ".{0,200}") {
        let matcher = Matcher::new(watched(&["phrase lotus", "phrase a"])).unwrap();
        for found in matcher.matches(&Subject { text: &text, ..Subject::default() }, NOW) {
            let MatchBy::Text { start, end } = found.by else { unreachable!() };
            prop_assert!(start < end && text.get(start..end).is_some());
        }
    }
}

#[test]
fn what_a_warning_list_names_is_recognised_and_marked() {
    let lists = WarningLists::built_in();
    let finds = [find("phone +18883737888", Confidence::Exact)];
    let subject = Subject {
        finds: &finds,
        warnings: Some(&lists),
        ..Subject::default()
    };
    let mut entries = watched(&["phone +18883737888"]);
    for (despite, warned) in [(false, true), (true, false)] {
        entries[0].despite_warning = despite;
        let matches = Matcher::new(entries.clone())
            .unwrap()
            .matches(&subject, NOW);
        assert_eq!(matches[0].warning.is_some(), warned);
    }
}

#[test]
fn furniture_is_passed_over_and_what_stands_beside_it_is_not() {
    let entries = watched(&["domain ads.example", "phone +12025550123"]);
    let matcher = Matcher::new(entries).unwrap();
    let finds: Vec<Find> =
        sightline_extractors::find_all("support@ads.example or +1 202 555 0123", None);
    let by = |furniture: &[&str]| {
        let furniture: HashSet<Selector> = furniture.iter().map(|words| selector(words)).collect();
        let subject = Subject {
            finds: &finds,
            furniture: Some(&furniture),
            ..Subject::default()
        };
        matcher.matches(&subject, NOW).len()
    };
    assert_eq!(by(&[]), 2);
    assert_eq!(by(&["phone +12025550123"]), 1);
    assert_eq!(by(&["email support@ads.example"]), 1);
}
