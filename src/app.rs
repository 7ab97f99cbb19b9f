//! The one place where Sightline's parts are wired together: configuration, store, organisation, clock, and all the
//! rest that a crawl needs.

use std::{
    env, fs,
    path::{self, Path},
    sync::Arc,
};

use secrecy::SecretString;
use sightline_alerts::render::{RenderError, Templates};
use sightline_config::Located;
use sightline_crawler::{
    archive::{Archive, ArchiveError},
    visit::Crawler,
};
use sightline_egress::{Egress, EgressError, SecretError, SecretPlace, Secrets, install_crypto};
use sightline_model::{Clock, Mint, OrganisationId, SystemClock};
use sightline_pipeline::{
    PipelineError,
    desk::Desk,
    files::SourceFiles,
    instance::{self, Instance, Registered},
    notices::{Machinery, NoticeSettings},
    retention::Keeping,
    source::Source,
};
use sightline_proof::{
    case::{Exporter, Notes},
    checkpoint::Ledger,
    doubts,
    key::{self, Digester, KeyError, SigningKey},
    notary::Notary,
    post::Poster,
};
use sightline_store::{Store, StoreError, Tx, audit::Fault, health};
use sightline_watchlists::WarningLists;
use sightline_web::Parts;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    commands::{self, Context},
    configuration::{self, Broken, Configuration, Sources, Unsound},
    data_folder::{self, DataFolderError},
    folders::{self, Unusable},
    outbox::Channels,
    output, warning_lists,
};

/// What every command that knows the store works with.
pub struct App {
    /// The settings.
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
    /// A folder or file of what is kept can't be used.
    #[error(transparent)]
    Folder(#[from] Unusable),
    /// The data folder is not the store's.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive can't be opened.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The gate to the network can't be set up.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// The message templates can't be used.
    #[error(transparent)]
    Templates(#[from] RenderError),
    /// The signing key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The sources can't be registered.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// Whoever waits for a store that an older version has filled is told what for: nothing is logged yet, and there is no bar.
fn say_that_words_are_indexed() {
    output::tell(
        "This version searches listings by other words than the last: they are indexed anew, once, before anything else. A million \
         listings take a minute or two; what is stopped goes on next time.",
    );
}

impl App {
    /// Opens the instance that the command line names, by the machine's clock.
    pub async fn open(context: &Context) -> Result<Self, AppError> {
        let configuration = configuration(&context.config)?;
        let folder = &configuration.settings.instance.data;
        if !folder.exists() {
            output::tell(format_args!(
                "The data folder {} is not there: a new one is made. If this instance is not new, end this, and bring the latest backup \
                 back: sightline restore",
                folder.display()
            ));
        }
        Self::open_by(configuration, Arc::new(SystemClock), Mint::unpredictable()).await
    }

    /// The same; none where it has no store yet, and any other command would make one.
    pub async fn open_if_made(configuration: &Configuration) -> Result<Option<Self>, AppError> {
        let settings = &configuration.settings;
        let password = store_password(configuration)?;
        data_folder::refuse_without_store(settings, password.as_ref()).await?;
        if !health::is_made(&settings.store.store, password.as_ref()).await? {
            return Ok(None);
        }
        let (clock, mint) = (Arc::new(SystemClock), Mint::unpredictable());
        Self::open_by(configuration.clone(), clock, mint)
            .await
            .map(Some)
    }

    /// Opens the instance of a configuration, by any clock.
    pub async fn open_by(
        configuration: Configuration,
        clock: Arc<dyn Clock>,
        mint: Mint,
    ) -> Result<Self, AppError> {
        let database = &configuration.settings.store;
        let password = store_password(&configuration)?;
        folders::make_private(&configuration.settings.instance.data)?;
        if let Some(file) = database.store.url.strip_prefix("sqlite:") {
            folders::check_database(Path::new(file))?;
        }
        data_folder::refuse_without_store(&configuration.settings, password.as_ref()).await?;
        let store = Store::open(&database.store, password.as_ref()).await?;
        store.index_anew(say_that_words_are_indexed).await?;
        let name = &configuration.settings.instance.organisation;
        let organisation = store.organisation(name, clock.now(), &mint).await?;
        let folder = &configuration.settings.instance.data;
        let at = on_this_machine(folder);
        data_folder::verify(folder, &at, &store, organisation, &*clock, &mint).await?;
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

    /// The warning lists in force, and what is wrong with the operator's own.
    pub fn warnings(&self) -> (WarningLists, Vec<Located>) {
        let folder = self
            .configuration
            .settings
            .instance
            .warning_lists
            .as_deref();
        warning_lists::read(folder)
    }

    /// Where captures are kept.
    pub fn archive(&self) -> Result<Archive, AppError> {
        let settings = &self.configuration.settings;
        let mint = Arc::clone(&self.mint);
        Ok(Archive::open(
            settings.archive_folder(),
            settings.archive.clone(),
            mint,
        )?)
    }

    /// What retention works on.
    pub fn keeping(&self) -> Result<Keeping, AppError> {
        Ok(Keeping {
            store: self.store.clone(),
            organisation: self.organisation,
            archive: Arc::new(self.archive()?),
            clock: Arc::clone(&self.clock),
            mint: Arc::clone(&self.mint),
            settings: self.configuration.settings.retention.clone(),
        })
    }

    /// Who exports what lies behind an alert.
    pub fn exporter(&self) -> Result<Exporter, AppError> {
        let settings = &self.configuration.settings;
        Ok(Exporter {
            store: self.store.clone(),
            organisation: self.organisation,
            organisation_name: settings.instance.organisation.clone(),
            folder: settings.instance.data.clone(),
            mint: Arc::clone(&self.mint),
            ledger: Ledger::at(settings.checkpoints()),
            authority: self.reached(settings.proof.timestamp_url.as_ref())?,
            notes: Notes::Included,
        })
    }

    /// Who signs checkpoints of the audit log.
    pub fn notary(&self) -> Result<Notary, AppError> {
        let settings = &self.configuration.settings;
        Ok(Notary {
            store: self.store.clone(),
            organisation: self.organisation,
            folder: settings.instance.data.clone(),
            mint: Arc::clone(&self.mint),
            ledger: Ledger::at(settings.checkpoints()),
            witness: self.reached(settings.proof.checkpoint_url.as_ref())?,
        })
    }

    /// An address, and who asks it through the gate.
    fn reached(&self, url: Option<&Url>) -> Result<Option<(Poster, Url)>, AppError> {
        let Some(url) = url else { return Ok(None) };
        let poster = Poster::new(&egress(&self.configuration)?)?;
        Ok(Some((poster, url.clone())))
    }

    /// The key that the instance signs with.
    pub async fn key(&self) -> Result<SigningKey, AppError> {
        let folder = &self.configuration.settings.instance.data;
        let now = self.clock.now();
        let key = key::of_instance(&self.store, self.organisation, folder, &self.mint, now);
        Ok(key.await?)
    }

    /// The same to sign with; or why nothing is to be signed, since the log knows of another.
    pub async fn undoubted_key(&self) -> Result<Result<SigningKey, Fault>, AppError> {
        let folder = &self.configuration.settings.instance.data;
        let now = self.clock.now();
        let key = doubts::undoubted(&self.store, self.organisation, folder, &self.mint, now);
        Ok(key.await?)
    }

    /// What makes digests for the audit log.
    pub async fn digester(&self) -> Result<Digester, AppError> {
        Ok(self.key().await?.digester().clone())
    }

    /// Writes into the audit log that the person at the keyboard is shown something, before they are. A disk without room
    /// keeps nobody from seeing what is there; the reader is told that nothing was kept.
    pub async fn log_read(&self, what: &str, subject: &str) -> Result<(), StoreError> {
        let logged = async {
            let mut tx = self.write().await?;
            let by = commands::by(self.clock.now());
            by.log(&mut tx, what, subject.to_owned(), "command line")
                .await?;
            tx.commit().await
        };
        match logged.await {
            Err(error @ StoreError::Full(_)) => {
                output::tell(format_args!("The audit log has nothing of this: {error}"));
                Ok(())
            }
            logged => logged,
        }
    }

    /// All that crawling and delivering need, over this instance's store. A channel that can't be used is left out, and
    /// the log says why: a secret that is missing must not keep anybody from crawling, or from telling the others.
    pub async fn instance(&self) -> Result<Arc<Instance>, AppError> {
        let settings = &self.configuration.settings;
        let channels = Channels::build(&self.configuration)?;
        for error in &channels.unusable {
            tracing::error!("{error}; until then what is due to it waits");
        }
        let templates = match &settings.instance.templates {
            None => Templates::embedded()?,
            Some(folder) => Templates::from_folder(folder)?,
        };
        let (warnings, problems) = self.warnings();
        for problem in problems {
            tracing::warn!(
                "the warning list {}: {}; {}",
                problem.place,
                problem.message,
                problem.remedy
            );
        }
        let parts = instance::Parts {
            store: self.store.clone(),
            organisation: self.organisation,
            clock: Arc::clone(&self.clock),
            mint: Arc::clone(&self.mint),
            archive: self.archive()?,
            retention: settings.retention.clone(),
            crawler: crawler(
                &self.configuration,
                Arc::clone(&self.clock),
                Arc::clone(&self.mint),
            )?,
            unusable_channels: channels.reasons(),
            channels: channels.ready,
            templates,
            public_url: settings.instance.public_url.clone(),
            notices: NoticeSettings {
                operators: settings.operators.clone(),
                reviews: settings.reviews.clone(),
            },
            warnings,
            work: settings.work.clone(),
            workers: settings.instance.data.join("workers"),
            place: self.place(),
        };
        Ok(Instance::open(parts).await?)
    }

    /// Where the files of the sources lie, and on which machine.
    fn place(&self) -> String {
        on_this_machine(&self.configuration.settings.instance.sources)
    }

    /// What this configuration says of the machinery, for those who look at it and open no instance.
    pub fn machinery(&self) -> Machinery {
        let settings = &self.configuration.settings;
        let sources = self.configuration.sources().ok();
        let enabled = sources.iter().flat_map(Sources::enabled);
        Machinery {
            sources: enabled.map(|source| source.name.clone()).collect(),
            unready: Vec::new(),
            broken: sources.as_ref().map(|sources| held(&sources.broken)),
            place: self.place(),
            channels: settings.channels.keys().cloned().collect(),
            unusable: Channels::build(&self.configuration)
                .map(|channels| channels.reasons())
                .unwrap_or_default(),
            settings: settings.operators.clone(),
            reviews: settings.reviews.clone(),
        }
    }

    /// What the console is opened over.
    ///
    /// # Errors
    /// Where there is no gate to the network, or no key.
    pub async fn console_parts(
        &self,
        instance: &Arc<Instance>,
        stop: CancellationToken,
    ) -> Result<Parts, AppError> {
        let settings = &self.configuration.settings;
        Ok(Parts {
            instance: Arc::clone(instance),
            desk: Desk {
                files: SourceFiles::of(&settings.instance.sources),
                has_contact: !settings.fetch.contact.is_empty(),
                folder: self.configuration.folder.clone(),
                variable,
            },
            channels: settings.channels.clone(),
            unusable: Channels::build(&self.configuration)?.reasons(),
            store: self.store.clone(),
            organisation: self.organisation,
            organisation_name: settings.instance.organisation.clone(),
            clock: Arc::clone(&self.clock),
            mint: Arc::clone(&self.mint),
            exporter: self.exporter()?,
            digester: self.digester().await?,
            settings: settings.web.clone(),
            warnings: Arc::new(self.warnings().0),
            public_url: settings.instance.public_url.clone(),
            stop,
        })
    }

    /// Makes sources known to an instance, the passwords of their proxies read, and which of all there are is `broken`; none
    /// where only some were asked for, and the others are nothing to be told of. The log says which can't be used, and why.
    pub async fn register(
        &self,
        instance: &Instance,
        sources: Vec<Source>,
        broken: Option<&[Broken]>,
    ) -> Result<Registered, AppError> {
        if let Some(broken) = broken {
            instance.hold(held(broken));
        }
        let secrets = secrets(&self.configuration);
        Ok(instance.register(sources, secrets).await?)
    }
}

/// Where a folder is, and on which machine.
fn on_this_machine(folder: &Path) -> String {
    let folder = path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    // Only to tell machines apart that share a store: one that does not say its name is told by its folder.
    let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} on {}", folder.display(), machine.trim())
}

/// Sources whose files are wrong, as an instance knows them.
fn held(broken: &[Broken]) -> Vec<instance::Broken> {
    let held = broken.iter().map(|broken| instance::Broken {
        name: broken.name.clone(),
        why: broken.why(),
    });
    held.collect()
}

/// Who fetches, behind the one gate to the network.
pub fn crawler(
    configuration: &Configuration,
    clock: Arc<dyn Clock>,
    mint: Arc<Mint>,
) -> Result<Crawler, AppError> {
    Ok(Crawler::new(
        egress(configuration)?,
        configuration.settings.fetch.clone(),
        clock,
        mint,
    ))
}

/// The one gate to the network.
pub fn egress(configuration: &Configuration) -> Result<Egress, AppError> {
    install_crypto();
    Ok(configuration.gate()?)
}

/// What secrets are looked up in.
pub fn secrets(configuration: &Configuration) -> Secrets<'_> {
    Secrets {
        folder: &configuration.folder,
        environment: &variable,
    }
}

/// The configuration in `file` and the environment.
pub fn configuration(file: &Path) -> Result<Configuration, AppError> {
    Ok(Configuration::load(file, configuration::environment())?)
}

/// The password of the database, where there is to be one.
pub fn store_password(configuration: &Configuration) -> Result<Option<SecretString>, SecretError> {
    let database = &configuration.settings.store;
    let place = SecretPlace {
        key: "store.password",
        variable: database.password_env.as_deref(),
        file: database.password_file.as_deref(),
    };
    place.read(secrets(configuration))
}

/// A variable of the environment; what is not UTF-8 can't be a secret of ours.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
