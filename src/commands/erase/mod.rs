//! `sightline erase …`: one listing or selector, taken out wherever it stands.

mod said;

use std::{collections::HashMap, time::Duration};

use clap::{Args, Subcommand};
use comfy_table::Table;
use sightline_casework::{
    By,
    erase::{self, Reach, Terms, What},
};
use sightline_extractors::{Profile, canonical};
use sightline_model::{Alert, ErasureId, Kind, ListingId, SourceId, Timestamp, counted};
use sightline_pipeline::{
    PipelineError,
    retention::{Finished, Lists, finish, lists_showing},
};
use sightline_store::{
    Engine, Tx, alerts,
    erasures::{self, Erasure},
    sources,
};

use said::Tense;

use super::{Beginning, CommandError, Context, Ended, Status, by, retention, typed};
use crate::{
    app::App,
    output::{self, inert},
};

/// Erasures that are listed at most.
const LISTED: u32 = 1_000;
/// How long an erasure waits for those who read the store.
const PATIENCE: Duration = Duration::from_secs(10);

/// Erase a listing or a selector wherever it stands, the evidence included
///
/// What is left is a digest of each record, and who erased what kind of thing, when and why. What a hold covers is not erased.
/// What was erased is not fetched again until `erase allow` says so, but for pages that it shares with other ads: a site's lists are
/// captured as ever. Backups that were made before, and messages that were sent or put into files, still hold it.
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
    /// Go on with what something kept an erasure from: a reader of the store, a full disk, a kill
    Finish(Finish),
    /// Show what was erased, when, by whom and why
    List(List),
    /// Let what was erased be fetched again
    Allow(Allow),
}

#[derive(Debug, Args)]
struct EraseListing {
    /// The listing's number, as `sightline listings` gives it
    #[arg(value_parser = typed::listing)]
    id: ListingId,
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
    /// Captures of lists that show it, too, with the evidence for what else was read there
    #[arg(long)]
    with_pages: bool,
    /// Say what would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct Finish {}

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
            let what = What::Listing(asked.id);
            take_out(&what, &asked.how, &app, context).await
        }
        Action::Selector(asked) => {
            let selector =
                canonical(asked.kind, &asked.value, asked.region.as_deref()).map_err(|wrong| {
                    CommandError::Usage(format!("{}; {}", wrong.message, wrong.remedy))
                })?;
            take_out(&What::Selector(selector), &asked.how, &app, context).await
        }
        Action::Finish(_) => go_on(&app, context).await,
        Action::List(_) => list(&app, context).await,
        Action::Allow(asked) => allow(asked, &app, context).await,
    }
}

async fn take_out(what: &What, how: &How, app: &App, context: &Context) -> Ended {
    asked(what, app).await?;
    let keeping = app.keeping()?;
    let mut tx = app.read().await?;
    let mut reach = erase::reach(&mut tx, what, &[]).await?;
    let profiles = profiles(&mut tx, app).await?;
    drop(tx);
    let lists = lists_showing(&keeping, &reach.found, profiles)
        .await
        .map_err(retention::failed)?;
    let (with, left) = match how.with_pages {
        true => (lists.show.clone(), lists.unread.len()),
        false => (Vec::new(), lists.show.len() + lists.unread.len()),
    };
    let mut tx = app.read().await?;
    if !with.is_empty() {
        reach = erase::reach(&mut tx, what, &with).await?;
    }
    let beside = alerts::get(&mut tx, &reach.found.alerts_beside).await?;
    drop(tx);
    if how.dry_run {
        return would(&reach, &beside, &lists, how, app, context);
    }
    // Said before it is done, and once more of what it was: this can't be taken back.
    said::beside(&reach.found, &beside, Tense::Before, context);
    let terms = Terms {
        why: how.reason.clone(),
        with,
        left,
        secret: erase::secret(&app.mint),
    };
    let mut tx = app.write().await?;
    let done = erase::erase(&mut tx, what, &terms, &by(app.clock.now()), &app.mint).await?;
    let (erasure, secret) = (&done.erasure, &terms.secret);
    // Said before it is done: whatever happens after this, what shows the erasure is in somebody's hands.
    output::tell(format_args!(
        "Erasing as {}. To show one day that it was there, keep this apart from Sightline, which does not: {secret}\n\
         If this ends without another word, `sightline erase list` says whether it was begun, and `sightline erase finish` goes on.",
        erasure.id
    ));
    tx.commit().await?;
    let finished = finish(&keeping, PATIENCE).await;
    context.out.record(&serde_json::json!({
        "erasure": erasure, "secret": secret, "lists": lists.show, "lists_unread": lists.unread, "with_pages": how.with_pages,
        "listings_beside": reach.found.beside, "alerts_beside": reach.found.alerts_beside,
        "is_wiped": finished.as_ref().is_ok_and(|finished| finished.is_wiped),
    }))?;
    context.out.say(format_args!(
        "Erased as {}: {}, {}, {} and {}.\n\
         SHA-256 over the secret {secret}, a line break and what was erased (`listing URL` or `selector KIND VALUE`) is {}.",
        erasure.id,
        counted(erasure.listings, "listing", "listings"),
        counted(erasure.captures, "capture", "captures"),
        counted(erasure.sightings, "sighting", "sightings"),
        counted(erasure.alerts, "alert", "alerts"),
        erasure.digest
    ))?;
    said::beside(&reach.found, &beside, Tense::After, context);
    said::shared(&reach.found, Tense::After, context);
    said::lists(&lists, how.with_pages, context);
    said::messages(app, context);
    context.out.note(
        "Backups that were made before this still hold it: erase it there by letting them run out, or restore and erase again.",
    );
    say_finished(finished, app, context)
}

/// Keeps that somebody asked whether something can be erased: that is a search.
async fn asked(what: &What, app: &App) -> Result<(), CommandError> {
    let subject = match what {
        What::Listing(id) => id.to_string(),
        What::Selector(selector) => app.digester().await?.of(&selector.value),
    };
    Ok(app.log_read("erase.ask", &subject).await?)
}

/// The profiles by which the sources that are configured are read.
async fn profiles(tx: &mut Tx, app: &App) -> Result<HashMap<SourceId, Profile>, CommandError> {
    // A file that can't be read must keep nobody from erasing: its lists count as unread.
    let configured = app.configuration.sources().ok();
    let mut configured: HashMap<String, Profile> = configured
        .iter()
        .flat_map(|sources| sources.sound.values())
        .map(|source| (source.name.clone(), source.profile.clone()))
        .collect();
    let stored = sources::all(tx).await?.into_iter();
    Ok(stored
        .filter_map(|source| Some((source.id, configured.remove(&source.definition.name)?)))
        .collect())
}

fn would(
    reach: &Reach,
    beside: &[Alert],
    lists: &Lists,
    how: &How,
    app: &App,
    context: &Context,
) -> Ended {
    let Reach { found, entries } = reach;
    context.out.record(&serde_json::json!({
        "listings": found.listings, "sightings": found.sightings.len(), "alerts": found.alerts, "captures": found.captures.len(),
        "images": found.images.len(), "entries": entries, "alerts_that_stay": found.other_alerts, "listings_beside": found.beside,
        "alerts_beside": found.alerts_beside,
        "lists": lists.show, "lists_unread": lists.unread, "with_pages": how.with_pages,
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
    said::beside(found, beside, Tense::Before, context);
    said::shared(found, Tense::Before, context);
    said::lists(lists, how.with_pages, context);
    said::messages(app, context);
    Ok(Status::Done)
}

/// Says what an erasure left to be done.
fn say_finished(finished: Result<Finished, PipelineError>, app: &App, context: &Context) -> Ended {
    let finished = finished.map_err(|error| {
        CommandError::Failed(format!(
            "it is erased, but what is left of it could not be taken out of the files: {error}; mend that, and \
             `sightline erase finish` goes on, or `serve` by itself"
        ))
    })?;
    if !finished.is_wiped {
        output::tell(match app.store.engine() {
            Engine::Sqlite => {
                "Somebody still reads the store as it was before, so the words stand in the database's files until they have done: \
                 `sightline erase finish` then takes them out, or `serve` by itself within a minute."
            }
            Engine::Postgres => {
                "Somebody uses the store or may still see it as it was (a transaction that is open or prepared, a standby, a \
                 replication slot), or the role that Sightline has does not own its tables, so the words stand in PostgreSQL's \
                 files: `sightline erase finish` takes them out when it is quiet."
            }
        });
    }
    retention::say_compacted(&finished.compacted, context);
    Ok(match finished.is_wiped {
        true => Status::Done,
        false => Status::Problems,
    })
}

async fn go_on(app: &App, context: &Context) -> Ended {
    let finished = finish(&app.keeping()?, PATIENCE).await;
    if let Ok(finished) = &finished {
        context.out.record(&serde_json::json!({
            "is_wiped": finished.is_wiped, "records": finished.compacted.records, "waiting": finished.compacted.waiting.len(),
        }))?;
        if finished.is_wiped && finished.compacted.waiting.is_empty() {
            context.out.say(match app.store.engine() {
                Engine::Sqlite => "Nothing is left of what was erased.",
                Engine::Postgres => {
                    "Nothing is left of what was erased in the archive and in PostgreSQL's tables. Its write-ahead log, what was \
                     copied of that, and its statistics (pg_statistic) may hold it for a while: see docs/operator.md."
                }
            })?;
        }
    }
    say_finished(finished, app, context)
}

async fn list(app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let found = erasures::list(&mut app.read().await?, None, LISTED).await?;
    context.out.records(
        &found,
        |found| table(found, now),
        "Nothing was erased so far.",
    )?;
    Ok(Status::Done)
}

async fn allow(asked: Allow, app: &App, context: &Context) -> Ended {
    let allow = async |tx: &mut Tx, id, by: &By| erase::allow(tx, id, &asked.reason, by).await;
    let (id, at) = asked.id.end(app, allow).await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "allowed_at": at}))?;
    context.out.say(format_args!(
        "What was erased as {id} may be fetched again. The next crawl of each source reads its lists anew, and goes where they lead."
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
