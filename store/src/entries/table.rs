//! The entries of a watchlist as people are shown them: one state at a time, searched, sorted and in pages. Each page is
//! a walk down an index from where the page before ended, so the last of a million entries costs what the first does.

use sightline_model::{Entry, EntryState, Kind, Selector, Timestamp, WatchlistId};

use super::COLUMNS;
use crate::{Result, Tx, sql::Sql};

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
    /// Those alone whose value begins so; in the order of kind and value, whatever is said of it.
    pub beginning: Option<Vec<(Kind, String)>>,
    /// In which order.
    pub sort: Sort,
    /// The last entry of the page before: the list goes on after it.
    pub after: Option<Entry>,
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
            beginning: None,
            sort: Sort::default(),
            after: None,
            limit,
        }
    }
}

/// A page of them.
pub async fn page(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Entry>> {
    if let Some(beginning) = &wanted.beginning {
        return beginning_so(tx, wanted, beginning).await;
    }
    let after = wanted.after.as_ref();
    let sql = select(tx, wanted);
    let sql = match (wanted.due, wanted.kind, wanted.sort) {
        (Some(_), ..) | (None, None, Sort::Review) => {
            let sql = sql.push_if(" AND review_at <= ?", wanted.due);
            let sql = match after {
                Some(last) => sql
                    .push(" AND (review_at, id) > (?, ?)")
                    .bind(last.review_at)
                    .bind(last.id),
                None => sql,
            };
            sql.push(" ORDER BY review_at, id")
        }
        (None, Some(kind), Sort::Value) => sql
            .push(" AND kind = ?")
            .bind(kind)
            .push_if(" AND value > ?", after.map(|last| &last.selector.value))
            .push(" ORDER BY value"),
        (None, None, Sort::Value) => {
            let sql = match after {
                Some(last) => sql
                    .push(" AND (kind, value) > (?, ?)")
                    .bind(last.selector.kind)
                    .bind(&last.selector.value),
                None => sql,
            };
            sql.push(" ORDER BY kind, value")
        }
        (None, kind, Sort::Newest | Sort::Review) => sql
            .push_if(" AND kind = ?", kind)
            .push_if(" AND id < ?", after.map(|last| last.id))
            .push(" ORDER BY id DESC"),
    };
    sql.push(" LIMIT ?")
        .bind(i64::from(wanted.limit))
        .all(tx)
        .await
}

fn select(tx: &Tx, wanted: &Wanted) -> Sql {
    let text = format!(
        "SELECT {COLUMNS} FROM entry WHERE organisation = ? AND watchlist = ? AND state = ?"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(wanted.watchlist)
        .bind(wanted.state)
}

/// Each beginning is a stretch of the index.
async fn beginning_so(
    tx: &mut Tx,
    wanted: &Wanted,
    beginning: &[(Kind, String)],
) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    let after = wanted.after.as_ref().map(|last| &last.selector);
    for (kind, start) in apart(beginning) {
        let left = wanted.limit.saturating_sub(found.len() as u32);
        let passed = after.is_some_and(|last| last.kind > *kind);
        if left == 0 || passed || wanted.kind.is_some_and(|only| only != *kind) {
            continue;
        }
        let after = after.filter(|last| last.kind == *kind);
        let rows: Vec<Entry> = select(tx, wanted)
            .push(" AND kind = ? AND value >= ? AND value < ?")
            .bind(*kind)
            .bind(start)
            .bind(&format!("{start}{}", char::MAX))
            .push_if(" AND review_at <= ?", wanted.due)
            .push_if(" AND value > ?", after.map(|last| &last.value))
            .push(" ORDER BY value LIMIT ?")
            .bind(i64::from(left))
            .all(tx)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// In order, and without those that another of them holds.
fn apart(beginning: &[(Kind, String)]) -> Vec<&(Kind, String)> {
    let mut sorted: Vec<&(Kind, String)> = beginning.iter().collect();
    sorted.sort();
    sorted.dedup_by(|next, kept| next.0 == kept.0 && next.1.starts_with(&kept.1));
    sorted
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
