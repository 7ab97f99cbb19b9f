//! Identifiers that follow from what they stand for: UUIDs of version 5 (RFC 9562).

use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid, uuid};

/// The namespace of all that is exported.
const OURS: Uuid = uuid!("0f6c8e0a-7d0e-4c55-8b53-6a8c4f0d9e21");

/// The identifier of what these words name together.
pub(super) fn of(words: &[&str]) -> Uuid {
    let mut digest = Sha1::new();
    digest.update(OURS.as_bytes());
    // A separator that no word holds, so that no two lists of words are one.
    digest.update(words.join("\u{1f}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_the_same_identifier() {
        let id = of(&["entry", "1"]);
        assert_eq!(id, of(&["entry", "1"]));
        assert_ne!(id, of(&["entry1"]));
        assert_eq!(id.get_version_num(), 5);
    }
}
