//! Any text, to its selectors: nothing panics, every span slices, the time is linear.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&pick, rest)) = bytes.split_first() else {
        return;
    };
    sightline_fuzz::search(&String::from_utf8_lossy(rest), sightline_fuzz::region(pick));
});
