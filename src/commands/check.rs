//! `sightline check`: the configuration and every source, with each problem at its place.

use std::path::Path;

use clap::Args;
use sightline_alerts::channels::Cause;
use sightline_model::counted;

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::variable,
    configuration::{Configuration, Inspection, Sources, Unsound, environment},
    folders,
    outbox::Channels,
    settings::Settings,
};

/// Check the configuration and every source.
///
/// Shows each problem with file, line, key and what to write instead. Fetches nothing and changes nothing. What may be meant,
/// or be right on the machine that Sightline runs on, such as a secret that is not there, is noted and leaves the exit status
/// at 0; a channel by which nothing can be sent with the secret that is there leaves it at 1. Where something is wrong the exit status is 2, as that of every command that such a configuration keeps from running;
/// a source or a channel that is wrong is left out by itself.
#[derive(Debug, Args)]
pub struct Check {}

/// Shows all problems and notes, or that there are none. With `--json`, one of them a line.
pub fn run(_: Check, context: &Context) -> Ended {
    if !context.config.exists() {
        let file = context.config.display();
        let remedy = "name another with --config FILE, or make one: sightline init";
        return Err(CommandError::Usage(format!(
            "there is no configuration at {file}; {remedy}"
        )));
    }
    let out = context.out;
    let inspection = match Configuration::inspect(&context.config, environment(), &variable) {
        Ok(inspection) => inspection,
        Err(Unsound(problems)) => Inspection {
            configuration: None,
            sources: Sources::default(),
            problems,
            unread: Vec::new(),
            notes: Vec::new(),
        },
    };
    let unread = &inspection.unread;
    for one in inspection
        .problems
        .iter()
        .chain(unread)
        .chain(&inspection.notes)
    {
        out.record(one)?;
    }
    let words = inspection.to_string();
    if !words.is_empty() {
        out.say(words.trim_end_matches('\n'))?;
    }
    let Some(configuration) = &inspection.configuration else {
        return Ok(Status::Unsound);
    };
    let missing = missing_here(configuration);
    for what in &missing.notes {
        out.note(format_args!("On this machine: {what}"));
    }
    if !inspection.problems.is_empty() {
        return Ok(Status::Unsound);
    }
    let settings = &configuration.settings;
    if settings.reviews.channels.is_empty() && !settings.channels.is_empty() {
        out.note(
            "note: owners of entries that are due for review are told only where [reviews.owners] names them; name channels \
             under [reviews] for all others",
        );
    }
    for note in apart(configuration)
        .into_iter()
        .chain(unanswered(configuration))
    {
        out.note(format_args!("note: {note}"));
    }
    out.say(praise(configuration, &inspection.sources, missing.unfit))?;
    Ok(match inspection.unread.is_empty() && missing.unfit == 0 {
        true => Status::Done,
        false => Status::Problems,
    })
}

/// What does not work on this machine, and is no matter of one setting: whose the database is, and what a secret is worth.
struct Missing {
    notes: Vec<String>,
    /// Channels whose secrets are there, and can't be used: nobody is told by them on any machine that has these.
    unfit: usize,
}

fn missing_here(configuration: &Configuration) -> Missing {
    let url = &configuration.settings.store.store.url;
    let mut missing = Vec::new();
    if let Some(file) = url.strip_prefix("sqlite:") {
        let unusable = folders::check_database(Path::new(file)).err();
        missing.extend(
            unusable
                .filter(|unusable| !unusable.is_misplaced())
                .map(|error| error.to_string()),
        );
    }
    let mut unfit_channels = 0;
    match Channels::build(configuration) {
        Ok(channels) => {
            let unusable = channels.unusable.iter();
            // One that is missing is noted where it is named.
            let unfit = unusable.filter(|error| !matches!(error.cause, Cause::Secret(_)));
            let unfit: Vec<String> = unfit.map(ToString::to_string).collect();
            unfit_channels = unfit.len();
            missing.extend(unfit);
        }
        Err(error) => missing.push(error.to_string()),
    }
    Missing {
        notes: missing,
        unfit: unfit_channels,
    }
}

/// That the database stayed behind, where the folder for what is kept was moved: whoever moved it to an encrypted disk meant both.
fn apart(configuration: &Configuration) -> Option<String> {
    let settings = &configuration.settings;
    let defaults = Settings::default().rooted_at(&configuration.folder);
    let is_moved = settings.instance.data != defaults.instance.data;
    let file = settings.store.store.url.strip_prefix("sqlite:")?;
    (is_moved && settings.store.store.url == defaults.store.store.url).then(|| {
        format!(
            "instance.data is {}, and the database is not in it but at {file}; if it is meant to be, stop Sightline, move the file \
             there, and set store.url = \"sqlite:{}\"",
            settings.instance.data.display(),
            settings.instance.data.join("sightline.db").display()
        )
    })
}

/// That nobody is named yet whom a site's operator can write to. While nothing is enabled, nothing is wrong with that.
fn unanswered(configuration: &Configuration) -> Option<String> {
    let is_empty = configuration.settings.fetch.contact.is_empty();
    is_empty.then(|| {
        "fetch.contact is empty: before `sightline source test` and `sightline crawl`, write an address there, by e-mail or on the \
         web, at which operators of sites reach you"
            .to_owned()
    })
}

fn praise(configuration: &Configuration, sources: &Sources, unfit: usize) -> String {
    let file = configuration.file.display();
    let (all, enabled) = (sources.sound.len(), sources.enabled().count());
    if unfit > 0 {
        let channels = counted(unfit, "channel", "channels");
        let sources = counted(all, "source", "sources");
        return format!(
            "{file} and its {sources} can be read, and nothing can be sent by {channels}: see above; {enabled} of {all} enabled."
        );
    }
    match all {
        0 => {
            let folder = configuration.settings.instance.sources.display();
            format!("{file} is sound. There is no source yet: write one into {folder}.")
        }
        _ => {
            let sources = counted(all, "source", "sources");
            format!("{file} and its {sources} are sound; {enabled} of {all} enabled.")
        }
    }
}
