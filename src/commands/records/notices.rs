//! `sightline notices`.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Notice, NoticeId, NoticeKind, Timestamp, Told};
use sightline_store::{Filter, StoreError, Tx, notices};

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show notices: what operators were told of the machinery, and owners of their reviews
#[derive(Debug, Args)]
pub struct Notices {
    #[command(flatten)]
    which: Which,
    /// Of this kind: review, source_failing, dead_letter, endpoint_disabled, unread_backlog or delivery_backlog
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
    super::show(
        Stored { open: notices.open },
        &notices.which,
        notices.kind.map(NoticeKind::as_str),
        context,
    )
    .await
}

struct Stored {
    open: bool,
}

impl Family for Stored {
    type Id = NoticeId;
    type Row = Row;
    const NONE: &'static str = "No notice: nothing is wrong, and nobody's review was due.";

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
            "{}: {} overdue, {} within the week",
            inert::cut(&review.owner, 60),
            review.overdue,
            review.soon
        ),
        Told::Fault(fault) => inert::cut(&fault.what, 200),
    }
}
