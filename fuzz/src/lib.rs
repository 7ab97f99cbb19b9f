//! What must be true of every find in every text, and the pieces that the fuzz targets share.

use std::{
    fs,
    time::{Duration, Instant},
};

use sightline_extractors::{canonical, find_all};
use sightline_model::{Confidence, Find, Kind};

/// What a search may take beyond its share for each byte: the first one prepares what all others use.
const GRACE: Duration = Duration::from_secs(2);

/// What a search may take for each byte of its input. An instrumented build needs about a tenth of it; a search that is
/// quadratic in an input of 64 KiB needs a hundred times as much.
const FOR_EACH_BYTE: Duration = Duration::from_micros(20);

/// Regions to read national numbers by: one byte of the input picks one. The last two have no numbers.
const REGIONS: [&str; 8] = ["US", "GB", "FR", "DE", "BR", "CN", "XX", ""];

/// The region that an input's first byte picks.
pub fn region(pick: u8) -> Option<&'static str> {
    Some(REGIONS[usize::from(pick) % REGIONS.len()]).filter(|region| !region.is_empty())
}

/// Panics unless `work` ends in a time that is linear in `bytes`.
pub fn in_linear_time<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let (started, own) = (Instant::now(), own_time());
    let done = work();
    let took = match (own, own_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => started.elapsed(),
    };
    let allowed = GRACE + FOR_EACH_BYTE * u32::try_from(bytes).unwrap_or(u32::MAX);
    assert!(took < allowed, "{bytes} bytes took {took:?}");
    done
}

/// The processor time of this thread so far: a busy machine does not count. None where the system does not tell.
fn own_time() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
}

/// Panics unless every promise about the finds of a text holds.
pub fn check(text: &str, finds: &[Find], region: Option<&str>) {
    for find in finds {
        assert_eq!(
            text.get(find.start..find.end),
            Some(find.raw.as_str()),
            "the span of {}",
            find.selector
        );
        assert!(find.start < find.end, "{} stands nowhere", find.selector);
        // What is inferred may be a guess at a number that no plan knows.
        if find.selector.kind == Kind::Phone && find.confidence == Confidence::Inferred {
            continue;
        }
        let again = canonical(find.selector.kind, &find.selector.value, region);
        let again = again.map(|selector| selector.value);
        assert_eq!(
            again.as_deref(),
            Ok(find.selector.value.as_str()),
            "canonical form of a {}",
            find.selector.kind
        );
    }
    assert!(
        finds.is_sorted_by_key(|find| find.start),
        "finds stand in the order of the text"
    );
}

/// Searches a text, and panics unless every promise holds.
pub fn search(text: &str, region: Option<&str>) {
    let finds = in_linear_time(text.len(), || find_all(text, region));
    check(text, &finds, region);
}
