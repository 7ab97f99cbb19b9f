//! Secrets: which keys hold one, and where one stands in a text, so that it is refused and never shown.

use std::ops::Range;

/// Endings of keys whose value is a secret. `password_env` and `token_file` end otherwise: they name where it is.
const WORDS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "private_key",
    "signing_key",
];

/// True where the value of a key of this name would be a secret: `password`, `smtp_password`, `api-key`.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let folded = key.to_ascii_lowercase().replace('-', "_");
    WORDS.iter().any(|word| {
        folded
            .strip_suffix(word)
            .is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

/// Where a URL with a password in it has that password: `pg://user:HERE@host`. None for any other text.
pub(crate) fn password_in_url(text: &str) -> Option<Range<usize>> {
    let authority = text.find("://")? + 3;
    let rest = &text[authority..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let at = rest[..end].rfind('@')?;
    let colon = rest[..at].find(':')?;
    (colon + 1 < at).then_some(authority + colon + 1..authority + at)
}

/// What a text may hold that must not be shown, found without parsing it: a text with a mistake in it is shown too.
pub(crate) fn ranges_in_text(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        while let Some(equals) = line[from..].find('=').map(|at| from + at) {
            let before = line[..equals].trim_end_matches([' ', '\t', '"', '\'']);
            let key = before
                .rfind(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-')))
                .map_or(before, |at| {
                    &before[at + before[at..].chars().next().map_or(1, char::len_utf8)..]
                });
            if is_secret_key(key) {
                ranges.push(line_start + equals + 1..line_start + line.len());
                break;
            }
            from = equals + 1;
        }
        // A password in a URL may hold any sign but these, so the address is looked for between them.
        let mut at = 0;
        for part in line.split(['"', '\'', ' ', ',']) {
            if let Some(found) = password_in_url(part) {
                ranges.push(line_start + at + found.start..line_start + at + found.end);
            }
            at += part.len() + 1;
        }
        line_start += line.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_hold_secrets_are_told_from_those_that_name_their_place() {
        for (key, secret) in [
            ("password", true),
            ("smtp_password", true),
            ("API-Key", true),
            ("token", true),
            ("password_env", false),
            ("secret_file", false),
            ("key", false),
            ("tokens_per_second", false),
            ("mytoken", false),
        ] {
            assert_eq!(is_secret_key(key), secret, "{key}");
        }
    }

    #[test]
    fn passwords_are_found_in_urls_and_lines() {
        for (text, hidden) in [
            ("url = \"postgres://app:pa55@db/x\"\n", "pa55"),
            ("url = \"postgres://app@db/x\"\n", ""),
            ("url = \"https://example.org/a:b@c\"\n", ""),
            ("{ password = \"pa55\" }", " \"pa55\" }"),
            ("'smtp_password' = broken", " broken"),
        ] {
            let found: String = ranges_in_text(text)
                .into_iter()
                .map(|range| &text[range])
                .collect();
            assert_eq!(found, hidden, "{text}");
        }
    }
}
