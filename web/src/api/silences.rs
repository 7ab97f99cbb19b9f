//! `/api/v1/silences`: what is kept quiet, and for how long.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::silence::{self, Covering, Row, Span};
use sightline_model::{SilenceId, Timestamp, counted};
use sightline_store::silences::Silence;

use super::{Listed, Named, Operation, Sent};
use crate::{Console, Error, access::Person};

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Row>>(
        "Silences, past ones too, and what each has kept quiet so far; the newest 1000",
    )
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
) -> Result<Json<Listed<Row>>, Error> {
    let mut tx = console.read().await?;
    let items = silence::list(&mut tx, console.now()).await?;
    drop(tx);
    let many = counted(items.len(), "silence", "silences");
    console.log_read(&person, "silences.read", many).await?;
    Ok(Json(Listed { items, next: None }))
}

/// A silence to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSilence {
    /// What is kept quiet: whatever meets all that is named. An empty object keeps everything quiet.
    covers: Covering,
    /// From this instant on; without it from now on.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Until this instant.
    until: Timestamp,
    /// Why; others read it.
    reason: String,
}

/// A silence that was made, and what it covers of what is there.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MadeSilence")]
pub(crate) struct Made {
    #[serde(flatten)]
    silence: Silence,
    /// Alerts that are not closed, all of whose sightings it covers.
    covers_now: usize,
    /// True where there are so many alerts that not all were looked at.
    covers_more: bool,
}

pub(crate) fn add_described() -> Operation {
    Operation::giving::<Made>(
        "Keep alerts quiet for a time: they are raised and recorded, and nobody is told",
    )
    .sent::<NewSilence>()
    .like(r#"{"covers": {"entry": "…"}, "until": "…", "reason": "…"}"#)
}

pub(crate) async fn add(
    State(console): State<Console>,
    person: Person,
    Sent(sent): Sent<NewSilence>,
) -> Result<Json<Made>, Error> {
    let span = Span {
        from: sent.from,
        until: sent.until,
        reason: &sent.reason,
    };
    let mut tx = console.write().await?;
    let by = console.by(&person);
    let made = silence::add(&mut tx, &sent.covers, &span, &by, &console.parts.mint).await;
    // A form asks for how long; this is told until when.
    let made = made.map_err(|refused| refused.renamed("for", "until"))?;
    let (covers_now, covers_more) = silence::covered(&mut tx, &made).await?;
    tx.commit().await?;
    Ok(Json(Made {
        silence: made,
        covers_now,
        covers_more,
    }))
}

/// A silence that is over.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ended {
    /// Which.
    id: SilenceId,
    /// Since when.
    until: Timestamp,
}

pub(crate) fn end_described() -> Operation {
    Operation::giving::<Ended>("End a silence now")
}

pub(crate) async fn end(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SilenceId>,
) -> Result<Json<Ended>, Error> {
    let by = console.by(&person);
    let mut tx = console.write().await?;
    silence::end(&mut tx, id, &by).await?;
    tx.commit().await?;
    Ok(Json(Ended { id, until: by.at }))
}
