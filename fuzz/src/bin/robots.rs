//! Any bytes, as robots.txt: nothing panics, and a verdict takes a time that is linear in the file.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sightline_crawler::robots::Robots;
use sightline_fuzz::in_linear_time;
use url::Url;

/// Addresses to judge: short, long, and made to keep a pattern busy.
static URLS: LazyLock<[Url; 3]> = LazyLock::new(|| {
    ["/", "/ads/12?page=3&q=%C3%A9", &format!("/{}", "ab".repeat(500))].map(|path| {
        let url = Url::parse("https://ads.example/").and_then(|base| base.join(path));
        url.expect("the address is a URL")
    })
});

fuzz_target!(|bytes: &[u8]| {
    in_linear_time(bytes.len(), || {
        let robots = Robots::parse(bytes);
        for agent in ["Sightline", "*", ""] {
            // Whatever the delay, it is one that can be kept.
            let _ = robots.crawl_delay(agent).map(|delay| delay.requests_a_day());
            for url in &*URLS {
                let _ = robots.allows(agent, url).is_allowed();
            }
        }
        robots.sitemaps().len()
    });
});
