//! The ledger: what was owed to whom, by a judgement of its own, and what came.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    time::Duration,
};

use serde_json::Value;
use sightline_model::{
    AlertId, AlertState, Clock as _, DeliveryId, EntryId, Fate, ListingId, Purpose, Reason,
    Sighting, SightingId, SourceId, Timestamp, Unalerted, Wait, WatchlistId,
};
use sightline_store::{Filter, Tx, alerts, deliveries, sightings};

use super::world::{PEOPLE, World};
use crate::commit::Shown;

/// What an ad showed.
#[derive(Clone, Debug)]
pub struct Shows {
    entry: EntryId,
    watchlist: WatchlistId,
    listing: ListingId,
    source: SourceId,
    at: Timestamp,
}

impl Shows {
    pub fn of(shown: &Shown) -> Self {
        Self {
            entry: shown.entry,
            watchlist: shown.watchlist,
            listing: shown.listing,
            source: shown.source,
            at: shown.at,
        }
    }
}

/// What somebody got.
#[derive(Clone, Default, Debug)]
pub struct Got {
    pub messages: u32,
    pub alerts: u32,
    pub reminders: u32,
    pub escalations: u32,
    /// By the messages' own words.
    new_sightings: u32,
}

#[derive(Default)]
pub struct Ledger {
    /// When each entry was last seen, and on which sources ever.
    memory: HashMap<EntryId, (Timestamp, HashSet<SourceId>)>,
    pairs: HashSet<(EntryId, ListingId)>,
    /// The news that each list's people are owed: by sighting and instant.
    owed: BTreeMap<(SightingId, Timestamp), WatchlistId>,
    /// News that a silence covered; owed when that was over.
    silenced: BTreeSet<(SightingId, Timestamp)>,
    /// Further listings that are no news, and are shown in a message all the same.
    shown: BTreeSet<(SightingId, Timestamp)>,
    /// News that was beyond an entry's ceiling.
    gathered: BTreeSet<(SightingId, Timestamp)>,
    fates: BTreeMap<&'static str, u32>,
    /// When each person was last told of each alert.
    last: HashMap<(&'static str, AlertId), Timestamp>,
    /// Reminders that told of what was held beyond a ceiling.
    reminded_at_ceiling: BTreeSet<DeliveryId>,
    /// Messages that said that their entry's ceiling was reached.
    ceilings: BTreeSet<DeliveryId>,
    /// What came, by channel.
    told: BTreeMap<&'static str, BTreeMap<(SightingId, Timestamp), DeliveryId>>,
    got: BTreeMap<&'static str, Got>,
    read: BTreeMap<&'static str, usize>,
    received: HashSet<String>,
}

impl Ledger {
    /// Notes what an hour's ads owe to people, and that each of them has a fate that fits.
    pub async fn owe(&mut self, world: &World, tx: &mut Tx, seen: &[Shows]) {
        let pairs: Vec<_> = seen.iter().map(|one| (one.entry, one.listing)).collect();
        let stored: HashMap<_, Sighting> = sightings::of_pairs(tx, &pairs)
            .await
            .unwrap()
            .into_iter()
            .map(|sighting| ((sighting.entry, sighting.listing), sighting))
            .collect();
        let mut seen = seen.to_vec();
        seen.sort_by_key(|one| one.at);
        for one in seen {
            let first_sight = self.pairs.insert((one.entry, one.listing));
            let expected = match self.judge(&one) {
                Reason::Continued if first_sight => Reason::NewListing,
                judged => judged,
            };
            let sighting = &stored[&(one.entry, one.listing)];
            let fate = sighting.fate.as_ref().expect("every sighting has its fate");
            if expected == Reason::Continued {
                *self
                    .fates
                    .entry("seen again, nothing to decide")
                    .or_default() += 1;
                continue;
            }
            // An entry may be news and go on in one listing within the hour: then the row holds the news.
            assert_eq!(sighting.reason, expected, "{sighting:?}");
            let key = (sighting.id, sighting.at);
            let word = match (fate, expected) {
                (Fate::Recorded { why, batch, .. }, Reason::NewListing) => {
                    assert_eq!(*why, Unalerted::NotInRules);
                    match batch {
                        Some(_) => {
                            self.shown.insert(key);
                            "one more listing: shown in a message that waited"
                        }
                        None => "one more listing: recorded",
                    }
                }
                (Fate::Silenced { .. }, _) => {
                    assert_eq!(world.lists[&one.watchlist].0, "Harbour");
                    self.silenced.insert(key);
                    self.owed.insert(key, one.watchlist);
                    "not sent while it was silenced: told afterwards"
                }
                (Fate::Told { waits, .. }, _) => {
                    self.owed.insert(key, one.watchlist);
                    match waits {
                        Some(Wait::Digest) => "told in the next digest",
                        Some(Wait::QuietHours) => "held: quiet hours",
                        Some(Wait::Interval) => "told after the interval since the last message",
                        Some(Wait::Group) | None => "told at once",
                        Some(waits @ (Wait::Ceiling | Wait::Silence)) => {
                            panic!("news waits by itself for {waits}")
                        }
                    }
                }
                (Fate::Grouped { .. }, _) => {
                    self.owed.insert(key, one.watchlist);
                    "not sent by itself: grouped with a message that waited"
                }
                (Fate::Gathered { ceiling, .. }, _) => {
                    assert_eq!((*ceiling, one.entry), (6, world.flooded()));
                    self.owed.insert(key, one.watchlist);
                    self.gathered.insert(key);
                    "not sent singly: its entry's ceiling was reached, told in one message with the others"
                }
                (fate, reason) => panic!("{reason} came to {fate:?}"),
            };
            *self.fates.entry(word).or_default() += 1;
        }
    }

    fn judge(&mut self, one: &Shows) -> Reason {
        let gap = Duration::from_secs(14 * 86_400);
        let Some((last, sources)) = self.memory.get_mut(&one.entry) else {
            let sources = HashSet::from([one.source]);
            self.memory.insert(one.entry, (one.at, sources));
            return Reason::First;
        };
        let reason = match sources.contains(&one.source) {
            _ if one.at.since(*last) > gap => Reason::Reappeared,
            true => Reason::Continued,
            false => Reason::NewSource,
        };
        sources.insert(one.source);
        *last = one.at;
        reason
    }

    /// Reads what came since, line by line, and notes which sightings each message told of.
    pub async fn receive(&mut self, world: &World) {
        let mut tx = world.instance.read().await.unwrap();
        for person in PEOPLE {
            let file = world
                .folder
                .path()
                .join(person.channel)
                .with_extension("jsonl");
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            let from = self.read.entry(person.channel).or_default();
            let new = text[*from..].to_owned();
            *from = text.len();
            for line in new.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                let id = line["id"].as_str().unwrap().to_owned();
                assert!(
                    self.received.insert(id.clone()),
                    "the message {id} came twice"
                );
                self.note(
                    world,
                    &mut tx,
                    person.channel,
                    id.parse().unwrap(),
                    &line["payload"],
                )
                .await;
            }
        }
    }

    async fn note(
        &mut self,
        world: &World,
        tx: &mut Tx,
        channel: &'static str,
        id: DeliveryId,
        payload: &Value,
    ) {
        if channel == "carla" && payload["data"]["severity"] != "grave" {
            // Greenwich time, in November and December.
            let hour = world.clock.now().to_utc().format("%H").to_string();
            assert!(("07".."22").contains(&hour.as_str()), "disturbed at {hour}");
        }
        let got = self.got.entry(channel).or_default();
        let count = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
        got.messages += 1;
        let mut told = deliveries::carried_by(tx, id).await.unwrap();
        told.insert(0, deliveries::get(tx, id).await.unwrap().unwrap());
        let kinds: Vec<&Value> = match payload["type"].as_str().unwrap() {
            "digest" => {
                got.new_sightings += count(&payload["data"]["new_sightings"]);
                assert_eq!(count(&payload["data"]["alerts"]) as usize, told.len());
                let items = payload["data"]["items"].as_array().unwrap();
                items.iter().map(|item| &item["type"]).collect()
            }
            "alert.escalated" => {
                got.escalations += 1;
                got.alerts += 1;
                return;
            }
            _ => {
                got.new_sightings += count(&payload["data"]["new_sightings"]);
                let why = payload["data"]["why"].to_string();
                if why.contains("ceiling of 6 messages in 24 hours is reached") {
                    assert!(why.contains("is held until"), "{why}");
                    self.ceilings.insert(id);
                }
                vec![&payload["type"]]
            }
        };
        got.alerts += u32::try_from(told.len()).unwrap();
        got.reminders += u32::try_from(
            kinds
                .iter()
                .filter(|kind| {
                    ["alert.reminder", "alert.forgotten"].contains(&kind.as_str().unwrap())
                })
                .count(),
        )
        .unwrap();
        let told_before = self.told.entry(channel).or_default();
        for delivery in told {
            let alert = delivery.topic.alert().unwrap();
            self.last.insert((channel, alert), world.clock.now());
            let batch = alerts::sightings_of(tx, alert, Some(delivery.batch)).await;
            for sighting in batch.unwrap() {
                let key = (sighting.id, sighting.at);
                if delivery.purpose == Purpose::Reminder && self.gathered.contains(&key) {
                    self.reminded_at_ceiling.insert(delivery.id);
                }
                let before = told_before.insert(key, delivery.id);
                assert_eq!(before, None, "{channel} was told twice of {sighting:?}");
            }
        }
    }

    /// Holds what nobody has taken against when people were last told of it: an hour passes between two looks, and who is not to
    /// be disturbed hears of it in the morning.
    pub async fn check_reminders(&self, world: &World) {
        let now = world.clock.now();
        let mut tx = world.instance.read().await.unwrap();
        let open = Filter {
            state: Some(AlertState::Open.as_str()),
            limit: 10_000,
            ..Filter::default()
        };
        for alert in alerts::list(&mut tx, &open).await.unwrap() {
            let (name, rules) = &world.lists[&alert.watchlist];
            let Some(repeat) = rules.repeat() else {
                continue;
            };
            let quiet = rules.quiet_hours.as_ref().map_or(0, |_| 9);
            let allowed = repeat + Duration::from_secs(3_600 * (1 + quiet));
            let told = PEOPLE.iter().filter_map(|person| {
                let told = self.last.get(&(person.channel, alert.id));
                rules
                    .channels
                    .iter()
                    .any(|name| name == person.channel)
                    .then_some(told?)
            });
            for last in told {
                let since = now.since(*last);
                assert!(
                    since <= allowed,
                    "{name}: {alert:?} was told of {since:?} ago"
                );
            }
        }
    }

    /// What somebody got.
    pub fn of(&self, channel: &str) -> Got {
        self.got.get(channel).cloned().unwrap_or_default()
    }

    /// The news that somebody was told of, and what continued beside it.
    pub fn told_to(&self, channel: &str) -> (usize, usize) {
        let told = self.told.get(channel);
        let told = told.into_iter().flat_map(BTreeMap::keys);
        let (mut news, mut continued) = (0, 0);
        for key in told {
            match self.owed.contains_key(key) {
                true => news += 1,
                false => continued += 1,
            }
        }
        (news, continued)
    }

    /// Holds what came against what was owed.
    pub async fn balance(&self, world: &World) {
        for person in PEOPLE {
            let channel = person.channel;
            let lists: BTreeSet<WatchlistId> = world
                .lists
                .iter()
                .filter(|(_, (_, rules))| rules.channels.iter().any(|name| name == channel))
                .map(|(id, _)| *id)
                .collect();
            let told = self.told.get(channel).cloned().unwrap_or_default();
            let owed: BTreeSet<_> = self
                .owed
                .iter()
                .filter(|(_, list)| lists.contains(list))
                .map(|(key, _)| *key)
                .collect();
            let came: BTreeSet<_> = told.keys().copied().collect();
            let lost: Vec<_> = owed.difference(&came).collect();
            assert_eq!(lost, Vec::<&_>::new(), "lost on the way to {channel}");
            for key in came.difference(&owed) {
                assert!(
                    self.shown.contains(key),
                    "{channel} was told of {key:?}, which is no news"
                );
            }
            let said = self.of(channel).new_sightings;
            assert_eq!(
                said as usize,
                told.len(),
                "{channel}'s messages count what they tell"
            );
        }
        assert!(!self.silenced.is_empty(), "the silence covered something");
        let told = &self.told["asha"];
        let flood: BTreeSet<_> = self.gathered.iter().map(|key| told[key]).collect();
        assert!(self.gathered.len() > 20, "{}", self.gathered.len());
        let by_itself = flood.difference(&self.reminded_at_ceiling);
        assert!(
            by_itself.count() <= 1,
            "beside the reminders, the flood is told in one message"
        );
        assert!(
            !self.reminded_at_ceiling.is_empty(),
            "what waits at a ceiling is told in reminders"
        );
        let before = self.ceilings.iter().filter(|id| !flood.contains(*id));
        assert!(
            before.count() > 0,
            "the message before it said that more is held"
        );
        let mut tx = world.instance.read().await.unwrap();
        assert_eq!(
            deliveries::next_due(&mut tx).await.unwrap(),
            None,
            "nothing waits"
        );
    }

    /// What came of every sighting, in a sentence.
    pub fn fates_in_words(&self) -> String {
        let mut lines: Vec<String> = self
            .fates
            .iter()
            .map(|(fate, count)| format!("| {fate} | {count} |\n"))
            .collect();
        lines.insert(
            0,
            "| what came of each sighting | how many |\n| --- | ---: |\n".to_owned(),
        );
        lines.concat()
    }
}
