//! The world of the month: sources, lists, people, and the ads that are posted.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use sightline_alerts::{
    channels::{Channel, ChannelSettings, Surroundings},
    render::Templates,
    rules::Rules,
};
use sightline_crawler::{
    archive::{Archive, ArchiveSettings},
    settings::FetchSettings,
    visit::Crawler,
};
use sightline_egress::{Egress, EgressSettings, install_crypto};
use sightline_model::{
    Alert, Category, Clock, Confidence, Covers, Digest, Entry, EntryId, EntryState, Find, Kind,
    Listing, ListingId, ManualClock, Mint, Selector, Severity, SourceId, Timestamp, Tlp, Watchlist,
    WatchlistId, Way,
};
use sightline_store::{
    Store, StoreSettings, entries, listings, silences,
    sources::{self, Definition},
    watchlists,
};
use sightline_watchlists::matcher::Subject;
use tempfile::TempDir;

use super::ledger::{Ledger, Shows};
use crate::{
    commit::{Committed, Shown, judge_all, remember},
    instance::{Instance, Parts},
    notices::NoticeSettings,
    settings::WorkSettings,
};

/// Sunday, 1 November 2026, 00:00 UTC.
const START: Timestamp = Timestamp(1_793_491_200_000);
const SOURCES: usize = 300;
/// Ads of an hour: 5,000 a day.
const ADS: [usize; 3] = [208, 208, 209];
const DAY: Duration = Duration::from_secs(86_400);
/// The number that is posted everywhere on the twenty-first day, of the list Lotus.
const FLOODED: usize = 150;
const FLOODED_HOURS: Range<usize> = 20 * 24 + 6..20 * 24 + 18;
/// Its ads of an hour.
const FLOOD: usize = 20;

/// Somebody who is told.
pub struct Person {
    pub channel: &'static str,
    pub lists: &'static str,
    pub how: &'static str,
}

pub const PEOPLE: [Person; 6] = [
    Person {
        channel: "asha",
        lists: "Lotus, Cases",
        how: "at once; reminded twice a day; of Lotus 6 messages of an entry a day",
    },
    Person {
        channel: "boss",
        lists: "Lotus",
        how: "where nobody acknowledges in 8 hours",
    },
    Person {
        channel: "benoit",
        lists: "Harbour",
        how: "daily digest at 08:00 Europe/Paris",
    },
    Person {
        channel: "carla",
        lists: "Night watch",
        how: "quiet from 22:00 to 07:00 Europe/London; reminded weekly",
    },
    Person {
        channel: "dan",
        lists: "Cases",
        how: "at once, grouped by case; of what is forgotten for 7 days",
    },
    Person {
        channel: "erin",
        lists: "Far",
        how: "weekly digest, Mondays at 09:00 America/New_York, grouped by source",
    },
];

/// The lists: name, entries, rules.
fn lists() -> [(&'static str, usize, Value); 5] {
    [
        (
            "Lotus",
            400,
            json!({"channels": ["asha"], "repeat_seconds": 43_200, "ceiling_per_day": 6,
                   "escalate": {"after_seconds": 28_800, "channels": ["boss"]}}),
        ),
        (
            "Harbour",
            600,
            json!({"channels": ["benoit"],
                   "digest": {"every": "daily", "at": "08:00", "zone": "Europe/Paris"}}),
        ),
        (
            "Night watch",
            300,
            json!({"channels": ["carla"], "repeat_seconds": 604_800,
                   "quiet_hours": {"from": "22:00", "to": "07:00", "zone": "Europe/London"}}),
        ),
        (
            "Cases",
            400,
            json!({"channels": ["dan", "asha"], "group_by": "case", "forgotten_seconds": 604_800}),
        ),
        (
            "Far",
            300,
            json!({"channels": ["erin"], "group_by": "source",
                   "digest": {"every": "weekly", "at": "09:00", "weekday": "mon", "zone": "America/New_York"}}),
        ),
    ]
}

pub struct World {
    pub instance: Arc<Instance>,
    pub clock: ManualClock,
    pub folder: TempDir,
    pub lists: BTreeMap<WatchlistId, (String, Rules)>,
    entries: HashMap<String, (EntryId, WatchlistId)>,
    numbers: Vec<String>,
    sources: Vec<SourceId>,
    /// The ads that show something, by source and number: those that stand on.
    standing: RefCell<Vec<(Listing, String)>>,
    dice: Mint,
    mint: Arc<Mint>,
}

impl World {
    pub async fn new() -> Self {
        install_crypto();
        let folder = TempDir::new().unwrap();
        let clock = ManualClock::at(START);
        let mint = Arc::new(Mint::seeded(30));
        let (instance, store) = instance(&folder, &clock, &mint).await;
        let mut tx = instance.write().await.unwrap();
        let mut found = Vec::new();
        for number in 0..SOURCES {
            let definition = Definition {
                name: format!("board-{number}"),
                region: None,
                definition: Value::Null,
                digest: String::new(),
            };
            found.push(
                sources::register(&mut tx, &definition, START, &mint)
                    .await
                    .unwrap(),
            );
        }
        let mut made = BTreeMap::new();
        let mut looked_for = Vec::new();
        for (name, count, rules) in lists() {
            let read = Rules::read(&rules).unwrap();
            let people: Vec<&str> = PEOPLE.iter().map(|person| person.channel).collect();
            assert_eq!(read.check(&people), [], "{name}");
            let list = Watchlist {
                id: mint.id(START),
                name: name.to_owned(),
                defaults: json!({}),
                rules,
                created_at: START,
            };
            watchlists::create(&mut tx, &list).await.unwrap();
            for _ in 0..count {
                looked_for.push(entry(&list, looked_for.len(), &mint));
            }
            made.insert(list.id, (name.to_owned(), read));
        }
        entries::add(&mut tx, &looked_for).await.unwrap();
        entries::mark_all_hunted(&mut tx, START).await.unwrap();
        tx.commit().await.unwrap();
        drop(store);
        Self {
            instance,
            clock,
            folder,
            lists: made,
            numbers: looked_for
                .iter()
                .map(|entry| entry.selector.value.clone())
                .collect(),
            entries: looked_for
                .into_iter()
                .map(|entry| (entry.selector.value, (entry.id, entry.watchlist)))
                .collect(),
            sources: found,
            standing: RefCell::default(),
            dice: Mint::seeded(5_000),
            mint,
        }
    }

    /// True so often.
    pub fn chance(&self, share: f64) -> bool {
        self.dice.fraction() < share
    }

    fn below(&self, limit: usize) -> usize {
        // A fraction of a length is below it.
        (self.dice.fraction() * limit as f64) as usize
    }

    /// True where the alert is of the list of this name.
    pub fn is_of(&self, alert: &Alert, list: &str) -> bool {
        self.lists[&alert.watchlist].0 == list
    }

    /// Nobody is told of a list for so long.
    pub async fn silence(&self, list: &str, length: Duration) {
        let now = self.clock.now();
        let (id, _) = self
            .lists
            .iter()
            .find(|(_, (name, _))| name == list)
            .unwrap();
        let silence = silences::Silence {
            id: self.mint.id(now),
            covers: Covers {
                watchlist: Some(*id),
                ..Covers::default()
            },
            created_at: now,
            from: now,
            until: now + length,
            author: "duty".to_owned(),
            reason: "an operation".to_owned(),
        };
        let mut tx = self.instance.write().await.unwrap();
        silences::add(&mut tx, &silence).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// An hour's ads: matched, judged, decided on and stored in one transaction, as a commit does it.
    pub async fn crawl(&self, ledger: &mut Ledger) {
        let now = self.clock.now();
        let mut tx = self.instance.write().await.unwrap();
        let sight = self.instance.lookout.hold(&mut tx, now).await.unwrap();
        let hour = usize::try_from(now.since(START).as_secs() / 3_600).unwrap();
        super::looks::weekly(&mut tx, hour, &self.sources, &self.mint, now).await;
        let (mut new, mut again, mut shown) = (Vec::new(), Vec::new(), Vec::new());
        let usual = ADS[hour % ADS.len()];
        for place in 0..usual + self.flood(hour) {
            let at = now - Duration::from_secs(1_000) + Duration::from_secs(place as u64);
            let (listing, number) = match place.checked_sub(usual) {
                None => self.ad(at),
                Some(_) => (None, self.numbers[FLOODED].clone()),
            };
            let find = find(&number);
            let subject = Subject {
                finds: std::slice::from_ref(&find),
                ..Subject::default()
            };
            let matches = sight.matcher.matches(&subject, now);
            let watched = self.entries.get(&number);
            assert_eq!(matches.len(), usize::from(watched.is_some()), "{number}");
            let Some(matched) = matches.into_iter().next() else {
                continue;
            };
            let listing = match listing {
                Some(listing) => {
                    again.push(listing.clone());
                    listing
                }
                None => {
                    let flooded = place.checked_sub(usual);
                    let source = match flooded {
                        None => self.home(&number),
                        // Each on a board of its own.
                        Some(nth) => self.sources[(hour * FLOOD + nth) % SOURCES],
                    };
                    let id = tx.reserve::<ListingId>(1).await.unwrap()[0];
                    let listing = ad(id, source, at);
                    if flooded.is_none() {
                        let mut standing = self.standing.borrow_mut();
                        standing.push((listing.clone(), number.clone()));
                    }
                    new.push(listing.clone());
                    listing
                }
            };
            shown.push(Shown {
                entry: matched.entry,
                watchlist: matched.watchlist,
                listing: listing.id,
                source: listing.source,
                url: listing.url,
                observation: None,
                explanation: super::looks::explanation(&number),
                at,
                current: true,
                run: None,
            });
        }
        let seen: Vec<Shows> = shown.iter().map(Shows::of).collect();
        let ids: Vec<EntryId> = shown.iter().map(|one| one.entry).collect();
        let mut memory = remember(&mut tx, &ids).await.unwrap();
        listings::insert(&mut tx, &new).await.unwrap();
        // Seen twice within the hour: once is enough for the row.
        again.sort_by_key(|listing| (listing.id, listing.last_seen));
        again.dedup_by_key(|listing| listing.id);
        listings::update(&mut tx, &again).await.unwrap();
        judge_all(
            &mut tx,
            &self.instance,
            &sight,
            shown,
            &mut memory,
            None,
            &mut Committed::default(),
        )
        .await
        .unwrap();
        ledger.owe(self, &mut tx, &seen).await;
        tx.commit().await.unwrap();
    }

    /// Ads more of one number, each hour of half a day: somebody posts it on every board that there is.
    fn flood(&self, hour: usize) -> usize {
        match FLOODED_HOURS.contains(&hour) {
            true => FLOOD,
            false => 0,
        }
    }

    /// True of the alert of the number that is posted everywhere, on that day and in the night after it.
    pub fn is_flooding(&self, alert: &Alert, hour: u32) -> bool {
        let until = FLOODED_HOURS.end + 12;
        alert.entry == self.flooded() && (FLOODED_HOURS.start..until).contains(&(hour as usize))
    }

    /// The entry whose number is posted everywhere.
    pub fn flooded(&self) -> EntryId {
        self.entries[&self.numbers[FLOODED]].0
    }

    /// An ad that is seen: mostly of a number that nobody looks for; of the others, some stand on and most are new.
    fn ad(&self, at: Timestamp) -> (Option<Listing>, String) {
        let standing = self.standing.borrow().len();
        if self.chance(0.97) {
            return (
                None,
                format!("+1{}5550{}", 300 + self.below(600), 100 + self.below(100)),
            );
        }
        if standing > 0 && self.chance(0.4) {
            // The later ones: ads do not stand for ever.
            let place = standing - 1 - self.below(standing.min(400));
            let mut held = self.standing.borrow_mut();
            let (listing, number) = &mut held[place];
            listing.last_seen = at;
            return (Some(listing.clone()), number.clone());
        }
        // A few numbers are posted again and again.
        let place = (self.dice.fraction().powi(3) * self.numbers.len() as f64) as usize;
        (None, self.numbers[place * 7 % self.numbers.len()].clone())
    }

    /// Where a number is posted: mostly on the few boards that it keeps to.
    fn home(&self, number: &str) -> SourceId {
        let digits = number
            .bytes()
            .fold(0_usize, |sum, byte| sum * 7 + usize::from(byte));
        let place = match self.chance(0.9) {
            true => digits + self.below(3),
            false => self.below(SOURCES),
        };
        self.sources[place % SOURCES]
    }
}

async fn instance(
    folder: &TempDir,
    clock: &ManualClock,
    mint: &Arc<Mint>,
) -> (Arc<Instance>, Store) {
    let settings = StoreSettings {
        url: format!("sqlite:{}", folder.path().join("store.db").display()),
        ..StoreSettings::default()
    };
    let store = Store::open(&settings, None).await.unwrap();
    let organisation = store.organisation("Lotus", START, mint).await.unwrap();
    let by: Arc<dyn Clock> = Arc::new(clock.clone());
    let egress = Egress::new(&EgressSettings::default()).unwrap();
    let mut channels = BTreeMap::new();
    for person in PEOPLE {
        let surroundings = Surroundings {
            egress: &egress,
            folder: folder.path(),
            environment: &|_| None,
        };
        let path = format!("{}.jsonl", person.channel);
        let file = json!({"kind": "file", "path": path});
        let file: ChannelSettings = serde_json::from_value(file).unwrap();
        let channel = Channel::build(person.channel, &file, &surroundings).unwrap();
        channels.insert(person.channel.to_owned(), channel);
    }
    let kept = folder.path().join("archive");
    let archive = Archive::open(kept, ArchiveSettings::default(), Arc::clone(mint));
    let fetch = FetchSettings {
        contact: "crawling@example.org".to_owned(),
        ..FetchSettings::default()
    };
    let parts = Parts {
        store: store.clone(),
        organisation,
        clock: Arc::clone(&by),
        mint: Arc::clone(mint),
        archive: archive.unwrap(),
        retention: Default::default(),
        crawler: Crawler::new(egress, fetch, by, Arc::clone(mint)),
        channels,
        unusable_channels: BTreeMap::new(),
        templates: Templates::embedded().unwrap(),
        public_url: None,
        notices: NoticeSettings::default(),
        warnings: sightline_watchlists::WarningLists::default(),
        work: WorkSettings::default(),
        workers: folder.path().join("workers"),
        place: "here".to_owned(),
    };
    (Instance::open(parts).await.unwrap(), store)
}

/// An entry with one of 2,000 numbers that are reserved for fiction. One in forty is grave.
fn entry(list: &Watchlist, place: usize, mint: &Mint) -> Entry {
    let number = format!("+1{}5550{}", 201 + place / 100, 100 + place % 100);
    Entry {
        id: mint.id(START),
        watchlist: list.id,
        selector: Selector::new(Kind::Phone, &number),
        way: Way::Exact,
        written: number,
        purpose: "to find a missing person".to_owned(),
        legal_basis: "consent of the family".to_owned(),
        owner: "R. Analyst".to_owned(),
        category: Category::Victim,
        review_at: START + 365 * DAY,
        expires_at: None,
        case_reference: (!place.is_multiple_of(5)).then(|| format!("C-{}", place % 40)),
        tlp: Tlp::Amber,
        severity: place.is_multiple_of(40).then_some(Severity::Grave),
        note: None,
        tags: Vec::new(),
        state: EntryState::Active,
        created_at: START,
        despite_warning: None,
    }
}

fn find(number: &str) -> Find {
    Find {
        selector: Selector::new(Kind::Phone, number),
        raw: number.to_owned(),
        start: 5,
        end: 5 + number.len(),
        confidence: Confidence::Exact,
        steps: Vec::new(),
    }
}

fn ad(id: ListingId, source: SourceId, at: Timestamp) -> Listing {
    Listing {
        id,
        source,
        key: id.to_string(),
        url: format!("https://ads.example/{id}").parse().unwrap(),
        version: 1,
        digest: Digest(String::new()),
        first_seen: at,
        last_seen: at,
        seen_run: None,
        removed_at: None,
    }
}
