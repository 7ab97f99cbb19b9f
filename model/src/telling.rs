//! How people are told: what an alert gathers, why a message is sent, why it waits, and what came of each sighting.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AlertId, EntryId, ListingId, Reason, Sighting, SilenceId, SourceId, Timestamp, selector::words,
};

/// What the sightings of an alert have in common: those of one watchlist with the same group share it while it is not
/// closed. Written `entry:…`, `listing:…`, `source:…` or `case:…`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// The entry.
    Entry(EntryId),
    /// The listing that they were seen in.
    Listing(ListingId),
    /// The source that they were seen on.
    Source(SourceId),
    /// The organisation's own case that their entries name.
    Case(String),
}

/// What decides which sightings share an alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Their entry.
    #[default]
    Entry,
    /// Their listing. What a hunt finds is grouped by entry even so: nobody wants an alert for each old listing.
    Listing,
    /// Their source.
    Source,
    /// The case that their entry names; those of an entry without one, their entry.
    Case,
}

words!(
    GroupBy, "way to group alerts",
    Entry => "entry", Listing => "listing", Source => "source", Case => "case",
);

impl GroupBy {
    /// The group of a sighting, whose entry names this case.
    pub fn group(self, sighting: &Sighting, case: Option<&str>) -> Group {
        let of_entry = Group::Entry(sighting.entry);
        match self {
            Self::Entry => of_entry,
            Self::Listing if sighting.reason == Reason::Historic => of_entry,
            Self::Listing => Group::Listing(sighting.listing),
            Self::Source => Group::Source(sighting.source),
            Self::Case => case.map_or(of_entry, |case| Group::Case(case.to_owned())),
        }
    }

    /// Every group that a sighting of this entry, there, may belong to, whatever its reason.
    pub fn groups(
        self,
        entry: EntryId,
        listing: ListingId,
        source: SourceId,
        case: Option<&str>,
    ) -> Vec<Group> {
        let of_entry = Group::Entry(entry);
        match self {
            Self::Entry => vec![of_entry],
            Self::Listing => vec![Group::Listing(listing), of_entry],
            Self::Source => vec![Group::Source(source)],
            Self::Case => vec![case.map_or(of_entry, |case| Group::Case(case.to_owned()))],
        }
    }
}

/// How often there is a digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Each hour.
    Hourly,
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
}

words!(Pace, "pace of a digest", Hourly => "hourly", Daily => "daily", Weekly => "weekly");

impl Group {
    /// What it groups by.
    pub fn by(&self) -> GroupBy {
        match self {
            Self::Entry(_) => GroupBy::Entry,
            Self::Listing(_) => GroupBy::Listing,
            Self::Source(_) => GroupBy::Source,
            Self::Case(_) => GroupBy::Case,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(id) => write!(f, "entry:{id}"),
            Self::Listing(id) => write!(f, "listing:{id}"),
            Self::Source(id) => write!(f, "source:{id}"),
            Self::Case(name) => write!(f, "case:{name}"),
        }
    }
}

impl FromStr for Group {
    type Err = NoGroup;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (by, what) = text.split_once(':').ok_or(NoGroup)?;
        let uuid = || Uuid::parse_str(what).map_err(|_| NoGroup);
        Ok(match by {
            "entry" => Self::Entry(uuid()?.into()),
            "listing" => Self::Listing(ListingId(what.parse().map_err(|_| NoGroup)?)),
            "source" => Self::Source(uuid()?.into()),
            "case" => Self::Case(what.to_owned()),
            _ => return Err(NoGroup),
        })
    }
}

/// A text that is no [`Group`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it is not entry:, listing:, source: or case: with what belongs to it")]
pub struct NoGroup;

impl Serialize for Group {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Group {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Group".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

/// Why a message is sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To tell of sightings.
    News,
    /// Nobody has acknowledged the alert.
    Reminder,
    /// Somebody has acknowledged it, and it was not closed for long.
    Forgotten,
    /// Nobody has acknowledged it, so others are told.
    Escalation,
    /// What was told turned out to be nothing.
    Correction,
    /// To tell of what is no alert.
    Notice,
}

words!(
    Purpose, "purpose of a message",
    News => "news", Reminder => "reminder", Forgotten => "forgotten", Escalation => "escalation",
    Correction => "correction", Notice => "notice",
);

/// What a message waits for before its first try.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// For more sightings of its group.
    Group,
    /// Until the interval since the last message of its alert is over.
    Interval,
    /// For the next digest, in which it is told with others.
    Digest,
    /// For the end of quiet hours.
    QuietHours,
    /// Until its entry has brought about fewer messages in a day than its ceiling.
    Ceiling,
    /// For the end of a silence.
    Silence,
}

words!(
    Wait, "reason to wait",
    Group => "group", Interval => "interval", Digest => "digest", QuietHours => "quiet_hours",
    Ceiling => "ceiling", Silence => "silence",
);

/// Why a sighting raises no alert.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unalerted {
    /// It goes on where it was seen lately.
    Continued,
    /// It was found in what was stored before the entry was added, and the rules do not ask for that.
    Historic,
    /// The watchlist's rules leave its reason out.
    NotInRules,
    /// A warning list names what was matched.
    Warned,
    /// It is only possible, and the watchlist's rules ask for what is certain.
    Possible,
}

words!(
    Unalerted, "reason to raise no alert",
    Continued => "continued", Historic => "historic", NotInRules => "not_in_rules",
    Warned => "warned", Possible => "possible",
);

/// What came of a sighting when it was last decided on. What became of the message since, its delivery says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Fate {
    /// Kept, without a message on its account.
    Recorded {
        /// Why.
        why: Unalerted,
        /// The alert that it was added to, if one was not closed.
        alert: Option<AlertId>,
        /// The batch whose message shows it all the same, since it waited just then.
        batch: Option<i64>,
    },
    /// A message of its own, to each channel.
    Told {
        /// The alert.
        alert: AlertId,
        /// The batch.
        batch: i64,
        /// When it falls due.
        due: Timestamp,
        /// What it waits for until then; nothing where it is due at once.
        waits: Option<Wait>,
    },
    /// No message of its own: it is told in one that waited for others of its group.
    Grouped {
        /// The alert.
        alert: AlertId,
        /// The batch.
        batch: i64,
        /// When that falls due.
        due: Timestamp,
        /// What it waits for until then.
        waits: Option<Wait>,
    },
    /// No message of its own, for its entry had brought about as many in a day as the watchlist's rules allow: it is told in
    /// one message with all that came since.
    Gathered {
        /// The alert.
        alert: AlertId,
        /// The batch.
        batch: i64,
        /// When that falls due.
        due: Timestamp,
        /// What it waits for until then.
        waits: Option<Wait>,
        /// The ceiling: messages in a day.
        ceiling: u32,
    },
    /// No message: a silence covers it.
    Silenced {
        /// The alert.
        alert: AlertId,
        /// The silence.
        by: SilenceId,
        /// Its end, as it stood then.
        until: Timestamp,
    },
    /// No message: the watchlist's rules name no channel.
    NoChannel {
        /// The alert.
        alert: AlertId,
    },
}

impl Fate {
    /// The alert that the sighting was added to, if it was added to one.
    pub fn alert(&self) -> Option<AlertId> {
        match self {
            Self::Recorded { alert, .. } => *alert,
            Self::Told { alert, .. }
            | Self::Grouped { alert, .. }
            | Self::Gathered { alert, .. }
            | Self::Silenced { alert, .. }
            | Self::NoChannel { alert } => Some(*alert),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_reads_as_it_is_written() {
        let uuid = Uuid::from_u128(7);
        for group in [
            Group::Entry(uuid.into()),
            Group::Listing(ListingId(12)),
            Group::Source(uuid.into()),
            Group::Case("12/26: lorry parks".to_owned()),
            Group::Case(String::new()),
        ] {
            assert_eq!(group.to_string().parse(), Ok(group));
        }
        for text in ["", "entry", "entry:7", "listing:x", "host:ads.example"] {
            assert_eq!(text.parse::<Group>(), Err(NoGroup), "{text}");
        }
    }
}
