//! What no disguise, and no text around an ad, may change.

use proptest::{prelude::*, sample::select};
use sightline_extractors::{canonical, find_all};
use sightline_model::{Find, Kind};

/// Numbers that are kept free, as their countries write them: region, national form, canonical form.
const NUMBERS: [(&str, &str, &str); 6] = [
    ("US", "202-555-0123", "+12025550123"),
    ("US", "(617) 555-0187", "+16175550187"),
    ("GB", "07700 900123", "+447700900123"),
    ("GB", "020 7946 0123", "+442079460123"),
    ("FR", "06 39 98 01 23", "+33639980123"),
    ("DE", "030 23125123", "+493023125123"),
];

/// Texts that have no selector and no figure.
const PROSE: [&str; 8] = [
    "New in town, come and see me.",
    "Private room near the station!",
    "Отдых и массаж.",
    "温柔体贴。",
    "Je reçois en appartement discret.",
    "Clean and quiet; no rush",
    "♥ ♥ ♥",
    "One of the best, for you",
];

fn values(finds: &[Find], kind: Kind) -> Vec<&str> {
    finds
        .iter()
        .filter(|find| find.selector.kind == kind)
        .map(|find| find.selector.value.as_str())
        .collect()
}

/// The zeros of styles of digits.
const ZEROS: [char; 8] = ['0', '０', '𝟎', '𝟘', '𝟶', '٠', '०', '๐'];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_style_and_nothing_invisible_hides_a_number(
        (region, written, value) in select(&NUMBERS[..]),
        styles in prop::collection::vec(select(&ZEROS[..]), 16),
        hidden in prop::collection::vec(select(&["", "\u{200b}", "\u{200d}", "\u{ad}", "\u{2060}", "\u{feff}"][..]), 16),
    ) {
        let mut text = "call ".to_owned();
        for (at, letter) in written.chars().enumerate() {
            match letter.to_digit(10) {
                Some(digit) => {
                    let styled = char::from_u32(styles[at] as u32 + digit).unwrap();
                    text.push(styled);
                    text.push_str(hidden[at]);
                }
                None => text.push(letter),
            }
        }
        let finds = find_all(&text, Some(region));
        prop_assert_eq!(values(&finds, Kind::Phone), [value], "{}", text);
    }

    #[test]
    fn no_text_around_an_ad_removes_a_find(
        (region, written, value) in select(&NUMBERS[..]),
        before in select(&PROSE[..]),
        behind in select(&PROSE[..]),
    ) {
        let ad = format!("Call {written}, mail rose (at) example (dot) com, ig: rose_lane22");
        let text = format!("{before}\n{ad}\n{behind}");
        let finds = find_all(&text, Some(region));
        prop_assert_eq!(values(&finds, Kind::Phone), [value], "{}", text);
        prop_assert_eq!(values(&finds, Kind::Email), ["rose@example.com"], "{}", text);
        prop_assert_eq!(values(&finds, Kind::Handle), ["instagram/rose_lane22"], "{}", text);
    }

    #[test]
    fn what_was_found_is_found_in_its_canonical_form(
        pieces in prop::collection::vec(select(&[
            "two oh two ", "five five five ", "oh one two three ", "2O2 ", "202✨555✨0123 ", "rose (at) example dot com ",
            "ig: rose_lane ", "hxxps://rose[.]example.com/a ", "call ", "\n", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed ",
            "null drei null ", "seven ", "r o s e @ e x a m p l e . c o m ",
        ][..]), 0..10),
    ) {
        let text = pieces.concat();
        for find in find_all(&text, Some("US")) {
            let again = canonical(find.selector.kind, &find.selector.value, Some("US"));
            prop_assert_eq!(again.as_ref(), Ok(&find.selector), "{}", text);
            if find.selector.kind == Kind::Phone {
                let finds = find_all(&find.selector.value, Some("US"));
                prop_assert_eq!(values(&finds, Kind::Phone), [find.selector.value.as_str()]);
            }
        }
    }
}
