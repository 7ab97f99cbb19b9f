//! JSON from strangers made inert, as their text is: nothing that a page says can act on a terminal.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

pub use sightline_casework::inert::{block, cut, is_active, line, lines};

/// Writes `value` as JSON on one line, active characters as `\uXXXX`: the same value to a program, and nothing
/// that acts on a terminal.
pub fn json<W: io::Write, T: Serialize + ?Sized>(out: W, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Inert))
}

struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut plain_from = 0;
        // The commonest text by far is ASCII, of which serde_json has already escaped all but DEL.
        for (at, character) in fragment.char_indices() {
            if !is_active(character) {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[plain_from..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain_from = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain_from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_inert_and_means_the_same() {
        let value = "a\u{9b}b\u{202e}c\u{e0041}d\ne\u{7f}";
        let mut written = Vec::new();
        json(&mut written, value).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(!written.chars().any(is_active), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), value);
    }
}
