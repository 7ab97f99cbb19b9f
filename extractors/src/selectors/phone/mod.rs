//! Telephone numbers: found by their digits, read by libphonenumber's metadata, judged by what stands around them.
//!
//! Digits are gathered into candidates first, which is cheap; only what could be a number is parsed. A valid number
//! counts wherever no sign speaks against it. A number that is only possible (of a length that numbers have, but in no
//! range that is known to be given out) counts where it is labelled, linked or written internationally.

mod around;
mod disguised;
mod keypad;
mod links;
mod places;
mod reserved;
mod scan;

use std::borrow::Cow;

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region,
    phonenumber_matcher::PHONE_MATCHER_FACTORY,
};
use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

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
    disguised::find(text, context, &mut hidden);
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
                && plain.confidence == Confidence::Inferred
        };
        if finds[at..to].iter().all(gives_way) {
            finds.splice(at..to, [find]);
        }
    }
}

pub(super) use places::regions as named_regions;

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

/// Finds the numbers in a candidate: the whole, or parts of it that stand apart.
fn split(
    text: &str,
    candidate: &Candidate,
    context: &Context<'_>,
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
                found = judge(text, candidate, (from, to), context);
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
    context: &Context<'_>,
) -> Option<Find> {
    let (start, end) = candidate.span(from, to);
    let raw = &text[start..end];
    let is_whole = from == 0 && to == candidate.groups.len();
    let is_abroad = raw.starts_with('+') || raw.starts_with("(+") || raw.starts_with("00");
    let starts_strongly =
        raw.starts_with(['+', '0']) || raw.starts_with("(+") || raw.starts_with("(0");
    let around = Around::of(text, start, end);
    // `2025550123xoxo` is a number; `20256kbit` is none. And `0123 24h` ends with an amount.
    let is_last = to == candidate.groups.len();
    let glued = around::glued_word(&text[end..]);
    let is_amount =
        is_last && to - from > 1 && !glued.is_empty() && candidate.digits(to - 1, to) <= 2;
    let goes_on =
        around.joined_right && !(candidate.digits(from, to) >= 10 && around::is_farewell(glued));
    if around.joined_left && from == 0
        || goes_on && is_last
        || is_amount
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
        && (candidate.is_date(from, to)
            || candidate.is_other_figure(from, to)
            || candidate.spans_sentences(from, to))
    {
        return None;
    }
    if (candidate.follows_price(from) || around.is_price) && !speaks_for_itself {
        return None;
    }
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
                        || speaks_for_itself && has_trunk_zero_if_due(raw, region))
            }
        };
        if accepted {
            return Some(reading.into_find(text, (start, end), &around, is_from_text));
        }
    }
    if speaks_for_itself && !is_abroad && digits > BARE_DIGITS + 2 {
        return without_plus(raw)
            .map(|reading| as_without_plus(reading.into_find(text, (start, end), &around, false)));
    }
    None
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

/// Reads an international number whose plus sign was left out: `WhatsApp 44 20 7946 0123` on an American site.
fn without_plus(raw: &str) -> Option<Reading> {
    if raw.contains(['(', '/']) || raw.starts_with('0') {
        return None;
    }
    parse(&format!("+{raw}"), None, None).filter(|reading| reading.standing == Standing::Valid)
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
    /// A prefix that is no longer dialled was left out.
    has_old_prefix: bool,
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
        let reading = abroad(&dialled_abroad, region);
        if let Some(reading) = reading.filter(|reading| reading.standing == Standing::Valid) {
            return Some(reading);
        }
    }
    match is_international {
        // The zero in `+44 (0)20` is for those who dial at home.
        true => abroad(&raw.replacen("(0)", "", 1), region),
        false => {
            let reading = parse(raw, Some(region?), region);
            match (&reading, region) {
                (None, Some(Region::MX)) => old_mexican(raw, region),
                _ => reading,
            }
        }
    }
}

/// Reads an international number, also with a prefix that its country no longer dials.
fn abroad(raw: &str, region: Option<Region>) -> Option<Reading> {
    let reading = parse(raw, None, region);
    if reading
        .as_ref()
        .is_some_and(|reading| reading.standing == Standing::Valid)
    {
        return reading;
    }
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    // Mexican mobiles had a 1 behind the country code until 2019.
    let old = digits.strip_prefix("521").filter(|rest| rest.len() == 10);
    let without = old.and_then(|rest| parse(&format!("+52{rest}"), None, region));
    match without {
        Some(mut without) => {
            without.has_old_prefix = true;
            Some(without)
        }
        None => reading,
    }
}

/// `044 55 …`, `045 55 …` and `01 55 …`, as Mexico dialled until 2019.
fn old_mexican(raw: &str, region: Option<Region>) -> Option<Reading> {
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let rest = ["044", "045", "01"]
        .iter()
        .find_map(|prefix| digits.strip_prefix(prefix))
        .filter(|rest| rest.len() == 10)?;
    let mut reading = parse(rest, region, region)?;
    reading.has_old_prefix = true;
    Some(reading)
}

fn parse(raw: &str, default: Option<Region>, region: Option<Region>) -> Option<Reading> {
    let number = PHONE_NUMBER_UTIL.parse(&*plain_spaces(raw), default).ok()?;
    let value = number.format_as(PhoneNumberFormat::E164).into_owned();
    // The region that is asked for is the likely one; looking through all that share its code costs twice.
    let is_valid = default
        .is_some_and(|region| PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, region))
        || PHONE_NUMBER_UTIL.is_valid_number(&number)
        || reserved::is_reserved(&value);
    let standing = match is_valid {
        true => Standing::Valid,
        // A zero that the region does not dial first is another region's.
        false if is_whole(&number) && !number.italian_leading_zero() => Standing::Possible,
        false => return None,
    };
    Some(Reading {
        value,
        number,
        standing,
        is_international: default.is_none(),
        has_old_prefix: false,
        region,
    })
}

/// With ordinary spaces for those of other widths, which the library does not know.
fn plain_spaces(raw: &str) -> Cow<'_, str> {
    let is_other_space = |letter: char| letter.is_whitespace() && !letter.is_ascii();
    match !raw.is_ascii() && raw.contains(is_other_space) {
        true => Cow::Owned(raw.replace(is_other_space, " ")),
        false => Cow::Borrowed(raw),
    }
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
        PHONE_MATCHER_FACTORY
            .matcher_builder(raw)
            .preferred_region(region)
            .build()
            .next()
            .is_some()
    }

    fn into_find(
        self,
        text: &str,
        (start, end): (usize, usize),
        around: &Around,
        is_from_text: bool,
    ) -> Find {
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
            (false, Some(region)) if is_from_text => {
                steps.push(Step::about(StepKind::RegionFromText, region));
            }
            (false, Some(region)) => steps.push(Step::about(StepKind::Region, region)),
            (false, None) => {}
        }
        let digits = raw.strip_prefix('+').unwrap_or(raw);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            steps.push("separators".into());
        }
        if self.has_old_prefix {
            steps.push(StepKind::OldPrefix.into());
        }
        if around.extension_end.is_some() {
            steps.push(StepKind::Extension.into());
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
            Standing::Valid if is_from_text => Confidence::Inferred,
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
