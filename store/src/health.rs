//! The store's own health: is it sound, how large is it, and a copy of it while it is in use.

use std::path::Path;

use serde::Serialize;
use sightline_model::counted;
use sqlx::{AnyConnection, ConnectOptions, Connection, any::AnyConnectOptions};

use crate::{
    Engine, Result, Store, StoreError, Tx,
    db::{self, sqlite_url},
};

/// What is wrong with the store's files, in the engine's words; nothing where all is well. Reads all of it on SQLite.
/// PostgreSQL has its own tools for that (`pg_amcheck`); there it is asked whether it answers and its schema is complete.
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

/// Copies a SQLite store into a file of its own while it is in use: the state of one moment, on the disk when this
/// returns. An interrupted copy leaves `PATH.partial` behind, never half a backup under its name.
///
/// # Errors
/// Where the file exists, or where the store is PostgreSQL, which has `pg_dump`.
pub async fn backup(store: &Store, path: &Path) -> Result<()> {
    if store.engine() == Engine::Postgres {
        return Err(StoreError::SqliteOnly {
            what: "a backup by Sightline",
            remedy: "use pg_dump, which copies one moment of a PostgreSQL database",
        });
    }
    let shown = path.display().to_string();
    if path.exists() {
        return Err(StoreError::Exists(shown));
    }
    let partial = format!("{shown}.partial");
    remove_if_there(Path::new(&partial))?;
    let options: AnyConnectOptions = sqlite_url(store.place()).parse()?;
    let options = options.disable_statement_logging();
    // A connection of its own: it reads one moment and keeps neither readers nor the writer waiting.
    let mut connection = AnyConnection::connect_with(&options).await?;
    sqlx::query("VACUUM INTO $1")
        .bind(&partial)
        .execute(&mut connection)
        .await
        // Not by `From`: the disk that is full may be the copy's, not the store's.
        .map_err(StoreError::Database)?;
    connection.close().await?;
    let path = path.to_owned();
    // Waiting for the disk belongs on a thread that may wait.
    tokio::task::spawn_blocking(move || settle(Path::new(&partial), &path))
        .await
        .map_err(|panic| sqlx::Error::Io(std::io::Error::other(panic)))??;
    Ok(())
}

/// Puts a finished copy on the disk and under its name.
fn settle(partial: &Path, path: &Path) -> Result<(), sqlx::Error> {
    std::fs::File::open(partial)?.sync_all()?;
    // A hard link refuses to overwrite, which a rename does not.
    std::fs::hard_link(partial, path)?;
    std::fs::remove_file(partial)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn remove_if_there(path: &Path) -> Result<(), sqlx::Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
