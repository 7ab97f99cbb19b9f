//! What operators are told of, and when: a fault once as it begins, again while it lasts, and when it is over.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{
    Fault, Mint, Notice, NoticeId, NoticeKind, Problem, Timestamp, Told, counted,
};

/// Whom to tell when the machinery is in trouble, and from when on it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OperatorSettings {
    /// The channels of operators, by their names in `[channels]`. Trouble is told there, and never to investigators; with
    /// none it stands in the log, in `sightline notices` and in `sightline doctor`.
    pub channels: Vec<String>,
    /// Tell again of what is not mended after so many hours: 1 to 720.
    pub repeat_hours: u32,
    /// A source is in trouble after so many runs in a row that failed or gave no listing: 1 to 100; and while so many that were
    /// planned are held up by a site that asks to be left alone. One that refuses a whole run is at once.
    pub failing_runs: u32,
    /// Alerts that nobody has acknowledged are trouble where there are more than this.
    pub unread_alerts: u32,
    /// … of those that are older than this, in hours: 1 to 720.
    pub unread_hours: u32,
    /// Messages are trouble that should have been sent so many minutes ago: 5 to 10,080.
    pub unsent_minutes: u32,
}

impl Default for OperatorSettings {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            repeat_hours: 24,
            failing_runs: 3,
            unread_alerts: 20,
            unread_hours: 24,
            unsent_minutes: 60,
        }
    }
}

impl OperatorSettings {
    /// Everything that is wrong with them, given the channels that the configuration names.
    pub fn check(&self, known_channels: &[&str]) -> Vec<Problem> {
        let mut problems = unknown_channels("channels", &self.channels, known_channels);
        for (key, number, least, most) in [
            ("repeat_hours", self.repeat_hours, 1, 720),
            ("failing_runs", self.failing_runs, 1, 100),
            ("unread_hours", self.unread_hours, 1, 720),
            ("unsent_minutes", self.unsent_minutes, 5, 10_080),
        ] {
            if !(least..=most).contains(&number) {
                problems.push(Problem::new(
                    key,
                    format!("{number} is out of range"),
                    format!("give a number from {least} to {most}"),
                ));
            }
        }
        problems
    }

    /// How old an alert is that counts as unread.
    pub fn unread_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.unread_hours) * 3_600)
    }

    /// How late a message is that counts as unsent.
    pub fn unsent_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.unsent_minutes) * 60)
    }

    fn repeat(&self) -> Duration {
        Duration::from_secs(u64::from(self.repeat_hours) * 3_600)
    }
}

/// The channels under `key` that nobody has configured.
pub fn unknown_channels(key: &str, named: &[String], known: &[&str]) -> Vec<Problem> {
    let unknown = named
        .iter()
        .filter(|channel| !known.contains(&channel.as_str()));
    let remedy = match known {
        [] => "add a [channels.NAME] table to the configuration".to_owned(),
        known => format!("use one of {}", known.join(", ")),
    };
    unknown
        .map(|channel| {
            Problem::new(
                key,
                format!("the configuration has no channel '{channel}'"),
                remedy.clone(),
            )
        })
        .collect()
}

/// Something that is wrong now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// What sort of thing.
    pub kind: NoticeKind,
    /// What it concerns.
    pub subject: String,
    /// The channel that is itself in trouble, so that it is not told by itself.
    pub channel: Option<String>,
    /// What is told of it.
    pub fault: Fault,
}

/// What was found wrong, and what of the notices that are open is not over although nothing was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// What is wrong.
    pub troubles: Vec<Trouble>,
    /// Notices that are left as they are, and why.
    pub left: BTreeMap<NoticeId, Left>,
}

impl From<Vec<Trouble>> for Found {
    fn from(troubles: Vec<Trouble>) -> Self {
        Self {
            troubles,
            ..Self::default()
        }
    }
}

/// Why a notice is neither told again nor over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// What had been given up is tried again, and nothing came of that yet.
    TriedAgain,
    /// It is of something that this process does not have, such as a source of another machine: whoever has it tells.
    Elsewhere,
    /// It is of something that this process had, and that was taken away: there is nothing to mend any more.
    TakenAway,
}

/// A notice that nobody has repeated for so long is of something that nobody has any more.
const FORGOTTEN: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What comes and goes is over once nothing was wrong for so long: a source that fails at every other run is told of once a day,
/// and not at each run.
const HELD: Duration = Duration::from_secs(24 * 60 * 60);

/// A message that was given up beside others that were told of is told so long after that, and not with each that follows: while
/// a receiver is away, one after another is given up.
const ANOTHER: Duration = Duration::from_secs(60 * 60);

/// What comes of a fault, or of a notice about one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Why.
    pub why: Why,
    /// The notice as it is to be stored; as it stands where nothing is to be done.
    pub notice: Notice,
    /// The channel that is itself in trouble.
    pub besides: Option<String>,
}

/// Why operators are told of a fault, or are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Told: it is new.
    Opened,
    /// Told: it lasts, and was last told of long ago.
    Lasts,
    /// Told: it is over.
    Recovered,
    /// Not told: it lasts, and was told of lately.
    ToldLately,
    /// Not told: what was given up lies there, and there is no more of it.
    NoMore,
    /// Not told: less lies there than before, since some of it went out; one more is news again.
    Fewer,
    /// Not told: what was given up is tried again.
    TriedAgain,
    /// Not told: others have what it is of.
    Elsewhere,
    /// Not told: nobody has what it is of any more, so it ends.
    Lapsed,
    /// Not told: nothing is wrong now, which has to hold before it is over.
    Well,
    /// Not told: nothing has been wrong for a while.
    WellStill,
    /// Not told: it is wrong again, and was told of lately.
    Again,
}

impl Why {
    /// True where a message goes out.
    pub fn tells(self) -> bool {
        matches!(self, Self::Opened | Self::Lasts | Self::Recovered)
    }

    /// True where the notice is not as it was.
    pub fn changes(self) -> bool {
        self.tells() || matches!(self, Self::Lapsed | Self::Fewer | Self::Well | Self::Again)
    }

    /// In words, for the log.
    pub fn words(self) -> &'static str {
        match self {
            Self::Opened => "told: it is new",
            Self::Lasts => "told again: it lasts",
            Self::Recovered => "told: it is over",
            Self::ToldLately => "not told: it was told of lately",
            Self::NoMore => "not told: there is no more of it than before",
            Self::Fewer => "not told: there is less of it than before",
            Self::TriedAgain => "not told: what was given up is tried again",
            Self::Elsewhere => "not told: it is of something that is not here",
            Self::Lapsed => "not told: nobody has what it is of any more",
            Self::Well => "not told: nothing is wrong now, which has to hold for a day",
            Self::WellStill => "not told: nothing has been wrong for less than a day",
            Self::Again => "not told: it is wrong again, and was told of lately",
        }
    }
}

/// Compares what is wrong now with the notices that are open: a step for each, by kind and subject. `open` are the notices
/// about faults that are not resolved.
pub fn judge(
    Found { troubles, left }: Found,
    open: Vec<Notice>,
    settings: &OperatorSettings,
    now: Timestamp,
    mint: &Mint,
) -> Vec<Step> {
    let mut open: BTreeMap<(NoticeKind, String), Notice> = open
        .into_iter()
        .map(|notice| ((notice.kind, notice.subject.clone()), notice))
        .collect();
    let mut seen = BTreeMap::new();
    for trouble in troubles {
        seen.entry((trouble.kind, trouble.subject.clone()))
            .or_insert(trouble);
    }
    let mut steps = Vec::new();
    for (key, trouble) in seen {
        let besides = trouble.channel.clone();
        let (why, notice) = match open.remove(&key) {
            None => (Why::Opened, opened(trouble, now, mint)),
            Some(notice) => lasting(notice, trouble, settings, now),
        };
        steps.push(Step {
            why,
            notice,
            besides,
        });
    }
    steps.extend(open.into_values().map(|notice| {
        let (why, notice) = gone(left.get(&notice.id), notice, now);
        Step {
            why,
            notice,
            besides: None,
        }
    }));
    steps
}

/// A notice of which nothing is found wrong now.
fn gone(left: Option<&Left>, notice: Notice, now: Timestamp) -> (Why, Notice) {
    match left {
        Some(Left::TriedAgain) => (Why::TriedAgain, notice),
        Some(Left::TakenAway) => (Why::Lapsed, over(notice, now)),
        Some(Left::Elsewhere) if now < notice.told_at + FORGOTTEN => (Why::Elsewhere, notice),
        Some(Left::Elsewhere) => (Why::Lapsed, over(notice, now)),
        None => match well_since(&notice) {
            Some(since) if now < since + HELD => (Why::WellStill, notice),
            None if comes_and_goes(&notice) => (Why::Well, well(notice, Some(now), 0)),
            _ => (Why::Recovered, over(told(notice, now), now)),
        },
    }
}

fn over(notice: Notice, now: Timestamp) -> Notice {
    Notice {
        resolved_at: Some(now),
        ..notice
    }
}

/// True of what may be well at one look and wrong at the next by itself. What is written in a file is not, nor is what was given
/// up or switched off.
fn comes_and_goes(notice: &Notice) -> bool {
    match notice.kind {
        NoticeKind::SourceFailing => !notice.subject.starts_with(IN_A_FILE),
        NoticeKind::UnreadBacklog => true,
        NoticeKind::DeadLetter
        | NoticeKind::EndpointDisabled
        | NoticeKind::RecipientRefused
        | NoticeKind::ChannelUnusable
        | NoticeKind::DeliveryBacklog
        | NoticeKind::OwnerUnreached
        | NoticeKind::Review => false,
    }
}

/// How the subject of a notice begins that is about what a file says, on the machine where it lies.
pub const IN_A_FILE: &str = "file in ";

fn well_since(notice: &Notice) -> Option<Timestamp> {
    match &notice.told {
        Told::Fault(fault) => fault.well_since,
        Told::Review(_) => None,
    }
}

/// A notice of what is well since then, or is not; wrong again so many times more.
fn well(mut notice: Notice, since: Option<Timestamp>, again: u32) -> Notice {
    if let Told::Fault(fault) = &mut notice.told {
        fault.well_since = since;
        fault.again += again;
    }
    notice
}

fn opened(trouble: Trouble, now: Timestamp, mint: &Mint) -> Notice {
    Notice {
        id: mint.id(now),
        kind: trouble.kind,
        subject: trouble.subject,
        told: Told::Fault(trouble.fault),
        opened_at: now,
        batch: 1,
        told_at: now,
        resolved_at: None,
    }
}

/// A fault that is known: told again when it is time, in the words of now.
fn lasting(
    notice: Notice,
    mut trouble: Trouble,
    settings: &OperatorSettings,
    now: Timestamp,
) -> (Why, Notice) {
    let is_again = well_since(&notice).is_some();
    let notice = well(notice, None, u32::from(is_again));
    let (before, newest) = match &notice.told {
        Told::Fault(fault) => (fault.count, fault.newest),
        Told::Review(_) => (0, None),
    };
    if trouble.kind == NoticeKind::DeadLetter
        && trouble.fault.count < before
        && trouble.fault.newest <= newest
    {
        let notice = Notice {
            told: Told::Fault(trouble.fault),
            ..notice
        };
        return (Why::Fewer, notice);
    }
    // Another message that reached nobody is not left until tomorrow.
    let is_another = trouble.kind == NoticeKind::DeadLetter && trouble.fault.newest > newest;
    let repeat = match is_another {
        true => settings.repeat().min(ANOTHER),
        false => settings.repeat(),
    };
    if now < notice.told_at + repeat {
        let why = if is_again {
            Why::Again
        } else {
            Why::ToldLately
        };
        return (why, notice);
    }
    // A dead letter lies where it is until somebody replays it, and an owner has no channel until somebody names one; that nobody
    // does so may be meant.
    let is_more = trouble.fault.count > before || trouble.fault.newest > newest;
    let may_be_meant = matches!(
        trouble.kind,
        NoticeKind::DeadLetter | NoticeKind::OwnerUnreached
    );
    if may_be_meant && !is_more {
        return (Why::NoMore, notice);
    }
    if is_another {
        trouble.fault.what = match trouble.fault.count {
            1 => format!("{}: another than was told of before", trouble.fault.what),
            _ => format!(
                "{}, the latest since this was last told",
                trouble.fault.what
            ),
        };
    }
    if let Told::Fault(Fault { again: 1.., .. }) = &notice.told {
        trouble.fault.what = again_in_words(&notice, &trouble.fault.what);
    }
    let notice = Notice {
        told: Told::Fault(trouble.fault),
        ..told(notice, now)
    };
    (Why::Lasts, notice)
}

/// `the source north refuses to be crawled: again, 12 times since this was last told`
fn again_in_words(notice: &Notice, what: &str) -> String {
    let again = match &notice.told {
        Told::Fault(fault) => fault.again,
        Told::Review(_) => 0,
    };
    format!(
        "{what}: again, {} since this was last told, and well in between",
        counted(again, "time", "times")
    )
}

fn told(notice: Notice, now: Timestamp) -> Notice {
    Notice {
        batch: notice.batch + 1,
        told_at: now,
        ..notice
    }
}
