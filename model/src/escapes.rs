//! Percent-encoding in URLs, of which one spelling is canonical.

use std::borrow::Cow;

/// `text`, a part of a URL, with unreserved characters (RFC 3986 §2.3) plain, other escapes in upper case (§6.2.2), and a
/// stray `%` escaped, so that what follows can't make it an escape.
pub fn normal_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.get(..2).and_then(hex_byte) {
            Some(byte) => {
                let plain = char::from(byte);
                if plain.is_ascii_alphanumeric() || "-._~".contains(plain) {
                    out.push(plain);
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
                rest = &rest[2..];
            }
            None => out.push_str("%25"),
        }
    }
    out.push_str(rest);
    out.into()
}

fn hex_byte(digits: &str) -> Option<u8> {
    // `from_str_radix` would take a sign.
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex
        .then(|| u8::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_has_one_spelling() {
        for (written, normal) in [
            ("/x", "/x"),
            ("/%78", "/x"),
            ("/%7Euser%2d%2E%5f", "/~user-._"),
            ("/%2f%2F", "/%2F%2F"),
            ("/%c3%a9", "/%C3%A9"),
            ("/100%", "/100%25"),
            ("/%%41b", "/%25Ab"),
            ("/%+1", "/%25+1"),
            ("/%é", "/%25é"),
        ] {
            let once = normal_escapes(written);
            assert_eq!(once, normal, "{written}");
            assert_eq!(normal_escapes(&once), normal, "{written}");
        }
    }
}
