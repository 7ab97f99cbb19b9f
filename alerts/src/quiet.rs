//! Quietness: what the silences in force keep quiet, of all that an alert gathers or of what one message would tell. The one
//! place that says so, for the sweep, for the delivery, and for what people are shown. Pure.

use sightline_model::{
    Alert, Covered, Delivery, Gathered, Group, Purpose, Reason, SilenceId, Timestamp,
};

use crate::decide::Silence;

/// The silences in force at an instant.
#[derive(Clone, Debug)]
pub struct Quietness {
    silences: Vec<Silence>,
    now: Timestamp,
}

/// How much of something silences cover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent<'s> {
    /// Nothing.
    None,
    /// Some of it, by the silence that lasts longest: the message tells of the rest.
    Part(&'s Silence),
    /// All of it: nobody is told before this one ends, the first of those that it takes to cover it.
    Whole(&'s Silence),
}

impl<'s> Extent<'s> {
    /// The silence that keeps all of it quiet.
    pub fn whole(self) -> Option<&'s Silence> {
        match self {
            Self::Whole(by) => Some(by),
            Self::Part(_) | Self::None => None,
        }
    }

    /// The silence that keeps some of it quiet, and not all.
    pub fn part(self) -> Option<&'s Silence> {
        match self {
            Self::Part(by) => Some(by),
            Self::Whole(_) | Self::None => None,
        }
    }
}

impl Quietness {
    /// These silences, at `now`.
    pub fn new(silences: Vec<Silence>, now: Timestamp) -> Self {
        Self { silences, now }
    }

    /// True where any is there.
    pub fn is_any(&self) -> bool {
        !self.silences.is_empty()
    }

    /// The silences.
    pub fn silences(&self) -> &[Silence] {
        &self.silences
    }

    /// How much silences cover of an alert that gathers this. What was rejected, or is the site's own, counts only where there
    /// is nothing else.
    pub fn over(&self, alert: &Alert, gathered: &[Gathered]) -> Extent<'_> {
        self.of(alert, gathered.iter().collect())
    }

    /// How much silences cover of what a message tells: news of its batch, anything else of all that the alert gathers.
    pub fn over_message(
        &self,
        message: &Delivery,
        alert: &Alert,
        gathered: &[Gathered],
    ) -> Extent<'_> {
        let of_batch = gathered
            .iter()
            .filter(|one| message.purpose == Purpose::News && one.batch == Some(message.batch));
        let of_batch: Vec<&Gathered> = of_batch.collect();
        match of_batch.is_empty() {
            true => self.over(alert, gathered),
            false => self.of(alert, of_batch),
        }
    }

    fn of(&self, alert: &Alert, mut gathered: Vec<&Gathered>) -> Extent<'_> {
        if !self.is_any() {
            return Extent::None;
        }
        if gathered.iter().any(|one| one.stands) {
            gathered.retain(|one| one.stands);
        }
        let by: Vec<Option<&Silence>> = gathered
            .iter()
            .map(|one| self.by(&covered(alert, one)))
            .collect();
        let whole: Option<Vec<&Silence>> = by.iter().copied().collect();
        match whole.map(|by| by.into_iter().min_by_key(ends)) {
            Some(Some(by)) => Extent::Whole(by),
            _ => by
                .into_iter()
                .flatten()
                .max_by_key(ends)
                .map_or(Extent::None, Extent::Part),
        }
    }

    /// The silence that covers this; of several, the one that lasts longest.
    fn by(&self, what: &Covered<'_>) -> Option<&Silence> {
        let silences = self.silences.iter();
        let covers = silences.filter(|silence| silence.quiets(what, self.now));
        covers.max_by_key(ends)
    }
}

fn ends(silence: &&Silence) -> (Timestamp, SilenceId) {
    (silence.until, silence.id)
}

/// What a silence may know of one thing that an alert gathers. As grave as the alert is, for so is its message.
fn covered<'a>(alert: &'a Alert, one: &'a Gathered) -> Covered<'a> {
    let case_reference = match &alert.group {
        Group::Case(case) => Some(case.as_str()),
        Group::Entry(_) | Group::Listing(_) | Group::Source(_) => one.case_reference.as_deref(),
    };
    Covered {
        watchlist: alert.watchlist,
        entry: Some(one.entry),
        source: Some(one.source),
        selector: Some(&one.selector),
        case_reference,
        severity: alert.severity,
        reason: one_reason(&alert.reasons),
    }
}

/// What was news once goes on since, so the reason is that of the alert, where it has one alone.
fn one_reason(reasons: &[Reason]) -> Option<Reason> {
    match reasons {
        [reason] => Some(*reason),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sightline_model::{Covers, Kind, Mint, Selector, Severity, SourceId};

    use super::*;
    use crate::decide::tests::{START, id, opened, rules};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn gathered(alert: &Alert, batch: Option<i64>, entry: u128, source: u128) -> Gathered {
        Gathered {
            alert: alert.id,
            batch,
            entry: id(entry),
            source: id(source),
            selector: Selector::new(Kind::Phone, format!("+1202555010{entry}")),
            case_reference: Some(format!("{entry}/26")),
            stands: true,
        }
    }

    fn by_source(source: SourceId) -> Covers {
        Covers {
            source: Some(source),
            ..Covers::default()
        }
    }

    fn by_entry(entry: u128) -> Covers {
        Covers {
            entry: Some(id(entry)),
            ..Covers::default()
        }
    }

    fn by_case(case: &str) -> Covers {
        Covers {
            case_reference: Some(case.to_owned()),
            ..Covers::default()
        }
    }

    /// These silences, the first for an hour and each further one for an hour more.
    fn quietness(covers: &[Covers]) -> Quietness {
        let (mut until, mint) = (START, Mint::seeded(3));
        let silence = |covers: &Covers| {
            until = until + HOUR;
            Silence {
                id: mint.id(START),
                covers: covers.clone(),
                until,
            }
        };
        Quietness::new(covers.iter().map(silence).collect(), START)
    }

    #[test]
    fn an_alert_is_quiet_where_all_that_it_gathers_is_covered() {
        let (of_entry, _) = opened(&rules(&["duty"]));
        let of_case = Alert {
            group: Group::Case("12/26".to_owned()),
            ..of_entry.clone()
        };
        let north = by_source(id(7));
        let south = by_source(id(8));
        let low = Covers {
            severity_at_most: Some(Severity::Low),
            ..Covers::default()
        };
        // (entry, source) of what is gathered; the hour until which it is quiet, and whether all of it is.
        for (alert, parts, covers, expected) in [
            (
                &of_entry,
                vec![(1, 7)],
                vec![north.clone()],
                Some((1, true)),
            ),
            (&of_entry, vec![(1, 8)], vec![north.clone()], None),
            (
                &of_entry,
                vec![(1, 7), (1, 8)],
                vec![north.clone()],
                Some((1, false)),
            ),
            (
                &of_entry,
                vec![(1, 7), (1, 8)],
                vec![by_entry(1)],
                Some((1, true)),
            ),
            // Two silences cover it between them, as long as both last.
            (
                &of_entry,
                vec![(1, 7), (1, 8)],
                vec![north.clone(), south.clone()],
                Some((1, true)),
            ),
            // The longer one covers all of it.
            (
                &of_entry,
                vec![(1, 7)],
                vec![north.clone(), by_entry(1)],
                Some((2, true)),
            ),
            (
                &of_entry,
                vec![(1, 7)],
                vec![by_case("1/26")],
                Some((1, true)),
            ),
            (
                &of_entry,
                vec![(1, 7), (2, 7)],
                vec![by_case("1/26")],
                Some((1, false)),
            ),
            (
                &of_entry,
                vec![(1, 7), (2, 7)],
                vec![by_entry(1), by_entry(2)],
                Some((1, true)),
            ),
            // The group has its case, whatever its entries name by now.
            (
                &of_case,
                vec![(1, 7), (2, 7)],
                vec![by_case("12/26")],
                Some((1, true)),
            ),
            (&of_case, vec![(1, 7)], vec![by_case("1/26")], None),
            (
                &of_entry,
                vec![(1, 7)],
                vec![Covers::default()],
                Some((1, true)),
            ),
            (&of_entry, vec![(1, 7)], vec![low], None),
            (&of_entry, vec![], vec![Covers::default()], None),
            (&of_entry, vec![(1, 7)], vec![], None),
        ] {
            let gathered: Vec<Gathered> = parts
                .iter()
                .map(|(entry, source)| gathered(alert, Some(1), *entry, *source))
                .collect();
            let quietness = quietness(&covers);
            let hour = |by: &Silence| by.until.since(START).as_secs() / 3_600;
            let found = match quietness.over(alert, &gathered) {
                Extent::None => None,
                Extent::Part(by) => Some((hour(by), false)),
                Extent::Whole(by) => Some((hour(by), true)),
            };
            assert_eq!(found, expected, "{parts:?} {covers:?}");
        }
    }

    #[test]
    fn news_is_quiet_by_its_batch_and_what_was_rejected_counts_for_nothing() {
        let (alert, sent) = opened(&rules(&["duty"]));
        let quietness = quietness(&[by_source(id(7))]);
        let parts = [
            gathered(&alert, Some(1), 1, 7),
            gathered(&alert, Some(2), 1, 8),
        ];
        for (purpose, batch, is_quiet) in [
            (Purpose::News, 1, true),
            (Purpose::News, 2, false),
            (Purpose::Reminder, 1, false),
            // Of a batch of which nothing is left.
            (Purpose::News, 3, false),
        ] {
            let message = Delivery {
                purpose,
                batch,
                ..sent[0].clone()
            };
            let found = quietness.over_message(&message, &alert, &parts);
            assert_eq!(found.whole().is_some(), is_quiet, "{purpose} {batch}");
        }
        let [north, mut south] = parts;
        south.stands = false;
        assert!(
            quietness
                .over(&alert, &[north.clone(), south.clone()])
                .whole()
                .is_some()
        );
        let none = [&north, &south].map(|one| Gathered {
            stands: false,
            ..one.clone()
        });
        assert!(
            quietness.over(&alert, &none).part().is_some(),
            "there is nothing else"
        );
    }
}
