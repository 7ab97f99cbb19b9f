//! Quiet as messages are sent: what was due before quiet hours and comes to be tried within them, since its receiver or this
//! machine was away, waits for their end; and so does all that a silence covers, however long it has waited already.

use std::collections::{BTreeSet, HashMap};

use sightline_alerts::rules::Rules;
use sightline_model::{Alert, AlertId, Delivery, DeliveryId, Timestamp, Wait, WatchlistId};
use sightline_store::{
    Tx, alerts, deliveries,
    waits::{self, PutOff},
    watchlists,
};

use crate::{
    PipelineError,
    commit::{gathered, quietness},
};

/// Puts off those of these deliveries that would disturb somebody now; the others, to be sent. A digest that was written already
/// is taken apart where a silence covers some of what it tells, or quiet hours hold not all of it: what is held waits, and
/// the rest is gathered anew.
pub(super) async fn put_off(
    tx: &mut Tx,
    mut taken: Vec<Delivery>,
    now: Timestamp,
) -> Result<Vec<Delivery>, PipelineError> {
    let mut all = taken.clone();
    let mut carried = HashMap::<DeliveryId, Vec<DeliveryId>>::new();
    for written in taken.iter().filter(|one| one.message.is_some()) {
        let more = deliveries::carried_by(tx, written.id).await?;
        if !more.is_empty() || written.waits == Some(Wait::Digest) {
            let pending = more.iter().filter(|one| one.state == written.state);
            carried.insert(written.id, pending.map(|one| one.id).collect());
        }
        all.extend(more.into_iter().filter(|one| one.state == written.state));
    }
    let mut held: HashMap<DeliveryId, PutOff> = self::held(tx, &all, now)
        .await?
        .into_iter()
        .map(|held| (held.delivery, held))
        .collect();
    for (carrier, carried) in carried {
        let parts = || std::iter::once(&carrier).chain(&carried);
        if goes_as_one(parts().map(|part| held.get(part))) {
            // What is held of it waits with its carrier.
            held.retain(|part, _| !carried.contains(part));
            continue;
        }
        waits::take_apart(tx, carrier).await?;
        for written in taken.iter_mut().filter(|one| one.id == carrier) {
            written.message = None;
            written.progress = None;
            written.waits = written.waits.or(Some(Wait::Silence));
        }
    }
    taken.retain(|delivery| !held.contains_key(&delivery.id));
    let held: Vec<PutOff> = held.into_values().collect();
    waits::put_off(tx, &held).await?;
    Ok(taken)
}

/// True where nothing holds any of the parts of a message, or the same night holds all of them.
fn goes_as_one<'h>(mut parts: impl Iterator<Item = Option<&'h PutOff>>) -> bool {
    let night =
        |part: Option<&PutOff>| part.map(|held| (held.until, held.waits == Wait::QuietHours));
    let first = parts.next().map(night);
    !matches!(first, Some(Some((_, false)))) && parts.all(|part| Some(night(part)) == first)
}

/// Those of these deliveries that would disturb somebody now, each with the instant from which on it does not.
pub(super) async fn held(
    tx: &mut Tx,
    taken: &[Delivery],
    now: Timestamp,
) -> Result<Vec<PutOff>, PipelineError> {
    let ids: BTreeSet<AlertId> = taken
        .iter()
        .filter_map(|delivery| delivery.topic.alert())
        .collect();
    let ids: Vec<AlertId> = ids.into_iter().collect();
    let about = alerts::get(tx, &ids).await?.into_iter();
    let about: HashMap<AlertId, Alert> = about.map(|alert| (alert.id, alert)).collect();
    let lists: BTreeSet<WatchlistId> = about.values().map(|alert| alert.watchlist).collect();
    let mut all_rules = HashMap::<WatchlistId, Rules>::new();
    for list in lists {
        let stored = watchlists::get(tx, list).await?;
        // Rules that do not read are told of wherever they are changed or checked.
        let rules = stored.and_then(|stored| Rules::read(&stored.rules).ok());
        all_rules.extend(rules.map(|rules| (list, rules)));
    }
    let quietness = quietness(tx, now).await?;
    let gathered = gathered(tx, &quietness, &ids).await?;
    let silenced_until = |delivery: &Delivery, alert: &Alert| {
        let gathers = gathered.get(&alert.id).map_or(&[][..], Vec::as_slice);
        let by = quietness.over_message(delivery, alert, gathers).whole()?;
        // With the next digest, as all that the silence kept quiet.
        let digest = match delivery.waits {
            Some(Wait::Digest) => all_rules
                .get(&alert.watchlist)
                .and_then(|rules| rules.digest.as_ref()),
            _ => None,
        };
        let until = digest.and_then(|digest| digest.next(by.until));
        Some((until.unwrap_or(by.until), Wait::Silence, Some(by.id)))
    };
    let quiet_until = |alert: &Alert| {
        let quiet = all_rules.get(&alert.watchlist)?.quiet_hours.as_ref()?;
        let until = quiet.over(alert.severity, now);
        (until > now).then_some((until, Wait::QuietHours, None))
    };
    let held = |delivery: &Delivery| {
        let alert = about.get(&delivery.topic.alert()?)?;
        let (until, waits, held_by) =
            silenced_until(delivery, alert).or_else(|| quiet_until(alert))?;
        Some(PutOff {
            delivery: delivery.id,
            until,
            waits,
            held_by,
        })
    };
    Ok(taken.iter().filter_map(held).collect())
}
