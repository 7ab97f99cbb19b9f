//! Whom Sightline tells when a source gives nothing any more, and when a review is due: once, whoever looks.

use std::time::Duration;

use serde_json::json;
use sightline_model::{Clock as _, *};
use sightline_pipeline::{
    instance::Broken,
    notices::{tell_operators, tell_owners},
    settings::WorkSettings,
    sweep::{put_out, tell_now},
};
use sightline_store::{Filter, deliveries, endpoints, entries, notices, watchlists};
use tokio_util::sync::CancellationToken;

use crate::{
    removing::source,
    support::{HOUR, Machine, Place, START, Site},
    telling::{ROSE, deliver, seen},
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
    let once = vec![("ads".to_owned(), 1, false)];
    let told_then = told(&machine, kind).await;
    assert_eq!(told_then, (once, vec!["ops".to_owned()]), "it has to hold");
    for machine in [&other, &machine] {
        machine.clock.advance(24 * HOUR);
        tell_operators(&machine.instance).await.unwrap();
    }
    let over = vec![("ads".to_owned(), 2, true)];
    assert_eq!(
        told(&machine, kind).await,
        (over, vec!["ops".to_owned(); 2])
    );
}

/// A recipient whom the server refuses gets nothing, and can't tell anybody: an operator is told, and again when all get theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_does_not_reach_all_is_told_of() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = place.machine("one", START, &one_list(&site)).await;
    let channel = "post".to_owned();
    let took = async |partly| {
        let mut tx = machine.write().await;
        let now = machine.clock.now();
        endpoints::record_success(&mut tx, &channel, partly, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        tell_operators(&machine.instance).await.unwrap();
        told(&machine, NoticeKind::RecipientRefused).await.0
    };
    let told_of = |batch, is_over| vec![(channel.clone(), batch, is_over)];
    assert_eq!(took(Some("accepted for 1 of 2")).await, told_of(1, false));
    assert_eq!(took(Some("accepted for 1 of 2")).await, told_of(1, false));
    assert_eq!(took(None).await, told_of(2, true));
}

/// Who looks late, and then sends what waited, tells nobody that it waited; who looks late, and can't, does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_at_this_look_was_no_backlog() {
    let kind = NoticeKind::DeliveryBacklog;
    for (is_blocked, expected) in [
        (false, (vec![], vec![])),
        (
            true,
            (vec![("post".to_owned(), 1, false)], vec!["ops".to_owned()]),
        ),
    ] {
        let (site, place) = (Site::start().await, Place::new());
        let rules = json!({"group_wait_seconds": 0});
        let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
        machine.clock.advance(2 * HOUR);
        if is_blocked {
            place.block_post(true);
        }
        put_out(&machine.instance).await.unwrap();
        assert_eq!(deliver(&machine).await.delivered, u64::from(!is_blocked));
        let stop = CancellationToken::new();
        tell_now(&machine.instance, &stop).await.unwrap();
        assert_eq!(told(&machine, kind).await, expected);
    }
}

/// A source whose file was taken away is mended by nobody: its notice ends where it was told from, and nobody is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_away_is_no_trouble_any_more() {
    let (site, place) = (Site::start().await, Place::new());
    let said = one_list(&site);
    let had = place.machine("one", START, &said).await;
    had.instance.hold(Vec::new());
    for _ in 0..3 {
        had.crawl().await;
    }
    tell_operators(&had.instance).await.unwrap();
    let kind = NoticeKind::SourceFailing;
    let told_of = |is_over| (vec![("ads".to_owned(), 1, is_over)], vec!["ops".to_owned()]);
    assert_eq!(told(&had, kind).await, told_of(false));
    let work = WorkSettings::default();
    let again = ("south", &said);
    let other = place.machine_of("other", START, again, work.clone()).await;
    let same = place.machine_of("one", START, again, work).await;
    for (machine, is_over) in [(&other, false), (&same, true)] {
        // As long as it has not looked at all files, it does not say what is not there.
        tell_operators(&machine.instance).await.unwrap();
        assert_eq!(told(machine, kind).await, told_of(false));
        machine.instance.hold(Vec::new());
        tell_operators(&machine.instance).await.unwrap();
        assert_eq!(told(machine, kind).await, told_of(is_over));
    }
}

/// Two processes share a store and have sources of their own: of what the other has, neither says that it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_has_is_not_said_to_be_over() {
    let (site, place) = (Site::start().await, Place::new());
    site.list("/south", &["three"]);
    let north = one_list(&site);
    let mut south = one_list(&site);
    south["start"] = json!([site.url("/south")]);
    let one = place.machine("one", START, &north).await;
    let work = WorkSettings::default();
    let other = place
        .machine_of("other", START, ("south", &south), work)
        .await;
    let broken = |name: &str| Broken {
        name: name.to_owned(),
        why: "its file has 1 problem".to_owned(),
    };
    one.instance.hold(vec![broken("west")]);
    other.instance.hold(Vec::new());
    for _ in 0..3 {
        one.crawl().await;
    }
    let kind = NoticeKind::SourceFailing;
    let open = |is_over| {
        vec![
            ("ads".to_owned(), 1, false),
            ("west".to_owned(), 1, is_over),
        ]
    };
    for machine in [&one, &other, &one, &other] {
        tell_operators(&machine.instance).await.unwrap();
        let sent = vec!["ops".to_owned(); 2];
        assert_eq!(told(&one, kind).await, (open(false), sent));
    }
    // What is right again is said by whoever has it.
    one.instance.hold(Vec::new());
    for machine in [&other, &one, &other] {
        tell_operators(&machine.instance).await.unwrap();
    }
    let (notices, sent) = told(&one, kind).await;
    assert_eq!(notices[1], ("west".to_owned(), 2, true));
    assert_eq!((notices.len(), sent.len()), (2, 3));
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
