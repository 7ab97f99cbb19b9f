//! One moment of a SQLite store, read from its own file while others write: a backup needs no copy of it on any disk.
//!
//! While nothing can be committed, all that stands in the write-ahead log is brought into the file, and a reader begins.
//! As long as that reader stays, no checkpoint goes past what it sees (<https://sqlite.org/wal.html#concurrency>): what
//! others write meanwhile stays in the log, and the file keeps the bytes of that moment.

use std::{fs::File, io::Read, mem::ManuallyDrop, time::Duration};

use sqlx::{AnyConnection, ConnectOptions, Connection, any::AnyConnectOptions};

use crate::{Engine, Result, Store, StoreError, db::sqlite_url};

/// How long writers are kept waiting for those who read an older moment, in steps of [`STEP`].
const STEPS: u32 = 20;
const STEP: Duration = Duration::from_millis(10);
/// How often that is tried, and how long everybody rests in between: a minute in all.
const TRIES: u32 = 120;
const REST: Duration = Duration::from_millis(300);

/// The store's file as of one moment. It stays so until this is released.
pub struct Snapshot {
    reader: AnyConnection,
    /// Never closed: when a process closes any handle of a file, the system takes away all locks that the process has on
    /// it, those of SQLite included (<https://sqlite.org/howtocorrupt.html>, 2.2). A handle is lost for each snapshot.
    file: ManuallyDrop<File>,
    length: u64,
}

impl Snapshot {
    /// Takes one. Readers are not kept waiting, and writers for a moment only.
    ///
    /// # Errors
    /// Where the store is PostgreSQL, which has `pg_dump`, or where somebody reads an older moment for longer than a minute.
    pub async fn take(store: &Store) -> Result<Self> {
        if store.engine() == Engine::Postgres {
            return Err(StoreError::SqliteOnly {
                what: "a backup by Sightline",
                remedy: "use pg_dump, which copies one moment of a PostgreSQL database",
            });
        }
        let options: AnyConnectOptions = sqlite_url(store.place()).parse()?;
        let mut reader = AnyConnection::connect_with(&options.disable_statement_logging()).await?;
        for _ in 0..TRIES {
            let nobody_writes = store.writers().begin_with("BEGIN IMMEDIATE").await?;
            let stands = stand(&mut reader).await?;
            nobody_writes.rollback().await?;
            if stands {
                let file = ManuallyDrop::new(File::open(store.place()).map_err(sqlx::Error::Io)?);
                let length = file.metadata().map_err(sqlx::Error::Io)?.len();
                return Ok(Self {
                    reader,
                    file,
                    length,
                });
            }
            tokio::time::sleep(REST).await;
        }
        Err(StoreError::HeldByReaders)
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Its bytes, from where the last reading ended.
    pub fn bytes(&self) -> impl Read + '_ {
        (&*self.file).take(self.length)
    }

    /// Lets the store's file grow again.
    ///
    /// # Errors
    /// If the reader was lost meanwhile: then what was read is no moment.
    pub async fn release(mut self) -> Result<()> {
        sqlx::query("COMMIT").execute(&mut self.reader).await?;
        self.reader.close().await?;
        Ok(())
    }
}

/// Begins to read, if all of the log is in the file: false where somebody still reads what is older.
async fn stand(reader: &mut AnyConnection) -> Result<bool> {
    for _ in 0..STEPS {
        let (busy, logged, moved): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)")
                .fetch_one(&mut *reader)
                .await?;
        if busy == 0 && logged == moved {
            sqlx::query("BEGIN").execute(&mut *reader).await?;
            // The moment is that of the first look, not of the beginning.
            let _: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
                .fetch_one(&mut *reader)
                .await?;
            return Ok(true);
        }
        tokio::time::sleep(STEP).await;
    }
    Ok(false)
}
