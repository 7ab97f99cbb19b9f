//! What goes into a backup comes out of it; what was changed on the way does not.

use std::fs;

use sightline_model::Timestamp;
use tempfile::TempDir;

use super::*;

fn backup(folder: &TempDir) -> PathBuf {
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&a, "sightline").unwrap();
    fs::write(&b, vec![7; 5000]).unwrap();
    let path = folder.path().join("backup.tar");
    let mut packer = Packer::create(&path, Timestamp(1_800_000_000_000)).unwrap();
    packer.add("store/a", &a).unwrap();
    packer.add("evidence/b", &b).unwrap();
    assert!(!path.exists());
    assert_eq!(packer.finish().unwrap().files.len(), 2);
    path
}

#[test]
fn what_goes_in_comes_out() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder);
    let out = folder.path().join("out");
    let manifest = unpack(&path, Destination::Folder(&out)).unwrap();
    assert_eq!(manifest.made_at, Timestamp(1_800_000_000_000));
    assert_eq!(fs::read(out.join("store/a")).unwrap(), b"sightline");
    assert_eq!(fs::read(out.join("evidence/b")).unwrap(), vec![7; 5000]);
    assert!(
        Packer::create(&path, Timestamp(0)).is_err(),
        "a backup never overwrites"
    );
}

#[test]
fn every_changed_byte_of_a_file_is_found() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder);
    let sound = fs::read(&path).unwrap();
    // The first member: its head takes 512 bytes, then its nine bytes follow.
    for at in 512..521 {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(
            matches!(
                unpack(&path, Destination::Nowhere),
                Err(BackupError::Damaged { .. })
            ),
            "{at}"
        );
    }
}

#[test]
fn a_cut_off_file_is_found() {
    let folder = TempDir::new().unwrap();
    let path = backup(&folder);
    let sound = fs::read(&path).unwrap();
    let end = sound
        .windows(13)
        .position(|window| window == b"manifest.json")
        .unwrap();
    for length in [0, 100, 515, 1024, 3000, end, end + 600] {
        fs::write(&path, &sound[..length]).unwrap();
        let error = unpack(&path, Destination::Nowhere).unwrap_err();
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
        let error = unpack(&path, Destination::Folder(&out)).unwrap_err();
        assert!(
            matches!(error, BackupError::Damaged { .. }),
            "{name}: {error}"
        );
        assert!(!folder.path().join("evil").exists());
    }
}
