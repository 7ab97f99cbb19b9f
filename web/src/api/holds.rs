//! `/api/v1/holds`: the legal holds that stand or stood; placing them, and lifting them.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::hold::{self, Ahead};
use sightline_model::{HoldId, Timestamp, counted};
use sightline_store::holds::{self, Held, Hold};

use super::{After, Asked, Limit, Listed, Named, Operation, Sent};
use crate::{Console, Error, access::Person, pages};

/// Which holds.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// True for those alone that stand.
    standing: bool,
    /// `next` of the page before.
    after: Option<After<HoldId>>,
    /// Holds at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Hold>>("Legal holds, lifted ones too, the latest placed first")
        .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Hold>>, Error> {
    let limit = which.limit.get()?;
    let after = which.after.map(|After(id)| id);
    let which = match which.standing {
        true => holds::Which::Standing,
        false => holds::Which::All,
    };
    let mut tx = console.read().await?;
    let found = holds::list(&mut tx, which, after, limit + 1).await?;
    drop(tx);
    let cursor = |last: &Hold| last.id.to_string();
    let page = Listed::page(found, limit, cursor);
    let many = counted(page.items.len(), "hold", "holds");
    console.log_read(&person, "holds.read", many).await?;
    Ok(Json(page))
}

/// A hold to be placed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHold {
    /// What is held: a case as its entries name it, an entry, or an alert.
    of: Held,
    /// Why; others read it.
    #[schemars(length(min = 1))]
    reason: String,
    /// True to hold a case that no entry is of yet.
    #[serde(default)]
    ahead: bool,
}

pub(crate) fn place_described() -> Operation {
    Operation::giving::<Hold>(
        "Hold a case, an entry or an alert: nothing that it stands on is purged or erased until the hold is lifted",
    )
    .sent::<NewHold>()
    .like(r#"{"of": {"case": "…"}, "reason": "…"}"#)
}

pub(crate) async fn place(
    State(console): State<Console>,
    person: Person,
    Sent(new): Sent<NewHold>,
) -> Result<Json<Hold>, Error> {
    let ahead = match new.ahead {
        true => Ahead::Allowed,
        false => Ahead::Refused,
    };
    let (by, mint) = (console.by(&person), &console.parts.mint);
    let mut tx = console.write().await?;
    let placed = hold::place(&mut tx, new.of, &new.reason, ahead, &by, mint).await;
    let placed =
        placed.map_err(|why| pages::holds::told_of(why, "of", "send `\"ahead\": true`"))?;
    tx.commit().await?;
    Ok(Json(placed))
}

/// Why a hold is lifted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lifting {
    /// Why; others read it.
    #[schemars(length(min = 1))]
    reason: String,
}

/// A hold that stands no more.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LiftedHold {
    /// Which.
    id: HoldId,
    /// Since when.
    lifted_at: Timestamp,
}

pub(crate) fn lift_described() -> Operation {
    Operation::giving::<LiftedHold>(
        "Lift a hold: what no other covers may be purged and erased again",
    )
    .sent::<Lifting>()
}

pub(crate) async fn lift(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<HoldId>,
    Sent(lifting): Sent<Lifting>,
) -> Result<Json<LiftedHold>, Error> {
    let by = console.by(&person);
    let mut tx = console.write().await?;
    hold::lift(&mut tx, id, &lifting.reason, &by).await?;
    tx.commit().await?;
    Ok(Json(LiftedHold {
        id,
        lifted_at: by.at,
    }))
}
