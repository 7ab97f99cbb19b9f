//! `sightline notices`.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Fault, Notice, NoticeId, NoticeKind, Timestamp, Told};
use sightline_pipeline::notices::untold;
use sightline_store::{Filter, StoreError, Tx, notices, totals};

use super::{At, Family, Which};
use crate::{
    app::App,
    commands::{CommandError, Context, Ended},
    output::{self, Tint, inert, tell},
};

/// Show notices: what operators were told of the machinery, and owners of their reviews
#[derive(Debug, Args)]
pub struct Notices {
    #[command(flatten)]
    which: Which,
    /// Of this kind: review, source_failing, dead_letter, endpoint_disabled, recipient_refused, channel_unusable, unread_backlog, delivery_backlog or owner_unreached
    #[arg(long, value_name = "KIND")]
    kind: Option<NoticeKind>,
    /// What is not over alone
    #[arg(long)]
    open: bool,
}

/// A notice as programs are given it.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    notice: Notice,
    /// True where it is not over.
    open: bool,
}

/// Runs the command.
pub async fn run(notices: Notices, context: &Context) -> Ended {
    let kind = notices.kind.map(NoticeKind::as_str);
    let stored = Stored { open: notices.open };
    let app = App::open(context).await?;
    let status = super::show_in(&app, stored, &notices.which, kind, context.out).await?;
    if context.out.is_json() {
        return Ok(status);
    }
    // What nobody has looked at since it went wrong is wrong all the same.
    let (machinery, now) = (app.machinery(), app.clock.now());
    let mut tx = app.read().await?;
    let untold = untold(&mut tx, &machinery, now).await;
    let untold = untold.map_err(|error| CommandError::Failed(error.to_string()))?;
    drop(tx);
    let said = untold.iter().filter_map(|notice| match &notice.told {
        Told::Fault(fault) => Some(fault),
        Told::Review(_) => None,
    });
    for Fault { what, remedy, .. } in said {
        let (what, remedy) = (inert::line(what), inert::line(remedy));
        tell(format_args!("Wrong, and not told of yet: {what}; {remedy}"));
    }
    let is_open = !notices::open(&mut app.read().await?).await?.is_empty();
    if untold.is_empty() && !is_open {
        context
            .out
            .note("Nothing is wrong, as far as the store and this configuration tell.");
    }
    if !untold.is_empty() {
        context
            .out
            .note("Operators are told by `sightline serve`, or at the end of the next `sightline crawl --all`.");
    }
    app.store.close().await;
    Ok(status)
}

struct Stored {
    open: bool,
}

impl Family for Stored {
    type Id = NoticeId;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Notices;
    const WORDS: (&'static str, &'static str) = ("notice", "notices");
    const NONE: &'static str = "No notice: nobody was told of anything.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<NoticeId>,
        _: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let page = notices::list(tx, filter, self.open).await?.into_iter();
        Ok(page
            .map(|notice| Row {
                open: notice.resolved_at.is_none(),
                notice,
            })
            .collect())
    }

    fn id(row: &Row) -> NoticeId {
        row.notice.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table(["notice", "kind", "since", "over", "what"]);
        for Row { notice, open } in rows {
            let over = match (open, notice.resolved_at) {
                (false, Some(at)) if notice.kind != NoticeKind::Review => {
                    output::when::cell(at, now)
                }
                _ => String::new(),
            };
            let tint = if *open { Tint::Bad } else { Tint::Faint };
            table.add_row(vec![
                notice.id.into(),
                output::tinted(notice.kind, tint),
                output::when::cell(notice.opened_at, now).into(),
                over.into(),
                what(notice).into(),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    }
}

/// What a notice tells, on one line.
pub(crate) fn what(notice: &Notice) -> String {
    match &notice.told {
        Told::Review(review) => format!(
            "{}: {} overdue, {} within the week; {} end within it, {} ended",
            inert::cut(&review.owner, 60),
            review.overdue,
            review.soon,
            review.ending,
            review.ended
        ),
        Told::Fault(fault) => match fault.well_since.filter(|_| notice.resolved_at.is_none()) {
            Some(_) => format!(
                "{} (well now, and over once that has held for a day)",
                inert::cut(&fault.what, 140)
            ),
            None => inert::cut(&fault.what, 200),
        },
    }
}
