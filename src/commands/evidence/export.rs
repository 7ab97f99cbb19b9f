//! `sightline evidence export`: all that lies behind an alert, in one file that tells if a bit of it was changed.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use sightline_model::{AlertId, Tlp, counted};
use sightline_proof::case::{NotExported, Notes, marked};

use crate::{
    app::App,
    commands::{Beginning, CommandError, Context, Ended, Status, by},
    output::{inert, new_file, tell},
};

/// Export all that lies behind an alert: captures as they came, images, readings, who saw it, signed, in one zip file
///
/// The file is a bag (BagIt, RFC 8493) with a letter to the judge in data/README.txt. `sightline evidence verify` tells
/// whether it was changed since, and so does docs/verify_bundle.py without Sightline. That it was exported is in the audit
/// log. It holds what is known of people: keep it as safe as the instance.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The alert's id, or the beginning of it
    alert: Beginning<AlertId>,
    /// The file to write, which must not exist
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Leave out what people wrote for themselves: notes and tags of entries, comments on the alert
    #[arg(long)]
    without_notes: bool,
}

/// Runs the command.
pub(super) async fn run(export: Export, app: &App, context: &Context) -> Ended {
    let alert: AlertId = export.alert.found(&mut app.read().await?).await?;
    // Tried first: what can't be written must not stand in the audit log.
    let file = new_file::begin(&export.output).map_err(CommandError::Failed)?;
    let archive = Arc::new(app.archive()?);
    let mut exporter = app.exporter()?;
    if export.without_notes {
        exporter.notes = Notes::LeftOut;
    }
    let exported = exporter
        .export(alert, &by(app.clock.now()), "command line", archive)
        .await?;
    file.finish(&exported.file).map_err(CommandError::Failed)?;
    let sealed = &exported.sealed;
    if let Some(why) = &exported.unstamped {
        tell(format_args!("It has no time stamp: {}", inert::line(why)));
    }
    let again = exported.again;
    let faults = exported.faults();
    for fault in &faults {
        tell(format_args!(
            "It shows a fault: {}. Compare the store with a backup.",
            inert::line(fault)
        ));
    }
    if let Some(marking) = exported
        .marking
        .filter(|marking| *marking >= Tlp::AmberStrict)
    {
        tell(format_args!(
            "What it is about is marked {}: see that whoever gets it may have it.",
            marked(marking)
        ));
    }
    context.out.record(&serde_json::json!({
        "file": export.output,
        "alert": alert,
        "files": sealed.files,
        "bytes": sealed.length,
        "digest": sealed.digest,
        "signed_by": sealed.signed_by,
        "unstamped": exported.unstamped,
        "read_again": {"same": again.same, "differ": again.differ, "not_compared": again.not_compared},
        "log_fault": exported.log_fault,
    }))?;
    context.out.say(format_args!(
        "{} holds {}, {}, signed by the key\n  {}\nTell the receiver that fingerprint by another way. To verify:\n  \
         sightline evidence verify {} --key {}",
        export.output.display(),
        counted(sealed.files, "file", "files"),
        counted(sealed.length, "byte", "bytes"),
        sealed.signed_by,
        export.output.display(),
        sealed.signed_by
    ))?;
    Ok(match faults.is_empty() {
        true => Status::Done,
        false => Status::Problems,
    })
}

impl From<NotExported> for CommandError {
    fn from(error: NotExported) -> Self {
        match error {
            NotExported::Refused(refused) => refused.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}
