//! Pages under several addresses: which addresses of a page an entry takes for it, by its way.

use super::ways::reached;

#[test]
fn a_page_is_the_same_under_each_of_its_addresses() {
    let page =
        "the same page under another spelling: http or https, www., a last slash (normalised)";
    let below = "a web address below the one that is looked for (normalised)";
    for (way, wanted, found, expected) in [
        (
            ".",
            "https://ads.example/a",
            "http://www.ads.example/a/",
            Some(page),
        ),
        (
            ".",
            "http://www.ads.example/a/?x=1",
            "https://ads.example/a?x=1",
            Some(page),
        ),
        (
            ".",
            "https://www.ads.example/",
            "https://ads.example/",
            Some(page),
        ),
        (
            ".",
            "https://ads.example/a",
            "https://ads.example/a",
            Some(" (exact)"),
        ),
        (
            ".",
            "https://ads.example/a",
            "https://ads.example/a?x=1",
            None,
        ),
        (".", "https://ads.example/a", "https://ads.example/A", None),
        (
            ".",
            "https://ads.example/a",
            "https://m.ads.example/a",
            None,
        ),
        (
            "exact",
            "https://ads.example/a",
            "http://ads.example/a",
            None,
        ),
        (
            "exact",
            "https://ads.example/a",
            "https://ads.example/a/",
            None,
        ),
        (
            "prefix",
            "https://www.ads.example/a",
            "http://ads.example/a/b",
            Some(below),
        ),
        (
            "prefix",
            "https://ads.example/a?x=1",
            "https://www.ads.example/a/?x=1",
            Some(page),
        ),
    ] {
        let shown = reached(&format!("{way} url {wanted}"), &format!("url {found}"));
        assert_eq!(shown.as_deref(), expected, "{way} {wanted}: {found}");
    }
}
