//! Text folded for comparing words, the one folding for what is looked for and for the texts that it is looked for in: NFKC,
//! case folding, white space collapsed, and what people leave out or do not see left out; with the way back to the
//! original, so that a span can be shown as it stood.

use std::{iter, sync::LazyLock};

use unicode_normalization::{
    IsNormalized, UnicodeNormalization,
    char::{canonical_combining_class, is_combining_mark},
    is_nfkc_quick,
};

use crate::selectors::fold::is_invisible;

/// A folded text, and the way back.
#[derive(Debug)]
pub struct Folded {
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
pub struct Spans(Vec<Knot>);

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

/// Folds a text of up to 4 GiB in which phrases and patterns are looked for; what goes beyond is left out.
///
/// Capitals are small letters, and white space a single space. Left out is what nobody sees, and what people leave out as
/// they please: the dot of a Turkish `İ`, the vowel marks of Arabic, and the stroke that draws its letters out. The result
/// knows where each part of it came from.
///
/// ```
/// # use sightline_extractors::fold_text;
/// let text = "at the BLUE\n Lotus, daily";
/// let folded = fold_text(text);
/// let at = folded.text.find("blue lotus").unwrap();
/// let (start, end) = folded.origin(at, at + "blue lotus".len());
/// assert_eq!(&text[start..end], "BLUE\n Lotus");
/// ```
pub fn fold_text(text: &str) -> Folded {
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
        if is_space(first) {
            if !self.folded.text.ends_with(' ') {
                self.folded.text.push(' ');
            }
        } else if !is_left_out(first) {
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
            && letter.is_some_and(|letter| is_joiner(letter) || is_left_out(letter));
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
            if is_space(letter) || is_left_out(letter) || is_joiner(letter) {
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

/// True for what belongs to the letter before it, for both may become one: marks, the later parts of Korean syllables, and
/// all that is another way of writing one of these.
fn is_joiner(letter: char) -> bool {
    !letter.is_ascii()
        && (is_combining_mark(letter)
            || matches!(
                letter,
                '\u{e33}' | '\u{eb3}' | '\u{16d63}' | '\u{16d67}'..='\u{16d6a}' | '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}'
                    | '\u{3133}' | '\u{3135}' | '\u{3136}' | '\u{313a}'..='\u{313f}' | '\u{314f}'..='\u{3163}'
                    | '\u{ff9e}' | '\u{ff9f}'
                    | '\u{ffa3}' | '\u{ffa5}' | '\u{ffa6}' | '\u{ffaa}'..='\u{ffaf}' | '\u{ffc2}'..='\u{ffdc}'
            ))
}

/// How many bytes from the beginning belong to the letter before: marks, and what is left out between them.
fn joined(rest: &str) -> usize {
    rest.char_indices()
        .take_while(|&(_, letter)| is_joiner(letter) || is_left_out(letter))
        .filter(|&(_, letter)| is_joiner(letter))
        .last()
        .map_or(0, |(at, letter)| at + letter.len_utf8())
}

/// White space, and the signs that are drawn as nothing and are as wide as a letter.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// What nobody sees, and what people leave out as they please: the vowel marks of Arabic, and the stroke that draws its
/// letters out.
fn is_left_out(letter: char) -> bool {
    !letter.is_ascii()
        && (matches!(letter, '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}')
            || is_invisible(letter) && !is_space(letter))
}

/// Folds one letter with what belongs to it.
fn fold_cluster(cluster: &str, first: char, folded: &mut String) {
    let is_single = cluster.len() == first.len_utf8();
    if is_single && first.is_ascii() {
        folded.push(first.to_ascii_lowercase());
        return;
    }
    // Whole syllables of Thai or Hindi with their marks are normal as they are, and have no capitals.
    if is_nfkc_quick(cluster.chars()) == IsNormalized::Yes
        && cluster
            .chars()
            .all(|letter| is_joiner(letter) || fold_simple(letter) == Some(letter))
        && !cluster.chars().any(is_left_out)
    {
        folded.push_str(cluster);
        return;
    }
    for letter in fold_fully(cluster).chars() {
        if letter != ' ' || !folded.ends_with(' ') {
            folded.push(letter);
        }
    }
}

/// The whole of folding, for what no shortcut is right for. Upper case between two lower cases gives full case folding:
/// ẞ and ß become ss, and both forms of sigma become one.
fn fold_fully(cluster: &str) -> String {
    let lower = cluster
        .nfkc()
        .filter(|&letter| !is_left_out(letter))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    let folded: String = lower.nfkc().collect();
    // An accent that stands alone is a space that bears it. People type the acute for an apostrophe.
    if folded.starts_with(' ') {
        return if folded.contains('\u{301}') { "'" } else { " " }.to_owned();
    }
    match folded.contains('\u{307}') {
        true => without_dot(&folded).nfkc().collect(),
        false => folded,
    }
}

/// Takes the dot above off every i, which has one as it is: it is what becomes of the Turkish `İ`, and nobody types it.
fn without_dot(folded: &str) -> String {
    let mut on_i = false;
    let stays = |letter: &char| {
        if *letter == '\u{307}' && on_i {
            return false;
        }
        on_i = match canonical_combining_class(*letter) {
            0 => *letter == 'i',
            // The dot is on the letter, and not on another mark above it.
            230 => false,
            _ => on_i,
        };
        true
    };
    folded.nfd().filter(stays).collect()
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
            let folded = fold_text(text);
            let start = folded
                .text
                .find(word)
                .unwrap_or_else(|| panic!("{:?}", folded.text));
            let (from, to) = folded.origin(start, start + word.len());
            assert_eq!(&text[from..to], original, "{text}");
        }
    }

    #[test]
    fn what_people_leave_out_is_left_out() {
        for (one, other) in [
            ("İSTANBUL İ\u{301}", "i\u{307}stanbul i\u{301}"),
            ("I\u{307}stanbul", "istanbul"),
            ("I\u{323}\u{307}x ı\u{307}", "ị\u{307}x i"),
            // The dot is on the mark, or on another letter.
            ("I\u{308}\u{307}", "ï\u{307}"),
            ("Ż e\u{307}", "ż ė"),
            ("فَتَيَات جديدة", "فتيات جديدة"),
            ("فتيـــات", "فتيات"),
            ("مُحَمَّد \u{fe77}", "محمد "),
            ("رحمٰن", "رحمن"),
            // A hamza is a part of its letter.
            ("سؤال", "سو\u{654}ال"),
            ("1\u{fe0f}\u{20e3} new\u{2800}girls", "1 new girls"),
            ("don´t a ¨b", "don't a b"),
            ("ㄱㅏㄴ", "ᄀ\u{1161}ᄂ"),
        ] {
            assert_eq!(fold_text(one).text, fold_text(other).text, "{one}");
            assert_eq!(
                fold_text(one).text,
                fold_text(&fold_text(other).text).text,
                "{one}"
            );
        }
        assert_eq!(fold_text("İ").text, "i");
        assert_ne!(fold_text("I\u{308}\u{307}").text, fold_text("ï").text);
        assert_ne!(fold_text("سؤال").text, fold_text("سوال").text);
    }

    #[test]
    fn what_may_become_one_with_the_letter_before_belongs_to_it() {
        for letter in ('\u{80}'..=char::MAX).filter(|letter| !is_left_out(*letter)) {
            let first = iter::once(letter).nfkc().next();
            let may_join = first.is_some_and(|first| {
                is_combining_mark(first) || is_nfkc_quick(iter::once(first)) != IsNormalized::Yes
            });
            let is_blank = is_space(letter);
            assert!(
                is_joiner(letter) || !may_join || is_blank,
                "{letter} {:x}",
                letter as u32
            );
            let once = fold_text(&letter.to_string()).text;
            assert_eq!(fold_text(&once).text, once, "{letter} {:x}", letter as u32);
        }
    }

    #[test]
    fn shortcuts_fold_as_the_whole_does() {
        for letter in
            ('\u{80}'..='\u{1ffff}').filter(|letter| !is_space(*letter) && !is_left_out(*letter))
        {
            let text = letter.to_string();
            assert_eq!(
                fold_text(&text).text,
                fold_fully(&text),
                "{letter} {:x}",
                letter as u32
            );
        }
    }

    proptest! {
        #[test]
        fn every_span_of_letters_leads_to_the_original(text in "\\PC{0,40}|[aßéÉ\u{301} \u{200b}ﬁ張\n]{0,30}") {
            let folded = fold_text(&text);
            let starts: Vec<usize> = folded.text.char_indices().map(|(at, _)| at).collect();
            for (index, &start) in starts.iter().enumerate() {
                for &end in starts[index + 1..].iter().chain([&folded.text.len()]) {
                    let (from, to) = folded.origin(start, end);
                    prop_assert!(from < to && text.get(from..to).is_some(), "{:?} {}..{}", text, from, to);
                }
            }
        }

        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,40}|[ -~İıÎßäÄéçñ\u{300}-\u{308}\u{323}\u{345}\u{20e3}\n\u{200b}´¨]{0,40}|[ㄱ-ㆎ가각ᄀ-ᇿﾡ-ￜ゙゚カ゛ﾞ]{0,12}|[ء-ٕـٰﭐ-ﷻﹰ-ﻼ ]{0,12}") {
            let once = fold_text(&text).text;
            prop_assert_eq!(&fold_text(&once).text, &once);
        }
    }
}
