//! Every sentence that an alert's sightings and messages can be told in, as people read it.

use std::{collections::BTreeMap, time::Duration};

use sightline_model::*;
use uuid::Uuid;

use super::{Terms, ceiling, fate, message, purposely, reason, reminding, why};
use crate::{
    decide::tests::{id, sighting},
    message::Detail,
    payload::Payload,
    rules::Rules,
    sample::sample_view,
    view::Reminding,
};

const NOW: Timestamp = Timestamp(1_795_428_000_000);

fn previous(days: u64, same_site: bool) -> Previous {
    Previous {
        at: NOW - Duration::from_secs(days * 86_400),
        source: id(if same_site { 7 } else { 8 }),
        listing: ListingId(1),
    }
}

#[test]
fn why_it_is_news() {
    use Reason::*;
    for (reason, before, expected) in [
        (First, None, "seen for the first time"),
        (Historic, None, "found in what was already stored"),
        (
            Historic,
            Some((3, true)),
            "found in what was already stored",
        ),
        (First, Some((3, true)), "seen for the first time"),
        (
            Reappeared,
            Some((41, true)),
            "back after 41 days, on the same site",
        ),
        (
            Reappeared,
            Some((1, false)),
            "back after 1 day, on another site than before",
        ),
        (
            NewSource,
            Some((2, false)),
            "on a new site; last seen 2 days before on another",
        ),
        (
            NewListing,
            Some((2, true)),
            "one more listing; last seen on the same site 2 days before",
        ),
        (
            NewListing,
            Some((2, false)),
            "one more listing on a site that showed it before; last seen on another 2 days before",
        ),
        (
            Continued,
            Some((2, true)),
            "continued, seen on the same site 2 days before",
        ),
        (
            Continued,
            Some((2, false)),
            "continued, seen on another site 2 days before",
        ),
    ] {
        let mut seen = sighting(1, reason, NOW);
        seen.source = id(7);
        seen.explanation.previous = before.map(|(days, same_site)| previous(days, same_site));
        assert_eq!(why(&seen), expected, "{reason} {before:?}");
    }
}

#[test]
fn how_long_nobody_has_dealt_with_it() {
    for (purpose, expected) in [
        (
            Purpose::Reminder,
            "reminder 3: open for 2 days, and nobody has taken it",
        ),
        (
            Purpose::Forgotten,
            "reminder 3: acknowledged 2 days ago, and not closed since",
        ),
        (
            Purpose::Escalation,
            "open for 2 days, and nobody has taken it",
        ),
    ] {
        let of = Reminding {
            purpose,
            number: 3,
            since: NOW - Duration::from_secs(2 * 86_400 + 7),
        };
        assert_eq!(reminding(&of, NOW), expected, "{purpose}");
    }
    // What stands for a reason where no more is known is never its word.
    for one in Reason::ALL {
        assert!(!reason(*one).contains('_') && reason(*one) != "first");
    }
}

fn delivery(
    purpose: Purpose,
    state: DeliveryState,
    waits: Option<Wait>,
    attempts: u32,
) -> Delivery {
    Delivery {
        id: DeliveryId(Uuid::from_u128(9)),
        topic: Topic::Alert(AlertId(Uuid::from_u128(1))),
        channel: "desk".to_owned(),
        purpose,
        batch: 1,
        state,
        attempts,
        next_at: NOW,
        waits,
        carrier: None,
        message: None,
        progress: None,
        last_error: (state != DeliveryState::Delivered)
            .then(|| "not sent: R. Roe acknowledged the alert before it was due".to_owned()),
        created_at: NOW,
        delivered_at: None,
    }
}

/// Every instant is noon.
fn terms<'a>(rules: &'a Rules, stopped: &'a BTreeMap<String, String>) -> Terms<'a> {
    Terms {
        rules,
        stopped,
        when: &|_| "12:00".to_owned(),
    }
}

#[test]
fn what_waits_for_a_channel_that_is_stopped_says_so() {
    let rules = Rules::default();
    let stopped = BTreeMap::from([("desk".to_owned(), "it is switched off".to_owned())]);
    for (state, expected) in [
        (
            DeliveryState::Pending,
            "desk: will not be sent: it is switched off".to_owned(),
        ),
        (
            DeliveryState::Delivered,
            format!("desk: sent in message {ID}, 12:00"),
        ),
    ] {
        let one = delivery(Purpose::News, state, None, 0);
        assert_eq!(message(&one, terms(&rules, &stopped)), expected);
    }
}

#[test]
fn what_some_of_a_channel_never_got_says_so() {
    let one = Delivery {
        last_error: Some("accepted for 1 of 2; the server refuses recipient 2: 550".to_owned()),
        ..delivery(Purpose::News, DeliveryState::Delivered, None, 1)
    };
    assert_eq!(
        message(&one, terms(&Rules::default(), &BTreeMap::new())),
        format!(
            "desk: sent in message {ID}, 12:00, but not to all: accepted for 1 of 2; the server refuses recipient 2: 550"
        )
    );
}

const ID: &str = "00000000-0000-0000-0000-000000000009";

#[test]
fn what_became_of_a_message() {
    use DeliveryState::*;
    let rules = Rules::default();
    for (state, waits, attempts, expected) in [
        (
            Delivered,
            None,
            1,
            format!("desk: sent in message {ID}, 12:00"),
        ),
        (
            Delivered,
            Some(Wait::Digest),
            1,
            format!("desk: sent in digest {ID}, 12:00"),
        ),
        (Dead, None, 9, format!("desk: given up (message {ID})")),
        (
            Dead,
            Some(Wait::Digest),
            9,
            format!("desk: given up (digest {ID})"),
        ),
        (
            Withdrawn,
            None,
            0,
            "desk: not sent: R. Roe acknowledged the alert before it was due".to_owned(),
        ),
        (
            Pending,
            None,
            2,
            format!("desk: not taken yet; message {ID} is tried again 12:00"),
        ),
        // Its receiver would not take it, and night has fallen since, or somebody silenced it.
        (
            Pending,
            Some(Wait::QuietHours),
            2,
            format!("desk: not taken yet; message {ID} is held: quiet hours until 12:00"),
        ),
        (
            Pending,
            Some(Wait::Silence),
            2,
            format!("desk: not taken yet; message {ID} is held: silenced until 12:00"),
        ),
        (
            Pending,
            Some(Wait::Digest),
            2,
            format!("desk: not taken yet; digest {ID} is tried again 12:00"),
        ),
        (Pending, None, 0, "desk: to be sent 12:00".to_owned()),
        (
            Pending,
            Some(Wait::Group),
            0,
            "desk: to be sent 12:00".to_owned(),
        ),
        (
            Pending,
            Some(Wait::Interval),
            0,
            "desk: to be sent 12:00".to_owned(),
        ),
        (
            Pending,
            Some(Wait::Digest),
            0,
            "desk: waits for the digest of 12:00".to_owned(),
        ),
        (
            Pending,
            Some(Wait::QuietHours),
            0,
            "desk: held: quiet hours until 12:00".to_owned(),
        ),
        (
            Pending,
            Some(Wait::Ceiling),
            0,
            "desk: held by its entry's ceiling: gathers what comes until 12:00".to_owned(),
        ),
        (
            Pending,
            Some(Wait::Silence),
            0,
            "desk: held: silenced until 12:00".to_owned(),
        ),
    ] {
        let one = delivery(Purpose::News, state, waits, attempts);
        let said = message(&one, terms(&rules, &BTreeMap::new()));
        assert_eq!(said, expected, "{state} {waits:?}");
    }
}

#[test]
fn a_digest_that_is_tried_again_after_the_night_says_so() {
    let quiet = |to: &str| {
        let quiet = serde_json::json!({"quiet_hours": {"from": "22:00", "to": to}});
        Rules::read(&quiet).unwrap()
    };
    let one = Delivery {
        next_at: Timestamp::parse("2026-11-24T07:00:00Z").unwrap(),
        ..delivery(Purpose::News, DeliveryState::Pending, Some(Wait::Digest), 2)
    };
    for (to, expected) in [
        ("07:00", "held: quiet hours until 07:00 UTC"),
        ("06:00", "tried again 12:00"),
    ] {
        let said = message(&one, terms(&quiet(to), &BTreeMap::new()));
        assert_eq!(
            said,
            format!("desk: not taken yet; digest {ID} is {expected}")
        );
    }
}

#[test]
fn why_a_message_is_sent() {
    let rules = Rules::default();
    let sent = "desk: to be sent 12:00";
    for purpose in Purpose::ALL {
        let expected = match purpose {
            Purpose::News => "news to",
            Purpose::Reminder => "reminder that nobody has acknowledged it, to",
            Purpose::Forgotten => "reminder that it was acknowledged and never closed, to",
            Purpose::Escalation => "escalation, since nobody has acknowledged it, to",
            Purpose::Correction => "correction: it turned out to be nothing, to",
            Purpose::Notice => "notice to",
        };
        let one = delivery(*purpose, DeliveryState::Pending, None, 0);
        let said = purposely(&one, terms(&rules, &BTreeMap::new()));
        assert_eq!(said, format!("{expected} {sent}"));
    }
}

#[test]
fn what_came_of_a_sighting() {
    let alert = AlertId(Uuid::from_u128(1));
    let one = "00000000-0000-0000-0000-000000000001";
    let told = [delivery(Purpose::News, DeliveryState::Pending, None, 0)];
    let sent = "desk: to be sent 12:00";
    let due = NOW;
    let recorded = |why| Fate::Recorded {
        why,
        alert: None,
        batch: None,
    };
    for (of, expected) in [
        (
            Fate::Told {
                alert,
                batch: 1,
                due,
                waits: None,
            },
            sent.to_owned(),
        ),
        (
            Fate::Told {
                alert,
                batch: 2,
                due,
                waits: None,
            },
            "its message is not in the outbox; run `sightline doctor`".to_owned(),
        ),
        (
            Fate::Grouped {
                alert,
                batch: 1,
                due,
                waits: None,
            },
            format!("not sent by itself: grouped with others in alert {one}; {sent}"),
        ),
        (
            Fate::Gathered {
                alert,
                batch: 1,
                due,
                waits: None,
                ceiling: 3,
            },
            format!(
                "not sent singly: the entry's ceiling of 3 messages a day was reached; gathered in alert {one} with 7 sightings; {sent}"
            ),
        ),
        (
            Fate::Silenced {
                alert,
                by: SilenceId(Uuid::from_u128(1)),
                until: NOW,
            },
            format!("not sent: silenced until 12:00 by silence {one}"),
        ),
        (
            Fate::NoChannel { alert },
            "not sent: the watchlist names no channel".to_owned(),
        ),
        (
            Fate::Recorded {
                why: Unalerted::Continued,
                alert: Some(alert),
                batch: Some(1),
            },
            format!(
                "no message of its own, for the site showed it before; shown in one that waited: {sent}"
            ),
        ),
        (
            recorded(Unalerted::Continued),
            "not sent: it continued, and is recorded".to_owned(),
        ),
        (
            recorded(Unalerted::Historic),
            "not sent: the rules do not tell of what was stored before".to_owned(),
        ),
        (
            recorded(Unalerted::NotInRules),
            "not sent: the rules do not tell of this reason".to_owned(),
        ),
        (
            recorded(Unalerted::Warned),
            "not sent: a warning list names what was matched".to_owned(),
        ),
        (
            recorded(Unalerted::Possible),
            "not sent: it is only possible, and the rules ask for what is certain".to_owned(),
        ),
    ] {
        let said = fate(&of, &told, 7, terms(&Rules::default(), &BTreeMap::new()));
        assert_eq!(said, expected, "{of:?}");
    }
}

#[test]
fn what_to_do_stands_whole_at_the_end_of_what_a_message_says_of_a_ceiling() {
    let until = NOW + Duration::from_secs(86_340);
    let told = |list: &str| {
        let mut view = sample_view();
        let said = ceiling(&Rules::default(), 1_000, 2, until, NOW, list);
        view.why = vec!["seen for the first time".to_owned(), said];
        Payload::of(&view, Detail::Thin, NOW).data.why.remove(1)
    };
    let said = told("Operation Lotus");
    assert!(
        said.starts_with("its entries' ceiling of 1000 messages"),
        "{said}"
    );
    let remedy = "`sightline watchlist set 'Operation Lotus' --ceiling N` changes that";
    assert!(said.ends_with(remedy), "{said}");
    // What it quotes is cut.
    let said = told(&"Lotus ".repeat(500));
    assert!(said.ends_with("…' --ceiling N` changes that"), "{said}");
    assert!(said.chars().count() < 500, "{said}");
}
