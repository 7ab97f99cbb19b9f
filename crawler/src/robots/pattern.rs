//! Path patterns: `*` for any run of characters, `$` for the end. Matched in linear time.

use std::fmt;

use memchr::memmem;

/// A pattern over a path and query, matched from its beginning: `/ads/*.html$`. `*` stands for any run of characters, also
/// none; `$` at the very end for the end of the URL; all else for itself, case counted. Used by robots.txt and by scopes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: String,
    /// The pieces between stars. The first is matched at the beginning.
    pieces: Vec<Vec<u8>>,
    /// True if the last piece must end the path.
    to_the_end: bool,
}

impl Pattern {
    /// A pattern as it is written. Every text is one.
    pub fn new(text: &str) -> Self {
        let (body, to_the_end) = match text.strip_suffix('$') {
            Some(body) => (body, true),
            None => (text, false),
        };
        Self {
            text: text.to_owned(),
            pieces: body
                .split('*')
                .map(|piece| piece.as_bytes().to_vec())
                .collect(),
            to_the_end,
        }
    }

    /// True if `path`, percent-encoded, matches.
    ///
    /// The leftmost place for each piece is always as good as any later one, so nothing is ever tried twice.
    pub fn matches(&self, path: &[u8]) -> bool {
        let Some((first, others)) = self.pieces.split_first() else {
            return true;
        };
        let Some(mut rest) = path.strip_prefix(first.as_slice()) else {
            return false;
        };
        let Some((last, middle)) = others.split_last() else {
            return !self.to_the_end || rest.is_empty();
        };
        for piece in middle {
            match memmem::find(rest, piece) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        if self.to_the_end {
            rest.ends_with(last)
        } else {
            memmem::find(rest, last).is_some()
        }
    }

    /// Its length in bytes as written, by which robots.txt ranks it.
    pub fn length(&self) -> usize {
        self.text.len()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_and_ends() {
        for (pattern, path, expected) in [
            ("/", "/", true),
            ("", "/anything", true),
            ("/fish", "/fishheads", true),
            ("/fish", "/Fish", false),
            ("/fish*", "/fish", true),
            ("/fish$", "/fish", true),
            ("/fish$", "/fish/", false),
            ("$", "/", false),
            ("*$", "/x", true),
            ("/*.php$", "/a.php/b.php", true),
            ("/*.php$", "/a.php?x", false),
            ("/a$b", "/a$b", true),
            ("/a**b", "/axb", true),
            ("/a*b*c", "/abc", true),
            ("/a*bb*b$", "/abb", false),
            ("*.gif", "/x.gif", true),
            ("x", "/x", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(path.as_bytes()),
                expected,
                "{pattern} {path}"
            );
        }
    }

    /// The plain definition, exponential in the worst case.
    fn by_definition(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => true,
            [b'$'] => path.is_empty(),
            [b'*', rest @ ..] => (0..=path.len()).any(|at| by_definition(rest, &path[at..])),
            [byte, rest @ ..] => path.first() == Some(byte) && by_definition(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn fast_and_plain_matching_agree(pattern in "[ab*$/]{0,8}", path in "/[ab$/]{0,10}") {
            prop_assert_eq!(
                Pattern::new(&pattern).matches(path.as_bytes()),
                by_definition(pattern.as_bytes(), path.as_bytes())
            );
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::new(&"*a".repeat(8_000));
        assert!(!pattern.matches("/a".repeat(1_000).as_bytes()));
    }
}
