//! Passwords: argon2id, few at a time.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use sightline_model::Mint;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::Error;

/// 19 MiB, two passes, one lane: what OWASP asks for at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at a time: each takes a core and 19 MiB, and a crawler works beside them.
const AT_ONCE: usize = 2;
/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// The shortest password, in characters: there is a second factor.
pub(super) const SHORTEST: usize = 12;
/// The longest, in bytes.
pub(super) const LONGEST: usize = 1_024;

/// Makes and checks hashes of passwords.
pub(crate) struct Passwords {
    mint: Arc<Mint>,
    turn: Arc<Semaphore>,
    /// The hash of a password that nobody has: checked where there is no account, so that it takes as long.
    nobody: String,
}

impl Passwords {
    pub(crate) fn new(mint: Arc<Mint>) -> Self {
        Self {
            nobody: nobody(&mint),
            mint,
            turn: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of a password, as a PHC string.
    pub(crate) async fn hash(&self, password: &SecretString) -> Result<String, Error> {
        let mut salt = [0; 16];
        self.mint.fill(&mut salt);
        let password = password.clone();
        self.in_turn(move || {
            let hash =
                argon2()?.hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash: PasswordHash| hash.to_string())
                .map_err(Error::internal)
        })
        .await
    }

    /// True where this is the password of the hash. Where there is no hash it takes as long, and is false.
    pub(crate) async fn is(
        &self,
        password: &SecretString,
        hash: Option<&str>,
    ) -> Result<bool, Error> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let password = password.clone();
        let is_right = self
            .in_turn(move || {
                let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
                let checked = argon2()?.verify_password(password.expose_secret().as_bytes(), &hash);
                Ok(checked.is_ok())
            })
            .await?;
        Ok(is_right && is_somebody)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turn).acquire_owned();
        let turn = timeout(PATIENCE, turn).await.map_err(|_| Error::Busy)?;
        let turn = turn.map_err(Error::internal)?;
        let worked = spawn_blocking(move || {
            // Held until the work is done, even where whoever asked has gone away.
            let _turn = turn;
            work()
        });
        worked.await.map_err(Error::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash of the same cost that no password has: its output is drawn, not worked out.
fn nobody(mint: &Mint) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
    let (mut salt, mut output) = ([0; 16], [0; 32]);
    mint.fill(&mut salt);
    mint.fill(&mut output);
    let (salt, output) = (
        BASE64_STANDARD_NO_PAD.encode(salt),
        BASE64_STANDARD_NO_PAD.encode(output),
    );
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_nobody_has_nobodys() {
        let passwords = Passwords::new(Arc::new(Mint::seeded(1)));
        let (right, wrong) = (
            SecretString::from("correct horse battery"),
            SecretString::from("Correct horse battery"),
        );
        let hash = passwords.hash(&right).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(passwords.is(&right, Some(&hash)).await.unwrap());
        assert!(!passwords.is(&wrong, Some(&hash)).await.unwrap());
        assert!(!passwords.is(&right, None).await.unwrap());
        assert_ne!(
            hash,
            passwords.hash(&right).await.unwrap(),
            "the salt is drawn"
        );
    }
}
