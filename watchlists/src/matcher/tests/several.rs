//! Which of several finds of one identifier is shown.

use super::{ways::entry, *};

#[test]
fn of_several_finds_the_best_is_shown_and_the_others_are_named() {
    for (wanted, ad, region, shown, also) in [
        // The one is in no range that is given out.
        (
            "any_country phone +447700900303",
            "+1 7700900303 or +447700900303",
            "US",
            "+447700900303",
            vec!["+1 7700900303"],
        ),
        (
            ". phone +447700900303",
            "07700 900303, +447700900303, again 07700 900303",
            "GB",
            "+447700900303",
            vec!["07700 900303"],
        ),
        (
            ". phone +447700900303",
            "first 07700 900303 then 07700-900303",
            "GB",
            "07700 900303",
            vec!["07700-900303"],
        ),
        (
            ". phone +447700900303",
            "call 07700 900303",
            "GB",
            "07700 900303",
            vec![],
        ),
        // It names the platform that is looked for.
        (
            ". handle snapchat/jade_l",
            "t.me/jade_l @jade_l snap: JADE_L",
            "GB",
            "JADE_L",
            vec!["jade_l"],
        ),
    ] {
        let matcher = Matcher::new([entry(wanted, &Mint::seeded(1))]).unwrap();
        let finds = sightline_extractors::find_all(ad, Some(region));
        let subject = Subject {
            finds: &finds,
            text: ad,
            ..Subject::default()
        };
        let matched = matcher.matches(&subject, NOW).pop().unwrap();
        let (start, end) = matched.span(&finds).unwrap();
        let also_there = matched.also(&finds, ad);
        assert_eq!(
            (&ad[start..end], also_there),
            (shown, also.into_iter().map(str::to_owned).collect()),
            "{ad}"
        );
    }
}
