//! `sightline source`: which sources there are, and what one of them comes to.

use std::{collections::BTreeMap, path::Path};

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::source;
use sightline_model::{Clock, SystemClock, Timestamp};
use sightline_pipeline::{notices, source::Source};
use sightline_store::sources::{self, SourceState};

use super::{CommandError, Context, Ended, Status, by, source_test};
use crate::{
    app::{self, App, AppError},
    configuration::Configuration,
    output::{self, Tint, inert, tinted},
};

/// Look at the sources
#[derive(Debug, Args)]
pub struct SourceCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the sources, and when each is due next
    List,
    /// Show one source: its settings with every default, and its next runs
    Show {
        /// The source's name
        #[arg(value_name = "NAME")]
        name: String,
    },
    Test(source_test::Test),
    /// Plan no further run of a source; what is under way goes on
    ///
    /// It can still be crawled by name. `sightline source resume NAME` plans it again.
    Pause {
        /// The source's name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Plan runs of a source again that was paused
    Resume {
        /// The source's name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// One source in a list.
#[derive(Default, Serialize)]
struct Row<'a> {
    name: &'a str,
    /// True where its file is wrong: nothing else of it is known.
    #[serde(rename = "broken")]
    is_broken: bool,
    enabled: bool,
    kind: &'a str,
    start: &'a [url::Url],
    region: Option<&'a str>,
    schedule: Option<&'a str>,
    zone: &'a str,
    next_at: Option<Timestamp>,
    /// Until when its run is held up by its site, at the least; none where it is not.
    held_until: Option<Timestamp>,
    /// What keeps it from being crawled on this machine.
    problem: Option<String>,
}

/// One source in full.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    next_runs: Vec<Timestamp>,
    settings: serde_json::Value,
    digest: &'a str,
}

/// How many of a source's next runs are shown.
const NEXT_RUNS: usize = 5;

/// Lists the sources, or shows one.
pub async fn run(command: SourceCommand, context: &Context) -> Ended {
    match command.action {
        Action::Test(test) => source_test::run(test, context).await,
        Action::Pause { name } => set_paused(&name, SourceState::Paused, context).await,
        Action::Resume { name } => set_paused(&name, SourceState::Active, context).await,
        Action::List => list(context).await,
        Action::Show { name } => show(&name, context),
    }
}

async fn set_paused(name: &str, state: SourceState, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let mut tx = app.write().await?;
    let by = by(app.clock.now());
    let Some(known) = sources::by_name(&mut tx, name).await? else {
        return Err(CommandError::Usage(format!(
            "there is no source '{}' in the store; a source is known from its first crawl on, and `sightline source list` \
             shows those that are configured",
            inert::line(name)
        )));
    };
    let words = match state {
        SourceState::Paused => {
            source::pause(&mut tx, known.id, &by).await?;
            "is paused: no run of it is planned; what is under way goes on"
        }
        SourceState::Active => {
            source::resume(&mut tx, known.id, &by).await?;
            "is planned again"
        }
    };
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"source": name, "state": state}))?;
    context
        .out
        .say(format_args!("'{}' {words}.", inert::line(name)))?;
    app.store.close().await;
    Ok(Status::Done)
}

async fn list(context: &Context) -> Ended {
    let configuration = app::configuration(&context.config)?;
    // A store that can't be read must not keep anybody from seeing the files.
    let held = held(&configuration, context).await.unwrap_or_else(|error| {
        context.out.note(format_args!(
            "note: which sources are held up by their sites is not known: {error}"
        ));
        BTreeMap::new()
    });
    let sources = configuration.sources().map_err(AppError::from)?;
    let now = SystemClock.now();
    let sound = sources.sound.values();
    let mut rows: Vec<_> = sound
        .map(|source| Row {
            held_until: held.get(&source.name).copied(),
            ..row(source, &configuration, now)
        })
        .collect();
    rows.extend(sources.broken.iter().map(|broken| Row {
        name: &broken.name,
        is_broken: true,
        problem: Some(broken.to_string()),
        ..Row::default()
    }));
    rows.sort_by_key(|row| row.name);
    let folder = configuration.settings.instance.sources.display();
    let none = format!("There is no source yet: write one into {folder}.");
    context.out.records(&rows, |rows| table(rows, now), &none)?;
    for problem in rows.iter().filter_map(|row| row.problem.as_ref()) {
        context.out.note(format_args!("Not crawled: {problem}"));
    }
    for advice in &sources.advice {
        context.out.note(advice);
    }
    Ok(match sources.broken.is_empty() {
        true => Status::Done,
        false => Status::Problems,
    })
}

/// The sources whose runs are held up, with until when; none before there is a store.
async fn held(
    configuration: &Configuration,
    context: &Context,
) -> Result<BTreeMap<String, Timestamp>, CommandError> {
    let url = &configuration.settings.store.store.url;
    let file = url.strip_prefix("sqlite:");
    if file.is_some_and(|file| !Path::new(file).exists()) {
        return Ok(BTreeMap::new());
    }
    let app = App::open(context).await?;
    let mut tx = app.read().await?;
    let held = notices::held(&mut tx, app.clock.now()).await;
    let held = held.map_err(|error| CommandError::Failed(error.to_string()))?;
    let known = sources::all(&mut tx).await?.into_iter();
    let held = known.filter_map(|known| Some((known.definition.name, held.get(&known.id)?.until)));
    let held = held.collect();
    drop(tx);
    app.store.close().await;
    Ok(held)
}

fn row<'s>(source: &'s Source, configuration: &Configuration, now: Timestamp) -> Row<'s> {
    let access = source.access(app::secrets(configuration));
    let settings = &source.settings;
    Row {
        name: &source.name,
        is_broken: false,
        enabled: settings.enabled,
        kind: settings.kind.as_str(),
        start: &source.start,
        region: settings.region.as_deref(),
        schedule: settings
            .schedule
            .cron
            .as_deref()
            .or(settings.schedule.every.as_deref()),
        zone: &settings.schedule.zone,
        next_at: source.schedule.next_after(now).filter(|_| settings.enabled),
        held_until: None,
        problem: access.err().map(|error| error.to_string()),
    }
}

fn table(rows: &[Row<'_>], now: Timestamp) -> Table {
    let mut table = output::table(["name", "state", "schedule", "next run", "starts at"]);
    for row in rows {
        let state = match row.enabled {
            _ if row.is_broken => tinted("broken", Tint::Bad),
            true if row.problem.is_some() => tinted("no password", Tint::Bad),
            _ if let Some(until) = row.held_until => tinted(
                format!(
                    "held up by its site until {}",
                    output::instant(Some(until), now)
                ),
                Tint::Warning,
            ),
            true => tinted("enabled", Tint::Good),
            false => tinted("disabled", Tint::Faint),
        };
        let schedule = row.schedule.map_or_else(
            || if row.is_broken { "–" } else { "by hand" }.to_owned(),
            |text| format!("{text} ({})", row.zone),
        );
        let start = match row.start {
            [] => String::new(),
            [one] => one.to_string(),
            [first, more @ ..] => format!("{first} and {} more", more.len()),
        };
        table.add_row([
            row.name.into(),
            state,
            schedule.into(),
            output::instant(row.next_at, now).into(),
            start.into(),
        ]);
    }
    table
}

fn show(name: &str, context: &Context) -> Ended {
    let configuration = app::configuration(&context.config)?;
    let sources = configuration.sources().map_err(AppError::from)?;
    let source = sources
        .named(name)
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    let now = SystemClock.now();
    let next_runs = next_runs(source, now);
    context.out.record(&Shown {
        row: row(source, &configuration, now),
        next_runs: next_runs.clone(),
        settings: source.definition(),
        digest: &source.digest.0,
    })?;
    context
        .out
        .say(format_args!("# {}\n\n{}", source.name, as_toml(source)))?;
    let runs = match next_runs.as_slice() {
        [] => "# crawled only when asked for".to_owned(),
        runs => {
            let runs: Vec<_> = runs
                .iter()
                .map(|&at| output::instant(Some(at), now))
                .collect();
            format!("# next runs: {}", runs.join(", "))
        }
    };
    context.out.say(runs)?;
    Ok(Status::Done)
}

fn next_runs(source: &Source, now: Timestamp) -> Vec<Timestamp> {
    let next = |&after: &Timestamp| source.schedule.next_after(after);
    std::iter::successors(source.schedule.next_after(now), next)
        .take(NEXT_RUNS)
        .collect()
}

/// The settings with every default, as a file could have them.
fn as_toml(source: &Source) -> String {
    // The settings came from TOML, so TOML can hold them.
    toml::to_string(&without_nulls(source.definition())).unwrap_or_default()
}

/// TOML has no word for nothing: a key that is not set is left out.
fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(table) => table
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        other => other,
    }
}
