//! What a source's schedule comes to: its next instants as the clock of its zone shows them, with a word where that clock
//! jumps.

use sightline_model::{
    Timestamp,
    local::{Jump, Zone},
};

use crate::source::Source;

/// The longest stretch of time that a clock shows twice, in seconds.
const LONGEST_REPEAT: i64 = 3 * 3_600;

/// An instant that a run is planned for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upcoming {
    /// When.
    pub at: Timestamp,
    /// What the clock of the source's zone shows then: `Sat 28 Nov 2026 06:30 UTC+1`.
    pub shown: String,
    /// Where that clock jumps since the instant before: what that means for the schedule.
    pub warning: Option<String>,
}

/// The next instants of a source's schedule after `now`, `at_most` of them; none where it is crawled by hand.
pub fn upcoming(source: &Source, now: Timestamp, at_most: usize) -> Vec<Upcoming> {
    // The schedule was read with this zone, so it is one.
    let Ok(zone) = Zone::named(&source.settings.schedule.zone) else {
        return Vec::new();
    };
    let mut instants = Vec::with_capacity(at_most);
    let (mut before, mut told) = (now, None);
    while instants.len() < at_most
        && let Some(at) = source.schedule.next_after(before)
    {
        // One told of already is told of once: an instant that the clock shows twice lies before its jump.
        let jump = jump(zone, before, at).filter(|jump| told != Some(jump.at));
        told = jump.map(|jump| jump.at).or(told);
        instants.push(Upcoming {
            at,
            shown: shown(zone, at),
            warning: jump.map(|jump| warning(zone, jump)),
        });
        before = at;
    }
    instants
}

/// The jump of the clock since the instant before; or the one after which it shows this instant's time again.
fn jump(zone: Zone, before: Timestamp, at: Timestamp) -> Option<Jump> {
    let (before, at) = (seconds(before), seconds(at));
    zone.first_jump(before, at).or_else(|| {
        let jump = zone.first_jump(at, at + LONGEST_REPEAT)?;
        (at + jump.before - jump.after >= jump.at).then_some(jump)
    })
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

/// What the clock of a zone shows, with how far it is from UTC.
pub fn shown(zone: Zone, at: Timestamp) -> String {
    let offset = offset(zone.offset(seconds(at)));
    format!("{} {offset}", zone.local(at).format("%a %-d %b %Y %H:%M"))
}

/// `UTC`, `UTC+1`, `UTC−3:30`.
fn offset(seconds: i64) -> String {
    let sign = if seconds < 0 { '−' } else { '+' };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

fn warning(zone: Zone, jump: Jump) -> String {
    let minutes = (jump.after - jump.before).abs() / 60;
    let length = match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} h"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    let day = zone.local(Timestamp(jump.at.saturating_mul(1_000)));
    let day = day.format("%a %-d %b %Y");
    match jump.after > jump.before {
        true => format!(
            "the clock goes forward by {length} on {day}: a time of day that it skips is due at the end of the gap"
        ),
        false => format!(
            "the clock goes back by {length} on {day}: a time of day that it shows twice is due the first time"
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::SourceSettings;

    #[test]
    fn instants_are_told_by_the_zones_clock_with_its_jumps() {
        let of = |zone: &str, cron: &str| {
            let settings: SourceSettings = serde_json::from_value(json!({
                "start": ["https://ads.example/"],
                "list": {"links": ["a"]},
                "schedule": {"cron": cron, "zone": zone},
            }))
            .unwrap();
            Source::compile(&settings, "ads").unwrap()
        };
        let at = |text| Timestamp::parse(text).unwrap();
        let daily = of("Europe/Paris", "30 2 * * *");
        let found = upcoming(&daily, at("2027-03-27T10:00:00Z"), 2);
        assert_eq!(found[0].shown, "Sun 28 Mar 2027 03:00 UTC+2");
        let warning = found[0].warning.as_deref().unwrap();
        assert!(
            warning.starts_with("the clock goes forward by 1 h on Sun 28 Mar 2027"),
            "{warning}"
        );
        assert_eq!(found[1].shown, "Mon 29 Mar 2027 02:30 UTC+2");
        assert_eq!(found[1].warning, None);
        let back = upcoming(&daily, at("2026-10-24T10:00:00Z"), 2);
        assert!(
            back[0]
                .warning
                .as_deref()
                .unwrap()
                .contains("goes back by 1 h")
        );
        assert_eq!(back[0].shown, "Sun 25 Oct 2026 02:30 UTC+2");
        assert_eq!(back[1].shown, "Mon 26 Oct 2026 02:30 UTC+1");
        assert_eq!(back[1].warning, None);
        let half = of("Asia/Kolkata", "0 6 * * *");
        let found = upcoming(&half, at("2026-11-23T10:00:00Z"), 10);
        assert_eq!(found.len(), 10);
        assert_eq!(found[0].shown, "Tue 24 Nov 2026 06:00 UTC+5:30");
        assert!(found.iter().all(|one| one.warning.is_none()));
    }
}
