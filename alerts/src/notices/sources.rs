//! When a source is in trouble, and what operators are told of it.

use sightline_model::{Fault, NoticeKind, RunOutcome, SourceId, Timestamp};

use super::operators::{OperatorSettings, Trouble};

/// What is wrong with a source whose run is held up until then by a site that asks to be left alone, and so many planned runs
/// with it: nothing, as long as they are few.
pub fn held_trouble(
    source: SourceId,
    name: &str,
    (planned, until): (u32, Timestamp),
    settings: &OperatorSettings,
) -> Option<Trouble> {
    if planned < settings.failing_runs {
        return None;
    }
    let runs = match planned {
        1 => "the run that was planned".to_owned(),
        _ => format!("all {planned} runs that were planned since"),
    };
    Some(Trouble {
        kind: NoticeKind::SourceFailing,
        subject: source.to_string(),
        channel: None,
        fault: Fault {
            name: name.to_owned(),
            count: planned,
            what: format!(
                "the source {name} is held up: its site asks to be left alone, for now until {}, and so {runs} could not go on",
                until.to_utc().format("%Y-%m-%d %H:%M:%SZ")
            ),
            remedy: format!(
                "`sightline visits --source {name}` says how it answers; plan fewer runs, slow down, or write to its operator"
            ),
            ..Fault::default()
        },
    })
}

/// What is wrong with a source whose last runs ended like this, the latest first: one that refuses is in trouble at once,
/// one that fails or gives nothing after so many runs in a row as the settings say. Runs that were skipped say nothing.
pub fn source_trouble(
    source: SourceId,
    name: &str,
    ended: &[RunOutcome],
    settings: &OperatorSettings,
) -> Option<Trouble> {
    let said = |outcome: &&RunOutcome| **outcome != RunOutcome::Skipped;
    let in_a_row: Vec<RunOutcome> = ended
        .iter()
        .filter(said)
        .copied()
        .take_while(|outcome| {
            use RunOutcome::*;
            matches!(outcome, Failed | Blocked | Empty)
        })
        .collect();
    let count = u32::try_from(in_a_row.len()).unwrap_or(u32::MAX);
    let last = *in_a_row.first()?;
    if last != RunOutcome::Blocked && count < settings.failing_runs {
        return None;
    }
    let runs = match count {
        1 => "its last run".to_owned(),
        _ => format!("its last {count} runs"),
    };
    let all = |outcome| in_a_row.iter().all(|one| *one == outcome);
    let what = if last == RunOutcome::Blocked {
        format!("the source {name} refuses to be crawled")
    } else if all(RunOutcome::Failed) {
        format!("the source {name} gives no page: {runs} failed")
    } else if all(RunOutcome::Empty) {
        format!("the source {name} gives no listing: {runs} found none")
    } else {
        format!("the source {name} gives nothing: {runs} failed or found no listing")
    };
    let remedy = match last {
        RunOutcome::Blocked => format!(
            "`sightline visits --source {name}` says how; slow down, or write to its operator, and do not try to get round it"
        ),
        RunOutcome::Empty => format!(
            "the site may have changed its pages, or shows a log-in or a notice in their place: look at an ad in a browser, `sightline source test {name}`, and mend the profile"
        ),
        _ => format!("`sightline visits --source {name}` says why"),
    };
    Some(Trouble {
        kind: NoticeKind::SourceFailing,
        subject: source.to_string(),
        channel: None,
        fault: Fault {
            name: name.to_owned(),
            count,
            what,
            remedy,
            ..Fault::default()
        },
    })
}
