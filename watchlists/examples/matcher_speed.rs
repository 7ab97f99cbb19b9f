//! How fast a matcher loads, how much memory it takes, and what it costs per page.
//!
//! `cargo run --release -p sightline-watchlists --example matcher_speed [ENTRIES…]`; without numbers, 100,000 and
//! 1,000,000. Entries are of every way of matching; one in a hundred is a phrase, one in a thousand an expression of phrases,
//! and up to 1,000 are patterns. Run it once for each number to see the memory of each.

use std::{
    collections::HashSet,
    error::Error,
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

use sightline_model::{
    Confidence, EntryId, Find, Kind, Mint, Selector, Timestamp, WatchlistId, Way,
};
use sightline_watchlists::{Matcher, Subject, Watched};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const PAGES: usize = 500;
const PAGE_BYTES: usize = 5_000;
const FINDS_ON_A_PAGE: usize = 12;
/// Patterns at most; an organisation has as many only where it has a million entries.
const PATTERNS: usize = 1_000;

/// How often each page is read; the fastest time counts, since other work on the machine can only slow one down.
const ROUNDS: usize = 5;

const SYLLABLES: [&str; 32] = [
    "an", "ber", "ca", "den", "el", "fi", "ga", "hol", "in", "jo", "ka", "lo", "mar", "na", "ol",
    "pe", "qui", "ra", "sa", "ti", "u", "vi", "wen", "xa", "ya", "zo", "chi", "ster", "land",
    "son", "ie", "ta",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut sizes = Vec::new();
    for argument in std::env::args().skip(1) {
        sizes.push(argument.parse()?);
    }
    if sizes.is_empty() {
        sizes = vec![100_000, 1_000_000];
    }
    println!("entries     load s   update ms (of a text)   RSS MiB (peak)   µs a page   matches");
    for size in sizes {
        measure(size)?;
    }
    Ok(())
}

fn measure(size: usize) -> Result<(), Box<dyn Error>> {
    let mint = Mint::seeded(1);
    let mut draw = Draw(7);
    let watchlist: WatchlistId = mint.id(NOW);
    // The ways of a kind take turns.
    let mut turn = 0;
    let mut entry = |selector: Selector| Watched {
        id: mint.id::<EntryId>(NOW),
        watchlist,
        way: {
            turn += 1;
            let ways = Way::of(selector.kind);
            ways[turn / 10 % ways.len()]
        },
        selector,
        expires_at: None,
        despite_warning: false,
    };

    let start = Instant::now();
    let matcher = Matcher::new((0..size).map(|number| entry(some_entry(number, &mut draw))))?;
    let load = start.elapsed();

    let start = Instant::now();
    let added = Selector::new(Kind::Phone, "+12025550100");
    let matcher = matcher.with([entry(added)], &HashSet::new())?;
    let update = start.elapsed();
    let start = Instant::now();
    let added = Selector::new(Kind::Phrase, "blue lotus spa");
    let matcher = matcher.with([entry(added)], &HashSet::new())?;
    let update_of_text = start.elapsed();

    let pages: Vec<(Vec<Find>, String)> = (0..PAGES).map(|_| page(size, &mut draw)).collect();
    let mut matches = 0;
    let mut total = Duration::ZERO;
    for (finds, text) in &pages {
        let subject = Subject {
            finds,
            images: &[],
            text,
            furniture: None,
            warnings: None,
        };
        let mut fastest = Duration::MAX;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let found = black_box(matcher.matches(black_box(&subject), NOW));
            fastest = fastest.min(start.elapsed());
            matches += found.len();
        }
        total += fastest;
    }
    let a_page = total / PAGES as u32;
    println!(
        "{size:<11} {:<8.3} {:<23} {:<16} {:<11.1} {matches}",
        load.as_secs_f64(),
        format!(
            "{:.0} ({:.0})",
            update.as_secs_f64() * 1_000.0,
            update_of_text.as_secs_f64() * 1_000.0
        ),
        format!("{} ({})", memory("VmRSS"), memory("VmHWM")),
        a_page.as_secs_f64() * 1_000_000.0,
    );
    Ok(())
}

/// A page of words with finds, of which one in a hundred is on the watchlist.
fn page(size: usize, draw: &mut Draw) -> (Vec<Find>, String) {
    let finds = (0..FINDS_ON_A_PAGE)
        .map(|_| {
            let known = draw.below(100) == 0;
            let number = if known {
                draw.below(size)
            } else {
                size + draw.below(1_000_000)
            };
            Find {
                selector: selector(number),
                raw: String::new(),
                start: 0,
                end: 0,
                confidence: Confidence::Normalised,
                steps: vec!["separators".into()],
            }
        })
        .collect();
    let mut text = String::new();
    while text.len() < PAGE_BYTES {
        text.push_str(&draw.word(1));
        text.push(if draw.below(12) == 0 { '\n' } else { ' ' });
    }
    (finds, text)
}

fn some_entry(number: usize, draw: &mut Draw) -> Selector {
    if number.is_multiple_of(1_000) {
        let [one, other, another] = [(); 3].map(|()| draw.word(2));
        return match number / 1_000 % 2 {
            0 if number < PATTERNS * 2_000 => {
                Selector::new(Kind::Pattern, format!(r"{one} ?{other}\s+\d{{3}}\b"))
            }
            _ => Selector::new(
                Kind::Phrase,
                format!(r#""{one} {other}" near:5 "{another}""#),
            ),
        };
    }
    if number.is_multiple_of(100) {
        let [one, other] = [(); 2].map(|()| draw.word(2));
        return Selector::new(Kind::Phrase, format!("{one} {other}"));
    }
    selector(number)
}

/// Made of a number, so that a page can have what a watchlist has. The numbers are no one's: the area is unassigned.
fn selector(number: usize) -> Selector {
    match number % 20 {
        0..12 => Selector::new(Kind::Phone, format!("+1999{number:07}")),
        12..14 => Selector::new(Kind::Email, format!("person{number}@mail.example.com")),
        // Too short for what the provider gives out.
        14..16 => Selector::new(Kind::Email, format!("{number:x}@gmail.com")),
        16 | 17 => Selector::new(Kind::Handle, format!("instagram/person{number}")),
        18 => Selector::new(Kind::Url, format!("https://ads.example/profiles/{number}")),
        _ => Selector::new(Kind::Domain, format!("seller{number}.example")),
    }
}

/// A linear congruential generator (Knuth's MMIX constants): the same pages on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    /// A word of at least so many syllables, and at most two more.
    fn word(&mut self, least: usize) -> String {
        let syllables = least + self.below(3);
        (0..syllables)
            .map(|_| SYLLABLES[self.below(SYLLABLES.len())])
            .collect()
    }
}

/// A figure of this process as Linux tells it, in MiB.
fn memory(name: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or_else(
            || "?".to_owned(),
            |kibibytes| (kibibytes / 1024).to_string(),
        )
}
