//! `/api/v1/audit`: who did what, and who saw what.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_model::Timestamp;
use sightline_store::audit::{self, Logged, Wanted};

use super::{After, Asked, Limit, Listed, Operation};
use crate::{Console, Error, access::Person};

/// Which deeds.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// By this person.
    who: Option<String>,
    /// This was done: `entry.add`.
    what: Option<String>,
    /// To this; or what was searched for, of which the log has a digest.
    subject: Option<String>,
    /// At or after this instant.
    since: Option<Timestamp>,
    /// Before this instant.
    until: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<After<i64>>,
    /// Deeds at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Logged>>("The audit log, the latest first").asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    _: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Logged>>, Error> {
    let limit = which.limit.get()?;
    let wanted = Wanted {
        who: which.who,
        what: which.what,
        subjects: which
            .subject
            .map(|subject| vec![console.parts.digester.of(subject.trim()), subject])
            .unwrap_or_default(),
        since: which.since,
        until: which.until,
        after: which.after.map(|After(id)| id),
        limit: limit + 1,
    };
    let mut tx = console.read().await?;
    let found = audit::page(&mut tx, &wanted).await?;
    let cursor = |last: &Logged| last.id.to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}
