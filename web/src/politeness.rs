//! How a source's hosts are asked, against what they may be asked: from what the store keeps of them.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_casework::source::Row;
use sightline_model::{HostState, RobotsText, Timestamp, counted, visit::host_of};
use sightline_pipeline::source::Source;
use sightline_store::{StoreError, Tx, hosts, paces};

/// How far back is counted.
const COUNTED: Duration = Duration::from_secs(24 * 3_600);
/// Hosts that are shown at most.
const MANY: usize = 50;

/// How a host is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "HostManners")]
pub(crate) struct Manners {
    /// Host and port.
    pub host: String,
    /// Requests that it may be asked for in a minute; nothing where there is no pause between them.
    pub budget: Option<u64>,
    /// Pages asked for in the last whole minute and the present one.
    pub now: i64,
    /// Pages asked for in the busiest minute of the last run, within a day.
    pub most: i64,
    /// Until when it wants to be left alone.
    pub held: Option<Timestamp>,
    /// What its robots.txt came to.
    pub robots: String,
}

impl Manners {
    /// True where it was asked more often than it may be.
    pub fn is_over(&self) -> bool {
        self.budget
            .is_some_and(|budget| self.most > i64::try_from(budget).unwrap_or(i64::MAX))
    }
}

/// How the hosts of a source's latest run are asked, and those it starts from.
pub(crate) async fn of(
    tx: &mut Tx,
    row: &Row,
    source: Option<&Source>,
    now: Timestamp,
) -> Result<Vec<Manners>, StoreError> {
    let mut asked = BTreeMap::<String, (i64, i64)>::new();
    for url in source.map_or(&[][..], |source| &source.start) {
        asked.entry(host_of(url)).or_default();
    }
    if let Some(run) = row.under_way().or(row.last()) {
        for pace in paces::of_run(tx, run.id, now - COUNTED).await? {
            let (recent, most) = asked.entry(pace.host).or_default();
            *most = pace.visits.max(*most);
            if now.since(pace.minute) < Duration::from_secs(120) {
                *recent = pace.visits.max(*recent);
            }
        }
    }
    let names: Vec<&str> = asked.keys().map(String::as_str).take(MANY).collect();
    let states = hosts::get(tx, &names).await?;
    let pause = source.map(|source| source.settings.politeness.pause());
    let manners = names.iter().map(|&host| {
        let state = states.iter().find(|state| state.host == host);
        // Robots.txt can make it slower than the source's settings, never faster.
        let interval = state
            .map(|state| state.interval)
            .filter(|interval| !interval.is_zero());
        let interval = interval.or(pause).unwrap_or_default();
        let (recent, most) = asked.get(host).copied().unwrap_or_default();
        Manners {
            host: host.to_owned(),
            budget: per_minute(interval),
            now: recent,
            most,
            held: state
                .and_then(|state| state.backoff_until)
                .filter(|until| *until > now),
            robots: state.map_or_else(|| "not fetched yet".to_owned(), robots),
        }
    });
    Ok(manners.collect())
}

/// How many requests fit into a minute, begun so far apart: the first of them at its beginning.
fn per_minute(interval: Duration) -> Option<u64> {
    let millis = u64::try_from(interval.as_millis()).ok()?;
    (millis > 0).then(|| 60_000_u64.div_ceil(millis))
}

fn robots(state: &HostState) -> String {
    match &state.robots {
        None => "not fetched yet".to_owned(),
        Some(RobotsText {
            status: Some(200),
            body,
            ..
        }) => format!("obeyed, {}", counted(body.lines().count(), "line", "lines")),
        Some(RobotsText {
            status: Some(status),
            ..
        }) if (400..500).contains(status) => format!("there is none (status {status})"),
        Some(RobotsText {
            status: Some(status),
            ..
        }) => format!("could not be had: status {status}"),
        Some(RobotsText { failure, .. }) => {
            let failure = failure.as_deref().unwrap_or("no answer");
            format!("could not be had: {failure}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_room_for_so_many() {
        for (millis, room) in [
            (0, None),
            (2_000, Some(30)),
            (7_000, Some(9)),
            (90_000, Some(1)),
        ] {
            assert_eq!(per_minute(Duration::from_millis(millis)), room, "{millis}");
        }
    }
}
