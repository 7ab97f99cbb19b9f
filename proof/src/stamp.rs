//! Time stamps by a third party (RFC 3161): what is asked, and what of the answer can be checked without its certificates.
//!
//! That the answer is for what was asked, and for nothing else, is checked here. Whether the authority's own signature holds
//! is for OpenSSL to tell, with the authority's certificate: docs/evidence.md has the line.

use sha2::{Digest as _, Sha256};
use sightline_model::Timestamp;

/// The largest answer that is read, in bytes: a token with its chain of certificates is some 6 KB.
pub const LONGEST: usize = 64 << 10;
/// The media type of a question.
pub const QUESTION: &str = "application/timestamp-query";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const TIME: u8 = 0x18;
const EXPLICIT: u8 = 0xa0;
/// SHA-256 (2.16.840.1.101.3.4.2.1) with its absent parameters.
const SHA256: &[u8] = b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00";
/// Signed data (1.2.840.113549.1.7.2).
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// What a time stamp says (1.2.840.113549.1.9.16.1.4).
const TST_INFO: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";

/// A time stamp as it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// When, by the authority's clock.
    pub at: Timestamp,
    /// The SHA-256 of what was stamped.
    imprint: Vec<u8>,
    /// What was asked with.
    nonce: Option<Vec<u8>>,
}

/// Why an answer is no time stamp.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoStamp {
    /// The authority refused.
    #[error("the time stamp authority refused, with status {0}")]
    Refused(u8),
    /// It is no answer to such a question.
    #[error("it is no time stamp of RFC 3161")]
    Form,
    /// It is for something else.
    #[error("it is a time stamp of something else")]
    Other,
}

/// The question for a time stamp of `bytes`; `nonce` tells its answer from all others.
pub fn question(bytes: &[u8], nonce: u64) -> Vec<u8> {
    let imprint = wrap(
        SEQUENCE,
        &[SHA256, &wrap(OCTETS, &Sha256::digest(bytes))].concat(),
    );
    let parts = [
        &wrap(INTEGER, &[1])[..],
        &imprint,
        &wrap(INTEGER, &unsigned(nonce)),
        // The certificate is to come with it, so that it can be verified years later.
        b"\x01\x01\xff",
    ];
    wrap(SEQUENCE, &parts.concat())
}

/// Reads an answer.
///
/// # Errors
/// It is none, or says no.
pub fn read(answer: &[u8]) -> Result<Stamp, NoStamp> {
    let mut all = answer;
    let mut response = Some(take(&mut all, SEQUENCE)?);
    if !all.is_empty() {
        return Err(NoStamp::Form);
    }
    let response = response.get_or_insert_default();
    let mut status = take(response, SEQUENCE)?;
    match take(&mut status, INTEGER)? {
        // Granted, or granted with changes.
        [0 | 1] => {}
        other => return Err(NoStamp::Refused(other.last().copied().unwrap_or(u8::MAX))),
    }
    let mut content = take(response, SEQUENCE)?;
    demand(take(&mut content, OBJECT)? == SIGNED_DATA)?;
    let mut signed = take(&mut content, EXPLICIT)?;
    let mut signed = take(&mut signed, SEQUENCE)?;
    take(&mut signed, INTEGER)?;
    any(&mut signed)?;
    let mut inner = take(&mut signed, SEQUENCE)?;
    demand(take(&mut inner, OBJECT)? == TST_INFO)?;
    let mut inner = take(&mut inner, EXPLICIT)?;
    let mut info = take(&mut inner, OCTETS)?;
    let mut info = take(&mut info, SEQUENCE)?;
    take(&mut info, INTEGER)?;
    take(&mut info, OBJECT)?;
    let mut imprint = take(&mut info, SEQUENCE)?;
    let mut algorithm = take(&mut imprint, SEQUENCE)?;
    // Some leave the parameters out.
    demand(wrap(OBJECT, take(&mut algorithm, OBJECT)?) == SHA256[2..13])?;
    let imprint = take(&mut imprint, OCTETS)?.to_vec();
    take(&mut info, INTEGER)?;
    let at = instant(take(&mut info, TIME)?).ok_or(NoStamp::Form)?;
    let mut nonce = None;
    while !info.is_empty() {
        let (tag, value) = any(&mut info)?;
        if tag == INTEGER {
            nonce = Some(value.to_vec());
        }
    }
    Ok(Stamp { at, imprint, nonce })
}

impl Stamp {
    /// Whether it is for `bytes`, and for this question where its nonce is known.
    ///
    /// # Errors
    /// It is for something else.
    pub fn is_of(&self, bytes: &[u8], nonce: Option<u64>) -> Result<(), NoStamp> {
        let asked = nonce.map(unsigned);
        let is_answer = asked.is_none() || asked == self.nonce;
        match self.imprint == Sha256::digest(bytes)[..] && is_answer {
            true => Ok(()),
            false => Err(NoStamp::Other),
        }
    }
}

/// `20261123100000Z`, with or without parts of a second.
fn instant(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text
        .get(..14)
        .filter(|it| it.bytes().all(|b| b.is_ascii_digit()))?;
    let rest = text.get(14..)?;
    let part = |from: usize, to: usize| &digits[from..to];
    Timestamp::parse(&format!(
        "{}-{}-{}T{}:{}:{}{rest}",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    ))
    .ok()
}

fn demand(holds: bool) -> Result<(), NoStamp> {
    holds.then_some(()).ok_or(NoStamp::Form)
}

/// The next value, of any tag (DER, X.690): its tag and its content.
fn any<'d>(from: &mut &'d [u8]) -> Result<(u8, &'d [u8]), NoStamp> {
    let (tag, length, rest) = match **from {
        [tag, length @ 0..=0x7f, ref rest @ ..] => (tag, usize::from(length), rest),
        [tag, 0x81, length, ref rest @ ..] => (tag, usize::from(length), rest),
        [tag, 0x82, high, low, ref rest @ ..] => {
            (tag, usize::from(high) << 8 | usize::from(low), rest)
        }
        _ => return Err(NoStamp::Form),
    };
    let content = rest.get(..length).ok_or(NoStamp::Form)?;
    *from = &rest[length..];
    Ok((tag, content))
}

/// The next value, which must have this tag.
fn take<'d>(from: &mut &'d [u8], tag: u8) -> Result<&'d [u8], NoStamp> {
    let (found, content) = any(from)?;
    demand(found == tag)?;
    Ok(content)
}

/// A value of fewer than 128 bytes, which is all that a question has.
fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut value = vec![tag, content.len() as u8];
    value.extend(content);
    value
}

/// A number as DER writes it: no more bytes than it takes, and a zero before one that would look negative.
fn unsigned(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let empty = bytes.iter().take_while(|&&byte| byte == 0).count().min(7);
    let mut all = vec![0; usize::from(bytes[empty] >= 0x80)];
    all.extend(&bytes[empty..]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_what_openssl_would_ask() {
        // openssl ts -query -data <(printf hello) -sha256 -cert, with the nonce put in.
        let asked = question(b"hello", 0x8000_0000_0000_0001);
        let expected = [
            b"\x30\x44\x02\x01\x01\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20".as_slice(),
            &Sha256::digest(b"hello"),
            b"\x02\x09\x00\x80\x00\x00\x00\x00\x00\x00\x01\x01\x01\xff",
        ];
        assert_eq!(asked, expected.concat());
        assert_eq!(unsigned(0), [0]);
        assert_eq!(unsigned(127), [127]);
        assert_eq!(unsigned(256), [1, 0]);
    }

    #[test]
    fn what_is_no_answer_is_refused_and_nothing_breaks() {
        // PKIStatusInfo with status 2, rejection.
        assert_eq!(
            read(b"\x30\x05\x30\x03\x02\x01\x02"),
            Err(NoStamp::Refused(2))
        );
        for odd in [
            &b""[..],
            b"\x30",
            b"\x30\x80",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x02\x30\x00",
            &[0xff; 300],
        ] {
            assert_eq!(read(odd), Err(NoStamp::Form), "{odd:?}");
        }
        for (text, at) in [
            ("20261123100000Z", Some("2026-11-23T10:00:00Z")),
            ("20261123100000.25Z", Some("2026-11-23T10:00:00.250Z")),
            ("20261123100000", None),
            ("2026112310000éZ", None),
        ] {
            let read = instant(text.as_bytes()).map(|at| at.to_string());
            assert_eq!(read.as_deref(), at, "{text}");
        }
    }
}
