//! Pieces read aloud in one language: `two oh double five`, `soixante-dix-huit`, `fünf und zwanzig`.

use sightline_model::{Step, StepKind};

use super::{
    gap::Gap,
    languages::Languages,
    look_alikes::Likeness,
    pieces::{Piece, What},
};
use crate::selectors::words::{self, Meaning, Sense, Sign, is_unspaced};

/// The place of French in the table of words: it counts by sixties and eighties.
const FRENCH: u8 = 1;

/// The places of the languages that say ones before tens: German, Dutch, Danish, Slovene, Arabic.
const ONES_FIRST: [u8; 5] = [4, 6, 16, 35, 27];

/// What some pieces say, as digits.
pub(super) struct Spoken {
    /// Digits, with a plus sign before them where one was said.
    pub digits: String,
    /// How many digits each part has that stands apart.
    pub groups: Vec<usize>,
    /// The values of words and figures in a row, by which counting is known.
    pub values: Vec<u64>,
    pub count: Count,
    /// Of which language most words are.
    pub language: u8,
    steps: Vec<Step>,
}

/// How often what was met.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Count {
    pub words: u32,
    pub weak: u32,
    pub hundreds: u32,
    /// Words of no table, among the other words.
    pub misspelt: u32,
    pub letters: u32,
    pub likeness: Option<Likeness>,
    pub figures: u32,
    pub lone_figures: u32,
    pub sign_words: u32,
    /// Words that might be digits and were taken for the sentence's.
    pub left_out: u32,
    /// Signs that might be digits and were taken for decoration.
    pub marks_left_out: u32,
    pub glued: bool,
}

impl Spoken {
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// A way to read some pieces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Way {
    /// The language that most words are of.
    pub language: u8,
    /// "Twenty five" is 20 and 5.
    is_apart: bool,
    /// Words that are also said for other things are no digits.
    leaves_out: bool,
    /// A word behind its own digit says it once more: `5cinco`.
    says_again: bool,
}

impl Way {
    /// What speaks against it beside another way.
    pub fn price(self) -> u32 {
        u32::from(self.is_apart) + 2 * u32::from(self.leaves_out) + u32::from(self.says_again)
    }
}

/// The ways in which some pieces may be read, the likely ones first.
pub(super) fn ways(pieces: &[Piece]) -> impl Iterator<Item = Way> + use<> {
    let languages = Languages::of(pieces);
    let (mut has_tens, mut has_weak) = (false, false);
    for piece in &pieces[1..pieces.len() - 1] {
        has_weak |= matches!(piece.what, What::Mark(_));
        if let What::Word(senses) = piece.what {
            has_weak |= piece.gap != Gap::Glued && is_left_out(senses);
        }
    }
    for piece in &pieces[..pieces.len() - 1] {
        if let What::Word(senses) = piece.what {
            has_tens |= senses
                .iter()
                .any(|sense| matches!(sense.meaning, Meaning::Number(10..) | Meaning::Hundred));
        }
    }
    let has_again = pieces.windows(2).any(|pair| {
        is_lone_figure(&pair[0]) && matches!(pair[1].what, What::Word(_)) && pair[1].gap <= Gap::Odd
    });
    let (first, second) = languages.likely();
    let of_language = move |language: u8| {
        let way = move |is_apart: bool, leaves_out: bool| Way {
            language,
            is_apart,
            leaves_out,
            says_again: false,
        };
        let again = Way {
            says_again: true,
            ..way(false, false)
        };
        [
            Some(way(false, false)),
            has_tens.then(|| way(true, false)),
            has_weak.then(|| way(false, true)),
            has_again.then_some(again),
        ]
    };
    of_language(first)
        .into_iter()
        .chain(second.map(of_language).into_iter().flatten())
        .flatten()
}

/// Reads pieces aloud; None where a word has no clear meaning in their languages.
pub(super) fn read(text: &str, pieces: &[Piece], way: Way) -> Option<Spoken> {
    let mut reader = Reader {
        spoken: Spoken {
            digits: String::with_capacity(20),
            groups: Vec::with_capacity(12),
            values: Vec::with_capacity(12),
            count: Count::default(),
            language: way.language,
            steps: Vec::new(),
        },
        way,
        is_unspaced: false,
        times: 1,
        last: None,
        hundreds: None,
        has_and: false,
        plus: false,
        languages: Languages::of(pieces),
        end: pieces[0].start,
        lone: None,
    };
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0
            && piece.gap == Gap::Glued
            && !is_figure(piece) | !is_figure(&pieces[index - 1])
        {
            let both_letters = is_letter(piece) || is_letter(&pieces[index - 1]);
            reader.spoken.count.glued |= !both_letters;
        }
        reader.piece(text, piece)?;
    }
    Some(reader.done())
}

/// True for a word that is rather said for something else: "to", "for".
fn is_left_out(senses: &[Sense]) -> bool {
    senses
        .iter()
        .all(|sense| sense.is_weak && !sense.is_proper && sense.meaning != Meaning::And)
}

fn is_figure(piece: &Piece) -> bool {
    matches!(piece.what, What::Digits)
}

/// True for a digit at the beginning of a word or by itself.
fn is_lone_figure(piece: &Piece) -> bool {
    is_figure(piece) && piece.end - piece.start == 1 && piece.gap != Gap::Glued
}

fn is_letter(piece: &Piece) -> bool {
    matches!(piece.what, What::Letter(..))
}

struct Reader {
    spoken: Spoken,
    /// The piece is of a script without spaces.
    is_unspaced: bool,
    way: Way,
    /// How often the next digit stands.
    times: usize,
    /// The number before, where a word may still add to it: its value and how many digits it took.
    last: Option<(u16, usize)>,
    /// Hundreds that were just said: tens may follow.
    hundreds: Option<u16>,
    /// True behind "and".
    has_and: bool,
    plus: bool,
    languages: Languages,
    /// Where the piece before ended.
    end: usize,
    /// The digit right before, where it stood alone at the beginning of its word.
    lone: Option<u16>,
}

impl Reader {
    fn piece(&mut self, text: &str, piece: &Piece) -> Option<()> {
        let lone = self.lone.take();
        match piece.what {
            What::Digits => {
                let written = &text[piece.start..piece.end];
                self.spoken.count.figures += written.len() as u32;
                self.spoken.count.lone_figures += u32::from(written.len() == 1);
                // `trente9` is 39.
                if let (Some((tens @ 20..=90, 2)), Gap::Glued, Ok(one @ 1..=9)) =
                    (self.last, piece.gap, written.parse::<u16>())
                    && tens % 10 == 0
                    && written.len() == 1
                {
                    self.replace(tens + one, 2);
                    self.last = None;
                    self.end = piece.end;
                    return Some(());
                }
                self.last = None;
                self.lone = match is_lone_figure(piece) {
                    true => written.parse().ok(),
                    false => None,
                };
                self.push(written, piece.gap);
                self.spoken.values.push(written.parse().unwrap_or(u64::MAX));
            }
            What::Letter(digit, likeness) => {
                let count = &mut self.spoken.count;
                count.letters += 1;
                count.likeness = count.likeness.max(Some(likeness));
                let letter = &text[piece.start..piece.end];
                let step = Step::about(StepKind::Letters, format_args!("{letter}→{digit}"));
                if !self.spoken.steps.contains(&step) {
                    self.spoken.steps.push(step);
                }
                self.last = None;
                self.push(&digit.to_string(), piece.gap);
            }
            What::Mark(_) if self.way.leaves_out => {
                self.spoken.count.marks_left_out += 1;
                self.last = None;
            }
            What::Mark(digit) => {
                let count = &mut self.spoken.count;
                count.letters += 1;
                count.likeness = count.likeness.max(Some(Likeness::Fair));
                let sign = &text[piece.start..piece.end];
                let step = Step::about(StepKind::Letters, format_args!("{sign}→{digit}"));
                if !self.spoken.steps.contains(&step) {
                    self.spoken.steps.push(step);
                }
                self.last = None;
                self.push(&digit.to_string(), piece.gap);
            }
            What::Sign(sign) => {
                self.spoken.count.sign_words += 1;
                self.last = None;
                match (sign, self.spoken.digits.is_empty()) {
                    (Sign::Plus, true) => self.plus = true,
                    // "… then 555 plus 0123".
                    (Sign::Plus, false) => self.spoken.count.left_out += 1,
                    _ => {}
                }
            }
            What::Word(senses) => {
                if self.way.leaves_out && piece.gap != Gap::Glued && is_left_out(senses) {
                    self.spoken.count.left_out += 1;
                    self.last = None;
                    self.hundreds = None;
                    self.end = piece.end;
                    return Some(());
                }
                let sense = self.languages.meaning(senses, self.way.language)?;
                let is_again = self.way.says_again
                    && matches!(
                        &text[self.end..piece.start],
                        "" | "(" | " (" | "[" | " [" | "="
                    )
                    && lone.is_some_and(|digit| sense.meaning == Meaning::Number(digit));
                if is_again {
                    self.spoken.count.words += 1;
                    self.last = None;
                    self.end = piece.end;
                    return Some(());
                }
                // `null1sieben … 0null`: who says one digit again says all of them so.
                if self.way.says_again && lone.is_some() && piece.gap == Gap::Glued {
                    return None;
                }
                self.is_unspaced = text[piece.start..].starts_with(is_unspaced);
                // A comma ends a number: "twenty, five" is 20 and 5.
                let between = &text[self.end..piece.start];
                if between.contains([',', '/', ';', '.'])
                    || matches!(between, " - " | " – " | " — ")
                {
                    self.last = None;
                }
                if sense.is_misspelt {
                    // An ordinary word in its place is a bolder guess.
                    self.spoken.count.misspelt += 1 + u32::from(sense.is_common);
                    let meant = sense.meaning.number();
                    let meant = meant.and_then(|digit| words::proper(sense.language, digit));
                    let written = &text[piece.start..piece.end];
                    let about = format_args!("{written}→{}", meant.unwrap_or_default());
                    let step = Step::about(StepKind::Misspelt, about);
                    if !self.spoken.steps.contains(&step) {
                        self.spoken.steps.push(step);
                    }
                }
                self.word(sense, piece.gap)?;
            }
        }
        self.end = piece.end;
        Some(())
    }

    fn word(&mut self, sense: Sense, gap: Gap) -> Option<()> {
        let count = &mut self.spoken.count;
        match sense.is_weak {
            // Signs that sound like digits stand in every Chinese text, but not in rows.
            true if gap == Gap::Glued && self.is_unspaced => count.words += 1,
            true if sense.is_proper && sense.language == self.way.language => count.words += 1,
            true => count.weak += u32::from(sense.meaning != Meaning::And),
            false => count.words += 1,
        }
        match sense.meaning {
            Meaning::Number(value) => self.number(value, gap),
            Meaning::Times(times) => {
                self.times = usize::from(times);
                self.last = None;
            }
            Meaning::And => {
                self.has_and = true;
                return Some(());
            }
            Meaning::Ten => match self.last {
                Some((value @ 2..=9, 1)) => self.replace(value * 10, 1),
                _ => self.number(10, gap),
            },
            Meaning::Hundred => {
                self.spoken.count.hundreds += 1;
                match self.last.take() {
                    Some((value @ 1..=9, 1)) => {
                        self.append("00");
                        self.hundreds = Some(value * 100);
                    }
                    // A hundred by itself is one.
                    None | Some(_) if self.times == 1 => {
                        self.push("100", gap);
                        self.spoken.values.push(100);
                        self.hundreds = Some(100);
                    }
                    _ => return None,
                }
                self.has_and = false;
                return Some(());
            }
            Meaning::Thousand => {
                self.spoken.count.hundreds += 1;
                match self.last.take() {
                    Some((1..=9, 1)) => self.append("000"),
                    _ => return None,
                }
            }
        }
        self.has_and = false;
        Some(())
    }

    fn number(&mut self, value: u16, gap: Gap) {
        let joins = !self.way.is_apart && !matches!(gap, Gap::Line | Gap::Words(_) | Gap::Break);
        let before = self.last.filter(|_| joins && self.times == 1);
        // Five hundred fifty-five; but nine hundred one two three.
        let hundreds = self.hundreds.take();
        if let Some(hundreds) =
            hundreds.filter(|_| joins && value < 100 && (value > 9 || self.has_and))
        {
            return self.replace(hundreds + value, 3);
        }
        let is_french = self.way.language == FRENCH;
        match before {
            // 20 and 5; 60 and 18, as the French count; 300 and 25.
            Some((tens @ 20..=90, 2))
                if tens % 10 == 0 && (1..10).contains(&value) && !self.says_ones_first() =>
            {
                self.replace(tens + value, 2);
            }
            Some((tens @ (60 | 80), 2)) if is_french && (10..20).contains(&value) => {
                self.replace(tens + value, 2);
            }
            // Dix-sept to dix-neuf, also behind another number.
            Some((10, 2)) if is_french && (7..10).contains(&value) => self.replace(10 + value, 2),
            Some((4, 1)) if is_french && value == 20 => self.replace(80, 1),
            Some((hundreds @ 100..=900, 3)) if hundreds % 100 == 0 && (1..100).contains(&value) => {
                self.replace(hundreds + value, 3);
            }
            // 340 and 5.
            Some((hundreds @ 120..=990, 3))
                if hundreds % 10 == 0 && hundreds % 100 >= 20 && (1..10).contains(&value) =>
            {
                self.replace(hundreds + value, 3);
            }
            // Five and twenty.
            Some((one @ 1..=9, 1))
                if self.has_and && value.is_multiple_of(10) && (20..100).contains(&value) =>
            {
                self.replace(one + value, 1);
            }
            _ => {
                let written = value.to_string().repeat(self.times);
                self.times = 1;
                self.push(&written, gap);
                self.spoken.values.push(u64::from(value));
                self.last = Some((value, written.len()));
            }
        }
    }

    /// True where "achtzig zwei" is 80 and 2, for 82 is "zweiundachtzig".
    fn says_ones_first(&self) -> bool {
        ONES_FIRST.contains(&self.way.language)
    }

    /// Writes another number in place of the last.
    fn replace(&mut self, value: u16, length: usize) {
        for _ in 0..length {
            self.spoken.digits.pop();
        }
        let written = value.to_string();
        if let Some(group) = self.spoken.groups.last_mut() {
            *group = (*group + written.len()).saturating_sub(length);
        }
        self.spoken.digits.push_str(&written);
        if let Some(last) = self.spoken.values.last_mut() {
            *last = u64::from(value);
        }
        self.last = Some((value, written.len()));
    }

    fn push(&mut self, digits: &str, gap: Gap) {
        self.has_and = false;
        self.hundreds = None;
        let before = self.spoken.digits.len();
        // "Double 5 6": only the first stands twice.
        let (first, rest) = digits.split_at(1);
        for _ in 0..self.times {
            self.spoken.digits.push_str(first);
        }
        self.spoken.digits.push_str(rest);
        self.times = 1;
        let length = self.spoken.digits.len() - before;
        match self.spoken.groups.last_mut() {
            Some(group) if gap == Gap::Glued => *group += length,
            _ => self.spoken.groups.push(length),
        }
    }

    fn append(&mut self, digits: &str) {
        self.spoken.digits.push_str(digits);
        if let Some(group) = self.spoken.groups.last_mut() {
            *group += digits.len();
        }
    }

    fn done(self) -> Spoken {
        let mut spoken = self.spoken;
        let count = spoken.count;
        let mut steps: Vec<Step> = Vec::new();
        if count.words + count.weak > 0 {
            steps.push(StepKind::NumberWords.into());
        }
        if count.glued {
            steps.push(StepKind::Glued.into());
        }
        if count.sign_words > 0 {
            steps.push(StepKind::SignWords.into());
        }
        steps.append(&mut spoken.steps);
        spoken.steps = steps;
        if self.plus {
            spoken.digits.insert(0, '+');
        }
        spoken
    }
}
