//! Compressed bodies: a gigabyte in a kilobyte, codings over codings, and what is not what it says.

use std::io::Write;

use flate2::{Compress, Compression, Crc, FlushCompress, write::GzEncoder};

use super::{
    super::is_full,
    Asked,
    reply::{Reply, html, page},
};

/// How many MiB of zeros a bomb stands for: a gigabyte in full.
fn mib() -> usize {
    if is_full() { 1_024 } else { 128 }
}

pub fn reply(asked: &Asked) -> Option<Reply> {
    let ok = b"<p>hello".as_slice();
    let coded = |coding: &str, body: &[u8]| page(200, &coding_line(coding), body);
    Some(match asked.input.strip_prefix("coding-")? {
        "gzip-bomb" => coded("gzip", &gzip_zeros()),
        "gzip-bomb-of-members" => coded("gzip", &gzip(&[0; 1 << 20]).repeat(mib())),
        "gzip-bomb-in-gzip" => coded("gzip, gzip", &gzip(&gzip_zeros())),
        "gzip-bomb-in-brotli" => coded("gzip, br", &brotli(&gzip_zeros())),
        "gzip-bomb-under-a-wrong-type" => {
            let lines = format!("content-type: text/plain\r\n{}", coding_line("gzip"));
            page(200, &lines, &gzip_zeros())
        }
        "gzip-bomb-in-a-redirect" => match &*asked.target {
            "/" => {
                let lines = format!("location: /next\r\n{}", coding_line("gzip"));
                page(302, &lines, &gzip_zeros())
            }
            _ => html("<p>hello"),
        },
        "gzip-bomb-in-a-404" => page(404, &coding_line("gzip"), &gzip_zeros()),
        "zlib-bomb" => coded(
            "deflate",
            &[&[0x78, 0x9c], &deflate_zeros()[..], &[0; 4]].concat(),
        ),
        "deflate-bomb" => coded("deflate", &deflate_zeros()),
        "brotli-bomb" => coded("br", &brotli_zeros()),
        "zstd-bomb" => coded("zstd", &zstd_zeros(0x68)),
        "zstd-window-of-2-tib" => coded("zstd", &zstd_zeros(0xf8)),
        "zstd-skipped-frames" => {
            let skipped = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0].repeat(1 << 17);
            coded("zstd", &skipped)
        }
        "nested-ten-times" => {
            let body = (0..10).fold(ok.to_vec(), |body, _| gzip(&body));
            coded(&["gzip"; 10].join(", "), &body)
        }
        "gzip-cut-off" => coded("gzip", &gzip(&b"<p>hello".repeat(1_000))[..40]),
        "gzip-checksum-wrong" => {
            let mut body = gzip(ok);
            let at = body.len() - 6;
            body[at] ^= 0xff;
            coded("gzip", &body)
        }
        "gzip-name-of-1-mib" => {
            let head = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
            coded("gzip", &[&head, &vec![b'x'; 1 << 20][..]].concat())
        }
        "gzip-with-noise-behind" => {
            coded("gzip", &[&gzip(ok), b"\0\0\0\0noise".as_slice()].concat())
        }
        "brotli-cut-off" => coded("br", &brotli(&b"<p>hello".repeat(1_000))[..8]),
        "plain-labelled-gzip" => coded("gzip", ok),
        "gzip-labelled-brotli" => coded("br", &gzip(ok)),
        "gzip-unlabelled" => page(200, "content-type: text/html\r\n", &gzip(ok)),
        "unknown" => coded("x-rot13", ok),
        "empty" => coded("gzip", b""),
        _ => return None,
    })
}

/// The lines of a page in this coding.
pub fn coding_line(coding: &str) -> String {
    format!("content-type: text/html\r\ncontent-encoding: {coding}\r\n")
}

/// `plain` as gzip.
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A gigabyte of zeros as gzip, in one member. Its checksum is that of one MiB: whoever comes so far has lost already.
pub fn gzip_zeros() -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&[0; 1 << 20]);
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let tail = [crc.sum().to_le_bytes(), [0; 4]].concat();
    [&head, &deflate_zeros()[..], &tail].concat()
}

/// The same as bare deflate: after a full flush nothing refers to what was before, so that one MiB can be repeated.
fn deflate_zeros() -> Vec<u8> {
    let mut piece = Vec::with_capacity(1 << 16);
    Compress::new(Compression::fast(), false)
        .compress_vec(&[0; 1 << 20], &mut piece, FlushCompress::Full)
        .expect("memory takes it");
    [&piece.repeat(mib()), [0x03, 0x00].as_slice()].concat()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut coded, 4_096, 1, 22);
    writer.write_all(plain).expect("memory takes it");
    drop(writer);
    coded
}

/// The same as Brotli: what a flush ends can be repeated, too, and an empty last block (RFC 7932 §9.2) ends it.
fn brotli_zeros() -> Vec<u8> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 2, 20);
    let mut ends = Vec::new();
    for _ in 0..3 {
        writer.write_all(&[0; 1 << 20]).expect("memory takes it");
        writer.flush().expect("memory takes it");
        ends.push(writer.get_ref().len());
    }
    let coded = writer.get_ref();
    let repeated = coded[ends[1]..ends[2]].repeat(mib() - 2);
    [&coded[..ends[1]], &repeated, &[0x03]].concat()
}

/// The same as zstd (RFC 8878): a frame of blocks that each say "128 KiB of this byte" in four bytes.
fn zstd_zeros(window: u8) -> Vec<u8> {
    const BLOCK: u32 = 128 << 10;
    let blocks = (mib() << 20) / BLOCK as usize;
    let block = |last: u32| {
        let head = (BLOCK << 3 | 1 << 1 | last).to_le_bytes();
        [head[0], head[1], head[2], 0]
    };
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window];
    frame.extend([block(0)].repeat(blocks - 1).concat());
    frame.extend(block(1));
    frame
}
