//! What a source's schedule comes to: its next instants as the clock of its zone shows them, with a word where that clock
//! skips one or shows one twice.

use std::time::Duration;

use sightline_crawler::schedule::{Comes, Touched};
use sightline_model::{Timestamp, local::Zone};

use crate::source::Source;

/// The longest stretch of time that a clock shows twice.
const LONGEST_REPEAT: Duration = Duration::from_secs(3 * 3_600);
/// How far ahead it is looked for a time that the clock skips or shows twice: 13 months, so that each change of a year is seen.
const AHEAD: Duration = Duration::from_secs(396 * 86_400);

/// An instant that a run is planned for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upcoming {
    /// When.
    pub at: Timestamp,
    /// What the clock of the source's zone shows then: `Sat 28 Nov 2026 06:30 UTC+1`.
    pub shown: String,
    /// Where that clock skips a time of the plan, or shows it twice, and this is what comes of it: which, and what comes of it.
    pub warning: Option<String>,
}

/// The next instants of a source's schedule, and what is not among them and to be minded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outlook {
    /// The next instants.
    pub next: Vec<Upcoming>,
    /// Where none of them is touched by a jump of the clock: the first later one that is, within 13 months.
    pub ahead: Option<String>,
}

/// The next instants of a source's schedule after `now`, `at_most` of them; none where it is crawled by hand.
pub fn upcoming(source: &Source, now: Timestamp, at_most: usize) -> Vec<Upcoming> {
    // The schedule was read with this zone, so it is one.
    let Ok(zone) = Zone::named(&source.settings.schedule.zone) else {
        return Vec::new();
    };
    let mut instants = Vec::with_capacity(at_most);
    let mut last = now;
    while instants.len() < at_most
        && let Some(at) = source.schedule.next_after(last)
    {
        instants.push(at);
        last = at;
    }
    // A time that the clock shows twice lies before its jump.
    let (from, until) = (now - LONGEST_REPEAT, last + LONGEST_REPEAT);
    let touched: Vec<Touched> = source.schedule.touched(from, until).collect();
    let warned = |at: Timestamp| touched.iter().find(|one| one.comes.after(now) == Some(at));
    let instants = instants.into_iter().map(|at| Upcoming {
        at,
        shown: shown(zone, at),
        warning: warned(at).map(|one| warning(zone, one)),
    });
    instants.collect()
}

/// The same, with what the clock does to a later one.
pub fn outlook(source: &Source, now: Timestamp, at_most: usize) -> Outlook {
    let next = upcoming(source, now, at_most);
    let is_told = next.is_empty() || next.iter().any(|one| one.warning.is_some());
    let zone = Zone::named(&source.settings.schedule.zone).ok();
    let ahead = zone.filter(|_| !is_told).and_then(|zone| {
        let mut touched = source.schedule.touched(now, now + AHEAD);
        let first = touched.find(|one| one.comes.after(now).is_some())?;
        Some(warning(zone, &first))
    });
    Outlook { next, ahead }
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

/// What the clock of a zone shows, with how far it is from UTC.
pub fn shown(zone: Zone, at: Timestamp) -> String {
    let offset = offset(zone.offset(seconds(at)));
    format!("{} {offset}", zone.local(at).format("%a %-d %b %Y %H:%M"))
}

/// `UTC`, `UTC+1`, `UTC−3:30`.
fn offset(seconds: i64) -> String {
    let sign = if seconds < 0 { '−' } else { '+' };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

fn warning(zone: Zone, touched: &Touched) -> String {
    let minutes = touched.by.abs() / 60;
    let length = match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} h"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    let (day, time) = (
        touched.time.format("%a %-d %b %Y"),
        touched.time.format("%H:%M"),
    );
    let time = match touched.are_more {
        true => format!(
            "{time} and further times before {}",
            touched.end.format("%H:%M")
        ),
        false => time.to_string(),
    };
    let skipped = format!("the clock goes forward by {length} on {day} and skips {time}");
    let twice = format!("the clock goes back by {length} on {day} and shows {time} twice");
    match touched.comes {
        Comes::Later(at) => format!("{skipped}: that run comes {} instead", shown(zone, at)),
        Comes::Never(at) => {
            format!(
                "{skipped}: no run stands in for it, the next comes {}",
                shown(zone, at)
            )
        }
        Comes::Once(at) => format!(
            "{twice}: the run comes once, the first time, {}",
            shown(zone, at)
        ),
        Comes::Twice(..) => format!("{twice}: a run comes each time"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::SourceSettings;

    fn of(zone: &str, cron: &str) -> Source {
        let settings: SourceSettings = serde_json::from_value(json!({
            "start": ["https://ads.example/"],
            "list": {"links": ["a"]},
            "schedule": {"cron": cron, "zone": zone},
        }))
        .unwrap();
        Source::compile(&settings, "ads").unwrap()
    }

    #[test]
    fn instants_are_told_by_the_zones_clock_with_its_jumps() {
        let at = |text| Timestamp::parse(text).unwrap();
        let daily = of("Europe/Paris", "30 2 * * *");
        let found = upcoming(&daily, at("2027-03-27T10:00:00Z"), 2);
        assert_eq!(found[0].shown, "Sun 28 Mar 2027 03:00 UTC+2");
        let skipped = "the clock goes forward by 1 h on Sun 28 Mar 2027 and skips 02:30: that run comes Sun 28 Mar 2027 03:00 UTC+2 instead";
        assert_eq!(found[0].warning.as_deref(), Some(skipped));
        assert_eq!(found[1].shown, "Mon 29 Mar 2027 02:30 UTC+2");
        assert_eq!(found[1].warning, None);
        let back = upcoming(&daily, at("2026-10-24T10:00:00Z"), 2);
        let twice = "the clock goes back by 1 h on Sun 25 Oct 2026 and shows 02:30 twice: the run comes once, the first time, Sun 25 Oct 2026 02:30 UTC+2";
        assert_eq!(back[0].warning.as_deref(), Some(twice));
        assert_eq!(back[0].shown, "Sun 25 Oct 2026 02:30 UTC+2");
        assert_eq!(back[1].shown, "Mon 26 Oct 2026 02:30 UTC+1");
        assert_eq!(back[1].warning, None);
        let half = of("Asia/Kolkata", "0 6 * * *");
        let found = upcoming(&half, at("2026-11-23T10:00:00Z"), 10);
        assert_eq!(found.len(), 10);
        assert_eq!(found[0].shown, "Tue 24 Nov 2026 06:00 UTC+5:30");
        assert!(found.iter().all(|one| one.warning.is_none()));
    }

    #[test]
    fn a_jump_is_told_of_months_before_it_and_only_where_it_touches_the_plan() {
        let at = |text| Timestamp::parse(text).unwrap();
        let now = at("2026-11-23T10:00:00Z");
        for (cron, next, ahead) in [
            (
                "30 2 * * *",
                None,
                Some(
                    "the clock goes forward by 1 h on Sun 28 Mar 2027 and skips 02:30: that run comes Sun 28 Mar 2027 03:00 UTC+2 instead",
                ),
            ),
            (
                "0 */2 * * *",
                None,
                Some(
                    "the clock goes forward by 1 h on Sun 28 Mar 2027 and skips 02:00: no run stands in for it, the next comes Sun 28 Mar 2027 04:00 UTC+2",
                ),
            ),
            ("0 12 1 * *", None, None),
            ("*/20 * * * *", None, None),
            // The day is among those that are shown.
            (
                "0,30 2 28 * *",
                Some(
                    "the clock goes forward by 1 h on Sun 28 Mar 2027 and skips 02:00 and further times before 03:00: that run comes Sun 28 Mar 2027 03:00 UTC+2 instead",
                ),
                None,
            ),
        ] {
            let found = outlook(&of("Europe/Paris", cron), now, 10);
            let warned = found.next.iter().find_map(|one| one.warning.as_deref());
            assert_eq!((warned, found.ahead.as_deref()), (next, ahead), "{cron}");
        }
        // While the clock shows the hour for the second time, what came is past.
        let daily = of("Europe/Paris", "30 2 * * *");
        let found = outlook(&daily, at("2026-10-25T01:15:00Z"), 1);
        assert_eq!(found.next[0].warning, None);
    }
}
