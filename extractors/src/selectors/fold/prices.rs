//! Numbers that are dressed as prices, where their line speaks of a number: `$3,055,550,137 (not the price: my number)`.

use std::ops::Range;

use sightline_model::StepKind;

use super::Edit;
use crate::selectors::phone;

/// How many digits such a number has.
const DIGITS: Range<usize> = 9..14;
/// How far around it the line is read, in bytes.
const REACH: usize = 80;
/// The longest amount, with its signs.
const LONGEST: usize = 24;
/// Signs of money.
pub(in crate::selectors) const MONEY: [char; 8] = ['$', '€', '£', '¥', '₹', '₽', '₺', '₴'];

/// Amounts written as the numbers that they are.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (at, sign) in signs(text) {
        if edits.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let (front, behind) = (&text[..at], &text[at + sign.len_utf8()..]);
        let amount = behind_sign(behind)
            .map(|length| at..text.len() - behind.len() + length)
            .or_else(|| before_sign(front).map(|length| at - length..at + sign.len_utf8()));
        let Some(amount) = amount.filter(|amount| is_said(text, amount)) else {
            continue;
        };
        let digits: String = text[amount.clone()]
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        edits.push(Edit {
            start: amount.start,
            end: amount.end,
            // That it is one was said, before it or behind.
            to: format!("tel {digits}").into(),
            step: StepKind::Decoration,
        });
    }
    edits
}

/// The signs of money in a text, and where they stand.
fn signs(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    // All but the first are of other alphabets, as most texts are not.
    let dollars = memchr::memchr_iter(b'$', text.as_bytes()).map(|at| (at, '$'));
    let others = match text.is_ascii() {
        true => "",
        false => text,
    };
    let others = others
        .char_indices()
        .filter(|(_, letter)| !letter.is_ascii() && MONEY.contains(letter));
    dollars.chain(others)
}

fn is_of_amount(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, ',' | '.' | ' ' | '\'' | '-')
}

/// The length of the amount behind a sign.
fn behind_sign(behind: &str) -> Option<usize> {
    let near = &behind[..behind.floor_char_boundary(LONGEST)];
    let length = near
        .find(|letter| !is_of_amount(letter))
        .unwrap_or(near.len());
    let amount = near[..length].trim_end_matches(|letter: char| !letter.is_ascii_digit());
    is_number(amount).then_some(amount.len())
}

/// The length of the amount before a sign.
fn before_sign(front: &str) -> Option<usize> {
    let near = &front[front.ceil_char_boundary(front.len().saturating_sub(LONGEST))..];
    let amount = &near[near.trim_end_matches(is_of_amount).len()..];
    let amount = amount.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    is_number(amount).then_some(amount.len())
}

fn is_number(amount: &str) -> bool {
    let digits = amount.bytes().filter(u8::is_ascii_digit).count();
    // Round sums are sums.
    DIGITS.contains(&digits) && !amount.ends_with("000") && amount.split_whitespace().count() <= 4
}

/// True where the line speaks of a number, or of calling.
fn is_said(text: &str, amount: &Range<usize>) -> bool {
    let before = &text[text.floor_char_boundary(amount.start.saturating_sub(REACH))..amount.start];
    let behind = &text[amount.end..text.ceil_char_boundary(text.len().min(amount.end + REACH))];
    let before = before.rsplit('\n').next().unwrap_or_default();
    let behind = behind.split('\n').next().unwrap_or_default();
    phone::speaks_of_number(before) || phone::speaks_of_number(behind)
}
