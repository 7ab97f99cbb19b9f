//! Content encodings undone (RFC 9110 §8.4), with an end to how far a body may grow.
//!
//! 33 KB of zstd can stand for 1 GiB of zeros. So every coding is undone piece by piece, and the work stops as soon as
//! the result is larger than allowed, or larger in proportion to what came.

use std::io::{self, BufRead, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use sightline_egress::Failure;
use sightline_model::Outcome;

/// The most codings laid over one another that are undone.
const NESTED: usize = 2;
/// Small bodies may be as repetitive as they like.
const RATIO_FROM: u64 = 1 << 20;
/// zstd's window is memory that the sender asks us for. RFC 8878 has decoders support 8 MiB, and RFC 9659 forbids more
/// on the web.
const ZSTD_WINDOW_LOG: u32 = 23;

/// The least that memory for a decoded body grows by.
const PIECE: usize = 64 << 10;

/// How far a body may grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// In bytes, once decoded.
    pub bytes: u64,
    /// In times the bytes that came; counted beyond 1 MiB.
    pub ratio: u64,
}

impl Limits {
    /// What a body may grow to, in bytes.
    fn most(self, body: &Bytes) -> u64 {
        let grown = (body.len() as u64).saturating_mul(self.ratio);
        self.bytes.min(grown.max(RATIO_FROM))
    }
}

/// The bytes of memory that [`decode`] may need at once for a body: what each coding gives, and what the codings themselves
/// look back at.
pub fn needs(body: &Bytes, headers: &HeaderMap, limits: Limits) -> u64 {
    // What it does not know, or is nested too deep, is not undone.
    let codings = codings(headers).unwrap_or_default();
    let each = codings
        .iter()
        .map(|coding| limits.most(body) + coding.window());
    each.sum()
}

/// The body behind its content encodings. One that has none is shared, not copied.
///
/// # Errors
/// [`Outcome::Bomb`] where it grows beyond `limits`, [`Outcome::BadEncoding`] where it is not what its headers say.
pub fn decode(body: &Bytes, headers: &HeaderMap, limits: Limits) -> Result<Bytes, Failure> {
    let codings = codings(headers)?;
    let mut decoded = body.clone();
    if body.is_empty() {
        return Ok(decoded);
    }
    // Listed in the order in which they were applied, so undone from the last. The ratio counts from what came over the
    // wire, so that nesting gains nothing.
    let most = limits.most(body);
    for coding in codings.into_iter().rev() {
        decoded = coding.undo(&decoded, most)?.into();
        if decoded.len() as u64 > most {
            return Err(bomb(body.len(), most));
        }
    }
    Ok(decoded)
}

/// The beginning of the body behind its content encodings, up to `most` bytes, for readers that need no more. A coded
/// body that breaks off gives what it gave until then.
///
/// # Errors
/// [`Outcome::BadEncoding`] where its headers name a coding that we don't know.
pub fn decode_start(body: &Bytes, headers: &HeaderMap, most: u64) -> Result<Bytes, Failure> {
    let mut decoded = body.clone();
    for coding in codings(headers)?.into_iter().rev() {
        let mut bytes = Vec::new();
        // What can be read of a broken stream counts; how it breaks does not matter here.
        let _ = coding.read(&decoded, most, &mut bytes);
        decoded = bytes.into();
    }
    let end = decoded
        .len()
        .min(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(decoded.slice(..end))
}

fn bomb(length: usize, most: u64) -> Failure {
    Failure::new(
        Outcome::Bomb,
        format!("{length} compressed bytes grow to more than {most}"),
    )
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings that the headers name, in the order in which they were applied.
fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Failure> {
    let mut codings = Vec::new();
    for line in headers.get_all(header::CONTENT_ENCODING) {
        let line = String::from_utf8_lossy(line.as_bytes());
        for name in line.split(',').map(str::trim) {
            codings.push(match name.to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => {
                    return Err(Failure::new(
                        Outcome::BadEncoding,
                        format!("the content encoding {name:?} is not one that we asked for"),
                    ));
                }
            });
            if codings.len() > NESTED {
                return Err(Failure::new(
                    Outcome::BadEncoding,
                    format!("more than {NESTED} content encodings lie over one another"),
                ));
            }
        }
    }
    Ok(codings)
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// How far it may look back, in bytes.
    fn window(self) -> u64 {
        match self {
            Self::Gzip | Self::Deflate => 32 << 10,
            // RFC 7932 §9.1.
            Self::Brotli => 16 << 20,
            Self::Zstd => 1 << ZSTD_WINDOW_LOG,
        }
    }

    /// What `coded` stands for; one byte more than `most` where it is more than that.
    fn undo(self, coded: &[u8], most: u64) -> Result<Vec<u8>, Failure> {
        // Text shrinks to a fifth or so; a wrong guess costs one more copy.
        let guess = (coded.len() as u64).saturating_mul(5).min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(guess).unwrap_or_default());
        self.read(coded, most, &mut bytes).map_err(|error| {
            Failure::new(
                Outcome::BadEncoding,
                format!("the body is not sound {}: {error}", self.name()),
            )
        })?;
        Ok(bytes)
    }

    /// Appends what `coded` stands for to `bytes`, and stops one byte beyond `most`.
    fn read(self, coded: &[u8], most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        let most = most.saturating_add(1);
        match self {
            Self::Gzip => gzip(coded, most, bytes),
            // The RFC means zlib's format; some servers send the bare one, and browsers take both.
            Self::Deflate if is_zlib(coded) => upto(ZlibDecoder::new(coded), most, bytes),
            Self::Deflate => upto(DeflateDecoder::new(coded), most, bytes),
            Self::Brotli => upto(brotli::Decompressor::new(coded, 8 << 10), most, bytes),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(coded)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                upto(decoder, most, bytes)
            }
        }
    }
}

/// Appends at most `most` bytes. The memory behind them doubles, too, but never beyond what may come.
fn upto(mut decoder: impl Read, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut left = usize::try_from(most).unwrap_or(usize::MAX);
    while left > 0 {
        if bytes.len() == bytes.capacity() {
            bytes.reserve_exact(bytes.len().max(PIECE).min(left));
        }
        let room = left.min(bytes.capacity() - bytes.len());
        let came = decoder.by_ref().take(room as u64).read_to_end(bytes)?;
        if came < room {
            break;
        }
        left -= came;
    }
    Ok(())
}

/// One member after the other, as the format allows. What follows the last and is not a member is left out, as browsers
/// do: some servers pad with zeros.
fn gzip(mut coded: &[u8], most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut decoder = GzDecoder::new(coded);
        let left = most.saturating_sub(bytes.len() as u64);
        upto(&mut decoder, left, bytes)?;
        coded = decoder.into_inner();
        if bytes.len() as u64 >= most || !coded.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            return Ok(());
        }
    }
}

/// A zlib header (RFC 1950): method 8, and a check that holds.
fn is_zlib(coded: &[u8]) -> bool {
    match coded {
        [method, flags, ..] => {
            method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
