//! Where the store is and how it is used.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the store is and how it is used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// `sqlite:PATH` for a file of its own, or `postgres://USER@HOST:PORT/DATABASE` for a server that several
    /// machines share. A password does not belong here: it is a secret of its own.
    pub url: String,
    /// Connections at most. SQLite has one more, which alone writes.
    #[schemars(range(min = 1, max = 1000))]
    pub connections: u32,
    /// How long to wait for another process that holds the store, in seconds.
    #[schemars(range(min = 1, max = 600))]
    pub wait_seconds: u32,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            url: "sqlite:data/sightline.db".to_owned(),
            connections: 8,
            wait_seconds: 30,
        }
    }
}
