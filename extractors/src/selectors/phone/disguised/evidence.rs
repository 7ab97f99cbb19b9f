//! How much speaks for a disguised number, and how much against it: one table, with a reason for each weight.
//!
//! That the digits are a valid number of a region is asked before. In North America that alone says little (four of
//! ten random ten-digit strings are valid), so what the text does with the digits has to say the rest.
//! docs/decisions/0007-evidence-for-disguised-numbers.md tells how the weights were chosen.

use super::{super::beside::Beside, look_alikes::Likeness};

/// What is known about a reading.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Facts {
    pub is_labelled: bool,
    /// Begins with `+`, or with a word for it.
    pub is_international: bool,
    /// The digits stand in the groups in which the region writes its numbers.
    pub has_shape: bool,
    /// Every digit stands alone, all apart in the same way.
    pub is_regular: bool,
    /// Figures alone, a row of them on each line, and nothing else on these lines.
    pub is_column: bool,
    /// Letters of another script among figures.
    pub strange: u32,
    /// Nothing that may be a digit stands at either end.
    pub is_whole: bool,
    /// So it is at the beginning, and at the end.
    pub breaks: [bool; 2],
    /// What was cut off there may be a figure of its own.
    pub beside: [Option<Beside>; 2],
    pub words: u32,
    pub weak_words: u32,
    pub hundreds: u32,
    /// Words that are misspelt, among the other words.
    pub misspelt: u32,
    pub letters: u32,
    pub likeness: Option<Likeness>,
    /// Begins with the zero that the country dials first.
    pub has_trunk_zero: bool,
    /// Digits that stood as digits.
    pub figures: u32,
    /// Gaps of signs that numbers are not written with.
    pub odd_gaps: u32,
    pub line_ends: u32,
    /// Full stops that end sentences between.
    pub sentences: u32,
    /// Gaps that hold words, and the words in them.
    pub word_gaps: u32,
    pub fillers: u32,
    /// Ends at which other digits had to be cut off.
    pub cuts: u32,
    /// The last digits are a round number, as amounts are.
    pub is_round: bool,
    /// The last digits stood as digits.
    pub ends_in_figures: bool,
    /// All figures are round amounts, or postcodes with a word between.
    pub all_round: bool,
    /// Words with capitals stand between.
    pub has_names: bool,
    /// The words between say which part of a number follows.
    pub is_told: bool,
    /// Every figure stands alone, words between some of them.
    pub is_spaced_out: bool,
    /// Figures that touch hearts, stars and other pictures on both sides.
    pub garlands: u32,
    /// The last figure stands behind a word and is a year's.
    pub ends_in_year: bool,
    /// Pairs of figures, each greater than the one before.
    pub climbs: bool,
    /// Signs of money stand between the figures.
    pub has_money: bool,
    /// The region is one that the text names, not the source's.
    pub is_from_text: bool,
}

impl Facts {
    /// True where a number may be meant although no country vouches for the digits: a label, and digits read aloud or spaced
    /// out in one line. Figures with signs between them, and letters among them, are other things too often.
    pub fn may_lack_country(&self) -> bool {
        let is_in_one_piece = self.line_ends + self.word_gaps + self.cuts == 0 && self.is_whole;
        self.is_labelled
            && is_in_one_piece
            && self.letters == 0
            && (self.words >= LEAST_WORDS || self.is_regular)
    }
}

impl Facts {
    /// Number words and figures that stand as they should.
    fn right_words(&self) -> u32 {
        (self.words + self.figures).saturating_sub(self.misspelt)
    }
}

/// So many number words have to be among digits of no country.
const LEAST_WORDS: u32 = 4;

/// How much more speaks for the number than against it; below zero, it is none.
pub(super) fn balance(facts: &Facts) -> i32 {
    WEIGHTS
        .iter()
        .map(|weight| {
            let points = (weight.points * (weight.times)(facts)) as i32;
            match weight.side {
                Side::For => points,
                Side::Against => -points,
            }
        })
        .sum()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    For,
    Against,
}

struct Weight {
    side: Side,
    points: u32,
    /// How often it counts.
    times: fn(&Facts) -> u32,
    #[cfg_attr(not(test), expect(dead_code, reason = "it is there to be read"))]
    reason: &'static str,
}

/// So many words and figures have to be right beside words that are misspelt.
const LEAST_RIGHT: u32 = 3;

/// So many hearts and stars between figures are no list's.
const GARLANDS: u32 = 3;

const WEIGHTS: [Weight; 35] = [
    Weight {
        side: Side::For,
        points: 1,
        times: |facts| u32::from(facts.has_trunk_zero),
        reason: "few figures begin with the zero that a country dials first",
    },
    Weight {
        side: Side::For,
        points: 3,
        times: |facts| u32::from(facts.is_labelled),
        reason: "whoever writes 'call' before figures means a number",
    },
    Weight {
        side: Side::For,
        points: 3,
        times: |facts| u32::from(facts.is_international),
        reason: "a plus sign and a valid number of that country seldom meet by chance",
    },
    Weight {
        side: Side::For,
        points: 4,
        times: |facts| u32::from(facts.has_shape),
        reason: "three or more groups of just the right sizes seldom meet by chance",
    },
    Weight {
        side: Side::For,
        points: 4,
        times: |facts| u32::from(facts.is_regular && facts.cuts == 0),
        reason: "nobody spaces out the digits of an amount",
    },
    Weight {
        side: Side::For,
        points: 2,
        times: |facts| u32::from(facts.is_column),
        reason: "bare figures below each other, of just a number's length, are seldom a list",
    },
    Weight {
        side: Side::For,
        points: 3,
        times: |facts| u32::from(facts.strange >= 2 && facts.figures >= 3),
        reason: "Cyrillic letters among figures are there to look like digits",
    },
    Weight {
        side: Side::For,
        points: 2,
        times: |facts| u32::from(facts.is_whole),
        reason: "other figures come in longer or shorter rows than one number's length",
    },
    Weight {
        side: Side::For,
        points: 1,
        times: |facts| facts.words.min(6),
        reason: "number words in a row are a number read aloud",
    },
    Weight {
        side: Side::For,
        points: 2,
        times: |facts| u32::from(facts.is_spaced_out && facts.cuts == 0),
        reason: "figures that all stand alone are a number's, whatever is said between",
    },
    Weight {
        side: Side::For,
        points: 2,
        times: |facts| u32::from(facts.garlands >= GARLANDS),
        reason: "nobody sets hearts and stars among the figures of an amount",
    },
    Weight {
        side: Side::Against,
        points: 2,
        times: |_| 1,
        reason: "a disguise is rarer than figures by chance",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| facts.weak_words.saturating_sub(1).min(5),
        reason: "'to', 'for' and 'won' stand in every text",
    },
    Weight {
        side: Side::Against,
        points: 3,
        times: |facts| u32::from(facts.weak_words > facts.words + facts.figures),
        reason: "words that are also said for other things do not make a number by themselves",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| facts.misspelt,
        reason: "what is only near a number word says less than one that is right",
    },
    Weight {
        side: Side::Against,
        points: 12,
        times: |facts| u32::from(facts.misspelt > 0 && facts.right_words() < LEAST_RIGHT),
        reason: "where little is right, nothing tells what the rest is meant for",
    },
    Weight {
        side: Side::Against,
        points: 12,
        times: |facts| u32::from(facts.misspelt > 0 && (facts.cuts > 0 || !facts.is_whole)),
        reason: "a word is taken for another only in a row that is a number from end to end",
    },
    Weight {
        side: Side::Against,
        points: 2,
        times: |facts| facts.hundreds.saturating_sub(1),
        reason: "several hundreds are prices",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| u32::from(facts.likeness >= Some(Likeness::Fair)),
        reason: "S, B and Z stand in codes of goods",
    },
    Weight {
        side: Side::Against,
        points: 3,
        times: |facts| u32::from(facts.likeness >= Some(Likeness::Far)),
        reason: "so many letters can be taken for digits that any code would be a number",
    },
    Weight {
        side: Side::Against,
        points: 3,
        times: |facts| u32::from(facts.letters > 0 && facts.figures + facts.words == 0),
        reason: "words of capitals alone, as OIL, SOLO and LOSS, are words",
    },
    Weight {
        side: Side::Against,
        points: 3,
        times: |facts| u32::from(facts.letters > facts.figures + facts.words),
        reason: "a word with some digits is a word",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| u32::from(facts.odd_gaps > 0),
        reason: "lists are made with stars and bars",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| facts.line_ends.min(3),
        reason: "figures of two lines mostly have nothing to do with each other",
    },
    Weight {
        side: Side::Against,
        points: 2,
        times: |facts| facts.sentences * facts.word_gaps.min(1),
        reason: "what one sentence says and what the next does are two things",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| facts.word_gaps.min(4),
        reason: "a sentence may hold several figures",
    },
    Weight {
        side: Side::Against,
        points: 1,
        times: |facts| facts.fillers.saturating_sub(2 * facts.word_gaps),
        reason: "the more words stand between, the less the figures belong together",
    },
    Weight {
        side: Side::Against,
        points: 5,
        times: |facts| facts.cuts,
        reason: "what is cut out of a longer row is a number by chance more often",
    },
    Weight {
        side: Side::Against,
        points: 3,
        times: |facts| u32::from(facts.is_round),
        reason: "200, 350, 5000: amounts are round",
    },
    Weight {
        side: Side::Against,
        points: 6,
        times: |facts| u32::from(facts.all_round),
        reason: "several round figures are what several things cost, and two of five with a word between two postcodes",
    },
    Weight {
        side: Side::Against,
        points: 2,
        times: |facts| {
            let vouches = facts.is_labelled
                || facts.has_shape
                || facts.is_international
                || facts.is_told
                // What is murmured between has small letters, and towns have capitals.
                || facts.has_trunk_zero && !facts.has_names
                || facts.is_spaced_out;
            u32::from(facts.word_gaps > 0 && !vouches && facts.words + facts.letters == 0)
        },
        reason: "a postcode or two, and a word between: figures of two things are as many as one number's",
    },
    Weight {
        side: Side::Against,
        points: 4,
        times: |facts| u32::from(facts.ends_in_year),
        reason: "'250, a sofa 300, both from 2023': what a sentence ends with is a year more often",
    },
    Weight {
        side: Side::Against,
        points: 5,
        times: |facts| u32::from(facts.climbs),
        reason: "one of a hundred numbers climbs from pair to pair, and every draw and list does",
    },
    Weight {
        side: Side::Against,
        points: 3,
        times: |facts| u32::from(facts.has_money),
        reason: "prices stand in rows, too",
    },
    Weight {
        side: Side::Against,
        points: 2,
        times: |facts| u32::from(facts.is_from_text),
        reason: "a text may name more countries than its number's",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_has_its_reason() {
        for weight in &WEIGHTS {
            assert!(weight.reason.len() > 20 && weight.points > 0);
        }
    }

    #[test]
    fn evidence_is_weighed() {
        let whole = Facts {
            is_whole: true,
            figures: 10,
            ..Facts::default()
        };
        for (facts, enough) in [
            (
                Facts {
                    words: 10,
                    is_whole: true,
                    ..Facts::default()
                },
                true,
            ),
            (
                Facts {
                    has_shape: true,
                    odd_gaps: 2,
                    ..whole
                },
                true,
            ),
            (
                Facts {
                    odd_gaps: 1,
                    ..whole
                },
                false,
            ),
            (
                Facts {
                    letters: 3,
                    figures: 7,
                    has_shape: true,
                    likeness: Some(Likeness::Fair),
                    ..whole
                },
                true,
            ),
            (
                Facts {
                    word_gaps: 2,
                    fillers: 2,
                    has_shape: true,
                    ..whole
                },
                true,
            ),
            (
                Facts {
                    word_gaps: 2,
                    fillers: 2,
                    ..whole
                },
                false,
            ),
            (
                Facts {
                    has_shape: true,
                    is_round: true,
                    odd_gaps: 2,
                    word_gaps: 1,
                    ..whole
                },
                false,
            ),
        ] {
            assert_eq!(balance(&facts) >= 0, enough, "{facts:?}");
        }
    }
}
