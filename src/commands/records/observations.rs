//! `sightline observations`.

use clap::Args;
use comfy_table::Table;
use sightline_model::{Observation, ObservationId, Timestamp};
use sightline_store::{Filter, StoreError, Tx, observations};

use super::{Family, Names, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, inert},
};

/// Show identifiers and images that were seen in listings
#[derive(Debug, Args)]
pub struct Observations {
    #[command(flatten)]
    which: Which,
}

/// Runs the command.
pub async fn run(observations: Observations, context: &Context) -> Ended {
    super::show(Stored, &observations.which, None, context).await
}

struct Stored;

impl Family for Stored {
    type Id = ObservationId;
    type Row = Observation;
    const NONE: &'static str = "No observation yet; `sightline crawl NAME` makes some.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<ObservationId>,
        _: &Names,
    ) -> Result<Vec<Observation>, StoreError> {
        observations::list(tx, filter).await
    }

    fn id(row: &Observation) -> ObservationId {
        row.id
    }

    fn table(rows: &[Observation], now: Timestamp) -> Table {
        let mut table = output::table([
            "listing",
            "kind",
            "value",
            "as it stood",
            "confidence",
            "last seen",
        ]);
        for row in rows {
            table.add_row(vec![
                row.listing.to_string(),
                row.selector.kind.to_string(),
                inert::cut(&row.selector.value, 100),
                inert::cut(&row.raw, 60),
                row.confidence.to_string(),
                output::when::cell(row.seen_at, now),
            ]);
        }
        table
    }
}
