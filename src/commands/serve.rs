//! `sightline serve`: planner, crawlers and delivery, until told to stop.

use clap::Args;
use indicatif::MultiProgress;
use sightline_pipeline::{progress::Progress, serve::serve};

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::App,
    logging::{self, Manner},
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
    logging::start(&app.configuration.settings.log, Manner::Service, &MultiProgress::new());
    let stop = stop::on_signals(context.out)?;
    let instance = app.instance().await?;
    let sources: Vec<_> = app.configuration.sources.values().cloned().collect();
    let enabled = sources.iter().filter(|source| source.is_enabled()).count();
    app.register(&instance, sources).await?;
    tracing::info!(sources = enabled, store = app.store.place(), "serving");
    if enabled == 0 {
        tracing::warn!("no source is enabled, so nothing is crawled; write `enabled = true` into one");
    }
    serve(&instance, &Progress::default(), &stop).await.map_err(|error| CommandError::Failed(error.to_string()))?;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(Status::Done)
}
