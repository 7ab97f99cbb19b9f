//! A kill at each write of an erasure: it is whole or was not begun, and once it is begun there is a way to its end that needs
//! nothing but the store.

use std::{io::Read, time::Duration};

use crate::{farm::Farm, machine::Machine, rounds::rounds, writes::Writes};

/// Writes that a kill falls on, in the short form.
const FEW: usize = 12;
/// What is erased: a listing, its number first.
const ERASE: [&str; 5] = ["erase", "listing", "1", "--reason", "request 14/27"];

#[test]
fn a_kill_at_each_write_of_an_erasure_leaves_none_of_it_or_a_way_to_its_end() {
    let machine = Machine::start(Farm::start(3, Duration::ZERO));
    machine.crawl().wait().expect("it ends");
    withdraw(&machine);
    let url = machine
        .texts("SELECT url FROM listing WHERE id = 1")
        .remove(0);
    let writes = Writes::of(&machine);
    let kept = machine.place.path("kept");
    machine.keep(&kept);
    assert!(left(&machine, &url).len() > 1, "it stands in both");
    let all = writes.least(&kept, &ERASE);
    let points = rounds("ERASURES", FEW).min(all);
    let (mut begun, mut undone) = (0, 0);
    for point in 1..=points {
        let nth = point * all / points;
        writes.kill(&kept, &ERASE, nth);
        let said = std::fs::read_to_string(machine.place.path("crawl.log")).expect("it is there");
        if machine.count("erasure") == 0 {
            // Nothing is gone: it can be asked for as if it never had been.
            assert_eq!(machine.count("listing WHERE id = 1"), 1, "at write {nth}");
            machine.place.run(ERASE).ok();
        } else {
            begun += 1;
            assert_eq!(machine.count("listing WHERE id = 1"), 0, "at write {nth}");
            // Whoever asked has what shows it, and knows how to go on.
            for words in ["keep this apart", "sightline erase finish"] {
                assert!(said.contains(words), "at write {nth}: {said}");
            }
            // The control: something is left to be done at some of these writes, and the judge sees it.
            undone += usize::from(!left(&machine, &url).is_empty());
            let finished = machine.place.run(["erase", "finish"]).ok();
            assert!(finished.contains("Nothing is left"), "{finished}");
        }
        assert_eq!(left(&machine, &url), [""; 0], "at write {nth} of {all}");
        machine.are_good(&["store", "evidence", "audit log"]);
    }
    eprintln!(
        "{points} kills in an erasure of {all} writes: {begun} after it was begun, {undone} of which left something to be done"
    );
    assert!(undone > 0, "no kill fell between its commit and its end");
    assert!(begun < points, "no kill fell before its commit");
}

/// Entries that look for what the listing shows are in nobody's way.
fn withdraw(machine: &Machine) {
    machine.sql("UPDATE entry SET state = 'withdrawn'");
}

/// The files in which an erased listing stands.
fn left(machine: &Machine, url: &str) -> Vec<String> {
    let mut found = Vec::new();
    for file in ["sightline.db", "sightline.db-wal"] {
        let bytes = std::fs::read(machine.data().join(file)).unwrap_or_default();
        if String::from_utf8_lossy(&bytes).contains(url) {
            found.push(file.to_owned());
        }
    }
    let archive = std::fs::read_dir(machine.data().join("archive")).expect("it is there");
    for file in archive {
        let path = file.expect("it can be read").path();
        let packed = std::fs::File::open(&path).expect("it is there");
        let mut records = Vec::new();
        // What was cut off in the middle of being written is unpacked as far as it goes.
        _ = flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut records);
        if String::from_utf8_lossy(&records).contains(&format!("WARC-Target-URI: {url}\r\n")) {
            found.push(path.display().to_string());
        }
    }
    found
}
