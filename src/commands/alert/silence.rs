//! `sightline alert silence`, `silences` and `unsilence`: alerts that are recorded and not sent, for a time.

use std::collections::HashMap;

use clap::{ArgGroup, Args};
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::{
    Names,
    silence::{self, Covering, Row, Span},
};
use sightline_model::{Entry, EntryId, Reason, Severity, SilenceId, Timestamp, counted};
use sightline_store::Tx;

use super::judge::by;
use crate::{
    app::App,
    commands::{Beginning, CommandError, Context, Ended, Status, records::source_named, watchlist},
    output::{self, inert, when::When},
};

/// Keep alerts quiet for a time: they are raised and recorded, and nobody is told
///
/// Covered is what meets all that is named: with --source and --at-most, what that source shows and is no graver.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("covers").required(true).multiple(true)
        .args(["entry", "watchlist", "source", "kind", "case", "at_most", "sighted", "all"])),
    after_long_help = "Examples:\n  \
        sightline alert silence --entry 0199… --for 7d --reason 'arrest planned, see case 12/26'\n  \
        sightline alert silence --watchlist 'Operation Lotus' --for 2h --reason 'import under way'\n  \
        sightline alert silence --source north --at-most normal --for 2d --reason 'the site moves house'\n  \
        sightline alert silence --kind phone --value '020 7946 0123' --region GB --for 30d --reason 'known, see 14/27'"
)]
pub(super) struct Silence {
    /// Of this entry, by its id or the beginning of it
    #[arg(long, value_name = "ID")]
    entry: Option<Beginning<EntryId>>,
    /// Of this watchlist
    #[arg(long, value_name = "NAME")]
    watchlist: Option<String>,
    /// Seen on this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Of entries of this kind: phone, email, handle, url, domain, wallet, image, phrase or pattern
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Of entries with this value, on whichever watchlist; in any spelling
    #[arg(long, value_name = "VALUE", requires = "kind")]
    value: Option<String>,
    /// The country of a national number in --value
    #[arg(long, value_name = "CC", requires = "value")]
    region: Option<String>,
    /// Of entries that name this case
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// As grave as this or less: low, normal or grave
    #[arg(long, value_name = "WORD")]
    at_most: Option<Severity>,
    /// Sighted for this reason: first, reappeared, new_source, new_listing or historic
    #[arg(long, value_name = "WORD", value_parser = Reason::ruled)]
    sighted: Option<Reason>,
    /// Every alert
    #[arg(long, conflicts_with_all = ["entry", "watchlist", "source", "kind", "case", "at_most", "sighted"])]
    all: bool,
    /// From when on; without it from now on
    #[arg(long, value_name = "T")]
    from: Option<When>,
    /// How long, from its beginning on, or until when: 2h, 7d, 2026-12-24, 2026-12-24T18:00:00Z
    #[arg(long = "for", value_name = "T")]
    until: When,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who says so; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Show silences, past ones too, and what each has kept quiet so far
#[derive(Debug, Args)]
pub(super) struct Silences {}

/// End a silence now
#[derive(Debug, Args)]
pub(super) struct Unsilence {
    /// The silence's id, as `sightline alert silences` gives it
    id: Beginning<SilenceId>,
}

/// Runs `silence`.
pub(super) async fn add(silence: Silence, app: &App, context: &Context) -> Ended {
    let by = by(silence.by.clone(), app)?;
    let now = by.at;
    let mut tx = app.write().await?;
    let names = Names::read(&mut tx).await?;
    let covering = covering(&silence, &mut tx, &names).await?;
    let from = silence.from.map(|from| from.after(now));
    let span = Span {
        from,
        until: silence.until.after(from.map_or(now, |from| from.max(now))),
        reason: &silence.reason,
    };
    let stored = silence::add(&mut tx, &covering, &span, &by, &app.mint).await?;
    tx.commit().await?;
    let mut tx = app.read().await?;
    let (covered, are_more) = silence::covered(&mut tx, &stored).await?;
    let entries = silence::entries(&mut tx, [&stored.covers]).await?;
    drop(tx);
    context.out.record(&Made {
        silence: &stored,
        covers_now: covered,
    })?;
    let begins = match stored.from > now {
        true => format!("from {} ", output::when::words(stored.from, now)),
        false => String::new(),
    };
    context.out.say(format_args!(
        "Quiet {begins}until {} as silence {}: {}.",
        output::when::words(stored.until, now),
        stored.id,
        silence::in_words(&stored.covers, &names, &entries)
    ))?;
    context.out.say(match (covered, are_more) {
        (0, false) => "It covers no alert that is there now; what comes is recorded.".to_owned(),
        (_, true) => format!("It covers at least {covered} alerts that are not closed."),
        (_, false) => format!(
            "It covers {} not closed.",
            counted(covered, "alert that is", "alerts that are")
        ),
    })?;
    Ok(Status::Done)
}

/// A silence that was made, and how many alerts that are not closed it covers.
#[derive(Serialize)]
struct Made<'s> {
    #[serde(flatten)]
    silence: &'s sightline_store::silences::Silence,
    covers_now: usize,
}

/// What a person wants covered, with every name looked up.
async fn covering(silence: &Silence, tx: &mut Tx, names: &Names) -> Result<Covering, CommandError> {
    let watchlist = match &silence.watchlist {
        Some(name) => Some(watchlist::named(tx, name).await?.id),
        None => None,
    };
    let entry = match &silence.entry {
        Some(entry) => Some(entry.found(tx).await?),
        None => None,
    };
    let source = silence.source.as_deref();
    Ok(Covering {
        entry,
        watchlist,
        source: source.map(|name| source_named(names, name)).transpose()?,
        kind: silence.kind.clone(),
        value: silence.value.clone(),
        region: silence.region.clone(),
        case: silence.case.clone(),
        at_most: silence.at_most,
        sighted: silence.sighted,
    })
}

/// Runs `silences`.
pub(super) async fn list(app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let rows = silence::list(&mut tx, now).await?;
    let covered = rows.iter().map(|row| &row.silence.covers);
    let entries = silence::entries(&mut tx, covered).await?;
    context.out.records(
        &rows,
        |rows| table(rows, &names, &entries, now),
        "No silence was ever made.",
    )?;
    Ok(Status::Done)
}

/// Runs `unsilence`.
pub(super) async fn end(unsilence: Unsilence, app: &App, context: &Context) -> Ended {
    let by = by(None, app)?;
    let mut tx = app.write().await?;
    let id: SilenceId = unsilence.id.found(&mut tx).await?;
    silence::end(&mut tx, id, &by).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "until": by.at}))?;
    context.out.say(format_args!("Silence {id} is over."))?;
    Ok(Status::Done)
}

fn table(rows: &[Row], names: &Names, entries: &HashMap<EntryId, Entry>, now: Timestamp) -> Table {
    let mut table = output::table([
        "silence",
        "covers",
        "from",
        "until",
        "kept quiet",
        "by",
        "why",
    ]);
    for row in rows {
        let silence = &row.silence;
        let news = match (row.kept_quiet, row.alerts) {
            (0, _) => None,
            (times, alerts) => Some(format!(
                "{times} × in {}",
                counted(alerts, "alert", "alerts")
            )),
        };
        let held =
            (row.held > 0).then(|| format!("held {}", counted(row.held, "message", "messages")));
        let kept = match (news, held) {
            (None, None) => "nothing so far".to_owned(),
            (Some(news), Some(held)) => format!("{news}; {held}"),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        table.add_row(vec![
            silence.id.to_string(),
            silence::in_words(&silence.covers, names, entries),
            output::when::cell(silence.from, now),
            output::when::cell(silence.until, now),
            kept,
            inert::cut(&silence.author, 40),
            inert::cut(&silence.reason, 120),
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
}
