//! Plain words: what people wrote is repeated to them on one line, cut where it is long, with nothing in it that acts on a
//! terminal.

/// How much of a sentence is kept at either end, in characters.
const KEPT: usize = 200;

/// `text` on one line: control characters and invisible ones written out, and the middle left out where there is much.
pub(crate) fn plain(text: &str) -> String {
    let length = text.chars().count();
    if length <= 2 * KEPT {
        return escaped(text);
    }
    // What is said of a value stands at the sentence's end.
    let start = text.chars().take(KEPT).collect::<String>();
    let end = text.chars().skip(length - KEPT).collect::<String>();
    format!("{} … {}", escaped(&start), escaped(&end))
}

fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '"' | '\'' | '\\' => plain.push(sign),
            _ if sign.is_alphanumeric() => plain.push(sign),
            _ => plain.extend(sign.escape_debug()),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_stays_on_its_line() {
        for (text, said) in [
            ("`U\nK` is not \"it\"", "`U\\nK` is not \"it\""),
            ("a\u{1b}[2J\u{0}b", "a\\u{1b}[2J\\0b"),
            ("x\u{202e}y\u{2028}", "x\\u{202e}y\\u{2028}"),
            ("Zürich – £5", "Zürich – £5"),
        ] {
            assert_eq!(plain(text), said);
        }
        let long = plain(&format!("'{}' is no name", "x".repeat(1 << 20)));
        assert!(long.len() < 500 && long.ends_with("' is no name"), "{long}");
    }
}
