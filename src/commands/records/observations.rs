//! `sightline observations`.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Observation, ObservationId, Timestamp};
use sightline_store::{Filter, StoreError, Tx, observations, totals};

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, inert},
};

/// Show identifiers and images that were seen in listings
#[derive(Debug, Args)]
pub struct Observations {
    #[command(flatten)]
    which: Which,
    /// Those alone that somebody disguised: digits as words, letters among the digits, fancy type
    #[arg(long)]
    disguised: bool,
}

/// An observation as programs are given it.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    observation: Observation,
    disguised: bool,
}

/// Runs the command.
pub async fn run(asked: Observations, context: &Context) -> Ended {
    let state = asked.disguised.then_some(observations::DISGUISED);
    super::show(Stored, &asked.which, state, context).await
}

struct Stored;

impl Family for Stored {
    type Id = ObservationId;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Observations;
    const IS_OF_PEOPLE: bool = true;
    const WORDS: (&'static str, &'static str) = ("observation", "observations");
    const NONE: &'static str = "No observation yet; `sightline crawl NAME` makes some.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<ObservationId>,
        _: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let found = observations::list(tx, filter).await?.into_iter();
        Ok(found
            .map(|observation| Row {
                disguised: observation.is_disguised(),
                observation,
            })
            .collect())
    }

    fn id(row: &Row) -> ObservationId {
        row.observation.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "listing",
            "kind",
            "value",
            "as it stood",
            "confidence",
            "last seen",
        ]);
        for Row {
            observation: row,
            disguised,
        } in rows
        {
            let confidence = match disguised {
                true => format!("{}, disguised", row.confidence),
                false => row.confidence.to_string(),
            };
            table.add_row(vec![
                row.listing.to_string(),
                row.selector.kind.to_string(),
                inert::cut(&row.selector.value, 100),
                inert::cut(&row.raw, 60),
                confidence,
                output::when::cell(row.seen_at, now),
            ]);
        }
        table
    }
}
