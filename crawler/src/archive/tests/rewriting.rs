//! Files rewritten without some of their records.

use super::*;

/// A closed file with these bodies, and the evidence of each.
fn closed(folder: &TempDir, bodies: &[Vec<u8>]) -> (Archive, Vec<Evidence>) {
    let archive = default(folder);
    let kept = bodies
        .iter()
        .map(|body| archive.keep(&exchange(200, body), None, None).unwrap())
        .collect();
    archive.close().unwrap();
    (archive, kept)
}

/// Rewrites the file of these so that those of `stay` stay, and gives them at their new places.
fn rewrite(
    archive: &Archive,
    kept: &[Evidence],
    stay: &[bool],
) -> (String, Rewritten, Vec<Evidence>) {
    let old = &kept[0].file;
    let new = archive.another_name(old, Timestamp(0));
    let stay: Vec<&Evidence> = kept
        .iter()
        .zip(stay)
        .filter_map(|(evidence, stays)| stays.then_some(evidence))
        .collect();
    let offsets = stay.iter().map(|evidence| evidence.offset).collect();
    let done = archive.rewrite(old, Some(&new), &offsets).unwrap();
    let moved = stay.iter().zip(&done.moved).map(|(evidence, moved)| {
        assert_eq!(moved.from, evidence.offset);
        Evidence {
            file: new.clone(),
            offset: moved.to,
            ..(*evidence).clone()
        }
    });
    let moved = moved.collect();
    (new, done, moved)
}

fn bytes_of(folder: &TempDir, evidence: &Evidence) -> Vec<u8> {
    let bytes = fs::read(folder.path().join(&evidence.file)).unwrap();
    let (begin, length) = (evidence.offset as usize, evidence.length as usize);
    bytes[begin..begin + length].to_vec()
}

#[test]
fn what_goes_is_named_by_its_digest_and_is_nowhere_in_the_new_file() {
    let folder = folder();
    let (archive, kept) = closed(
        &folder,
        &[b"stays".to_vec(), b"a secret that goes".to_vec()],
    );
    let (new, done, moved) = rewrite(&archive, &kept, &[true, false]);
    assert_eq!(archive.read(&moved[0]).unwrap().body, b"stays");
    // Its request goes with it.
    assert_eq!(done.gone.len(), 2);
    let gone = done.gone.iter().find(|gone| gone.record == kept[1].record);
    let mut record = Vec::new();
    let member = bytes_of(&folder, &kept[1]);
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(member.as_slice()),
        &mut record,
    )
    .unwrap();
    assert_eq!(
        gone.unwrap().digest,
        Digest::of_hash(&Sha256::digest(record))
    );
    let mut all = Vec::new();
    let file = fs::File::open(folder.path().join(&new)).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(file), &mut all).unwrap();
    assert!(memchr::memmem::find(&all, b"a secret that goes").is_none());
    assert!(memchr::memmem::find(&all, kept[1].record.as_bytes()).is_none());
    assert!(
        archive.has(&kept[0].file),
        "the old file is its caller's to remove"
    );
    archive.remove(&kept[0].file).unwrap();
    archive.remove(&kept[0].file).unwrap();
    assert_eq!(archive.closed_files().unwrap(), [new]);
}

#[test]
fn a_damaged_file_is_not_rewritten() {
    let folder = folder();
    let (archive, kept) = closed(&folder, &[b"one".to_vec(), b"two".to_vec()]);
    let path = folder.path().join(&kept[0].file);
    let mut bytes = fs::read(&path).unwrap();
    bytes[kept[0].offset as usize + 40] ^= 0xFF;
    fs::write(&path, bytes).unwrap();
    let new = archive.another_name(&kept[0].file, Timestamp(0));
    for stay in [[kept[1].offset].into(), [7].into()] {
        let refused = archive.rewrite(&kept[0].file, Some(&new), &stay);
        assert!(
            matches!(refused, Err(ArchiveError::Damaged { .. })),
            "{refused:?}"
        );
        assert!(!archive.has(&new));
    }
}

#[test]
fn a_place_without_a_record_is_refused() {
    let folder = folder();
    let (archive, kept) = closed(&folder, &[b"one".to_vec()]);
    let new = archive.another_name(&kept[0].file, Timestamp(0));
    let refused = archive.rewrite(&kept[0].file, Some(&new), &[kept[0].offset + 1].into());
    assert!(matches!(refused, Err(ArchiveError::Damaged { .. })));
    assert!(!archive.has(&new));
}

#[test]
fn one_rewrites_at_a_time_and_none_while_somebody_copies() {
    let folder = folder();
    let archive = default(&folder);
    let held = archive.try_to_rewrite().unwrap().unwrap();
    assert!(archive.try_to_rewrite().unwrap().is_none());
    drop(held);
    let copying = [(); 2].map(|()| lock_for_copy(folder.path()).unwrap());
    assert!(archive.try_to_rewrite().unwrap().is_none());
    drop(copying);
    assert!(archive.try_to_rewrite().unwrap().is_some());
}

#[test]
fn the_file_that_is_written_is_closed_on_demand() {
    let folder = folder();
    let archive = default(&folder);
    let kept = archive.keep(&exchange(200, b"x"), None, None).unwrap();
    archive.close_file("another.warc.gz").unwrap();
    assert!(!archive.has(&kept.file));
    archive.close_file(&kept.file).unwrap();
    assert!(archive.has(&kept.file));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_stays_is_byte_for_byte_what_it_was(
        records in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..3_000), any::<bool>()), 1..12),
        again in proptest::collection::vec(any::<bool>(), 12),
    ) {
        let folder = folder();
        let (bodies, stay): (Vec<_>, Vec<_>) = records.into_iter().unzip();
        let (archive, kept) = closed(&folder, &bodies);
        let before: Vec<Vec<u8>> = kept.iter().map(|one| bytes_of(&folder, one)).collect();
        let (_, done, moved) = rewrite(&archive, &kept, &stay);
        archive.remove(&kept[0].file).unwrap();
        let left: Vec<usize> = (0..stay.len()).filter(|&nth| stay[nth]).collect();
        prop_assert_eq!(moved.len(), left.len());
        prop_assert_eq!(done.gone.len(), 2 * (stay.len() - left.len()));
        for (evidence, &nth) in moved.iter().zip(&left) {
            prop_assert_eq!(&bytes_of(&folder, evidence), &before[nth]);
            prop_assert_eq!(&archive.read(evidence).unwrap().body, &bodies[nth]);
        }
        // And once more, of what was rewritten.
        if let Some(first) = moved.first() {
            let stay: Vec<bool> = again.into_iter().take(moved.len()).collect();
            let (_, _, twice) = rewrite(&archive, &moved, &stay);
            archive.remove(&first.file).unwrap();
            let left = left.iter().zip(&stay).filter_map(|(nth, stays)| stays.then_some(*nth));
            for (evidence, nth) in twice.iter().zip(left) {
                prop_assert_eq!(&bytes_of(&folder, evidence), &before[nth]);
            }
        }
    }
}
