//! Exporting a case: gathered, packed, stamped, sealed and logged, in this order, so that no bundle leaves without a trace.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom},
    panic::resume_unwind,
    path::PathBuf,
    sync::Arc,
};

use sightline_casework::{By, Refused};
use sightline_crawler::archive::{Archive, ArchiveError, Contradiction, lock_for_copy};
use sightline_model::{AlertId, Evidence, Mint, OrganisationId, Tlp};
use sightline_store::{Store, StoreError, audit::Fault};
use tokio::task::spawn_blocking;
use url::Url;

use super::{
    Case, Tally,
    payload::{self, Cover, Log, Unwritten},
};
use crate::{
    bundle::{Packer, Sealed},
    checkpoint::Ledger,
    doubts,
    key::{KeyError, SigningKey},
    notary::{NotSigned, Notary, Verdict},
    post::Poster,
    stamp,
};

/// Exports cases of an instance.
pub struct Exporter {
    /// The store.
    pub store: Store,
    /// Whose rows are seen.
    pub organisation: OrganisationId,
    /// What the organisation is called.
    pub organisation_name: String,
    /// The folder for what the instance keeps: the key is there, and bundles are written there under no name.
    pub folder: PathBuf,
    /// Where a key comes from that is not there yet, and what tells one question for a time stamp from the next.
    pub mint: Arc<Mint>,
    /// Where checkpoints of the audit log are kept.
    pub ledger: Ledger,
    /// Who stamps bundles, where somebody does.
    pub authority: Option<(Poster, Url)>,
    /// Whether what people noted for themselves goes along.
    pub notes: Notes,
}

/// What people wrote for themselves: notes and tags of entries, and comments on alerts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Notes {
    /// It is in the bundle.
    #[default]
    Included,
    /// It is left out, and the bundle says so.
    LeftOut,
}

/// A bundle that was exported.
#[derive(Debug)]
pub struct Exported {
    /// The bundle, at its beginning: a file that has no name, and is gone when it is closed.
    pub file: File,
    /// A good name for it.
    pub name: String,
    /// What is in it.
    pub sealed: Sealed,
    /// What came of reading its captures again.
    pub again: Tally,
    /// What is wrong with the audit log that it tells from.
    pub log_fault: Option<String>,
    /// Why it has no time stamp, where one was wanted.
    pub unstamped: Option<String>,
    /// The strictest marking of what was looked for, as the README has it.
    pub marking: Option<Tlp>,
}

impl Exported {
    /// What was changed of what it tells, in words; nothing where nothing was.
    pub fn faults(&self) -> Vec<String> {
        faults(&self.again, self.log_fault.as_deref())
    }
}

fn faults(again: &Tally, log: Option<&str>) -> Vec<String> {
    let log = log.map(|fault| {
        format!(
            "the audit log that history.json is from is not what was done, or may not be: {fault}"
        )
    });
    again.fault().into_iter().chain(log).collect()
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// There is no such alert, or the store failed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The archive has not what the store says.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The store says otherwise than the archive, so that the bundle would contradict itself.
    #[error(
        "no bundle is signed that contradicts itself: {0}. One of the two was changed: compare both with a backup; \
         `sightline doctor --all` finds every such capture"
    )]
    Contradiction(#[from] Contradiction),
    /// Another key took the place of the instance's own, or would: nothing is signed with it before somebody has said why.
    #[error(
        "no bundle is signed: of the audit log, {0}. If that is known and in order: sightline audit checkpoint --despite REASON"
    )]
    Doubted(Fault),
    /// The bundle can't be written.
    #[error("the bundle can't be written: {0}; look whether the disk is full")]
    Io(#[from] io::Error),
}

impl From<StoreError> for NotExported {
    fn from(error: StoreError) -> Self {
        Self::Refused(Refused::Store(error))
    }
}

impl From<Unwritten> for NotExported {
    fn from(error: Unwritten) -> Self {
        match error {
            Unwritten::Archive(error) => Self::Archive(error),
            Unwritten::Contradiction(found) => Self::Contradiction(found),
            Unwritten::Io(error) => Self::Io(error),
        }
    }
}

impl Exporter {
    /// Exports the case of an alert, for `by`, who asks by these `means`, with what the archive keeps. Nothing is compacted
    /// meanwhile: what the rows say must still be where they say it when it is read.
    ///
    /// # Errors
    /// Nothing was exported then, and nothing is left of it.
    pub async fn export(
        &self,
        alert: AlertId,
        by: &By,
        means: &str,
        archive: Arc<Archive>,
    ) -> Result<Exported, NotExported> {
        let (store, organisation) = (&self.store, self.organisation);
        let key = doubts::undoubted(store, organisation, &self.folder, &self.mint, by.at);
        let key = Arc::new(key.await?.map_err(NotExported::Doubted)?);
        let log = self.log().await?;
        let locked = Arc::clone(&archive);
        let lock = blocking(move || Ok(lock_for_copy(locked.folder())?)).await?;
        let mut tx = self.store.read(self.organisation).await?;
        let mut case = Case::read(&mut tx, alert, by.at).await?;
        drop(tx);
        if self.notes == Notes::LeftOut {
            case.leave_out_notes();
        }
        let marking = case.marking();
        let folder = format!("sightline-alert-{alert}");
        let name = format!("{folder}.zip");
        let to = tempfile::tempfile_in(&self.folder)?;
        let cover = Cover {
            organisation: self.organisation_name.clone(),
            who: by.who.clone(),
            at: by.at.to_string(),
            signed_by: key.public().fingerprint(),
            notes: self.notes,
            log,
        };
        let log_fault = cover.log.fault.clone();
        let (packer, again) = blocking(move || -> Result<_, NotExported> {
            let mut packer = Packer::new(BufWriter::new(to), &folder);
            let whole = |evidence: &Evidence| archive.whole(evidence);
            let again = payload::write(&case, &cover, whole, &mut packer)?;
            drop(lock);
            Ok((packer, again))
        })
        .await?;
        let (stamp, unstamped) = match self.stamp(packer.manifest()).await {
            None => (None, None),
            Some(Ok(stamp)) => (Some(stamp), None),
            Some(Err(why)) => (None, Some(why)),
        };
        let info = self.info(alert, by, unstamped.as_deref());
        let (file, sealed) = blocking(move || seal(packer, &info, stamp.as_deref(), &key)).await?;
        let mut tx = self.store.write(self.organisation).await?;
        let mut detail = format!(
            "{means}: {} files, {} bytes, tagmanifest sha256:{}, signed by {}",
            sealed.files, sealed.bytes, sealed.digest, sealed.signed_by
        );
        for fault in faults(&again, log_fault.as_deref()) {
            detail.push_str(&format!("; {fault}"));
        }
        by.log(&mut tx, "evidence.export", alert.to_string(), &detail)
            .await?;
        tx.commit().await?;
        Ok(Exported {
            file,
            name,
            sealed,
            again,
            log_fault,
            unstamped,
            marking,
        })
    }

    /// What the audit log is, from which the case is told: its chain from end to end, and what was signed of it.
    async fn log(&self) -> Result<Log, NotExported> {
        let notary = Notary {
            store: self.store.clone(),
            organisation: self.organisation,
            folder: self.folder.clone(),
            mint: Arc::clone(&self.mint),
            ledger: self.ledger.clone(),
            witness: None,
        };
        match notary.verify(None, &[]).await {
            Ok(Verdict { report, .. }) => Ok(Log {
                deeds: report.size,
                checkpoints: report.met,
                vouched: report.vouched,
                fault: report.fault.map(|fault| fault.to_string()),
            }),
            Err(NotSigned::Store(error)) => Err(error.into()),
            // What can't be held against what was signed is told, and keeps nobody from the evidence.
            Err(error) => Ok(Log {
                deeds: 0,
                checkpoints: 0,
                vouched: 0,
                fault: Some(format!("it could not be verified: {error}")),
            }),
        }
    }

    /// The answer of the authority, if there is one to be asked; why there is none, in words.
    async fn stamp(&self, manifest: &str) -> Option<Result<Vec<u8>, String>> {
        let (poster, url) = self.authority.as_ref()?;
        let mut nonce = [0; 8];
        self.mint.fill(&mut nonce);
        let nonce = u64::from_be_bytes(nonce);
        let question = stamp::question(manifest.as_bytes(), nonce);
        let asked = poster.post(url, stamp::QUESTION, question, stamp::LONGEST);
        Some(asked.await.and_then(|answer| {
            let read = stamp::read(&answer);
            let read = read.and_then(|stamp| stamp.is_of(manifest.as_bytes(), Some(nonce)));
            read.map(|()| answer).map_err(|no| no.to_string())
        }))
    }

    /// What the bag says of itself.
    fn info(
        &self,
        alert: AlertId,
        by: &By,
        unstamped: Option<&str>,
    ) -> Vec<(&'static str, String)> {
        let mut info = vec![
            ("Source-Organization", self.organisation_name.clone()),
            ("Contact-Name", by.who.clone()),
            ("External-Identifier", alert.to_string()),
            (
                "External-Description",
                format!("What lies behind alert {alert}: see data/README.txt"),
            ),
            (
                "Bagging-Date",
                by.at.to_utc().format("%Y-%m-%d").to_string(),
            ),
            ("Exported-At", by.at.to_string()),
            (
                "Bag-Software-Agent",
                format!("Sightline/{}", env!("CARGO_PKG_VERSION")),
            ),
        ];
        if let Some((_, url)) = &self.authority {
            info.push((
                "Time-Stamp",
                match unstamped {
                    None => format!("timestamp.tsr, of manifest-sha256.txt, by {url}"),
                    Some(why) => format!("none: {url} was asked, and {why}"),
                },
            ));
        }
        info
    }
}

fn seal(
    packer: Packer<BufWriter<File>>,
    info: &[(&str, String)],
    stamp: Option<&[u8]>,
    key: &SigningKey,
) -> Result<(File, Sealed), NotExported> {
    let (file, sealed) = packer.seal(info, stamp, key)?;
    let mut file = file.into_inner().map_err(|error| error.into_error())?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    Ok((file, sealed))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NotExported> + Send + 'static,
) -> Result<T, NotExported> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|died| resume_unwind(died.into_panic()))
}
