//! Addresses at the houses of mail that everybody knows, in disguise: each is read as the mailbox that it is, or not at all.

use sightline_extractors::find_all;
use sightline_model::Kind;

/// Houses, and endings that their hosts have.
const HOUSES: [(&str, &[&str]); 9] = [
    (
        "hotmail",
        &[
            "com", "es", "it", "fr", "de", "co.uk", "com.br", "com.mx", "nl", "se", "be", "no",
        ],
    ),
    (
        "yahoo",
        &[
            "com", "es", "it", "fr", "de", "co.uk", "co.in", "com.br", "com.mx", "in", "ca",
        ],
    ),
    (
        "outlook",
        &[
            "com", "es", "it", "fr", "de", "com.br", "com.au", "at", "be", "in",
        ],
    ),
    (
        "live",
        &[
            "com", "it", "fr", "de", "co.uk", "com.mx", "nl", "se", "be", "no",
        ],
    ),
    ("gmx", &["de", "net", "com", "at", "ch", "co.uk", "us"]),
    ("aol", &["com", "de", "fr", "it", "es", "co.uk"]),
    ("yandex", &["ru", "com", "com.tr", "ua"]),
    ("proton", &["me"]),
    ("gmail", &["com"]),
];

/// Endings that most of them have no host under: what is written is read, or nothing.
const OTHERS: [&str; 8] = ["se", "be", "in", "pl", "me", "us", "com.br", "co.za"];

/// What stands for the at sign, and for each dot.
const DISGUISES: [(&str, &str); 38] = [
    (" [at] ", " [dot] "),
    ("[at]", "[dot]"),
    ("(at)", "(dot)"),
    (" (at) ", "."),
    (" (at) ", " dot "),
    (" at ", " dot "),
    (" AT ", " DOT "),
    (" at ", "."),
    (" at ", " . "),
    (" @ ", "."),
    ("@ ", "."),
    (" @", "."),
    (" @ ", " . "),
    (" @ ", " dot "),
    ("@", " dot "),
    ("@", " [dot] "),
    ("@", "[dot]"),
    ("@", "(dot)"),
    ("@", " . "),
    ("@", " ."),
    ("@", ". "),
    ("@", ","),
    ("@", " "),
    ("@", " (punto) "),
    ("@", " punto "),
    ("@", " (point) "),
    ("@", " point "),
    ("@", " punkt "),
    ("@", " точка "),
    ("@", " {.} "),
    ("@", " <dot> "),
    ("@", " 点 "),
    ("@", " period "),
    (" arroba ", " punto "),
    (" arroba ", "."),
    (" chiocciola ", " punto "),
    (" (arobase) ", " (point) "),
    (" собака ", " точка "),
];

fn found(text: &str, kind: Kind) -> Vec<String> {
    let finds = find_all(text, Some("GB"));
    let of_kind = finds.iter().filter(|find| find.selector.kind == kind);
    of_kind
        .map(|find| find.selector.value.as_str().to_owned())
        .collect()
}

/// Signs that are no dot by themselves: with them, an ending is only told where it is known.
const UNSAID: [&str; 7] = [" ", ",", ".", ". ", " .", " . ", " period "];

#[test]
fn a_mailbox_is_never_read_as_another() {
    let mut wrong = Vec::new();
    let (mut right, mut count) = (0, 0);
    for (house, own) in HOUSES {
        let others = OTHERS.iter().filter(|ending| !own.contains(ending));
        for ending in own.iter().chain(others) {
            for (at, dot) in DISGUISES {
                if !own.contains(ending) && UNSAID.contains(&dot) {
                    continue;
                }
                for (before, behind) in [("mail me ", ""), ("", ""), ("Call or ", ", ask for Rose")]
                {
                    let host = format!("{house}.{ending}");
                    let text = format!("{before}lotus99{at}{}{behind}", host.replace('.', dot));
                    let finds = found(&text, Kind::Email);
                    count += 1;
                    match &*finds {
                        [email] if *email == format!("lotus99@{host}") => right += 1,
                        [] => {}
                        _ => wrong.push(format!("{text:?}: {finds:?}")),
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}, {right} right\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let share = right * 100 / count;
    assert!(share >= 90, "only {right} of {count} are read");
}

#[test]
fn an_ending_that_is_a_word_is_read_where_an_address_is_meant() {
    for (text, email) in [
        ("E-Mail: lotus @ posteo.de", "lotus@posteo.de"),
        ("E-Mail: lotus at posteo.de", "lotus@posteo.de"),
        ("E-Mail: lotus @ rosengarten.de", "lotus@rosengarten.de"),
        ("E-Mail: lotus at rosengarten.de", "lotus@rosengarten.de"),
        ("lotus_99@ t-online.de", "lotus_99@t-online.de"),
        ("lotus_99 @t-online.de", "lotus_99@t-online.de"),
        ("lotus99 @ hotmail.es", "lotus99@hotmail.es"),
        ("lotus99 at yahoo.es", "lotus99@yahoo.es"),
        ("lotus99 arroba hotmail.es", "lotus99@hotmail.es"),
        ("lotus99 arroba hotmail punto es", "lotus99@hotmail.es"),
        ("lotus99 AT yahoo DOT de", "lotus99@yahoo.de"),
        ("lotusdemo (at) libero dot it", "lotusdemo@libero.it"),
        (
            "lotusdemo chiocciola libero punto it",
            "lotusdemo@libero.it",
        ),
        ("lotus(at)posteo punkt de", "lotus@posteo.de"),
        ("email lotus99 at outlook dot de", "lotus99@outlook.de"),
        ("schreib lotus99@posteo punkt de", "lotus99@posteo.de"),
        ("lotus99 (at) rosengarten dot be", "lotus99@rosengarten.be"),
        ("lotus99 arroba casarosa.es, Madrid", "lotus99@casarosa.es"),
        (
            "correo lotus99 arroba casarosa punto es y más",
            "lotus99@casarosa.es",
        ),
        ("lotus99 @ rosegarden.in", "lotus99@rosegarden.in"),
        ("rose arr0ba yahoo pto fr", "rose@yahoo.fr"),
        ("lotus99@mail,rosegarden,fr", "lotus99@mail.rosegarden.fr"),
        ("write to lotus@ mail. yahoo. fr", "lotus@mail.yahoo.fr"),
        (
            "lotus99 at mail dot rosengarten dot de",
            "lotus99@mail.rosengarten.de",
        ),
        ("lotus99 hotmail co uk", "lotus99@hotmail.co.uk"),
        ("lotus99 yahoo (dot) fr", "lotus99@yahoo.fr"),
        ("lotus99 (hotmail.fr)", "lotus99@hotmail.fr"),
        ("<lotus99@googlemail.com>", "lotus99@googlemail.com"),
        (
            "lotus99 [at] googlemail [dot] com",
            "lotus99@googlemail.com",
        ),
        ("lotus99@hotmale.com", "lotus99@hotmale.com"),
        ("lotus99 at gee mail.com", "lotus99@gmail.com"),
        ("lotus99@hotmail . be", "lotus99@hotmail.be"),
        ("lotus99@hotmail. com. br", "lotus99@hotmail.com.br"),
        ("lotus99@yahoo.com. My number is below", "lotus99@yahoo.com"),
        (
            "lotus99@hotmail. com. My number is below",
            "lotus99@hotmail.com",
        ),
        ("lotus99 at gmail . Call me", "lotus99@gmail.com"),
        ("lotus99 @ gmail de lunes a viernes", "lotus99@gmail.com"),
        ("lotus99@gmail, in town now", "lotus99@gmail.com"),
    ] {
        assert_eq!(found(text, Kind::Email), [email], "{text}");
        let host = email.split_once('@').unwrap().1;
        let domains = found(text, Kind::Domain);
        assert!(
            domains.iter().all(|domain| host.ends_with(&**domain)),
            "{text}: {domains:?}"
        );
    }
}

#[test]
fn sentences_with_such_words_are_no_addresses() {
    for text in [
        "meet me at yahoo in me",
        "look at it",
        "look at proton me",
        "mail lotus99@yahoo. it is free",
        "Take a look at it.So much fun",
        "I work at yahoo, in town",
        "bought at 5th and main dot com boom era",
        "the dot com bubble",
        "I love it.So much.Thanks.me too",
        "see you at the hotel. De nada",
        "rose at home. In town now",
        "follow lotus @ home in London",
        "add 2 at most. No more",
        "arroba rosa punto de encuentro",
        "party @ mine, be there",
        "open at 9 . it is late",
        "a dot in the sky",
        "the point is at best moot",
    ] {
        for kind in [Kind::Email, Kind::Domain, Kind::Url] {
            assert_eq!(found(text, kind), [""; 0], "{text}");
        }
    }
    // What is written as a site is one, and no more.
    for text in [
        "at posteo . de nada",
        "see us at rosengarten.de",
        "photos at hotmail.es",
        "www dot lotusgirls dot de",
        "lotusgirls dot de slash girls",
    ] {
        assert_eq!(found(text, Kind::Email), [""; 0], "{text}");
        assert_eq!(found(text, Kind::Domain).len(), 1, "{text}");
    }
}
