//! The file of a source as people and programs see it at the desk: what it says, and what a text would come to in its place.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_config::{Located, Place};
use sightline_model::{Problem, SourceId, Timestamp};
use sightline_pipeline::{
    desk::NotSaved,
    files::SourceFile,
    source::Source,
    upcoming::{Outlook, Upcoming, outlook},
};
use sightline_store::sources;

use crate::{Console, Error};

/// Instants of the plan that are shown.
pub(crate) const PLANNED: usize = 10;

/// Something that is wrong, or may be, with the line on which it stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceProblem")]
pub(crate) struct Told {
    /// The line, counted from 1; null where it is of the whole.
    pub line: Option<usize>,
    /// The path of keys: `schedule.cron`. Empty for the whole.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

impl Told {
    fn of(located: &Located) -> Self {
        Self {
            line: match located.place {
                Place::Line { line, .. } => Some(line),
                _ => None,
            },
            key: located.key.clone(),
            message: located.message.clone(),
            remedy: located.remedy.clone(),
        }
    }

    /// The same as a problem of the field that the text stands in.
    fn at(self, field: &str) -> Problem {
        let line = self.line.map(|line| format!("line {line}: "));
        let message = format!("{}{}", line.unwrap_or_default(), self.message);
        Problem::new(field, message, self.remedy)
    }
}

/// An instant that a run is planned for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlannedRun")]
pub(crate) struct Planned {
    /// When.
    pub at: Timestamp,
    /// What the clock of the source's zone shows then.
    pub shown: String,
    /// Where that clock skips a time of the schedule or shows it twice, and this is what comes of it: which, and what does.
    pub warning: Option<String>,
}

impl From<Upcoming> for Planned {
    fn from(one: Upcoming) -> Self {
        Self {
            at: one.at,
            shown: one.shown,
            warning: one.warning,
        }
    }
}

/// The next instants of a source, and what its clock does to a later one.
#[derive(Default)]
pub(crate) struct Plan {
    pub next: Vec<Planned>,
    pub ahead: Option<String>,
}

/// What comes next of a source.
pub(crate) fn planned(console: &Console, source: &Source) -> Plan {
    let Outlook { next, ahead } = outlook(source, console.now(), PLANNED);
    Plan {
        next: next.into_iter().map(Into::into).collect(),
        ahead,
    }
}

/// What a text comes to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceVerdict")]
pub(crate) struct Verdict {
    /// What is wrong with it; nothing where it is sound.
    pub problems: Vec<Told>,
    /// What is to be minded, though it is not wrong.
    pub advice: Option<Told>,
    /// Its next ten runs; none where it is wrong or has no schedule.
    pub plan: Vec<Planned>,
    /// Where the clock touches none of these: the first later time of the schedule that it skips or shows twice, within 13
    /// months, and what comes of it.
    pub ahead: Option<String>,
    /// Whose clock they go by.
    pub zone: String,
    /// True where it would be crawled by its schedule.
    pub is_enabled: bool,
}

impl Verdict {
    /// What this text would come to in place of what the file says.
    pub(crate) fn of(console: &Console, (name, file): (&str, &SourceFile), text: &str) -> Self {
        let parts = &console.parts;
        let (source, advice) = parts.desk.judge(&parts.instance, name, file, text);
        let problems = source.as_ref().err().into_iter().flatten().map(Told::of);
        let problems = problems.collect();
        let source = source.ok();
        let plan = source.as_ref().map(|source| planned(console, source));
        let Plan { next, ahead } = plan.unwrap_or_default();
        Self {
            problems,
            advice: advice.as_ref().map(Told::of),
            plan: next,
            ahead,
            is_enabled: source.as_ref().is_some_and(Source::is_enabled),
            zone: source.map_or_else(String::new, |source| source.settings.schedule.zone),
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What is wrong with a file, as problems of the field that it was written in.
pub(crate) fn at_field(field: &str, problems: &[Located]) -> Vec<Problem> {
    let told = problems.iter().map(Told::of);
    told.map(|one| one.at(field)).collect()
}

/// The name of a source, and its file.
pub(crate) async fn at_hand(
    console: &Console,
    id: SourceId,
) -> Result<(String, SourceFile), Error> {
    let mut tx = console.read().await?;
    let row = sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let name = row.definition.name;
    let file = console.parts.desk.file(&name).map_err(refused)?;
    Ok((name, file))
}

/// A file that can't be had, or written: what is told where there is no better place for it.
pub(crate) fn refused(error: NotSaved) -> Error {
    match error {
        NotSaved::Gone => Error::Conflict(
            "This machine has no file of the source: it was taken away, or lies on another. Put one into the folder of sources, and start the service anew."
                .to_owned(),
        ),
        NotSaved::Store(error) => error.into(),
        NotSaved::Pipeline(error) => error.into(),
        error => Error::Conflict(format!("{error}.")),
    }
}
