//! The weekly digest of reviews: once for each week and owner, whoever looks, and however often.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::notices::{
    operators::unknown_channels,
    reviews::{AHEAD, digests},
};
use sightline_crawler::schedule::{Schedule, ScheduleSettings};
use sightline_model::{Problem, Timestamp};
use sightline_store::{
    deliveries,
    entries::{self, ending},
    notices, watchlists,
};

use super::deliveries_of;
use crate::{PipelineError, instance::Instance};

/// Entries that are counted in one week's digests at most.
const MOST: u32 = 200_000;
/// How far back the last digest is looked for: a week, and a day for zones that move their clocks.
const BACK: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// When owners are told which of their entries are due for review, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReviewSettings {
    /// The day of the week: mon, tue, wed, thu, fri, sat or sun.
    pub weekday: Weekday,
    /// The time of day, such as `08:00`.
    pub at: String,
    /// Whose clock: a zone of the IANA database, such as Europe/Paris.
    pub zone: String,
    /// The channels of owners who are not named under `owners`, by their names in `[channels]`.
    pub channels: Vec<String>,
    /// The channels of single owners, by the owner's name as entries have it: `"J. Doe" = ["desk"]`.
    pub owners: BTreeMap<String, Vec<String>>,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    #[default]
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        Self {
            weekday: Weekday::Mon,
            at: "08:00".to_owned(),
            zone: "UTC".to_owned(),
            channels: Vec::new(),
            owners: BTreeMap::new(),
        }
    }
}

impl ReviewSettings {
    /// Everything that is wrong with them, given the channels that the configuration names.
    pub fn check(&self, known_channels: &[&str]) -> Vec<Problem> {
        let mut problems = match self.schedule() {
            Ok(_) => Vec::new(),
            Err(problems) => problems,
        };
        problems.extend(unknown_channels("channels", &self.channels, known_channels));
        for (owner, channels) in &self.owners {
            let key = format!("owners.{owner}");
            problems.extend(unknown_channels(&key, channels, known_channels));
        }
        problems
    }

    fn schedule(&self) -> Result<Schedule, Vec<Problem>> {
        let mut problems = Vec::new();
        let (hour, minute) = time(&self.at).unwrap_or_else(|| {
            problems.push(Problem::new(
                "at",
                format!("'{}' is not a time of day", self.at),
                "write it as 08:00",
            ));
            (0, 0)
        });
        let day = match self.weekday {
            Weekday::Mon => "mon",
            Weekday::Tue => "tue",
            Weekday::Wed => "wed",
            Weekday::Thu => "thu",
            Weekday::Fri => "fri",
            Weekday::Sat => "sat",
            Weekday::Sun => "sun",
        };
        let schedule = Schedule::parse(&ScheduleSettings {
            cron: Some(format!("{minute} {hour} * * {day}")),
            zone: self.zone.clone(),
            ..ScheduleSettings::default()
        });
        match schedule {
            Ok(schedule) if problems.is_empty() => Ok(schedule),
            wrong => {
                problems.extend(wrong.err().into_iter().flatten());
                Err(problems)
            }
        }
    }

    /// The last instant of a digest up to `now`; none where the settings are wrong, which is told at start.
    fn last(&self, now: Timestamp) -> Option<Timestamp> {
        self.schedule().ok()?.due(now - BACK, now).plan
    }

    /// The channels of an owner, whose name is compared whatever its case.
    pub fn channels_of(&self, owner: &str) -> &[String] {
        let owner = owner.trim().to_lowercase();
        let own = self
            .owners
            .iter()
            .find(|(name, _)| name.trim().to_lowercase() == owner);
        own.map_or(&self.channels, |(_, channels)| channels)
    }
}

/// Reads `08:00`.
fn time(text: &str) -> Option<(u32, u32)> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let is_plain = !text.is_empty() && text.len() <= 2;
        let is_plain = is_plain && text.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| text.parse().ok()).flatten()
    };
    let (hour, minute): (u32, u32) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some((hour, minute))
}

impl Instance {
    /// Where owners are told of their reviews, and when.
    pub fn reviews(&self) -> &ReviewSettings {
        &self.notices.reviews
    }
}

/// Tells owners, once the day and hour have come, which of their entries are due for review, and which end or ended.
///
/// # Errors
/// If the store can't be read or written; the next look tells.
pub async fn tell_owners(instance: &Instance) -> Result<(), PipelineError> {
    let settings = &instance.notices.reviews;
    let now = instance.clock.now();
    let Some(planned_at) = settings.last(now) else {
        return Ok(());
    };
    let mut tx = instance.read().await?;
    let until = notices::reviewed_until(&mut tx).await?;
    drop(tx);
    if until.is_some_and(|until| until >= planned_at) {
        return Ok(());
    }
    let mut tx = instance.write().await?;
    // In the transaction of its notices and messages: a crash undoes all of it, and the next look does it again.
    if !notices::take_review(&mut tx, planned_at).await? {
        return Ok(tx.rollback().await?);
    }
    let mut due = entries::due_for_review(&mut tx, now, planned_at + AHEAD, MOST).await?;
    due.extend(ending::between(&mut tx, planned_at - AHEAD, planned_at + AHEAD, MOST).await?);
    let names = watchlists::all(&mut tx).await?.into_iter();
    let names = names.map(|list| (list.id, list.name)).collect();
    let told = digests(&due, &names, planned_at, now, &instance.mint);
    notices::insert(&mut tx, &told).await?;
    let mut messages = Vec::new();
    for notice in &told {
        let channels = settings.channels_of(&notice.subject);
        messages.extend(deliveries_of(notice, channels, now, &instance.mint));
    }
    deliveries::insert(&mut tx, &messages).await?;
    tx.commit().await?;
    tracing::info!(owners = told.len(), messages = messages.len(), %planned_at, "owners are told of their reviews");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_comes_by_the_clock_of_its_zone() {
        let berlin = ReviewSettings {
            zone: "Europe/Berlin".to_owned(),
            ..ReviewSettings::default()
        };
        for (now, last) in [
            ("2026-11-23T06:59:59Z", "2026-11-16T07:00:00Z"),
            ("2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z"),
            ("2026-11-29T23:00:00Z", "2026-11-23T07:00:00Z"),
            // Summer time ends on 25 October.
            ("2026-10-19T06:00:00Z", "2026-10-19T06:00:00Z"),
            ("2026-10-26T06:30:00Z", "2026-10-19T06:00:00Z"),
            ("2026-10-26T07:00:00Z", "2026-10-26T07:00:00Z"),
        ] {
            let [now, last] = [now, last].map(|text| Timestamp::parse(text).unwrap());
            assert_eq!(berlin.last(now), Some(last), "{now}");
        }
    }

    #[test]
    fn every_problem_is_found_at_once_and_owners_are_known_whatever_the_case() {
        let settings = ReviewSettings {
            at: "25:00".to_owned(),
            channels: vec!["nobody".to_owned()],
            owners: [("J. Doe".to_owned(), vec!["desk".to_owned()])].into(),
            ..ReviewSettings::default()
        };
        let keys = |known: &[&str]| -> Vec<String> {
            let problems = settings.check(known).into_iter();
            problems.map(|problem| problem.key).collect()
        };
        assert_eq!(keys(&["desk", "nobody"]), ["at"]);
        assert_eq!(keys(&[]), ["at", "channels", "owners.J. Doe"]);
        assert_eq!(settings.channels_of(" j. doe"), ["desk"]);
        assert_eq!(settings.channels_of("R. Roe"), ["nobody"]);
        assert_eq!(time("8:30"), Some((8, 30)));
        for wrong in ["", "8", "08:60", "+8:00", "008:00"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
