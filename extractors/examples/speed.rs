//! How fast pages are read, and texts are searched, on pages made here.
//!
//! `cargo run --release -p sightline-extractors --example speed [PAGES] [--stages]`

use std::{hint::black_box, time::Instant};

use sightline_extractors::{
    Profile, ProfileSettings, RawPage, find_all, page::decode::decode, read,
};
use sightline_model::{Timestamp, VisitKind};
use url::Url;

/// Words of the ads; every ad has some selectors among them.
const WORDS: [&str; 16] = [
    "massage",
    "relaxing",
    "evening",
    "private",
    "independent",
    "near",
    "the",
    "station",
    "ask",
    "about",
    "rates",
    "available",
    "today",
    "new",
    "in",
    "town",
];

fn main() {
    let pages: usize = std::env::args()
        .nth(1)
        .and_then(|count| count.parse().ok())
        .unwrap_or(400);
    let settings: ProfileSettings =
        toml::from_str(include_str!("speed.profile.toml")).expect("the profile is in this folder");
    let profile = Profile::compile(&settings, Some("US")).expect("the profile has no mistakes");
    let bodies: Vec<String> = (0..pages).map(page).collect();
    let bytes: usize = bodies.iter().map(String::len).sum();
    let url = Url::parse("https://ads.example/ad/1").expect("a URL");

    let started = Instant::now();
    let mut text = 0;
    let mut finds = 0;
    for body in &bodies {
        let reading = read(
            &RawPage {
                url: &url,
                kind: VisitKind::Detail,
                content_type: Some("text/html; charset=utf-8"),
                body: body.as_bytes(),
                fetched_at: Timestamp(1_795_000_000_000),
            },
            &profile,
        );
        let listing = &black_box(&reading).listings[0];
        text += listing.text.len();
        finds += listing.finds.len();
    }
    tell("read a page", started, pages, bytes);
    println!(
        "  {} bytes of text and {} finds a page",
        text / pages,
        finds / pages
    );

    let started = Instant::now();
    for body in &bodies {
        black_box(scraper::Html::parse_document(
            &decode(body.as_bytes(), None, None).text,
        ));
    }
    tell("of which parsing", started, pages, bytes);

    let texts: Vec<String> = (0..pages).map(|seed| ad(seed, 4_000)).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let started = Instant::now();
    for text in &texts {
        black_box(find_all(text, Some("US")));
    }
    tell("search a text", started, pages, bytes);
}

fn tell(what: &str, started: Instant, count: usize, bytes: usize) {
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{what}: {:.3} ms, {:.0} MB/s",
        seconds * 1_000.0 / count as f64,
        bytes as f64 / 1e6 / seconds
    );
}

/// An ad's text of about so many bytes, the same for the same seed.
fn ad(seed: usize, length: usize) -> String {
    let mut text = String::with_capacity(length + 64);
    let mut state = seed as u64 * 2 + 1;
    while text.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        text.push_str(WORDS[(state >> 60) as usize]);
        text.push_str(match state >> 40 & 0x3f {
            0 => ". ",
            1 => ", 24 hours\n",
            _ => " ",
        });
    }
    text.push_str(&format!("call (202) 555-01{:02}, ", seed % 100));
    text.push_str(&format!(
        "rose{seed}@example.com, IG: rose_{seed}, https://rose{seed}.example.org/x?utm_source=a"
    ));
    text
}

/// A page of about 37 KB: much markup, little text, as listing sites are.
fn page(seed: usize) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Ad</title><style>.a{color:red}</style></head><body>",
    );
    for item in 0..110 {
        page.push_str(&format!(
            "<div class=\"card card-{item} shadow-sm\" data-id=\"{item}\"><a class=\"link text-dark\" href=\"/ad/{item}\">\
             <img class=\"thumb rounded\" src=\"/img/{item}.jpg\" alt=\"\"></a><span class=\"badge\">new</span><p>Item {item} near you</p></div>\n"
        ));
    }
    page.push_str("<main id=\"ad\"><h1>Rose in town</h1><div class=\"price\">$120</div><time>2 hours ago</time><div class=\"ad-body\">");
    for line in ad(seed, 6_000).split('\n') {
        page.push_str(&format!("<p>{line}</p>\n"));
    }
    page.push_str("</div><div class=gallery>");
    for image in 0..6 {
        page.push_str(&format!(
            "<a href=\"/img/{seed}-{image}.jpg\"><img src=\"/img/{seed}-{image}-s.jpg\"></a>"
        ));
    }
    page.push_str("</div></main><script>");
    page.push_str(&"var state = {\"a\": 1, \"b\": [1, 2, 3]}; ".repeat(160));
    page.push_str("</script></body></html>");
    page
}
