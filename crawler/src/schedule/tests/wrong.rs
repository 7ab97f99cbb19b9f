//! What is wrong, and what is said about it.

use proptest::prelude::*;

use super::*;

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

proptest! {
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
