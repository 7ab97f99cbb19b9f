//! Numbers and addresses that a text says are written from their end: `my number backwards: 3210-555-202`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use sightline_model::StepKind;

use super::Edit;

/// How far from the words that say so the number stands, in bytes, on the same line.
const REACH: usize = 60;
/// The most of the line that is looked at on either side, in bytes.
const LINE: usize = 240;
/// The fewest digits that are turned round.
const DIGITS: usize = 7;

/// Parts of the words that say so, in several languages; their beginnings may be capitals.
const ANNOUNCED: [&str; 86] = [
    "ackward",
    "ACKWARD",
    "everse",
    "EVERSE",
    "ack to front",
    "rom the end",
    "ight to left",
    "IGHT TO LEFT",
    "irrored",
    "ast digit first",
    "al rev",
    "AL REV",
    "a la inversa",
    "nvertid",
    "erecha a izquierda",
    "trás para adelante",
    "trás hacia adelante",
    "l final al principio",
    "envers",
    "ENVERS",
    "roite à gauche",
    "roite a gauche",
    "rtant de la fin",
    "ückwärts",
    "ückwaerts",
    "ÜCKWÄRTS",
    "inten nach vorn",
    "echts nach links",
    "piegelverkehrt",
    "rovescio",
    "ROVESCIO",
    "estra a sinistra",
    "l contrario",
    "trás para frente",
    "trás pra frente",
    "ontrário",
    "ireita para a esquerda",
    "ireita para esquerda",
    "chterstevoren",
    "chteren naar voren",
    "echts naar links",
    "mgekeerd",
    "наоборот",
    "НАОБОРОТ",
    "задом напер",
    "справа налево",
    "с конца",
    "обратном порядке",
    "зеркально",
    "справа наліво",
    "навпаки",
    "wspak",
    "od tyłu",
    "od końca",
    "prawej do lewej",
    "reapta la stânga",
    "oadă la cap",
    "citit invers",
    "citește invers",
    "scris invers",
    "nvers:",
    "倒着",
    "倒过来",
    "倒過來",
    "倒序",
    "反着",
    "反过来",
    "反過來",
    "逆序",
    "从右往左",
    "从右到左",
    "從右到左",
    "从后往前",
    "從後往前",
    "จากขวาไปซ้าย",
    "กลับหลัง",
    "กลับด้าน",
    "ย้อนกลับ",
    "จากหลังไปหน้า",
    "ngược",
    "NGƯỢC",
    "hải sang trái",
    "hải qua trái",
    "거꾸로",
    "뒤에서부터",
    "逆から",
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // They are too many for the library to look at many bytes at a time; one table for all is the next best.
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::LeftmostFirst)
        .build(ANNOUNCED)
        .expect("the words are constants, and few: a test builds this")
});

/// Those in ASCII alone, for texts that are: so few that the library looks at many bytes at a time.
static PLAIN_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(ANNOUNCED.iter().filter(|part| part.is_ascii()))
        .expect("the words are constants, and few: a test builds this")
});

/// What looks for all that may stand in a text.
fn finder(text: &str) -> &'static AhoCorasick {
    match text.is_ascii() {
        true => &PLAIN_FINDER,
        false => &FINDER,
    }
}

/// What is announced so, turned round.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    finder(text)
        .find_iter(text)
        .filter_map(|word| behind(text, word.end()).or_else(|| before(text, word.start())))
        .map(|(start, end)| Edit {
            start,
            end,
            to: text[start..end].chars().rev().collect::<String>().into(),
            step: StepKind::Reversed,
        })
        .collect()
}

/// The number or address behind the words.
fn behind(text: &str, start: usize) -> Option<(usize, usize)> {
    let near = text.floor_char_boundary(text.len().min(start + LINE));
    let line = text[start..near].split('\n').next()?;
    let number = line.find(|letter: char| letter.is_ascii_digit()).map(|at| {
        let length = line[at..].find(|letter| !is_of_number(letter));
        (at, length.map_or(line.len(), |length| at + length))
    });
    part(text, start, number, words(line, 0)).or_else(|| name(text, start, line))
}

/// A name right behind the words and their sign: `insta backwards: 22_esor`.
fn name(text: &str, start: usize, line: &str) -> Option<(usize, usize)> {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let rest = rest.trim_start_matches([' ', ':', ')', '=', '-', '>', ',', '"', '→', '@']);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
    let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
    let name = rest[..length].trim_end_matches('.');
    let has = |is: fn(&u8) -> bool| name.bytes().any(|byte| is(&byte));
    let is_made_up =
        has(u8::is_ascii_alphabetic) && (has(u8::is_ascii_digit) || name.contains('_'));
    let at = start + line.len() - rest.len();
    ((5..=30).contains(&name.len())
        && is_made_up
        && at - start <= REACH / 3
        && text.is_char_boundary(at))
    .then_some((at, at + name.len()))
}

/// The last number or address before the words.
fn before(text: &str, end: usize) -> Option<(usize, usize)> {
    let near = text.ceil_char_boundary(end.saturating_sub(LINE));
    let from = text[near..end].rfind('\n').map_or(near, |at| near + at + 1);
    let line = &text[from..end];
    let number = line
        .rfind(|letter: char| letter.is_ascii_digit())
        .map(|at| {
            let front = line[..at].trim_end_matches(is_of_number);
            (front.len(), at + 1)
        });
    part(
        text,
        from,
        number,
        words(line, 0).filter(|(start, _)| start + REACH > line.len()),
    )
}

/// The first word that may be an address from its end.
fn words(line: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    line[from..].split(' ').find_map(|word| {
        let start = at;
        at += word.len() + 1;
        let is_address = word
            .find('@')
            .is_some_and(|sign| sign > 0 && word[..sign].contains('.'));
        is_address.then_some((start, start + word.len()))
    })
}

/// Whichever of the two there is, near enough and long enough; as a span of the text.
fn part(
    text: &str,
    base: usize,
    number: Option<(usize, usize)>,
    address: Option<(usize, usize)>,
) -> Option<(usize, usize)> {
    let is_long = |(start, end): &(usize, usize)| {
        let digits = text[base + start..base + end]
            .bytes()
            .filter(u8::is_ascii_digit);
        digits.count() >= DIGITS
    };
    let (start, end) = address.or(number.filter(is_long))?;
    let trimmed = text[base + start..base + end].trim_end_matches([' ', '-', '.', '(']);
    let lead = trimmed.len() - trimmed.trim_start_matches([' ', '-', '.', ')']).len();
    Some((base + start + lead, base + start + trimmed.len()))
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_ascii_is_searched_for_all_that_may_stand_in_it() {
        let plain: Vec<&str> = ANNOUNCED
            .into_iter()
            .filter(|part| part.is_ascii())
            .collect();
        let text = plain.join(" ");
        let places = |finder: &AhoCorasick| -> Vec<_> {
            let found = finder.find_iter(&text);
            found.map(|found| found.range()).collect()
        };
        assert!(places(&PLAIN_FINDER).len() >= plain.len());
        assert_eq!(places(finder(&text)), places(&FINDER));
        assert_eq!(finder("al revés").patterns_len(), ANNOUNCED.len());
    }
}
