//! What is wrong with the machinery, as the store has it.

use sightline_alerts::notices::operators::{Trouble, source_trouble};
use sightline_model::{DeliveryState, Fault, NoticeKind, Timestamp, counted};
use sightline_store::{Tx, alert_life, deliveries, endpoints, runs};

use crate::{
    PipelineError,
    instance::{Broken, Instance},
};

/// Everything that is wrong at `now`.
pub(super) async fn gather(
    tx: &mut Tx,
    instance: &Instance,
    now: Timestamp,
) -> Result<Vec<Trouble>, PipelineError> {
    let mut troubles = sources(tx, instance).await?;
    troubles.extend(instance.broken().into_iter().map(broken_source));
    let off = disabled(tx, instance).await?;
    troubles.extend(dead(tx).await?);
    troubles.extend(unread(tx, instance, now).await?);
    let unsent = unsent(tx, instance, now).await?.into_iter();
    // What waits for a channel that is switched off is told of with that.
    troubles.extend(unsent.filter(|one| off.iter().all(|off| off.subject != one.subject)));
    troubles.extend(off);
    Ok(troubles)
}

async fn sources(tx: &mut Tx, instance: &Instance) -> Result<Vec<Trouble>, PipelineError> {
    let settings = &instance.notices.operators;
    let mut troubles = Vec::new();
    for watched in instance.all_watched() {
        if !watched.source.is_enabled() {
            continue;
        }
        let ended = runs::last_outcomes(tx, watched.id, settings.failing_runs).await?;
        troubles.extend(source_trouble(
            watched.id,
            &watched.source.name,
            &ended,
            settings,
        ));
    }
    Ok(troubles)
}

/// A source whose file is wrong has no runs that could fail.
fn broken_source(broken: Broken) -> Trouble {
    let Broken { name, why } = broken;
    Trouble {
        kind: NoticeKind::SourceFailing,
        subject: format!("file of {name}"),
        channel: None,
        fault: Fault {
            what: format!("the source {name} is not crawled: {why}"),
            name,
            count: 1,
            remedy:
                "`sightline check` says what to write instead; then start `sightline serve` anew"
                    .to_owned(),
        },
    }
}

async fn dead(tx: &mut Tx) -> Result<Vec<Trouble>, PipelineError> {
    let dead = deliveries::count_in(tx, DeliveryState::Dead).await?;
    Ok(dead
        .into_iter()
        .map(|(channel, count)| {
            let what = match count {
                1 => format!("a message to the channel {channel} was given up"),
                _ => format!("{count} messages to the channel {channel} were given up"),
            };
            of_channel(
                NoticeKind::DeadLetter,
                channel,
                count,
                what,
                "look with `sightline deliveries --state dead`, mend the channel, then `sightline deliver --replay ID`",
            )
        })
        .collect())
}

async fn disabled(tx: &mut Tx, instance: &Instance) -> Result<Vec<Trouble>, PipelineError> {
    let endpoints = endpoints::all(tx).await?.into_iter();
    Ok(endpoints
        .filter(|endpoint| instance.channels.contains_key(&endpoint.channel))
        .filter_map(|endpoint| {
            let (_, why) = endpoint.disabled?;
            let channel = endpoint.channel;
            let what = format!("the channel {channel} is switched off: {why}");
            let remedy = format!("mend the receiver, then `sightline channel enable {channel}`");
            Some(of_channel(
                NoticeKind::EndpointDisabled,
                channel,
                1,
                what,
                &remedy,
            ))
        })
        .collect())
}

async fn unread(
    tx: &mut Tx,
    instance: &Instance,
    now: Timestamp,
) -> Result<Option<Trouble>, PipelineError> {
    let settings = &instance.notices.operators;
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
        },
    }))
}

async fn unsent(
    tx: &mut Tx,
    instance: &Instance,
    now: Timestamp,
) -> Result<Vec<Trouble>, PipelineError> {
    let settings = &instance.notices.operators;
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
        },
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
