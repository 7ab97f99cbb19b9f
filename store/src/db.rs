//! The store itself: its engine, its connections, its organisations.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use sightline_model::{Mint, OrganisationId, Timestamp};
use sqlx::{
    AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
};
use url::Url;

use crate::{
    Result, StoreError, StoreSettings, Tx, audit, explain::Plans, fullness::Fullness, migrations,
    reach, search,
};

/// Which database does the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Embedded, in a file of its own: the default.
    Sqlite,
    /// A server that several machines share.
    Postgres,
}

/// All that Sightline remembers. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    /// Where a message may say that it is: without a password.
    place: String,
    readers: AnyPool,
    /// One connection on SQLite, which has one writer at a time; the same pool as `readers` on PostgreSQL.
    writers: AnyPool,
    /// The numbers of the organisations met so far.
    numbers: Arc<Mutex<HashMap<OrganisationId, i64>>>,
    /// Where it is kept how SQLite goes about statements, where that is asked for.
    plans: Option<Plans>,
    /// Whether there is room on its disk.
    fullness: Fullness,
    /// What its statements forget, where a test has them do so.
    #[cfg(debug_assertions)]
    forgetting: Option<crate::forgetting::Forgetting>,
}

impl Store {
    /// Opens the store and brings its schema up to date. Makes the SQLite file where it is missing, but not its folder.
    ///
    /// # Errors
    /// Where it can't be reached, where a newer Sightline has used it, or where SQLite is older than 3.51.3.
    pub async fn open(settings: &StoreSettings, password: Option<&SecretString>) -> Result<Self> {
        install_default_drivers();
        let engine = engine_of(&settings.url)?;
        let store = match engine {
            Engine::Sqlite => open_sqlite(settings).await?,
            Engine::Postgres => open_postgres(settings, password).await?,
        };
        let mut connection = store.writers.acquire().await?;
        migrations::run(engine, &mut connection).await?;
        drop(connection);
        Ok(store)
    }

    /// Makes the index of what listings say anew where an upgrade has emptied it, and says so to `begins` first: a million listings
    /// take a minute. Until it is done, nobody who searches is told that nothing says what they look for.
    ///
    /// # Errors
    /// Where it can't be written. What is done stays done, and the next call goes on from there.
    pub async fn index_anew(&self, begins: impl FnMut()) -> Result<()> {
        search::index_anew(self, begins).await
    }

    /// From now on, keeps how SQLite goes about each statement that reads, in every transaction of this store and of the
    /// clones that are made of it from now on.
    pub fn explain(&mut self) -> Plans {
        self.plans.insert(Plans::default()).clone()
    }

    /// From now on, has the statements of this store and of the clones that are made of it forget what `forgetting` says: for
    /// tests, on SQLite.
    #[cfg(debug_assertions)]
    pub fn forget(&mut self, forgetting: crate::forgetting::Forgetting) {
        self.forgetting = Some(forgetting);
    }

    /// Which database does the work.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Where it is, without a password: the file's path, or the server's URL.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The organisation of this name, made if there is none.
    pub async fn organisation(
        &self,
        name: &str,
        now: Timestamp,
        mint: &Mint,
    ) -> Result<OrganisationId> {
        const FIND: &str = "SELECT id FROM organisation WHERE name = $1";
        let found = sqlx::query_scalar(FIND).bind(name);
        let id: String = match found.fetch_optional(&self.readers).await? {
            Some(id) => id,
            None => {
                sqlx::query(
                    "INSERT INTO organisation (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
                )
                .bind(mint.id::<OrganisationId>(now).to_string())
                .bind(name)
                .bind(now.0)
                .execute(&self.writers)
                .await?;
                // Another process may have been quicker: what stands there now counts.
                sqlx::query_scalar(FIND)
                    .bind(name)
                    .fetch_one(&self.writers)
                    .await?
            }
        };
        let id = id
            .parse()
            .map_err(|error| crate::cell::unreadable(0, error))?;
        self.begin_chain(id, now).await?;
        Ok(id)
    }

    /// Begins the chain of its audit log, where the organisation is new, or older than such chains.
    async fn begin_chain(&self, organisation: OrganisationId, now: Timestamp) -> Result<()> {
        let mut tx = self.read(organisation).await?;
        if audit::head(&mut tx).await?.is_some() {
            return Ok(());
        }
        drop(tx);
        let mut tx = self.write(organisation).await?;
        audit::begin(&mut tx, now).await?;
        tx.commit().await
    }

    /// A transaction that reads: one moment of the organisation's rows on SQLite, each statement's moment on PostgreSQL.
    pub async fn read(&self, organisation: OrganisationId) -> Result<Tx> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN READ ONLY",
        };
        self.begin(&self.readers, begin, organisation).await
    }

    /// A transaction that may write. On SQLite there is one at a time, so keep it short.
    pub async fn write(&self, organisation: OrganisationId) -> Result<Tx> {
        let begin = match self.engine {
            // Taking the lock at once: a reader that becomes a writer half-way can't wait for its turn.
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        self.begin(&self.writers, begin, organisation).await
    }

    /// False where a write of this process last failed for want of space on the disk, and a small one still does.
    ///
    /// # Errors
    /// If the store fails otherwise.
    pub async fn has_room(&self, organisation: OrganisationId) -> Result<bool> {
        if !self.fullness.is_full() {
            return Ok(true);
        }
        match self.touch(organisation).await {
            Ok(()) => Ok(true),
            Err(StoreError::Full(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes what changes nothing. There and back again, for SQLite does not write a page whose bytes stay the same.
    async fn touch(&self, organisation: OrganisationId) -> Result<()> {
        let mut tx = self.write(organisation).await?;
        for step in [1_i64, -1] {
            let there =
                tx.sql("UPDATE organisation SET created_at = created_at + ? WHERE number = ?");
            there.bind(step).bind(tx.org).run(&mut tx).await?;
        }
        tx.commit().await
    }

    /// Closes all connections, when the last transaction has ended.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    async fn begin(
        &self,
        pool: &AnyPool,
        begin: &'static str,
        organisation: OrganisationId,
    ) -> Result<Tx> {
        let org = self.number(organisation).await?;
        let begin = match self.engine {
            Engine::Sqlite => begin.to_owned(),
            // In the same round trip: whom the row-level policies let through until this transaction ends.
            Engine::Postgres => format!("{begin}; SET LOCAL sightline.organisation = '{org}'"),
        };
        // Safe: made of our own words and a number.
        let inner = self
            .fullness
            .note(pool.begin_with(AssertSqlSafe(begin)).await)?;
        let tx = Tx::new(
            inner,
            self.engine,
            organisation,
            org,
            self.plans.clone(),
            self.fullness.clone(),
        );
        #[cfg(debug_assertions)]
        let tx = tx.forgetting(self.forgetting.clone());
        Ok(tx)
    }

    /// The number that stands for an organisation in every row: 8 bytes at most instead of 36 in each.
    async fn number(&self, organisation: OrganisationId) -> Result<i64> {
        if let Some(&number) = self.known().get(&organisation) {
            return Ok(number);
        }
        let number = sqlx::query_scalar("SELECT number FROM organisation WHERE id = $1")
            .bind(organisation.to_string())
            .fetch_optional(&self.readers)
            .await?
            .ok_or(StoreError::UnknownOrganisation(organisation))?;
        self.known().insert(organisation, number);
        Ok(number)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<OrganisationId, i64>> {
        // Inserting into the map can't leave it half-made, so a poisoned lock is as good as any.
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True since a write of this process failed for want of space on the disk, until one succeeds.
    pub fn is_full(&self) -> bool {
        self.fullness.is_full()
    }

    pub(crate) fn writers(&self) -> &AnyPool {
        &self.writers
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.readers
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.place)
    }
}

pub(crate) fn engine_of(url: &str) -> Result<Engine> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Engine::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Engine::Postgres),
        // Not echoed whole: what is not understood may hold a password.
        _ => Err(StoreError::Url {
            url: url.split(':').next().unwrap_or_default().to_owned(),
            why: "it names neither engine".to_owned(),
        }),
    }
}

async fn open_sqlite(settings: &StoreSettings) -> Result<Store> {
    let path = settings.url.trim_start_matches("sqlite:");
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains(":memory:") {
        return Err(StoreError::Url {
            url: settings.url.clone(),
            why: "it names no file".to_owned(),
        });
    }
    let remedy = "look whether its folder exists, may be written to, and has space left";
    let opened = |source| StoreError::unopened(path, source, remedy);
    let options: AnyConnectOptions = sqlite_url(path).parse().map_err(opened)?;
    let options = options.disable_statement_logging();
    let wait = Duration::from_secs(settings.wait_seconds.into());
    let pragmas = |role: &str| {
        format!(
            "PRAGMA busy_timeout = {}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; {role}",
            wait.as_millis()
        )
    };
    // FULL, not NORMAL: in WAL mode NORMAL loses acknowledged commits when the power fails.
    let writing = pragmas(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384; \
         PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864",
    );
    let first = reach::first(&options, wait, &writing)
        .await
        .map_err(opened)?;
    let writers = pool(1, wait, writing)
        .connect_with(options.clone())
        .await
        .map_err(opened)?;
    // Not before: the last connection that closes writes the whole log back.
    first.close().await.map_err(opened)?;
    let found: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&writers)
        .await?;
    if is_too_old(&found) {
        return Err(StoreError::SqliteTooOld { found });
    }
    let readers = pool(
        settings.connections,
        wait,
        pragmas("PRAGMA cache_size = -2048; PRAGMA query_only = ON"),
    )
    .connect_with(options)
    .await
    .map_err(opened)?;
    Ok(Store {
        engine: Engine::Sqlite,
        place: path.to_owned(),
        readers,
        writers,
        numbers: Arc::default(),
        plans: None,
        fullness: Fullness::default(),
        #[cfg(debug_assertions)]
        forgetting: None,
    })
}

pub(crate) async fn open_postgres(
    settings: &StoreSettings,
    password: Option<&SecretString>,
) -> Result<Store> {
    let mut url = Url::parse(&settings.url).map_err(|error| StoreError::Url {
        url: "postgres:…".to_owned(),
        why: error.to_string(),
    })?;
    if url.password().is_some() {
        // A failing set_password means a URL without a host, which has no password to hide.
        let _ = url.set_password(None);
        return Err(StoreError::Url {
            url: url.into(),
            why: "it holds a password, which belongs into the secret store.password".to_owned(),
        });
    }
    let place = url.to_string();
    if let Some(password) = password {
        url.set_password(Some(password.expose_secret()))
            .map_err(|()| StoreError::Url {
                url: place.clone(),
                why: "a password needs a host".to_owned(),
            })?;
    }
    let remedy =
        "look whether the server runs, the database exists, and the user and password are right";
    let opened = |source| StoreError::unopened(&place, source, remedy);
    let options = AnyConnectOptions::from_url(&url).map_err(opened)?;
    let wait = Duration::from_secs(settings.wait_seconds.into());
    let session = format!("SET lock_timeout = {}", wait.as_millis());
    let options = options.disable_statement_logging();
    let first = reach::first(&options, wait, &session).await;
    // It leaves its place to the pool: a role may be given few.
    first.map_err(opened)?.close().await.map_err(opened)?;
    let pool = pool(settings.connections, wait, session)
        .test_before_acquire(true)
        .connect_with(options)
        .await
        .map_err(opened)?;
    warn_of_a_role_above_the_policies(&pool).await?;
    Ok(Store {
        engine: Engine::Postgres,
        readers: pool.clone(),
        writers: pool,
        numbers: Arc::default(),
        plans: None,
        fullness: Fullness::default(),
        #[cfg(debug_assertions)]
        forgetting: None,
        place,
    })
}

/// A pool of `most` connections, each of which begins with `session`.
fn pool(most: u32, wait: Duration, session: String) -> AnyPoolOptions {
    let session: Arc<str> = session.into();
    AnyPoolOptions::new()
        .max_connections(most.max(1))
        .acquire_timeout(wait)
        // A file doesn't go away between two uses; a server may, and there it is turned on.
        .test_before_acquire(false)
        // A disk that is full, or fails, may end a transaction behind sqlx's back: it goes on counting it, and no other could
        // begin on that connection. Whatever is still in one when it is to be used again is thrown away.
        .before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
        .after_connect(move |connection, _| {
            // Safe: made of our own words and numbers.
            let session = sqlx::raw_sql(AssertSqlSafe(Arc::clone(&session)));
            Box::pin(async move { connection.execute(session).await.map(|_| ()) })
        })
}

/// Row-level security is the second fence between organisations, and such a role walks around it.
async fn warn_of_a_role_above_the_policies(pool: &AnyPool) -> Result<()> {
    if is_above_the_policies(pool).await? {
        tracing::warn!(
            "the PostgreSQL role may bypass row-level security: give Sightline a role that is neither superuser nor BYPASSRLS"
        );
    }
    Ok(())
}

/// Whether the policies mean nothing to the role. That it owns the tables is no matter: they are forced on owners, too.
pub(crate) async fn is_above_the_policies(pool: &AnyPool) -> Result<bool> {
    let above: i64 = sqlx::query_scalar(
        "SELECT CASE WHEN rolsuper OR rolbypassrls THEN 1 ELSE 0 END FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    Ok(above != 0)
}

/// The URL of a file, which is made if it is missing. Everything that a URL has another meaning for is escaped.
pub(crate) fn sqlite_url(path: &str) -> String {
    let mut url = String::from("sqlite:");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                url.push(byte.into());
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url + "?mode=rwc"
}

/// Before 3.51.3, resetting the write-ahead log while another connection checkpoints could corrupt the database.
fn is_too_old(version: &str) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) < (3, 51, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_sqlite_versions_are_known() {
        for (version, old) in [
            ("3.51.2", true),
            ("3.46.0", true),
            ("3.51.3", false),
            ("3.51.10", false),
            ("4.0.0", false),
            ("nonsense", true),
        ] {
            assert_eq!(is_too_old(version), old, "{version}");
        }
    }

    #[test]
    fn a_password_never_reaches_a_message() {
        for engine in ["mysql", "postgres"] {
            let settings = StoreSettings {
                url: format!("{engine}://a:secret@example.com/x"),
                ..StoreSettings::default()
            };
            let error = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(Store::open(&settings, None))
                .unwrap_err()
                .to_string();
            assert!(!error.contains("secret@"), "{error}");
        }
    }

    #[test]
    fn paths_with_odd_letters_are_files_all_the_same() {
        assert_eq!(
            sqlite_url("/tmp/a b?#%.db"),
            "sqlite:/tmp/a%20b%3F%23%25.db?mode=rwc"
        );
    }
}
