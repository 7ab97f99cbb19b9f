//! The shapes of address by which a site goes on for ever.

use std::collections::HashMap;

use url::Url;

/// The shape of trap that an address has, if any.
pub(super) fn trap(url: &Url) -> Option<&'static str> {
    if url.as_str().len() > crate::url::LONGEST {
        return Some("it is longer than 2,048 bytes");
    }
    let segments: Vec<&str> = url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if segments.len() > 20 {
        return Some("its path has more than 20 segments");
    }
    if repeats(&segments) {
        return Some("its path repeats itself");
    }
    let mut parameters: HashMap<&str, u32> = HashMap::new();
    for pair in url.query().unwrap_or_default().split('&') {
        *parameters
            .entry(pair.split('=').next().unwrap_or_default())
            .or_default() += 1;
    }
    if parameters.len() > 30 || parameters.values().any(|&times| times > 10) {
        return Some("its query keeps growing");
    }
    None
}

/// True where one run of segments stands three times in a row (`/a/b/a/b/a/b`), or one segment five times in all.
fn repeats(segments: &[&str]) -> bool {
    let in_a_row = (1..=segments.len() / 3).any(|length| {
        segments.windows(3 * length).any(|run| {
            run[..length] == run[length..2 * length] && run[..length] == run[2 * length..]
        })
    });
    let often = segments
        .iter()
        .any(|segment| segments.iter().filter(|other| *other == segment).count() > 4);
    in_a_row || often
}
