//! Any text, as the profile in a source's file: it is compiled, or every problem stands at its place; nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sightline_config::Layers;
use sightline_extractors::{Profile, ProfileSettings};
use sightline_fuzz::{in_linear_time, region};

fuzz_target!(|bytes: &[u8]| {
    let Some((&pick, text)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let loaded = in_linear_time(text.len(), || {
        Layers::new()
            .file("sources/ads.toml", text.as_ref())
            .load::<ProfileSettings>(|_| Vec::new())
    });
    match loaded {
        Ok(loaded) => {
            if let Err(problems) = Profile::compile(&loaded.value, region(pick)) {
                assert!(!problems.is_empty(), "refused, and nobody is told why");
            }
        }
        Err(problems) => assert!(!problems.is_empty(), "refused, and nobody is told why"),
    }
});
