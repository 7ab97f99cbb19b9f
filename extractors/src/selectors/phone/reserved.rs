//! Ranges that regulators keep free for films, documents and tests. libphonenumber calls some of them invalid, since
//! nobody has such a number. Here they are read as if somebody had, so that an exercise, a demonstration and a test
//! behave like the real thing without touching anyone's telephone.
//!
//! Sources: Ofcom, "Telephone numbers for use in TV and radio drama programmes"; ARCEP decision 2018-0881; the
//! Bundesnetzagentur's "Rufnummern für Mediensendungen"; ACMA, "Phone numbers for use in TV shows, films and creative
//! works"; PTS, "Telefonnummer för användning i böcker och filmer".

/// The digits that the numbers begin with, country code first, and how many digits follow.
const RANGES: [(&str, usize); 40] = [
    ("447700900", 3),
    ("442079460", 3),
    ("441134960", 3),
    ("441144960", 3),
    ("441154960", 3),
    ("441164960", 3),
    ("441174960", 3),
    ("441184960", 3),
    ("441214960", 3),
    ("441314960", 3),
    ("441414960", 3),
    ("441514960", 3),
    ("441614960", 3),
    ("441914980", 3),
    ("442896496", 3),
    ("442920180", 3),
    ("441632960", 3),
    ("448081570", 3),
    ("449098790", 3),
    ("443069990", 3),
    ("3319900", 4),
    ("3326191", 4),
    ("3335301", 4),
    ("3346571", 4),
    ("3353649", 4),
    ("3363998", 4),
    ("493023125", 3),
    ("496990009", 3),
    ("494066969", 3),
    ("492214710", 3),
    ("498999998", 3),
    ("4917139200", 2),
    ("49176040690", 2),
    ("4915228817386", 0),
    ("6125550", 4),
    ("6135550", 4),
    ("6175550", 4),
    ("6185550", 4),
    ("46701740", 3),
    ("46313900", 3),
];

/// True for a number, as E.164 writes it, that is kept free.
pub(super) fn is_reserved(value: &str) -> bool {
    let digits = value.trim_start_matches('+');
    RANGES
        .iter()
        .any(|(start, more)| digits.len() == start.len() + more && digits.starts_with(start))
}
