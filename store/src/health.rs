//! The store's own health: is it sound, and how large is it.

use std::{collections::HashMap, path::Path};

use secrecy::SecretString;
use serde::Serialize;
use sightline_model::counted;
use sqlx::any::install_default_drivers;

use crate::{Engine, Result, Store, StoreSettings, Tx, db, migrations};

/// What is wrong with the store's files, in the engine's words; nothing where all is well. Reads all of it on SQLite.
/// PostgreSQL has its own tools for that (`pg_amcheck`); there it is asked whether it answers and its schema is complete. On both,
/// what the schema of this version has and the store has not is named.
pub async fn integrity(store: &Store) -> Result<Vec<String>> {
    let text = match store.engine() {
        Engine::Sqlite => "PRAGMA integrity_check",
        Engine::Postgres => {
            "SELECT 'table ' || relname || ' has no row-level security' FROM pg_class
             WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = CAST('visit' AS regclass))
               AND relname NOT IN ('organisation', '_sqlx_migrations') AND NOT (relrowsecurity AND relforcerowsecurity)"
        }
    };
    let mut found: Vec<String> = sqlx::query_scalar(text).fetch_all(store.readers()).await?;
    found.extend(missing(store).await?);
    if store.engine() == Engine::Sqlite {
        found.retain(|line| line != "ok");
        let orphans = sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(store.readers())
            .await?;
        if !orphans.is_empty() {
            found.push(format!(
                "{} to a row that is not there",
                counted(orphans.len(), "row belongs", "rows belong")
            ));
        }
    }
    Ok(found)
}

/// The tables, indexes and triggers that the schema of this version has, and the store has not, or has otherwise. PostgreSQL is asked
/// for the tables alone.
async fn missing(store: &Store) -> Result<Vec<String>> {
    /// What SQLite makes by itself for an index of words comes and goes with that.
    const MADE: &str = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master
        WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'listing!_search!_%' ESCAPE '!'";
    let wanted: Vec<(String, String)> = {
        let mut blank = migrations::blank().await?;
        sqlx::query_as(MADE).fetch_all(&mut blank).await?
    };
    let there: Vec<(String, String)> = match store.engine() {
        Engine::Sqlite => sqlx::query_as(MADE).fetch_all(store.readers()).await?,
        Engine::Postgres => {
            let text = "SELECT 'table ' || relname, '' FROM pg_class WHERE relkind = 'r'
                AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = CAST('_sqlx_migrations' AS regclass))";
            sqlx::query_as(text).fetch_all(store.readers()).await?
        }
    };
    let there: HashMap<&str, &str> = there
        .iter()
        .map(|(name, made)| (name.as_str(), made.as_str()))
        .collect();
    let is_asked = |name: &str| match store.engine() {
        Engine::Sqlite => true,
        // It has no table of the words by themselves, and counts by sequences.
        Engine::Postgres => {
            name.starts_with("table ") && !matches!(name, "table listing_word" | "table counter")
        }
    };
    let found = wanted.iter().filter(|(name, _)| is_asked(name));
    let found = found.filter_map(|(name, made)| match there.get(name.as_str()) {
        None => Some(format!("the {name} is missing")),
        Some(it) if store.engine() == Engine::Sqlite && it != made => {
            Some(format!("the {name} is not that of this version"))
        }
        Some(_) => None,
    });
    Ok(found.collect())
}

/// True where a store was made already: its file is there and not empty, or its tables are in the database. Nothing is made by
/// asking.
pub async fn is_made(settings: &StoreSettings, password: Option<&SecretString>) -> Result<bool> {
    if db::engine_of(&settings.url)? == Engine::Sqlite {
        let file = settings.url.trim_start_matches("sqlite:");
        let file = Path::new(file.strip_prefix("//").unwrap_or(file));
        return Ok(file.metadata().is_ok_and(|file| file.len() > 0));
    }
    install_default_drivers();
    let store = db::open_postgres(settings, password).await?;
    let text = "SELECT CAST(to_regclass('_sqlx_migrations') AS TEXT)";
    let found = sqlx::query_scalar::<_, Option<String>>(text).fetch_one(store.readers());
    let found = found.await;
    store.close().await;
    Ok(found?.is_some())
}

/// Whether this process's role walks around row-level security; never on SQLite, which has none.
pub async fn is_above_the_policies(store: &Store) -> Result<bool> {
    match store.engine() {
        Engine::Sqlite => Ok(false),
        Engine::Postgres => db::is_above_the_policies(store.readers()).await,
    }
}

/// How many rows an organisation has in a family.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Size {
    /// The family's word.
    pub table: &'static str,
    /// Its rows.
    pub rows: i64,
}

/// How many rows the organisation has, by family. Counts them one by one: seconds where there are millions.
pub async fn sizes(tx: &mut Tx) -> Result<Vec<Size>> {
    const TABLES: [&str; 14] = [
        "source",
        "run",
        "visit",
        "capture",
        "listing",
        "observation",
        "selector",
        "image",
        "entry",
        "sighting",
        "alert",
        "notice",
        "delivery",
        "furniture",
    ];
    let mut sizes = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let text = format!("SELECT count(*) FROM {table} WHERE organisation = ?");
        let (rows,) = tx.sql(&text).bind(tx.org).one(tx).await?;
        sizes.push(Size { table, rows });
    }
    Ok(sizes)
}
