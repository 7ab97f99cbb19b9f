//! What was fetched where a page was due, and is none. Pure.

use sightline_crawler::visit::Answer;

/// The type of an answer that is no page. Sites mislabel, so what begins as HTML does is read whatever it is called.
pub(crate) fn wrong_type(answer: &Answer) -> Option<&str> {
    let kind = answer.content_type.as_deref()?.split(';').next()?.trim();
    let lower = kind.to_ascii_lowercase();
    let is_page = lower.starts_with("text/") || lower.contains("html") || lower.contains("xml");
    let body = answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body);
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    (!kind.is_empty() && !is_page && first != Some(&b'<')).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_is_told_by_its_type_and_its_first_sign() {
        for (content_type, body, expected) in [
            (None, "%PDF-1.7", None),
            (Some("text/html; charset=utf-8"), "hello", None),
            (Some("text/plain"), "hello", None),
            (Some("application/xhtml+xml"), "hello", None),
            (Some(""), "hello", None),
            (
                Some("application/octet-stream"),
                "\u{feff}\n <!doctype html>",
                None,
            ),
            (Some("application/pdf"), "%PDF-1.7", Some("application/pdf")),
            (
                Some("Application/JSON; charset=utf-8"),
                "{\"a\": \"<b>\"}",
                Some("Application/JSON"),
            ),
            (Some("image/png"), "\u{fffd}PNG", Some("image/png")),
            (Some("video/mp4"), "", Some("video/mp4")),
        ] {
            let answer = Answer {
                url: "https://ads.example/1".parse().unwrap(),
                exchange: 0,
                status: 200,
                content_type: content_type.map(str::to_owned),
                body: body.to_owned().into(),
                unchanged: false,
            };
            assert_eq!(wrong_type(&answer), expected, "{content_type:?}");
        }
    }
}
