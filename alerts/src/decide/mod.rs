//! The decision: what comes of a sighting. Pure; every outcome has a name, and the name is shown to people.

#[cfg(test)]
mod graver;
#[cfg(test)]
mod history;
#[cfg(test)]
pub(crate) mod tests;

mod reopen;

use sightline_model::{
    Alert, AlertId, AlertState, Certainty, Covered, Covers, Delivery, Entry, Fate, Group, Mint,
    Purpose, Reason, Selector, Severity, Sighting, SightingId, SilenceId, Timestamp, Unalerted,
    Wait,
};

use crate::{
    due::Due,
    flood::Flood,
    group::{OpenAlert, UnderWay, Waiting, message, start_batch},
    rules::Rules,
};
pub(crate) use reopen::was_escalated;
use reopen::{is_beyond_what_was_acknowledged, is_beyond_what_was_escalated, reopen};

/// A silence: alerts over what it covers are raised without a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Silence {
    /// Its identifier.
    pub id: SilenceId,
    /// What it covers.
    pub covers: Covers,
    /// From this instant on it is over.
    pub until: Timestamp,
}

impl Silence {
    /// True while it lasts, over what it covers.
    pub fn quiets(&self, what: &Covered<'_>, now: Timestamp) -> bool {
        now < self.until && self.covers.covers(what)
    }
}

/// What a decision depends on of the entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct About<'a> {
    /// Its own severity, if it has one.
    pub severity: Option<Severity>,
    /// The organisation's own case that it names.
    pub case: Option<&'a str>,
    /// What is looked for.
    pub selector: Option<&'a Selector>,
}

impl<'a> About<'a> {
    /// What it is of `entry`.
    pub fn of(entry: &'a Entry) -> Self {
        Self {
            severity: entry.severity,
            case: entry.case_reference.as_deref(),
            selector: Some(&entry.selector),
        }
    }
}

/// All that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The sighting, already judged.
    pub sighting: &'a Sighting,
    /// Its entry.
    pub about: About<'a>,
    /// The watchlist's rules.
    pub rules: &'a Rules,
    /// The alert of the sighting's group that is not closed, if there is one.
    pub open: Option<&'a OpenAlert>,
    /// That its entry is at its ceiling, if it is.
    pub flood: Option<Flood<'a>>,
    /// The silences in force.
    pub silences: &'a [Silence],
    /// The present instant.
    pub now: Timestamp,
}

/// What comes of a sighting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// No news: kept, and no message on its account.
    Recorded {
        /// Why it is none.
        why: Unalerted,
        /// The alert that it is added to, if one is not closed. A listing that shows the entry for the first time
        /// goes into a batch that still waits: it costs no message, and the reader sees every listing.
        attached: Option<Attached>,
    },
    /// A new alert.
    Opened {
        /// The alert, to be stored.
        alert: Alert,
        /// The sighting in it.
        attached: Attached,
        /// The messages of its first batch, one for each channel; none where the rules name no channel.
        deliveries: Vec<Delivery>,
        /// The ceiling of its entry, where this is the alert that gathers what is beyond it.
        ceiling: Option<u32>,
    },
    /// News in an alert that is not closed.
    Joined {
        /// The alert as it is to be stored now.
        alert: Alert,
        /// The sighting in it.
        attached: Attached,
        /// The messages of a new batch; where a batch still waits, those to channels that it does not go to; none where the
        /// rules name no channel.
        deliveries: Vec<Delivery>,
        /// The batch that waits, where it falls due sooner now: the sighting made the alert too grave to wait.
        hastened: Option<Waiting>,
        /// The ceiling of its entry, where this is the alert that gathers what is beyond it.
        ceiling: Option<u32>,
    },
    /// News, kept quiet.
    Silenced {
        /// The alert as it is to be stored now: new, or the one that is not closed.
        alert: Alert,
        /// The sighting in it, in no batch.
        attached: Attached,
        /// The silence; of several, the one that lasts longest.
        by: Silence,
    },
}

impl Decision {
    /// The alert that is to be stored, new or changed.
    pub fn alert(&self) -> Option<&Alert> {
        match self {
            Self::Recorded { .. } => None,
            Self::Opened { alert, .. }
            | Self::Joined { alert, .. }
            | Self::Silenced { alert, .. } => Some(alert),
        }
    }

    /// The sighting in its alert, if it is in one.
    pub fn attached(&self) -> Option<Attached> {
        match self {
            Self::Recorded { attached, .. } => *attached,
            Self::Opened { attached, .. }
            | Self::Joined { attached, .. }
            | Self::Silenced { attached, .. } => Some(*attached),
        }
    }

    /// The ceiling of its entry, where it is beyond that.
    pub fn ceiling(&self) -> Option<u32> {
        match self {
            Self::Opened { ceiling, .. } | Self::Joined { ceiling, .. } => *ceiling,
            Self::Recorded { .. } | Self::Silenced { .. } => None,
        }
    }

    /// When it brings about a message, or an alert that would have one if there were a channel: from then on that counts for
    /// the ceiling of its entry. That is `now`, but when it is due for a message that gathers what is beyond the ceiling: until it
    /// is told it takes the place of none. What completes a batch that waits brings about none. `open` is the alert as it stood
    /// before.
    pub fn begins_at(&self, open: Option<&OpenAlert>, now: Timestamp) -> Option<Timestamp> {
        let gathers = self.ceiling().and(self.waiting(open));
        self.begins(open)
            .then(|| gathers.map_or(now, |waiting| waiting.due.at))
    }

    fn begins(&self, open: Option<&OpenAlert>) -> bool {
        let waiting = open.and_then(|open| open.waiting);
        let completes = |batch: i64| waiting.is_some_and(|waiting| waiting.batch == batch);
        match self {
            Self::Opened { .. } => true,
            Self::Joined { deliveries, .. } => deliveries
                .first()
                .is_some_and(|first| !completes(first.batch)),
            Self::Recorded { .. } | Self::Silenced { .. } => false,
        }
    }

    /// The batch that the sighting waits in, as it stands now. `open` is the alert as it stood before.
    pub fn waiting(&self, open: Option<&OpenAlert>) -> Option<Waiting> {
        let before = open.and_then(|open| open.waiting);
        match (self, self.deliveries().first()) {
            (Self::Joined { hastened, .. }, None) => hastened.or(before),
            (_, None) => before,
            (_, Some(first)) => Some(Waiting {
                batch: first.batch,
                due: Due {
                    at: first.next_at,
                    waits: first.waits,
                },
            }),
        }
    }

    /// The alert as it stands now; none where it was left as it was. `before` is how it stood.
    pub fn leaves(&self, before: Option<&OpenAlert>) -> Option<OpenAlert> {
        let alert = self.alert()?.clone();
        let mut under_way = before.map_or_else(Vec::new, |before| before.under_way.clone());
        under_way.extend(self.deliveries().iter().map(UnderWay::of));
        Some(OpenAlert {
            alert,
            waiting: self.waiting(before),
            under_way,
            told_before: before.and_then(|before| before.told_before),
        })
    }

    /// What is kept of it beside the sighting. `open` is the alert as it stood before.
    pub fn fate(&self, open: Option<&OpenAlert>) -> Fate {
        let (alert, is_told) = match self {
            Self::Recorded { why, attached } => {
                return Fate::Recorded {
                    why: *why,
                    alert: attached.map(|attached| attached.alert),
                    batch: attached.and_then(|attached| attached.batch),
                };
            }
            Self::Silenced { alert, by, .. } => {
                return Fate::Silenced {
                    alert: alert.id,
                    by: by.id,
                    until: by.until,
                };
            }
            Self::Opened {
                alert, deliveries, ..
            }
            | Self::Joined {
                alert, deliveries, ..
            } => (alert.id, !deliveries.is_empty()),
        };
        let Some(Waiting { batch, due }) = self.waiting(open) else {
            return Fate::NoChannel { alert };
        };
        let (due, waits) = (due.at, due.waits);
        match (self.ceiling(), is_told) {
            (Some(ceiling), _) => Fate::Gathered {
                alert,
                batch,
                due,
                waits,
                ceiling,
            },
            (None, true) => Fate::Told {
                alert,
                batch,
                due,
                waits,
            },
            (None, false) => Fate::Grouped {
                alert,
                batch,
                due,
                waits,
            },
        }
    }

    /// The messages that are to be stored.
    pub fn deliveries(&self) -> &[Delivery] {
        match self {
            Self::Opened { deliveries, .. } | Self::Joined { deliveries, .. } => deliveries,
            Self::Recorded { .. } | Self::Silenced { .. } => &[],
        }
    }
}

/// A sighting in an alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attached {
    /// The alert.
    pub alert: AlertId,
    /// The sighting.
    pub sighting: SightingId,
    /// The batch whose message tells of it; none where no message does.
    pub batch: Option<i64>,
}

/// Decides what comes of one sighting. The caller stores what it says in one transaction, and passes the alert as it
/// then stands to the next decision on the same group: [`crate::desk::Desk`] does so for many.
pub fn decide(case: &Case<'_>, mint: &Mint) -> Decision {
    if let Some(why) = unalerted(case) {
        return Decision::Recorded {
            why,
            attached: case.open.and_then(|open| recorded_in(open, case, why)),
        };
    }
    if let Some(by) = silenced(case) {
        let alert = match case.open {
            Some(open) => updated(&open.alert, case),
            None => raised(case, AlertState::Silenced, mint),
        };
        let attached = attached(&alert, case, None);
        return Decision::Silenced {
            alert,
            attached,
            by,
        };
    }
    match case.flood.filter(|_| needs_a_message(case.open)) {
        Some(flood) => join(flood.open, Some(flood), case, mint),
        None => join(case.open, None, case, mint),
    }
}

/// False where a message waits that the sighting can go into, and that does not gather what is beyond a ceiling.
fn needs_a_message(open: Option<&OpenAlert>) -> bool {
    let waiting = open.and_then(|open| open.waiting);
    waiting.is_none_or(|waiting| waiting.due.waits == Some(Wait::Ceiling))
}

/// When a new batch falls due of an alert of this severity, last told of at this instant.
fn due(
    case: &Case<'_>,
    flood: Option<Flood<'_>>,
    severity: Severity,
    last: Option<Timestamp>,
) -> Due {
    match flood {
        Some(flood) => Due::of_flood(case.rules, severity, flood.until, case.now),
        None => Due::of_news(case.rules, severity, last, case.now),
    }
}

/// The silence that keeps the sighting quiet; of several, the one that lasts longest.
fn silenced(case: &Case<'_>) -> Option<Silence> {
    let Case {
        sighting, about, ..
    } = case;
    let open = case.open.map(|open| open.alert.severity);
    let news = Covered {
        watchlist: sighting.watchlist,
        entry: Some(sighting.entry),
        source: Some(sighting.source),
        selector: about.selector,
        case_reference: about.case,
        // Of an alert that is graver already, the message is as grave as that.
        severity: open.map_or(severity(case), |open| open.max(severity(case))),
        reason: Some(sighting.reason),
    };
    case.silences
        .iter()
        .filter(|silence| silence.quiets(&news, case.now))
        .max_by_key(|silence| silence.until)
        .cloned()
}

fn unalerted(case: &Case<'_>) -> Option<Unalerted> {
    let certainty = case.sighting.explanation.certainty();
    if certainty == Certainty::Warned {
        return Some(Unalerted::Warned);
    }
    if certainty < case.rules.certainty {
        return Some(Unalerted::Possible);
    }
    match case.sighting.reason {
        Reason::Continued => Some(Unalerted::Continued),
        reason if case.rules.reasons.contains(&reason) => None,
        Reason::Historic => Some(Unalerted::Historic),
        _ => Some(Unalerted::NotInRules),
    }
}

fn recorded_in(open: &OpenAlert, case: &Case<'_>, why: Unalerted) -> Option<Attached> {
    // What nobody is to be told of does not stand in an alert either.
    if matches!(why, Unalerted::Warned | Unalerted::Possible) {
        return None;
    }
    let is_first_in_its_listing = case.sighting.first_seen == case.sighting.at;
    let goes_on = matches!(case.sighting.reason, Reason::Continued | Reason::NewListing);
    let shown = goes_on && is_first_in_its_listing;
    let batch = open.waiting.filter(|_| shown).map(|waiting| waiting.batch);
    Some(attached(&open.alert, case, batch))
}

/// News goes into the alert that is open, or into a new one.
fn join(
    open: Option<&OpenAlert>,
    flood: Option<Flood<'_>>,
    case: &Case<'_>,
    mint: &Mint,
) -> Decision {
    let channels = &case.rules.channels;
    let ceiling = flood.map(|flood| flood.ceiling);
    let Some(open) = open else {
        let mut alert = raised(case, AlertState::Open, mint);
        if flood.is_some() {
            alert.group = Group::Entry(alert.entry);
        }
        let due = due(case, flood, alert.severity, None);
        let deliveries = start_batch(&mut alert, channels, Purpose::News, due, case.now, mint);
        return Decision::Opened {
            attached: attached(&alert, case, Some(alert.batch)),
            alert,
            deliveries,
            ceiling,
        };
    };
    let mut alert = updated(&open.alert, case);
    alert.news_at = case.now;
    if alert.state == AlertState::Silenced {
        alert.state = AlertState::Open;
    }
    let reopens = is_beyond_what_was_acknowledged(&open.alert, case)
        || is_beyond_what_was_escalated(&open.alert, case);
    if let Some(waiting) = open.waiting {
        let hastened = waiting.hastened(case.rules, alert.severity, case.now);
        if let Some(sooner) = hastened {
            alert.notify_at = Some(sooner.due.at);
            alert.told_at = alert.told_at.min(alert.notify_at);
        }
        let Waiting { batch, due } = hastened.unwrap_or(waiting);
        if reopens {
            reopen(&mut alert, due);
        }
        // News reaches everybody, whoever the waiting message was for.
        let unreached = open.unreached(channels).into_iter();
        let more = unreached
            .map(|channel| message(&alert, batch, channel, Purpose::News, due, case.now, mint));
        return Decision::Joined {
            attached: attached(&alert, case, Some(batch)),
            deliveries: more.collect(),
            alert,
            hastened,
            ceiling,
        };
    }
    let due = due(case, flood, alert.severity, alert.notify_at);
    let deliveries = start_batch(&mut alert, channels, Purpose::News, due, case.now, mint);
    if reopens {
        reopen(&mut alert, due);
    }
    // Without a channel the present batch may have been sent, in the days when there was one.
    let told = !deliveries.is_empty() || alert.told_at.is_none();
    let batch = told.then_some(alert.batch);
    Decision::Joined {
        attached: attached(&alert, case, batch),
        alert,
        deliveries,
        hastened: None,
        ceiling,
    }
}

fn raised(case: &Case<'_>, state: AlertState, mint: &Mint) -> Alert {
    Alert {
        id: mint.id(case.now),
        watchlist: case.sighting.watchlist,
        entry: case.sighting.entry,
        group: case.rules.group_by.group(case.sighting, case.about.case),
        state,
        severity: severity(case),
        reasons: vec![case.sighting.reason],
        opened_at: case.now,
        news_at: case.now,
        updated_at: case.now,
        batch: 1,
        notify_at: None,
        told_at: None,
        escalated_at: None,
        acknowledged: None,
        closed: None,
        assigned: None,
    }
}

/// The alert with one sighting more. It grows graver, never less grave: who has read "grave" is not told otherwise by
/// a quieter listing.
fn updated(alert: &Alert, case: &Case<'_>) -> Alert {
    let mut alert = alert.clone();
    if !alert.reasons.contains(&case.sighting.reason) {
        alert.reasons.push(case.sighting.reason);
        alert.reasons.sort_by(|one, other| other.cmp(one));
    }
    alert.severity = alert.severity.max(severity(case));
    alert.updated_at = case.now;
    alert
}

fn severity(case: &Case<'_>) -> Severity {
    case.about.severity.unwrap_or(case.rules.severity)
}

fn attached(alert: &Alert, case: &Case<'_>, batch: Option<i64>) -> Attached {
    Attached {
        alert: alert.id,
        sighting: case.sighting.id,
        batch,
    }
}
