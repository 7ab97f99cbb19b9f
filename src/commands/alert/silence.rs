//! `sightline alert silence`, `silences` and `unsilence`: alerts that are recorded and not sent, for a time.

use clap::{ArgGroup, Args};
use comfy_table::Table;
use sightline_model::{EntryId, SilenceId, Timestamp};
use sightline_store::{
    audit, entries,
    silences::{self, Covers, Silence as Stored},
};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, deed, records::Names, watchlist},
    output::{self, inert, when::When},
};

/// Silences that are listed at most.
const LISTED: u32 = 1_000;

/// Keep alerts quiet for a time: they are raised and recorded, and nobody is told
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("covers").required(true).args(["entry", "watchlist", "all"])),
    after_long_help = "Examples:\n  \
        sightline alert silence --entry 0199… --for 7d --reason 'arrest planned, see case 12/26'\n  \
        sightline alert silence --watchlist 'Operation Lotus' --for 2h --reason 'import under way'"
)]
pub(super) struct Silence {
    /// The alerts of this entry, by its id
    #[arg(long, value_name = "ID")]
    entry: Option<EntryId>,
    /// The alerts of this watchlist
    #[arg(long, value_name = "NAME")]
    watchlist: Option<String>,
    /// Every alert
    #[arg(long)]
    all: bool,
    /// How long, or until when: 2h, 7d, 2026-12-24, 2026-12-24T18:00:00Z
    #[arg(long = "for", value_name = "T")]
    until: When,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Show silences, past ones too
#[derive(Debug, Args)]
pub(super) struct Silences {}

/// End a silence now
#[derive(Debug, Args)]
pub(super) struct Unsilence {
    /// The silence's id, as `sightline alert silences` gives it
    id: SilenceId,
}

/// Runs `silence`.
pub(super) async fn add(silence: Silence, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let until = silence.until.after(now);
    if until <= now {
        return Err(CommandError::Usage(
            "--for ends in the past; name a time to come".to_owned(),
        ));
    }
    if silence.reason.trim().is_empty() {
        return Err(CommandError::Usage(
            "--reason is empty; say why, for others read it".to_owned(),
        ));
    }
    let mut tx = app.write().await?;
    let covers = match (silence.entry, &silence.watchlist) {
        (Some(entry), _) if entries::get(&mut tx, &[entry]).await?.is_empty() => {
            return Err(CommandError::Usage(format!(
                "there is no entry {entry}; `sightline watchlist show NAME` lists them"
            )));
        }
        (Some(entry), _) => Covers::Entry(entry),
        (None, Some(name)) => Covers::Watchlist(watchlist::named(&mut tx, name).await?.id),
        (None, None) => Covers::All,
    };
    let deed = deed(now, "alert.silence", "", silence.reason.clone());
    let stored = Stored {
        id: app.mint.id(now),
        covers,
        created_at: now,
        until,
        author: deed.who.clone(),
        reason: silence.reason,
    };
    silences::add(&mut tx, &stored).await?;
    audit::append(
        &mut tx,
        &audit::Deed {
            subject: stored.id.to_string(),
            ..deed
        },
    )
    .await?;
    tx.commit().await?;
    context.out.record(&stored)?;
    context.out.say(format_args!(
        "Quiet until {} as silence {}.",
        output::when::words(until, now),
        stored.id
    ))?;
    Ok(Status::Done)
}

/// Runs `silences`.
pub(super) async fn list(app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx, app).await?;
    let rows = silences::list(&mut tx, LISTED).await?;
    context.out.records(
        &rows,
        |rows| table(rows, &names, now),
        "No silence was ever made.",
    )?;
    Ok(Status::Done)
}

/// Runs `unsilence`.
pub(super) async fn end(unsilence: Unsilence, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let id = unsilence.id;
    let mut tx = app.write().await?;
    if !silences::end(&mut tx, id, now).await? {
        return Err(CommandError::Failed(format!(
            "there is no silence {id} in force; `sightline alert silences` lists them"
        )));
    }
    audit::append(
        &mut tx,
        &deed(now, "alert.unsilence", &id.to_string(), String::new()),
    )
    .await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "until": now}))?;
    context.out.say(format_args!("Silence {id} is over."))?;
    Ok(Status::Done)
}

fn table(rows: &[Stored], names: &Names, now: Timestamp) -> Table {
    let mut table = output::table(["silence", "covers", "until", "by", "why"]);
    for row in rows {
        let covers = match row.covers {
            Covers::All => "every alert".to_owned(),
            Covers::Watchlist(id) => format!("watchlist {}", inert::line(&names.watchlist(id))),
            Covers::Entry(id) => format!("entry {id}"),
        };
        table.add_row(vec![
            row.id.to_string(),
            covers,
            output::when::cell(row.until, now),
            inert::cut(&row.author, 40),
            inert::cut(&row.reason, 120),
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
}
