//! Which times of a plan the jumps of the clock touch.

use super::*;

/// What the first jump that touches the plan within 13 months does to it, in words.
fn first(settings: &ScheduleSettings, after: &str) -> Option<String> {
    let schedule = Schedule::parse(settings).unwrap();
    let after = at(after);
    let until = after + Duration::from_secs(396 * 86_400);
    let touched = schedule.touched(after, until).next()?;
    let time = touched.time.format("%H:%M").to_string();
    let more = if touched.are_more { " and more" } else { "" };
    let comes = match touched.comes {
        Comes::Later(at) => format!("later {at}"),
        Comes::Never(at) => format!("never; {at}"),
        Comes::Once(at) => format!("once {at}"),
        Comes::Twice(first, last) => format!("twice {first} {last}"),
    };
    Some(format!("{time}{more} {comes}"))
}

const AUTUMN: &str = "2026-10-01T00:00:00Z";
const WINTER: &str = "2026-11-23T10:00:00Z";

#[test]
fn only_times_that_are_skipped_or_shown_twice_are_touched() {
    for (text, zone, after, expected) in [
        // Paris goes forward at 02:00 on 28 March 2027, and back at 03:00 on 25 October 2026.
        (
            "30 2 * * *",
            "Europe/Paris",
            WINTER,
            Some("02:30 later 2027-03-28T01:00:00Z"),
        ),
        (
            "30 2 * * sun",
            "Europe/Paris",
            WINTER,
            Some("02:30 later 2027-03-28T01:00:00Z"),
        ),
        (
            "0,30 2 * * *",
            "Europe/Paris",
            WINTER,
            Some("02:00 and more later 2027-03-28T01:00:00Z"),
        ),
        ("30 2 * * mon", "Europe/Paris", WINTER, None),
        ("0 12 1 * *", "Europe/Paris", WINTER, None),
        ("59 1 * * *", "Europe/Paris", WINTER, None),
        ("0 3 * * *", "Europe/Paris", WINTER, None),
        (
            "30 2 * * *",
            "Europe/Paris",
            AUTUMN,
            Some("02:30 once 2026-10-25T00:30:00Z"),
        ),
        ("0 3 * * *", "Europe/Paris", AUTUMN, None),
        // A pace that goes on is as it was; one that has a longer or shorter pause is not.
        ("*/20 * * * *", "Europe/Paris", AUTUMN, None),
        ("30 * * * *", "Europe/Paris", AUTUMN, None),
        (
            "0 */2 * * *",
            "Europe/Paris",
            WINTER,
            Some("02:00 never; 2027-03-28T02:00:00Z"),
        ),
        (
            "0 */2 * * *",
            "Europe/Paris",
            AUTUMN,
            Some("02:00 twice 2026-10-25T00:00:00Z 2026-10-25T01:00:00Z"),
        ),
        (
            "@daily",
            "America/Santiago",
            "2026-08-01T00:00:00Z",
            Some("00:00 later 2026-09-06T04:00:00Z"),
        ),
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-09-01T00:00:00Z",
            Some("02:15 later 2026-10-03T15:30:00Z"),
        ),
        ("30 2 * * *", "UTC", WINTER, None),
    ] {
        let found = first(&cron(text, zone), after);
        assert_eq!(found.as_deref(), expected, "{text} {zone} {after}");
    }
    assert_eq!(first(&every("1h"), AUTUMN), None);
}

#[test]
fn what_waits_for_open_hours_is_touched_where_they_open_otherwise() {
    for (text, hours, after, expected) in [
        // It waits for the morning on every day of the year.
        ("30 2 * * *", "08:00-22:00", WINTER, None),
        ("30 2 * * *", "08:00-22:00", AUTUMN, None),
        // The opening is skipped.
        (
            "0 1 * * *",
            "02:30-07:00",
            WINTER,
            Some("02:30 later 2027-03-28T01:00:00Z"),
        ),
        // All hours that are open are skipped: it comes a day later.
        (
            "30 2 * * *",
            "02:00-03:00",
            WINTER,
            Some("02:30 later 2027-03-29T00:00:00Z"),
        ),
        (
            "0 1 * * *",
            "02:30-07:00",
            AUTUMN,
            Some("02:30 once 2026-10-25T00:30:00Z"),
        ),
    ] {
        let settings = ScheduleSettings {
            allowed_hours: vec![hours.to_owned()],
            ..cron(text, "Europe/Paris")
        };
        let found = first(&settings, after);
        assert_eq!(found.as_deref(), expected, "{text} {hours} {after}");
    }
}
