//! `sightline watchlist import`: a file of entries, with a report for every row.

use std::path::PathBuf;

use clap::Args;
use sightline_casework::{
    Names,
    entry::Through,
    import::{self as casework, OfStanding, Read, Row, Would},
};
use sightline_model::{Entry, EntryState, Kind, Watchlist as Stored, counted};
use sightline_pipeline::backtest::DAYS;
use sightline_watchlists::{
    Terms, Watched,
    import::{self, ColumnRule, Format, Header, ImportError, Options},
};

use super::{backtest, report::table};
use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, by, extract::region, furniture, operand},
    output::{inert, new_file},
};

/// Rows that people are shown in a table. Of a longer file they are shown what needs them, and told of the rest.
const SHOWN: usize = 500;
/// Entries that are tested together: what they would have raised is held in memory, and what is stored is read once for
/// them all.
const TESTED: usize = 5_000;

/// Put a file of entries on a watchlist, with a report for every row
///
/// Reads CSV, XLSX, bundles of STIX 2.1, events of MISP, and plain lists, and tells them apart by their content.
/// The columns of a table may stand in any order, and go by their names in many languages: kind, value, purpose,
/// legal_basis, owner, category, review_at, expires_at, case_reference, tlp, severity, note, tags, match, state. What a row
/// leaves out comes from the watchlist's defaults. A refused row says why; the good rows are added all the same, and
/// the exit status is 1.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline watchlist import 'Operation Lotus' numbers.csv --region GB --dry-run\n  \
    sightline watchlist import 'Operation Lotus' nummern.xlsx --map 'Rufnr.=value' --kind phone --refused refused.csv\n  \
    sightline watchlist import 'Operation Lotus' bundle.json\n  \
    sightline watchlist import 'Operation Lotus' numbers.txt --plain --kind phone --region GB")]
pub(super) struct Import {
    /// The watchlist
    name: String,
    /// The file; `-` for standard input
    file: PathBuf,
    /// Report on every row, with the alerts that it would have raised in the last 90 days, and add nothing
    #[arg(long)]
    dry_run: bool,
    /// Only write them down: they are not looked for until they are activated, and may still lack a purpose, a
    /// legal basis and an owner
    #[arg(long)]
    draft: bool,
    /// Look for what a file only tells of, too: observables of STIX, and attributes of MISP without `to_ids`
    #[arg(long, conflicts_with = "draft")]
    active: bool,
    /// Let entries that are on the list already take over what the file says of them: one that has expired or is a draft
    /// is looked for again, and what the file leaves out stays
    #[arg(long)]
    update: bool,
    /// The format, where it can't be told from the file: csv, xlsx, stix, misp or plain
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// The kind of rows that name none: phone, email, handle, url, domain, wallet, image, phrase or pattern
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// The file is a plain list: one value a line, all of --kind
    #[arg(long, requires = "kind", conflicts_with = "format")]
    plain: bool,
    /// What a column means: 'Telefon=value', by its name or its number; 'Alter=-' leaves it out
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    columns: Vec<ColumnRule>,
    /// The first row of the table is one like the others, and names no columns
    #[arg(long)]
    no_header: bool,
    /// The encoding of the text, where it is none of Unicode and is guessed wrongly: windows-1251
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The sheet of a workbook; without it the first that has entries
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Write the refused rows to this file, which must not exist, as CSV with the reason: correct it, and import it
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// The country whose national telephone numbers are read, in two letters (ISO 3166-1)
    #[arg(long, value_name = "CC", value_parser = region)]
    region: Option<String>,
}

/// Runs the command.
pub(super) async fn run(import: Import, app: &App, context: &Context) -> Ended {
    // As much as shows that it is too large, where it is.
    let most = import::LARGEST as u64 + 1;
    let bytes = operand::read(&import.file, operand::Dash::Input, most)?;
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &import.name).await?;
    drop(tx);
    let defaults = super::defaults_of(&watchlist)?;
    let terms = Terms {
        watchlist: watchlist.id,
        defaults: &defaults,
        region: import.region.as_deref(),
        now: app.clock.now(),
        mint: &app.mint,
    };
    let read = read(&import, &bytes, terms)?;
    drop(bytes);
    // Tried first: where it can't be made, nothing is imported, and what was refused is not lost.
    let refused_file = import.refused.as_deref().map(new_file::begin);
    let refused_file = refused_file.transpose().map_err(CommandError::Failed)?;
    let of_standing = match import.update {
        true => OfStanding::Updated,
        false => OfStanding::Left,
    };
    // A dry run reads what would come of it, and writes nothing.
    let report = match import.dry_run {
        true => {
            let mut tx = app.read().await?;
            casework::foresee(&mut tx, &read, &watchlist, of_standing, terms.now).await?
        }
        false => {
            let by = by(terms.now);
            // Its folder may say more of this machine than others should read.
            let name = match import.file.file_name() {
                Some(name) => name.to_string_lossy(),
                None => import.file.to_string_lossy(),
            };
            let through = Through::File(&name);
            casework::put(
                &app.store,
                app.organisation,
                &read,
                &watchlist,
                of_standing,
                through,
                &by,
            )
            .await?
        }
    };
    let refused_file = refused_file.filter(|_| report.refused > 0);
    let written = refused_file.map(|file| file.finish(&read.refused(&report.rows)[..]));
    // What was imported stands all the same, and is told first.
    let unwritten = written.and_then(Result::err);
    let casework::Report {
        mut rows,
        added,
        drafts,
        again,
        updated,
        duplicates,
        idle,
        differing,
        ended,
        taken_off,
        unchased,
        refused,
    } = report;
    let would_raise = match import.dry_run {
        true => Some(tested(&read, &mut rows, &watchlist, app).await?),
        false => None,
    };
    let out = context.out;
    for column in &read.ignored {
        out.note(format_args!(
            "The column '{}' is not known and was left out.",
            inert::line(column)
        ));
    }
    for note in &read.notes {
        out.note(inert::line(note));
    }
    let is_short = rows.len() <= SHOWN || out.is_json();
    let shown: Vec<Row> = match is_short {
        true => rows,
        false => rows
            .into_iter()
            .filter(Row::needs_a_look)
            .take(SHOWN)
            .collect(),
    };
    out.records(
        &shown,
        |rows| table(rows, terms.now),
        "The file holds no entries.",
    )?;
    if !is_short {
        out.note("Of so many rows only those are shown that were not simply added; --json gives every one.");
    }
    let would = if import.dry_run {
        "would be added (dry run: nothing was)"
    } else {
        "added"
    };
    let as_drafts = match drafts {
        0 => String::new(),
        drafts => format!(
            ", {} not looked for yet",
            counted(drafts, "of them as a draft,", "of them as drafts,")
        ),
    };
    out.note(format_args!(
        "{added} {would}{as_drafts}, {updated} updated, {}, {refused} refused.",
        counted(duplicates, "duplicate", "duplicates")
    ));
    if idle > 0 {
        out.note(format_args!(
            "{} on the list already and not looked for, being expired or drafts: the rows say which.",
            counted(idle, "of the duplicates is", "of the duplicates are")
        ));
    }
    if differing > 0 {
        out.note(format_args!(
            "Of {} the file says something else than what stands already, on the list or in an earlier row: import it with --update, and what it says is taken over.",
            counted(differing, "duplicate", "duplicates")
        ));
    }
    if ended > 0 {
        let what = counted(ended, "entry on the list", "entries on the list");
        out.note(match import.update {
            true => format!(
                "The authors of {what} have ended what they say: {taken_off} of them {} ended here, too; the rows say which.",
                if import.dry_run { "would be" } else { "were" }
            ),
            false => format!(
                "The authors of {what} have ended what they say, and nothing was changed: the rows say which. With --update those that came from there are ended here, too."
            ),
        });
    }
    if !unchased.is_empty() {
        out.note(super::remove::left_open(&unchased, "what was taken off"));
    }
    if again > 0 {
        out.note(format_args!(
            "{again} of them had been withdrawn before, and {} back under their old ids: the rows say by whom and why.",
            if import.dry_run { "would be" } else { "are" }
        ));
    }
    if let Some(would) = would_raise {
        out.note(format_args!("Together they {}.", would.in_words()));
    }
    if let Some(file) = import.refused.as_ref().filter(|_| unwritten.is_none()) {
        let name = file.display();
        out.note(match refused {
            0 => format!("No row was refused, so {name} was not written."),
            _ => format!("The refused rows are in {name}."),
        });
    }
    if added > drafts && !import.dry_run {
        let mut tx = app.read().await?;
        let names = Names::read(&mut tx).await?;
        let watched = read.ready.iter().map(Watched::from);
        let standing = furniture::standing(&mut tx, watched, &names, terms.now).await?;
        if !standing.is_empty() {
            out.note(format_args!(
                "{} of them are, or may be, a site's own, and may raise nothing there: sightline watchlist show '{}'",
                standing.len(),
                watchlist.name
            ));
        }
        let quieted = super::warnings::quieted(&read.ready, app);
        if quieted > 0 {
            out.note(format_args!(
                "{quieted} of them are on a warning list, and nobody is told where they are seen: sightline watchlist show '{}'",
                watchlist.name
            ));
        }
        out.note(format_args!(
            "To look for them in what is already stored: sightline hunt --watchlist '{}'",
            watchlist.name
        ));
    }
    match unwritten {
        Some(why) if import.dry_run => Err(CommandError::Failed(why)),
        Some(why) => Err(CommandError::Failed(format!(
            "{why}. What was imported stands; import the file again, and the rows that are refused are written then"
        ))),
        None if refused > 0 => Ok(Status::Problems),
        None => Ok(Status::Done),
    }
}

fn read(import: &Import, bytes: &[u8], terms: Terms<'_>) -> Result<Read, CommandError> {
    let options = Options {
        format: match import.plain {
            true => Some(Format::Plain),
            false => import.format,
        },
        kind: import.kind,
        state: match (import.draft, import.active) {
            (true, _) => Some(EntryState::Draft),
            (false, true) => Some(EntryState::Active),
            (false, false) => None,
        },
        columns: import.columns.clone(),
        header: match import.no_header {
            true => Header::Absent,
            false => Header::Recognised,
        },
        encoding: import.encoding.as_deref(),
        sheet: import.sheet.as_deref(),
        most: None,
    };
    let name = import.file.to_string_lossy();
    casework::read(bytes, &name, &options, terms)
        .map_err(|cause| CommandError::failed(import.file.display(), in_words(&cause)))
}

/// What is wrong with the file, and by which option it is said how to read it.
fn in_words(cause: &ImportError) -> String {
    let option = match cause {
        ImportError::NoKind | ImportError::NoKindNamed { .. } => "--kind",
        ImportError::NoValueColumn { .. } => "--map, or --no-header",
        ImportError::NoValueNumber
        | ImportError::SeveralMayBeValues { .. }
        | ImportError::TwiceTheSame { .. }
        | ImportError::SeveralValues { .. } => "--map",
        ImportError::NotThatJson { .. } => "--format",
        _ => return cause.to_string(),
    };
    format!("{cause} ({option})")
}

/// Notes in the rows what each entry that would be added would have raised, where it is anything; what that is together.
async fn tested(
    read: &Read,
    rows: &mut [Row],
    watchlist: &Stored,
    app: &App,
) -> Result<Would, CommandError> {
    let mut together = Would::nothing(DAYS);
    let mut tx = app.read().await?;
    let mut added = read.added(&mut tx, rows).await?;
    drop(tx);
    for part in added.chunks_mut(TESTED) {
        let entries: Vec<Entry> = part.iter().map(|(entry, _)| entry.clone()).collect();
        let tested = backtest::of(&entries, DAYS, watchlist, app).await?;
        let each = tested.iter().map(|test| Would {
            days: test.days,
            alerts: test.alerts,
            messages: test.messages,
            listings: test.listings,
            withheld: test.further_withheld(),
        });
        together.note_each(part, each);
    }
    Ok(together)
}
