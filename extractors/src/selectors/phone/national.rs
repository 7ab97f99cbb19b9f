//! Numbers of which nothing tells the country: neither do they fit the source's region, if it has one, nor does the text
//! name one that they fit.
//!
//! Such a number is its national digits, without the zeros that are dialled first, and is compared by its last digits
//! alone. No range of any country vouches for it, so what stands around it has to: a label, a link, or groups in which
//! numbers are written and prices, dates and identifiers are not.

use sightline_model::{
    Confidence, Find, Kind, Selector, Step, StepKind,
    kin::{LEAST_DIGITS, national_digits},
};

use super::{around::Around, find_at, scan::Candidate};

/// The most digits of a number that a person wrote (ITU-T E.164).
const MOST_WRITTEN: usize = 15;
/// The most national digits that are found in texts: those of China, Brazil and long German numbers.
const MOST: usize = 11;
/// The most of one that stands in one piece, or has a group longer than those of most numbers, without a label.
const MOST_BARE: usize = 10;

/// The national digits of a number that a person wrote without its country.
///
/// ```
/// # use sightline_extractors::national_digits;
/// assert_eq!(national_digits("(0)7700 900-123").as_deref(), Some("7700900123"));
/// assert_eq!(national_digits("555-0123"), None);
/// ```
pub fn digits(written: &str) -> Option<String> {
    let is_number = written
        .chars()
        .all(|sign| sign.is_ascii_digit() || " -./()".contains(sign));
    let digits = bare(written);
    (is_number && (LEAST_DIGITS..=MOST_WRITTEN).contains(&digits.len())).then_some(digits)
}

/// The digits of what was written, without the zeros that are dialled first.
pub(super) fn bare(written: &str) -> String {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    national_digits(&digits).to_owned()
}

/// True for as many digits as national numbers have, zeros that are dialled first among them.
pub(super) fn may_be_long_enough(digits: usize) -> bool {
    (LEAST_DIGITS..=MOST_WRITTEN).contains(&digits)
}

/// True for digits that may be a national number: enough of them and not too many, and none that people write to
/// fill in a form.
pub(super) fn may_be(digits: &str) -> bool {
    let national = bare(digits);
    let bytes = national.as_bytes();
    let steps = |step: i16| {
        let next = |pair: &[u8]| (i16::from(pair[0]) - i16::from(pair[1]) - step).rem_euclid(10);
        bytes.windows(2).filter(|pair| next(pair) == 0).count()
    };
    // `1234567890`, `9876543210`, `5555555555`.
    let is_filler = [-1, 0, 1]
        .into_iter()
        .any(|step| steps(step) + 2 >= bytes.len());
    (LEAST_DIGITS..=MOST).contains(&bytes.len()) && !digits.starts_with("00") && !is_filler
}

/// True for what is written to fill in a form, from end to end: `1234567890`, `0123456789`, `999 999 9999`.
pub(super) fn is_placeholder(written: &str) -> bool {
    let digits = || {
        let figures = written.bytes().filter(u8::is_ascii_digit);
        figures.skip_while(|digit| *digit == b'0')
    };
    let steps = |by: u8| {
        let next = digits().skip(1);
        digits()
            .zip(next)
            .all(|(one, next)| (next + 10 - one) % 10 == by)
    };
    digits().nth(LEAST_DIGITS - 1).is_some() && [0, 1, 9].into_iter().any(steps)
}

/// True where figures that nothing calls a number may be another country's than the source's: a site's own numbers are so
/// much more common that the digits have to be a whole number's, behind an area code or by pairs as in France.
pub(super) fn may_be_foreign(candidate: &Candidate, from: usize, to: usize) -> bool {
    let lengths = candidate.lengths(from, to);
    let is_dialled = candidate.text[candidate.groups[from].start..].starts_with('0');
    !is_dialled
        || lengths.iter().sum::<usize>() > LEAST_DIGITS + 1
            && (lengths[0] > 2 || matches!(lengths[..], [2, 2, 2, 2, 2] | [2, 4, 4]))
}

/// The number that some groups of a candidate are, between `start` and `end` in the text.
pub(super) fn find(
    text: &str,
    candidate: &Candidate,
    (from, to): (usize, usize),
    (start, end): (usize, usize),
    around: &Around,
) -> Option<Find> {
    // An extension behind the number is part of what stood there.
    let number_end = candidate.span(from, to).1;
    let raw = &text[start..number_end];
    let figures: String = raw.chars().filter(char::is_ascii_digit).collect();
    let is_other = candidate.is_date(from, to)
        || candidate.is_other_figure(from, to)
        || candidate.spans_sentences(from, to);
    if !may_be(&figures) || is_other {
        return None;
    }
    let is_whole = from == 0 && to == candidate.groups.len();
    let is_number = match (around.is_linked, around.is_labelled) {
        (true, _) => is_whole,
        (false, true) => {
            candidate.may_be_dialled(from, to)
                && !is_day(&figures)
                && !candidate.is_american_postcode(from, to)
        }
        (false, false) => candidate.is_written_as_number(from, to, is_whole),
    };
    if !is_number {
        return None;
    }
    let mut steps: Vec<Step> = Vec::new();
    match (around.is_linked, around.is_labelled) {
        (true, _) => steps.push(StepKind::Link.into()),
        (false, true) => steps.push(StepKind::Label.into()),
        (false, false) => {}
    }
    steps.push(StepKind::NoCountry.into());
    if raw.len() > figures.len() {
        steps.push(StepKind::Separators.into());
    }
    if around.extension_end.is_some() {
        steps.push(StepKind::Extension.into());
    }
    let selector = Selector::new(Kind::Phone, bare(&figures));
    let confidence = Confidence::Inferred;
    Some(find_at(text, (start, end), selector, confidence, steps))
}

/// `20261123`.
fn is_day(figures: &str) -> bool {
    let is_in = |part: &str, most: u32| part.parse().is_ok_and(|part| (1..=most).contains(&part));
    figures.len() == 8
        && (figures.starts_with("19") || figures.starts_with("20"))
        && is_in(&figures[4..6], 12)
        && is_in(&figures[6..], 31)
}

impl Candidate<'_> {
    /// True for groups that a number may have: a single figure only first, where it is dialled before all others, and
    /// no short group at the end that does not repeat the one before.
    fn may_be_dialled(&self, from: usize, to: usize) -> bool {
        let lengths = self.lengths(from, to);
        let (first, rest) = (lengths[0], &lengths[1..]);
        let ends_well = match rest {
            [] => true,
            [.., last] if *last >= 3 => true,
            [.., before, last] => (*before, *last) == (2, 2),
            [_] => false,
        };
        let is_prefix = first > 1 || matches!(self.number(from), 0 | 1 | 8);
        ends_well && is_prefix && rest.iter().all(|length| (2..=8).contains(length))
    }

    /// True for groups in which numbers are written and other figures hardly ever are: behind the zero that is dialled
    /// first; as in North America; or of nine digits, by threes or with pairs at the end.
    fn is_written_as_number(&self, from: usize, to: usize, is_whole: bool) -> bool {
        let lengths = self.lengths(from, to);
        let digits: usize = lengths.iter().sum();
        let first = self.groups[from];
        let starts_with = |index: usize, digits: std::ops::RangeInclusive<u8>| {
            digits.contains(&self.text.as_bytes()[self.groups[index].start])
        };
        let all_between = |sign: &str| (from + 1..to).all(|index| self.between(index) == sign);
        let is_short = lengths.iter().all(|length| *length <= 4);
        // `01/02/2026 03/04/2026`: a stroke stands behind an area code, and otherwise between numbers.
        let has_strokes = (from + 2..to).any(|index| self.between(index).contains('/'));
        let stands_apart = |index: usize| {
            index == 0 || index >= self.groups.len() || !self.between(index).contains('/')
        };
        if self.climbs(from, to) || self.ends_in_date(from, to) {
            return false;
        }
        if has_strokes || lengths.len() < 3 && !(is_whole || stands_apart(from) && stands_apart(to))
        {
            return false;
        }
        if starts_with(from, b'0'..=b'0') {
            let national = digits - 1;
            let is_bracketed = self.text[first.start..].starts_with("0)");
            return (lengths[0] > 1 || is_bracketed)
                && self.may_be_dialled(from, to)
                && (lengths.len() > 1 || is_whole && national + 1 >= MOST_BARE)
                && (national <= MOST_BARE || is_short);
        }
        match lengths[..] {
            [3, 3, 4] => starts_with(from, b'2'..=b'9') && starts_with(from + 1, b'2'..=b'9'),
            // `612.345.678`, `250 000 000` and `220 - 120 - 750` are amounts.
            [3, 3, 3] => {
                let last = self.groups[to - 1];
                is_whole
                    && starts_with(from, b'2'..=b'9')
                    && !all_between(".")
                    && !self.text[..last.end].ends_with("00")
                    && !(from..to).all(|index| self.number(index).is_multiple_of(10))
            }
            // `260 (36-24-36)` is a price, and what is measured around.
            [3, 2, 2, 2] => {
                let is_bracketed = self.text[self.groups[from + 1].opens..].starts_with('(');
                is_whole && starts_with(from, b'2'..=b'9') && !is_bracketed
            }
            _ => false,
        }
    }

    /// `04 11 23 31 40`: pairs that climb are a draw.
    fn climbs(&self, from: usize, to: usize) -> bool {
        let lengths = self.lengths(from, to);
        let is_greater = |index: usize| self.number(index) < self.number(index + 1);
        lengths.iter().all(|length| *length == 2) && (from..to - 1).all(is_greater)
    }

    /// `03-05.09.2021`, `02.01-09.01.2025`: from a day to a day.
    fn ends_in_date(&self, from: usize, to: usize) -> bool {
        let lengths = self.lengths(from, to);
        lengths.ends_with(&[2, 2, 4]) && self.is_date(to - 3, to)
    }

    /// `33125-4008`.
    fn is_american_postcode(&self, from: usize, to: usize) -> bool {
        self.lengths(from, to)[..] == [5, 4] && self.between(from + 1) == "-"
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::{Confidence, Find, StepKind};

    use crate::selectors::find_all;

    #[test]
    fn national_numbers_without_a_country_are_their_digits() {
        for (text, value) in [
            ("call 020 7946 0123", "2079460123"),
            ("Tel: (0)20 7946-0123", "2079460123"),
            ("020 7946 0123", "2079460123"),
            ("07700900123", "7700900123"),
            ("age 24 020 7946 0123", "2079460123"),
            ("07700 900123 24h", "7700900123"),
            ("<tel:7700900123>", "7700900123"),
            ("(202) 555-0123", "2025550123"),
            ("202 555 0123", "2025550123"),
            ("WhatsApp 2025550123", "2025550123"),
            ("text 202-555-0123 $200", "2025550123"),
            ("01 99 00 12 34", "199001234"),
            ("Anruf 0152 28817386", "15228817386"),
            ("601 00 01 23", "601000123"),
            ("501-000-123", "501000123"),
            ("тел 8 900 000-01-23", "89000000123"),
            ("tlf 32 12 34 56", "32123456"),
            (
                "call two oh two five five five oh one two three",
                "2025550123",
            ),
        ] {
            let finds = find_all(text, None);
            let [find] = &finds[..] else {
                panic!("{text}: {finds:?}");
            };
            assert_eq!(find.selector.value, value, "{text}");
            assert_eq!(find.confidence, Confidence::Inferred, "{text}");
            let steps: Vec<_> = find.steps.iter().map(ToString::to_string).collect();
            assert!(steps.contains(&"no_country".to_owned()), "{steps:?}");
        }
        // A country that the text names, or the source has, goes before.
        for (text, region) in [
            ("UK number: 020 7946 0123", None),
            ("call 020 7946 0123", Some("GB")),
        ] {
            assert_eq!(
                find_all(text, region)[0].selector.value,
                "+442079460123",
                "{text}"
            );
        }
    }

    #[test]
    fn what_the_region_does_not_have_may_be_another_country_s() {
        for (text, region, value) in [
            ("call 07700 900123", "US", "7700900123"),
            ("WhatsApp: 07700900123", "US", "7700900123"),
            ("07700 900123", "US", "7700900123"),
            ("<tel:07700900123>", "US", "7700900123"),
            ("llámame al 07700 900 123", "US", "7700900123"),
            ("call 202-555-0123", "GB", "2025550123"),
            ("(202) 555-0123", "FR", "2025550123"),
            ("zadzwoń 601 000 123", "US", "601000123"),
            ("appelle-moi 06 39 98 01 23", "US", "639980123"),
            ("06 39 98 01 23", "US", "639980123"),
            ("tel 0152 28817386", "FR", "15228817386"),
            ("age 24 07700 900123 £80", "US", "7700900123"),
            (
                "call oh seven seven oh oh nine oh oh one two three",
                "US",
                "7700900123",
            ),
            ("call 0 7 7 0 0 9 0 0 1 2 3", "US", "7700900123"),
            // Beside a number of the source's own, on either side.
            ("call 202 555 0123 / 07700 900124", "US", "7700900124"),
            ("call 07700 900124 / 202 555 0123", "US", "7700900124"),
        ] {
            let finds = find_all(text, Some(region));
            let of_none: Vec<_> = finds
                .iter()
                .filter(|find| !find.selector.value.starts_with('+'))
                .collect();
            let [find] = &of_none[..] else {
                panic!("{text}: {finds:?}");
            };
            assert_eq!(find.selector.value, value, "{text}");
            assert_eq!(find.confidence, Confidence::Inferred, "{text}");
            assert!(find.steps.contains(&StepKind::NoCountry.into()), "{text}");
        }
        // What the region has, and what the text names, goes before; what may be cut out of either is none.
        for (text, region, values) in [
            ("UK number: 07700 900123", "US", &["+447700900123"][..]),
            (
                "Mój angielski numer: 01914 980 418",
                "DE",
                &["+441914980418"],
            ),
            ("Număr de Anglia: 0141 496 0893", "DE", &["+441414960893"]),
            ("Meu número inglês: 07700 900123", "DE", &["+447700900123"]),
            ("我的英国电话：07700 900123", "US", &["+447700900123"]),
            ("London. Call 07700 900123", "US", &["+447700900123"]),
            ("call 202 555 0123", "US", &["+12025550123"]),
            ("call 202 555 0123 100", "US", &["+12025550123"]),
            ("202 555 0123 24 hours", "US", &["+12025550123"]),
            ("ring 32 12 34 56 100", "DK", &["+4532123456"]),
            (
                "020 7946 0123/020 7946 0456",
                "GB",
                &["+442079460123", "+442079460456"],
            ),
            ("Call 06700 900123", "GB", &["+446700900123"]),
        ] {
            let finds = find_all(text, Some(region));
            let found: Vec<_> = finds.iter().map(|find| &find.selector.value).collect();
            assert_eq!(found, values, "{text}");
        }
    }

    #[test]
    fn other_figures_are_none_of_them() {
        for text in [
            "2025550123",
            "250 000 000",
            "612.345.678",
            "220 - 120 - 750",
            "flight LH 1203 14:05, call me",
            "$ 202 555 0123",
            "order 020 7946 0123",
            "ad id 2025550123",
            "posted 23.11.2026 08:30",
            "call before 23.11.2026",
            "call 20261123",
            "call 1234567890",
            "000 000 0000",
            "555 555 5555",
            "call 555-0123",
            "0.51507400",
            "ISBN 0-306-40615-7",
            "0012345678",
            "8 10 12 14 16 18",
            "90 60 90 170 55",
            "09:00 12:00 18:00",
            "12 34 56 78",
            "(0) 1 2 3 4 5 6 7 8 9",
            "250 350 4500",
            "150 200 300 400",
            "01/02/2026 03/04/2026",
            "on 01/02/2026 and 03/04",
            "02/2026 03/04 05/06",
            "size 36/38 40/42 44/46",
            "tax 020/7946/0123/77",
            "192.168.100.200",
            "4111 1111 1111 1111",
            "100 000 000 views",
            "two oh two five five five oh one two three",
            "04 11 23 31 40 44",
            "04-11-19-27-38-45 + 3",
            "03-05.09.2021 / 07-09.09.2022 / 11.09.",
            "02.01-09.01.2025",
            "price 260 (36-24-36, 5 ft 5)",
            "area 33125-4008",
        ] {
            for region in [None, Some("US"), Some("GB"), Some("PL")] {
                let finds = find_all(text, region);
                let is_read = |find: &&Find| !find.selector.value.starts_with('+');
                let found: Vec<_> = finds.iter().filter(is_read).collect();
                assert!(found.is_empty(), "{text} in {region:?}: {found:?}");
            }
        }
        // And these are none where the source has numbers of its own.
        for text in [
            "SIN 046 454 286",
            "0301 234 56",
            "07 12 23 31 44 09",
            "phone seven-eight-six fivefive-five oh.1*four2",
            "tracking 0770 0900 123",
            "order 07700 900123",
            "invoice no. 07700900123",
            "07700900123 USD",
            "$ 07700 900123",
            "0770.0900.123.4",
        ] {
            let finds = find_all(text, Some("US"));
            let is_read = |find: &&Find| !find.selector.value.starts_with('+');
            let found: Vec<_> = finds.iter().filter(is_read).collect();
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
