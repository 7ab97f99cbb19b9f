//! What a page says for machines: meta elements and JSON-LD (schema.org).

use html5ever::local_name;
use scraper::{ElementRef, Html};
use serde_json::Value;

use super::text::attribute;

/// The most JSON-LD that is read of one page, in bytes.
const JSON_LD: usize = 512 << 10;

/// What stands outside a page's visible text, gathered in one pass over its nodes.
#[derive(Default)]
pub(crate) struct Structured<'a> {
    /// `name` or `property` and `content` of the meta elements.
    meta: Vec<(&'a str, &'a str)>,
    /// The objects of all JSON-LD scripts that can be read.
    objects: Vec<Value>,
    /// The `href` of the first base element that has one.
    pub base: Option<&'a str>,
    /// The page's title.
    pub title: Option<String>,
    /// True where a password is asked for.
    pub asks_password: bool,
    /// True where a JSON-LD script could not be read.
    pub broken_json: bool,
}

impl<'a> Structured<'a> {
    /// Gathers. JSON-LD is only read where a profile asks for it.
    pub fn of(html: &'a Html, json_ld: JsonLd) -> Self {
        let mut found = Self::default();
        let mut room = JSON_LD;
        for element in html.tree.nodes().filter_map(ElementRef::wrap) {
            let value = element.value();
            match value.name.local {
                local_name!("meta") => {
                    let name = attribute(value, &local_name!("property"))
                        .or_else(|| attribute(value, &local_name!("name")));
                    if let (Some(name), Some(content)) =
                        (name, attribute(value, &local_name!("content")))
                    {
                        found.meta.push((name.trim(), content));
                    }
                }
                local_name!("base") if found.base.is_none() => {
                    found.base = attribute(value, &local_name!("href"));
                }
                local_name!("title") if found.title.is_none() => {
                    let text: String = element.text().collect();
                    found.title = Some(text.split_whitespace().collect::<Vec<_>>().join(" "));
                }
                local_name!("input") => {
                    found.asks_password |= attribute(value, &local_name!("type"))
                        .is_some_and(|kind| kind.eq_ignore_ascii_case("password"));
                }
                local_name!("script") if json_ld == JsonLd::Read => {
                    let is_json = attribute(value, &local_name!("type")).is_some_and(|kind| {
                        kind.trim().eq_ignore_ascii_case("application/ld+json")
                    });
                    if is_json {
                        let text: String = element.text().collect();
                        if text.len() <= room {
                            room -= text.len();
                            found.read_json(&text);
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The content of the first meta element of this name or property that has one.
    pub fn meta(&self, name: &str) -> Option<&'a str> {
        self.meta
            .iter()
            .find(|(known, content)| known.eq_ignore_ascii_case(name) && !content.trim().is_empty())
            .map(|(_, content)| *content)
    }

    /// The texts of the first JSON-LD object that has something at `path`. Lists on the way are entered; objects at
    /// its end give their `url`, `@value` or `name`.
    pub fn json(&self, path: &[String]) -> Vec<String> {
        if path.is_empty() {
            return Vec::new();
        }
        for object in &self.objects {
            let mut texts = Vec::new();
            collect(object, path, &mut texts);
            if !texts.is_empty() {
                return texts;
            }
        }
        Vec::new()
    }

    fn read_json(&mut self, text: &str) {
        // Some sites leave the line breaks of a text as they are, which JSON forbids.
        let parsed = serde_json::from_str(text).or_else(|_| {
            serde_json::from_str(&text.replace(|letter: char| letter.is_control(), " "))
        });
        match parsed {
            Ok(Value::Array(items)) => self.objects.extend(items),
            Ok(Value::Object(mut object)) => match object.remove("@graph") {
                Some(Value::Array(items)) => self.objects.extend(items),
                Some(other) => {
                    object.insert("@graph".to_owned(), other);
                    self.objects.push(Value::Object(object));
                }
                None => self.objects.push(Value::Object(object)),
            },
            Ok(_) => {}
            Err(_) => self.broken_json = true,
        }
    }
}

/// Whether JSON-LD is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonLd {
    Read,
    Skip,
}

/// The depth is bounded by serde_json, which reads 128 levels at most.
fn collect(value: &Value, path: &[String], texts: &mut Vec<String>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, path, texts)),
        (Value::Object(object), [key, rest @ ..]) => {
            if let Some(inner) = object.get(key) {
                collect(inner, rest, texts);
            }
        }
        (Value::Object(object), []) => {
            let told = ["url", "@value", "name"]
                .iter()
                .find_map(|key| object.get(*key));
            if let Some(told @ (Value::String(_) | Value::Number(_))) = told {
                collect(told, path, texts);
            }
        }
        (Value::String(text), []) if !text.trim().is_empty() => texts.push(text.trim().to_owned()),
        (Value::Number(number), []) => texts.push(number.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_ld_is_read_by_path() {
        let page = r#"
            <script type="application/ld+json">{ broken </script>
            <script type="application/ld+json">{"@graph": [
                {"@type": "Organization", "name": "Ads"},
                {"@type": "Product", "offers": [{"price": 72.5, "priceCurrency": "USD"}],
                 "image": [{"url": "/a.jpg"}, "/b.jpg"], "description": "one
two"}]}</script>"#;
        let html = Html::parse_document(page);
        let found = Structured::of(&html, JsonLd::Read);
        assert!(found.broken_json);
        for (path, texts) in [
            ("offers.price", vec!["72.5"]),
            ("image", vec!["/a.jpg", "/b.jpg"]),
            ("name", vec!["Ads"]),
            ("description", vec!["one two"]),
            ("offers", vec![]),
            ("no.such", vec![]),
        ] {
            let path: Vec<_> = path.split('.').map(str::to_owned).collect();
            assert_eq!(found.json(&path), texts, "{path:?}");
        }
    }

    #[test]
    fn meta_elements_are_found_by_name_or_property() {
        let html = Html::parse_document(
            "<title> A  page </title><base href=/x/><meta property=og:title content=T><meta name=Author content=A>\
             <input type=PASSWORD>",
        );
        let found = Structured::of(&html, JsonLd::Skip);
        assert_eq!(found.meta("og:title"), Some("T"));
        assert_eq!(found.meta("author"), Some("A"));
        assert_eq!(found.meta("og:image"), None);
        assert_eq!(found.title.as_deref(), Some("A page"));
        assert_eq!(found.base, Some("/x/"));
        assert!(found.asks_password);
    }
}
