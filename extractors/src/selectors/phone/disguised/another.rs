//! Figures of another sort at either end of a number: what is left of it is the number then.

use super::{
    super::beside::{self, Beside},
    Search,
    gap::Gap,
    number::Number,
    pieces::{Piece, What},
};

impl Search<'_> {
    /// True where the first piece or the last is told to be another figure, and the rest is a number without it:
    /// `80 0-3-0-2-3-1…`, `0.3.0.2.3… - 24 Jahre`.
    pub fn holds_another(&self, (start, end): (usize, usize), row: (usize, usize)) -> bool {
        let is_figure = |piece: &Piece| {
            matches!(piece.what, What::Digits) && piece.end - piece.start <= beside::SHORT
        };
        if end - start < 3 {
            return false;
        }
        let is_own = |beside: Option<Beside>| beside == Some(Beside::Own);
        let between =
            |index: usize| &self.text[self.pieces[index - 1].end..self.pieces[index].start];
        let parts = |index: usize| {
            let is_parted = |index: usize| beside::parts(between(index));
            is_parted(index) && !(start + 1..end).any(|other| other != index && is_parted(other))
        };
        let is_valid = |number: Option<Number>| number.is_some_and(|number| number.rank.is_valid);
        let (first, last) = (&self.pieces[start], &self.pieces[end - 1]);
        let ends_so = is_figure(last)
            && last.gap > Gap::Glued
            && (parts(end - 1)
                || !(between(end - 1).contains(['(', '['])
                    && between(start + 1).contains(['(', '[']))
                    && is_own(beside::behind(&self.text[self.pieces[end - 2].end..])))
            && is_valid(self.judge((start, end - 1), row));
        let begins_with_zero = |at: usize| self.text[at..].starts_with('0');
        let next = &self.pieces[start + 1];
        ends_so
            || is_figure(first)
                && next.gap > Gap::Glued
                && !begins_with_zero(first.start)
                && begins_with_zero(next.start)
                && is_own(beside::before(&self.text[..next.start]))
                && is_valid(self.judge((start + 1, end), row))
    }
}
