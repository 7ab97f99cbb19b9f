//! `sightline listings`.

use std::collections::BTreeMap;

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{CaptureId, ListingId, SourceId, Timestamp};
use sightline_store::{
    Filter, StoreError, Tx,
    listings::{self, PresentListing},
    totals,
};
use url::Url;

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show listings with what they say now
#[derive(Debug, Args)]
pub struct Listings {
    #[command(flatten)]
    which: Which,
    /// Those alone that vanished from their site
    #[arg(long)]
    removed: bool,
}

/// A listing as programs are given it.
#[derive(Serialize)]
struct Row {
    id: ListingId,
    source: String,
    source_id: SourceId,
    key: String,
    url: Url,
    title: String,
    body: String,
    fields: BTreeMap<String, serde_json::Value>,
    version: i64,
    capture: CaptureId,
    first_seen: Timestamp,
    last_seen: Timestamp,
    removed_at: Option<Timestamp>,
}

/// Runs the command.
pub async fn run(asked: Listings, context: &Context) -> Ended {
    let state = asked.removed.then_some(listings::REMOVED);
    super::show(Stored, &asked.which, state, context).await
}

struct Stored;

impl Family for Stored {
    type Id = ListingId;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Listings;
    const IS_OF_PEOPLE: bool = true;
    const WORDS: (&'static str, &'static str) = ("listing", "listings");
    const NONE: &'static str = "No listing yet; `sightline crawl NAME` finds some.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<ListingId>,
        at: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = listings::list(tx, filter).await?.into_iter();
        Ok(rows
            .map(|PresentListing { listing, present }| Row {
                id: listing.id,
                source: at.names.source(listing.source),
                source_id: listing.source,
                key: listing.key,
                url: listing.url,
                title: present.title,
                body: present.body,
                fields: present.fields,
                version: listing.version,
                capture: present.capture,
                first_seen: listing.first_seen,
                last_seen: listing.last_seen,
                removed_at: listing.removed_at,
            })
            .collect())
    }

    fn id(row: &Row) -> ListingId {
        row.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "id",
            "source",
            "title",
            "url",
            "first seen",
            "last seen",
            "version",
        ]);
        for row in rows {
            let seen = match row.removed_at {
                None => output::tinted(output::when::cell(row.last_seen, now), Tint::Good),
                Some(at) => {
                    output::tinted(format!("gone {}", output::when::cell(at, now)), Tint::Faint)
                }
            };
            table.add_row(vec![
                row.id.into(),
                row.source.as_str().into(),
                inert::cut(&row.title, 60).into(),
                inert::cut(row.url.as_str(), 100).into(),
                output::when::cell(row.first_seen, now).into(),
                seen,
                row.version.into(),
            ]);
        }
        table
    }
}
