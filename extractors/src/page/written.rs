//! Text as it is written while a page is walked through, with the gaps between its pieces.

use html5ever::{LocalName, local_name};

use super::text::TEXT;

/// What stands between two pieces of text. Ordered: the greater swallows the smaller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Gap {
    #[default]
    None,
    Space,
    Cell,
    Line,
}

/// The gap around an element: lines for blocks, tabs for cells, none for what flows.
pub(super) fn gap(name: &LocalName) -> Gap {
    match *name {
        local_name!("td") | local_name!("th") => Gap::Cell,
        local_name!("address")
        | local_name!("article")
        | local_name!("aside")
        | local_name!("blockquote")
        | local_name!("body")
        | local_name!("br")
        | local_name!("caption")
        | local_name!("center")
        | local_name!("dd")
        | local_name!("details")
        | local_name!("dialog")
        | local_name!("dir")
        | local_name!("div")
        | local_name!("dl")
        | local_name!("dt")
        | local_name!("fieldset")
        | local_name!("figcaption")
        | local_name!("figure")
        | local_name!("footer")
        | local_name!("form")
        | local_name!("h1")
        | local_name!("h2")
        | local_name!("h3")
        | local_name!("h4")
        | local_name!("h5")
        | local_name!("h6")
        | local_name!("header")
        | local_name!("hgroup")
        | local_name!("hr")
        | local_name!("html")
        | local_name!("legend")
        | local_name!("li")
        | local_name!("main")
        | local_name!("menu")
        | local_name!("nav")
        | local_name!("ol")
        | local_name!("optgroup")
        | local_name!("option")
        | local_name!("p")
        | local_name!("pre")
        | local_name!("search")
        | local_name!("section")
        | local_name!("select")
        | local_name!("summary")
        | local_name!("table")
        | local_name!("tbody")
        | local_name!("textarea")
        | local_name!("tfoot")
        | local_name!("thead")
        | local_name!("tr")
        | local_name!("ul") => Gap::Line,
        local_name!("button") | local_name!("input") | local_name!("img") => Gap::Space,
        _ => Gap::None,
    }
}

/// Parts of words that speak of a telephone, in small letters.
const TELEPHONE: [&str; 25] = [
    "tel",
    "phone",
    "fon",
    "fono",
    "call",
    "whats",
    "mobil",
    "cell",
    "viber",
    "contact",
    "kontakt",
    "sms",
    "text",
    "numer",
    "númer",
    "nummer",
    "тел",
    "номер",
    "звон",
    "☎",
    "📞",
    "📱",
    "电话",
    "電話",
    "โทร",
];

/// Where a word may be broken at the end of a line; not seen elsewhere.
const SOFT_HYPHEN: char = '\u{ad}';

/// Text as it is written, with the gap that is due before the next piece.
#[derive(Default)]
pub(super) struct Text {
    pub out: String,
    due: Gap,
    pub joints: Vec<usize>,
    /// Where the table's row begins.
    pub row: usize,
    /// The last word was an at sign in a cell of its own, or began so.
    ends_in_sign: bool,
}

impl Text {
    pub fn wants(&mut self, gap: Gap) {
        self.due = self.due.max(gap);
    }

    /// Writes a text node: white space collapsed, soft hyphens left out.
    pub fn push(&mut self, text: &str, preformatted: bool) {
        if preformatted {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.wants(Gap::Line);
                }
                self.push(line, false);
            }
            return;
        }
        // Most text is ASCII, where white space is told from single bytes and no soft hyphen can be.
        if text.is_ascii() {
            self.ascii(text);
        } else if text.contains(SOFT_HYPHEN) {
            let text = text.replace(SOFT_HYPHEN, "");
            self.words(text.split(char::is_whitespace));
        } else {
            self.words(text.split(char::is_whitespace));
        }
    }

    /// Writes the words of ASCII. Those with one space between them are written at once, as they stand.
    fn ascii(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let is_space = |at: usize| matches!(bytes[at], b' ' | b'\t'..=b'\r');
        let word_end = |mut at: usize| {
            while at < bytes.len() && !is_space(at) {
                at += 1;
            }
            at
        };
        let mut at = 0;
        while at < bytes.len() {
            if is_space(at) {
                self.wants(Gap::Space);
                at += 1;
                continue;
            }
            let first = word_end(at);
            let mut last = first;
            while last + 1 < bytes.len() && bytes[last] == b' ' && !is_space(last + 1) {
                last = word_end(last + 1);
            }
            self.word(&text[at..first]);
            if last > first {
                let room = TEXT.saturating_sub(self.out.len());
                self.out.push_str(&text[first..last.min(first + room)]);
                self.ends_in_sign = false;
            }
            at = last;
        }
    }

    fn words<'t>(&mut self, words: impl Iterator<Item = &'t str>) {
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            if !word.is_empty() {
                self.word(word);
            }
            if words.peek().is_some() {
                self.wants(Gap::Space);
            }
        }
    }

    pub fn word(&mut self, word: &str) {
        if self.out.len() >= TEXT {
            return;
        }
        if !self.out.is_empty() {
            match self.due {
                Gap::None => self.join(word),
                Gap::Space => self.out.push(' '),
                Gap::Cell if self.is_in_number(word) => self.out.push(' '),
                // A name, its sign and its host, each in a cell.
                Gap::Cell if word == "@" || self.ends_in_sign => {}
                Gap::Cell => self.out.push('\t'),
                Gap::Line => self.out.push('\n'),
            }
        }
        self.ends_in_sign = self.due == Gap::Cell && word == "@";
        self.due = Gap::None;
        let mut end = word.len().min(TEXT.saturating_sub(self.out.len()));
        while !word.is_char_boundary(end) {
            end -= 1;
        }
        self.out.push_str(&word[..end]);
    }

    /// True where a cell goes on with the number of the cell before it: figures alone, in a row that speaks of a telephone.
    fn is_in_number(&self, word: &str) -> bool {
        let is_figures = |text: &str| {
            text.bytes().any(|byte| byte.is_ascii_digit())
                && text.len() <= 16
                && text.bytes().all(|byte| {
                    matches!(byte, b'0'..=b'9' | b'+' | b'(' | b')' | b'-' | b'.' | b' ')
                })
        };
        if !is_figures(word) {
            return false;
        }
        let row = self.out.get(self.row..).unwrap_or_default();
        let last = row.rsplit(['\t', '\n']).next().unwrap_or_default();
        if !is_figures(last) {
            return false;
        }
        let mut from = self.row.saturating_sub(40);
        while !self.out.is_char_boundary(from) {
            from += 1;
        }
        let near = self.out[from..].to_lowercase();
        TELEPHONE.iter().any(|word| near.contains(word))
    }

    /// Sets the signs around what was written from `start` on that tell of text shown from its end.
    pub fn turn(&mut self, start: usize) {
        let written = self.out.get(start..).unwrap_or_default();
        let lead = written.len() - written.trim_start().len();
        if written.len() == lead {
            return;
        }
        let start = start + lead;
        self.out.insert(start, '\u{202e}');
        self.out.push('\u{202c}');
        let moved = '\u{202e}'.len_utf8();
        let behind = self.joints.iter_mut().filter(|joint| **joint >= start);
        behind.for_each(|joint| *joint += moved);
    }

    /// Remembers where two pieces of text make one number.
    fn join(&mut self, word: &str) {
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        if is_digit(self.out.as_bytes().last()) && is_digit(word.as_bytes().first()) {
            self.joints.push(self.out.len());
        }
    }

    /// Writes what a link says behind its text: `Call me <tel:+12025550123>`. The gap that is due stays due.
    pub fn push_aside(&mut self, aside: &str) {
        self.out.push(' ');
        self.out.push_str(aside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_ascii_are_written_as_all_words_are() {
        let letters = [' ', '\n', 'a', '1', '@'];
        let texts = (0..5_usize.pow(6)).map(|number| {
            let places = (0..6).map(|place| number / 5_usize.pow(place) % 5);
            places.map(|letter| letters[letter]).collect::<String>()
        });
        for text in texts {
            for (before, gap) in [
                ("", Gap::None),
                ("Tel 1", Gap::None),
                ("Tel\t1", Gap::Cell),
                ("x", Gap::Line),
            ] {
                let written = |quickly: bool| {
                    let mut written = Text::default();
                    before
                        .split('\t')
                        .for_each(|cell| written.push(cell, false));
                    written.wants(gap);
                    match quickly {
                        true => written.ascii(&text),
                        false => written.words(text.split([' ', '\n'])),
                    }
                    written.wants(Gap::Cell);
                    written.word("b");
                    (written.out, written.joints)
                };
                assert_eq!(written(true), written(false), "{before:?} {text:?}");
            }
        }
    }
}
