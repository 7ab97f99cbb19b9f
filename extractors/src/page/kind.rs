//! What came: a page for people, or something else that a link led to.

/// Beginnings of files that are no text, whatever their header says, and what they are called.
const SIGNATURES: [(&[u8], &str); 17] = [
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF87a", "an image"),
    (b"GIF89a", "an image"),
    (b"RIFF", "an image, a sound or a video"),
    (b"OggS", "a sound or a video"),
    (b"ID3", "a sound"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"PK\x03\x04", "an office document or an archive of files"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (b"{\\rtf", "an office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "an archive of files"),
    (b"Rar!\x1a\x07", "an archive of files"),
    (b"\x7fELF", "a program"),
    (b"wOF", "a font"),
];

/// What came in a page's place, with its type as the site gives it; None where it may be a page. Something that begins like
/// HTML is a page whatever it is called.
pub fn no_page(content_type: Option<&str>, body: &[u8]) -> Option<String> {
    let called = content_type
        .and_then(|header| header.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase())
        .filter(|essence| !essence.is_empty());
    let signature = SIGNATURES
        .iter()
        .find(|(beginning, _)| body.starts_with(beginning));
    // The header of an MP4 begins with its length.
    let is_video = body.get(4..8) == Some(b"ftyp");
    let what = match signature {
        Some((_, what)) => *what,
        None if is_video => "a video",
        None if called.as_deref().is_none_or(is_text) || begins_as_page(body) => return None,
        None => named(called.as_deref().unwrap_or_default()),
    };
    let called = called.as_deref().unwrap_or("no type given");
    Some(format!("{what} ({called})"))
}

/// Types that may hold a page, and those that say nothing.
fn is_text(called: &str) -> bool {
    called.starts_with("text/")
        || called.ends_with("+xml")
        || matches!(
            called,
            "application/xml" | "application/octet-stream" | "application/x-unknown" | "unknown/unknown"
        )
        // What is no type at all says nothing either.
        || !called.contains('/')
}

fn named(called: &str) -> &'static str {
    match called.split('/').next() {
        Some("image") => "an image",
        Some("audio") => "a sound",
        Some("video") => "a video",
        Some("font") => "a font",
        _ if called.ends_with("json") => "data in JSON",
        _ => "a file",
    }
}

/// True where the first thing that stands in it is markup, whatever the encoding.
fn begins_as_page(body: &[u8]) -> bool {
    let mut signs = body.iter().filter(|byte| {
        !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe) && !byte.is_ascii_whitespace()
    });
    signs.next() == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_is_named() {
        let cases: &[(Option<&str>, &[u8], Option<&str>)] = &[
            (Some("text/html; charset=utf-8"), b"<p>x", None),
            (None, b"x", None),
            (Some("application/xhtml+xml"), b"x", None),
            (Some("text/plain"), b"call me", None),
            (Some("application/octet-stream"), b"<html>", None),
            (Some("application/pdf"), b" \r\n<!doctype html>", None),
            (Some("application/json"), b"\xff\xfe<\0p\0>\0", None),
            (Some("html"), b"x", None),
            (
                Some("application/pdf"),
                b"%PDF-1.7",
                Some("a PDF document (application/pdf)"),
            ),
            (
                Some("text/html"),
                b"%PDF-1.7",
                Some("a PDF document (text/html)"),
            ),
            (
                None,
                b"\x89PNG\r\n\x1a\nx",
                Some("an image (no type given)"),
            ),
            (
                Some("Application/JSON"),
                b"{\"a\":1}",
                Some("data in JSON (application/json)"),
            ),
            (
                Some("video/mp4"),
                b"\0\0\0\x20ftypisom",
                Some("a video (video/mp4)"),
            ),
            (
                Some("application/x-strange"),
                b"x",
                Some("a file (application/x-strange)"),
            ),
        ];
        for (content_type, body, expected) in cases {
            assert_eq!(
                no_page(*content_type, body).as_deref(),
                *expected,
                "{content_type:?}"
            );
        }
    }
}
