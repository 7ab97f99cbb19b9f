//! `sightline hold …`: legal holds, under which nothing is purged or erased.

use clap::{ArgGroup, Args, Subcommand};
use comfy_table::Table;
use sightline_casework::{
    By,
    hold::{self, Ahead},
};
use sightline_model::{AlertId, EntryId, HoldId, Timestamp};
use sightline_store::{
    Tx,
    holds::{self, Held, Hold, Which},
};

use super::{Beginning, Context, Ended, Status, by};
use crate::{
    app::App,
    output::{self, inert},
};

/// Holds that are listed at most.
const LISTED: u32 = 1_000;

/// Keep what a case stands on from being purged or erased, until the hold is lifted
///
/// Held are the alerts and sightings of the case's entries, of one entry or of one alert, and everything that they stand on:
/// listings, observations, images, captures and their records in the archive.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_long_help = "Examples:\n  \
        sightline hold place 41/26 --reason 'letter of the prosecutor, 2026-11-23'\n  \
        sightline hold list\n  \
        sightline hold lift 0199… --reason 'judgment is final'"
)]
pub struct HoldCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Place a hold on a case, an entry or an alert
    Place(Place),
    /// Show the holds that stand
    List(List),
    /// Lift a hold: what it covered may be purged and erased again
    Lift(Lift),
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("of").required(true).args(["case", "entry", "alert"])))]
struct Place {
    /// The case, as its entries name it
    #[arg(value_name = "CASE")]
    case: Option<String>,
    /// An entry, by its id or the beginning of it
    #[arg(long, value_name = "ID")]
    entry: Option<Beginning<EntryId>>,
    /// An alert, by its id or the beginning of it
    #[arg(long, value_name = "ID")]
    alert: Option<Beginning<AlertId>>,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Hold a case that no entry is of yet
    #[arg(long, conflicts_with_all = ["entry", "alert"])]
    force: bool,
}

#[derive(Debug, Args)]
struct List {
    /// Lifted ones too
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct Lift {
    /// The hold's id, as `sightline hold list` gives it
    id: Beginning<HoldId>,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs the command.
pub async fn run(command: HoldCommand, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match command.action {
        Action::Place(asked) => place(asked, &app, context).await,
        Action::List(asked) => list(&asked, &app, context).await,
        Action::Lift(asked) => lift(asked, &app, context).await,
    }
}

async fn place(asked: Place, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let of = match (asked.case, asked.entry, asked.alert) {
        (_, Some(entry), _) => Held::Entry(entry.found(&mut tx).await?),
        (_, _, Some(alert)) => Held::Alert(alert.found(&mut tx).await?),
        (case, ..) => Held::Case(case.unwrap_or_default()),
    };
    let ahead = match asked.force {
        true => Ahead::Allowed,
        false => Ahead::Refused,
    };
    let by = by(app.clock.now());
    let placed = hold::place(&mut tx, of, &asked.reason, ahead, &by, &app.mint).await?;
    tx.commit().await?;
    context.out.record(&placed)?;
    context.out.say(format_args!(
        "Hold {} stands over {}: nothing of it is purged or erased until it is lifted.",
        placed.id,
        hold::in_words(&placed.of)
    ))?;
    Ok(Status::Done)
}

async fn list(asked: &List, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let which = match asked.all {
        true => Which::All,
        false => Which::Standing,
    };
    let found = holds::list(&mut app.read().await?, which, None, LISTED).await?;
    context
        .out
        .records(&found, |found| table(found, now), "No hold stands.")?;
    Ok(Status::Done)
}

async fn lift(asked: Lift, app: &App, context: &Context) -> Ended {
    let lift = async |tx: &mut Tx, id, by: &By| hold::lift(tx, id, &asked.reason, by).await;
    let (id, at) = asked.id.end(app, lift).await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "lifted_at": at}))?;
    context.out.say(format_args!(
        "Hold {id} is lifted: what no other covers may be purged and erased again."
    ))?;
    Ok(Status::Done)
}

fn table(found: &[Hold], now: Timestamp) -> Table {
    let mut table = output::table(["hold", "of", "placed", "by", "why", "lifted"]);
    for one in found {
        table.add_row(vec![
            one.id.to_string(),
            hold::in_words(&one.of),
            output::when::cell(one.placed_at, now),
            inert::cut(&one.placed_by, 40),
            inert::cut(&one.reason, 120),
            match &one.lifted {
                None => String::new(),
                Some(lifted) => format!(
                    "{} by {}: {}",
                    output::when::words(lifted.at, now),
                    inert::cut(&lifted.by, 40),
                    inert::cut(&lifted.why, 120)
                ),
            },
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
}
