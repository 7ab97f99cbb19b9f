//! What is wrong with the machinery, as the store has it, and as this process knows its sources and channels.

use std::collections::{BTreeMap, BTreeSet};

use sightline_alerts::notices::{
    operators::{Found, IN_A_FILE, Left, OperatorSettings, Trouble},
    reviews::AHEAD,
    sources::{held_trouble, source_trouble},
};
use sightline_model::{
    DeliveryState, Fault, Notice, NoticeKind, Run, RunId, RunState, SourceId, Timestamp, Told,
    counted,
};
use sightline_store::{
    Tx, alert_life, deliveries,
    endpoints::{self, Endpoint},
    entries, runs,
    sources::{self, SourceState},
    visits,
};

use super::ReviewSettings;
use crate::{
    PipelineError,
    instance::{Broken, Instance},
};

/// What a process knows of the machinery, beside what the store knows. Several share a store, each with sources and
/// channels of its own: of what another has, none says that it is wrong, or over.
#[derive(Clone, Debug, Default)]
pub struct Machinery {
    /// The sources that it crawls, by name.
    pub sources: BTreeSet<String>,
    /// Those that are configured and can't be opened, each with the cause.
    pub unready: Vec<Broken>,
    /// Those whose files are wrong; none where it has not looked at all files.
    pub broken: Option<Vec<Broken>>,
    /// Where the files of its sources lie, and on which machine.
    pub place: String,
    /// The channels that it sends by.
    pub channels: BTreeSet<String>,
    /// Those that are written and can't be used as they are, each with the cause and its remedy.
    pub unusable: BTreeMap<String, String>,
    /// From when on something is wrong.
    pub settings: OperatorSettings,
    /// Where owners are told of their reviews.
    pub reviews: ReviewSettings,
}

impl Machinery {
    pub(super) fn of(instance: &Instance) -> Self {
        let unready = instance.unready();
        let watched = instance.all_watched().into_iter();
        let enabled = watched.filter(|watched| watched.source.is_enabled());
        Self {
            sources: enabled.map(|watched| watched.source.name.clone()).collect(),
            unready: unready.into_values().collect(),
            broken: instance.looked_at(),
            place: instance.place.clone(),
            channels: instance.channels.keys().cloned().collect(),
            unusable: instance.unusable_channels.clone(),
            settings: instance.notices.operators.clone(),
            reviews: instance.notices.reviews.clone(),
        }
    }

    /// What a notice is about that tells of a file: known where it lies, and nowhere else.
    fn file_of(&self, name: &str) -> String {
        format!("{}{name}", self.files())
    }

    fn files(&self) -> String {
        format!("{IN_A_FILE}{}: ", self.place)
    }

    /// True where a notice was told from here, by files that name what it is of no longer. Not where some were not looked at, or
    /// are wrong: it may be in one of those.
    fn had(&self, notice: &Notice) -> bool {
        let Told::Fault(fault) = &notice.told else {
            return false;
        };
        let is_written = match notice.kind {
            NoticeKind::EndpointDisabled | NoticeKind::RecipientRefused => {
                self.channels.contains(&fault.name) || self.unusable.contains_key(&fault.name)
            }
            _ => {
                let not_crawled = self.broken.iter().flatten().chain(&self.unready);
                let mut names = not_crawled.map(|broken| &broken.name);
                self.sources.contains(&fault.name) || names.any(|name| *name == fault.name)
            }
        };
        fault.place.as_ref() == Some(&self.place) && self.broken.is_some() && !is_written
    }
}

/// Everything that is wrong at `now`; and which of the `open` notices are not over, although nothing is found wrong.
pub(super) async fn gather(
    tx: &mut Tx,
    machinery: &Machinery,
    open: &[Notice],
    now: Timestamp,
) -> Result<Found, PipelineError> {
    let settings = &machinery.settings;
    let mut failing = failing(tx, settings, now).await?;
    for trouble in &mut failing {
        trouble.fault.place = Some(machinery.place.clone());
    }
    let (mut troubles, elsewhere): (Vec<Trouble>, Vec<Trouble>) = failing
        .into_iter()
        .partition(|one| machinery.sources.contains(&one.fault.name));
    let mut elsewhere: BTreeSet<String> = elsewhere.into_iter().map(|one| one.subject).collect();
    let not_crawled = machinery.broken.iter().flatten().chain(&machinery.unready);
    troubles.extend(not_crawled.map(|broken| not_crawled_here(machinery, broken)));
    let endpoints = endpoints::all(tx).await?;
    let waiting = deliveries::count_in(tx, DeliveryState::Pending).await?;
    let waiting: BTreeMap<String, i64> = waiting.into_iter().collect();
    let waits = |endpoint: &Endpoint| waiting.get(&endpoint.channel).copied().unwrap_or_default();
    let off = endpoints.iter();
    let mut off: Vec<Trouble> = off
        .filter_map(|endpoint| disabled(endpoint, waits(endpoint)))
        .collect();
    let mut partly: Vec<Trouble> = endpoints.iter().filter_map(refused).collect();
    for trouble in off.iter_mut().chain(&mut partly) {
        trouble.fault.place = Some(machinery.place.clone());
    }
    troubles.extend(dead(tx).await?);
    troubles.extend(unreached_owners(tx, machinery, now).await?);
    troubles.extend(unread(tx, settings, now).await?);
    let unsent = unsent(tx, settings, now).await?.into_iter();
    // What waits for a channel that is switched off is told of with that.
    let is_told = |one: &Trouble| {
        off.iter().any(|off| off.subject == one.subject)
            || machinery.unusable.contains_key(&one.subject)
    };
    troubles.extend(unsent.filter(|one| !is_told(one)));
    troubles.extend(unusable_here(machinery));
    let (here, others): (Vec<Trouble>, Vec<Trouble>) = off
        .into_iter()
        .chain(partly)
        .partition(|off| machinery.channels.contains(&off.subject));
    troubles.extend(here);
    elsewhere.extend(others.into_iter().map(|one| one.subject));
    let tried_again = deliveries::failing(tx).await?.into_iter();
    let tried_again: BTreeSet<String> = tried_again.map(|(channel, _)| channel).collect();
    let is_left = |notice: &Notice| match notice.kind {
        NoticeKind::DeadLetter => tried_again
            .contains(&notice.subject)
            .then_some(Left::TriedAgain),
        NoticeKind::SourceFailing | NoticeKind::EndpointDisabled | NoticeKind::RecipientRefused => {
            let is_of_file = notice.subject.starts_with(IN_A_FILE);
            let is_known =
                machinery.broken.is_some() && notice.subject.starts_with(&machinery.files());
            let is_elsewhere = match is_of_file {
                true => !is_known,
                false => elsewhere.contains(&notice.subject),
            };
            match machinery.had(notice) {
                true if is_elsewhere => Some(Left::TakenAway),
                _ => is_elsewhere.then_some(Left::Elsewhere),
            }
        }
        NoticeKind::ChannelUnusable => {
            (!notice.subject.starts_with(&machinery.files())).then_some(Left::Elsewhere)
        }
        NoticeKind::Review
        | NoticeKind::UnreadBacklog
        | NoticeKind::DeliveryBacklog
        | NoticeKind::OwnerUnreached => None,
    };
    let left: BTreeMap<_, _> = open
        .iter()
        .filter_map(|notice| Some((notice.id, is_left(notice)?)))
        .collect();
    Ok(Found { troubles, left })
}

/// That owners whose entries are due for review have no channel, so that nobody tells them of that. Who they are, those see who
/// may see the lists.
async fn unreached_owners(
    tx: &mut Tx,
    machinery: &Machinery,
    now: Timestamp,
) -> Result<Option<Trouble>, PipelineError> {
    let reviews = &machinery.reviews;
    if !reviews.channels.is_empty() {
        return Ok(None);
    }
    let due = entries::owners_due(tx, now, now + AHEAD).await?;
    let unreached = due
        .iter()
        .filter(|owner| reviews.channels_of(owner).is_empty());
    let unreached: BTreeSet<&str> = unreached.map(|owner| owner.trim()).collect();
    let count = u32::try_from(unreached.len()).unwrap_or(u32::MAX);
    Ok((count > 0).then(|| Trouble {
        kind: NoticeKind::OwnerUnreached,
        subject: String::new(),
        channel: None,
        fault: Fault {
            count,
            what: format!(
                "entries of {} are due for review, and nobody tells {}: no channel of theirs is named",
                counted(count, "owner", "owners"),
                if count == 1 { "that owner" } else { "them" }
            ),
            remedy: "`sightline doctor` says whose; name channels under [reviews.owners], or under [reviews] for all owners"
                .to_owned(),
            ..Fault::default()
        },
    }))
}

/// The sources whose last runs say that something is wrong, whoever crawls them. Of one that is paused nobody expects
/// anything.
async fn failing(
    tx: &mut Tx,
    settings: &OperatorSettings,
    now: Timestamp,
) -> Result<Vec<Trouble>, PipelineError> {
    let mut troubles = Vec::new();
    let held = held(tx, now).await?;
    let active = sources::all(tx).await?.into_iter();
    for source in active.filter(|source| source.state == SourceState::Active) {
        let ended = runs::last_outcomes(tx, source.id, settings.failing_runs).await?;
        let name = &source.definition.name;
        let mut trouble = source_trouble(source.id, name, &ended, settings);
        if let (None, Some(held)) = (&trouble, held.get(&source.id)) {
            // The run that is held up, and those that were due since.
            let due = 1 + runs::planned_after(tx, source.id, held.run.planned_at).await?;
            trouble = held_trouble(source.id, name, (count(due), held.until), settings);
        }
        troubles.extend(trouble);
    }
    Ok(troubles)
}

/// A run that can't go on, since all that it has left to ask wants to be left alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The run.
    pub run: Run,
    /// When the first of the hosts may be asked again.
    pub until: Timestamp,
}

/// The sources whose runs are held up by their hosts at `now`.
///
/// # Errors
/// If the store can't be read.
pub async fn held(tx: &mut Tx, now: Timestamp) -> Result<BTreeMap<SourceId, Held>, PipelineError> {
    let under_way = runs::unfinished(tx, None).await?.into_iter();
    let under_way: Vec<Run> = under_way
        .filter(|run| run.state == RunState::Running)
        .collect();
    let ids: Vec<RunId> = under_way.iter().map(|run| run.id).collect();
    let held = visits::held(tx, &ids, now).await?;
    let held = under_way.into_iter().filter_map(|run| {
        let until = *held.get(&run.id)?;
        Some((run.source, Held { run, until }))
    });
    Ok(held.collect())
}

/// A source that is not crawled has no runs that could fail.
fn not_crawled_here(machinery: &Machinery, broken: &Broken) -> Trouble {
    let Broken { name, why } = broken;
    Trouble {
        kind: NoticeKind::SourceFailing,
        subject: machinery.file_of(name),
        channel: None,
        fault: Fault {
            what: format!("the source {name} is not crawled: {why}"),
            name: name.clone(),
            count: 1,
            remedy: "`sightline check` says what to write instead; a service has to be started anew then"
                .to_owned(),
            ..Fault::default()
        },
    }
}

/// The channels by which this machine can tell nobody as they are written. Nothing has to wait for one first: whoever
/// relies on it would not know.
fn unusable_here(machinery: &Machinery) -> impl Iterator<Item = Trouble> {
    machinery.unusable.iter().map(|(name, why)| Trouble {
        kind: NoticeKind::ChannelUnusable,
        subject: machinery.file_of(&format!("channel {name}")),
        channel: Some(name.clone()),
        fault: Fault {
            what: format!("the channel {name} is out of use: {why}"),
            name: name.clone(),
            count: 1,
            remedy: "put that right in the configuration, look at it with `sightline check`, and start the service anew; \
                     what is due to it waits until then, and the other channels are told"
                .to_owned(),
            ..Fault::default()
        },
    })
}

async fn dead(tx: &mut Tx) -> Result<Vec<Trouble>, PipelineError> {
    let dead = deliveries::dead(tx).await?;
    Ok(dead
        .into_iter()
        .map(|(channel, count, newest)| {
            let what = match count {
                1 => format!("a message to the channel {channel} was given up"),
                _ => format!("{count} messages to the channel {channel} were given up"),
            };
            let mut trouble = of_channel(
                NoticeKind::DeadLetter,
                channel,
                count,
                what,
                "look with `sightline deliveries --state dead`, mend the channel, then `sightline deliver --replay ID`",
            );
            trouble.fault.newest = Some(newest);
            trouble
        })
        .collect())
}

/// A channel that is switched off, and how much waits for it.
fn disabled(endpoint: &Endpoint, waiting: i64) -> Option<Trouble> {
    let (_, why) = endpoint.disabled.as_ref()?;
    let channel = &endpoint.channel;
    let waits = match waiting {
        0 => String::new(),
        1 => "; 1 message waits for it".to_owned(),
        waiting => format!("; {waiting} messages wait for it"),
    };
    let what = format!("the channel {channel} is switched off: {why}{waits}");
    let remedy =
        format!("mend the receiver, then `sightline channel enable {channel}`: what waits is sent");
    let kind = NoticeKind::EndpointDisabled;
    Some(of_channel(kind, channel.clone(), 1, what, &remedy))
}

/// Who is refused gets nothing, and does not know it; the rest of a channel does, so it may tell of that, too.
fn refused(endpoint: &Endpoint) -> Option<Trouble> {
    let note = endpoint.partly.as_ref()?;
    let channel = &endpoint.channel;
    let what = format!("the channel {channel} does not reach all of its recipients: {note}");
    let remedy = format!(
        "correct its recipients in the configuration, then `sightline channel test {channel}`"
    );
    let kind = NoticeKind::RecipientRefused;
    let mut trouble = of_channel(kind, channel.clone(), 1, what, &remedy);
    trouble.channel = None;
    Some(trouble)
}

async fn unread(
    tx: &mut Tx,
    settings: &OperatorSettings,
    now: Timestamp,
) -> Result<Option<Trouble>, PipelineError> {
    let count = count(alert_life::unread(tx, now - settings.unread_after()).await?);
    if count <= settings.unread_alerts {
        return Ok(None);
    }
    Ok(Some(Trouble {
        kind: NoticeKind::UnreadBacklog,
        subject: String::new(),
        channel: None,
        fault: Fault {
            name: String::new(),
            count,
            what: format!(
                "{} older than {}, and nobody has acknowledged {}",
                counted(count, "alert is", "alerts are"),
                counted(settings.unread_hours, "hour", "hours"),
                if count == 1 { "it" } else { "them" }
            ),
            remedy:
                "ask whether investigators get their messages, and whether entries make too much noise: `sightline alerts --state open`"
                    .to_owned(),
            ..Fault::default()
        },
    }))
}

async fn unsent(
    tx: &mut Tx,
    settings: &OperatorSettings,
    now: Timestamp,
) -> Result<Vec<Trouble>, PipelineError> {
    let unsent = deliveries::unsent(tx, now - settings.unsent_after()).await?;
    Ok(unsent
        .into_iter()
        .map(|(channel, count)| {
            let what = match count {
                1 => format!("a message to the channel {channel} should have been sent long ago"),
                _ => {
                    format!(
                        "{count} messages to the channel {channel} should have been sent long ago"
                    )
                }
            };
            of_channel(
                NoticeKind::DeliveryBacklog,
                channel,
                count,
                what,
                "`sightline doctor` and `sightline deliveries --state pending` say what keeps them",
            )
        })
        .collect())
}

fn of_channel(
    kind: NoticeKind,
    channel: String,
    number: i64,
    what: String,
    remedy: &str,
) -> Trouble {
    Trouble {
        kind,
        subject: channel.clone(),
        channel: Some(channel.clone()),
        fault: Fault {
            name: channel,
            count: count(number),
            what,
            remedy: remedy.to_owned(),
            ..Fault::default()
        },
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
