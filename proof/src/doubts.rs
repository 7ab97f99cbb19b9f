//! Doubts about an audit log whose chain is sound: what the log itself, or the instance's key, says there should be and is not.
//!
//! Whoever cuts the log's tail and takes the file of checkpoints away leaves a sound chain and no contradiction. So the log says
//! of itself how far it was signed, and that a key was made; what it says, the file and the folder must know.

use sightline_store::{
    Result, Tx,
    audit::{self, Fault, Wanted},
};

use crate::{
    checkpoint::{Filed, key_of},
    key::PublicKey,
};

/// The deed that says how far the log was signed before.
pub(crate) const SIGNED: &str = "audit.signed";
/// The deed of somebody who had it signed on despite a doubt.
pub(crate) const DESPITE: &str = "audit.checkpoint_despite";
/// The deed that says that a key was made.
const KEY: &str = "key.make";
/// The deed by which a log says that its head was lost.
const HEAD_LOST: &str = "audit.head_lost";
/// Keys that are looked at.
const KEYS: u32 = 100;

/// The keys that may have signed the log: the instance's, and those that it says were.
pub(crate) async fn keys(tx: &mut Tx, own: PublicKey) -> Result<Vec<PublicKey>> {
    let made = latest(tx, KEY, Vec::new(), KEYS).await?;
    let mut keys = vec![own];
    keys.extend(made.iter().filter_map(|one| key_of(&one.deed.detail)));
    Ok(keys)
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
            // Said before anything is signed: as yet there is but the file.
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
    let head = audit::head(tx).await?;
    if let Some(own) = own.filter(|_| head.is_some_and(|head| head.start.size() == 0)) {
        let fingerprint = vec![own.fingerprint().0];
        for what in [KEY, DESPITE] {
            if !latest(tx, what, fingerprint.clone(), 1).await?.is_empty() {
                return Ok(None);
            }
        }
        return Ok(Some(Fault::KeyLost));
    }
    Ok(None)
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
