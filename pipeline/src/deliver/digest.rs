//! Digests: which deliveries one message tells of, and what it tells, gathered from the store.

use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
};

use sightline_alerts::{
    digest::{DigestView, ItemView},
    follow::{Holds, Moot, moot},
    message::Event,
    view::Reminding,
    words,
};
use sightline_model::{
    Alert, AlertId, Certainty, Delivery, DeliveryId, Entry, EntryId, Purpose, Reason, Timestamp,
    Wait, WatchlistId,
};
use sightline_store::{
    Tx,
    alerts::{self, ToldIn},
    certainties::Certainties,
    deliveries, entries, waits, watchlists,
};

use super::{
    quiet,
    view::{count, link, reminding},
};
use crate::{PipelineError, instance::Instance};

/// A digest that is about to be written.
pub(super) struct Gathered {
    /// What it tells; none where its watchlist is not in the store.
    pub view: Option<DigestView>,
    /// The deliveries that it carries beside the one that it is written for.
    pub carried: Vec<DeliveryId>,
}

/// Gathers what waits for the digest, or waited for the end of the silence, that `carrier`, of an alert of this watchlist, is
/// written for. What a silence covers is put off, and what people have dealt with meanwhile is withdrawn.
pub(super) async fn gather(
    tx: &mut Tx,
    instance: &Instance,
    carrier: &Delivery,
    watchlist: WatchlistId,
    now: Timestamp,
) -> Result<Gathered, PipelineError> {
    // One that was given up before it could be written, and is sent after all, carries what it did then.
    waits::free(tx, carrier.id).await?;
    let mut told = deliveries::carry(tx, carrier, watchlist, now).await?;
    let held = quiet::held(tx, &told, now).await?;
    waits::put_off(tx, &held).await?;
    told.retain(|delivery| !held.iter().any(|held| held.delivery == delivery.id));
    let carried = told.iter().map(|delivery| delivery.id).collect();
    told.insert(0, carrier.clone());
    let news = News::of(tx, &told).await?;
    let mut withdrawn = Vec::new();
    told.retain(|delivery| {
        let Some(alert) = news.alert(delivery) else {
            return true;
        };
        let moot = news.moot(delivery, alert);
        withdrawn.extend(moot.as_ref().map(|moot| (delivery.clone(), moot.clone())));
        moot.is_none()
    });
    for (delivery, moot) in &withdrawn {
        withdraw(tx, delivery, moot).await?;
    }
    let mut items = Vec::new();
    for delivery in &told {
        let Some(alert) = news.alert(delivery) else {
            continue;
        };
        let reminding = reminding(tx, alert, delivery).await?;
        items.push(news.item(instance, alert, delivery, reminding));
    }
    let list = watchlists::get(tx, watchlist).await?;
    let view = list.map(|list| DigestView {
        watchlist,
        watchlist_name: list.name,
        after_silence: carrier.waits == Some(Wait::Silence),
        tlp: news
            .entries
            .values()
            .map(|entry| entry.tlp)
            .max()
            .unwrap_or_default(),
        items,
    });
    Ok(Gathered { view, carried })
}

/// Takes a delivery out of the outbox that need not be sent any more. What comes after an escalation may need it.
pub(super) async fn withdraw(
    tx: &mut Tx,
    delivery: &Delivery,
    moot: &Moot,
) -> Result<(), PipelineError> {
    deliveries::withdraw(tx, &[(delivery.id, moot.words())]).await?;
    if let (Purpose::Escalation, Some(alert)) = (delivery.purpose, delivery.topic.alert()) {
        alerts::forget_escalation(tx, alert).await?;
    }
    Ok(())
}

/// What deliveries have to tell.
pub(super) struct News {
    alerts: HashMap<AlertId, Alert>,
    /// By alert and batch.
    told: BTreeMap<(AlertId, i64), Vec<ToldIn>>,
    /// How many entries each alert gathers.
    gathers: BTreeMap<AlertId, usize>,
    entries: HashMap<EntryId, Entry>,
    /// What the sightings of each alert are worth.
    worth: Certainties,
}

impl News {
    /// Of these deliveries.
    pub async fn of(tx: &mut Tx, deliveries: &[Delivery]) -> Result<Self, PipelineError> {
        let mut ids: Vec<AlertId> = deliveries
            .iter()
            .filter_map(|delivery| delivery.topic.alert())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let alerts: HashMap<AlertId, Alert> = alerts::get(tx, &ids)
            .await?
            .into_iter()
            .map(|alert| (alert.id, alert))
            .collect();
        let mut told = BTreeMap::<_, Vec<ToldIn>>::new();
        let mut gathered = std::collections::BTreeSet::new();
        gathered.extend(alerts.values().map(|alert| (alert.id, alert.entry)));
        for one in alerts::told_in(tx, &ids).await? {
            gathered.insert((one.alert, one.entry));
            told.entry((one.alert, one.batch)).or_default().push(one);
        }
        let worth = Certainties::of(tx, &ids).await?;
        let mut gathers = BTreeMap::new();
        for (alert, _) in &gathered {
            *gathers.entry(*alert).or_default() += 1;
        }
        let mut ids: Vec<EntryId> = gathered.into_iter().map(|(_, entry)| entry).collect();
        ids.sort_unstable();
        ids.dedup();
        let entries = entries::get(tx, &ids).await?;
        Ok(Self {
            alerts,
            told,
            gathers,
            worth,
            entries: entries.into_iter().map(|entry| (entry.id, entry)).collect(),
        })
    }

    /// The alert of a delivery.
    pub fn alert(&self, delivery: &Delivery) -> Option<&Alert> {
        self.alerts.get(&delivery.topic.alert()?)
    }

    /// Why a delivery of this alert need not be sent any more, if it need not.
    pub fn moot(&self, delivery: &Delivery, alert: &Alert) -> Option<Moot> {
        let batch = self.told.get(&(alert.id, delivery.batch));
        let all = self.told.range((alert.id, i64::MIN)..=(alert.id, i64::MAX));
        moot(
            delivery.purpose,
            Holds::of(ToldIn::left(batch.into_iter().flatten())),
            Holds::of(ToldIn::left(all.flat_map(|(_, told)| told))),
            alert,
        )
    }

    fn item(
        &self,
        instance: &Instance,
        alert: &Alert,
        delivery: &Delivery,
        reminding: Option<Reminding>,
    ) -> ItemView {
        // Whom an escalation reaches was told of nothing yet.
        let batches = match delivery.purpose {
            Purpose::Escalation => i64::MIN..=i64::MAX,
            _ => delivery.batch..=delivery.batch,
        };
        let reasons_of = |batches: RangeInclusive<i64>| {
            let told = self
                .told
                .range((alert.id, *batches.start())..=(alert.id, *batches.end()));
            let mut reasons = BTreeMap::<Reason, u32>::new();
            for one in told.flat_map(|(_, told)| told) {
                let standing = u32::try_from(one.sightings).unwrap_or(u32::MAX);
                if standing > 0 {
                    *reasons.entry(one.reason).or_default() += standing;
                }
            }
            reasons
        };
        let reasons = reasons_of(batches);
        let about = match reasons.is_empty() {
            true => reasons_of(i64::MIN..=i64::MAX),
            false => reasons.clone(),
        };
        let why = about.keys().rev().map(|reason| words::reason(*reason));
        let entry = self.entries.get(&alert.entry);
        ItemView {
            event: Event::of(delivery.purpose, delivery.batch, reasons.values().sum()),
            alert: alert.id,
            opened_at: alert.opened_at,
            state: alert.state,
            severity: alert.severity,
            why: why.map(ToOwned::to_owned).collect(),
            reminding,
            possible: match delivery.purpose {
                Purpose::Escalation => self.worth.of_alert(alert.id),
                _ => self.worth.of_batch(alert.id, delivery.batch),
            }
            .is_some_and(Certainty::is_possible),
            reasons: reasons.into_iter().collect(),
            entries: count(self.gathers.get(&alert.id).copied().unwrap_or(1)),
            case_reference: entry.and_then(|entry| entry.case_reference.clone()),
            link: instance
                .public_url
                .as_ref()
                .and_then(|url| link(url, alert.id)),
        }
    }
}
