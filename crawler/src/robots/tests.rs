//! Cases of robots.txt as data: what is written, who asks for what, and what the answer is.

use std::time::Duration;

use proptest::prelude::*;
use sightline_model::{RobotsText, Timestamp};

use super::*;

const AGENT: &str = "Sightline";

fn url(path: &str) -> Url {
    Url::parse("https://ads.example/")
        .unwrap()
        .join(path)
        .unwrap()
}

/// Checks which of `paths` may be fetched; those that may not begin with `!`.
fn check(robots: impl AsRef<[u8]>, paths: &[&str]) {
    let parsed = Robots::parse(robots.as_ref());
    for path in paths {
        let (path, expected) = match path.strip_prefix('!') {
            Some(path) => (path, false),
            None => (*path, true),
        };
        let verdict = parsed.allows(AGENT, &url(path));
        let text = String::from_utf8_lossy(robots.as_ref());
        assert_eq!(
            verdict.is_allowed(),
            expected,
            "{path} in {text:?}: {verdict:?}"
        );
    }
}

#[test]
fn groups() {
    for (robots, paths) in [
        ("", &["/", "/a"][..]),
        ("User-agent: *\nDisallow: /a", &["/", "!/a", "!/ab", "/A"]),
        ("User-agent: *\nDisallow:", &["/"]),
        // However it is spelt, in the file or where a redirect leads.
        (
            "User-agent: *\nDisallow: /%70rivate\nDisallow: /c%2fd",
            &["!/private", "!/%70riv%61te", "!/c%2Fd", "!/c%2fd", "/c/d"],
        ),
        // Our own group is the only one that counts, even if it says nothing.
        (
            "User-agent: *\nDisallow: /\n\nUser-agent: Sightline\nDisallow: /a",
            &["!/a", "/b"],
        ),
        (
            "User-agent: Sightline\n\nUser-agent: *\nDisallow: /",
            &["!/b"],
        ),
        (
            "User-agent: Sightline\nDisallow:\nUser-agent: *\nDisallow: /",
            &["/b"],
        ),
        // Groups for the same agent are one.
        (
            "User-agent: sightline\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: SIGHTLINE\nDisallow: /b",
            &["!/a", "!/b", "/c"],
        ),
        // Agent lines in a row share what follows; lines that are no rules do not part them.
        (
            "User-agent: Sightline\nUser-agent: x\nDisallow: /a",
            &["!/a"],
        ),
        (
            "User-agent: Sightline\nSitemap: /s.xml\nCrawl-delay: 5\nHost: x\nUser-agent: x\nDisallow: /a",
            &["!/a"],
        ),
        // Names end where their letters do, and are not prefixes.
        ("User-agent: Sightline/2.0 (beta)\nDisallow: /a", &["!/a"]),
        ("User-agent: Sight\nDisallow: /a", &["/a"]),
        ("User-agent: Sightliner\nDisallow: /a", &["/a"]),
        ("User-agent: * (all)\nDisallow: /a", &["!/a"]),
        ("User-agent: *bot\nDisallow: /a", &["/a"]),
        // Rules before any agent are for nobody.
        ("Disallow: /\nUser-agent: *\nDisallow: /a", &["/", "!/a"]),
        // The file itself is always allowed.
        (
            "User-agent: *\nDisallow: /",
            &["!/", "/robots.txt", "!/robots.txt?x"],
        ),
    ] {
        check(robots, paths);
    }
}

#[test]
fn the_longest_line_wins_and_allow_wins_a_tie() {
    for (rules, paths) in [
        (
            "Disallow: /a\nAllow: /a/b",
            &["!/a", "!/a/c", "/a/b", "/a/bc"][..],
        ),
        ("Allow: /a\nDisallow: /a", &["/a"]),
        ("Disallow: /a\nAllow: /a", &["/a"]),
        ("Allow: /p\nDisallow: /*.html", &["!/p.html", "/p"]),
        ("Allow: /$\nDisallow: /", &["/", "!/a"]),
        (
            "Disallow: /*?sort=\nDisallow: /*.pdf$",
            &["/a", "!/a?sort=up", "!/a.pdf", "/a.pdf?x", "/a.pdfx"],
        ),
        ("Disallow: *.gif", &["!/a.gif", "/a"]),
        ("Disallow: a", &["/a"]),
        // An allowed index page allows its folder.
        (
            "Allow: /a/index.html\nDisallow: /",
            &["/a/index.html", "/a/", "!/a/b", "!/a"],
        ),
    ] {
        check(format!("User-agent: *\n{rules}"), paths);
    }
}

#[test]
fn escapes_are_compared_the_stricter_way() {
    for (rules, paths) in [
        ("Disallow: /ツ", &["!/ツ", "!/%E3%83%84"][..]),
        ("Disallow: /%e3%83%84", &["!/ツ"]),
        ("Disallow: /%7Ejoe", &["!/~joe", "!/%7Ejoe"]),
        ("Disallow: /a b", &["!/a b"]),
        ("Disallow: /a%2Fb", &["!/a%2Fb", "/a/b"]),
        ("Disallow: /a%2", &["!/a%2"]),
        // Leave is given only as Google reads it.
        ("Disallow: /\nAllow: /%7Ejoe", &["!/~joe", "/%7Ejoe"]),
    ] {
        check(format!("User-agent: *\n{rules}"), paths);
    }
}

#[test]
fn what_people_write() {
    for robots in [
        "user-agent:*\ndisallow:/a",
        "USER-AGENT : *\r\nDISALLOW : /a\r\n",
        "User-agent: *\rDisallow: /a\r",
        "\u{feff}User-agent: *\nDisallow: /a",
        "User agent: *\nDisallow: /a # not here",
        "useragent: *\n\n\n   Disallow:\t/a   ",
        "User-agent *\nDisallow /a",
        "User-agent: *\nDissallow: /a",
        "User-agent: *\nDisalow: /a",
        "User-agent: *\nDisallow: /a#b",
        "# hello\nUser-agent: * # all\nDisallow: /a",
        "<html>\nUser-agent: *\n\0\nDisallow: /a",
    ] {
        check(robots, &["!/a", "/b"]);
    }
    for robots in [
        "User-agent: *\nDisallow /a b",
        "User-agent: *\nDo not: /a",
        "User-agent: *\n: /a",
        "<html><body>404</body></html>",
    ] {
        check(robots, &["/a"]);
    }
    // Half a byte order mark.
    check(b"\xEF\xBBUser-agent: *\nDisallow: /a", &["!/a"]);
}

#[test]
fn limits() {
    let group = "User-agent: *\n";
    let rule = "Disallow: /a\n";
    for (filler, expected) in [
        (Robots::LIMIT - group.len() - rule.len(), "!/a"),
        (Robots::LIMIT, "/a"),
    ] {
        let comment = format!("#{}\n", "x".repeat(filler - 2));
        check(format!("{group}{comment}{rule}"), &[expected]);
    }
    // A line is cut, not skipped: the part that is read still counts.
    let long = format!("{group}Disallow: /a{}\n", "b".repeat(20_000));
    let verdict =
        Robots::parse(long.as_bytes()).allows(AGENT, &url(&format!("/a{}", "b".repeat(17_000))));
    assert!(!verdict.is_allowed());
    check(long, &["/a"]);
}

#[test]
fn the_line_that_decides_is_named() {
    let robots = Robots::parse(b"User-agent: *\r\n\r\nDisallow: /a\r\nAllow: /a/b\r\n");
    let line = |number, text: &str| Line {
        number,
        text: text.to_owned(),
    };
    for (path, expected) in [
        (
            "/a",
            Verdict::Disallowed {
                by: line(3, "Disallow: /a"),
            },
        ),
        (
            "/a/b",
            Verdict::Allowed {
                by: Some(line(4, "Allow: /a/b")),
            },
        ),
        ("/c", Verdict::Allowed { by: None }),
    ] {
        assert_eq!(robots.allows(AGENT, &url(path)), expected);
    }
}

#[test]
fn crawl_delays() {
    for (value, expected) in [
        ("5", Some((5.0, 5.0))),
        ("0.5", Some((0.5, 0.5))),
        ("0", Some((0.0, 0.0))),
        ("300", Some((300.0, 300.0))),
        ("301", Some((301.0, 300.0))),
        ("1000000000", Some((1e9, 300.0))),
        ("-1", None),
        ("soon", None),
        ("NaN", None),
        ("", None),
    ] {
        let robots = Robots::parse(format!("User-agent: *\nCrawl-delay: {value}").as_bytes());
        let delay = robots.crawl_delay(AGENT);
        let seconds = delay.map(|delay| (delay.asked.as_secs_f64(), delay.kept.as_secs_f64()));
        assert_eq!(seconds, expected, "{value}");
    }
    let robots = Robots::parse(b"User-agent: *\nCrawl-delay: 9\nDisallow: /x\nUser-agent: Sightline\nCrawl-delay: 1\nCrawl-delay: 2");
    let kept = |agent| robots.crawl_delay(agent).unwrap().kept;
    assert_eq!(kept(AGENT), Duration::from_secs(2));
    assert_eq!(kept("other"), Duration::from_secs(9));
    let endless = Robots::parse(b"User-agent: *\nCrawl-delay: inf");
    assert_eq!(endless.crawl_delay(AGENT).unwrap().kept, CrawlDelay::LIMIT);
}

#[test]
fn sitemaps_are_collected_wherever_they_stand() {
    let robots =
        Robots::parse(b"Sitemap: https://ads.example/a.xml\nUser-agent: x\nsite-map: /b.xml");
    assert_eq!(robots.sitemaps(), ["https://ads.example/a.xml", "/b.xml"]);
}

#[test]
fn the_status_says_what_holds_and_for_how_long() {
    let day = Duration::from_secs(24 * 60 * 60);
    let short = Duration::from_secs(10 * 60);
    for (status, allowed, holds) in [
        (Some(200), false, day),
        (Some(204), false, day),
        (Some(404), true, day),
        (Some(403), true, day),
        (Some(302), true, day),
        (Some(429), false, short),
        (Some(500), false, short),
        (Some(503), false, short),
        (None, false, short),
    ] {
        let fetched_at = Timestamp(1_000_000);
        let rule = RobotsRule::from(&RobotsText {
            fetched_at,
            status,
            failure: None,
            max_age: None,
            body: "User-agent: *\nDisallow: /".to_owned(),
        });
        assert_eq!(
            rule.allows(AGENT, &url("/a")).is_allowed(),
            allowed,
            "{status:?}"
        );
        let before = fetched_at + holds - Duration::from_millis(1);
        assert!(
            rule.is_fresh(before) && !rule.is_fresh(fetched_at + holds),
            "{status:?}"
        );
        assert!(!rule.is_fresh(fetched_at - Duration::from_millis(1)));
    }
}

#[test]
fn a_site_says_how_long_its_robots_hold() {
    let minute = Duration::from_secs(60);
    for (status, asked, holds) in [
        (200, Some(60 * minute), 60 * minute),
        (404, Some(60 * minute), 60 * minute),
        (200, Some(Duration::ZERO), 10 * minute),
        (200, Some(Duration::MAX), 24 * 60 * minute),
        (200, None, 24 * 60 * minute),
        (503, Some(60 * minute), 10 * minute),
    ] {
        let rule = RobotsRule::from(&RobotsText {
            fetched_at: Timestamp(0),
            status: Some(status),
            failure: None,
            max_age: asked,
            body: String::new(),
        });
        let end = Timestamp(0) + holds;
        assert!(rule.is_fresh(Timestamp(end.0 - 1)), "{status} {asked:?}");
        assert!(!rule.is_fresh(end), "{status} {asked:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), path in "\\PC{0,30}") {
        let robots = Robots::parse(&bytes);
        if let Ok(url) = Url::parse("https://ads.example/").unwrap().join(&path) {
            robots.allows(AGENT, &url);
        }
        robots.crawl_delay(AGENT);
    }

    #[test]
    fn no_text_panics(text in "((user-agent|allow|disallow|crawl-delay)[: ]{0,2}[%*$/a2éF.]{0,12}[\r\n#]{0,2}){0,12}") {
        Robots::parse(text.as_bytes()).allows(AGENT, &url("/a"));
    }
}
