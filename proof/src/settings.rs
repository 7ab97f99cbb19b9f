//! The settings of proof: where the audit log is signed, and whose clock stamps evidence.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;
use url::Url;

/// How what leaves an instance, and what people did in it, is proven to others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProofSettings {
    /// The file that signed checkpoints of the audit log are appended to; without it `audit-checkpoints.txt` in the data
    /// folder. Best on another disk, where whoever can change the database can't change it.
    pub checkpoints: Option<PathBuf>,
    /// Minutes between two checkpoints while `serve` runs, from 1 to 1440; another is made as it stops. Nothing is signed
    /// where nothing was done.
    pub checkpoint_minutes: u32,
    /// Where each checkpoint is sent as well, by POST, so that others hold what was signed: `https://witness.example.org/`.
    pub checkpoint_url: Option<Url>,
    /// A time stamp authority (RFC 3161) that stamps each bundle of evidence: `https://tsa.example.org/`. It is told the
    /// digest of the bundle's manifest, and nothing else.
    pub timestamp_url: Option<Url>,
}

impl Default for ProofSettings {
    fn default() -> Self {
        Self {
            checkpoints: None,
            checkpoint_minutes: 60,
            checkpoint_url: None,
            timestamp_url: None,
        }
    }
}

impl ProofSettings {
    /// What is wrong with these values; empty when nothing is.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !(1..=1440).contains(&self.checkpoint_minutes) {
            problems.push(Problem::new(
                "checkpoint_minutes",
                format!("{} minutes are out of range", self.checkpoint_minutes),
                "write a whole number from 1 to 1440, such as 60",
            ));
        }
        for (key, url) in [
            ("checkpoint_url", &self.checkpoint_url),
            ("timestamp_url", &self.timestamp_url),
        ] {
            let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
            if let Some(url) = url.as_ref().filter(|url| !is_http(url)) {
                problems.push(Problem::new(
                    key,
                    format!("'{}' is not a scheme that can be asked", url.scheme()),
                    "write an address that begins with https://",
                ));
            }
        }
        problems
    }
}
