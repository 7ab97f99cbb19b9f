//! Sessions: how one begins.

use secrecy::SecretString;
use sightline_casework::By;
use sightline_model::{Account, Stage, Timestamp};
use sightline_store::{
    StoreError, Tx,
    accounts::{self, Proof},
    attempts,
    sessions::{self, Session},
};

use super::{Caller, SecondFactor, Secret, digest, patience};
use crate::{Console, Error};

/// What somebody signs in with.
pub(crate) struct Credentials<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: &'a SecretString,
    /// Six digits from their app, or a recovery code; empty before they have either.
    pub code: &'a str,
}

/// Signs somebody in; nothing where what they said was not right, of which no more is told.
///
/// An unknown name, a wrong password and a wrong code take the same work and give the same answer, so that nobody learns
/// who has an account.
pub(crate) async fn sign_in(
    console: &Console,
    credentials: &Credentials<'_>,
    caller: &Caller,
) -> Result<Option<Secret>, Error> {
    let attempt = Attempt::begin(console, credentials.name, caller).await?;
    let mut tx = console.read().await?;
    let found = accounts::by_name(&mut tx, credentials.name).await?;
    drop(tx);
    let hash = found.as_ref().map(|(_, proof)| proof.password.as_str());
    let is_right = console.passwords.is(credentials.password, hash).await?;
    let mut tx = console.write().await?;
    if let Some((account, proof)) = found
        && is_right
        && account.disabled_at.is_none()
        && let Some(stage) = stage(&mut tx, console, &account, &proof, credentials.code).await?
    {
        attempt.was_right(&mut tx).await?;
        let secret = begin(&mut tx, console, &account, stage, caller).await?;
        tx.commit().await?;
        return Ok(Some(secret));
    }
    Ok(None)
}

/// An attempt to show that somebody is who they say.
pub(super) struct Attempt {
    /// By what failures are counted: the account first, then the address. As digests, for people type passwords where
    /// names belong.
    subjects: Vec<String>,
}

impl Attempt {
    /// Counts it as failed before it is judged, so that of many at once no more are judged than one after the other.
    ///
    /// # Errors
    /// Where they have still to wait.
    pub(super) async fn begin(
        console: &Console,
        name: &str,
        caller: &Caller,
    ) -> Result<Self, Error> {
        let now = console.now();
        let mut subjects = vec![digest(&format!("account {}", name.trim().to_lowercase()))];
        let address = caller.address;
        subjects.extend(address.map(|address| digest(&format!("address {address}"))));
        let mut tx = console.write().await?;
        attempts::hold(&mut tx, &subjects, now).await?;
        if let Some(wait) = wait(&mut tx, &subjects, now).await? {
            return Err(Error::TooOften(wait));
        }
        attempts::count(&mut tx, &subjects, now - patience::MEMORY, now).await?;
        tx.commit().await?;
        Ok(Self { subjects })
    }

    /// It was right after all: the account's failures are forgotten, and it is no failure of the address.
    pub(super) async fn was_right(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if let [account, addresses @ ..] = self.subjects.as_slice() {
            attempts::clear(tx, account).await?;
            for address in addresses {
                attempts::take_back(tx, address).await?;
            }
        }
        Ok(())
    }
}

/// How far the code brings them; nothing where it is wrong.
async fn stage(
    tx: &mut Tx,
    console: &Console,
    account: &Account,
    proof: &Proof,
    code: &str,
) -> Result<Option<Stage>, Error> {
    let now = console.now();
    let Some(secret) = proof
        .totp_secret
        .as_deref()
        .filter(|_| account.enrolled_at.is_some())
    else {
        return Ok(Some(match console.parts.settings.second_factor {
            true => Stage::Enrolling,
            false => Stage::SignedIn,
        }));
    };
    let factor = SecondFactor::new(secret, &account.name)?;
    let is_right = match factor.step(code, now) {
        Some(step) => accounts::accept_step(tx, account.id, step, now).await?,
        None => {
            let digest = digest(&written_plainly(code));
            let used = accounts::use_recovery(tx, account.id, &digest, now).await?;
            if used {
                let by = By {
                    who: account.name.clone(),
                    at: now,
                };
                by.log(tx, "account.use_recovery_code", account.id.to_string(), "")
                    .await?;
            }
            used
        }
    };
    Ok(is_right.then_some(Stage::SignedIn))
}

/// A recovery code without what people put between its letters.
pub(super) fn written_plainly(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Begins a session, and gives its secret for the browser.
pub(crate) async fn begin(
    tx: &mut Tx,
    console: &Console,
    account: &Account,
    stage: Stage,
    caller: &Caller,
) -> Result<Secret, Error> {
    let now = console.now();
    let settings = &console.parts.settings;
    sessions::forget(tx, now - settings.idle(), now - settings.longest()).await?;
    let secret = Secret::draw(&console.parts.mint);
    let session = Session {
        id: console.parts.mint.id(now),
        account: account.id,
        stage,
        created_at: now,
        seen_at: now,
        address: caller.address.map(|address| address.to_string()),
        agent: caller.agent.clone(),
    };
    sessions::begin(tx, &session, &secret.digest()).await?;
    let by = By {
        who: account.name.clone(),
        at: now,
    };
    by.log(tx, "session.begin", session.id.to_string(), stage.as_str())
        .await?;
    Ok(secret)
}

/// How many seconds they have still to wait.
async fn wait(tx: &mut Tx, subjects: &[String], now: Timestamp) -> Result<Option<u64>, Error> {
    let mut longest = None;
    for (subject, free) in subjects
        .iter()
        .zip([patience::OF_ACCOUNT, patience::OF_ADDRESS])
    {
        let failures = attempts::failures(tx, subject, now - patience::MEMORY).await?;
        longest = longest.max(patience::wait(failures, free, now));
    }
    Ok(longest.map(|wait| wait.as_secs() + 1))
}
