//! `sightline check`: the configuration and every source, with each problem at its place.

use std::path::Path;

use clap::Args;

use super::{CommandError, Context, Ended, Status};
use crate::{
    app,
    configuration::{Configuration, environment},
    folders,
    outbox::Channels,
    warning_lists,
};

/// Check the configuration and every source.
///
/// Shows each problem with file, line, key and what to write instead. Fetches nothing and changes nothing. A secret that
/// is not there is noted, and leaves the exit status at 0: it may be there on the machine that Sightline runs on. Where
/// something is wrong the exit status is 2, as that of every command that such a configuration keeps from running.
#[derive(Debug, Args)]
pub struct Check {}

/// Shows all problems, or that there are none. With `--json`, one problem a line.
pub fn run(_: Check, context: &Context) -> Ended {
    if !context.config.exists() {
        let file = context.config.display();
        let remedy = "name another with --config FILE, or make one: sightline init";
        return Err(CommandError::Usage(format!(
            "there is no configuration at {file}; {remedy}"
        )));
    }
    let unsound = match Configuration::inspect(&context.config, environment()) {
        Ok(configuration) => {
            context.out.say(praise(&configuration))?;
            for missing in missing_here(&configuration) {
                context.out.note(format_args!("On this machine: {missing}"));
            }
            let (_, problems) = warning_lists::read(&configuration);
            for problem in &problems {
                context
                    .out
                    .record(&serde_json::json!({"message": problem}))?;
                context.out.say(problem)?;
            }
            return Ok(match problems.is_empty() {
                true => Status::Done,
                false => Status::Problems,
            });
        }
        Err(unsound) => unsound,
    };
    for problem in &unsound.0 {
        context.out.record(problem)?;
    }
    context.out.say(&unsound)?;
    Ok(Status::Unsound)
}

/// What this machine does not have of what the configuration names: secrets and certificates, each with what to do.
fn missing_here(configuration: &Configuration) -> Vec<String> {
    let mut missing = Vec::new();
    if let Some(file) = configuration
        .settings
        .store
        .store
        .url
        .strip_prefix("sqlite:")
    {
        let file = Path::new(file);
        // The folder for what is kept is made at the first start.
        let is_made_later = file.parent() == Some(&configuration.settings.instance.data);
        let unusable = folders::check_database(file).err();
        missing.extend(
            unusable
                .filter(|_| !is_made_later)
                .map(|error| error.to_string()),
        );
    }
    missing.extend(
        app::store_password(configuration)
            .err()
            .map(|error| error.to_string()),
    );
    match Channels::build(configuration) {
        Ok(channels) => missing.extend(channels.unusable.iter().map(ToString::to_string)),
        Err(error) => missing.push(error.to_string()),
    }
    let passwords = app::missing_passwords(configuration);
    missing.extend(
        passwords
            .iter()
            .map(|missing| format!("{missing}; until then this source is not crawled")),
    );
    missing
}

fn praise(configuration: &Configuration) -> String {
    let file = configuration.file.display();
    let enabled = configuration
        .sources
        .values()
        .filter(|source| source.is_enabled())
        .count();
    match configuration.sources.len() {
        0 => {
            let folder = configuration.settings.instance.sources.display();
            format!("{file} is sound. There is no source yet: write one into {folder}.")
        }
        1 => format!("{file} and its one source are sound; {enabled} of 1 enabled."),
        all => format!("{file} and its {all} sources are sound; {enabled} of {all} enabled."),
    }
}
