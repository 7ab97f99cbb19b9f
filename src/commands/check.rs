//! `sightline check`: the configuration and every source, with each problem at its place.

use clap::Args;

use super::{CommandError, Context, Ended, Status};
use crate::configuration::{Configuration, environment};

/// Check the configuration and every source.
///
/// Shows each problem with file, line, key and what to write instead. Fetches nothing and changes nothing.
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
    let unsound = match Configuration::load(&context.config, environment()) {
        Ok(configuration) => {
            context.out.say(praise(&configuration))?;
            return Ok(Status::Done);
        }
        Err(unsound) => unsound,
    };
    for problem in &unsound.0 {
        context.out.record(problem)?;
    }
    context.out.say(&unsound)?;
    Ok(Status::Problems)
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
