//! How fast selectors of all kinds are found in ad text, beside rlibphonenumber's own matcher, and whether the time stays
//! linear in the length of a line.
//!
//! `cargo run --release -p sightline-extractors --example extract_speed FILE [ROUNDS]`, where the file has an ad a line.
//! Prints a JSON object a line; `scripts/bench/extract` makes the table of docs/benchmarks.md from them. Times are the
//! thread's own (Linux: /proc), so that a busy machine does not count.

use std::{fs, hint::black_box, process::ExitCode, time::Instant};

use rlibphonenumber::{Region, phonenumber_matcher::FindNumberExt};
use sightline_extractors::find_all;

/// Lengths of one line, in megabytes.
const LENGTHS: [usize; 4] = [1, 2, 5, 10];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        eprintln!("usage: extract_speed FILE [ROUNDS]");
        return ExitCode::from(2);
    };
    let rounds = arguments
        .next()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(3);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ads: Vec<&str> = text.lines().collect();
    let megabytes = text.len() as f64 / 1e6;
    let tell = |tool: &str, (seconds, found): (f64, usize)| {
        println!(
            "{}",
            serde_json::json!({"tool": tool, "mb": megabytes, "mb_s": megabytes / seconds, "found": found})
        );
    };
    tell(
        "sightline, all kinds",
        median(rounds, || {
            ads.iter()
                .map(|ad| black_box(find_all(ad, Some("US"))).len())
                .sum()
        }),
    );
    tell(
        "rlibphonenumber's matcher",
        median(rounds, || {
            ads.iter()
                .map(|ad| {
                    ad.find_phone_numbers_with_preferred_region(Region::US)
                        .count()
                })
                .sum()
        }),
    );

    let line = text.replace('\n', " ");
    let lines = [
        ("ad text", line),
        ("digits and spaces", "2 0 2 5 55 0 1 2 3 ".repeat(600_000)),
        (
            "number words",
            "two oh two five five to for one ".repeat(400_000),
        ),
        (
            "signs of addresses",
            "a@b.c at x dot y @z : / ".repeat(500_000),
        ),
        (
            "zero-width characters",
            "1\u{200b}a\u{200d}".repeat(1_500_000),
        ),
    ];
    for (of, line) in &lines {
        for length in LENGTHS {
            let part = &line[..line.floor_char_boundary(length * 1_000_000)];
            let (seconds, found) = median(1, || black_box(find_all(part, Some("US"))).len());
            let length = part.len() as f64 / 1e6;
            println!(
                "{}",
                serde_json::json!({"line_of": of, "mb": length, "s_per_mb": seconds / length, "found": found})
            );
        }
    }
    ExitCode::SUCCESS
}

/// The median time of some rounds, in seconds, and what the work came to.
fn median(rounds: usize, work: impl Fn() -> usize) -> (f64, usize) {
    let mut times = Vec::with_capacity(rounds);
    let mut result = 0;
    for _ in 0..rounds.max(1) {
        let (wall, own) = (Instant::now(), own_time());
        result = work();
        times.push(match (own, own_time()) {
            (Some(before), Some(after)) => after - before,
            _ => wall.elapsed().as_secs_f64(),
        });
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], result)
}

/// The processor time of this thread so far, in seconds; None where the system does not tell.
fn own_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = stat.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
