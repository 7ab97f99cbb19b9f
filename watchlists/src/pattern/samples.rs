//! Whether anything that a pattern fits can stand in a text as texts are compared: a few of the shortest such things, folded
//! as texts are, and tried.

use std::{
    collections::{HashMap, HashSet},
    ptr,
};

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use sightline_extractors::fold_text;

/// The most samples that are drawn of a pattern.
const MOST_DRAWN: u64 = 256;
/// The longest sample, in bytes: of what is longer nothing is said.
const LONGEST: usize = 4 * 1024;
/// The most bytes of all texts that are tried: what it costs to refuse a pattern is bounded, and of one that would take more
/// nothing is said.
const MOST_TRIED: usize = 64 * 1024;
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
    let mut left = MOST_TRIED;
    unfit_within(&mut left, hir, regex)
}

/// As [`unfit`], with so many bytes `left` to be tried.
fn unfit_within(left: &mut usize, hir: &Hir, regex: &Regex) -> Option<Unfit> {
    let beside = [looks_out(hir, End::Front), looks_out(hir, End::Back)].map(|looks| match looks {
        true => &BESIDE[..],
        false => &BESIDE[..1],
    });
    let mut first = None;
    let mut tried = HashSet::new();
    let mut sampler = Sampler::default();
    for seed in 0..MOST_DRAWN {
        sampler.begin(seed);
        if !sampler.draw(hir) {
            return None;
        }
        // Of many patterns there are few samples, each drawn again and again.
        if !tried.insert(sampler.text.clone()) {
            continue;
        }
        for before in beside[0] {
            for behind in beside[1] {
                let text = format!("{before}{}{behind}", sampler.text);
                *left = left.checked_sub(text.len())?;
                if regex.is_match(&fold_text(&text).text) {
                    return None;
                }
            }
        }
        first.get_or_insert_with(|| Unfit {
            written: sampler.text.clone(),
            compared: fold_text(&sampler.text).text,
        });
    }
    first
}

/// What stands beside a sample where its pattern may ask what does: nothing, a space or a letter.
const BESIDE: [&str; 3] = ["", " ", "a"];

#[derive(Clone, Copy)]
enum End {
    Front,
    Back,
}

/// True where a pattern may ask what stands beside what it fits, at this end.
fn looks_out(hir: &Hir, end: End) -> bool {
    match hir.kind() {
        HirKind::Look(_) => true,
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Capture(capture) => looks_out(&capture.sub, end),
        HirKind::Repetition(repetition) => looks_out(&repetition.sub, end),
        HirKind::Alternation(parts) => parts.iter().any(|part| looks_out(part, end)),
        HirKind::Concat(parts) => {
            // Through what may be left out.
            let may_be_empty = |part: &&Hir| part.properties().minimum_len() == Some(0);
            let (one, other) = match end {
                End::Front => {
                    let open = parts.iter().take_while(may_be_empty).count();
                    (0, open + 1)
                }
                End::Back => {
                    let open = parts.iter().rev().take_while(may_be_empty).count();
                    (parts.len().saturating_sub(open + 1), parts.len())
                }
            };
            let parts = &parts[one..other.min(parts.len())];
            parts.iter().any(|part| looks_out(part, end))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::{super::parsed, *};

    fn tried(pattern: &str) -> (Option<Unfit>, usize) {
        let hir = parsed(pattern).unwrap();
        let regex = regex::RegexBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .unwrap();
        let mut left = MOST_TRIED;
        let unfit = unfit_within(&mut left, &hir, &regex);
        (unfit, MOST_TRIED - left)
    }

    #[test]
    fn what_is_tried_of_a_pattern_is_bounded() {
        for pattern in [
            r"\b(?:[a-z]  [a-z0-9]{9}){300}\b",
            r"(?:[0-9]  [a-z]){600}",
            r"\b[a-z]{900}  [0-9]{900}\b",
        ] {
            let (unfit, bytes) = tried(pattern);
            assert!(unfit.is_none() && bytes <= MOST_TRIED, "{pattern}: {bytes}");
        }
        // What has one sample alone is tried once, and beside others only where it asks for that.
        let long = format!("{}  x", "a".repeat(490));
        for (pattern, texts) in [(long.clone(), 1), (format!(r"{long}\b"), 3)] {
            let (unfit, bytes) = tried(&pattern);
            assert!(unfit.is_some(), "{pattern}");
            assert!(bytes < (long.len() + 2) * texts, "{pattern}: {bytes}");
        }
    }

    #[test]
    fn what_a_pattern_asks_beside_itself_is_seen_through_what_may_be_left_out() {
        for (pattern, front, back) in [
            ("lotus", false, false),
            (r"a\bb", false, false),
            (r"\blotus", true, false),
            (r"lotus(?:x?\B)", false, true),
            (r"-?\Blotus", true, false),
            (r"(?:spa|lotus\b)", false, true),
            (r"(?:^|x)lotus$", true, true),
        ] {
            let hir = parsed(pattern).unwrap();
            let looks = [looks_out(&hir, End::Front), looks_out(&hir, End::Back)];
            assert_eq!(looks, [front, back], "{pattern}");
        }
        assert!(tried(r"-?\Blotus").0.is_none());
    }
}
