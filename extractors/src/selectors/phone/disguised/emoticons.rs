//! Faces and hearts that are typed with figures and letters: `702 <3 555 xD 0123`. What they hold is no digit.

use std::ops::Range;

/// Those that hold what may stand for a digit or for a word. Each stands by itself between spaces.
const EMOTICONS: [&str; 44] = [
    "<3", "<33", "<333", "</3", "<\\3", "x3", "X3", ":3", ";3", "=3", ":-3", ">:3", "^3^", "xD",
    "XD", "xd", "Xd", "xDD", "XDD", "xP", "XP", "xp", ":D", ";D", "=D", ":-D", ";-D", ":P", ":p",
    ";P", ";p", ":-P", ":-p", ":O", ":o", ":-O", ":-o", ":0", "o_O", "O_o", "o_o", "O_O", ":S",
    ":s",
];
/// The longest of them, in bytes.
const LONGEST: usize = 4;

/// The emoticon around a place, where one stands there by itself.
pub(super) fn around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    // Most words go on.
    let behind = &bytes[at..bytes.len().min(at + LONGEST)];
    if behind.len() == LONGEST && behind.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let is_in = |byte: &&u8| !byte.is_ascii_whitespace();
    let before = bytes[..at].iter().rev().take(LONGEST).take_while(is_in);
    let start = at - before.count();
    let length = bytes[start..].iter().take(LONGEST + 1).take_while(is_in);
    let span = start..start + length.count();
    let written = &bytes[span.clone()];
    let is_one = written.len() > 1
        && written.len() <= LONGEST
        && EMOTICONS.iter().any(|known| known.as_bytes() == written);
    is_one.then_some(span)
}

/// What stands between two pieces, with another sign for each emoticon; None where there is none.
pub(super) fn without(between: &str) -> Option<String> {
    // What is letters alone begins with an X.
    let may_be_one = |part: &str| {
        let mut bytes = part.bytes();
        part.len() <= LONGEST
            && (part.starts_with(['x', 'X']) || bytes.any(|byte| !byte.is_ascii_alphabetic()))
    };
    let is_one = |part: &str| may_be_one(part) && EMOTICONS.contains(&part);
    let bytes = between.as_bytes();
    let may_be = memchr::memchr3(b'<', b':', b';', bytes).is_some()
        || memchr::memchr3(b'x', b'X', b'=', bytes).is_some()
        || memchr::memchr2(b'^', b'_', bytes).is_some();
    if !may_be || !between.contains(' ') || !between.split(' ').any(is_one) {
        return None;
    }
    let parts = between.split(' ');
    let parts: Vec<&str> = parts
        .map(|part| if is_one(part) { "~" } else { part })
        .collect();
    Some(parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoticons_stand_by_themselves() {
        for (text, at, found) in [
            ("702 <3 555", 5, Some(4..6)),
            ("702 <3 555", 8, None),
            ("xD 0123", 1, Some(0..2)),
            ("i<3you", 2, None),
            ("room :30", 6, None),
        ] {
            assert_eq!(around(text.as_bytes(), at), found, "{text}");
        }
        assert_eq!(without(" <3 ").as_deref(), Some(" ~ "));
        assert_eq!(without(" and "), None);
    }
}
