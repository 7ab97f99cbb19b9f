//! `/images/…`, `/captures/…` and the bundle of an alert: what was kept, as people are given it: images written anew, captures
//! and bundles only to take away.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream::try_unfold;
use sha2::{Digest as _, Sha256};
use sightline_model::{AlertId, CaptureId, Digest, ListingId};
use sightline_pipeline::{PipelineError, kept};
use sightline_proof::case::NotExported;
use sightline_store::{Tx, images};
use tokio::{fs::File, io::AsyncReadExt};
use url::Url;

use crate::{
    Console, Error,
    access::Person,
    api::Named,
    picture::{LARGEST, MOST_PIXELS, View, anew},
};

/// The most images that one page shows.
const MOST: usize = 24;
/// Nothing of it runs, loads anything, or stands in anybody's frame, wherever it is opened.
const SEALED: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// An image of a listing.
pub(crate) struct Picture {
    /// Where the listing has it from.
    pub url: Url,
    /// Of its bytes, where they were fetched; and its width and height.
    pub bytes: Option<(Digest, u32, u32)>,
}

impl Picture {
    /// True where it has more pixels than are decoded for anybody.
    pub(super) fn is_too_large(&self) -> bool {
        let sides = self.bytes.as_ref();
        sides.is_some_and(|(_, width, height)| u64::from(*width) * u64::from(*height) > MOST_PIXELS)
    }
}

/// The images of these listings, each once by its bytes.
pub(crate) async fn pictures(tx: &mut Tx, listings: &[ListingId]) -> Result<Vec<Picture>, Error> {
    let shown = images::of_listings(tx, listings).await?;
    let ids: Vec<_> = shown.iter().filter_map(|one| one.image).collect();
    let known = images::get(tx, &ids).await?;
    let mut all: Vec<Picture> = Vec::new();
    for one in shown {
        let image = known.iter().find(|known| Some(known.id) == one.image);
        let bytes = image.map(|known| (known.digest.clone(), known.width, known.height));
        let is_there = |other: &Picture| match &bytes {
            Some(bytes) => other.bytes.as_ref() == Some(bytes),
            None => other.url == one.url,
        };
        if !all.iter().any(is_there) {
            let url = one.url;
            all.push(Picture { url, bytes });
        }
    }
    Ok(all)
}

/// The images of listings, as a page shows them.
pub(super) struct Pictures {
    /// Each once.
    pub all: Vec<Picture>,
    /// How many there are besides.
    pub more: usize,
    /// True where somebody has asked to see them.
    pub are_clear: bool,
    /// The page that they stand on.
    pub here: Here,
}

/// The address of a page that has images.
pub(super) struct Here {
    /// The page.
    pub path: String,
    /// What part of it is shown, such as `?from=25`; empty where it has no parts.
    pub asked: String,
}

impl Pictures {
    /// Those of these listings.
    pub(super) async fn of(
        tx: &mut Tx,
        listings: &[ListingId],
        here: Here,
        view: View,
    ) -> Result<Self, Error> {
        let mut all = pictures(tx, listings).await?;
        let more = all.len().saturating_sub(MOST);
        all.truncate(MOST);
        Ok(Self {
            all,
            more,
            are_clear: view == View::Clear,
            here,
        })
    }

    /// True where there is one to see.
    pub(super) fn can_be_seen(&self) -> bool {
        let mut all = self.all.iter();
        all.any(|one| one.bytes.is_some() && !one.is_too_large())
    }
}

/// Shows an image, and keeps that it was shown.
pub(crate) async fn image(
    State(console): State<Console>,
    person: Person,
    Named(digest): Named<Digest>,
) -> Result<Response, Error> {
    let picture = picture(&console, &digest, View::Clear).await?;
    console
        .log_read(&person, "image.read", digest.to_string())
        .await?;
    Ok(picture)
}

/// Shows a few grey squares of it.
pub(crate) async fn veiled(
    State(console): State<Console>,
    Named(digest): Named<Digest>,
) -> Result<Response, Error> {
    picture(&console, &digest, View::Veiled).await
}

async fn picture(console: &Console, digest: &Digest, view: View) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let found = images::by_digests(&mut tx, &[digest]).await?.pop();
    drop(tx);
    let found = found.ok_or(Error::NotFound)?;
    // One at a time, the reading included: each may take as much memory as a camera's image does.
    let _one = console.pictures.acquire().await.map_err(Error::internal)?;
    let kept = console.parts.instance.kept(found.capture).await?;
    let (_, record) = kept.ok_or(Error::NotFound)?;
    let wanted = found.digest;
    let drawn = tokio::task::spawn_blocking(move || {
        let Some(bytes) = kept::decoded(&record, LARGEST) else {
            return Ok(Err("it is too large, or does not unpack".to_owned()));
        };
        let kept = Digest::of_hash(&Sha256::digest(&bytes));
        if kept != wanted {
            return Err(format!("image {wanted} is kept as {kept}"));
        }
        Ok(anew(&bytes, view).map_err(|bad| bad.to_string()))
    });
    let drawn = drawn.await.map_err(Error::internal)?;
    let jpeg = drawn.map_err(Error::internal)?.map_err(|why| {
        Error::field(
            "image",
            format!("it can't be shown: {why}"),
            "take the capture instead, and look at it where that is safe",
        )
    })?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (
            header::CONTENT_DISPOSITION,
            "inline; filename=\"image.jpg\"",
        ),
        (header::CONTENT_SECURITY_POLICY, SEALED),
    ];
    Ok((StatusCode::OK, headers, jpeg).into_response())
}

/// Gives the body of a capture as it came over the wire, to take away and never to open here; and keeps that it was
/// given.
pub(crate) async fn capture(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<CaptureId>,
) -> Result<Response, Error> {
    let kept = console.parts.instance.kept(id).await?;
    let (_, record) = kept.ok_or(Error::NotFound)?;
    console
        .log_read(&person, "capture.read", id.to_string())
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"capture-{id}.bin\""),
        ),
        (header::CONTENT_SECURITY_POLICY, SEALED.to_owned()),
    ];
    Ok((StatusCode::OK, headers, record.body).into_response())
}

/// How much of a bundle is read at once, in bytes.
const PART: usize = 64 << 10;

/// Gives all that lies behind an alert, signed, in one file to take away; that it was taken is kept before its first byte.
pub(crate) async fn bundle(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Response, Error> {
    // One at a time: each reads much of the archive.
    let one = console.bundles.acquire().await.map_err(Error::internal)?;
    let archive = Arc::clone(console.parts.instance.archive());
    let exporter = &console.parts.exporter;
    let by = console.by(&person);
    let exported = exporter.export(id, &by, person.means(), archive).await?;
    drop(one);
    if let Some(why) = &exported.unstamped {
        tracing::warn!("a bundle of evidence has no time stamp: {why}");
    }
    for fault in exported.faults() {
        tracing::error!(alert = %id, "a bundle of evidence shows a fault: {fault}; compare the store with a backup");
    }
    let length = exported.sealed.length;
    let parts = try_unfold(File::from_std(exported.file), |mut file| async move {
        let mut part = vec![0; PART];
        let read = file.read(&mut part).await?;
        part.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((part, file)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", exported.name),
        ),
        (header::CONTENT_SECURITY_POLICY, SEALED.to_owned()),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

impl From<NotExported> for Error {
    fn from(error: NotExported) -> Self {
        match error {
            NotExported::Refused(refused) => refused.into(),
            // Said to whoever asked, too: it is no fault of the machinery, and somebody has to look into it.
            NotExported::Contradiction(_) | NotExported::Doubted(_) => {
                tracing::error!(cause = %error, "a bundle is refused");
                Self::Conflict(error.to_string())
            }
            NotExported::Archive(error) => PipelineError::from(error).into(),
            other => Self::internal(other),
        }
    }
}
