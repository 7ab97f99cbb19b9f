//! Addresses whose at sign stands as another, and a text that says so: `rose✿example.com`, "✿ means @".

use sightline_model::StepKind;

use super::super::Edit;
use crate::selectors::known;

/// How far from the at sign the other one stands where it is explained, in bytes.
const NEAR: usize = 28;

/// Edits that set the at sign where another stands for it.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits: Vec<Edit> = Vec::new();
    for at in memchr::memchr_iter(b'@', bytes).take(8) {
        let touches = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        if touches(bytes.get(at + 1)) || at > 0 && touches(bytes.get(at - 1)) {
            continue;
        }
        let (mut from, mut to) = (at.saturating_sub(NEAR), text.len().min(at + NEAR));
        while !text.is_char_boundary(from) {
            from += 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        let signs = text[from..to]
            .char_indices()
            .filter(|(_, letter)| is_stand_in(*letter));
        for (offset, sign) in signs {
            edits.extend(place(text, sign, from + offset));
        }
    }
    edits.extend(pictures(text));
    edits.sort_by_key(|edit| edit.start);
    edits.dedup_by_key(|edit| edit.start);
    edits
}

/// A picture or another sign in the place of the at sign, where mail is spoken of: `mail: rose22🌀example.com`.
fn pictures(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let bytes = text.as_bytes();
    // A host is looked at once, however many dots it has.
    let mut done = 0;
    for dot in memchr::memchr_iter(b'.', bytes) {
        // Most dots end sentences.
        if dot < done || !bytes.get(dot + 1).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let host = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
        let start = text[..dot].trim_end_matches(host).len();
        let rest = &text[dot..];
        let end = dot + rest.find(|letter| !host(letter)).unwrap_or(rest.len());
        done = end;
        let name = text[start..end].trim_end_matches(['.', '-']);
        let gap = text[..start].trim_end_matches(' ');
        let Some(sign) = gap.chars().next_back().filter(|sign| is_stand_in(*sign)) else {
            continue;
        };
        let before = gap[..gap.len() - sign.len_utf8()].trim_end_matches([' ', '\u{fe0f}']);
        let touches = start == gap.len() && before.len() + sign.len_utf8() == gap.len();
        let is_sign = match sign.is_ascii() {
            true => touches && matches!(sign, '#' | '*' | '%' | '^' | '~' | '$' | '&' | '=' | '+'),
            false => !matches!(
                sign,
                '«' | '»'
                    | '“'
                    | '”'
                    | '„'
                    | '‘'
                    | '’'
                    | '‹'
                    | '›'
                    | '→'
                    | '•'
                    | '·'
                    | '|'
                    | '。'
                    | '、'
                    | '，'
                    | '：'
                    | '【'
                    | '】'
                    | '（'
                    | '）'
                    | '「'
                    | '」'
                    | '…'
                    | '–'
                    | '—'
                    | '！'
                    | '；'
            ),
        };
        let word = &before[before
            .trim_end_matches(|letter: char| {
                letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-')
            })
            .len()..];
        let is_made_up = word
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte == b'_');
        let is_mail = matches!(sign, '✉' | '📧' | '📩' | '📨' | '💌' | '🌀');
        let spoken = || super::everyday::speaks_of_mail(&before[..before.len() - word.len()]);
        if is_sign
            && word.len() > 2
            && name.len() > 3
            && known::is_common_ending(name)
            && !name.starts_with("www.")
            && (is_mail && is_made_up || spoken() && (is_made_up || touches))
        {
            edits.push(Edit {
                start: before.len(),
                end: start,
                to: "@".into(),
                step: StepKind::AtAndDot,
            });
        }
    }
    edits
}

/// The place where a sign stands between a name and a host, other than where it is explained.
fn place(text: &str, sign: char, explained: usize) -> Option<Edit> {
    let mut bytes = [0; 4];
    let sign = &*sign.encode_utf8(&mut bytes);
    text.match_indices(sign).find_map(|(at, _)| {
        let behind = &text[at + sign.len()..];
        let host = behind
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-')))
            .map_or(behind, |end| &behind[..end]);
        let is_host = host
            .trim_end_matches('.')
            .split_once('.')
            .is_some_and(|(front, ending)| !front.is_empty() && ending.len() > 1);
        let is_named =
            text[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
        (at != explained && is_host && is_named).then(|| Edit {
            start: at,
            end: at + sign.len(),
            to: "@".into(),
            step: StepKind::AtAndDot,
        })
    })
}

/// True for a sign that may stand for another.
fn is_stand_in(letter: char) -> bool {
    !letter.is_alphanumeric()
        && !letter.is_whitespace()
        && !matches!(
            letter,
            '.' | ',' | ':' | ';' | '@' | '(' | ')' | '"' | '\'' | '-' | '/' | '?' | '_'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_replaced_as_told() {
        for (text, place) in [
            ("rose✿example.com (✿ = @)", Some(4)),
            ("rose#example.com, put @ for #", Some(4)),
            ("rose*example.com", None),
            ("5* hotel @ the sea, rose.example", None),
        ] {
            assert_eq!(edits(text).first().map(|edit| edit.start), place, "{text}");
        }
    }
}
