//! How SQLite goes about statements: what tests hold by it that no page walks a big table.
//!
//! PostgreSQL plans by its statistics, which tests have not, so nothing is kept there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tables that may hold millions of rows.
const BIG: [&str; 20] = [
    "alert",
    "alert_change",
    "alert_sighting",
    "audit",
    "capture",
    "delivery",
    "entry",
    "entry_change",
    "image",
    "listing",
    "listing_away",
    "listing_image",
    "listing_version",
    "observation",
    "said",
    "selector",
    "sighting",
    "sighting_before",
    "silenced",
    "visit",
];

/// A step of a statement's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The statement, with places for its values.
    pub statement: String,
    /// A line of what `EXPLAIN QUERY PLAN` says of it.
    pub does: String,
}

impl Step {
    /// True where it looks at each row of a table that may be big. An index that begins with the organisation holds
    /// everything: by that alone it is no narrower than the table. What has an end is a walk down an index in its order,
    /// which stops where the page is full.
    pub fn walks_a_big_table(&self) -> bool {
        let mut words = self.does.split(' ');
        let (how, table) = (words.next(), words.next());
        table.is_some_and(|table| BIG.contains(&table))
            && (how == Some("SCAN") || self.does.ends_with("(organisation=?)"))
    }
}

/// The steps of the statements that read, from [`Store::explain`](crate::Store::explain) or
/// [`Tx::explain`](crate::Tx::explain) on; its clones are the same.
#[derive(Clone, Default)]
pub struct Plans(Arc<Mutex<Vec<Step>>>);

impl Plans {
    /// Takes out what was kept so far.
    pub fn take(&self) -> Vec<Step> {
        std::mem::take(&mut *self.steps())
    }

    pub(crate) fn keep(&self, statement: &str, steps: Vec<String>) {
        self.steps().extend(steps.into_iter().map(|does| Step {
            statement: statement.to_owned(),
            does,
        }));
    }

    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        // Whoever panicked with the lock left whole steps behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
