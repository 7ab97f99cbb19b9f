//! How far the words around signs reach.

/// The longest word of an address, in bytes: a label of a domain, or a local part.
const WORD: usize = 64;

/// The longest address, in bytes: no word is looked at beyond it.
const ADDRESS: usize = 256;

/// A word without the signs that end what is said.
pub(super) fn bare(word: &str) -> &str {
    word.trim_end_matches(['.', '-', '_'])
}

/// True for what is one word between two signs.
pub(super) fn is_word(between: Option<&str>) -> bool {
    between.is_some_and(|word| {
        !word.is_empty() && word.len() <= WORD && word.chars().all(is_word_letter)
    })
}

/// True for a letter, or a sign that a name or a host has inside.
pub(super) fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+' | '@')
}

/// Where the word that ends at `end` begins, as far as one reaches.
pub(super) fn word_start(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let floor = text.ceil_char_boundary(end.saturating_sub(WORD));
    let letters = bytes[floor..end].iter().rev();
    let start = end - letters.take_while(|byte| is_word_byte(**byte)).count();
    match start > floor && !bytes[start - 1].is_ascii() {
        true => floor + text[floor..end].trim_end_matches(is_word_letter).len(),
        false => start,
    }
}

/// Where the word that begins at `start` ends, or so far of it as any is looked at.
pub(super) fn word_end(text: &str, start: usize) -> usize {
    let until = text.floor_char_boundary(text.len().min(start + ADDRESS));
    let bytes = &text.as_bytes()[..until];
    let letters = bytes[start..].iter();
    let end = start + letters.take_while(|byte| is_word_byte(**byte)).count();
    match bytes.get(end).is_some_and(|byte| !byte.is_ascii()) {
        true => {
            let length = text[start..until].find(|letter| !is_word_letter(letter));
            length.map_or(until, |length| start + length)
        }
        false => end,
    }
}

/// [`is_word_letter`] for ASCII, which most letters are.
fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'@')
}

/// True for a word with which a sentence may begin.
pub(super) fn begins_sentence(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.ends_with(char::is_lowercase)
}
