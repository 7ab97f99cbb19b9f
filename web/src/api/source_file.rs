//! `/api/v1/sources/{id}/file`: what a source's file says, what a text would come to in its place, and what it said before.

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{SourceId, Timestamp};
use sightline_pipeline::desk::{NotSaved, Wish};
use sightline_store::source_texts::{self, Kept};

use super::{After, Asked, Limit, Listed, Named, Operation, Sent, etag};
use crate::{
    Console, Error,
    access::Person,
    desk::{Verdict, at_field, at_hand, refused},
};

/// The file of a source as it stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceFile")]
pub(crate) struct File {
    /// What it is called.
    file: String,
    /// What it says (TOML).
    text: String,
    /// What that comes to.
    verdict: Verdict,
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<File>("The file of a source").tagged()
}

pub(crate) async fn show(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    let (name, file) = at_hand(&console, id).await?;
    let digest = file.digest();
    let verdict = Verdict::of(&console, (&name, &file), &file.text);
    let file = File {
        file: file.file_name(),
        text: file.text,
        verdict,
    };
    etag::shown(&digest, &file)
}

/// A text in place of what a source's file says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SourceDraft")]
pub(crate) struct Draft {
    /// The whole file (TOML).
    text: String,
}

pub(crate) fn check_described() -> Operation {
    Operation::giving::<Verdict>("What a text would come to as a source's file; nothing is kept")
        .sent::<Draft>()
}

pub(crate) async fn check(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<SourceId>,
    Sent(draft): Sent<Draft>,
) -> Result<Json<Verdict>, Error> {
    let (name, file) = at_hand(&console, id).await?;
    Ok(Json(Verdict::of(&console, (&name, &file), &draft.text)))
}

/// What a source's file is to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SourceText")]
pub(crate) struct Text {
    /// The whole file (TOML). To go back, send what one of its versions said.
    text: String,
    /// Why, for those who ask later.
    #[serde(default)]
    why: String,
}

pub(crate) fn edit_described() -> Operation {
    Operation::giving::<File>("Have a source's file say something else: in force at once")
        .sent::<Text>()
        .under_condition()
}

pub(crate) async fn edit(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    headers: HeaderMap,
    Sent(new): Sent<Text>,
) -> Result<Response, Error> {
    let (_, file) = at_hand(&console, id).await?;
    let digest = file.digest();
    etag::check(&headers, &digest)?;
    let wish = Wish {
        source: id,
        was: &digest.0,
        text: &new.text,
        why: &new.why,
        who: &person.name,
    };
    let (desk, instance) = (&console.parts.desk, &console.parts.instance);
    match desk.save(instance, &wish).await {
        Ok(_) => show(State(console), person, Named(id)).await,
        Err(NotSaved::Wrong(problems)) => Err(Error::Wrong(at_field("text", &problems))),
        Err(NotSaved::Changed(_)) => Err(Error::Stale),
        Err(error) => Err(refused(error)),
    }
}

/// Where to go on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// `next` of the page before.
    after: Option<After<i64>>,
    /// Versions at most.
    limit: Limit,
}

/// What the file of a source said.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceVersion")]
pub(crate) struct Version {
    /// Its number; later ones have higher ones.
    number: i64,
    /// Since when.
    at: Timestamp,
    /// Who wrote it.
    who: String,
    /// Why; may be empty.
    why: String,
    /// The whole file.
    text: String,
}

impl From<Kept> for Version {
    fn from(kept: Kept) -> Self {
        Self {
            number: kept.id,
            at: kept.text.at,
            who: kept.text.who,
            why: kept.text.why,
            text: kept.text.text,
        }
    }
}

pub(crate) fn versions_described() -> Operation {
    Operation::giving::<Listed<Version>>("What a source's file was made to say, the latest first")
        .asking::<Which>()
}

pub(crate) async fn versions(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<SourceId>,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Version>>, Error> {
    let limit = which.limit.get()?;
    at_hand(&console, id).await?;
    let after = which.after.map(|After(number)| number);
    let mut tx = console.read().await?;
    let kept = source_texts::of_source(&mut tx, id, after, limit + 1).await?;
    let kept = kept.into_iter().map(Version::from).collect();
    let cursor = |last: &Version| last.number.to_string();
    Ok(Json(Listed::page(kept, limit, cursor)))
}
