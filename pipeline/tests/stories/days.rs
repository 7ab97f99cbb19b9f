//! Days of failures: whatever an endpoint does, its message is delivered or given up by the schedule, and nobody's waits for
//! another's. `SIGHTLINE_TEST_FULL` has a thousand endpoints.

use std::{
    collections::BTreeMap,
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use sightline_model::{Clock, Delivery, DeliveryState, Mint, Timestamp, Watchlist};
use sightline_pipeline::deliver::{Sent, deliver, deliver_due};
use sightline_store::{Filter, deliveries, endpoints, entries, watchlists};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;

use crate::{
    hunting::{ads, machine, wanted},
    support::{HOUR, Machine, Place, START, Site},
};

/// The waits between ten tries (docs/messages.md), and how far each may be from it.
const WAITS: [u64; 9] = [
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    14 * 3_600,
    20 * 3_600,
    24 * 3_600,
];
const JITTER: f64 = 0.2;
/// What a busy endpoint asks for, in seconds.
const ASKED: u64 = 7_200;

/// What endpoints do. The nth does what stands at its place, over and over.
const WAYS: [Way; 8] = [
    Way::Takes,
    Way::Moved,
    Way::Gone,
    Way::Busy,
    Way::Broken,
    Way::Hangs,
    Way::Resets,
    Way::Endless,
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Takes,
    /// 301: nobody follows it.
    Moved,
    Gone,
    /// 429 and Retry-After, twice; then it takes.
    Busy,
    Broken,
    /// It never answers.
    Hangs,
    /// It breaks the connection off.
    Resets,
    /// 500, and a body without end.
    Endless,
}

impl Way {
    /// How a message to it ends, after how many tries.
    fn ends(self) -> (DeliveryState, u32) {
        match self {
            Self::Takes => (DeliveryState::Delivered, 1),
            Self::Busy => (DeliveryState::Delivered, 3),
            // It waits until somebody has seen to its channel.
            Self::Gone => (DeliveryState::Pending, 0),
            _ => (DeliveryState::Dead, 10),
        }
    }
}

/// Endpoints in one server, each at a path of its own.
struct Endpoints {
    base: String,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    /// How often each was asked.
    times: Vec<AtomicUsize>,
    /// Told when one that takes has been asked.
    taken: Notify,
}

impl Endpoints {
    async fn start(count: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Asked {
            times: (0..count).map(|_| AtomicUsize::new(0)).collect(),
            taken: Notify::new(),
        });
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&heard)));
            }
        });
        Self { base, asked }
    }

    fn channels(&self) -> BTreeMap<String, Value> {
        let settings = |nth: usize| {
            // Whoever answers is given the time that a busy machine takes.
            let patience = match way(nth) {
                Way::Hangs | Way::Endless => 1.0,
                _ => 60.0,
            };
            json!({
                "kind": "webhook", "url": format!("{}/{nth}", self.base), "allow_unencrypted": true,
                "secret_env": "SIGNING", "timeout_seconds": patience,
            })
        };
        let count = self.asked.times.len();
        (0..count).map(|nth| (name(nth), settings(nth))).collect()
    }

    fn taken(&self) -> usize {
        let times = self.asked.times.iter().enumerate();
        let taking = times.filter(|(nth, _)| way(*nth) == Way::Takes);
        taking.map(|(_, times)| times.load(Ordering::SeqCst)).sum()
    }
}

fn name(nth: usize) -> String {
    format!("k{nth:04}")
}

fn way(nth: usize) -> Way {
    WAYS[nth % WAYS.len()]
}

/// One request, and what the endpoint does. Every connection has one, so that none is sent again behind our back.
async fn answer(mut stream: TcpStream, asked: Arc<Asked>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let line = String::from_utf8_lossy(&head).into_owned();
    let nth: usize = line.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
    let before = asked.times[nth].fetch_add(1, Ordering::SeqCst);
    let said = match way(nth) {
        Way::Takes => "204 No Content\r\n",
        Way::Busy if before >= 2 => "204 No Content\r\n",
        Way::Moved => "301 Moved Permanently\r\nLocation: /0\r\n",
        Way::Gone => "410 Gone\r\n",
        Way::Busy => &format!("429 Too Many Requests\r\nRetry-After: {ASKED}\r\n"),
        Way::Broken => "500 Internal Server Error\r\n",
        Way::Hangs => return std::future::pending().await,
        Way::Resets => return,
        Way::Endless => {
            let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 999999999999\r\n\r\n";
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                sent = stream.write_all(&[b'a'; 1024]).await;
            }
            return;
        }
    };
    let said = format!("HTTP/1.1 {said}Content-Length: 0\r\nConnection: close\r\n\r\n");
    _ = stream.write_all(said.as_bytes()).await;
    _ = stream.shutdown().await;
    if way(nth) == Way::Takes {
        asked.taken.notify_one();
    }
}

/// A machine with an alert that each of so many endpoints is to be told of, once it is due.
async fn told(place: &Place, site: &Site, count: usize) -> Machine {
    let machine = machine(place, site).await;
    let mint = &Mint::seeded(5);
    let channels: Vec<String> = (0..count).map(name).collect();
    let list = Watchlist {
        id: mint.id(START),
        name: "missing".to_owned(),
        defaults: json!({}),
        rules: json!({"channels": channels}),
        created_at: START,
    };
    let mut tx = machine.write().await;
    watchlists::create(&mut tx, &list).await.unwrap();
    let rose = wanted(&list, "email", "rose@mail.example.org", mint);
    entries::add(&mut tx, &[rose]).await.unwrap();
    entries::mark_all_hunted(&mut tx, START).await.unwrap();
    tx.commit().await.unwrap();
    ads(site, &[("one", "rose@mail.example.org")]);
    machine.crawl().await;
    machine.clock.advance(HOUR);
    machine
}

async fn all(machine: &Machine) -> Vec<Delivery> {
    let filter = Filter {
        limit: 10_000,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    deliveries::list(&mut tx, &filter).await.unwrap()
}

fn nth(delivery: &Delivery) -> usize {
    delivery.channel[1..].parse().unwrap()
}

/// The wait until the next try is the schedule's, or what was asked for.
fn waits_as_it_should(delivery: &Delivery, tried_at: Timestamp) {
    let tries = usize::try_from(delivery.attempts).unwrap();
    let waits = delivery.next_at.since(tried_at).as_secs_f64();
    let scheduled = Duration::from_secs(WAITS[tries - 1]).as_secs_f64();
    let asked = (way(nth(delivery)) == Way::Busy).then_some(ASKED as f64);
    let least = (scheduled * (1.0 - JITTER)).max(asked.unwrap_or(0.0));
    let most = (scheduled.max(asked.unwrap_or(0.0))) * (1.0 + JITTER);
    assert!(
        (least - 0.01..=most + 0.01).contains(&waits),
        "{:?} after {tries} tries: {waits} s, not {least} to {most}",
        way(nth(delivery)),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_is_told_or_given_up_by_the_schedule() {
    let count = match env::var_os("SIGHTLINE_TEST_FULL") {
        Some(_) => 1_000,
        None => 80,
    };
    let endpoints = Endpoints::start(count).await;
    let (place, site) = (
        Place::with_channels(endpoints.channels()),
        Site::start().await,
    );
    let machine = told(&place, &site, count).await;
    let begun = machine.clock.now();
    let mut sent = Sent::default();
    loop {
        let tried_at = machine.clock.now();
        sent.add(
            deliver_due(&machine.instance, &CancellationToken::new())
                .await
                .unwrap(),
        );
        let waiting: Vec<_> = all(&machine)
            .await
            .into_iter()
            .filter(|one| one.state == DeliveryState::Pending && way(nth(one)) != Way::Gone)
            .collect();
        let Some(fewest) = waiting.iter().map(|one| one.attempts).min() else {
            break;
        };
        // All that were tried now; others wait from before.
        for delivery in waiting.iter().filter(|one| one.attempts == fewest) {
            waits_as_it_should(delivery, tried_at);
        }
        let last = waiting.iter().filter(|one| one.attempts == fewest);
        let last = last.map(|one| one.next_at).max().unwrap();
        machine.clock.advance(last.since(tried_at));
    }
    let mut ends = BTreeMap::new();
    for delivery in all(&machine).await {
        let way = way(nth(&delivery));
        assert_eq!(
            (delivery.state, delivery.attempts),
            way.ends(),
            "{way:?}: {delivery:?}"
        );
        let asked = endpoints.asked.times[nth(&delivery)].load(Ordering::SeqCst);
        // A try that finds nobody does not count.
        let tried = usize::try_from(delivery.attempts).unwrap() + usize::from(way == Way::Gone);
        // Whoever is waited for but a second may be given up before a busy machine has let it hear anything.
        let is_given_up = matches!(way, Way::Hangs | Way::Endless) && asked < tried;
        assert!(asked == tried || is_given_up, "{way:?}: {asked} of {tried}");
        *ends.entry(delivery.state.to_string()).or_insert(0) += 1;
    }
    let mut tx = machine.read().await;
    let off = endpoints::all(&mut tx).await.unwrap();
    let off = off.iter().filter(|endpoint| endpoint.disabled.is_some());
    assert_eq!(
        off.count(),
        count / WAYS.len(),
        "those that are gone are switched off"
    );
    drop(tx);
    let hours = machine.clock.now().since(begun).as_secs() / 3_600;
    // The schedule's 75 hours and a half: each round is as late as the latest of its messages, and two wait for the busy.
    assert!((76..=97).contains(&hours), "{hours} hours");
    eprintln!("{count} endpoints over {hours} hours: {ends:?}; {sent:?}");

    // Switched on again, a channel gets what waited for it; gone still, it goes off with all of that.
    let first_gone = WAYS.iter().position(|way| *way == Way::Gone).unwrap();
    let mut tx = machine.write().await;
    let is_on = endpoints::enable(&mut tx, &name(first_gone)).await;
    assert!(is_on.unwrap());
    tx.commit().await.unwrap();
    let stop = CancellationToken::new();
    let sent = deliver_due(&machine.instance, &stop).await.unwrap();
    assert_eq!((sent.waiting, sent.dead), (1, 0));
    let asked = &endpoints.asked.times[first_gone];
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let kept = all(&machine).await.into_iter();
    let kept = kept.filter(|one| nth(one) == first_gone);
    let kept: Vec<_> = kept.map(|one| (one.state, one.attempts)).collect();
    assert_eq!(kept, [(DeliveryState::Pending, 0)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_is_told_while_others_hang() {
    let count = 80;
    let endpoints = Endpoints::start(count).await;
    let mut channels = endpoints.channels();
    // They would be waited for longer than any test runs.
    for settings in channels.values_mut() {
        settings["timeout_seconds"] = json!(600.0);
    }
    let (place, site) = (Place::with_channels(channels), Site::start().await);
    let machine = told(&place, &site, count).await;
    let (last, stop) = (CancellationToken::new(), CancellationToken::new());
    let taking = async {
        while endpoints.taken() < count / WAYS.len() {
            endpoints.asked.taken.notified().await;
        }
        stop.cancel();
    };
    let (delivered, ()) = tokio::join!(deliver(&machine.instance, &last, &stop), taking);
    delivered.unwrap();
    let hanging = all(&machine).await.into_iter();
    let hanging = hanging.filter(|one| way(nth(one)) == Way::Hangs);
    for delivery in hanging {
        assert_eq!(
            delivery.state,
            DeliveryState::Pending,
            "it hangs to the end"
        );
    }
}

/// The control of the judge: a message that was put off by another schedule is found out.
#[tokio::test]
#[should_panic(expected = "after 1 tries")]
async fn a_wait_of_another_schedule_is_found_out() {
    let endpoints = Endpoints::start(8).await;
    let (place, site) = (
        Place::with_channels(endpoints.channels()),
        Site::start().await,
    );
    let machine = told(&place, &site, 8).await;
    let tried_at = machine.clock.now();
    deliver_due(&machine.instance, &CancellationToken::new())
        .await
        .unwrap();
    for mut delivery in all(&machine).await {
        if delivery.state == DeliveryState::Pending {
            delivery.next_at = delivery.next_at + Duration::from_secs(60);
            waits_as_it_should(&delivery, tried_at);
        }
    }
}
