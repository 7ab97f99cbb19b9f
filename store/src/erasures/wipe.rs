//! Taking what was erased out of the database's own files, where deleted rows and words leave traces.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::list::TOUCHED;
use crate::{Engine, Result, Store};

/// How long PostgreSQL waits for whoever uses a table that is to be written anew: meanwhile everybody waits behind it.
const LOCK: &str = "SET lock_timeout = '2s'";
/// How often it is looked whether anybody still sees the store as it was, and how long is waited in between.
const LOOKS: usize = 20;
const REST: &str = "SELECT 1::BIGINT FROM pg_sleep(0.1)";
/// What PostgreSQL says of a lock that it did not get.
const LOCKED: &str = "55P03";

/// Takes what was erased out of the database's own files.
///
/// SQLite writes over what is deleted; its index of words is merged, and its log emptied: the one writer is held for as long as
/// that takes. PostgreSQL leaves what was deleted in its tables and indexes, `VACUUM` or not, until something is written over it;
/// so each table that an erasure touches is written anew (`VACUUM FULL`): nobody uses it meanwhile, and the disk needs room for
/// it twice. It is sampled anew as well (`ANALYZE`), for PostgreSQL's statistics hold values of rows. What these held before stands
/// in the files of `pg_statistic` until autovacuum has been there and something is written over it; and of a table that has no row
/// left no sample is taken, so that the one before stays. What is in PostgreSQL's write-ahead log, and in copies of that, is not
/// reached.
///
/// False where somebody still sees the store as it was before, uses one of the tables, or this role does not own them: then the
/// words stand in its files until somebody wipes again.
pub async fn wipe(store: &Store) -> Result<bool> {
    match store.engine() {
        Engine::Sqlite => empty_log(store).await,
        Engine::Postgres => {
            let mut connection = store.writers().acquire().await?;
            let patience: String = sqlx::query_scalar("SELECT current_setting('lock_timeout')")
                .fetch_one(&mut *connection)
                .await?;
            sqlx::query(LOCK).execute(&mut *connection).await?;
            let written = write_anew(&mut connection).await;
            // The store's own, which stands nowhere but in the session.
            let text = AssertSqlSafe(format!("SET lock_timeout = '{patience}'"));
            sqlx::query(text).execute(&mut *connection).await?;
            written
        }
    }
}

async fn empty_log(store: &Store) -> Result<bool> {
    sqlx::query("INSERT INTO listing_search (listing_search) VALUES ('optimize')")
        .execute(store.writers())
        .await?;
    // Who waits for readers keeps everybody from writing: not here, but between one try and the next.
    let mut writer = store.writers().acquire().await?;
    let patience: i64 = sqlx::query_scalar("PRAGMA busy_timeout")
        .fetch_one(&mut *writer)
        .await?;
    sqlx::query("PRAGMA busy_timeout = 50")
        .execute(&mut *writer)
        .await?;
    let emptied = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut *writer)
        .await;
    let text = AssertSqlSafe(format!("PRAGMA busy_timeout = {patience}"));
    sqlx::query(text).execute(&mut *writer).await?;
    // That it could not is no error to SQLite, but the first number of its answer.
    let (busy, ..): (i64, i64, i64) = emptied?;
    Ok(busy == 0)
}

async fn write_anew(connection: &mut AnyConnection) -> Result<bool> {
    let tables = TOUCHED
        .iter()
        .map(|table| format!("'{table}'"))
        .collect::<Vec<_>>()
        .join(", ");
    // A table of somebody else's is passed over with a warning that nobody reads.
    let text = format!(
        "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
           AND relname IN ({tables}) AND pg_has_role(relowner, 'USAGE')"
    );
    let own: i64 = sqlx::query_scalar(AssertSqlSafe(text))
        .fetch_one(&mut *connection)
        .await?;
    if own != TOUCHED.len() as i64 || !is_past(connection).await? {
        return Ok(false);
    }
    for table in TOUCHED {
        let text = AssertSqlSafe(format!("VACUUM (FULL, ANALYZE) {table}"));
        match sqlx::raw_sql(text).execute(&mut *connection).await {
            Ok(_) => {}
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCKED) => {
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Whether nobody sees the store any more as it was before now: what somebody may still see is copied along.
async fn is_past(connection: &mut AnyConnection) -> Result<bool> {
    let now: String = sqlx::query_scalar("SELECT pg_current_xact_id()::TEXT")
        .fetch_one(&mut *connection)
        .await?;
    // A writer that waits in its transaction has no snapshot, and keeps rows by its own number. These columns are shown of every
    // session to everybody. What other databases do keeps nothing here, but a standby does, whose sender is of none; what merely
    // vacuums keeps nothing either.
    let text = format!(
        "WITH earlier (at) AS (
           SELECT greatest(age(backend_xid), age(backend_xmin)) FROM pg_stat_activity
             WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid()
               AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
           UNION ALL SELECT age(transaction) FROM pg_prepared_xacts WHERE database = current_database()
           UNION ALL SELECT age(xmin) FROM pg_replication_slots)
         SELECT count(*) FROM earlier WHERE at >= age('{now}'::xid8::xid)"
    );
    for _ in 0..LOOKS {
        let earlier: i64 = sqlx::query_scalar(AssertSqlSafe(text.clone()))
            .fetch_one(&mut *connection)
            .await?;
        if earlier == 0 {
            return Ok(true);
        }
        let _: i64 = sqlx::query_scalar(REST).fetch_one(&mut *connection).await?;
    }
    Ok(false)
}
