//! Reading a backup file: nothing in it is believed before its digest holds.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Component, Path},
};

use sightline_proof::key::PublicKey;
use tar::{Archive, EntryType};

use super::{
    BackupError,
    manifest::{self, FORM, Hashing, Manifest, Member, UNSIGNED},
    member::SETTINGS,
    seal,
};

/// The longest manifest that is read, in bytes: some 100,000 files.
const MANIFEST_LIMIT: u64 = 32 * 1024 * 1024;

/// The longest signature that is read, in bytes; a sound one has 64.
const SIGNATURE_LIMIT: u64 = 1024;

/// The longest settings that are looked at, in bytes.
const SETTINGS_LIMIT: usize = 4 * 1024 * 1024;

/// How much is read at a time, in bytes.
const BLOCK: usize = 64 * 1024;

/// Where a backup's files are to go.
#[derive(Clone, Copy, Debug)]
pub enum Destination<'p> {
    /// Into this folder, by the names that they have in the archive.
    Folder(&'p Path),
    /// Nowhere: the backup is only checked.
    Nowhere,
}

/// A backup that was read to its end, and is what it was when it was made.
#[derive(Debug)]
pub struct Unpacked {
    /// What is in it.
    pub manifest: Manifest,
    /// The key that signed it; none where it is of the form that was not signed.
    pub signed_by: Option<PublicKey>,
    /// The settings in it, where it has some.
    pub settings: Option<Vec<u8>>,
}

/// The manifest as it was read, and what stands behind it.
struct Listed {
    text: Vec<u8>,
    manifest: Manifest,
    signature: Option<Vec<u8>>,
}

/// Reads the backup at `path` to its end, with the keys in the file `identity` where it is sealed, and compares every
/// file with the manifest. What was written is to be thrown away unless this succeeds.
pub fn unpack(
    path: &Path,
    identity: Option<&Path>,
    destination: Destination<'_>,
) -> Result<Unpacked, BackupError> {
    let damaged = |why: String| BackupError::Damaged {
        path: path.to_owned(),
        why,
    };
    let mut archive = Archive::new(seal::open(path, identity)?);
    let entries = archive
        .entries()
        .map_err(|cause| damaged(cause.to_string()))?;
    let mut found = BTreeMap::new();
    let mut listed: Option<Listed> = None;
    let mut settings = None;
    for entry in entries {
        let mut entry = entry.map_err(|cause| {
            damaged(match found.is_empty() && listed.is_none() {
                true => format!("it is no backup, or damaged from its beginning on ({cause})"),
                false => cause.to_string(),
            })
        })?;
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .ok()
            .filter(|name| is_plain(name))
            .ok_or_else(|| damaged("it holds a file whose name leads elsewhere".to_owned()))?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(damaged(format!("'{name}' in it is not a file")));
        }
        if let Some(listed) = &mut listed {
            if name != manifest::SIGNATURE || listed.signature.is_some() {
                return Err(damaged(format!("'{name}' stands behind its manifest")));
            }
            let signature = read(&mut entry, SIGNATURE_LIMIT).map_err(damaged)?;
            listed.signature = Some(signature);
            continue;
        }
        if name == manifest::NAME {
            listed = Some(read_manifest(&mut entry).map_err(damaged)?);
            continue;
        }
        let mut read = Hashing::of(&mut entry);
        let to = match destination {
            Destination::Nowhere => None,
            Destination::Folder(folder) => Some(folder.join(&name)),
        };
        let mut kept = (name == SETTINGS).then(Vec::new);
        copy(&mut read, to.as_deref(), kept.as_mut(), damaged)?;
        settings = settings.or(kept);
        let member = read.member(&name);
        if found.insert(name.clone(), member).is_some() {
            return Err(damaged(format!("'{name}' is in it twice")));
        }
    }
    // The end of a seal shows that nothing was cut off, and stands behind the last member.
    io::copy(&mut archive.into_inner(), &mut io::sink())
        .map_err(|cause| damaged(cause.to_string()))?;
    let listed = listed.ok_or_else(|| damaged("it has no manifest: it was cut off".to_owned()))?;
    let signed_by = signer(&listed).map_err(damaged)?;
    let manifest = listed.manifest;
    compare(&manifest, found).map_err(damaged)?;
    Ok(Unpacked {
        manifest,
        signed_by,
        settings,
    })
}

/// Whose key has signed the manifest.
fn signer(listed: &Listed) -> Result<Option<PublicKey>, String> {
    let Listed {
        text,
        manifest,
        signature,
    } = listed;
    if manifest.form == UNSIGNED {
        return match signature {
            None => Ok(None),
            Some(_) => Err("it is of the form that is not signed, and has a signature".to_owned()),
        };
    }
    let signature = signature
        .as_ref()
        .ok_or("its signature is missing: it was cut off")?;
    let key = manifest.key.as_deref().and_then(PublicKey::of_pem);
    let key = key.ok_or("its manifest names no Ed25519 key that could have signed it")?;
    match key.has_signed(text, signature) {
        true => Ok(Some(key)),
        false => Err("its manifest is not what was signed".to_owned()),
    }
}

/// True for a relative path without detours.
pub(super) fn is_plain(name: &str) -> bool {
    let path = Path::new(name);
    !name.is_empty()
        && !name.chars().any(char::is_control)
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

fn read(entry: &mut impl Read, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = entry.take(limit).read_to_end(&mut bytes);
    read.map_err(|cause| cause.to_string())?;
    Ok(bytes)
}

fn read_manifest(entry: &mut impl Read) -> Result<Listed, String> {
    let text = read(entry, MANIFEST_LIMIT)?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|cause| format!("its manifest can't be read: {cause}"))?;
    if !(UNSIGNED..=FORM).contains(&manifest.form) {
        let Manifest {
            form, sightline, ..
        } = manifest;
        return Err(format!(
            "it has form {form}, written by Sightline {sightline}, and this one reads forms up to {FORM}"
        ));
    }
    Ok(Listed {
        text,
        manifest,
        signature: None,
    })
}

/// Reads to the end and writes it into the file, where there is to be one, and into memory, where it is to be kept. What can't be read is the backup's fault, and
/// what can't be written the disk's.
fn copy(
    from: &mut impl Read,
    to: Option<&Path>,
    mut kept: Option<&mut Vec<u8>>,
    damaged: impl Fn(String) -> BackupError,
) -> Result<(), BackupError> {
    let mut file = to
        .map(|to| {
            create(to)
                .map_err(BackupError::at(to))
                .map(|file| (file, to))
        })
        .transpose()?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = match from.read(&mut block) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(|cause| damaged(cause.to_string()))?,
        };
        if let Some(kept) = kept.as_mut() {
            if kept.len() + read > SETTINGS_LIMIT {
                return Err(damaged(
                    "its settings are longer than any could be".to_owned(),
                ));
            }
            kept.extend_from_slice(&block[..read]);
        }
        if let Some((file, to)) = &mut file {
            let written = match read {
                0 => file.sync_all(),
                _ => file.write_all(&block[..read]),
            };
            written.map_err(BackupError::at(*to))?;
        }
        if read == 0 {
            return Ok(());
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::create_new(path)
}

fn compare(manifest: &Manifest, mut found: BTreeMap<String, Member>) -> Result<(), String> {
    for member in &manifest.files {
        match found.remove(&member.name) {
            None => return Err(format!("'{}' is missing from it", member.name)),
            Some(found) if found != *member => {
                return Err(format!(
                    "'{}' is not what it was when the backup was made",
                    member.name
                ));
            }
            Some(_) => {}
        }
    }
    match found.into_keys().next() {
        Some(name) => Err(format!("'{name}' in it is not in its manifest")),
        None => Ok(()),
    }
}
