//! Numbers beside figures of another sort, and rows of figures that are none.

use sightline_model::Kind;

use super::*;
use crate::selectors::find_all;

/// Numbers of fiction, as a country writes them and in disguise: plain, with letters for some digits, spaced out.
const NUMBERS: [(&str, &str, [&str; 4]); 5] = [
    (
        "GB",
        "+447700900123",
        [
            "07700 900123",
            "O77OO 9OOI23",
            "0 7 7 0 0 9 0 0 1 2 3",
            "07700-900-12three",
        ],
    ),
    (
        "US",
        "+12025550147",
        [
            "2025550147",
            "2O2-555-OI47",
            "2 0 2 5 5 5 0 1 4 7",
            "202-555-01four7",
        ],
    ),
    (
        "FR",
        "+33639980123",
        [
            "06 39 98 01 23",
            "O6 39 98 O1 23",
            "0 6 3 9 9 8 0 1 2 3",
            "0639-9801-2three",
        ],
    ),
    (
        "DE",
        "+493023125123",
        [
            "030 23125123",
            "O3O 23I25I23",
            "0 3 0 2 3 1 2 5 1 2 3",
            "030-23125-12drei",
        ],
    ),
    (
        "PL",
        "+48601000123",
        [
            "601 000 123",
            "6O1 OOO 123",
            "6 0 1 0 0 0 1 2 3",
            "601-000-12trzy",
        ],
    ),
];

fn numbers(text: &str, region: &str) -> Vec<String> {
    find_all(text, Some(region))
        .into_iter()
        .filter(|find| find.selector.kind == Kind::Phone)
        .map(|find| find.selector.value)
        .collect()
}

/// Holds each number, put into each text, against what is found.
fn are_found(texts: &[&str], fits: impl Fn(&str, &str) -> bool) {
    let mut missed = Vec::new();
    for text in texts {
        for (region, value, written) in &NUMBERS {
            for form in written.iter().filter(|form| fits(region, form)) {
                let text = text.replace('N', form);
                let found = numbers(&text, region);
                if found != [value.to_owned()] {
                    missed.push(format!("{region} {text:?}: {found:?}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_figure_of_another_sort_before_a_number_hides_it_not() {
    are_found(
        &[
            "N",
            "Anna N xx",
            "Anna 22 N xx",
            "Anna, 22 N xx",
            "Anna, 22. N xx",
            "Anna (22) N xx",
            "Massage £80 N xx",
            "Massage 80€ N xx",
            "Massage 80 € N xx",
            "Massage £80-£120 N xx",
            "Open 24/7 N xx",
            "Open 10-22 N xx",
            "Anna LS1 N xx",
            "Call Anna 22 N",
            "Anna 22 N call me",
            "N 24/7",
            "N 80€",
            "Anna\n22\nN",
            "Anna (24/7) N",
            "Anna 90-60-90 N",
            "Anna 36-24-36, N xx",
            "Room 12 N",
            "from 80 N",
            "Anna 1m62, N xx",
            "N (30)",
            "N (10:00-16:00 uur)",
            "N (24 ore su 24)",
            "N (room 414)",
            "N 90-60-90",
            "N - 36-24-36",
            "N - 162 cm",
            "N - 1,62m",
            "N, 34 years old",
            "N, 6. Stock",
            "N. 95D",
            "N - 2 girls",
            "N | 30 min 60",
            "N (10 bis 22 Uhr)",
            "N, 1,65 m",
            "N 34 DD",
            "N. 9 to 9",
            "9 to 9, N",
            "room 7 - N",
            "N, 60 rozen",
            "N (230 Euro die Stunde)",
            "Apto. 373: N, 20 añitos",
            "Bust 88 cm ♥ N ♥ 159 cm",
        ],
        |_, _| true,
    );
}

#[test]
fn a_short_figure_hides_no_number_with_its_zero() {
    let has_zero =
        |region: &str, form: &str| region != "US" && region != "PL" && !form.contains("0 ");
    are_found(
        &["Room 12 N", "size 10 N", "Paris 75011 N xx", "flat 3 N"],
        has_zero,
    );
}

#[test]
fn a_label_of_other_figures_is_the_first_one_s() {
    for (text, region, value) in [
        ("Ad 12345 07700 900123 call me", "GB", "+447700900123"),
        ("Ref 12345 07700900123", "GB", "+447700900123"),
        ("ID: 12345, 07700 900123", "GB", "+447700900123"),
        ("Order 12345 O77OO 9OOI23", "GB", "+447700900123"),
        ("Post 77 07700 900 123", "GB", "+447700900123"),
        ("Listing A77 07700 900123", "GB", "+447700900123"),
        ("Item 4 07700 900123", "GB", "+447700900123"),
        ("Lot 12 07700 900123", "GB", "+447700900123"),
        ("Ad 12345 202-555-0147 call me", "US", "+12025550147"),
        ("Ad 12345 2O2-555-OI47", "US", "+12025550147"),
        ("size 10 2025550147", "US", "+12025550147"),
        ("Miami 33101 2025550147", "US", "+12025550147"),
        ("Annonce 12345 06 39 98 01 23", "FR", "+33639980123"),
        ("Postcode B69 5QU. 07700 900123", "GB", "+447700900123"),
        (
            "PLZ 10785 Berlin: 030 23125123, 36 Jahre",
            "DE",
            "+493023125123",
        ),
        (
            "PLZ 10785 Berlin: 0-3-0-2-3-1-2-5-1-2-3",
            "DE",
            "+493023125123",
        ),
    ] {
        assert_eq!(numbers(text, region), [value], "{text}");
    }
}

#[test]
fn a_word_that_counts_what_follows_is_of_the_sentence() {
    for (text, region, value) in [
        (
            "call two oh two five five five oh one four seven two minutes away",
            "US",
            "+12025550147",
        ),
        (
            "call two oh two five five five oh one four seven one girl only",
            "US",
            "+12025550147",
        ),
        (
            "call oh double seven double oh nine double oh one two three one hour £80",
            "GB",
            "+447700900123",
        ),
    ] {
        assert_eq!(numbers(text, region), [value], "{text}");
    }
}

#[test]
fn rows_of_figures_are_no_numbers() {
    for text in [
        "Prices: 80 120 150 200 250 300",
        "£80 £120 £150 £200 half hour 60 hour 100",
        "Order 114-3941689-8772232",
        "Order 12345 0740 0913 5829 11",
        "Order 22 0770 0900 123",
        "order no 07700900123",
        "tracking 9400 1000 0000 0000 0000 00",
        "tracking 1Z 999 AA1 01 2345 6784",
        "RR 473 124 829 GB",
        "Mon 9-17 Tue 9-17 Wed 10-18 Thu 10-20 Sat 10-14",
        "open 10:00-22:00, 24/7 on 12/05/2026",
        "12.07.2026 18:30 - 13.07.2026 02:00",
        "01.03-04.03, 07.03-12.03, 15.03-21.03",
        "165 cm 52 kg 90-60-90 34C age 22",
        "24\n168\n54\n90-60-90\n38\n.",
        "220 або 800. 10-22 | 10-22 | 10-22 | 10-24 | 12-24",
        "TVA FR 00 033 491 043",
        "height 5 6 weight 52 bust 90 waist 60 hips 90",
        "Room 12 204 305 410 512",
        "rooms 101, 102, 103, 104, 105, 106",
        "Anna 22 165 52 90 60 90",
        "Anna 22 12O 15O 2OO 3OO",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "Ref 12345 67890 12345",
        "Lot 12 450 500 620 7000",
        "Item 4 2025550147",
        "card 4111 1111 1111 1111",
        "IBAN GB29 NWBK 6016 1331 9268 19",
        "IBAN DE89 3704 0044 0532 0130 00",
        "ISBN 978 0 306 40615 7",
        "ISBN 0 306 40615 7",
        "model S22 O5 12 A4 128GB 5000",
        "size 36 38 40 42 44 46 48",
        "table 4 12 18 22 30 41 55",
        "bus 22 0715 0730 0745 0800",
        "invoice 2026 0001 0002 0003",
        "sort 20-00-00 account 12345678",
        "draw 22: 04 11 23 31 40 44",
        "18 22 24 hours 60 30 120",
    ] {
        for region in ["GB", "US", "FR", "DE", "ES", "IT", "NL", "PL"] {
            let found = numbers(text, region);
            assert!(found.is_empty(), "{region} {text}: {found:?}");
        }
    }
}

#[test]
fn figures_are_told_by_how_they_are_written() {
    use Beside::{Own, Short};
    for (text, beside) in [
        ("Anna 22 ", Some(Own)),
        ("Anna, 22 ", Some(Own)),
        ("Anna (22) ", Some(Own)),
        ("£80 ", Some(Own)),
        ("€ 1,200 ", Some(Own)),
        ("80 € ", Some(Own)),
        ("24/7 ", Some(Own)),
        ("LS1 4AB, ", Some(Own)),
        ("Room 12 ", Some(Own)),
        ("kamer 5 ", Some(Own)),
        ("from 80 ", Some(Own)),
        ("(24/7) ", Some(Own)),
        ("(camera 143) ", Some(Own)),
        ("90-60-90 ", Some(Own)),
        ("90-95-90 ", None),
        ("1m62 ", Some(Own)),
        ("5'4\" ", Some(Own)),
        ("Size 12 ", Some(Own)),
        ("Nr. 7 ", Some(Own)),
        ("9 to 9, ", Some(Own)),
        ("Paris 12 ", Some(Short)),
        ("12345 ", Some(Short)),
        ("order 22 ", Some(Short)),
        ("(plus) 44 ", None),
        ("+ 44 ", None),
        ("0800 ", None),
        ("Anna 22", None),
        ("33 22 ", None),
        ("12.07.2026 ", None),
        ("Anna ", None),
        ("", None),
    ] {
        assert_eq!(before(text), beside, "{text:?}");
    }
}

#[test]
fn figures_behind_a_number_are_told_by_their_words() {
    use Beside::{Own, Short};
    for (text, beside) in [
        (" 34 years old", Some(Own)),
        (" (32 años)", Some(Own)),
        (" (10:00-16:00 uur)", Some(Own)),
        (" 36-24-36", Some(Own)),
        (" - 162 cm", Some(Own)),
        (", 1,62m", Some(Own)),
        (" 6. Stock", Some(Own)),
        (" 10115 Berlin", Some(Own)),
        (" 2 girls", Some(Own)),
        (" 100 1h", Some(Own)),
        (" 80€", Some(Own)),
        (" 1,65 m", Some(Own)),
        (" 34 DD", Some(Own)),
        (" 34 D.", Some(Own)),
        (" 9 to 9", Some(Own)),
        (" 89 A little notice", Some(Short)),
        (" 27. Desde 290", Some(Short)),
        (" 90210", Some(Short)),
        (" 12 in Berlin", Some(Short)),
        (" 012", None),
        ("22", None),
    ] {
        assert_eq!(behind(text), beside, "{text:?}");
    }
}

#[test]
fn what_is_measured_or_printed_is_no_number() {
    for (text, region) in [
        ("Call 90-60-90, dulce", "DE"),
        ("Call 36-24-36 today", "DE"),
        ("UPS 1Z 999 AA1 01 9572 6955", "US"),
        (
            "test cards 4000 0566 5566 5556 and 5105 1051 0510 5100",
            "DE",
        ),
        ("serving 10001, 10002, 10003, 10011 and 10012", "DE"),
        ("480 Seiten, 2021, 5 Euro", "US"),
        ("Chip 276 090 800 825 752, geimpft", "US"),
        ("Set to 203.0.113.86, mask 255.255.255.0", "US"),
        ("till receipt 2077-172230", "US"),
        ("part number 37454756, UPC 036000291452", "DE"),
        ("Bestell-Nr. 7723234, Rechnungsnr. 0732529833", "DE"),
    ] {
        assert!(numbers(text, region).is_empty(), "{text}");
    }
    // Four fours without the check digit of a card, and figures between 50 and 60 that measure nobody.
    for (text, region, value) in [
        ("Tel 50-35-55 01 09", "US", "+15035550109"),
        ("0~3~0~2~3~1~2~5~8~4~3", "DE", "+493023125843"),
        ("0#3#0#2#3#1#2#5#8#4#3", "DE", "+493023125843"),
        ("Chiamami al 0899 999887l.", "DE", "+498999998871"),
        ("Meine Nummer: 0899 99 984 6O.", "DE", "+498999998460"),
        ("Tel. o899 9998s97.", "DE", "+498999998597"),
        (
            "Bordeaux (33000), 0*5*3*6*4*9-5*2-0*6",
            "FR",
            "+33536495206",
        ),
        (
            "3 one 2-five 5 five-0 1 three three (24/7)",
            "US",
            "+13125550133",
        ),
        (
            "0 3 0 2 3 1 zwei 5 7 4 8 (10 bis 22 Uhr)",
            "DE",
            "+493023125748",
        ),
        (
            "☎ o.3.0.2.3.1.2.5.8.4.3 (350 € mezz'ora)",
            "DE",
            "+493023125843",
        ),
    ] {
        assert_eq!(numbers(text, region), [value], "{text}");
    }
}
