//! Which encoding a text file is in, and its text in UTF-8.
//!
//! Spreadsheets save UTF-8, UTF-16, or what the machine's language was written in before. What is not UTF-8 is decoded
//! by what it looks like, and the analyst is told which that was: a wrong guess makes wrong names. A file that is UTF-8
//! in most of its lines stays so, and its broken lines are refused one by one.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::ImportError;

/// How many bytes the guess looks at.
const SAMPLE: usize = 1024 * 1024;

/// The text of a file, and its encoding where that is not UTF-8.
pub(super) fn decoded<'b>(
    bytes: &'b [u8],
    label: Option<&str>,
) -> Result<(Cow<'b, [u8]>, Option<&'static str>), ImportError> {
    let named = match label {
        None => None,
        Some(label) => Some(
            Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
                ImportError::UnknownEncoding {
                    label: label.chars().take(40).collect(),
                }
            })?,
        ),
    };
    let (encoding, body) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => (named.unwrap_or_else(|| guess(bytes)), bytes),
    };
    if encoding == UTF_8 {
        return Ok((Cow::Borrowed(body), None));
    }
    let (text, _) = encoding.decode_without_bom_handling(body);
    Ok((
        Cow::Owned(text.into_owned().into_bytes()),
        Some(encoding.name()),
    ))
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if let Some(utf_16) = utf_16(bytes) {
        return utf_16;
    }
    if std::str::from_utf8(bytes).is_ok() || bytes.contains(&0) || is_mostly_utf_8(bytes) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], true);
    detector.guess(None, Utf8Detection::Deny)
}

/// UTF-16 without its mark: plain letters have a zero beside each.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(1024)];
    let zeros = |from: usize| {
        start
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let most = start.len() * 2 / 5;
    match start.len() >= 4 {
        true if odd >= most && even == 0 => Some(UTF_16LE),
        true if even >= most && odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// True where more lines prove UTF-8, by letters beyond ASCII that are whole, than contradict it.
fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        match std::str::from_utf8(line) {
            Ok(text) if text.is_ascii() => {}
            Ok(_) => whole += 1,
            Err(_) => broken += 1,
        }
    }
    whole > broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encoding_it_is_in() {
        let utf_16 = |text: &str, big: bool| -> Vec<u8> {
            let units = text.encode_utf16();
            units
                .flat_map(|unit| match big {
                    true => unit.to_be_bytes(),
                    false => unit.to_le_bytes(),
                })
                .collect()
        };
        let text = "kind,value,owner\nphone,020 7946 0123,José Muñoz\n";
        let cyrillic = "вид,значение\nимя,Мария Петрова живёт в городе\n";
        let windows =
            |text: &str, encoding: &'static Encoding| encoding.encode(text).0.into_owned();
        for (bytes, label, expected, encoding) in [
            (text.as_bytes().to_vec(), None, text, None),
            (
                [b"\xef\xbb\xbf", text.as_bytes()].concat(),
                None,
                text,
                None,
            ),
            (
                [b"\xff\xfe", &*utf_16(text, false)].concat(),
                None,
                text,
                Some("UTF-16LE"),
            ),
            (
                [b"\xfe\xff", &*utf_16(text, true)].concat(),
                None,
                text,
                Some("UTF-16BE"),
            ),
            (utf_16(text, false), None, text, Some("UTF-16LE")),
            (utf_16(text, true), None, text, Some("UTF-16BE")),
            (
                windows(text, encoding_rs::WINDOWS_1252),
                None,
                text,
                Some("windows-1252"),
            ),
            (
                windows(cyrillic, encoding_rs::WINDOWS_1251),
                None,
                cyrillic,
                Some("windows-1251"),
            ),
            (
                windows(cyrillic, encoding_rs::KOI8_R),
                Some("koi8-r"),
                cyrillic,
                Some("KOI8-R"),
            ),
        ] {
            let (read, told) = decoded(&bytes, label).unwrap();
            assert_eq!(String::from_utf8_lossy(&read), expected);
            assert_eq!(told, encoding, "{expected}");
        }
        assert!(decoded(b"a", Some("utf-7")).is_err());
    }

    #[test]
    fn one_broken_line_does_not_turn_the_others_into_wrong_names() {
        let bytes = b"name\nJos\xc3\xa9\nMu\xc3\xb1oz\nRen\xe9\n";
        assert_eq!(
            decoded(bytes, None).unwrap(),
            (Cow::Borrowed(&bytes[..]), None)
        );
    }
}
