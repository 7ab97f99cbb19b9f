//! Which sightings share an alert, when people are told, and who is told where nobody answers: the options of `create` and
//! `set`.

use clap::Args;
use sightline_alerts::rules::{DigestRule, Escalate, QuietHours, Rules};
use sightline_model::{GroupBy, Pace, Severity};

use crate::commands::CommandError;

/// When people are told, and who else.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "When people are told")]
pub(super) struct Times {
    /// Which sightings share an alert: those of one entry, listing, source or case; without it entry
    #[arg(long, value_name = "WORD")]
    group_by: Option<GroupBy>,
    /// Tell what there is in one message: hourly, daily or weekly
    #[arg(long, value_name = "WORD")]
    digest: Option<Pace>,
    /// The digest's time of day, such as 08:00; of an hourly one the minutes count; without it 00:00
    #[arg(long, value_name = "TIME")]
    digest_at: Option<String>,
    /// The day of a weekly digest, such as fri; without it mon
    #[arg(long, value_name = "DAY")]
    digest_day: Option<String>,
    /// Hours in which nobody is disturbed, such as 22:00-07:00
    #[arg(long, value_name = "HOURS")]
    quiet_hours: Option<String>,
    /// The days on which quiet hours begin, such as mon-fri or sat; repeat for several; without it every day
    #[arg(long = "quiet-day", value_name = "DAYS")]
    quiet_days: Vec<String>,
    /// Whose clock the digest and the quiet hours go by, such as Europe/Paris; without it UTC
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// From this severity on nothing waits for a digest or the end of quiet hours: low, normal, grave, or none; without it
    /// grave
    #[arg(long, value_name = "WORD")]
    breaks_through: Option<Through>,
    /// Tell others of an alert that nobody has acknowledged for so many seconds: 300 to 2,592,000
    #[arg(long, value_name = "SECONDS")]
    escalate_after: Option<u32>,
    /// Those others: channels, by their names in the configuration; repeat for several
    #[arg(long = "escalate-to", value_name = "NAME")]
    escalate_to: Vec<String>,
    /// Tell them again, each time after so many seconds; without it once
    #[arg(long, value_name = "SECONDS")]
    escalate_repeat: Option<u32>,
    /// How many messages one entry may bring about in 24 hours, 1 to 10,000; what is news of it beyond that is told in one, with
    /// a count; without it 20
    #[arg(long, value_name = "N")]
    ceiling: Option<u32>,
    /// Remind of an alert that was acknowledged and is not closed, each time after so many seconds; without it never
    #[arg(long, value_name = "SECONDS")]
    forgotten_seconds: Option<u32>,
}

/// What a list no longer does.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "When people are told")]
pub(super) struct NoTimes {
    /// Send each message by itself
    #[arg(long, conflicts_with_all = ["digest", "digest_at", "digest_day"])]
    no_digest: bool,
    /// Have no quiet hours
    #[arg(long, conflicts_with_all = ["quiet_hours", "quiet_days"])]
    no_quiet: bool,
    /// Tell nobody else
    #[arg(long, conflicts_with_all = ["escalate_after", "escalate_to", "escalate_repeat"])]
    no_escalate: bool,
    /// Send every message, however many one entry brings about
    #[arg(long, conflicts_with = "ceiling")]
    no_ceiling: bool,
    /// Remind of no acknowledged alert
    #[arg(long, conflicts_with = "forgotten_seconds")]
    no_forgotten: bool,
}

/// A severity from which on nothing waits, or none.
#[derive(Clone, Copy, Debug)]
struct Through(Option<Severity>);

impl std::str::FromStr for Through {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == "none" {
            return Ok(Self(None));
        }
        let severity = word.parse();
        severity
            .map(|severity| Self(Some(severity)))
            .map_err(|error: sightline_model::selector::UnknownWord| format!("{error}, or none"))
    }
}

impl Times {
    /// These rules with what the options change. What they say is judged by [`Rules::check`].
    pub(super) fn over(self, rules: Rules) -> Result<Rules, CommandError> {
        let digest = self.digest_over(rules.digest)?;
        let quiet_hours = self.quiet_over(rules.quiet_hours)?;
        let escalate = self.escalate_over(rules.escalate)?;
        if digest.is_none() && quiet_hours.is_none() {
            let idle = [
                ("--zone", self.zone.is_some()),
                ("--breaks-through", self.breaks_through.is_some()),
            ];
            if let Some((option, _)) = idle.into_iter().find(|(_, given)| *given) {
                return Err(CommandError::Usage(format!(
                    "{option} is of a digest or of quiet hours, and the list has neither; add --digest or --quiet-hours"
                )));
            }
        }
        Ok(Rules {
            group_by: self.group_by.unwrap_or(rules.group_by),
            forgotten_seconds: self.forgotten_seconds.or(rules.forgotten_seconds),
            ceiling_per_day: self.ceiling.or(rules.ceiling_per_day),
            digest,
            quiet_hours,
            escalate,
            ..rules
        })
    }

    fn digest_over(&self, before: Option<DigestRule>) -> Result<Option<DigestRule>, CommandError> {
        let parts = self.digest_at.is_some() || self.digest_day.is_some();
        let Some(every) = self.digest.or(before.as_ref().map(|digest| digest.every)) else {
            return match parts {
                true => Err(lacks("--digest-at and --digest-day", "--digest")),
                false => Ok(None),
            };
        };
        let mut digest = before.unwrap_or_else(|| DigestRule::new(every));
        digest.every = every;
        replace(&mut digest.at, self.digest_at.as_ref());
        replace(&mut digest.weekday, self.digest_day.as_ref());
        replace(&mut digest.zone, self.zone.as_ref());
        if let Some(Through(severity)) = self.breaks_through {
            digest.breaks_through = severity;
        }
        Ok(Some(digest))
    }

    fn quiet_over(&self, before: Option<QuietHours>) -> Result<Option<QuietHours>, CommandError> {
        let mut quiet = match (&self.quiet_hours, before) {
            (None, None) if !self.quiet_days.is_empty() => {
                return Err(lacks("--quiet-day", "--quiet-hours"));
            }
            (None, None) => return Ok(None),
            (None, Some(before)) => before,
            (Some(hours), before) => {
                let Some((from, to)) = hours.split_once('-') else {
                    return Err(CommandError::Usage(format!(
                        "--quiet-hours '{hours}' is not a stretch of hours; write two times of day, such as 22:00-07:00"
                    )));
                };
                let mut quiet = before.unwrap_or_else(QuietHours::default);
                (quiet.from, quiet.to) = (from.trim().to_owned(), to.trim().to_owned());
                quiet
            }
        };
        if !self.quiet_days.is_empty() {
            quiet.days.clone_from(&self.quiet_days);
        }
        replace(&mut quiet.zone, self.zone.as_ref());
        if let Some(Through(severity)) = self.breaks_through {
            quiet.breaks_through = severity;
        }
        Ok(Some(quiet))
    }

    fn escalate_over(&self, before: Option<Escalate>) -> Result<Option<Escalate>, CommandError> {
        let mut escalate = match (self.escalate_after, before) {
            (None, None) if !self.escalate_to.is_empty() || self.escalate_repeat.is_some() => {
                return Err(lacks(
                    "--escalate-to and --escalate-repeat",
                    "--escalate-after",
                ));
            }
            (None, None) => return Ok(None),
            (None, Some(before)) => before,
            (Some(after_seconds), before) => Escalate {
                after_seconds,
                channels: before
                    .as_ref()
                    .map_or_else(Vec::new, |before| before.channels.clone()),
                repeat_seconds: before.and_then(|before| before.repeat_seconds),
            },
        };
        if !self.escalate_to.is_empty() {
            escalate.channels.clone_from(&self.escalate_to);
        }
        escalate.repeat_seconds = self.escalate_repeat.or(escalate.repeat_seconds);
        Ok(Some(escalate))
    }
}

impl NoTimes {
    /// These rules without what is no longer done.
    pub(super) fn over(&self, rules: Rules) -> Rules {
        Rules {
            digest: rules.digest.filter(|_| !self.no_digest),
            quiet_hours: rules.quiet_hours.filter(|_| !self.no_quiet),
            escalate: rules.escalate.filter(|_| !self.no_escalate),
            forgotten_seconds: rules.forgotten_seconds.filter(|_| !self.no_forgotten),
            ceiling_per_day: rules.ceiling_per_day.filter(|_| !self.no_ceiling),
            ..rules
        }
    }
}

fn replace(place: &mut String, with: Option<&String>) {
    if let Some(with) = with {
        place.clone_from(with);
    }
}

fn lacks(options: &str, whole: &str) -> CommandError {
    CommandError::Usage(format!("{options} need {whole}; give it as well"))
}
