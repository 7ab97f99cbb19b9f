//! Where an address ends and a sentence begins: decoration around addresses, and sentences without a space between that
//! look like domains.

use super::{files, known, phone, url::Link, words};

/// The text with spaces for every sign beyond ASCII and for lines around a word (`_rose.example_`), as long as it was;
/// None where there is neither.
pub(super) fn bare(text: &str) -> Option<String> {
    let lined = lined(text);
    if text.is_ascii() && lined.is_empty() {
        return None;
    }
    let is_sign = |letter: char| {
        // Marks belong to the letters before them.
        !letter.is_ascii()
            && !letter.is_alphanumeric()
            && matches!(letter as u32, 0x80..0x300 | 0x2000..0x2e00 | 0x3000..0x3041 | 0xfe00..0xfe20 | 0xfe30..0x1_0000 | 0x1_f000..)
    };
    let mut bared = String::with_capacity(text.len());
    let mut has_signs = false;
    for (at, letter) in text.char_indices() {
        match is_sign(letter) || letter == '_' && lined.contains(&at) {
            true => {
                has_signs = true;
                bared.extend(std::iter::repeat_n(' ', letter.len_utf8()));
            }
            false => bared.push(letter),
        }
    }
    has_signs.then_some(bared)
}

/// Where low lines stand on both sides of a word with a dot and no at sign in it.
fn lined(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut done = 0;
    for at in memchr::memchr_iter(b'_', bytes) {
        if at < done || at > 0 && !bytes[at - 1].is_ascii_whitespace() {
            continue;
        }
        let word = &text[at..];
        let word = &word[..word.find(char::is_whitespace).unwrap_or(word.len())];
        done = at + word.len();
        let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        let inner = bare.trim_matches('_');
        if bare.ends_with('_') && inner.contains('.') && !inner.contains('@') {
            let last = at + bare.trim_end_matches('_').len();
            lines.extend((at..at + bare.len()).filter(|place| {
                bytes[*place] == b'_'
                    && (*place >= last || !bytes[at..*place].iter().any(|byte| *byte != b'_'))
            }));
        }
    }
    lines
}

/// Parts of words that speak of a site, in small letters.
const SITE: &[&str] = &[
    "site",
    "web",
    "www",
    "page",
    "link",
    "visit",
    "url",
    "see",
    "online",
    "on ",
    "at ",
    "http",
    ":",
    "сайт",
    "домен",
    "sitio",
    "página",
    "pagina",
    "strona",
    "stron",
    "seite",
    "sito",
    "oldal",
    "网",
    "網",
    "เว็บ",
    "サイト",
    "홈페",
    "visita",
    "vedi",
    "guarda",
    "mira en",
    "voir",
    "voyez",
    "siehe",
    "schau",
    "zie ",
    "zobacz",
    "смотри",
    "vezi",
    "xem",
    "trang",
    "ảnh",
    "foto",
    "photos",
    "fotos",
    "poze",
    "zdjęć",
    "zdjęcia",
    "bilder",
    "immagini",
    "pics",
    "book",
];

/// True where a site is spoken of.
pub(super) fn speaks_of_site(near: &str) -> bool {
    let near = near.to_lowercase();
    let is_word = |at: usize, word: &str| {
        word.len() > 3
            || !near[..at].ends_with(char::is_alphabetic)
            || !word.starts_with(char::is_alphabetic)
    };
    SITE.iter()
        .any(|word| near.match_indices(word).any(|(at, _)| is_word(at, word)))
}

/// True for two sentences without a space between: `be mine.be nice`. A word before that speaks of a site makes it a
/// domain all the same.
pub(super) fn is_prose(text: &str, link: &Link) -> bool {
    /// Words that end or begin a sentence, and that no site is called by.
    const SAID: &[&str] = &[
        "in", "me", "so", "us", "at", "on", "it", "is", "be", "do", "go", "to", "you", "here",
        "the", "and", "or", "no", "up", "out", "now",
    ];
    /// What stands behind "io" in a sentence.
    const ITALIAN: &[&str] = &[
        "sono", "ho", "non", "sto", "ti", "vi", "mi", "ricevo", "vivo", "abito", "faccio", "posso",
        "voglio", "cerco", "amo", "parlo", "lavoro", "offro", "vendo", "arrivo", "vengo", "resto",
        "rispondo", "adoro", "credo",
    ];
    let raw = &text[link.start..link.end];
    let Some((name, ending)) = raw.split_once('.') else {
        return false;
    };
    // `much.Thanks.me too`: the last sentence tells.
    if let Some(start) = last_sentence(raw) {
        let start = link.start + start;
        return is_prose(text, &Link { start, ..*link });
    }
    if raw.split('.').all(is_number_word) || are_misspelt(raw) || has_initials(raw) {
        return true;
    }
    let is_bare = name.chars().all(char::is_alphanumeric)
        && ending.bytes().all(|byte| byte.is_ascii_lowercase());
    // "Atendimento completo.com local": a word of Portuguese.
    let is_with = || {
        ending == "com"
            && text[link.end..]
                .strip_prefix(' ')
                .is_some_and(|rest| rest.starts_with(char::is_lowercase))
            && !text[..link.start].ends_with(['/', '@'])
            && {
                let around = around(text, link);
                around.contains(" com ") || around.contains(['ã', 'õ', 'ç'])
            }
    };
    let mut from = link.start.saturating_sub(24);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let speaks_of_site = speaks_of_site(&text[from..link.start]);
    // "Tutto pulito.io sono sola": an "I" of Italian, and what she does.
    let is_italian = || {
        ending == "io"
            && text[link.end..].strip_prefix(' ').is_some_and(|rest| {
                let word = rest.split(|letter: char| !letter.is_alphabetic()).next();
                ITALIAN.contains(&word.unwrap_or_default())
            })
    };
    if is_bare && is_italian() && !speaks_of_site {
        return true;
    }
    // `m.in.`: between others.
    let is_letter =
        || name.len() == 1 && known::is_everyday_ending(raw) && !known::is_platform_host(raw);
    if is_bare && (is_with() && !speaks_of_site || is_letter()) {
        return true;
    }
    if raw.rsplit('.').nth(1).is_some_and(is_time) {
        return true;
    }
    // `Adr.de`, "etc.in the city": a short form, and the word that comes next.
    let is_joined = || {
        let goes_on = text[link.end..]
            .strip_prefix(' ')
            .is_some_and(|rest| rest.starts_with(char::is_lowercase));
        match known::is_everyday_ending(raw) {
            true => goes_on || !speaks_of_site,
            false => goes_on && !speaks_of_site && !known::is_common_ending(raw),
        }
    };
    if is_bare && files::is_short_form(name) && is_joined() {
        return true;
    }
    // A figure of a clock or a price.
    if is_bare && name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    if !is_bare
        || !name.chars().skip(1).all(char::is_lowercase)
        || known::is_platform_host(raw)
        || !known::is_everyday_ending(raw) && known::is_common_ending(raw)
    {
        return false;
    }
    let is_small = [
        "in", "at", "is", "it", "so", "to", "us", "be", "as", "am", "do", "by", "no", "me", "my",
    ]
    .contains(&ending);
    let goes_on = text[link.end..].strip_prefix(' ').is_some_and(|rest| {
        rest.starts_with(char::is_lowercase) || is_small && rest.starts_with(char::is_alphabetic)
    });
    let is_said = SAID.contains(&name.to_ascii_lowercase().as_str());
    goes_on && is_said || (goes_on || is_said) && !speaks_of_site
}

/// Where the last sentence of several without spaces between begins: with a capital behind a small letter's dot.
fn last_sentence(raw: &str) -> Option<usize> {
    let (front, _) = raw.rsplit_once('.')?;
    let (before, last) = front.rsplit_once('.')?;
    let begins = last.starts_with(char::is_uppercase) && before.ends_with(char::is_lowercase);
    let is_site = before
        .get(..3)
        .is_some_and(|www| www.eq_ignore_ascii_case("www"));
    (begins
        && !is_site
        && raw
            .chars()
            .all(|letter| letter.is_alphabetic() || letter == '.'))
    .then_some(before.len() + 1)
}

/// True for a time of a day: the `9pm` of `9pm.to`.
fn is_time(name: &str) -> bool {
    let unit = name.trim_start_matches(|letter: char| letter.is_ascii_digit());
    unit.len() < name.len()
        && ["am", "pm", "h", "hrs", "uhr"]
            .iter()
            .any(|known| unit.eq_ignore_ascii_case(known))
}

/// True for letters with dots that a word follows without a space: `z.B.am`, `9 a.m.to`. What has but one letter before its
/// ending may be a site's name.
fn has_initials(raw: &str) -> bool {
    let Some((front, ending)) = raw.rsplit_once('.') else {
        return false;
    };
    let are_letters = |front: &str| {
        let mut labels = front.split('.');
        labels.all(|label| {
            let mut letters = label.chars();
            letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
        })
    };
    front.contains('.')
        && ending.chars().all(char::is_alphabetic)
        && are_letters(front)
        && !known::is_platform_host(raw)
}

/// True for a word that is said for a number before all: numbers read aloud have full stops between them, too.
fn is_number_word(word: &str) -> bool {
    words::senses(&words::fold(word))
        .is_some_and(|senses| senses.iter().any(|sense| !sense.is_weak))
}

/// True for three number words or more, misspelt or right: `6ix.f0ur.sx`. One at least is right.
fn are_misspelt(raw: &str) -> bool {
    let is_near = |word: &str| {
        let senses = words::misspelt(word, words::ENGLISH).unwrap_or_default();
        is_number_word(word) || senses.iter().any(|sense| !sense.is_common)
    };
    let mut words = raw.split('.');
    words.clone().nth(2).is_some() && words.clone().any(is_number_word) && words.all(is_near)
}

/// What stands around a link: enough to tell the language by, and no more, for a text may hold thousands of links.
fn around<'t>(text: &'t str, link: &Link) -> &'t str {
    const NEAR: usize = 1_000;
    let from = text.floor_char_boundary(link.start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary(link.end.saturating_add(NEAR).min(text.len()));
    &text[from..to]
}
/// So many number words with dots between are a telephone number.
const NUMBER_WORDS: usize = 6;
/// So many words for single digits, or digits.
const DIGIT_WORDS: usize = 2;

/// True for number words with dots between: `two.zero.two.five…` ends like a domain does, but is none.
pub(super) fn is_read_aloud(raw: &str) -> bool {
    /// So many are told aloud where some are figures, or also said for other things.
    const MIXED_WORDS: usize = 4;
    let count = raw.split(['.', '-']).take(NUMBER_WORDS).count();
    let is_digit = |word: &str| {
        let senses = words::senses(word).unwrap_or_default();
        senses.iter().any(|sense| {
            matches!(sense.meaning, words::Meaning::Number(0..=9))
                && !sense.is_weak
                && !sense.is_made
        })
    };
    let is_figure = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    // `9.one.seven`.
    let are_digits = || {
        let words = || raw.split(['.', '-']).map(words::fold);
        words().all(|word| is_figure(&word) || is_digit(&word))
            && words().any(|word| is_digit(&word))
    };
    // `O.1.7.one`, `oh.won.nine.to`.
    let are_mixed = || {
        let words = || raw.split(['.', '-']).map(words::fold);
        let is_said = |word: &str| {
            is_figure(word) || matches!(word, "o" | "i" | "l") || words::senses(word).is_some()
        };
        words().all(|word| is_said(&word)) && words().any(|word| is_digit(&word))
    };
    count >= MIXED_WORDS && are_mixed()
        || count >= NUMBER_WORDS
            && raw
                .split(['.', '-'])
                .all(|word| words::senses(&words::fold(word)).is_some())
        || count >= DIGIT_WORDS && are_digits()
}

/// True for a label of a number whose words a dot parts: `Tel.nr`, `mob.no`, `Art.nr`.
pub(super) fn is_label(raw: &str) -> bool {
    const BEHIND: [&str; 4] = ["nr", "no", "num", "nos"];
    raw.split_once('.').is_some_and(|(label, behind)| {
        let label = label.to_lowercase();
        BEHIND.iter().any(|word| word.eq_ignore_ascii_case(behind))
            && (phone::is_label(&label)
                || behind.eq_ignore_ascii_case("nr") && phone::is_numbered(&label))
    })
}

/// What stands before a comma and a word of a script without spaces: `https://example.com/a,找我` goes on in prose.
pub(super) fn before_prose(raw: &str) -> &str {
    if raw.is_ascii() {
        return raw;
    }
    let mut signs = raw.match_indices([',', ';', '!', '?', ')', '(']);
    let end = signs.find(|(at, _)| raw[at + 1..].starts_with(words::is_unspaced));
    end.map_or(raw, |(at, _)| &raw[..at])
}
