//! The generation: a number that moves whenever entries, watchlists or furniture change. As long as it stands, a matcher that was
//! built from them is up to date, but for entries that expire; and each entry knows the generation in which it changed.
//!
//! On PostgreSQL its row is also the gate between those who change entries and those who commit what was matched by them.
//! Both take it before any other row (see the order at the top of this crate), so they wait for each other and never in a
//! circle; and as changes go through the gate one by one, whoever sees a generation sees all changes up to it.

use crate::{Result, Tx};

/// The present generation; 0 before the first change.
pub async fn present(tx: &mut Tx) -> Result<i64> {
    Ok(read(tx, "").await?.unwrap_or(0))
}

/// The present generation, kept as it is until this transaction ends: entries that are changed meanwhile on PostgreSQL
/// wait for it. SQLite has one writer, so there nothing is changed meanwhile.
pub async fn hold(tx: &mut Tx) -> Result<i64> {
    let lock = tx.lock(" FOR SHARE");
    match read(tx, lock).await? {
        Some(number) => Ok(number),
        // A row that is not there can't be locked.
        None => take(tx).await,
    }
}

/// Shuts the gate without a change yet: until this transaction ends, nobody else changes entries, watchlists or furniture, and
/// nobody commits what was matched. For a change that has to hold other rows before it is made.
pub async fn shut(tx: &mut Tx) -> Result<()> {
    take(tx).await?;
    Ok(())
}

/// Begins a change: nobody else changes entries, watchlists or furniture until this transaction ends, and nobody commits what was
/// matched by those of before. Returns the generation that the change makes; it stands once it is [`set`].
pub(crate) async fn next(tx: &mut Tx) -> Result<i64> {
    Ok(take(tx).await? + 1)
}

/// Says that the change was made.
pub(crate) async fn set(tx: &mut Tx, number: i64) -> Result<()> {
    tx.sql("UPDATE generation SET number = ? WHERE organisation = ? AND name = 'entries'")
        .bind(number)
        .bind(tx.org)
        .run(tx)
        .await?;
    Ok(())
}

async fn read(tx: &mut Tx, lock: &'static str) -> Result<Option<i64>> {
    let found: Option<(i64,)> = tx
        .sql("SELECT number FROM generation WHERE organisation = ? AND name = 'entries'")
        .bind(tx.org)
        .push(lock)
        .optional(tx)
        .await?;
    Ok(found.map(|(number,)| number))
}

/// Makes the row where it is missing, and locks it.
async fn take(tx: &mut Tx) -> Result<i64> {
    let (number,) = tx
        .sql(
            "INSERT INTO generation (organisation, name, number) VALUES (?, 'entries', 0)
             ON CONFLICT (organisation, name) DO UPDATE SET number = generation.number
             RETURNING number",
        )
        .bind(tx.org)
        .one(tx)
        .await?;
    Ok(number)
}
