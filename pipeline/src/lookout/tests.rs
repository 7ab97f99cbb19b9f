//! A sight that follows changes is the same as one that is loaded whole, in every process.

use std::{collections::BTreeSet, time::Duration};

use sightline_model::{
    Category, Confidence, Entry, EntryState, Find, Kind, Mint, OrganisationId, Selector, Tlp,
    Watchlist,
};
use sightline_store::{Store, StoreSettings};
use tempfile::TempDir;

use super::*;

const START: Timestamp = Timestamp(1_795_428_000_000);
const NUMBERS: u32 = 12;

struct Desk {
    _folder: TempDir,
    store: Store,
    organisation: OrganisationId,
    list: Watchlist,
    mint: Mint,
}

impl Desk {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = StoreSettings {
            url: format!("sqlite:{}", folder.path().join("store.db").display()),
            ..StoreSettings::default()
        };
        let (store, mint) = (
            Store::open(&settings, None).await.unwrap(),
            Mint::seeded(11),
        );
        let organisation = store.organisation("Lotus", START, &mint).await.unwrap();
        let list = Watchlist {
            id: mint.id(START),
            name: "missing".to_owned(),
            defaults: serde_json::Value::Null,
            rules: serde_json::Value::Null,
            created_at: START,
        };
        let mut tx = store.write(organisation).await.unwrap();
        watchlists::create(&mut tx, &list).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            _folder: folder,
            store,
            organisation,
            list,
            mint,
        }
    }

    fn entry(&self, number: u32, expires_at: Option<Timestamp>) -> Entry {
        Entry {
            id: self.mint.id(START),
            watchlist: self.list.id,
            selector: phone(number),
            way: sightline_model::Way::Exact,
            written: String::new(),
            purpose: "to find a missing person".to_owned(),
            legal_basis: "consent of the family".to_owned(),
            owner: "R. Analyst".to_owned(),
            category: Category::Victim,
            review_at: START,
            expires_at,
            case_reference: None,
            tlp: Tlp::AmberStrict,
            severity: None,
            note: None,
            tags: Vec::new(),
            despite_warning: None,
            state: EntryState::Active,
            created_at: START,
        }
    }

    async fn add(&self, entries: &[Entry]) {
        let mut tx = self.store.write(self.organisation).await.unwrap();
        entries::add(&mut tx, entries).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn withdraw(&self, entries: &[EntryId]) {
        let mut tx = self.store.write(self.organisation).await.unwrap();
        entries::withdraw(&mut tx, entries).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn look(&self, lookout: &Lookout, now: Timestamp) -> Arc<Sight> {
        let mut tx = self.store.read(self.organisation).await.unwrap();
        lookout.look(&mut tx, now).await.unwrap()
    }
}

fn phone(number: u32) -> Selector {
    Selector::new(Kind::Phone, format!("+1202555{:04}", 100 + number))
}

/// The entries that a sight knows of all numbers, by what it does.
fn known(sight: &Sight, now: Timestamp) -> BTreeSet<EntryId> {
    let finds: Vec<Find> = (0..NUMBERS)
        .map(|number| Find {
            selector: phone(number),
            raw: String::new(),
            start: 0,
            end: 0,
            confidence: Confidence::Exact,
            steps: Vec::new(),
        })
        .collect();
    let subject = Subject {
        finds: &finds,
        ..Subject::default()
    };
    let matches = sight.matcher.matches(&subject, now);
    matches.into_iter().map(|found| found.entry).collect()
}

#[tokio::test]
async fn changes_are_followed_in_every_process() {
    let desk = Desk::open().await;
    let later = START + Duration::from_secs(60);
    let (here, there) = (Lookout::default(), Lookout::default());
    let [first, second, brief] =
        [(0, None), (1, None), (2, Some(later))].map(|(number, until)| desk.entry(number, until));
    desk.add(&[first.clone(), second.clone(), brief.clone()])
        .await;
    for lookout in [&here, &there] {
        let sight = desk.look(lookout, START).await;
        assert_eq!(known(&sight, START), [first.id, second.id, brief.id].into());
        let again = desk.look(lookout, START).await;
        assert!(Arc::ptr_eq(&sight, &again), "nothing changed");
    }

    desk.withdraw(&[second.id]).await;
    let third = desk.entry(3, None);
    desk.add(std::slice::from_ref(&third)).await;
    let sight = desk.look(&here, START).await;
    assert_eq!(known(&sight, START), [first.id, brief.id, third.id].into());
    assert_eq!(sight.matcher.len(), 3, "what was withdrawn is forgotten");

    // Withdrawn and back, with an end: the other process sees both at once.
    desk.withdraw(&[first.id]).await;
    desk.add(&[desk.entry(0, Some(later))]).await;
    for lookout in [&here, &there] {
        let sight = desk.look(lookout, START).await;
        assert_eq!(known(&sight, START), [first.id, brief.id, third.id].into());
        assert_eq!(known(&sight, later), [third.id].into(), "they expire");
    }
    assert_eq!(desk.look(&here, later).await.matcher.len(), 3);
}

#[tokio::test]
async fn a_look_into_the_past_keeps_what_is_known() {
    let desk = Desk::open().await;
    let lookout = Lookout::default();
    let mut before = desk.store.read(desk.organisation).await.unwrap();
    let old = lookout.look(&mut before, START).await.unwrap();
    desk.add(&[desk.entry(0, None)]).await;
    let new = desk.look(&lookout, START).await;
    assert!(new.generation > old.generation);
    let again = lookout.look(&mut before, START).await.unwrap();
    assert_eq!(again.generation, new.generation);
}

#[tokio::test]
async fn whatever_changes_the_sight_is_as_if_loaded_anew() {
    let desk = Desk::open().await;
    let lookouts = [Lookout::default(), Lookout::default()];
    let mut entries: Vec<Entry> = (0..NUMBERS).map(|n| desk.entry(n, None)).collect();
    let draw = |limit: usize| (desk.mint.fraction() * limit as f64) as usize;
    for round in 0..60 {
        let at = draw(entries.len());
        match draw(3) {
            0 => desk.withdraw(&[entries[at].id, entries[0].id]).await,
            1 => {
                let until = Some(START + Duration::from_secs(round)).filter(|_| draw(2) == 0);
                let new = desk.entry(at as u32, until);
                desk.add(std::slice::from_ref(&new)).await;
                entries.push(new);
            }
            _ => desk.add(&entries[at..]).await,
        }
        entries.truncate(30);
        let now = START + Duration::from_secs(round);
        let looked = &lookouts[draw(2)];
        let whole = desk.look(&Lookout::default(), now).await;
        assert_eq!(
            known(&*desk.look(looked, now).await, now),
            known(&whole, now),
            "in round {round}"
        );
    }
}
