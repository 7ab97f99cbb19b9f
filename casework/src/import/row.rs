//! What came of each row of a file, for programs and in words.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{
    Entry, EntryId, EntryStanding, EntryState, FieldChange, Kind, Problem, Timestamp, counted,
};
use sightline_store::entries::Elsewhere;
use sightline_watchlists::{entry::cautions, import::Place};

use super::{Repeated, ended::Met, standing::Stood};
use crate::entry::{Withdrawn, differing, not_looked_for};

/// One row, as programs are told of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportedRow")]
pub struct Row {
    /// The line, in a format that has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Where it stands, in words.
    pub place: String,
    /// What came of it.
    #[serde(flatten)]
    pub came_of_it: CameOfIt,
}

/// What came of a row.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum CameOfIt {
    /// It stands on the list, or would.
    Added {
        /// As which entry.
        entry: EntryId,
        /// The kind.
        kind: Kind,
        /// The canonical value.
        value: String,
        /// Looked for, or a draft.
        state: EntryState,
        /// Other lists that have it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        also_on: Vec<Also>,
        /// How it had been withdrawn before.
        #[serde(skip_serializing_if = "Option::is_none")]
        had_been_withdrawn: Option<Withdrawn>,
        /// What is to be known of it first: how it was read, where that is not what was written, and that it fits nearly
        /// nothing, or nearly everything.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        cautions: Vec<String>,
        /// What it would have raised, in a dry run.
        #[serde(skip_serializing_if = "Option::is_none")]
        backtest: Option<Would>,
    },
    /// It stood on the list already, and took over what the row says, or would.
    Updated {
        /// The entry.
        entry: EntryId,
        /// The kind.
        kind: Kind,
        /// The canonical value.
        value: String,
        /// What is different.
        fields: Vec<FieldChange>,
        /// What the row says that protects people less than what stands, and was not taken over.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        stays: Vec<FieldChange>,
    },
    /// It stands on the list, and its author has ended what it says.
    Ended {
        /// The entry.
        entry: EntryId,
        /// The kind.
        kind: Kind,
        /// The canonical value.
        value: String,
        /// The list.
        watchlist: String,
        /// How, in words.
        why: String,
        /// Where the entry stood.
        standing: EntryStanding,
        /// True where the entry's note says that it came from there: others are not theirs to end.
        is_theirs: bool,
        /// True where somebody here has decided otherwise by hand: made it active, gave it another end, put it back.
        is_kept: bool,
        /// True where it was ended here, too, or would be.
        is_done: bool,
        /// What is different of it then.
        fields: Vec<FieldChange>,
        /// What it took over of what else the row says, or would.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        updated: Vec<FieldChange>,
    },
    /// It was there before: in the file, or on the list.
    Duplicate {
        /// The line that has it first.
        of_line: Option<u64>,
        /// The same in words.
        of_place: Option<String>,
        /// The entry that stands on the list.
        of_entry: Option<EntryId>,
        /// The list.
        watchlist: Option<String>,
        /// Where the entry on the list stands.
        #[serde(skip_serializing_if = "Option::is_none")]
        standing: Option<EntryStanding>,
        /// When it expired, where it has.
        #[serde(skip_serializing_if = "Option::is_none")]
        expired_at: Option<Timestamp>,
        /// What the row says otherwise; the entry was left as it is.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        differs: Vec<FieldChange>,
        /// What the row says that protects people less than what stands: it is never taken over.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        stays: Vec<FieldChange>,
        /// What the row says otherwise than the earlier one, which took it over: of two severities the graver one.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        taken_over: Vec<FieldChange>,
    },
    /// It is no entry.
    Refused {
        /// Why.
        problems: Vec<Problem>,
    },
}

/// What an entry would have raised in the last days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WouldHaveRaised")]
pub struct Would {
    /// How many days.
    pub days: u32,
    /// Alerts.
    pub alerts: u64,
    /// Messages to each channel.
    pub messages: u64,
    /// Listings that first showed it in them.
    pub listings: u64,
    /// Further listings that did, but show only what is known to be their site's own, and so raise nothing.
    pub withheld: u64,
}

impl Would {
    /// Of no entry.
    pub fn nothing(days: u32) -> Self {
        Self {
            days,
            alerts: 0,
            messages: 0,
            listings: 0,
            withheld: 0,
        }
    }

    /// Notes in the rows of entries that would be added what each would have raised, one for each, and adds it to this.
    pub fn note_each(
        &mut self,
        rows: &mut [(Entry, &mut Row)],
        each: impl IntoIterator<Item = Self>,
    ) {
        for ((_, row), would) in rows.iter_mut().zip(each) {
            self.add(&would);
            row.came_of_it.note_backtest(would);
        }
    }

    /// With what another would have raised.
    fn add(&mut self, other: &Self) {
        self.alerts += other.alerts;
        self.messages += other.messages;
        self.listings += other.listings;
        self.withheld += other.withheld;
    }

    /// `would have raised 3 alerts on 5 listings in the last 90 days`
    pub fn in_words(&self) -> String {
        let raised = format!(
            "would have raised {} on {} in the last {}",
            counted(self.alerts, "alert", "alerts"),
            counted(self.listings, "listing", "listings"),
            counted(self.days, "day", "days")
        );
        match self.withheld {
            0 => raised,
            withheld => format!(
                "{raised}, and nothing on {} where it is the site's own",
                counted(withheld, "more listing", "more listings")
            ),
        }
    }
}

/// Another list that has the same identifier.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Also {
    /// The list.
    pub watchlist: String,
    /// The entry there.
    pub entry: EntryId,
}

fn line(place: &Place) -> Option<u64> {
    match place {
        Place::Line(line) => Some(*line),
        Place::Sheet { .. } | Place::Object { .. } | Place::Attribute(_) => None,
    }
}

impl CameOfIt {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Added {
                state: EntryState::Draft,
                ..
            } => "draft",
            Self::Added { .. } => "added",
            Self::Updated { .. } => "updated",
            Self::Ended { .. } => "ended",
            Self::Duplicate { .. } => "duplicate",
            Self::Refused { .. } => "refused",
        }
    }

    /// True where it tells what stands on a list already, or stood there.
    pub fn tells_what_stands(&self) -> bool {
        match self {
            Self::Updated { .. } | Self::Ended { .. } => true,
            Self::Duplicate { of_entry, .. } => of_entry.is_some(),
            Self::Added {
                also_on,
                had_been_withdrawn,
                ..
            } => !also_on.is_empty() || had_been_withdrawn.is_some(),
            Self::Refused { .. } => false,
        }
    }

    /// What there is to say of it, each thing by itself; `when` writes an instant for people. What the file said is in it, as
    /// it was written.
    pub fn in_words(&self, when: &dyn Fn(Timestamp) -> String) -> Vec<String> {
        match self {
            Self::Added {
                kind,
                value,
                also_on,
                had_been_withdrawn,
                cautions,
                backtest,
                ..
            } => {
                let mut words = vec![format!("{kind} {value}")];
                words.extend(cautions.iter().cloned());
                let also = also_on.iter();
                words.extend(
                    also.map(|also| format!("also on '{}' as {}", also.watchlist, also.entry)),
                );
                let withdrawn = had_been_withdrawn.iter();
                words.extend(withdrawn.map(|one| one.in_words(&when(one.at))));
                words.extend(backtest.iter().map(Would::in_words));
                words
            }
            Self::Duplicate {
                of_place: Some(place),
                differs,
                stays,
                taken_over,
                ..
            } => {
                let mut words = vec![format!("the same as {place}")];
                if !differs.is_empty() {
                    words.push(format!("but it says otherwise: {}", differing(differs)));
                }
                if !taken_over.is_empty() {
                    words.push(format!("which takes over: {}", differing(taken_over)));
                }
                words.extend(staying(stays));
                words
            }
            Self::Duplicate {
                of_entry: Some(entry),
                watchlist: Some(list),
                standing,
                expired_at,
                differs,
                stays,
                ..
            } => {
                let mut words = vec![format!("on '{list}' already as {entry}")];
                let idle = standing.and_then(|standing| not_looked_for(standing, *expired_at));
                words.extend(idle.map(|why| format!("but {why}")));
                if !differs.is_empty() {
                    words.push(format!("the file says otherwise: {}", differing(differs)));
                }
                words.extend(staying(stays));
                words
            }
            Self::Updated {
                entry,
                kind,
                value,
                fields,
                stays,
            } => {
                let mut words = vec![
                    format!("{kind} {value}"),
                    format!("stood as {entry}; {}", differing(fields)),
                ];
                words.extend(staying(stays));
                words
            }
            Self::Ended {
                entry,
                kind,
                value,
                watchlist,
                why,
                standing,
                is_theirs,
                is_kept,
                is_done,
                fields,
                updated,
            } => {
                let mut words = vec![format!("{kind} {value}")];
                words.push(match (is_done, standing.is_looked_for()) {
                    (true, _) => format!("{why}; it stood on '{watchlist}' as {entry}"),
                    (false, true) => {
                        format!("{why}; it stands on '{watchlist}' as {entry}, still looked for")
                    }
                    (false, false) => {
                        format!("{why}; it stands on '{watchlist}' as {entry}, not looked for")
                    }
                });
                words.push(match (is_done, is_theirs) {
                    (true, _) => differing(fields),
                    (false, true) if *is_kept => "somebody decided otherwise here by hand (watchlist history), so it stays: take it off by hand, if its author is right".to_owned(),
                    (false, true) => format!("if what stands takes over what the file says: {}", differing(fields)),
                    (false, false) => "its note does not say that it came from there, so it stays: take it off by hand, if nobody else asks for it".to_owned(),
                });
                if !updated.is_empty() {
                    words.push(format!("it took over besides: {}", differing(updated)));
                }
                words
            }
            Self::Duplicate { .. } => Vec::new(),
            Self::Refused { problems } => problems.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn ended(list: &str, met: &Met, stood: Option<&Stood>) -> Self {
        Self::Ended {
            entry: met.entry,
            kind: met.kind,
            value: met.value.clone(),
            watchlist: list.to_owned(),
            why: met.ending.in_words().into_owned(),
            standing: met.standing,
            is_theirs: met.is_theirs,
            is_kept: met.is_kept,
            is_done: met.is_done,
            fields: met.fields.clone(),
            updated: stood
                .filter(|stood| stood.is_updated)
                .map(|stood| stood.fields.clone())
                .unwrap_or_default(),
        }
    }

    /// True where what stood on the list took over what the row says.
    pub(super) fn is_updated(&self) -> bool {
        match self {
            Self::Updated { .. } => true,
            Self::Ended { updated, .. } => !updated.is_empty(),
            Self::Added { .. } | Self::Duplicate { .. } | Self::Refused { .. } => false,
        }
    }

    pub(super) fn added(
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
            cautions: cautions(entry),
            backtest: None,
        }
    }

    /// With how its row was read, where that is not what was written.
    pub(super) fn told(mut self, told: &[String]) -> Self {
        if let Self::Added { cautions, .. } = &mut self {
            cautions.extend_from_slice(told);
        }
        self
    }

    /// Notes what an entry that would be added would have raised, where it is anything.
    fn note_backtest(&mut self, would: Would) {
        if let Self::Added { backtest, .. } = self
            && would.listings > 0
        {
            *backtest = Some(would);
        }
    }

    /// True of what stands on the list already, and is not looked for.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self, Self::Duplicate { standing: Some(standing), .. } if !standing.is_looked_for())
    }

    pub(super) fn repeats(of: &Place, repeated: Option<&Repeated>) -> Self {
        let fields = |is_updated: bool| {
            let repeated = repeated.filter(|one| one.is_updated == is_updated);
            repeated.map(|one| one.fields.clone()).unwrap_or_default()
        };
        Self::Duplicate {
            of_line: line(of),
            of_place: Some(of.to_string()),
            of_entry: None,
            watchlist: None,
            standing: None,
            expired_at: None,
            differs: fields(false),
            stays: repeated.map(|one| one.stays.clone()).unwrap_or_default(),
            taken_over: fields(true),
        }
    }

    /// What came of an entry that stands on the list already, as `of`.
    pub(super) fn stands(list: &str, of: EntryId, entry: &Entry, stood: Option<&Stood>) -> Self {
        if let Some(stood) = stood.filter(|stood| stood.is_updated) {
            return Self::Updated {
                entry: of,
                kind: entry.selector.kind,
                value: entry.selector.value.clone(),
                fields: stood.fields.clone(),
                stays: stood.stays.clone(),
            };
        }
        Self::Duplicate {
            of_line: None,
            of_place: None,
            of_entry: Some(of),
            watchlist: Some(list.to_owned()),
            standing: stood.map(|stood| stood.standing),
            expired_at: stood.and_then(|stood| stood.expired_at),
            differs: stood.map(|stood| stood.fields.clone()).unwrap_or_default(),
            stays: stood.map(|stood| stood.stays.clone()).unwrap_or_default(),
            taken_over: Vec::new(),
        }
    }
}

/// `tlp stays red, and not green as the file says: 'watchlist edit' loosens it`
pub(super) fn staying(fields: &[FieldChange]) -> impl Iterator<Item = String> {
    fields.iter().map(|one| {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        format!(
            "{} stays {}, and not {} as the file says: what protects people is changed by hand (watchlist edit)",
            one.field,
            side(&one.before),
            side(&one.after)
        )
    })
}

impl Row {
    pub(super) fn new(place: &Place, came_of_it: CameOfIt) -> Self {
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
            CameOfIt::Added { also_on, had_been_withdrawn: None, cautions, backtest: None, .. }
                if also_on.is_empty() && cautions.is_empty()
        )
    }
}
