//! Cases: profiles as people write them, and what they are told about their mistakes.

use super::*;

fn problems(written: &str, region: Option<&str>) -> Vec<String> {
    let settings: ProfileSettings = toml::from_str(written).unwrap();
    match Profile::compile(&settings, region) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_place_and_remedy() {
    let told = problems(
        r#"
        login = "form["
        [list]
        links = "a["
        next = ["a", "::x"]
        page_url = "?page="
        first_page = 5
        last_page = 4
        [detail]
        title = { css = "h1", transform = "number" }
        link = "a"
        key = { url = '\d+' }
        [detail.fields]
        price = { css = "div[", zone = "UTC", currency = "euro" }
        posted = { css = "p", regex = "(", transform = "date", format = "%Q", zone = "Berlin" }
        where = { regex = "x" }
        size = { json = "a..b", regex = "(a{1000}){1000}" }
        "#,
        Some("Britain"),
    );
    for place in [
        "login: `form[`",
        "list.links: `a[` is not a CSS selector",
        "list.next[1]: `::x`",
        "list.page_url: `?page=`",
        "list.last_page: 4 is before",
        "detail.title.transform: ",
        "detail.link: ",
        r"detail.key.url: `\d+` has no group",
        "detail.fields.price.css: `div[` is not a CSS selector",
        "detail.fields.price.zone: is only for",
        "detail.fields.price.currency: is only for",
        "detail.fields.price.currency: `euro`",
        "detail.fields.posted.regex: `(` is not a regular expression: unclosed group",
        "detail.fields.posted.format[0]: `%Q`",
        "detail.fields.posted.zone: `Berlin`",
        "detail.fields.where: names no place",
        "detail.fields.size.json: `a..b`",
        "detail.fields.size.regex: `(a{1000}){1000}` grows",
        "region: `Britain`",
    ] {
        let count = told
            .iter()
            .filter(|problem| problem.starts_with(place))
            .count();
        assert_eq!(count, 1, "{place} in\n{}", told.join("\n"));
    }
    assert_eq!(told.len(), 19, "{}", told.join("\n"));
}

#[test]
fn contradictions_are_mistakes() {
    for (written, place) in [
        (
            "list = { links = 'a', record = { root = 'li' } }",
            "list.record: ",
        ),
        (
            "detail = { key = { url = '(a)', field = 'b' }, fields = { b = 'p' } }",
            "detail.key: both",
        ),
        (
            "detail = { key = { field = 'b' } }",
            "detail.key.field: there is no field `b`",
        ),
    ] {
        let told = problems(written, None);
        assert!(told.len() == 1 && told[0].starts_with(place), "{told:?}");
    }
}

#[test]
fn unknown_keys_and_wrong_types_are_not_read() {
    for (written, message) in [
        ("lists = {}", "unknown field `lists`"),
        (
            "detail = { fields = { price = { cs = 'a' } } }",
            "unknown field `cs`",
        ),
        (
            "detail = { fields = { price = 3 } }",
            "expected a CSS selector, or a table",
        ),
        ("list = { links = 3 }", "expected a text or a list of texts"),
        (
            "detail = { fields = { price = { css = 'a', transform = 'money' } } }",
            "unknown variant `money`",
        ),
    ] {
        let error = toml::from_str::<ProfileSettings>(written)
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn settings_read_as_they_are_written() {
    let short: ProfileSettings = toml::from_str("detail.fields.price = '.price'").unwrap();
    let long: ProfileSettings =
        toml::from_str("detail.fields.price = { css = ['.price'] }").unwrap();
    assert_eq!(short, long);
    let json = serde_json::to_string(&short).unwrap();
    assert_eq!(
        serde_json::from_str::<ProfileSettings>(&json).unwrap(),
        short
    );
}

#[test]
fn another_profile_is_another_reader() {
    let compiled = |written: &str, region| {
        let settings: ProfileSettings = toml::from_str(written).unwrap();
        Profile::compile(&settings, region)
            .unwrap()
            .reader()
            .to_owned()
    };
    let one = compiled("detail.title = 'h1'", Some("GB"));
    assert_eq!(one.len(), 16);
    assert_eq!(
        one,
        compiled("detail = { title = { css = ['h1'] } }", Some("gb"))
    );
    assert_ne!(one, compiled("detail.title = 'h1'", Some("US")));
    assert_ne!(one, compiled("detail.title = 'h2'", Some("GB")));
}

#[test]
fn profiles_go_to_any_thread() {
    fn shared<T: Send + Sync>() {}
    shared::<Profile>();
}

#[test]
fn the_schema_tells_what_each_key_is() {
    let schema = serde_json::to_value(schemars::schema_for!(ProfileSettings)).unwrap();
    let field = &schema["$defs"]["FieldSettings"];
    assert_eq!(
        field["type"],
        serde_json::json!(["object", "string"]),
        "{schema:#}"
    );
    let told = field["properties"]["css"]["description"].as_str().unwrap();
    assert!(told.contains("CSS selectors"), "{told}");
}
