//! What the files of sources said at each of their changes. They only grow.

use sightline_model::{SourceId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    tx::SourceTextId,
};

/// What a source's file was made to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceText {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why, where they said so; may be empty.
    pub why: String,
    /// The whole file.
    pub text: String,
}

/// The same with its number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Its number; later ones have higher ones.
    pub id: i64,
    /// What it was.
    pub text: SourceText,
}

impl Record for Kept {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            text: SourceText {
                at: cells.next()?,
                who: cells.next()?,
                why: cells.next()?,
                text: cells.next()?,
            },
        })
    }
}

/// Keeps what the file of a source says from now on.
pub async fn append(tx: &mut Tx, source: SourceId, text: &SourceText) -> Result<()> {
    for SourceTextId(id) in tx.reserve::<SourceTextId>(1).await? {
        tx.sql("INSERT INTO source_text (organisation, id, source, at, who, why, text) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(tx.org)
            .bind(id)
            .bind(source)
            .bind(text.at)
            .bind(&text.who)
            .bind(&text.why)
            .bind(&text.text)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// What the file of a source said, the latest first: those before the number `before`, where it is given.
pub async fn of_source(
    tx: &mut Tx,
    source: SourceId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Kept>> {
    tx.sql("SELECT id, at, who, why, text FROM source_text WHERE organisation = ? AND source = ?")
        .bind(tx.org)
        .bind(source)
        .push_if(" AND id < ?", before)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// What the file of a source said at this number.
pub async fn get(tx: &mut Tx, source: SourceId, id: i64) -> Result<Option<Kept>> {
    tx.sql("SELECT id, at, who, why, text FROM source_text WHERE organisation = ? AND source = ? AND id = ?")
        .bind(tx.org)
        .bind(source)
        .bind(id)
        .optional(tx)
        .await
}
