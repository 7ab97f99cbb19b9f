//! What a draft says of an entry that is on its list already: taken over, or told.

use sightline_model::{Category, Entry, EntryStanding, EntryState, FieldChange, Timestamp, Way};

use super::{differences, meant};
use crate::draft::EntryDraft;

/// Which fields a draft says something of. The rest of an entry that is made of it comes from its list's defaults.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Given(u16);

impl Given {
    const PURPOSE: u16 = 1;
    const LEGAL_BASIS: u16 = 1 << 1;
    const OWNER: u16 = 1 << 2;
    const CATEGORY: u16 = 1 << 3;
    const REVIEW: u16 = 1 << 4;
    const EXPIRY: u16 = 1 << 5;
    const CASE: u16 = 1 << 6;
    const TLP: u16 = 1 << 7;
    const SEVERITY: u16 = 1 << 8;
    const NOTE: u16 = 1 << 9;
    const TAGS: u16 = 1 << 10;
    const WAY: u16 = 1 << 11;
    const DESPITE: u16 = 1 << 12;

    /// Those of a draft; empty text says nothing.
    pub fn of(draft: &EntryDraft) -> Self {
        let fields = [
            (&draft.purpose, Self::PURPOSE),
            (&draft.legal_basis, Self::LEGAL_BASIS),
            (&draft.owner, Self::OWNER),
            (&draft.category, Self::CATEGORY),
            (&draft.review_at, Self::REVIEW),
            (&draft.expires_at, Self::EXPIRY),
            (&draft.case_reference, Self::CASE),
            (&draft.tlp, Self::TLP),
            (&draft.severity, Self::SEVERITY),
            (&draft.note, Self::NOTE),
            (&draft.tags, Self::TAGS),
            (&draft.way, Self::WAY),
            (&draft.despite_warning, Self::DESPITE),
        ];
        let is_given =
            |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let given = fields.into_iter().filter(|(text, _)| is_given(text));
        Self(given.fold(0, |all, (_, field)| all | field))
    }

    /// Whether an entry's way is said: by a field of its own, or by the value that was written, as a url that ends in a star.
    fn says_way(self, entry: &Entry) -> bool {
        self.has(Self::WAY) || meant::says_way(entry)
    }

    /// Those of either.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The same, where a file says it: what protects people is not loosened by one.
    #[must_use]
    pub fn by_file(self) -> Self {
        Self(self.0 & !(Self::CATEGORY | Self::TLP))
    }

    fn has(self, field: u16) -> bool {
        self.0 & field != 0
    }
}

/// An entry with what another of the same identifier says of it that was `given`: by a row of a file, or a form.
///
/// Where that one is to be looked for, so is the entry then: a draft becomes active, with what it still lacked from the other,
/// and one that has expired lasts as long as the other. Nothing is no longer looked for because of it. How far it reaches
/// stays where another reach would be of another value.
///
/// Of two markings the stricter one counts, and a person who may be a victim stays that: what protects people is loosened by
/// a person who means it, and not by a file. [`kept_against`] tells what stays so.
pub fn taken_over(before: &Entry, other: &Entry, given: Given, now: Timestamp) -> Entry {
    let mut after = as_said(before, other, given, now);
    after.tlp = after.tlp.max(before.tlp);
    if before.category == Category::Victim {
        after.category = before.category;
    }
    after
}

/// An entry that was withdrawn, and is put on its list again by another of the same identifier: as that one is, with what was
/// known of it before where nothing was `given` now. A marking that was stricter stays, and so does who stands as a victim,
/// unless a person says otherwise: for a file see [`Given::by_file`]. It reaches as far as it did. The identifier is the other's until the store gives it the old one.
pub fn put_back(before: &Entry, other: &Entry, given: Given) -> Entry {
    let mut after = other.clone();
    if !given.has(Given::TLP) {
        after.tlp = after.tlp.max(before.tlp);
    }
    if !given.has(Given::CATEGORY) && before.category == Category::Victim {
        after.category = before.category;
    }
    if !given.has(Given::SEVERITY) {
        after.severity = after.severity.max(before.severity);
    }
    if !given.has(Given::CASE) && before.case_reference.is_some() {
        after.case_reference.clone_from(&before.case_reference);
    }
    if !given.has(Given::NOTE) {
        after.note.clone_from(&before.note);
    }
    if !given.has(Given::TAGS) && after.tags.is_empty() {
        after.tags.clone_from(&before.tags);
    }
    // Both have the same value, so what was a way of matching it still is.
    if !given.says_way(other) {
        after.way = before.way;
    }
    if !given.has(Given::DESPITE) {
        after.despite_warning.clone_from(&before.despite_warning);
    }
    after
}

/// That an entry which comes back reaches as far as it did, and not as `other` of the same identifier would by itself: a sentence
/// without its end.
pub fn reach_kept(other: &Entry, put_back: &Entry) -> Option<String> {
    (other.way != put_back.way).then(|| {
        format!(
            "it reaches as it did before it was withdrawn, {}, and not {}: say how far it is to reach (match) for another",
            put_back.way, other.way
        )
    })
}

/// What a file says of an entry that it puts back and that protects people less than what stood: each field as it stays, and as
/// the file has it.
pub fn kept_when_put_back(before: &Entry, other: &Entry, given: Given) -> Vec<FieldChange> {
    let stays = put_back(before, other, given.by_file());
    let said = Entry {
        tlp: match given.has(Given::TLP) {
            true => other.tlp,
            false => stays.tlp,
        },
        category: match given.has(Given::CATEGORY) {
            true => other.category,
            false => stays.category,
        },
        ..stays.clone()
    };
    differences(&stays, &said)
}

/// What another says of an entry that protects people less than what stands, and so is not taken over: each field as it stands
/// then, and as the other has it.
pub fn kept_against(
    before: &Entry,
    other: &Entry,
    given: Given,
    now: Timestamp,
) -> Vec<FieldChange> {
    let said = as_said(before, other, given, now);
    differences(&taken_over(before, other, given, now), &said)
}

/// An entry with all that another says of it.
fn as_said(before: &Entry, other: &Entry, given: Given, now: Timestamp) -> Entry {
    let mut after = before.clone();
    let lacks = |text: &str| other.state == EntryState::Active && text.trim().is_empty();
    for (field, text, others) in [
        (Given::PURPOSE, &mut after.purpose, &other.purpose),
        (
            Given::LEGAL_BASIS,
            &mut after.legal_basis,
            &other.legal_basis,
        ),
        (Given::OWNER, &mut after.owner, &other.owner),
    ] {
        if given.has(field) || lacks(text) {
            text.clone_from(others);
        }
    }
    if given.has(Given::CATEGORY) {
        after.category = other.category;
    }
    if given.has(Given::REVIEW) {
        after.review_at = other.review_at;
    }
    if given.has(Given::EXPIRY) {
        after.expires_at = other.expires_at;
    }
    if given.has(Given::CASE) {
        after.case_reference.clone_from(&other.case_reference);
    }
    if given.has(Given::TLP) {
        after.tlp = other.tlp;
    }
    if given.has(Given::SEVERITY) {
        after.severity = other.severity;
    }
    if given.has(Given::NOTE) {
        after.note.clone_from(&other.note);
    }
    if given.has(Given::TAGS) {
        after.tags.clone_from(&other.tags);
    }
    let is_same_value = (other.way == Way::Host) == (before.way == Way::Host);
    if given.says_way(other) && is_same_value && !before.selector.lacks_country() {
        after.way = other.way;
    }
    if given.has(Given::DESPITE) {
        after.despite_warning.clone_from(&other.despite_warning);
    }
    if other.state == EntryState::Active {
        match before.standing(now) {
            EntryStanding::Draft => after.state = EntryState::Active,
            EntryStanding::Expired => after.expires_at = other.expires_at,
            EntryStanding::Active | EntryStanding::DueForReview | EntryStanding::Withdrawn => {}
        }
    }
    after
}

/// An entry with what a later row of the same file says of the same identifier, as [`taken_over`]; of two severities the graver
/// one counts, so that no row makes little of what another tells.
pub fn repeated(before: &Entry, later: &Entry, given: Given, now: Timestamp) -> Entry {
    let after = taken_over(before, later, given, now);
    let severity = match (before.severity, after.severity) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (_, severity) => severity,
    };
    Entry { severity, ..after }
}

#[cfg(test)]
mod tests {
    use sightline_model::Mint;

    use super::*;
    use crate::{
        draft::{EntryDefaults, Terms},
        entry::{differences, make, sketch},
    };

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn written() -> EntryDraft {
        EntryDraft {
            kind: text("phone"),
            value: text("+1 202 555 0123"),
            purpose: text("to find her"),
            legal_basis: text("order 7"),
            owner: text("desk 2"),
            category: text("victim"),
            review_at: text("2027-05-23"),
            ..EntryDraft::default()
        }
    }

    fn differing(before: &Entry, other: &Entry, draft: &EntryDraft) -> Vec<String> {
        let after = taken_over(before, other, Given::of(draft), NOW);
        let fields = differences(before, &after).into_iter();
        fields.map(|one| one.field).collect()
    }

    #[test]
    fn what_is_said_is_taken_over_and_the_rest_stays() {
        let (defaults, mint) = (EntryDefaults::default(), Mint::seeded(1));
        let terms = Terms {
            watchlist: mint.id(NOW),
            defaults: &defaults,
            region: None,
            now: NOW,
            mint: &mint,
        };
        let before = EntryDraft {
            note: text("seen in spring"),
            severity: text("normal"),
            ..written()
        };
        let before = make(&before, &terms).unwrap();
        let draft = EntryDraft {
            severity: text("grave"),
            case_reference: text("14/27"),
            note: text("  "),
            ..written()
        };
        let other = make(&draft, &terms).unwrap();
        let fields = differing(&before, &other, &draft);
        assert_eq!(fields, ["case_reference", "severity"]);
        assert!(differing(&before, &before, &written()).is_empty());

        // What was only written down is looked for once a file says why.
        let bare = EntryDraft {
            kind: text("phone"),
            value: text("+1 202 555 0123"),
            category: text("other"),
            ..EntryDraft::default()
        };
        let drafted = sketch(&bare, &terms).unwrap();
        let fields = differing(&drafted, &other, &EntryDraft::default());
        assert_eq!(fields, ["purpose", "legal_basis", "owner", "state"]);
        // And nothing is taken back by a file that only tells of it.
        assert!(differing(&before, &drafted, &EntryDraft::default()).is_empty());

        // Of two rows of one file, the graver severity counts, whichever comes first.
        let grave = repeated(&before, &other, Given::of(&draft), NOW);
        assert_eq!(grave, taken_over(&before, &other, Given::of(&draft), NOW));
        let milder = repeated(&grave, &before, Given::of(&draft), NOW);
        assert_eq!(milder.severity, other.severity);
        assert_eq!(milder.case_reference, before.case_reference);

        for (tlp, said, stays) in [("red", "green", "red"), ("green", "red", "red")] {
            for (category, other, kept) in [
                ("victim", "suspect", "victim"),
                ("suspect", "victim", "victim"),
                ("witness", "suspect", "suspect"),
            ] {
                let draft = |tlp, category| EntryDraft {
                    tlp: text(tlp),
                    category: text(category),
                    ..written()
                };
                let stands = make(&draft(tlp, category), &terms).unwrap();
                let row = draft(said, other);
                let (row, given) = (make(&row, &terms).unwrap(), Given::of(&row));
                let after = taken_over(&stands, &row, given, NOW);
                assert_eq!(after.tlp.to_string(), stays);
                assert_eq!(after.category.to_string(), kept);
                let against = kept_against(&stands, &row, given, NOW).into_iter();
                let against: Vec<String> = against.map(|one| one.field).collect();
                let expected = [(other != kept, "category"), (said != stays, "tlp")];
                let expected = expected.iter().filter(|(is, _)| *is);
                let expected: Vec<&str> = expected.map(|(_, field)| *field).collect();
                assert_eq!(against, expected);
                // The same where it had been withdrawn, unless a person says so.
                let back = put_back(&stands, &row, given.by_file());
                assert_eq!((back.tlp, back.category), (after.tlp, after.category));
                assert_eq!(
                    kept_when_put_back(&stands, &row, given).len(),
                    expected.len()
                );
                let meant = put_back(&stands, &row, given);
                assert_eq!((meant.tlp, meant.category), (row.tlp, row.category));
                // Nor is it loosened by a later row of the same file.
                let later = repeated(&stands, &row, given, NOW);
                assert_eq!((later.tlp, later.category), (after.tlp, after.category));
            }
        }

        // What was known of what was withdrawn is known of it again.
        let bare = make(&written(), &terms).unwrap();
        let back = put_back(&before, &bare, Given::of(&written()));
        assert_eq!((&back.note, back.severity), (&before.note, before.severity));

        // So it is with how far it reached, and why despite a warning, unless the row says so.
        let as_written = |way: Option<&str>, despite: Option<&str>| EntryDraft {
            way: way.map(str::to_owned),
            despite_warning: despite.map(str::to_owned),
            ..written()
        };
        let narrow = make(&as_written(Some("exact"), Some("she is there")), &terms).unwrap();
        for (way, despite, expected) in [
            (None, None, (Way::Exact, "she is there")),
            (Some("trailing"), None, (Way::Trailing, "she is there")),
            (None, Some("order 8"), (Way::Exact, "order 8")),
        ] {
            let row = as_written(way, despite);
            let back = put_back(
                &narrow,
                &make(&row, &terms).unwrap(),
                Given::of(&row).by_file(),
            );
            let despite = back.despite_warning.as_deref().unwrap();
            assert_eq!((back.way, despite), expected);
        }
        // What is written says it, too, of what had been withdrawn and of what stands.
        let of_kind = |kind: &str, value: &str, way: Option<&str>| EntryDraft {
            kind: text(kind),
            value: text(value),
            ..as_written(way, None)
        };
        for (kind, narrow, value, way) in [
            (
                "url",
                "https://ads.example/u/",
                "https://ads.example/u/",
                Way::Exact,
            ),
            (
                "url",
                "https://ads.example/u/",
                "https://ads.example/u/*",
                Way::Prefix,
            ),
            ("domain", "lotus.com", "lotus.com", Way::Exact),
            ("domain", "lotus.com", "*.lotus.com", Way::Subdomains),
            ("domain", "lotus.com", ".lotus.com", Way::Subdomains),
        ] {
            let narrow = make(&of_kind(kind, narrow, Some("exact")), &terms).unwrap();
            let row = of_kind(kind, value, None);
            let (row, given) = (make(&row, &terms).unwrap(), Given::of(&row));
            let back = put_back(&narrow, &row, given);
            assert_eq!(back.way, way, "{value}");
            assert_eq!(taken_over(&narrow, &row, given, NOW).way, way, "{value}");
            let kept = reach_kept(&row, &back);
            assert_eq!(kept.is_some(), way == Way::Exact, "{value}: {kept:?}");
        }

        let expired = Entry {
            expires_at: Some(Timestamp(NOW.0 - 1)),
            ..before.clone()
        };
        let after = taken_over(&expired, &other, Given::default(), NOW);
        assert!(!expired.is_looked_for(NOW) && after.is_looked_for(NOW));
        assert!(differing(&expired, &drafted, &EntryDraft::default()).is_empty());
    }
}
