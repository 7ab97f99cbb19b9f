//! `sightline watchlist export`: a list as a file for others, which an import reads back.

use std::{io, path::PathBuf};

use clap::Args;
use sightline_model::{Entry, EntryId, EntryStanding, Kind, Tlp, counted};
use sightline_store::entries::changes;
use sightline_watchlists::{
    export::{self, ExportError},
    import::Format,
};

use super::show::standing;
use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status},
    output::{OutputError, new_file},
};

/// Write a watchlist as CSV, XLSX, STIX 2.1, a MISP event or a plain list
///
/// `watchlist import` reads each of them back. Every format carries the marking of every entry (TLP 2.0); what is marked
/// red is left out, and counted, unless you say --max-tlp red. Cells of CSV that a spreadsheet would take for a formula
/// are written with an apostrophe before them, which the import takes off again. With --json, an entry a line.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline watchlist export 'Operation Lotus' -o lotus.xlsx\n  \
    sightline watchlist export 'Operation Lotus' --format stix --max-tlp green -o lotus.json\n  \
    sightline watchlist export 'Operation Lotus' --format misp -o event.json")]
pub(super) struct Export {
    /// The watchlist
    name: String,
    /// The file to write, which must not exist; only its owner may read it (0600). Without it standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The format: csv, xlsx, stix, misp or plain. Without it the one that the file's name ends with, else csv
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// The strictest marking that is written: clear, green, amber, amber_strict or red
    #[arg(long, value_name = "WORD", default_value = "amber_strict")]
    max_tlp: Tlp,
    /// Only entries of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
}

/// Runs the command.
pub(super) async fn run(export: Export, app: &App, context: &Context) -> Ended {
    let watchlist = super::named(&mut app.read().await?, &export.name).await?;
    app.log_read("export.entries", &watchlist.id.to_string())
        .await?;
    let mut tx = app.read().await?;
    let mut entries = standing(&mut tx, watchlist.id).await?;
    entries.retain(|entry| export.kind.is_none_or(|kind| entry.selector.kind == kind));
    let (mut entries, too_strict) = export::within(entries, export.max_tlp);
    let tell_of_marking = || {
        if too_strict > 0 {
            context.out.note(format_args!(
                "{} left out, being marked more strictly than {} (see --max-tlp).",
                counted(too_strict, "entry was", "entries were"),
                export.max_tlp
            ));
        }
    };
    if context.out.is_json() && export.format.is_none() {
        entries
            .iter()
            .try_for_each(|entry| context.out.record(entry))?;
        tell_of_marking();
        return Ok(Status::Done);
    }
    let named = export.output.as_deref().and_then(Format::of_name);
    let format = export.format.or(named).unwrap_or(Format::Csv);
    let all = entries.len();
    let now = app.clock.now();
    let is_over = |entry: &Entry| entry.standing(now) == EntryStanding::Expired;
    let expired = entries.iter().filter(|entry| is_over(entry)).count();
    entries.retain(|entry| export::holds(format, entry, now));
    let drafts = all - entries.len() - expired;
    let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
    let changed = changes::last(&mut tx, &ids).await?;
    let written = export::Export {
        watchlist: &watchlist,
        entries: &entries,
        changed: &changed,
        now,
    };
    match &export.output {
        None => match export::write(format, &written, io::stdout().lock()) {
            Ok(()) => {}
            Err(ExportError::Output(cause)) => return Err(OutputError::from(cause).into()),
            Err(cause) => return Err(CommandError::failed(&watchlist.name, in_words(&cause))),
        },
        Some(path) => {
            let file = new_file::begin(path).map_err(CommandError::Failed)?;
            let mut bytes = Vec::new();
            export::write(format, &written, &mut bytes)
                .map_err(|cause| CommandError::failed(path.display(), in_words(&cause)))?;
            file.finish(&bytes[..]).map_err(CommandError::Failed)?;
            context.out.note(format_args!(
                "{} written to {}.",
                counted(entries.len(), "entry", "entries"),
                path.display()
            ));
        }
    }
    tell_of_marking();
    if drafts > 0 {
        context.out.note(format_args!(
            "{} left out: {format} has no word for drafts.",
            counted(drafts, "entry was", "entries were")
        ));
    }
    if expired > 0 {
        context.out.note(format_args!(
            "{} left out, having expired: whoever gets the file would look for it again.",
            counted(expired, "entry was", "entries were")
        ));
    }
    Ok(Status::Done)
}

/// Why it can't be written, and by which option that is changed.
fn in_words(cause: &ExportError) -> String {
    match cause {
        ExportError::SeveralKinds { .. } => format!("{cause} (--kind)"),
        _ => cause.to_string(),
    }
}
