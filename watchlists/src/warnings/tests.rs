//! What lists name, as MISP publishes them and as ours are.

use super::*;

fn selector(words: &str) -> Selector {
    let (kind, value) = words.split_once(' ').unwrap();
    Selector::new(kind.parse().unwrap(), value)
}

fn list(json: serde_json::Value) -> (WarningLists, Vec<Problem>) {
    let mut lists = WarningLists::default();
    let problems = lists.add(&json.to_string());
    (lists, problems)
}

#[test]
fn the_lists_that_sightline_brings_are_sound() {
    for (file, text) in BUILT_IN {
        assert_eq!(WarningLists::default().add(text), [], "{file}");
    }
    let lists = WarningLists::built_in();
    assert_eq!(lists.len(), BUILT_IN.len());
    for (words, effect) in [
        ("phone +18883737888", Some(Effect::Quiet)),
        ("phone +448000121700", Some(Effect::Quiet)),
        ("phone +12025550123", Some(Effect::Told)),
        ("phone +442079460123", Some(Effect::Told)),
        ("phone +9991234567", None),
        ("domain instagram.com", Some(Effect::Quiet)),
        ("url https://instagram.com/lotus", None),
        ("handle instagram/lotus", None),
        ("email lotus@gmail.com", None),
        ("domain gmail.com", Some(Effect::Quiet)),
        ("domain www.gmail.com", Some(Effect::Quiet)),
        // Somebody's own, under a platform.
        ("domain lotus.wordpress.com", Some(Effect::Told)),
        ("domain kim.blogspot.com", Some(Effect::Told)),
        ("domain www.kim.blogspot.com", Some(Effect::Told)),
        ("domain ads.example", Some(Effect::Told)),
        ("email lotus@example.com", Some(Effect::Told)),
        ("domain lotus-spa.info", None),
        ("phrase instagram.com", None),
    ] {
        let found = lists
            .naming(&selector(words))
            .next()
            .map(|list| list.effect);
        assert_eq!(found, effect, "{words}");
    }
}

#[test]
fn every_type_of_list_compares_as_misp_does() {
    for (compared, attributes, item, named, other) in [
        (
            "string",
            "phone-number",
            "+1 888 373 7888",
            "phone +18883737888",
            "phone +18883737889",
        ),
        (
            "string",
            "email-src",
            "Abuse@Example.com",
            "email abuse@example.com",
            "email x@example.com",
        ),
        (
            "hostname",
            "domain",
            ".example.com",
            "domain mail.example.com",
            "domain notexample.com",
        ),
        (
            "hostname",
            "url",
            "example.com",
            "url https://www.example.com/",
            "url https://example.com/a",
        ),
        (
            "substring",
            "url",
            "/Pixel",
            "url https://example.com/pixel.gif",
            "url https://example.com/",
        ),
        (
            "cidr",
            "url",
            "192.0.2.0/24",
            "url http://192.0.2.7:8080/",
            "url http://192.0.3.7/",
        ),
        (
            "cidr",
            "url",
            "2001:db8::1",
            "url http://[2001:db8::1]:8080/",
            "url http://192.0.2.7/a",
        ),
        (
            "regex",
            "phone-number",
            "/((?:\\+|00)1)?55501([0-9]{2})/g",
            "phone +15550123",
            "phone +15560123",
        ),
        (
            "regex",
            "domain",
            "/^LOTUS/i",
            "domain lotus.example",
            "domain a.lotus.example",
        ),
    ] {
        let (lists, problems) = list(serde_json::json!({
            "name": "x", "description": "", "version": 1, "type": compared,
            "matching_attributes": [attributes], "list": [item],
        }));
        assert_eq!(problems, []);
        let names = |words: &str| lists.naming(&selector(words)).next().is_some();
        assert_eq!(
            (names(named), names(other)),
            (true, false),
            "{compared} {item}"
        );
    }
}

#[test]
fn a_host_with_a_dot_before_it_stands_for_all_that_is_under_it() {
    let effect_on = |items: &[&str], words: &str| {
        let (lists, problems) = list(serde_json::json!({
            "name": "x", "type": "hostname", "matching_attributes": ["domain"], "list": items,
        }));
        assert_eq!(problems, []);
        let found = lists.naming(&selector(words)).next();
        found.map(|named| named.effect)
    };
    for (items, words, effect) in [
        (
            &["example.com"][..],
            "domain example.com",
            Some(Effect::Quiet),
        ),
        (
            &["example.com"],
            "domain www.example.com",
            Some(Effect::Quiet),
        ),
        (&["example.com"], "domain a.example.com", Some(Effect::Told)),
        (&["a.example.com"], "domain example.com", None),
        (&[".example.com"], "domain example.com", Some(Effect::Quiet)),
        (
            &[".example.com"],
            "domain b.a.example.com",
            Some(Effect::Quiet),
        ),
        (
            &[".example.com", "a.example.com"],
            "domain b.a.example.com",
            Some(Effect::Quiet),
        ),
    ] {
        assert_eq!(effect_on(items, words), effect, "{items:?} {words}");
    }
}

#[test]
fn a_list_of_the_same_name_takes_the_place_of_ours() {
    let mut lists = WarningLists::built_in();
    let name = lists
        .naming(&selector("domain gmail.com"))
        .next()
        .unwrap()
        .name
        .to_owned();
    let empty = serde_json::json!({"name": name, "type": "string", "list": []});
    assert_eq!(lists.add(&empty.to_string()), []);
    assert_eq!(lists.naming(&selector("domain gmail.com")).count(), 0);
    assert_eq!(lists.len(), BUILT_IN.len());
}

#[test]
fn what_is_wrong_with_a_list_is_said_and_the_rest_is_used() {
    let (lists, problems) = list(serde_json::json!({
        "name": "x", "type": "regex", "list": ["/(?=a)b/", "/^rose/"],
    }));
    assert!(
        problems[0].message.contains("'/(?=a)b/' is not"),
        "{problems:?}"
    );
    assert_eq!(lists.naming(&selector("domain rose.example")).count(), 1);
    let (lists, problems) = list(serde_json::json!({
        "name": "x", "type": "string", "matching_attributes": ["phone-number"],
        "list": ["+1 888 373 7888", "0800 1111", "the hotline"],
    }));
    assert_eq!(lists.naming(&selector("phone +18883737888")).count(), 1);
    for (problem, item) in problems.iter().zip(["0800 1111", "the hotline"]) {
        let words = format!("'{item}' is not a telephone number");
        assert!(problem.message.contains(&words), "{problem}");
        assert!(problem.remedy.contains("country code"), "{problem}");
    }
    assert_eq!(problems.len(), 2);
    // Of several kinds, only what can be nothing else.
    let (_, problems) = list(serde_json::json!({
        "name": "x", "type": "string", "matching_attributes": ["phone-number", "domain", "ip-dst"],
        "list": ["rose.example", "192.0.2.1", "0800 1111", "a name"],
    }));
    assert_eq!(problems.len(), 1, "{problems:?}");
    for wrong in ["[]", "{", r#"{"name": "x", "type": "soundex", "list": []}"#] {
        let mut lists = WarningLists::default();
        assert_eq!(lists.add(wrong).len(), 1, "{wrong}");
        assert!(lists.is_empty());
    }
}

#[test]
fn an_entry_is_quiet_by_itself_or_by_what_was_found() {
    let lists = WarningLists::built_in();
    let (hotline, number) = (
        selector("phone +18883737888"),
        selector("phone +12025550123"),
    );
    assert!(lists.quieting(&hotline, None).is_some());
    assert!(lists.quieting(&number, Some(&hotline)).is_some());
    assert_eq!(lists.quieting(&number, Some(&number)), None);
    let own = selector("domain lotus.wordpress.com");
    let address = selector("url https://lotus.wordpress.com/");
    assert_eq!(lists.quieting(&own, Some(&address)), None);
}
