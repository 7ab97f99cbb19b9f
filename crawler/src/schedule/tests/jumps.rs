//! Where clocks jump: spring, autumn, half hours, Ramadan, whole days.

use proptest::prelude::*;

use super::*;

#[test]
fn a_time_of_day_that_the_clock_skips_is_due_once_at_the_end_of_the_gap() {
    for (text, zone, after, expected) in [
        // London: 01:00 to 02:00 is left out on 29 March 2026.
        (
            "30 1 * * *",
            "Europe/London",
            "2026-03-28T12:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        ),
        (
            "0 1 * * *",
            "Europe/London",
            "2026-03-28T12:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"],
        ),
        (
            "0 2 * * *",
            "Europe/London",
            "2026-03-28T12:00:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"],
        ),
        // Two skipped times, and the one at the gap's end, are one run.
        (
            "0,20 1,2 * * *",
            "Europe/London",
            "2026-03-29T00:30:00Z",
            ["2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z"],
        ),
        // Asked in the last second before the gap.
        (
            "0 1 * * *",
            "Europe/London",
            "2026-03-29T00:59:59.500Z",
            ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"],
        ),
        // New York: 02:00 to 03:00 on 8 March.
        (
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00:00Z",
            ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"],
        ),
        // Lord Howe: 02:00 to 02:30 on 4 October.
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T12:00:00Z",
            ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"],
        ),
        // Santiago, at midnight: 00:00 to 01:00 on 6 September.
        (
            "@daily",
            "America/Santiago",
            "2026-09-05T12:00:00Z",
            ["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"],
        ),
        // Apia left out all of 30 December 2011.
        (
            "0 9 * * *",
            "Pacific/Apia",
            "2011-12-29T12:00:00Z",
            ["2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z"],
        ),
    ] {
        check(&cron(text, zone), after, &expected);
    }
}

#[test]
fn a_time_of_day_that_the_clock_shows_twice_is_due_once_the_first_time() {
    for (text, zone, after, expected) in [
        // London: 01:00 to 02:00 comes twice on 25 October 2026.
        (
            "30 1 * * *",
            "Europe/London",
            "2026-10-24T12:00:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        ),
        (
            "0 2 * * *",
            "Europe/London",
            "2026-10-24T12:00:00Z",
            ["2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"],
        ),
        // Asked in the middle of the second pass.
        (
            "45 1 * * *",
            "Europe/London",
            "2026-10-25T01:15:00Z",
            ["2026-10-26T01:45:00Z", "2026-10-27T01:45:00Z"],
        ),
        (
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00:00Z",
            ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        ),
        // Lord Howe: 01:30 to 02:00 comes twice on 5 April.
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04T12:00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
        ),
        // Casablanca leaves summer time for Ramadan, on 15 February, and goes back on 22 March.
        (
            "30 2 * * *",
            "Africa/Casablanca",
            "2026-02-14T12:00:00Z",
            ["2026-02-15T01:30:00Z", "2026-02-16T02:30:00Z"],
        ),
        (
            "30 2 * * *",
            "Africa/Casablanca",
            "2026-03-21T12:00:00Z",
            ["2026-03-22T02:00:00Z", "2026-03-23T01:30:00Z"],
        ),
    ] {
        check(&cron(text, zone), after, &expected);
    }
}

#[test]
fn a_pace_goes_on_evenly_across_both_changes() {
    // The gap: nothing is left out, nothing made up for.
    check(
        &cron("*/30 * * * *", "Europe/London"),
        "2026-03-29T00:00:00Z",
        &[
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:30:00Z",
        ],
    );
    // The doubled hour: both passes.
    check(
        &cron("*/30 * * * *", "Europe/London"),
        "2026-10-25T00:00:00Z",
        &[
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z",
        ],
    );
    // A plain minute under a starred hour is a pace as well.
    check(
        &cron("30 * * * *", "Europe/London"),
        "2026-10-25T00:00:00Z",
        &[
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:30:00Z",
        ],
    );
    // Every second hour by the clock: 00:00, (02:00 is in the gap of New York), 04:00.
    check(
        &cron("0 */2 * * *", "America/New_York"),
        "2026-03-08T05:00:00Z",
        &["2026-03-08T08:00:00Z", "2026-03-08T10:00:00Z"],
    );
}

/// Zones whose clocks jump in every way there is.
const ZONES: &[&str] = &[
    "UTC",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/St_Johns",
    "Antarctica/Troll",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn instants_rise_match_the_clock_and_keep_to_the_hours(
        (minute, hour) in prop_oneof![
            (0..60_u32, 0..24_u32).prop_map(|(minute, hour)| (minute.to_string(), hour.to_string())),
            (1..60_u32, 0..24_u32).prop_map(|(step, hour)| (format!("*/{step}"), hour.to_string())),
            (0..60_u32, 1..24_u32).prop_map(|(minute, step)| (minute.to_string(), format!("*/{step}"))),
        ],
        zone in proptest::sample::select(ZONES),
        window in proptest::option::of((0..24_u32, 1..24_u32)),
        start in 1_262_304_000_000..2_524_608_000_000_i64,
    ) {
        let mut settings = cron(&format!("{minute} {hour} * * *"), zone);
        let window = window.map(|(from, length)| (from, (from + length) % 24));
        if let Some((from, to)) = window {
            settings.allowed_hours = vec![format!("{from:02}:00-{to:02}:00")];
        }
        let schedule = Schedule::parse(&settings).unwrap();
        let mut last = Timestamp(start);
        for _ in 0..5 {
            let next = schedule.next_after(last).unwrap();
            prop_assert!(next > last);
            // At most two days, since no daily schedule waits longer: a jump may take one.
            prop_assert!(next.since(last) <= Duration::from_secs(2 * 24 * 60 * 60 + 3600));
            prop_assert_eq!(schedule.next_after(Timestamp(next.0 - 1)), Some(next));
            prop_assert_eq!(schedule.hours.open_from(&schedule.zone, next), Some(next));
            // Nothing in between: the middle of the wait leads to the same instant.
            let middle = Timestamp(last.0 + (next.0 - last.0) / 2);
            prop_assert_eq!(schedule.next_after(middle), Some(next));
            last = next;
        }
    }
}
