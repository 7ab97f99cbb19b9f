//! `sightline audit list`: deeds, the latest first.

use clap::Args;
use comfy_table::Table;
use sightline_model::Timestamp;
use sightline_store::audit::{self, Logged, Wanted};

use crate::{
    app::App,
    commands::{Context, Ended, Status},
    output::{
        self, inert,
        when::{self, When},
    },
};

/// Deeds of one page, where all are given.
const PAGE: u32 = 1_000;
/// Deeds that people are shown unless they ask for more.
const FEW: u32 = 50;

/// List who did what, the latest first
#[derive(Debug, Args)]
pub(super) struct List {
    /// At or after this time: an instant (2026-11-23T10:00:00Z), a day (2026-11-23) or an age (36h, 7d, 2w)
    #[arg(long, value_name = "T")]
    since: Option<When>,
    /// Before this time
    #[arg(long, value_name = "T")]
    until: Option<When>,
    /// By this person
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// This was done: `alert.close`, `evidence.export`, `search`
    #[arg(long, value_name = "WORD")]
    what: Option<String>,
    /// To this: an identifier; or what was searched for, of which the log has a digest
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Deeds at most; without it the latest 50 in a table, and all with --json
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// Runs the command.
pub(super) async fn run(list: List, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    app.log_read("audit.read", "many").await?;
    let mut subjects = Vec::new();
    if let Some(subject) = list.subject {
        subjects.push(app.digester().await?.of(subject.trim()));
        subjects.push(subject);
    }
    let mut wanted = Wanted {
        who: list.who,
        what: list.what,
        subjects,
        since: list.since.map(|since| since.before(now)),
        until: list.until.map(|until| until.before(now)),
        after: None,
        limit: 0,
    };
    let mut tx = app.read().await?;
    if !context.out.is_json() {
        wanted.limit = list.limit.unwrap_or(FEW);
        let deeds = audit::page(&mut tx, &wanted).await?;
        context.out.records(
            &deeds,
            |deeds| table(deeds, now),
            "Nothing like that was done.",
        )?;
        return Ok(Status::Done);
    }
    let mut left = list.limit.unwrap_or(u32::MAX);
    loop {
        wanted.limit = left.min(PAGE);
        let deeds = audit::page(&mut tx, &wanted).await?;
        deeds.iter().try_for_each(|deed| context.out.record(deed))?;
        let got = deeds.len() as u32;
        left -= got.min(left);
        wanted.after = deeds.last().map(|deed| deed.id);
        if got < wanted.limit || left == 0 {
            return Ok(Status::Done);
        }
    }
}

fn table(deeds: &[Logged], now: Timestamp) -> Table {
    let mut table = output::table(["deed", "when", "who", "what", "to what", "particulars"]);
    for Logged { id, deed } in deeds {
        table.add_row(vec![
            id.to_string(),
            when::cell(deed.at, now),
            inert::cut(&deed.who, 40),
            inert::cut(&deed.what, 40),
            inert::cut(&deed.subject, 60),
            inert::cut(&deed.detail, 120),
        ]);
    }
    table
}
