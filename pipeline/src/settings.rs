//! How much is done at once.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

/// How much is done at once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WorkSettings {
    /// Visits that are under way at once, over all hosts: 1 to 10,000. Most of them wait for their host's turn.
    pub visits: usize,
    /// Visits of one host that are taken at once: 1 to 1,000. How many of them speak to the host at the same time is
    /// the source's `politeness`; the others wait, so a small number keeps memory for other hosts.
    pub visits_per_host: usize,
    /// How long a visit or delivery stays with a worker that is no longer heard of, in seconds: 30 to 3,600.
    pub lease_seconds: u64,
    /// Room to leave free on the disks of the store and of the archive, in MiB: 0 (none) to 1,048,576. Where there is less, no page is
    /// fetched, so that what is known can still be stored and told; the work goes on by itself once there is more.
    pub free_mebibytes: u64,
}

impl Default for WorkSettings {
    fn default() -> Self {
        Self {
            visits: 512,
            visits_per_host: 8,
            lease_seconds: 120,
            free_mebibytes: 256,
        }
    }
}

impl WorkSettings {
    /// What is wrong with these values.
    pub fn check(&self) -> Vec<Problem> {
        let counts = [
            ("visits", self.visits as u64, 1, 10_000),
            ("visits_per_host", self.visits_per_host as u64, 1, 1_000),
            ("lease_seconds", self.lease_seconds, 30, 3_600),
            ("free_mebibytes", self.free_mebibytes, 0, 1 << 20),
        ];
        counts
            .into_iter()
            .filter(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(key, value, least, most)| {
                Problem::new(
                    key,
                    format!("{value} is out of range"),
                    format!("give a number from {least} to {most}"),
                )
            })
            .collect()
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }
}
