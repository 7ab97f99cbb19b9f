//! Whom Sightline tells when a source gives nothing any more, and when a review is due: once, whoever looks.

use std::time::Duration;

use serde_json::json;
use sightline_model::{Clock as _, *};
use sightline_pipeline::notices::{tell_operators, tell_owners};
use sightline_store::{Filter, deliveries, entries, notices, watchlists};

use crate::{
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
};

/// A list that holds the records themselves.
fn one_list(site: &Site) -> serde_json::Value {
    source(json!({
        "start": [site.url("/north")],
        "list": { "record": {
            "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
        } },
    }))
}

/// The notices of a kind with their batches, and the channels of their messages.
async fn told(machine: &Machine, kind: NoticeKind) -> (Vec<(String, i64, bool)>, Vec<String>) {
    let mut tx = machine.read().await;
    let of_kind = Filter {
        state: Some(kind.as_str()),
        ..Filter::default()
    };
    let mut found = notices::list(&mut tx, &of_kind, false).await.unwrap();
    found.reverse();
    let ids: Vec<Topic> = found
        .iter()
        .map(|notice| Topic::Notice(notice.id))
        .collect();
    let mut sent = deliveries::list(&mut tx, &Filter::default()).await.unwrap();
    sent.reverse();
    let notices = found.into_iter().map(|notice| {
        let name = match notice.told {
            Told::Review(review) => review.owner,
            Told::Fault(fault) => fault.name,
        };
        (name, notice.batch, notice.resolved_at.is_some())
    });
    let sent = sent.into_iter();
    let sent = sent.filter(|delivery| ids.contains(&delivery.topic));
    // What was made at one instant is in no order.
    let mut notices: Vec<_> = notices.collect();
    let mut channels: Vec<_> = sent.map(|delivery| delivery.channel).collect();
    notices.sort();
    channels.sort();
    (notices, channels)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_in_trouble_is_told_once_and_again_when_it_recovers() {
    let (site, place) = (Site::start().await, Place::new());
    let said = one_list(&site);
    let machine = place.machine("one", START, &said).await;
    let other = place.machine("two", START, &said).await;
    let kind = NoticeKind::SourceFailing;
    for _ in 0..3 {
        tell_operators(&machine.instance).await.unwrap();
        assert_eq!(told(&machine, kind).await, (vec![], vec![]));
        assert_ne!(machine.crawl().await.outcome, Some(RunOutcome::Complete));
    }
    for machine in [&machine, &machine, &other] {
        tell_operators(&machine.instance).await.unwrap();
    }
    let once = vec![("ads".to_owned(), 1, false)];
    assert_eq!(told(&machine, kind).await, (once, vec!["ops".to_owned()]));
    site.list("/north", &["one"]);
    machine.crawl().await;
    for machine in [&other, &machine] {
        tell_operators(&machine.instance).await.unwrap();
    }
    let over = vec![("ads".to_owned(), 2, true)];
    assert_eq!(
        told(&machine, kind).await,
        (over, vec!["ops".to_owned(); 2])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_are_told_of_their_reviews_once_a_week() {
    let (site, place) = (Site::start().await, Place::new());
    let said = one_list(&site);
    let machine = place.machine("one", START, &said).await;
    let other = place.machine("two", START, &said).await;
    let mint = Mint::seeded(9);
    let list = Watchlist {
        id: mint.id(START),
        name: "Lotus".to_owned(),
        defaults: serde_json::Value::Null,
        rules: serde_json::Value::Null,
        created_at: START,
    };
    let entry = |owner: &str, value: &str, days: u64| Entry {
        id: mint.id(START),
        watchlist: list.id,
        selector: Selector::new(Kind::Phone, value),
        way: Way::Exact,
        written: value.to_owned(),
        purpose: "find her".to_owned(),
        legal_basis: "consent".to_owned(),
        owner: owner.to_owned(),
        category: Category::Victim,
        review_at: START + Duration::from_secs(days * 86_400),
        expires_at: None,
        case_reference: None,
        tlp: Tlp::Amber,
        severity: None,
        note: None,
        tags: Vec::new(),
        despite_warning: None,
        state: EntryState::Active,
        created_at: START,
    };
    let looked_for = [
        entry("J. Doe", "+12025550101", 1),
        entry("R. Roe", "+12025550102", 2),
        entry("R. Roe", "+12025550103", 12),
    ];
    let mut tx = machine.write().await;
    watchlists::create(&mut tx, &list).await.unwrap();
    entries::add(&mut tx, &looked_for).await.unwrap();
    tx.commit().await.unwrap();
    let both = |times: usize| {
        let of_each = [("J. Doe", 1), ("R. Roe", 1)];
        let mut notices = of_each.repeat(times);
        notices.sort_unstable();
        let notices = notices.into_iter();
        let notices = notices.map(|(owner, batch)| (owner.to_owned(), batch, true));
        let mut channels = ["desk", "reviews"].repeat(times);
        channels.sort_unstable();
        (
            notices.collect::<Vec<_>>(),
            channels.into_iter().map(str::to_owned).collect::<Vec<_>>(),
        )
    };
    // It is Monday, ten o'clock: the digest of eight o'clock is due.
    for machine in [&machine, &other, &machine] {
        tell_owners(&machine.instance).await.unwrap();
    }
    assert_eq!(told(&machine, NoticeKind::Review).await, both(1));
    for (hours, weeks) in [(165, 1), (166, 2), (200, 2)] {
        let now = START + HOUR * hours;
        for machine in [&machine, &other] {
            machine.clock.advance(now.since(machine.clock.now()));
            tell_owners(&machine.instance).await.unwrap();
        }
        assert_eq!(
            told(&machine, NoticeKind::Review).await,
            both(weeks),
            "{hours}"
        );
    }
}
