//! The words that a text is searched by, the same for what is indexed and what is asked for, on both engines.
//!
//! A word is a run of letters and digits, in small letters, without the marks that letters bear in Latin, Greek and Cyrillic
//! script, and without width or style. Where a script sets no spaces between words, and in Korean, where particles cling to
//! them, each character begins a pair with the next one, so that whatever stands in such a run is found as a phrase of pairs.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The longest word, in characters; what comes behind is left out.
const LONGEST: usize = 64;
/// The most words of a text: PostgreSQL keeps the places of as many.
const MOST: usize = 16_000;
/// Stands between a title and a text, so that no phrase goes from one to the other. It is no letter, so nobody can ask for it.
const GAP: &str = "¦";
/// The characters of a text that are searched.
pub(super) const SEARCHED: usize = 100_000;

/// What a text is searched by, with the place in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    pub text: String,
    pub sort: Sort,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where its first character ends, and with it what was asked for by that alone.
    pub first: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// What sort of a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    /// A word between spaces or signs.
    Plain,
    /// A character and the next of its run.
    Pair,
    /// The last character of a run that has more.
    Last,
    /// The only character of its run.
    Alone,
}

/// The words of a text, in their order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut reader = Reader::default();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let mut end = start + first.len_utf8();
        if first.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
            reader.take(first.to_ascii_lowercase(), start, end);
            continue;
        }
        while let Some((at, more)) = rest.next_if(|(_, next)| clings(*next)) {
            if !is_invisible(more) {
                end = at + more.len_utf8();
            }
        }
        let bare = text[start..end].nfkd().filter(|one| !is_left_out(*one));
        for character in bare.nfc().flat_map(char::to_lowercase) {
            match plain(character) {
                Some(letters) => letters.chars().for_each(|one| reader.take(one, start, end)),
                None => reader.take(character, start, end),
            }
        }
    }
    reader.end_word();
    reader.end_run();
    reader.words
}

/// A listing's words in their places, a title's and a text's apart from each other; as many as are indexed.
pub(super) fn indexed(title: &str, text: &str) -> Vec<String> {
    let gap = std::iter::once(GAP.to_owned());
    let title = words(title).into_iter().map(|word| word.text);
    let text = words(text).into_iter().map(|word| word.text);
    title.chain(gap).chain(text).take(MOST).collect()
}

#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    word: Option<Word>,
    letters: usize,
    run: Vec<(char, usize, usize)>,
}

impl Reader {
    fn take(&mut self, character: char, start: usize, end: usize) {
        let is_mark = !character.is_ascii() && is_combining_mark(character);
        if (character.is_alphabetic() || is_mark) && is_unspaced(character) {
            self.end_word();
            self.run.push((character, start, end));
            return;
        }
        if !self.run.is_empty() {
            self.end_run();
        }
        match &mut self.word {
            Some(word) if character.is_alphanumeric() || is_mark => {
                if self.letters < LONGEST {
                    word.text.push(character);
                }
                self.letters += 1;
                word.end = end;
            }
            None if character.is_alphanumeric() => {
                self.letters = 1;
                self.word = Some(Word {
                    text: character.into(),
                    sort: Sort::Plain,
                    start,
                    first: end,
                    end,
                });
            }
            _ => self.end_word(),
        }
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        for (nth, &(character, start, first)) in run.iter().enumerate() {
            let mut text = String::from(character);
            let next = run.get(nth + 1);
            text.extend(next.map(|(next, ..)| next));
            let sort = match next {
                Some(_) => Sort::Pair,
                None if run.len() > 1 => Sort::Last,
                None => Sort::Alone,
            };
            let end = next.map_or(first, |(.., end)| *end);
            self.words.push(Word {
                text,
                sort,
                start,
                first,
                end,
            });
        }
    }
}

/// True for what belongs to the character before it: marks, signs without width, the second half of a half-width kana, and
/// what a Korean syllable is made of.
fn clings(character: char) -> bool {
    !character.is_ascii()
        && (is_combining_mark(character)
            || is_left_out(character)
            || matches!(character, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}'))
}

/// True for marks on letters of scripts that are read without them, and for what is invisible.
fn is_left_out(character: char) -> bool {
    is_invisible(character)
        || matches!(character,
            '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// True for what has no width and no ink.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters that are others with a stroke, or two in one, as people write them who have no such key.
fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// True for scripts that set no spaces between words, and for Korean.
fn is_unspaced(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    matches!(character,
        // Thai and Lao, without their digits.
        '\u{e01}'..='\u{e4e}' | '\u{e81}'..='\u{ecf}' | '\u{edc}'..='\u{edf}'
        // Burmese and Khmer, without theirs.
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109f}' | '\u{a9e0}'..='\u{a9ef}'
        | '\u{aa60}'..='\u{aa7f}' | '\u{1780}'..='\u{17d3}' | '\u{17d7}' | '\u{17dc}' | '\u{17dd}'
        // Korean.
        | '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        // Japanese and Chinese.
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303c}'
        | '\u{3041}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(text: &str) -> String {
        let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
        words.join(" ")
    }

    #[test]
    fn a_text_is_read_as_words() {
        for (text, expected) in [
            ("New in  town, call Lily!", "new in town call lily"),
            ("It's 24/7", "it s 24 7"),
            ("ÉLISE Nguyễn Łódź Straße", "elise nguyen lodz strasse"),
            ("e\u{301}lise", "elise"),
            ("Новая ёлка", "новая елка"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("ＬＯＴＵＳ 𝓛𝓸𝓽𝓾𝓼 ①②", "lotus lotus 12"),
            ("lo\u{200b}tus\u{ad}88 \u{202e}me\0", "lotus88 me"),
            ("❤️ hot 🔥", "hot"),
            ("中文 按摩", "中文 文 按摩 摩"),
            ("新来的Lily 2号", "新来 来的 的 lily 2 号"),
            ("한국", "한국 국"),
            ("\u{1112}\u{1161}\u{11ab}국", "한국 국"),
            ("ｶﾞｰﾙ", "ガー ール ル"),
            ("ガール・", "ガー ール ル"),
            ("นวด๒๔", "นว วด ด ๒๔"),
            ("مُحَمَّد", "مُحَمَّد"),
            ("नमस्ते", "नमस्ते"),
            ("", ""),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(500))[0].text.len(), LONGEST);
        assert_eq!(indexed("中 a", "b"), ["中", "a", "¦", "b"]);
        assert_eq!(indexed("", &"a ".repeat(90_000)).len(), MOST);
    }

    #[test]
    fn a_word_knows_its_place() {
        let text = "Call ＬＯ 女孩子";
        let places: Vec<&str> = words(text)
            .iter()
            .map(|word| &text[word.start..word.end])
            .collect();
        assert_eq!(places, ["Call", "ＬＯ", "女孩", "孩子", "子"]);
    }

    proptest! {
        #[test]
        fn words_are_letters_and_digits_in_order(text in any::<String>()) {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(last <= word.start && word.start < word.end && word.end <= text.len());
                prop_assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
                prop_assert!(text.is_char_boundary(word.first));
                last = word.start;
                prop_assert!(!word.text.is_empty());
                for letter in word.text.chars() {
                    prop_assert!(letter.is_alphanumeric() || is_combining_mark(letter), "{:?}", letter);
                }
            }
        }
    }
}
