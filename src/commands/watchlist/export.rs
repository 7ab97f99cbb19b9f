//! `sightline watchlist export`: a list as CSV that a spreadsheet can open and an import reads back.

use std::{fs::File, io, path::PathBuf};

use clap::Args;
use sightline_watchlists::export;

use super::show::standing;
use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status},
    output::OutputError,
};

/// Write a watchlist as CSV
///
/// `watchlist import` reads it back. Cells that a spreadsheet would take for a formula are written with an apostrophe
/// before them, which the import takes off again. With --json, an entry a line.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The watchlist
    name: String,
    /// The file to write, which must not exist; without it standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(super) async fn run(export: Export, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &export.name).await?;
    let entries = standing(&mut tx, watchlist.id).await?;
    if context.out.is_json() {
        entries
            .iter()
            .try_for_each(|entry| context.out.record(entry))?;
        return Ok(Status::Done);
    }
    match &export.output {
        None => export::write(&entries, io::stdout().lock())
            .map_err(|cause| OutputError::from(io::Error::from(cause)))?,
        Some(path) => {
            let failed = |cause: io::Error| CommandError::failed(path.display(), cause);
            let file = File::create_new(path).map_err(failed)?;
            export::write(&entries, file).map_err(|cause| failed(cause.into()))?;
            context.out.note(format_args!(
                "{} entries written to {}.",
                entries.len(),
                path.display()
            ));
        }
    }
    Ok(Status::Done)
}
