//! Pure: entries, their canonical form, and the matcher that recognises them.
//!
//! [`entry::make`] turns what an analyst wrote into an entry, or says everything that is wrong with it; [`import`]
//! does so for a file, row by row, and [`export`] writes a list back. [`Matcher`] holds what is looked for, and
//! recognises it in what was observed; [`explain`] puts into words how.

pub mod draft;
pub mod entry;
pub mod explain;
pub mod export;
pub mod furniture;
pub mod import;
pub mod matcher;
pub mod warnings;

mod dates;
mod pattern;
mod phrase;
mod script;

pub use draft::{EntryDefaults, EntryDraft, Terms};
pub use matcher::{Match, MatchBy, Matcher, Subject, Watched};
pub use pattern::{Budget, MOST_TOGETHER, unusable};
pub use warnings::WarningLists;
