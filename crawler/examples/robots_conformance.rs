//! Answers a file of robots.txt cases, `[{"robots", "agent", "url", "allowed", "test"}]`, and says how many are right.

use std::{env, fs, process::ExitCode};

use serde_json::Value;
use sightline_crawler::robots::Robots;
use url::Url;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let path = env::args()
        .nth(1)
        .ok_or("usage: robots_conformance CASES.json")?;
    let cases: Vec<Value> = serde_json::from_str(&fs::read_to_string(path)?)?;
    let mut right = 0;
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        // Google's matcher takes what is no URL for the path "/".
        let url = Url::parse(text("url")).or_else(|_| Url::parse("http://example.com/"))?;
        let verdict = Robots::parse(text("robots").as_bytes()).allows(text("agent"), &url);
        if Some(verdict.is_allowed()) == case["allowed"].as_bool() {
            right += 1;
        } else {
            eprintln!("wrong: {case} got {verdict:?}");
        }
    }
    println!("robots: {right} of {}", cases.len());
    Ok(ExitCode::from(u8::from(right != cases.len())))
}
