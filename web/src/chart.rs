//! Charts: small, made here as SVG, each with a table behind it that says the same.

use std::{collections::BTreeMap, fmt, time::Duration};

use sightline_model::Timestamp;

/// The height of the tallest bar, and the width that a day takes.
const TALLEST: i64 = 60;
const STEP: usize = 7;
const DAY: Duration = Duration::from_secs(86_400);

/// Counts by day, as bars.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Days {
    /// From the oldest day on, days without any among them.
    days: Vec<(Timestamp, i64)>,
}

impl Days {
    /// The last `length` days up to `now`.
    pub(crate) fn of(counts: &BTreeMap<Timestamp, i64>, length: u32, now: Timestamp) -> Self {
        let today = Timestamp(now.0 - now.0.rem_euclid(86_400_000));
        let days = (0..length).rev().map(|back| {
            let day = today - DAY * back;
            (day, counts.get(&day).copied().unwrap_or(0))
        });
        Self {
            days: days.collect(),
        }
    }

    /// The days on which there were any, the latest first.
    pub(crate) fn busy(&self) -> impl Iterator<Item = (String, i64)> + '_ {
        let busy = self.days.iter().rev().filter(|(_, count)| *count > 0);
        busy.map(|(day, count)| (date(*day), *count))
    }

    /// How many there were in all.
    pub(crate) fn total(&self) -> i64 {
        self.days.iter().map(|(_, count)| count).sum()
    }
}

fn date(day: Timestamp) -> String {
    day.to_utc().format("%Y-%m-%d").to_string()
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.days.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let width = self.days.len() * STEP;
        write!(
            f,
            "<svg class=\"chart\" viewBox=\"0 0 {width} {}\" width=\"{width}\" height=\"{0}\" role=\"img\" aria-label=\"{} in {} days, at most {most} on one\">",
            TALLEST + 2,
            self.total(),
            self.days.len(),
        )?;
        for (nth, (day, count)) in self.days.iter().enumerate() {
            let height = match count {
                0 => 0,
                count => (count * TALLEST / most.max(1)).max(2),
            };
            let (x, y) = (nth * STEP, TALLEST - height);
            write!(
                f,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"><title>{}: {count}</title></rect>",
                STEP - 1,
                height + 1,
                date(*day)
            )?;
        }
        write!(f, "</svg>")
    }
}

// It is made of digits and our own words.
impl askama::filters::HtmlSafe for Days {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_bar_and_the_busy_ones_are_rows() {
        let now = Timestamp::parse("2026-11-23T10:00:00Z").unwrap();
        let counts = BTreeMap::from([
            (Timestamp::parse("2026-11-23T00:00:00Z").unwrap(), 4),
            (Timestamp::parse("2026-11-21T00:00:00Z").unwrap(), 1),
            (Timestamp::parse("2026-10-01T00:00:00Z").unwrap(), 9),
        ]);
        let chart = Days::of(&counts, 3, now);
        let busy: Vec<_> = chart.busy().collect();
        assert_eq!(
            busy,
            [("2026-11-23".to_owned(), 4), ("2026-11-21".to_owned(), 1)]
        );
        let svg = chart.to_string();
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("5 in 3 days, at most 4 on one"), "{svg}");
        assert!(svg.contains("height=\"61\"><title>2026-11-23: 4<"), "{svg}");
    }
}
