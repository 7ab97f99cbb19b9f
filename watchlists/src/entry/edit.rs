//! Changes of an entry: what a new draft makes of it, and what is different then.

use sightline_model::{Category, Entry, EntryDeed, EntryState, FieldChange, Problem, Severity};

use super::{MOST_NOTE, reading::Reading};
use crate::{
    dates::DAY,
    draft::{EntryDraft, Terms},
};

/// The entry after a deed, with what a draft says of it besides; or everything that is wrong with that.
///
/// What the draft leaves out stays; what it gives as empty text is taken away, where an entry can be without it. What is
/// looked for can't be changed: that would be another entry, and the sightings of this one would no longer be explained.
pub fn change(
    entry: &Entry,
    deed: EntryDeed,
    draft: &EntryDraft,
    terms: &Terms<'_>,
) -> Result<Entry, Vec<Problem>> {
    let wrong = |message: &str, remedy: &str| Err(vec![Problem::new("state", message, remedy)]);
    match (deed, entry.state) {
        (EntryDeed::Withdrawn, EntryState::Draft | EntryState::Active) => Ok(Entry {
            state: EntryState::Withdrawn,
            ..entry.clone()
        }),
        (_, EntryState::Withdrawn) => wrong(
            "it was withdrawn",
            "add it anew: it comes back under its old id",
        ),
        (EntryDeed::Activated, EntryState::Active) => {
            wrong("it is active already", "nothing is to be done")
        }
        (EntryDeed::Activated, EntryState::Draft) => edit(entry, draft, EntryState::Active, terms),
        (EntryDeed::Reviewed, _) if draft.review_at.is_none() => {
            let Some(days) = terms.defaults.review_after_days else {
                return Err(vec![Problem::new(
                    "review_at",
                    "nobody says when the next review is",
                    "say it, here or in the watchlist's defaults",
                )]);
            };
            edit(
                &Entry {
                    review_at: terms.now + DAY * days,
                    ..entry.clone()
                },
                draft,
                entry.state,
                terms,
            )
        }
        (
            EntryDeed::Added | EntryDeed::Edited | EntryDeed::Reviewed | EntryDeed::Restored,
            state,
        ) => edit(entry, draft, state, terms),
    }
}

fn edit(
    entry: &Entry,
    draft: &EntryDraft,
    state: EntryState,
    terms: &Terms<'_>,
) -> Result<Entry, Vec<Problem>> {
    let mut reading = Reading::under(terms, state);
    let mut edited = entry.clone();
    edited.state = state;
    for (key, written, field) in [
        ("purpose", &draft.purpose, &mut edited.purpose),
        ("legal_basis", &draft.legal_basis, &mut edited.legal_basis),
        ("owner", &draft.owner, &mut edited.owner),
    ] {
        if written.is_some() {
            *field = reading.line(key, written).unwrap_or_default();
        }
        if field.trim().is_empty() && state == EntryState::Active {
            reading.missing(key);
        }
    }
    if let Some(category) = reading.read("category", &draft.category, Category::read) {
        edited.category = category;
    }
    if is_given(&draft.review_at)
        && let Some(review_at) = reading.review(&draft.review_at)
    {
        edited.review_at = review_at;
    }
    if draft.expires_at.is_some() {
        edited.expires_at = match is_given(&draft.expires_at) {
            true => reading.expiry(&draft.expires_at),
            false => None,
        };
    }
    if draft.case_reference.is_some() {
        edited.case_reference = reading.line("case_reference", &draft.case_reference);
    }
    if is_given(&draft.tlp)
        && let Some(tlp) = reading.tlp(&draft.tlp)
    {
        edited.tlp = tlp;
    }
    if draft.severity.is_some() {
        edited.severity = reading.word::<Severity>("severity", &draft.severity);
    }
    if draft.note.is_some() {
        edited.note = reading.text("note", &draft.note, MOST_NOTE);
    }
    if draft.tags.is_some() {
        edited.tags = reading.tags(&draft.tags).unwrap_or_default();
    }
    if let Some(way) = reading.other_way(&entry.selector, entry.way, &draft.way) {
        edited.way = way;
    }
    if draft.despite_warning.is_some() {
        edited.despite_warning = reading.line("despite_warning", &draft.despite_warning);
    }
    match reading.problems.is_empty() {
        true => Ok(edited),
        false => Err(reading.problems),
    }
}

fn is_given(written: &Option<String>) -> bool {
    written
        .as_deref()
        .is_some_and(|text| !text.trim().is_empty())
}

/// What is different between two states of one entry, by the names of its fields, in the order in which an export has
/// them.
pub fn differences(before: &Entry, after: &Entry) -> Vec<FieldChange> {
    let fields = |entry: &Entry| {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        [
            ("value", some(&entry.written)),
            ("purpose", some(&entry.purpose)),
            ("legal_basis", some(&entry.legal_basis)),
            ("owner", some(&entry.owner)),
            ("category", Some(entry.category.to_string())),
            ("review_at", Some(entry.review_at.to_string())),
            ("expires_at", entry.expires_at.map(|at| at.to_string())),
            ("case_reference", entry.case_reference.clone()),
            ("tlp", Some(entry.tlp.to_string())),
            (
                "severity",
                entry.severity.map(|severity| severity.to_string()),
            ),
            ("note", entry.note.clone()),
            ("tags", some(&entry.tags.join(", "))),
            ("match", Some(entry.way.to_string())),
            ("despite_warning", entry.despite_warning.clone()),
            ("state", Some(entry.state.to_string())),
        ]
    };
    fields(before)
        .into_iter()
        .zip(fields(after))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| FieldChange {
            field: field.to_owned(),
            before,
            after,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use sightline_model::{Mint, Timestamp};

    use super::*;
    use crate::{draft::EntryDefaults, entry};

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn terms<'a>(defaults: &'a EntryDefaults, mint: &'a Mint) -> Terms<'a> {
        Terms {
            watchlist: mint.id(NOW),
            defaults,
            region: Some("US"),
            now: NOW,
            mint,
        }
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn written() -> EntryDraft {
        EntryDraft {
            kind: text("phone"),
            value: text("202 555 0123"),
            category: text("victim"),
            note: text("seen in spring"),
            ..EntryDraft::default()
        }
    }

    #[test]
    fn a_draft_is_activated_once_it_says_why() {
        let (defaults, mint) = (EntryDefaults::default(), Mint::seeded(1));
        let terms = terms(&defaults, &mint);
        let sketch = entry::sketch(&written(), &terms).unwrap();
        assert!(!sketch.is_looked_for(NOW));
        let nothing = EntryDraft::default();
        let problems = change(&sketch, EntryDeed::Activated, &nothing, &terms).unwrap_err();
        let keys: Vec<&str> = problems
            .iter()
            .map(|problem| problem.key.as_str())
            .collect();
        assert_eq!(keys, ["purpose", "legal_basis", "owner"]);
        let rest = EntryDraft {
            purpose: text("to find her"),
            legal_basis: text("consent of the family"),
            owner: text("R. Analyst"),
            ..EntryDraft::default()
        };
        let active = change(&sketch, EntryDeed::Activated, &rest, &terms).unwrap();
        assert!(active.is_looked_for(NOW));
        let changed: Vec<String> = differences(&sketch, &active)
            .into_iter()
            .map(|change| change.field)
            .collect();
        assert_eq!(changed, ["purpose", "legal_basis", "owner", "state"]);
    }

    #[test]
    fn what_is_left_out_stays_and_what_is_empty_goes() {
        let (defaults, mint) = (EntryDefaults::default(), Mint::seeded(1));
        let terms = terms(&defaults, &mint);
        let sketch = entry::sketch(&written(), &terms).unwrap();
        let draft = EntryDraft {
            note: text(" "),
            tags: text("lotus; 2027, lotus"),
            ..EntryDraft::default()
        };
        let edited = change(&sketch, EntryDeed::Edited, &draft, &terms).unwrap();
        assert_eq!(edited.note, None);
        assert_eq!(edited.tags, ["2027", "lotus"]);
        assert_eq!(
            Entry {
                note: sketch.note.clone(),
                tags: Vec::new(),
                ..edited
            },
            sketch
        );
    }

    #[test]
    fn a_wrong_field_changes_nothing_and_is_named() {
        let (defaults, mint) = (EntryDefaults::default(), Mint::seeded(1));
        let terms = terms(&defaults, &mint);
        let sketch = entry::sketch(&written(), &terms).unwrap();
        for (draft, key) in [
            (
                EntryDraft {
                    review_at: text("2020-01-01"),
                    ..EntryDraft::default()
                },
                "review_at",
            ),
            (
                EntryDraft {
                    category: text("guilty"),
                    ..EntryDraft::default()
                },
                "category",
            ),
            (
                EntryDraft {
                    tags: text(&"x".repeat(61)),
                    ..EntryDraft::default()
                },
                "tags",
            ),
            (
                EntryDraft {
                    expires_at: text("soon"),
                    ..EntryDraft::default()
                },
                "expires_at",
            ),
        ] {
            let problems = change(&sketch, EntryDeed::Edited, &draft, &terms).unwrap_err();
            assert_eq!(problems[0].key, key);
        }
    }

    #[test]
    fn a_review_sets_the_next_and_the_list_says_when() {
        let mint = Mint::seeded(1);
        let nothing = EntryDraft::default();
        for (days, next, found) in [
            (Some(90), None, Some(NOW + DAY * 90)),
            (None, None, None),
            (None, Some("2027-05-23"), Some(Timestamp(1_811_030_400_000))),
            (Some(90), Some("2020-01-01"), None),
        ] {
            let defaults = EntryDefaults {
                review_after_days: days,
                ..EntryDefaults::default()
            };
            let terms = terms(&defaults, &mint);
            let sketch = entry::sketch(&written(), &terms).unwrap();
            let draft = EntryDraft {
                review_at: next.map(str::to_owned),
                ..nothing.clone()
            };
            let reviewed = change(&sketch, EntryDeed::Reviewed, &draft, &terms);
            assert_eq!(reviewed.ok().map(|entry| entry.review_at), found);
        }
    }

    #[test]
    fn what_was_withdrawn_is_not_changed() {
        let (defaults, mint) = (EntryDefaults::default(), Mint::seeded(1));
        let terms = terms(&defaults, &mint);
        let nothing = EntryDraft::default();
        let sketch = entry::sketch(&written(), &terms).unwrap();
        let gone = change(&sketch, EntryDeed::Withdrawn, &nothing, &terms).unwrap();
        for deed in [
            EntryDeed::Edited,
            EntryDeed::Activated,
            EntryDeed::Reviewed,
            EntryDeed::Withdrawn,
        ] {
            assert_eq!(
                change(&gone, deed, &nothing, &terms).unwrap_err()[0].key,
                "state"
            );
        }
    }
}
