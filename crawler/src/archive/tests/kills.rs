//! What kills and damage leave, and what is made of it.

use super::*;

/// The bytes of a file with two exchanges, as a kill would leave it, and their evidence.
fn killed() -> (Vec<u8>, String, [Evidence; 2]) {
    let folder = folder();
    let archive = default(&folder);
    let kept =
        [b"first", b"after"].map(|body| archive.keep(&exchange(200, body), None, None).unwrap());
    let path = files(&folder).remove(0);
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    (fs::read(path).unwrap(), name, kept)
}

#[test]
fn a_kill_at_any_byte_of_the_last_records_loses_only_those() {
    let (bytes, name, [first, after]) = killed();
    let (begin, end) = (first.offset + first.length, after.offset + after.length);
    assert_eq!(bytes.len() as i64, end);
    for cut in begin..=end {
        let folder = folder();
        fs::write(folder.path().join(&name), &bytes[..cut as usize]).unwrap();
        let archive = default(&folder);
        let path = files(&folder).remove(0);
        assert!(path.display().to_string().ends_with(".warc.gz"));
        let expected = [begin, after.offset, end]
            .into_iter()
            .filter(|&boundary| boundary <= cut)
            .max()
            .unwrap();
        assert_eq!(
            fs::metadata(path).unwrap().len() as i64,
            expected,
            "cut at {cut}"
        );
        assert_eq!(archive.read(&first).unwrap().body, b"first");
        assert_eq!(archive.read(&after).is_ok(), cut == end);
    }
}

#[test]
fn a_kill_before_the_first_record_leaves_nothing() {
    let (bytes, name, _) = killed();
    let folder = folder();
    fs::write(folder.path().join(name), &bytes[..20]).unwrap();
    let _archive = default(&folder);
    assert!(files(&folder).is_empty());
}

#[test]
fn damage_before_good_records_is_not_cut_off() {
    let (mut bytes, name, [first, after]) = killed();
    bytes[first.offset as usize + 30] ^= 0xFF;
    let folder = folder();
    fs::write(folder.path().join(name), &bytes).unwrap();
    let archive = default(&folder);
    assert!(matches!(
        archive.read(&first),
        Err(ArchiveError::Damaged { .. })
    ));
    assert_eq!(archive.read(&after).unwrap().body, b"after");
}

#[test]
fn a_changed_byte_is_found() {
    let (bytes, name, [_, after]) = killed();
    let name = name.strip_suffix(".open").unwrap();
    let folder = folder();
    let archive = default(&folder);
    for at in after.offset..after.offset + after.length {
        let mut changed = bytes.clone();
        changed[at as usize] ^= 0x01;
        fs::write(folder.path().join(name), changed).unwrap();
        // The gzip header's flags, time and system say nothing about what was kept.
        let says_nothing = (3..10).contains(&(at - after.offset));
        match archive.read(&after) {
            Ok(record) => assert!(says_nothing && record.body == b"after", "byte {at}"),
            Err(ArchiveError::Damaged { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}
