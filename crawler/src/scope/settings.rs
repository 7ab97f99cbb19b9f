//! The settings of a scope, as a source's file has them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

use super::host::HostPattern;

/// How far a crawl of a source may go.
///
/// Hosts are written as `ads.example`, as `ads.example:8080` for that port alone, or as `*.ads.example` for every name below
/// it (not `ads.example` itself). Path patterns are those of robots.txt: matched against path and query from the beginning,
/// with `*` for any run of characters and `$` for the end.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScopeSettings {
    /// Hosts whose pages belong to the source. Empty: the hosts of its start URLs.
    pub hosts: Vec<String>,
    /// Hosts that its images may come from besides; `*` alone is every host.
    pub image_hosts: Vec<String>,
    /// Paths that belong to it, such as `/ads/*`. Empty: all. Does not concern images.
    pub allow: Vec<String>,
    /// Paths that do not, whatever `allow` says, such as `/*/print$`.
    pub deny: Vec<String>,
    /// Links from a start page to the furthest page, pagination included: from 0 to 10,000.
    #[schemars(range(min = 0, max = 10_000))]
    pub depth: u32,
    /// Pages fetched in one run, images not counted: from 1 to 1,000,000. A run that reaches it ends as partial.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub pages_per_run: u32,
}

impl Default for ScopeSettings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            image_hosts: vec!["*".to_owned()],
            allow: Vec::new(),
            deny: Vec::new(),
            depth: 100,
            pages_per_run: 2_000,
        }
    }
}

impl ScopeSettings {
    /// What is wrong with these values; empty when nothing is.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, texts) in [("hosts", &self.hosts), ("image_hosts", &self.image_hosts)] {
            for (index, text) in texts.iter().enumerate() {
                let every_host = key == "image_hosts" && text == "*";
                if !every_host && HostPattern::parse(text).is_none() {
                    problems.push(Problem::new(
                        format!("{key}[{index}]"),
                        format!("'{text}' is not a host"),
                        "write a name without scheme or path, such as ads.example, ads.example:8080 or *.ads.example",
                    ));
                }
            }
        }
        for (key, texts) in [("allow", &self.allow), ("deny", &self.deny)] {
            for (index, text) in texts.iter().enumerate() {
                if !text.starts_with(['/', '*']) {
                    problems.push(Problem::new(
                        format!("{key}[{index}]"),
                        format!("'{text}' can match no path, since every path begins with '/'"),
                        "begin it with '/' or '*', such as /ads/* or */print$",
                    ));
                }
            }
        }
        if self.depth > 10_000 {
            problems.push(Problem::new(
                "depth",
                format!("a depth of {} is out of range", self.depth),
                "write a whole number from 0 to 10000",
            ));
        }
        if !(1..=1_000_000).contains(&self.pages_per_run) {
            problems.push(Problem::new(
                "pages_per_run",
                format!("{} pages per run is out of range", self.pages_per_run),
                "write a whole number from 1 to 1000000",
            ));
        }
        problems
    }
}
