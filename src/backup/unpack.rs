//! Reading a backup file: nothing in it is believed before its digest holds.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Component, Path},
};

use tar::{Archive, EntryType};

use super::{
    BackupError,
    manifest::{self, FORM, Hashing, Manifest, Member},
    seal,
};

/// The longest manifest that is read, in bytes: some 100,000 files.
const MANIFEST_LIMIT: u64 = 32 * 1024 * 1024;

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

/// Reads the backup at `path` to its end, with the keys in the file `identity` where it is sealed, and compares every
/// file with the manifest. What was written is to be thrown away unless this succeeds.
pub fn unpack(
    path: &Path,
    identity: Option<&Path>,
    destination: Destination<'_>,
) -> Result<Manifest, BackupError> {
    let damaged = |why: String| BackupError::Damaged {
        path: path.to_owned(),
        why,
    };
    let mut archive = Archive::new(seal::open(path, identity)?);
    let entries = archive
        .entries()
        .map_err(|cause| damaged(cause.to_string()))?;
    let mut found = BTreeMap::new();
    let mut manifest = None;
    for entry in entries {
        let mut entry = entry.map_err(|cause| damaged(cause.to_string()))?;
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .ok()
            .filter(|name| is_plain(name))
            .ok_or_else(|| damaged("it holds a file whose name leads elsewhere".to_owned()))?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(damaged(format!("'{name}' in it is not a file")));
        }
        if manifest.is_some() {
            return Err(damaged(format!("'{name}' stands behind its manifest")));
        }
        if name == manifest::NAME {
            manifest = Some(read_manifest(&mut entry).map_err(damaged)?);
            continue;
        }
        let mut read = Hashing::of(&mut entry);
        let to = match destination {
            Destination::Nowhere => None,
            Destination::Folder(folder) => Some(folder.join(&name)),
        };
        copy(&mut read, to.as_deref(), damaged)?;
        let member = read.member(&name);
        if found.insert(name.clone(), member).is_some() {
            return Err(damaged(format!("'{name}' is in it twice")));
        }
    }
    // The end of a seal shows that nothing was cut off, and stands behind the last member.
    io::copy(&mut archive.into_inner(), &mut io::sink())
        .map_err(|cause| damaged(cause.to_string()))?;
    let manifest =
        manifest.ok_or_else(|| damaged("it has no manifest: it was cut off".to_owned()))?;
    compare(&manifest, found).map_err(damaged)?;
    Ok(manifest)
}

/// True for a relative path without detours.
fn is_plain(name: &str) -> bool {
    let path = Path::new(name);
    !name.is_empty()
        && !name.chars().any(char::is_control)
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

fn read_manifest(entry: &mut impl Read) -> Result<Manifest, String> {
    let mut text = Vec::new();
    entry
        .take(MANIFEST_LIMIT)
        .read_to_end(&mut text)
        .map_err(|cause| cause.to_string())?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|cause| format!("its manifest can't be read: {cause}"))?;
    if manifest.form != FORM {
        let Manifest {
            form, sightline, ..
        } = manifest;
        return Err(format!(
            "it has form {form}, written by Sightline {sightline}, and this one reads form {FORM}"
        ));
    }
    Ok(manifest)
}

/// Reads to the end and writes it into the file, where there is to be one. What can't be read is the backup's fault, and
/// what can't be written the disk's.
fn copy(
    from: &mut impl Read,
    to: Option<&Path>,
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
