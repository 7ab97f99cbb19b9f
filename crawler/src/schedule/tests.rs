//! Schedules as cases: what is due when, in which zone.

use proptest::prelude::*;

use super::*;

fn cron(cron: &str, zone: &str) -> ScheduleSettings {
    ScheduleSettings {
        cron: Some(cron.to_owned()),
        zone: zone.to_owned(),
        ..ScheduleSettings::default()
    }
}

fn every(length: &str) -> ScheduleSettings {
    ScheduleSettings {
        every: Some(length.to_owned()),
        ..ScheduleSettings::default()
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Checks the instants that follow `after`, all in RFC 3339.
fn check(settings: &ScheduleSettings, after: &str, expected: &[&str]) {
    let schedule = Schedule::parse(settings).unwrap();
    let mut last = at(after);
    for expected in expected {
        last = schedule.next_after(last).unwrap();
        assert_eq!(last, at(expected), "{settings:?}: {last} for {expected}");
    }
}

#[test]
fn cron_speaks_its_zone_and_five_or_six_fields_names_and_nicknames() {
    for (text, zone, after, expected) in [
        (
            "30 6 * * *",
            "UTC",
            "2026-01-01T06:30:00Z",
            "2026-01-02T06:30:00Z",
        ),
        (
            "30 6 * * *",
            "UTC",
            "2026-01-01T06:29:59.999Z",
            "2026-01-01T06:30:00Z",
        ),
        (
            "15 30 6 * * *",
            "UTC",
            "2026-01-01T00:00:00Z",
            "2026-01-01T06:30:15Z",
        ),
        (
            "0 9 * * mon-fri",
            "UTC",
            "2026-01-02T10:00:00Z",
            "2026-01-05T09:00:00Z",
        ),
        (
            "0 0 1 JAN *",
            "UTC",
            "2026-01-02T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
        (
            "0 0 29 2 *",
            "UTC",
            "2026-01-01T00:00:00Z",
            "2028-02-29T00:00:00Z",
        ),
        (
            "0 0 L * *",
            "UTC",
            "2026-02-01T00:00:00Z",
            "2026-02-28T00:00:00Z",
        ),
        (
            "@daily",
            "Europe/London",
            "2026-07-01T12:00:00Z",
            "2026-07-01T23:00:00Z",
        ),
        (
            "@hourly",
            "UTC",
            "2026-07-01T12:00:00Z",
            "2026-07-01T13:00:00Z",
        ),
        (
            "@weekly",
            "UTC",
            "2026-07-01T12:00:00Z",
            "2026-07-05T00:00:00Z",
        ),
        (
            "0 8 * * *",
            "Asia/Kolkata",
            "2026-07-01T00:00:00Z",
            "2026-07-01T02:30:00Z",
        ),
        (
            "0 8 * * *",
            "America/New_York",
            "2026-07-01T00:00:00Z",
            "2026-07-01T12:00:00Z",
        ),
    ] {
        check(&cron(text, zone), after, &[expected]);
    }
}

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

#[test]
fn an_interval_counts_from_the_epoch() {
    check(
        &every("6h"),
        "2026-03-29T00:00:00Z",
        &["2026-03-29T06:00:00Z", "2026-03-29T12:00:00Z"],
    );
    check(
        &every("1h30m"),
        "2026-01-01T00:00:00.001Z",
        &["2026-01-01T01:30:00Z"],
    );
    check(
        &every("90m"),
        "1969-12-31T23:00:00Z",
        &["1970-01-01T00:00:00Z"],
    );
}

#[test]
fn what_falls_into_closed_hours_moves_to_the_opening() {
    let mut daytime = every("6h");
    daytime.zone = "Europe/London".to_owned();
    daytime.allowed_hours = vec!["08:00-22:00".to_owned()];
    check(
        &daytime,
        "2026-07-01T18:00:00Z",
        &[
            "2026-07-02T07:00:00Z",
            "2026-07-02T12:00:00Z",
            "2026-07-02T18:00:00Z",
        ],
    );
    // Asked in closed hours: what fell due earlier in them is still to come.
    check(&daytime, "2026-07-02T02:00:00Z", &["2026-07-02T07:00:00Z"]);

    let mut night = cron("0 12 * * *", "UTC");
    night.allowed_hours = vec!["22:00-06:00".to_owned()];
    check(
        &night,
        "2026-07-01T00:00:00Z",
        &["2026-07-01T22:00:00Z", "2026-07-02T22:00:00Z"],
    );
    check(&night, "2026-07-01T13:00:00Z", &["2026-07-01T22:00:00Z"]);

    // The night of Friday lasts into Saturday, that of Saturday is closed.
    let mut fridays = every("4h");
    fridays.allowed_hours = vec!["22:00-06:00".to_owned()];
    fridays.days = vec!["fri".to_owned()];
    check(
        &fridays,
        "2026-07-03T12:00:00Z",
        &[
            "2026-07-03T22:00:00Z",
            "2026-07-04T00:00:00Z",
            "2026-07-04T04:00:00Z",
            "2026-07-10T22:00:00Z",
        ],
    );

    let mut weekend = cron("0 3 * * *", "UTC");
    weekend.days = vec!["sat-sun".to_owned()];
    check(
        &weekend,
        "2026-07-01T00:00:00Z",
        &[
            "2026-07-04T00:00:00Z",
            "2026-07-04T03:00:00Z",
            "2026-07-05T03:00:00Z",
            "2026-07-11T00:00:00Z",
        ],
    );
}

#[test]
fn a_schedule_by_hand_is_never_due() {
    let schedule = Schedule::parse(&ScheduleSettings::default()).unwrap();
    assert_eq!(schedule.next_after(at("2026-01-01T00:00:00Z")), None);
    let due = schedule.due(at("2025-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
    assert_eq!((due.plan, due.skipped, due.next), (None, None, None));
}

#[test]
fn missed_runs_are_made_up_for_by_one_or_by_none() {
    let planned = "2026-07-01T06:00:00Z";
    // (policy, now, planned, skipped)
    for (misfire, now, plan, skipped) in [
        (Misfire::RunOnce, "2026-07-01T05:59:59Z", None, None),
        (
            Misfire::RunOnce,
            "2026-07-01T06:00:00Z",
            Some(planned),
            None,
        ),
        (
            Misfire::RunOnce,
            "2026-07-01T11:00:00Z",
            Some(planned),
            None,
        ),
        (
            Misfire::RunOnce,
            "2027-07-01T06:30:00Z",
            Some("2027-07-01T06:00:00Z"),
            None,
        ),
        (Misfire::Skip, "2026-07-01T06:01:00Z", Some(planned), None),
        (Misfire::Skip, "2026-07-01T06:01:01Z", None, Some(planned)),
        (
            Misfire::Skip,
            "2026-07-01T12:00:30Z",
            Some("2026-07-01T12:00:00Z"),
            None,
        ),
    ] {
        let settings = ScheduleSettings {
            misfire,
            ..every("6h")
        };
        let schedule = Schedule::parse(&settings).unwrap();
        let due = schedule.due(at("2026-07-01T00:00:00Z"), at(now));
        assert_eq!(due.plan, plan.map(at), "{misfire:?} {now}");
        assert_eq!(due.skipped, skipped.map(at), "{misfire:?} {now}");
        assert_eq!(due.next, schedule.next_after(at(now)));
    }
}

#[test]
fn a_year_away_from_a_frequent_schedule_is_caught_up_with_at_once() {
    let schedule = Schedule::parse(&cron("* * * * * *", "Europe/London")).unwrap();
    let now = at("2026-07-01T00:00:00.500Z");
    let due = schedule.due(at("1990-01-01T00:00:00Z"), now);
    assert_eq!(due.plan, Some(at("2026-07-01T00:00:00Z")));
}

#[test]
fn the_jitter_follows_from_source_and_instant() {
    let settings = ScheduleSettings {
        jitter: "10m".to_owned(),
        ..every("1h")
    };
    let schedule = Schedule::parse(&settings).unwrap();
    let planned = at("2026-07-01T06:00:00Z");
    // Fixed: another process, or a later version, must come to the same.
    assert_eq!(
        schedule.start_of(planned, "harbour"),
        Timestamp(planned.0 + STARTS[0])
    );
    assert_eq!(
        schedule.start_of(planned, "lantern"),
        Timestamp(planned.0 + STARTS[1])
    );
}

/// Milliseconds of jitter of the two sources above, out of 600,000.
const STARTS: [i64; 2] = [526992, 327834];

#[test]
fn the_jitter_does_not_reach_into_closed_hours() {
    let settings = ScheduleSettings {
        jitter: "24h".to_owned(),
        allowed_hours: vec!["06:00-06:01".to_owned()],
        ..every("1h")
    };
    let schedule = Schedule::parse(&settings).unwrap();
    let planned = at("2026-07-01T06:00:00Z");
    assert_eq!(schedule.start_of(planned, "harbour"), planned);
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_remedy() {
    let settings = ScheduleSettings {
        cron: Some("61 * * * *".to_owned()),
        every: None,
        zone: "Europe/Londn".to_owned(),
        jitter: "soon".to_owned(),
        allowed_hours: vec![
            "8-22".to_owned(),
            "08:00-08:00".to_owned(),
            "23:00-25:00".to_owned(),
        ],
        days: vec!["mon".to_owned(), "funday".to_owned()],
        ..ScheduleSettings::default()
    };
    let problems = Schedule::parse(&settings).unwrap_err();
    let keys: Vec<&str> = problems
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "cron",
            "zone",
            "jitter",
            "allowed_hours[0]",
            "allowed_hours[1]",
            "allowed_hours[2]",
            "days[1]"
        ]
    );
    assert!(
        problems[1].remedy.contains("'Europe/London'"),
        "{}",
        problems[1].remedy
    );
}

#[test]
fn bad_times_are_refused() {
    for text in [
        "",
        "* * * *",
        "0 0 30 2 *",
        "* * * * * * *",
        "@fortnightly",
        "0 25 * * *",
        "0 6 * * noday",
    ] {
        let problems = Schedule::parse(&cron(text, "UTC")).unwrap_err();
        assert_eq!(problems[0].key, "cron", "{text}");
    }
    for text in [
        "",
        "6",
        "h",
        "0s",
        "6 hours",
        "367d",
        "-1h",
        "99999999999999999999d",
        "1h-",
    ] {
        let problems = Schedule::parse(&every(text)).unwrap_err();
        assert_eq!(problems[0].key, "every", "{text}");
    }
    let both = ScheduleSettings {
        every: Some("1h".to_owned()),
        ..cron("@daily", "UTC")
    };
    assert_eq!(Schedule::parse(&both).unwrap_err()[0].key, "every");
}

#[test]
fn mistyped_zones_are_recognised() {
    for (text, expected) in [
        ("London", Some("'Europe/London'")),
        ("europe/london", Some("'Europe/London'")),
        ("America/NewYork", Some("'America/New_York'")),
        ("New York", Some("'America/New_York'")),
        ("Australia/Sidney", Some("'Australia/Sydney'")),
        ("somewhere else entirely", None),
    ] {
        let problems = Schedule::parse(&cron("@daily", text)).unwrap_err();
        let remedy = &problems[0].remedy;
        assert!(
            remedy.contains(expected.unwrap_or("such as Europe/London")),
            "{text}: {remedy}"
        );
    }
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

    #[test]
    fn no_text_panics(cron in "\\PC{0,20}|[-0-9*/,@a-zL#W? ]{0,20}", other in "\\PC{0,10}|[0-9:dhms-]{0,12}") {
        let settings = ScheduleSettings {
            cron: Some(cron),
            every: None,
            zone: other.clone(),
            jitter: other.clone(),
            allowed_hours: vec![other.clone()],
            days: vec![other],
            ..ScheduleSettings::default()
        };
        let _ = Schedule::parse(&settings);
        let _ = Schedule::parse(&ScheduleSettings { zone: "UTC".to_owned(), jitter: "0s".to_owned(), allowed_hours: Vec::new(),
            days: Vec::new(), ..settings });
    }
}
