//! The files of a case: what the store says of it as JSON, and what the archive keeps as it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sightline_crawler::{
    archive::{ArchiveError, Contradiction, Whole},
    decode::Limits,
};
use sightline_model::{Capture, CaptureId, Digest, Evidence, Image, Run, Timestamp};
use sightline_store::audit::Deed;

use super::{
    Case,
    again::{Again, Comparison, Tally},
    export::Notes,
    words,
};
use crate::bundle::Packer;

/// What an image may grow to when its encodings are undone, in bytes; and how many times.
const IMAGE: Limits = Limits {
    bytes: 64 << 20,
    ratio: 200,
};

/// Who exports a case, of which instance, and when.
pub(super) struct Cover {
    pub organisation: String,
    pub who: String,
    pub at: String,
    pub signed_by: Digest,
    pub notes: Notes,
    pub log: Log,
}

/// What came of verifying the audit log as the case was exported.
#[derive(Debug, Serialize)]
pub(super) struct Log {
    /// Deeds that there ever were.
    pub deeds: u64,
    /// Signed checkpoints that were met.
    pub checkpoints: usize,
    /// Deeds that these vouch for.
    pub vouched: u64,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// Why a payload could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritten {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes every file of the case, and says what came of reading its captures again. `whole` reads what the archive keeps.
pub(super) fn write<W: Write>(
    case: &Case,
    cover: &Cover,
    whole: impl Fn(&Evidence) -> Result<Whole, ArchiveError>,
    to: &mut Packer<W>,
) -> Result<Tally, Unwritten> {
    let again = Again::of(case);
    let mut tally = Tally::default();
    let mut custody = Vec::new();
    let mut pictures = BTreeMap::new();
    for capture in case.captures.values() {
        let kept = whole(&capture.evidence)?;
        kept.answer.agrees_with(capture)?;
        let compared = again.compare(capture, &kept, &whole)?;
        tally.count(&compared);
        custody.push(link(case, capture, &kept, &compared));
        to.add(&warc(capture.id), &kept.bytes)?;
        for image in case.images.values() {
            if holder(case, image) == Some(capture.id) {
                pictures.insert(image.digest.clone(), picture(image, &kept, to)?);
            }
        }
    }
    for id in again.gone() {
        let compared = Comparison::gone();
        tally.count(&compared);
        custody.push(json!({"capture": id, "file": null, "read_again": compared}));
    }
    to.add("alert.json", &pretty(&case.alert)?)?;
    for (id, read) in &case.listings {
        let reading = json!({
            "listing": read.listing,
            "away": read.away,
            "source": case.names.source(read.listing.source),
            "versions": read.versions.values().collect::<Vec<_>>(),
            "observations": read.observations,
            "offsets": "start and end count bytes of UTF-8 in the text of the version that the observation names",
        });
        to.add(&format!("readings/listing-{id}.json"), &pretty(&reading)?)?;
    }
    for (id, source) in &case.sources {
        let profile = json!({
            "id": id,
            "name": source.definition.name,
            "region": source.definition.region,
            "definition": source.definition.definition,
            "digest": source.definition.digest,
            "registered_at": source.created_at,
            "extractors": sightline_extractors::VERSION,
            "reader": again.reader(*id),
            "sightline": env!("CARGO_PKG_VERSION"),
        });
        to.add(&format!("sources/{id}.json"), &pretty(&profile)?)?;
    }
    let shown: Vec<Value> = case
        .shown
        .iter()
        .map(|one| {
            let image = one.image.and_then(|id| case.images.get(&id));
            json!({
                "listing": one.listing,
                "url": one.url,
                "place": one.place,
                "image": image,
                "file": image.and_then(|image| pictures.get(&image.digest)),
            })
        })
        .collect();
    to.add("images.json", &pretty(&shown)?)?;
    to.add("custody.json", &pretty(&custody)?)?;
    let history = json!({"log": cover.log, "log_kept_from": case.kept, "deeds": case.history});
    to.add("history.json", &pretty(&history)?)?;
    if !case.erased.is_empty() {
        to.add("erased.json", &pretty(&case.erased)?)?;
    }
    to.add("story.txt", words::story(case).as_bytes())?;
    to.add("README.txt", words::readme(case, cover, tally).as_bytes())?;
    Ok(tally)
}

/// Where a bundle has a capture.
fn warc(id: CaptureId) -> String {
    format!("captures/capture-{id}.warc.gz")
}

/// The capture whose record has an image's bytes.
fn holder(case: &Case, image: &Image) -> Option<CaptureId> {
    let capture = case.captures.get(&image.capture)?;
    Some(capture.revisit_of.unwrap_or(capture.id))
}

/// One link of the chain of custody: who fetched what, when, from where, and where it has been since.
fn link(case: &Case, capture: &Capture, kept: &Whole, compared: &Comparison) -> Value {
    let run = case.runs.get(&capture.run);
    let asked_for: Vec<Asked<'_>> = case
        .asked_for(capture.run)
        .map(|Deed { at, who, .. }| Asked { at: *at, who })
        .collect();
    let request = kept.request.as_ref();
    let header = |name: &str| {
        let found = request.and_then(|request| request.headers().get(name).cloned());
        found.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    json!({
        "capture": capture.id,
        "file": format!("data/{}", warc(capture.id)),
        "source": case.names.source(capture.source),
        "url": capture.url,
        "fetched_at": capture.fetched_at,
        "took_ms": capture.took_ms,
        "fetched_by": fetched_by(run, &asked_for),
        "asked_for": asked_for,
        "run": run,
        "visit": capture.visit,
        "from_address": capture.peer,
        "user_agent": header("user-agent"),
        "request": request.map(|request| String::from_utf8_lossy(&request.head).into_owned()),
        "answer": String::from_utf8_lossy(&kept.answer.head),
        "status": capture.status,
        "body_bytes": capture.length,
        "body_sha256": capture.digest,
        "repeats_body_of": capture.revisit_of,
        "record": kept.answer.field("WARC-Record-ID"),
        "request_record": request.and_then(|request| request.field("WARC-Record-ID")),
        "kept_in": capture.evidence,
        "moved": case.moves_to(&capture.evidence.file),
        "verified": "the record's own digests were computed again as it was copied, and hold; its URL, date, status, address and \
                     digest are those that stand here",
        "read_again": compared,
    })
}

/// Somebody who asked for a run.
#[derive(Debug, Serialize)]
struct Asked<'c> {
    at: Timestamp,
    who: &'c str,
}

/// By whose doing a capture was fetched. A run that somebody asks for is planned for the instant at which it begins; others are
/// planned before.
fn fetched_by(run: Option<&Run>, asked_for: &[Asked<'_>]) -> String {
    let is_planned = run.is_some_and(|run| run.started_at != Some(run.planned_at));
    let names: BTreeSet<&str> = asked_for.iter().map(|asked| asked.who).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let names = names.join(" and ");
    match (is_planned, asked_for.is_empty()) {
        (true, true) => "Sightline, in a run that the source's schedule planned".to_owned(),
        (true, false) => format!(
            "Sightline, in a run that the source's schedule planned, and that {names} had begin or go on by hand"
        ),
        (false, false) => format!("Sightline, in a run that {names} began by hand"),
        (false, true) => "Sightline, in a run of which the audit log does not say whether somebody began it by hand, and who"
            .to_owned(),
    }
}

/// An image as a file of its own; the file's name, or why there is none.
fn picture<W: Write>(image: &Image, kept: &Whole, to: &mut Packer<W>) -> io::Result<String> {
    let Ok(bytes) = kept.answer.decoded(IMAGE) else {
        return Ok("it does not unpack; the capture has it as it came".to_owned());
    };
    if Digest::of_hash(&Sha256::digest(&bytes)) != image.digest {
        return Ok("the capture has other bytes now than were read from it".to_owned());
    }
    let ending = match image.media_type.as_str() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => "bin",
    };
    let name = format!("images/{}.{ending}", image.digest);
    to.add(&name, &bytes)?;
    Ok(format!("data/{name}"))
}

fn pretty(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value).map_err(io::Error::from)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use sightline_model::{Mint, RunCounts, RunState, SourceId};

    use super::*;

    #[test]
    fn it_is_told_by_whose_doing_a_capture_was_fetched() {
        let (planned, began) = (Timestamp(1_000), Timestamp(2_000));
        let run = |started: Timestamp| Run {
            id: Mint::seeded(1).id(planned),
            source: SourceId(Default::default()),
            planned_at: planned,
            started_at: Some(started),
            finished_at: None,
            state: RunState::Running,
            outcome: None,
            counts: RunCounts::default(),
        };
        let asked = |names: &[&'static str]| -> Vec<Asked<'static>> {
            let asked = names.iter().map(|&who| Asked { at: began, who });
            asked.collect()
        };
        for (run, names, expected) in [
            (
                Some(run(began)),
                &[][..],
                "in a run that the source's schedule planned",
            ),
            (
                Some(run(began)),
                &["R. Operator"],
                "planned, and that R. Operator had begin or go on by hand",
            ),
            (
                Some(run(planned)),
                &["R. Operator", "M. Other", "R. Operator"],
                "in a run that M. Other and R. Operator began by hand",
            ),
            (
                Some(run(planned)),
                &[],
                "does not say whether somebody began it",
            ),
            (None, &[], "does not say whether somebody began it"),
        ] {
            let said = fetched_by(run.as_ref(), &asked(names));
            assert!(said.contains(expected), "{said}");
        }
    }
}
