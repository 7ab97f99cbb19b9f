//! Phrases near each other, exclusions and patterns: each by example, and all together against one by one.

use std::time::{Duration, Instant};

use super::*;

/// What of the text each entry is recognised by, with the last step.
fn seen(kind: &str, value: &str, text: &str) -> Option<String> {
    let matcher = Matcher::new(watched(&[&format!("{kind} {value}")])).unwrap();
    let subject = Subject {
        text,
        ..Subject::default()
    };
    let found = matcher.matches(&subject, NOW).pop()?;
    let MatchBy::Text { start, end } = found.by else {
        panic!("{found:?}");
    };
    let step = found.steps.last().map(ToString::to_string);
    Some(format!(
        "'{}' {}",
        &text[start..end],
        step.unwrap_or_default()
    ))
}

#[test]
fn expressions_of_phrases() {
    let new_girls = r#""new girls" near:3 "no police""#;
    let massage = r#""massage" not "massage chair""#;
    for (value, text, expected) in [
        (
            new_girls,
            "New girls in town, no police!",
            Some("'New girls in town, no police' together"),
        ),
        (
            new_girls,
            "no POLICE but new girls",
            Some("'no POLICE but new girls' together"),
        ),
        (
            new_girls,
            "new girls one two three no police",
            Some("'new girls one two three no police' together"),
        ),
        (new_girls, "new girls one two three four no police", None),
        (
            new_girls,
            "new girls. a b c d e. no police here, new girls",
            Some("'no police here, new girls' together"),
        ),
        (new_girls, "new girlsno police", None),
        (
            r#""rose" near:1 "lotus" near:1 "spa""#,
            "rose x lotus y spa",
            Some("'rose x lotus y spa' together"),
        ),
        (
            r#""rose" near:1 "lotus" near:1 "spa""#,
            "lotus spa, a b, rose lotus",
            None,
        ),
        (
            r#""blue lotus" near:1 "lotus spa""#,
            "the blue lotus spa",
            Some("'blue lotus spa' together"),
        ),
        // One place is one phrase.
        (r#""massage" near:2 "massage""#, "massage here", None),
        (
            r#""massage" near:2 "massage""#,
            "a massage and massage",
            Some("'massage and massage' together"),
        ),
        (
            r#""massage" near:2 "massage""#,
            "massage one two three massage",
            None,
        ),
        (r#""massage" near:2 "thai massage""#, "thai massage", None),
        (
            r#""massage" near:2 "thai massage""#,
            "massage or thai massage",
            Some("'massage or thai massage' together"),
        ),
        (r#""rose" near:3 "lotus" near:1 "rose""#, "lotus rose", None),
        // The nearest rose is wanted for the third.
        (
            r#""rose" near:3 "lotus" near:1 "rose""#,
            "rose one two lotus rose",
            Some("'rose one two lotus rose' together"),
        ),
        (
            r#""rose" near:1 "rose" near:1 "rose""#,
            "rose x rose y rose",
            Some("'rose x rose y rose' together"),
        ),
        (r#""rose" near:1 "rose" near:1 "rose""#, "rose x rose", None),
        // In scripts without spaces, each character counts as a word.
        (
            r#""新人" near:3 "上门""#,
            "新人今天可上门",
            Some("'新人今天可上门' together"),
        ),
        (r#""新人" near:3 "上门""#, "新人今天还可以上门", None),
        (
            massage,
            "Massage and massage chair",
            Some("'Massage' folded"),
        ),
        (massage, "our massage chair", None),
        (
            massage,
            "a massage\nchair, then massage",
            Some("'massage' "),
        ),
        (
            r#""massage" without "hospital" without "clinic""#,
            "massage at home",
            Some("'massage' "),
        ),
        (
            r#""massage" without "hospital" without "clinic""#,
            "massage, clinic",
            None,
        ),
        (
            r#""massage" without "hospital""#,
            "massage, hospitality",
            Some("'massage' "),
        ),
    ] {
        assert_eq!(
            seen("phrase", value, text).as_deref(),
            expected,
            "{value} in '{text}'"
        );
    }
}

#[test]
fn marks_between_words_make_no_difference() {
    for (value, text, expected) in [
        (
            "we don't ask",
            "We don’t ask.",
            Some("'We don’t ask' folded"),
        ),
        ("we don’t ask", "we don't ask", Some("'we don't ask' ")),
        ("we don’t ask", "we don’t ask", Some("'we don’t ask' ")),
        (
            "girl's night",
            "the girl’s night",
            Some("'girl’s night' folded"),
        ),
        ("O'Brien", "call O‘Brien", Some("'O‘Brien' folded")),
        (
            "good looking girl",
            "a good-looking girl",
            Some("'good-looking girl' folded"),
        ),
        (
            "good-looking girl",
            "a good\u{2011}looking girl",
            Some("'good\u{2011}looking girl' folded"),
        ),
        ("no police", "(no-police)", Some("'no-police' folded")),
        ("no-police", "no police", Some("'no police' ")),
        ("girls new", "girls, new!", Some("'girls, new' folded")),
        (
            "no condom no problem",
            "No condom…no problem",
            Some("'No condom…no problem' folded"),
        ),
        // Nothing that is another word.
        ("no police", "nopolice", None),
        ("were", "we're", None),
        ("\"m*ssage\"", "m ssage, m-ssage", None),
        ("\"m*ssage\"", "M*ssage", Some("'M*ssage' folded")),
        // What must not stand there, and what stands near, is read likewise.
        (
            r#""massage" not "massage chair""#,
            "our massage-chair",
            None,
        ),
        (
            r#""massage" without "don't call""#,
            "massage, don’t call",
            None,
        ),
        (
            r#""new girls" near:2 "no police""#,
            "new-girls … and no-police",
            Some("'new-girls … and no-police' together"),
        ),
    ] {
        assert_eq!(
            seen("phrase", value, text).as_deref(),
            expected,
            "{value} in '{text}'"
        );
    }
}

/// Phrases that differ in nothing but their marks are several entries, and each is found.
#[test]
fn phrases_of_the_same_words_are_found_all() {
    let matcher = Matcher::new(watched(&[
        "phrase no-police",
        "phrase no police",
        "phrase no, police",
        r"pattern no-\w+",
    ]))
    .unwrap();
    let subject = Subject {
        text: "please: no-police here",
        ..Subject::default()
    };
    assert_eq!(matcher.matches(&subject, NOW).len(), 4);
}

#[test]
fn patterns_are_compared_with_folded_text() {
    for (value, text, expected) in [
        (
            r"room\s+\d{3}\b",
            "ask for ROOM\n 204.",
            Some("'ROOM\n 204' pattern"),
        ),
        (r"room\s+\d{3}\b", "room 2045", None),
        (
            r"\d{3} (roses|kisses)",
            "only \u{ff11}50\u{200b} Kisses",
            Some("'\u{ff11}50\u{200b} Kisses' pattern"),
        ),
        (
            r"\b\d{2}-\d{2}-\d{2}\b",
            "at 12-34-56",
            Some("'12-34-56' pattern"),
        ),
        (
            "новые? девочк.",
            "НОВЫЕ девочки",
            Some("'НОВЫЕ девочки' pattern"),
        ),
        (r"^new\b", "brand new", None),
    ] {
        assert_eq!(
            seen("pattern", value, text).as_deref(),
            expected,
            "{value} in '{text}'"
        );
    }
}

#[test]
fn a_thousand_patterns_cost_one_pass_and_not_a_thousand() {
    let held: Vec<String> = (0..900)
        .map(|number| format!(r"pattern code{number:03}\s+\d+"))
        .collect();
    let loose: Vec<String> = (0..100)
        .map(|number| format!(r"pattern \b{number:02}-\d{{2}}-[a-f]{{2}}\b"))
        .collect();
    let all: Vec<&str> = held.iter().chain(&loose).map(String::as_str).collect();
    let matcher = Matcher::new(watched(&all)).unwrap();
    let text = "some words of an ad that goes on and on. ".repeat(120) + "code417  99 and 42-17-be";
    let subject = Subject {
        text: &text,
        ..Subject::default()
    };
    assert_eq!(matcher.matches(&subject, NOW).len(), 2);
    let time = |matcher: &Matcher| {
        let once = || {
            let start = Instant::now();
            assert_eq!(matcher.matches(&subject, NOW).len(), 2);
            start.elapsed()
        };
        (0..5).map(|_| once()).min().unwrap_or(Duration::MAX)
    };
    let two = Matcher::new(watched(&[&held[417], &loose[42]])).unwrap();
    let (few, many) = (time(&two), time(&matcher));
    assert!(many < few * 60, "{many:?} for 1,000 and {few:?} for 2");
}

#[test]
fn a_text_made_of_what_is_looked_for_takes_no_seconds() {
    let matcher = Matcher::new(watched(&[
        r#"phrase "rose" near:50 "lotus" near:50 "spa" not "rose lotus""#,
        r"pattern (rose|lotus|spa|[a-z ]+)+\d{4}z",
        r"pattern ([a-z]+ )*[a-z]+ ([a-z]+ )*q{9}",
    ]))
    .unwrap();
    let text = "rose spa lotus ".repeat(60_000);
    let start = Instant::now();
    let subject = Subject {
        text: &text,
        ..Subject::default()
    };
    assert_eq!(matcher.matches(&subject, NOW).len(), 1);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_pattern_that_stays_is_not_compiled_again() {
    let entries = watched(&[r"pattern room \d{3}", r"pattern \d{5}", "phrase lotus"]);
    let first = Matcher::new(entries[..2].iter().cloned()).unwrap();
    let second = first.with([entries[2].clone()], &HashSet::new()).unwrap();
    for text in ["room 204", "90210", "lotus"] {
        let subject = Subject {
            text,
            ..Subject::default()
        };
        assert_eq!(second.matches(&subject, NOW).len(), 1, "{text}");
    }
    assert!(second.texts.shares_patterns_with(&first.texts));
}

fn some_text_entry() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab] ?[ab]".prop_map(|words| format!("phrase {words}")),
        ("[ab]", 1..4_u32, "[ab] [ab]")
            .prop_map(|(one, most, other)| format!(r#"phrase "{one}" near:{most} "{other}""#)),
        ("[ab]", "[ab]").prop_map(|(one, more)| format!(r#"phrase "{one}" not "{one} {more}""#)),
        ("[ab]", "[ab]{2}").prop_map(|(one, other)| format!(r#"phrase "{one}" without "{other}""#)),
        "[ab]{3,4}".prop_map(|letters| format!("pattern {letters}")),
        "[ab]\\[ab\\]{2} ?c".prop_map(|pattern| format!("pattern {pattern}")),
    ]
}

proptest! {
    /// Whatever else is looked for, an entry matches where it does alone.
    #[test]
    fn together_as_one_by_one(
        entries in prop::collection::vec(some_text_entry(), 0..12),
        text in "[abc ,]{0,40}",
    ) {
        let names: Vec<&str> = entries.iter().map(String::as_str).collect();
        let entries = watched(&names);
        let subject = Subject { text: &text, ..Subject::default() };
        let of = |entries: &[Watched]| {
            let mut matches = Matcher::new(entries.to_vec()).unwrap().matches(&subject, NOW);
            matches.sort_by_key(|found| found.entry);
            matches
        };
        let mut alone: Vec<Match> = entries.iter().flat_map(|entry| of(std::slice::from_ref(entry))).collect();
        alone.sort_by_key(|found| found.entry);
        prop_assert_eq!(of(&entries), alone);
    }

    /// An expression against the plainest reading of it: every pair of places, and words counted one by one.
    #[test]
    fn near_is_what_it_says(text in "([abc]{1,2} ){0,14}", most in 1..4_usize, one in "[ab]", other in "[ab]( ?[bc])?") {
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let places = |phrase: &str| -> Vec<(usize, usize)> {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            let starts = 0..(words.len() + 1).saturating_sub(phrase.len());
            starts.filter(|&at| words[at..at + phrase.len()] == phrase).map(|at| (at, at + phrase.len())).collect()
        };
        let is_near = |(from, to): (usize, usize), (start, end): (usize, usize)| {
            start.saturating_sub(to).max(from.saturating_sub(end)) <= most
        };
        let holds = |outer: (usize, usize), inner: (usize, usize)| outer.0 <= inner.0 && inner.1 <= outer.1;
        // One phrase does not stand where the other does.
        let are_two = |one: (usize, usize), other: (usize, usize)| !holds(one, other) && !holds(other, one);
        let others = places(&other);
        let expected = places(&one)
            .iter()
            .any(|place| others.iter().any(|other| are_two(*place, *other) && is_near(*place, *other)));
        let found = seen("phrase", &format!(r#""{one}" near:{most} "{other}""#), &text);
        prop_assert_eq!(found.is_some(), expected, "{:?}", found);
    }
}
