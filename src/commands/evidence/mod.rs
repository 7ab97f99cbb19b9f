//! `sightline evidence …`: what was kept, as it came.

mod show;

use clap::{Args, Subcommand};

use super::{Context, Ended};
use crate::app::App;

/// Look at what was kept, as it came
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Evidence {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(show::Show),
}

/// Runs the command.
pub async fn run(evidence: Evidence, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match evidence.action {
        Action::Show(show) => show::run(show, &app, context).await,
    }
}
