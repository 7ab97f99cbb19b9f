//! `sightline furniture`: what sources show on most of their listings because it is the site's own.

use std::collections::HashMap;

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::{Names, source::own_selectors};
use sightline_model::{EntryId, Furniture, FurnitureState, Timestamp, counted};
use sightline_pipeline::furniture::{Overruled, Word, declare, release};
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
    /// The identifier, in any spelling; a number with its country or as the site's pages show it
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
    app.log_read("furniture.read", source.unwrap_or("many"))
        .await?;
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let source = source.map(|name| source_named(&names, name)).transpose()?;
    let mut rows: Vec<Standing> = furniture::list(&mut tx, source)
        .await?
        .iter()
        .map(|one| Standing::of(one, &names))
        .collect();
    rows.sort_by(|one, other| one.source_name.cmp(&other.source_name));
    let none = match source {
        Some(_) => "Nothing stands on most listings of this source, as far as its runs have ended.",
        None => "Nothing stands on most listings of a source, as far as runs have ended.",
    };
    context.out.records(&rows, table, none)?;
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
    let row = sources::get(&mut tx, source).await?;
    let row = row.ok_or_else(|| CommandError::failed(&said.source, "it is not there any more"))?;
    let selectors = own_selectors(&mut tx, &row, &said.kind, &said.value).await?;
    drop(tx);
    let word = Word {
        source,
        selectors,
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
    let done = match state {
        FurnitureState::Released => release(&instance, &word).await,
        _ => declare(&instance, &word).await,
    };
    let done = done.map_err(|error| CommandError::Failed(error.to_string()))?;
    for (one, _) in &done.decided {
        context.out.record(&Standing::of(one, &names))?;
    }
    for line in overruled_in_words(&said.value, &done, &row.definition.name) {
        context.out.say(line)?;
    }
    app.store.close().await;
    Ok(Status::Done)
}

/// What somebody's `value` was read as, what is true of it from now on, and what that changed.
fn overruled_in_words(value: &str, done: &Overruled, source: &str) -> Vec<String> {
    let source = inert::line(source);
    let mut lines = Vec::new();
    for (one, before) in &done.decided {
        let Furniture {
            selector,
            state,
            shown_on,
            listings,
            ..
        } = one;
        let read = match selector.value == value.trim() {
            true => String::new(),
            false => format!(", which '{}' is read as,", inert::cut(value.trim(), 100)),
        };
        let was_withheld = before.is_some_and(FurnitureState::is_withheld);
        let effect = match (state.is_withheld(), was_withheld) {
            (true, true) => "it raises nothing there, as before",
            (true, false) => "from now on it raises nothing there",
            (false, true) => "it raises alerts there again",
            (false, false) => "it raises alerts there, as before, whatever the counts say",
        };
        let stands = match (*listings, *shown_on) {
            (0, _) => "Nothing is stored of its listings yet.".to_owned(),
            (_, 0) => format!(
                "None of its {} shows it at present.",
                counted(listings, "listing", "listings")
            ),
            _ => format!(
                "It stands on {shown_on} of {}.",
                counted(listings, "listing", "listings")
            ),
        };
        let sought = inert::line(&selector.to_string()).into_owned();
        lines.push(format!(
            "{sought}{read} is {state} on '{source}': {effect}. {stands}"
        ));
        if selector.lacks_country() && state.is_withheld() {
            lines.push(format!(
                "Nothing there tells the country of {}: entries on other numbers that end so raise nothing by it, either.",
                selector.value
            ));
        }
    }
    let is_withheld = done.decided.iter().any(|(one, _)| one.state.is_withheld());
    let was_on = |before: &Option<FurnitureState>| before.is_some_and(FurnitureState::is_withheld);
    let was_withheld = done.decided.iter().any(|(_, before)| was_on(before));
    lines.push(match (is_withheld, done.sightings) {
        (true, 0) => "No sighting was made by it.".to_owned(),
        (true, sightings) => format!(
            "{} withheld; {} that held nothing else.",
            counted(sightings, "sighting is", "sightings are"),
            match done.closed {
                0 => "no alert is closed, for there was none".to_owned(),
                closed => counted(closed, "alert is closed", "alerts are closed"),
            }
        ),
        // The matcher passed it over: no sighting was made that could have been withheld.
        (false, 0) if was_withheld && done.sought > 0 => format!(
            "No sighting of it was made while it was the site's own; {} looked for by it, and what stands there comes now as what a hunt finds.",
            counted(done.sought, "entry is", "entries are")
        ),
        (false, 0) => "Nothing was withheld.".to_owned(),
        (false, sightings) => format!(
            "{} withheld, and {} now as what a hunt finds.",
            counted(sightings, "sighting was", "sightings were"),
            if sightings == 1 { "comes" } else { "come" }
        ),
    });
    lines
}

#[cfg(test)]
mod tests {
    use sightline_model::{Kind, Mint, Selector, SelectorId};

    use super::*;

    #[test]
    fn what_comes_of_a_release_is_told_before_it_comes() {
        let now = Timestamp(1_795_428_000_000);
        let mint = Mint::seeded(1);
        let released = |before, sightings, sought| Overruled {
            decided: vec![(
                Furniture {
                    source: mint.id(now),
                    selector_id: SelectorId(1),
                    selector: Selector {
                        kind: Kind::Email,
                        value: "help@site.example".to_owned(),
                    },
                    state: FurnitureState::Released,
                    shown_on: 30,
                    listings: 30,
                    sellers: 30,
                    since: now,
                    who: "R. Analyst".to_owned(),
                    why: "really theirs".to_owned(),
                },
                before,
            )],
            sightings,
            sought,
            closed: 0,
        };
        let learned = Some(FurnitureState::Learned);
        for (before, sightings, sought, expected) in [
            (learned, 0, 0, "Nothing was withheld."),
            (None, 0, 1, "Nothing was withheld."),
            (
                Some(FurnitureState::Released),
                0,
                1,
                "Nothing was withheld.",
            ),
            (
                learned,
                0,
                1,
                "No sighting of it was made while it was the site's own; 1 entry is looked for by it, and what stands there comes now",
            ),
            (
                learned,
                3,
                1,
                "3 sightings were withheld, and come now as what a hunt finds.",
            ),
        ] {
            let done = released(before, sightings, sought);
            let said = overruled_in_words("help@site.example", &done, "s1");
            let last = said.last().unwrap();
            assert!(last.starts_with(expected), "{last}");
        }
    }
}
