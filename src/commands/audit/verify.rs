//! `sightline audit verify` and `checkpoint`: whether the log is what was done and what was signed, and signing it now.

use std::path::PathBuf;

use clap::Args;
use sightline_model::counted;
use sightline_proof::{
    checkpoint::{Ledger, key_of},
    key::PublicKey,
    notary::{NotSigned, Verdict},
};
use sightline_store::audit::{Fault, Report};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, by},
    output::inert,
};

/// Tell whether the audit log was changed, from its first deed to its last
///
/// Each deed carries the hash of the one before it and its own, so a deed that was changed, put in, moved or taken out is
/// found, and the first that does not fit is named. That the last deeds were cut off, or the whole log written anew, only
/// signed checkpoints tell: they are in a file outside the database. The exit status is 1 where anything is wrong.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file of signed checkpoints, if not the instance's own: a copy that is kept elsewhere
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
    /// Another key that has signed checkpoints, such as the one before a restore: as the deed `key.make` gives it
    #[arg(long, value_name = "KEY", value_parser = key)]
    key: Vec<PublicKey>,
}

/// Sign what the audit log is now, as `serve` does each hour
///
/// The checkpoint is appended to the file outside the database, and sent to the witness if there is one
/// (`proof.checkpoint_url`). Where nothing was done since the last one, there is nothing to sign. The whole log is verified first,
/// and one that was changed is not signed.
#[derive(Debug, Args)]
pub(super) struct Sign {
    /// Sign though the log was changed, or has lost its head or the deed of its key, or the file of checkpoints is lost, or the
    /// instance's key, as after a restore: why that is in order. It is kept in the log, with what was wrong
    #[arg(long, value_name = "REASON")]
    despite: Option<String>,
}

fn key(text: &str) -> Result<PublicKey, String> {
    key_of(text.trim()).ok_or_else(|| {
        "a key is NAME+ID+KEY; `sightline audit list --what key.make` shows those of this instance"
            .to_owned()
    })
}

/// Runs `verify`.
pub(super) async fn run(verify: Verify, app: &App, context: &Context) -> Ended {
    let ledger = match verify.checkpoints {
        Some(path) if !path.exists() => {
            return Err(CommandError::Usage(format!(
                "{} is not there; name the file of checkpoints",
                path.display()
            )));
        }
        Some(path) => Some(Ledger::at(path)),
        None => None,
    };
    let notary = app.notary()?;
    let Verdict {
        report,
        passed_over,
    } = notary.verify(ledger.as_ref(), &verify.key).await?;
    context.out.record(&serde_json::json!({
        "verified": report.fault.is_none(),
        "fault": report.fault.as_ref().map(ToString::to_string),
        "deeds": report.size,
        "first": report.start,
        "checkpoints": report.met,
        "vouched": report.vouched,
        "passed_over": passed_over.iter().map(|(nth, _)| nth).collect::<Vec<_>>(),
    }))?;
    let file = ledger.as_ref().unwrap_or(&notary.ledger).path().display();
    let file = inert::line(&file.to_string()).into_owned();
    context.out.say(in_words(&report, &file))?;
    for (nth, why) in &passed_over {
        context.out.say(format_args!(
            "{file}: checkpoint {nth} is passed over: {why}. If it was signed by an earlier key of this instance, name that with --key."
        ))?;
    }
    Ok(match (report.fault, passed_over.is_empty()) {
        (None, true) => Status::Done,
        _ => Status::Problems,
    })
}

/// What was found, in words.
pub(crate) fn in_words(report: &Report, file: &str) -> String {
    if let Some(fault) = &report.fault {
        return format!(
            "The audit log is not what was done: {fault}.\n{}",
            remedy(fault)
        );
    }
    let deeds = counted(report.size, "deed", "deeds");
    let purged = match report.start {
        0 => String::new(),
        start => format!(" The first {start} were purged, as was signed."),
    };
    match report.met {
        0 => format!(
            "The audit log is one unbroken chain of {deeds}.{purged}\nNo checkpoint was signed yet ({file}), so a tail that was \
             cut off would not show: `sightline audit checkpoint` signs one."
        ),
        met => format!(
            "The audit log is one unbroken chain of {deeds}.{purged}\nIt is what {} in {file}, up to the first {}.",
            match met {
                1 => "1 checkpoint says".to_owned(),
                _ => format!("{met} checkpoints say"),
            },
            counted(report.vouched, "deed", "deeds")
        ),
    }
}

/// What to do about a log that is not what it should be.
fn remedy(fault: &Fault) -> &'static str {
    match fault {
        // Checkpoints and the key are in no backup, so it is so after every restore.
        Fault::Behind { .. }
        | Fault::KeyGone
        | Fault::KeyAnew
        | Fault::KeyLost
        | Fault::Strange
        | Fault::Start { .. } => {
            "If this store was restored from a backup, or the disk died: bring `signing.key` and the file of checkpoints of then back \
             from where they are kept; if they are lost, say why with `sightline audit checkpoint --despite REASON`.\n\
             If not: stop Sightline, keep the store as it is, and compare it with a backup."
        }
        Fault::Tail { .. } => {
            "If this store was restored from a backup: put the file of checkpoints aside, keep it, and say why with \
             `sightline audit checkpoint --despite REASON`.\n\
             If not: stop Sightline, keep the store as it is, and compare it with a backup."
        }
        Fault::HeadLost => {
            "If it is known why: say so with `sightline audit checkpoint --despite REASON`.\n\
             If not: stop Sightline, keep the store as it is, and compare it with a backup."
        }
        Fault::NoChain
        | Fault::Changed { .. }
        | Fault::Unlinked { .. }
        | Fault::Missing { .. }
        | Fault::Cut { .. }
        | Fault::Foreign { .. }
        | Fault::Head
        | Fault::Signed { .. }
        | Fault::Unpurged { .. } => {
            "Stop Sightline, keep the store as it is, and compare it with a backup."
        }
    }
}

/// Runs `checkpoint`.
pub(super) async fn sign(sign: Sign, app: &App, context: &Context) -> Ended {
    let notary = app.notary()?;
    let now = app.clock.now();
    let signed = match sign.despite.as_deref().map(str::trim) {
        Some("") => return Err(CommandError::Usage("say why with --despite".to_owned())),
        Some(why) => notary.sign_despite(why, &by(now)).await?,
        None => notary.sign(now).await?,
    };
    let Some(noted) = signed else {
        context.out.record(&serde_json::json!({"signed": false}))?;
        context
            .out
            .say("Nothing was done since the last checkpoint.")?;
        return Ok(Status::Done);
    };
    context.out.record(&serde_json::json!({
        "signed": noted.is_new,
        "deeds": noted.size,
        "note": noted.note,
        "unsent": noted.unsent,
    }))?;
    context.out.say(format_args!(
        "{} signed, in {}.{}",
        counted(noted.size, "deed is", "deeds are"),
        inert::line(&notary.ledger.path().display().to_string()),
        match noted.is_new {
            true => "",
            false => " The witness was sent it once more.",
        }
    ))?;
    match noted.unsent {
        None => Ok(Status::Done),
        Some(why) => Err(CommandError::Failed(format!(
            "the witness has not got it: {}; it is sent it again with the next one, or by `serve` within an hour",
            inert::line(&why)
        ))),
    }
}

impl From<NotSigned> for CommandError {
    fn from(error: NotSigned) -> Self {
        match error {
            NotSigned::Store(error) => Self::Store(error),
            other => Self::Failed(other.to_string()),
        }
    }
}
