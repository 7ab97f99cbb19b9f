//! From a draft to an entry: canonical as observations are, and refused unless someone answers for it.

mod common;
mod edit;
mod meant;
mod reading;
mod sought;
mod taken;

#[cfg(test)]
mod tests;

use std::str::FromStr;

use sightline_model::{Entry, EntryState, Kind, Problem, Severity};

use crate::draft::{EntryDraft, Terms};
pub use crate::{
    pattern::{MOST_COMPILED, MOST_PATTERN},
    phrase::{LEAST_PHRASE, MOST_BETWEEN, MOST_PHRASE},
};
pub use edit::{change, differences};
use reading::Reading;
pub(crate) use reading::line_problem;
pub use taken::{
    Given, kept_against, kept_when_put_back, put_back, reach_kept, repeated, taken_over,
};

/// A review is at most so many days ahead: two years.
pub const MOST_REVIEW_DAYS: u32 = 730;
/// The most characters of a value, purpose, legal basis, owner or case reference.
pub const MOST_LINE: usize = 2_048;
/// The most characters of a note.
pub const MOST_NOTE: usize = 8_192;
/// The most tags of an entry.
pub const MOST_TAGS: usize = 20;
/// The most characters of a tag.
pub const MOST_TAG: usize = 60;

/// Makes an entry of a draft, or says everything that is wrong with it. The keys of the problems are the names of the
/// draft's fields.
pub fn make(draft: &EntryDraft, terms: &Terms<'_>) -> Result<Entry, Vec<Problem>> {
    read(draft, terms, EntryState::Active)
}

/// Makes an entry that is not yet looked for. Purpose, legal basis and owner may be missing: somebody has still to say.
pub fn sketch(draft: &EntryDraft, terms: &Terms<'_>) -> Result<Entry, Vec<Problem>> {
    read(draft, terms, EntryState::Draft)
}

fn read(draft: &EntryDraft, terms: &Terms<'_>, state: EntryState) -> Result<Entry, Vec<Problem>> {
    let mut reading = Reading::under(terms, state);
    let defaults = terms.defaults;
    let sought = reading.sought(draft);
    let purpose = reading.required("purpose", &draft.purpose, &defaults.purpose);
    let legal_basis = reading.required("legal_basis", &draft.legal_basis, &defaults.legal_basis);
    let owner = reading.required("owner", &draft.owner, &defaults.owner);
    let category = reading.category(&draft.category);
    let review_at = reading.review(&draft.review_at);
    let expires_at = reading.expiry(&draft.expires_at);
    let case_reference = reading
        .line("case_reference", &draft.case_reference)
        .or_else(|| defaults.case_reference.clone());
    let tlp = reading.tlp(&draft.tlp);
    let severity = reading
        .word::<Severity>("severity", &draft.severity)
        .or(defaults.severity);
    let note = reading.text("note", &draft.note, MOST_NOTE);
    let tags = reading.tags(&draft.tags);
    let despite_warning = reading.line("despite_warning", &draft.despite_warning);
    match (sought, purpose, legal_basis, owner, category, review_at) {
        (
            Some((selector, way, written)),
            Some(purpose),
            Some(legal_basis),
            Some(owner),
            Some(category),
            Some(review_at),
        ) if reading.problems.is_empty() => Ok(Entry {
            id: terms.mint.id(terms.now),
            watchlist: terms.watchlist,
            selector,
            way,
            written,
            purpose,
            legal_basis,
            owner,
            category,
            review_at,
            expires_at,
            case_reference,
            tlp: tlp.unwrap_or_default(),
            severity,
            note,
            tags: tags.unwrap_or_default(),
            despite_warning,
            state,
            created_at: terms.now,
        }),
        _ => Err(reading.problems),
    }
}

/// What whoever puts an entry on a list should know of it first, in sentences without their ends: how it was read, where that
/// is not what was written, and that it fits nearly nothing, or nearly everything.
pub fn cautions(entry: &Entry) -> Vec<String> {
    let mut cautions: Vec<String> = meant::told(entry).into_iter().collect();
    cautions.extend(common::cautions(&entry.selector));
    cautions
}

/// The kind that a word names: the kinds' own words, and what else people call them.
pub fn kind(word: &str) -> Result<Kind, String> {
    let folded = word.trim().to_lowercase();
    Ok(match folded.as_str() {
        "tel" | "telephone" | "mobile" | "number" | "phone number" | "phone_number" => Kind::Phone,
        "mail" | "e-mail" | "email address" | "email_address" => Kind::Email,
        "username" | "user name" | "account" | "profile" => Kind::Handle,
        "link" | "uri" => Kind::Url,
        "website" | "site" => Kind::Domain,
        "name" | "keyword" | "words" | "text" => Kind::Phrase,
        "regex" | "regexp" | "regular expression" => Kind::Pattern,
        _ => Kind::from_str(word).map_err(|error| error.to_string())?,
    })
}
