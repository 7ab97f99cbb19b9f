//! A number that some pieces may be meant as, and how the find of it is told.

use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{
    super::{Reading, Standing, find_at, national::bare},
    gap::Gap,
    look_alikes::Likeness,
    pieces::Piece,
    spoken::Spoken,
};

/// A number that may be meant by some pieces.
pub(super) struct Number {
    pub start: usize,
    pub end: usize,
    /// In the text, in bytes.
    pub span: (usize, usize),
    pub rank: Rank,
    pub is_labelled: bool,
    pub is_from_text: bool,
    /// It begins with a country's code, and the plus sign was left out.
    pub is_coded: bool,
    pub spoken: Spoken,
    /// None where nothing tells the country.
    pub reading: Option<Reading>,
}

/// Which of several numbers that share pieces is meant: the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub is_valid: bool,
    /// How much more speaks for it than against it.
    pub points: i32,
    pub digits: usize,
    pub pieces: usize,
}

impl Number {
    /// The find of the number that the pieces are.
    pub fn into_find(self, text: &str, pieces: &[Piece]) -> Find {
        let Number {
            span,
            spoken,
            reading,
            is_labelled,
            is_from_text,
            is_coded,
            ..
        } = self;
        let mut steps: Vec<Step> = spoken.steps().to_vec();
        let inner = &pieces[1..];
        let has = |is: fn(Gap) -> bool| inner.iter().any(|piece| is(piece.gap));
        if spoken.count.lone_figures >= 4 && has(|gap| gap != Gap::Glued) {
            steps.push(StepKind::Spaced.into());
        }
        if has(|gap| gap == Gap::Odd) {
            steps.push(StepKind::Decoration.into());
        }
        if has(|gap| gap == Gap::Line) {
            steps.push(StepKind::Lines.into());
        }
        if has(|gap| matches!(gap, Gap::Words(_))) || spoken.count.left_out > 0 {
            steps.push(StepKind::Fillers.into());
        }
        if is_labelled {
            steps.push(StepKind::Label.into());
        }
        let Some(reading) = reading else {
            steps.push(StepKind::NoCountry.into());
            let selector = Selector::new(Kind::Phone, bare(&spoken.digits));
            return find_at(text, span, selector, Confidence::Inferred, steps);
        };
        match (reading.is_international, reading.region) {
            (true, _) => steps.push(StepKind::International.into()),
            (false, Some(region)) if is_from_text => {
                steps.push(Step::about(StepKind::RegionFromText, region));
            }
            (false, Some(region)) => steps.push(Step::about(StepKind::Region, region)),
            (false, None) => {}
        }
        let count = spoken.count;
        let is_sure = !is_from_text
            && !is_coded
            && reading.standing == Standing::Valid
            && !has(|gap| matches!(gap, Gap::Words(_) | Gap::Line))
            && count.weak <= 2
            && count.misspelt == 0
            && count.likeness < Some(Likeness::Far);
        if is_coded {
            steps.push(StepKind::PlusLeftOut.into());
        }
        if reading.standing == Standing::Possible {
            steps.push(StepKind::Possible.into());
        }
        let confidence = match is_sure {
            true => Confidence::Normalised,
            false => Confidence::Inferred,
        };
        let selector = Selector::new(Kind::Phone, reading.value);
        find_at(text, span, selector, confidence, steps)
    }
}
