//! `sightline hunt`: entries against all that is already stored.

use clap::Args;
use sightline_model::counted;
use sightline_pipeline::hunt::hunt;

use super::{CommandError, Context, Ended, Status, watchlist};
use crate::{
    app::App,
    logging::{self, Manner},
    progress,
};

/// Look for entries in all that is stored
///
/// What is found is recorded as a sighting with the reason `historic`, and raises one alert for each entry unless the
/// rules of its watchlist leave that reason out. New entries are hunted by `crawl` and `serve` by themselves; this looks
/// for all entries again.
#[derive(Debug, Args)]
pub struct Hunt {
    /// The entries of this watchlist; without it, of all
    #[arg(long, value_name = "NAME")]
    watchlist: Option<String>,
}

/// Runs the command.
pub async fn run(ask: Hunt, context: &Context) -> Ended {
    let app = App::open(context).await?;
    logging::start(
        &app.configuration.settings.log,
        Manner::of_command(context.out),
        &progress::bars(context.out),
    );
    let watchlist = match &ask.watchlist {
        None => None,
        Some(name) => Some(watchlist::named(&mut app.read().await?, name).await?.id),
    };
    let instance = app.instance().await?;
    let hunted = hunt(&instance, watchlist)
        .await
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    context
        .out
        .record(&serde_json::json!({"entries": hunted.entries, "matches": hunted.matches}))?;
    context.out.say(format_args!(
        "Looked for {} in all that is stored: {} with listings.",
        counted(hunted.entries, "entry", "entries"),
        counted(hunted.matches, "match", "matches")
    ))?;
    if hunted.matches > 0 {
        context
            .out
            .note("`sightline sightings` shows them, with the text that matched.");
    }
    app.store.close().await;
    Ok(Status::Done)
}
