//! The rules of a watchlist in words, for those who read what it does.

use std::time::Duration;

use sightline_alerts::{rules::Rules, words::ago};
use sightline_model::{Pace, Severity, counted};

use crate::inert;

/// Whom a list tells, of what and when: a line for each rule.
pub fn in_words(rules: &Rules) -> Vec<String> {
    let names = |channels: &[String]| {
        let names: Vec<_> = channels
            .iter()
            .map(|name| inert::line(name).into_owned())
            .collect();
        names.join(", ")
    };
    let seconds = |seconds: u32| ago(Duration::from_secs(seconds.into()));
    let reasons: Vec<&str> = rules.reasons.iter().map(|reason| reason.as_str()).collect();
    let mut lines = vec![match rules.channels.as_slice() {
        [] => format!("Nobody is sent its alerts, of: {}.", reasons.join(", ")),
        channels => format!(
            "{} told, of: {}.",
            told(&names(channels), channels.len()),
            reasons.join(", ")
        ),
    }];
    lines.push(format!(
        "Sightings are {} and share an alert by {}; one not seen for {} has reappeared.",
        rules.severity,
        rules.group_by,
        counted(rules.gap_days, "day", "days")
    ));
    let through = |severity: Option<Severity>| match severity {
        Some(severity) => format!("; from {severity} on, at once"),
        None => String::new(),
    };
    match &rules.digest {
        Some(digest) => {
            let day = match digest.every {
                Pace::Weekly => format!(" on {}", inert::line(&digest.weekday)),
                Pace::Hourly | Pace::Daily => String::new(),
            };
            lines.push(format!(
                "A {} digest at {}{day}, {}{}.",
                digest.every,
                inert::line(&digest.at),
                inert::line(&digest.zone),
                through(digest.breaks_through)
            ));
        }
        None => lines.push(format!(
            "A message waits {} for more, and at least {} pass between two of one alert.",
            seconds(rules.group_wait_seconds),
            seconds(rules.group_interval_seconds)
        )),
    }
    lines.push(match rules.ceiling_per_day {
        Some(ceiling) => format!(
            "One entry brings about {} a day at most; what is more is told in one.",
            counted(ceiling, "message", "messages")
        ),
        None => "One entry may bring about any number of messages.".to_owned(),
    });
    lines.extend(rules.quiet_hours.as_ref().map(|quiet| {
        let days = match quiet.days.as_slice() {
            [] => String::new(),
            days => format!(" on {}", inert::line(&days.join(", "))),
        };
        format!(
            "Quiet from {} to {}{days}, {}{}.",
            inert::line(&quiet.from),
            inert::line(&quiet.to),
            inert::line(&quiet.zone),
            through(quiet.breaks_through)
        )
    }));
    lines.extend(rules.repeat_seconds.map(|repeat| {
        format!(
            "Reminded every {} until somebody acknowledges.",
            seconds(repeat)
        )
    }));
    lines.extend(rules.forgotten_seconds.map(|forgotten| {
        format!(
            "Reminded every {} of what was acknowledged and is not closed.",
            seconds(forgotten)
        )
    }));
    lines.extend(rules.escalate.as_ref().map(|escalate| {
        let again = escalate
            .repeat_seconds
            .map(|repeat| format!(", and every {} again", seconds(repeat)));
        format!(
            "{} told where nobody acknowledges within {}{}.",
            told(&names(&escalate.channels), escalate.channels.len()),
            seconds(escalate.after_seconds),
            again.unwrap_or_default()
        )
    }));
    lines
}

fn told(names: &str, count: usize) -> String {
    match count {
        1 => format!("{names} is"),
        _ => format!("{names} are"),
    }
}
