//! Ways back in, and on: a password that was forgotten, recovery codes that run out, and another phone.

use std::time::Duration;

use secrecy::SecretString;
use sightline_casework::account as casework;
use sightline_model::{Account, Stage};
use sightline_store::{
    accounts,
    reset_links::{self, ResetLink},
};

use super::{
    Caller, SecondFactor, Secret,
    accounts::check_password,
    attempt::{Attempt, of_strangers},
    begin, digest,
    enrolment::{Enrolled, fresh_codes, wrong_code},
    sessions::stage,
};
use crate::{Console, Error, access::Person};

/// A second factor that somebody moves to is to be confirmed within this.
const MOVING: Duration = Duration::from_secs(15 * 60);

/// The link of this secret, and whose it is; nothing where it does not hold.
pub(crate) async fn pending(
    console: &Console,
    secret: &str,
) -> Result<Option<(ResetLink, Account)>, Error> {
    let mut tx = console.read().await?;
    let found = reset_links::by_digest(&mut tx, &digest(secret), console.now()).await?;
    let Some(link) = found else {
        return Ok(None);
    };
    let account = accounts::get(&mut tx, link.account).await?;
    let account = account.filter(|account| account.disabled_at.is_none());
    Ok(account.map(|account| (link, account)))
}

/// Sets the password that the owner of a reset link chose. Their sessions end, and their tokens where they say so. Where
/// their second factor went with it they are signed in, so far that they can set up another; else they sign in with the
/// one that they have.
///
/// # Errors
/// Where the link does not hold, or the password is not fit.
pub(crate) async fn reset(
    console: &Console,
    secret: &str,
    (password, ends_tokens): (&SecretString, bool),
    caller: &Caller,
) -> Result<Option<Secret>, Error> {
    // Whoever has no link must not make us hash.
    let (_, account) = pending(console, secret).await?.ok_or(Error::NotFound)?;
    let problems = check_password(password, &account.name);
    if !problems.is_empty() {
        return Err(Error::Wrong(problems));
    }
    let hash = console.passwords.hash(password).await?;
    let mut tx = console.write().await?;
    let now = console.now();
    let link = reset_links::by_digest(&mut tx, &digest(secret), now).await?;
    let link = link.ok_or(Error::NotFound)?;
    let new = casework::Reset {
        password: &hash,
        factor: link.factor.then(|| SecondFactor::draw(&console.parts.mint)),
        ends_tokens,
        strangers: &of_strangers(&account.name),
    };
    casework::reset(&mut tx, &account, &new, now).await?;
    let session = match link.factor && console.parts.settings.second_factor {
        true => Some(begin(&mut tx, console, &account, Stage::Enrolling, caller).await?),
        false => None,
    };
    tx.commit().await?;
    Ok(session)
}

/// What somebody shows once more that they are who they say.
pub(crate) struct Shown<'a> {
    /// Their password.
    pub password: &'a SecretString,
    /// Six digits from their app, or a recovery code.
    pub code: &'a str,
}

/// Draws new recovery codes, in the place of those that somebody has.
///
/// # Errors
/// Where password and code are not theirs.
pub(crate) async fn renew_codes(
    console: &Console,
    person: &Person,
    shown: &Shown<'_>,
    caller: &Caller,
) -> Result<Vec<String>, Error> {
    let account = prove(console, person, shown, caller).await?;
    let mut tx = console.write().await?;
    let codes = fresh_codes(&mut tx, console, account.id).await?;
    let by = console.by(person);
    let id = account.id.to_string();
    by.log(&mut tx, "account.renew_recovery_codes", id, "")
        .await?;
    tx.commit().await?;
    Ok(codes)
}

/// Draws the second factor that somebody is to move to. The one that they have holds until a code of the new one was said.
///
/// # Errors
/// Where password and code are not theirs.
pub(crate) async fn begin_move(
    console: &Console,
    person: &Person,
    shown: &Shown<'_>,
    caller: &Caller,
) -> Result<(), Error> {
    let account = prove(console, person, shown, caller).await?;
    let secret = SecondFactor::draw(&console.parts.mint);
    let mut tx = console.write().await?;
    accounts::set_pending(&mut tx, account.id, &secret, console.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The second factor that somebody is about to move to; nothing where they are not.
pub(crate) async fn moving(
    console: &Console,
    person: &Person,
) -> Result<Option<(SecondFactor, String)>, Error> {
    let mut tx = console.read().await?;
    let since = console.now() - MOVING;
    let secret = accounts::pending(&mut tx, person.account, since).await?;
    let Some(secret) = secret else {
        return Ok(None);
    };
    Ok(Some((SecondFactor::new(&secret, &person.name)?, secret)))
}

/// Moves to it, which the code shows to work. Their sessions end, a new one begins, and the recovery codes are new.
///
/// # Errors
/// Where the code is wrong, or it was not begun.
pub(crate) async fn finish_move(
    console: &Console,
    person: &Person,
    code: &str,
    caller: &Caller,
) -> Result<Enrolled, Error> {
    let (factor, secret) = moving(console, person).await?.ok_or(Error::NotFound)?;
    let now = console.now();
    let step = factor.step(code, now).ok_or_else(wrong_code)?;
    let mut tx = console.write().await?;
    let account = accounts::get(&mut tx, person.account).await?;
    let account = account.ok_or(Error::NotFound)?;
    accounts::move_factor(&mut tx, account.id, &secret, step, now).await?;
    let codes = fresh_codes(&mut tx, console, account.id).await?;
    let by = console.by(person);
    let id = account.id.to_string();
    by.log(&mut tx, "account.move_second_factor", id, "")
        .await?;
    let session = begin(&mut tx, console, &account, Stage::SignedIn, caller).await?;
    tx.commit().await?;
    Ok(Enrolled { session, codes })
}

/// Whose password and code these are, though they have signed in: an unlocked screen is not enough.
async fn prove(
    console: &Console,
    person: &Person,
    shown: &Shown<'_>,
    caller: &Caller,
) -> Result<Account, Error> {
    let attempt = Attempt::begin(console, &person.name, caller).await?;
    let mut tx = console.read().await?;
    let account = accounts::get(&mut tx, person.account).await?;
    let account = account.ok_or(Error::NotFound)?;
    let proof = accounts::proof(&mut tx, person.account).await?;
    drop(tx);
    let hash = proof.as_ref().map(|proof| proof.password.as_str());
    let is_right = console.passwords.is(shown.password, hash).await?;
    let mut tx = console.write().await?;
    if let Some(proof) = &proof
        && is_right
        && account.enrolled_at.is_some()
        && stage(&mut tx, console, &account, proof, shown.code)
            .await?
            .is_some()
    {
        attempt.was_right(&mut tx, console).await?;
        tx.commit().await?;
        return Ok(account);
    }
    drop(tx);
    attempt.was_wrong(console, Some(account.id)).await?;
    Err(Error::field(
        "code",
        "password and code are not yours, or the code was used before",
        "look at both, and wait for the next code",
    ))
}
