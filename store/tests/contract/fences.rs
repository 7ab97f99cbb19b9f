//! The fences between organisations below the queries: row-level policies, tried by statements that have forgotten their
//! organisation, and foreign keys, tried with identifiers of others.

use sightline_model::*;
use sightline_store::*;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{
    judging::said_of,
    support::{Place, START, count, tables},
    world::*,
};

pub async fn every_table_belongs_to_an_organisation(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();
    // It has rows between an upgrade and the end of what that asks for.
    place
        .meddle("INSERT INTO search_rebuild (organisation, done_to) VALUES (1, 0)")
        .await;
    let mut all_seeing = place.all_seeing().await;
    let tables = tables(&mut all_seeing, store.engine()).await;
    assert!(tables.len() > 20, "{tables:?}");
    for table in &tables {
        assert!(
            count(&mut all_seeing, table, "organisation = 1").await > 0,
            "{table} was left empty"
        );
    }
    if store.engine() == Engine::Postgres {
        let mut nameless = place.nameless().await;
        assert_eq!(holes(&mut nameless, &tables).await, Vec::<String>::new());
        // The fence has teeth: where it is taken down, that is seen.
        place
            .meddle("ALTER TABLE listing DISABLE ROW LEVEL SECURITY")
            .await;
        place
            .meddle("ALTER TABLE visit NO FORCE ROW LEVEL SECURITY")
            .await;
        assert_eq!(holes(&mut nameless, &tables).await, ["listing", "visit"]);
    }
}

/// The tables in which the store's own role sees foreign rows by a statement that has forgotten its organisation: having
/// named none, and having named another.
async fn holes(connection: &mut AnyConnection, tables: &[String]) -> Vec<String> {
    let mut holes = Vec::new();
    for table in tables {
        let unnamed = count(connection, table, "1 = 1").await;
        let mut tx = connection.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(
            "SET LOCAL sightline.organisation = '2'".to_owned(),
        ))
        .execute(&mut *tx)
        .await
        .unwrap();
        let other = count(&mut tx, table, "1 = 1").await;
        tx.rollback().await.unwrap();
        // After a transaction the setting is there, but empty: that must not be an error, nor an open door.
        let afterwards = count(connection, table, "1 = 1").await;
        if unnamed + other + afterwards > 0 {
            holes.push(table.clone());
        }
    }
    holes
}

pub async fn foreign_identifiers_are_as_good_as_none(place: &Place) {
    let (store, ours, mint) = place.inhabited().await;
    let theirs = store.organisation("Iris", START, &mint).await.unwrap();
    let mut tx = store.write(theirs).await.unwrap();
    let them = World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();
    let nobody = Watchlist {
        id: mint.id(START),
        ..them.watchlist.clone()
    };
    // The same identifier that stands on their list, another, and a list that nobody has: no answer tells them apart.
    for (list, value) in [
        (&them.watchlist, "+12025550123"),
        (&them.watchlist, "+12025550199"),
        (&nobody, "+12025550123"),
    ] {
        let mut tx = store.write(ours).await.unwrap();
        let refused = entries::add(&mut tx, &[entry(list, value, &mint)]).await;
        assert_refers_to_nothing(refused.unwrap_err());
    }
    for covers in [
        of_entry(them.entry.id),
        of_watchlist(them.watchlist.id),
        of_entry(mint.id(START)),
    ] {
        let mut tx = store.write(ours).await.unwrap();
        let refused = silences::add(&mut tx, &silence(covers, &mint)).await;
        assert_refers_to_nothing(refused.unwrap_err());
    }
}

pub async fn nobody_judges_what_is_anothers(place: &Place) {
    let (store, ours, mint) = place.inhabited().await;
    let theirs = store.organisation("Iris", START, &mint).await.unwrap();
    let mut tx = store.write(theirs).await.unwrap();
    let them = World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();
    let mut tx = store.write(ours).await.unwrap();
    let said = said_of(&them.sighting, Some(Verdict::Rejected));
    let refused = verdicts::say(&mut tx, &[said]).await;
    assert_refers_to_nothing(refused.unwrap_err());
}

fn assert_refers_to_nothing(error: StoreError) {
    let StoreError::Database(sqlx::Error::Database(refusal)) = &error else {
        panic!("{error}");
    };
    assert!(refusal.is_foreign_key_violation(), "{error}");
}
