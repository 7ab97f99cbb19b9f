//! Text as HTML, and back.

use crate::chance::Chance;

/// Text as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// What [`escaped`] was given.
pub fn unescaped(html: &str) -> String {
    html.replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}

/// An address as Cloudflare's e-mail protection writes it into pages: a key, then each byte under it, to the base of 16.
pub fn ciphered(address: &str, chance: &mut Chance) -> String {
    let [key] = chance.bytes();
    let bytes = address.bytes().map(|byte| byte ^ key);
    std::iter::once(key)
        .chain(bytes)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ciphered_address_can_be_read() {
        let hex = ciphered("lotus@example.com", &mut Chance::of(1, "mail"));
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let read: Vec<_> = (2..hex.len())
            .step_by(2)
            .map(|at| byte(at) ^ byte(0))
            .collect();
        assert_eq!(read, b"lotus@example.com");
    }
}
