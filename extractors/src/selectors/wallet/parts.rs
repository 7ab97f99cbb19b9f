//! Addresses in parts: in groups, over lines, in two halves with words between. The checksum says what belongs together,
//! so any sign may stand between; and what looks like another letter may be one.

use sightline_model::StepKind;

use super::{LENGTHS, is_word, next_word, read};

/// The most parts that an address is written in: groups of three, of the longest.
const PARTS: usize = 36;
/// The most signs between two parts of a row.
const BETWEEN: usize = 5;
/// The most bytes between two halves: "and then", "2nd part:".
const HALVES: usize = 60;
/// The most parts of small letters alone in an address that has both cases.
const WORDS: usize = 2;
/// The fewest characters of a half.
const HALF: usize = 8;
/// The most letters that are taken for others.
const ALIKE: usize = 5;

/// An address that was put together.
pub(super) struct Whole {
    /// Where its last part ends.
    pub end: usize,
    pub value: String,
    pub step: StepKind,
}

/// The address in parts whose first is `text[start..end]`.
pub(super) fn whole(text: &str, start: usize, end: usize) -> Option<Whole> {
    let first = &text[start..end];
    let begins = match first.as_bytes() {
        // `b c 1 …`, `0 x …`.
        [b'b' | b'B' | b'0'] => next(text, end).is_some_and(|(from, to)| {
            matches!(&text.as_bytes()[from..to], [b'c' | b'C' | b'x' | b'X'])
        }),
        bytes => begins(bytes) || begins_in_capitals(text, start, end),
    };
    if !begins || first.len() > 95 || text[..start].ends_with(char::is_alphanumeric) {
        return None;
    }
    // Letters of base58 are seldom small throughout a part; a sentence's words are.
    let is_spelled_small = matches!(first.as_bytes()[0], b'b' | b'B' | b'l' | b'0')
        || first
            .as_bytes()
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"lt"));
    let mut words = 0;
    let mut joined = first.to_owned();
    let mut at = end;
    for count in 1..=PARTS {
        let Some((from, to)) = next(text, at) else {
            break;
        };
        let part = &text.as_bytes()[from..to];
        words += usize::from(part.len() > 1 && part.iter().all(u8::is_ascii_lowercase));
        if joined.len() + part.len() > *LENGTHS.end() || words > WORDS && !is_spelled_small {
            break;
        }
        joined.push_str(&text[from..to]);
        at = to;
        if joined.len() < *LENGTHS.start() {
            continue;
        }
        let value = read(&joined).map(|(value, _)| value);
        // What is one of its letters taken for others is tried where nothing more comes.
        let value = value.or_else(|| match next(text, at) {
            None if count > 1 && words == 0 => look_alike(&joined),
            _ => None,
        });
        if let Some(value) = value.filter(|_| is_word(text, start, at)) {
            let step = match text[start..at].contains('\n') {
                true => StepKind::Lines,
                false => StepKind::Spaced,
            };
            return Some(Whole {
                end: at,
                value,
                step,
            });
        }
    }
    halves(text, start, end)
}

/// The part behind `at`, with signs between but no more than a line's end and a few of them.
fn next(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    let mut signs = 0;
    let from = at
        + rest.find(|letter: char| {
            signs += 1;
            letter.is_alphanumeric() || signs > BETWEEN
        })?;
    let length = text[from..]
        .bytes()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    (from > at && length > 0).then_some((from, from + length))
}

/// Two halves, each in one piece, with words between that are none of it: "first half … second half …".
fn halves(text: &str, start: usize, end: usize) -> Option<Whole> {
    let first = &text[start..end];
    if first.len() < HALF {
        return None;
    }
    let bytes = text.as_bytes();
    let until = bytes.len().min(end + HALVES + 1);
    let mut at = next_word(bytes, end, until);
    while at < until {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        if length >= HALF && LENGTHS.contains(&(first.len() + length)) {
            let joined = format!("{first}{}", &text[at..at + length]);
            if let Some((value, _)) = read(&joined).filter(|_| is_word(text, start, at + length)) {
                return Some(Whole {
                    end: at + length,
                    value,
                    step: StepKind::Fillers,
                });
            }
        }
        at = next_word(bytes, at + length, until);
    }
    None
}

/// True for a first part: it begins as addresses do, and is no word and no figure.
fn begins(first: &[u8]) -> bool {
    match first {
        [b'b' | b'B', b'c' | b'C', b'1', ..] => true,
        [b'l' | b'L', b't' | b'T', b'c' | b'C', b'1', ..] => true,
        [b'0', b'x' | b'X', ..] => true,
        // It holds both letters and digits, or both cases.
        [b'1' | b'3' | b'L' | b'M' | b'T' | b'4' | b'8', rest @ ..] => {
            rest.len() >= 2
                && rest.iter().any(u8::is_ascii_alphabetic)
                && (first.iter().any(u8::is_ascii_digit)
                    || rest.iter().any(u8::is_ascii_uppercase)
                        && rest.iter().any(u8::is_ascii_lowercase))
        }
        _ => false,
    }
}

/// True for a word that may be the first part.
pub(super) fn may_be_first(word: &str) -> bool {
    let bytes = word.as_bytes();
    let is_capitals = bytes.iter().all(u8::is_ascii_uppercase);
    bytes.len() == 1 || is_capitals || begins(bytes)
}

/// True for capitals that begin as addresses do, before a part that no word is.
fn begins_in_capitals(text: &str, start: usize, end: usize) -> bool {
    let first = &text.as_bytes()[start..end];
    let is_mixed = |part: &[u8]| {
        let has = |is: fn(&u8) -> bool| part.iter().any(is);
        let kinds = [
            has(u8::is_ascii_digit),
            has(u8::is_ascii_lowercase),
            has(u8::is_ascii_uppercase),
        ];
        kinds.iter().filter(|kind| **kind).count() > 1 && has(u8::is_ascii_alphabetic)
    };
    (3..16).contains(&first.len())
        && matches!(first[0], b'L' | b'M' | b'T')
        && first.iter().all(u8::is_ascii_uppercase)
        && next(text, end).is_some_and(|(from, to)| is_mixed(&text.as_bytes()[from..to]))
}

/// The address that comes of taking some letters for those that they look like: base58 has no `0`, `O`, `I` and `l`,
/// bech32 no `1`, `b`, `i` and `o` behind its prefix. The checksum says which is right.
pub(super) fn look_alike(raw: &str) -> Option<String> {
    let bytes = raw.as_bytes();
    // Base58 addresses have so many characters, those of Monero more; bech32 ones 42 or 62, with a prefix of two or three.
    if !matches!(bytes.len(), 33..=35 | 42..=44 | 62..=63 | 95 | 106) || !bytes.is_ascii() {
        return None;
    }
    let lower = raw.get(..4)?.to_ascii_lowercase();
    let table: &[(u8, &[u8])] = match bytes[0] {
        _ if lower.starts_with("bc1") || lower == "ltc1" => {
            &[(b'1', b"l"), (b'i', b"l"), (b'o', b"0"), (b'b', b"68")]
        }
        b'1' | b'3' | b'L' | b'M' | b'T' | b'4' | b'8' => &[
            (b'0', b"oDQ"),
            (b'O', b"oDQ"),
            (b'I', b"1iL"),
            (b'l', b"1iL"),
        ],
        _ => return None,
    };
    let prefix = match lower.as_str() {
        "ltc1" => 4,
        lower if lower.starts_with("bc1") => 3,
        _ => 1,
    };
    let mut places = Vec::new();
    for (at, byte) in bytes.iter().enumerate().skip(prefix) {
        if let Some((_, to)) = table.iter().find(|(from, _)| from == byte) {
            places.push((at, *to));
            if places.len() > ALIKE {
                return None;
            }
        }
    }
    if places.is_empty() {
        return None;
    }
    let ways: usize = places.iter().map(|(_, to)| to.len()).product();
    (0..ways).find_map(|way| {
        let mut way = way;
        let mut tried = bytes.to_vec();
        for (at, to) in &places {
            tried[*at] = to[way % to.len()];
            way /= to.len();
        }
        let tried = String::from_utf8(tried).ok()?;
        read(&tried).map(|(value, _)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BTC: &str = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
    const WITNESS: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";

    fn read_at(text: &str) -> Option<String> {
        let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
        whole(text, 0, length).map(|whole| whole.value)
    }

    #[test]
    fn parts_are_put_together_where_the_checksum_holds() {
        let (front, back) = BTC.split_at(17);
        for text in [
            format!("{front} {back}"),
            format!("{front}\n{back}, thanks"),
            format!("{front} - {back}"),
            format!("{front} and then {back}"),
            format!("{front} (the rest is: {back})"),
            format!("{front} ✨ {back}"),
            BTC.as_bytes()
                .chunks(4)
                .map(|part| std::str::from_utf8(part).unwrap())
                .collect::<Vec<_>>()
                .join(" - "),
        ] {
            assert_eq!(read_at(&text), Some(format!("btc/{BTC}")), "{text}");
        }
        let groups: Vec<_> = WITNESS
            .as_bytes()
            .chunks(5)
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect();
        assert_eq!(read_at(&groups.join("·")), Some(format!("btc/{WITNESS}")));
        assert_eq!(read_at(&format!("{back} {front}")), None);
    }

    #[test]
    fn letters_that_look_alike_are_tried() {
        for (written, address) in [
            (BTC.to_owned(), None),
            (
                "bcIqw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_owned(),
                None,
            ),
            (
                "bc1qw5o8d6qejxtdg4y5r3zarvaryOc5xw7kv8f3t4".to_lowercase(),
                Some(WITNESS),
            ),
        ] {
            assert_eq!(
                look_alike(&written),
                address.map(|address| format!("btc/{address}")),
                "{written}"
            );
        }
        // A name of base58 letters that has an o.
        let tron = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
        assert_eq!(
            look_alike(&tron.replace('o', "0")),
            Some(format!("tron/{tron}"))
        );
    }
}
