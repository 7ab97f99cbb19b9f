//! The settings of the archive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

/// How captures are kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ArchiveSettings {
    /// The size in bytes at which a WARC file is closed and the next one begun: from 1 MiB to 64 GiB.
    pub file_bytes: u64,
    /// How hard records are compressed: from 0, not at all, and 1, fast, to 9, small. On 37 KiB pages 1 leaves
    /// 58 % in 0.3 ms and 6 leaves 41 % in 1 ms. Bodies that come compressed are not compressed again.
    pub compression: u32,
}

impl Default for ArchiveSettings {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            compression: 1,
        }
    }
}

impl ArchiveSettings {
    /// What is wrong with these values; empty when nothing is.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !((1 << 20)..=(64 << 30)).contains(&self.file_bytes) {
            problems.push(Problem::new(
                "file_bytes",
                format!("a WARC file of {} bytes is out of range", self.file_bytes),
                "write a number from 1048576 (1 MiB) to 68719476736 (64 GiB), such as 1073741824",
            ));
        }
        if self.compression > 9 {
            problems.push(Problem::new(
                "compression",
                format!("a compression of {} is out of range", self.compression),
                "write a whole number from 0 to 9, such as 1",
            ));
        }
        problems
    }
}
