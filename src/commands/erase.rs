//! `sightline erase …`: one listing or selector, taken out wherever it stands.

use clap::{Args, Subcommand};
use comfy_table::Table;
use sightline_casework::erase::{self, Reach, What};
use sightline_extractors::canonical;
use sightline_model::{ErasureId, Kind, ListingId, Timestamp, counted};
use sightline_pipeline::retention::compact;
use sightline_store::erasures::{self, Erasure};

use super::{Beginning, CommandError, Context, Ended, Status, by, retention};
use crate::{
    app::App,
    output::{self, inert},
};

/// Erasures that are listed at most.
const LISTED: u32 = 1_000;

/// Erase a listing or a selector wherever it stands, the evidence included
///
/// What is left is a digest of each record, and who erased what kind of thing, when and why. What a hold covers is not erased.
/// What was erased is not fetched again until `erase allow` says so. Backups that were made before still hold it.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_long_help = "Examples:\n  \
        sightline erase listing 4711 --reason 'request of the person shown, 14/27' --dry-run\n  \
        sightline erase selector phone '+44 20 7946 0123' --reason 'request of its owner, 15/27'\n  \
        sightline erase list"
)]
pub struct Erase {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Erase a listing: all that it said, what was seen in it, its images and the records that hold them
    Listing(EraseListing),
    /// Erase a selector: every listing that ever showed it, and entries of it that were withdrawn
    Selector(EraseSelector),
    /// Show what was erased, when, by whom and why
    List(List),
    /// Let what was erased be fetched again
    Allow(Allow),
}

#[derive(Debug, Args)]
struct EraseListing {
    /// The listing's number, as `sightline listings` gives it
    id: i64,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct EraseSelector {
    /// What sort of identifier: phone, email, handle, url, domain, wallet or image
    kind: Kind,
    /// The identifier, in any spelling
    value: String,
    /// The country of a national number
    #[arg(long, value_name = "CC")]
    region: Option<String>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct How {
    /// Why: it is kept with the digest
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Say what would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct List {}

#[derive(Debug, Args)]
struct Allow {
    /// The erasure's id, as `sightline erase list` gives it
    id: Beginning<ErasureId>,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs the command.
pub async fn run(command: Erase, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match command.action {
        Action::Listing(asked) => {
            let what = What::Listing(ListingId(asked.id));
            take_out(&what, &asked.how, &app, context).await
        }
        Action::Selector(asked) => {
            let selector =
                canonical(asked.kind, &asked.value, asked.region.as_deref()).map_err(|wrong| {
                    CommandError::Usage(format!("{}; {}", wrong.message, wrong.remedy))
                })?;
            take_out(&What::Selector(selector), &asked.how, &app, context).await
        }
        Action::List(_) => list(&app, context).await,
        Action::Allow(asked) => allow(asked, &app, context).await,
    }
}

async fn take_out(what: &What, how: &How, app: &App, context: &Context) -> Ended {
    if how.dry_run {
        let Reach { found, entries } = erase::reach(&mut app.read().await?, what).await?;
        context.out.record(&serde_json::json!({
            "listings": found.listings, "sightings": found.sightings.len(), "alerts": found.alerts, "captures": found.captures.len(),
            "images": found.images.len(), "entries": entries, "alerts_that_stay": found.other_alerts, "listings_beside": found.beside,
        }))?;
        context.out.say(format_args!(
            "Would erase {} with {}, {} and {}; {} with {}.",
            counted(found.listings.len(), "listing", "listings"),
            counted(found.sightings.len(), "sighting", "sightings"),
            counted(found.alerts.len(), "alert", "alerts"),
            counted(found.images.len(), "image", "images"),
            counted(found.captures.len(), "capture", "captures"),
            counted(entries.len(), "entry", "entries"),
        ))?;
        if !found.beside.is_empty() {
            context.out.note(format_args!(
                "{} read from the same captures: what it says stays, and the evidence for it would go.",
                counted(found.beside.len(), "other listing was", "other listings were")
            ));
        }
        return Ok(Status::Done);
    }
    let keeping = app.keeping()?;
    let mut tx = app.write().await?;
    let done = erase::erase(&mut tx, what, &how.reason, &by(app.clock.now()), &app.mint).await?;
    tx.commit().await?;
    let compacted = compact(&keeping).await.map_err(retention::failed)?;
    erasures::wipe(&app.store).await?;
    let erasure = &done.erasure;
    context
        .out
        .record(&serde_json::json!({"erasure": erasure, "secret": done.secret}))?;
    context.out.say(format_args!(
        "Erased as {}: {}, {}, {} and {}.\n\
         To show one day that it was there, keep this apart from Sightline: {}\n  \
         SHA-256 over it, a line break and what was erased (`listing URL` or `selector KIND VALUE`) is {}.",
        erasure.id,
        counted(erasure.listings, "listing", "listings"),
        counted(erasure.captures, "capture", "captures"),
        counted(erasure.sightings, "sighting", "sightings"),
        counted(erasure.alerts, "alert", "alerts"),
        done.secret,
        erasure.digest
    ))?;
    context.out.note(
        "Backups that were made before this still hold it: erase it there by letting them run out, or restore and erase again.",
    );
    retention::say_compacted(&compacted, context);
    Ok(Status::Done)
}

async fn list(app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let found = erasures::list(&mut app.read().await?, LISTED).await?;
    context.out.records(
        &found,
        |found| table(found, now),
        "Nothing was erased so far.",
    )?;
    Ok(Status::Done)
}

async fn allow(asked: Allow, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let id = asked.id.found(&mut tx).await?;
    let by = by(app.clock.now());
    erase::allow(&mut tx, id, &asked.reason, &by).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "allowed_at": by.at}))?;
    context.out.say(format_args!(
        "What was erased as {id} may be fetched again."
    ))?;
    Ok(Status::Done)
}

fn table(found: &[Erasure], now: Timestamp) -> Table {
    let mut table = output::table([
        "erasure", "what", "when", "by", "why", "listings", "captures", "again",
    ]);
    for one in found {
        table.add_row(vec![
            one.id.to_string(),
            one.what.clone(),
            output::when::cell(one.at, now),
            inert::cut(&one.who, 40),
            inert::cut(&one.why, 120),
            one.listings.to_string(),
            one.captures.to_string(),
            match one.allowed_at {
                Some(at) => format!("allowed {}", output::when::words(at, now)),
                None => "not fetched".to_owned(),
            },
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
}
