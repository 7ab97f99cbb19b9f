//! `/api/v1/captures` and `/api/v1/images`: what was kept. Bodies and images are given as the console gives them.

use axum::{Json, extract::State};
use sightline_model::{AlertId, Capture, CaptureId, Digest};
use sightline_store::captures;

use super::{Named, Operation};
use crate::{Console, Error, access::Person};

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
