//! How much is stored of each family, whatever it is like: what a filter that matched nothing is measured by.

use crate::{Result, Tx};

/// A family of rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stored {
    /// Runs.
    Runs,
    /// Visits.
    Visits,
    /// Listings.
    Listings,
    /// Observations.
    Observations,
    /// Sightings that are not withheld.
    Sightings,
    /// Alerts.
    Alerts,
    /// Messages.
    Deliveries,
    /// Notices.
    Notices,
}

impl Stored {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Runs,
        Self::Visits,
        Self::Listings,
        Self::Observations,
        Self::Sightings,
        Self::Alerts,
        Self::Deliveries,
        Self::Notices,
    ];

    /// Its rows, and which of them are shown.
    fn rows(self) -> (&'static str, &'static str) {
        match self {
            Self::Runs => ("run", ""),
            Self::Visits => ("visit", ""),
            Self::Listings => ("listing", ""),
            Self::Observations => ("observation", ""),
            Self::Sightings => ("sighting", " AND withheld = 0"),
            Self::Alerts => ("alert", ""),
            Self::Deliveries => ("delivery", ""),
            Self::Notices => ("notice", ""),
        }
    }
}

/// How many are stored; at most `most` are counted.
pub async fn of(tx: &mut Tx, stored: Stored, most: u32) -> Result<i64> {
    let (table, shown) = stored.rows();
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE organisation = ?{shown} LIMIT ?) AS counted"
    );
    let (count,) = tx
        .sql(&text)
        .bind(tx.org)
        .bind(i64::from(most))
        .one(tx)
        .await?;
    Ok(count)
}
