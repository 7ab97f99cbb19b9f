//! Prices: an amount, and the currency that stands beside it.

use serde_json::Number;

use super::number;

/// Signs and words for currencies. The longer stand before what they contain; what means several currencies is read as
/// the most common one, unless the profile names another.
const SIGNS: [(&str, &str); 43] = [
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("A$", "AUD"),
    ("CA$", "CAD"),
    ("C$", "CAD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    ("MX$", "MXN"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₺", "TRY"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
    ("₩", "KRW"),
    ("₱", "PHP"),
    ("₦", "NGN"),
    ("₸", "KZT"),
    ("₿", "BTC"),
    ("zł", "PLN"),
    ("kč", "CZK"),
    ("ft", "HUF"),
    ("лв", "BGN"),
    ("lei", "RON"),
    ("руб", "RUB"),
    ("грн", "UAH"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("pounds", "GBP"),
    ("dollars", "USD"),
    ("fr.", "CHF"),
    ("円", "JPY"),
    ("元", "CNY"),
    ("원", "KRW"),
    ("tl", "TRY"),
    ("rs", "INR"),
    ("$", "USD"),
    ("¥", "JPY"),
];

/// Signs that several currencies share; the profile's currency goes before them.
const SHARED: [&str; 5] = ["$", "¥", "kr", "dollars", "fr."];

/// Codes of ISO 4217 that are recognised.
const CODES: [&str; 58] = [
    "AED", "ARS", "AUD", "BAM", "BDT", "BGN", "BRL", "BTC", "CAD", "CHF", "CLP", "CNY", "COP",
    "CZK", "DKK", "EGP", "EUR", "GBP", "GEL", "GHS", "HKD", "HUF", "IDR", "ILS", "INR", "ISK",
    "JPY", "KES", "KRW", "KZT", "LKR", "MAD", "MDL", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN",
    "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY",
    "TWD", "UAH", "USD", "VND", "XOF", "ZAR",
];

/// The first amount in a text, and its currency. `usual` is the currency where the text names none, or only a sign
/// that several use.
pub(super) fn price(text: &str, usual: Option<&str>) -> Option<(Number, Option<String>)> {
    let found = number::first(text)?;
    // What stands right before or behind the amount belongs to it.
    let before = text[..found.start].trim_end_matches(['-', '\u{2212}']);
    let named = sign_at(before, Side::End)
        .or_else(|| sign_at(&text[found.end..], Side::Start))
        .filter(|(sign, _)| usual.is_none() || !SHARED.contains(sign))
        .map(|(_, code)| code);
    Some((found.value, named.or(usual).map(str::to_owned)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// The sign or code at one end of a text, and the currency it means.
fn sign_at(text: &str, side: Side) -> Option<(&'static str, &'static str)> {
    let text = text.trim();
    let word = match side {
        Side::Start => text
            .split(|letter: char| letter.is_whitespace() || letter.is_ascii_digit())
            .next(),
        Side::End => text
            .rsplit(|letter: char| letter.is_whitespace() || letter.is_ascii_digit())
            .next(),
    }?;
    let word = word.trim_matches(|letter: char| {
        matches!(letter, ',' | ':' | ';' | '(' | ')' | '/' | '-' | '~')
    });
    let upper = word.to_uppercase();
    if let Some(code) = CODES.iter().find(|code| upper == **code) {
        return Some((code, code));
    }
    let lower = word.to_lowercase();
    SIGNS.iter().copied().find(|(sign, _)| {
        let is_word = sign
            .chars()
            .all(|letter| letter.is_alphabetic() || letter == '.');
        match (is_word, side) {
            (true, _) => lower.trim_end_matches('.') == sign.trim_end_matches('.'),
            (false, Side::Start) => upper.starts_with(&sign.to_uppercase()),
            (false, Side::End) => upper.ends_with(&sign.to_uppercase()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_an_amount_and_a_currency() {
        for (text, usual, amount, currency) in [
            ("$72.00", None, "72", Some("USD")),
            ("$72", Some("AUD"), "72", Some("AUD")),
            ("US$72", Some("AUD"), "72", Some("USD")),
            ("1.250,50 €", None, "1250.5", Some("EUR")),
            ("€ 1.250,-", None, "1250", Some("EUR")),
            ("£1,200 pcm", None, "1200", Some("GBP")),
            ("150 EUR / h", None, "150", Some("EUR")),
            ("Price: chf 90", None, "90", Some("CHF")),
            ("200 zł", None, "200", Some("PLN")),
            ("1 500 руб.", None, "1500", Some("RUB")),
            ("500 kr", Some("SEK"), "500", Some("SEK")),
            ("500 kr", None, "500", None),
            ("80", None, "80", None),
            ("80 roses", Some("GBP"), "80", Some("GBP")),
        ] {
            let (read, named) = price(text, usual).unwrap();
            assert_eq!(
                (read.to_string().as_str(), named.as_deref()),
                (amount, currency),
                "{text}"
            );
        }
        assert_eq!(price("on request", None), None);
    }
}
