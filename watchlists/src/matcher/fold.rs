//! Text folded for comparing words: NFKC, case folding, white space collapsed, invisible characters left out; with the
//! way back to the original, so that a span can be shown as it stood.

use std::{iter, sync::LazyLock};

use unicode_normalization::{
    IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfkc_quick,
};

/// A folded text, and the way back.
#[derive(Debug)]
pub(crate) struct Folded {
    /// What is compared.
    pub text: String,
    spans: Spans,
}

impl Folded {
    /// The span of the original that `start..end` of the folded text came from. Not empty unless the span is.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        self.spans.origin(start, end)
    }
}

/// The way back from a text that was written anew: where both differ in length, in order. Between these, both run on byte by
/// byte.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<Knot>);

/// `original[from.0..from.1]` became `folded[to.0..to.1]`.
#[derive(Clone, Copy, Debug)]
struct Knot {
    from: (u32, u32),
    to: (u32, u32),
}

impl Spans {
    /// A part that became another; behind all that were added before.
    pub fn add(&mut self, from: (usize, usize), to: (usize, usize)) {
        // Both fit, since the text was cut to what 32 bits can count; should a text of 4 GiB grow in folding, spans
        // near its end are too short, and nothing else is wrong.
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.0.push(Knot {
            from: (narrow(from.0), narrow(from.1)),
            to: (narrow(to.0), narrow(to.1)),
        });
    }

    /// The span of the original that `start..end` came from. Not empty unless the span is.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        (self.origin_of_start(start), self.origin_of_end(end))
    }

    fn origin_of_start(&self, start: usize) -> usize {
        let after = self.0.partition_point(|knot| knot.to.0 as usize <= start);
        let Some(knot) = after.checked_sub(1).map(|last| self.0[last]) else {
            return start;
        };
        match start.checked_sub(knot.to.1 as usize) {
            Some(beyond) => knot.from.1 as usize + beyond,
            None => knot.from.0 as usize,
        }
    }

    fn origin_of_end(&self, end: usize) -> usize {
        let after = self.0.partition_point(|knot| (knot.to.0 as usize) < end);
        let Some(knot) = after.checked_sub(1).map(|last| self.0[last]) else {
            return end;
        };
        match end.checked_sub(knot.to.1 as usize) {
            Some(beyond) => knot.from.1 as usize + beyond,
            None => knot.from.1 as usize,
        }
    }
}

/// Folds a text of up to 4 GiB; what goes beyond is left out.
pub(crate) fn fold(text: &str) -> Folded {
    let mut end = text.len().min(u32::MAX as usize);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let mut folding = Folding {
        text,
        folded: Folded {
            text: String::with_capacity(text.len()),
            spans: Spans::default(),
        },
    };
    let mut at = 0;
    while at < text.len() {
        at = folding.step(at);
    }
    folding.folded
}

struct Folding<'t> {
    text: &'t str,
    folded: Folded,
}

impl Folding<'_> {
    /// Folds what begins at `at`, and returns where the next begins.
    fn step(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        let run = plain_run(rest.as_bytes());
        if run > 0 {
            let from = self.folded.text.len();
            self.folded.text.push_str(&rest[..run]);
            self.folded.text[from..].make_ascii_lowercase();
            return at + run;
        }
        let run = simple_run(rest, &mut self.folded.text);
        if run > 0 {
            return at + run;
        }
        let Some(first) = rest.chars().next() else {
            return self.text.len();
        };
        let mut end = at + first.len_utf8();
        let from = self.folded.text.len();
        if first.is_whitespace() {
            if !self.folded.text.ends_with(' ') {
                self.folded.text.push(' ');
            }
        } else if !is_invisible(first) {
            end += joined(&self.text[end..]);
            fold_cluster(&self.text[at..end], first, &mut self.folded.text);
        }
        self.knot((at, end), (from, self.folded.text.len()));
        end
    }

    fn knot(&mut self, from: (usize, usize), to: (usize, usize)) {
        if self.text[from.0..from.1] == self.folded.text[to.0..to.1] {
            return;
        }
        self.folded.spans.add(from, to);
    }
}

/// How many bytes from the beginning fold byte by byte: visible ASCII and single spaces. The last may carry a mark
/// that follows it, so it is left out where anything beyond ASCII follows.
fn plain_run(bytes: &[u8]) -> usize {
    if !bytes.first().is_some_and(|byte| is_ink(*byte)) {
        return 0;
    }
    // Compared in blocks, without a branch for each byte, which the compiler turns into vector instructions.
    const BLOCK: usize = 32;
    let mut end = 1;
    while let (Some(before), Some(block)) = (
        bytes.get(end - 1..end - 1 + BLOCK),
        bytes.get(end..end + BLOCK),
    ) && before
        .iter()
        .zip(block)
        .fold(true, |all, (&before, &byte)| all & is_plain(before, byte))
    {
        end += BLOCK;
    }
    while end < bytes.len() && is_plain(bytes[end - 1], bytes[end]) {
        end += 1;
    }
    match bytes.get(end) {
        Some(0x80..) if is_ink(bytes[end - 1]) => end - 1,
        _ => end,
    }
}

fn is_ink(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~')
}

fn is_plain(before: u8, byte: u8) -> bool {
    is_ink(byte) | ((byte == b' ') & (before != b' '))
}

/// Folds, from the beginning, letters beyond ASCII that fold one by one without a change of length, and returns their
/// bytes. The last is left out where a mark may follow it.
fn simple_run(rest: &str, folded: &mut String) -> usize {
    let mut run = 0;
    let mut last: Option<char> = None;
    let mut letters = rest.chars();
    loop {
        let letter = letters.next();
        let simple = letter.and_then(simple);
        let is_mark = simple.is_none()
            && letter.is_some_and(|letter| is_joiner(letter) || is_invisible(letter));
        if let Some(last) = last
            && !is_mark
        {
            folded.push(last);
            run += last.len_utf8();
        }
        if simple.is_none() {
            return run;
        }
        last = simple;
    }
}

/// What a letter beyond ASCII folds to, where that takes no more than a look into a table: one letter of as many
/// bytes, whatever stands beside it unless that is a mark.
fn simple(letter: char) -> Option<char> {
    /// For each code of 16 bits what it folds to, or 0. Made once, at the first text that is not ASCII.
    static SIMPLE: LazyLock<Vec<u16>> = LazyLock::new(|| {
        let fold = |code: u16| {
            let letter = char::from_u32(code.into()).filter(|letter| !letter.is_ascii())?;
            if letter.is_whitespace() || is_invisible(letter) || is_joiner(letter) {
                return None;
            }
            let folded =
                fold_simple(letter).filter(|folded| folded.len_utf8() == letter.len_utf8())?;
            u16::try_from(u32::from(folded)).ok()
        };
        (0..=u16::MAX).map(|code| fold(code).unwrap_or(0)).collect()
    });
    let code = *SIMPLE.get(letter as usize)?;
    char::from_u32(code.into()).filter(|_| code != 0)
}

/// True for what belongs to the letter before it: marks, the later parts of Korean syllables, half-width voicing.
fn is_joiner(letter: char) -> bool {
    !letter.is_ascii()
        && (is_combining_mark(letter)
            || matches!(letter, '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}' | '\u{ff9e}' | '\u{ff9f}')
                && !is_invisible(letter))
}

/// How many bytes from the beginning belong to the letter before: marks, and what is invisible between them.
fn joined(rest: &str) -> usize {
    rest.char_indices()
        .take_while(|&(_, letter)| is_joiner(letter) || is_invisible(letter))
        .filter(|&(_, letter)| is_joiner(letter))
        .last()
        .map_or(0, |(at, letter)| at + letter.len_utf8())
}

/// Characters without width or ink.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Folds one letter with what belongs to it.
fn fold_cluster(cluster: &str, first: char, folded: &mut String) {
    let is_single = cluster.len() == first.len_utf8();
    if is_single && first.is_ascii() {
        folded.push(first.to_ascii_lowercase());
        return;
    }
    // Whole syllables of Thai, Hindi or Arabic with their marks are normal as they are, and have no capitals.
    if is_nfkc_quick(cluster.chars()) == IsNormalized::Yes
        && cluster
            .chars()
            .all(|letter| is_joiner(letter) || fold_simple(letter) == Some(letter))
        && !cluster.chars().any(is_invisible)
    {
        folded.push_str(cluster);
        return;
    }
    folded.push_str(&fold_fully(cluster));
}

/// The whole of folding, for what no shortcut is right for. Upper case between two lower cases gives full case folding:
/// ẞ and ß become ss, and both forms of sigma become one.
fn fold_fully(cluster: &str) -> String {
    let lower = cluster
        .nfkc()
        .filter(|&letter| !is_invisible(letter))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    lower.nfkc().collect()
}

/// The folded letter, for the many that fold to one and are normal as they are.
fn fold_simple(letter: char) -> Option<char> {
    fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
        letters.next().filter(|_| letters.next().is_none())
    }
    let is_normal = |letter| is_nfkc_quick(iter::once(letter)) == IsNormalized::Yes;
    if !is_normal(letter) {
        return None;
    }
    let lower = only(letter.to_lowercase())?;
    let upper = only(lower.to_uppercase())?;
    if upper == lower {
        return Some(lower);
    }
    only(upper.to_lowercase()).filter(|&folded| folded == letter || is_normal(folded))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folded_spans_lead_back() {
        for (text, word, original) in [
            ("Blue  LOTUS\n\u{a0}Spa", "lotus spa", "LOTUS\n\u{a0}Spa"),
            ("die STRASSE hier", "strasse", "STRASSE"),
            ("die Straße hier", "strasse", "Straße"),
            ("ΟΔΟΣ ", "οδοσ", "ΟΔΟΣ"),
            ("x Cafe\u{301} y", "café", "Cafe\u{301}"),
            ("le CAFÉ.", "café", "CAFÉ"),
            ("ＡＮＮＡ!", "anna", "ＡＮＮＡ"),
            ("\u{200b}An\u{ad}na\u{200b} x", "anna", "An\u{ad}na"),
            ("o\u{fb01}x", "ofix", "o\u{fb01}x"),
            (
                "a\u{1112}\u{1161}\u{11ab}b",
                "한",
                "\u{1112}\u{1161}\u{11ab}",
            ),
        ] {
            let folded = fold(text);
            let start = folded
                .text
                .find(word)
                .unwrap_or_else(|| panic!("{:?}", folded.text));
            let (from, to) = folded.origin(start, start + word.len());
            assert_eq!(&text[from..to], original, "{text}");
        }
    }

    #[test]
    fn shortcuts_fold_as_the_whole_does() {
        for letter in ('\u{80}'..='\u{1ffff}')
            .filter(|letter| !letter.is_whitespace() && !is_invisible(*letter))
        {
            let text = letter.to_string();
            assert_eq!(
                fold(&text).text,
                fold_fully(&text),
                "{letter} {:x}",
                letter as u32
            );
        }
    }

    proptest! {
        #[test]
        fn every_span_of_letters_leads_to_the_original(text in "\\PC{0,40}|[aßéÉ\u{301} \u{200b}ﬁ張\n]{0,30}") {
            let folded = fold(&text);
            let starts: Vec<usize> = folded.text.char_indices().map(|(at, _)| at).collect();
            for (index, &start) in starts.iter().enumerate() {
                for &end in starts[index + 1..].iter().chain([&folded.text.len()]) {
                    let (from, to) = folded.origin(start, end);
                    prop_assert!(from < to && text.get(from..to).is_some(), "{:?} {}..{}", text, from, to);
                }
            }
        }

        #[test]
        fn folding_again_changes_nothing(text in "[ -~äöüßÄÖÜéÉàçñÑа-яА-Я張\u{300}-\u{304}\n\u{200b}]{0,40}") {
            let once = fold(&text).text;
            prop_assert_eq!(&fold(&once).text, &once);
        }
    }
}
