//! A schema of its own on a server of PostgreSQL, and its owner, who is no superuser.

use std::env;

use secrecy::SecretString;
use sightline_model::Mint;
use sightline_store::StoreSettings;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, any::install_default_drivers};
use url::Url;

/// What its owner signs in with.
pub const PASSWORD: &str = "story";

/// A schema, named like its owner.
pub struct Schema {
    /// The server, as its superuser comes to it.
    pub admin: String,
    pub name: String,
}

impl Schema {
    /// One that is named after what it is for; none where there is no server to be had.
    pub async fn make(of: &str) -> Option<Self> {
        let Ok(admin) = env::var("SIGHTLINE_TEST_POSTGRES") else {
            let required =
                env::var("SIGHTLINE_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(
                !required,
                "SIGHTLINE_TEST_POSTGRES is not set; start a server with scripts/postgres"
            );
            return None;
        };
        let number = (Mint::unpredictable().fraction() * 1e15) as u64;
        let name = format!("{of}_{number:x}");
        // A schema named like its role is where PostgreSQL makes that role's tables. Quicker to make than a database.
        let make = format!(
            "CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'; CREATE SCHEMA {name} AUTHORIZATION {name}"
        );
        run(&admin, &make).await;
        Some(Self { admin, name })
    }

    /// The settings of a store in it, as its owner.
    pub fn settings(&self) -> (StoreSettings, SecretString) {
        let mut url = Url::parse(&self.admin).unwrap();
        url.set_username(&self.name).unwrap();
        url.set_password(None).unwrap();
        let settings = StoreSettings {
            url: url.into(),
            connections: 4,
            ..StoreSettings::default()
        };
        (settings, SecretString::from(PASSWORD))
    }

    pub async fn remove(self) {
        let Self { admin, name } = &self;
        let remove = format!("DROP SCHEMA {name} CASCADE; DROP ROLE {name}");
        run(admin, &remove).await;
    }
}

/// Runs statements on a database.
pub async fn run(url: &str, text: &str) {
    install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
