//! The one place where Sightline's parts are wired together: configuration, store, organisation, clock, and all the
//! rest that a crawl needs.

use std::{env, path::Path, sync::Arc};

use sightline_model::{Clock, Mint, OrganisationId, SystemClock};
use sightline_store::{Store, StoreError, Tx};

use crate::{
    commands::Context,
    configuration::{self, Configuration, Unsound},
    secrets::{SecretError, SecretPlace},
};

/// What every command that knows the store works with.
pub struct App {
    /// The settings and all sources.
    pub configuration: Configuration,
    /// The database.
    pub store: Store,
    /// Whose rows are seen.
    pub organisation: OrganisationId,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers and jitter come from.
    pub mint: Arc<Mint>,
}

/// Why an instance can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration is wrong; every problem in it.
    #[error(transparent)]
    Configuration(#[from] Unsound),
    /// A secret is not where the settings say.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl App {
    /// Opens the instance that the command line names, by the machine's clock.
    pub async fn open(context: &Context) -> Result<Self, AppError> {
        let configuration = configuration(&context.config)?;
        Self::open_by(configuration, Arc::new(SystemClock), Mint::unpredictable()).await
    }

    /// Opens the instance of a configuration, by any clock.
    pub async fn open_by(
        configuration: Configuration,
        clock: Arc<dyn Clock>,
        mint: Mint,
    ) -> Result<Self, AppError> {
        let database = &configuration.settings.store;
        let password = SecretPlace {
            key: "store.password",
            variable: database.password_env.as_deref(),
            file: database.password_file.as_deref(),
        };
        let password = password.read(&|name| env::var(name).ok())?;
        let store = Store::open(&database.store, password.as_ref()).await?;
        let name = &configuration.settings.instance.organisation;
        let organisation = store.organisation(name, clock.now(), &mint).await?;
        Ok(Self {
            configuration,
            store,
            organisation,
            clock,
            mint: Arc::new(mint),
        })
    }

    /// A transaction that reads.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        self.store.read(self.organisation).await
    }

    /// A transaction that writes.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        self.store.write(self.organisation).await
    }
}

/// The configuration in `file` and the environment.
pub fn configuration(file: &Path) -> Result<Configuration, AppError> {
    Ok(Configuration::load(file, configuration::environment())?)
}
