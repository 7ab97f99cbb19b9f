//! What silences kept quiet, when they are over: decided on anew, so that nothing is missed for good because it was not to be
//! heard for a while.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use sightline_alerts::{decide::About, desk::Desk};
use sightline_model::{
    Alert, AlertChange, AlertId, AlertState, EntryId, Fate, Sighting, SilenceId, Timestamp,
};
use sightline_store::{
    Tx, alert_life, alerts, entries::told, sightings, silences as kept_quiet, verdicts,
};

use crate::{
    PipelineError,
    commit::{Committed, Placed, open_alerts, quietness, save, told_of},
    instance::Instance,
    lookout::Sight,
};

/// Silences and alerts that are looked at in one transaction.
const PAIRS: u32 = 200;

/// Tells what silences kept quiet that are over by now, but for what people have seen to meanwhile, or another silence
/// covers.
pub(crate) async fn tell_what_was_silenced(instance: &Instance) -> Result<(), PipelineError> {
    loop {
        let now = instance.clock.now();
        // Hardly ever anything: nobody who writes is to wait for this look.
        let mut tx = instance.read().await?;
        let owed = kept_quiet::owed(&mut tx, now, PAIRS).await?;
        drop(tx);
        if owed.is_empty() {
            return Ok(());
        }
        let mut tx = instance.write().await?;
        let sight = instance.lookout.hold(&mut tx, now).await?;
        tell(&mut tx, instance, &sight, &owed, now).await?;
        tx.commit().await?;
    }
}

async fn tell(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Arc<Sight>,
    owed: &[(SilenceId, AlertId)],
    now: Timestamp,
) -> Result<(), PipelineError> {
    let quieted: BTreeSet<AlertId> = owed.iter().map(|(_, alert)| *alert).collect();
    let quieted: Vec<AlertId> = quieted.into_iter().collect();
    let ids = hold(tx, &quieted).await?;
    let silent = silent(tx, &quieted).await?;
    let told_of = told_of(tx, &ids).await?;
    let quietness = quietness(tx, now).await?;
    // Settled first: what is kept quiet once more, by another silence, is owed when that is over.
    kept_quiet::settle(tx, owed, now).await?;
    let placed = silent.iter().map(Placed::from);
    let open = open_alerts(tx, sight, placed, &told_of).await?;
    let lately = told::lately(tx, &ids, now).await?;
    let mut desk = Desk::new(open, quietness.silences(), now, &instance.mint).knowing(lately);
    let mut decided = Vec::new();
    for mut sighting in silent {
        let Some(entry) = told_of.get(&sighting.entry) else {
            continue;
        };
        let rules = sight.rules(sighting.watchlist);
        let (_, fate) = desk.decide(&sighting, About::of(entry), &rules);
        sighting.fate = Some(fate);
        decided.push(sighting);
    }
    sightings::update(tx, &decided).await?;
    let changes = desk.changes().after_silence(now);
    save(tx, changes, now, &mut Committed::default()).await?;
    show(tx, &quieted, now).await
}

/// Keeps these alerts to this transaction, with all that may be decided on: their entries.
async fn hold(tx: &mut Tx, quieted: &[AlertId]) -> Result<Vec<EntryId>, PipelineError> {
    let silent = silent(tx, quieted).await?.into_iter();
    let silent: Vec<EntryId> = silent.map(|one| one.entry).collect();
    let alerts = alert_life::hold(tx, quieted, &silent).await?.into_iter();
    let ids: BTreeSet<EntryId> = alerts.map(|alert| alert.entry).chain(silent).collect();
    Ok(ids.into_iter().collect())
}

/// What was kept quiet in these alerts and still has to be told: those of closed alerts, what somebody has rejected, and what
/// was there when somebody took the alert, are not.
async fn silent(tx: &mut Tx, quieted: &[AlertId]) -> Result<Vec<Sighting>, PipelineError> {
    let mut silent = Vec::new();
    for alert in alerts::get(tx, quieted).await? {
        if alert.state == AlertState::Closed {
            continue;
        }
        let found = alerts::sightings_of(tx, alert.id, None).await?.into_iter();
        silent.extend(found.filter(|sighting| is_silent(sighting, &alert)));
    }
    let pairs: Vec<_> = silent.iter().map(|one| (one.entry, one.listing)).collect();
    let rejected: HashSet<_> = verdicts::rejected(tx, &pairs).await?;
    silent.retain(|one| !rejected.contains(&(one.entry, one.listing)));
    silent.sort_by_key(|sighting| (sighting.at, sighting.id));
    Ok(silent)
}

fn is_silent(sighting: &Sighting, alert: &Alert) -> bool {
    let taken = alert.acknowledged.as_ref().map(|(_, at)| *at);
    matches!(&sighting.fate, Some(Fate::Silenced { alert: quiet, .. }) if *quiet == alert.id)
        && !sighting.withheld
        && taken.is_none_or(|taken| sighting.at > taken)
}

/// An alert of which nothing is left to tell, and that no silence covers any more, is open all the same: it stands in the
/// inbox until somebody has seen to it.
async fn show(tx: &mut Tx, quieted: &[AlertId], now: Timestamp) -> Result<(), PipelineError> {
    let still_owed: HashSet<AlertId> = kept_quiet::unsettled(tx, quieted).await?;
    let is_to_be_shown =
        |alert: &Alert| alert.state == AlertState::Silenced && !still_owed.contains(&alert.id);
    let mut shown = alerts::get(tx, quieted).await?;
    shown.retain(is_to_be_shown);
    let mut became = Vec::new();
    for alert in &mut shown {
        let open = Alert {
            state: AlertState::Open,
            updated_at: now,
            ..alert.clone()
        };
        became.extend(AlertChange::opened(alert, &open, now));
        *alert = open;
    }
    alerts::update(tx, &shown).await?;
    Ok(alert_life::append(tx, &became).await?)
}
