//! Any bytes, as a fetched page, to its listing and its selectors: nothing panics, every span slices, the time is linear.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sightline_extractors::{Profile, ProfileSettings, RawPage, read};
use sightline_fuzz::{check, in_linear_time, region};
use sightline_model::{Timestamp, VisitKind};
use url::Url;

/// The page's address, and a profile with no fields: what is fuzzed is the way to the selectors.
static URL: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://ads.example/x").expect("the address is a URL"));

fuzz_target!(|bytes: &[u8]| {
    let Some((&pick, body)) = bytes.split_first() else {
        return;
    };
    let region = region(pick);
    // A region without numbers is a mistake in a profile, and there is no other in this one.
    let Ok(profile) = Profile::compile(&ProfileSettings::default(), region) else {
        return;
    };
    let page = RawPage {
        url: &URL,
        kind: VisitKind::Detail,
        content_type: None,
        body,
        fetched_at: Timestamp(1_795_000_000_000),
    };
    let reading = in_linear_time(body.len(), || read(&page, &profile));
    for listing in &reading.listings {
        check(&listing.text, &listing.finds, region);
    }
});
