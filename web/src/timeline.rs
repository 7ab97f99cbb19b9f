//! Time lines: when something stood on each source, as bars and dots on one scale, made here as SVG, beside a table that
//! says the same.

use std::{collections::HashMap, fmt};

use sightline_model::{SourceId, Timestamp};
use sightline_store::seen::OnSource;

/// The width of a line, and its height.
const WIDTH: i64 = 480;
const HEIGHT: i64 = 14;
/// Half of a dot.
const DOT: i64 = 4;

/// When something was seen on one source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    /// What its whole width stands for.
    from: Timestamp,
    to: Timestamp,
    /// From when till when each listing showed it, the first first.
    spans: Vec<(Timestamp, Timestamp)>,
}

/// A line for each source, all on one scale: from the first of these listings until `now`.
pub(crate) fn by_source(each: &[OnSource], now: Timestamp) -> HashMap<SourceId, Line> {
    let from = each.iter().map(|one| one.first_seen).min();
    let from = from.unwrap_or(now);
    let mut lines = HashMap::<SourceId, Vec<(Timestamp, Timestamp)>>::new();
    for one in each {
        let span = (one.first_seen, one.last_seen.max(one.first_seen));
        lines.entry(one.source).or_default().push(span);
    }
    let lines = lines.into_iter().map(|(source, mut spans)| {
        spans.sort_unstable();
        spans.dedup();
        let to = now;
        (source, Line { from, to, spans })
    });
    lines.collect()
}

impl Line {
    /// What its whole width stands for: `2026-10-13 to 2026-11-23`.
    pub fn scale(&self) -> String {
        format!("{} to {}", date(self.from), date(self.to))
    }

    fn x(&self, at: Timestamp) -> i64 {
        let whole = (self.to.0 - self.from.0).max(1);
        let part = (at.0 - self.from.0).clamp(0, whole);
        DOT + (i128::from(WIDTH - 2 * DOT) * i128::from(part) / i128::from(whole)) as i64
    }
}

fn date(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%d").to_string()
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" aria-label=\"{} between {} and {}\">",
            sightline_model::counted(self.spans.len(), "listing", "listings"),
            date(self.from),
            date(self.to),
        )?;
        let middle = HEIGHT / 2;
        for (first, last) in &self.spans {
            let (start, end) = (self.x(*first), self.x(*last));
            write!(
                f,
                "<g><title>{} to {}</title><rect x=\"{start}\" y=\"{}\" width=\"{}\" height=\"2\"/><circle cx=\"{start}\" cy=\"{middle}\" r=\"{DOT}\"/></g>",
                date(*first),
                date(*last),
                middle - 1,
                end - start,
            )?;
        }
        write!(f, "</svg>")
    }
}

// It is made of digits and our own words.
impl askama::filters::HtmlSafe for Line {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_at_the_left_and_now_at_the_right() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let line = Line {
            from: at("2026-11-01T00:00:00Z"),
            to: at("2026-11-21T00:00:00Z"),
            spans: vec![
                (at("2026-11-01T00:00:00Z"), at("2026-11-11T00:00:00Z")),
                (at("2026-11-21T00:00:00Z"), at("2026-11-21T00:00:00Z")),
            ],
        };
        let svg = line.to_string();
        for part in [
            "2 listings between 2026-11-01 and 2026-11-21",
            "<title>2026-11-01 to 2026-11-11</title><rect x=\"4\" y=\"6\" width=\"236\"",
            "<circle cx=\"476\"",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
    }
}
