//! `sightline watchlist import`: a file of entries, with a report for every row.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Entry, EntryId, EntryState, Kind, Problem};
use sightline_store::{
    audit,
    entries::{self, Addition},
};
use sightline_watchlists::{
    Terms, Watched,
    import::{self, RowOutcome},
};

use crate::{
    app::App,
    commands::{
        CommandError, Context, Ended, Status, deed, extract::region, furniture, records::Names,
    },
    output::{self, Tint, inert},
};

/// Put a file of entries on a watchlist, with a report for every row
///
/// The file is CSV in UTF-8 with a header row; columns may stand in any order: kind, value, purpose, legal_basis,
/// owner, category, review_at, expires_at, case_reference, tlp, severity, note, tags. What a row leaves out comes from the
/// watchlist's defaults. A refused row says why; the good rows are added all the same, and the exit status is 1.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline watchlist import 'Operation Lotus' numbers.csv --region GB --dry-run\n  \
    sightline watchlist import 'Operation Lotus' numbers.txt --plain --kind phone --region GB")]
pub(super) struct Import {
    /// The watchlist
    name: String,
    /// The file; `-` for standard input
    file: PathBuf,
    /// Report on every row, and add nothing
    #[arg(long)]
    dry_run: bool,
    /// Only write them down: they are not looked for until they are activated, and may still lack a purpose or a legal
    /// basis
    #[arg(long)]
    draft: bool,
    /// The kind of rows that name none: phone, email, handle, url, domain, wallet, image or phrase
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// The file is a plain list: one value a line, all of --kind
    #[arg(long, requires = "kind")]
    plain: bool,
    /// The country whose national telephone numbers are read, in two letters (ISO 3166-1)
    #[arg(long, value_name = "CC", value_parser = region)]
    region: Option<String>,
}

/// One row, as programs are told of it.
#[derive(Serialize)]
struct Row {
    line: u64,
    #[serde(flatten)]
    came_of_it: CameOfIt,
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum CameOfIt {
    Added {
        entry: EntryId,
        kind: Kind,
        value: String,
    },
    Duplicate {
        of_line: Option<u64>,
        of_entry: Option<EntryId>,
    },
    Refused {
        problems: Vec<Problem>,
    },
}

/// Runs the command.
pub(super) async fn run(import: Import, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let watchlist = super::named(&mut tx, &import.name).await?;
    let defaults = super::defaults_of(&watchlist)?;
    let terms = Terms {
        watchlist: watchlist.id,
        defaults: &defaults,
        region: import.region.as_deref(),
        now: app.clock.now(),
        mint: &app.mint,
    };
    let read = read(&import, terms)?;
    let additions = entries::add(&mut tx, &read.ready).await?;
    let restored = additions.iter().filter_map(|addition| match addition {
        Addition::Restored(id) => Some(*id),
        Addition::Added | Addition::Duplicate(_) => None,
    });
    let state = match import.draft {
        true => EntryState::Draft,
        false => EntryState::Active,
    };
    super::keep_restored(&mut tx, restored, state, terms.now).await?;
    let rows = read.rows(&additions);
    let count = |is: fn(&CameOfIt) -> bool| rows.iter().filter(|row| is(&row.came_of_it)).count();
    let added = count(|row| matches!(row, CameOfIt::Added { .. }));
    let duplicates = count(|row| matches!(row, CameOfIt::Duplicate { .. }));
    let refused = count(|row| matches!(row, CameOfIt::Refused { .. }));
    // A dry run does all that a real one does, and then lets go of it.
    if import.dry_run {
        tx.rollback().await?;
    } else {
        let detail = format!("{added} entries added, {duplicates} duplicates, {refused} refused");
        audit::append(
            &mut tx,
            &deed(terms.now, "watchlist.import", &watchlist.name, detail),
        )
        .await?;
        tx.commit().await?;
    }
    let out = context.out;
    for column in &read.ignored {
        out.note(format_args!(
            "The column '{}' is not known and was left out.",
            inert::line(column)
        ));
    }
    out.records(&rows, table, "The file holds no entries.")?;
    let would = if import.dry_run {
        "would be added (dry run: nothing was)"
    } else {
        "added"
    };
    out.note(format_args!(
        "{added} {would}, {duplicates} duplicates, {refused} refused."
    ));
    if added > 0 && !import.dry_run {
        let mut tx = app.read().await?;
        let names = Names::read(&mut tx, app).await?;
        let watched = read.ready.iter().map(Watched::from);
        let standing = furniture::standing(&mut tx, watched, &names, terms.now).await?;
        if !standing.is_empty() {
            out.note(format_args!(
                "{} of them are, or may be, a site's own, and may raise nothing there: sightline watchlist show '{}'",
                standing.len(),
                watchlist.name
            ));
        }
        out.note(format_args!(
            "To look for them in what is already stored: sightline hunt --watchlist '{}'",
            watchlist.name
        ));
    }
    Ok(if refused > 0 {
        Status::Problems
    } else {
        Status::Done
    })
}

/// A file as read: the entries in it, and what was said of each row.
struct Read {
    ready: Vec<Entry>,
    /// By line: an index into `ready`, or what is wrong.
    lines: Vec<(u64, Line)>,
    ignored: Vec<String>,
}

enum Line {
    Ready(usize),
    Repeats(u64),
    Refused(Vec<Problem>),
}

fn read(import: &Import, terms: Terms<'_>) -> Result<Read, CommandError> {
    let failed = |cause: import::ImportError| CommandError::failed(import.file.display(), cause);
    let input =
        open(&import.file).map_err(|cause| CommandError::failed(import.file.display(), cause))?;
    let rows = match (import.plain, import.kind) {
        (true, Some(kind)) => import::list(input, kind, terms),
        (_, kind) => import::table(input, kind, terms),
    };
    let rows = rows.map_err(failed)?;
    let rows = match import.draft {
        true => rows.as_drafts(),
        false => rows,
    };
    let ignored = rows.ignored_columns().to_vec();
    let mut read = Read {
        ready: Vec::new(),
        lines: Vec::new(),
        ignored,
    };
    for row in rows {
        let row = row.map_err(failed)?;
        let line = match row.outcome {
            RowOutcome::Ready(entry) => {
                read.ready.push(*entry);
                Line::Ready(read.ready.len() - 1)
            }
            RowOutcome::Duplicate { of } => Line::Repeats(of),
            RowOutcome::Refused(problems) => Line::Refused(problems),
        };
        read.lines.push((row.line, line));
    }
    Ok(read)
}

fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(file)?)))
}

impl Read {
    /// The report, with what the store said of each entry.
    fn rows(&self, additions: &[Addition]) -> Vec<Row> {
        let row = |(line, came_of_it): &(u64, Line)| {
            let came_of_it = match came_of_it {
                Line::Refused(problems) => CameOfIt::Refused {
                    problems: problems.clone(),
                },
                Line::Repeats(line) => CameOfIt::Duplicate {
                    of_line: Some(*line),
                    of_entry: None,
                },
                Line::Ready(index) => match additions[*index] {
                    Addition::Duplicate(of) => CameOfIt::Duplicate {
                        of_line: None,
                        of_entry: Some(of),
                    },
                    Addition::Added => added(&self.ready[*index], None),
                    Addition::Restored(id) => added(&self.ready[*index], Some(id)),
                },
            };
            Row {
                line: *line,
                came_of_it,
            }
        };
        self.lines.iter().map(row).collect()
    }
}

/// An entry that was withdrawn before is back under its old identifier.
fn added(entry: &Entry, old: Option<EntryId>) -> CameOfIt {
    CameOfIt::Added {
        entry: old.unwrap_or(entry.id),
        kind: entry.selector.kind,
        value: entry.selector.value.clone(),
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = output::table(["line", "outcome", "entry"]);
    for row in rows {
        let (outcome, words) = match &row.came_of_it {
            CameOfIt::Added { kind, value, .. } => (
                output::tinted("added", Tint::Good),
                format!("{kind} {}", inert::line(value)),
            ),
            CameOfIt::Duplicate {
                of_line: Some(line),
                ..
            } => (
                output::tinted("duplicate", Tint::Faint),
                format!("the same as line {line}"),
            ),
            CameOfIt::Duplicate { of_entry, .. } => {
                let of = of_entry.map(|entry| entry.to_string()).unwrap_or_default();
                (
                    output::tinted("duplicate", Tint::Faint),
                    format!("on the list already as {of}"),
                )
            }
            CameOfIt::Refused { problems } => {
                let sentences: Vec<String> = problems
                    .iter()
                    .map(|problem| inert::line(&problem.to_string()).into_owned())
                    .collect();
                (output::tinted("refused", Tint::Bad), sentences.join("\n"))
            }
        };
        table.add_row(vec![row.line.into(), outcome, words.into()]);
    }
    table
}
