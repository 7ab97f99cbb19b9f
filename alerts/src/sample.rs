//! A sample alert with every field filled: what templates are tried on at start, and what tests start from.

use std::str::FromStr;

use sightline_model::{
    AlertState, CaptureId, Category, Closed, Confidence, Digest, DueEntry, EntryId, Fault, GroupBy,
    Kind, ListingId, Notice, NoticeKind, Purpose, Reason, Review, Selector, Severity, SightingId,
    StepKind, Timestamp, Tlp, Told, WatchlistId,
};
use url::Url;

use crate::{
    digest::{DigestView, ItemView},
    message::Event,
    view::{AlertView, Reminding, SightingView, Standing},
};

/// An alert that never was. Its number is one of those reserved for fiction (NANP 555-01xx).
pub(crate) fn sample_view() -> AlertView {
    let at = Timestamp(1_795_428_000_000);
    AlertView {
        event: Event::Opened,
        alert: id(1),
        opened_at: at,
        standing: Standing::OPEN,
        severity: Severity::Grave,
        reasons: vec![Reason::Reappeared],
        why: vec!["back after 41 days, on a new site".into()],
        watchlist: id::<WatchlistId>(2),
        watchlist_name: "Operation Lantern".into(),
        grouped_by: GroupBy::Entry,
        entry: id::<EntryId>(3),
        entries: vec![id(3)],
        case_reference: Some("LN-2026-017".into()),
        also_on: Vec::new(),
        tlp: Tlp::Amber,
        link: Url::from_str("https://sightline.example.org/alerts/1").ok(),
        selector: Selector::new(Kind::Phone, "+12025550123"),
        category: Category::Victim,
        note: Some("Ring the duty desk first.".into()),
        new_sightings: 3,
        all_sightings: 3,
        sources: 1,
        sightings: vec![sample_sighting(at)],
        possible: false,
        last_seen: Some(at),
        reminding: None,
        latest: None,
    }
}

/// The same alert in other states, with nothing that may be missing: what a template meets sooner or later.
pub(crate) fn bare_samples() -> Vec<AlertView> {
    let sample = sample_view();
    let bare = |event| AlertView {
        event,
        reasons: Vec::new(),
        why: Vec::new(),
        case_reference: None,
        link: None,
        note: None,
        new_sightings: 0,
        sightings: Vec::new(),
        last_seen: None,
        ..sample.clone()
    };
    let mut updated = AlertView {
        event: Event::Updated,
        ..sample.clone()
    };
    for sighting in &mut updated.sightings {
        sighting.title = None;
        sighting.previous = None;
        sighting.steps.clear();
        sighting.how.clear();
    }
    let possible = AlertView {
        possible: true,
        also_on: vec!["Night watch".into(), "Operation Reed".into()],
        ..sample.clone()
    };
    let handled = |state, closed_as| AlertView {
        standing: Standing {
            state,
            closed_as,
            by: Some("R. Analyst".into()),
            at: Some(sample.opened_at),
        },
        ..sample.clone()
    };
    vec![
        updated,
        possible,
        sample_reminder(),
        handled(AlertState::Acknowledged, None),
        handled(AlertState::Closed, Some(Closed::Confirmed)),
        bare(Event::Reminder),
        bare(Event::Escalated),
        bare(Event::Forgotten),
        bare(Event::Closed),
        AlertView::test("desk", sample.opened_at),
    ]
}

/// The same alert three days later, when nobody has taken it.
pub(crate) fn sample_reminder() -> AlertView {
    let view = sample_view();
    AlertView {
        event: Event::Reminder,
        new_sightings: 0,
        reminding: Some(Reminding {
            purpose: Purpose::Reminder,
            number: 3,
            since: view.opened_at,
        }),
        latest: view.sightings.first().cloned(),
        sightings: Vec::new(),
        ..view
    }
}

/// A digest that never was.
pub(crate) fn sample_digest() -> DigestView {
    let at = Timestamp(1_795_428_000_000);
    let link =
        |alert: u8| Url::from_str(&format!("https://sightline.example.org/alerts/{alert}")).ok();
    DigestView {
        watchlist: id(2),
        watchlist_name: "Operation Lantern".into(),
        after_silence: false,
        tlp: Tlp::Amber,
        items: vec![
            ItemView {
                event: Event::Opened,
                alert: id(1),
                opened_at: at,
                state: AlertState::Open,
                severity: Severity::Normal,
                reasons: vec![(Reason::Reappeared, 1), (Reason::NewListing, 2)],
                why: vec!["back after a while".into(), "one more listing".into()],
                reminding: None,
                possible: false,
                entries: 1,
                case_reference: Some("LN-2026-017".into()),
                link: link(1),
            },
            ItemView {
                event: Event::Reminder,
                alert: id(5),
                opened_at: Timestamp(at.0 - 86_400_000),
                state: AlertState::Open,
                severity: Severity::Low,
                reasons: Vec::new(),
                why: vec!["seen for the first time".into()],
                reminding: Some(Reminding {
                    purpose: Purpose::Reminder,
                    number: 2,
                    since: Timestamp(at.0 - 86_400_000),
                }),
                possible: true,
                entries: 2,
                case_reference: None,
                link: link(5),
            },
        ],
    }
}

fn sample_sighting(at: Timestamp) -> SightingView {
    SightingView {
        id: id::<SightingId>(4),
        entry: id(3),
        selector: Selector::new(Kind::Phone, "+12025550123"),
        reason: Reason::Reappeared,
        why: "back after 41 days, on a new site".into(),
        source: "classified-oakland".into(),
        listing: ListingId(812),
        title: Some("Massage: calm hands near www.studio.example".into()),
        url: Url::parse("https://ads.example/oakland/812?from=list")
            .expect("a constant that parses"),
        raw: "(202) 555-0123".into(),
        before: "Call or text".into(),
        after: "ask for Rose".into(),
        confidence: Confidence::Normalised,
        steps: vec![StepKind::Separators.into()],
        how: "written with separators".into(),
        seen_at: at,
        previous: Some((Timestamp(at.0 - 41 * 86_400_000), "board-east".into())),
        capture: CaptureId(90_017),
        digest: Digest("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
    }
}

fn id<T: From<uuid::Uuid>>(number: u128) -> T {
    T::from(uuid::Uuid::from_u128(number))
}

/// Notices that never were: one of reviews, and one of a fault that lasted and is over.
pub(crate) fn sample_notices() -> [Notice; 2] {
    let at = Timestamp(1_795_428_000_000);
    let entry = |number, review_at| DueEntry {
        id: id(number),
        watchlist: id(2),
        watchlist_name: "Operation Lantern".into(),
        review_at,
        expires_at: Some(Timestamp(at.0 + 5 * 86_400_000)),
        tlp: Tlp::Amber,
        selector: Selector::new(Kind::Phone, "+12025550123"),
    };
    let notice = |number, kind, subject: &str, told| Notice {
        id: id(number),
        kind,
        subject: subject.into(),
        told,
        opened_at: at,
        batch: 1,
        told_at: at,
        resolved_at: Some(at),
    };
    let review = Review {
        owner: "J. Doe".into(),
        planned_at: at,
        overdue: 1,
        soon: 2,
        ending: 2,
        ended: 0,
        all: 3,
        entries: vec![entry(3, at), entry(4, Timestamp(at.0 + 3 * 86_400_000))],
    };
    let fault = Fault {
        name: "north".into(),
        count: 3,
        what: "the source north gives no page: its last 3 runs failed".into(),
        remedy: "`sightline visits --source north` says why".into(),
        ..Fault::default()
    };
    [
        notice(5, NoticeKind::Review, "J. Doe", Told::Review(review)),
        Notice {
            batch: 3,
            ..notice(6, NoticeKind::SourceFailing, "north", Told::Fault(fault))
        },
    ]
}
