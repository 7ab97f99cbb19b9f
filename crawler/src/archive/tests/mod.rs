//! Keeping, killing, repairing and reading back.

mod kills;
mod rewriting;

use std::{fs, net::SocketAddr, path::PathBuf, thread, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use sightline_model::VisitKind;
use tempfile::TempDir;

use super::*;
use crate::fetch::RequestHead;

fn exchange(status: u16, body: &[u8]) -> Exchange {
    let url = Url::parse("https://ads.example/post/7?from=list").unwrap();
    let mut sent = HeaderMap::new();
    sent.insert(header::HOST, HeaderValue::from_static("ads.example"));
    let mut received = HeaderMap::new();
    received.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    received.insert(
        header::TRANSFER_ENCODING,
        HeaderValue::from_static("chunked"),
    );
    received.append(header::SET_COOKIE, HeaderValue::from_static("a=1"));
    received.append(header::SET_COOKIE, HeaderValue::from_static("b=2"));
    Exchange {
        request: RequestHead {
            method: Method::GET,
            target: "/post/7?from=list".to_owned(),
            version: Version::HTTP_11,
            headers: sent,
        },
        url,
        status,
        version: Version::HTTP_11,
        headers: received,
        body: Bytes::copy_from_slice(body),
        digest: Digest::of_hash(&Sha256::digest(body)),
        truncated: false,
        peer: Some(SocketAddr::from(([192, 0, 2, 7], 443))),
        sent_at: Timestamp::parse("2026-11-23T10:00:00.250Z").unwrap(),
        took: Duration::from_millis(120),
    }
}

/// In memory where the system has a place for that: these tests sync thousands of times.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm")
        .or_else(|_| TempDir::new())
        .unwrap()
}

fn open(folder: &TempDir, settings: ArchiveSettings, seed: u64) -> Archive {
    Archive::open(folder.path(), settings, Arc::new(Mint::seeded(seed))).unwrap()
}

fn default(folder: &TempDir) -> Archive {
    open(folder, ArchiveSettings::default(), 1)
}

fn files(folder: &TempDir) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn revisit_of(evidence: &Evidence, exchange: &Exchange) -> RevisitOf {
    RevisitOf {
        record: evidence.record.clone(),
        url: exchange.url.clone(),
        at: exchange.sent_at,
        digest: exchange.digest.clone(),
    }
}

#[test]
fn a_response_reads_back_as_it_was_kept() {
    let folder = folder();
    let archive = default(&folder);
    let kept = archive
        .keep(&exchange(200, b"<p>Lotus</p>"), None, None)
        .unwrap();
    let record = archive.read(&kept).unwrap();
    assert_eq!(record.body, b"<p>Lotus</p>");
    assert_eq!(
        String::from_utf8(record.head.clone()).unwrap(),
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n\
         set-cookie: a=1\r\nset-cookie: b=2\r\n\r\n"
    );
    for (name, value) in [
        ("WARC-Type", "response"),
        ("WARC-Date", "2026-11-23T10:00:00.250Z"),
        ("WARC-Target-URI", "https://ads.example/post/7?from=list"),
        ("WARC-IP-Address", "192.0.2.7"),
        ("Content-Type", "application/http;msgtype=response"),
    ] {
        assert_eq!(record.field(name), Some(value));
    }
    assert_eq!(record.digest(), Some(exchange(200, b"<p>Lotus</p>").digest));
    assert!(!record.is_revisit());
}

#[test]
fn a_record_says_what_it_was_read_with() {
    let folder = folder();
    let archive = default(&folder);
    let read_by = ReadBy {
        kind: VisitKind::Detail,
        reader: "0123456789abcdef".to_owned(),
    };
    for said in [Some(&read_by), None] {
        let kept = archive.keep(&exchange(200, b"x"), None, said).unwrap();
        assert_eq!(archive.read(&kept).unwrap().read_by().as_ref(), said);
    }
}

#[test]
fn the_request_stands_before_its_response_and_each_names_the_other() {
    let folder = folder();
    let archive = default(&folder);
    let kept = archive.keep(&exchange(200, b"x"), None, None).unwrap();
    let response = archive.read(&kept).unwrap();
    let request_id = response.field("WARC-Concurrent-To").unwrap();
    // No evidence names a request: it is found by trying where it may begin.
    let request = (0..kept.offset)
        .find_map(|offset| {
            let place = Evidence {
                offset,
                length: kept.offset - offset,
                record: request_id.trim_matches(['<', '>']).to_owned(),
                ..kept.clone()
            };
            archive.read(&place).ok()
        })
        .unwrap();
    assert_eq!(request.field("WARC-Type"), Some("request"));
    assert_eq!(
        request.field("WARC-Concurrent-To"),
        Some(format!("<{}>", kept.record).as_str())
    );
    assert_eq!(
        request.head,
        b"GET /post/7?from=list HTTP/1.1\r\nhost: ads.example\r\n\r\n"
    );
}

#[test]
fn an_exchange_is_whole_or_it_is_told_which_of_its_records_is_damaged() {
    let folder = folder();
    let archive = default(&folder);
    archive.keep(&exchange(200, b"before"), None, None).unwrap();
    let mut long = exchange(200, b"long");
    // Longer, packed as well, than most requests are.
    let cookie: String = (0_u64..2_000)
        .map(|nth| format!("{:x}", nth.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    let cookie = HeaderValue::from_str(&cookie).unwrap();
    long.request.headers.insert(header::COOKIE, cookie);
    let kept = [exchange(200, b"x"), long]
        .map(|exchange| (archive.keep(&exchange, None, None).unwrap(), exchange));
    archive.close().unwrap();
    for (evidence, exchange) in &kept {
        let whole = archive.whole(evidence).unwrap();
        let request = whole.request.unwrap();
        assert_eq!(request.head, http_head::request(exchange));
        let length = (whole.bytes.len() as i64 - evidence.length) as usize;
        let file = folder.path().join(&evidence.file);
        let sound = fs::read(&file).unwrap();
        let end = evidence.offset as usize;
        // Its first bytes, some in its midst, and its last.
        for at in [end - length, end - length / 2, end - 4] {
            let mut broken = sound.clone();
            broken[at..at + 4].iter_mut().for_each(|byte| *byte ^= 0xff);
            fs::write(&file, broken).unwrap();
            assert!(archive.read(evidence).is_ok(), "the answer is sound");
            let told = archive.whole(evidence).unwrap_err();
            let asked = request.field("WARC-Record-ID").unwrap();
            match &told {
                ArchiveError::DamagedRequest { offset, record, .. } => {
                    assert_eq!(*offset, evidence.offset);
                    assert_eq!(format!("<{record}>"), asked);
                }
                other => panic!("{at}: {other}"),
            }
        }
        fs::write(&file, &sound).unwrap();
    }
}

#[test]
fn a_repeated_body_is_kept_once() {
    let same = || exchange(200, b"same");
    for (answer, profile) in [
        (exchange(304, b""), Some("revisit/server-not-modified")),
        (same(), Some("revisit/identical-payload-digest")),
        (exchange(200, b"other"), None),
    ] {
        let folder = folder();
        let archive = default(&folder);
        let first = archive.keep(&same(), None, None).unwrap();
        let again = archive
            .keep(&answer, Some(&revisit_of(&first, &same())), None)
            .unwrap();
        let record = archive.read(&again).unwrap();
        assert_eq!(record.is_revisit(), profile.is_some());
        if let Some(profile) = profile {
            assert!(record.field("WARC-Profile").unwrap().ends_with(profile));
            assert_eq!(
                record.field("WARC-Refers-To"),
                Some(format!("<{}>", first.record).as_str())
            );
            assert_eq!(
                record.field("WARC-Refers-To-Target-URI"),
                Some(same().url.as_str())
            );
            assert_eq!(
                record.field("WARC-Refers-To-Date"),
                Some("2026-11-23T10:00:00.250Z")
            );
            assert_eq!(record.digest(), Some(same().digest));
            assert!(record.body.is_empty());
        }
    }
}

#[test]
fn a_304_for_nothing_that_is_known_is_a_plain_response() {
    let folder = folder();
    let archive = default(&folder);
    let kept = archive.keep(&exchange(304, b""), None, None).unwrap();
    assert!(!archive.read(&kept).unwrap().is_revisit());
}

#[test]
fn what_was_cut_off_says_so() {
    let folder = folder();
    let archive = default(&folder);
    let mut cut = exchange(200, b"User-agent: *");
    cut.truncated = true;
    cut.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from_static("900000"));
    let kept = archive.keep(&cut, None, None).unwrap();
    let record = archive.read(&kept).unwrap();
    assert_eq!(record.field("WARC-Truncated"), Some("length"));
    let head = String::from_utf8(record.head).unwrap();
    assert!(
        head.contains("\r\nX-Archive-Orig-Content-Length: 900000\r\n"),
        "{head}"
    );
}

#[test]
fn files_are_open_while_written_and_closed_at_their_limit() {
    let folder = folder();
    let settings = ArchiveSettings {
        file_bytes: 1,
        ..ArchiveSettings::default()
    };
    let archive = open(&folder, settings, 1);
    assert!(files(&folder).is_empty(), "nothing kept, no file");
    let kept =
        [b"a", b"b", b"c"].map(|body| archive.keep(&exchange(200, body), None, None).unwrap());
    let names: Vec<String> = files(&folder)
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(
        names.iter().filter(|name| name.ends_with(".open")).count(),
        1,
        "{names:?}"
    );
    drop(archive);
    assert!(
        files(&folder)
            .iter()
            .all(|path| path.extension().unwrap() == "gz")
    );
    let archive = open(&folder, ArchiveSettings::default(), 2);
    for (evidence, body) in kept.iter().zip([b"a", b"b", b"c"]) {
        assert_eq!(archive.read(evidence).unwrap().body, body);
    }
}

/// The device on which no write has room, and which can't be cut either.
fn full() -> fs::File {
    fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
}

#[test]
fn a_full_disk_loses_nothing_and_is_recovered_from() {
    let folder = folder();
    let archive = default(&folder);
    let first = archive.keep(&exchange(200, b"first"), None, None).unwrap();
    archive.sync().unwrap();
    archive.state().open.as_mut().unwrap().divert(full());
    let told = archive
        .keep(&exchange(200, b"lost"), None, None)
        .unwrap_err();
    assert!(matches!(told, ArchiveError::Full(_)), "{told}");
    assert!(archive.is_full());
    // What may be half-written is not trusted: not kept after, and not synced as if it were whole.
    for failed in [
        archive
            .keep(&exchange(200, b"after"), None, None)
            .map(|_| ()),
        archive.sync(),
    ] {
        assert!(matches!(failed, Err(ArchiveError::Lost)), "{failed:?}");
    }
    archive.recover().unwrap();
    assert!(!archive.is_full());
    let second = archive.keep(&exchange(200, b"second"), None, None).unwrap();
    archive.sync().unwrap();
    assert_ne!(first.file, second.file, "the other is closed");
    for (evidence, body) in [(&first, &b"first"[..]), (&second, b"second")] {
        assert_eq!(archive.read(evidence).unwrap().body, body);
    }
    let left: Vec<PathBuf> = files(&folder);
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn many_threads_keep_and_sync_at_once() {
    let folder = folder();
    let archive = default(&folder);
    thread::scope(|scope| {
        for thread in 0..8_u8 {
            let archive = &archive;
            scope.spawn(move || {
                for turn in 0..10_u8 {
                    let body = [thread, turn];
                    let kept = archive.keep(&exchange(200, &body), None, None).unwrap();
                    archive.sync().unwrap();
                    assert_eq!(archive.read(&kept).unwrap().body, body);
                }
            });
        }
    });
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn two_archives_share_a_folder() {
    let folder = folder();
    let one = open(&folder, ArchiveSettings::default(), 1);
    let kept = one.keep(&exchange(200, b"one"), None, None).unwrap();
    let two = open(&folder, ArchiveSettings::default(), 2);
    two.keep(&exchange(200, b"two"), None, None).unwrap();
    // The second found the first one's file locked, and let it be.
    assert_eq!(
        files(&folder)
            .iter()
            .filter(|path| path.extension().unwrap() == "open")
            .count(),
        2
    );
    let more = one.keep(&exchange(200, b"more"), None, None).unwrap();
    assert_eq!(two.read(&kept).unwrap().body, b"one");
    assert_eq!(two.read(&more).unwrap().body, b"more");
}

#[test]
fn evidence_that_leads_elsewhere_is_refused() {
    let folder = folder();
    let archive = default(&folder);
    let kept = archive.keep(&exchange(200, b"x"), None, None).unwrap();
    let with = |change: fn(&mut Evidence)| {
        let mut evidence = kept.clone();
        change(&mut evidence);
        archive.read(&evidence)
    };
    for refused in [
        with(|evidence| evidence.file = "../secret.warc.gz".to_owned()),
        with(|evidence| evidence.file = "sightline.db".to_owned()),
        with(|evidence| evidence.offset = -1),
        with(|evidence| evidence.offset += 1),
        with(|evidence| evidence.length = i64::MAX),
        with(|evidence| evidence.length -= 1),
        with(|evidence| evidence.record = "urn:uuid:0".to_owned()),
    ] {
        assert!(
            matches!(refused, Err(ArchiveError::Damaged { .. })),
            "{refused:?}"
        );
    }
    let missing = with(|evidence| evidence.file = "other.warc.gz".to_owned());
    assert!(matches!(missing, Err(ArchiveError::Missing(_))));
}

#[test]
fn settings_out_of_range_are_told() {
    let wrong = ArchiveSettings {
        file_bytes: 0,
        compression: 10,
    };
    let keys: Vec<String> = wrong
        .check()
        .into_iter()
        .map(|problem| problem.key)
        .collect();
    assert_eq!(keys, ["file_bytes", "compression"]);
    assert!(ArchiveSettings::default().check().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_body_and_headers_round_trip(
        body in proptest::collection::vec(any::<u8>(), 0..4_000),
        value in proptest::collection::vec(any::<u8>(), 0..40),
        packed in any::<bool>(),
        compression in 0..=9_u32,
    ) {
        let folder = folder();
        let archive = open(&folder, ArchiveSettings { compression, ..ArchiveSettings::default() }, 1);
        let mut exchange = exchange(200, &body);
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            exchange.headers.insert("x-any", value);
        }
        if packed {
            exchange.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        let kept = archive.keep(&exchange, None, None).unwrap();
        let record = archive.read(&kept).unwrap();
        prop_assert_eq!(record.body, body);
        prop_assert_eq!(record.head, http_head::response(&exchange));
    }
}
