//! Documents that come a line each, as JSON: reading the lines, understanding them, and reading what they hold. Shared by
//! the commands that extract and that judge extraction.

pub mod ask;
pub mod lines;
pub mod reader;

use sightline_model::Problem;

/// The longest document that is read, in bytes.
pub const DOCUMENT_LIMIT: usize = 16 * 1024 * 1024;

/// Several problems in one sentence each.
pub fn sentences(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
