//! `sightline serve`: planner, crawlers and delivery, until told to stop.

use clap::Args;
use indicatif::MultiProgress;
use sightline_pipeline::{progress::Progress, serve::serve};

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox::Outbox,
    stop,
};

/// Plan, crawl and deliver until told to stop
///
/// Sources are crawled on their schedules, and alerts are sent as they come. SIGTERM and Ctrl-C stop it cleanly within
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
    Outbox::read(&app).await?.warn();
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
    serve(&instance, &Progress::default(), &stop)
        .await
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(Status::Done)
}
