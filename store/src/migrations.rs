//! Brings a store's schema up to date, or refuses one that a newer Sightline has used.
//!
//! Migrations only grow: what has been released is never edited, so that any released schema leads to this one.

use sqlx::{
    AnyConnection, Connection,
    migrate::{MigrateError, Migrator},
};

use crate::{
    Engine, Result, StoreError,
    error::{is_damage, is_full},
};

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// The newest schema that this binary knows.
pub(crate) fn newest(engine: Engine) -> i64 {
    migrator(engine)
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// A store in memory that has the schema of this version, and nothing in it: what others are held against.
pub(crate) async fn blank() -> Result<AnyConnection> {
    let mut connection = AnyConnection::connect("sqlite::memory:").await?;
    run(Engine::Sqlite, &mut connection).await?;
    Ok(connection)
}

/// Applies what is missing: all of it, or nothing.
pub(crate) async fn run(engine: Engine, connection: &mut AnyConnection) -> Result<()> {
    match engine {
        // The writer's lock makes a second process wait here instead of making the same tables.
        Engine::Sqlite => {
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            apply(engine, &mut tx).await?;
            tx.commit().await?;
        }
        // Here sqlx takes an advisory lock of its own; each migration is one transaction.
        Engine::Postgres => apply(engine, connection).await?,
    }
    Ok(())
}

async fn apply(engine: Engine, connection: &mut AnyConnection) -> Result<()> {
    let outcome = migrator(engine).run_direct(None, connection, false).await;
    outcome.map_err(|error| match error {
        MigrateError::VersionMissing(found) if found > newest(engine) => StoreError::Newer {
            found,
            known: newest(engine),
        },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)
            if is_full(&error) || is_damage(&error) =>
        {
            error.into()
        }
        error => StoreError::Migration(error),
    })
}

fn migrator(engine: Engine) -> &'static Migrator {
    match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    }
}
