//! The place where disguises are taken off before selectors are looked for.
//!
//! Today it folds what no writer means: digits and signs of other widths and scripts, and characters that cannot be
//! seen. Every folded byte remembers which bytes of the original it came from, so spans always refer to the text as
//! it stood.

use std::borrow::Cow;

use sightline_model::StepKind;

/// A folded text, and the way back to the text as it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folded<'t> {
    /// What is searched.
    pub text: Cow<'t, str>,
    /// For each byte of the folded text, the span of the original that it came from. Empty where nothing was folded.
    origins: Vec<(u32, u32)>,
}

impl Folded<'_> {
    /// The span of the original that `start..end` of the folded text came from, in bytes.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        if self.origins.is_empty() || start >= end {
            return (start, end);
        }
        (
            self.origins[start].0 as usize,
            self.origins[end - 1].1 as usize,
        )
    }

    /// True where the folded text is the original.
    pub(super) fn is_as_written(&self) -> bool {
        self.origins.is_empty()
    }

    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            text: Cow::Owned(String::with_capacity(bytes)),
            origins: Vec::with_capacity(bytes),
        }
    }

    pub(super) fn push(&mut self, letter: char, (start, end): (usize, usize)) {
        let text = self.text.to_mut();
        text.push(letter);
        self.origins.resize(text.len(), (start as u32, end as u32));
    }

    /// Takes the last byte off again; it must be an ASCII character.
    pub(super) fn pop_byte(&mut self) {
        self.text.to_mut().pop();
        self.origins.pop();
    }
}

/// Takes the disguises off. A text that wears none is returned as it is.
pub(super) fn fold(text: &str) -> Folded<'_> {
    if text.is_ascii() || !text.chars().any(|letter| folds_to(letter).is_some()) {
        return Folded {
            text: Cow::Borrowed(text),
            origins: Vec::new(),
        };
    }
    let mut folded = Folded::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let written = match folds_to(letter) {
            None => letter,
            Some(Fold::To(plain)) => plain,
            Some(Fold::Away) => continue,
        };
        folded.push(written, (at, at + letter.len_utf8()));
    }
    folded
}

/// What was folded in `raw`.
pub(super) fn step(raw: &str) -> StepKind {
    let is = |range: std::ops::RangeInclusive<char>| raw.contains(|letter| range.contains(&letter));
    match () {
        () if raw.contains(is_invisible) => StepKind::Invisible,
        () if is('\u{ff01}'..='\u{ff5e}') => StepKind::FullWidth,
        () => StepKind::ForeignDigits,
    }
}

enum Fold {
    To(char),
    Away,
}

/// What a character is folded to. Only what has the same meaning and can be told without its surroundings.
fn folds_to(letter: char) -> Option<Fold> {
    match letter {
        '\0'..='\x7f' => None,
        // Full-width forms: ！ to ～ stand as far from ! to ~ as the blocks do.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).map(Fold::To),
        letter if is_invisible(letter) => Some(Fold::Away),
        letter => digit(letter).map(Fold::To),
    }
}

/// Characters without width or ink, as people hide them inside numbers and words.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{20e3}'
    )
}

/// The ASCII digit of a decimal digit in another script (general category Nd), or of a mathematical or circled one.
fn digit(letter: char) -> Option<char> {
    /// Where each run of ten digits begins.
    const ZEROS: [u32; 22] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
        0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    ];
    let code = letter as u32;
    let value = match code {
        0x1d7f6..=0x1d7ff => code - 0x1d7f6,
        // Superscripts, and circled digits from one to nine.
        0xb2 | 0xb3 => code - 0xb0,
        0xb9 => 1,
        0x2070 => 0,
        0x2074..=0x2079 => code - 0x2070,
        0x2460..=0x2468 => code - 0x245f,
        0x24ea => 0,
        0x2776..=0x277e => code - 0x2775,
        _ => {
            let zero = ZEROS
                .iter()
                .find(|&&zero| (zero..zero + 10).contains(&code))?;
            code - zero
        }
    };
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_spans_lead_back_to_the_original() {
        let text = "é ４１５\u{200b}٥ x";
        let folded = fold(text);
        assert_eq!(folded.text, "é 4155 x");
        let at = folded.text.find("4155").unwrap();
        let (start, end) = folded.origin(at, at + 4);
        assert_eq!(&text[start..end], "４１５\u{200b}٥");
    }

    #[test]
    fn plain_texts_are_not_copied() {
        for text in ["plain 123", "café"] {
            assert!(matches!(fold(text).text, Cow::Borrowed(_)), "{text}");
        }
    }
}
