//! From settings to a schedule, or to everything that is wrong with them.

use std::{str::FromStr, time::Duration};

use chrono::Weekday;
use chrono_tz::{TZ_VARIANTS, Tz};
use sightline_model::Problem;

use super::{
    Schedule, Times,
    cron::CronTimes,
    hours::{Hours, Window},
    settings::ScheduleSettings,
    zone::Zone,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn parse(settings: &ScheduleSettings) -> Result<Schedule, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut keep = |problem: Problem| problems.push(problem);
    let times = times(settings).map_err(&mut keep);
    let zone = zone(&settings.zone).map_err(&mut keep);
    let jitter = jitter(&settings.jitter).map_err(&mut keep);
    let mut windows = Vec::new();
    for (index, text) in settings.allowed_hours.iter().enumerate() {
        match window(text) {
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
        (Ok(times), Ok(zone), Ok(jitter)) if problems.is_empty() => Ok(Schedule {
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

fn times(settings: &ScheduleSettings) -> Result<Times, Problem> {
    match (&settings.cron, &settings.every) {
        (None, None) => Ok(Times::ByHand),
        (Some(_), Some(_)) => Err(Problem::new(
            "every",
            "both cron and every are set",
            "keep one of them: cron for times of day, every for a steady pace",
        )),
        (Some(text), None) => CronTimes::parse(text)
            .map(|cron| Times::Cron(Box::new(cron)))
            .map_err(|error| {
                Problem::new(
                    "cron",
                    format!("'{text}' is not a cron schedule: {}", error.trim_end_matches('.')),
                    "write minute, hour, day of month, month and day of week, such as '30 6 * * mon-fri', or @hourly, @daily, @weekly",
                )
            }),
        (None, Some(text)) => length(text)
            .filter(|length| (Duration::from_secs(1)..=366 * DAY).contains(length))
            .map(Times::Every)
            .ok_or_else(|| {
                Problem::new(
                    "every",
                    format!("'{text}' is not a length of time from 1s to 366d"),
                    "write numbers with d, h, m or s, such as 6h, 90m or 1h30m",
                )
            }),
    }
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

fn zone(text: &str) -> Result<Zone, Problem> {
    Tz::from_str(text).map(Zone).map_err(|_| {
        let remedy = match nearest_zone(text) {
            Some(name) => format!(
                "write '{name}', if that is meant, or another name of the IANA time zone database"
            ),
            None => "write a name of the IANA time zone database, such as Europe/London or UTC"
                .to_owned(),
        };
        Problem::new("zone", format!("'{text}' is not a time zone"), remedy)
    })
}

/// The zone whose name, or whose city alone, is fewest slips away; none if that is too many.
fn nearest_zone(text: &str) -> Option<&'static str> {
    let wanted = text.trim().to_ascii_lowercase().replace(' ', "_");
    let most = 1 + wanted.chars().count() / 4;
    TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let city = lower.rsplit('/').next().unwrap_or_default();
            (slips(&wanted, &lower).min(slips(&wanted, city)), name)
        })
        .min()
        .filter(|&(slips, _)| slips <= most)
        .map(|(_, name)| name)
}

/// Characters to add, drop or replace to get from one text to the other (Levenshtein).
fn slips(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (line, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

fn window(text: &str) -> Option<Window> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from != to && from < 24 * 60).then_some(Window { from, to })
}

/// `08:30` as minutes of the day; `24:00` is the day's end.
fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let plain = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(minute) || !(plain(hour) || hour.len() == 1) {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 24 * 60).then_some(total)
}

/// A day, or a range of days that may go over Sunday, as days since Monday.
fn days(text: &str) -> Option<Vec<usize>> {
    let day = |text: &str| {
        Weekday::from_str(text.trim())
            .ok()
            .map(|day| day.num_days_from_monday() as usize)
    };
    match text.split_once('-') {
        None => Some(vec![day(text)?]),
        Some((first, last)) => {
            let (first, last) = (day(first)?, day(last)?);
            Some(
                (0..=(last + 7 - first) % 7)
                    .map(|step| (first + step) % 7)
                    .collect(),
            )
        }
    }
}
