//! Opening a store: again, by a second process, by the wrong binary; its health and its backup.

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sightline_model::{CaptureId, Mint, OrganisationId};
use sightline_store::{
    Engine, Store, StoreError, StoreSettings,
    audit::{self, Deed},
    data_folder::{self, DataFolder},
    health, listings,
    snapshot::Snapshot,
    sources,
};

use crate::{
    support::{Place, START},
    world::World,
};

pub async fn opens_again_with_what_was_stored(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();

    // A transaction that is dropped leaves no trace.
    let mut tx = store.write(organisation).await.unwrap();
    sources::register(&mut tx, &crate::world::definition("other"), START, &mint)
        .await
        .unwrap();
    drop(tx);
    store.close().await;

    let store = place.open().await;
    let same = store.organisation("Lotus", START, &mint).await.unwrap();
    assert_eq!(same, organisation);
    let mut tx = store.read(organisation).await.unwrap();
    let all = sources::all(&mut tx).await.unwrap();
    assert_eq!(
        all.iter().map(|source| source.id).collect::<Vec<_>>(),
        [world.source]
    );
    assert_eq!(
        listings::get(&mut tx, &[world.listing.id]).await.unwrap(),
        [world.listing]
    );
}

/// A folder with this identifier.
pub fn folder(identifier: &str) -> DataFolder {
    DataFolder {
        identifier: identifier.to_owned(),
        place: "/srv/sightline/data on one".to_owned(),
        since: START,
    }
}

pub async fn one_data_folder_belongs_to_what_is_stored(place: &Place) {
    let (store, organisation, _mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    assert_eq!(data_folder::get(&mut tx).await.unwrap(), None);
    data_folder::claim(&mut tx, &folder("1f")).await.unwrap();
    // Whoever comes later finds out that there is one.
    data_folder::claim(&mut tx, &folder("2e")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let known = data_folder::get(&mut tx).await.unwrap();
    assert_eq!(known, Some(folder("1f")));
}

pub async fn refuses_a_newer_schema(place: &Place) {
    place.open().await.close().await;
    place
        .meddle(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let error = place.try_open().await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 9999,
                known: 2..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("upgrade this one"), "{error}");
}

pub async fn refuses_an_unknown_organisation(place: &Place) {
    let (store, _, mint) = place.inhabited().await;
    let unknown: OrganisationId = mint.id(START);
    let refused = store.read(unknown).await.err().unwrap();
    assert!(matches!(refused, StoreError::UnknownOrganisation(id) if id == unknown));
}

pub async fn names_its_health(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    World::fill(&mut tx, &mint).await;
    let sizes = health::sizes(&mut tx).await.unwrap();
    assert!(sizes.iter().all(|size| size.rows >= 1), "{sizes:?}");
    tx.commit().await.unwrap();
    assert_eq!(
        health::integrity(&store).await.unwrap(),
        Vec::<String>::new()
    );
    match store.engine() {
        Engine::Sqlite => {
            place
                .meddle("PRAGMA foreign_keys = OFF; DELETE FROM selector")
                .await
        }
        Engine::Postgres => {
            place
                .meddle("ALTER TABLE listing DISABLE ROW LEVEL SECURITY")
                .await
        }
    }
    assert_eq!(health::integrity(&store).await.unwrap().len(), 1);
}

pub async fn backs_up_while_in_use(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let copy = place.path("copy of it.db");
    if store.engine() == Engine::Postgres {
        let error = Snapshot::take(&store).await.err().unwrap().to_string();
        assert!(error.contains("pg_dump"), "{error}");
        return;
    }
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();
    // What is committed once it is begun is not in it, however late it is read; and writers are not kept waiting.
    let snapshot = Snapshot::take(&store).await.unwrap();
    let mut tx = store.write(organisation).await.unwrap();
    sources::register(&mut tx, &crate::world::definition("other"), START, &mint)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    place.meddle("PRAGMA wal_checkpoint(PASSIVE)").await;
    write(snapshot, &copy).await;

    let settings = StoreSettings {
        url: format!("sqlite:{}", copy.display()),
        ..StoreSettings::default()
    };
    let restored = Store::open(&settings, None).await.unwrap();
    let mut tx = restored.read(organisation).await.unwrap();
    let all = sources::all(&mut tx).await.unwrap();
    assert_eq!(
        all.iter().map(|source| source.id).collect::<Vec<_>>(),
        [world.source]
    );
}

pub async fn keeps_numbers_unique(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let other = place.open().await;
    let second = other
        .organisation("Iris", START, &Mint::seeded(8))
        .await
        .unwrap();
    let mut drawn = HashSet::new();
    for (store, organisation) in [
        (&store, organisation),
        (&other, second),
        (&store, organisation),
    ] {
        let mut tx = store.write(organisation).await.unwrap();
        for count in [1, 700, 0] {
            let ids = tx.reserve::<CaptureId>(count).await.unwrap();
            assert_eq!(ids.len(), count);
            assert!(ids.is_sorted());
            drawn.extend(ids);
        }
        tx.commit().await.unwrap();
    }
    assert_eq!(drawn.len(), 3 * 701);
}

/// Copies that are made while others write.
const COPIES: usize = 20;

pub async fn a_copy_under_load_is_a_state_that_was(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    if store.engine() == Engine::Postgres {
        // `pg_dump` makes the copies there.
        return;
    }
    let written = Arc::new(AtomicU64::new(0));
    let writing = tokio::spawn({
        let (store, written) = (store.clone(), Arc::clone(&written));
        async move {
            loop {
                let nth = written.load(Ordering::Acquire);
                let mut tx = store.write(organisation).await.unwrap();
                let deed = Deed {
                    at: START,
                    who: "R. Analyst".to_owned(),
                    what: "alert.read".to_owned(),
                    subject: nth.to_string(),
                    detail: String::new(),
                };
                audit::append(&mut tx, &deed).await.unwrap();
                tx.commit().await.unwrap();
                written.store(nth + 1, Ordering::Release);
            }
        }
    });
    let mut torn = 0;
    for nth in 0..COPIES {
        let before = written.load(Ordering::Acquire);
        // Whoever copies the file by hand loses what stands in its log, or gets a file that is none.
        let by_hand = place.path(&format!("by hand {nth}.db"));
        let is_control = nth % 5 == 0;
        if is_control {
            std::fs::copy(store.place(), &by_hand).unwrap();
        }
        let copy = place.path(&format!("copy {nth}.db"));
        write(Snapshot::take(&store).await.unwrap(), &copy).await;
        let after = written.load(Ordering::Acquire) + 1;
        let size = deeds_in(&copy, organisation).await.unwrap();
        assert!((before..=after).contains(&size), "{before} {size} {after}");
        if !is_control {
            continue;
        }
        let is_whole = deeds_in(&by_hand, organisation)
            .await
            .is_ok_and(|size| size >= before);
        torn += usize::from(!is_whole);
    }
    writing.abort();
    assert!(torn > 0, "the control found nothing");
}

async fn write(snapshot: Snapshot, to: &Path) {
    let mut file = std::fs::File::create_new(to).unwrap();
    let copied = std::io::copy(&mut snapshot.bytes(), &mut file).unwrap();
    assert_eq!(copied, snapshot.length());
    snapshot.release().await.unwrap();
}

/// How many deeds a copy has, which is sound and whose chain is unbroken.
async fn deeds_in(copy: &Path, organisation: OrganisationId) -> Result<u64, StoreError> {
    let settings = StoreSettings {
        url: format!("sqlite:{}", copy.display()),
        ..StoreSettings::default()
    };
    let restored = Store::open(&settings, None).await?;
    if !health::integrity(&restored).await?.is_empty() {
        return Err(StoreError::NoChain);
    }
    let mut tx = restored.read(organisation).await?;
    let report = audit::verify(&mut tx, &[]).await?;
    drop(tx);
    restored.close().await;
    match report.fault {
        None => Ok(report.size),
        Some(_) => Err(StoreError::NoChain),
    }
}
