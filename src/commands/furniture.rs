//! `sightline furniture`: what sources show on most of their listings because it is the site's own.

use std::collections::HashMap;

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::{Names, source::own_selector};
use sightline_model::{EntryId, Furniture, FurnitureState, Timestamp};
use sightline_pipeline::furniture::{Word, declare, release};
use sightline_store::{Tx, furniture, sources};
use sightline_watchlists::{
    Watched,
    furniture::{in_words, over},
};

use super::{CommandError, Context, Ended, Status, deed, records::source_named};
use crate::{
    app::App,
    logging::{self, Manner},
    output::{self, Tint, inert, tinted},
    progress,
};

/// Show what is a site's own, such as its hotline and its footer, and overrule what was learned
///
/// A selector that stands on most listings of a source, beside the contacts of many sellers, is learned as the site's own
/// when a run ends: what shows it is kept out of sightings on that source. Where nothing tells the site from one seller it
/// is only suspected, and raises alerts until a person decides.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "Examples:\n  \
        sightline furniture --source classified\n  \
        sightline furniture declare classified phone '020 7946 0123' --reason 'the hotline in the footer'\n  \
        sightline furniture release classified email desk@example.com --reason 'one agency posts nearly everything'"
)]
pub struct FurnitureCommand {
    #[command(subcommand)]
    action: Option<Action>,
    /// Of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say that a selector is the site's own: it raises nothing on this source
    ///
    /// Sightings that it made there are withheld, and alerts that hold nothing else are closed.
    Declare(Said),
    /// Say that a selector is not the site's own, whatever the counts say
    ///
    /// What was withheld is told of as what a hunt finds, once.
    Release(Said),
}

/// What a person says of a selector on a source.
#[derive(Debug, Args)]
struct Said {
    /// The source
    #[arg(value_name = "SOURCE")]
    source: String,
    /// What sort of identifier: phone, email, handle, url, domain, wallet or image
    kind: String,
    /// The identifier, in any spelling
    value: String,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who says so; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// A selector of a source, as programs are given it.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    source_name: String,
    percent: i64,
    withheld: bool,
    #[serde(flatten)]
    furniture: Furniture,
}

impl Standing {
    fn of(furniture: &Furniture, names: &Names) -> Self {
        Self {
            source_name: names.source(furniture.source),
            percent: furniture.percent(),
            withheld: furniture.state.is_withheld(),
            furniture: furniture.clone(),
        }
    }

    /// What an analyst must know of it, in a sentence without its subject.
    pub fn in_words(&self) -> String {
        inert::line(&in_words(&self.furniture, &self.source_name)).into_owned()
    }

    /// True where what shows it is kept out of sightings.
    pub fn is_withheld(&self) -> bool {
        self.withheld
    }
}

/// For each of these entries, the sources of which it is, or may be, the site's own.
pub async fn standing(
    tx: &mut Tx,
    entries: impl IntoIterator<Item = Watched>,
    names: &Names,
    now: Timestamp,
) -> Result<HashMap<EntryId, Vec<Standing>>, CommandError> {
    let known = furniture::list(tx, None).await?;
    let over =
        over(entries, &known, now).map_err(|error| CommandError::Failed(error.to_string()))?;
    let rows = |found: Vec<&Furniture>| {
        found
            .into_iter()
            .map(|one| Standing::of(one, names))
            .collect()
    };
    Ok(over
        .into_iter()
        .map(|(entry, found)| (entry, rows(found)))
        .collect())
}

/// Runs the command.
pub async fn run(command: FurnitureCommand, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match command.action {
        None => list(command.source.as_deref(), &app, context).await,
        Some(Action::Declare(said)) => {
            overrule(said, FurnitureState::Declared, &app, context).await
        }
        Some(Action::Release(said)) => {
            overrule(said, FurnitureState::Released, &app, context).await
        }
    }
}

async fn list(source: Option<&str>, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let source = source.map(|name| source_named(&names, name)).transpose()?;
    let mut rows: Vec<Standing> = furniture::list(&mut tx, source)
        .await?
        .iter()
        .map(|one| Standing::of(one, &names))
        .collect();
    rows.sort_by(|one, other| one.source_name.cmp(&other.source_name));
    context.out.records(
        &rows,
        table,
        "Nothing stands on most listings of a source, as far as runs have ended.",
    )?;
    Ok(Status::Done)
}

fn table(rows: &[Standing]) -> Table {
    let mut table = output::table([
        "source",
        "kind",
        "value",
        "stands on",
        "state",
        "since",
        "who",
        "why",
    ]);
    for row in rows {
        let Furniture {
            selector,
            state,
            shown_on,
            listings,
            since,
            who,
            why,
            ..
        } = &row.furniture;
        let tint = match state {
            FurnitureState::Suspected => Tint::Warning,
            FurnitureState::Learned | FurnitureState::Declared => Tint::Faint,
            FurnitureState::Released => Tint::Good,
        };
        table.add_row(vec![
            inert::line(&row.source_name).into(),
            selector.kind.into(),
            inert::cut(&selector.value, 100).into(),
            format!("{} % ({shown_on} of {listings})", row.percent).into(),
            tinted(*state, tint),
            output::when::exact(*since).into(),
            inert::cut(who, 40).into(),
            inert::cut(why, 120).into(),
        ]);
    }
    table
}

async fn overrule(said: Said, state: FurnitureState, app: &App, context: &Context) -> Ended {
    if said.reason.trim().is_empty() {
        return Err(CommandError::Usage(
            "--reason is empty; say why, for others read it".to_owned(),
        ));
    }
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let source = source_named(&names, &said.source)?;
    let region = sources::by_name(&mut tx, &said.source)
        .await?
        .and_then(|source| source.definition.region);
    drop(tx);
    let word = Word {
        source,
        selector: own_selector(&said.kind, &said.value, region.as_deref())?,
        who: said
            .by
            .unwrap_or_else(|| deed(app.clock.now(), "", "", String::new()).who),
        why: said.reason,
    };
    logging::start(
        &app.configuration.settings.log,
        Manner::of_command(context.out),
        &progress::bars(context.out),
    );
    let instance = app.instance().await?;
    let decided = match state {
        FurnitureState::Released => release(&instance, &word).await,
        _ => declare(&instance, &word).await,
    };
    let decided = decided.map_err(|error| CommandError::Failed(error.to_string()))?;
    let row = Standing::of(&decided, &names);
    context.out.record(&row)?;
    let effect = match decided.state.is_withheld() {
        true => "it raises nothing there",
        false => "it raises alerts there; what was withheld is told of now",
    };
    context.out.say(format_args!(
        "{} is {} on '{}': {effect}. It stands on {} of {} listings.",
        inert::line(&decided.selector.to_string()),
        decided.state,
        inert::line(&row.source_name),
        decided.shown_on,
        decided.listings
    ))?;
    app.store.close().await;
    Ok(Status::Done)
}
