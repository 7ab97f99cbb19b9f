//! `/api/v1/purges` and `/api/v1/erasures`: what shows that something was kept no longer.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_model::{ErasureId, ReceiptId, counted};
use sightline_store::{
    erasures::{self, Erasure},
    purges::{self, Receipt},
};

use super::{After, Asked, Limit, Listed, Operation};
use crate::{Console, Error, access::Person};

/// Which receipts.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Receipts {
    /// `next` of the page before.
    after: Option<After<ReceiptId>>,
    /// Receipts at most.
    limit: Limit,
}

pub(crate) fn purges_described() -> Operation {
    Operation::giving::<Listed<Receipt>>(
        "The receipts of what was purged after its time, the latest first",
    )
    .asking::<Receipts>()
}

pub(crate) async fn purges(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Receipts>,
) -> Result<Json<Listed<Receipt>>, Error> {
    let limit = which.limit.get()?;
    let after = which.after.map(|After(id)| id);
    let mut tx = console.read().await?;
    let found = purges::list(&mut tx, after, limit + 1).await?;
    drop(tx);
    let cursor = |last: &Receipt| last.id.to_string();
    let page = Listed::page(found, limit, cursor);
    let many = counted(page.items.len(), "receipt", "receipts");
    console.log_read(&person, "holds.read", many).await?;
    Ok(Json(page))
}

/// Which erasures.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Erasures {
    /// `next` of the page before.
    after: Option<After<ErasureId>>,
    /// Erasures at most.
    limit: Limit,
}

pub(crate) fn erasures_described() -> Operation {
    Operation::giving::<Listed<Erasure>>(
        "What was erased before its time, by whom and why, the latest first",
    )
    .asking::<Erasures>()
}

pub(crate) async fn erasures(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Erasures>,
) -> Result<Json<Listed<Erasure>>, Error> {
    let limit = which.limit.get()?;
    let after = which.after.map(|After(id)| id);
    let mut tx = console.read().await?;
    let found = erasures::list(&mut tx, after, limit + 1).await?;
    drop(tx);
    let cursor = |last: &Erasure| last.id.to_string();
    let page = Listed::page(found, limit, cursor);
    let many = counted(page.items.len(), "erasure", "erasures");
    console.log_read(&person, "holds.read", many).await?;
    Ok(Json(page))
}
