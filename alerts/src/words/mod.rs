//! Reasons and decisions in sentences for people.

use std::{collections::BTreeMap, time::Duration};

use sightline_model::{
    Delivery, DeliveryState, Fate, Purpose, Reason, Sighting, Timestamp, Topic, Unalerted, Wait,
    counted,
};

use crate::{inert::short, rules::Rules, view::Reminding};

/// What sentences about messages depend on beside them.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The rules of their watchlist.
    pub rules: &'a Rules,
    /// The channels to which nothing is sent at present, by name: why, and what to do.
    pub stopped: &'a BTreeMap<String, String>,
    /// Writes an instant for people.
    pub when: &'a dyn Fn(Timestamp) -> String,
}

/// Why a sighting is, or is not, news: "back after 41 days, on another site than before". Lengths are those before it, whenever
/// it is told.
pub fn why(sighting: &Sighting) -> String {
    let Some(previous) = &sighting.explanation.previous else {
        return match sighting.reason {
            Reason::Historic => "found in what was already stored".to_owned(),
            _ => "seen for the first time".to_owned(),
        };
    };
    let quiet = ago(sighting.at.since(previous.at));
    let same_site = previous.source == sighting.source;
    match sighting.reason {
        Reason::First => "seen for the first time".to_owned(),
        Reason::Historic => "found in what was already stored".to_owned(),
        Reason::Reappeared if same_site => format!("back after {quiet}, on the same site"),
        Reason::Reappeared => format!("back after {quiet}, on another site than before"),
        Reason::NewSource => format!("on a new site; last seen {quiet} before on another"),
        Reason::NewListing if same_site => {
            format!("one more listing; last seen on the same site {quiet} before")
        }
        Reason::NewListing => format!(
            "one more listing on a site that showed it before; last seen on another {quiet} before"
        ),
        Reason::Continued if same_site => {
            format!("continued, seen on the same site {quiet} before")
        }
        Reason::Continued => format!("continued, seen on another site {quiet} before"),
    }
}

/// A reason by itself, where nothing more is known: "seen for the first time".
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::First => "seen for the first time",
        Reason::Historic => "found in what was already stored",
        Reason::Reappeared => "back after a while",
        Reason::NewSource => "on a new site",
        Reason::NewListing => "one more listing",
        Reason::Continued => "continued",
    }
}

/// How long nobody has dealt with an alert, and how often that was said: "reminder 3: open for 3 days, and nobody has taken it".
pub fn reminding(reminding: &Reminding, now: Timestamp) -> String {
    let length = ago(now.since(reminding.since));
    let number = reminding.number;
    match reminding.purpose {
        Purpose::Forgotten => {
            format!("reminder {number}: acknowledged {length} ago, and not closed since")
        }
        Purpose::Escalation => format!("open for {length}, and nobody has taken it"),
        _ => format!("reminder {number}: open for {length}, and nobody has taken it"),
    }
}

/// What came of a sighting, in a sentence: by what was decided, and by what became of the messages since. `deliveries` are
/// those of its alert, `sightings` how many its batch tells of.
pub fn fate(fate: &Fate, deliveries: &[Delivery], sightings: u64, terms: Terms<'_>) -> String {
    match fate {
        Fate::Recorded {
            batch: Some(batch), ..
        } => {
            let message = messages(*batch, deliveries, terms);
            format!(
                "no message of its own, for the site showed it before; shown in one that waited: {message}"
            )
        }
        Fate::Recorded { why, .. } => match why {
            Unalerted::Continued => "not sent: it continued, and is recorded".to_owned(),
            Unalerted::Historic => {
                "not sent: the rules do not tell of what was stored before".to_owned()
            }
            Unalerted::NotInRules => "not sent: the rules do not tell of this reason".to_owned(),
            Unalerted::Warned => "not sent: a warning list names what was matched".to_owned(),
            Unalerted::Possible => {
                "not sent: it is only possible, and the rules ask for what is certain".to_owned()
            }
        },
        Fate::Told { batch, .. } => messages(*batch, deliveries, terms),
        Fate::Grouped { alert, batch, .. } => {
            let message = messages(*batch, deliveries, terms);
            format!("not sent by itself: grouped with others in alert {alert}; {message}")
        }
        Fate::Gathered {
            alert,
            batch,
            ceiling,
            ..
        } => {
            let message = messages(*batch, deliveries, terms);
            let is_told = deliveries.iter().any(|one| {
                one.topic == Topic::Alert(*alert)
                    && one.batch == *batch
                    && one.state == DeliveryState::Delivered
            });
            let told = if is_told { "told" } else { "gathered" };
            format!(
                "not sent singly: the entry's ceiling of {ceiling} messages a day was reached; {told} in alert {alert} with \
                 {}; {message}",
                counted(sightings, "sighting", "sightings")
            )
        }
        Fate::Silenced { by, until, .. } => {
            format!(
                "not sent: silenced until {} by silence {by}",
                (terms.when)(*until)
            )
        }
        Fate::NoChannel { .. } => "not sent: the watchlist names no channel".to_owned(),
    }
}

/// That an entry has reached its ceiling: in the message that reached it, so that nobody takes the quiet that follows for
/// an end. `entries` is how many of those that the message tells of have; `until` when what comes next is told.
pub fn ceiling(
    rules: &Rules,
    ceiling: u32,
    entries: usize,
    until: Timestamp,
    now: Timestamp,
    watchlist: &str,
) -> String {
    let (whose, whom) = match entries {
        1 => ("the entry's", "it"),
        _ => ("its entries'", "them"),
    };
    // Nobody reminds of what is taken.
    let sooner = match rules.repeat() {
        Some(repeat) if now + repeat < until => ", or until somebody is reminded",
        _ => "",
    };
    format!(
        "{whose} ceiling of {} in 24 hours is reached: further news of {whom} is held until {}, in {}{sooner}, and told \
         in one message; `sightline watchlist set '{}' --ceiling N` changes that",
        counted(ceiling, "message", "messages"),
        rules.clock(until, now),
        ahead(until.since(now)),
        short(watchlist)
    )
}

/// That some of what an alert gathers is silenced, in a message that tells of all of it.
pub fn silenced_in_part(until: Timestamp) -> String {
    let until = until.to_utc().format("%-d %B %Y, %H:%M UTC");
    format!("some of what it gathers is silenced until {until}, and the rest is not")
}

/// What became of the messages of a batch, channel by channel.
fn messages(batch: i64, deliveries: &[Delivery], terms: Terms<'_>) -> String {
    let told: Vec<String> = deliveries
        .iter()
        .filter(|delivery| delivery.batch == batch)
        .map(|one| message(one, terms))
        .collect();
    match told.as_slice() {
        [] => "its message is not in the outbox; run `sightline doctor`".to_owned(),
        told => told.join("; "),
    }
}

/// What became of a message, and why, after the channel that it goes out by: "team-mail: waits for the digest of 08:00 Europe/Paris".
pub fn message(delivery: &Delivery, terms: Terms<'_>) -> String {
    let Terms {
        rules,
        stopped,
        when,
    } = terms;
    let Delivery {
        channel,
        state,
        attempts,
        next_at,
        waits,
        ..
    } = delivery;
    let id = delivery.carrier.unwrap_or(delivery.id);
    let named = match waits {
        Some(Wait::Digest) => format!("digest {id}"),
        _ => format!("message {id}"),
    };
    let error = delivery.last_error.as_deref().unwrap_or_default();
    let was_tried = *attempts > 0 || delivery.carrier.is_some();
    let what = match (state, waits) {
        (DeliveryState::Delivered, _) => {
            let at = delivery.delivered_at.unwrap_or(*next_at);
            let sent = format!("sent in {named}, {}", when(at));
            match error {
                "" => sent,
                error => format!("{sent}, but not to all: {error}"),
            }
        }
        (DeliveryState::Dead, _) => format!("given up ({named})"),
        (DeliveryState::Withdrawn, _) => error.to_owned(),
        (DeliveryState::Pending, _) if was_tried => match held(delivery, terms) {
            Some(held) => format!("not taken yet; {named} is {held}"),
            None => format!("not taken yet; {named} is tried again {}", when(*next_at)),
        },
        (DeliveryState::Pending, Some(Wait::Digest)) => {
            let clock = rules
                .digest
                .as_ref()
                .map(|digest| digest.clock(*next_at, delivery.created_at));
            format!(
                "waits for the digest of {}",
                clock.unwrap_or_else(|| when(*next_at))
            )
        }
        (DeliveryState::Pending, Some(Wait::Ceiling)) => {
            let sooner = match rules.repeat() {
                Some(_) => ", or until people are reminded of it",
                None => "",
            };
            format!(
                "held by its entry's ceiling: gathers what comes until {}{sooner}",
                when(*next_at)
            )
        }
        (DeliveryState::Pending, _) => {
            held(delivery, terms).unwrap_or_else(|| format!("to be sent {}", when(*next_at)))
        }
    };
    match stopped.get(channel) {
        Some(why) if *state == DeliveryState::Pending => {
            format!("{channel}: will not be sent: {why}")
        }
        _ => format!("{channel}: {what}"),
    }
}

/// What holds a message until it may be sent, where quiet hours or a silence do: its first try or, where that failed, another.
fn held(delivery: &Delivery, terms: Terms<'_>) -> Option<String> {
    let Terms { rules, when, .. } = terms;
    let next_at = delivery.next_at;
    let was_tried = delivery.attempts > 0 || delivery.carrier.is_some();
    // Its first try is under way.
    if was_tried && delivery.last_error.is_none() {
        return None;
    }
    let quiet = rules.quiet_hours.as_ref();
    match delivery.waits {
        Some(Wait::Silence) => Some(format!("held: silenced until {}", when(next_at))),
        Some(Wait::QuietHours) => {
            let clock = quiet.map(|quiet| quiet.clock(next_at, delivery.created_at));
            let until = clock.unwrap_or_else(|| when(next_at));
            Some(format!("held: quiet hours until {until}"))
        }
        // It stays what it is in the night as well.
        Some(Wait::Digest | Wait::Ceiling) if was_tried => {
            let quiet = quiet.filter(|quiet| quiet.ends_at(next_at))?;
            let until = quiet.clock(next_at, delivery.created_at);
            Some(format!("held: quiet hours until {until}"))
        }
        _ => None,
    }
}

/// The same with why it is, or was to be, sent: "reminder to team-mail: sent in message 0199…, 2 days ago".
pub fn purposely(delivery: &Delivery, terms: Terms<'_>) -> String {
    let purpose = match delivery.purpose {
        Purpose::News => "news",
        Purpose::Reminder => "reminder that nobody has acknowledged it,",
        Purpose::Forgotten => "reminder that it was acknowledged and never closed,",
        Purpose::Escalation => "escalation, since nobody has acknowledged it,",
        Purpose::Correction => "correction: it turned out to be nothing,",
        Purpose::Notice => "notice",
    };
    format!("{purpose} to {}", message(delivery, terms))
}

/// A length in the largest unit that it fills: "41 days", "1 hour".
pub fn ago(length: Duration) -> String {
    let seconds = length.as_secs();
    let (count, unit) = match seconds {
        86_400.. => (seconds / 86_400, "day"),
        3_600.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    match count {
        1 => format!("1 {unit}"),
        _ => format!("{count} {unit}s"),
    }
}

/// A length that is still to come, rounded to the nearest of its unit: what was chosen as 7 days a moment ago is "7 days", and
/// of 1 hour and 50 minutes "2 hours" are left.
pub fn ahead(length: Duration) -> String {
    let seconds = length.as_secs();
    let nearest = |unit: u64| (seconds + unit / 2) / unit * unit;
    // What is rounded up to a whole of the next unit is told in that.
    let rounded = match (nearest(60), nearest(3_600)) {
        _ if seconds < 60 => seconds,
        (minutes, _) if minutes < 3_600 => minutes,
        (_, hours) if hours < 86_400 => hours,
        _ => nearest(86_400),
    };
    ago(Duration::from_secs(rounded))
}

#[cfg(test)]
mod sentences;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_their_largest_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "1 hour"),
            (172_800, "2 days"),
            (3_542_400, "41 days"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn lengths_to_come_are_rounded_to_the_nearest() {
        for (seconds, words) in [
            (59, "59 seconds"),
            (89, "1 minute"),
            (3_599, "1 hour"),
            (6_600, "2 hours"),
            (86_399, "1 day"),
            (86_400, "1 day"),
            (604_799, "7 days"),
            (604_800, "7 days"),
        ] {
            assert_eq!(ahead(Duration::from_secs(seconds)), words, "{seconds}");
        }
    }
}
