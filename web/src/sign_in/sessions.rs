//! Sessions: how one begins.

use secrecy::SecretString;
use sightline_casework::By;
use sightline_model::{Account, Stage};
use sightline_store::{
    Tx,
    accounts::{self, Proof},
    sessions::{self, Session},
};

use super::{
    Caller, SecondFactor, Secret,
    attempt::{self, Attempt},
    digest,
};
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

/// Who has signed in.
pub(crate) struct SignedIn {
    /// Their session.
    pub session: Secret,
    /// Attempts as them that failed of late, whoever made them.
    pub failures: u32,
}

/// Signs somebody in; nothing where what they said was not right, of which no more is told.
///
/// An unknown name, a wrong password and a wrong code take the same work and give the same answer, so that nobody learns
/// who has an account.
pub(crate) async fn sign_in(
    console: &Console,
    credentials: &Credentials<'_>,
    caller: &Caller,
) -> Result<Option<SignedIn>, Error> {
    let attempt = Attempt::begin(console, credentials.name, caller).await?;
    let mut tx = console.read().await?;
    let found = accounts::by_name(&mut tx, credentials.name).await?;
    drop(tx);
    let hash = found.as_ref().map(|(_, proof)| proof.password.as_str());
    let is_right = console.passwords.is(credentials.password, hash).await?;
    let mut tx = console.write().await?;
    if let Some((account, proof)) = &found
        && is_right
        && account.disabled_at.is_none()
        && let Some(stage) = stage(&mut tx, console, account, proof, credentials.code).await?
    {
        let failures = attempt.was_right(&mut tx, console).await?;
        let session = begin_after(&mut tx, console, (account, stage), failures, caller).await?;
        tx.commit().await?;
        return Ok(Some(SignedIn { session, failures }));
    }
    drop(tx);
    let account = found.map(|(account, _)| account.id);
    attempt.was_wrong(console, account).await?;
    Ok(None)
}

/// How far the code brings them; nothing where it is wrong.
pub(super) async fn stage(
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
    begin_after(tx, console, (account, stage), 0, caller).await
}

/// The same after so many attempts that failed.
async fn begin_after(
    tx: &mut Tx,
    console: &Console,
    (account, stage): (&Account, Stage),
    failures: u32,
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
        failures,
    };
    sessions::begin(tx, &session, &secret.digest()).await?;
    // However it begins: who sets up their second factor has shown as much as who signs in with it.
    if stage == Stage::SignedIn {
        attempt::was_at(tx, console, &account.name, caller).await?;
    }
    let by = By {
        who: account.name.clone(),
        at: now,
    };
    let detail = match failures {
        0 => stage.to_string(),
        wrong => format!("{stage}, after {}", attempt::in_words(wrong)),
    };
    by.log(tx, "session.begin", session.id.to_string(), &detail)
        .await?;
    Ok(secret)
}
