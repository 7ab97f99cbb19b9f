//! A disk that fills: what fails leaves no trace, whoever writes next can, and it is told for as long as it lasts.
//!
//! The disk is SQLite's own limit of pages, which fails as a full disk does, for whoever runs this.

use sightline_model::{Mint, OrganisationId, Timestamp};
use sqlx::{AssertSqlSafe, Executor};
use tempfile::TempDir;

use crate::{
    Result, Store, StoreError, StoreSettings, Tx, health,
    sources::{self, Definition},
};

const NOW: Timestamp = Timestamp(0);

async fn place() -> (TempDir, Store, OrganisationId, Mint) {
    let folder = TempDir::new().unwrap();
    let settings = StoreSettings {
        url: format!("sqlite:{}", folder.path().join("store.db").display()),
        ..StoreSettings::default()
    };
    let store = Store::open(&settings, None).await.unwrap();
    let mint = Mint::seeded(1);
    let organisation = store.organisation("Lotus", NOW, &mint).await.unwrap();
    (folder, store, organisation, mint)
}

/// Leaves room for so many more pages; without a number, for as many as there may ever be.
async fn room(store: &Store, pages: Option<i64>) {
    let mut writer = store.writers().acquire().await.unwrap();
    let used: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut *writer)
        .await
        .unwrap();
    let most = pages.map_or(1 << 30, |pages| used + pages);
    let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {most}"));
    writer.execute(limit).await.unwrap();
}

/// A source that takes about a page.
async fn register(tx: &mut Tx, name: &str, mint: &Mint) -> Result<()> {
    let source = Definition {
        name: name.to_owned(),
        region: None,
        definition: "x".repeat(3_000).into(),
        digest: String::new(),
    };
    sources::register(tx, &source, NOW, mint).await.map(|_| ())
}

async fn names(store: &Store, organisation: OrganisationId) -> Vec<String> {
    let mut tx = store.read(organisation).await.unwrap();
    let all = sources::all(&mut tx).await.unwrap();
    all.into_iter()
        .map(|source| source.definition.name)
        .collect()
}

#[tokio::test]
async fn it_fills_at_any_point_and_the_work_goes_on_when_there_is_space() {
    let (_folder, store, organisation, mint) = place().await;
    let mut stored = Vec::new();
    for pages in 0..12 {
        room(&store, Some(pages)).await;
        let filled = async {
            let mut tx = store.write(organisation).await?;
            for nth in 0..20 {
                register(&mut tx, &format!("lost {nth}"), &mint).await?;
            }
            tx.commit().await
        };
        let told = filled.await.unwrap_err();
        assert!(matches!(told, StoreError::Full(_)), "{pages}: {told}");
        assert!(told.to_string().contains("the disk of the store is full"));
        assert!(store.is_full(), "{pages}");
        assert_eq!(names(&store, organisation).await, stored, "{pages}");

        room(&store, None).await;
        assert!(store.has_room(organisation).await.unwrap(), "{pages}");
        assert!(!store.is_full(), "{pages}");
        let mut tx = store.write(organisation).await.unwrap();
        let name = format!("kept {pages:02}");
        register(&mut tx, &name, &mint).await.unwrap();
        tx.commit().await.unwrap();
        stored.push(name);
        assert_eq!(names(&store, organisation).await, stored, "{pages}");
    }
    assert_eq!(
        health::integrity(&store).await.unwrap(),
        Vec::<String>::new()
    );
}

/// What leaves a transaction in doubt, by what the engine is told behind the store's back before its commit.
#[tokio::test]
async fn a_transaction_that_ends_in_doubt_stands_in_nobodys_way() {
    let (_folder, store, organisation, mint) = place().await;
    for (doubt, text) in [
        ("it was undone by the engine, as on a full disk", "ROLLBACK"),
        (
            "its commit is refused, and it stays open",
            "PRAGMA defer_foreign_keys = ON; DELETE FROM organisation",
        ),
    ] {
        for ends in ["committed", "rolled back", "dropped"] {
            let mut tx = store.write(organisation).await.unwrap();
            register(&mut tx, "lost", &mint).await.unwrap();
            let meddled = sqlx::raw_sql(text).execute(tx.connection()).await;
            meddled.unwrap_or_else(|error| panic!("{doubt}: {error}"));
            match ends {
                "committed" => assert!(tx.commit().await.is_err(), "{doubt}"),
                "rolled back" => _ = tx.rollback().await,
                _ => drop(tx),
            }
            let next = store.write(organisation).await;
            let next = next.unwrap_or_else(|error| panic!("{doubt}, {ends}: {error}"));
            next.commit().await.unwrap();
            assert_eq!(
                names(&store, organisation).await,
                [""; 0],
                "{doubt}, {ends}"
            );
        }
    }
}
