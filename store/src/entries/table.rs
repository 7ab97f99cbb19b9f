//! The entries of a watchlist as people are shown them: one state at a time, searched, sorted and in pages. Each page is
//! a walk down an index from where the page before ended, so the last of a million entries costs what the first does.

use std::collections::{BTreeMap, BTreeSet};

use sightline_model::{Entry, EntryId, EntryState, Kind, Selector, Timestamp, WatchlistId};

use super::COLUMNS;
use crate::{
    Result, Tx,
    sql::{Sql, escaped},
};

/// In which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    /// The latest added first.
    #[default]
    Newest,
    /// By kind, and within it by value.
    Value,
    /// The one that is to be reviewed first.
    Review,
}

/// What values are searched for by: pairs of a kind and what its values begin with, or have in them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sought {
    /// How values begin. Each is a stretch of the index.
    pub beginnings: Vec<(Kind, String)>,
    /// What stands anywhere in a value, in small letters; capitals of ASCII make no difference. The values of the kind are
    /// walked through, in the index.
    pub parts: Vec<(Kind, String)>,
}

impl Sought {
    /// True for a value that begins so, or has a part in it.
    pub fn finds(&self, selector: &Selector) -> bool {
        self.begins(selector)
            || self.parts.iter().any(|(kind, part)| {
                *kind == selector.kind
                    && selector.value.to_ascii_lowercase().contains(part.as_str())
            })
    }

    fn begins(&self, selector: &Selector) -> bool {
        let is_begun = |(kind, start): &(Kind, String)| {
            *kind == selector.kind && selector.value.starts_with(start.as_str())
        };
        self.beginnings.iter().any(is_begun)
    }
}

/// Where a page ends: what its order goes by, as it stood in its last entry when that was read. Whatever becomes of the
/// entry afterwards, the list goes on from there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Among the latest added.
    Newest(EntryId),
    /// Among the values.
    Value(Selector),
    /// Among the reviews.
    Review(Timestamp, EntryId),
}

impl Mark {
    fn sort(&self) -> Sort {
        match self {
            Self::Newest(_) => Sort::Newest,
            Self::Value(_) => Sort::Value,
            Self::Review(..) => Sort::Review,
        }
    }
}

/// Which entries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Of this list.
    pub watchlist: WatchlistId,
    /// In this state.
    pub state: EntryState,
    /// To be reviewed by then; in the order of their reviews, whatever is said of it.
    pub due: Option<Timestamp>,
    /// Of this kind; where the order is that of reviews, the latest added first.
    pub kind: Option<Kind>,
    /// Those alone whose value is like this: first those that begin so, then the others, each in the order of kind and value,
    /// whatever is said of it.
    pub sought: Option<Sought>,
    /// In which order.
    pub sort: Sort,
    /// Where the page before ended: the list goes on from there. After a mark of another order nothing comes.
    pub after: Option<Mark>,
    /// Entries at most.
    pub limit: u32,
}

impl Wanted {
    /// The first `limit` of those of a list that are in a state.
    pub fn of(watchlist: WatchlistId, state: EntryState, limit: u32) -> Self {
        Self {
            watchlist,
            state,
            due: None,
            kind: None,
            sought: None,
            sort: Sort::default(),
            after: None,
            limit,
        }
    }

    /// In which order they come, whatever is said of it.
    fn order(&self) -> Sort {
        match (&self.sought, self.due, self.kind, self.sort) {
            (Some(_), ..) => Sort::Value,
            (None, Some(_), ..) => Sort::Review,
            (None, None, Some(_), Sort::Review) => Sort::Newest,
            (None, None, _, sort) => sort,
        }
    }

    /// The mark behind this entry.
    pub fn mark(&self, last: &Entry) -> Mark {
        match self.order() {
            Sort::Newest => Mark::Newest(last.id),
            Sort::Value => Mark::Value(last.selector.clone()),
            Sort::Review => Mark::Review(last.review_at, last.id),
        }
    }

    fn after_value(&self) -> Option<&Selector> {
        match &self.after {
            Some(Mark::Value(last)) => Some(last),
            _ => None,
        }
    }

    /// True where it goes on from a mark of another order.
    pub fn is_lost(&self) -> bool {
        let after = self.after.as_ref();
        after.is_some_and(|mark| mark.sort() != self.order())
    }
}

/// A page of them.
pub async fn page(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Entry>> {
    if wanted.is_lost() {
        return Ok(Vec::new());
    }
    if let Some(sought) = &wanted.sought {
        return like(tx, wanted, sought).await;
    }
    let sql = select(tx, wanted);
    let sql = match wanted.order() {
        Sort::Review => {
            let sql = sql.push_if(" AND review_at <= ?", wanted.due);
            let sql = match &wanted.after {
                Some(Mark::Review(at, id)) => sql
                    .push(" AND (review_at, id) > (?, ?)")
                    .bind(*at)
                    .bind(*id),
                _ => sql,
            };
            sql.push(" ORDER BY review_at, id")
        }
        Sort::Value => {
            let sql = sql.push_if(" AND kind = ?", wanted.kind);
            let after = wanted.after_value();
            match (wanted.kind, after) {
                (Some(_), after) => sql
                    .push_if(" AND value > ?", after.map(|last| &last.value))
                    .push(" ORDER BY value"),
                (None, Some(last)) => sql
                    .push(" AND (kind, value) > (?, ?)")
                    .bind(last.kind)
                    .bind(&last.value)
                    .push(" ORDER BY kind, value"),
                (None, None) => sql.push(" ORDER BY kind, value"),
            }
        }
        Sort::Newest => {
            let after = match wanted.after {
                Some(Mark::Newest(id)) => Some(id),
                _ => None,
            };
            sql.push_if(" AND kind = ?", wanted.kind)
                .push_if(" AND id < ?", after)
                .push(" ORDER BY id DESC")
        }
    };
    sql.push(" LIMIT ?")
        .bind(i64::from(wanted.limit))
        .all(tx)
        .await
}

fn select(tx: &Tx, wanted: &Wanted) -> Sql {
    of_state(tx.sql(""), tx, wanted)
}

fn of_state(sql: Sql, tx: &Tx, wanted: &Wanted) -> Sql {
    let text = format!(
        "SELECT {COLUMNS} FROM entry WHERE organisation = ? AND watchlist = ? AND state = ?"
    );
    sql.push(&text)
        .bind(tx.org)
        .bind(wanted.watchlist)
        .bind(wanted.state)
}

async fn like(tx: &mut Tx, wanted: &Wanted, sought: &Sought) -> Result<Vec<Entry>> {
    let beginnings = apart(&sought.beginnings);
    let after = wanted.after_value();
    let mut found = Vec::new();
    if after.is_none_or(|last| sought.begins(last)) {
        for (kind, start) in &beginnings {
            let sql = next_of(tx, wanted, (*kind, after), found.len());
            let Some(sql) = sql else { continue };
            let sql = sql
                .push(" AND value >= ? AND value < ?")
                .bind(start)
                .bind(&behind(start));
            found.extend(ordered(sql, tx, wanted, found.len()).await?);
        }
    }
    let after = after.filter(|last| !sought.begins(last));
    let mut parts: Vec<&(Kind, String)> = sought.parts.iter().collect();
    parts.sort();
    for parts in parts.chunk_by(|one, next| one.0 == next.0) {
        let kind = parts[0].0;
        let sql = next_of(tx, wanted, (kind, after), found.len());
        let Some(mut sql) = sql else { continue };
        sql = sql.push(" AND (1 = 0");
        for (_, part) in parts {
            sql = sql
                .push(" OR lower(value) LIKE ? ESCAPE '!'")
                .bind(&format!("%{}%", escaped(part)));
        }
        sql = sql.push(")");
        for (_, start) in beginnings.iter().filter(|(other, _)| *other == kind) {
            sql = sql
                .push(" AND NOT (value >= ? AND value < ?)")
                .bind(start)
                .bind(&behind(start));
        }
        found.extend(ordered(sql, tx, wanted, found.len()).await?);
    }
    Ok(found)
}

/// The entries of a kind that come after the last one; none where there are enough, or the page before was past them.
fn next_of(
    tx: &Tx,
    wanted: &Wanted,
    (kind, after): (Kind, Option<&Selector>),
    found: usize,
) -> Option<Sql> {
    let is_full = found >= wanted.limit as usize;
    let is_passed = after.is_some_and(|last| last.kind > kind);
    if is_full || is_passed || wanted.kind.is_some_and(|only| only != kind) {
        return None;
    }
    let after = after.filter(|last| last.kind == kind);
    let sql = select(tx, wanted).push(" AND kind = ?").bind(kind);
    // The plus keeps SQLite from reading all that is due, to sort it.
    let sql = sql.push_if(" AND +review_at <= ?", wanted.due);
    Some(sql.push_if(" AND value > ?", after.map(|last| &last.value)))
}

async fn ordered(sql: Sql, tx: &mut Tx, wanted: &Wanted, found: usize) -> Result<Vec<Entry>> {
    let left = i64::from(wanted.limit) - found as i64;
    sql.push(" ORDER BY value LIMIT ?").bind(left).all(tx).await
}

/// The least that comes after all that begins so.
fn behind(start: &str) -> String {
    format!("{start}{}", char::MAX)
}

/// In order, and without those that another of them holds.
fn apart(beginning: &[(Kind, String)]) -> Vec<&(Kind, String)> {
    let mut sorted: Vec<&(Kind, String)> = beginning.iter().collect();
    sorted.sort();
    sorted.dedup_by(|next, kept| next.0 == kept.0 && next.1.starts_with(&kept.1));
    sorted
}

/// The entries of a list in every state, the latest added first: a walk that meets each of them once, whatever state it is
/// brought into meanwhile. `after` is the last one of the page before.
pub async fn whole(
    tx: &mut Tx,
    watchlist: WatchlistId,
    after: Option<EntryId>,
    limit: u32,
) -> Result<Vec<Entry>> {
    // A state each, whose index has them in order; in one statement, which sees one moment.
    let mut sql = tx.sql("");
    for (nth, state) in EntryState::ALL.iter().enumerate() {
        let wanted = Wanted::of(watchlist, *state, limit);
        sql = sql.push(if nth > 0 { " UNION ALL " } else { "" });
        sql = of_state(sql, tx, &wanted).push_if(" AND id < ?", after);
    }
    sql.push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// How many entries of a list are in a state, and to be reviewed by `due` where that is given; at most `most` are
/// counted.
pub async fn count(
    tx: &mut Tx,
    watchlist: WatchlistId,
    state: EntryState,
    due: Option<Timestamp>,
    most: u32,
) -> Result<i64> {
    let (count,) = tx
        .sql(
            "SELECT count(*) FROM (SELECT 1 FROM entry WHERE organisation = ? AND watchlist = ? AND state = ?",
        )
        .bind(tx.org)
        .bind(watchlist)
        .bind(state)
        .push_if(" AND review_at <= ?", due)
        .push(" LIMIT ?) AS counted")
        .bind(i64::from(most))
        .one(tx)
        .await?;
    Ok(count)
}

/// How many entries of each of these selectors there are on all lists, withdrawn ones among them. Selectors without any are left
/// out.
pub async fn counts_of<'s>(
    tx: &mut Tx,
    selectors: &BTreeSet<&'s Selector>,
) -> Result<BTreeMap<&'s Selector, usize>> {
    let wanted: Vec<&Selector> = selectors.iter().copied().collect();
    let mut counts = BTreeMap::new();
    for part in tx.chunks(&wanted) {
        let numbered: Vec<(i64, &Selector)> = (0..).zip(part.iter().copied()).collect();
        // CROSS JOIN fixes the order on SQLite: one step down the index for each that is wanted.
        let sql = tx
            .sql("WITH wanted (number, kind, value) AS (VALUES ")
            .rows(&numbered, |(number, selector), row| {
                row.put(*number).put(selector.kind).put(&selector.value);
            })
            .push(
                ") SELECT wanted.number, count(*) FROM wanted CROSS JOIN entry
                   WHERE entry.organisation = ? AND entry.kind = wanted.kind AND entry.value = wanted.value
                   GROUP BY wanted.number",
            )
            .bind(tx.org);
        for (number, count) in sql.all::<(i64, i64)>(tx).await? {
            let selector = usize::try_from(number).ok().and_then(|at| part.get(at));
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            counts.extend(selector.map(|selector| (*selector, count)));
        }
    }
    Ok(counts)
}

/// The entries of this selector on every list, withdrawn ones among them, the first added first.
pub async fn of_selector(tx: &mut Tx, selector: &Selector) -> Result<Vec<Entry>> {
    // Sorted here: asked for their order, SQLite walks through all entries to have it.
    let text =
        format!("SELECT {COLUMNS} FROM entry WHERE organisation = ? AND kind = ? AND value = ?");
    let mut found: Vec<Entry> = tx
        .sql(&text)
        .bind(tx.org)
        .bind(selector.kind)
        .bind(&selector.value)
        .all(tx)
        .await?;
    found.sort_by_key(|entry| entry.id);
    Ok(found)
}
