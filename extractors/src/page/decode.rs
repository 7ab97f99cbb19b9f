//! From bytes to text: which character encoding a page is in, and the decoding.
//!
//! The order is that of the WHATWG Encoding and HTML standards: a byte order mark, then the Content-Type header, then
//! a `meta` element near the beginning; and where none of them says, UTF-8 if the bytes are, else what they look like.
//! UTF-7 is never read: it is no encoding of the standard, and hides markup from everyone else.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a page a `meta` element is looked for, in bytes. The standard says 1,024; some sites are late.
const META_WITHIN: usize = 4_096;

/// A decoded page.
#[derive(Clone, Debug)]
pub struct Decoded<'b> {
    /// The text. Borrowed where the bytes were UTF-8 already. What cannot be decoded became U+FFFD.
    pub text: Cow<'b, str>,
    /// The encoding's name: `UTF-8`, `windows-1252`.
    pub encoding: &'static str,
    /// True where some bytes could not be decoded.
    pub had_errors: bool,
}

/// Decodes a page's bytes. `content_type` is the header's value; `top_level_domain` (such as `ru`) helps to guess
/// where nothing is declared.
pub fn decode<'b>(
    body: &'b [u8],
    content_type: Option<&str>,
    top_level_domain: Option<&str>,
) -> Decoded<'b> {
    let (encoding, body) = match Encoding::for_bom(body) {
        Some((encoding, length)) => (encoding, &body[length..]),
        None => {
            let declared = content_type
                .and_then(header_charset)
                .or_else(|| meta_charset(&body[..body.len().min(META_WITHIN)]));
            (
                declared.unwrap_or_else(|| guess(body, top_level_domain)),
                body,
            )
        }
    };
    let (text, had_errors) = encoding.decode_without_bom_handling(body);
    Decoded {
        text,
        encoding: encoding.name(),
        had_errors,
    }
}

/// The charset of `text/html; charset="utf-8"`.
fn header_charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let label = value.trim().trim_matches(['"', '\'']);
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| known(label))
            .flatten()
    })
}

/// An encoding that can be read. The standard's "replacement" stands for encodings that must not be.
fn known(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// The charset that the first `meta` element with one, or an XML declaration, names.
fn meta_charset(start: &[u8]) -> Option<&'static Encoding> {
    let mut rest = start;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            let end = memchr::memmem::find(&rest[4..], b"-->")?;
            rest = &rest[4 + end + 3..];
            continue;
        }
        let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        let tag = &rest[..end];
        let key: Option<&[u8]> = match tag {
            tag if begins(tag, b"<meta") => Some(b"charset"),
            tag if begins(tag, b"<?xml") => Some(b"encoding"),
            _ => None,
        };
        if let Some(encoding) = key.and_then(|key| label_after(tag, key)) {
            // A page whose declaration could be read as ASCII is not in UTF-16, whatever it says.
            return Some(match encoding {
                utf_16 if utf_16 == UTF_16LE || utf_16 == UTF_16BE => UTF_8,
                other if other.name() == "x-user-defined" => WINDOWS_1252,
                other => other,
            });
        }
        rest = &rest[1..];
    }
    None
}

fn begins(tag: &[u8], name: &[u8]) -> bool {
    tag.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// The encoding whose label stands behind `key` and an equals sign.
fn label_after(tag: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    let at = tag
        .windows(key.len())
        .position(|part| part.eq_ignore_ascii_case(key))?;
    let rest = tag[at + key.len()..].trim_ascii_start();
    let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    let rest = rest.strip_prefix(b"'").unwrap_or(rest).trim_ascii_start();
    let end = rest
        .iter()
        .position(|byte| {
            matches!(byte, b'"' | b'\'' | b';' | b'>' | b'/') || byte.is_ascii_whitespace()
        })
        .unwrap_or(rest.len());
    known(std::str::from_utf8(&rest[..end]).ok()?)
}

fn guess(body: &[u8], top_level_domain: Option<&str>) -> &'static Encoding {
    if std::str::from_utf8(body).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    let domain = top_level_domain.filter(|domain| {
        !domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    detector.guess(domain.map(str::as_bytes), Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_in_the_standard_order() {
        let cases: &[(&[u8], Option<&str>, &str, &str)] = &[
            (b"caf\xc3\xa9", None, "UTF-8", "café"),
            (
                b"\xef\xbb\xbfcaf\xc3\xa9",
                Some("text/html; charset=windows-1252"),
                "UTF-8",
                "café",
            ),
            (b"\xff\xfea\0b\0", None, "UTF-16LE", "ab"),
            (
                b"caf\xe9",
                Some("text/html;charset=\"ISO-8859-1\""),
                "windows-1252",
                "café",
            ),
            (
                b"<meta charset=windows-1251>\xcf\xf0\xe8",
                None,
                "windows-1251",
                "<meta charset=windows-1251>При",
            ),
            (
                b"<META http-equiv='Content-Type' content='text/html; charset=windows-1252'>\xe9",
                None,
                "windows-1252",
                "<META http-equiv='Content-Type' content='text/html; charset=windows-1252'>é",
            ),
            (
                b"<!-- <meta charset=koi8-r> --><meta charset='utf-8'>\xc3\xa9",
                None,
                "UTF-8",
                "<!-- <meta charset=koi8-r> --><meta charset='utf-8'>é",
            ),
            (
                b"<meta charset=utf-16>\xc3\xa9",
                None,
                "UTF-8",
                "<meta charset=utf-16>é",
            ),
            (
                b"<meta charset=utf-7>+ADw-",
                None,
                "UTF-8",
                "<meta charset=utf-7>+ADw-",
            ),
            (
                b"a\xff\xfe",
                Some("text/html; charset=utf-8"),
                "UTF-8",
                "a\u{fffd}\u{fffd}",
            ),
        ];
        for (body, header, encoding, text) in cases {
            let decoded = decode(body, *header, None);
            assert_eq!((decoded.encoding, &*decoded.text), (*encoding, *text));
        }
    }

    #[test]
    fn undeclared_bytes_are_guessed() {
        let (body, _, _) = encoding_rs::WINDOWS_1251
            .encode("Позвоните мне сегодня вечером, пожалуйста, буду ждать вашего звонка");
        assert_eq!(decode(&body, None, Some("ru")).encoding, "windows-1251");
        let (body, _, _) =
            encoding_rs::SHIFT_JIS.encode("今日は電話してください。お待ちしております。");
        assert_eq!(decode(&body, None, Some("jp")).encoding, "Shift_JIS");
    }

    #[test]
    fn utf_8_is_not_copied() {
        assert!(matches!(
            decode("né".as_bytes(), None, None).text,
            Cow::Borrowed(_)
        ));
    }
}
