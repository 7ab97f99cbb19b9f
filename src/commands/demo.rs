//! `sightline demo`: the whole job with nothing to set up.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Ended, Status};
use crate::demo;

/// See the whole job done, with nothing to set up
///
/// A small board of invented offers on 127.0.0.1, a watchlist, three crawls over six weeks of the demonstration's own
/// clock while the offers change, and then what was found, which alerts were raised and why, the letters, and the
/// signed webhooks. Takes a few seconds and connects to nothing but this machine.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the instance in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Runs the command.
pub async fn run(ask: Demo, context: &Context) -> Ended {
    demo::tell(ask.keep.as_deref(), context.out).await?;
    Ok(Status::Done)
}
