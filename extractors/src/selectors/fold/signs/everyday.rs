//! Words beside "at" and "dot" that are said for other things, words that speak of mail, and words that are put into
//! addresses to be taken out. They are in everyday.txt.

use std::sync::LazyLock;

use crate::selectors::lists::Lists;

static WORDS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("everyday.txt")));

/// How far before an address mail is spoken of, in bytes.
const NEAR: usize = 60;

/// True for a word before "at" that is no one's name.
pub(super) fn is_local_word(word: &str) -> bool {
    WORDS.has("no_local", word)
}

/// True for a word before "dot" that is no one's domain.
pub(super) fn is_host_word(word: &str) -> bool {
    WORDS.has("no_host", word)
}

/// True for a word of which "dot com" is a part when it stands before it: "the dot com boom".
pub(super) fn is_called_dotcom(word: &str) -> bool {
    WORDS.has("dotcom", word)
}

/// True for letters that are put into addresses, in small letters.
pub(super) fn is_planted(letters: &str) -> bool {
    WORDS.has("planted", letters)
}

/// True where a text, in small letters, tells readers to take something out.
pub(super) fn tells_to_remove(near: &str) -> bool {
    WORDS.is_in("told", near)
}

/// True where a text speaks of gaps, or of writing together what is shown with them.
pub(super) fn tells_of_gaps(near: &str) -> bool {
    WORDS.is_in("gaps", &near.to_lowercase())
}

/// True where a text ends with words that speak of mail.
pub(super) fn speaks_of_mail(before: &str) -> bool {
    let mut start = before.len().saturating_sub(NEAR);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    let near = before[start..].to_lowercase();
    let last = near.trim_end().rsplit(' ').next().unwrap_or_default();
    WORDS.has("contact", last) || WORDS.is_in("mail", &near)
}
