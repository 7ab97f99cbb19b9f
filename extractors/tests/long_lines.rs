//! A line that has no end takes time in proportion to its length. Whatever asks all the text behind a place, at each place,
//! takes the square of it, and a stranger who writes one long line would hold a worker for hours.

use std::{fs, hint::black_box, time::Instant};

use sightline_extractors::find_all;

/// The longer line has so many times the letters of the shorter one.
const TIMES: usize = 4;

/// Bytes of the shorter line.
const SHORT: usize = 40_000;

/// Between what is linear (4) and what is square (16): caches and allocators are not quite linear.
const MOST: f64 = 9.0;

/// What takes less is told from nothing by no clock, in seconds.
const TOO_SHORT: f64 = 0.1;

/// What a line is made of, again and again.
const FIGURES: &[&str] = &[
    "2 0 2 5 55 0 1 2 3 ",
    "020 7946 0123 ",
    "+12025550123",
    "0899/9998 50 cm 60 kg 24h 100 € ",
    "Room 12, 3rd floor, 2nd street 45, ",
    "12:30-18:00, ",
    "7 8 9\n",
    "7",
    "7 ",
    "7-",
    "7.",
    "7/",
    "+7",
    "(7)",
    "£7 ",
    "7h ",
    "7x7 ",
    "00",
    "1️⃣2️⃣",
    "٣٤",
];

/// Words that are figures, or look like such.
const WORDS: &[&str] = &[
    "two oh two five five to for one ",
    "fünfundzwanzig null acht ",
    "пять восемь ",
    "ноль-3-",
    "零一二三",
    "nulltwo",
    "fiev sevn ",
    "call 2O2-S5S-oIZ3 or ",
    "oOlISBZ",
    "OO ",
    "SsS-",
    "t w o ",
    "call ",
    "call\n",
    "звонить ",
    "объявление ",
    "广告",
    "ประกาศ",
    "Call. Me. Now. ",
    "a",
    "а",
];

/// Addresses and names, and the signs of such.
const ADDRESSES: &[&str] = &[
    "a@b.c at x dot y @z : / ",
    "rose [at] example (dot) com ",
    "rose at example dot ",
    "r o s e @ e x a m p l e . c o m ",
    "https://example.com/a?b=c&d=",
    "hxxp://example[.]com ",
    "http:\\\\rose",
    "example.com.",
    "www.",
    "mailto:",
    "tel:+1",
    "wa.me/",
    "IG: rose_lotus / ",
    "telegram ",
    "@rose @lotus ",
    "@",
    "a@",
    "@a",
    "a.",
    ".a ",
    " point ",
    "собака точка ",
    "bc1qw508d6qejxtdg4y5",
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT ",
    "0x",
    "first half 1BoatSLRHtKNngk ",
];

/// What stands between.
const SIGNS: &[&str] = &[
    "((((",
    "[{<",
    "!!!$$$&&&",
    "1\u{200b}a\u{200d}",
    "\u{200b}",
    "\u{202e}",
    "-",
    ".",
    ":",
    "/",
    "_",
    "*",
    "~",
    "🌹",
    "📞 ",
    "\n",
    " ",
    "\t",
    "e\u{301}",
    "&amp;",
];

/// The processor time of this thread, in seconds, or the clock's where the system does not tell the former.
fn spent(begun: Instant) -> f64 {
    let own = fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = own
        .ok()
        .and_then(|stat| stat.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or(begun.elapsed().as_secs_f64(), |time| time / 1e9)
}

/// The time that a line of some bytes takes, in seconds.
fn time_of(part: &str, bytes: usize) -> f64 {
    let text = part.repeat(bytes / part.len());
    let begun = Instant::now();
    let before = spent(begun);
    black_box(find_all(black_box(&text), Some("US")));
    spent(begun) - before
}

/// How many times the time the longer line takes, where anything can be told.
fn ratio(part: &str) -> Option<f64> {
    let long = time_of(part, TIMES * SHORT);
    (long > TOO_SHORT).then(|| long / time_of(part, SHORT))
}

/// Asks a second time where the first answer is bad: what else a machine does only adds to a time.
fn assert_proportional(parts: &[&str]) {
    // What is made once is made before.
    black_box(find_all("Call 202-555-0123 or two oh two", Some("US")));
    let is_slow = |part: &&&str| (0..2).all(|_| ratio(part).is_some_and(|ratio| ratio > MOST));
    let slow: Vec<_> = parts.iter().filter(is_slow).collect();
    assert!(
        slow.is_empty(),
        "lines of these take more than {MOST} times the time when they are {TIMES} times as long: {slow:?}"
    );
}

#[test]
fn figures_take_time_in_proportion() {
    assert_proportional(FIGURES);
}

#[test]
fn words_take_time_in_proportion() {
    assert_proportional(WORDS);
}

#[test]
fn addresses_take_time_in_proportion() {
    assert_proportional(ADDRESSES);
}

#[test]
fn signs_take_time_in_proportion() {
    assert_proportional(SIGNS);
}
