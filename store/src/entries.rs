//! Entries: what is looked for.

use std::collections::HashMap;

use sightline_model::{Entry, EntryId, EntryState, Selector, Timestamp, WatchlistId};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record},
};

const COLUMNS: &str = "id, watchlist, kind, value, written, purpose, legal_basis, owner, category, review_at, \
                       expires_at, case_reference, tlp, severity, note, state, created_at";

impl Record for Entry {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            watchlist: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            written: cells.next()?,
            purpose: cells.next()?,
            legal_basis: cells.next()?,
            owner: cells.next()?,
            category: cells.next()?,
            review_at: cells.next()?,
            expires_at: cells.next()?,
            case_reference: cells.next()?,
            tlp: cells.next()?,
            severity: cells.next()?,
            note: cells.next()?,
            state: cells.next()?,
            created_at: cells.next()?,
        })
    }
}

/// What became of an entry that was to be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addition {
    /// It stands on its list now.
    Added,
    /// It had been withdrawn, and stands there again under its old identifier, with what was given now. It is hunted anew.
    Restored(EntryId),
    /// The list has it already; that one was left as it is.
    Duplicate(EntryId),
}

/// Adds entries to their lists, each identifier once on a list. For each of `entries`, in order, what became of it.
pub async fn add(tx: &mut Tx, entries: &[Entry]) -> Result<Vec<Addition>> {
    let standing = standing(tx, entries).await?;
    let mut met = HashMap::<(WatchlistId, &Selector), EntryId>::new();
    let (mut new, mut again, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let key = (entry.watchlist, &entry.selector);
        let known = standing
            .get(&entry.watchlist)
            .and_then(|list| list.get(&entry.selector));
        outcomes.push(match (known, met.get(&key)) {
            // A repetition within the slice: its first has taken the place.
            (_, Some(&id)) => Addition::Duplicate(id),
            (Some(&(id, EntryState::Active)), None) => Addition::Duplicate(id),
            (Some(&(id, EntryState::Withdrawn)), None) => {
                met.insert(key, id);
                again.push((id, entry));
                Addition::Restored(id)
            }
            (None, None) => {
                met.insert(key, entry.id);
                new.push(entry);
                Addition::Added
            }
        });
    }
    insert(tx, &new).await?;
    restore(tx, &again).await?;
    if !(new.is_empty() && again.is_empty()) {
        moved(tx).await?;
    }
    Ok(outcomes)
}

type Standing = HashMap<WatchlistId, HashMap<Selector, (EntryId, EntryState)>>;

/// What stands on the lists already of what is to be added.
async fn standing(tx: &mut Tx, entries: &[Entry]) -> Result<Standing> {
    let mut found = Standing::new();
    for entries in tx.chunks(entries) {
        let sql = tx
            .sql("WITH wanted (watchlist, kind, value) AS (VALUES ")
            .rows(entries, |entry, row| {
                row.put(entry.watchlist)
                    .put(entry.selector.kind)
                    .put(&entry.selector.value);
            })
            .push(
                ") SELECT entry.watchlist, entry.kind, entry.value, entry.id, entry.state
                   FROM wanted CROSS JOIN entry
                   WHERE entry.organisation = ? AND entry.watchlist = wanted.watchlist
                     AND entry.kind = wanted.kind AND entry.value = wanted.value",
            )
            .bind(tx.org);
        for Stands {
            list,
            selector,
            id,
            state,
        } in sql.all::<Stands>(tx).await?
        {
            found.entry(list).or_default().insert(selector, (id, state));
        }
    }
    Ok(found)
}

struct Stands {
    list: WatchlistId,
    selector: Selector,
    id: EntryId,
    state: EntryState,
}

impl Record for Stands {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            list: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            id: cells.next()?,
            state: cells.next()?,
        })
    }
}

async fn insert(tx: &mut Tx, entries: &[&Entry]) -> Result<()> {
    for entries in tx.chunks(entries) {
        let text = format!("INSERT INTO entry (organisation, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(entries, |entry, row| {
                row.put(tx.org).put(entry.id).put(entry.watchlist);
                row.put(entry.selector.kind)
                    .put(&entry.selector.value)
                    .put(&entry.written);
                row.put(&entry.purpose)
                    .put(&entry.legal_basis)
                    .put(&entry.owner)
                    .put(entry.category);
                row.put(entry.review_at)
                    .put(entry.expires_at)
                    .put(entry.case_reference.as_ref());
                row.put(entry.tlp)
                    .put(entry.severity)
                    .put(entry.note.as_ref());
                row.put(entry.state).put(entry.created_at);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

async fn restore(tx: &mut Tx, entries: &[(EntryId, &Entry)]) -> Result<()> {
    for entries in tx.chunks(entries) {
        tx.sql(
            "WITH again (id, written, purpose, legal_basis, owner, category, review_at, expires_at, case_reference, tlp,
               severity, note, state) AS (VALUES ",
        )
        .rows(entries, |(id, entry), row| {
            row.put(*id).put(&entry.written).put(&entry.purpose).put(&entry.legal_basis).put(&entry.owner);
            row.put(entry.category).put(entry.review_at).put(entry.expires_at);
            row.put(entry.case_reference.as_ref()).put(entry.tlp).put(entry.severity);
            row.put(entry.note.as_ref()).put(entry.state);
        })
        .push(
            ") UPDATE entry SET written = again.written, purpose = again.purpose, legal_basis = again.legal_basis,
                 owner = again.owner, category = again.category, review_at = again.review_at,
                 expires_at = again.expires_at, case_reference = again.case_reference, tlp = again.tlp,
                 severity = again.severity, note = again.note, state = again.state, hunted_at = NULL
               FROM again WHERE entry.organisation = ? AND entry.id = again.id",
        )
        .bind(tx.org)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// What a matcher needs of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActiveEntry {
    /// Its identifier.
    pub id: EntryId,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// What is looked for.
    pub selector: Selector,
    /// From this instant on it does not match.
    pub expires_at: Option<Timestamp>,
}

impl Record for ActiveEntry {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            watchlist: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            expires_at: cells.next()?,
        })
    }
}

/// Entries that a matcher may use at `now`, `at_most` at a time by identifier: pass the last one as `after` for more,
/// until fewer come than were asked for.
pub async fn active(
    tx: &mut Tx,
    now: Timestamp,
    after: Option<EntryId>,
    at_most: u32,
) -> Result<Vec<ActiveEntry>> {
    tx.sql(
        "SELECT id, watchlist, kind, value, expires_at FROM entry
         WHERE organisation = ? AND state = 'active' AND (expires_at IS NULL OR expires_at > ?)
           AND trim(purpose) <> '' AND trim(legal_basis) <> ''",
    )
    .bind(tx.org)
    .bind(now)
    .push_if(" AND id > ?", after)
    .push(" ORDER BY id LIMIT ?")
    .bind(i64::from(at_most))
    .all(tx)
    .await
}

/// The entries of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[EntryId]) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let text = format!("SELECT {COLUMNS} FROM entry WHERE organisation = ? AND id IN ");
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        entries.extend(sql.all::<Entry>(tx).await?);
    }
    Ok(entries)
}

/// Keeps these entries to this transaction until its commit, so that two processes can't judge sightings of one entry at
/// the same time, and raise two alerts where one is due. Call it before [`sightings::memory`](crate::sightings::memory).
/// SQLite has one writer, so there it does nothing.
pub async fn hold(tx: &mut Tx, ids: &[EntryId]) -> Result<()> {
    tx.hold("entry", ids).await
}

/// Takes entries off their lists; they are kept, so that their sightings can be explained. How many were active.
pub async fn withdraw(tx: &mut Tx, ids: &[EntryId]) -> Result<u64> {
    let mut changed = 0;
    for ids in tx.chunks(ids) {
        changed += tx
            .sql("UPDATE entry SET state = 'withdrawn' WHERE organisation = ? AND state = 'active' AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    if changed > 0 {
        moved(tx).await?;
    }
    Ok(changed)
}

/// Entries that a matcher may use at `now` and that were not yet looked for in what is stored, the oldest first.
pub async fn not_yet_hunted(tx: &mut Tx, now: Timestamp, at_most: u32) -> Result<Vec<Entry>> {
    let text = format!(
        "SELECT {COLUMNS} FROM entry WHERE organisation = ? AND hunted_at IS NULL AND state = 'active'
           AND (expires_at IS NULL OR expires_at > ?) AND trim(purpose) <> '' AND trim(legal_basis) <> ''
         ORDER BY id LIMIT ?"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(now)
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// Notes that entries were looked for in all that was stored at `now`.
pub async fn mark_hunted(tx: &mut Tx, ids: &[EntryId], now: Timestamp) -> Result<()> {
    for ids in tx.chunks(ids) {
        tx.sql("UPDATE entry SET hunted_at = ? WHERE organisation = ? AND id IN ")
            .bind(now)
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(())
}

/// A number that moves whenever entries or watchlists change: as long as it stands, a matcher that was built from them
/// is up to date, but for those that expire.
pub async fn generation(tx: &mut Tx) -> Result<i64> {
    read_generation(tx, "").await
}

/// The same number, kept as it is until this transaction ends: entries that are added meanwhile on PostgreSQL wait for
/// it. SQLite has one writer, so there nothing is added meanwhile.
pub async fn hold_generation(tx: &mut Tx) -> Result<i64> {
    let lock = tx.lock(" FOR SHARE");
    read_generation(tx, lock).await
}

async fn read_generation(tx: &mut Tx, lock: &'static str) -> Result<i64> {
    let found: Option<(i64,)> = tx
        .sql("SELECT number FROM generation WHERE organisation = ? AND name = 'entries'")
        .bind(tx.org)
        .push(lock)
        .optional(tx)
        .await?;
    Ok(found.map_or(0, |(number,)| number))
}

pub(crate) async fn moved(tx: &mut Tx) -> Result<()> {
    tx.sql(
        "INSERT INTO generation (organisation, name, number) VALUES (?, 'entries', 1)
         ON CONFLICT (organisation, name) DO UPDATE SET number = generation.number + 1",
    )
    .bind(tx.org)
    .run(tx)
    .await?;
    Ok(())
}

/// Entries, the latest first; `since` is of their addition.
pub async fn list(tx: &mut Tx, filter: &Filter<EntryId>) -> Result<Vec<Entry>> {
    let text = format!("SELECT {COLUMNS} FROM entry WHERE organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND created_at >= ?", filter.since)
        .push_if(" AND watchlist = ?", filter.watchlist)
        .push_if(" AND state = ?", filter.state)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
