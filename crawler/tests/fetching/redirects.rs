//! Redirects: followed one by one, each as if it were a visit of its own.

use sightline_crawler::{
    settings::FetchSettings,
    visit::{Known, RobotsUse, SourceAccess},
};
use sightline_model::{HostState, Outcome, Validators, VisitKind};

use crate::support::{
    Bench, access, answer, failure, page, paths, settings,
    site::{Site, redirect, reply},
};

/// A source that is not asked for robots.txt, so that only the pages count.
fn bench(hosts: &[&str]) -> Bench {
    Bench::with(settings(), unasked(hosts))
}

fn unasked(hosts: &[&str]) -> SourceAccess {
    SourceAccess {
        robots: RobotsUse::Override {
            reason: "the site is our own".to_owned(),
        },
        ..access(hosts)
    }
}

#[tokio::test]
async fn redirects_lead_on() {
    for status in [301, 302, 303, 307, 308] {
        let site = Site::start().await;
        site.at(
            "/old",
            reply(status, "location: new?a=1#part\r\n", b"moved"),
        )
        .at(
            "/new?a=1",
            reply(200, "content-type: text/html\r\n", b"here"),
        );
        let visited = bench(&["127.0.0.1"]).visit(&site.url("/old")).await;
        let answer = answer(&visited);
        assert_eq!(answer.body, "here", "{status}");
        assert_eq!(answer.url.as_str(), site.url("/new?a=1"));
        assert_eq!(answer.exchange, 1);
        assert_eq!(paths(&visited), ["/old", "/new"]);
        assert_eq!(visited.exchanges[0].status, status);
        assert_eq!(visited.exchanges[0].body, "moved");
    }
}

#[tokio::test]
async fn a_chain_has_an_end() {
    let site = Site::start().await;
    for hop in 0..10 {
        site.at(&format!("/{hop}"), redirect(&format!("/{}", hop + 1)));
    }
    site.at("/10", reply(200, "", b"here"));
    let bench = bench(&["127.0.0.1"]);
    for (start, outcome, hops) in [(5, None, 6), (4, Some(Outcome::TooManyRedirects), 6)] {
        let visited = bench.visit(&site.url(&format!("/{start}"))).await;
        assert_eq!(visited.exchanges.len(), hops);
        assert_eq!(
            visited.result.as_ref().err().map(|failure| failure.outcome),
            outcome
        );
    }
}

#[tokio::test]
async fn redirects_that_lead_nowhere() {
    let site = Site::start().await;
    let inside = Site::start().await;
    let long = format!("/{}", "x".repeat(4_000));
    for (name, target, expected) in [
        ("itself", "/start", Outcome::RedirectLoop),
        ("itself, by part", "/start#again", Outcome::RedirectLoop),
        ("a circle", "/circle", Outcome::RedirectLoop),
        ("a growing query", "/grow?a", Outcome::TooManyRedirects),
        ("another host", "http://other.example/", Outcome::OutOfScope),
        ("a denied path", "/private/1", Outcome::OutOfScope),
        ("a file", "file:///etc/passwd", Outcome::BadRedirect),
        ("data", "data:text/html,hello", Outcome::BadRedirect),
        ("gopher", "gopher://127.0.0.1:70/", Outcome::BadRedirect),
        ("a script", "javascript:alert(1)", Outcome::BadRedirect),
        (
            "credentials",
            "http://me:secret@127.0.0.1/",
            Outcome::BadRedirect,
        ),
        ("nothing", "", Outcome::BadRedirect),
        ("no URL", "http://[::1/", Outcome::BadRedirect),
        ("an endless address", &long, Outcome::BadRedirect),
        (
            "inside, in decimal",
            "http://167772161/",
            Outcome::EgressRefused,
        ),
        (
            "the cloud",
            "http://169.254.169.254/latest/meta-data/",
            Outcome::EgressRefused,
        ),
        (
            "inside, mapped",
            "http://[::ffff:10.0.0.1]/",
            Outcome::EgressRefused,
        ),
    ] {
        site.at("/start", redirect(target))
            .at("/circle", redirect("/start"))
            .at("/private/1", reply(200, "", b"secret"));
        for grown in 1..10 {
            site.at(
                &format!("/grow?{}", "a".repeat(grown)),
                redirect(&format!("/grow?{}", "a".repeat(grown + 1))),
            );
        }
        let bench = bench(&[
            "127.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "[::ffff:10.0.0.1]",
        ]);
        let visited = bench.visit(&site.url("/start")).await;
        let failure = failure(&visited);
        assert_eq!(failure.outcome, expected, "{name}: {failure:?}");
        assert_eq!(visited.exchanges[0].status, 302, "{name}");
    }
    assert_eq!(site.count("/private/1"), 0);
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_to_itself_may_set_a_cookie_first() {
    let site = Site::start().await;
    site.at_with("/", |head| match head.contains("cookie: seen=1") {
        true => reply(200, "", b"here"),
        false => reply(302, "location: /\r\nset-cookie: seen=1\r\n", b""),
    });
    let visited = bench(&["127.0.0.1"]).visit(&site.url("/")).await;
    assert_eq!(answer(&visited).body, "here");
}

#[tokio::test]
async fn cookies_do_not_cross_over() {
    let site = Site::start().await;
    let elsewhere = format!("http://localhost:{}/there", site.address.port());
    site.at(
        "/",
        reply(
            302,
            &format!("location: {elsewhere}\r\nset-cookie: a=1\r\n"),
            b"",
        ),
    )
    .at("/there", reply(200, "", b"here"));
    let visited = bench(&["127.0.0.1", "localhost"])
        .visit(&site.url("/"))
        .await;
    assert_eq!(answer(&visited).body, "here");
    assert!(!site.asked()[1].contains("cookie"), "{}", site.asked()[1]);
}

#[tokio::test]
async fn another_host_has_its_own_robots_and_its_own_gate() {
    let (first, second) = (Site::start().await, Site::start().await);
    first.at("/", redirect(&second.url("/page")));
    second.at("/page", reply(200, "", b"here")).at(
        "/robots.txt",
        reply(200, "", b"User-agent: *\nDisallow: /page"),
    );
    let visited = Bench::new(&["127.0.0.1"]).visit(&first.url("/")).await;
    assert_eq!(failure(&visited).outcome, Outcome::RobotsDenied);
    assert_eq!(paths(&visited), ["/robots.txt", "/", "/robots.txt"]);
    assert_eq!(second.count("/page"), 0);
    let hosts: Vec<&str> = visited
        .robots
        .iter()
        .map(|(host, _)| host.as_str())
        .collect();
    assert_eq!(
        hosts,
        [first.address.to_string(), second.address.to_string()]
    );
    let others: Vec<&str> = visited.others.iter().map(|gate| gate.host()).collect();
    assert_eq!(others, [second.address.to_string()]);
}

#[tokio::test]
async fn another_host_is_remembered() {
    struct Notebook(sightline_model::RobotsText);
    impl sightline_crawler::budget::Book for Notebook {}
    impl sightline_crawler::visit::Memory for Notebook {
        async fn recall(&self, host: &str) -> HostState {
            HostState {
                host: host.to_owned(),
                robots: Some(self.0.clone()),
                ..HostState::default()
            }
        }
    }
    let (first, second) = (Site::start().await, Site::start().await);
    first.at("/", redirect(&second.url("/page")));
    second.at("/page", reply(200, "", b"here"));
    let bench = Bench::new(&["127.0.0.1"]);
    let notebook = Notebook(sightline_model::RobotsText {
        fetched_at: bench.now(),
        status: Some(404),
        failure: None,
        max_age: None,
        body: String::new(),
    });
    let visited = bench
        .ask_remembering(&page(&first.url("/")), &notebook)
        .await;
    assert_eq!(answer(&visited).body, "here");
    assert_eq!(second.count("/robots.txt"), 0);
}

#[tokio::test]
async fn only_the_url_that_gave_the_validators_is_asked_by_them() {
    let site = Site::start().await;
    let unchanged = |head: &str| match head.contains("if-none-match: \"v1\"") {
        true => reply(304, "", b""),
        false => reply(200, "etag: \"v1\"\r\n", b"here"),
    };
    site.at("/old", redirect("/new")).at_with("/new", unchanged);
    let bench = bench(&["127.0.0.1"]);
    for (known_of, expected) in [("/new", true), ("/old", false)] {
        let mut ask = page(&site.url("/old"));
        ask.known = Some(Known {
            url: site.url(known_of).parse().unwrap(),
            validators: Validators {
                etag: Some("\"v1\"".to_owned()),
                last_modified: None,
            },
        });
        let visited = bench.ask(&ask).await;
        assert_eq!(answer(&visited).unchanged, expected, "{known_of}");
    }
}

#[tokio::test]
async fn a_bomb_on_the_way_is_not_touched() {
    let site = Site::start().await;
    let headers = "location: /new\r\ncontent-encoding: gzip\r\n";
    site.at(
        "/old",
        reply(302, headers, b"\x1f\x8b not gzip, and never looked at"),
    )
    .at("/new", reply(200, "", b"here"));
    let visited = bench(&["127.0.0.1"]).visit(&site.url("/old")).await;
    assert_eq!(answer(&visited).body, "here");
}

#[tokio::test]
async fn redirects_can_be_forbidden() {
    let site = Site::start().await;
    site.at("/old", redirect("/new"));
    let none = FetchSettings {
        redirects: 0,
        ..settings()
    };
    let mut ask = page(&site.url("/old"));
    ask.kind = VisitKind::Image;
    let visited = Bench::with(none, unasked(&["127.0.0.1"])).ask(&ask).await;
    assert_eq!(failure(&visited).outcome, Outcome::TooManyRedirects);
    assert_eq!(site.count("/new"), 0);
}
