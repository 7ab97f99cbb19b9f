//! `sightline doctor`: what is wrong with an instance, and what to do about it.

mod endpoints;
mod evidence;
mod kept;
mod machine;
mod patterns;
mod stored;

pub(super) use evidence::damaged;

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Clock as _, SystemClock, counted};
use sightline_store::{MEND, StoreError};

use super::{CommandError, Context, Ended, Status};
use crate::{
    app::{self, App, AppError, secrets},
    configuration::Configuration,
    data_folder::DataFolderError,
    output::{self, Tint, inert},
};

/// Look for what is wrong, and say what to do about it
///
/// Checks the configuration, its secrets, the store, the evidence against its digests, the channels, the clock, disk
/// space and permissions. Changes nothing of what is kept, and makes no store where there is none; that of an older version it brings
/// up to date. The exit status is 1 where something is wrong; a warning leaves it at 0.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Verify every capture, not a sample of 500: as long as reading the whole archive takes
    #[arg(long)]
    all: bool,
}

/// What one check found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    /// How it is.
    verdict: Verdict,
    /// What was found.
    finding: String,
    /// What to do; empty where nothing is to be done.
    remedy: String,
}

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

impl Finding {
    fn good(check: &'static str, finding: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Good,
            finding: finding.into(),
            remedy: String::new(),
        }
    }

    fn warning(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Warning,
            finding: finding.into(),
            remedy: remedy.into(),
        }
    }

    fn bad(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Bad,
            finding: finding.into(),
            remedy: remedy.into(),
        }
    }
}

/// Runs the command.
pub async fn run(doctor: Doctor, context: &Context) -> Ended {
    let settings = app::configuration(&context.config)?;
    let findings = match App::open_if_made(&settings).await {
        Ok(Some(app)) => examine(&app, &doctor).await?,
        Ok(None) => without_store(&settings).await,
        Err(AppError::DataFolder(error @ DataFolderError::StoreGone { .. })) => {
            vec![Finding::bad("store", error.to_string(), "")]
        }
        // It is the store that can't be asked about the folder.
        Err(AppError::DataFolder(DataFolderError::Store(error))) => {
            vec![Finding::bad("store", error.to_string(), "")]
        }
        Err(AppError::DataFolder(error)) => {
            vec![Finding::bad("data folder", error.to_string(), "")]
        }
        Err(error) => vec![Finding::bad("store", error.to_string(), remedy(&error))],
    };
    let is_bad = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Bad);
    context.out.records(&findings, table, "")?;
    let warnings = findings.iter();
    let warnings = warnings.filter(|finding| finding.verdict == Verdict::Warning);
    context.out.note(match (is_bad, warnings.count()) {
        (true, _) => "Something is wrong; see above.".to_owned(),
        (false, 0) => "Nothing is wrong.".to_owned(),
        (false, count) => format!(
            "Nothing is broken; {} worth a look, see above.",
            counted(count, "thing is", "things are")
        ),
    });
    Ok(if is_bad {
        Status::Problems
    } else {
        Status::Done
    })
}

/// What to do where the instance can't be opened, and the error does not say so itself.
fn remedy(error: &AppError) -> String {
    match error {
        // It says what to do itself.
        AppError::Store(error) if error.is_damaged() => String::new(),
        AppError::Store(StoreError::Open { .. }) => {
            format!("if the database is there and may be read, it may be damaged: {MEND}")
        }
        _ => String::new(),
    }
}

/// What can be said of an instance that has no store: it is new, or gone without a trace.
async fn without_store(settings: &Configuration) -> Vec<Finding> {
    let (store, data) = (
        &settings.settings.store.store.url,
        &settings.settings.instance.data,
    );
    let is_new =
        "if this instance is new, all is well: the first command that needs a store makes one";
    let restore = "if there was one, end here and bring the latest backup back: sightline restore";
    let mut findings = configuration(settings);
    findings.push(match data.exists() {
        true => Finding::warning(
            "store",
            format!("there is none yet at {store}"),
            format!("{is_new}; {restore}"),
        ),
        false => Finding::bad(
            "data folder",
            format!("{} is not there, and no store at {store}", data.display()),
            format!("{restore}; {is_new}, and the folder"),
        ),
    });
    findings.extend(machine::changeable(settings));
    findings.extend(endpoints::examine(settings, SystemClock.now()).await);
    findings
}

async fn examine(app: &App, doctor: &Doctor) -> Result<Vec<Finding>, CommandError> {
    let mut findings = configuration(&app.configuration);
    findings.extend(machine::examine(app).await?);
    findings.extend(stored::examine(app).await?);
    findings.extend(patterns::examine(app).await?);
    findings.extend(kept::examine(app).await?);
    findings.extend(endpoints::examine(&app.configuration, app.clock.now()).await);
    let share = if doctor.all {
        evidence::Share::All
    } else {
        evidence::Share::Sample
    };
    findings.push(evidence::examine(app, share).await?);
    Ok(findings)
}

/// The settings are sound, or nothing could be examined. Each source that is not is a finding of its own.
fn configuration(settings: &Configuration) -> Vec<Finding> {
    let sources = match settings.sources() {
        Ok(sources) => sources,
        Err(unsound) => {
            let problems = unsound.0.into_iter();
            return problems
                .map(|one| Finding::bad("configuration", one.message, one.remedy))
                .collect();
        }
    };
    let sound = counted(sources.sound.len(), "source", "sources");
    let mut findings = vec![match sources.broken.len() {
        0 => Finding::good("configuration", format!("sound, with {sound}")),
        broken => Finding::bad(
            "configuration",
            format!(
                "{sound} can be read, {} broken",
                counted(broken, "source is", "sources are")
            ),
            "each is named below",
        ),
    }];
    findings.extend(sources.broken.iter().map(|broken| {
        let remedy = "`sightline check` says what to write instead; until then it is not crawled";
        Finding::bad("sources", broken.to_string(), remedy)
    }));
    let sound = sources.sound.values();
    let no_password = sound.filter_map(|source| source.access(secrets(settings)).err());
    findings.extend(no_password.map(|error| {
        let remedy = "until this is put right, this source is not crawled; the others are";
        Finding::bad("sources", error.to_string(), remedy)
    }));
    findings
}

fn table(findings: &[Finding]) -> Table {
    let mut table = output::table(["check", "", "found", "what to do"]);
    for finding in findings {
        let (word, tint) = match finding.verdict {
            Verdict::Good => ("good", Tint::Good),
            Verdict::Warning => ("look", Tint::Warning),
            Verdict::Bad => ("bad", Tint::Bad),
        };
        table.add_row(vec![
            finding.check.into(),
            output::tinted(word, tint),
            inert::lines(&finding.finding).into(),
            inert::lines(&finding.remedy).into(),
        ]);
    }
    table
}
