//! Which URLs a scope admits.

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn scope(change: impl FnOnce(&mut ScopeSettings)) -> Scope {
    let mut settings = ScopeSettings::default();
    change(&mut settings);
    Scope::new(&settings, &[url("https://ads.example/list")]).unwrap()
}

fn admits(scope: &Scope, text: &str, kind: VisitKind) -> bool {
    scope.admits(&url(text), 1, kind).is_ok()
}

#[test]
fn hosts_are_those_of_the_start_or_those_named() {
    let texts = |hosts: &[&str]| hosts.iter().map(|&host| host.to_owned()).collect();
    for (hosts, target, expected) in [
        (&[][..], "https://ads.example/post/1", true),
        (&[], "http://ads.example/post/1", true),
        (&[], "https://www.ads.example/", false),
        (&[], "https://ads.example.evil.example/", false),
        (&["www.ads.example"], "https://ads.example/", false),
        (&["*.ads.example"], "https://www.ads.example/", true),
        (&["*.ads.example"], "https://a.b.ads.example/", true),
        (&["*.ads.example"], "https://ads.example/", false),
        (&["*.ads.example"], "https://badads.example/", false),
        (&["ADS.example:8080"], "http://ads.example:8080/", true),
        (&["ads.example:8080"], "https://ads.example/", false),
        (&["ads.example:443"], "https://ads.example/", true),
        (&["ads.example:443"], "http://ads.example/", false),
        (&["bücher.example"], "https://xn--bcher-kva.example/", true),
        (&["127.0.0.1"], "http://127.0.0.1:4000/", true),
        (&["[2001:db8::1]"], "http://[2001:db8::1]/", true),
    ] {
        let scope = scope(|settings| settings.hosts = texts(hosts));
        assert_eq!(
            admits(&scope, target, VisitKind::Detail),
            expected,
            "{hosts:?} {target}"
        );
    }
    let start = [url("http://ads.example:8080/")];
    let scope = Scope::new(&ScopeSettings::default(), &start).unwrap();
    assert!(admits(&scope, "http://ads.example:8080/x", VisitKind::List));
}

#[test]
fn images_may_come_from_elsewhere() {
    let elsewhere = "https://cdn.example/a.jpg";
    for (image_hosts, expected) in [
        (vec!["*"], true),
        (vec!["*.cdn.example"], false),
        (vec!["cdn.example"], true),
        (vec![], false),
    ] {
        let scope = scope(|settings| {
            settings.image_hosts = image_hosts.iter().map(|&host| host.to_owned()).collect();
            settings.allow = vec!["/ads/".to_owned()];
        });
        assert_eq!(
            admits(&scope, elsewhere, VisitKind::Image),
            expected,
            "{image_hosts:?}"
        );
        assert!(admits(
            &scope,
            "https://ads.example/img/1.jpg",
            VisitKind::Image
        ));
        assert!(!admits(&scope, elsewhere, VisitKind::Detail));
    }
}

#[test]
fn paths_are_allowed_unless_denied() {
    let scope = scope(|settings| {
        settings.allow = vec!["/ads/*".to_owned(), "/list$".to_owned()];
        settings.deny = vec!["*/print$".to_owned(), "*?sort=".to_owned()];
    });
    for (path, expected) in [
        ("/ads/7", true),
        ("/list", true),
        ("/list?page=2", false),
        ("/about", false),
        ("/ads/7/print", false),
        ("/ads/7?sort=price", false),
        // However it is spelt.
        ("/ads/7/%70rint", false),
        ("/%61ds/7", true),
    ] {
        let target = format!("https://ads.example{path}");
        assert_eq!(
            admits(&scope, &target, VisitKind::Detail),
            expected,
            "{path}"
        );
    }
    // What the operator named as a start page is allowed, unless denied.
    assert_eq!(
        scope.admits(&url("https://ads.example/"), 0, VisitKind::List),
        Ok(())
    );
    let denied = scope.admits(&url("https://ads.example/print"), 0, VisitKind::List);
    assert_eq!(denied, Err(OutOfScope::Denied("*/print$".to_owned())));
}

#[test]
fn depth_ends_pages_but_not_images() {
    let scope = scope(|settings| settings.depth = 2);
    let target = url("https://ads.example/x");
    assert_eq!(scope.admits(&target, 2, VisitKind::Detail), Ok(()));
    let beyond = scope.admits(&target, 3, VisitKind::Detail);
    assert_eq!(beyond, Err(OutOfScope::Depth { depth: 3, limit: 2 }));
    assert_eq!(scope.admits(&target, 3, VisitKind::Image), Ok(()));
}

#[test]
fn traps_end() {
    let scope = scope(|_| {});
    for (path, expected) in [
        ("/2026/11/23/post".to_owned(), true),
        ("/a/b/a/b/a".to_owned(), true),
        ("/a/b/a/b/a/b".to_owned(), false),
        ("/x/x/x".to_owned(), false),
        ("/a/x/b/x/c/x/d/x".to_owned(), true),
        ("/a/x/b/x/c/x/d/x/e/x".to_owned(), false),
        ((0..20).map(|n| format!("/{n}")).collect(), true),
        ((0..21).map(|n| format!("/{n}")).collect(), false),
        (format!("/?{}", "tag=1&".repeat(10)), true),
        (format!("/?{}", "tag=1&".repeat(11)), false),
        (
            format!(
                "/?{}",
                (0..29).map(|n| format!("k{n}=1&")).collect::<String>()
            ),
            true,
        ),
        (
            format!(
                "/?{}",
                (0..31).map(|n| format!("k{n}=1&")).collect::<String>()
            ),
            false,
        ),
        (format!("/{}", "a".repeat(2_028)), true),
        (format!("/{}", "a".repeat(2_029)), false),
    ] {
        let target = format!("https://ads.example{path}");
        assert_eq!(
            admits(&scope, &target, VisitKind::Detail),
            expected,
            "{path}"
        );
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let settings = ScopeSettings {
        hosts: texts(&[
            "ok.example",
            "https://ads.example",
            "ads.example/path",
            "*",
            "a b",
            "",
            "me@ads.example",
            "ads.example:",
        ]),
        image_hosts: texts(&["*", "*.*.example"]),
        allow: texts(&["ads/*", "/ads", ""]),
        deny: texts(&["*.pdf$", "print"]),
        depth: 10_001,
        pages_per_run: 0,
    };
    let keys: Vec<String> = settings
        .check()
        .into_iter()
        .map(|problem| problem.key)
        .collect();
    assert_eq!(
        keys,
        [
            "hosts[1]",
            "hosts[2]",
            "hosts[3]",
            "hosts[4]",
            "hosts[5]",
            "hosts[6]",
            "hosts[7]",
            "image_hosts[1]",
            "allow[0]",
            "allow[2]",
            "deny[1]",
            "depth",
            "pages_per_run"
        ]
    );
    assert!(Scope::new(&settings, &[]).is_err());
}
