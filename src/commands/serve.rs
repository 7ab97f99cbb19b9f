//! `sightline serve`: planner, crawlers, delivery and console, until told to stop.

use std::{
    fs,
    io::{self, IsTerminal},
    path::{self, Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use indicatif::MultiProgress;
use sightline_casework::By;
use sightline_model::Timestamp;
use sightline_pipeline::{instance::Instance, progress::Progress, serve::serve};
use sightline_proof::notary::Notary;
use sightline_web::{Console, ServeError};
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::{App, AppError},
    folders,
    logging::{self, Manner},
    outbox, output, stop, supervisor,
};

/// How often deeds are purged that were kept for long enough.
const A_DAY: Duration = Duration::from_secs(24 * 3_600);
/// The file in the data folder that has the link to the first account.
const FIRST_ACCOUNT: &str = "first-account";

/// Plan, crawl, deliver and serve the console until told to stop
///
/// The console is at http://127.0.0.1:8787 unless `web.listen` says otherwise. As long as nobody has an account, each
/// start makes a link for the first one, once and within a day: it is shown on a terminal, and stands in the file first-account
/// of the data folder, which only its owner can read. Sources are crawled on their schedules, and alerts are sent as they come. SIGTERM and Ctrl-C stop it cleanly within
/// ten seconds; what was under way goes on at the next start. Several processes may serve one PostgreSQL store.
#[derive(Debug, Args)]
pub struct Serve {}

/// Runs the command.
pub async fn run(_: Serve, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let sources = app.configuration.sources().map_err(AppError::from)?;
    logging::start(
        &app.configuration.settings.log,
        Manner::Service,
        &MultiProgress::new(),
    );
    let stop = stop::on_signals(context.out)?;
    let instance = app.instance().await?;
    outbox::warn(&outbox::read(&app).await?);
    // One that is not enabled is not planned, but a crawl of it that was stopped goes on. Without a contact nothing was.
    let has_contact = !app.configuration.settings.fetch.contact.is_empty();
    let sound = sources.sound.values();
    let known = sound.filter(|source| has_contact || source.settings.contact.is_some());
    app.register(&instance, known.cloned().collect(), Some(&sources.broken))
        .await?;
    let (enabled, broken) = (sources.enabled().count(), sources.broken.len());
    tracing::info!(
        sources = enabled,
        broken,
        store = app.store.place(),
        "serving"
    );
    if enabled == 0 && broken == 0 {
        tracing::warn!(
            "no source is enabled, so nothing is crawled; write `enabled = true` into one"
        );
    }
    let console = open_console(&app, &instance, &stop, context).await?;
    let serving = async {
        if let Some((console, listener)) = console {
            sightline_web::serve(console, listener).await;
        }
        Ok(())
    };
    let notary = app.notary()?;
    let signing = async {
        checkpoints(&app, &notary, &stop).await;
        Ok(())
    };
    let working = async {
        serve(&instance, &Progress::default(), &stop)
            .await
            .map_err(|error| CommandError::Failed(error.to_string()))
    };
    let telling = async {
        supervisor::tell(&stop).await;
        Ok(())
    };
    tokio::try_join!(working, serving, signing, telling)?;
    checkpoint(&notary, &app).await;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(Status::Done)
}

/// Signs the audit log from time to time until told to stop: what is cut off it later shows.
async fn checkpoints(app: &App, notary: &Notary, stop: &CancellationToken) {
    let minutes = app.configuration.settings.proof.checkpoint_minutes;
    let every = Duration::from_secs(u64::from(minutes) * 60);
    let mut purged_at: Option<Timestamp> = None;
    while !stop.is_cancelled() {
        checkpoint(notary, app).await;
        let now = app.clock.now();
        if purged_at.is_none_or(|at| now.since(at) >= A_DAY) {
            purge_deeds(notary, app).await;
            purged_at = Some(now);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(every) => {}
        }
    }
}

/// Lets deeds go that were kept for long enough, as far as they were signed; that they went is signed with the next checkpoint.
async fn purge_deeds(notary: &Notary, app: &App) {
    let now = app.clock.now();
    let Some(before) = app.configuration.settings.retention.audit_up_to(now) else {
        return;
    };
    let by = By {
        who: "sightline".to_owned(),
        at: now,
    };
    match notary.purge(before, &by).await {
        Ok(went) => {
            if let Some(purged) = went.purged {
                tracing::info!(
                    gone = purged.end - purged.first,
                    "purged deeds that were kept for long enough"
                );
            }
            if let Some(place) = went.held_from {
                tracing::info!(
                    place,
                    "deeds stay from here on, for this one is on something held"
                );
            }
        }
        Err(error) => tracing::error!("the audit log is not purged: {error}"),
    }
}

/// Signs the audit log now. Where that can't be, the log says why, and the work goes on.
async fn checkpoint(notary: &Notary, app: &App) {
    match notary.sign(app.clock.now()).await {
        Ok(None) => {}
        Ok(Some(noted)) => {
            match noted.is_new {
                true => tracing::info!(deeds = noted.size, "the audit log is signed"),
                false if noted.unsent.is_none() => {
                    tracing::info!(deeds = noted.size, "the witness has got the checkpoint now");
                }
                false => {}
            }
            if let Some(why) = noted.unsent {
                tracing::warn!(
                    "the witness has not got the checkpoint, and is sent it again: {why}"
                );
            }
        }
        Err(error) => tracing::error!("the audit log is not signed: {error}"),
    }
}

/// Keeps the link that makes the first account where only its owner can read it, and takes it away once it is of no use.
/// Whoever has it becomes an administrator, so it has no place on an output that may end in a journal. Where it is.
fn keep_first(file: &Path, link: Option<&str>) -> Result<Option<PathBuf>, CommandError> {
    match link {
        Some(link) => {
            folders::write_private(file, &format!("{link}\n"))
                .map_err(|cause| CommandError::failed(file.display(), cause))?;
            // Told to whoever reads the output, wherever they are.
            Ok(Some(
                path::absolute(file).unwrap_or_else(|_| file.to_owned()),
            ))
        }
        None => {
            // One that can't be taken away makes nothing any more.
            let _ = fs::remove_file(file);
            Ok(None)
        }
    }
}

/// The console and where it listens; nothing where this process is to serve none. Says where it is, and how the first
/// account is made.
async fn open_console(
    app: &App,
    instance: &Arc<Instance>,
    stop: &CancellationToken,
    context: &Context,
) -> Result<Option<(Console, TcpListener)>, CommandError> {
    let settings = &app.configuration.settings;
    if !settings.web.enabled {
        return Ok(None);
    }
    let listener = sightline_web::bind(&settings.web).await?;
    let at = listener.local_addr().map_err(ServeError::from)?;
    let console = Console::new(app.console_parts(instance, stop.clone()).await?);
    let link = sightline_web::first_link(&console, at).await?;
    let kept = keep_first(&settings.instance.data.join(FIRST_ACCOUNT), link.as_deref())?;
    let url = match &settings.instance.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{at}/"),
    };
    context
        .out
        .record(&serde_json::json!({"console": url, "listening": at, "first_account": kept}))?;
    context.out.say(format_args!(
        "The console is at {url}, and listens on {at}."
    ))?;
    if let Some(link) = link {
        let told = "Nobody has an account yet. A link makes the first, once, within a day";
        if io::stderr().is_terminal() {
            output::tell(format_args!("{told}:\n  {link}"));
        } else {
            let file = kept
                .as_deref()
                .unwrap_or(Path::new(FIRST_ACCOUNT))
                .display();
            output::tell(format_args!("{told}; it stands in {file}."));
        }
    }
    Ok(Some((console, listener)))
}
