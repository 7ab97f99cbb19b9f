//! What came of each row of an import, for people.

use comfy_table::Table;
use sightline_casework::import::{CameOfIt, Row};
use sightline_model::{EntryState, Timestamp};

use crate::output::{self, Tint, inert, when};

/// The rows as people are shown them.
pub(super) fn table(rows: &[Row], now: Timestamp) -> Table {
    let mut table = output::table(["row", "outcome", "entry"]);
    for row in rows {
        let (outcome, words) = match &row.came_of_it {
            CameOfIt::Added {
                kind,
                value,
                state,
                also_on,
                had_been_withdrawn,
                backtest,
                ..
            } => {
                let mut words = format!("{kind} {}", inert::line(value));
                for also in also_on {
                    let list = inert::line(&also.watchlist).into_owned();
                    words += &format!("\nalso on '{list}' as {}", also.entry);
                }
                if let Some(withdrawn) = had_been_withdrawn {
                    words += &format!("\n{}", withdrawn.in_words(&when::words(withdrawn.at, now)));
                }
                if let Some(would) = backtest {
                    words += &format!("\n{}", would.in_words());
                }
                let outcome = match state {
                    EntryState::Draft => output::tinted("draft", Tint::Warning),
                    EntryState::Active | EntryState::Withdrawn => {
                        output::tinted("added", Tint::Good)
                    }
                };
                (outcome, words)
            }
            CameOfIt::Duplicate {
                of_place,
                of_entry,
                watchlist,
                ..
            } => {
                let words = match (of_place, of_entry, watchlist) {
                    (Some(place), ..) => format!("the same as {}", inert::line(place)),
                    (None, Some(entry), Some(list)) => {
                        format!("on '{}' already as {entry}", inert::line(list))
                    }
                    (None, ..) => String::new(),
                };
                (output::tinted("duplicate", Tint::Faint), words)
            }
            CameOfIt::Refused { problems } => {
                let sentences: Vec<String> = problems
                    .iter()
                    .map(|problem| inert::line(&problem.to_string()).into_owned())
                    .collect();
                (output::tinted("refused", Tint::Bad), sentences.join("\n"))
            }
        };
        let place = row.line.map_or_else(
            || inert::line(&row.place).into_owned(),
            |line| line.to_string(),
        );
        table.add_row(vec![place.into(), outcome, words.into()]);
    }
    table
}
