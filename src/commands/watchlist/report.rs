//! What came of each row of an import, for people.

use comfy_table::Table;
use sightline_casework::import::{CameOfIt, Row};
use sightline_model::{EntryState, Timestamp};

use crate::output::{self, Tint, inert, when};

/// The rows as people are shown them.
pub(super) fn table(rows: &[Row], now: Timestamp) -> Table {
    let mut table = output::table(["row", "outcome", "entry"]);
    for row in rows {
        let tint = match &row.came_of_it {
            CameOfIt::Added {
                state: EntryState::Draft,
                ..
            } => Tint::Warning,
            CameOfIt::Ended { is_done: false, .. } => Tint::Warning,
            CameOfIt::Added { .. } | CameOfIt::Updated { .. } | CameOfIt::Ended { .. } => {
                Tint::Good
            }
            CameOfIt::Duplicate {
                standing: Some(standing),
                ..
            } if !standing.is_looked_for() => Tint::Warning,
            CameOfIt::Duplicate { .. } => Tint::Faint,
            CameOfIt::Refused { .. } => Tint::Bad,
        };
        let words = row.came_of_it.in_words(&|at| when::words(at, now));
        let words: Vec<_> = words.iter().map(|words| inert::line(words)).collect();
        let place = row.line.map_or_else(
            || inert::line(&row.place).into_owned(),
            |line| line.to_string(),
        );
        table.add_row(vec![
            place.into(),
            output::tinted(row.came_of_it.word(), tint),
            words.join("\n").into(),
        ]);
    }
    table
}
