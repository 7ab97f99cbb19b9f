//! `sightline evidence …`: what was kept, as it came, and what convinces others of it.

mod export;
mod show;
mod verify;

use clap::{Args, Subcommand};

use super::{Context, Ended};
use crate::app::App;

/// Look at what was kept, export what lies behind an alert, verify what was exported
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Evidence {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(show::Show),
    Export(export::Export),
    Verify(verify::Verify),
}

/// Runs the command.
pub async fn run(evidence: Evidence, context: &Context) -> Ended {
    match evidence.action {
        Action::Show(show) => show::run(show, &App::open(context).await?, context).await,
        Action::Export(export) => export::run(export, &App::open(context).await?, context).await,
        // Works for whoever was sent a bundle: there is no instance to open.
        Action::Verify(verify) => verify::run(verify, context).await,
    }
}
