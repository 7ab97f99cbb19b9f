//! Alerts that nobody will find out about any more. Pure.

use sightline_model::{Alert, AlertChange, AlertState, Closed, SIGHTLINE, Timestamp};

use crate::{absence::absence, rules::Rules, words::ago};

/// Closes an alert as stale, where the rules ask for that and it is time: no listing has shown a sighting of it for so
/// long, though its sources were looked at, in order, at these instants; and nobody has touched it either. The alert as it is to be stored, and the change that is kept. No message goes
/// out: whoever has not read it for so long is not helped by one more.
pub fn close_as_stale(
    alert: &Alert,
    last_seen: Option<Timestamp>,
    looks: &[Timestamp],
    rules: &Rules,
    now: Timestamp,
) -> Option<(Alert, AlertChange)> {
    let length = rules.stale()?;
    let seen = last_seen.unwrap_or(alert.opened_at);
    if alert.state == AlertState::Closed || now < seen.max(alert.updated_at) + length {
        return None;
    }
    // What was seen by nobody is gone where somebody looked, and looked again.
    let was_looked_for = looks.iter().any(|at| *at > seen && *at < now);
    if !was_looked_for || absence(seen, looks, now, length) < length {
        return None;
    }
    let why = format!(
        "not seen for {}; its watchlist closes an alert after {}",
        ago(now.since(seen)),
        ago(length)
    );
    let change = AlertChange::closed(alert, Closed::Stale, Some(&why), SIGHTLINE, now);
    let closed = Alert {
        state: AlertState::Closed,
        closed: Some((Closed::Stale, now)),
        updated_at: now,
        ..alert.clone()
    };
    Some((closed, change))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sightline_model::{AlertId, EntryId, Group, Reason, Severity, WatchlistId};
    use uuid::Uuid;

    use super::*;

    const START: Timestamp = Timestamp(1_795_428_000_000);

    fn day(number: u64) -> Timestamp {
        START + Duration::from_secs(number * 86_400)
    }

    fn alert(state: AlertState, updated_at: Timestamp) -> Alert {
        Alert {
            id: AlertId(Uuid::from_u128(1)),
            watchlist: WatchlistId(Uuid::from_u128(2)),
            entry: EntryId(Uuid::from_u128(3)),
            group: Group::Entry(EntryId(Uuid::from_u128(3))),
            state,
            severity: Severity::Normal,
            reasons: vec![Reason::First],
            opened_at: START,
            news_at: START,
            updated_at,
            batch: 1,
            notify_at: Some(START),
            told_at: Some(START),
            escalated_at: None,
            acknowledged: None,
            closed: None,
            assigned: None,
        }
    }

    #[test]
    fn an_alert_is_stale_when_neither_a_listing_nor_a_person_has_stirred_it() {
        use AlertState::*;
        for (stale_days, state, touched, seen, now, is_closed) in [
            (Some(30), Open, 0, Some(0), 30, true),
            (Some(30), Open, 0, Some(0), 29, false),
            (Some(30), Open, 0, None, 30, true),
            (Some(30), Silenced, 0, Some(0), 30, true),
            // The ad still stands there, though nothing about it was news.
            (Some(30), Open, 0, Some(20), 40, false),
            (Some(30), Open, 0, Some(20), 50, true),
            // Somebody took it, or said something on it.
            (Some(30), Acknowledged, 25, Some(0), 40, false),
            (Some(30), Acknowledged, 25, Some(0), 55, true),
            (Some(30), Closed, 0, Some(0), 99, false),
            (None, Open, 0, Some(0), 999, false),
        ] {
            let rules = Rules {
                stale_days,
                ..Rules::default()
            };
            let alert = alert(state, day(touched));
            let looks: Vec<Timestamp> = (1..999).map(day).collect();
            let seen_at = seen.map(day);
            let unseen = close_as_stale(&alert, seen_at, &[], &rules, day(now));
            assert_eq!(unseen, None, "nobody looked for it");
            let closed = close_as_stale(&alert, seen_at, &looks, &rules, day(now));
            let told = format!("{stale_days:?} {state} {touched} {seen:?} {now}");
            assert_eq!(closed.is_some(), is_closed, "{told}");
            let Some((closed, change)) = closed else {
                continue;
            };
            assert_eq!(closed.closed, Some((super::Closed::Stale, day(now))));
            assert_eq!(change.who, SIGHTLINE);
            let words = format!("not seen for {} days", now - seen.unwrap_or(0));
            assert!(change.text.unwrap().contains(&words), "{told}");
        }
    }
}
