//! A listing's fields as people read them: what programs are given as JSON is no text.

use serde_json::Value;

/// A field's value in words: `1500 USD`, `100–200 EUR`, `Berlin, Hamburg`.
pub fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(parts) if parts.contains_key("amount") => {
            let part = |name| parts.get(name).filter(|part| !part.is_null()).map(in_words);
            let up_to = part("up_to").map_or(String::new(), |up_to| format!("\u{2013}{up_to}"));
            let currency = part("currency").map_or(String::new(), |code| format!(" {code}"));
            format!("{}{up_to}{currency}", part("amount").unwrap_or_default())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_read_as_text() {
        for (value, words) in [
            (json!("Berlin"), "Berlin"),
            (json!(12.5), "12.5"),
            (json!(["Berlin", "Hamburg"]), "Berlin, Hamburg"),
            (json!({"amount": 1500, "currency": "USD"}), "1500 USD"),
            (json!({"amount": 80, "currency": null}), "80"),
            (
                json!({"amount": 100, "up_to": 200, "currency": "EUR"}),
                "100\u{2013}200 EUR",
            ),
        ] {
            assert_eq!(in_words(&value), words);
        }
    }
}
