//! Whether anything that a pattern fits can stand in a text as texts are compared: a few of the shortest such things, folded
//! as texts are, and tried.

use std::{collections::HashMap, ptr};

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use sightline_extractors::fold_text;

/// The most samples that are drawn of a pattern.
const MOST_DRAWN: u64 = 256;
/// The longest sample, in bytes: of what is longer nothing is said.
const LONGEST: usize = 4 * 1024;
/// What stands for a class where it may: a letter, a digit, a space, marks, letters of other scripts, a picture.
const USUAL: [char; 16] = [
    'a', '7', 'x', 'o', '-', ' ', '.', '@', 'é', 'и', 'ω', 'ا', 'क', '漢', '€', '🌸',
];
/// The most ranges of a class of which letters are tried, and the most letters of one that is small.
const MOST_RANGES: usize = 12;
const MOST_LETTERS: usize = 512;

/// What a pattern fits that no text holds once it is folded: the shortest, and as what it is compared.
#[derive(Debug)]
pub(super) struct Unfit {
    pub written: String,
    pub compared: String,
}

/// Draws samples until one still fits when it is folded; the first of them where none does.
pub(super) fn unfit(hir: &Hir, regex: &Regex) -> Option<Unfit> {
    let mut first = None;
    let mut sampler = Sampler::default();
    for seed in 0..MOST_DRAWN {
        sampler.begin(seed);
        if !sampler.draw(hir) {
            return None;
        }
        let compared = fold_text(&sampler.text).text;
        if fits_somewhere(&sampler.text, regex) {
            return None;
        }
        first.get_or_insert_with(|| Unfit {
            written: sampler.text.clone(),
            compared,
        });
    }
    first
}

/// True where a pattern fits a sample, alone or with a letter or a space beside it: it may ask what stands there.
fn fits_somewhere(sample: &str, regex: &Regex) -> bool {
    const BESIDE: [&str; 3] = ["", " ", "a"];
    BESIDE.into_iter().any(|before| {
        BESIDE.into_iter().any(|behind| {
            let text = format!("{before}{sample}{behind}");
            regex.is_match(&fold_text(&text).text)
        })
    })
}

/// Draws texts that a pattern fits but for what it asks of the places between letters.
#[derive(Default)]
struct Sampler {
    /// 0 draws what is plainest; every other draws by chance, and repeats exactly.
    state: u64,
    /// Which alternative is taken where the first several are met; one after the other, so that each of them is tried.
    turn: Option<u64>,
    text: String,
    /// What is drawn from of each class, by where the class stands in memory.
    letters: HashMap<usize, Vec<char>>,
}

impl Sampler {
    fn begin(&mut self, seed: u64) {
        self.state = seed;
        self.turn = Some(seed);
        self.text.clear();
    }

    /// False where it becomes too long.
    fn draw(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => {
                self.text.push_str(&String::from_utf8_lossy(&literal.0));
                self.text.len() <= LONGEST
            }
            HirKind::Class(class) => {
                let key = ptr::from_ref(class).addr();
                let count = self
                    .letters
                    .entry(key)
                    .or_insert_with(|| letters(class))
                    .len();
                let nth = self.below(count);
                let drawn = self.letters.get(&key).and_then(|letters| letters.get(nth));
                self.text.extend(drawn);
                self.text.len() <= LONGEST
            }
            HirKind::Capture(capture) => self.draw(&capture.sub),
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Concat(parts) => parts.iter().all(|part| self.draw(part)),
            HirKind::Alternation(parts) => {
                let nth = match self.turn.take() {
                    Some(turn) => (turn % parts.len().max(1) as u64) as usize,
                    None => self.below(parts.len()),
                };
                parts.get(nth).is_none_or(|part| self.draw(part))
            }
        }
    }

    fn repeat(&mut self, repetition: &Repetition) -> bool {
        // Once more at times: what is left out is not what a pattern is written for.
        let more = match repetition.max {
            Some(most) if most <= repetition.min => 0,
            _ => self.below(2),
        };
        (0..repetition.min as usize + more).all(|_| {
            let before = self.text.len();
            // What adds nothing adds nothing if repeated.
            self.draw(&repetition.sub) && (self.text.len() > before || repetition.min < 1_000)
        })
    }

    /// A number below that one.
    fn below(&mut self, most: usize) -> usize {
        if self.state == 0 || most == 0 {
            return 0;
        }
        // SplitMix64 (Steele, Lea and Flood, 2014).
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }
}

/// Letters of a class that stand in texts as they are compared, the plainest first; where there is none, one that does not.
fn letters(class: &Class) -> Vec<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .filter(|range| range.end().is_ascii())
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let holds = |letter: char| {
        ranges
            .iter()
            .any(|&(start, end)| (start..=end).contains(&letter))
    };
    let usual = USUAL.into_iter().filter(|&letter| holds(letter));
    let edges = ranges
        .iter()
        .take(MOST_RANGES)
        .flat_map(|&(start, end)| [start, end]);
    let stands = |letter: &char| {
        let mut buffer = [0; 4];
        let written = letter.encode_utf8(&mut buffer);
        fold_text(written).text == *written
    };
    let mut found: Vec<char> = usual.chain(edges).filter(stands).collect();
    if found.is_empty() {
        let all = ranges.iter().flat_map(|&(start, end)| start..=end);
        found.extend(all.take(MOST_LETTERS).find(stands));
    }
    if found.is_empty() {
        found.extend(ranges.first().map(|&(start, _)| start));
    }
    found
}
