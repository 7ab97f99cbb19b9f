//! Pages as they came, beside what is to be read from them: `testdata/NAME.html` by `testdata/PROFILE.profile.toml`
//! gives `testdata/NAME.json`, which also says how the page was fetched.
//!
//! `UPDATE_FIXTURES=1 cargo test -p sightline-extractors --test fixtures` writes what is read now; look at the
//! difference before you keep it.

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::{Value, json};
use sightline_extractors::{Profile, ProfileSettings, RawPage, Reading, read};
use sightline_model::{Timestamp, VisitKind};
use url::Url;

/// How a fixture was fetched, and what is read from it.
#[derive(Deserialize)]
struct Case {
    profile: String,
    url: Url,
    kind: VisitKind,
    content_type: Option<String>,
    region: Option<String>,
    fetched_at: Timestamp,
    #[serde(default)]
    reading: Value,
}

#[test]
fn pages_are_read_as_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "html")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 6, "fixtures are missing");
    for page in names {
        let told = page.with_extension("json");
        let written =
            fs::read_to_string(&told).unwrap_or_else(|_| panic!("{} is missing", told.display()));
        let mut document: Value = serde_json::from_str(&written).unwrap();
        let case: Case = serde_json::from_value(document.clone()).unwrap();
        let reading = read_case(&folder, &page, &case);
        check_spans(&reading);
        let reading = serde_json::to_value(&reading).unwrap();
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            document["reading"] = reading;
            fs::write(
                &told,
                serde_json::to_string_pretty(&document).unwrap() + "\n",
            )
            .unwrap();
            continue;
        }
        assert_eq!(reading, case.reading, "{}", page.display());
    }
}

fn read_case(folder: &Path, page: &Path, case: &Case) -> Reading {
    let profile =
        fs::read_to_string(folder.join(format!("{}.profile.toml", case.profile))).unwrap();
    let settings: ProfileSettings = toml::from_str(&profile).unwrap();
    let profile = Profile::compile(&settings, case.region.as_deref()).unwrap();
    let body = fs::read(page).unwrap();
    let page = RawPage {
        url: &case.url,
        kind: case.kind,
        content_type: case.content_type.as_deref(),
        body: &body,
        fetched_at: case.fetched_at,
    };
    read(&page, &profile)
}

fn check_spans(reading: &Reading) {
    for listing in &reading.listings {
        for find in &listing.finds {
            assert_eq!(
                listing.text.get(find.start..find.end),
                Some(find.raw.as_str())
            );
        }
    }
}

#[test]
fn the_same_page_later_is_the_same_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let page = folder.join("classified.detail.html");
    let written = fs::read_to_string(page.with_extension("json")).unwrap();
    let mut case: Case = serde_json::from_str(&written).unwrap();
    let first = read_case(&folder, &page, &case);
    case.fetched_at = Timestamp::parse("2026-12-24T00:00:00Z").unwrap();
    let body = fs::read_to_string(&page).unwrap();
    let older = std::env::temp_dir().join(format!("sightline-older-{}.html", std::process::id()));
    assert!(body.contains("minutes ago"));
    fs::write(&older, body.replace("45 minutes ago", "1 month ago")).unwrap();
    let later = read_case(&folder, &older, &case);
    fs::remove_file(&older).unwrap();
    assert_ne!(
        first.listings[0].fields["posted"],
        later.listings[0].fields["posted"]
    );
    assert_eq!(first.listings[0].digest, later.listings[0].digest);
    assert_eq!(first.listings[0].key, json!("2").as_str().unwrap());
}

#[test]
fn a_date_by_the_clock_makes_no_version_and_what_stands_beside_it_does() {
    let settings = r#"
        [detail]
        root = "article"
        title = "h1"
        fields.posted = { css = ".when", transform = "date" }
    "#;
    let settings: ProfileSettings = toml::from_str(settings).unwrap();
    let profile = Profile::compile(&settings, None).unwrap();
    let url = Url::parse("https://ads.example/1").unwrap();
    let digest = |day: &str, when: &str, said: &str| {
        let page = format!(
            "<article><h1>Room</h1><p>Posted: <span class=when>{when}</span></p><p>{said}</p></article>"
        );
        let page = RawPage {
            url: &url,
            kind: VisitKind::Detail,
            content_type: Some("text/html; charset=utf-8"),
            body: page.as_bytes(),
            fetched_at: Timestamp::parse(day).unwrap(),
        };
        let reading = read(&page, &profile);
        assert_eq!(reading.problems, []);
        reading.listings[0].digest.clone()
    };
    let said = "Call today, or yesterday.";
    let first = digest("2026-11-30T15:00:00Z", "today 14:05", said);
    for (day, when) in [
        ("2026-11-30T17:00:00Z", "2 hours ago"),
        ("2026-12-01T15:00:00Z", "yesterday 14:05"),
        ("2026-12-01T15:00:00Z", "Yesterday"),
        ("2026-12-01T15:00:00Z", "1 day ago"),
        ("2026-12-09T15:00:00Z", "vor einer Woche"),
    ] {
        assert_eq!(digest(day, when, said), first, "{when}");
    }
    let day = "2026-12-01T15:00:00Z";
    for (when, said) in [
        ("yesterday 14:05", "Call today."),
        // What is more than a date counts, as a date does that says its day.
        ("yesterday, (202) 555-0147", said),
        ("30 November 2026", said),
    ] {
        assert_ne!(digest(day, when, said), first, "{when}, {said}");
    }
}

#[test]
fn a_title_without_end_is_cut_and_still_stands_in_the_text() {
    let settings: ProfileSettings = toml::from_str("[detail]\ntitle = \"h1\"").unwrap();
    let profile = Profile::compile(&settings, None).unwrap();
    let page = format!("<h1>{}</h1><p>call", "é".repeat(600));
    let url = Url::parse("https://ads.example/1").unwrap();
    let reading = read(
        &RawPage {
            url: &url,
            kind: VisitKind::Detail,
            content_type: Some("text/html; charset=utf-8"),
            body: page.as_bytes(),
            fetched_at: Timestamp::parse("2026-12-24T00:00:00Z").unwrap(),
        },
        &profile,
    );
    let listing = &reading.listings[0];
    assert_eq!(listing.title, "é".repeat(500));
    assert!(listing.text.contains(&"é".repeat(600)));
}

/// Most boards mark their rows with an attribute of the row itself.
#[test]
fn a_listings_own_element_is_read_by_scope_and_by_an_attribute_alone() {
    for (own, link) in [
        ("{ attr = \"data-id\" }", "a"),
        ("{ css = \":scope\", attr = \"data-id\" }", "a"),
        (
            "{ css = \":scope[data-id]\", attr = \"data-id\" }",
            ":scope > a",
        ),
        ("{ css = [\".no\", \":scope\"], attr = \"data-id\" }", "a"),
    ] {
        let settings: ProfileSettings = toml::from_str(&format!(
            "[list.record]\nroot = \"article\"\ntitle = \"h2\"\nlink = \"{link}\"\nkey.field = \"id\"\nfields.id = {own}\n\
             [detail]\nroot = \"main\"\nfields.id = {own}\nkey.field = \"id\""
        ))
        .unwrap();
        let profile = Profile::compile(&settings, None).unwrap();
        let url = Url::parse("https://ads.example/").unwrap();
        let keys = |kind: VisitKind, body: &str| -> Vec<String> {
            let page = RawPage {
                url: &url,
                kind,
                content_type: Some("text/html"),
                body: body.as_bytes(),
                fetched_at: Timestamp::parse("2026-11-23T10:00:00Z").unwrap(),
            };
            let listings = read(&page, &profile).listings.into_iter();
            listings.map(|listing| listing.key).collect()
        };
        let rows = "<article data-id=7><h2>One</h2><a href=/7>to it</a></article>\
                    <article data-id=8><h2>Two</h2><a href=/8>to it</a></article>";
        assert_eq!(keys(VisitKind::List, rows), ["7", "8"], "{own}");
        let page = "<main data-id=9><h1>Nine</h1><p>Words.</p></main>";
        assert_eq!(keys(VisitKind::Detail, page), ["9"], "{own}");
    }
}

#[test]
fn a_page_that_only_sends_its_reader_on_says_so() {
    let profile = Profile::compile(
        &toml::from_str("[detail]\nroot = \"article\"").unwrap(),
        None,
    )
    .unwrap();
    let url = Url::parse("https://ads.example/7").unwrap();
    for (content, target) in [
        ("0; url=/login", Some("https://ads.example/login")),
        ("0;URL='/login'", Some("https://ads.example/login")),
        ("300", None),
    ] {
        let body = format!("<meta http-equiv=Refresh content=\"{content}\"><p>Wait.</p>");
        let page = RawPage {
            url: &url,
            kind: VisitKind::Detail,
            content_type: Some("text/html"),
            body: body.as_bytes(),
            fetched_at: Timestamp::parse("2026-11-23T10:00:00Z").unwrap(),
        };
        let reading = read(&page, &profile);
        assert_eq!(
            reading.sends_on.as_ref().map(Url::as_str),
            target,
            "{content}"
        );
        let is_told = reading.problems[0].message.contains("meta refresh");
        assert_eq!(is_told, target.is_some(), "{content}");
    }
}
