//! `sightline crawl`: sources now, to completion, alerts included.

use std::sync::Arc;

use clap::{ArgGroup, Args};
use indicatif::MultiProgress;
use sightline_model::{Run, RunOutcome, Timestamp, counted};
use sightline_pipeline::{
    crawl::{Crawled, crawl},
    deliver::Sent,
    instance::{Instance, Registered, Unusable, Watched},
    progress::Progress,
    source::Source,
    sweep::tell_now,
};
use sightline_store::{
    Filter,
    visits::{self, Waiting},
};
use tokio_util::sync::CancellationToken;

use super::{CommandError, Context, Ended, Status, records};
use crate::{
    app::{App, AppError},
    configuration::{Broken, Configuration, Sources},
    logging::{self, Manner},
    outbox::{self, Left},
    output::{self, Output, inert, when},
    progress, stop,
};

/// Crawl sources now, to completion, alerts included
///
/// A crawl that was stopped or killed goes on where it was. Ctrl-C stops it cleanly, a second Ctrl-C at once. The exit
/// status is 1 unless every page in scope was seen: `sightline visits` then says what was not, and why. It is 1, too, where
/// a message could not be sent, this time or before, or waits for a channel to which nothing is sent, as with `sightline
/// deliver`: `sightline deliveries` says why.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("which").required(true).args(["names", "all"])),
    after_long_help = "Examples:\n  sightline crawl classified\n  sightline crawl --all --json"
)]
pub struct Crawl {
    /// The sources, by name; one that is not enabled is crawled, too
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Every source that is enabled
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub async fn run(ask: Crawl, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let all = app.configuration.sources().map_err(AppError::from)?;
    let out = context.out;
    let sources = sources(&ask, &all, &app.configuration)?;
    app.configuration
        .answered_for(&sources)
        .map_err(AppError::from)?;
    // What was not asked for is nothing to be told of.
    let broken = ask.all.then_some(all.broken);
    let bars = progress::bars(out);
    logging::start(
        &app.configuration.settings.log,
        Manner::of_command(context.out),
        &bars,
    );
    let stop = stop::on_signals(out)?;
    let instance = app.instance().await?;
    outbox::warn(&outbox::read(&app).await?);
    let Registered { watched, unusable } =
        app.register(&instance, sources, broken.as_deref()).await?;
    let broken = broken.unwrap_or_default();
    // Where none of them can be crawled, nothing else will look what is wrong.
    if let (true, Some(why)) = (watched.is_empty(), nothing_to_crawl(&unusable, &broken)) {
        tell_now(&instance, &stop)
            .await
            .map_err(|error| CommandError::Failed(error.to_string()))?;
        return Err(why);
    }
    let crawled = with_progress(&instance, &watched, &stop, &bars, out).await?;
    let left = Left::of(&outbox::read(&app).await?, &app).await?;
    report(&crawled, &watched, &left, &app, out).await?;
    for error in &unusable {
        out.note(format_args!("Not crawled: {error}"));
    }
    for broken in &broken {
        let name = inert::line(&broken.name);
        output::error(format_args!("'{name}' is not crawled: {}", broken.why()));
    }
    if !broken.is_empty() {
        out.note("`sightline check` says what to write instead.");
    }
    app.store.close().await;
    // Whoever asked it to stop got what they asked for.
    let is_complete = crawled.is_complete() && unusable.is_empty() && broken.is_empty();
    Ok(
        if is_complete && left.is_well(&crawled.sent) || stop.is_cancelled() {
            Status::Done
        } else {
            Status::Problems
        },
    )
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
    let crawled = crawl(instance, sources, &super::who(), &teller, stop).await;
    // Everything that was told is shown before the result is.
    drop(teller);
    let _ = shown.await;
    crawled.map_err(|error| CommandError::Failed(error.to_string()))
}

fn sources(
    ask: &Crawl,
    all: &Sources,
    configuration: &Configuration,
) -> Result<Vec<Source>, CommandError> {
    if !ask.all {
        let named = ask.names.iter().map(|name| all.named(name).cloned());
        return named
            .collect::<Result<_, _>>()
            .map_err(|error| CommandError::Usage(error.to_string()));
    }
    let enabled: Vec<Source> = all.enabled().cloned().collect();
    if enabled.is_empty() && all.broken.is_empty() {
        let folder = configuration.settings.instance.sources.display();
        return Err(CommandError::Usage(format!(
            "no source is enabled; write one into {folder} with `enabled = true`, or crawl one by its name"
        )));
    }
    Ok(enabled)
}

/// Why no source can be crawled, where that is for what is wrong with them.
fn nothing_to_crawl(unusable: &[Unusable], broken: &[Broken]) -> Option<CommandError> {
    let unusable = unusable.first();
    let unusable = unusable.map(|error| CommandError::Failed(error.to_string()));
    unusable.or_else(|| {
        let broken = broken.first()?;
        Some(CommandError::Usage(format!(
            "no source can be crawled: {broken}; see: sightline check"
        )))
    })
}

async fn report(
    crawled: &Crawled,
    watched: &[Arc<Watched>],
    left: &Left,
    app: &App,
    out: Output,
) -> Result<(), CommandError> {
    records::runs::show(&crawled.runs, app, out).await?;
    out.note(sent_in_words(&crawled.sent, left, app.clock.now()));
    left.tell();
    let is_unseen = |outcome| {
        matches!(
            outcome,
            Some(RunOutcome::Partial | RunOutcome::Failed | RunOutcome::Blocked)
        )
    };
    if let Some(run) = crawled.runs.iter().find(|run| is_unseen(run.outcome)) {
        let any = Filter {
            limit: 1,
            ..Filter::default()
        };
        let missed = visits::list_missed(&mut app.read().await?, &any, Some(run.id)).await?;
        let only = if missed.is_empty() { "" } else { "--missed " };
        out.note(format_args!(
            "Some pages could not be had: sightline visits {only}--run {} says which, and why.",
            run.id
        ));
    }
    for name in cut_off(&crawled.runs, watched) {
        out.note(format_args!(
            "{name} was cut off at scope.pages_per_run: raise it, or name more narrowly what is wanted."
        ));
    }
    if crawled
        .runs
        .iter()
        .any(|run| run.outcome == Some(RunOutcome::Empty))
    {
        out.note("Pages were read, but no listing was on them, or most say the very same: look at one in a browser; `sightline source test NAME` shows what the profile finds.");
    }
    for host in &crawled.waiting {
        out.note(waiting_in_words(host, app.clock.now()));
    }
    for host in &crawled.slow {
        out.note(progress::slow_in_words(host));
    }
    if crawled.runs.iter().any(|run| run.outcome.is_none()) {
        out.note("What is left goes on with the next crawl.");
    }
    Ok(())
}

/// The sources whose runs had no room for all that their pages lead to.
fn cut_off<'w>(runs: &[Run], watched: &'w [Arc<Watched>]) -> Vec<&'w str> {
    let is_full = |one: &Watched, run: &Run| {
        let limit = i64::from(one.source.scope.pages_per_run());
        run.source == one.id && run.outcome.is_some() && run.counts.visits >= limit
    };
    let full = watched
        .iter()
        .filter(|one| runs.iter().any(|run| is_full(one, run)));
    full.map(|one| one.source.name.as_str()).collect()
}

/// Which host holds visits back, until when, and why.
fn waiting_in_words(waiting: &Waiting, now: Timestamp) -> String {
    let visits = counted(waiting.visits, "visit to it waits", "visits to it wait");
    let host = inert::line(&waiting.host);
    match waiting.backoff_until.filter(|&until| until > now) {
        Some(_) => format!(
            "{host} asks to be left alone until {}; {visits}.",
            when::words(waiting.next_at(), now)
        ),
        None => format!(
            "{host} is asked again after {}; {visits}. The last try: {}.",
            when::words(waiting.due_at, now),
            inert::cut(waiting.detail.as_deref().unwrap_or("none yet"), 240)
        ),
    }
}

/// What came of the messages, in words, and how many wait in the outbox now.
pub(super) fn sent_in_words(sent: &Sent, left: &Left, now: Timestamp) -> String {
    let Sent {
        delivered,
        again,
        dead,
        waiting: put_back,
    } = sent;
    let Left {
        waiting,
        failing,
        next,
        held: _,
    } = *left;
    let mut words = match (delivered, again, dead) {
        (0, 0, 0) if waiting > 0 => "No message was sent.".to_owned(),
        (0, 0, 0) => "No message was due.".to_owned(),
        (delivered, 0, 0) => format!("{} sent.", counted(*delivered, "message", "messages")),
        (delivered, again, dead) => format!(
            "{} sent, {again} to be tried again, {dead} given up; `sightline deliveries` says why.",
            counted(*delivered, "message", "messages")
        ),
    };
    if *put_back > 0 {
        words.push_str(&format!(
            " {} for a channel that was switched off, since its receiver is gone: `sightline channel list` says which.",
            counted(*put_back, "waits", "wait")
        ));
        return words;
    }
    if *again > 0 || waiting == 0 {
        return words;
    }
    words.push_str(&format!(" {}", counted(waiting, "waits", "wait")));
    match (failing, next) {
        (0, None) => words.push_str(": `sightline deliver` sends what is due"),
        (0, Some(next)) => words.push_str(&format!(
            ", the next until {}: `sightline deliver` or a crawl sends it then, and `sightline serve` by itself",
            when::words(next, now)
        )),
        (failing, _) => {
            words.push_str(&format!(
                ", {failing} of them tried in vain before: `sightline deliveries --state pending` says why, and when again."
            ));
            return words;
        }
    }
    words.push_str("; `sightline deliveries --state pending` says what for.");
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_what_was_sent_and_what_waits() {
        let now = Timestamp(1_795_428_000_000);
        let later = now + std::time::Duration::from_secs(300);
        for ((delivered, again, dead, put_back), (waiting, failing, next), expected) in [
            ((0, 0, 0, 0), (0, 0, None), "No message was due."),
            (
                (1, 0, 0, 2),
                (2, 2, None),
                "1 message sent. 2 wait for a channel that was switched off, since its receiver is gone: `sightline channel list`",
            ),
            (
                (1, 0, 0, 0),
                (1, 0, Some(later)),
                "1 message sent. 1 waits, the next until 2026-11-23 10:05:00Z (in 5 minutes): `sightline deliver` or a crawl sends it then",
            ),
            (
                (0, 0, 0, 0),
                (1, 0, None),
                "No message was sent. 1 waits: `sightline deliver` sends",
            ),
            (
                (0, 0, 0, 0),
                (3, 2, Some(later)),
                "No message was sent. 3 wait, 2 of them tried in vain before: `sightline deliveries --state pending`",
            ),
            ((2, 0, 0, 0), (0, 0, None), "2 messages sent."),
            (
                (2, 0, 0, 0),
                (3, 0, None),
                "2 messages sent. 3 wait: `sightline deliver` sends",
            ),
            (
                (1, 1, 0, 0),
                (1, 1, Some(later)),
                "1 message sent, 1 to be tried again, 0 given up",
            ),
        ] {
            let sent = Sent {
                delivered,
                again,
                dead,
                waiting: put_back,
            };
            let left = Left {
                waiting,
                failing,
                next,
                held: Vec::new(),
            };
            let said = sent_in_words(&sent, &left, now);
            let is_whole = waiting > 0 || said == expected;
            assert!(said.starts_with(expected) && is_whole, "{said}");
        }
    }
}
