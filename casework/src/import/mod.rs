//! A file of entries, put on a list: what is in it, and what came of each of its rows.

mod back;
mod ended;
mod refused;
mod room;
mod row;
mod standing;

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{
    AlertId, Entry, EntryId, EntryState, FieldChange, OrganisationId, Problem, Selector, Timestamp,
    Watchlist, counted,
};
use sightline_store::{
    Store, StoreError, Tx,
    entries::{self, Addition, Elsewhere},
};
use sightline_watchlists::{
    Terms,
    entry::{self, Given, differences, kept_against, repeated},
    import::{self, Ended, ImportError, Options, Place, RowOutcome},
};

use self::{ended::Met, standing::Stood};
pub use self::{
    row::{Also, CameOfIt, Row, Would},
    standing::OfStanding,
};
use crate::{
    By,
    entry::{Through, Withdrawn, keep_added, keep_restored, withdrawals},
};

/// The most rows that are written in one transaction.
const PART: usize = 5_000;

/// A file as read: the entries in it, and what was said of each row.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The entries that can be added.
    pub ready: Vec<Entry>,
    /// What the row of each says, apart from the identifier.
    given: Vec<Given>,
    /// How the rows of some were read, where that is not what was written.
    told: HashMap<usize, Vec<String>>,
    /// What its columns are called.
    pub columns: Vec<String>,
    /// The columns that were not understood, and are left out.
    pub ignored: Vec<String>,
    /// What else the analyst should know of how the file was read, in sentences.
    pub notes: Vec<String>,
    /// Row by row; those that say nothing but that they are gone come last.
    rows: Vec<(Place, Said)>,
    /// What authors have ended, by the places of its rows among all, in that order.
    ended: Vec<(usize, Ended)>,
    /// What patterns that can be added have in their cells, by the places of their rows: there may be no room for them.
    cells: HashMap<usize, Vec<String>>,
}

#[derive(Clone, Debug)]
enum Said {
    /// An index into `ready`.
    Ready(usize),
    /// What a later row says of an identifier that an earlier one has, and of which of those that are ready.
    Repeats(Box<Repeat>),
    Refused(Vec<Problem>, Vec<String>),
    /// Its author deleted it.
    Gone,
}

#[derive(Clone, Debug)]
struct Repeat {
    /// Where the first row stands that has it.
    of: Place,
    /// What that one became, among those that are ready.
    index: usize,
    entry: Entry,
    given: Given,
}

/// Reads a file. `name` is its name, for what its content does not tell.
///
/// # Errors
/// Where it is no file of entries.
pub fn read(
    bytes: &[u8],
    name: &str,
    options: &Options<'_>,
    terms: Terms<'_>,
) -> Result<Read, ImportError> {
    let file = import::read(bytes, name, options, terms)?;
    let mut first: HashMap<Selector, usize> = HashMap::new();
    let mut read = Read {
        columns: file.columns().to_vec(),
        ignored: file.ignored_columns().to_vec(),
        notes: file.notes().to_vec(),
        ..Read::default()
    };
    let mut gone = Vec::new();
    // Each row counts, also those that only say that something is over.
    for (count, row) in file.enumerate() {
        if let Some(most) = options.most.filter(|most| count >= *most) {
            return Err(ImportError::TooMany { most });
        }
        let row = row?;
        let said = match row.outcome {
            RowOutcome::Ready(entry) => {
                first.insert(entry.selector.clone(), read.ready.len());
                if !row.told.is_empty() {
                    read.told.insert(read.ready.len(), row.told);
                }
                read.ready.push(*entry);
                read.given.push(row.given);
                Said::Ready(read.ready.len() - 1)
            }
            RowOutcome::Duplicate { of, entry } => match first.get(&entry.selector) {
                Some(&index) => Said::Repeats(Box::new(Repeat {
                    of,
                    index,
                    entry: *entry,
                    given: row.given,
                })),
                // A duplicate has the selector of an earlier row that is ready.
                None => continue,
            },
            RowOutcome::Refused { problems, cells } => Said::Refused(problems, cells),
            RowOutcome::Deleted => {
                gone.extend(row.ended.map(|ended| (row.place, ended)));
                continue;
            }
        };
        let nth = read.rows.len();
        read.ended.extend(row.ended.map(|ended| (nth, ended)));
        read.cells.extend(row.cells.map(|cells| (nth, cells)));
        read.rows.push((row.place, said));
    }
    for (place, ended) in gone {
        read.ended.push((read.rows.len(), ended));
        read.rows.push((place, Said::Gone));
    }
    read.settle_ended();
    Ok(read)
}

/// What would come of each row, were what was read put on its list now. Only reads: nobody who writes waits for it.
pub async fn foresee(
    tx: &mut Tx,
    read: &Read,
    watchlist: &Watchlist,
    of_standing: OfStanding,
    now: Timestamp,
) -> Result<Report, StoreError> {
    let (read, repeats) = read.gathered(of_standing, now);
    let read = room::foreseen(tx, read, now).await?;
    let read = read.as_ref();
    let additions = entries::foresee(tx, &read.ready).await?;
    let restored = additions.iter().filter_map(|addition| match addition {
        Addition::Restored(before) => Some(before.id),
        Addition::Added | Addition::Duplicate(_) => None,
    });
    let restored: Vec<EntryId> = restored.collect();
    let withdrawn = withdrawals(tx, &restored).await?;
    let mut stood = HashMap::new();
    for (nth, part) in additions.chunks(PART).enumerate() {
        let known = standing::known(tx, read, nth * PART, part, now).await?;
        stood.extend(known.iter().map(|known| known.told(of_standing, now)));
    }
    let ended = ended::counted(tx, &read.ended, now).await?;
    let ended = ended::met(tx, &ended, of_standing, now).await?;
    let ended = ended.into_iter().map(|met| (met.nth, met)).collect();
    let came = Came {
        additions,
        withdrawn,
        stood,
        repeats,
        ended,
        unchased: BTreeSet::new(),
    };
    reported(tx, read, &came, watchlist).await
}

/// Puts what was read on its list, and says what came of each row. It is written in parts, each with its line in the audit
/// log, so that a crawl never waits for more than one of them. Where it is cut off, what was written stands, and the same
/// file can be imported again: what stands is a duplicate then. Each entry keeps who put it there, and from which file; and
/// where what stands is to take over what the rows say, so it keeps that.
pub async fn put(
    store: &Store,
    organisation: OrganisationId,
    read: &Read,
    watchlist: &Watchlist,
    of_standing: OfStanding,
    through: Through<'_>,
    by: &By,
) -> Result<Report, StoreError> {
    let mut tx = store.read(organisation).await?;
    let ended = ended::counted(&mut tx, &read.ended, by.at).await?;
    drop(tx);
    let (mut read, repeats) = read.gathered(of_standing, by.at);
    let mut came = Came {
        additions: Vec::with_capacity(read.ready.len()),
        repeats,
        ..Came::default()
    };
    let count = read.rows.len();
    let parts = count.div_ceil(PART);
    for nth in 0..parts {
        let of_rows = nth * PART..count.min((nth + 1) * PART);
        let first = came.additions.len();
        let mut tx = store.write(organisation).await?;
        let of_ready = first..first + ready_in(&read.rows[of_rows.clone()]);
        read = room::held(&mut tx, read, of_ready, by.at).await?;
        let read = read.as_ref();
        let rows = &read.rows[of_rows];
        let ready = &read.ready[first..][..ready_in(rows)];
        let ready = back::as_put_back(&mut tx, Cow::Borrowed(ready), &read.given[first..]).await?;
        let ready = ready.as_ref();
        let of_part = entries::add(&mut tx, ready).await?;
        let restored = back::restored(ready, &of_part);
        let pairs = restored.iter().map(|(before, after)| (*before, after));
        came.withdrawn
            .extend(keep_restored(&mut tx, pairs, through, by).await?);
        let added = of_part.iter().zip(ready);
        let added = added.filter(|(addition, _)| matches!(addition, Addition::Added));
        keep_added(&mut tx, added.map(|(_, entry)| entry.id), through, by).await?;
        let known = standing::known(&mut tx, read, first, &of_part, by.at).await?;
        let ended = ended::in_rows(&ended, nth * PART, rows.len());
        let met = ended::met(&mut tx, ended, of_standing, by.at).await?;
        let updated = match of_standing {
            OfStanding::Left => 0,
            OfStanding::Updated => standing::update(&mut tx, &known, through, by).await?,
        };
        came.stood
            .extend(known.iter().map(|known| known.told(of_standing, by.at)));
        let left = ended::end(&mut tx, &met, through, by).await?;
        came.unchased.extend(left);
        let counts = in_words(rows, &of_part, updated, (nth + 1, parts));
        let detail = format!("{counts}; {}", through.in_words());
        let list = watchlist.name.clone();
        by.log(&mut tx, "watchlist.import", list, &detail).await?;
        tx.commit().await?;
        came.ended.extend(met.into_iter().map(|met| (met.nth, met)));
        came.additions.extend(of_part);
    }
    let mut tx = store.read(organisation).await?;
    reported(&mut tx, &read, &came, watchlist).await
}

/// What the store said of what was read.
#[derive(Default)]
struct Came {
    /// Of each entry, in order.
    additions: Vec<Addition>,
    /// How what had been withdrawn was, by its identifier.
    withdrawn: HashMap<EntryId, Withdrawn>,
    /// What stands on the list already, by its place among what was read.
    stood: HashMap<usize, Stood>,
    /// What rows say otherwise than earlier ones of the same identifier, by their places among all rows.
    repeats: HashMap<usize, Repeated>,
    /// What stands on the list and was ended by its author, by the place of the row that says so.
    ended: HashMap<usize, Met>,
    /// Alerts of what was withdrawn that nobody has closed.
    unchased: BTreeSet<AlertId>,
}

/// What a row says otherwise than an earlier one.
struct Repeated {
    fields: Vec<FieldChange>,
    /// What it says that protects people less, and is never taken over.
    stays: Vec<FieldChange>,
    is_updated: bool,
}

/// How many of these rows can be added.
fn ready_in(rows: &[(Place, Said)]) -> usize {
    let is_ready = |(_, said): &&(Place, Said)| matches!(said, Said::Ready(_));
    rows.iter().filter(is_ready).count()
}

/// What the audit log says of a part.
fn in_words(
    rows: &[(Place, Said)],
    additions: &[Addition],
    updated: usize,
    part: (usize, usize),
) -> String {
    let stood = |addition: &&Addition| matches!(addition, Addition::Duplicate(_));
    let stood = additions.iter().filter(stood).count();
    let repeats = |(_, said): &&(Place, Said)| matches!(said, Said::Repeats(_));
    let repeats = rows.iter().filter(repeats).count();
    let refused = |(_, said): &&(Place, Said)| matches!(said, Said::Refused(..));
    let mut words = format!(
        "{} added, {updated} updated, {}, {} refused",
        counted(additions.len() - stood, "entry", "entries"),
        counted(stood + repeats - updated, "duplicate", "duplicates"),
        rows.iter().filter(refused).count()
    );
    if let (nth, parts @ 2..) = part {
        words += &format!("; part {nth} of {parts}");
    }
    words
}

/// The report, with the other lists that have the same.
async fn reported(
    tx: &mut Tx,
    read: &Read,
    came: &Came,
    watchlist: &Watchlist,
) -> Result<Report, StoreError> {
    let elsewhere = entries::elsewhere(tx, &read.ready).await?;
    let again = |addition: &&Addition| matches!(addition, Addition::Restored(_));
    let again = came.additions.iter().filter(again).count();
    let rows = read.reported(came, &elsewhere, &watchlist.name);
    let unchased = came.unchased.iter().copied().collect();
    Ok(Report::of(rows, again, unchased))
}

impl Read {
    /// What is put on the list, and what rows say otherwise than earlier ones of the same identifier: where what stands is to
    /// take over what the file says, an earlier row takes over what a later one does.
    fn gathered(
        &self,
        of_standing: OfStanding,
        now: Timestamp,
    ) -> (Cow<'_, Self>, HashMap<usize, Repeated>) {
        let mut read = Cow::Borrowed(self);
        let mut repeats = HashMap::new();
        for (nth, (_, said)) in self.rows.iter().enumerate() {
            let Said::Repeats(repeat) = said else {
                continue;
            };
            let before = &read.ready[repeat.index];
            let after = repeated(before, &repeat.entry, repeat.given, now);
            let fields = differences(before, &after);
            let stays = kept_against(before, &repeat.entry, repeat.given, now);
            if fields.is_empty() && stays.is_empty() {
                continue;
            }
            let is_updated = of_standing == OfStanding::Updated;
            if is_updated {
                let read = read.to_mut();
                read.ready[repeat.index] = after;
                read.given[repeat.index] = read.given[repeat.index].with(repeat.given);
            }
            let repeated = Repeated {
                fields,
                stays,
                is_updated,
            };
            repeats.insert(nth, repeated);
        }
        (read, repeats)
    }

    /// The report, with what the store said of each entry.
    fn reported(
        &self,
        came: &Came,
        elsewhere: &HashMap<Selector, Vec<Elsewhere>>,
        list: &str,
    ) -> Vec<Row> {
        let row = |(nth, (place, said)): (usize, &(Place, Said))| {
            if let Some(met) = came.ended.get(&nth) {
                let stood = match said {
                    Said::Ready(index) => came.stood.get(index),
                    Said::Repeats(_) | Said::Refused(..) | Said::Gone => None,
                };
                return Some(Row::new(place, CameOfIt::ended(list, met, stood)));
            }
            let came_of_it = match said {
                Said::Gone => return None,
                Said::Refused(problems, _) => CameOfIt::Refused {
                    problems: problems.clone(),
                },
                Said::Repeats(repeat) => CameOfIt::repeats(&repeat.of, came.repeats.get(&nth)),
                Said::Ready(index) => {
                    let entry = &self.ready[*index];
                    let others = elsewhere
                        .get(&entry.selector)
                        .map_or(&[][..], Vec::as_slice);
                    let told = self.told.get(index).map_or(&[][..], Vec::as_slice);
                    match &came.additions[*index] {
                        Addition::Duplicate(of) => {
                            CameOfIt::stands(list, *of, entry, came.stood.get(index))
                        }
                        Addition::Added => {
                            CameOfIt::added(entry, entry.id, others, None).told(told)
                        }
                        // What was withdrawn before is back under its old identifier.
                        Addition::Restored(before) => {
                            let withdrawn = came.withdrawn.get(&before.id);
                            let given = self.given[*index];
                            let stays = entry::kept_when_put_back(before, entry, given);
                            let comes = entry::put_back(before, entry, given.by_file());
                            let reach = entry::reach_kept(entry, &comes);
                            let stays: Vec<String> = row::staying(&stays).chain(reach).collect();
                            CameOfIt::added(entry, before.id, others, withdrawn)
                                .told(told)
                                .told(&stays)
                        }
                    }
                }
            };
            Some(Row::new(place, came_of_it))
        };
        self.rows.iter().enumerate().filter_map(row).collect()
    }
}

/// What came of a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportReport")]
pub struct Report {
    /// Of each row, in the order of the file.
    pub rows: Vec<Row>,
    /// How many stand on the list now that did not before.
    pub added: usize,
    /// How many of these are drafts.
    pub drafts: usize,
    /// How many of these had been withdrawn before.
    pub again: usize,
    /// How many stood on the list already, and took over what their rows say.
    pub updated: usize,
    /// How many were there before, and were left as they were.
    pub duplicates: usize,
    /// How many of these stand on the list and are not looked for: they have expired, or are drafts.
    pub idle: usize,
    /// How many of these the file says something else of.
    pub differing: usize,
    /// How many stand on the list, and their authors have ended what they say.
    pub ended: usize,
    /// How many of these were ended here, too, or would be.
    pub taken_off: usize,
    /// Alerts of what was withdrawn here that nobody has closed: from now on nobody is reminded of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unchased: Vec<AlertId>,
    /// How many are no entries.
    pub refused: usize,
}

impl Report {
    fn of(rows: Vec<Row>, again: usize, unchased: Vec<AlertId>) -> Self {
        let count =
            |is: fn(&CameOfIt) -> bool| rows.iter().filter(|row| is(&row.came_of_it)).count();
        Self {
            added: count(|row| matches!(row, CameOfIt::Added { .. })),
            drafts: count(
                |row| matches!(row, CameOfIt::Added { state, .. } if *state == EntryState::Draft),
            ),
            updated: count(CameOfIt::is_updated),
            duplicates: count(|row| matches!(row, CameOfIt::Duplicate { .. })),
            idle: count(CameOfIt::is_idle),
            differing: count(
                |row| matches!(row, CameOfIt::Duplicate { differs, .. } if !differs.is_empty()),
            ),
            ended: count(|row| matches!(row, CameOfIt::Ended { .. })),
            taken_off: count(|row| matches!(row, CameOfIt::Ended { is_done: true, .. })),
            refused: count(|row| matches!(row, CameOfIt::Refused { .. })),
            again,
            unchased,
            rows,
        }
    }
}
