//! What a visit tells the host's gate.

use std::time::Duration;

use sightline_model::{HostState, Next, Outcome, RobotsText};

use crate::support::{
    Bench, failure, page,
    site::{Site, once, reply},
};

#[tokio::test]
async fn a_site_that_asks_us_to_wait_is_heard() {
    for (answer, least) in [
        (reply(429, "retry-after: 120\r\n", b""), 120),
        (reply(503, "retry-after: 1000000000\r\n", b""), 86_400),
        (reply(429, "", b""), 54),
        (reply(503, "", b"down for maintenance"), 54),
        (
            b"HTTP/1.1 429 So\r\nretry-after: 120\r\ncontent-length: 100\r\n\r\nhalf".to_vec(),
            120,
        ),
    ] {
        let site = once(answer).await;
        let bench = Bench::new(&["127.0.0.1"]);
        let url = format!("http://{site}/robots.txt");
        // Of robots.txt itself, so that nothing else is asked before.
        let visited = bench.visit(&url).await;
        let until = bench.gate(&url).state().backoff_until.unwrap();
        assert!(
            until.since(bench.now()) >= Duration::from_secs(least),
            "{least}"
        );
        assert_eq!(failure(&visited).outcome, Outcome::RobotsUnreachable);
    }
}

#[tokio::test]
async fn a_page_that_asks_us_to_wait_says_how_long() {
    let site = Site::start().await;
    site.at("/a", reply(429, "retry-after: 120\r\n", b"slow down"));
    let bench = Bench::new(&["127.0.0.1"]);
    let visited = bench.visit(&site.url("/a")).await;
    let failure = failure(&visited);
    assert_eq!(failure.outcome, Outcome::RateLimited);
    assert_eq!(failure.outcome.next(), Next::BackOff);
    assert_eq!(failure.retry_after, Some(Duration::from_secs(120)));
    assert_eq!(visited.exchanges.last().unwrap().body, "slow down");
    let until = bench.gate(&site.url("/a")).state().backoff_until.unwrap();
    assert!(until.since(bench.now()) >= Duration::from_secs(120));
}

#[tokio::test]
async fn other_answers_ask_for_no_wait() {
    let site = Site::start().await;
    site.at("/a", reply(500, "retry-after: 120\r\n", b""));
    let bench = Bench::new(&["127.0.0.1"]);
    let visited = bench.visit(&site.url("/a")).await;
    assert_eq!(failure(&visited).outcome, Outcome::ServerError);
    assert_eq!(failure(&visited).retry_after, None);
    assert_eq!(bench.gate(&site.url("/a")).state().backoff_until, None);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_wants_to_be_left_alone_for_long_is_not_waited_for() {
    let bench = Bench::new(&["127.0.0.1"]);
    let ask = page("http://127.0.0.1:9/a");
    for robots_known in [false, true] {
        let until = bench.now() + Duration::from_secs(3_600);
        let home = bench.gate(ask.url.as_str());
        home.heed(&HostState {
            backoff_until: Some(until),
            ..home.state()
        });
        if robots_known {
            home.learn_robots(RobotsText {
                fetched_at: bench.now(),
                status: Some(404),
                failure: None,
                max_age: None,
                body: String::new(),
            });
        }
        let visited = bench.ask(&ask).await;
        let failure = failure(&visited);
        assert_eq!(failure.outcome, Outcome::RateLimited, "{failure:?}");
        assert_eq!(failure.retry_after, Some(Duration::from_secs(3_600)));
        assert!(visited.robots.is_empty() && visited.exchanges.is_empty());
    }
}
