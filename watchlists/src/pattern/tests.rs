//! Which patterns are taken, and what those that are refused are told.

use proptest::prelude::*;
use sightline_extractors::fold_text;

use super::*;

#[test]
fn hostile_patterns_are_refused_with_a_clear_reason() {
    let long = "a".repeat(MOST_PATTERN + 1);
    let deep = format!("{}abc{}", "(".repeat(60), ")".repeat(60));
    for (pattern, words) in [
        ("(a*){1000}{1000}", "match nearly everything"),
        (
            "(abc+){1000}{1000}",
            "too big: compiled, it takes more than 1024 KiB",
        ),
        (r"(\pL\pN\pS){200}", "too big"),
        (r"[\w\W]{3,5000}", "too big"),
        (r"\w{1000}{50}", "too big"),
        ("(?i:abc|abd|abe){65000}", "too big"),
        (deep.as_str(), "nest"),
        (long.as_str(), "more than 500 characters"),
        ("a*", "fits texts of 0 characters"),
        ("x?y?z?", "fits texts of 0 characters"),
        (r"\b", "fits texts of 0 characters"),
        ("..", "fits texts of 2 characters"),
        ("...", "needs no letter and no digit"),
        (".*...", "it would match every listing"),
        ("[^a]{3}", "it would match every listing"),
        (r"\s+\S\s+", "it would match every listing"),
        (r"\W{3,9}", "it would match every listing"),
        (r"\w{3}", "it would match every listing"),
        ("---", "it would match every listing"),
        (r"[-. ]{3}|lotus", "it would match every listing"),
        ("(lotus)*....", "it would match every listing"),
        ("(unclosed", "unclosed group"),
        ("(?=look)ahead", "look-around"),
        (r"(abc)\1", "backreferences are not supported"),
        (r"abc[^\x00-\x{10FFFF}]", "fits no text at all"),
        ("straße", "'straße', which is compared as 'strasse'"),
        ("(?-i)Lotus", "'-i' tells capitals from small letters"),
        ("(?-i:LOTUS) spa", "'-i' tells capitals"),
        (r"room (?s-i)abc", "'s-i' tells capitals"),
        (r"\p{Lu}{3}", r"'\p{Lu}' tells capitals from small letters"),
        (r"\P{Ll}abc", r"'\P{Ll}' tells capitals"),
        (r"[\d\p{Uppercase}]{4}", r"'\p{Uppercase}' tells capitals"),
        (r"\p{gc=Lt}{3}", r"tells capitals"),
        ("[[:upper:]]{3}", "'[:upper:]' tells capitals"),
        ("[^[:lower:]]{3}", "'[:lower:]' tells capitals"),
    ] {
        let refused = Pattern::admit(pattern).err();
        let refused = refused.unwrap_or_else(|| panic!("{pattern} was taken"));
        assert!(
            refused.message.contains(words) && !refused.remedy.is_empty(),
            "{pattern}: {refused:?}"
        );
    }
}

#[test]
fn what_no_folded_text_fits_is_refused() {
    for (pattern, written, compared) in [
        ("room  204", "'room␠␠204'", "'room 204'"),
        ("x {2}y", "x␠␠y", "x y"),
        ("abc[ ]{2}def", "abc␠␠def", "abc def"),
        (r"\s{2,}lotus", "␠␠lotus", " lotus"),
        (r"line1\nline2", r"line1\nline2", "line1 line2"),
        (r"lotus[\n\r]+spa", r"lotus\nspa", "lotus spa"),
        (r"a\tbc", r"a\tbc", "a bc"),
        (r"cafe\x{301}", r"cafe\u{301}", "café"),
        (r"\u{200B}zero", r"\u{200b}zero", "zero"),
        (r"new\u{a0}girls", r"new\u{a0}girls", "new girls"),
        (r"\u0641\u064e\u062a", r"ف\u{64e}ت", "فت"),
        (r"\x{130}stanbul", "i\u{307}stanbul", "istanbul"),
        (
            "the first of many words that come before the lotus  spa, and many that come after it",
            "'…me before the lotus␠␠spa, and many that …'",
            "'…me before the lotus spa, and many that c…'",
        ),
    ] {
        let refused = Pattern::admit(pattern).err();
        let refused = refused.unwrap_or_else(|| panic!("{pattern} was taken"));
        assert!(
            !refused.remedy.is_empty() && refused.message.contains("compared as"),
            "{pattern}: {refused:?}"
        );
        if !pattern.contains("x{130}") {
            for part in [written, compared] {
                assert!(
                    refused.message.contains(part),
                    "{pattern}: {}",
                    refused.message
                );
            }
        }
    }
    for pattern in [
        r"foo\bbar",
        "lotus^spa",
        "lotus$spa",
        r"foo\Bx\b \Bspa\b",
        "(?m)lotus$^spa",
    ] {
        let refused = Pattern::admit(pattern).err();
        let refused = refused.unwrap_or_else(|| panic!("{pattern} was taken"));
        assert!(
            refused.message.contains("not even"),
            "{pattern}: {refused:?}"
        );
    }
}

#[test]
fn what_some_folded_text_fits_is_taken() {
    let many: Vec<String> = (0..50).map(|nth| format!("ab  c{nth:02}")).collect();
    let many = format!("{}|lotus", many.join("|"));
    for pattern in [
        r"line1\sline2",
        "فتي[ـ]*ات",
        "م[ًٌٍَُِّْ]*ساج",
        "m(?:ß|ss)age",
        r"\d{2}\b.{3}",
        r"abc\b.\bde",
        r"\W{2}\bfoo",
        r"room\s+'\d{3}'\b",
        r"\Blotus\B",
        r"\b'lotus",
        r"[^a-z]{3}x",
        r"caf(e\x{301}|é)",
        r"lotus\s*\n?spa",
        r"\s{1,3}lotus",
        r"(?s).*massage.*police.*",
        r"^lonely$",
        r"(?m)^hello",
        r"\bma+ss+age\b",
        r"(?x) foo  \# baz",
        r"[À-Ö]bc",
        r"(?i)ABCDE",
        r"\x41bcd",
        r"(?-u)abc",
        r"lotus\pMx|rose\pZ",
        r"漢\p{Han}{3}",
        r"ا\p{Arabic}{4}",
        r"ก\p{Thai}{4}",
        r"한\p{Hangul}{3}",
        r"[\p{L}&&[^a-z]]{3}",
        r"tel\.?:?\s*0",
        r"€\d{2,3}",
        r"[^\s]+@[^\s]+\.com",
        r"foo\ ",
        r"🌹🌹",
        many.as_str(),
    ] {
        let taken = Pattern::admit(pattern);
        assert!(taken.is_ok(), "{pattern}: {:?}", taken.err());
    }
}

proptest! {
    /// Whoever writes down what a text says, as it is compared, may look for it.
    #[test]
    fn what_a_text_says_may_be_looked_for(text in "[a-z0-9]{3}\\PC{0,20}|[a-zäöü ,.-]{3,30}") {
        let folded = fold_text(&text).text;
        prop_assume!(folded.chars().filter(|letter| letter.is_alphanumeric()).count() > 2);
        let taken = Pattern::admit(&regex::escape(&folded));
        prop_assert!(taken.is_ok(), "{:?}", taken.err());
        prop_assert!(taken.unwrap().regex.is_match(&folded));
    }
}

#[test]
fn what_must_hold_a_letter_a_digit_or_a_sign_of_its_own_is_taken() {
    for pattern in [
        r"room\s+\d{3}\b",
        r"\d{3}",
        "(?:lotus|rose).*",
        "...x",
        r"\pL{4}",
        "🌹🌹",
        "[🌹🌷]{2}.*[💎]",
        "[a-z0-9]{5}",
        ".*(?:ab|12)+.",
    ] {
        let taken = Pattern::admit(pattern);
        assert!(taken.is_ok(), "{pattern}: {:?}", taken.err());
    }
}

#[test]
fn what_does_not_ask_for_capitals_is_taken() {
    for pattern in [
        r"\pL{3}",
        r"\p{Greek}{3}",
        r"[[:alpha:]]{3}",
        r"[\p{Cyrillic}\d]{5}",
        r"(?i)LOTUS",
        r"(?x) lotus \s spa",
        r"\w{4}[A-Z]",
        r"[^\p{Letter}]{3}",
    ] {
        assert!(Pattern::compile(pattern).is_ok(), "{pattern}");
    }
}

#[test]
fn what_every_match_holds_is_known_beforehand() {
    for (pattern, expected) in [
        (r"room\s+\d{3}", Some(vec!["room"])),
        (r"\d{3}\s*(roses|kisses)\b", Some(vec!["roses", "kisses"])),
        (
            r"(?:new|young) (?:girls?|ladies)",
            Some(vec!["girl", "ladies"]),
        ),
        (r"KISS[- ]?me", Some(vec!["kiss"])),
        (r"(lotus)+spa", Some(vec!["lotus"])),
        (r"\d{3}-\d{4}", None),
        (r"(ab|\d{4})xy", None),
        (r"(lotus)?\d{3}", None),
    ] {
        let needles = Pattern::compile(pattern).unwrap().needles;
        let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
        assert_eq!(needles, expected, "{pattern}");
    }
}
