//! Where a story takes place: a fresh store, and a second look at its tables.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use sightline_model::{Mint, OrganisationId, Timestamp};
use sightline_store::{Engine, Store, StoreSettings, forgetting::Forgetting};
use sqlx::{
    AnyConnection, AssertSqlSafe, Connection, Row,
    any::{AnyRow, install_default_drivers},
};
use tempfile::TempDir;
use url::Url;

use crate::schema::{PASSWORD, Schema, run};

/// The instant at which stories begin: 2026-11-23T10:00:00Z.
pub const START: Timestamp = Timestamp(1_795_428_000_000);

/// `seconds` after the start.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp(START.0 + seconds * 1_000)
}

/// A place for one store, empty at first.
pub struct Place {
    settings: StoreSettings,
    password: Option<SecretString>,
    /// The whole truth about it: for PostgreSQL as superuser, whom no policy binds.
    all_seeing: String,
    schema: Option<Schema>,
    folder: TempDir,
    /// What the statements of its stores forget.
    forgetting: Option<Forgetting>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a store.db").display());
        Self {
            all_seeing: url.replace(' ', "%20"),
            settings: settings(url),
            password: None,
            schema: None,
            folder,
            forgetting: None,
        }
    }

    /// The same with a copy of a store, the statements of which forget something.
    pub fn forgetful(copied: &Path, forgetting: &Forgetting) -> Self {
        let place = Self {
            forgetting: Some(forgetting.clone()),
            ..Self::sqlite()
        };
        std::fs::copy(copied, place.file()).unwrap();
        place
    }

    /// Where its store lies on SQLite.
    pub fn file(&self) -> PathBuf {
        self.path("a store.db")
    }

    /// A schema of its own, with an owner who is no superuser; none where there is no server to be had.
    pub async fn postgres() -> Option<Self> {
        let schema = Schema::make("story").await?;
        let (settings, password) = schema.settings();
        let admin = Url::parse(&schema.admin).unwrap();
        Some(Self {
            all_seeing: format!("{admin}?options=-csearch_path%3D{}", schema.name),
            settings,
            password: Some(password),
            schema: Some(schema),
            folder: TempDir::new().unwrap(),
            forgetting: None,
        })
    }

    pub async fn remove(self) {
        if let Some(schema) = self.schema {
            schema.remove().await;
        }
    }

    /// Which database is there.
    pub fn engine(&self) -> Engine {
        match self.schema {
            None => Engine::Sqlite,
            Some(_) => Engine::Postgres,
        }
    }

    /// The schema of its own on PostgreSQL, named like its role.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_ref().map(|schema| schema.name.as_str())
    }

    /// A connection of the store's own role to a database in which nothing was made yet.
    pub async fn bare(&self) -> AnyConnection {
        match self.engine() {
            Engine::Sqlite => connect(&format!("{}?mode=rwc", self.all_seeing)).await,
            Engine::Postgres => self.nameless().await,
        }
    }

    /// Opens the store, as one more process would.
    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> sightline_store::Result<Store> {
        let mut store = Store::open(&self.settings, self.password.as_ref()).await?;
        if let Some(forgetting) = &self.forgetting {
            store.forget(forgetting.clone());
        }
        Ok(store)
    }

    /// Opens the store with one organisation.
    pub async fn inhabited(&self) -> (Store, OrganisationId, Mint) {
        let store = self.open().await;
        let mint = Mint::seeded(7);
        let organisation = store.organisation("Lotus", START, &mint).await.unwrap();
        (store, organisation, mint)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns once a transaction of this place waits for another's lock; at once on SQLite, where writers wait before they
    /// begin.
    pub async fn await_a_waiting_lock(&self) {
        let Some(name) = self.schema() else { return };
        let mut connection = self.all_seeing().await;
        loop {
            let waiting: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'",
            )
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
            if waiting > 0 {
                return;
            }
        }
    }

    /// A connection that sees every organisation.
    pub async fn all_seeing(&self) -> AnyConnection {
        connect(&self.all_seeing).await
    }

    /// On PostgreSQL, a connection of the store's own role that has named no organisation.
    pub async fn nameless(&self) -> AnyConnection {
        let mut url = Url::parse(&self.settings.url).unwrap();
        url.set_password(Some(PASSWORD)).unwrap();
        connect(url.as_str()).await
    }

    /// Runs a statement above all organisations, as other hands would.
    pub async fn meddle(&self, text: &str) {
        run(&self.all_seeing, text).await;
    }

    /// Tries a statement above all organisations; why the engine refuses it.
    pub async fn try_to_meddle(&self, text: &str) -> Result<(), String> {
        let mut connection = self.all_seeing().await;
        let statement = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let tried = statement.execute(&mut connection).await;
        tried.map(|_| ()).map_err(|error| error.to_string())
    }
}

fn settings(url: String) -> StoreSettings {
    StoreSettings {
        url,
        connections: 4,
        ..StoreSettings::default()
    }
}

async fn connect(url: &str) -> AnyConnection {
    install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

/// The tables that hold rows of organisations.
pub async fn tables(connection: &mut AnyConnection, engine: Engine) -> Vec<String> {
    let text = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        Engine::Postgres => {
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        }
    };
    let mut tables: Vec<String> = sqlx::query_scalar(text)
        .fetch_all(connection)
        .await
        .unwrap();
    tables
        .retain(|table| !["_sqlx_migrations", "organisation", "counter"].contains(&table.as_str()));
    if engine == Engine::Sqlite {
        // Words, and no rows of organisations: `searching` tells whose they are.
        let holds_words =
            |table: &String| table.starts_with("listing_search") || table == "listing_word";
        tables.retain(|table| !holds_words(table));
    }
    tables
}

/// How many rows of `table` the connection sees where `condition` holds.
pub async fn count(connection: &mut AnyConnection, table: &str, condition: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT count(*) FROM {table} WHERE {condition}"
    )))
    .fetch_one(connection)
    .await
    .unwrap()
}

/// Every row of an organisation, by table, as text.
pub async fn dump(place: &Place, engine: Engine, organisation: OrganisationId) -> Vec<String> {
    let mut connection = place.all_seeing().await;
    let mut dump = Vec::new();
    for table in tables(&mut connection, engine).await {
        // A document is of a type that has no text here; it follows the versions.
        if table == "listing_search" {
            continue;
        }
        let text = format!(
            "SELECT * FROM {table} WHERE organisation = (SELECT number FROM organisation WHERE id = '{organisation}')"
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let mut rows: Vec<String> = rows
            .iter()
            .map(|row| format!("{table}: {}", words(row)))
            .collect();
        rows.sort();
        dump.extend(rows);
    }
    dump
}

fn words(row: &AnyRow) -> String {
    let cell = |at| {
        row.try_get::<Option<String>, _>(at)
            .or_else(|_| {
                row.try_get::<Option<i64>, _>(at)
                    .map(|n| n.map(|n| n.to_string()))
            })
            .unwrap()
    };
    (0..row.len())
        .map(|at| cell(at).unwrap_or_default())
        .collect::<Vec<_>>()
        .join(" | ")
}

/// How many visits and deliveries are there to be leased.
pub async fn leases_of(tx: &mut sightline_store::Tx) -> (usize, usize) {
    let visits = sightline_store::leases::Wish {
        worker: "worker",
        lease_for: std::time::Duration::from_secs(60),
        sources: sightline_store::leases::Whose::Everyones,
        at_most: 9,
        per_host: 1,
    };
    let messages = sightline_store::deliveries::Wish {
        worker: "worker",
        channels: &[("duty", 9)],
        lease_for: std::time::Duration::from_secs(60),
        at_most: 9,
    };
    (
        sightline_store::leases::lease_due(tx, &visits, at(1))
            .await
            .unwrap()
            .len(),
        sightline_store::deliveries::lease_due(tx, &messages, at(1))
            .await
            .unwrap()
            .len(),
    )
}
