//! Verifying a bundle: a stranger's file, of which nothing is believed.

use std::{collections::HashSet, io::Read};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use sightline_model::{Digest, Timestamp};

use super::{
    DECLARATION, DECLARED, FOLDER, Forged, INFO, KEY, MANIFEST, PAYLOAD, SIGNATURE, STAMP,
    TAG_MANIFEST, line, signed,
    zip::{Reader, Seen},
};
use crate::{key::PublicKey, stamp};

/// A bundle in which nothing was changed since it was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Its folder.
    pub folder: String,
    /// What it says of itself, in order.
    pub info: Vec<(String, String)>,
    /// Files of its payload.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Of the manifest that is signed: it stands for the whole.
    pub digest: Digest,
    /// Who has signed.
    pub signed_by: PublicKey,
    /// When a time stamp authority saw the payload's manifest, by its word; whether that word is its own is for OpenSSL to
    /// tell.
    pub stamped_at: Option<Timestamp>,
}

/// Verifies a bundle, which is read once from its beginning to its end. `wanted` is the fingerprint of the key that must
/// have signed it; without it, whoever signed is told of, and it is for the reader to know the key.
///
/// # Errors
/// What is wrong with it, by the first thing that is.
pub fn verify(from: impl Read, wanted: Option<&str>) -> Result<Verified, Forged> {
    let mut reader = Reader::new(from);
    let (mut payload, mut tags) = (Vec::new(), Vec::new());
    let mut names = HashSet::new();
    let mut folder: Option<String> = None;
    let is_tag =
        |name: &str| !matches!(name.split_once('/'), Some((_, path)) if path.starts_with(PAYLOAD));
    while let Some(mut seen) = reader.next(is_tag)? {
        let Some((of, path)) = seen.name.split_once('/') else {
            return Err(Forged::Foreign(seen.name));
        };
        if folder.get_or_insert_with(|| of.to_owned()) != of || !names.insert(seen.name.clone()) {
            return Err(Forged::Foreign(seen.name));
        }
        let is_payload = path.starts_with(PAYLOAD);
        seen.name = path.to_owned();
        match is_payload {
            true if tags.is_empty() => payload.push(seen),
            true => return Err(Forged::Foreign(seen.name)),
            false => tags.push(seen),
        }
    }
    let mut tags = Tags(tags.into_iter().peekable());
    let declaration = tags.text(DECLARATION)?;
    let info = tags.text(INFO)?;
    let manifest = tags.text(MANIFEST)?;
    let pem = tags.text(KEY)?;
    let stamp = tags.0.next_if(|tag| tag.name == STAMP);
    let covered = [&declaration, &info, &manifest, &pem];
    let covered = covered.into_iter().chain(&stamp);
    let covered: String = covered.map(|tag| line(&tag.digest, &tag.name)).collect();
    let tag_manifest = tags.text(TAG_MANIFEST)?;
    let signature = tags.text(SIGNATURE)?;
    if let Some(other) = tags.0.next() {
        return Err(Forged::Foreign(other.name));
    }
    let all: String = payload
        .iter()
        .map(|one| line(&one.digest, &one.name))
        .collect();
    if manifest.bytes != all.as_bytes() {
        return Err(Forged::Manifest(MANIFEST));
    }
    if tag_manifest.bytes != covered.as_bytes() {
        return Err(Forged::Manifest(TAG_MANIFEST));
    }
    let (key, bytes) = signature_in(&signature).ok_or(Forged::Text(SIGNATURE))?;
    if !key.has_signed(&tag_manifest.bytes, &bytes) {
        return Err(Forged::Signature);
    }
    // What follows was signed; so it is the key's owner who wrote something odd.
    if declaration.bytes != DECLARED.as_bytes() {
        return Err(Forged::Text(DECLARATION));
    }
    if pem.bytes != key.pem().as_bytes() {
        return Err(Forged::Text(KEY));
    }
    let mut stamped_at = None;
    if let Some(stamp) = stamp {
        let stamp = stamp::read(&stamp.bytes)?;
        stamp.is_of(&manifest.bytes, None)?;
        stamped_at = Some(stamp.at);
    }
    let info = info_in(&info).ok_or(Forged::Text(INFO))?;
    let folder = folder.unwrap_or_default();
    if !info.contains(&(FOLDER.to_owned(), folder.clone())) {
        return Err(Forged::Folder(folder));
    }
    let found = key.fingerprint();
    // People copy it from paper, in groups.
    let plain = |wanted: &str| wanted.replace(|c: char| c.is_whitespace() || c == ':', "");
    if let Some(wanted) = wanted.filter(|wanted| !plain(wanted).eq_ignore_ascii_case(&found.0)) {
        return Err(Forged::OtherKey {
            found,
            wanted: wanted.to_owned(),
        });
    }
    Ok(Verified {
        folder,
        info,
        files: payload.len(),
        bytes: payload.iter().map(|one| one.size).sum(),
        digest: Digest::of_hash(&Sha256::digest(&tag_manifest.bytes)),
        signed_by: key,
        stamped_at,
    })
}

/// The tag files, which come in one order.
struct Tags<I: Iterator<Item = Seen>>(std::iter::Peekable<I>);

impl<I: Iterator<Item = Seen>> Tags<I> {
    fn text(&mut self, name: &'static str) -> Result<Seen, Forged> {
        let next = self.0.next_if(|tag| tag.name == name);
        next.ok_or(Forged::Missing(name))
    }
}

fn signature_in(file: &Seen) -> Option<(PublicKey, Vec<u8>)> {
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let mut lines = text.lines().skip(1);
    let mut field = |name: &str| STANDARD.decode(lines.next()?.strip_prefix(name)?).ok();
    let key = PublicKey::of(&field("key: ")?)?;
    let signature = field("signature: ")?;
    // Written anew, so that there is no second way to say the same.
    (signed(&key, &signature) == text).then_some((key, signature))
}

fn info_in(file: &Seen) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let fields = text.lines().map(|line| {
        let (label, value) = line.split_once(':')?;
        Some((label.to_owned(), value.trim().to_owned()))
    });
    fields.collect()
}
