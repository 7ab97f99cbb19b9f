//! Numbers as people write them: decimal comma or point, thousands apart by comma, point, space or apostrophe.

use serde_json::Number;

/// A number in a text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Found {
    pub value: Number,
    /// Where it stands, in bytes.
    pub start: usize,
    pub end: usize,
}

/// The first number in a text. A separator that stands once before exactly three digits is one of thousands, unless
/// the number begins with zero: `1.250` is 1250, `0.250` a quarter.
pub(super) fn first(text: &str) -> Option<Found> {
    first_from(text, 0)
}

/// The first number that begins at `from` or behind it.
pub(super) fn first_from(text: &str, from: usize) -> Option<Found> {
    let start = from + text[from..].find(|letter: char| letter.is_ascii_digit())?;
    let mut end = start;
    let mut digits = String::new();
    // Each separator, and how many digits stand before it.
    let mut separators: Vec<(char, usize)> = Vec::new();
    let mut rest = text[start..].chars().peekable();
    while let Some(letter) = rest.next() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            end += 1;
            continue;
        }
        let ahead: String = rest.clone().take(4).collect();
        let digits_ahead = ahead.bytes().take_while(u8::is_ascii_digit).count();
        let separates = match letter {
            '.' | ',' => digits_ahead > 0,
            '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => {
                digits_ahead == 3 && !separators.iter().any(|(known, _)| *known == ',')
            }
            _ => false,
        };
        if !separates {
            break;
        }
        separators.push((letter, digits.len()));
        end += letter.len_utf8();
    }
    let decimals_from = decimals_from(&digits, &separators);
    let before = text[..start].strip_suffix(['-', '\u{2212}']);
    let negative =
        before.is_some_and(|before| !before.ends_with(|letter: char| letter.is_alphanumeric()));
    let mut written = String::with_capacity(digits.len() + 2);
    if negative {
        written.push('-');
    }
    written.push_str(&digits[..decimals_from]);
    let decimals = digits[decimals_from..].trim_end_matches('0');
    if !decimals.is_empty() {
        written.push('.');
        written.push_str(decimals);
    }
    let value = match written.parse::<i64>() {
        Ok(whole) => Number::from(whole),
        Err(_) => Number::from_f64(written.parse().ok()?)?,
    };
    Some(Found { value, start, end })
}

/// How many of the digits stand before the decimal sign.
fn decimals_from(digits: &str, separators: &[(char, usize)]) -> usize {
    let Some(&(last, before)) = separators.last() else {
        return digits.len();
    };
    if !matches!(last, '.' | ',') {
        return digits.len();
    }
    let alike = separators.iter().filter(|(sign, _)| *sign == last).count();
    let after = digits.len() - before;
    let is_decimal = match alike {
        // Two kinds: the last one is the decimal sign, if it stands once.
        1 if separators.len() > 1 => true,
        1 => after != 3 || before > 3 || digits.starts_with('0'),
        _ => false,
    };
    match is_decimal {
        true => before,
        false => digits.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, value) in [
            ("12", "12"),
            ("1,250", "1250"),
            ("1.250", "1250"),
            ("1.250,50 €", "1250.5"),
            ("1,250.50", "1250.5"),
            ("1 250,50", "1250.5"),
            ("1\u{202f}250 000", "1250000"),
            ("1'250.50", "1250.5"),
            ("1.250.000", "1250000"),
            ("12,5", "12.5"),
            ("0.250", "0.25"),
            ("-3.5", "-3.5"),
            ("\u{2212}3.5", "-3.5"),
            ("x \u{2212}3.5", "-3.5"),
            ("72.00", "72"),
            ("age: 24, 2 rooms", "24"),
            ("12.", "12"),
            ("1234.567", "1234.567"),
        ] {
            assert_eq!(first(text).unwrap().value.to_string(), value, "{text}");
        }
        assert_eq!(first("none"), None);
    }
}
