//! Doubts about an audit log whose chain is sound: what the log itself, or the instance's key, says there should be and is not.
//!
//! Whoever cuts the log's tail and takes the file of checkpoints away leaves a sound chain and no contradiction. So the log says
//! of itself how far it was signed, and that a key was made; what it says, the file and the folder must know.

use std::path::Path;

use sightline_casework::By;
use sightline_model::{Mint, OrganisationId, Timestamp};
use sightline_store::{
    Result, Store, Tx,
    audit::{self, Fault, Wanted},
};

use crate::{
    checkpoint::{Filed, key_of},
    key::{self, KeyError, MADE, PublicKey, SigningKey},
};

/// The deed that says how far the log was signed before.
pub(crate) const SIGNED: &str = "audit.signed";
/// The deed of somebody who had it signed on despite a doubt.
pub(crate) const DESPITE: &str = "audit.checkpoint_despite";
/// Why a key is believed though the log knows of another first.
const KEPT: &str = "the deed of its making was purged";
/// The deed by which a log says that its head was lost.
const HEAD_LOST: &str = "audit.head_lost";
/// Keys that are looked at.
const KEYS: u32 = 100;

/// The keys that may have signed the log: the instance's, and those that it says were.
pub(crate) async fn keys(tx: &mut Tx, own: Option<PublicKey>) -> Result<Vec<PublicKey>> {
    let made = latest(tx, MADE, Vec::new(), KEYS).await?;
    let mut keys: Vec<PublicKey> = own.into_iter().collect();
    keys.extend(made.iter().filter_map(|one| key_of(&one.deed.detail)));
    Ok(keys)
}

/// What stands before the fault of a log in the deed of somebody who had it signed all the same.
const FOUND: &str = "; it was known that ";

/// What that deed says: why, and what was known to be wrong with the log.
pub(crate) fn despite(why: &str, found: Option<&Fault>) -> String {
    match found {
        Some(fault) => format!("{why}{FOUND}{fault}"),
        None => why.to_owned(),
    }
}

/// Whether the last who had the log signed despite a doubt knew this fault.
pub(crate) async fn is_known(tx: &mut Tx, fault: &Fault) -> Result<bool> {
    let last = latest(tx, DESPITE, Vec::new(), 1).await?.pop();
    let end = format!("{FOUND}{fault}");
    Ok(last.is_some_and(|last| last.deed.detail.ends_with(&end)))
}

/// The gravest doubt, by what the file says of how far the log was signed.
pub(crate) async fn raised(
    tx: &mut Tx,
    own: Option<PublicKey>,
    filed: Filed,
) -> Result<Option<Fault>> {
    let cleared = latest(tx, DESPITE, Vec::new(), 1).await?.pop();
    let cleared = cleared.map_or(0, |one| one.id);
    let said = latest(tx, SIGNED, Vec::new(), 1).await?.pop();
    if let Some(known) = said.and_then(|one| one.deed.subject.parse().ok()) {
        let is_behind = match known {
            // Said by an earlier version before anything was signed: as yet there is but the file.
            0 => !filed.is_there,
            known => filed.last.is_none_or(|last| last < known),
        };
        if is_behind {
            let found = filed.last;
            return Ok(Some(Fault::Behind { known, found }));
        }
    }
    let lost = latest(tx, HEAD_LOST, Vec::new(), 1).await?.pop();
    if lost.is_some_and(|lost| lost.id > cleared) {
        return Ok(Some(Fault::HeadLost));
    }
    // Whoever takes the key away can write the log anew, and what was signed of it no longer tells.
    if filed.is_strange {
        return Ok(Some(Fault::Strange));
    }
    key(tx, own).await
}

/// The key that the instance in `folder` signs with, made if there never was one; or the fault of it for which nothing is signed.
///
/// # Errors
/// The file can't be read or made, or the store can't be asked.
pub async fn undoubted(
    store: &Store,
    organisation: OrganisationId,
    folder: &Path,
    mint: &Mint,
    now: Timestamp,
) -> Result<Result<SigningKey, Fault>, KeyError> {
    let own = SigningKey::open(folder)?.map(|key| key.public());
    let mut tx = store.read(organisation).await?;
    // Before a key is made, which would be of the log from then on.
    let doubt = key(&mut tx, own).await?;
    drop(tx);
    if let Some(fault @ (Fault::KeyGone | Fault::KeyAnew)) = doubt {
        return Ok(Err(fault));
    }
    Ok(Ok(
        key::of_instance(store, organisation, folder, mint, now).await?
    ))
}

/// A doubt about the instance's key: nothing is signed with it before somebody has said why that is in order.
///
/// # Errors
/// The store can't be asked.
pub async fn key(tx: &mut Tx, own: Option<PublicKey>) -> Result<Option<Fault>> {
    let made = latest(tx, MADE, Vec::new(), KEYS).await?;
    let Some(own) = own else {
        return Ok((!made.is_empty()).then_some(Fault::KeyGone));
    };
    let fingerprint = own.fingerprint().0;
    let despite = latest(tx, DESPITE, vec![fingerprint.clone()], 1).await?;
    if !despite.is_empty() {
        return Ok(None);
    }
    let is_first = made
        .last()
        .is_none_or(|first| first.deed.subject == fingerprint);
    if !is_first {
        return Ok(Some(Fault::KeyAnew));
    }
    let head = audit::head(tx).await?;
    let is_whole = head.is_some_and(|head| head.start.size() == 0);
    Ok((is_whole && made.is_empty()).then_some(Fault::KeyLost))
}

/// How many deeds say of a key that it was made: to be counted before deeds are let go, and given to [`keep`] then.
pub(crate) async fn count(tx: &mut Tx) -> Result<usize> {
    Ok(latest(tx, MADE, Vec::new(), KEYS).await?.len())
}

/// Says anew in the log that the instance's key was made, where deeds that said so of any were let go, so that it is missed if
/// somebody takes it away. `had` of these there were before.
pub(crate) async fn keep(tx: &mut Tx, own: PublicKey, had: usize, by: &By) -> Result<()> {
    let left = latest(tx, MADE, Vec::new(), KEYS).await?;
    if left.len() == had && had > 0 {
        return Ok(());
    }
    let deed = key::made(tx.organisation(), &own, by.at);
    audit::append(tx, &deed).await?;
    // Another is the first that it knows of now, one that was made and put away again: that is no doubt of this one.
    let fingerprint = own.fingerprint().0;
    let first = left.last();
    if first.is_some_and(|first| first.deed.subject != fingerprint) {
        by.log(tx, DESPITE, fingerprint, KEPT).await?;
    }
    Ok(())
}

async fn latest(
    tx: &mut Tx,
    what: &str,
    subjects: Vec<String>,
    limit: u32,
) -> Result<Vec<audit::Logged>> {
    let wanted = Wanted {
        what: Some(what.to_owned()),
        subjects,
        limit,
        ..Wanted::default()
    };
    audit::page(tx, &wanted).await
}
