//! Cases: what is a telephone number in a text, and what is not.

use rlibphonenumber::Region;
use sightline_model::Kind;

use super::*;
use crate::selectors::find_all;

fn numbers(text: &str, region: &str) -> Vec<String> {
    let region = (!region.is_empty()).then_some(region);
    find_all(text, region)
        .into_iter()
        .filter(|find| find.selector.kind == Kind::Phone)
        .map(|find| find.selector.value)
        .collect()
}

#[test]
fn numbers_are_found() {
    for (text, region, found) in [
        ("(202) 555-0123", "US", &["+12025550123"][..]),
        ("202-555-0123", "US", &["+12025550123"]),
        ("202.555.0123", "US", &["+12025550123"]),
        ("2025550123", "US", &["+12025550123"]),
        ("1 202 555 0123", "US", &["+12025550123"]),
        ("+1 202 555 0123", "", &["+12025550123"]),
        (
            "+1-202-555-0123, +44 20 7946 0123",
            "",
            &["+12025550123", "+442079460123"],
        ),
        ("020 7946 0123", "GB", &["+442079460123"]),
        ("(020) 7946 0123", "GB", &["+442079460123"]),
        ("+44 (0)20 7946 0123", "US", &["+442079460123"]),
        ("0044 20 7946 0123", "GB", &["+442079460123"]),
        ("00 44 20 7946 0123", "US", &["+442079460123"]),
        ("0491 570 006", "AU", &["+61491570006"]),
        ("Gọi số 0491570006", "AU", &["+61491570006"]),
        ("01 99 00 12 34", "FR", &["+33199001234"]),
        // Ranges that are kept for dramas are read as if they were given out.
        ("07700 900123", "GB", &["+447700900123"]),
        // Possible, not valid: these need a label, a link or a plus sign.
        ("Call 06700 900123", "GB", &["+446700900123"]),
        ("+44 6700 900123", "GB", &["+446700900123"]),
        ("06700 900123", "GB", &[]),
        ("Call 07700 900123", "GB", &["+447700900123"]),
        ("07700 900123 ask for Rose", "GB", &["+447700900123"]),
        ("WhatsApp: 07700-900-123", "GB", &["+447700900123"]),
        ("☎ 07700 900123", "GB", &["+447700900123"]),
        ("+44 7700 900123", "GB", &["+447700900123"]),
        ("+44 (0)7700 900123", "", &["+447700900123"]),
        ("<tel:07700900123>", "GB", &["+447700900123"]),
        // A price beside it.
        ("Jane 07700 900123 £80", "GB", &["+447700900123"]),
        ("+44 7700 900123 £80", "GB", &["+447700900123"]),
        ("Anna 07700 900123 €100", "GB", &["+447700900123"]),
        ("202-555-0123 $200", "US", &["+12025550123"]),
        ("Lucy 202 555 0123 $200 hr", "US", &["+12025550123"]),
        ("202.555.0123$200hh", "US", &["+12025550123"]),
        ("200$ 202-555-0123", "US", &["+12025550123"]),
        ("2025550123 $", "US", &[]),
        ("$ 2025550123", "US", &[]),
        // Several, and something beside them.
        (
            "020 7946 0123 / 020 7946 0456",
            "GB",
            &["+442079460123", "+442079460456"],
        ),
        (
            "020 7946 0123/020 7946 0456",
            "GB",
            &["+442079460123", "+442079460456"],
        ),
        (
            "202 555 0123 202 555 0124",
            "US",
            &["+12025550123", "+12025550124"],
        ),
        (
            "2025550123,2025550124",
            "US",
            &["+12025550123", "+12025550124"],
        ),
        ("202 555 0123 24 hours", "US", &["+12025550123"]),
        ("age 24 020 7946 0123", "GB", &["+442079460123"]),
        ("(call 202-555-0123)", "US", &["+12025550123"]),
        ("202-555-0123 ext. 12", "US", &["+12025550123"]),
        ("call2025550123now", "US", &["+12025550123"]),
        // A price behind a comma, and another number behind a stroke.
        ("01134960766，340元/90分钟", "GB", &["+441134960766"]),
        (
            "0302 31 253 07 - 0171 39 200 47",
            "DE",
            &["+493023125307", "+491713920047"],
        ),
        ("1,202,555,340 yuan", "GB", &[]),
        // What is only possible is a part of what goes on behind words.
        ("call 0491 & 570 baby 156", "AU", &["+61491570156"]),
        (
            "begins 0491, then 570, finish with 156",
            "AU",
            &["+61491570156"],
        ),
        ("call 0491 hun 570 kisses 006", "AU", &["+61491570006"]),
        ("２０２-５５５-０１２３", "US", &["+12025550123"]),
        ("202\u{200b}555\u{ad}0123", "US", &["+12025550123"]),
        ("https://wa.me/12025550123?text=Hi", "", &["+12025550123"]),
        (
            "api.whatsapp.com/send?phone=%2B447700900123",
            "",
            &["+447700900123"],
        ),
        ("viber://chat?number=%2B12025550123", "", &["+12025550123"]),
        ("https://t.me/+12025550123", "", &["+12025550123"]),
    ] {
        assert_eq!(numbers(text, region), found, "{text} in {region}");
    }
}

#[test]
fn other_figures_are_not_numbers() {
    for (text, region) in [
        ("2026-11-23 08:00", "US"),
        ("23.11.2026 14:30", "DE"),
        ("03/27/2011", "US"),
        ("1979-2011 100", "US"),
        ("$2025550123", "US"),
        ("2025550123 USD", "US"),
        ("1,202,555,012", "US"),
        ("192.168.100.200", "US"),
        ("51.507400, -0.127800", "GB"),
        ("4111 1111 1111 1111", "US"),
        ("ISBN 978-0-306-40615-7", "GB"),
        ("Order no: 2025550123", "US"),
        ("ad id 2025550123", "US"),
        ("https://example.org/2025550123/x", "US"),
        ("lotus2025550123@example.com", "US"),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "US"),
        ("x2025550123y", "US"),
        ("20255501232025550123202555", "US"),
        ("1 2 3 4 5 6 7 8 9 0", "US"),
        ("2025550123", ""),
        ("12345", "US"),
        ("650x2531234", "US"),
    ] {
        assert_eq!(numbers(text, region), [""; 0], "{text} in {region}");
    }
}

#[test]
fn finds_say_how_they_were_read() {
    for (text, region, raw, confidence, steps) in [
        (
            "+12025550123",
            "US",
            "+12025550123",
            Confidence::Exact,
            &["international"][..],
        ),
        (
            "+1 202-555-0123",
            "US",
            "+1 202-555-0123",
            Confidence::Exact,
            &["international", "separators"],
        ),
        (
            "a (202) 555-0123.",
            "US",
            "(202) 555-0123",
            Confidence::Normalised,
            &["region:US", "separators"],
        ),
        (
            "tel. 2025550123",
            "US",
            "2025550123",
            Confidence::Normalised,
            &["label", "region:US"],
        ),
        (
            "Call 06700 900123",
            "GB",
            "06700 900123",
            Confidence::Inferred,
            &["label", "region:GB", "separators", "possible"],
        ),
        (
            "<tel:+12025550123>",
            "GB",
            "+12025550123",
            Confidence::Exact,
            &["link", "international"],
        ),
        (
            "202-555-0123 x 12!",
            "US",
            "202-555-0123 x 12",
            Confidence::Normalised,
            &["region:US", "separators", "extension"],
        ),
    ] {
        let finds = find_all(text, Some(region));
        let find = &finds[0];
        let told: Vec<_> = find.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            (find.raw.as_str(), find.confidence),
            (raw, confidence),
            "{text}"
        );
        assert_eq!(told, steps, "{text}");
    }
}

#[test]
fn written_numbers_are_read_or_refused() {
    for (written, region, value) in [
        ("+1 (202) 555-0123", None, Some("+12025550123")),
        ("020 7946 0123", Some(Region::GB), Some("+442079460123")),
        ("07700 900123", Some(Region::GB), Some("+447700900123")),
        ("00442079460123", None, Some("+442079460123")),
        ("tel:+12025550123", None, Some("+12025550123")),
        ("https://wa.me/12025550123", None, Some("+12025550123")),
        ("020 7946 0123", None, None),
        ("555-0123", Some(Region::US), None),
        ("not a number", Some(Region::US), None),
        ("+999 1234", None, None),
    ] {
        assert_eq!(
            canonical(written, region).ok().as_deref(),
            value,
            "{written}"
        );
    }
}

#[test]
fn a_plus_that_is_there_was_not_left_out() {
    let finds = find_all("call +1 202 555 0123", None);
    assert!(finds[0].confidence > Confidence::Inferred);
    let steps = &finds[0].steps;
    assert!(!steps.contains(&StepKind::PlusLeftOut.into()), "{steps:?}");
}
