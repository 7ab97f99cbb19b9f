//! Who signs checkpoints of an instance's audit log, and who holds the log against them.

use std::{panic::resume_unwind, path::PathBuf, sync::Arc};

use sightline_casework::By;
use sightline_model::{Digest, Mint, OrganisationId, Timestamp};
use sightline_store::{
    Store, StoreError,
    audit::{self, Fault, Report, Signed},
};
use tokio::task::spawn_blocking;
use url::Url;

use crate::{
    checkpoint::{self, Checkpoint, CheckpointError, Ledger},
    key::{self, KeyError, PublicKey, SigningKey},
    post::Poster,
};

/// What a witness is sent.
const NOTE: &str = "text/plain; charset=utf-8";
/// Of a witness's answer, as much is read.
const LONGEST: usize = 4 << 10;

/// Signs what an instance's audit log is.
pub struct Notary {
    /// The store.
    pub store: Store,
    /// Whose log it is.
    pub organisation: OrganisationId,
    /// The folder for what the instance keeps, with its key.
    pub folder: PathBuf,
    /// Where a key comes from that is not there yet.
    pub mint: Arc<Mint>,
    /// Where checkpoints are kept.
    pub ledger: Ledger,
    /// Who is sent them as well.
    pub witness: Option<(Poster, Url)>,
}

/// A checkpoint that was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    /// Deeds that it vouches for.
    pub size: u64,
    /// As it stands in the file.
    pub note: String,
    /// Why the witness has not got it, where there is one.
    pub unsent: Option<String>,
}

/// Why nothing was signed, or nothing could be held against what was.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file of checkpoints can't be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The log is not what was done, or what was signed, so nothing of it is let go.
    #[error("nothing is purged from an audit log that does not verify: {0}; clear that up first")]
    Unsound(Fault),
}

/// Deeds that were let go: what is left of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purged {
    /// The first place that went.
    pub first: u64,
    /// The first that stays.
    pub end: u64,
    /// The root of the tree of all deeds before it, which was signed.
    pub root: Digest,
}

impl Notary {
    /// Signs what the log is now, unless nothing was done since the last time.
    ///
    /// # Errors
    /// Nothing was signed: the store, the key or the file can't be used, or the log has lost deeds that were signed.
    pub async fn sign(&self, now: Timestamp) -> Result<Option<Noted>, NotSigned> {
        let key = key::of_instance(
            &self.store,
            self.organisation,
            &self.folder,
            &self.mint,
            now,
        );
        let key = key.await?;
        let mut tx = self.store.read(self.organisation).await?;
        let head = audit::head(&mut tx).await?.ok_or(StoreError::NoChain)?;
        drop(tx);
        let size = head.tree.size();
        let checkpoint = Checkpoint {
            origin: checkpoint::origin(self.organisation),
            signed: Signed {
                size,
                root: head.tree.root(),
            },
        };
        let ledger = self.ledger.clone();
        let appended = blocking(move || ledger.append(&checkpoint, &key)).await?;
        let Some(note) = appended else {
            return Ok(None);
        };
        let mut unsent = None;
        if let Some((poster, url)) = &self.witness {
            let sent = poster.post(url, NOTE, note.clone().into_bytes(), LONGEST);
            unsent = sent.await.err();
        }
        Ok(Some(Noted { size, note, unsent }))
    }

    /// Verifies the log against what was signed of it by the instance's key, or by one of `others`. `ledger` takes the place
    /// of the instance's own file.
    ///
    /// # Errors
    /// The store, the key or the file can't be used; a checkpoint that nobody known has signed is such an error.
    pub async fn verify(
        &self,
        ledger: Option<&Ledger>,
        others: &[PublicKey],
    ) -> Result<Report, NotSigned> {
        // Read before the log is, which only grows.
        let signed = self.signed(ledger, others).await?;
        let mut tx = self.store.read(self.organisation).await?;
        Ok(audit::verify(&mut tx, &signed).await?)
    }

    /// Lets deeds go that were done before an instant, up to the last checkpoint among them: the log begins there from now
    /// on, as was signed. That they went is a deed itself. None where no checkpoint is that old.
    ///
    /// # Errors
    /// Nothing went: the log does not verify, or the store, the key or the file can't be used.
    pub async fn purge(&self, before: Timestamp, by: &By) -> Result<Option<Purged>, NotSigned> {
        let signed = self.signed(None, &[]).await?;
        let mut tx = self.store.read(self.organisation).await?;
        let report = audit::verify(&mut tx, &signed).await?;
        if let Some(fault) = report.fault {
            return Err(NotSigned::Unsound(fault));
        }
        let places = audit::places_before(&mut tx, before).await?;
        drop(tx);
        let old = signed
            .iter()
            .filter(|one| (report.start + 1..=places).contains(&one.size));
        let Some(end) = old.max() else {
            return Ok(None);
        };
        let purged = Purged {
            first: report.start,
            end: end.size,
            root: Digest::of_hash(&end.root),
        };
        let mut tx = self.store.write(self.organisation).await?;
        audit::begin_at(&mut tx, end.size).await?;
        let subject = format!("places {} to {}", purged.first, purged.end - 1);
        let detail = format!("root of the first {}: {}", purged.end, purged.root);
        by.log(&mut tx, "audit.purge", subject, &detail).await?;
        tx.commit().await?;
        Ok(Some(purged))
    }

    /// What was signed of the log.
    async fn signed(
        &self,
        ledger: Option<&Ledger>,
        others: &[PublicKey],
    ) -> Result<Vec<Signed>, NotSigned> {
        let mut keys = others.to_vec();
        keys.extend(SigningKey::open(&self.folder)?.map(|key| key.public()));
        let ledger = ledger.unwrap_or(&self.ledger).clone();
        let origin = checkpoint::origin(self.organisation);
        let read = blocking(move || ledger.read(&origin, &keys)).await?;
        Ok(read.into_iter().map(|one| one.signed).collect())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CheckpointError> + Send + 'static,
) -> Result<T, CheckpointError> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|died| resume_unwind(died.into_panic()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sightline_store::StoreSettings;

    use super::*;

    const START: Timestamp = Timestamp(1_795_428_000_000);

    fn day(nth: u64) -> Timestamp {
        START + Duration::from_secs(nth * 24 * 3_600)
    }

    async fn notary(folder: &std::path::Path) -> Notary {
        let settings = StoreSettings {
            url: format!("sqlite:{}", folder.join("store.db").display()),
            ..StoreSettings::default()
        };
        let store = Store::open(&settings, None).await.unwrap();
        let mint = Mint::seeded(5);
        let organisation = store.organisation("Lotus", START, &mint).await.unwrap();
        Notary {
            store,
            organisation,
            folder: folder.to_owned(),
            mint: Arc::new(mint),
            ledger: Ledger::at(folder.join("checkpoints.txt")),
            witness: None,
        }
    }

    async fn done(notary: &Notary, nth: u64) -> By {
        let by = By {
            who: "R. Analyst".to_owned(),
            at: day(nth),
        };
        let mut tx = notary.store.write(notary.organisation).await.unwrap();
        let subject = nth.to_string();
        by.log(&mut tx, "alert.read", subject, "").await.unwrap();
        tx.commit().await.unwrap();
        by
    }

    #[tokio::test]
    async fn what_is_old_goes_up_to_where_it_was_signed_and_the_log_tells() {
        let folder = tempfile::tempdir().unwrap();
        let notary = notary(folder.path()).await;
        let mut by = done(&notary, 0).await;
        assert_eq!(
            notary.purge(day(9), &by).await.unwrap(),
            None,
            "nothing is signed"
        );
        // The key is made with the first checkpoint, and is a deed, too.
        assert_eq!(notary.sign(day(0)).await.unwrap().unwrap().size, 2);
        assert_eq!(notary.sign(day(0)).await.unwrap(), None);
        for nth in 1..4 {
            by = done(&notary, nth).await;
        }
        assert_eq!(notary.sign(day(3)).await.unwrap().unwrap().size, 5);
        by = By { at: day(5), ..by };
        assert_eq!(
            notary.purge(day(0), &by).await.unwrap(),
            None,
            "nothing is old"
        );
        // Days 1 and 2 are old, too, and no checkpoint lies between them.
        let purged = notary.purge(day(3), &by).await.unwrap().unwrap();
        assert_eq!((purged.first, purged.end), (0, 2));
        let report = notary.verify(None, &[]).await.unwrap();
        assert_eq!((report.start, report.size, report.fault), (2, 6, None));
        // Without the file that says so, a log that begins late is not believed; nor is it purged further.
        std::fs::remove_file(notary.ledger.path()).unwrap();
        let report = notary.verify(None, &[]).await.unwrap();
        assert_eq!(report.fault, Some(Fault::Start { size: 2 }));
        assert!(matches!(
            notary.purge(day(9), &by).await,
            Err(NotSigned::Unsound(_))
        ));
    }
}
