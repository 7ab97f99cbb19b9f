//! What came of each row of an import, for people and for programs.

use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Entry, EntryId, EntryState, Kind, Problem};
use sightline_store::entries::Elsewhere;
use sightline_watchlists::import::Place;

use crate::output::{self, Tint, inert};

/// One row, as programs are told of it.
#[derive(Serialize)]
pub(super) struct Row {
    /// The line, in a format that has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    place: String,
    #[serde(flatten)]
    pub came_of_it: CameOfIt,
}

/// What came of a row.
#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum CameOfIt {
    /// It stands on the list, or would.
    Added {
        entry: EntryId,
        kind: Kind,
        value: String,
        state: EntryState,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        also_on: Vec<Also>,
    },
    /// It was there before: in the file, or on the list.
    Duplicate {
        of_line: Option<u64>,
        of_place: Option<String>,
        of_entry: Option<EntryId>,
        watchlist: Option<String>,
    },
    /// It is no entry.
    Refused { problems: Vec<Problem> },
}

/// Another list that has the same identifier.
#[derive(Serialize)]
pub(super) struct Also {
    watchlist: String,
    entry: EntryId,
}

fn line(place: &Place) -> Option<u64> {
    match place {
        Place::Line(line) => Some(*line),
        Place::Sheet { .. } | Place::Object { .. } | Place::Attribute(_) => None,
    }
}

impl CameOfIt {
    pub fn added(entry: &Entry, id: EntryId, others: &[Elsewhere]) -> Self {
        let also = |other: &Elsewhere| Also {
            watchlist: other.watchlist.clone(),
            entry: other.entry,
        };
        Self::Added {
            entry: id,
            kind: entry.selector.kind,
            value: entry.selector.value.clone(),
            state: entry.state,
            also_on: others.iter().map(also).collect(),
        }
    }

    pub fn repeats(of: &Place) -> Self {
        Self::Duplicate {
            of_line: line(of),
            of_place: Some(of.to_string()),
            of_entry: None,
            watchlist: None,
        }
    }

    pub fn stands(list: &str, entry: EntryId) -> Self {
        Self::Duplicate {
            of_line: None,
            of_place: None,
            of_entry: Some(entry),
            watchlist: Some(list.to_owned()),
        }
    }
}

impl Row {
    pub fn new(place: &Place, came_of_it: CameOfIt) -> Self {
        Self {
            line: line(place),
            place: place.to_string(),
            came_of_it,
        }
    }

    /// False for a row that was simply added.
    pub fn needs_a_look(&self) -> bool {
        !matches!(&self.came_of_it, CameOfIt::Added { also_on, .. } if also_on.is_empty())
    }
}

/// The rows as people are shown them.
pub(super) fn table(rows: &[Row]) -> Table {
    let mut table = output::table(["row", "outcome", "entry"]);
    for row in rows {
        let (outcome, words) = match &row.came_of_it {
            CameOfIt::Added {
                kind,
                value,
                state,
                also_on,
                ..
            } => {
                let mut words = format!("{kind} {}", inert::line(value));
                for also in also_on {
                    let list = inert::line(&also.watchlist).into_owned();
                    words += &format!("\nalso on '{list}' as {}", also.entry);
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
