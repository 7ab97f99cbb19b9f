//! Words by which signs are called: those of several words, those that are said for other things, and a sieve that most
//! words of a text do not pass.

use std::sync::LazyLock;

use crate::selectors::words::{self, Sieve, Sign, Trace};

/// Sign words that are mostly said for other things.
pub(super) const EVERYDAY: &[&str] = &[
    "at", "point", "punt", "punct", "piste", "barra", "plus", "dash", "slash", "minus", "pont",
    "tire", "piu", "ponta", "chez", "presso", "bei", "strudel", "viiva", "et",
];
/// Words with which the names of signs begin that are several words: `a commercial`, `snabel-a`, `нижнее подчёркивание`.
pub(super) const FIRST: &[&str] = &[
    "a",
    "at",
    "signo",
    "sinal",
    "snabel",
    "kuyruklu",
    "маймунско",
    "кучешко",
    "kissan",
    "guion",
    "guiao",
    "barra",
    "tiret",
    "trattino",
    "linea",
    "linie",
    "liniuta",
    "alt",
    "guzel",
    "et",
    "under",
    "low",
    "laag",
    "liggend",
    "souligne",
    "traco",
    "hifen",
    "barre",
    "gach",
    "garis",
    "нижнее",
    "нижнє",
    "нижний",
    "нижняя",
    "raya",
    "dolna",
    "dolny",
    "коса",
    "косая",
    "forward",
    "κατω",
    "ludo",
    "coada",
];

/// Endings that a sign word grows on to: `dotcom`.
pub(super) const ENDINGS: [&str; 6] = ["com", "net", "org", "co", "ru", "de"];

/// All plain words that may be a sign, or begin with one, or begin the name of one.
static WORDS: LazyLock<Sieve> = LazyLock::new(|| {
    let grown: Vec<String> = words::signs()
        .filter(|(_, sign, is_weak)| *sign == Sign::Dot && !is_weak)
        .flat_map(|(word, ..)| ENDINGS.map(|ending| format!("{word}{ending}")))
        .collect();
    let signs = words::signs().map(|(word, ..)| word);
    let words = signs.chain(FIRST.iter().copied());
    Sieve::of(words.chain(grown.iter().map(String::as_str)))
});

/// False for a plain word that neither is a sign, nor begins the name of one, nor has an ending grown on to it.
#[inline]
pub(super) fn may_be_sign(word: &str) -> bool {
    WORDS.may_hold(Trace::of(word.as_bytes()))
}
