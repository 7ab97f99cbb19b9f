//! Letters of other scripts that look like Latin ones, inside words that are otherwise Latin: `rоse` with a Cyrillic о.
//!
//! A word that is written in one script is left alone: it may be a word of that script. Only what a reader takes for
//! a Latin letter without a second look is in the table; Unicode's own list of confusables goes much further, for
//! another purpose (what two names might be mistaken for each other).

use std::borrow::Cow;

use sightline_model::StepKind;

use super::Edit;

/// The edits that make mixed words Latin.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = 0;
    for chunk in text.split(char::is_whitespace) {
        let start = at;
        at += chunk.len();
        // The white space that ended the chunk.
        at += text[at..].chars().next().map_or(0, char::len_utf8);
        if chunk.is_ascii() || !chunk.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        if is_mixed(chunk) {
            edits.extend(chunk.char_indices().filter_map(|(offset, letter)| {
                let latin = latin(letter)?;
                Some(Edit {
                    start: start + offset,
                    end: start + offset + letter.len_utf8(),
                    to: Cow::Borrowed(latin),
                    step: StepKind::LookAlikes,
                })
            }));
        }
    }
    edits
}

/// True where a word of the chunk mixes look-alikes with Latin letters or digits, or stands before an at sign with a
/// Latin domain behind it; and where no letter shows that another script is meant.
fn is_mixed(chunk: &str) -> bool {
    let is_foreign = |letter: char| {
        letter.is_alphabetic() && matches!(letter as u32, 0x370..=0x58f | 0x13a0..=0x13ff)
    };
    if chunk
        .chars()
        .any(|letter| is_foreign(letter) && latin(letter).is_none())
    {
        return false;
    }
    let words = || chunk.split(|letter: char| !letter.is_alphanumeric());
    let mixes = words().any(|word| {
        !word.is_ascii()
            && word.bytes().any(|byte| byte.is_ascii_alphanumeric())
            && word.chars().any(|letter| latin(letter).is_some())
    });
    let is_address = chunk
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.is_ascii());
    mixes || is_address && chunk.chars().any(|letter| latin(letter).is_some())
}

/// The Latin letter that a letter of another script looks like.
pub(in crate::selectors) fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        // Cyrillic.
        'а' | 'ɑ' | 'α' => "a",
        'ь' | 'Ь' => "b",
        'с' | 'ϲ' => "c",
        'ԁ' => "d",
        'е' | 'ё' | 'є' | 'ҽ' => "e",
        'һ' | 'հ' => "h",
        'і' | 'ї' | 'ι' | 'ı' => "i",
        'ј' | 'ϳ' => "j",
        'ӏ' | 'Ӏ' | 'ǀ' => "l",
        'ո' => "n",
        'о' | 'ο' | 'օ' | 'σ' => "o",
        'р' | 'ρ' => "p",
        'ԛ' => "q",
        'г' => "r",
        'ѕ' => "s",
        'τ' => "t",
        'υ' | 'ս' => "u",
        'ѵ' | 'ν' => "v",
        'ԝ' | 'ѡ' | 'ω' => "w",
        'х' | 'χ' => "x",
        'у' | 'γ' | 'ү' => "y",
        'ᴢ' => "z",
        'А' | 'Α' => "A",
        'В' | 'Β' => "B",
        'С' | 'Ϲ' => "C",
        'Е' | 'Ε' => "E",
        'Н' | 'Η' => "H",
        'І' | 'Ι' => "I",
        'Ј' => "J",
        'К' | 'Κ' => "K",
        'М' | 'Μ' => "M",
        'Ν' => "N",
        'О' | 'Ο' | 'Օ' => "O",
        'Р' | 'Ρ' => "P",
        'Ѕ' => "S",
        'Т' | 'Τ' => "T",
        'Х' | 'Χ' => "X",
        'У' | 'Υ' | 'Ү' => "Y",
        'Ζ' => "Z",
        'З' => "3",
        'к' | 'κ' => "k",
        'м' => "m",
        'н' => "h",
        'в' => "b",
        'т' => "t",
        _ => return None,
    })
}
