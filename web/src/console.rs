//! What every handler works with.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::Arc,
};

use sightline_alerts::channels::ChannelSettings;
use sightline_casework::{By, Names, channel};
use sightline_model::{Clock, Mint, OrganisationId, Timestamp};
use sightline_pipeline::{desk::Desk, instance::Instance};
use sightline_proof::{case::Exporter, key::Digester};
use sightline_store::{Store, StoreError, Tx};
use sightline_watchlists::WarningLists;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    WebSettings,
    access::{Person, Rates, Refusals, Streams},
    bell::Bell,
    probes::Metrics,
    sign_in::{Cookies, Passwords},
    uploads::Uploads,
};

/// What a console is opened over.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Whose rows are seen.
    pub organisation: OrganisationId,
    /// What the organisation is called.
    pub organisation_name: String,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers and secrets come from.
    pub mint: Arc<Mint>,
    /// What crawls and delivers in this process: the console has a source crawled, a page tried and a test sent by it.
    pub instance: Arc<Instance>,
    /// Where the files of the sources are written.
    pub desk: Desk,
    /// The channels, as they are configured.
    pub channels: BTreeMap<String, ChannelSettings>,
    /// Why some of them can't be used on this machine.
    pub unusable: BTreeMap<String, String>,
    /// Who exports what lies behind an alert.
    pub exporter: Exporter,
    /// What makes the digests that stand in the audit log for what people search for.
    pub digester: Digester,
    /// What an operator set.
    pub settings: WebSettings,
    /// What is known to match where nothing is meant.
    pub warnings: Arc<WarningLists>,
    /// The address that people reach it by.
    pub public_url: Option<Url>,
    /// Cancelled when the process is told to stop: streams end then.
    pub stop: CancellationToken,
}

/// What every handler works with; clones share it.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

/// The parts, and what is made of them.
pub struct Inner {
    pub(crate) parts: Parts,
    pub(crate) passwords: Passwords,
    pub(crate) cookies: Cookies,
    pub(crate) bell: Bell,
    pub(crate) metrics: Metrics,
    pub(crate) rates: Rates,
    /// One backtest at a time: each may read much of what is stored.
    pub(crate) backtests: Semaphore,
    /// One search by beginnings of words at a time: each may gather what millions of listings say.
    pub(crate) beginnings: Semaphore,
    pub(crate) streams: Streams,
    pub(crate) refusals: Refusals,
    /// One file of entries at a time is read: what came of each of its rows is held until it is told.
    pub(crate) imports: Semaphore,
    /// One page at a time is read on the test bench: each may be large, and takes many times its size.
    pub(crate) trials: Semaphore,
    pub(crate) uploads: Uploads,
    /// One image at a time is decoded.
    pub(crate) pictures: Semaphore,
    /// One bundle of evidence at a time is packed.
    pub(crate) bundles: Semaphore,
}

impl Deref for Console {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Console {
    /// A console over these parts.
    pub fn new(parts: Parts) -> Self {
        let is_secure = parts
            .public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https");
        Self(Arc::new(Inner {
            passwords: Passwords::new(Arc::clone(&parts.mint)),
            cookies: Cookies::new(is_secure),
            bell: Bell::default(),
            metrics: Metrics::default(),
            rates: Rates::default(),
            backtests: Semaphore::new(1),
            beginnings: Semaphore::new(1),
            streams: Streams::default(),
            refusals: Refusals::default(),
            imports: Semaphore::new(1),
            trials: Semaphore::new(1),
            uploads: Uploads::default(),
            pictures: Semaphore::new(1),
            bundles: Semaphore::new(1),
            parts,
        }))
    }

    /// The channels that the configuration names, whether they can be used or not.
    pub(crate) fn channels(&self) -> BTreeSet<&str> {
        let names = self.parts.channels.keys().chain(self.parts.unusable.keys());
        names.map(String::as_str).collect()
    }

    /// The channels to which nothing is sent at present, by name: why, and what to do.
    pub(crate) async fn stopped(
        &self,
        tx: &mut Tx,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        channel::stopped(tx, &self.channels(), &self.parts.unusable).await
    }

    /// The names of what rows refer to, and to which channels nothing is sent at present.
    pub(crate) async fn names(&self, tx: &mut Tx) -> Result<Names, StoreError> {
        let stopped = self.stopped(tx).await?;
        Ok(Names::read(tx).await?.knowing(stopped))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Looks once for alerts that were raised since the last look, and tells the pages that are open.
    pub async fn look_for_alerts(&self) -> Result<(), StoreError> {
        self.bell.look(self).await
    }

    /// A transaction that reads.
    pub(crate) async fn read(&self) -> Result<Tx, StoreError> {
        self.parts.store.read(self.parts.organisation).await
    }

    /// A transaction that writes.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        self.parts.store.write(self.parts.organisation).await
    }

    /// This person, now: for what they do.
    pub(crate) fn by(&self, person: &Person) -> By {
        By {
            who: person.name.clone(),
            at: self.now(),
        }
    }

    /// Writes into the audit log that somebody is shown something, before they are.
    pub(crate) async fn log_read(
        &self,
        person: &Person,
        what: &str,
        subject: String,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.by(person)
            .log(&mut tx, what, subject, person.means())
            .await?;
        tx.commit().await
    }

    /// The same of what personal data leads to: the log has a digest of `text`, and so tells nobody what was looked for.
    pub(crate) async fn log_sought(
        &self,
        person: &Person,
        what: &str,
        text: &str,
    ) -> Result<(), StoreError> {
        let digest = self.parts.digester.of(text.trim());
        self.log_read(person, what, digest).await
    }
}
