//! Where something was seen and in what company, as programs are told of it.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{ListingId, Selector, SourceId, Timestamp};
use sightline_store::{Tx, seen};

use crate::Error;

/// The latest by which sources and company are told.
pub(super) const LATEST: u32 = 500;
/// Companions that are told.
const COMPANY: usize = 30;

/// What one source has of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OnSource {
    /// The source.
    source: SourceId,
    /// How many of its listings.
    listings: i64,
    /// When it was first seen there.
    first_seen: Timestamp,
    /// When it was last seen there.
    last_seen: Timestamp,
}

impl From<seen::OnSource> for OnSource {
    fn from(one: seen::OnSource) -> Self {
        Self {
            source: one.source,
            listings: one.listings,
            first_seen: one.first_seen,
            last_seen: one.last_seen,
        }
    }
}

/// A selector that stands in the same listings.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Companion {
    /// The selector.
    #[serde(flatten)]
    selector: Selector,
    /// In how many of the listings.
    listings: i64,
}

impl Companion {
    /// What stands in these listings but `except`, in the most of them first.
    pub async fn of(
        tx: &mut Tx,
        listings: &[ListingId],
        except: &Selector,
    ) -> Result<Vec<Self>, Error> {
        let company = seen::company(tx, listings, except, COMPANY).await?;
        let company = company.into_iter().map(|one| Self {
            selector: one.selector,
            listings: one.listings,
        });
        Ok(company.collect())
    }
}
