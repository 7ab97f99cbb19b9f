//! What becomes of messages when a watchlist names other channels than before: what waits goes to those that it names now,
//! and what nobody was told of is told once there is somebody to tell. Pure.

use std::collections::BTreeMap;

use sightline_model::{
    Alert, AlertId, AlertState, Delivery, DeliveryId, DeliveryState, Fate, Mint, Purpose, Sighting,
    SightingId, Timestamp,
};

use crate::{
    due::Due,
    group::{message, start_batch},
    rules::Rules,
};

/// Why a message is withdrawn, as the delivery keeps it.
pub const UNADDRESSED: &str = "not sent: its watchlist does not name this channel any more";

/// The rules of a watchlist before and after they were changed.
#[derive(Clone, Copy, Debug)]
pub struct Rewritten<'a> {
    /// As they were.
    pub before: &'a Rules,
    /// As they are.
    pub after: &'a Rules,
}

impl Rewritten<'_> {
    /// True where they name other channels than before.
    pub fn is_readdressed(&self) -> bool {
        [Purpose::News, Purpose::Escalation]
            .iter()
            .any(|purpose| named(self.before, *purpose) != named(self.after, *purpose))
    }
}

/// An alert as it stands when its watchlist names other channels.
#[derive(Clone, Debug)]
pub struct Addressed<'a> {
    /// The alert.
    pub alert: Alert,
    /// All of its messages, whatever became of them.
    pub deliveries: Vec<&'a Delivery>,
    /// What is news of it and still to be told, of which nobody was told since the rules named no channel.
    pub untold: Vec<&'a Sighting>,
}

/// A message that was withdrawn, and goes out after all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The message.
    pub delivery: DeliveryId,
    /// When it is due now.
    pub due: Due,
}

/// What is to be stored.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Readdressed {
    /// Alerts, as they now stand.
    pub alerts: Vec<Alert>,
    /// Messages that are not sent any more: [`UNADDRESSED`].
    pub withdrawn: Vec<DeliveryId>,
    /// Messages that go out after all.
    pub restored: Vec<Restored>,
    /// New messages.
    pub messages: Vec<Delivery>,
    /// Sightings that nobody was told of, in the batch that tells of them now, and what is kept of that.
    pub told: Vec<(AlertId, SightingId, i64, Fate)>,
}

/// What becomes of the messages of these alerts. A message that waits for a channel that is named no longer is withdrawn, and
/// those channels that are named anew get what still waits, when it was due. News that all were taken off from, or that was
/// raised when no channel was named, is told to those that are named now. What was delivered to anybody is not told again.
pub fn readdress(
    addressed: Vec<Addressed<'_>>,
    rules: Rewritten<'_>,
    now: Timestamp,
    mint: &Mint,
) -> Readdressed {
    let mut found = Readdressed::default();
    for one in addressed {
        of_alert(one, rules, now, mint, &mut found);
    }
    found
}

fn of_alert(
    addressed: Addressed<'_>,
    rules: Rewritten<'_>,
    now: Timestamp,
    mint: &Mint,
    found: &mut Readdressed,
) {
    let Addressed {
        mut alert,
        deliveries,
        untold,
    } = addressed;
    let before = alert.clone();
    let mut batches = BTreeMap::<i64, Vec<&Delivery>>::new();
    for delivery in &deliveries {
        batches.entry(delivery.batch).or_default().push(delivery);
    }
    // The last batch of news that goes out after all, which may tell of what nobody was told.
    let mut gathers = None;
    for (batch, deliveries) in batches {
        let sent = of_batch(&alert, batch, &deliveries, rules, now, mint, found);
        let is_escalation = deliveries
            .iter()
            .any(|one| one.purpose == Purpose::Escalation);
        match sent {
            Sent::ToNobody if is_escalation => alert.escalated_at = None,
            Sent::Anew(due) if !is_escalation => gathers = Some((batch, due)),
            _ => {}
        }
    }
    if !untold.is_empty() && !rules.after.channels.is_empty() {
        let (batch, due) = gathers.unwrap_or_else(|| {
            let due = Due::of_news(rules.after, alert.severity, None, now);
            let channels = &rules.after.channels;
            let messages = start_batch(&mut alert, channels, Purpose::News, due, now, mint);
            found.messages.extend(messages);
            (alert.batch, due)
        });
        found.told.extend(untold.into_iter().map(|sighting| {
            let fate = Fate::Told {
                alert: alert.id,
                batch,
                due: due.at,
                waits: due.waits,
            };
            (alert.id, sighting.id, batch, fate)
        }));
    }
    if alert != before {
        found.alerts.push(alert);
    }
}

/// What became of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sent {
    /// It goes on as it was, or was over.
    AsBefore,
    /// Everybody whom it was for was taken off.
    ToNobody,
    /// News of which nobody was told goes out after all.
    Anew(Due),
}

fn of_batch(
    alert: &Alert,
    batch: i64,
    deliveries: &[&Delivery],
    rules: Rewritten<'_>,
    now: Timestamp,
    mint: &Mint,
    found: &mut Readdressed,
) -> Sent {
    let Some(purpose) = deliveries.iter().map(|one| one.purpose).min_by_key(rank) else {
        return Sent::AsBefore;
    };
    let is_pending = |one: &&&Delivery| one.state == DeliveryState::Pending;
    let pending: Vec<&&Delivery> = deliveries.iter().filter(is_pending).collect();
    let is_lost = |one: &&Delivery| {
        one.state == DeliveryState::Withdrawn && one.last_error.as_deref() == Some(UNADDRESSED)
    };
    let (due, added) = match pending.iter().min_by_key(|one| one.next_at) {
        Some(first) => {
            let due = match first.attempts > 0 || first.message.is_some() {
                // What its receiver would not take is no reason for others to wait.
                true => Due {
                    at: now,
                    waits: first.waits,
                },
                false => Due {
                    at: first.next_at,
                    waits: first.waits,
                },
            };
            (due, added(rules, purpose))
        }
        None if purpose == Purpose::News
            && alert.state != AlertState::Closed
            && deliveries.iter().all(is_lost) =>
        {
            let due = Due::of_news(rules.after, alert.severity, None, now);
            (due, named(rules.after, purpose))
        }
        None => return Sent::AsBefore,
    };
    let is_named = |one: &&&&Delivery| named(rules.after, one.purpose).contains(&&one.channel);
    let kept = pending.iter().filter(is_named).count();
    let withdrawn = pending.iter().filter(|one| !is_named(one));
    found.withdrawn.extend(withdrawn.map(|one| one.id));
    let mut sent = 0;
    for channel in added {
        match deliveries.iter().find(|one| one.channel == *channel) {
            None => {
                let more = message(alert, batch, channel, purpose, due, now, mint);
                found.messages.push(more);
            }
            Some(one) if is_lost(one) => found.restored.push(Restored {
                delivery: one.id,
                due,
            }),
            Some(_) => continue,
        }
        sent += 1;
    }
    let reached = deliveries
        .iter()
        .any(|one| matches!(one.state, DeliveryState::Delivered | DeliveryState::Dead));
    match (pending.is_empty(), kept + sent) {
        (true, 1..) => Sent::Anew(due),
        (_, 0) if !reached => Sent::ToNobody,
        _ => Sent::AsBefore,
    }
}

/// A batch may hold a reminder to one channel and news to another: it is told as news.
fn rank(purpose: &Purpose) -> bool {
    *purpose != Purpose::News
}

/// The channels that rules name for a purpose, each once.
fn named(rules: &Rules, purpose: Purpose) -> Vec<&String> {
    let others = rules.escalate.iter().flat_map(|to| &to.channels);
    let mut named: Vec<&String> = match purpose {
        Purpose::Escalation => others.collect(),
        // Whoever was told is told that it was nothing.
        Purpose::Correction => rules.channels.iter().chain(others).collect(),
        Purpose::News | Purpose::Reminder | Purpose::Forgotten | Purpose::Notice => {
            rules.channels.iter().collect()
        }
    };
    named.sort_unstable();
    named.dedup();
    named
}

/// Those that are named now and were not before. Who is named anew was told of nothing, so there is nothing to correct.
fn added<'a>(rules: Rewritten<'a>, purpose: Purpose) -> Vec<&'a String> {
    if purpose == Purpose::Correction {
        return Vec::new();
    }
    let before = named(rules.before, purpose);
    let mut added = named(rules.after, purpose);
    added.retain(|channel| !before.contains(channel));
    added
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};
    use sightline_model::{Reason, Wait};

    use super::*;
    use crate::decide::tests::{START, opened, sighting};

    /// When the rules are changed: before anything is due.
    const NOW: Timestamp = START;

    fn rules(channels: Value, boss: Value) -> Rules {
        let escalate = match boss {
            Value::Null => Value::Null,
            boss => json!({"after_seconds": 3600, "channels": boss}),
        };
        Rules::read(&json!({"channels": channels, "escalate": escalate})).unwrap()
    }

    /// What becomes of the messages of an alert, of which this is still to be told.
    fn readdressed(
        alert: &Alert,
        sent: &[Delivery],
        untold: &[&Sighting],
        (before, after): (&Rules, &Rules),
    ) -> Readdressed {
        let addressed = Addressed {
            alert: alert.clone(),
            deliveries: sent.iter().collect(),
            untold: untold.to_vec(),
        };
        let rules = Rewritten { before, after };
        readdress(vec![addressed], rules, NOW, &Mint::seeded(7))
    }

    /// What waits for whom afterwards: `news duty`, and what was withdrawn: `- duty`.
    fn outcome(found: &Readdressed, sent: &[Delivery]) -> Vec<String> {
        let of = |id: &DeliveryId| sent.iter().find(|one| one.id == *id).unwrap();
        let withdrawn = found.withdrawn.iter().map(of);
        let mut said: Vec<String> = withdrawn.map(|one| format!("- {}", one.channel)).collect();
        let restored = found.restored.iter().map(|one| of(&one.delivery));
        said.extend(restored.map(|one| format!("again {}", one.channel)));
        let put_out = found.messages.iter();
        said.extend(put_out.map(|one| format!("{} {}", one.purpose, one.channel)));
        said
    }

    #[test]
    fn what_waits_goes_to_those_who_are_named_now() {
        use DeliveryState::{Dead, Delivered, Pending, Withdrawn};
        for (before, states, after, expected) in [
            // A channel is renamed, or replaced by another.
            (
                json!(["duty"]),
                vec![Pending],
                json!(["team"]),
                vec!["- duty", "news team"],
            ),
            (json!(["duty"]), vec![Pending], json!(["duty"]), vec![]),
            (
                json!(["duty"]),
                vec![Pending],
                json!(["duty", "team"]),
                vec!["news team"],
            ),
            (
                json!(["duty", "hook"]),
                vec![Delivered, Pending],
                json!(["duty", "team"]),
                vec!["- hook", "news team"],
            ),
            // Who comes later is not told what everybody else has had.
            (
                json!(["duty"]),
                vec![Delivered],
                json!(["duty", "team"]),
                vec![],
            ),
            (json!(["duty"]), vec![Dead], json!(["team"]), vec![]),
            // Taken off, and put back.
            (json!(["duty"]), vec![Pending], json!([]), vec!["- duty"]),
            (
                json!([]),
                vec![Withdrawn],
                json!(["duty"]),
                vec!["again duty"],
            ),
            (
                json!([]),
                vec![Withdrawn],
                json!(["team"]),
                vec!["news team"],
            ),
            (
                json!(["team"]),
                vec![Withdrawn],
                json!(["duty"]),
                vec!["again duty"],
            ),
        ] {
            let all = rules(json!(["duty", "hook"]), Value::Null);
            let (alert, mut sent) = opened(&all);
            sent.truncate(states.len());
            for (one, state) in sent.iter_mut().zip(states) {
                one.state = state;
                one.last_error = (state == Withdrawn).then(|| UNADDRESSED.to_owned());
            }
            let (before, after) = (rules(before, Value::Null), rules(after, Value::Null));
            let found = readdressed(&alert, &sent, &[], (&before, &after));
            assert_eq!(
                outcome(&found, &sent),
                expected,
                "{:?} → {:?}",
                before.channels,
                after.channels
            );
        }
    }

    #[test]
    fn what_is_put_out_keeps_its_time_but_not_the_troubles_of_another_receiver() {
        let (before, after) = (
            rules(json!(["duty"]), Value::Null),
            rules(json!(["team"]), Value::Null),
        );
        for (attempts, next_at, waits, due) in [
            (0, NOW + HOUR, Some(Wait::Digest), NOW + HOUR),
            (0, NOW + HOUR, Some(Wait::Group), NOW + HOUR),
            (4, NOW + HOUR, Some(Wait::Digest), NOW),
        ] {
            let (alert, mut sent) = opened(&before);
            sent[0] = Delivery {
                attempts,
                next_at,
                waits,
                ..sent[0].clone()
            };
            let found = readdressed(&alert, &sent, &[], (&before, &after));
            let [one] = found.messages.as_slice() else {
                panic!("{found:?}")
            };
            assert_eq!((one.next_at, one.waits, one.batch), (due, waits, 1));
            assert_eq!(found.alerts, []);
        }
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn an_escalation_goes_to_those_who_are_named_now_or_is_still_to_come() {
        for (after, expected, is_escalated) in [
            (json!(["chief"]), vec!["- boss", "escalation chief"], true),
            (json!(["boss", "chief"]), vec!["escalation chief"], true),
            (Value::Null, vec!["- boss"], false),
        ] {
            let before = rules(json!(["duty"]), json!(["boss"]));
            let (mut alert, mut sent) = opened(&before);
            sent[0].state = DeliveryState::Delivered;
            alert.escalated_at = Some(NOW);
            sent.push(Delivery {
                id: Mint::seeded(9).id(NOW),
                channel: "boss".to_owned(),
                purpose: Purpose::Escalation,
                batch: 2,
                state: DeliveryState::Pending,
                ..sent[0].clone()
            });
            let after = rules(json!(["duty"]), after);
            let found = readdressed(&alert, &sent, &[], (&before, &after));
            assert_eq!(outcome(&found, &sent), expected);
            let is_forgotten = found.alerts.iter().any(|one| one.escalated_at.is_none());
            assert_eq!(!is_forgotten, is_escalated, "{expected:?}");
        }
    }

    #[test]
    fn what_nobody_was_told_of_is_told_once_a_channel_is_named() {
        let (nobody, duty) = (
            rules(json!([]), Value::Null),
            rules(json!(["duty"]), Value::Null),
        );
        let first = sighting(1, Reason::First, START);
        let find =
            |alert: &Alert, after: &Rules| readdressed(alert, &[], &[&first], (&nobody, after));
        let (alert, _) = opened(&nobody);
        assert_eq!(find(&alert, &nobody), Readdressed::default());
        let found = find(&alert, &duty);
        let due = NOW + duty.group_wait();
        let [one] = found.messages.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((one.batch, one.next_at), (1, due));
        assert_eq!(found.alerts[0].told_at, Some(due));
        // The batch that the alert was raised with was never sent.
        let fate = Fate::Told {
            alert: alert.id,
            batch: 1,
            due,
            waits: Some(Wait::Group),
        };
        assert_eq!(found.told, [(alert.id, first.id, 1, fate)]);

        // What came after the channels were taken off goes into a batch of its own.
        let (told, _) = opened(&duty);
        let found = find(&told, &duty);
        let batches = found.told.iter().map(|(_, _, batch, _)| *batch);
        assert_eq!(batches.collect::<Vec<_>>(), [2]);
    }
}
