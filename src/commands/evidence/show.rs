//! `sightline evidence show`: one capture, its digests verified, its body made harmless.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use serde::Serialize;
use sightline_crawler::{
    archive::{Archive, Record},
    decode::decode_start,
};
use sightline_model::{Capture, CaptureId};
use sightline_store::captures;

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, typed},
    output::{inert, new_file, when},
};

/// As much of a body as is shown, in bytes.
const SHOWN: u64 = 4_000;

/// Show one capture: when, from where, the heads as they came, and the beginning of the body
///
/// Its records' digests are verified first, the request's too; a capture that is not what was kept is an error. The body is shown as plain
/// text, cut, and with nothing in it that acts on a terminal; `--body` writes all of it, as it came, to a file.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The capture's number, as listings, observations and sightings give it
    #[arg(value_parser = typed::capture)]
    capture: CaptureId,
    /// Write the body as it came over the wire to this file, which must not exist. Do not open it in a browser
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
}

/// A capture as programs are given it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    capture: &'a Capture,
    /// Always true: a capture that does not verify is an error.
    verified: bool,
    /// The WARC header fields, in order.
    fields: &'a [(String, String)],
    /// The HTTP head as it came.
    head: String,
    /// The beginning of the body as text, where it is text.
    body_start: Option<String>,
}

/// Runs the command.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let capture = capture(show.capture, app).await?;
    app.log_read("capture.read", &capture.id.to_string())
        .await?;
    let archive = app.archive()?;
    let record = archive
        .whole(&capture.evidence)
        .map_err(|cause| CommandError::Failed(cause.to_string()))?
        .answer;
    let holder = holder(&capture, &archive, app).await?;
    let body = Bytes::copy_from_slice(&holder.body);
    if let Some(file) = &show.body {
        new_file::write(file, &body).map_err(CommandError::Failed)?;
        context.out.note(format_args!(
            "{} bytes written to {}.",
            body.len(),
            file.display()
        ));
    }
    let start = start(&capture, &holder, &body);
    context.out.record(&Shown {
        capture: &capture,
        verified: true,
        fields: &record.fields,
        head: String::from_utf8_lossy(&record.head).into_owned(),
        body_start: start.clone(),
    })?;
    context
        .out
        .say(in_words(&capture, &record, &body, start, app))?;
    Ok(Status::Done)
}

async fn capture(id: CaptureId, app: &App) -> Result<Capture, CommandError> {
    let mut tx = app.read().await?;
    let found = captures::get(&mut tx, &[id]).await?.into_iter().next();
    found.ok_or_else(|| {
        CommandError::Failed(format!(
            "there is no capture {id}: it was never there, or was purged or erased; listings, observations and sightings name theirs, \
             `sightline retention show` and `sightline erase list` show what is gone"
        ))
    })
}

/// The record that holds the body: the capture's own, or that of the earlier one which it repeats.
async fn holder(capture: &Capture, archive: &Archive, app: &App) -> Result<Record, CommandError> {
    let earlier = match capture.revisit_of {
        Some(earlier) => Some(self::capture(earlier, app).await?),
        None => None,
    };
    archive
        .read_body(capture, earlier.as_ref())
        .map_err(|cause| CommandError::Failed(cause.to_string()))
}

/// The beginning of the body as text; none where it is not text, or does not decode.
fn start(capture: &Capture, record: &Record, body: &Bytes) -> Option<String> {
    let media_type = capture.content_type.as_deref().unwrap_or_default();
    let is_text = [
        "text/",
        "application/json",
        "application/xhtml",
        "application/xml",
    ]
    .iter()
    .any(|beginning| {
        media_type
            .trim()
            .to_ascii_lowercase()
            .starts_with(beginning)
    });
    if !is_text {
        return None;
    }
    let decoded = decode_start(body, &record.headers(), SHOWN).ok()?;
    Some(String::from_utf8_lossy(&decoded).into_owned())
}

fn in_words(
    capture: &Capture,
    record: &Record,
    body: &Bytes,
    start: Option<String>,
    app: &App,
) -> String {
    let evidence = &capture.evidence;
    let folder = app.configuration.settings.archive_folder();
    let mut lines = vec![
        format!(
            "Capture {} of {}",
            capture.id,
            inert::line(capture.url.as_str())
        ),
        format!(
            "  status {}, fetched {} in {} ms from {}",
            capture.status,
            when::words(capture.fetched_at, app.clock.now()),
            capture.took_ms,
            capture.peer.as_deref().unwrap_or("an unknown address")
        ),
        format!(
            "  body: {} bytes, sha256:{} (verified)",
            body.len(),
            capture.digest
        ),
        format!(
            "  kept in {} at byte {}",
            folder.join(&evidence.file).display(),
            evidence.offset
        ),
        format!("  record {}", evidence.record),
    ];
    if let Some(earlier) = capture.revisit_of {
        lines.push(format!("  the body repeats that of capture {earlier}"));
    }
    lines.push(String::new());
    lines.push(inert::block(&String::from_utf8_lossy(&record.head), ""));
    let media_type = inert::line(
        capture
            .content_type
            .as_deref()
            .unwrap_or("of no stated type"),
    )
    .into_owned();
    lines.push(match start {
        None => format!("(the body is {media_type}; --body FILE writes it to a file)"),
        Some(text) => format!(
            "{}\n(the body's beginning; --body FILE writes all of it to a file)",
            inert::block(&text, "")
        ),
    });
    lines.join("\n")
}
