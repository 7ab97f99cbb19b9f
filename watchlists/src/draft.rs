//! What an analyst writes about an entry, and what a watchlist adds where nothing was written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{Category, Mint, Problem, Severity, Timestamp, Tlp, WatchlistId};

use crate::entry::{MOST_REVIEW_DAYS, line_problem};

/// An entry as written: a row of a file, a form, the body of a request. Nothing is checked yet; empty text counts as
/// left out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntryDraft {
    /// The kind of selector: `phone`, `email`, …
    pub kind: Option<String>,
    /// The identifier, in any spelling.
    pub value: Option<String>,
    /// By whose rules a national telephone number is read, where it is not those of the rest: two letters of ISO 3166-1.
    pub region: Option<String>,
    /// How far beyond it the entry reaches: `exact`, or another way of its kind.
    #[serde(rename = "match")]
    pub way: Option<String>,
    /// Why it is looked for.
    pub purpose: Option<String>,
    /// What permits it: a law, an order, a consent.
    pub legal_basis: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whose identifier it is thought to be: `suspect`, `victim`, `witness` or `other`.
    pub category: Option<String>,
    /// When it must be looked at again: a day (`2027-05-23`) or an RFC 3339 instant.
    pub review_at: Option<String>,
    /// When it ends: a day, which it lasts through, or an RFC 3339 instant.
    pub expires_at: Option<String>,
    /// The organisation's own case.
    pub case_reference: Option<String>,
    /// How far it may be shared: `clear`, `green`, `amber`, `amber_strict` or `red`.
    pub tlp: Option<String>,
    /// How grave a sighting is: `low`, `normal` or `grave`.
    pub severity: Option<String>,
    /// For those who read the alert.
    pub note: Option<String>,
    /// Words to sort it by, with commas or semicolons between.
    pub tags: Option<String>,
    /// Why it is looked for although a warning list names it.
    pub despite_warning: Option<String>,
}

/// What an entry gets where its own draft says nothing. A watchlist keeps them as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntryDefaults {
    /// Why it is looked for.
    pub purpose: Option<String>,
    /// What permits it: a law, an order, a consent.
    pub legal_basis: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whose identifier it is thought to be.
    pub category: Option<Category>,
    /// Days from its making to its review: 1 to 730.
    pub review_after_days: Option<u32>,
    /// Days from its making to its end: 1 to 3,650.
    pub expires_after_days: Option<u32>,
    /// The organisation's own case.
    pub case_reference: Option<String>,
    /// How far it may be shared; amber where nothing is said.
    pub tlp: Option<Tlp>,
    /// How grave a sighting is; the watchlist's severity where nothing is said.
    pub severity: Option<Severity>,
}

impl EntryDefaults {
    /// Reads the defaults that a watchlist keeps; `null` means none.
    pub fn read<'de, D: serde::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        Option::<Self>::deserialize(json).map(Option::unwrap_or_default)
    }

    /// Everything that is wrong with them.
    pub fn check(&self) -> Vec<Problem> {
        let lines = [
            ("purpose", &self.purpose),
            ("legal_basis", &self.legal_basis),
            ("owner", &self.owner),
            ("case_reference", &self.case_reference),
        ];
        let lines = lines.into_iter();
        let mut problems: Vec<Problem> = lines
            .filter_map(|(key, text)| line_problem(key, text.as_deref()?.trim()))
            .collect();
        let days = [
            (
                "review_after_days",
                self.review_after_days,
                MOST_REVIEW_DAYS,
            ),
            ("expires_after_days", self.expires_after_days, 3_650),
        ];
        problems.extend(days.into_iter().filter_map(|(key, days, most)| {
            let days = days.filter(|days| !(1..=most).contains(days))?;
            Some(Problem::new(
                key,
                format!("{days} days is out of range"),
                format!("give a number from 1 to {most}"),
            ))
        }));
        problems
    }
}

/// What a draft is read under.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The list that the entry is for.
    pub watchlist: WatchlistId,
    /// What that list adds where nothing was written.
    pub defaults: &'a EntryDefaults,
    /// By which national telephone numbers are read: two letters of ISO 3166-1.
    pub region: Option<&'a str>,
    /// The present instant.
    pub now: Timestamp,
    /// Where identifiers come from.
    pub mint: &'a Mint,
}
