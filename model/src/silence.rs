//! What a silence covers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AlertId, EntryId, Kind, Reason, Selector, Severity, SourceId, WatchlistId};

/// What a silence covers: whatever all of its words meet. One without words covers everything.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Covers {
    /// Of this watchlist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchlist: Option<WatchlistId>,
    /// Of this entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryId>,
    /// Seen on this source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Of entries of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Of entries with this canonical value, on whichever watchlist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Of entries that name this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_reference: Option<String>,
    /// As grave as this, or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_at_most: Option<Severity>,
    /// Sighted for this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sighted: Option<Reason>,
}

/// What an alert gathers, as silences know it: once for each entry, source and batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gathered {
    /// The alert.
    pub alert: AlertId,
    /// The batch that tells of it; none where no message does.
    pub batch: Option<i64>,
    /// The entry that was sighted.
    pub entry: EntryId,
    /// On which source.
    pub source: SourceId,
    /// What was looked for.
    pub selector: Selector,
    /// The case that its entry names.
    pub case_reference: Option<String>,
    /// False where all of it was rejected, or is the site's own.
    pub stands: bool,
}

/// What may be covered: a sighting; or an alert, of which some is not known, or not one thing.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'a> {
    /// Its watchlist.
    pub watchlist: WatchlistId,
    /// Its entry, where it is of one.
    pub entry: Option<EntryId>,
    /// Where it was seen, where that is one source.
    pub source: Option<SourceId>,
    /// What is looked for, where it is of one entry.
    pub selector: Option<&'a Selector>,
    /// The case that its entry names.
    pub case_reference: Option<&'a str>,
    /// How grave it is.
    pub severity: Severity,
    /// Why it is news, where that is one reason.
    pub reason: Option<Reason>,
}

impl Covers {
    /// True where all words meet. A word about what is not known does not.
    pub fn covers(&self, what: &Covered<'_>) -> bool {
        // Taken apart, so that a word that is added and not compared does not compile.
        let Self {
            watchlist,
            entry,
            source,
            kind,
            value,
            case_reference,
            severity_at_most,
            sighted,
        } = self;
        meets(watchlist.as_ref(), Some(&what.watchlist))
            && meets(entry.as_ref(), what.entry.as_ref())
            && meets(source.as_ref(), what.source.as_ref())
            && meets(kind.as_ref(), what.selector.map(|selector| &selector.kind))
            && meets(
                value.as_deref(),
                what.selector.map(|selector| selector.value.as_str()),
            )
            && meets(case_reference.as_deref(), what.case_reference)
            && severity_at_most.is_none_or(|most| what.severity <= most)
            && meets(sighted.as_ref(), what.reason.as_ref())
    }

    /// True where it covers everything.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

fn meets<T: PartialEq + ?Sized>(word: Option<&T>, what: Option<&T>) -> bool {
    word.is_none_or(|word| what == Some(word))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_silence_covers_what_all_of_its_words_meet() {
        let [one, other] = [1, 2].map(Uuid::from_u128);
        let selector = Selector::new(Kind::Phone, "+12025550123");
        let seen = Covered {
            watchlist: one.into(),
            entry: Some(one.into()),
            source: Some(one.into()),
            selector: Some(&selector),
            case_reference: Some("12/26"),
            severity: Severity::Normal,
            reason: Some(Reason::First),
        };
        let of = |words: serde_json::Value| serde_json::from_value::<Covers>(words).unwrap();
        for (words, covered) in [
            (serde_json::json!({}), true),
            (serde_json::json!({"watchlist": one}), true),
            (serde_json::json!({"watchlist": other}), false),
            (serde_json::json!({"entry": one}), true),
            (serde_json::json!({"entry": other}), false),
            (serde_json::json!({"source": one}), true),
            (serde_json::json!({"source": other}), false),
            (serde_json::json!({"kind": "phone"}), true),
            (serde_json::json!({"kind": "email"}), false),
            (serde_json::json!({"value": "+12025550123"}), true),
            (serde_json::json!({"value": "+12025550199"}), false),
            (serde_json::json!({"case_reference": "12/26"}), true),
            (serde_json::json!({"case_reference": "12/2"}), false),
            (serde_json::json!({"severity_at_most": "grave"}), true),
            (serde_json::json!({"severity_at_most": "normal"}), true),
            (serde_json::json!({"severity_at_most": "low"}), false),
            (serde_json::json!({"sighted": "first"}), true),
            (serde_json::json!({"sighted": "historic"}), false),
            // All of them, not any.
            (
                serde_json::json!({"source": one, "severity_at_most": "normal"}),
                true,
            ),
            (
                serde_json::json!({"source": one, "severity_at_most": "low"}),
                false,
            ),
        ] {
            assert_eq!(of(words.clone()).covers(&seen), covered, "{words}");
        }
        assert!(of(serde_json::json!({})).is_all());
        assert!(!of(serde_json::json!({"kind": "phone"})).is_all());
    }

    #[test]
    fn what_is_not_known_is_not_covered() {
        let alert = Covered {
            watchlist: Uuid::from_u128(1).into(),
            entry: None,
            source: None,
            selector: None,
            case_reference: None,
            severity: Severity::Low,
            reason: None,
        };
        let source = Covers {
            source: Some(Uuid::from_u128(1).into()),
            ..Covers::default()
        };
        assert!(Covers::default().covers(&alert));
        assert!(!source.covers(&alert));
    }
}
