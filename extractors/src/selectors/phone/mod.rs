//! Telephone numbers: found by their digits, read by libphonenumber's metadata, judged by what stands around them.
//!
//! Digits are gathered into candidates first, which is cheap; only what could be a number is parsed. A valid number
//! counts wherever no sign speaks against it. A number that is only possible (of a length that numbers have, but in no
//! range that is known to be given out) counts where it is labelled, linked or written internationally. What fits
//! neither the source's country nor one that the text names is its national digits ([`national`]).

mod accounts;
mod again;
mod amounts;
mod around;
mod beside;
mod disguised;
mod keypad;
mod links;
mod national;
mod other_figures;
mod parts;
mod places;
mod read;
mod reserved;
mod scan;
mod surroundings;

use std::ops::Range;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use sightline_model::{Confidence, Find, Step, StepKind};

use super::{Context, Refused, find_at};
use around::Around;
use read::{Reading, Standing, abroad, has_trunk_zero_if_due, parse, read, without_plus};
use scan::{Candidate, candidates};
use surroundings::surroundings;

pub(super) use links::{find as find_in_links, number_in, told_by_links};
pub use national::digits as national_digits;

/// The fewest digits that a number has where nothing but its digits speaks for it.
const BARE_DIGITS: usize = 8;
/// The fewest digits of a number that is written as a tag: shorter ones number orders, rooms and places in lists.
const TAGGED: usize = 10;
/// The fewest digits that a number has at all.
const DIGITS: usize = 6;
/// The most digits: 15 of E.164, a prefix to dial abroad, and a zero in brackets.
const MOST_DIGITS: usize = 19;

/// How many readings are tried in one text. A page of nothing but figures must not take seconds.
const TRIES: u32 = 50_000;

/// Numbers in the text.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    links::find(text, context, finds);
    let before = finds.len();
    let mut tries = TRIES;
    for candidate in candidates(text) {
        let (start, end) = candidate.span(0, candidate.groups.len());
        if let Some(find) = keypad::find(text, &candidate, context) {
            finds.push(find);
        } else if !context.is_taken(start, end) {
            split(text, &candidate, context, &mut tries, finds);
        }
        if tries == 0 {
            break;
        }
    }
    let mut hidden = Vec::new();
    let settled = finds[before..].iter().filter(|find| is_settled(text, find));
    let settled: Vec<_> = settled.map(|find| find.start..find.end).collect();
    disguised::find(text, context, &settled, &mut hidden);
    join(finds, before, hidden);
}

/// Adds disguised numbers to those found plainly from `first` on. Where two share figures, what stood there whole and
/// valid is the number; a word behind it is the sentence's. A plain one that is only possible gives way to a longer.
fn join(finds: &mut Vec<Find>, first: usize, hidden: Vec<Find>) {
    for find in hidden {
        let shares = |plain: &Find| plain.start < find.end && find.start < plain.end;
        let at = finds[first..].partition_point(|plain| plain.end <= find.start) + first;
        let mut to = at;
        while finds.get(to).is_some_and(shares) {
            to += 1;
        }
        let gives_way = |plain: &Find| {
            plain.start >= find.start
                && plain.end <= find.end
                && (plain.confidence == Confidence::Inferred
                    || goes_on(
                        &find.raw[..plain.start - find.start],
                        &find.raw[plain.end - find.start..],
                    ))
                // What is whole with its country's code does not go on in the next line.
                && !(find.raw.contains('\n') && has_code_without_plus(plain))
        };
        if finds[at..to].iter().all(gives_way) {
            finds.splice(at..to, [find]);
        }
    }
}

/// True for a plain number that gives way to no hidden one, whatever is read around it.
fn is_settled(text: &str, plain: &Find) -> bool {
    plain.confidence != Confidence::Inferred && !goes_on(&text[..plain.start], &text[plain.end..])
}

/// True where a plain number may go on as a part of a hidden one: behind a picture, `0°4♡06 69 695 34`, or with letters that look
/// like figures, `O406 696993`, `0899 99 984 6O`.
fn goes_on(before: &str, behind: &str) -> bool {
    is_beside_picture(before, behind) || around::is_beside_look_alikes(before, behind)
}

/// True where what is before ends with a picture behind a figure, or what is behind begins with one before a figure.
fn is_beside_picture(before: &str, behind: &str) -> bool {
    let is_picture = |sign: Option<char>| sign.is_some_and(around::is_picture);
    let is_figure = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_digit());
    let (mut front, mut rest) = (before.chars().rev(), behind.chars());
    is_picture(front.next()) && is_figure(front.next())
        || is_picture(rest.next()) && is_figure(rest.next())
}

fn has_code_without_plus(find: &Find) -> bool {
    let mut steps = find.steps.iter().filter_map(Step::kind);
    steps.any(|step| step == StepKind::PlusLeftOut)
}

pub(super) use around::{is_label, is_numbered, speaks_of_number};
pub(super) use disguised::{may_be_digit, may_be_number, may_lack_last_letter};
pub(super) use places::{
    may_begin_from as may_name_place_from, may_begin_with as may_name_place,
    regions as named_regions,
};

/// The canonical form of a number that a person wrote.
pub(super) fn canonical(written: &str, region: Option<Region>) -> Result<String, Refused> {
    let folded = super::fold::fold(written);
    let text = folded.text.trim();
    if let Some(digits) = number_in(text) {
        let number = format!("+{digits}");
        return Ok(abroad(&number, None).map_or(number, |reading| reading.value));
    }
    let bare = ["tel:", "sms:", "phone:", "whatsapp:"]
        .iter()
        .find_map(|scheme| {
            text.get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))
        })
        .map_or(text, |scheme| &text[scheme.len()..])
        .trim();
    let refused = |message: String| {
        Refused::new(
            message,
            match region {
                Some(_) => "write it whole, e.g. +12025550123",
                None => "write it with its country code, e.g. +12025550123",
            },
        )
    };
    if bare.chars().any(|letter| letter.is_alphabetic()) && !bare.to_lowercase().contains('x') {
        return Err(refused(format!("'{written}' is not a telephone number")));
    }
    let reading = read(bare, region).ok_or_else(|| {
        refused(format!(
            "'{written}' is not a telephone number that can be dialled"
        ))
    })?;
    Ok(reading.value)
}

/// Finds the numbers in a candidate, and what follows them. What the source's region leaves over may be a number of
/// another country's.
fn split(
    text: &str,
    candidate: &Candidate,
    context: &Context<'_>,
    tries: &mut u32,
    finds: &mut Vec<Find>,
) {
    let count = candidate.groups.len();
    if candidate.is_account()
        || candidate.is_card()
        || candidate.is_chip()
        || candidate.is_behind_carrier()
        || candidate.is_parcel(|| surroundings::is_valid(candidate, (0, count), context))
        || candidate.is_barcode()
        || surroundings::are_sums_alone(candidate, context)
        || candidate.is_placeholder()
    {
        return;
    }
    let first = finds.len();
    let mut left = vec![];
    let mut from = 0;
    // What stands around the groups that are no number of the region's, by where they begin, and the longest first.
    let mut refused: Vec<((usize, usize), Option<Around>)> = Vec::new();
    numbers(candidate, 0..count, tries, |span| {
        let around = surroundings(text, candidate, span, context);
        let find = around.and_then(|around| judge(text, candidate, span, around, context));
        if find.is_none() {
            refused.push((span, around));
        }
        let find = find?;
        let others = again::others(text, &find, candidate.groups[span.1 - 1].end);
        finds.push(find);
        finds.extend(others);
        left.push(from..span.0);
        from = span.1;
        Some(())
    });
    if context.region.is_none() {
        return;
    }
    left.push(from..count);
    // Whatever is left was refused, and is asked for in the same order.
    let mut refused = refused.into_iter();
    for groups in left {
        numbers(candidate, groups, tries, |span| {
            let known = refused.find(|(known, _)| *known == span);
            let around = known.and_then(|(_, around)| around)?;
            finds.push(judge_foreign(text, candidate, span, around, context)?);
            Some(())
        });
    }
    finds[first..].sort_by_key(|find| find.start);
}

/// Looks for numbers in some groups of a candidate: all of them, or parts that stand apart.
fn numbers(
    candidate: &Candidate,
    groups: Range<usize>,
    tries: &mut u32,
    mut take: impl FnMut((usize, usize)) -> Option<()>,
) {
    let mut from = groups.start;
    while from < groups.end {
        let mut to = groups.end;
        let mut is_found = false;
        while to > from {
            let digits = candidate.digits(from, to);
            if digits < DIGITS {
                break;
            }
            if digits <= MOST_DIGITS
                && candidate.may_cut(from)
                && candidate.may_cut(to)
                && !candidate.spans_list(from, to)
            {
                *tries = tries.saturating_sub(1);
                if *tries == 0 {
                    return;
                }
                is_found = take((from, to)).is_some();
                if is_found {
                    break;
                }
            }
            to -= 1;
        }
        from = match is_found {
            true => to,
            false => from + 1,
        };
    }
}

/// True for what is dialled from abroad: behind a plus sign or two zeros.
fn is_from_abroad(raw: &str) -> bool {
    ["+", "(+", "[+", "00", "(00", "[00"]
        .iter()
        .any(|sign| raw.starts_with(sign))
}

/// Decides whether some groups that are no number of the source's region are one of a country that nothing tells.
fn judge_foreign(
    text: &str,
    candidate: &Candidate,
    (from, to): (usize, usize),
    around: Around,
    context: &Context<'_>,
) -> Option<Find> {
    let (start, end) = candidate.span(from, to);
    let raw = &text[start..end];
    if is_from_abroad(raw) || !national::may_be_long_enough(candidate.digits(from, to)) {
        return None;
    }
    let speaks_for_itself = around.is_labelled || around.is_linked;
    if !speaks_for_itself && !national::may_be_foreign(candidate, from, to) {
        return None;
    }
    let end = around.extension_end.unwrap_or(end);
    let find = national::find(text, candidate, (from, to), (start, end), &around)?;
    let is_foreign = match read(raw, context.region).map(|reading| reading.standing) {
        None => true,
        // Of a length that the region has, but in no range there.
        Some(Standing::Possible) => speaks_for_itself,
        Some(Standing::Valid) => false,
    };
    is_foreign.then_some(find)
}

/// Decides whether some groups of a candidate are a number, and how sure that is.
fn judge(
    text: &str,
    candidate: &Candidate,
    (from, to): (usize, usize),
    around: Around,
    context: &Context<'_>,
) -> Option<Find> {
    let (start, end) = candidate.span(from, to);
    let raw = &text[start..end];
    let is_whole = from == 0 && to == candidate.groups.len();
    let is_abroad = is_from_abroad(raw);
    let speaks_for_itself = around.is_labelled || around.is_linked;
    let digits = candidate.digits(from, to);
    let end = around.extension_end.unwrap_or(end);
    // `1-202-555-0123` is written so nowhere but in North America.
    let is_american_abroad = candidate.is_american_with_code(from, to)
        && !raw.trim_start_matches('(').starts_with('+')
        && context
            .region
            .is_none_or(|region| !PHONE_NUMBER_UTIL.is_nanpa_country(region));
    let american = match is_american_abroad && (speaks_for_itself || is_whole) {
        true => without_plus(raw),
        false => None,
    };
    if let Some(reading) = american {
        return Some(as_without_plus(reading.into_find(
            text,
            (start, end),
            &around,
            false,
        )));
    }
    if let Some(reading) = abroad_without_plus(raw, speaks_for_itself && !is_abroad, context.region)
    {
        return Some(as_without_plus(reading.into_find(
            text,
            (start, end),
            &around,
            false,
        )));
    }
    if !is_abroad
        && let Some(region) = announced(text, (start, end), context)
        && let Some(reading) = read(raw, Some(region))
        && reading.standing == Standing::Valid
        && (speaks_for_itself || digits > BARE_DIGITS)
    {
        return Some(reading.into_find(text, (start, end), &around, true));
    }
    let coded = || match is_whole && digits > BARE_DIGITS {
        true => code_in_brackets(raw),
        false => None,
    };
    // `(0044) 20 7946 0123`: no area begins so.
    let dialled = raw.strip_prefix("(00").and_then(|_| coded());
    if let Some(reading) = dialled {
        return Some(reading.into_find(text, (start, end), &around, false));
    }
    for (region, is_from_text) in context.regions() {
        let Some(reading) = read(raw, region) else {
            continue;
        };
        let accepted = match reading.standing {
            Standing::Valid if reading.is_international => true,
            // A country that the text names is a guess: the number has to look like one.
            Standing::Valid if is_from_text => {
                speaks_for_itself
                    || is_whole
                        && digits > BARE_DIGITS
                        && to - from > 1
                        && reading.has_trunk_prefix_if_due(raw, region)
            }
            Standing::Valid => {
                speaks_for_itself
                    || digits >= BARE_DIGITS && reading.has_trunk_prefix_if_due(raw, region)
            }
            Standing::Possible if is_from_text => false,
            Standing::Possible => {
                digits >= BARE_DIGITS
                    && (raw.starts_with('+')
                        || raw.starts_with("(+")
                        || raw.starts_with("[+")
                        || speaks_for_itself && has_trunk_zero_if_due(raw, region))
            }
        };
        if accepted {
            // `(44) 20 7946 0123` in Germany, where an area's code begins with a zero.
            if raw.starts_with('(')
                && !reading.has_trunk_prefix_if_due(raw, region)
                && let Some(reading) = coded()
            {
                let find = reading.into_find(text, (start, end), &around, false);
                return Some(as_without_plus(find));
            }
            return Some(reading.into_find(text, (start, end), &around, is_from_text));
        }
    }
    if let Some(reading) = coded() {
        return Some(as_without_plus(reading.into_find(
            text,
            (start, end),
            &around,
            false,
        )));
    }
    if speaks_for_itself && !is_abroad && digits > BARE_DIGITS + 2 {
        let reading = without_plus(raw);
        if let Some(reading) = reading {
            return Some(as_without_plus(reading.into_find(
                text,
                (start, end),
                &around,
                false,
            )));
        }
    }
    match context.region {
        None if !is_abroad => national::find(text, candidate, (from, to), (start, end), &around),
        _ => None,
    }
}

/// A number whose country's code stands in brackets, without its plus sign: `(33) 6 39 98 01 23`.
fn code_in_brackets(raw: &str) -> Option<Reading> {
    let (code, rest) = raw.strip_prefix('(')?.split_once(')')?;
    let code = code
        .strip_prefix("00")
        .unwrap_or(code)
        .trim_start_matches('+');
    let rest = rest.replacen("(0)", "", 1).replace(['(', ')', '/'], " ");
    without_plus(&format!("{code}{rest}"))
        .filter(|reading| reading.number.country_code.to_string() == code)
}

/// The country other than the source's that is named right before the number or behind it.
fn announced(text: &str, (start, end): (usize, usize), context: &Context<'_>) -> Option<Region> {
    places::announced(text, start, end, around::is_label)
        .filter(|region| Some(*region) != context.region)
}

/// A labelled number that begins with a country's code and lacks the zero with which the region's own begin.
fn abroad_without_plus(raw: &str, is_asked: bool, region: Option<Region>) -> Option<Reading> {
    let is_own = !is_asked || raw.starts_with('1') || has_trunk_zero_if_due(raw, region);
    match is_own {
        true => None,
        false => without_plus(raw)
            .filter(|_| raw.bytes().filter(u8::is_ascii_digit).count() > BARE_DIGITS + 2),
    }
}

fn as_without_plus(mut find: Find) -> Find {
    find.steps.push(StepKind::PlusLeftOut.into());
    find.confidence = Confidence::Inferred;
    find
}

#[cfg(test)]
mod tests;
