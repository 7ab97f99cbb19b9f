//! Any bytes, as a WARC file: as what a killed process left behind, and as a record that is read back. What does not verify
//! is damaged; nothing panics, and nothing is unpacked without end.
#![no_main]

use std::{fs, io::Write, sync::Arc};

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use sightline_crawler::{
    archive::{Archive, ArchiveSettings},
    decode::Limits,
};
use sightline_model::{Evidence, Mint};

const FILE: &str = "20261128101010-000.warc.gz";

fuzz_target!(|bytes: &[u8]| {
    let Some((&pick, rest)) = bytes.split_first() else {
        return;
    };
    // A fuzzer does not find the checksum of a gzip member: half of the inputs are what stands in one.
    let mut member = rest.to_vec();
    if pick % 2 == 0 {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(rest).expect("memory takes it");
        member = gzip.finish().expect("memory takes it");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let left = if pick % 4 < 2 { FILE.to_owned() } else { format!("{FILE}.open") };
    fs::write(folder.path().join(left), &member).expect("a file");
    let mint = Arc::new(Mint::seeded(1));
    let archive = Archive::open(folder.path(), ArchiveSettings::default(), mint);
    let archive = archive.expect("whatever is in it, a folder can be opened");
    let evidence = Evidence {
        file: FILE.to_owned(),
        offset: 0,
        length: member.len() as i64,
        record: "urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(),
    };
    if let Ok(record) = archive.read(&evidence) {
        let limits = Limits { bytes: 1 << 20, ratio: 100 };
        let _ = record.decoded(limits);
        let is_response = record.field("WARC-Type") == Some("response");
        assert!(!is_response || record.digest().is_some(), "it verifies by no digest");
    }
});
