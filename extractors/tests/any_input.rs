//! Whatever comes in, nothing panics, and every promise about what comes out holds.

use proptest::prelude::*;
use sightline_extractors::{
    ImageLimits, Profile, ProfileSettings, RawPage, canonical, find_all, inspect, read,
};
use sightline_model::{Confidence, Find, Kind, Timestamp, VisitKind};
use url::Url;

/// What is true of all finds in a text.
fn check_finds(text: &str, finds: &[Find], region: &str) -> Result<(), TestCaseError> {
    for find in finds {
        prop_assert_eq!(text.get(find.start..find.end), Some(find.raw.as_str()));
        prop_assert!(find.start < find.end);
        let Find { selector, .. } = find;
        let again = canonical(selector.kind, &selector.value, Some(region));
        let value = again.map(|again| again.value);
        let is_possible_number =
            selector.kind == Kind::Phone && find.confidence == Confidence::Inferred;
        prop_assert!(
            value.as_deref() == Ok(&selector.value) || is_possible_number,
            "{} is {:?} when it is written again",
            selector,
            value
        );
    }
    let in_order = finds.windows(2).all(|pair| pair[0].start <= pair[1].start);
    prop_assert!(in_order);
    Ok(())
}

/// Texts of the pieces that selectors are made of, in any order.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,12}",
        "[ ./()+-]{1,3}",
        "[a-zA-Zé@_:,]{1,6}",
        Just("+1 202 555 0123".to_owned()),
        Just("020 7946 0123".to_owned()),
        Just("lotus@example.com".to_owned()),
        Just("https://wa.me/12025550123?utm_source=x".to_owned()),
        Just("https://www.instagram.com/blue.lotus/".to_owned()),
        Just("call ".to_owned()),
        Just("IG: ".to_owned()),
        Just("telegram @blue_lotus".to_owned()),
        Just("x.com/".to_owned()),
        Just("paypal.me/".to_owned()),
        Just("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_owned()),
        Just("tel:".to_owned()),
        Just("0044 ".to_owned()),
        Just("\u{200b}".to_owned()),
        Just("２０".to_owned()),
        Just("\n".to_owned()),
        Just("two oh ".to_owned()),
        Just("fünfundzwanzig".to_owned()),
        Just("twozero2O".to_owned()),
        Just("ศูนย์แปด".to_owned()),
        Just("二零".to_owned()),
        Just(" (at) ".to_owned()),
        Just(" dot com".to_owned()),
        Just("r o s e @ ".to_owned()),
        Just("hxxp://".to_owned()),
        Just("\u{202e}321".to_owned()),
        Just("&#50;<b>".to_owned()),
        Just("о2✨".to_owned()),
        "\\PC{1,4}",
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// Pages of the pieces that pages are made of.
fn pages() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<div class=ad><h1>Title</h1>".to_owned()),
        Just("<a href='tel:+12025550123'>".to_owned()),
        Just("<a href=\"https://t.me/lotus_\u{e9}%ff\">".to_owned()),
        Just("<p style='font-size:0;visibility:hidden'>".to_owned()),
        Just("<span class=price>".to_owned()),
        Just("<script type='application/ld+json'>{\"offers\":{\"price\":".to_owned()),
        Just("<table><tr><td><svg><title>".to_owned()),
        Just("<base href='//x'>".to_owned()),
        Just("</div></p></a></table>".to_owned()),
        Just("<time datetime='2026-13-99'>".to_owned()),
        Just("2 hours ago".to_owned()),
        Just("$1.2.3,4".to_owned()),
        Just("<!--".to_owned()),
        Just("\0\u{ad}&#xD800;&nbsp;".to_owned()),
        "[<>/='\" a-z0-9&;]{1,12}",
        texts(),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn profile() -> Profile {
    let settings: ProfileSettings = toml::from_str(
        r#"
        [list]
        links = "a"
        next = "a"
        page_url = "?page={page}"
        [detail]
        ignore = "td"
        [detail.fields]
        price = { css = ".price", json = "offers.price", transform = "price" }
        when = { css = "time", attr = "datetime", transform = "date" }
        ago = { css = "p", transform = "date" }
        links = { css = "a", attr = "href", transform = "list" }
        "#,
    )
    .unwrap();
    Profile::compile(&settings, Some("US")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_text_is_searched(text in prop_oneof![texts(), any::<String>()], region in "US|GB|FR|DE|XX") {
        check_finds(&text, &find_all(&text, Some(&region)), &region)?;
    }

    #[test]
    fn any_page_is_read(page in pages(), is_list in any::<bool>()) {
        let url = Url::parse("https://ads.example/x?page=1").unwrap();
        let kind = if is_list { VisitKind::List } else { VisitKind::Detail };
        let page = RawPage {
            url: &url,
            kind,
            content_type: None,
            body: page.as_bytes(),
            fetched_at: Timestamp(1_790_000_000_000),
        };
        let reading = read(&page, &profile());
        for listing in &reading.listings {
            check_finds(&listing.text, &listing.finds, "US")?;
        }
        prop_assert_eq!(&reading, &read(&page, &profile()));
    }

    #[test]
    fn any_bytes_are_read(body in prop::collection::vec(any::<u8>(), 0..400), header in "\\PC{0,30}") {
        let url = Url::parse("https://ads.example/x").unwrap();
        let page = RawPage {
            url: &url,
            kind: VisitKind::Detail,
            content_type: Some(&header),
            body: &body,
            fetched_at: Timestamp(i64::MAX),
        };
        read(&page, &profile());
        let _ = inspect(&body, &ImageLimits::default());
    }

    #[test]
    fn what_is_canonical_stays_so(written in prop_oneof![texts(), any::<String>()], index in 0..Kind::ALL.len()) {
        let kind = Kind::ALL[index];
        if let Ok(once) = canonical(kind, &written, Some("GB")) {
            let twice = canonical(kind, &once.value, Some("GB"));
            prop_assert_eq!(twice, Ok(once));
        }
    }
}

#[test]
fn what_a_fuzzer_broke_stays_whole() {
    for text in [
        "2025550123’0 123",
        "+1 202 555 0123’22222222",
        // A letter that is two when it is folded.
        "two0ß2 one2œ3 five5ß5 00ß0oßàâ0",
    ] {
        for find in find_all(text, Some("US")) {
            assert_eq!(find.raw, text[find.start..find.end], "{text}");
        }
    }
}
