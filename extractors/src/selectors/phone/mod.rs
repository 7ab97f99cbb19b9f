//! Telephone numbers: found by their digits, read by libphonenumber's metadata, judged by what stands around them.
//!
//! Digits are gathered into candidates first, which is cheap; only what could be a number is parsed. A valid number
//! counts wherever no sign speaks against it. A number that is only possible (of a length that numbers have, but in no
//! range that is known to be given out) counts where it is labelled, linked or written internationally.

mod around;
mod links;
mod scan;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use sightline_model::{Confidence, Find, Kind, Selector, Step};

use super::{Context, Refused, find_at};
use around::Around;
use scan::{Candidate, candidates};

pub(super) use links::number_in;

/// The fewest digits that a number has where nothing but its digits speaks for it.
const BARE_DIGITS: usize = 8;
/// The fewest digits that a number has at all.
const DIGITS: usize = 6;
/// The most digits: 15 of E.164, a prefix to dial abroad, and a zero in brackets.
const MOST_DIGITS: usize = 19;

/// How many readings are tried in one text. A page of nothing but figures must not take seconds.
const TRIES: u32 = 50_000;

/// Numbers in the text.
pub(super) fn find(text: &str, context: &Context, finds: &mut Vec<Find>) {
    links::find(text, context, finds);
    let mut tries = TRIES;
    for candidate in candidates(text) {
        let (start, end) = candidate.span(0, candidate.groups.len());
        if !context.is_taken(start, end) {
            split(text, &candidate, context.region, &mut tries, finds);
        }
        if tries == 0 {
            return;
        }
    }
}

/// The canonical form of a number that a person wrote.
pub(super) fn canonical(written: &str, region: Option<Region>) -> Result<String, Refused> {
    let folded = super::fold::fold(written);
    let text = folded.text.trim();
    if let Some(digits) = number_in(text) {
        return Ok(format!("+{digits}"));
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

/// Finds the numbers in a candidate: the whole, or parts of it that stand apart.
fn split(
    text: &str,
    candidate: &Candidate,
    region: Option<Region>,
    tries: &mut u32,
    finds: &mut Vec<Find>,
) {
    let count = candidate.groups.len();
    let mut from = 0;
    while from < count {
        let mut to = count;
        let mut found = None;
        while to > from {
            let digits = candidate.digits(from, to);
            if digits < DIGITS {
                break;
            }
            if digits <= MOST_DIGITS && candidate.may_cut(from) && candidate.may_cut(to) {
                *tries = tries.saturating_sub(1);
                if *tries == 0 {
                    return;
                }
                found = judge(text, candidate, (from, to), region);
                if found.is_some() {
                    break;
                }
            }
            to -= 1;
        }
        match found {
            Some(find) => {
                finds.push(find);
                from = to;
            }
            None => from += 1,
        }
    }
}

/// Decides whether some groups of a candidate are a number, and how sure that is.
fn judge(
    text: &str,
    candidate: &Candidate,
    (from, to): (usize, usize),
    region: Option<Region>,
) -> Option<Find> {
    let (start, end) = candidate.span(from, to);
    let raw = &text[start..end];
    let is_whole = from == 0 && to == candidate.groups.len();
    let is_abroad = raw.starts_with('+') || raw.starts_with("(+") || raw.starts_with("00");
    let starts_strongly =
        raw.starts_with(['+', '0']) || raw.starts_with("(+") || raw.starts_with("(0");
    let around = Around::of(text, start, end);
    if around.joined_left && from == 0
        || around.joined_right && to == candidate.groups.len()
        || (around.is_named_otherwise && !raw.starts_with('+'))
    {
        return None;
    }
    let speaks_for_itself = around.is_labelled || around.is_linked;
    // A part of a longer run of digits has to look like a number by itself.
    if !is_whole
        && !starts_strongly
        && !speaks_for_itself
        && !candidate.is_grouped_as_nanp(from, to)
    {
        return None;
    }
    if !speaks_for_itself
        && !is_abroad
        && (candidate.is_date(from, to) || candidate.is_other_figure(from, to))
    {
        return None;
    }
    let reading = read(raw, region)?;
    let digits = candidate.digits(from, to);
    let accepted = match reading.standing {
        Standing::Valid if reading.is_international => true,
        Standing::Valid => {
            speaks_for_itself
                || digits >= BARE_DIGITS && reading.has_trunk_prefix_if_due(raw, region)
        }
        Standing::Possible => {
            digits >= BARE_DIGITS
                && (raw.starts_with('+')
                    || raw.starts_with("(+")
                    || speaks_for_itself && has_trunk_zero_if_due(raw, region))
        }
    };
    if !accepted || (candidate.follows_price(from) || around.is_price) && !speaks_for_itself {
        return None;
    }
    let end = around.extension_end.unwrap_or(end);
    Some(reading.into_find(text, (start, end), &around))
}

/// False where the region dials a zero first and the digits do not begin with one.
fn has_trunk_zero_if_due(raw: &str, region: Option<Region>) -> bool {
    // How the region writes its numbers is told by its example.
    let dials_zero = region
        .and_then(|region| PHONE_NUMBER_UTIL.get_example_number(region).ok())
        .map(|example| example.format_as(PhoneNumberFormat::National).into_owned())
        .is_some_and(|written| written.trim_start_matches('(').starts_with('0'));
    !dials_zero || raw.trim_start_matches('(').starts_with('0')
}

/// A number that was read.
struct Reading {
    value: String,
    number: PhoneNumber,
    standing: Standing,
    is_international: bool,
    region: Option<Region>,
}

/// How well a number is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// In a range that is given out.
    Valid,
    /// Of a length that numbers have.
    Possible,
}

/// Reads what stands alone as a number. `+` and `00` are international; everything else is read by the region.
fn read(raw: &str, region: Option<Region>) -> Option<Reading> {
    let is_international = raw.trim_start_matches(['(', ' ']).starts_with('+');
    if !is_international && let Some(rest) = raw.strip_prefix("00") {
        let dialled_abroad = format!("+{}", rest.trim_start());
        let reading = parse(&dialled_abroad, None, region);
        if let Some(reading) = reading.filter(|reading| reading.standing == Standing::Valid) {
            return Some(reading);
        }
    }
    match is_international {
        // The zero in `+44 (0)20` is for those who dial at home.
        true => parse(&raw.replacen("(0)", "", 1), None, region),
        false => parse(raw, Some(region?), region),
    }
}

fn parse(raw: &str, default: Option<Region>, region: Option<Region>) -> Option<Reading> {
    let number = PHONE_NUMBER_UTIL.parse(raw, default).ok()?;
    let standing = match PHONE_NUMBER_UTIL.is_valid_number(&number) {
        true => Standing::Valid,
        // A zero that the region does not dial first is another region's.
        false if is_whole(&number) && !number.italian_leading_zero() => Standing::Possible,
        false => return None,
    };
    Some(Reading {
        value: number.format_as(PhoneNumberFormat::E164).into_owned(),
        number,
        standing,
        is_international: default.is_none(),
        region,
    })
}

/// False for numbers that can only be dialled in their own town.
fn is_whole(number: &PhoneNumber) -> bool {
    use rlibphonenumber::NumberLengthType;
    matches!(
        number.is_possible_with_reason(),
        Ok(NumberLengthType::IsPossible)
    )
}

impl Reading {
    /// False where a region's numbers are written with a trunk prefix and this one is not: `7911 123456` in Britain.
    fn has_trunk_prefix_if_due(&self, raw: &str, region: Option<Region>) -> bool {
        let national = self.number.format_as(PhoneNumberFormat::National);
        let first_digit = |text: &str| text.bytes().find(u8::is_ascii_digit);
        let is_due = first_digit(&national) == Some(b'0');
        if !is_due || first_digit(raw) == Some(b'0') {
            return true;
        }
        // Where the prefix is optional is in the metadata, which the library's own matcher obeys.
        let matcher = rlibphonenumber::phonenumber_matcher::PhoneNumberMatcherFactory::new();
        matcher
            .matcher_builder(raw)
            .preferred_region(region)
            .build()
            .next()
            .is_some()
    }

    fn into_find(self, text: &str, (start, end): (usize, usize), around: &Around) -> Find {
        let raw = &text[start..end];
        let mut steps: Vec<Step> = Vec::new();
        if around.is_linked {
            steps.push("link".into());
        }
        if around.is_labelled && !around.is_linked {
            steps.push("label".into());
        }
        match (self.is_international, self.region) {
            (true, _) => steps.push("international".into()),
            (false, Some(region)) => steps.push(format!("region:{region}").into()),
            (false, None) => {}
        }
        let digits = raw.strip_prefix('+').unwrap_or(raw);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            steps.push("separators".into());
        }
        if around.extension_end.is_some() {
            steps.push("extension".into());
        }
        let bare: String = raw
            .chars()
            .filter(|letter| letter.is_ascii_digit() || *letter == '+')
            .collect();
        let confidence = match self.standing {
            Standing::Possible => {
                steps.push("possible".into());
                Confidence::Inferred
            }
            Standing::Valid if bare == self.value => Confidence::Exact,
            Standing::Valid => Confidence::Normalised,
        };
        find_at(
            text,
            (start, end),
            Selector::new(Kind::Phone, self.value),
            confidence,
            steps,
        )
    }
}

#[cfg(test)]
mod tests;
