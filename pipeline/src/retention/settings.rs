//! For how long what is kept is kept.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{Problem, Timestamp};
use sightline_store::purges::Class;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// The longest period that can be written, in days: a century is for ever.
const LONGEST: u32 = 36_500;

/// For how long what is kept is kept, in days; 0 is for ever. Nothing goes as long as something that is kept stands on it,
/// or a hold covers it: an alert keeps its sightings, a sighting its listing, and a listing the captures it was read from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RetentionSettings {
    /// Alerts, from when they were closed.
    pub alerts_days: u32,
    /// Sightings that no alert holds, from when the entry was last seen there.
    pub sightings_days: u32,
    /// Observations that a listing without sightings no longer shows, from when they were last seen.
    pub observations_days: u32,
    /// Listings without sightings, from when they were last seen.
    pub listings_days: u32,
    /// Images that no listing shows, from when they were first seen.
    pub images_days: u32,
    /// Captures that nothing was read from which is still kept, from when they were fetched.
    pub captures_days: u32,
    /// Deeds of the audit log, up to the last checkpoint among them: what was not signed stays, and all from the first deed on that
    /// is on something held.
    pub audit_days: u32,
}

impl RetentionSettings {
    /// What is wrong with these values.
    pub fn check(&self) -> Vec<Problem> {
        let of = |class| self.days(class);
        let mut problems: Vec<Problem> = Class::ALL
            .into_iter()
            .filter(|&class| of(class) > LONGEST)
            .map(|class| {
                Problem::new(
                    format!("{}_days", class.as_str()),
                    format!("{} days is out of range", of(class)),
                    format!("give a number of days up to {LONGEST}, or 0 to keep them for ever"),
                )
            })
            .collect();
        if self.audit_days > LONGEST {
            problems.push(Problem::new(
                "audit_days",
                format!("{} days is out of range", self.audit_days),
                format!("give a number of days up to {LONGEST}, or 0 to keep them for ever"),
            ));
        }
        let (observations, listings) = (of(Class::Observations), of(Class::Listings));
        if listings > 0 && (observations == 0 || observations > listings) {
            // For ever is what observations are kept where nobody wrote their period: then the other one is what was written.
            let written = match observations {
                0 => "listings_days",
                _ => "observations_days",
            };
            problems.push(Problem::new(
                written,
                "observations go with their listing, so they can't be kept for longer than listings",
                format!("give observations_days a number of days from 1 to {listings}, as listings_days is"),
            ));
        }
        problems
    }

    /// For how many days a class is kept; 0 is for ever.
    pub fn days(&self, class: Class) -> u32 {
        match class {
            Class::Alerts => self.alerts_days,
            Class::Sightings => self.sightings_days,
            Class::Observations => self.observations_days,
            Class::Listings => self.listings_days,
            Class::Images => self.images_days,
            Class::Captures => self.captures_days,
        }
    }

    /// Deeds from before this instant may go; none where they are kept for ever.
    pub fn audit_up_to(&self, now: Timestamp) -> Option<Timestamp> {
        (self.audit_days > 0).then(|| now - DAY * self.audit_days)
    }

    /// What is from before this instant may go; none where a class is kept for ever.
    pub fn up_to(&self, class: Class, now: Timestamp) -> Option<Timestamp> {
        match self.days(class) {
            0 => None,
            days => Some(now - DAY * days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_judged() {
        let with = |listings_days, observations_days, captures_days| RetentionSettings {
            listings_days,
            observations_days,
            captures_days,
            ..RetentionSettings::default()
        };
        for (settings, wrong) in [
            (RetentionSettings::default(), &[][..]),
            (with(0, 0, 36_500), &[]),
            (with(0, 0, 36_501), &["captures_days"]),
            (with(30, 30, 1), &[]),
            (with(30, 7, 0), &[]),
            (with(0, 7, 0), &[]),
            (with(30, 31, 0), &["observations_days"]),
            (with(30, 0, 0), &["listings_days"]),
        ] {
            let found = settings.check();
            let keys: Vec<&str> = found.iter().map(|problem| problem.key.as_str()).collect();
            assert_eq!(keys, wrong, "{settings:?}");
        }
    }

    #[test]
    fn what_has_no_period_is_kept() {
        let settings = RetentionSettings {
            captures_days: 2,
            ..RetentionSettings::default()
        };
        let now = Timestamp(10 * 86_400_000);
        for class in Class::ALL {
            let expected = (class == Class::Captures).then_some(Timestamp(8 * 86_400_000));
            assert_eq!(settings.up_to(class, now), expected);
        }
    }
}
