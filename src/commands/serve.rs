//! `sightline serve`: planner, crawlers, delivery and console, until told to stop.

use std::sync::Arc;

use clap::Args;
use indicatif::MultiProgress;
use sightline_pipeline::{instance::Instance, progress::Progress, serve::serve};
use sightline_web::{Console, ServeError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox, stop,
};

/// Plan, crawl, deliver and serve the console until told to stop
///
/// The console is at http://127.0.0.1:8787 unless `web.listen` says otherwise. As long as nobody has an account, each
/// start prints a link that makes the first one, once. Sources are crawled on their schedules, and alerts are sent as they come. SIGTERM and Ctrl-C stop it cleanly within
/// ten seconds; what was under way goes on at the next start. Several processes may serve one PostgreSQL store.
#[derive(Debug, Args)]
pub struct Serve {}

/// Runs the command.
pub async fn run(_: Serve, context: &Context) -> Ended {
    let app = App::open(context).await?;
    logging::start(
        &app.configuration.settings.log,
        Manner::Service,
        &MultiProgress::new(),
    );
    let stop = stop::on_signals(context.out)?;
    let instance = app.instance().await?;
    outbox::warn(&outbox::read(&app).await?);
    let configuration = &app.configuration;
    let enabled = configuration
        .sources
        .values()
        .filter(|source| source.is_enabled())
        .count();
    // One that is not enabled is not planned, but a crawl of it that was stopped goes on. Without a contact nothing was.
    let has_contact = !configuration.settings.fetch.contact.is_empty();
    let sources = configuration
        .sources
        .values()
        .filter(|source| has_contact || source.settings.contact.is_some());
    app.register(&instance, sources.cloned().collect()).await?;
    tracing::info!(sources = enabled, store = app.store.place(), "serving");
    if enabled == 0 {
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
    let working = async {
        serve(&instance, &Progress::default(), &stop)
            .await
            .map_err(|error| CommandError::Failed(error.to_string()))
    };
    tokio::try_join!(working, serving)?;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(Status::Done)
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
    let console = Console::new(app.console_parts(instance, stop.clone())?);
    let link = sightline_web::first_link(&console, at).await?;
    let url = match &settings.instance.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{at}/"),
    };
    context
        .out
        .record(&serde_json::json!({"console": url, "listening": at, "first_account": link}))?;
    context.out.say(format_args!(
        "The console is at {url}, and listens on {at}."
    ))?;
    if let Some(link) = link {
        context.out.say(format_args!(
            "Nobody has an account yet. This link makes the first, once, within a day:\n  {link}"
        ))?;
    }
    Ok(Some((console, listener)))
}
