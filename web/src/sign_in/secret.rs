//! Secrets that this program draws: session, token and invitation. They are shown once and kept as digests.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use sightline_model::{Digest, Mint};

/// 256 random bits, as 43 letters that need no escaping anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws one.
    pub fn draw(mint: &Mint) -> Self {
        let mut bytes = [0; 32];
        mint.fill(&mut bytes);
        Self(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Its letters, for the one time that they are shown.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> String {
        digest(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What is kept of a secret, and looked up by: its SHA-256. 256 random bits can't be guessed from it, so it needs no
/// salt, and an index can find it; whoever times the look-up learns of digests, and can make no secret of them.
pub fn digest(secret: &str) -> String {
    digest_of(secret.as_bytes())
}

/// The SHA-256 of these bytes, in hexadecimal.
pub fn digest_of(bytes: &[u8]) -> String {
    Digest::of_hash(&Sha256::digest(bytes)).0
}
