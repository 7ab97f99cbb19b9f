//! The command line as clap reads it: its tree, its help, and the exit status that scripts rely on.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{self, CommandError, Context, Ended, Status, records},
    output::{self, Form, Notes, Output},
};

/// Watches listing sites for the identifiers that investigators of human trafficking look for, and tells them when
/// one comes back.
#[derive(Debug, Parser)]
#[command(
    name = "sightline",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 done, 1 it failed or found problems, 2 wrong usage or configuration.\n\
                  New here? `sightline demo` shows the whole job with nothing to set up."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Global {
    /// The configuration file; relative paths in it are relative to it
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SIGHTLINE_CONFIG",
        default_value = "sightline.toml"
    )]
    config: PathBuf,
    /// Print one JSON object a line and nothing else on standard output
    #[arg(long, global = true)]
    json: bool,
    /// Show neither progress nor notes on standard error
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(commands::init::Init),
    Demo(commands::demo::Demo),
    Check(commands::check::Check),
    Source(commands::source::SourceCommand),
    Crawl(commands::crawl::Crawl),
    Serve(commands::serve::Serve),
    Extract(commands::extract::Extract),
    Eval(commands::eval::Eval),
    Watchlist(Box<commands::watchlist::Watchlist>),
    Hunt(commands::hunt::Hunt),
    #[command(name = "furniture")]
    Furniture(commands::furniture::FurnitureCommand),
    Runs(records::runs::Runs),
    Visits(records::visits::Visits),
    Listings(records::listings::Listings),
    Listing(commands::listing::Listing),
    Observations(records::observations::Observations),
    Sightings(records::sightings::Sightings),
    #[command(name = "sighting")]
    Sighting(commands::sighting::SightingCommand),
    Alerts(records::alerts::Alerts),
    Deliveries(records::deliveries::Deliveries),
    Notices(records::notices::Notices),
    Alert(commands::alert::Alert),
    #[command(name = "channel")]
    Channel(commands::channel::ChannelCommand),
    Deliver(commands::deliver::Deliver),
    Evidence(commands::evidence::Evidence),
    #[command(name = "retention")]
    Retention(commands::retention::RetentionCommand),
    #[command(name = "hold")]
    Hold(commands::hold::HoldCommand),
    Erase(commands::erase::Erase),
    Audit(commands::audit::Audit),
    #[command(name = "account")]
    Account(commands::account::AccountCommand),
    Backup(commands::backup::Backup),
    Restore(commands::restore::Restore),
    Doctor(commands::doctor::Doctor),
}

impl Command {
    async fn run(self, context: &Context) -> Ended {
        match self {
            Self::Init(init) => commands::init::run(init, context),
            Self::Demo(demo) => commands::demo::run(demo, context).await,
            Self::Check(check) => commands::check::run(check, context),
            Self::Source(source) => commands::source::run(source, context).await,
            Self::Crawl(crawl) => commands::crawl::run(crawl, context).await,
            Self::Serve(serve) => commands::serve::run(serve, context).await,
            Self::Extract(extract) => commands::extract::run(extract, context),
            Self::Eval(eval) => commands::eval::run(&eval, context),
            Self::Watchlist(watchlist) => commands::watchlist::run(*watchlist, context).await,
            Self::Hunt(hunt) => commands::hunt::run(hunt, context).await,
            Self::Furniture(furniture) => commands::furniture::run(furniture, context).await,
            Self::Runs(runs) => records::runs::run(runs, context).await,
            Self::Visits(visits) => records::visits::run(visits, context).await,
            Self::Listing(listing) => commands::listing::run(listing, context).await,
            Self::Listings(listings) => records::listings::run(listings, context).await,
            Self::Observations(observations) => {
                records::observations::run(observations, context).await
            }
            Self::Sightings(sightings) => records::sightings::run(sightings, context).await,
            Self::Sighting(sighting) => commands::sighting::run(sighting, context).await,
            Self::Alerts(alerts) => records::alerts::run(alerts, context).await,
            Self::Deliveries(deliveries) => records::deliveries::run(deliveries, context).await,
            Self::Notices(notices) => records::notices::run(notices, context).await,
            Self::Alert(alert) => commands::alert::run(alert, context).await,
            Self::Channel(channel) => commands::channel::run(channel, context).await,
            Self::Deliver(deliver) => commands::deliver::run(deliver, context).await,
            Self::Evidence(evidence) => commands::evidence::run(evidence, context).await,
            Self::Retention(retention) => commands::retention::run(retention, context).await,
            Self::Hold(hold) => commands::hold::run(hold, context).await,
            Self::Erase(erase) => commands::erase::run(erase, context).await,
            Self::Audit(audit) => commands::audit::run(audit, context).await,
            Self::Account(account) => commands::account::run(account, context).await,
            Self::Backup(backup) => commands::backup::run(backup, context).await,
            Self::Restore(restore) => commands::restore::run(restore, context).await,
            Self::Doctor(doctor) => commands::doctor::run(doctor, context).await,
        }
    }
}

/// Reads the command line, runs what it names, and gives the exit status.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let notes = if cli.global.quiet {
        Notes::Hidden
    } else {
        Notes::Shown
    };
    let form = if cli.global.json {
        Form::Json
    } else {
        Form::Text
    };
    let context = Context {
        config: cli.global.config,
        out: Output::new(form, notes),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            output::error(format_args!(
                "the system gives no threads: {cause}; raise its limits"
            ));
            return ExitCode::from(1);
        }
    };
    // A task, so that it runs on the workers like everything it waits for: waking this thread instead would cost two
    // switches for every page.
    let command = runtime.spawn(async move { cli.command.run(&context).await });
    exit_status(match runtime.block_on(command) {
        Ok(ended) => ended,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    })
}

fn exit_status(ended: Ended) -> ExitCode {
    let failure = match ended {
        Ok(Status::Done) => return ExitCode::SUCCESS,
        Ok(Status::Problems) => return ExitCode::from(1),
        Ok(Status::Unsound) => return ExitCode::from(2),
        Err(failure) => failure,
    };
    match failure {
        CommandError::Output(gone) if gone.is_broken_pipe() => ExitCode::SUCCESS,
        CommandError::Usage(message) => {
            output::error(message);
            ExitCode::from(2)
        }
        failure => {
            output::error(failure);
            ExitCode::from(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }
}
