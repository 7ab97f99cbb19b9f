//! How often each story breaks something: few times where all tests run, often in `scripts/crash-test`.

/// The number of this name in the environment, such as `SIGHTLINE_CRASH_KILLS`, or `few`.
pub fn rounds(name: &str, few: usize) -> usize {
    let name = format!("SIGHTLINE_CRASH_{name}");
    match std::env::var(&name) {
        Ok(said) => said
            .parse()
            .unwrap_or_else(|_| panic!("{name} is '{said}', not a number")),
        Err(_) => few,
    }
}
