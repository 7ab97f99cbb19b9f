//! `sightline crawl`: sources now, to completion, alerts included.

use std::sync::Arc;

use clap::Args;
use indicatif::MultiProgress;
use sightline_model::RunOutcome;
use sightline_pipeline::{
    crawl::{Crawled, crawl},
    deliver::Sent,
    instance::{Instance, Watched},
    progress::Progress,
    source::Source,
};
use tokio_util::sync::CancellationToken;

use super::{CommandError, Context, Ended, Status, records};
use crate::{
    app::App,
    configuration::Configuration,
    logging::{self, Manner},
    output::Output,
    progress, stop,
};

/// Crawl sources now, to completion, alerts included
///
/// A crawl that was stopped or killed goes on where it was. Ctrl-C stops it cleanly, a second Ctrl-C at once. The exit
/// status is 1 unless every page in scope was seen: `sightline visits` then says what was not, and why.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sightline crawl classified\n  sightline crawl --all --json"
)]
pub struct Crawl {
    /// The sources, by name; one that is not enabled is crawled, too
    #[arg(value_name = "NAME", required_unless_present = "all")]
    names: Vec<String>,
    /// Every source that is enabled
    #[arg(long, conflicts_with = "names")]
    all: bool,
}

/// Runs the command.
pub async fn run(ask: Crawl, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let sources = sources(&ask, &app.configuration)?;
    let out = context.out;
    let bars = progress::bars(out);
    logging::start(&app.configuration.settings.log, Manner::Command, &bars);
    let stop = stop::on_signals(out)?;
    let instance = app.instance().await?;
    let watched = app.register(&instance, sources).await?;
    let crawled = with_progress(&instance, &watched, &stop, &bars, out).await?;
    report(&crawled, &app, out).await?;
    app.store.close().await;
    // Whoever asked it to stop got what they asked for.
    Ok(if crawled.is_complete() || stop.is_cancelled() {
        Status::Done
    } else {
        Status::Problems
    })
}

/// Crawls, and shows progress meanwhile.
pub(crate) async fn with_progress(
    instance: &Arc<Instance>,
    sources: &[Arc<Watched>],
    stop: &CancellationToken,
    bars: &MultiProgress,
    out: Output,
) -> Result<Crawled, CommandError> {
    let (teller, events) = Progress::watched();
    let shown = progress::show(events, bars.clone(), out);
    let crawled = crawl(instance, sources, &teller, stop).await;
    // Everything that was told is shown before the result is.
    drop(teller);
    let _ = shown.await;
    crawled.map_err(|error| CommandError::Failed(error.to_string()))
}

fn sources(ask: &Crawl, configuration: &Configuration) -> Result<Vec<Source>, CommandError> {
    if !ask.all {
        let named = ask
            .names
            .iter()
            .map(|name| configuration.source(name).cloned());
        return named
            .collect::<Result<_, _>>()
            .map_err(|error| CommandError::Usage(error.to_string()));
    }
    let enabled: Vec<Source> = configuration
        .sources
        .values()
        .filter(|source| source.is_enabled())
        .cloned()
        .collect();
    if enabled.is_empty() {
        let folder = configuration.settings.instance.sources.display();
        return Err(CommandError::Usage(format!(
            "no source is enabled; write one into {folder} with `enabled = true`, or crawl one by its name"
        )));
    }
    Ok(enabled)
}

async fn report(crawled: &Crawled, app: &App, out: Output) -> Result<(), CommandError> {
    records::runs::show(&crawled.runs, app, out).await?;
    out.note(sent_in_words(&crawled.sent));
    let is_unseen = |outcome| {
        matches!(
            outcome,
            Some(RunOutcome::Partial | RunOutcome::Failed | RunOutcome::Blocked)
        )
    };
    if let Some(run) = crawled.runs.iter().find(|run| is_unseen(run.outcome)) {
        out.note(format_args!(
            "Some pages could not be had: sightline visits --run {} says which, and why.",
            run.id
        ));
    }
    if crawled
        .runs
        .iter()
        .any(|run| run.outcome == Some(RunOutcome::Empty))
    {
        out.note("Pages were read, but no listing was on them: `sightline source test NAME` shows what the profile finds.");
    }
    if crawled.runs.iter().any(|run| run.outcome.is_none()) {
        out.note("What is left goes on with the next crawl.");
    }
    Ok(())
}

/// What came of the messages, in words.
pub(super) fn sent_in_words(sent: &Sent) -> String {
    let Sent {
        delivered,
        again,
        dead,
    } = sent;
    match (delivered, again, dead) {
        (0, 0, 0) => "No message was due.".to_owned(),
        (delivered, 0, 0) => format!("{delivered} messages sent."),
        (delivered, again, dead) => format!(
            "{delivered} messages sent, {again} to be tried again, {dead} given up; `sightline deliveries` says why."
        ),
    }
}
