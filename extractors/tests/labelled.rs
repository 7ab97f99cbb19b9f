//! No plain number behind a label is taken for sums, hours, lists, parcels or what is hidden, whatever its digits are.

use std::collections::BTreeSet;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};
use sightline_extractors::find_all;
use sightline_model::Kind;

/// The shapes that a number's groups are put in, each from those that the country's example has.
type Shape = fn(usize, &str) -> String;
const SHAPES: [(&str, Shape); 5] = [
    ("round", |_, group| {
        format!("{}0", &group[..group.len() - 1])
    }),
    ("round and climbing", |index, group| {
        let first = group.as_bytes()[0];
        let first = match index {
            0 => char::from(first),
            _ => char::from(b'1' + (index as u8 * 2 + 1).min(8)),
        };
        format!("{first}{}", &"5000000000"[..group.len() - 1])
    }),
    ("round, from the example's", |index, group| match index {
        0 => format!("{}0", &group[..group.len() - 1]),
        _ => format!(
            "{}{}",
            3 + (2 * index).min(6),
            &"4000000000"[10 - (group.len() - 1)..]
        ),
    }),
    ("times", |index, group| match (index, group.len()) {
        (1.., 2) => ["10", "20", "30", "40", "55"][(index - 1) % 5].to_owned(),
        _ => group.to_owned(),
    }),
    ("climbing", |index, group| match (index, group.len()) {
        (1.., 2) => (11 + index * 11).to_string(),
        _ => group.to_owned(),
    }),
];

/// What stands before a number and behind it.
const AROUND: [(&str, &str); 4] = [
    ("Tel. ", ""),
    ("WhatsApp ", " xx"),
    ("Call ", " hours 9-5"),
    ("WA ", " TG @rosa"),
];

fn is_found(text: &str, region: Region, value: &str) -> bool {
    let finds = find_all(text, Some(&region.to_string()));
    let mut values = finds.iter().map(|find| &find.selector);
    values.any(|selector| selector.kind == Kind::Phone && selector.value == value)
}

/// The canonical form of what the region reads as one of its numbers.
fn valid(written: &str, region: Region) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(written, Some(region)).ok()?;
    PHONE_NUMBER_UTIL
        .is_valid_number_for_region(&number, region)
        .then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}

fn shaped(written: &str, shape: Shape) -> String {
    let mut index = 0;
    let mut text = String::new();
    let parts = written.split_inclusive(|letter: char| !letter.is_ascii_digit());
    for part in parts {
        let digits = part.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        if !digits.is_empty() {
            text.push_str(&shape(index, digits));
            index += 1;
        }
        text.push_str(&part[digits.len()..]);
    }
    text
}

/// Digits that people write to fill in a form, which are left out on purpose.
fn is_filler(written: &str) -> bool {
    let digits: BTreeSet<char> = written.chars().filter(char::is_ascii_digit).collect();
    digits.len() < 3
}

#[test]
fn no_labelled_number_is_lost_for_its_digits() {
    let mut lost = Vec::new();
    let mut count = 0;
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        for kind in [PhoneNumberType::FixedLine, PhoneNumberType::Mobile] {
            let Ok(example) =
                PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind)
            else {
                continue;
            };
            let national = example.format_as(PhoneNumberFormat::National).into_owned();
            for written in BTreeSet::from([national.replace(['-', '.'], " "), national]) {
                let is_read = |before: &str, behind: &str| {
                    let value = valid(&written, region);
                    value.is_some_and(|value| {
                        is_found(&format!("{before}{written}{behind}"), region, &value)
                    })
                };
                // What is not found whatever its digits are is no matter of theirs.
                let around = match kind {
                    PhoneNumberType::Mobile => &AROUND[..],
                    _ => &AROUND[..1],
                };
                for (before, behind) in around.iter().filter(|(a, b)| is_read(a, b)) {
                    for (name, shape) in SHAPES {
                        let number = shaped(&written, shape);
                        let Some(value) = valid(&number, region).filter(|_| !is_filler(&number))
                        else {
                            continue;
                        };
                        count += 1;
                        let text = format!("{before}{number}{behind}");
                        if !is_found(&text, region, &value) {
                            lost.push(format!("{region} {name}: {text}"));
                        }
                    }
                }
            }
        }
    }
    assert!(
        lost.is_empty(),
        "{} of {count}:\n{}",
        lost.len(),
        lost.join("\n")
    );
    assert!(count > 2_000, "{count}");
}

#[test]
fn numbers_that_look_like_other_figures_are_found() {
    for (text, region, value) in [
        ("Call 210-640-7890", Some("US"), "+12106407890"),
        ("Call 210-640-7890", None, "2106407890"),
        ("call 310-450-7690 anytime", Some("US"), "+13104507690"),
        ("tel. 320 450 6780", Some("IT"), "+393204506780"),
        ("tel 510 620 730", Some("PL"), "+48510620730"),
        ("600 700 800", Some("ES"), "+34600700800"),
        ("WA 612345678 TG @rosa", Some("ES"), "+34612345678"),
        ("WA 912345678 OK", Some("PT"), "+351912345678"),
        ("WA 512345678 TG", Some("PL"), "+48512345678"),
        ("Ring 20 12 34 56 xx", Some("DK"), "+4520123456"),
        ("Tlf 91 23 45 67 xxx", Some("NO"), "+4791234567"),
        ("call 9123 4567 xx", Some("SG"), "+6591234567"),
        ("06.10 20.30 40", Some("FR"), "+33610203040"),
        ("07700 900 123 hours 9-5", Some("GB"), "+447700900123"),
        // Words between groups, channels among them.
        ("07700 whatsapp 900123", Some("GB"), "+447700900123"),
        ("07700 900 telegram 123", Some("GB"), "+447700900123"),
        ("202 whatsapp 555 text 0123", Some("US"), "+12025550123"),
        ("202-555 call or whatsapp 0123", Some("US"), "+12025550123"),
    ] {
        let finds = find_all(text, region);
        let found: Vec<_> = finds
            .iter()
            .filter(|find| find.selector.kind == Kind::Phone)
            .map(|find| &find.selector.value)
            .collect();
        assert_eq!(found, [value], "{text} in {region:?}");
    }
}

#[test]
fn other_figures_stay_what_they_are() {
    for (text, region) in [
        ("WhatsApp 10-22, Telegram 24/7", "GB"),
        ("book now 150 250 400 600", "PL"),
        ("dzwoń 10-22, 150/250/400", "PL"),
        ("500 650 700", "PL"),
        ("mobile massage 60 75 90 120 mins", "ES"),
        ("tel. 030 231 xx xx", "DE"),
        ("call 0171 392****", "DE"),
        ("RR 123 456 785 GB", "PL"),
        ("9.00 - 21.00 / 365", "FR"),
    ] {
        let finds = find_all(text, Some(region));
        let mut phones = finds
            .iter()
            .filter(|find| find.selector.kind == Kind::Phone);
        assert!(phones.next().is_none(), "{text}: {finds:?}");
    }
}
