//! From settings to a schedule, or to everything that is wrong with them.

use std::time::Duration;

use sightline_model::{
    Problem,
    local::{Hours, Window, Zone, days},
};

use super::{Schedule, Times, cron::CronTimes, settings::ScheduleSettings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn parse(settings: &ScheduleSettings) -> Result<Schedule, Vec<Problem>> {
    let mut problems = Vec::new();
    let times = times(settings, &mut problems);
    let mut keep = |problem: Problem| problems.push(problem);
    let zone = Zone::named(&settings.zone).map_err(&mut keep);
    let jitter = jitter(&settings.jitter).map_err(&mut keep);
    let mut windows = Vec::new();
    for (index, text) in settings.allowed_hours.iter().enumerate() {
        match Window::parse(text) {
            Some(window) => windows.push(window),
            None => keep(Problem::new(
                format!("allowed_hours[{index}]"),
                format!("'{text}' is not a stretch of hours"),
                "write two different times of day, such as 08:00-22:00 or, over midnight, 22:00-06:00",
            )),
        }
    }
    let mut open_days = [false; 7];
    for (index, text) in settings.days.iter().enumerate() {
        match days(text) {
            Some(days) => days.iter().for_each(|&day| open_days[day] = true),
            None => keep(Problem::new(
                format!("days[{index}]"),
                format!("'{text}' is not a day"),
                "write a day or a range of days, such as mon, sat or mon-fri",
            )),
        }
    }
    match (times, zone, jitter) {
        (Some(times), Ok(zone), Ok(jitter)) if problems.is_empty() => Ok(Schedule {
            times,
            zone,
            hours: Hours {
                windows,
                days: (!settings.days.is_empty()).then_some(open_days),
            },
            jitter,
            misfire: settings.misfire,
            overlap: settings.overlap,
        }),
        _ => Err(problems),
    }
}

/// Both are read where both are set, so that all that is wrong is told at once.
fn times(settings: &ScheduleSettings, problems: &mut Vec<Problem>) -> Option<Times> {
    if settings.cron.is_some() && settings.every.is_some() {
        problems.push(Problem::new(
            "every",
            "both cron and every are set",
            "keep one of them: cron for times of day, every for a steady pace",
        ));
    }
    let mut keep = |problem| problems.push(problem);
    let cron = settings.cron.as_deref().map(cron);
    let every = settings.every.as_deref().map(every);
    match (cron, every) {
        (None, None) => Some(Times::ByHand),
        (Some(one), None) | (None, Some(one)) => one.map_err(keep).ok(),
        (Some(cron), Some(every)) => {
            cron.err().into_iter().for_each(&mut keep);
            every.err().into_iter().for_each(keep);
            None
        }
    }
}

fn cron(text: &str) -> Result<Times, Problem> {
    CronTimes::parse(text)
        .map(|cron| Times::Cron(Box::new(cron)))
        .map_err(|error| {
            Problem::new(
                "cron",
                format!("'{text}' is not a cron schedule: {}", error.trim_end_matches('.')),
                "write minute, hour, day of month, month and day of week, such as '30 6 * * mon-fri', or @hourly, @daily, @weekly",
            )
        })
}

fn every(text: &str) -> Result<Times, Problem> {
    length(text)
        .filter(|length| (Duration::from_secs(1)..=366 * DAY).contains(length))
        .map(Times::Every)
        .ok_or_else(|| {
            Problem::new(
                "every",
                format!("'{text}' is not a length of time from 1s to 366d"),
                "write numbers with d, h, m or s, such as 6h, 90m or 1h30m",
            )
        })
}

fn jitter(text: &str) -> Result<Duration, Problem> {
    length(text).filter(|length| *length <= DAY).ok_or_else(|| {
        Problem::new(
            "jitter",
            format!("'{text}' is not a length of time up to 1d"),
            "write a number with h, m or s, such as 5m, or 0s for none",
        )
    })
}

/// A length of time: `6h`, `1h30m`, `45s`.
fn length(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u64 = rest[..digits].parse().ok()?;
        let unit = match rest[digits..].chars().next()? {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(Duration::from_secs(count.checked_mul(unit)?))?;
        rest = rest[digits + 1..].trim_start();
    }
    Some(total)
}
