//! Bodies coded by the same libraries, whole, broken, and made to explode.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use http::HeaderValue;
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits {
    bytes: 20 << 20,
    ratio: 200,
};

fn headers(codings: &[&str]) -> HeaderMap {
    codings
        .iter()
        .map(|line| {
            (
                header::CONTENT_ENCODING,
                HeaderValue::from_str(line).unwrap(),
            )
        })
        .collect()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn br(body: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    brotli::CompressorWriter::new(&mut coded, 8 << 10, 1, 22)
        .write_all(body)
        .unwrap();
    coded
}

fn zstd(body: &[u8]) -> Vec<u8> {
    zstd::encode_all(body, 3).unwrap()
}

/// Each coding's name, and a way to make it.
type Coder = (&'static str, fn(&[u8]) -> Vec<u8>);
const CODERS: &[Coder] = &[
    ("gzip", gzip),
    ("x-gzip", gzip),
    ("GZip", gzip),
    ("deflate", zlib),
    ("deflate", raw_deflate),
    ("br", br),
    ("zstd", zstd),
];

fn decoded(body: Vec<u8>, codings: &[&str]) -> Result<Bytes, Outcome> {
    decode(&body.into(), &headers(codings), LIMITS).map_err(|failure| failure.outcome)
}

#[test]
fn a_plain_body_is_shared() {
    let body = Bytes::from_static(b"plain");
    for codings in [&[][..], &["identity"], &[""], &["identity, identity"]] {
        let decoded = decode(&body, &headers(codings), LIMITS).unwrap();
        assert_eq!(decoded.as_ptr(), body.as_ptr(), "{codings:?}");
    }
}

#[test]
fn an_empty_body_needs_no_coding() {
    for (name, _) in CODERS {
        assert_eq!(decoded(Vec::new(), &[name]), Ok(Bytes::new()), "{name}");
    }
}

#[test]
fn bombs_are_not_unpacked() {
    // By length, so that a failure does not print the bomb.
    let length = |body, codings: &[&str]| decoded(body, codings).map(|body| body.len());
    let zeros = vec![0; 2 << 20];
    for (name, code) in CODERS {
        assert_eq!(length(code(&zeros), &[name]), Err(Outcome::Bomb), "{name}");
    }
    // Gzip in gzip: the 2 MiB come as some 50 bytes.
    assert_eq!(
        length(gzip(&gzip(&zeros)), &["gzip, gzip"]),
        Err(Outcome::Bomb)
    );
    // Many members, each harmless.
    let members = gzip(&vec![0; 1 << 16]).repeat(32);
    assert_eq!(length(members, &["gzip"]), Err(Outcome::Bomb));
}

#[test]
fn a_body_may_be_too_large_without_being_dense() {
    let limits = Limits {
        bytes: 10_000,
        ratio: 200,
    };
    let noise: Vec<u8> = (0..4_000_u32)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    for (name, code) in CODERS {
        for (length, fits) in [(10_000, true), (10_001, false)] {
            let coded = code(&noise[..length]).into();
            let decoded = decode(&coded, &headers(&[name]), limits);
            assert_eq!(decoded.is_ok(), fits, "{name}: {length}");
        }
    }
}

#[test]
fn small_bodies_may_repeat_themselves_and_large_ones_may_be_dense() {
    let is_whole = |body: &[u8], name, code: fn(&[u8]) -> Vec<u8>| {
        decoded(code(body), &[name]).is_ok_and(|decoded| decoded == body)
    };
    let repetitive = vec![b' '; 1 << 20];
    // More than 1 MiB, of which a quarter does not shrink at all.
    let dense: Vec<u8> = (0..1_u32 << 16)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .chain(vec![b' '; 1 << 20])
        .collect();
    for (name, code) in CODERS {
        assert!(is_whole(&repetitive, name, *code), "{name}");
        assert!(is_whole(&dense, name, *code), "{name}");
    }
    // One byte more is too much for what came.
    let more = vec![b' '; (1 << 20) + 1];
    assert!(!is_whole(&more, "gzip", gzip));
}

#[test]
fn codings_may_lie_over_one_another_but_not_without_end() {
    let body = b"listings".to_vec();
    let twice = zstd(&gzip(&body));
    assert_eq!(
        decoded(twice.clone(), &["gzip, zstd"]),
        Ok(body.clone().into())
    );
    assert_eq!(
        decoded(twice.clone(), &["gzip", "zstd"]),
        Ok(body.clone().into())
    );
    assert_eq!(decoded(twice, &["zstd, gzip"]), Err(Outcome::BadEncoding));
    let thrice = gzip(&gzip(&gzip(&body)));
    assert_eq!(
        decoded(thrice, &["gzip, gzip, gzip"]),
        Err(Outcome::BadEncoding)
    );
}

#[test]
fn labels_that_are_wrong_or_unknown() {
    for coding in [
        "gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "aes128gcm",
        "*",
        "gzip;q=1",
        "\u{1}",
    ] {
        let body = b"<html>not compressed at all</html>".to_vec();
        let Ok(value) = HeaderValue::from_bytes(coding.as_bytes()) else {
            continue;
        };
        let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, value)]);
        let failure = decode(&body.into(), &headers, LIMITS).unwrap_err();
        assert_eq!(failure.outcome, Outcome::BadEncoding, "{coding}: {failure}");
    }
}

#[test]
fn members_follow_one_another_and_padding_is_left_out() {
    let two = [gzip(b"first, "), gzip(b"second")].concat();
    assert_eq!(decoded(two.clone(), &["gzip"]), Ok("first, second".into()));
    for padding in [&[0; 512][..], b"\n", b"<!-- served by a proxy -->"] {
        let padded = [&two, padding].concat();
        assert_eq!(decoded(padded, &["gzip"]), Ok("first, second".into()));
    }
    let broken = [&two[..], &two[..15]].concat();
    assert_eq!(decoded(broken, &["gzip"]), Err(Outcome::BadEncoding));
    let frames = [zstd(b"first, "), zstd(b"second")].concat();
    assert_eq!(decoded(frames, &["zstd"]), Ok("first, second".into()));
}

#[test]
fn zstd_may_not_ask_for_more_memory_than_the_web_allows() {
    for (window_log, sound) in [(23, true), (24, false), (27, false)] {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(window_log).unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.write_all(&[b'x'; 4_096]).unwrap();
        let coded = encoder.finish().unwrap();
        assert_eq!(decoded(coded, &["zstd"]).is_ok(), sound, "{window_log}");
    }
}

#[test]
fn the_start_of_a_body_is_had_from_what_came() {
    let body: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
    for (name, code) in CODERS {
        let coded = Bytes::from(code(&body));
        let headers = headers(&[name]);
        let start = decode_start(&coded, &headers, 1_000).unwrap();
        assert_eq!(start, body[..1_000], "{name}");
        let broken = coded.slice(..coded.len() / 2);
        let start = decode_start(&broken, &headers, 1_000).unwrap();
        assert!(body.starts_with(&start), "{name}");
    }
    let plain = decode_start(&body.clone().into(), &HeaderMap::new(), 10).unwrap();
    assert_eq!(plain, body[..10]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_was_coded_comes_back(body: Vec<u8>) {
        for (name, code) in CODERS {
            // A body that begins like zlib's header cannot be told from zlib, and nobody sends one.
            let coded = code(&body);
            prop_assert_eq!(decoded(coded, &[name]), Ok(body.clone().into()), "{}", name);
        }
    }

    #[test]
    fn what_breaks_off_is_not_taken_for_whole(body in proptest::collection::vec(any::<u8>(), 1..2_000), at in 0.0..1.0) {
        for (name, code) in CODERS {
            let mut coded = code(&body);
            let cut = 1 + ((coded.len() - 1) as f64 * at) as usize;
            prop_assume!(cut < coded.len());
            coded.truncate(cut);
            prop_assert_eq!(decoded(coded, &[name]), Err(Outcome::BadEncoding), "{}", name);
        }
    }

    #[test]
    fn nothing_panics(body: Vec<u8>, first in 0..CODERS.len(), second in 0..CODERS.len()) {
        let _ = decoded(body.clone(), &[CODERS[first].0]);
        let _ = decoded(body, &[CODERS[first].0, CODERS[second].0]);
    }
}
