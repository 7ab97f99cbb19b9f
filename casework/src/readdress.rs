//! A watchlist that names other channels than before: what waits is readdressed, in the transaction that changes the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_alerts::readdress::{Addressed, Readdressed, Rewritten, UNADDRESSED, readdress};
use sightline_model::{
    Alert, AlertId, Delivery, Entry, EntryId, Fate, Group, Mint, Sighting, Timestamp, WatchlistId,
    counted,
};
use sightline_store::{Result, Tx, alerts, deliveries, entries, readdressing, sightings, verdicts};

/// Alerts that are looked at together.
const PART: u32 = 500;

/// Keeps to this transaction what readdressing depends on: nobody decides on a sighting meanwhile, or takes or closes one of
/// these alerts. Behind the gate, which who looks at a list to change it has shut, and before the watchlist is changed, for others
/// take its entries first.
pub(crate) async fn hold(tx: &mut Tx, list: WatchlistId) -> Result<()> {
    let mut after = None;
    let mut held = BTreeSet::<EntryId>::new();
    loop {
        let part = readdressing::concerned(tx, list, after, PART).await?;
        let Some(last) = part.last() else { break };
        after = Some(last.id);
        held.extend(part.iter().map(|alert| alert.entry));
    }
    let held: Vec<EntryId> = held.into_iter().collect();
    entries::hold(tx, &held).await?;
    alerts::hold_groups_of(tx, &[list]).await
}

/// Readdresses what waits of a watchlist whose rules were changed. What was done, a line for each sort.
pub(crate) async fn readdressed(
    tx: &mut Tx,
    list: WatchlistId,
    rules: Rewritten<'_>,
    now: Timestamp,
    mint: &Mint,
) -> Result<Vec<String>> {
    let mut done = Done::default();
    let mut after = None;
    loop {
        let part = readdressing::concerned(tx, list, after, PART).await?;
        let Some(last) = part.last() else { break };
        after = Some(last.id);
        let found = look(tx, part, rules, now, mint).await?;
        done.count(&found);
        save(tx, found).await?;
    }
    Ok(done.lines())
}

async fn look(
    tx: &mut Tx,
    part: Vec<Alert>,
    rules: Rewritten<'_>,
    now: Timestamp,
    mint: &Mint,
) -> Result<Readdressed> {
    let ids: Vec<AlertId> = part.iter().map(|alert| alert.id).collect();
    let sent = deliveries::of_alerts(tx, &ids).await?;
    let mut by_alert = HashMap::<AlertId, Vec<&Delivery>>::new();
    for delivery in &sent {
        if let Some(alert) = delivery.topic.alert() {
            by_alert.entry(alert).or_default().push(delivery);
        }
    }
    // Where there was a channel all along, somebody was told of everything.
    let untold = match rules.before.channels.is_empty() {
        true => untold(tx, &part).await?,
        false => BTreeMap::new(),
    };
    let addressed = part.into_iter().map(|alert| Addressed {
        deliveries: by_alert.remove(&alert.id).unwrap_or_default(),
        untold: untold.get(&alert.id).into_iter().flatten().collect(),
        alert,
    });
    Ok(readdress(addressed.collect(), rules, now, mint))
}

/// What is news of these alerts that nobody was told of, since the rules named no channel. Not what somebody rejected, what
/// stood there when somebody took the alert, or what is of an entry that somebody took off.
async fn untold(tx: &mut Tx, part: &[Alert]) -> Result<BTreeMap<AlertId, Vec<Sighting>>> {
    let raised_by: Vec<EntryId> = part.iter().map(|alert| alert.entry).collect();
    let raised_by = entries::get(tx, &raised_by).await?.into_iter();
    let raised_by: HashMap<EntryId, Entry> = raised_by.map(|entry| (entry.id, entry)).collect();
    let is_owed = |alert: &&Alert| {
        let entry = raised_by.get(&alert.entry);
        let is_of_one = matches!(alert.group, Group::Entry(_));
        alert.closed.is_none() && !entry.is_some_and(|one| is_of_one && !one.is_told_of())
    };
    let owed = part.iter().filter(is_owed);
    let owed: HashMap<AlertId, &Alert> = owed.map(|alert| (alert.id, alert)).collect();
    let mut ids: Vec<AlertId> = owed.keys().copied().collect();
    ids.sort_unstable();
    let mut found = readdressing::sightings_in(tx, &ids).await?;
    found.retain(|(alert, sighting)| {
        let taken = owed
            .get(alert)
            .and_then(|alert| alert.acknowledged.as_ref())
            .map(|(_, at)| *at);
        matches!(&sighting.fate, Some(Fate::NoChannel { alert: of }) if of == alert)
            && !sighting.withheld
            && taken.is_none_or(|taken| sighting.at > taken)
    });
    let pairs: Vec<_> = found
        .iter()
        .map(|(_, one)| (one.entry, one.listing))
        .collect();
    let rejected = verdicts::rejected(tx, &pairs).await?;
    let mut untold = BTreeMap::<AlertId, Vec<Sighting>>::new();
    for (alert, sighting) in found {
        if !rejected.contains(&(sighting.entry, sighting.listing)) {
            untold.entry(alert).or_default().push(sighting);
        }
    }
    Ok(untold)
}

async fn save(tx: &mut Tx, found: Readdressed) -> Result<()> {
    let Readdressed {
        alerts: changed,
        withdrawn,
        restored,
        messages,
        told,
    } = found;
    let fates: HashMap<_, _> = told
        .iter()
        .map(|(_, sighting, _, fate)| (*sighting, fate.clone()))
        .collect();
    let ids: Vec<_> = told.iter().map(|(_, sighting, ..)| *sighting).collect();
    let mut seen = sightings::get(tx, &ids).await?;
    for sighting in &mut seen {
        sighting.fate = fates.get(&sighting.id).cloned();
    }
    sightings::update(tx, &seen).await?;
    alerts::update(tx, &changed).await?;
    let attached: Vec<_> = told
        .iter()
        .map(|(alert, sighting, batch, _)| (*alert, *sighting, Some(*batch)))
        .collect();
    alerts::attach(tx, &attached).await?;
    deliveries::insert(tx, &messages).await?;
    let withdrawn: Vec<_> = withdrawn
        .into_iter()
        .map(|id| (id, UNADDRESSED.to_owned()))
        .collect();
    deliveries::withdraw(tx, &withdrawn).await?;
    for one in restored {
        readdressing::restore(tx, one.delivery, one.due.at, one.due.waits).await?;
    }
    Ok(())
}

/// How much was readdressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Done {
    withdrawn: usize,
    put_out: usize,
    /// Alerts that nobody was told of before.
    told: usize,
}

impl Done {
    fn count(&mut self, found: &Readdressed) {
        let told: BTreeSet<AlertId> = found.told.iter().map(|(alert, ..)| *alert).collect();
        self.withdrawn += found.withdrawn.len();
        self.put_out += found.messages.len() + found.restored.len();
        self.told += told.len();
    }

    fn lines(self) -> Vec<String> {
        let Self {
            withdrawn,
            put_out,
            told,
        } = self;
        let mut lines = Vec::new();
        if withdrawn > 0 {
            let waiting = counted(withdrawn, "message that waits", "messages that wait");
            lines.push(format!(
                "withdrawn: {waiting} for channels that it does not name any more"
            ));
        }
        if put_out > 0 {
            let messages = counted(put_out, "message", "messages");
            lines.push(format!(
                "put out: {messages} for channels that it names now"
            ));
        }
        if told > 0 {
            let alerts = counted(told, "alert", "alerts");
            lines.push(format!("among them {alerts} that nobody was told of yet"));
        }
        lines
    }
}
