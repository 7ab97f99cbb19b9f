//! Upgrades that are cut off: whoever opens the store again has the schema and the rows that an upgrade without a break gives,
//! nothing of them lost and nothing twice.

use sightline_store::{Engine, Result};
use sqlx::AssertSqlSafe;

use crate::{
    support::{Place, dump},
    upgrading::{migrations, schema_of},
};

/// Rows in every table of the first schema.
const ROWS: &str = include_str!("first_schema.sql");
/// Whose they are.
const OF_OLD: &str = "01a14f32-0000-7000-8000-000000000001";
/// More statements than any upgrade has.
const FAR: i64 = 1_000_000;

pub async fn an_upgrade_that_is_cut_off_anywhere_is_the_whole_one(place: &Place) {
    let whole = elsewhere(place).await;
    of_old(&whole).await;
    let expected = opened(&whole).await.unwrap();
    whole.remove().await;
    of_old(place).await;
    let cuts = match place.engine() {
        Engine::Sqlite => cut_at_each_migration(place).await,
        Engine::Postgres => cut_at_each_statement(place).await,
    };
    eprintln!("{:?}: cut off {cuts} times", place.engine());
    assert!(cuts + 1 >= migrations(place).len(), "only {cuts} cuts");
    assert_eq!(opened(place).await.unwrap(), expected, "{cuts} cuts");
}

pub async fn each_older_schema_leads_to_the_same(place: &Place) {
    // What PostgreSQL's upgrade goes through, one transaction each, the story above has stopped at.
    if place.engine() == Engine::Postgres {
        return;
    }
    of_old(place).await;
    let expected = opened(place).await.unwrap();
    for version in 2..migrations(place).len() {
        let older = Place::sqlite();
        of_old(&older).await;
        schema_of(&older, version).await;
        assert_eq!(opened(&older).await.unwrap(), expected, "from {version}");
    }
}

/// The control: were a migration not one with its note that it is done, this is what a kill would leave.
pub async fn a_migration_that_is_half_done_is_found_out(place: &Place) {
    let whole = elsewhere(place).await;
    of_old(&whole).await;
    let expected = opened(&whole).await.unwrap();
    whole.remove().await;
    of_old(place).await;
    let second = std::fs::read_to_string(&migrations(place)[1]).unwrap();
    let (half, _) = second.split_once("INSERT INTO").unwrap();
    place.meddle(half).await;
    let found = opened(place).await;
    assert!(found.is_err() || found.unwrap() != expected);
}

/// Another place of the same engine.
async fn elsewhere(place: &Place) -> Place {
    match place.engine() {
        Engine::Sqlite => Place::sqlite(),
        Engine::Postgres => Place::postgres().await.unwrap(),
    }
}

/// A store of the first schema, with rows in every table.
async fn of_old(place: &Place) {
    schema_of(place, 1).await;
    place.meddle(ROWS).await;
}

/// The schema and all rows, once the store is opened.
async fn opened(place: &Place) -> Result<Vec<String>> {
    let store = place.try_open().await?;
    store.index_anew(|| {}).await?;
    store.close().await;
    let mut all = schema(place).await;
    all.extend(dump(place, place.engine(), OF_OLD.parse().unwrap()).await);
    Ok(all)
}

/// What makes up the schema, as the engine tells it, and which migrations are done.
async fn schema(place: &Place) -> Vec<String> {
    let parts: &[&str] = match place.engine() {
        Engine::Sqlite => &["SELECT name || ': ' || sql FROM sqlite_master WHERE sql IS NOT NULL"],
        Engine::Postgres => &[
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
             FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT concat_ws(' ', relname, relrowsecurity, relforcerowsecurity) FROM pg_class
             WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
             WHERE connamespace = current_schema()::regnamespace",
            "SELECT concat_ws(' ', tablename, policyname, cmd, qual, with_check) FROM pg_policies
             WHERE schemaname = current_schema()",
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
             AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
        ],
    };
    let done = "SELECT concat('migration ', version, ' ', success) FROM _sqlx_migrations";
    let mut all = Vec::new();
    for part in parts.iter().chain([&done]) {
        let mut found = texts(place, part).await;
        found.sort();
        all.extend(found);
    }
    all
}

async fn texts(place: &Place, query: &str) -> Vec<String> {
    let mut connection = place.all_seeing().await;
    let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let own = place.schema().unwrap_or("no schema");
    found
        .iter()
        .map(|text| text.replace(own, "story"))
        .collect()
}

/// The newest migration that is done.
async fn version(place: &Place) -> i64 {
    let mut connection = place.all_seeing().await;
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

/// SQLite's upgrade is one transaction: wherever it fails, nothing of it is there. How often it was made to fail.
async fn cut_at_each_migration(place: &Place) -> usize {
    let before = schema(place).await;
    let newest = migrations(place).len();
    for version in 2..=newest {
        let cut = format!(
            "CREATE TRIGGER cut BEFORE INSERT ON _sqlx_migrations WHEN new.version = {version}
             BEGIN SELECT RAISE(ABORT, 'cut off'); END"
        );
        place.meddle(&cut).await;
        assert!(place.try_open().await.is_err(), "at {version}");
        place.meddle("DROP TRIGGER cut").await;
        assert_eq!(schema(place).await, before, "at {version}");
    }
    newest - 1
}

/// PostgreSQL's upgrade is a transaction for each migration. The connection is cut once at each statement that changes the
/// schema, and the store opened again each time. How often it was cut.
async fn cut_at_each_statement(place: &Place) -> usize {
    let own = place.schema().unwrap();
    // Counted by a sequence, which no rollback sets back.
    let cut = format!(
        "CREATE SEQUENCE cut_at;
         CREATE FUNCTION cut() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
           IF session_user = '{own}' THEN
             IF nextval('{own}.cut_at') = {FAR} THEN
               PERFORM pg_terminate_backend(pg_backend_pid());
               PERFORM pg_sleep(10);
             END IF;
           END IF;
         END $$;
         CREATE EVENT TRIGGER {own} ON ddl_command_end EXECUTE FUNCTION cut()"
    );
    place.meddle(&cut).await;
    let (mut nth, mut done, mut cuts) = (1, 1, 0);
    loop {
        place
            .meddle(&format!("SELECT setval('cut_at', {})", FAR - nth))
            .await;
        if place.try_open().await.is_ok() {
            break;
        }
        cuts += 1;
        // The same migration is begun again, and gets one statement further.
        let now = version(place).await;
        nth = if now > done { 1 } else { nth + 1 };
        done = now;
    }
    place
        .meddle(&format!(
            "DROP EVENT TRIGGER {own}; DROP FUNCTION cut(); DROP SEQUENCE cut_at"
        ))
        .await;
    cuts
}
