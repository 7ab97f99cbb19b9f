//! Any text, as a link on a page: nothing panics, and what is canonical is its own canonical form.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sightline_crawler::url::canonical;
use sightline_fuzz::in_linear_time;
use url::Url;

static BASES: LazyLock<[Url; 2]> = LazyLock::new(|| {
    ["https://ads.example/oakland/list.php?page=2", "http://[2001:db8::1]:8080/a/b/"]
        .map(|base| Url::parse(base).expect("the address is a URL"))
});

fuzz_target!(|bytes: &[u8]| {
    let href = String::from_utf8_lossy(bytes);
    for base in &*BASES {
        let Ok(url) = in_linear_time(href.len(), || canonical(base, &href)) else {
            continue;
        };
        assert!(matches!(url.scheme(), "http" | "https"), "{url} is no page");
        assert_eq!(canonical(base, url.as_str()).as_ref(), Ok(&url), "of {href:?}");
        // A link and the same link in full are the same page.
        assert_eq!(canonical(&BASES[0], url.as_str()).as_ref(), Ok(&url), "from elsewhere");
    }
});
