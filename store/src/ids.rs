//! Identifiers as people type them: by their beginning.

use sightline_model::{
    AlertId, DeliveryId, EntryId, ErasureId, HoldId, RunId, SightingId, SilenceId,
};
use uuid::Uuid;

use crate::{Result, Tx};

/// What is named by an identifier that people type.
pub trait Typed: From<Uuid> + Copy {
    /// What it is called.
    const WORD: &'static str;
    /// Where it is kept.
    const TABLE: &'static str;
}

macro_rules! typed {
    ($($name:ident: $word:literal)*) => {$(
        impl Typed for $name {
            const WORD: &'static str = $word;
            const TABLE: &'static str = $word;
        }
    )*};
}

typed! {
    AlertId: "alert"
    DeliveryId: "delivery"
    EntryId: "entry"
    ErasureId: "erasure"
    HoldId: "hold"
    RunId: "run"
    SightingId: "sighting"
    SilenceId: "silence"
}

/// The identifiers that begin so, in order, `limit` at most. What is no part of an identifier begins none.
pub async fn beginning<Id: Typed>(tx: &mut Tx, beginning: &str, limit: u32) -> Result<Vec<Id>> {
    let is_part = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    if beginning.is_empty() || !beginning.chars().all(is_part) {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT id FROM {} WHERE organisation = ? AND id LIKE ? ORDER BY id LIMIT ?",
        Id::TABLE
    );
    let found: Vec<(String,)> = tx
        .sql(&text)
        .bind(tx.org)
        .bind(&format!("{}%", beginning.to_ascii_lowercase()))
        .bind(i64::from(limit))
        .all(tx)
        .await?;
    let ids = found.iter().filter_map(|(id,)| Uuid::parse_str(id).ok());
    Ok(ids.map(Id::from).collect())
}
