//! Notes, and files of them.

use sightline_model::{Mint, Timestamp};

use super::*;

fn key(seed: u64) -> SigningKey {
    let folder = tempfile::tempdir().unwrap();
    SigningKey::open_or_make(folder.path(), &Mint::seeded(seed)).unwrap()
}

fn checkpoint(size: u64) -> Checkpoint {
    let organisation: OrganisationId = Mint::seeded(3).id(Timestamp(0));
    Checkpoint {
        origin: origin(organisation),
        signed: Signed {
            size,
            root: [size as u8; 32],
        },
    }
}

#[test]
fn a_ledger_grows_and_says_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::at(folder.path().join("checkpoints.txt"));
    let key = key(1);
    let keys = [key.public()];
    let origin = checkpoint(0).origin;
    assert_eq!(ledger.read(&origin, &keys).unwrap(), Held::default());
    for (size, is_written) in [(3, true), (3, false), (5, true)] {
        let written = ledger.append(&checkpoint(size), &key, &keys).unwrap();
        assert_eq!(written.is_some(), is_written, "{size}");
    }
    assert_eq!(
        ledger.read(&origin, &keys).unwrap().checkpoints,
        [checkpoint(3), checkpoint(5)]
    );
    assert!(matches!(
        ledger.append(&checkpoint(4), &key, &keys),
        Err(CheckpointError::Cut {
            signed: 5,
            size: 4,
            ..
        })
    ));
}

#[test]
fn what_others_append_stops_nobody_from_signing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::at(folder.path().join("checkpoints.txt"));
    let (key, stranger) = (key(1), key(2));
    let keys = [key.public()];
    let origin = checkpoint(0).origin;
    ledger.append(&checkpoint(3), &key, &keys).unwrap();
    let sound = fs::read_to_string(ledger.path()).unwrap();
    let other = Checkpoint {
        origin: "sightline/audit/other".to_owned(),
        ..checkpoint(3)
    };
    for (foreign, passed_over) in [
        (format!("\n{}", checkpoint(999_999).note(&stranger)), 1),
        (format!("{origin}\n999999\nAAAA\n"), 1),
        ("no note at all".to_owned(), 1),
        ("\u{0}\u{fffd}\n\n\n\n".repeat(9), 1),
        // The next log's, by the same key; and one that says so and is nobody's.
        (format!("\n{}\n", other.note(&key)), 0),
        (format!("\n{}\n", other.note(&stranger)), 1),
    ] {
        fs::write(ledger.path(), format!("{sound}{foreign}")).unwrap();
        let held = ledger.read(&origin, &keys).unwrap();
        assert_eq!(held.checkpoints, [checkpoint(3)], "{foreign:?}");
        assert!(held.passed_over.len() >= passed_over, "{foreign:?}");
        let signed = ledger.append(&checkpoint(5), &key, &keys).unwrap();
        assert!(signed.is_some(), "{foreign:?}");
        let held = ledger.read(&origin, &keys).unwrap();
        assert_eq!(
            held.checkpoints,
            [checkpoint(3), checkpoint(5)],
            "{foreign:?}"
        );
    }
}

#[test]
fn every_byte_of_a_checkpoint_counts() {
    let key = key(1);
    let keys = [key.public()];
    let note = checkpoint(7).note(&key);
    assert_eq!(Checkpoint::read(&note, &keys), Ok(checkpoint(7)));
    for at in 0..note.len() {
        for bit in 0..7 {
            let mut changed = note.clone().into_bytes();
            changed[at] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(changed) else {
                continue;
            };
            // A line's end may be two bytes: the same note.
            let same = changed.lines().eq(note.lines());
            let read = Checkpoint::read(&changed, &keys);
            assert!(read.is_err() || same, "bit {bit} of byte {at}: {changed}");
        }
    }
    assert!(Checkpoint::read(&note, &[self::key(2).public()]).is_err());
}

#[test]
fn a_key_is_written_as_verifiers_of_notes_take_it() {
    let key = key(1).public();
    let written = verifier("sightline/audit/x", &key);
    assert_eq!(key_of(&written), Some(key));
    assert_eq!(key_of(&written.replace("/x", "/y")), None);
    assert_eq!(key_of("no key"), None);
    // The example of golang.org/x/mod/sumdb/note: name, id and key go together.
    let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let read = key_of(known).unwrap();
    assert_eq!(verifier("PeterNeumann", &read), known);
}
