//! Images that are small in bytes and large in memory, that are something else as well, or nothing at all.

use std::io::Cursor;

use flate2::{Compress, Compression, Crc, FlushCompress};
use image::{Frame, ImageFormat, RgbImage, RgbaImage, codecs::gif::GifEncoder};

use super::{
    super::is_full,
    Asked,
    coding::{coding_line, gzip_zeros},
    document::times,
    reply::{Reply, html, page},
};

pub fn reply(asked: &Asked) -> Option<Reply> {
    let image = |bytes: &[u8]| page(200, "content-type: image/png\r\n", bytes);
    Some(match asked.input.strip_prefix("image-")? {
        "png" => image(&small(ImageFormat::Png)),
        "png-of-65535" => image(&png(&[header(65_535, 65_535, 8, 2)])),
        "png-of-2-to-the-31" => image(&png(&[header(0x7fff_ffff, 0x7fff_ffff, 16, 6)])),
        "png-of-nothing" => image(&png(&[header(0, 0, 8, 2)])),
        "png-bomb" => image(&png(&[header(7_000, 7_000, 8, 0), data(7_001 * 7_000), end()])),
        "png-bomb-of-16-bits" => image(&png(&[header(7_000, 7_000, 16, 6), data(8 * 7_000 * 7_000), end()])),
        "png-data-beyond-its-size" => image(&png(&[header(1, 1, 8, 0), data(times(1 << 30)), end()])),
        "png-text-bomb" => image(&png(&[header(1, 1, 8, 0), text("zTXt", b"a\0\0"), data(2), end()])),
        "png-international-text-bomb" => image(&png(&[header(1, 1, 8, 0), text("iTXt", b"a\0\x01\0\0\0"), data(2), end()])),
        "png-profile-bomb" => image(&png(&[header(1, 1, 8, 0), text("iCCP", b"a\0\0"), data(2), end()])),
        "png-cut-off" => image(&small(ImageFormat::Png)[..60]),
        "png-checksum-wrong" => {
            let mut bytes = small(ImageFormat::Png);
            bytes[30] ^= 0xff;
            image(&bytes)
        }
        "png-palette-missing" => image(&png(&[header(8, 8, 8, 3), data(72), end()])),
        "png-chunks-100000" => {
            let mut chunks = vec![header(1, 1, 8, 0)];
            chunks.extend((0..times(100_000)).map(|_| chunk("teXt", b"a\0b")));
            chunks.extend([data(2), end()]);
            image(&png(&chunks))
        }
        "gif-of-65535" => {
            let mut bytes = animation(1);
            bytes[6..10].copy_from_slice(&[0xff; 4]);
            image(&bytes)
        }
        "gif-frame-of-65535" => image(&gif_frame_of_65535()),
        "gif-frames-100000" => image(&gif_frames(times(100_000))),
        "gif-cut-off" => image(&animation(3)[..40]),
        "gif-that-is-a-script" => image(&[b"GIF89a/*".as_slice(), &[0; 20], b"*/=1;alert(1)"].concat()),
        "webp-of-16383" => image(&webp_header(16_383, 16_383)),
        "webp-of-2-to-the-24" => image(&webp_header((1 << 24) - 1, (1 << 24) - 1)),
        "webp-frames-100000" => image(&webp_frames(times(100_000))),
        "jpeg-of-65535" => {
            let mut bytes = small(ImageFormat::Jpeg);
            let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("it has a frame");
            bytes[at + 5..at + 9].copy_from_slice(&[0xff; 4]);
            image(&bytes)
        }
        "jpeg-cut-off" => image(&small(ImageFormat::Jpeg)[..300]),
        "jpeg-segments-of-60-mb" => {
            let segment = [&[0xff, 0xe1, 0xff, 0xff], &[0; 65_533][..]].concat();
            image(&[&[0xff, 0xd8], &segment.repeat(times(100))[..], &small(ImageFormat::Jpeg)[2..]].concat())
        }
        "jpeg-and-an-archive" => image(&[&small(ImageFormat::Jpeg)[..], b"PK\x03\x04", &[0; 1_000]].concat()),
        "jpeg-without-end" => Reply::Flood(
            b"HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0".to_vec(),
            vec![0; 60_000],
        ),
        "tiff-that-asks-for-4-gib" => image(b"II*\0\x08\0\0\0\x02\0\0\x01\x04\0\x01\0\0\0\xff\xff\xff\xff\x01\x01\x04\0\x01\0\0\0\xff\xff\xff\xff\0\0\0\0"),
        "bitmap-of-2-to-the-31" => image(&[b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f\x01\0\x18\0".as_slice(), &[0; 24]].concat()),
        "icon" => image(b"\0\0\x01\0\xff\xff\0\0\0\0\x01\0\x20\0\xff\xff\xff\x7f\x16\0\0\0"),
        "svg-with-a-script" => page(200, "content-type: image/svg+xml\r\n", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        "svg-with-entities" => page(200, "content-type: image/svg+xml\r\n", b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>"),
        "avif" => image(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B\0\0\0\0"),
        "html-instead" => html("<p>no image"),
        "nothing" => image(b""),
        "one-byte" => image(b"\x89"),
        "in-a-gzip-bomb" => page(200, &coding_line("gzip"), &gzip_zeros()),
        "redirect-to-itself" => page(302, &format!("location: {}\r\n", asked.target), b""),
        "redirect-inside" => page(302, "location: http://169.254.169.254/x.png\r\n", b""),
        _ => return None,
    })
}

/// A sound image of a few pixels.
fn small(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(16, 16, |x, y| image::Rgb([x as u8 * 15, y as u8 * 15, 7]))
        .write_to(&mut bytes, format)
        .expect("memory takes it");
    bytes.into_inner()
}

fn animation(frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for _ in 0..frames {
        encoder
            .encode_frame(Frame::new(RgbaImage::new(2, 2)))
            .expect("memory takes it");
    }
    drop(encoder);
    bytes
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks.concat()].concat()
}

fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len())
        .expect("a short chunk")
        .to_be_bytes();
    let body = [kind.as_bytes(), data].concat();
    let mut crc = image_crc(&body);
    crc.splice(0..0, [&length, &body[..]].concat());
    crc
}

/// PNG's checksum is gzip's.
fn image_crc(bytes: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes().to_vec()
}

fn header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    chunk(
        "IHDR",
        &[
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[depth, colour, 0, 0, 0],
        ]
        .concat(),
    )
}

fn end() -> Vec<u8> {
    chunk("IEND", b"")
}

/// Zeros under zlib, of which one MiB is packed and repeated.
fn zlib(length: usize) -> Vec<u8> {
    let pack = |length: usize| {
        let mut packed = Vec::with_capacity(1 << 16);
        Compress::new(Compression::fast(), false)
            .compress_vec(&vec![0; length], &mut packed, FlushCompress::Full)
            .expect("memory takes it");
        packed
    };
    let (whole, rest) = (pack(1 << 20).repeat(length >> 20), pack(length & 0xf_ffff));
    // Adler-32 of zeros (RFC 1950): the sum of ones stays 1, the sum of sums is the length.
    let adler = ((length % 65_521) as u32) << 16 | 1;
    [
        &[0x78, 0x9c],
        &whole[..],
        &rest,
        &[0x03, 0x00],
        &adler.to_be_bytes(),
    ]
    .concat()
}

fn data(length: usize) -> Vec<u8> {
    chunk("IDAT", &zlib(length))
}

/// A chunk of compressed text: a gigabyte of it, or in the short form, where images are to be smaller, a third of one. Whoever
/// unpacks that cannot be overlooked.
fn text(kind: &str, before: &[u8]) -> Vec<u8> {
    let mib = if is_full() { 1_024 } else { 320 };
    chunk(kind, &[before, &zlib(mib << 20)].concat())
}

/// One frame of a GIF of one pixel: its place, its size, its codes.
const GIF_FRAME: &[u8] = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
const GIF_HEAD: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";

fn gif_frames(count: usize) -> Vec<u8> {
    [GIF_HEAD, &GIF_FRAME.repeat(count), b"\x3b"].concat()
}

fn gif_frame_of_65535() -> Vec<u8> {
    let mut frame = GIF_FRAME.to_vec();
    frame[5..9].copy_from_slice(&[0xff; 4]);
    [GIF_HEAD, &frame, b"\x3b"].concat()
}

fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len())
        .expect("a short chunk")
        .to_le_bytes();
    let padding: &[u8] = if data.len() % 2 == 1 { b"\0" } else { b"" };
    [kind, &length[..], data, padding].concat()
}

fn extended(width: u32, height: u32, flags: u8) -> Vec<u8> {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    riff(
        b"VP8X",
        &[&[flags, 0, 0, 0], &width[..3], &height[..3]].concat(),
    )
}

fn webp(chunks: &[u8]) -> Vec<u8> {
    riff(b"RIFF", &[b"WEBP", chunks].concat())
}

fn webp_header(width: u32, height: u32) -> Vec<u8> {
    webp(
        &[
            extended(width, height, 0),
            small(ImageFormat::WebP)[12..].to_vec(),
        ]
        .concat(),
    )
}

/// An animation whose every frame is the same small picture.
fn webp_frames(count: usize) -> Vec<u8> {
    let picture = &small(ImageFormat::WebP)[12..];
    let frame = [&[0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 1, 0, 0, 0], picture].concat();
    let frames = riff(b"ANMF", &frame).repeat(count);
    webp(&[extended(16, 16, 2), riff(b"ANIM", &[0; 6]), frames].concat())
}
