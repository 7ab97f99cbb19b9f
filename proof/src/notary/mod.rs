//! Who signs checkpoints of an instance's audit log, and who holds the log against them.

use std::{panic::resume_unwind, path::PathBuf, sync::Arc};

use sightline_casework::By;
use sightline_model::{Digest, Mint, OrganisationId, Timestamp};
use sightline_store::{
    Store, StoreError, Tx,
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
    witness,
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
    /// Why the witness has not got it, or is not known to have, where there is one.
    pub unsent: Option<String>,
    /// False where it was signed before, and only sent once more.
    pub is_new: bool,
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
    /// The log is not what was done, or has lost what it must have.
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
    /// Signs what the log is now, unless nothing was done since the last time; then a witness that has not got the last
    /// checkpoint is sent it once more.
    ///
    /// # Errors
    /// Nothing was signed: the store, the key or the file can't be used, or the log was changed, or has lost deeds that were signed, or
    /// its key.
    pub async fn sign(&self, now: Timestamp) -> Result<Option<Noted>, NotSigned> {
        let own = SigningKey::open(&self.folder)?.map(|key| key.public());
        let mut tx = self.store.read(self.organisation).await?;
        let keys = doubts::keys(&mut tx, own).await?;
        let filed = self.filed(&self.ledger, &keys).await?;
        let size = audit::head(&mut tx).await?.map(|head| head.tree.size());
        if own.is_some() && size.is_some() && size == filed.last {
            drop(tx);
            return self.send_again(keys).await;
        }
        // Before a key is made, which would be of the log from then on.
        if let Some(fault) = doubts::raised(&mut tx, own, filed).await? {
            return Err(self.doubted(fault));
        }
        drop(tx);
        self.unaltered().await?;
        let key = self.key(now).await?;
        self.sign_on(key, keys, filed.last, now).await
    }

    /// Signs what the log is now though it was changed, or the file of checkpoints is lost, or the log has lost its head or its key's
    /// deed, or the instance its key: for somebody who knows why, and says so in a deed.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub async fn sign_despite(&self, why: &str, by: &By) -> Result<Option<Noted>, NotSigned> {
        let key = self.key(by.at).await?;
        let found = self.walk(None, &[]).await?.report.fault;
        let mut tx = self.store.write(self.organisation).await?;
        let keys = doubts::keys(&mut tx, Some(key.public())).await?;
        let subject = key.public().fingerprint().0;
        let detail = doubts::despite(why, found.as_ref());
        by.log(&mut tx, doubts::DESPITE, subject, &detail).await?;
        tx.commit().await?;
        self.sign_on(key, keys, None, by.at).await
    }

    async fn key(&self, now: Timestamp) -> Result<SigningKey, KeyError> {
        let (store, organisation) = (&self.store, self.organisation);
        key::of_instance(store, organisation, &self.folder, &self.mint, now).await
    }

    /// Refuses a log that was changed: what is signed is believed. Unless somebody had it signed knowing this very fault, which
    /// never goes away.
    async fn unaltered(&self) -> Result<(), NotSigned> {
        let Walked { mut tx, report, .. } = self.walk(None, &[]).await?;
        match report.fault {
            Some(fault) if !doubts::is_known(&mut tx, &fault).await? => Err(self.doubted(fault)),
            _ => Ok(()),
        }
    }

    /// What a file of checkpoints says of how far the log was signed.
    async fn filed(&self, ledger: &Ledger, keys: &[PublicKey]) -> Result<Filed, CheckpointError> {
        let (ledger, keys) = (ledger.clone(), keys.to_vec());
        let origin = checkpoint::origin(self.organisation);
        blocking(move || ledger.last(&origin, &keys)).await
    }

    /// Signs the log, and has it say first how far it was signed before: so that it knows if the file is lost. What has not been
    /// signed yet is signed before that, so that an empty file is never as it should be once the log says anything.
    async fn sign_on(
        &self,
        key: SigningKey,
        mut keys: Vec<PublicKey>,
        last: Option<u64>,
        now: Timestamp,
    ) -> Result<Option<Noted>, NotSigned> {
        keys.push(key.public());
        let key = Arc::new(key);
        let last = match last {
            Some(last) => last,
            None => self.append(&key, &keys).await?.0,
        };
        let by = By {
            who: "sightline".to_owned(),
            at: now,
        };
        let mut tx = self.store.write(self.organisation).await?;
        by.log(&mut tx, doubts::SIGNED, last.to_string(), "")
            .await?;
        tx.commit().await?;
        let (size, Some(note)) = self.append(&key, &keys).await? else {
            return Ok(None);
        };
        let unsent = self.send(size, &note).await;
        Ok(Some(Noted {
            size,
            note,
            unsent,
            is_new: true,
        }))
    }

    fn doubted(&self, fault: Fault) -> NotSigned {
        match fault {
            Fault::Behind { known, found } => NotSigned::Checkpoint(CheckpointError::Behind {
                path: self.ledger.path().to_owned(),
                known,
                found,
            }),
            Fault::Tail { signed, size } => NotSigned::Checkpoint(CheckpointError::Cut {
                path: self.ledger.path().to_owned(),
                signed,
                size,
            }),
            fault => NotSigned::Doubted(fault),
        }
    }

    /// Appends what the log is now to the file of checkpoints: how many deeds, and the note where it was not there yet.
    async fn append(
        &self,
        key: &Arc<SigningKey>,
        keys: &[PublicKey],
    ) -> Result<(u64, Option<String>), NotSigned> {
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
        let (ledger, key, keys) = (self.ledger.clone(), Arc::clone(key), keys.to_vec());
        let note = blocking(move || ledger.append(&checkpoint, &key, &keys)).await?;
        Ok((size, note))
    }

    /// Sends the last checkpoint to the witness, where it has not got it; none where there is nothing to be sent.
    async fn send_again(&self, keys: Vec<PublicKey>) -> Result<Option<Noted>, NotSigned> {
        let Some((_, url)) = &self.witness else {
            return Ok(None);
        };
        let (ledger, url) = (self.ledger.clone(), url.clone());
        let origin = checkpoint::origin(self.organisation);
        let due = blocking(move || {
            // What can't be read counts as not sent, and `send` says what is wrong with it.
            let sent = witness::sent(&ledger, &origin, &url).unwrap_or(0);
            let latest = ledger.latest(&origin, &keys)?;
            // It may have more: of the log as it was before a restore.
            Ok(latest.filter(|(size, _)| *size != sent))
        });
        let Some((size, note)) = due.await? else {
            return Ok(None);
        };
        let unsent = self.send(size, &note).await;
        Ok(Some(Noted {
            size,
            note,
            unsent,
            is_new: false,
        }))
    }

    /// Sends the witness a checkpoint, where there is one, and remembers that it has it; why it has not.
    async fn send(&self, size: u64, note: &str) -> Option<String> {
        let (poster, url) = self.witness.as_ref()?;
        let sent = poster.post(url, NOTE, note.as_bytes().to_vec(), LONGEST);
        if let Err(why) = sent.await {
            return Some(why);
        }
        let (ledger, url) = (self.ledger.clone(), url.clone());
        let origin = checkpoint::origin(self.organisation);
        let noted = blocking(move || witness::note(&ledger, &origin, &url, size)).await;
        // What is signed and sent is that all the same.
        let why = noted.err()?;
        Some(format!(
            "it took it, but counts as one that did not, for that can't be written down: {why}"
        ))
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
        let Walked {
            mut tx,
            mut report,
            held,
        } = self.walk(ledger, others).await?;
        if report.fault.is_none() {
            let key = SigningKey::open(&self.folder)?.map(|key| key.public());
            let mut keys = doubts::keys(&mut tx, key).await?;
            keys.extend(others);
            let mut filed = self.filed(ledger.unwrap_or(&self.ledger), &keys).await?;
            if ledger.is_some() {
                // A copy of the file may be older than the log's last word on it, and still must have something of this log.
                filed = Filed {
                    is_there: true,
                    last: filed.last.map(|_| report.size),
                    is_strange: false,
                };
            }
            report.fault = doubts::raised(&mut tx, key, filed).await?;
        }
        Ok(Verdict {
            report,
            passed_over: held.passed_over,
        })
    }

    /// The chain, from its beginning to its end, and what was signed of it.
    async fn walk(
        &self,
        ledger: Option<&Ledger>,
        others: &[PublicKey],
    ) -> Result<Walked, NotSigned> {
        // Read before the log is, which only grows.
        let held = self.held(ledger, others).await?;
        let signed: Vec<Signed> = held.checkpoints.iter().map(|one| one.signed).collect();
        let mut tx = self.store.read(self.organisation).await?;
        let report = audit::verify(&mut tx, &signed).await?;
        Ok(Walked { tx, report, held })
    }

    /// Lets deeds go that were done before an instant, up to the last checkpoint among them and no further than the first deed on
    /// what a hold covers: the log begins there from now on, as was signed. That they went is a deed itself, and where the deed
    /// of the key's making went, it is said anew.
    ///
    /// # Errors
    /// Nothing went: the log does not verify, or the store, the key or the file can't be used.
    pub async fn purge(&self, before: Timestamp, by: &By) -> Result<Went, NotSigned> {
        let Verdict { report, .. } = self.verify(None, &[]).await?;
        if let Some(fault) = report.fault {
            return Err(NotSigned::Unsound(fault));
        }
        let own = SigningKey::open(&self.folder)?.map(|key| key.public());
        let held = self.held(None, &[]).await?;
        let last_up_to = |places: u64| {
            let signed = held.checkpoints.iter().map(|one| one.signed);
            let ends = signed.filter(|one| (report.start + 1..=places).contains(&one.size));
            ends.max_by_key(|one| one.size)
        };
        let mut tx = self.store.read(self.organisation).await?;
        let old = audit::places_before(&mut tx, before).await?;
        drop(tx);
        // Nobody is kept from writing where nothing would go anyway.
        if last_up_to(old).is_none() {
            return Ok(Went::default());
        }
        let mut tx = self.store.write(self.organisation).await?;
        let held_from = holds::first_deed(&mut tx)
            .await?
            .filter(|first| *first < old);
        let Some(end) = last_up_to(held_from.unwrap_or(old)) else {
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
        let had = doubts::count(&mut tx).await?;
        audit::begin_at(&mut tx, end.size, &by.who, by.at).await?;
        if let Some(own) = own {
            doubts::keep(&mut tx, own, had, by).await?;
        }
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

/// What a walk along the chain found.
struct Walked {
    /// In which it was read.
    tx: Tx,
    report: Report,
    held: Held,
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CheckpointError> + Send + 'static,
) -> Result<T, CheckpointError> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|died| resume_unwind(died.into_panic()))
}

#[cfg(test)]
mod tests;
