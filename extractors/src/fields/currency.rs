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

/// Words behind an amount that say how many times it is meant, as powers of ten.
const TIMES: [(&str, usize); 19] = [
    ("k", 3),
    ("tsd", 3),
    ("thousand", 3),
    ("тыс", 3),
    ("тис", 3),
    ("mio", 6),
    ("million", 6),
    ("millions", 6),
    ("millionen", 6),
    ("millones", 6),
    ("mln", 6),
    ("млн", 6),
    ("mrd", 9),
    ("млрд", 9),
    ("billion", 9),
    ("lakh", 5),
    ("lac", 5),
    ("crore", 7),
    ("cr", 7),
];

/// Words that mean one thing here and another there: a thousand or a million, a million or a metre.
const UNCLEAR: [&str; 6] = ["m", "mm", "mn", "mil", "bn", "b"];

/// What stands between the two amounts of a range.
const UP_TO: [&str; 11] = [
    "-", "\u{2013}", "\u{2014}", "\u{2212}", "to", "bis", "à", "a", "até", "tot", "do",
];

/// What a profile's dash for no small coins looks like: `50,-`.
const NO_COINS: [&str; 6] = [
    ",-",
    ".-",
    ",\u{2013}",
    ".\u{2013}",
    ",\u{2014}",
    ".\u{2014}",
];

/// Amounts that are looked at in one text.
const AMOUNTS: usize = 20;

/// A price, or a range of them.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Price {
    pub amount: Number,
    /// The upper end of a range.
    pub up_to: Option<Number>,
    pub currency: Option<String>,
}

/// Why a text gives no price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoPrice {
    /// There is no amount in it.
    Missing,
    /// It can be read in several ways: none is better than a wrong one.
    Unclear,
}

/// The price in a text: the first amount beside which a currency stands, or its only one. `usual` is the currency where the text
/// names none, or only a sign that several use.
pub(super) fn price(text: &str, usual: Option<&str>) -> Result<Price, NoPrice> {
    let amounts = amounts(text);
    let marked = amounts.iter().position(|amount| amount.sign.is_some());
    let at = marked.unwrap_or(0);
    let amount = amounts.get(at).ok_or(NoPrice::Missing)?;
    let before = at.checked_sub(1).and_then(|before| amounts.get(before));
    let (low, high) = match (before, amounts.get(at + 1)) {
        (Some(before), _) if is_range(text, before, amount) => (before, Some(amount)),
        (_, Some(after)) if is_range(text, amount, after) => (amount, Some(after)),
        _ => (amount, None),
    };
    let is_only = marked.is_some() || amounts.len() == 1 + usize::from(high.is_some());
    // `1-2k`: thousands both, or one of them?
    let is_uneven = high.is_some_and(|high| high.times > 0 && low.times == 0);
    let all = [Some(low), high].into_iter().flatten();
    if !is_only || is_uneven || is_counted(text, low) || all.clone().any(|one| one.is_unclear) {
        return Err(NoPrice::Unclear);
    }
    let signs = all.filter_map(|one| one.sign);
    let named = signs
        .filter(|(sign, _)| usual.is_none() || !SHARED.contains(sign))
        .map(|(_, code)| code)
        .next();
    Ok(Price {
        amount: low.value.clone(),
        up_to: high.map(|high| high.value.clone()),
        currency: named.or(usual).map(str::to_owned),
    })
}

/// An amount in a text.
struct Amount {
    value: Number,
    start: usize,
    end: usize,
    /// By which power of ten a word behind it has raised it.
    times: usize,
    /// True where a word behind it may do so, or not.
    is_unclear: bool,
    /// The sign or word right before or behind it, and the currency that it means.
    sign: Option<(&'static str, &'static str)>,
}

fn amounts(text: &str) -> Vec<Amount> {
    let mut amounts: Vec<Amount> = Vec::new();
    let mut from = 0;
    while amounts.len() < AMOUNTS
        && let Some(found) = number::first_from(text, from)
    {
        let (word, behind) = word_behind(text, found.end);
        let times = TIMES.iter().find(|(known, _)| *known == word);
        let raised = times.and_then(|(_, times)| raised(&found.value, *times));
        let end = if raised.is_some() { behind } else { found.end };
        // What stands right before or behind the amount belongs to it.
        let before = text[..found.start].trim_end_matches(['-', '\u{2212}']);
        let after = &text[end..];
        let after = NO_COINS
            .iter()
            .find_map(|sign| after.strip_prefix(sign))
            .unwrap_or(after);
        amounts.push(Amount {
            sign: sign_at(before, Side::End).or_else(|| sign_at(after, Side::Start)),
            times: times.map_or(0, |(_, times)| *times),
            is_unclear: UNCLEAR.contains(&word.as_str()) || times.is_some() && raised.is_none(),
            value: raised.unwrap_or(found.value),
            start: found.start,
            end,
        });
        from = end;
    }
    amounts
}

/// The word right behind an amount, in small letters, and where it ends, with the point that may stand behind it.
fn word_behind(text: &str, end: usize) -> (String, usize) {
    let rest = &text[end..];
    let word = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let length = word
        .find(|letter: char| !letter.is_alphabetic())
        .unwrap_or(word.len());
    let at = end + (rest.len() - word.len());
    let point = usize::from(word[length..].starts_with('.'));
    (word[..length].to_lowercase(), at + length + point)
}

/// A number times a power of ten, to the last digit.
fn raised(number: &Number, times: usize) -> Option<Number> {
    let written = number.to_string();
    let (whole, part) = written.split_once('.').unwrap_or((&written, ""));
    let mut digits = format!("{whole}{part}");
    let is_plain = |text: &str| {
        text.trim_start_matches('-')
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    };
    if !is_plain(&digits) {
        return None;
    }
    match times.checked_sub(part.len()) {
        Some(zeros) => {
            digits.push_str(&"0".repeat(zeros));
            digits.parse::<i64>().ok().map(Number::from)
        }
        None => {
            digits.insert(whole.len() + times, '.');
            Number::from_f64(digits.parse().ok()?)
        }
    }
}

/// True where two amounts are the ends of a range: a dash or a word for it between them, and the currency, if any, at its ends.
fn is_range(text: &str, low: &Amount, high: &Amount) -> bool {
    let mut between = text[low.end..high.start].trim().to_lowercase();
    for (sign, side) in [(low.sign, Side::Start), (high.sign, Side::End)] {
        let Some((sign, _)) = sign else { continue };
        let sign = sign.to_lowercase();
        let rest = match side {
            Side::Start => between.strip_prefix(&sign),
            Side::End => between.strip_suffix(&sign),
        };
        if let Some(rest) = rest {
            between = rest.trim().to_owned();
        }
    }
    let behind = text[high.end..].trim();
    // `50 € - 60 min` is no range; `50-60 €` is, and `€50 - 60`.
    let ends_well = high.sign.is_some() || behind.is_empty();
    let (from, to) = (low.value.as_f64(), high.value.as_f64());
    UP_TO.contains(&between.as_str()) && ends_well && from < to
}

/// True where an amount is one of two that are multiplied: `2 x 30 €`.
fn is_counted(text: &str, amount: &Amount) -> bool {
    const SIGNS: [char; 4] = ['x', 'X', '×', '*'];
    let before = text[..amount.start]
        .trim_end_matches(|letter: char| !letter.is_alphanumeric() && !SIGNS.contains(&letter));
    let by = before.strip_suffix(SIGNS).map(str::trim_end);
    by.is_some_and(|by| by.ends_with(|letter: char| letter.is_ascii_digit()))
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
            ("50.- Fr", None, "50", Some("CHF")),
            ("50,- €", None, "50", Some("EUR")),
            // Words that raise it.
            ("US$ 1.5k", None, "1500", Some("USD")),
            ("$1.1K", None, "1100", Some("USD")),
            ("2k €", None, "2000", Some("EUR")),
            ("1,5 Mio €", None, "1500000", Some("EUR")),
            ("1,25 Mio. €", None, "1250000", Some("EUR")),
            ("10 тыс. руб.", None, "10000", Some("RUB")),
            ("₹ 2.5 lakh", None, "250000", Some("INR")),
            ("1.23456k USD", None, "1234.56", Some("USD")),
            ("500 kč", None, "500", Some("CZK")),
            // Amounts of something else beside it.
            ("2 h 100 €", None, "100", Some("EUR")),
            ("60 min: $80", None, "80", Some("USD")),
            ("50 € - 60 min", None, "50", Some("EUR")),
            ("30 min 50 €, 60 min 90 €", None, "50", Some("EUR")),
            // Ranges.
            ("100-200 €", None, "100-200", Some("EUR")),
            ("100 – 200 EUR", None, "100-200", Some("EUR")),
            ("€100 - €200", None, "100-200", Some("EUR")),
            ("£100-200", None, "100-200", Some("GBP")),
            ("100 € bis 200 €", None, "100-200", Some("EUR")),
            ("de 100 à 200 €", None, "100-200", Some("EUR")),
            ("1k-2k $", None, "1000-2000", Some("USD")),
            ("100-200", Some("EUR"), "100-200", Some("EUR")),
        ] {
            let read = price(text, usual).unwrap_or_else(|no| panic!("{text}: {no:?}"));
            let up_to = read
                .up_to
                .map_or(String::new(), |up_to| format!("-{up_to}"));
            assert_eq!(
                (format!("{}{up_to}", read.amount), read.currency.as_deref()),
                (amount.to_owned(), currency),
                "{text}"
            );
        }
        for (text, why) in [
            ("on request", NoPrice::Missing),
            ("2x 30€", NoPrice::Unclear),
            ("2 x 30 €", NoPrice::Unclear),
            ("3×€20", NoPrice::Unclear),
            ("2 * 30", NoPrice::Unclear),
            ("5 m €", NoPrice::Unclear),
            ("1,5 mil", NoPrice::Unclear),
            ("1-2k €", NoPrice::Unclear),
            ("80 or 100", NoPrice::Unclear),
            ("1 h 100", NoPrice::Unclear),
        ] {
            assert_eq!(price(text, None), Err(why), "{text}");
        }
    }
}
