//! Numbers read by libphonenumber's metadata, with what it does not know: prefixes of old, ranges that are kept free.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region,
    phonenumber_matcher::PHONE_MATCHER_FACTORY,
};
use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{around::Around, find_at, reserved};

/// Reads an international number whose plus sign was left out: `WhatsApp 44 20 7946 0123` on an American site.
pub(super) fn without_plus(raw: &str) -> Option<Reading> {
    if raw.contains(['(', '/']) || raw.starts_with('0') {
        return None;
    }
    parse(&format!("+{raw}"), None, None).filter(|reading| reading.standing == Standing::Valid)
}

/// Whether a region dials a zero before its own numbers, once that was asked.
static DIALS_ZERO: LazyLock<HashMap<Region, OnceLock<bool>>> = LazyLock::new(|| {
    let regions = PHONE_NUMBER_UTIL.get_supported_regions();
    regions.map(|region| (region, OnceLock::new())).collect()
});

/// The fewest figures and letters of which a region reads a whole number, once that was asked.
static SHORTEST: LazyLock<HashMap<Region, OnceLock<usize>>> = LazyLock::new(|| {
    let regions = PHONE_NUMBER_UTIL.get_supported_regions();
    regions.map(|region| (region, OnceLock::new())).collect()
});

/// False where a region has no number of so few figures. Most figures of a text are no number for that alone, and to count them
/// costs a hundredth of reading them.
fn is_long_enough(raw: &str, region: Region) -> bool {
    /// Whatever the region puts before a number that is dialled within an area, it depends on the first figure at most.
    const FIRST: std::ops::RangeInclusive<char> = '0'..='9';
    let is_read = |count: usize| {
        FIRST.into_iter().any(|first| {
            let written = format!("{first}{}", "5".repeat(count - 1));
            let number = PHONE_NUMBER_UTIL.parse(written, Some(region));
            number.is_ok_and(|number| is_whole(&number))
        })
    };
    let shortest = || (1..=E164).find(|count| is_read(*count)).unwrap_or(1);
    let Some(known) = SHORTEST.get(&region) else {
        return true;
    };
    let count = raw
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .count();
    count >= *known.get_or_init(shortest)
}

/// The most figures of a number with its country's code (E.164).
const E164: usize = 15;

/// False where the region dials a zero first and the digits do not begin with one.
pub(super) fn has_trunk_zero_if_due(raw: &str, region: Option<Region>) -> bool {
    let dials_zero = |region: Region| {
        // How the region writes its numbers is told by its example.
        let read = || {
            let example = PHONE_NUMBER_UTIL.get_example_number(region).ok()?;
            let written = example.format_as(PhoneNumberFormat::National);
            Some(written.trim_start_matches('(').starts_with('0'))
        };
        let known = DIALS_ZERO.get(&region)?;
        Some(*known.get_or_init(|| read().unwrap_or_default()))
    };
    let is_due = region.and_then(dials_zero).unwrap_or_default();
    !is_due || raw.trim_start_matches('(').starts_with('0')
}

/// A number that was read.
pub(super) struct Reading {
    pub value: String,
    pub number: PhoneNumber,
    pub standing: Standing,
    pub is_international: bool,
    /// A prefix that is no longer dialled was left out.
    pub has_old_prefix: bool,
    pub region: Option<Region>,
}

/// How well a number is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// In a range that is given out.
    Valid,
    /// Of a length that numbers have.
    Possible,
}

/// Reads what stands alone as a number. `+` and `00` are international; everything else is read by the region.
pub(super) fn read(raw: &str, region: Option<Region>) -> Option<Reading> {
    let is_international = raw.trim_start_matches(['(', ' ', '[']).starts_with('+');
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
pub(super) fn abroad(raw: &str, region: Option<Region>) -> Option<Reading> {
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

pub(super) fn parse(raw: &str, default: Option<Region>, region: Option<Region>) -> Option<Reading> {
    if default.is_some_and(|region| !is_long_enough(raw, region)) {
        return None;
    }
    let number = PHONE_NUMBER_UTIL.parse(&*plain_spaces(raw), default).ok()?;
    let value = number.format_as(PhoneNumberFormat::E164).into_owned();
    let is_reserved = reserved::is_reserved(&value);
    // A number of another length is in no range, and looking through all regions that share a code costs much.
    if !is_reserved && !is_whole(&number) {
        return None;
    }
    // The region that is asked for is the likely one.
    let is_valid = is_reserved
        || default
            .is_some_and(|region| PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, region))
        || PHONE_NUMBER_UTIL.is_valid_number(&number);
    let standing = match is_valid {
        true => Standing::Valid,
        // A zero that the region does not dial first is another region's.
        false if !number.italian_leading_zero() => Standing::Possible,
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

/// With ordinary spaces for those of other widths, which the library does not know, and for the signs behind which it takes the
/// rest for an extension: `0~3~0~2~3` ends in no extension. Extensions are told apart before.
fn plain_spaces(raw: &str) -> Cow<'_, str> {
    let is_other =
        |letter: char| letter.is_whitespace() && letter != ' ' || matches!(letter, '~' | '#');
    match raw.contains(is_other) {
        true => Cow::Owned(raw.replace(is_other, " ")),
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
    pub fn has_trunk_prefix_if_due(&self, raw: &str, region: Option<Region>) -> bool {
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

    pub fn into_find(
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
