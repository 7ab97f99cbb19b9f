//! `sightline retention …`: for how long what is kept is kept, and taking out what has been kept for long enough.

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Timestamp, counted};
use sightline_pipeline::{
    PipelineError,
    retention::{Compacted, Keeping, Purge, Purged, purge},
};
use sightline_store::purges::{self, Class, Receipt};

use super::{CommandError, Context, Ended, Status, by, who};
use crate::{
    app::App,
    output::{self, inert},
};

/// What a count before a purge does not tell.
const MORE: &str = "At least: what goes of one class frees what it stood on in the next, and a body that others repeat goes after them.";
/// Receipts that are shown at most.
const SHOWN: u32 = 50;

/// Show for how long what is kept is kept, and take out what has been kept for long enough
///
/// The periods stand under [retention] in the configuration; without one, a class is kept for ever. `sightline serve` purges
/// once a day. Nothing goes that something kept stands on, or that a hold covers.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct RetentionCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the periods, what would go now, and the receipts of past purges
    Show(Show),
    /// Purge now, and take what is gone out of the archive
    Run(Run),
}

#[derive(Debug, Args)]
struct Show {}

#[derive(Debug, Args)]
struct Run {
    /// Only these classes: alerts, sightings, observations, listings, images, captures or audit
    #[arg(value_name = "CLASS", value_parser = asked)]
    classes: Vec<Asked>,
    /// Count what would go, and take out nothing
    #[arg(long)]
    dry_run: bool,
}

/// What may be purged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    /// A class of what was crawled.
    Of(Class),
    /// The deeds of the audit log, which are signed before they go.
    Audit,
}

/// The class that has the deeds.
const AUDIT: &str = "audit";

fn asked(text: &str) -> Result<Asked, String> {
    match text {
        AUDIT => Ok(Asked::Audit),
        class => class
            .parse()
            .map(Asked::Of)
            .map_err(|_| format!("'{class}' is no class that is purged")),
    }
}

/// A class and its period, as programs are given it.
#[derive(Serialize)]
struct Period {
    class: &'static str,
    days: u32,
    /// How many would go now; none where it is kept for ever.
    due: Option<i64>,
}

/// Runs the command.
pub async fn run(command: RetentionCommand, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let keeping = app.keeping()?;
    match command.action {
        Action::Show(_) => show(&app, &keeping, context).await,
        Action::Run(asked) => take_out(asked, &app, &keeping, context).await,
    }
}

async fn show(app: &App, keeping: &Keeping, context: &Context) -> Ended {
    let now = app.clock.now();
    let would = keeping.would_go(&of_all()).await.map_err(failed)?;
    let due = |class| {
        let one = would.iter().find(|one| one.class == class);
        one.map(|one| one.gone)
    };
    let mut periods: Vec<Period> = Class::ALL
        .iter()
        .map(|&class| Period {
            class: class.as_str(),
            days: keeping.settings.days(class),
            due: due(class),
        })
        .collect();
    periods.push(Period {
        class: AUDIT,
        days: keeping.settings.audit_days,
        due: None,
    });
    let receipts = purges::list(&mut app.read().await?, None, SHOWN).await?;
    if context.out.is_json() {
        for period in &periods {
            context.out.record(period)?;
        }
        for receipt in &receipts {
            context.out.record(receipt)?;
        }
        return Ok(Status::Done);
    }
    context.out.say(periods_table(&periods))?;
    if would.iter().any(|one| one.gone > 0) {
        context.out.note(MORE);
    }
    match receipts.is_empty() {
        true => context.out.say("Nothing was purged so far.")?,
        false => context.out.say(receipts_table(&receipts, now))?,
    }
    Ok(Status::Done)
}

fn of_all() -> Purge {
    Purge {
        who: who(),
        only: None,
    }
}

async fn take_out(asked: Run, app: &App, keeping: &Keeping, context: &Context) -> Ended {
    let days = keeping.settings.audit_days;
    let is_of_deeds = match asked.classes.as_slice() {
        [] => days > 0,
        classes => classes.contains(&Asked::Audit),
    };
    if is_of_deeds && days == 0 {
        return Err(CommandError::Usage(
            "deeds are kept for ever: write audit_days under [retention] in the configuration first"
                .to_owned(),
        ));
    }
    let classes: Vec<Class> = asked
        .classes
        .iter()
        .filter_map(|asked| match asked {
            Asked::Of(class) => Some(*class),
            Asked::Audit => None,
        })
        .collect();
    if asked.classes == [Asked::Audit] {
        return deeds(app, asked.dry_run, context).await;
    }
    let what = Purge {
        only: (!classes.is_empty()).then_some(classes),
        ..of_all()
    };
    if let Some(class) = what
        .only
        .iter()
        .flatten()
        .find(|&&class| keeping.settings.days(class) == 0)
    {
        let word = class.as_str();
        return Err(CommandError::Usage(format!(
            "{word} are kept for ever: write {word}_days under [retention] in the configuration first"
        )));
    }
    let (done, compacted) = match asked.dry_run {
        true => (keeping.would_go(&what).await.map_err(failed)?, None),
        false => {
            let (done, compacted) = purge(keeping, &what).await.map_err(failed)?;
            (done, Some(compacted))
        }
    };
    let nothing =
        "No class has a period, so everything is kept for ever; see [retention] in docs/config.md.";
    context.out.records(&done, purged_table, nothing)?;
    match compacted {
        Some(compacted) => say_compacted(&compacted, context),
        None if done.iter().any(|one| one.gone > 0) => context.out.note(MORE),
        None => {}
    }
    match is_of_deeds {
        true => deeds(app, asked.dry_run, context).await,
        false => Ok(Status::Done),
    }
}

/// Purges the audit log up to its last checkpoint that is old enough.
async fn deeds(app: &App, is_dry: bool, context: &Context) -> Ended {
    let now = app.clock.now();
    let Some(before) = app.configuration.settings.retention.audit_up_to(now) else {
        return Ok(Status::Done);
    };
    if is_dry {
        context.out.note(format_args!(
            "Deeds from before {before} would go, up to the last checkpoint among them, and none from the first on that is on \
             something held."
        ));
        return Ok(Status::Done);
    }
    let notary = app.notary()?;
    let went = notary.purge(before, &by(now)).await?;
    if let Some(first) = went.held_from {
        context.out.note(format_args!(
            "The deed at place {first} is on something that a hold covers: it stays, and so does all that was done after it."
        ));
    }
    let Some(purged) = went.purged else {
        context
            .out
            .say("No deed went: none is so old that a checkpoint is old enough, too.")?;
        return Ok(Status::Done);
    };
    // The log begins later now: what says so is signed at once.
    notary.sign(now).await?;
    context.out.record(&serde_json::json!({
        "class": AUDIT, "gone": purged.end - purged.first, "root": purged.root,
    }))?;
    context.out.say(format_args!(
        "{} gone from the audit log. The root of the first {}, which was signed, is {}.",
        counted(purged.end - purged.first, "deed is", "deeds are"),
        purged.end,
        purged.root
    ))?;
    Ok(Status::Done)
}

/// Says what became of the archive's files.
pub(super) fn say_compacted(compacted: &Compacted, context: &Context) {
    if compacted.files > 0 {
        context.out.note(format_args!(
            "{} out of the archive, in {} written anew; {} free again.",
            counted(compacted.records, "record is", "records are"),
            counted(compacted.files, "file", "files"),
            counted(compacted.freed, "byte is", "bytes are"),
        ));
    }
    for (file, why) in &compacted.waiting {
        context.out.note(format_args!(
            "{} still holds what is gone: {}",
            inert::line(file),
            inert::line(&why.to_string())
        ));
    }
}

/// How a command ends that retention failed in.
pub(super) fn failed(error: PipelineError) -> CommandError {
    match error {
        PipelineError::Store(error) => CommandError::Store(error),
        error => CommandError::Failed(error.to_string()),
    }
}

fn periods_table(periods: &[Period]) -> Table {
    let mut table = output::table(["class", "kept for", "would go now, at least"]);
    for period in periods {
        table.add_row(vec![
            period.class.to_owned(),
            match period.days {
                0 => "ever".to_owned(),
                days => counted(days, "day", "days"),
            },
            period.due.map(|due| due.to_string()).unwrap_or_default(),
        ]);
    }
    table
}

fn receipts_table(receipts: &[Receipt], now: Timestamp) -> Table {
    let mut table = output::table([
        "receipt",
        "class",
        "from before",
        "gone",
        "done",
        "sha256 of the identifiers",
    ]);
    for receipt in receipts {
        table.add_row(vec![
            receipt.id.to_string(),
            receipt.class.as_str().to_owned(),
            output::when::cell(receipt.up_to, now),
            receipt.gone.to_string(),
            match receipt.finished_at {
                Some(at) => output::when::cell(at, now),
                None => "under way, or stopped".to_owned(),
            },
            receipt.digest.clone(),
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
}

fn purged_table(done: &[Purged]) -> Table {
    let mut table = output::table(["class", "from before", "gone", "receipt"]);
    for one in done {
        table.add_row(vec![
            one.class.as_str().to_owned(),
            output::when::exact(one.up_to),
            one.gone.to_string(),
            match &one.receipt {
                Some(receipt) => receipt.id.to_string(),
                None if one.gone == 0 => "nothing to be done".to_owned(),
                None => "would go".to_owned(),
            },
        ]);
    }
    table
}
