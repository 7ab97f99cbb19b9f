//! Signs of direction: in which order a reader sees what stands between them.
//!
//! This is the Unicode bidirectional algorithm (UAX #9; <https://www.unicode.org/reports/tr9/>), as far as signs go: embeddings,
//! overrides and isolates within each other, and what lies at their levels. Letters and digits turn nothing round by themselves:
//! a number keeps its order in a text that runs from right to left, and words of such a text are read as they are
//! written. So only what stands in a right-to-left override is read from its end.

use sightline_model::StepKind;

use super::{Folded, is_invisible, styles};

/// The sign behind which text is shown from its end.
const OVERRIDE: char = '\u{202e}';

/// The sign that ends an override or an embedding.
const END: char = '\u{202c}';

/// True of a text of which a part is shown from its end, as far as its signs tell.
pub(in crate::selectors) fn is_turned(text: &str) -> bool {
    text.contains(OVERRIDE)
}

/// True for the signs that begin and end embeddings, overrides and isolates.
pub(in crate::selectors) fn is_sign(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Which way what stands behind U+202E is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::selectors) enum Reading {
    /// In the order in which it is shown.
    AsShown,
    /// As it stands, the signs counting for nothing.
    AsItStands,
}

/// The text in the order in which it is shown, without the signs that turn it round.
pub(super) fn shown(text: &str) -> Folded<'static> {
    let mut shown = Folded::with_capacity(text.len());
    let mut signs = Signs::default();
    let mut turned: Vec<Piece> = Vec::new();
    for (start, letter) in text.char_indices() {
        let level = signs.read(letter);
        // One that ends nothing is only one that cannot be seen.
        if letter == OVERRIDE || letter == END && level > 0 {
            continue;
        }
        let end = start + letter.len_utf8();
        // What is set on a character stays with it.
        let stays = !matches!(letter, '\u{2066}'..='\u{2069}')
            && (is_invisible(letter) || styles::is_mark_on_digit(letter));
        if let Some(last) = turned.last_mut()
            && stays
            && last.end == start
        {
            last.end = end;
            continue;
        }
        let is_long = turned.len() >= LONGEST && letter.is_whitespace();
        if level == 0 || is_long || turned.len() >= 2 * LONGEST {
            write(text, &mut turned, &mut shown);
        }
        match level {
            0 => shown.push(letter, (start, end)),
            _ => turned.push(Piece { start, end, level }),
        }
    }
    write(text, &mut turned, &mut shown);
    shown
}

/// The most characters that are put into order at once: no line on a screen is longer.
const LONGEST: usize = 4_000;

/// Writes what lies at levels of its own in the order in which it is shown.
fn write(text: &str, pieces: &mut Vec<Piece>, shown: &mut Folded<'_>) {
    order(pieces);
    for piece in pieces.drain(..) {
        let place = shown.text.len();
        for (offset, letter) in text[piece.start..piece.end].char_indices() {
            let from = piece.start + offset;
            shown.push(letter, (from, from + letter.len_utf8()));
        }
        if piece.level % 2 == 1 {
            shown.mark(place, shown.text.len(), StepKind::Reversed);
        }
    }
}

/// True for what ends a paragraph, and with it all that its signs began.
fn ends_paragraph(letter: char) -> bool {
    matches!(
        letter,
        '\n' | '\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2029}'
    )
}

/// A character and what is set on it, and the level at which it is shown.
#[derive(Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    level: u8,
}

/// The deepest level there is; what would lie deeper counts for nothing.
const DEEPEST: u8 = 125;

/// What a sign began that is not at its end.
#[derive(Clone, Copy)]
struct Open {
    level: u8,
    overrides: bool,
    is_isolate: bool,
}

/// The signs that are open, and those that lie too deep to count.
#[derive(Default)]
struct Signs {
    open: Vec<Open>,
    deep_isolates: usize,
    deep_embeddings: usize,
}

impl Signs {
    /// Takes in the next character of a text, and gives the level at which it is shown.
    fn read(&mut self, letter: char) -> u8 {
        let level = self.level();
        match letter {
            '\u{202a}' => self.begin(false, false, false),
            '\u{202b}' => self.begin(true, false, false),
            '\u{202d}' => self.begin(false, true, false),
            OVERRIDE => self.begin(true, true, false),
            END => self.end_embedding(),
            // Which way U+2068 goes is told by what stands in it. Without an override, either way keeps its order.
            '\u{2066}' | '\u{2068}' => self.begin(false, false, true),
            '\u{2067}' => self.begin(true, false, true),
            '\u{2069}' => {
                self.end_isolate();
                return self.level();
            }
            // They part what is turned round.
            '\t' | '\u{b}' | '\u{1f}' | '\u{2028}' => return 0,
            letter if ends_paragraph(letter) => {
                *self = Self::default();
                return 0;
            }
            _ => return level,
        }
        // A sign that begins or ends an embedding parts nothing that it stands between.
        match letter {
            '\u{2066}'..='\u{2069}' => level,
            _ => level.max(self.level()),
        }
    }

    fn now(&self) -> Open {
        self.open.last().copied().unwrap_or(Open {
            level: 0,
            overrides: false,
            is_isolate: false,
        })
    }

    /// The level of what stands here: even where it keeps its order.
    fn level(&self) -> u8 {
        let now = self.now();
        match now.overrides {
            true => now.level,
            false => now.level.next_multiple_of(2),
        }
    }

    fn begin(&mut self, is_right_to_left: bool, overrides: bool, is_isolate: bool) {
        let level = self.now().level;
        // The next odd one, or the next even one.
        let level = level + 1 + u8::from((level % 2 == 1) == is_right_to_left);
        if level <= DEEPEST && self.deep_isolates + self.deep_embeddings == 0 {
            self.open.push(Open {
                level,
                overrides,
                is_isolate,
            });
        } else if is_isolate {
            self.deep_isolates += 1;
        } else if self.deep_isolates == 0 {
            self.deep_embeddings += 1;
        }
    }

    fn end_embedding(&mut self) {
        if self.deep_isolates == 0 {
            match self.deep_embeddings {
                0 => drop(self.open.pop_if(|open| !open.is_isolate)),
                _ => self.deep_embeddings -= 1,
            }
        }
    }

    fn end_isolate(&mut self) {
        if self.deep_isolates > 0 {
            self.deep_isolates -= 1;
        } else if let Some(at) = self.open.iter().rposition(|open| open.is_isolate) {
            self.deep_embeddings = 0;
            self.open.truncate(at);
        }
    }
}

/// Puts pieces into the order in which they are shown: from the deepest level up, what lies at it or deeper is turned round.
fn order(pieces: &mut [Piece]) {
    let deepest = pieces.iter().map(|piece| piece.level).max().unwrap_or(0);
    for level in (1..=deepest).rev() {
        for run in pieces.chunk_by_mut(|a, b| (a.level >= level) == (b.level >= level)) {
            if run[0].level >= level {
                run.reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signs of the cases below, as short as they can be written.
    fn with_signs(case: &str) -> String {
        let signs = [
            ('{', '\u{202a}'),
            ('}', '\u{202b}'),
            (')', OVERRIDE),
            ('(', '\u{202d}'),
            ('.', END),
            ('<', '\u{2066}'),
            ('>', '\u{2067}'),
            ('?', '\u{2068}'),
            ('!', '\u{2069}'),
        ];
        let letters = case.chars().map(|letter| {
            let sign = signs.iter().find(|(short, _)| *short == letter);
            sign.map_or(letter, |(_, sign)| *sign)
        });
        letters.collect()
    }

    #[test]
    fn what_is_turned_round_is_read_as_it_is_shown() {
        let deep = format!("{}12{}34", ")".repeat(130), ".".repeat(130));
        for (case, seen) in [
            ("a)321.b", "a123b"),
            (")321", "123"),
            // One in the other, whichever they are.
            (")ab)cd.ef.", "fedcba"),
            (")ab(cd.ef.", "fecdba"),
            (")ab{12.ef.", "fe12ba"),
            (")ab}12.ef.", "fe12ba"),
            (")ab<12!ef.", "fe12ba"),
            (")ab>12!ef.", "fe12ba"),
            (")ab?12!ef.", "fe12ba"),
            (")ab<1)23.4!ef.", "fe1324ba"),
            // A number keeps its order from right to left, but for an override.
            ("})12.", "21"),
            ("}12)34.56.", "124356"),
            ("{12)34.56.", "124356"),
            // What lies at the same level side by side is turned round together; isolates part it.
            (")12.)34.", "4321"),
            (")12.{34.", "3421"),
            (">)12.!>)34.!", "2143"),
            (")12. )34.", "21 43"),
            // What ends, and what does not.
            (")12<34", "3421"),
            ("<12)34!56", "124356"),
            (")12<34.56!78.", "87345621"),
            (")12!34.", "4321"),
            (")12..34", "2134"),
            (")12\n34", "21\n34"),
            (")12\t34", "21\t43"),
            (&deep, "2134"),
        ] {
            let shown = shown(&with_signs(case)).text;
            let seen_here: String = shown
                .chars()
                .filter(|letter| !is_invisible(*letter))
                .collect();
            assert_eq!(seen_here, seen, "{case}");
        }
    }

    #[test]
    fn what_is_set_on_a_character_stays_with_it() {
        let text = "\u{202e}1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}\u{202c}";
        assert_eq!(shown(text).text, "2\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}");
    }

    #[test]
    fn the_way_back_leads_to_the_characters_alone() {
        let text = "Tel \u{202e}3210-555 202\u{202c}.";
        let shown = shown(text);
        let at = shown.text.find("0123").unwrap();
        let (start, end) = shown.origin(at, at + 4);
        assert_eq!(&text[start..end], "3210");
        assert_eq!(shown.steps(at, at + 4), [StepKind::Reversed]);
        assert_eq!(shown.steps(0, 4), []);
    }
}
