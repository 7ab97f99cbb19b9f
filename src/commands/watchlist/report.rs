//! What came of each row of an import, for people and for programs.

use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Entry, EntryId, EntryState, Kind, Problem, Timestamp};
use sightline_pipeline::backtest::Backtest;
use sightline_store::entries::Elsewhere;
use sightline_watchlists::import::Place;

use super::{Withdrawn, backtest::counted};
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
        #[serde(skip_serializing_if = "Option::is_none")]
        had_been_withdrawn: Option<Withdrawn>,
        /// What it would have raised, in a dry run.
        #[serde(skip_serializing_if = "Option::is_none")]
        backtest: Option<Would>,
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

/// What an entry would have raised in the last days.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Would {
    pub days: u32,
    pub alerts: u64,
    pub messages: u64,
    pub listings: u64,
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

impl Would {
    /// Of no entry.
    pub fn nothing(days: u32) -> Self {
        Self {
            days,
            alerts: 0,
            messages: 0,
            listings: 0,
        }
    }

    /// Of one entry.
    pub fn of(test: &Backtest) -> Self {
        Self {
            days: test.days,
            alerts: test.alerts,
            messages: test.messages,
            listings: test.listings,
        }
    }

    /// With what another would have raised.
    pub fn add(&mut self, other: &Self) {
        self.alerts += other.alerts;
        self.messages += other.messages;
        self.listings += other.listings;
    }

    /// `would have raised 3 alerts on 5 listings in the last 90 days`
    pub fn in_words(&self) -> String {
        format!(
            "would have raised {} on {} in the last {} days",
            counted(self.alerts, "alert", "alerts"),
            counted(self.listings, "listing", "listings"),
            self.days
        )
    }
}

impl CameOfIt {
    pub fn added(
        entry: &Entry,
        id: EntryId,
        others: &[Elsewhere],
        withdrawn: Option<&Withdrawn>,
    ) -> Self {
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
            had_been_withdrawn: withdrawn.cloned(),
            backtest: None,
        }
    }

    /// Notes what an entry that would be added would have raised, where it is anything.
    pub fn note_backtest(&mut self, would: Would) {
        if let Self::Added { backtest, .. } = self
            && would.listings > 0
        {
            *backtest = Some(would);
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
        !matches!(
            &self.came_of_it,
            CameOfIt::Added { also_on, had_been_withdrawn: None, backtest: None, .. } if also_on.is_empty()
        )
    }
}

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
                    words += &format!("\n{}", withdrawn.in_words(now));
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
