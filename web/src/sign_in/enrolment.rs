//! Setting up the second factor, and the codes for when it is lost.

use sightline_model::{AccountId, Mint, Stage};
use sightline_store::{StoreError, Tx, accounts, sessions};

use super::{Caller, SecondFactor, Secret, begin, digest, sessions::written_plainly};
use crate::{Console, Error, access::Person};

/// Recovery codes that a person gets.
const CODES: usize = 10;
/// 80 bits: too many to be guessed from a digest, few enough to be typed.
const CODE_BYTES: usize = 10;

/// The second factor that a person is to set up; nothing where they have.
pub(crate) async fn second_factor(
    console: &Console,
    person: &Person,
) -> Result<Option<(SecondFactor, String)>, Error> {
    let mut tx = console.read().await?;
    let account = accounts::get(&mut tx, person.account)
        .await?
        .ok_or(Error::NotFound)?;
    let proof = accounts::proof(&mut tx, person.account).await?;
    let secret = proof.and_then(|proof| proof.totp_secret);
    let Some(secret) = secret.filter(|_| account.enrolled_at.is_none()) else {
        return Ok(None);
    };
    let factor = SecondFactor::new(&secret, &account.name)?;
    Ok(Some((factor, secret)))
}

/// What somebody gets whose second factor is set up.
pub(crate) struct Enrolled {
    /// Their new session.
    pub session: Secret,
    /// Their recovery codes, shown this once.
    pub codes: Vec<String>,
}

/// Sets up a second factor, which the code shows to work. The session in which it was done ends, and a whole one begins.
///
/// # Errors
/// Where the code is wrong, or a second factor is set up already.
pub(crate) async fn enrol(
    console: &Console,
    person: &Person,
    code: &str,
    caller: &Caller,
) -> Result<Enrolled, Error> {
    let now = console.now();
    let (factor, _) = second_factor(console, person)
        .await?
        .ok_or(Error::NotFound)?;
    let step = factor.step(code, now).ok_or_else(wrong_code)?;
    let mut tx = console.write().await?;
    if !accounts::accept_step(&mut tx, person.account, step, now).await? {
        return Err(wrong_code());
    }
    let codes = fresh_codes(&mut tx, console, person.account).await?;
    let account = accounts::get(&mut tx, person.account)
        .await?
        .ok_or(Error::NotFound)?;
    if let Some(session) = person.session() {
        sessions::end(&mut tx, session).await?;
    }
    let by = console.by(person);
    by.log(&mut tx, "account.enrol", account.id.to_string(), "")
        .await?;
    let session = begin(&mut tx, console, &account, Stage::SignedIn, caller).await?;
    tx.commit().await?;
    Ok(Enrolled { session, codes })
}

/// New recovery codes, in the place of those that an account had.
pub(super) async fn fresh_codes(
    tx: &mut Tx,
    console: &Console,
    account: AccountId,
) -> Result<Vec<String>, StoreError> {
    let codes: Vec<String> = (0..CODES).map(|_| draw(&console.parts.mint)).collect();
    let digests = codes.iter().map(|code| digest(&written_plainly(code)));
    let digests: Vec<String> = digests.collect();
    accounts::set_recovery(tx, account, &digests).await?;
    Ok(codes)
}

/// A code was not what the app shows.
pub(super) fn wrong_code() -> Error {
    Error::field(
        "code",
        "this is not the code that the app shows now",
        "wait for the next one, and look whether your phone's clock is right",
    )
}

/// A recovery code: sixteen letters and digits in groups of four, none that is mistaken for another.
fn draw(mint: &Mint) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; CODE_BYTES];
    mint.fill(&mut bytes);
    let mut bits = bytes
        .iter()
        .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let mut code = String::new();
    for nth in 0..16 {
        if nth > 0 && nth % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[(bits & 31) as usize]));
        bits >>= 5;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let code = draw(&Mint::seeded(3));
        assert_eq!(code.len(), 19, "{code}");
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(written_plainly(&typed), written_plainly(&code));
    }
}
