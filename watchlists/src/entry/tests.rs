//! Drafts, and what is said of them.

use sightline_model::{Category, Mint, Selector, Timestamp, Tlp};

use super::*;
use crate::draft::EntryDefaults;

const NOW: &str = "2026-11-23T10:00:00Z";

fn whole() -> EntryDraft {
    let text = |text: &str| Some(text.to_owned());
    EntryDraft {
        kind: text("phrase"),
        value: text("  Blue LOTUS "),
        purpose: text("find her"),
        legal_basis: text("order 7/2026"),
        owner: text("desk 2"),
        category: text("Victim"),
        review_at: text("2027-05-23"),
        ..EntryDraft::default()
    }
}

fn made(draft: &EntryDraft, defaults: &EntryDefaults) -> Result<Entry, Vec<Problem>> {
    let mint = Mint::seeded(1);
    let now = Timestamp::parse(NOW).unwrap();
    make(
        draft,
        &Terms {
            watchlist: mint.id(now),
            defaults,
            region: Some("US"),
            now,
            mint: &mint,
        },
    )
}

/// What the problems are about, and the words that each holds.
fn check(change: impl FnOnce(&mut EntryDraft), expected: &[(&str, &str)]) {
    let mut draft = whole();
    change(&mut draft);
    let problems = made(&draft, &EntryDefaults::default())
        .err()
        .unwrap_or_default();
    let keys: Vec<&str> = problems
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    let expected_keys: Vec<&str> = expected.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, expected_keys, "{draft:?}");
    for (problem, (_, words)) in problems.iter().zip(expected) {
        assert!(
            problem.to_string().contains(words),
            "'{problem}' does not say '{words}'"
        );
    }
}

fn set(field: &mut Option<String>, text: &str) {
    *field = Some(text.to_owned());
}

#[test]
fn a_whole_draft_makes_an_entry() {
    let entry = made(&whole(), &EntryDefaults::default()).unwrap();
    assert_eq!(entry.selector, Selector::new(Kind::Phrase, "blue lotus"));
    assert_eq!(entry.written, "Blue LOTUS");
    assert_eq!(entry.category, Category::Victim);
    assert_eq!(entry.review_at.to_string(), "2027-05-23T00:00:00Z");
    assert_eq!(
        (entry.tlp, entry.severity, entry.expires_at),
        (Tlp::Amber, None, None)
    );
    assert!(entry.is_looked_for(entry.created_at));
}

#[test]
fn nothing_is_made_of_nothing_and_everything_is_said_at_once() {
    check(
        |draft| *draft = EntryDraft::default(),
        &[
            ("kind", "write one of phone, email"),
            ("value", "missing"),
            ("purpose", "why it is looked for"),
            ("legal_basis", "the law, order or consent"),
            ("owner", "who answers for it"),
            ("category", "suspect, victim, witness or other"),
            ("review_at", "looked at again"),
        ],
    );
}

#[test]
fn each_field_says_what_is_wrong() {
    check(
        |draft| set(&mut draft.purpose, " \t "),
        &[("purpose", "missing")],
    );
    check(
        |draft| set(&mut draft.owner, "a\nb"),
        &[("owner", "line break")],
    );
    check(
        |draft| set(&mut draft.owner, "a\u{7}b"),
        &[("owner", "control character")],
    );
    check(
        |draft| set(&mut draft.note, &"x".repeat(MOST_NOTE + 1)),
        &[("note", "longer than 8192")],
    );
    check(|draft| set(&mut draft.note, "two\nlines"), &[]);
    check(
        |draft| set(&mut draft.kind, "fone"),
        &[("kind", "'fone' is not a kind")],
    );
    check(
        |draft| set(&mut draft.category, "child"),
        &[("category", "'child' is not a category")],
    );
    check(
        |draft| set(&mut draft.severity, "red"),
        &[("severity", "low, normal, grave")],
    );
    check(
        |draft| set(&mut draft.tlp, "pink"),
        &[("tlp", "clear, green")],
    );
    check(
        |draft| set(&mut draft.value, "lo"),
        &[("value", "too short")],
    );
    check(
        |draft| set(&mut draft.value, "!!!"),
        &[("value", "no letter or digit")],
    );
    check(
        |draft| set(&mut draft.value, &"lotus ".repeat(40)),
        &[("value", "more than 200")],
    );
    check(|draft| set(&mut draft.value, "张伟"), &[]);
    check(
        |draft| {
            set(&mut draft.kind, "tel");
            set(&mut draft.value, "1.20256E+10");
        },
        &[("value", "a spreadsheet shortened")],
    );
}

#[test]
fn reviews_are_to_come_and_within_two_years() {
    for (written, fault) in [
        ("2026-11-24", None),
        ("2028-11-22", None),
        (
            "2026-11-23",
            Some("in the past; choose a day from 2026-11-24 to 2028-11-22"),
        ),
        ("2025-01-01", Some("2025-01-01 is in the past")),
        ("2029-01-01", Some("more than two years ahead")),
        (
            "05/06/2027",
            Some("not a date that can be read in one way only"),
        ),
    ] {
        let expected: Vec<(&str, &str)> = fault.iter().map(|&fault| ("review_at", fault)).collect();
        check(|draft| set(&mut draft.review_at, written), &expected);
    }
}

#[test]
fn an_entry_lasts_through_its_last_day() {
    let mut draft = whole();
    set(&mut draft.expires_at, "2026-11-23");
    let entry = made(&draft, &EntryDefaults::default()).unwrap();
    assert_eq!(
        entry.expires_at.unwrap().to_string(),
        "2026-11-24T00:00:00Z"
    );
    check(
        |draft| set(&mut draft.expires_at, "2026-11-22"),
        &[("expires_at", "it ended on 2026-11-22: it would never match")],
    );
}

#[test]
fn defaults_fill_in_and_the_draft_goes_first() {
    let defaults = EntryDefaults {
        purpose: Some("sweep".into()),
        legal_basis: Some("act".into()),
        owner: Some("desk 9".into()),
        category: Some(Category::Other),
        review_after_days: Some(30),
        expires_after_days: Some(60),
        case_reference: Some("C-1".into()),
        tlp: Some(Tlp::Red),
        severity: Some(Severity::Grave),
    };
    assert_eq!(defaults.check(), []);
    let mut draft = EntryDraft {
        kind: Some("phrase".into()),
        value: Some("lotus".into()),
        ..EntryDraft::default()
    };
    let entry = made(&draft, &defaults).unwrap();
    assert_eq!(
        (entry.owner.as_str(), entry.category),
        ("desk 9", Category::Other)
    );
    assert_eq!(
        (entry.tlp, entry.severity),
        (Tlp::Red, Some(Severity::Grave))
    );
    assert_eq!(entry.review_at.to_string(), "2026-12-23T10:00:00Z");
    assert_eq!(
        entry.expires_at.unwrap().to_string(),
        "2027-01-22T10:00:00Z"
    );
    assert_eq!(entry.case_reference.as_deref(), Some("C-1"));

    set(&mut draft.owner, "desk 2");
    set(&mut draft.tlp, "TLP:AMBER+STRICT");
    let entry = made(&draft, &defaults).unwrap();
    assert_eq!(
        (entry.owner.as_str(), entry.tlp),
        ("desk 2", Tlp::AmberStrict)
    );
}

#[test]
fn defaults_are_read_from_json_and_checked() {
    let read = |json: serde_json::Value| EntryDefaults::read(json);
    assert_eq!(
        read(serde_json::Value::Null).unwrap(),
        EntryDefaults::default()
    );
    let defaults =
        read(serde_json::json!({"review_after_days": 0, "expires_after_days": 4_000})).unwrap();
    let keys: Vec<String> = defaults
        .check()
        .into_iter()
        .map(|problem| problem.key)
        .collect();
    assert_eq!(keys, ["review_after_days", "expires_after_days"]);
    // What an entry's own words would be refused for, so that what is exported can be imported.
    for (key, text, message) in [
        ("purpose", "a\nb", "a line break"),
        ("legal_basis", "a\tb", "a tab"),
        ("owner", "J\u{1b}[31m", "a control character"),
        (
            "case_reference",
            &"x".repeat(MOST_LINE + 1),
            "2048 characters",
        ),
    ] {
        let problems = read(serde_json::json!({key: text})).unwrap().check();
        assert_eq!(problems.len(), 1, "{key}: {problems:?}");
        let Problem {
            key: named,
            message: said,
            ..
        } = &problems[0];
        assert!(named == key && said.contains(message), "{key}: {said}");
    }
    assert!(
        read(serde_json::json!({"ovner": "x"}))
            .unwrap_err()
            .to_string()
            .contains("ovner")
    );
}

#[test]
fn a_cell_with_a_number_and_more_is_read_and_the_rest_is_told() {
    let number = |written: &str, region: &str| {
        let mut draft = whole();
        set(&mut draft.kind, "phone");
        set(&mut draft.value, written);
        set(&mut draft.region, region);
        made(&draft, &EntryDefaults::default())
    };
    for (written, value, told) in [
        (
            "+44(0)20 7946 0126 (WhatsApp)",
            "+442079460126",
            "the rest was left out: 'WhatsApp'",
        ),
        (
            "07700 900921 - Anna",
            "+447700900921",
            "the rest was left out: 'Anna'",
        ),
        ("07700 900921", "+447700900921", ""),
        ("+44 (0)20 7946 0126", "+442079460126", ""),
    ] {
        let entry = number(written, "GB").unwrap();
        assert_eq!(
            entry.selector,
            Selector::new(Kind::Phone, value),
            "{written}"
        );
        let cautions = cautions(&entry).join("; ");
        assert!(cautions.contains(told), "{written}: {cautions}");
        assert_eq!(
            cautions.is_empty(),
            told.is_empty(),
            "{written}: {cautions}"
        );
    }
    for written in [
        "020 7946 0123 / 020 7946 0999",
        "+442079460123, +442079460999",
    ] {
        let problems = number(written, "GB").unwrap_err();
        let problem = problems[0].to_string();
        assert!(problem.contains("two numbers stand here: "), "{problem}");
        assert!(problem.contains("write one row each"), "{problem}");
    }
    // A handle that is a number is read by the country that the row names.
    let mut draft = whole();
    set(&mut draft.kind, "handle");
    set(&mut draft.value, "whatsapp/07700900123");
    set(&mut draft.region, "GB");
    let entry = made(&draft, &EntryDefaults::default()).unwrap();
    assert_eq!(entry.selector, Selector::new(Kind::Phone, "+447700900123"));
}

#[test]
fn a_platform_or_a_currency_is_no_kind_and_what_to_write_is_told() {
    for (word, remedy) in [
        (
            "Telegram",
            "write handle as the kind and telegram/name as the value",
        ),
        (
            "WhatsApp",
            "write phone as the kind and the number as the value",
        ),
        (
            "bitcoin",
            "write wallet as the kind and its address as the value",
        ),
    ] {
        check(|draft| set(&mut draft.kind, word), &[("kind", remedy)]);
    }
}
