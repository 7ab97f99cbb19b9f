//! Watchlists: the analysts' lists. What stands on them is in [`entries`](crate::entries).

use sightline_model::{Watchlist, WatchlistId};

use crate::{
    Result, StoreError, Tx,
    cell::{Cells, Json, Record},
    generation,
};

const COLUMNS: &str = "id, name, defaults, rules, created_at";

impl Record for Watchlist {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            name: cells.next()?,
            defaults: cells.json()?,
            rules: cells.json()?,
            created_at: cells.next()?,
        })
    }
}

/// Stores a new watchlist.
///
/// # Errors
/// [`StoreError::Taken`] where there is one of that name.
pub async fn create(tx: &mut Tx, list: &Watchlist) -> Result<()> {
    let generation = generation::next(tx).await?;
    let text = format!("INSERT INTO watchlist (organisation, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)");
    tx.sql(&text)
        .bind(tx.org)
        .bind(list.id)
        .bind(&list.name)
        .bind(Json(&list.defaults))
        .bind(Json(&list.rules))
        .bind(list.created_at)
        .run(tx)
        .await
        .map_err(|error| StoreError::taken(error, || format!("watchlist '{}'", list.name)))?;
    generation::set(tx, generation).await
}

/// The watchlist of this name.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Watchlist>> {
    let text = format!("SELECT {COLUMNS} FROM watchlist WHERE organisation = ? AND name = ?");
    tx.sql(&text).bind(tx.org).bind(name).optional(tx).await
}

/// The watchlist of this identifier.
pub async fn get(tx: &mut Tx, id: WatchlistId) -> Result<Option<Watchlist>> {
    let text = format!("SELECT {COLUMNS} FROM watchlist WHERE organisation = ? AND id = ?");
    tx.sql(&text).bind(tx.org).bind(id).optional(tx).await
}

/// Every watchlist, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Watchlist>> {
    let text = format!("SELECT {COLUMNS} FROM watchlist WHERE organisation = ? ORDER BY name");
    tx.sql(&text).bind(tx.org).all(tx).await
}

/// Takes a watchlist away on which nothing ever stood and that told of nothing. False if there is no such list, or
/// something of it is kept.
pub async fn delete(tx: &mut Tx, id: WatchlistId) -> Result<bool> {
    let generation = generation::next(tx).await?;
    let deleted = tx
        .sql(
            "DELETE FROM watchlist WHERE organisation = ? AND id = ? \
             AND NOT EXISTS (SELECT 1 FROM entry WHERE organisation = ? AND watchlist = ?) \
             AND NOT EXISTS (SELECT 1 FROM sighting WHERE organisation = ? AND watchlist = ?) \
             AND NOT EXISTS (SELECT 1 FROM alert WHERE organisation = ? AND watchlist = ?)",
        )
        .bind(tx.org)
        .bind(id)
        .bind(tx.org)
        .bind(id)
        .bind(tx.org)
        .bind(id)
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    if deleted > 0 {
        generation::set(tx, generation).await?;
    }
    Ok(deleted > 0)
}

/// Brings a watchlist's name, defaults and rules up to date. False if there is no such list.
///
/// # Errors
/// [`StoreError::Taken`] where another list has that name.
pub async fn update(tx: &mut Tx, list: &Watchlist) -> Result<bool> {
    let generation = generation::next(tx).await?;
    let changed = tx
        .sql("UPDATE watchlist SET name = ?, defaults = ?, rules = ? WHERE organisation = ? AND id = ?")
        .bind(&list.name)
        .bind(Json(&list.defaults))
        .bind(Json(&list.rules))
        .bind(tx.org)
        .bind(list.id)
        .run(tx)
        .await
        .map_err(|error| StoreError::taken(error, || format!("watchlist '{}'", list.name)))?;
    if changed > 0 {
        generation::set(tx, generation).await?;
    }
    Ok(changed > 0)
}
