//! Marks between words, as phrases are compared: one space, whatever stands there and however it was typed. "girls, new" is
//! "girls new", "no-police" is "no police", and "we don’t" is "we don't".

use sightline_extractors::{FoldedText, Spans, fold_text};

use crate::script::is_word;

/// A text folded for phrases, and the way back.
#[derive(Debug)]
pub(crate) struct Words {
    /// What is compared: words, single spaces, and signs that mean themselves.
    pub text: String,
    spans: Spans,
    folded: FoldedText,
}

impl Words {
    /// The words of a text that is folded already.
    pub fn of(folded: FoldedText) -> Self {
        let mut words = String::with_capacity(folded.text.len());
        let mut spans = Spans::default();
        let text = folded.text.as_str();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let run = run_of_words(rest.as_bytes());
            if run > 0 {
                words.push_str(&rest[..run]);
                at += run;
                continue;
            }
            let from = words.len();
            let end = at + read(rest, &mut words);
            // A mark that became one byte as it was one leads back by itself.
            if end - at != words.len() - from {
                spans.add((at, end), (from, words.len()));
            }
            at = end;
        }
        Self {
            text: words,
            spans,
            folded,
        }
    }

    /// The span of the original that `start..end` came from.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        let (start, end) = self.spans.origin(start, end);
        self.folded.origin(start, end)
    }

    /// What it was made of: folded, with all its marks.
    pub fn into_folded(self) -> FoldedText {
        self.folded
    }
}

/// A phrase as texts are compared with it: without the marks at its ends.
pub(crate) fn words_of(phrase: &str) -> String {
    Words::of(fold_text(phrase))
        .text
        .trim_matches(' ')
        .to_owned()
}

/// How many bytes from the beginning stand for themselves: letters and digits of ASCII, with single spaces between.
fn run_of_words(bytes: &[u8]) -> usize {
    let letters = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count()
    };
    let mut end = letters(0);
    while end > 0 && bytes.get(end) == Some(&b' ') {
        match letters(end + 1) {
            0 => break,
            more => end += 1 + more,
        }
    }
    end
}

/// Reads one sign, or all marks and spaces up to the next, and returns its bytes.
fn read(rest: &str, words: &mut String) -> usize {
    let mut end = 0;
    let mut signs = rest.chars().peekable();
    while let Some(sign) = signs.next() {
        let length = sign.len_utf8();
        let is_inside = end == 0
            && words.chars().next_back().is_some_and(is_word)
            && signs.peek().copied().is_some_and(is_word);
        if is_apostrophe(sign) && is_inside {
            words.push('\'');
            return length;
        }
        if !is_mark(sign) {
            if end == 0 {
                words.push(sign);
                return length;
            }
            break;
        }
        end += length;
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    end
}

/// What people and their keyboards write for an apostrophe. Between two letters it belongs to them.
fn is_apostrophe(sign: char) -> bool {
    matches!(
        sign,
        '\'' | '`'
            | '\u{2b9}'..='\u{2bc}'
            | '\u{2018}'..='\u{201b}'
            | '\u{2032}'
            | '\u{2035}'
            | '\u{55a}'
            | '\u{5f3}'
            | '\u{a78c}'
    )
}

/// Spaces, punctuation, dashes, quotation marks, brackets and bullets. What may be a word's own sign is none: `*`, `@`, `#`,
/// `&`, `%`, `+`, `=`, currency, pictures.
fn is_mark(sign: char) -> bool {
    is_apostrophe(sign)
        || matches!(
            sign,
            ' ' | '!' | '"' | '(' | ')' | ',' | '-' | '.' | '/' | ':' | ';' | '<' | '>' | '?' | '['
                | '\\' | ']' | '{' | '|' | '}' | '~'
                | '\u{a1}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}'
                | '\u{589}' | '\u{58a}' | '\u{5be}' | '\u{5f4}' | '\u{60c}' | '\u{61b}' | '\u{61f}'
                | '\u{6d4}' | '\u{964}' | '\u{965}'
                | '\u{2010}'..='\u{2017}' | '\u{201c}'..='\u{2027}' | '\u{2033}' | '\u{2034}'
                | '\u{2036}'..='\u{203a}' | '\u{203c}'..='\u{203e}' | '\u{2043}'..='\u{2049}'
                | '\u{2212}' | '\u{25aa}' | '\u{25cf}' | '\u{2e3a}' | '\u{2e3b}'
                | '\u{3001}' | '\u{3002}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
                | '\u{30fb}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_between_words_are_a_space() {
        for (written, words) in [
            ("We don’t ask", "we don't ask"),
            (
                "we don`t, don´t, donʼt, don′t",
                "we don't don't don't don't",
            ),
            ("O‘Brien", "o'brien"),
            // Elsewhere it is a quotation mark, or the end of a word.
            ("the girls’ night", "the girls night"),
            ("‘new’ girls", "new girls"),
            ("rock ’n’ roll", "rock n roll"),
            (
                "good-looking – good\u{2011}looking",
                "good looking good looking",
            ),
            ("girls, new!", "girls new"),
            ("no condom…no problem", "no condom no problem"),
            ("(24/7) «neu» [here]", "24 7 neu here"),
            ("新人，上门。", "新人 上门"),
            // Signs that may be a word's own.
            (
                "m*ssage 100% c++ @lotus 50€ 🌸",
                "m*ssage 100% c++ @lotus 50€ 🌸",
            ),
        ] {
            assert_eq!(words_of(written), words, "{written}");
        }
    }

    proptest! {
        #[test]
        fn every_span_leads_to_the_original(
            text in "\\PC{0,40}|[aßéÉ\u{301}'’´ ,.…\u{2013}\u{200b}ﬁ張\n-]{0,30}"
        ) {
            let words = Words::of(fold_text(&text));
            let starts: Vec<usize> = words.text.char_indices().map(|(at, _)| at).collect();
            for (index, &start) in starts.iter().enumerate() {
                for &end in starts[index + 1..].iter().chain([&words.text.len()]) {
                    let (from, to) = words.origin(start, end);
                    prop_assert!(from < to && text.get(from..to).is_some(), "{:?} {}..{}", text, from, to);
                }
            }
        }

        #[test]
        fn reading_again_changes_nothing(text in "[ -~äß’´…–張🌸\n]{0,40}") {
            let once = words_of(&text);
            prop_assert_eq!(words_of(&once), once);
        }
    }
}
