//! `sightline audit …`: who did what, and proof that the log of it was not changed.

mod list;
mod show;
mod verify;

pub(crate) use verify::in_words;

use clap::{Args, Subcommand};

use super::{Context, Ended};
use crate::app::App;

/// Read the audit log, sign what it is, and tell whether it was changed
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Verify(verify::Verify),
    Checkpoint(verify::Sign),
    Digest(show::DigestOf),
}

/// Runs the command.
pub async fn run(audit: Audit, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match audit.action {
        Action::List(list) => list::run(list, &app, context).await,
        Action::Show(show) => show::run(show, &app, context).await,
        Action::Verify(verify) => verify::run(verify, &app, context).await,
        Action::Checkpoint(sign) => verify::sign(sign, &app, context).await,
        Action::Digest(text) => show::digest(text, &app, context).await,
    }
}
