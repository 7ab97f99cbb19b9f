//! Decisions one by one.

use std::time::Duration;

use sightline_model::{
    CaptureId, Closed, Confidence, DeliveryState, Explanation, Kind, ListingId, Previous, SourceId,
};

use super::*;
use crate::follow::{close_as_furniture, follow_up};

pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

pub(crate) fn rules(channels: &[&str]) -> Rules {
    Rules {
        channels: channels.iter().map(ToString::to_string).collect(),
        ..Rules::default()
    }
}

pub(crate) fn id<T: From<uuid::Uuid>>(number: u128) -> T {
    uuid::Uuid::from_u128(number).into()
}

pub(crate) fn sighting(number: u128, reason: Reason, at: Timestamp) -> Sighting {
    let source: SourceId = id(1);
    Sighting {
        id: id(number),
        entry: id(10),
        watchlist: id(20),
        observation: None,
        listing: ListingId(1),
        source,
        url: "https://ads.example/1".parse().unwrap(),
        reason,
        at,
        first_seen: at,
        last_seen: at,
        current: true,
        withheld: false,
        explanation: Explanation {
            raw: "lotus".into(),
            before: String::new(),
            after: String::new(),
            steps: Vec::new(),
            confidence: Confidence::Exact,
            capture: CaptureId(1),
            span: None,
            previous: (reason != Reason::First).then(|| Previous {
                at: at - 2 * DAY,
                source,
                listing: ListingId(2),
            }),
            warning: None,
            also: Vec::new(),
        },
        since: None,
        fate: None,
    }
}

/// Decides on a sighting at its own time.
fn on(
    sighting: &Sighting,
    rules: &Rules,
    open: Option<&OpenAlert>,
    silences: &[Silence],
) -> Decision {
    let case = Case {
        sighting,
        about: About::default(),
        rules,
        open,
        flood: None,
        silences,
        now: sighting.at,
    };
    decide(&case, &Mint::seeded(1))
}

pub(crate) fn opened(rules: &Rules) -> (Alert, Vec<Delivery>) {
    match on(&sighting(1, Reason::First, START), rules, None, &[]) {
        Decision::Opened {
            alert, deliveries, ..
        } => (alert, deliveries),
        other => panic!("{other:?}"),
    }
}

#[test]
fn news_raises_one_alert_and_one_message_for_each_channel() {
    let (alert, deliveries) = opened(&rules(&["duty", "hook", "duty"]));
    assert_eq!(alert.state, AlertState::Open);
    assert_eq!(alert.notify_at, Some(START + 30 * SECOND));
    let channels: Vec<&str> = deliveries
        .iter()
        .map(|delivery| delivery.channel.as_str())
        .collect();
    assert_eq!(channels, ["duty", "hook"]);
    for delivery in &deliveries {
        assert_eq!((delivery.batch, delivery.next_at), (1, START + 30 * SECOND));
    }
}

#[test]
fn what_is_no_news_is_recorded() {
    let rules = Rules {
        reasons: [Reason::First].into(),
        ..rules(&["duty"])
    };
    for (reason, expected) in [
        (Reason::Continued, Unalerted::Continued),
        (Reason::Historic, Unalerted::Historic),
        (Reason::NewSource, Unalerted::NotInRules),
        (Reason::NewListing, Unalerted::NotInRules),
    ] {
        let decision = on(&sighting(2, reason, START), &rules, None, &[]);
        assert_eq!(
            decision,
            Decision::Recorded {
                why: expected,
                attached: None
            }
        );
    }
}

#[test]
fn what_is_only_possible_is_told_of_unless_the_rules_ask_for_more() {
    let usual = rules(&["duty"]);
    let strict = Rules {
        certainty: Certainty::Certain,
        ..usual.clone()
    };
    let mut possible = sighting(2, Reason::First, START);
    possible.explanation.confidence = Confidence::Inferred;
    let (alert, deliveries) = opened(&usual);
    let open = OpenAlert::new(alert, &deliveries);
    for (rules, is_told) in [(&usual, true), (&strict, false)] {
        for open in [None, Some(&open)] {
            let decision = on(&possible, rules, open, &[]);
            assert_eq!(
                !decision.deliveries().is_empty() || decision.alert().is_some(),
                is_told
            );
            assert_eq!(decision.attached().is_some(), is_told);
        }
    }
    let certain = sighting(3, Reason::First, START);
    assert!(on(&certain, &strict, None, &[]).alert().is_some());
}

#[test]
fn what_a_warning_list_names_is_recorded_with_its_name() {
    let mut warned = sighting(2, Reason::First, START);
    warned.explanation.warning = Some("Public hotlines".to_owned());
    let decision = on(&warned, &rules(&["duty"]), None, &[]);
    assert_eq!(
        decision,
        Decision::Recorded {
            why: Unalerted::Warned,
            attached: None
        }
    );
}

#[test]
fn what_was_stored_before_raises_an_alert_where_the_rules_ask_for_it() {
    let rules = Rules {
        reasons: [Reason::First, Reason::Historic].into(),
        ..rules(&["duty"])
    };
    let decision = on(&sighting(2, Reason::Historic, START), &rules, None, &[]);
    assert!(matches!(decision, Decision::Opened { .. }), "{decision:?}");
}

#[test]
fn news_joins_the_message_that_waits_and_then_starts_another() {
    let rules = rules(&["duty"]);
    let (alert, mut deliveries) = opened(&rules);
    let waiting = OpenAlert::new(alert.clone(), &deliveries);
    let news = sighting(2, Reason::NewSource, START + 10 * SECOND);
    let decision = on(&news, &rules, Some(&waiting), &[]);
    assert_eq!(decision.deliveries(), []);
    assert_eq!(decision.attached().unwrap().batch, Some(1));
    let joined = decision.alert().unwrap();
    assert_eq!(joined.reasons, [Reason::First, Reason::NewSource]);
    assert_eq!(joined.notify_at, alert.notify_at);

    for (tried_at, news_at, due) in [
        // The interval since the last message counts; a later one waits for its group only.
        (31, 40, 30 + 300),
        (31, 1_000, 1_000 + 30),
    ] {
        deliveries[0].attempts = 1;
        deliveries[0].next_at = START + tried_at * SECOND;
        let sent = OpenAlert::new(alert.clone(), &deliveries);
        let news = sighting(2, Reason::NewSource, START + news_at * SECOND);
        let decision = on(&news, &rules, Some(&sent), &[]);
        assert_eq!(decision.attached().unwrap().batch, Some(2));
        assert_eq!(decision.deliveries()[0].next_at, START + due * SECOND);
        assert_eq!(
            decision.alert().unwrap().notify_at,
            Some(START + due * SECOND)
        );
    }
}

#[test]
fn a_batch_is_shut_once_any_message_of_it_was_written_or_tried() {
    let (alert, deliveries) = opened(&rules(&["duty", "hook"]));
    let state = |change: fn(&mut Delivery)| {
        let mut deliveries = deliveries.clone();
        change(&mut deliveries[1]);
        let open = OpenAlert::new(alert.clone(), &deliveries);
        open.waiting.map(|waiting| waiting.batch)
    };
    assert_eq!(state(|_| ()), Some(1));
    assert_eq!(state(|delivery| delivery.attempts = 1), None);
    assert_eq!(state(|delivery| delivery.state = DeliveryState::Dead), None);
    assert_eq!(state(|delivery| delivery.message = Some("{}".into())), None);
    assert_eq!(
        state(|delivery| delivery.carrier = Some(id(7))),
        None,
        "a digest carries it"
    );
    assert_eq!(OpenAlert::new(alert.clone(), &[]).waiting, None);
}

#[test]
fn what_continues_is_shown_in_a_message_that_waits_if_its_listing_is_new() {
    let rules = rules(&["duty"]);
    let (alert, deliveries) = opened(&rules);
    let waiting = OpenAlert::new(alert, &deliveries);
    let fresh = sighting(2, Reason::NewListing, START + SECOND);
    let old = Sighting {
        first_seen: START - DAY,
        ..fresh.clone()
    };
    for (sighting, batch) in [(fresh, Some(1)), (old, None)] {
        let decision = on(&sighting, &rules, Some(&waiting), &[]);
        assert_eq!(decision.attached().unwrap().batch, batch);
        assert_eq!(decision.deliveries(), []);
    }
}

#[test]
fn one_more_listing_is_news_where_the_rules_ask_for_it() {
    let usual = rules(&["duty"]);
    let mut asking = usual.clone();
    asking.reasons.insert(Reason::NewListing);
    let one_more = sighting(2, Reason::NewListing, START + DAY);
    let decision = on(&one_more, &usual, None, &[]);
    let fate = decision.fate(None);
    let recorded = Sighting {
        fate: Some(fate),
        ..one_more.clone()
    };
    assert!(recorded.goes_on() && decision.alert().is_none());
    let decision = on(&one_more, &asking, None, &[]);
    let told = Sighting {
        fate: Some(decision.fate(None)),
        ..one_more
    };
    assert!(!told.goes_on() && decision.begins(None));
    assert_eq!(decision.alert().unwrap().reasons, [Reason::NewListing]);
}

fn of(say: impl FnOnce(&mut Covers)) -> Covers {
    let mut covers = Covers::default();
    say(&mut covers);
    covers
}

#[test]
fn a_silence_of_what_is_not_grave_lets_grave_alerts_through() {
    let rules = rules(&["duty"]);
    let silence = Silence {
        id: id(99),
        covers: of(|of| of.severity_at_most = Some(Severity::Normal)),
        until: START + DAY,
    };
    let (alert, _) = opened(&rules);
    let grave = Alert {
        severity: Severity::Grave,
        ..alert.clone()
    };
    let news = sighting(2, Reason::NewSource, START + SECOND * 3_600);
    for (alert, is_quiet) in [(alert, true), (grave, false)] {
        let open = OpenAlert::new(alert, &[]);
        let decision = on(&news, &rules, Some(&open), std::slice::from_ref(&silence));
        let found = matches!(decision, Decision::Silenced { .. });
        assert_eq!(found, is_quiet, "{}", open.alert.severity);
    }
}

#[test]
fn a_silence_keeps_news_quiet_while_it_lasts() {
    let rules = rules(&["duty"]);
    let over = |covers, until| Silence {
        id: id(99),
        covers,
        until,
    };
    let all = Covers::default;
    let news = sighting(1, Reason::First, START);
    let later = START + DAY;
    for (silence, is_quiet) in [
        (over(all(), later), true),
        (
            over(of(|of| of.watchlist = Some(news.watchlist)), later),
            true,
        ),
        (over(of(|of| of.entry = Some(news.entry)), later), true),
        (over(of(|of| of.entry = Some(id(11))), later), false),
        (over(of(|of| of.source = Some(news.source)), later), true),
        (
            over(of(|of| of.sighted = Some(Reason::Historic)), later),
            false,
        ),
        (over(of(|of| of.kind = Some(Kind::Phone)), later), false),
        (over(all(), START), false),
    ] {
        let decision = on(&news, &rules, None, std::slice::from_ref(&silence));
        assert_eq!(
            matches!(decision, Decision::Silenced { .. }),
            is_quiet,
            "{silence:?}"
        );
    }

    let quiet = on(&news, &rules, None, &[over(all(), later)]);
    let alert = quiet.alert().unwrap().clone();
    assert_eq!((alert.state, alert.notify_at), (AlertState::Silenced, None));
    let again = sighting(2, Reason::Reappeared, later);
    let decision = on(
        &again,
        &rules,
        Some(&OpenAlert::new(alert, &[])),
        &[over(all(), later)],
    );
    let alert = decision.alert().unwrap();
    assert_eq!((alert.state, alert.batch), (AlertState::Open, 1));
    assert_eq!(
        decision.deliveries().len(),
        1,
        "the first message that is sent"
    );
}

#[test]
fn reminders_come_while_nobody_has_acknowledged() {
    let rules = Rules {
        repeat_seconds: Some(3_600),
        ..rules(&["duty"])
    };
    let mint = Mint::seeded(1);
    let (alert, mut deliveries) = opened(&rules);
    let due = alert.notify_at.unwrap() + 3_600 * SECOND;
    let waiting = OpenAlert::new(alert.clone(), &deliveries);
    assert_eq!(
        follow_up(&waiting, None, &rules, due, &mint),
        None,
        "the first is on its way"
    );

    deliveries[0].attempts = 1;
    let tried = OpenAlert::new(alert.clone(), &deliveries);
    assert_eq!(
        follow_up(&tried, None, &rules, due, &mint),
        None,
        "it is on its way still"
    );
    deliveries[0].state = DeliveryState::Delivered;
    let sent = OpenAlert::new(alert.clone(), &deliveries);
    assert_eq!(follow_up(&sent, None, &rules, due - SECOND, &mint), None);
    let due_now = follow_up(&sent, None, &rules, due, &mint).unwrap();
    let (reminded, messages) = (due_now.alert, due_now.deliveries);
    assert_eq!((reminded.batch, messages[0].next_at), (2, due));
    assert_eq!(reminded.notify_at, Some(due));

    let mut taken = alert;
    taken.state = AlertState::Acknowledged;
    assert_eq!(
        follow_up(
            &OpenAlert::new(taken, &deliveries),
            None,
            &rules,
            due,
            &mint
        ),
        None
    );
}

#[test]
fn what_was_furniture_is_closed_and_those_who_were_told_are_told() {
    let rules = rules(&["duty"]);
    let now = START + DAY;
    let mint = Mint::seeded(1);
    let (alert, mut deliveries) = opened(&rules);
    let waiting = OpenAlert::new(alert.clone(), &deliveries);
    let (closed, messages) = close_as_furniture(&waiting, &rules, now, &mint);
    assert_eq!(closed.closed, Some((Closed::Furniture, now)));
    assert_eq!(messages, [], "the one that waits says so");

    for delivery in &mut deliveries {
        delivery.state = DeliveryState::Delivered;
    }
    let told = OpenAlert::new(alert.clone(), &deliveries);
    let (closed, messages) = close_as_furniture(&told, &rules, now, &mint);
    assert_eq!((closed.state, closed.batch), (AlertState::Closed, 2));
    assert_eq!((messages.len(), messages[0].next_at), (1, now));

    let quiet = Alert {
        state: AlertState::Silenced,
        notify_at: None,
        ..alert
    };
    let (_, messages) = close_as_furniture(&OpenAlert::new(quiet, &[]), &rules, now, &mint);
    assert_eq!(messages, [], "who was never told needs no correction");
}
