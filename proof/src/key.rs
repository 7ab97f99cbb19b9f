//! The key that an instance signs with: Ed25519 (RFC 8032), in a file of its own that nobody but its owner can read.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    hmac,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use sha2::{Digest as _, Sha256};
use sightline_model::{Digest, Mint, OrganisationId, Timestamp};
use sightline_store::{
    Store, StoreError,
    audit::{self, Deed},
};

use crate::{checkpoint, once};

/// The file's name in the folder for what an instance keeps.
pub const FILE: &str = "signing.key";
/// The deed that says that a key was made.
pub(crate) const MADE: &str = "key.make";
/// What stands before the 32 bytes of a secret key in PKCS #8 (RFC 8410).
const SECRET: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// What stands before the 32 bytes of a public key in X.509's form (RFC 8410).
const PUBLIC: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
    digester: Digester,
    is_new: bool,
}

/// Makes digests by which the same text is known again, and which tell nothing of it to whoever has not the key: of a
/// telephone number's plain hash, the number is found in seconds.
#[derive(Clone)]
pub struct Digester(hmac::Key);

/// Tells whether the owner of the other half has signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey([u8; 32]);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be made, written or read.
    #[error("{}: {cause}; give the user that runs Sightline permission to read and write it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// It is no key.
    #[error(
        "{} is not an Ed25519 key in PEM; bring the right file back from where it is kept. If it is lost, move this one away, and \
         say why, and a new key is made: sightline audit checkpoint --despite REASON", .0.display()
    )]
    Unreadable(PathBuf),
    /// That it was made could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key of an instance; made if there is none, and then that is in the audit log, so that what it signs is known later
/// for what it was.
///
/// # Errors
/// The file can't be read or made, or the store can't be written.
pub async fn of_instance(
    store: &Store,
    organisation: OrganisationId,
    folder: &Path,
    mint: &Mint,
    now: Timestamp,
) -> Result<SigningKey, KeyError> {
    let key = SigningKey::open_or_make(folder, mint)?;
    if key.is_new {
        let mut tx = store.write(organisation).await?;
        audit::append(&mut tx, &made(organisation, &key.public, now)).await?;
        tx.commit().await?;
    }
    Ok(key)
}

/// The deed that says of a key that it was made.
pub(crate) fn made(organisation: OrganisationId, key: &PublicKey, at: Timestamp) -> Deed {
    Deed {
        at,
        who: "sightline".to_owned(),
        what: MADE.to_owned(),
        subject: key.fingerprint().0,
        detail: checkpoint::verifier(&checkpoint::origin(organisation), key),
    }
}

impl SigningKey {
    /// The key of the instance that keeps its things in `folder`; made if there is none.
    ///
    /// # Errors
    /// The file can't be read or made, or holds no key.
    pub fn open_or_make(folder: &Path, mint: &Mint) -> Result<Self, KeyError> {
        if let Some(key) = Self::open(folder)? {
            return Ok(key);
        }
        let mut seed = [0; 32];
        mint.fill(&mut seed);
        let file = folder.join(FILE);
        let failed = |cause| KeyError::File {
            path: file.clone(),
            cause,
        };
        let text = pem("PRIVATE KEY", &[&SECRET, &seed[..]].concat());
        // Where another process was quicker, its key is the instance's.
        let is_new = once::make(&file, &text, mint).map_err(failed)?;
        let key = Self::open(folder)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
        Ok(Self { is_new, ..key })
    }

    /// The key of the instance that keeps its things in `folder`; none if it was not needed yet.
    ///
    /// # Errors
    /// The file can't be read, or holds no key.
    pub fn open(folder: &Path) -> Result<Option<Self>, KeyError> {
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(KeyError::File { path, cause }),
        };
        let seed = unpem("PRIVATE KEY", &text)
            .filter(|der| der.len() == 48 && der.starts_with(&SECRET))
            .ok_or_else(|| KeyError::Unreadable(path.clone()))?;
        Self::of_seed(&seed[SECRET.len()..])
            .map(Some)
            .ok_or(KeyError::Unreadable(path))
    }

    fn of_seed(seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public = PublicKey(pair.public_key().as_ref().try_into().ok()?);
        let seed = hmac::Key::new(hmac::HMAC_SHA256, seed);
        let of_digests = hmac::sign(&seed, b"sightline audit digest 1");
        Some(Self {
            pair,
            public,
            digester: Digester(hmac::Key::new(hmac::HMAC_SHA256, of_digests.as_ref())),
            is_new: false,
        })
    }

    /// The half that others verify with.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// What makes digests for the audit log.
    pub fn digester(&self) -> &Digester {
        &self.digester
    }

    /// The signature of `bytes`: 64 bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }
}

impl Digester {
    /// The digest of a text: `hmac:` and 32 hexadecimal digits.
    pub fn of(&self, text: &str) -> String {
        let tag = hmac::sign(&self.0, text.as_bytes());
        format!("hmac:{}", Digest::of_hash(&tag.as_ref()[..16]))
    }
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digester")
    }
}

impl PublicKey {
    /// The key of these 32 bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The key in this PEM text, as [`PublicKey::pem`] writes it.
    pub fn of_pem(text: &str) -> Option<Self> {
        let der = unpem("PUBLIC KEY", text)?;
        Self::of(der.strip_prefix(&PUBLIC)?)
    }

    /// Its 32 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// True where the owner of this key has signed `bytes` so.
    pub fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(bytes, signature).is_ok()
    }

    /// By which people know it: the SHA-256 of the key in X.509's form, as `openssl pkey -pubin -outform DER | sha256sum`
    /// computes it.
    pub fn fingerprint(&self) -> Digest {
        Digest::of_hash(&Sha256::digest([&PUBLIC[..], &self.0].concat()))
    }

    /// The key as other programs read it.
    pub fn pem(&self) -> String {
        pem("PUBLIC KEY", &[&PUBLIC[..], &self.0].concat())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.fingerprint())
    }
}

/// Bytes as PEM (RFC 7468); ours are short enough for one line.
fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

fn unpem(label: &str, text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD
        .decode(body.split_whitespace().collect::<String>())
        .ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(SigningKey::open(folder.path()).unwrap().is_none());
        let key = SigningKey::open_or_make(folder.path(), &Mint::seeded(1)).unwrap();
        let again = SigningKey::open_or_make(folder.path(), &Mint::seeded(2)).unwrap();
        assert_eq!(key.public(), again.public());
        assert!(key.is_new && !again.is_new);
        assert_eq!(
            key.digester().of("+12025550123"),
            again.digester().of("+12025550123")
        );
        assert_ne!(
            key.digester().of("+12025550123"),
            key.digester().of("+12025550124")
        );
        let file = folder.path().join(FILE);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left over"
        );
        fs::write(&file, "no key").unwrap();
        assert!(matches!(
            SigningKey::open(folder.path()),
            Err(KeyError::Unreadable(_))
        ));
    }

    #[test]
    fn what_was_signed_is_known_and_nothing_else() {
        // RFC 8032, section 7.1, test 2.
        let hex = |text: &str| -> Vec<u8> {
            let pairs = text.as_bytes().chunks(2);
            pairs
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect()
        };
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::of_seed(&seed).unwrap();
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public().bytes(), public);
        let signature = key.sign(&[0x72]);
        assert!(signature.starts_with(&hex("92a009a9f0d4cab8720e820b5f642540")));
        assert!(key.public().has_signed(&[0x72], &signature));
        for at in 0..signature.len() {
            for bit in 0..8 {
                let mut changed = signature.clone();
                changed[at] ^= 1 << bit;
                assert!(!key.public().has_signed(&[0x72], &changed), "{at}");
            }
        }
        assert!(!key.public().has_signed(&[0x73], &signature));
        assert!(key.public().pem().contains("BEGIN PUBLIC KEY"));
        assert_eq!(PublicKey::of_pem(&key.public().pem()), Some(key.public()));
        assert_eq!(PublicKey::of_pem("-----BEGIN PUBLIC KEY-----"), None);
    }
}
