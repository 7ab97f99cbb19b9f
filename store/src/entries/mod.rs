//! Entries: what is looked for.

mod adding;
pub mod changes;
mod elsewhere;
pub mod ending;
pub mod table;
pub mod told;

use std::{collections::HashSet, str::FromStr};

use sightline_model::{Entry, EntryId, Selector, Timestamp, WatchlistId, Way};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, Record, unreadable},
    generation,
};
pub use adding::{Addition, add, foresee};
pub use elsewhere::{Elsewhere, elsewhere};

/// True of an entry that a matcher may use at the instant in its one place.
const LOOKED_FOR: &str = "state = 'active' AND (expires_at IS NULL OR expires_at > ?)
                          AND trim(purpose) <> '' AND trim(legal_basis) <> ''";

const COLUMNS: &str = "id, watchlist, kind, value, written, purpose, legal_basis, owner, category, review_at, \
                       expires_at, case_reference, tlp, severity, note, tags, state, created_at, way, despite_warning";

/// What a matcher needs, as one text in the order in which it is read: a hundred thousand entries are read whenever a process
/// begins, and what takes long of a row is each of its columns. None but the value, which comes last, has a space in it.
fn matched(is_looked_for: &str) -> String {
    format!(
        "id || ' ' || generation || ' ' || watchlist || ' ' || kind || ' ' || way || ' ' ||
         coalesce(CAST(expires_at AS TEXT), '-') || ' ' || CASE WHEN despite_warning IS NULL THEN '-' ELSE '+' END || ' ' ||
         {is_looked_for} || ' ' || value"
    )
}

impl Record for Entry {
    fn read(cells: &mut Cells) -> Result<Self> {
        // In the order of the columns.
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
            tags: cells.json()?,
            state: cells.next()?,
            created_at: cells.next()?,
            way: cells.next()?,
            despite_warning: cells.next()?,
        })
    }
}

async fn insert(tx: &mut Tx, entries: &[&Entry], generation: i64) -> Result<()> {
    for entries in tx.chunks(entries) {
        let text = format!("INSERT INTO entry (organisation, {COLUMNS}, generation) VALUES ");
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
                row.put(Json(&entry.tags))
                    .put(entry.state)
                    .put(entry.created_at)
                    .put(entry.way)
                    .put(entry.despite_warning.as_ref())
                    .put(generation);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Writes entries over those of these identifiers; what is looked for stays. They are hunted anew where `hunt` says so.
async fn overwrite(
    tx: &mut Tx,
    entries: &[(EntryId, &Entry)],
    hunt: Hunt,
    generation: i64,
) -> Result<()> {
    let hunted_at = match hunt {
        Hunt::Anew => "NULL",
        Hunt::AsBefore => "entry.hunted_at",
    };
    for entries in tx.chunks(entries) {
        let text = format!(
            ") UPDATE entry SET written = new.written, purpose = new.purpose, legal_basis = new.legal_basis,
                 owner = new.owner, category = new.category, review_at = new.review_at,
                 expires_at = new.expires_at, case_reference = new.case_reference, tlp = new.tlp,
                 severity = new.severity, note = new.note, tags = new.tags, state = new.state, way = new.way,
                 despite_warning = new.despite_warning,
                 hunted_at = {hunted_at}, generation = ?
               FROM new WHERE entry.organisation = ? AND entry.id = new.id"
        );
        tx.sql(
            "WITH new (id, written, purpose, legal_basis, owner, category, review_at, expires_at, case_reference, tlp,
               severity, note, tags, state, way, despite_warning) AS (VALUES ",
        )
        .rows(entries, |(id, entry), row| {
            row.put(*id).put(&entry.written).put(&entry.purpose).put(&entry.legal_basis).put(&entry.owner);
            row.put(entry.category).put(entry.review_at).put(entry.expires_at);
            row.put(entry.case_reference.as_ref()).put(entry.tlp).put(entry.severity);
            row.put(entry.note.as_ref()).put(Json(&entry.tags)).put(entry.state);
            row.put(entry.way).put(entry.despite_warning.as_ref());
        })
        .push(&text)
        .bind(generation)
        .bind(tx.org)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Whether entries that are written over are looked for again in what is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hunt {
    Anew,
    AsBefore,
}

/// Writes changed entries over what is stored of them. Each is a whole entry of a known identifier; its selector, its list
/// and when it was added stay as they were. What was not looked for before, or not in this way, and is now, is hunted
/// anew, and so is what is looked for despite a warning from now on.
pub async fn edit(tx: &mut Tx, entries: &[Entry], now: Timestamp) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let generation = generation::next(tx).await?;
    let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
    let watched: HashSet<(EntryId, Way, bool)> = get(tx, &ids)
        .await?
        .into_iter()
        .filter(|before| before.is_looked_for(now))
        .map(|before| sought(&before))
        .collect();
    let was_watched = |entry: &&Entry| watched.contains(&sought(entry));
    let (same, anew): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(was_watched);
    for (part, hunt) in [(same, Hunt::AsBefore), (anew, Hunt::Anew)] {
        let part: Vec<(EntryId, &Entry)> =
            part.into_iter().map(|entry| (entry.id, entry)).collect();
        overwrite(tx, &part, hunt, generation).await?;
    }
    generation::set(tx, generation).await
}

/// What of an entry decides on what is found of it.
fn sought(entry: &Entry) -> (EntryId, Way, bool) {
    (entry.id, entry.way, entry.despite_warning.is_some())
}

/// What a matcher needs of an entry that was added, withdrawn, or changed otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedEntry {
    /// Its identifier.
    pub id: EntryId,
    /// The generation in which it last changed.
    pub generation: i64,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// What is looked for.
    pub selector: Selector,
    /// How far beyond that it reaches.
    pub way: Way,
    /// From this instant on it does not match.
    pub expires_at: Option<Timestamp>,
    /// True where somebody said why it is looked for although a warning list names it.
    pub despite_warning: bool,
    /// False where a matcher must not use it: withdrawn, expired, or without a purpose or legal basis.
    pub is_looked_for: bool,
}

fn part<T: FromStr<Err: ToString>>(text: Option<&str>) -> Result<T> {
    text.ok_or_else(|| unreadable(0, "it ends too soon"))?
        .parse()
        .map_err(|error: T::Err| unreadable(0, error))
}

impl Record for ChangedEntry {
    fn read(cells: &mut Cells) -> Result<Self> {
        let text: String = cells.next()?;
        let mut parts = text.splitn(9, ' ');
        let id = part(parts.next())?;
        let generation = part(parts.next())?;
        let watchlist = part(parts.next())?;
        let kind = part(parts.next())?;
        Ok(Self {
            id,
            generation,
            watchlist,
            way: part(parts.next())?,
            expires_at: match parts.next() {
                Some("-") => None,
                millis => Some(Timestamp(part(millis)?)),
            },
            despite_warning: parts.next() == Some("+"),
            is_looked_for: parts.next() == Some("+"),
            selector: Selector {
                kind,
                value: part(parts.next())?,
            },
        })
    }
}

/// A place in the order in which entries last changed; those of one generation are in the order of their identifiers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangeMark {
    generation: i64,
    after: Option<EntryId>,
}

impl ChangeMark {
    /// Before every change.
    pub const FIRST: Self = Self {
        generation: 0,
        after: None,
    };

    /// Behind all that changed up to a generation.
    pub fn behind(generation: i64) -> Self {
        Self {
            generation: generation + 1,
            after: None,
        }
    }

    /// Behind this entry.
    pub fn after(entry: &ChangedEntry) -> Self {
        Self {
            generation: entry.generation,
            after: Some(entry.id),
        }
    }
}

/// The entries that changed behind a mark, as they stand at `now`, `at_most` of them: pass the mark after the last one
/// for more, until none come.
pub async fn changed(
    tx: &mut Tx,
    now: Timestamp,
    mark: ChangeMark,
    at_most: u32,
) -> Result<Vec<ChangedEntry>> {
    let text = format!(
        "SELECT {}
         FROM entry WHERE organisation = ? AND (generation, id) > (?, ?)
         ORDER BY generation, id LIMIT ?",
        matched(&format!("CASE WHEN {LOOKED_FOR} THEN '+' ELSE '-' END"))
    );
    tx.sql(&text)
        .bind(now)
        .bind(tx.org)
        .bind(mark.generation)
        // No identifier is as low as an empty text.
        .bind(&mark.after.map(|id| id.to_string()).unwrap_or_default())
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

/// True where an entry names this case, whatever became of it.
pub async fn any_of_case(tx: &mut Tx, case: &str) -> Result<bool> {
    let found: Option<(EntryId,)> = tx
        .sql("SELECT id FROM entry WHERE organisation = ? AND case_reference = ? LIMIT 1")
        .bind(tx.org)
        .bind(case)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}

/// Keeps these entries to this transaction until its commit, so that two processes can't judge sightings of one entry at
/// the same time, and raise two alerts where one is due. Call it before [`sightings::memory`](crate::sightings::memory).
/// SQLite has one writer, so there it does nothing.
pub async fn hold(tx: &mut Tx, ids: &[EntryId]) -> Result<()> {
    tx.hold("entry", ids).await
}

/// Takes entries off their lists; they are kept, so that their sightings can be explained. How many stood on one.
pub async fn withdraw(tx: &mut Tx, ids: &[EntryId]) -> Result<u64> {
    let generation = generation::next(tx).await?;
    let mut changed = 0;
    for ids in tx.chunks(ids) {
        changed += tx
            .sql(
                "UPDATE entry SET state = 'withdrawn', generation = ?
                 WHERE organisation = ? AND state <> 'withdrawn' AND id IN ",
            )
            .bind(generation)
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    if changed > 0 {
        generation::set(tx, generation).await?;
    }
    Ok(changed)
}

/// Entries that a matcher may use at `now` and that were not yet looked for in what is stored, the oldest first.
pub async fn not_yet_hunted(
    tx: &mut Tx,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<ChangedEntry>> {
    let text = format!(
        "SELECT {}
         FROM entry WHERE organisation = ? AND hunted_at IS NULL AND {LOOKED_FOR}
         ORDER BY id LIMIT ?",
        matched("'+'")
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(now)
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// True where a matcher may use an entry at `now` and it was not yet looked for in what is stored.
pub async fn is_to_be_hunted(tx: &mut Tx, id: EntryId, now: Timestamp) -> Result<bool> {
    let text = format!(
        "SELECT count(*) FROM entry WHERE organisation = ? AND id = ? AND hunted_at IS NULL AND {LOOKED_FOR}"
    );
    let (count,): (i64,) = tx
        .sql(&text)
        .bind(tx.org)
        .bind(id)
        .bind(now)
        .one(tx)
        .await?;
    Ok(count > 0)
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

/// Notes that all entries that a matcher may use at `now` were looked for, which is so while nothing is stored. How many
/// that were.
pub async fn mark_all_hunted(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    let text = format!(
        "UPDATE entry SET hunted_at = ? WHERE organisation = ? AND hunted_at IS NULL AND {LOOKED_FOR}"
    );
    tx.sql(&text).bind(now).bind(tx.org).bind(now).run(tx).await
}

/// Has entries looked for anew in what is stored, since something there was not shown to them.
pub async fn hunt_again(tx: &mut Tx, ids: &[EntryId]) -> Result<()> {
    for ids in tx.chunks(ids) {
        tx.sql("UPDATE entry SET hunted_at = NULL WHERE organisation = ? AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Entries that are looked for at `now` and whose review is due by `until`, the longest due first.
pub async fn due_for_review(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    at_most: u32,
) -> Result<Vec<Entry>> {
    due_page(tx, (now, until), None, at_most).await
}

/// As [`due_for_review`], a page of them: `after` is when the last one of the page before was to be reviewed, and which it was.
pub async fn due_page(
    tx: &mut Tx,
    (now, until): (Timestamp, Timestamp),
    after: Option<(Timestamp, EntryId)>,
    at_most: u32,
) -> Result<Vec<Entry>> {
    let text = format!(
        "SELECT {COLUMNS} FROM entry WHERE organisation = ? AND state = 'active' AND review_at <= ? AND {LOOKED_FOR}"
    );
    let sql = tx.sql(&text).bind(tx.org).bind(until).bind(now);
    let sql = match after {
        Some((at, id)) => sql.push(" AND (review_at, id) > (?, ?)").bind(at).bind(id),
        None => sql,
    };
    sql.push(" ORDER BY review_at, id LIMIT ?")
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// The owners of entries that are due for review, or end, until then, each once.
pub async fn owners_due(tx: &mut Tx, now: Timestamp, until: Timestamp) -> Result<Vec<String>> {
    let text = format!(
        "SELECT owner FROM entry WHERE organisation = ? AND state = 'active' AND review_at <= ? AND {LOOKED_FOR}
         UNION
         SELECT owner FROM entry WHERE organisation = ? AND state = 'active' AND expires_at > ? AND expires_at <= ?
         ORDER BY owner"
    );
    let owners: Vec<(String,)> = tx
        .sql(&text)
        .bind(tx.org)
        .bind(until)
        .bind(now)
        .bind(tx.org)
        .bind(now)
        .bind(until)
        .all(tx)
        .await?;
    Ok(owners.into_iter().map(|(owner,)| owner).collect())
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
