//! `sightline alert silence`, `silences` and `unsilence`: alerts that are recorded and not sent, for a time.

use std::collections::HashMap;

use clap::{ArgGroup, Args};
use comfy_table::Table;
use serde::Serialize;
use sightline_extractors::{canonical, canonical_host};
use sightline_model::{Covers, EntryId, Kind, Reason, Severity, SilenceId, Timestamp};
use sightline_store::{
    Tx, audit, entries,
    silences::{self, Silence as Stored},
};
use sightline_watchlists::entry;

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, deed, records::Names, watchlist},
    output::{self, inert, when::When},
};

/// Silences that are listed at most.
const LISTED: u32 = 1_000;

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
    /// Of this entry, by its id
    #[arg(long, value_name = "ID")]
    entry: Option<EntryId>,
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
    /// Sighted for this reason: first, reappeared, new_source or historic
    #[arg(long, value_name = "WORD")]
    sighted: Option<Reason>,
    /// Every alert
    #[arg(long, conflicts_with_all = ["entry", "watchlist", "source", "kind", "case", "at_most", "sighted"])]
    all: bool,
    /// From when on; without it from now on
    #[arg(long, value_name = "T")]
    from: Option<When>,
    /// How long from now, or until when: 2h, 7d, 2026-12-24, 2026-12-24T18:00:00Z
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
    id: SilenceId,
}

/// Runs `silence`.
pub(super) async fn add(silence: Silence, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let until = silence.until.after(now);
    let from = silence
        .from
        .as_ref()
        .map_or(now, |from| from.after(now).max(now));
    if until <= from {
        return Err(CommandError::Usage(
            "--for ends before it begins, or in the past; name a time to come".to_owned(),
        ));
    }
    if silence.reason.trim().is_empty() {
        return Err(CommandError::Usage(
            "--reason is empty; say why, for others read it".to_owned(),
        ));
    }
    let mut tx = app.write().await?;
    let names = Names::read(&mut tx, app).await?;
    let covers = covers(&silence, &mut tx, &names).await?;
    let mut deed = deed(now, "alert.silence", "", silence.reason.clone());
    if let Some(by) = silence.by {
        deed.who = by;
    }
    let stored = Stored {
        id: app.mint.id(now),
        covers,
        created_at: now,
        from,
        until,
        author: deed.who.clone(),
        reason: silence.reason,
    };
    silences::add(&mut tx, &stored).await?;
    deed.subject = stored.id.to_string();
    audit::append(&mut tx, &deed).await?;
    tx.commit().await?;
    context.out.record(&stored)?;
    let begins = match from > now {
        true => format!("from {} ", output::when::words(from, now)),
        false => String::new(),
    };
    context.out.say(format_args!(
        "Quiet {begins}until {} as silence {}: {}.",
        output::when::words(until, now),
        stored.id,
        in_words(&stored.covers, &names)
    ))?;
    Ok(Status::Done)
}

/// What a person wants covered, with every name looked up.
async fn covers(silence: &Silence, tx: &mut Tx, names: &Names) -> Result<Covers, CommandError> {
    let mut covers = Covers {
        entry: silence.entry,
        severity_at_most: silence.at_most,
        sighted: silence.sighted,
        ..Covers::default()
    };
    if let Some(entry) = silence.entry
        && entries::get(tx, &[entry]).await?.is_empty()
    {
        return Err(CommandError::Usage(format!(
            "there is no entry {entry}; `sightline watchlist show NAME` lists them"
        )));
    }
    if let Some(name) = &silence.watchlist {
        covers.watchlist = Some(watchlist::named(tx, name).await?.id);
    }
    if let Some(name) = &silence.source {
        covers.source = Some(names.source_named(name)?);
    }
    if let Some(word) = &silence.kind {
        let kind = entry::kind(word).map_err(CommandError::Usage)?;
        covers.kind = Some(kind);
        if let Some(value) = &silence.value {
            covers.value = Some(written(kind, value, silence.region.as_deref())?);
        }
    }
    if let Some(case) = &silence.case {
        let case = case.trim();
        if case.is_empty() {
            return Err(CommandError::Usage(
                "--case is empty; name the case".to_owned(),
            ));
        }
        covers.case_reference = Some(case.to_owned());
    }
    if silence.sighted == Some(Reason::Continued) {
        return Err(CommandError::Usage(
            "nobody is told of what is continued; use first, reappeared, new_source or historic"
                .to_owned(),
        ));
    }
    Ok(covers)
}

/// A value in canonical form. A host stays that host: its domain, and what else is under it, was not named.
fn written(kind: Kind, value: &str, region: Option<&str>) -> Result<String, CommandError> {
    let canonical = match kind {
        Kind::Domain => canonical_host(value),
        _ => canonical(kind, value, region).map(|selector| selector.value),
    };
    canonical
        .map_err(|refused| CommandError::Usage(format!("{}; {}", refused.message, refused.remedy)))
}

/// A silence as it is listed.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    silence: Stored,
    /// True where it holds now.
    in_force: bool,
    /// Pieces of news that nobody was told of.
    kept_quiet: u32,
    /// The alerts that they belong to.
    alerts: u32,
    /// When it last kept something quiet.
    last_kept_quiet: Option<Timestamp>,
}

/// Runs `silences`.
pub(super) async fn list(app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx, app).await?;
    let stored = silences::list(&mut tx, LISTED).await?;
    let ids: Vec<SilenceId> = stored.iter().map(|silence| silence.id).collect();
    let mut rows: HashMap<SilenceId, (u32, u32, Option<Timestamp>)> = HashMap::new();
    for kept in silences::kept_by(&mut tx, &ids).await? {
        let (sightings, alerts, last) = rows.entry(kept.silence).or_default();
        *sightings += kept.sightings;
        *alerts += 1;
        *last = (*last).max(Some(kept.last_at));
    }
    let rows: Vec<Row> = stored
        .into_iter()
        .map(|silence| {
            let (kept_quiet, alerts, last_kept_quiet) =
                rows.get(&silence.id).copied().unwrap_or_default();
            Row {
                in_force: silence.from <= now && now < silence.until,
                kept_quiet,
                alerts,
                last_kept_quiet,
                silence,
            }
        })
        .collect();
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

fn table(rows: &[Row], names: &Names, now: Timestamp) -> Table {
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
        let kept = match (row.kept_quiet, row.alerts) {
            (0, _) => "nothing so far".to_owned(),
            (times, 1) => format!("{times} × in 1 alert"),
            (times, alerts) => format!("{times} × in {alerts} alerts"),
        };
        table.add_row(vec![
            silence.id.to_string(),
            in_words(&silence.covers, names),
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

/// `phone entries on source north, normal at most`
pub(super) fn in_words(covers: &Covers, names: &Names) -> String {
    if covers.is_all() {
        return "every alert".to_owned();
    }
    let Covers {
        watchlist,
        entry,
        source,
        kind,
        value,
        case_reference,
        severity_at_most,
        sighted,
    } = covers;
    let words = [
        watchlist.map(|id| format!("watchlist {}", inert::line(&names.watchlist(id)))),
        entry.map(|id| format!("entry {id}")),
        source.map(|id| format!("source {}", inert::line(&names.source(id)))),
        kind.map(|kind| match value {
            Some(value) => format!("{kind} {}", inert::cut(value, 60)),
            None => format!("every {kind}"),
        }),
        case_reference
            .as_deref()
            .map(|case| format!("case {}", inert::cut(case, 60))),
        severity_at_most.map(|most| format!("{most} at most")),
        sighted.map(|reason| format!("sighted as {reason}")),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join(", ")
}
