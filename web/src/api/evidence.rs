//! `/api/v1/captures` and `/api/v1/images`: what was kept. Bodies and images are given as the console gives them.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{AlertId, Capture, CaptureId, Digest, Image, ListingId};
use sightline_store::{Tx, captures, images};
use url::Url;

use super::{Named, Operation};
use crate::{
    Console, Error,
    access::{Permission, Person},
};

/// An image that a listing shows.
#[derive(PartialEq, Serialize, JsonSchema)]
pub(super) struct ShownImage {
    /// Where the listing has it from.
    url: Url,
    /// Its bytes, to be had by their digest; null where they were not fetched, and for a token that may not read evidence.
    image: Option<Image>,
}

impl ShownImage {
    /// Those of these listings, in their order, each address once.
    pub(super) async fn of(
        tx: &mut Tx,
        listings: &[ListingId],
        person: &Person,
    ) -> Result<Vec<Self>, Error> {
        let shown = images::of_listings(tx, listings).await?;
        let mut known = Vec::new();
        if person.may(Permission::ReadEvidence) {
            let ids: Vec<_> = shown.iter().filter_map(|one| one.image).collect();
            known = images::get(tx, &ids).await?;
        }
        let mut all: Vec<Self> = Vec::new();
        for one in shown {
            let image = known.iter().find(|it| Some(it.id) == one.image).cloned();
            let one = Self {
                url: one.url,
                image,
            };
            if !all.contains(&one) {
                all.push(one);
            }
        }
        Ok(all)
    }
}

pub(crate) fn capture_described() -> Operation {
    Operation::giving::<Capture>("One capture: what was asked, what was answered, and its digest")
        .of::<CaptureId>("id")
}

pub(crate) async fn capture(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<CaptureId>,
) -> Result<Json<Capture>, Error> {
    let mut tx = console.read().await?;
    let found = captures::get(&mut tx, &[id]).await?.pop();
    drop(tx);
    let found = found.ok_or(Error::NotFound)?;
    console
        .log_read(&person, "capture.read", id.to_string())
        .await?;
    Ok(Json(found))
}

pub(crate) fn body_described() -> Operation {
    Operation::giving_bytes(
        "The body of a capture as it came over the wire, to take away",
        &["application/octet-stream"],
    )
    .of::<CaptureId>("id")
}

pub(crate) fn bundle_described() -> Operation {
    Operation::giving_bytes(
        "All that lies behind an alert, signed: a bag (BagIt) in a zip file, to take away as it is",
        &["application/zip"],
    )
    .of::<AlertId>("id")
}

pub(crate) fn image_described() -> Operation {
    Operation::giving_bytes("An image, written anew", &["image/jpeg"]).of::<Digest>("id")
}
