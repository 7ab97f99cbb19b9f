//! The settings of a schedule, as a source's file has them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a source is crawled. With neither `cron` nor `every`, only when someone asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScheduleSettings {
    /// Times of day as cron has them, such as `30 6 * * mon-fri`, `@daily`, or six fields with seconds first.
    pub cron: Option<String>,
    /// A steady pace instead, such as `6h`, `90m` or `1h30m`; from `1s` to `366d`, counted from midnight UTC of 1970-01-01.
    pub every: Option<String>,
    /// The zone that `cron`, `allowed_hours` and `days` are meant in, by its IANA name, such as `Europe/London`.
    pub zone: String,
    /// How much later than planned a run may start, such as `5m`. Spreads the load; each run draws its own part of it.
    pub jitter: String,
    /// Hours in which the source may be crawled, such as `08:00-22:00` or, over midnight, `22:00-06:00`. Empty: all. What is
    /// due at another time waits for the opening.
    pub allowed_hours: Vec<String>,
    /// Days on which it may be crawled, such as `mon-fri` or `sun`. Empty: all. Hours over midnight belong to the day on which
    /// they begin.
    pub days: Vec<String>,
    /// What to do about runs that were missed, because Sightline was not running.
    pub misfire: Misfire,
    /// What to do when a run is due while an earlier one is under way.
    pub overlap: Overlap,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            cron: None,
            every: None,
            zone: "UTC".to_owned(),
            jitter: "1m".to_owned(),
            allowed_hours: Vec::new(),
            days: Vec::new(),
            misfire: Misfire::default(),
            overlap: Overlap::default(),
        }
    }
}

/// What to do about runs that were missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Misfire {
    /// One run makes up for all of them.
    #[default]
    RunOnce,
    /// None does; they are recorded as skipped.
    Skip,
}

/// What to do when a run is due while an earlier one is under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is recorded as skipped.
    #[default]
    Skip,
    /// It waits for the earlier one to end.
    Queue,
}
