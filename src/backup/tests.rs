//! What goes into a backup comes out of it; what was changed on the way does not.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use secrecy::ExposeSecret as _;
use sightline_model::{Mint, Timestamp};
use sightline_proof::key::SigningKey;
use tempfile::TempDir;

use super::*;

/// What is in it.
const A: Belongs<'_> = Belongs::Store;
const B: Belongs<'_> = Belongs::Evidence("b");

/// The key of the instance whose things lie in `folder`.
fn key(folder: &TempDir) -> SigningKey {
    SigningKey::open_or_make(folder.path(), &Mint::seeded(1)).unwrap()
}

fn backup(folder: &TempDir, recipients: &Recipients) -> PathBuf {
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&a, "sightline").unwrap();
    fs::write(&b, vec![7; 5000]).unwrap();
    let path = folder.path().join("backup.tar");
    let mut packer = Packer::create(&path, Timestamp(1_800_000_000_000), recipients).unwrap();
    packer.add(A, &a).unwrap();
    packer.add(B, &b).unwrap();
    assert!(!path.exists());
    assert_eq!(packer.finish(Some(&key(folder))).unwrap().files.len(), 2);
    path
}

#[test]
fn what_goes_in_comes_out() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder, &Recipients::default());
    let out = folder.path().join("out");
    let unpacked = unpack(&path, None, Destination::Folder(&out)).unwrap();
    assert_eq!(unpacked.manifest.made_at, Timestamp(1_800_000_000_000));
    assert_eq!(unpacked.signed_by, Some(key(&folder).public()));
    assert_eq!(
        fs::read(out.join("store/sightline.db")).unwrap(),
        b"sightline"
    );
    assert_eq!(fs::read(out.join("evidence/b")).unwrap(), vec![7; 5000]);
    assert!(
        Packer::create(&path, Timestamp(0), &Recipients::default()).is_err(),
        "a backup never overwrites"
    );
}

#[test]
fn a_link_in_its_way_leads_a_backup_nowhere() {
    let folder = TempDir::new().unwrap();
    let theirs = folder.path().join("theirs");
    fs::write(&theirs, "as it was").unwrap();
    let partial = folder.path().join("backup.tar.partial");
    std::os::unix::fs::symlink(&theirs, partial).unwrap();
    let path = backup(&folder, &Recipients::default());
    unpack(&path, None, Destination::Nowhere).unwrap();
    assert_eq!(fs::read(&theirs).unwrap(), b"as it was");
    assert!(!path.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn every_changed_byte_of_a_file_is_found() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder, &Recipients::default());
    let sound = fs::read(&path).unwrap();
    // The first member: its head takes 512 bytes, then its nine bytes follow.
    for at in 512..521 {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(
            matches!(
                unpack(&path, None, Destination::Nowhere),
                Err(BackupError::Damaged { .. })
            ),
            "{at}"
        );
    }
}

/// A tar archive of these members.
fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Whoever changes a file and its digest in the manifest has to sign anew, and has not the key.
#[test]
fn a_manifest_that_its_key_has_not_signed_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder, &Recipients::default());
    let mut members = BTreeMap::new();
    for entry in tar::Archive::new(fs::File::open(&path).unwrap())
        .entries()
        .unwrap()
    {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        members.insert(name, bytes);
    }
    let signature = members.remove(manifest::SIGNATURE).unwrap();
    let sound = members.remove(manifest::NAME).unwrap();
    let text = String::from_utf8(sound.clone()).unwrap();
    let other = TempDir::new().unwrap();
    let others = SigningKey::open_or_make(other.path(), &Mint::seeded(2)).unwrap();
    let unsigned = text.replacen("\"form\": 2", "\"form\": 1", 1);
    let later = text.replacen("\"form\": 2", "\"form\": 9", 1);
    let older = text.replace("2027-", "2026-");
    let theirs = {
        let mut manifest: Manifest = serde_json::from_str(&text).unwrap();
        manifest.key = Some(others.public().pem());
        serde_json::to_vec(&manifest).unwrap()
    };
    let theirs_signed = others.sign(&theirs);
    for (manifest, signature, expected) in [
        (
            sound.as_slice(),
            Some(signature.as_slice()),
            Ok(Some(key(&folder).public())),
        ),
        (
            older.as_bytes(),
            Some(&signature),
            Err("not what was signed"),
        ),
        (
            &sound,
            Some(&others.sign(&sound)),
            Err("not what was signed"),
        ),
        (&sound, None, Err("its signature is missing")),
        (&sound, Some(&[]), Err("not what was signed")),
        (unsigned.as_bytes(), None, Ok(None)),
        (
            unsigned.as_bytes(),
            Some(&signature),
            Err("has a signature"),
        ),
        (
            later.as_bytes(),
            Some(&signature),
            Err("this one reads forms up to 2"),
        ),
        (&theirs, Some(&signature), Err("not what was signed")),
        // Sound, and somebody else's: whoever names the key they want finds out.
        (&theirs, Some(&theirs_signed), Ok(Some(others.public()))),
    ] {
        let mut all: Vec<(&str, &[u8])> = members
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        all.push((manifest::NAME, manifest));
        all.extend(signature.map(|signature| (manifest::SIGNATURE, signature)));
        fs::write(&path, tar_of(&all)).unwrap();
        let found = unpack(&path, None, Destination::Nowhere);
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found.signed_by, expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("{expected:?}: {found:?}"),
        }
    }
}

#[test]
fn a_cut_off_file_is_found() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder, &Recipients::default());
    let sound = fs::read(&path).unwrap();
    let end = sound
        .windows(13)
        .position(|window| window == b"manifest.json")
        .unwrap();
    for length in [0, 100, 515, 1024, 3000, end, end + 600] {
        fs::write(&path, &sound[..length]).unwrap();
        let error = unpack(&path, None, Destination::Nowhere).unwrap_err();
        assert!(
            matches!(error, BackupError::Damaged { .. }),
            "{length}: {error}"
        );
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let folder = TempDir::new().unwrap();
    for name in ["../evil", "/etc/evil", "a/../../evil", "", "a\nb"] {
        let mut header = tar::Header::new_gnu();
        // Written by hand, for the tar crate itself would refuse to write them.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(0);
        header.set_cksum();
        let mut archive = tar::Builder::new(Vec::new());
        archive.append(&header, std::io::empty()).unwrap();
        let path = folder.path().join("evil.tar");
        fs::write(&path, archive.into_inner().unwrap()).unwrap();
        let out = folder.path().join("out");
        let error = unpack(&path, None, Destination::Folder(&out)).unwrap_err();
        assert!(
            matches!(error, BackupError::Damaged { .. }),
            "{name}: {error}"
        );
        assert!(!folder.path().join("evil").exists());
    }
}

/// Recipients, and the file with the secret key of each.
fn people<const N: usize>(folder: &TempDir) -> (Vec<String>, [PathBuf; N]) {
    let mut public = Vec::new();
    let files = std::array::from_fn(|nth| {
        let key = age::x25519::Identity::generate();
        public.push(key.to_public().to_string());
        let file = folder.path().join(format!("key {nth}"));
        fs::write(&file, key.to_string().expose_secret()).unwrap();
        file
    });
    (public, files)
}

#[test]
fn what_is_sealed_opens_for_its_recipients_alone() {
    let folder = TempDir::new().unwrap();
    let (public, keys) = people::<3>(&folder);
    let list = folder.path().join("recipients");
    fs::write(&list, format!("# the second\n\n {} \n", public[1])).unwrap();
    let recipients = Recipients::collect(&public[..1], &[list]).unwrap();
    let path = backup(&folder, &recipients);
    let bytes = fs::read(&path).unwrap();
    for plain in [&b"manifest.json"[..], b"sightline", &[7; 32]] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain));
    }
    for (key, opens) in keys.iter().zip([true, true, false]) {
        let out = folder.path().join("out");
        let unpacked = unpack(&path, Some(key), Destination::Folder(&out));
        match opens {
            true => {
                assert_eq!(unpacked.unwrap().manifest.files.len(), 2);
                assert_eq!(fs::read(out.join("evidence/b")).unwrap(), vec![7; 5000]);
                fs::remove_dir_all(&out).unwrap();
            }
            false => {
                let error = unpacked.unwrap_err();
                assert!(matches!(error, BackupError::Sealed { .. }), "{error}");
                assert!(!out.exists(), "nothing comes out");
            }
        }
    }
}

/// Every one, for every chunk of a seal is checked by itself: a small file has them all.
#[test]
fn every_changed_byte_and_every_cut_of_what_is_sealed_is_found() {
    let folder = TempDir::new().unwrap();
    let (public, [key]) = people::<1>(&folder);
    let path = backup(&folder, &Recipients::collect(&public, &[]).unwrap());
    let sound = fs::read(&path).unwrap();
    let changed = folder.path().join("changed");
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&changed, bytes).unwrap();
        let error = unpack(&changed, Some(&key), Destination::Nowhere).unwrap_err();
        let typed = matches!(
            error,
            BackupError::Damaged { .. } | BackupError::Sealed { .. }
        );
        assert!(typed, "{what}: {error}");
    };
    // Of the body, which is one chunk, a sample.
    let places = (0..300).chain((300..sound.len()).step_by(97));
    for at in places.chain(sound.len() - 20..sound.len()) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        refused(&bytes, &format!("byte {at}"));
        refused(&sound[..at], &format!("cut at {at}"));
    }
    refused(&[&sound[..], b"x"].concat(), "one byte more");
}

/// The last chunk holds nothing of the archive's members: what is behind them is read all the same.
#[test]
fn a_seal_without_its_last_chunk_is_found() {
    const CHUNK: usize = 64 * 1024;
    let folder = TempDir::new().unwrap();
    let (public, [key]) = people::<1>(&folder);
    let recipients = Recipients::collect(&public, &[]).unwrap();
    let file = fs::File::create(folder.path().join("long")).unwrap();
    let mut sealed = seal::Writing::begin(file, &recipients).unwrap();
    let plain = fs::read(backup(&folder, &Recipients::default())).unwrap();
    io::Write::write_all(&mut sealed, &plain).unwrap();
    io::Write::write_all(&mut sealed, &vec![0; 2 * CHUNK - plain.len()]).unwrap();
    sealed.end().unwrap();
    let path = folder.path().join("long");
    unpack(&path, Some(&key), Destination::Nowhere).unwrap();
    let sound = fs::read(&path).unwrap();
    // A chunk has a tag of 16 bytes.
    fs::write(&path, &sound[..sound.len() - CHUNK - 16]).unwrap();
    let error = unpack(&path, Some(&key), Destination::Nowhere).unwrap_err();
    assert!(matches!(error, BackupError::Damaged { .. }), "{error}");
}

#[test]
fn what_is_in_the_way_of_a_seal_is_said() {
    let folder = TempDir::new().unwrap();
    let (public, [key]) = people::<1>(&folder);
    let nobody = folder.path().join("nobody");
    fs::write(&nobody, "# none yet\n").unwrap();
    let wrong = ["age1qqqq", "AGE-SECRET-KEY-1QQQQ", ""].map(|key| vec![key.to_owned()]);
    for (keys, files, words) in [
        (&wrong[0], vec![], "'age1qqqq' is no public key of age"),
        (&wrong[1], vec![], "this is a secret key"),
        (&wrong[2], vec![], "is no public key"),
        (&public, vec![nobody.clone()], "holds no key"),
        (&public, vec![key.clone()], "line 1: this is a secret key"),
        (&public, vec![folder.path().join("missing")], "No such file"),
    ] {
        let error = Recipients::collect(keys, &files).err().unwrap();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("QQQQ"), "{error}");
    }

    let open = |path: &Path, key: Option<&Path>| {
        let unpacked = unpack(path, key, Destination::Nowhere);
        unpacked.unwrap_err().to_string()
    };
    let plain = backup(&folder, &Recipients::default());
    assert!(open(&plain, Some(&key)).contains("it is not sealed"));
    fs::remove_file(&plain).unwrap();
    let sealed = backup(&folder, &Recipients::collect(&public, &[]).unwrap());
    assert!(open(&sealed, None).contains("--identity FILE"));
    assert!(open(&sealed, Some(&sealed)).contains("backup.tar"));
    assert!(open(&sealed, Some(&nobody)).contains("no key in"));
    let by_words = folder.path().join("by words");
    let mut words = age::scrypt::Recipient::new("sesame".to_owned().into());
    words.set_work_factor(2);
    fs::write(&by_words, age::encrypt(&words, b"tar").unwrap()).unwrap();
    assert!(open(&by_words, Some(&key)).contains("passphrase"));
}
