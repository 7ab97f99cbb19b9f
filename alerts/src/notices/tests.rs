//! Notices: which are due, and what they say.

use std::time::Duration;

use sightline_model::*;
use uuid::Uuid;

use super::{
    operators::*,
    payload::{FaultState, NoticePayload, TypedNotice},
    reviews::digests,
    sources::*,
};
use crate::{message::Detail, payload::PAYLOAD_LIMIT, render::Templates, sample::sample_notices};

const START: Timestamp = Timestamp(1_795_428_000_000);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn trouble(kind: NoticeKind, subject: &str, count: u32) -> Trouble {
    Trouble {
        kind,
        subject: subject.to_owned(),
        channel: Some(subject.to_owned()),
        fault: Fault {
            name: subject.to_owned(),
            count,
            what: format!("{count} things are wrong with {subject}"),
            remedy: "mend it".to_owned(),
            ..Fault::default()
        },
    }
}

#[test]
fn a_fault_is_told_once_again_while_it_lasts_and_when_it_is_over() {
    use NoticeKind::*;
    let settings = OperatorSettings::default();
    let mint = Mint::seeded(1);
    let mut open: Vec<Notice> = Vec::new();
    let desk = |count| vec![trouble(DeadLetter, "desk", count)];
    let off = || vec![trouble(EndpointDisabled, "desk", 1)];
    let both = || {
        let mut both = off();
        both.extend(desk(3));
        both.extend(desk(3));
        both
    };
    for (hours, troubles, expected) in [
        (0, vec![], vec![]),
        (1, off(), vec![(EndpointDisabled, Why::Opened, 1)]),
        (1, off(), vec![(EndpointDisabled, Why::ToldLately, 1)]),
        (24, off(), vec![(EndpointDisabled, Why::ToldLately, 1)]),
        (25, off(), vec![(EndpointDisabled, Why::Lasts, 2)]),
        (
            26,
            both(),
            vec![
                (DeadLetter, Why::Opened, 1),
                (EndpointDisabled, Why::ToldLately, 2),
            ],
        ),
        (
            27,
            desk(3),
            vec![
                (DeadLetter, Why::ToldLately, 1),
                (EndpointDisabled, Why::Recovered, 3),
            ],
        ),
        // It lies there, and that may be meant; more of it is news.
        (90, desk(3), vec![(DeadLetter, Why::NoMore, 1)]),
        (91, desk(4), vec![(DeadLetter, Why::Lasts, 2)]),
        // Some of it is sent again; what is given up after that is news, though there was as much before.
        (92, desk(2), vec![(DeadLetter, Why::Fewer, 2)]),
        (116, desk(2), vec![(DeadLetter, Why::NoMore, 2)]),
        (117, desk(3), vec![(DeadLetter, Why::Lasts, 3)]),
        (118, vec![], vec![(DeadLetter, Why::Recovered, 4)]),
        // The same again is a notice of its own.
        (119, desk(1), vec![(DeadLetter, Why::Opened, 1)]),
    ] {
        let now = START + HOUR * hours;
        let steps = judge(troubles.into(), open.clone(), &settings, now, &mint);
        let found: Vec<_> = steps
            .iter()
            .map(|step| (step.notice.kind, step.why, step.notice.batch))
            .collect();
        assert_eq!(found, expected, "after {hours} hours");
        for step in &steps {
            assert_eq!(
                step.why == Why::Recovered,
                step.notice.resolved_at == Some(now)
            );
        }
        let kept = steps.into_iter().map(|step| step.notice);
        open = kept.filter(|notice| notice.resolved_at.is_none()).collect();
    }
}

#[test]
fn a_new_dead_letter_is_told_though_there_are_no_more_than_before() {
    let (settings, mint) = (OperatorSettings::default(), Mint::seeded(1));
    let dead = |count, hours| {
        let mut dead = trouble(NoticeKind::DeadLetter, "desk", count);
        dead.fault.newest = Some(START + HOUR * hours);
        vec![dead].into()
    };
    let open = judge(dead(2, 0), Vec::new(), &settings, START, &mint).remove(0);
    let another = "another than was told of before";
    let latest = "the latest since this was last told";
    for (count, newest, now, expected, says) in [
        (2, 0, 48, Why::NoMore, ""),
        // One was replayed and delivered, and another died, between two looks; or two were, and one died.
        (2, 30, 30, Why::Lasts, latest),
        (1, 30, 30, Why::Lasts, another),
        // Not a day later, and not with each that is given up.
        (2, 1, 1, Why::Lasts, latest),
        (3, 1, 0, Why::ToldLately, ""),
        (1, 0, 48, Why::Fewer, ""),
    ] {
        let now = START + HOUR * now;
        let notices = vec![open.notice.clone()];
        let step = judge(dead(count, newest), notices, &settings, now, &mint).remove(0);
        assert_eq!(
            step.why, expected,
            "{count}, the newest after {newest} hours"
        );
        let Told::Fault(fault) = step.notice.told else {
            panic!("{count}")
        };
        assert!(fault.what.ends_with(says), "{}", fault.what);
    }
}

#[test]
fn what_is_tried_again_is_not_over_and_what_is_elsewhere_is_not_ours_to_end() {
    let settings = OperatorSettings::default();
    let mint = Mint::seeded(1);
    let begun = trouble(NoticeKind::DeadLetter, "desk", 1);
    let open = judge(vec![begun].into(), Vec::new(), &settings, START, &mint).remove(0);
    for (days, left, why, is_over) in [
        (1, Some(Left::TriedAgain), Why::TriedAgain, false),
        (90, Some(Left::TriedAgain), Why::TriedAgain, false),
        (13, Some(Left::Elsewhere), Why::Elsewhere, false),
        (14, Some(Left::Elsewhere), Why::Lapsed, true),
        (1, Some(Left::TakenAway), Why::Lapsed, true),
        (1, None, Why::Recovered, true),
    ] {
        let found = Found {
            left: left
                .map(|left| (open.notice.id, left))
                .into_iter()
                .collect(),
            ..Found::default()
        };
        let now = START + DAY * days;
        let step = judge(found, vec![open.notice.clone()], &settings, now, &mint).remove(0);
        assert_eq!(step.why, why, "{left:?} after {days} days");
        assert_eq!(step.notice.resolved_at.is_some(), is_over, "{why:?}");
        assert_eq!(why.changes(), is_over, "{why:?}");
        // Nobody is sent word of what merely lapsed.
        assert_eq!(
            step.notice.batch,
            if why.tells() { 2 } else { 1 },
            "{why:?}"
        );
    }
}

/// Every other run of a source fails, each hour one: told as it begins, once a day while it goes on so, and when it has held.
#[test]
fn what_comes_and_goes_is_told_once_a_day() {
    let (settings, mint) = (OperatorSettings::default(), Mint::seeded(1));
    for (kind, subject) in [
        (NoticeKind::SourceFailing, "north"),
        (NoticeKind::UnreadBacklog, ""),
    ] {
        let (mut open, mut told) = (Vec::<Notice>::new(), Vec::new());
        // For three days it is wrong at even hours; then it is well.
        for hour in 0..120_u32 {
            let wrong = (hour < 72 && hour % 2 == 0).then(|| trouble(kind, subject, 1));
            let troubles: Vec<Trouble> = wrong.into_iter().collect();
            let now = START + HOUR * hour;
            let steps = judge(troubles.into(), open, &settings, now, &mint);
            told.extend(steps.iter().filter(|step| step.why.tells()).map(|step| {
                let Told::Fault(fault) = &step.notice.told else {
                    panic!("{step:?}")
                };
                let words = fault.what.split(": ").nth(1).map(str::to_owned);
                (hour, step.why, words)
            }));
            let kept = steps.into_iter().map(|step| step.notice);
            open = kept.filter(|notice| notice.resolved_at.is_none()).collect();
        }
        let again = |times| {
            Some(format!(
                "again, {times} times since this was last told, and well in between"
            ))
        };
        let expected = [
            (0, Why::Opened, None),
            (24, Why::Lasts, again(12)),
            (48, Why::Lasts, again(12)),
            // Well from the 71st hour on.
            (95, Why::Recovered, again(12)),
        ];
        assert_eq!(told, expected, "{kind}");
        assert_eq!(open, []);
    }
    // What a file says is mended, or not: it does not come and go.
    let subject = format!("{IN_A_FILE}here: north");
    let of_file = vec![trouble(NoticeKind::SourceFailing, &subject, 1)];
    let step = judge(of_file.into(), Vec::new(), &settings, START, &mint).remove(0);
    let open = vec![step.notice];
    let over = judge(Vec::new().into(), open, &settings, START + HOUR, &mint).remove(0);
    assert_eq!(over.why, Why::Recovered);
}

#[test]
fn that_owners_have_no_channel_is_told_once() {
    let (settings, mint) = (OperatorSettings::default(), Mint::seeded(1));
    let owners = |count| vec![trouble(NoticeKind::OwnerUnreached, "", count)].into();
    let mut open = Vec::new();
    for (days, count, why) in [
        (0, 2, Why::Opened),
        (7, 2, Why::NoMore),
        (8, 3, Why::Lasts),
        (9, 3, Why::NoMore),
    ] {
        let step = judge(owners(count), open, &settings, START + DAY * days, &mint).remove(0);
        assert_eq!(step.why, why, "{count} after {days} days");
        open = vec![step.notice];
    }
    let over = judge(Found::default(), open, &settings, START + DAY * 9, &mint).remove(0);
    assert_eq!(over.why, Why::Recovered);
}

#[test]
fn a_source_is_in_trouble_at_once_or_after_some_runs() {
    use RunOutcome::*;
    let source = SourceId(Uuid::from_u128(1));
    for (ended, told) in [
        (&[][..], None),
        (&[Complete, Failed, Failed, Failed], None),
        (&[Partial], None),
        (&[Blocked], Some((1, "refuses"))),
        (&[Blocked, Failed, Complete], Some((2, "refuses"))),
        (&[Failed, Failed], None),
        (&[Failed, Skipped, Failed, Complete], None),
        (&[Failed, Skipped, Failed, Failed], Some((3, "no page"))),
        (&[Empty, Empty, Empty, Complete], Some((3, "no listing"))),
        (
            &[Empty, Failed, Blocked, Complete],
            Some((3, "gives nothing")),
        ),
    ] {
        let found = source_trouble(source, "north", ended, &OperatorSettings::default());
        let found = found.map(|trouble| trouble.fault);
        assert_eq!(
            found.as_ref().map(|fault| fault.count),
            told.map(|(count, _)| count),
            "{ended:?}"
        );
        if let (Some(fault), Some((_, words))) = (found, told) {
            assert!(fault.what.contains(words), "{ended:?}: {}", fault.what);
            assert!(fault.what.contains("north") && fault.remedy.contains("north"));
        }
    }
}

fn entry(number: u128, owner: &str, days: i64) -> Entry {
    Entry {
        id: EntryId(Uuid::from_u128(number)),
        watchlist: WatchlistId(Uuid::from_u128(1)),
        selector: Selector::new(Kind::Phone, "+12025550123"),
        way: Way::Exact,
        written: "+1 202 555 0123".to_owned(),
        purpose: "find her".to_owned(),
        legal_basis: "consent".to_owned(),
        owner: owner.to_owned(),
        category: Category::Victim,
        review_at: Timestamp(START.0 + days * DAY.as_millis() as i64),
        expires_at: None,
        case_reference: None,
        tlp: Tlp::Amber,
        severity: None,
        note: Some("the mother's number".to_owned()),
        tags: Vec::new(),
        despite_warning: None,
        state: EntryState::Active,
        created_at: START,
    }
}

#[test]
fn each_owner_is_told_of_their_own_and_nothing_of_what_is_looked_for() {
    let entries = [
        entry(1, "J. Doe", 3),
        entry(2, "R. Roe", 6),
        entry(3, " J. Doe", -2),
        entry(4, "R. Roe", 7),
        entry(5, "Nobody", 8),
    ];
    let names = [(entries[0].watchlist, "Lotus".to_owned())].into();
    let told = digests(&entries, &names, START, START + HOUR, &Mint::seeded(1));
    let found: Vec<_> = told
        .iter()
        .map(|notice| match &notice.told {
            Told::Review(review) => {
                let ids = review.entries.iter().map(|entry| entry.id.0.as_u128());
                let ids: Vec<_> = ids.collect();
                (notice.subject.as_str(), review.overdue, review.soon, ids)
            }
            Told::Fault(_) => panic!("{notice:?}"),
        })
        .collect();
    assert_eq!(
        found,
        [("J. Doe", 1, 1, vec![3, 1]), ("R. Roe", 0, 2, vec![2, 4])]
    );
    // What ends in the week, or ended in the last, is told, and counted as what it is by then.
    let end = |number, owner, review, end: i64| Entry {
        expires_at: Some(Timestamp(START.0 + end * DAY.as_millis() as i64)),
        ..entry(number, owner, review)
    };
    let ends = [
        end(6, "J. Doe", 80, 5),
        end(7, "J. Doe", 3, 5),
        end(8, "J. Doe", 80, -3),
        end(9, "J. Doe", 80, 8),
        end(10, "Nobody", 80, -8),
        // Looked up twice, since it is due and ends.
        end(7, "J. Doe", 3, 5),
    ];
    let ended = digests(&ends, &names, START, START + HOUR, &Mint::seeded(1));
    let Told::Review(review) = &ended[0].told else {
        panic!("{ended:?}");
    };
    assert_eq!(
        (
            review.overdue,
            review.soon,
            review.ending,
            review.ended,
            review.all
        ),
        (0, 1, 2, 1, 3)
    );
    let ids: Vec<_> = review
        .entries
        .iter()
        .map(|entry| entry.id.0.as_u128())
        .collect();
    assert_eq!((ended.len(), ids), (1, vec![8, 7, 6]));
    // One that comes four days late counts what is overdue by then.
    let late = digests(&entries, &names, START, START + DAY * 4, &Mint::seeded(1));
    let Told::Review(review) = &late[0].told else {
        panic!("{late:?}");
    };
    assert_eq!((review.overdue, review.soon), (2, 0));
    let json = |detail| NoticePayload::of(&told[0], 1, detail, START).to_json();
    let (thin, full) = (json(Detail::Thin), json(Detail::Full));
    for secret in ["2025550123", "mother", "victim"] {
        assert!(!thin.contains(secret), "{secret} in {thin}");
    }
    assert!(full.contains("+12025550123") && !full.contains("mother"));
    assert!(thin.contains("\"type\":\"notice.review\""), "{thin}");
    assert_eq!(
        serde_json::from_str::<NoticePayload>(&thin).unwrap(),
        NoticePayload::of(&told[0], 1, Detail::Thin, START)
    );
}

#[test]
fn entries_for_named_recipients_stay_thin_and_long_digests_are_cut() {
    let mut red = entry(1, "J. Doe", 1);
    red.tlp = Tlp::Red;
    red.selector = Selector::new(Kind::Phrase, "\u{1f600}\"".repeat(500));
    let many: Vec<Entry> = (2..400)
        .map(|number| Entry {
            tlp: Tlp::Green,
            id: EntryId(Uuid::from_u128(number)),
            ..red.clone()
        })
        .chain([red.clone()])
        .collect();
    let told = digests(&many, &[].into(), START, START, &Mint::seeded(1));
    let payload = NoticePayload::of(&told[0], 1, Detail::Full, START);
    assert!(payload.to_json().len() < PAYLOAD_LIMIT);
    let TypedNotice::Review(review) = payload.notice else {
        panic!()
    };
    assert_eq!(review.entries.len() as u32 + review.left_out, 399);
    assert!(review.entries[0].value.is_none(), "it is TLP:RED");
    assert!(review.entries[1].value.is_some());
}

#[test]
fn a_batch_tells_where_the_fault_stood() {
    let mint = Mint::seeded(1);
    let settings = OperatorSettings::default();
    let off = vec![trouble(NoticeKind::EndpointDisabled, "desk", 1)];
    let step = judge(off.into(), Vec::new(), &settings, START, &mint).remove(0);
    let over = judge(
        Found::default(),
        vec![step.notice],
        &settings,
        START + HOUR,
        &mint,
    );
    for (batch, state) in [(1, FaultState::Begins), (2, FaultState::Recovered)] {
        let payload = NoticePayload::of(&over[0].notice, batch, Detail::Thin, START);
        let TypedNotice::Operator(fault) = payload.notice else {
            panic!()
        };
        assert_eq!(fault.state, state);
        assert_eq!(fault.resolved_at.is_some(), state == FaultState::Recovered);
    }
}

#[test]
fn wrong_settings_are_named() {
    let settings = OperatorSettings {
        channels: vec!["ops".to_owned()],
        repeat_hours: 0,
        unsent_minutes: 1,
        ..OperatorSettings::default()
    };
    let keys = |known: &[&str]| -> Vec<String> {
        let problems = settings.check(known).into_iter();
        problems.map(|problem| problem.key).collect()
    };
    assert_eq!(keys(&["ops"]), ["repeat_hours", "unsent_minutes"]);
    assert_eq!(keys(&[]), ["channels", "repeat_hours", "unsent_minutes"]);
}

#[test]
fn a_notice_reads_as_documented() {
    let [review, fault] = sample_notices();
    let templates = Templates::embedded().unwrap();
    let render = |notice: &Notice, batch, detail| {
        let id = DeliveryId(Uuid::nil());
        let message = templates.render_notice(id, notice, batch, detail, START);
        message.unwrap()
    };
    let message = render(&fault, 1, Detail::Thin);
    let documented = include_str!("../../../docs/messages.md")
        .split("## Notices\n")
        .nth(1)
        .and_then(|rest| rest.split("```text\n").nth(1))
        .and_then(|rest| rest.split("\n```").next())
        .unwrap();
    let written = format!("Subject: {}\n\n{}", message.subject, message.text);
    assert_eq!(
        written.trim_end(),
        documented,
        "docs/messages.md shows another"
    );
    assert_eq!(message.topic, Topic::Notice(fault.id));
    for (batch, subject, words) in [
        (2, "Operators: still", "This is not mended yet"),
        (3, "Operators: recovered", "This is over"),
    ] {
        let message = render(&fault, batch, Detail::Thin);
        assert!(message.subject.contains(subject), "{}", message.subject);
        assert!(message.text.contains(words) && message.html.contains(words));
    }
    let thin = render(&review, 1, Detail::Thin);
    assert!(
        thin.subject.contains("1 overdue, 2 due this week"),
        "{}",
        thin.subject
    );
    assert!(thin.text.contains("overdue: 00000000") && thin.text.contains("1 more are not shown"));
    assert!(!thin.text.contains("5550123") && !thin.html.contains("5550123"));
    assert!(
        render(&review, 1, Detail::Full)
            .text
            .contains("phone +12025550123")
    );
    // What is kept of it is read back as it was.
    let sealed = serde_json::to_string(&thin).unwrap();
    assert_eq!(
        serde_json::from_str::<crate::message::Message>(&sealed).unwrap(),
        thin
    );
    assert!(sealed.contains("\"notice\":\""), "{sealed}");
}
