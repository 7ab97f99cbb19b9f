//! Words before digits that say what else they number: taxes, accounts, orders, codes.

use super::tables::LABELS;

/// True for a country's two letters right behind a word for a tax: `VAT GB 302 370 459`, `TVA FR 00 033 491 043`.
pub(super) fn is_taxed(before: &str, word: &str) -> bool {
    const TAXES: [&str; 11] = [
        "vat", "tva", "iva", "btw", "mwst", "ust", "ustid", "moms", "nif", "cif", "nip",
    ];
    // Without those that are words where people speak of taxes: `IVA inclusa al …`, `no`, `se`.
    const COUNTRIES: [&str; 26] = [
        "gb", "fr", "dk", "pl", "pt", "nl", "lu", "lv", "lt", "ee", "fi", "hr", "hu", "cz", "cy",
        "bg", "mt", "sk", "ie", "xi", "eu", "ch", "ro", "de", "at", "be",
    ];
    COUNTRIES.contains(&word)
        && before.rfind(word).is_some_and(|at| {
            let front = before[..at].trim_end_matches(|letter: char| !letter.is_alphanumeric());
            front
                .rsplit(|letter: char| !letter.is_alphanumeric())
                .take(2)
                .any(|tax| TAXES.contains(&tax))
        })
}

/// True where a register is named with its town before a number: `RCS Paris B 380 495 838`, `Amtsgericht Berlin HRB`.
pub(super) fn is_registered(before: &str) -> bool {
    /// The most words that are looked at: the register, a town of two, a part of the register.
    const WORDS: usize = 4;
    const REGISTERS: [&str; 9] = [
        "rcs",
        "hrb",
        "hra",
        "amtsgericht",
        "handelsregister",
        "registre",
        "krs",
        "kvk",
        "siren",
    ];
    before
        .rsplit(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .any(|word| REGISTERS.contains(&word))
}

/// True for an Italian account that says its number: `conto n. 7155117578`, not `per conto mio 320 123 4567`.
pub(super) fn is_account(before: &str, word: &str) -> bool {
    let says = |(_, behind): (&str, &str)| behind.trim_start().starts_with(['n', ':', '°']);
    word == "conto" && before.rsplit_once("conto").is_some_and(says)
}

/// True behind short forms with a stroke in them: `S/N 2025550123`, `P/N:`.
pub(super) fn is_stroked(before: &str) -> bool {
    let bare = before.trim_end_matches([' ', ':', '.', '#', '=']);
    ["s/n", "p/n", "m/n", "p.n", "s.n"].iter().any(|form| {
        bare.strip_suffix(form)
            .is_some_and(|front| !front.ends_with(char::is_alphanumeric))
    })
}

/// Short forms of what has a number, which are words elsewhere.
pub(super) const SHORT: [&str; 10] = [
    "art", "best", "kd", "rg", "lfd", "inv", "az", "ord", "prot", "lic",
];

/// True for a short form, with its dot, of what has a number: `Art.nr 0302 3125929`, `Best. Nr.`, `Kd.-Nr.`.
pub(super) fn is_abbreviated(before: &str, word: &str) -> bool {
    SHORT.contains(&word)
        && before
            .rfind(word)
            .is_some_and(|at| before[at + word.len()..].starts_with('.'))
}

/// True for a number in one word that is no telephone's: `Anzeigennummer`, `Ausweisnr`, `advertentienummer`.
pub(super) fn is_other_number(word: &str) -> bool {
    const CALLED: [&str; 24] = [
        "tel",
        "mob",
        "hand",
        "ruf",
        "gsm",
        "privat",
        "priv",
        "kontakt",
        "whats",
        "fest",
        "sms",
        "durchwahl",
        "fon",
        "wa",
        "app",
        "net",
        "vorwahl",
        "service",
        "notruf",
        "direkt",
        "haus",
        "büro",
        "geschäft",
        "dienst",
    ];
    let front = ["nummer", "nummern", "nr"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending));
    front.is_some_and(|front| {
        front.chars().count() > 3 && !CALLED.iter().any(|called| front.starts_with(called))
    })
}

/// True for a word for codes: what it stands right before is one where it is a number in one piece. "Código 202, número
/// 555 0123" is none.
pub(super) fn is_code(before: &str, digits: &str) -> bool {
    let mut words = before
        .trim_end_matches(|letter: char| !letter.is_alphanumeric())
        .rsplit(|letter: char| !letter.is_alphanumeric());
    let word = words.next().unwrap_or_default();
    let is_long = digits.bytes().take_while(u8::is_ascii_digit).count() >= 7;
    if word == NUMBER && words.next().is_some_and(|before| LABELS.contains(before)) {
        return false;
    }
    is_long && CODES.contains(&word)
}

/// The Vietnamese for any number, a telephone's behind "call", and another's behind what has one.
const NUMBER: &str = "số";

/// Words for codes, some of which are also an area's.
const CODES: [&str; 14] = [
    "code", "código", "codigo", "codice", "kod", "cod", "код", "mã", NUMBER, "số tin", "tin",
    "kode", "kodu", "chiffre",
];
