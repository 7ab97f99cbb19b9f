//! Who signs checkpoints of an instance's audit log, and who holds the log against them.

use std::{panic::resume_unwind, path::PathBuf, sync::Arc};

use sightline_casework::By;
use sightline_model::{Digest, Mint, OrganisationId, Timestamp};
use sightline_store::{
    Store, StoreError,
    audit::{self, Fault, Report, Signed},
    holds,
};
use tokio::task::spawn_blocking;
use url::Url;

use crate::{
    checkpoint::{self, Checkpoint, CheckpointError, Filed, Held, Ledger},
    doubts,
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
    /// The log has lost what it must have.
    #[error(
        "{0}: compare the store with a backup. If that is known and in order: sightline audit checkpoint --despite REASON"
    )]
    Doubted(Fault),
    /// The log is not what was done, or what was signed, so nothing of it is let go.
    #[error("nothing is purged from an audit log that does not verify: {0}; clear that up first")]
    Unsound(Fault),
}

/// What was found of a log, and of the file of its checkpoints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Of the log.
    pub report: Report,
    /// What in the file no known key has signed: which of its notes, the first being 1, and why.
    pub passed_over: Vec<(usize, &'static str)>,
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

/// What came of letting deeds go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Went {
    /// What went; none where no checkpoint is old enough.
    pub purged: Option<Purged>,
    /// The place of the first deed on what a hold covers, where that is what kept deeds from going.
    pub held_from: Option<u64>,
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
        let keys = doubts::keys(&mut tx, key.public()).await?;
        let origin = checkpoint::origin(self.organisation);
        let (ledger, known_by) = (self.ledger.clone(), keys.clone());
        let filed = blocking(move || ledger.last(&origin, &known_by)).await?;
        let size = audit::head(&mut tx).await?.map(|head| head.tree.size());
        if size.is_some() && size == filed.last {
            return Ok(None);
        }
        if let Some(fault) = doubts::raised(&mut tx, Some(key.public()), filed).await? {
            return Err(self.doubted(fault));
        }
        drop(tx);
        self.announce(filed.last, now).await?;
        self.append(key, keys).await
    }

    /// Signs what the log is now though the file of checkpoints is lost, or the log has lost its head or its key's deed: for
    /// somebody who knows why, and says so in a deed.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub async fn sign_despite(&self, why: &str, by: &By) -> Result<Option<Noted>, NotSigned> {
        let key = key::of_instance(
            &self.store,
            self.organisation,
            &self.folder,
            &self.mint,
            by.at,
        );
        let key = key.await?;
        let mut tx = self.store.write(self.organisation).await?;
        let keys = doubts::keys(&mut tx, key.public()).await?;
        let subject = key.public().fingerprint().0;
        by.log(&mut tx, doubts::DESPITE, subject, why).await?;
        tx.commit().await?;
        self.announce(None, by.at).await?;
        self.append(key, keys).await
    }

    /// Has the log say how far it was signed, before it is signed again: so that it knows if the file is lost.
    async fn announce(&self, last: Option<u64>, now: Timestamp) -> Result<(), NotSigned> {
        let ledger = self.ledger.clone();
        // There before the log says that it is.
        blocking(move || ledger.begin()).await?;
        let by = By {
            who: "sightline".to_owned(),
            at: now,
        };
        let mut tx = self.store.write(self.organisation).await?;
        let size = last.unwrap_or(0).to_string();
        by.log(&mut tx, doubts::SIGNED, size, "").await?;
        Ok(tx.commit().await?)
    }

    fn doubted(&self, fault: Fault) -> NotSigned {
        match fault {
            Fault::Behind { known, found } => NotSigned::Checkpoint(CheckpointError::Behind {
                path: self.ledger.path().to_owned(),
                known,
                found,
            }),
            fault => NotSigned::Doubted(fault),
        }
    }

    async fn append(
        &self,
        key: SigningKey,
        keys: Vec<PublicKey>,
    ) -> Result<Option<Noted>, NotSigned> {
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
        let appended = blocking(move || ledger.append(&checkpoint, &key, &keys)).await?;
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
    /// The store, the key or the file can't be used.
    pub async fn verify(
        &self,
        ledger: Option<&Ledger>,
        others: &[PublicKey],
    ) -> Result<Verdict, NotSigned> {
        // Read before the log is, which only grows.
        let held = self.held(ledger, others).await?;
        let signed: Vec<Signed> = held.checkpoints.iter().map(|one| one.signed).collect();
        let mut tx = self.store.read(self.organisation).await?;
        let mut report = audit::verify(&mut tx, &signed).await?;
        if report.fault.is_none() {
            let key = SigningKey::open(&self.folder)?.map(|key| key.public());
            // A copy of the file may be older than the log's last word on it.
            let filed = match ledger {
                None => Filed {
                    is_there: self.ledger.path().exists(),
                    last: signed.iter().map(|one| one.size).max(),
                },
                Some(_) => Filed {
                    is_there: true,
                    last: Some(report.size),
                },
            };
            report.fault = doubts::raised(&mut tx, key, filed).await?;
        }
        Ok(Verdict {
            report,
            passed_over: held.passed_over,
        })
    }

    /// Lets deeds go that were done before an instant, up to the last checkpoint among them and no further than the first deed on
    /// what a hold covers: the log begins there from now on, as was signed. That they went is a deed itself.
    ///
    /// # Errors
    /// Nothing went: the log does not verify, or the store, the key or the file can't be used.
    pub async fn purge(&self, before: Timestamp, by: &By) -> Result<Went, NotSigned> {
        let Verdict { report, .. } = self.verify(None, &[]).await?;
        if let Some(fault) = report.fault {
            return Err(NotSigned::Unsound(fault));
        }
        let held = self.held(None, &[]).await?;
        let mut tx = self.store.write(self.organisation).await?;
        let old = audit::places_before(&mut tx, before).await?;
        let held_from = holds::first_deed(&mut tx)
            .await?
            .filter(|first| *first < old);
        let places = held_from.unwrap_or(old);
        let signed = held.checkpoints.iter().map(|one| one.signed);
        let ends = signed.filter(|one| (report.start + 1..=places).contains(&one.size));
        let Some(end) = ends.max_by_key(|one| one.size) else {
            return Ok(Went {
                purged: None,
                held_from,
            });
        };
        let purged = Purged {
            first: report.start,
            end: end.size,
            root: Digest::of_hash(&end.root),
        };
        audit::begin_at(&mut tx, end.size).await?;
        let subject = format!("places {} to {}", purged.first, purged.end - 1);
        let detail = format!("root of the first {}: {}", purged.end, purged.root);
        by.log(&mut tx, "audit.purge", subject, &detail).await?;
        tx.commit().await?;
        Ok(Went {
            purged: Some(purged),
            held_from,
        })
    }

    /// What was signed of the log.
    async fn held(&self, ledger: Option<&Ledger>, others: &[PublicKey]) -> Result<Held, NotSigned> {
        let mut keys = others.to_vec();
        keys.extend(SigningKey::open(&self.folder)?.map(|key| key.public()));
        let ledger = ledger.unwrap_or(&self.ledger).clone();
        let origin = checkpoint::origin(self.organisation);
        Ok(blocking(move || ledger.read(&origin, &keys)).await?)
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

    use sightline_model::AlertId;
    use sightline_store::{
        StoreSettings,
        holds::{Hold, Lifted},
    };

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
            Went::default(),
            "nothing is signed"
        );
        // The key is made with the first checkpoint, and is a deed, too; so is that it is signed.
        assert_eq!(notary.sign(day(0)).await.unwrap().unwrap().size, 3);
        assert_eq!(notary.sign(day(0)).await.unwrap(), None);
        for nth in 1..4 {
            by = done(&notary, nth).await;
        }
        assert_eq!(notary.sign(day(3)).await.unwrap().unwrap().size, 7);
        by = By { at: day(5), ..by };
        assert_eq!(
            notary.purge(day(0), &by).await.unwrap(),
            Went::default(),
            "nothing is old"
        );
        // Days 1 and 2 are old, too, and no checkpoint lies between them.
        let purged = notary.purge(day(3), &by).await.unwrap().purged.unwrap();
        assert_eq!((purged.first, purged.end), (0, 3));
        let report = notary.verify(None, &[]).await.unwrap().report;
        assert_eq!((report.start, report.size, report.fault), (3, 8, None));
        // Without the file that says so, a log that begins late is not believed; nor is it purged further.
        std::fs::remove_file(notary.ledger.path()).unwrap();
        let report = notary.verify(None, &[]).await.unwrap().report;
        assert_eq!(report.fault, Some(Fault::Start { size: 3 }));
        assert!(matches!(
            notary.purge(day(9), &by).await,
            Err(NotSigned::Unsound(_))
        ));
    }

    #[tokio::test]
    async fn no_deed_goes_from_the_first_on_that_is_on_something_held() {
        let folder = tempfile::tempdir().unwrap();
        let notary = notary(folder.path()).await;
        let mut by = done(&notary, 0).await;
        notary.sign(day(0)).await.unwrap();
        // Somebody reads an alert that is held later: from here on the log stays.
        let alert: AlertId = notary.mint.id(START);
        let mut tx = notary.store.write(notary.organisation).await.unwrap();
        let read = By { at: day(1), ..by };
        let subject = alert.to_string();
        read.log(&mut tx, "alert.read", subject, "").await.unwrap();
        tx.commit().await.unwrap();
        notary.sign(day(1)).await.unwrap();
        let hold = Hold {
            id: notary.mint.id(START),
            of: holds::Held::Alert(alert),
            placed_at: day(2),
            placed_by: "R. Analyst".to_owned(),
            reason: "letter 1/27".to_owned(),
            lifted: None,
        };
        let mut tx = notary.store.write(notary.organisation).await.unwrap();
        holds::place(&mut tx, &hold).await.unwrap();
        by = By { at: day(2), ..read };
        let subject = hold.id.to_string();
        by.log(&mut tx, "hold.place", subject, "").await.unwrap();
        tx.commit().await.unwrap();
        notary.sign(day(2)).await.unwrap();
        by = By { at: day(9), ..by };
        let went = notary.purge(day(8), &by).await.unwrap();
        assert_eq!((went.purged.unwrap().end, went.held_from), (3, Some(3)));
        let mut tx = notary.store.read(notary.organisation).await.unwrap();
        let kept = audit::kept(&mut tx).await.unwrap();
        assert_eq!((kept.place, kept.since), (3, Some(day(1))));
        drop(tx);
        notary.sign(day(9)).await.unwrap();
        let went = notary.purge(day(8), &by).await.unwrap();
        assert_eq!((went.purged, went.held_from), (None, Some(3)));
        // Once it is lifted, nothing keeps them.
        let mut tx = notary.store.write(notary.organisation).await.unwrap();
        let lifted = Lifted {
            at: day(9),
            by: by.who.clone(),
            why: "over".to_owned(),
        };
        assert!(holds::lift(&mut tx, hold.id, &lifted).await.unwrap());
        tx.commit().await.unwrap();
        let went = notary.purge(day(8), &by).await.unwrap();
        assert!(went.purged.unwrap().end > 3 && went.held_from.is_none());
    }

    #[tokio::test]
    async fn a_file_of_checkpoints_that_is_lost_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let notary = notary(folder.path()).await;
        let by = done(&notary, 0).await;
        notary.sign(day(0)).await.unwrap();
        let first = std::fs::read(notary.ledger.path()).unwrap();
        done(&notary, 1).await;
        notary.sign(day(1)).await.unwrap();
        done(&notary, 2).await;
        notary.sign(day(2)).await.unwrap();
        let whole = std::fs::read(notary.ledger.path()).unwrap();
        done(&notary, 3).await;
        // Gone, emptied, or put back as it was.
        for left in [None, Some(&b""[..]), Some(&first[..])] {
            match left {
                None => std::fs::remove_file(notary.ledger.path()).unwrap(),
                Some(bytes) => std::fs::write(notary.ledger.path(), bytes).unwrap(),
            }
            let fault = notary.verify(None, &[]).await.unwrap().report.fault;
            assert!(matches!(fault, Some(Fault::Behind { .. })), "{fault:?}");
            let signed = notary.sign(day(3)).await;
            assert!(matches!(
                signed,
                Err(NotSigned::Checkpoint(CheckpointError::Behind { .. }))
            ));
        }
        std::fs::write(notary.ledger.path(), &whole).unwrap();
        assert!(notary.sign(day(3)).await.unwrap().is_some());
        // Lost for good: somebody says so, and that is a deed.
        std::fs::remove_file(notary.ledger.path()).unwrap();
        let by = By { at: day(4), ..by };
        let signed = notary.sign_despite("the disk died", &by).await.unwrap();
        let report = notary.verify(None, &[]).await.unwrap().report;
        assert_eq!((report.fault, report.vouched), (None, signed.unwrap().size));
        done(&notary, 5).await;
        assert!(notary.sign(day(5)).await.unwrap().is_some());
    }
}
