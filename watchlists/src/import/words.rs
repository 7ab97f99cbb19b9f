//! What the columns of a table are called, in the languages of those who write them.

use std::{collections::HashMap, sync::LazyLock};

use sightline_model::Kind;

use crate::draft::EntryDraft;

/// A field of a draft, as columns are mapped to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The kind of selector.
    Kind,
    /// The identifier.
    Value,
    /// By whose rules a national telephone number is read.
    Region,
    /// Why it is looked for.
    Purpose,
    /// What permits it.
    LegalBasis,
    /// Who answers for it.
    Owner,
    /// Whose identifier it is thought to be.
    Category,
    /// When it must be looked at again.
    ReviewAt,
    /// When it ends.
    ExpiresAt,
    /// The organisation's own case.
    CaseReference,
    /// How far it may be shared.
    Tlp,
    /// How grave a sighting is.
    Severity,
    /// For those who read the alert.
    Note,
    /// Words to sort it by.
    Tags,
    /// How far beyond its value it reaches.
    Way,
    /// Why it is looked for although a warning list names it.
    DespiteWarning,
    /// Whether it is looked for already: `draft` or `active`.
    State,
}

/// What each column's name means: its field, and the kind of its values where the name tells it.
static NAMES: LazyLock<HashMap<&str, (Field, Option<Kind>)>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (head, names) in lines() {
        let (word, known) = head.split_once(' ').unwrap_or((head, ""));
        let means = match word {
            "kind" => (Field::Value, known.parse().ok()),
            _ => match Field::named(known) {
                Some(field) => (field, None),
                None => continue,
            },
        };
        all.extend(names.map(|name| (name, means)));
    }
    all.extend(Field::ALL.map(|field| (field.name(), (field, None))));
    all
});

/// The lines of the table, each with its names.
fn lines() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    let lines = include_str!("words.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (head, names) = line.split_once(':')?;
            Some((
                head,
                names
                    .split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty()),
            ))
        })
}

impl Field {
    /// Every field; all but the last are a draft's.
    pub const ALL: [Self; 17] = [
        Self::Kind,
        Self::Value,
        Self::Region,
        Self::Purpose,
        Self::LegalBasis,
        Self::Owner,
        Self::Category,
        Self::ReviewAt,
        Self::ExpiresAt,
        Self::CaseReference,
        Self::Tlp,
        Self::Severity,
        Self::Note,
        Self::Tags,
        Self::Way,
        Self::DespiteWarning,
        Self::State,
    ];

    /// The field that a column of this folded name has, and the kind of its values where the name tells it.
    pub(super) fn of(column: &str) -> Option<(Self, Option<Kind>)> {
        NAMES.get(column).copied()
    }

    /// Its own name, as an export has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Value => "value",
            Self::Region => "region",
            Self::Purpose => "purpose",
            Self::LegalBasis => "legal_basis",
            Self::Owner => "owner",
            Self::Category => "category",
            Self::ReviewAt => "review_at",
            Self::ExpiresAt => "expires_at",
            Self::CaseReference => "case_reference",
            Self::Tlp => "tlp",
            Self::Severity => "severity",
            Self::Note => "note",
            Self::Tags => "tags",
            Self::Way => "match",
            Self::DespiteWarning => "despite_warning",
            Self::State => "state",
        }
    }

    /// True where it holds a date.
    pub(super) fn is_date(self) -> bool {
        matches!(self, Self::ReviewAt | Self::ExpiresAt)
    }

    /// The field of this name, as it is written in a mapping.
    pub(super) fn named(name: &str) -> Option<Self> {
        let folded = folded(name);
        Self::ALL.into_iter().find(|field| field.name() == folded)
    }

    /// Where a draft keeps it; nowhere where it is none of the draft's.
    pub(super) fn place(self, draft: &mut EntryDraft) -> Option<&mut Option<String>> {
        Some(match self {
            Self::Kind => &mut draft.kind,
            Self::Value => &mut draft.value,
            Self::Region => &mut draft.region,
            Self::Purpose => &mut draft.purpose,
            Self::LegalBasis => &mut draft.legal_basis,
            Self::Owner => &mut draft.owner,
            Self::Category => &mut draft.category,
            Self::ReviewAt => &mut draft.review_at,
            Self::ExpiresAt => &mut draft.expires_at,
            Self::CaseReference => &mut draft.case_reference,
            Self::Tlp => &mut draft.tlp,
            Self::Severity => &mut draft.severity,
            Self::Note => &mut draft.note,
            Self::Tags => &mut draft.tags,
            Self::Way => &mut draft.way,
            Self::DespiteWarning => &mut draft.despite_warning,
            Self::State => return None,
        })
    }
}

/// The members of closed sets by their other names, each with its field.
static MEMBERS: LazyLock<HashMap<(&str, &str), &str>> = LazyLock::new(|| members().collect());

fn members() -> impl Iterator<Item = ((&'static str, &'static str), &'static str)> {
    let lines = include_str!("members.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (head, names) = line.split_once(':')?;
            let (field, member) = head.split_once(' ')?;
            let names = names.split(',').map(str::trim);
            Some(names.map(move |name| ((field, name), member)))
        })
        .flatten()
}

/// The member of a field's closed set that is written here under another name: `Opfer`, `víctima`, `high`.
pub(super) fn member(field: Field, written: &str) -> Option<&'static str> {
    MEMBERS
        .get(&(field.name(), folded(written).as_str()))
        .copied()
}

/// A column's name as it is compared.
pub(super) fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let name: String = name.trim().trim_end_matches([':', '*']).nfc().collect();
    name.trim()
        .to_lowercase()
        .replace('’', "'")
        .replace([' ', '-', '.', '\u{a0}'], "_")
}

#[cfg(test)]
mod tests {
    use sightline_model::{Category, Severity};

    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut all: Vec<&str> = Field::ALL.map(Field::name).to_vec();
        for (head, names) in lines() {
            let known = head
                .strip_prefix("kind ")
                .map(|kind| kind.parse::<Kind>().is_ok());
            let known = known.or(head
                .strip_prefix("field ")
                .map(|name| Field::named(name).is_some()));
            assert_eq!(known, Some(true), "{head}");
            all.extend(names);
        }
        for name in &all {
            assert_eq!(folded(name), *name, "it could never be met");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(NAMES.len(), count);
    }

    #[test]
    fn members_are_known_in_many_languages_and_each_is_one() {
        let all: Vec<_> = members().collect();
        assert_eq!(MEMBERS.len(), all.len(), "a name is of two members");
        for ((field, name), member) in all {
            assert_eq!(folded(name), name, "it could never be met");
            let is_known = match field {
                "category" => Category::read(member).is_ok(),
                _ => member.parse::<Severity>().is_ok(),
            };
            assert!(is_known && name != member, "{field} {member}");
        }
        for (field, written, expected) in [
            (Field::Category, "Opfer", Some("victim")),
            (Field::Category, "V\u{ed}ctima", Some("victim")),
            (Field::Category, "Témoin:", Some("witness")),
            (Field::Category, "свидетель", Some("witness")),
            (Field::Category, "Täter", Some("suspect")),
            (Field::Category, "Auteur", Some("suspect")),
            (Field::Category, "mis en cause", Some("suspect")),
            (Field::Severity, "HIGH", Some("grave")),
            (Field::Severity, "Opfer", None),
            (Field::Note, "Opfer", None),
            (Field::Category, "victim", None),
        ] {
            assert_eq!(member(field, written), expected, "{written}");
        }
    }

    #[test]
    fn columns_are_known_in_many_languages() {
        for (name, field, kind) in [
            ("Wert", Field::Value, None),
            ("Gültig bis", Field::ExpiresAt, None),
            ("Prüfung", Field::ReviewAt, None),
            ("Base légale", Field::LegalBasis, None),
            ("Telefonnummer:", Field::Value, Some(Kind::Phone)),
            ("Correo electrónico", Field::Value, Some(Kind::Email)),
            ("E-Mail", Field::Value, Some(Kind::Email)),
            ("номер телефона", Field::Value, Some(Kind::Phone)),
            ("电话号码", Field::Value, Some(Kind::Phone)),
            ("Re\u{301}vision", Field::ReviewAt, None),
        ] {
            assert_eq!(Field::of(&folded(name)), Some((field, kind)), "{name}");
        }
    }
}
