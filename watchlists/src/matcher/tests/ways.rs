//! How far entries reach: each way by example, and all of them against the plainest way of saying it.

use super::*;

/// An entry as `way kind value`, where the usual way of a kind is a dot.
pub(super) fn entry(words: &str, mint: &Mint) -> Watched {
    let (way, words) = words.split_once(' ').unwrap();
    let selector = selector(words);
    Watched {
        id: mint.id(NOW),
        watchlist: mint.id(NOW),
        way: match way {
            "." => Way::usual(selector.kind),
            way => way.parse().unwrap(),
        },
        selector,
        expires_at: None,
        despite_warning: false,
    }
}

/// A find as `kind value [steps]`.
fn found(words: &str) -> Find {
    let (words, steps) = words.split_once(" [").unwrap_or((words, "]"));
    let steps = steps.trim_end_matches(']').split_whitespace();
    Find {
        steps: steps.map(|step| Step::from(step.to_owned())).collect(),
        ..find(words, Confidence::Exact)
    }
}

/// The last step and the confidence by which a find shows an entry.
pub(super) fn reached(wanted: &str, words: &str) -> Option<String> {
    let matcher = Matcher::new([entry(wanted, &Mint::seeded(1))]).unwrap();
    let finds = [found(words)];
    let subject = Subject {
        finds: &finds,
        ..Subject::default()
    };
    let matched = matcher.matches(&subject, NOW).pop()?;
    let step = matched.steps.last().map(Step::in_words).unwrap_or_default();
    Some(format!("{step} ({})", matched.confidence))
}

#[test]
fn a_number_of_another_country_than_the_source_s_is_possible() {
    let wanted = ". phone +447700900123";
    let matcher = Matcher::new([entry(wanted, &Mint::seeded(1))]).unwrap();
    for (ad, region, shown) in [
        ("call 07700 900123", "US", Some(Confidence::Inferred)),
        ("WhatsApp 07700900123", "US", Some(Confidence::Inferred)),
        ("<tel:07700900123>", "FR", Some(Confidence::Inferred)),
        ("call 07700 900123", "GB", Some(Confidence::Normalised)),
        ("call +447700900123", "US", Some(Confidence::Exact)),
        ("order no. 07700900123", "US", None),
        ("call 07700 900124", "US", None),
    ] {
        let finds = sightline_extractors::find_all(ad, Some(region));
        let subject = Subject {
            finds: &finds,
            ..Subject::default()
        };
        let matched = matcher.matches(&subject, NOW).pop();
        let confidence = matched.as_ref().map(|matched| matched.confidence);
        assert_eq!(confidence, shown, "{ad} in {region}");
        let Some(matched) = matched.filter(|one| one.confidence == Confidence::Inferred) else {
            continue;
        };
        let step = matched.steps.last().map(Step::in_words).unwrap_or_default();
        assert_eq!(
            step, "possible: same last 10 digits, country unknown",
            "{ad}"
        );
    }
}

#[test]
fn entries_reach_as_far_as_their_way() {
    let digits = Some("possible: same last 10 digits, country unknown (inferred)");
    let google = Some("possible: an address that gmail.com takes for the same mailbox (inferred)");
    let any = Some("the same name, where one of the two names no platform (inferred)");
    let below = Some("a web address below the one that is looked for (normalised)");
    let host = Some("a host under the one that is looked for (normalised)");
    let exact = Some(" (exact)");
    for (wanted, words, expected) in [
        // A number in another country: only where that country is a guess, or nobody knows the entry's.
        (
            ". phone +442079460123",
            "phone +492079460123 [region:DE possible]",
            digits,
        ),
        (
            ". phone +442079460123",
            "phone +12079460123 [region_from_text:US]",
            digits,
        ),
        (
            ". phone +442079460123",
            "phone +12079460123 [plus_left_out]",
            digits,
        ),
        (
            ". phone +442079460123",
            "phone +12079460123 [region:US]",
            None,
        ),
        (
            ". phone +442079460123",
            "phone +12079460123 [international]",
            None,
        ),
        (
            ". phone +442079460123",
            "phone 2079460123 [no_country]",
            digits,
        ),
        (
            "exact phone +442079460123",
            "phone 2079460123 [no_country]",
            None,
        ),
        (
            ". phone +4532123456",
            "phone 32123456 [no_country]",
            Some("possible: same last 8 digits, country unknown (inferred)"),
        ),
        (
            "any_country phone 2079460123",
            "phone 2079460123 [no_country]",
            Some("written as a national number, and nothing tells its country (exact)"),
        ),
        (
            "any_country phone +442079460123",
            "phone +12079460123 [international]",
            digits,
        ),
        (
            "any_country phone 2079460123",
            "phone +442079460123",
            digits,
        ),
        (
            "exact phone +442079460123",
            "phone +492079460123 [possible]",
            None,
        ),
        (
            ". phone +442079460123",
            "phone +492079460124 [possible]",
            None,
        ),
        // Mailboxes.
        (
            ". email lotus@gmail.com",
            "email lo.tus+ads@gmail.com",
            google,
        ),
        (
            ". email lo.tus+x@googlemail.com",
            "email lotus@gmail.com",
            google,
        ),
        (
            "exact email lotus@gmail.com",
            "email lo.tus@gmail.com",
            None,
        ),
        (
            ". email lotus@example.com",
            "email lo.tus@example.com",
            None,
        ),
        (
            ". email lotus@outlook.com",
            "email lo.tus@outlook.com",
            None,
        ),
        (
            ". email lotus@proton.me",
            "email lotus+a@pm.me",
            Some("possible: an address that pm.me takes for the same mailbox (inferred)"),
        ),
        // Names.
        (". handle instagram/lotus", "handle any/lotus", any),
        (". handle any/lotus", "handle telegram/lotus", any),
        (". handle instagram/lotus", "handle telegram/lotus", None),
        (
            "any_platform handle instagram/lotus",
            "handle telegram/lotus",
            Some("possible: the same name on telegram (inferred)"),
        ),
        (
            "any_platform handle instagram/lotus",
            "handle any/lotus",
            any,
        ),
        ("exact handle instagram/lotus", "handle any/lotus", None),
        ("exact handle any/lotus", "handle telegram/lotus", None),
        ("exact handle any/lotus", "handle any/lotus", exact),
        // Web addresses.
        (
            ". url https://ads.example/a",
            "url https://ads.example/a/b",
            None,
        ),
        (
            "prefix url https://ads.example/a",
            "url https://ads.example/a/b?x=1",
            below,
        ),
        (
            "prefix url https://ads.example/a/",
            "url http://ads.example/a?x=1",
            below,
        ),
        (
            "prefix url https://ads.example/a",
            "url https://ads.example/a",
            exact,
        ),
        (
            "prefix url https://ads.example/a",
            "url https://ads.example/ab",
            None,
        ),
        (
            "prefix url https://ads.example/",
            "url https://ads.example/x",
            below,
        ),
        (
            "prefix url https://ads.example/?id=5",
            "url https://ads.example/?id=5&page=2",
            below,
        ),
        (
            "prefix url https://ads.example/?id=5",
            "url https://ads.example/?id=55",
            None,
        ),
        (
            "prefix url https://ads.example/a",
            "url https://ads.example.org/a",
            None,
        ),
        // Domains.
        (
            ". domain example.com",
            "email a@mail.example.com",
            Some("the domain of an e-mail address (normalised)"),
        ),
        ("exact domain example.com", "email a@mail.example.com", None),
        ("exact domain example.com", "domain example.com", exact),
        (
            "host domain girls.example.com",
            "email a@girls.example.com",
            host,
        ),
        (
            "host domain girls.example.com",
            "url https://oakland.girls.example.com:8443/x",
            host,
        ),
        (
            "host domain girls.example.com",
            "url https://boys.example.com/girls.example.com",
            None,
        ),
        ("host domain girls.example.com", "domain example.com", None),
        (". domain example.com", "url https://a.example.com/", None),
    ] {
        assert_eq!(
            reached(wanted, words).as_deref(),
            expected,
            "{wanted}: {words}"
        );
    }
}

fn some_entry() -> impl Strategy<Value = String> {
    let way_of = |ways: &'static [&'static str]| prop::sample::select(ways);
    prop_oneof![
        (way_of(&[".", "any_country", "exact"]), some_phone())
            .prop_map(|(way, it)| format!("{way} {it}")),
        "[12]20255501[12]".prop_map(|digits| format!("any_country phone {digits}")),
        (way_of(&[".", "exact"]), some_email()).prop_map(|(way, it)| format!("{way} {it}")),
        (way_of(&[".", "any_platform", "exact"]), some_handle())
            .prop_map(|(way, it)| format!("{way} {it}")),
        (way_of(&[".", "prefix", "exact"]), some_url()).prop_map(|(way, it)| format!("{way} {it}")),
        (way_of(&[".", "exact"]), "[ab]\\.com").prop_map(|(way, it)| format!("{way} domain {it}")),
        "([ab]\\.){1,3}com".prop_map(|host| format!("host domain {host}")),
    ]
}

fn some_phone() -> impl Strategy<Value = String> {
    "(1|44|49)[12]20255501[12]".prop_map(|digits| format!("phone +{digits}"))
}

fn some_email() -> impl Strategy<Value = String> {
    "[ab]\\.?[ab](\\+[ab])?@(gmail\\.com|googlemail\\.com|outlook\\.com|([ab]\\.){1,3}com)"
        .prop_map(|address| format!("email {address}"))
}

fn some_handle() -> impl Strategy<Value = String> {
    "(any|instagram|telegram)/[ab]{1,2}".prop_map(|handle| format!("handle {handle}"))
}

fn some_url() -> impl Strategy<Value = String> {
    "https?://(www\\.)?([ab]\\.){1,3}com(/[ab]){0,2}/?/?(\\?[ab]=[ab](&[ab])?)?"
        .prop_map(|url| format!("url {url}"))
}

fn some_find() -> impl Strategy<Value = String> {
    let guess =
        prop::sample::select(&["[]", "[region:GB]", "[possible]", "[region_from_text:GB]"][..]);
    prop_oneof![
        (some_phone(), guess).prop_map(|(it, guess)| format!("{it} {guess}")),
        some_email(),
        some_handle(),
        some_url(),
        "[ab]\\.com".prop_map(|it| format!("domain {it}")),
    ]
}

/// True where two addresses differ by no more than the scheme, a `www.` and one slash before the query.
fn is_same_page(one: &str, other: &str) -> bool {
    let plain = |url: &str| {
        let rest = url.split("://").nth(1).unwrap();
        let rest = rest.strip_prefix("www.").unwrap_or(rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        format!("{}?{query}", path.strip_suffix('/').unwrap_or(path))
    };
    plain(one) == plain(other)
}

/// What should match, said in the plainest way, without an index and without kin.
fn shows(entry: &Watched, find: &Find) -> bool {
    let (wanted, found) = (&entry.selector, &find.selector);
    let has_step = |names: &[&str]| {
        let mut steps = find.steps.iter().map(ToString::to_string);
        steps.any(|step| names.iter().any(|name| step.starts_with(name)))
    };
    let host = |url: &str| {
        url.split("://")
            .nth(1)
            .unwrap()
            .split(['/', '?'])
            .next()
            .unwrap()
            .to_owned()
    };
    let is_under =
        |host: &str, domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    wanted == found
        || match (wanted.kind, found.kind, entry.way) {
            (Kind::Phone, Kind::Phone, way) => {
                // All numbers here have ten national digits.
                let is_same = wanted.value[wanted.value.len() - 10..]
                    == found.value[found.value.len() - 10..];
                let is_guessed = has_step(&["possible", "region_from_text"]);
                is_same && (way == Way::AnyCountry || way == Way::Trailing && is_guessed)
            }
            (Kind::Email, Kind::Email, Way::Mailbox) => {
                let plain = |address: &str| -> Option<String> {
                    let (local, domain) = address.split_once('@').unwrap();
                    let name = local.split('+').next().unwrap();
                    match domain {
                        "gmail.com" | "googlemail.com" => {
                            Some(format!("{}@google", name.replace('.', "")))
                        }
                        "outlook.com" => Some(format!("{name}@outlook")),
                        _ => None,
                    }
                };
                plain(&wanted.value).is_some() && plain(&wanted.value) == plain(&found.value)
            }
            (Kind::Handle, Kind::Handle, Way::Platform | Way::AnyPlatform) => {
                let (one, wanted) = wanted.value.split_once('/').unwrap();
                let (other, found) = found.value.split_once('/').unwrap();
                wanted == found && (entry.way == Way::AnyPlatform || one == "any" || other == "any")
            }
            (Kind::Url, Kind::Url, Way::Page | Way::Prefix)
                if is_same_page(&wanted.value, &found.value) =>
            {
                true
            }
            (Kind::Url, Kind::Url, Way::Prefix) => {
                let bare = |url: &str| {
                    let rest = url.split("://").nth(1).unwrap();
                    rest.strip_prefix("www.").unwrap_or(rest).to_owned()
                };
                let (whole, start) = (
                    bare(&found.value),
                    bare(&wanted.value).trim_end_matches('/').to_owned(),
                );
                whole
                    .strip_prefix(&start)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#', '&']))
            }
            (Kind::Domain, Kind::Email, Way::Subdomains | Way::Host) => {
                is_under(found.value.split_once('@').unwrap().1, &wanted.value)
            }
            (Kind::Domain, Kind::Url, Way::Host) => is_under(&host(&found.value), &wanted.value),
            _ => false,
        }
}

fn entries_shown(matcher: &Matcher, finds: &[Find]) -> Vec<EntryId> {
    let subject = Subject {
        finds,
        ..Subject::default()
    };
    let mut shown: Vec<EntryId> = matcher
        .matches(&subject, NOW)
        .iter()
        .map(|one| one.entry)
        .collect();
    shown.sort();
    shown
}

proptest! {
    #[test]
    fn what_is_recognised_is_what_should_be(
        entries in prop::collection::vec(some_entry(), 0..20),
        finds in prop::collection::vec(some_find(), 0..6),
    ) {
        let mint = Mint::seeded(1);
        let entries: Vec<Watched> = entries.iter().map(|words| entry(words, &mint)).collect();
        let finds: Vec<Find> = finds.iter().map(|words| found(words)).collect();
        let matcher = Matcher::new(entries.clone()).unwrap();
        let mut expected: Vec<EntryId> = entries
            .iter()
            .filter(|entry| finds.iter().any(|find| shows(entry, find)))
            .map(|entry| entry.id)
            .collect();
        expected.sort();
        prop_assert_eq!(entries_shown(&matcher, &finds), expected);
    }

    #[test]
    fn more_entries_take_no_match_from_others(
        entries in prop::collection::vec(some_entry(), 1..12),
        more in prop::collection::vec(some_entry(), 1..12),
        finds in prop::collection::vec(some_find(), 0..6),
    ) {
        let mint = Mint::seeded(1);
        let read = |words: &[String]| -> Vec<Watched> { words.iter().map(|words| entry(words, &mint)).collect() };
        let (entries, more) = (read(&entries), read(&more));
        let finds: Vec<Find> = finds.iter().map(|words| found(words)).collect();
        let before = Matcher::new(entries.clone()).unwrap();
        let after = before.with(more.clone(), &HashSet::new()).unwrap();
        let shown = entries_shown(&after, &finds);
        for entry in entries_shown(&before, &finds) {
            prop_assert!(shown.contains(&entry));
        }
        // And those that came are found as if they had been there from the first, whatever is taken away again.
        let gone: HashSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
        let rest = after.with([], &gone).unwrap();
        prop_assert_eq!(entries_shown(&rest, &finds), entries_shown(&Matcher::new(more).unwrap(), &finds));
    }
}
