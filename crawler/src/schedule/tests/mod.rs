//! Schedules as cases: what is due when, in which zone.

mod jumps;
mod touched;
mod wrong;

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
