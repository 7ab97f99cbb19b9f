//! The place where disguises are taken off before selectors are looked for.
//!
//! [`fold`] undoes what can be told from a character and its neighbours: other styles and scripts of digits and
//! letters, characters that cannot be seen, HTML codes and tags in plain text, letters of other scripts that look
//! like Latin ones, text that is shown from its end. [`signs::view`] goes further where a text asks for it: signs
//! written as words and letters written apart. Telephone numbers in words are another matter, since whether `for`
//! is a 4 can only be judged with the whole number in sight; `phone/disguised` does that.
//!
//! Every folded byte remembers which bytes of the original it came from, so spans always refer to the text as it
//! stood; and every change is marked with the step that made it, so a find can tell how it was read.

mod areas;
mod backwards;
mod balls;
pub(in crate::selectors) mod direction;
mod entities;
mod folded;
pub(super) mod look_alikes;
mod markup;
pub(super) mod otherwise;
mod prices;
pub(super) mod signs;
mod spaced;
mod styles;

pub(in crate::selectors) use prices::MONEY;

use direction::Reading;
use sightline_model::StepKind;

pub(super) use folded::Edit;
pub use folded::Folded;
pub(crate) use styles::is_invisible;

/// Takes the disguises off that can be told from characters. A text that wears none is returned as it is.
pub(super) fn fold(text: &str) -> Folded<'_> {
    fold_by(text, Reading::AsShown)
}

/// Does the same, read one way or the other.
pub(super) fn fold_by(text: &str, reading: Reading) -> Folded<'_> {
    let folded = match reading == Reading::AsShown && direction::is_turned(text) {
        true => {
            let shown = direction::shown(text);
            shown.refolded(fold_characters(&shown.text))
        }
        false if needs_folding(text) => fold_characters(text),
        false => Folded::as_written(text),
    };
    if folded.text.is_ascii() {
        return folded;
    }
    let edits = look_alikes::edits(&folded.text);
    match edits.is_empty() {
        true => folded,
        false => folded.edited(&edits),
    }
}

/// True where a text holds anything that [`fold_characters`] might change; most do not.
fn needs_folding(text: &str) -> bool {
    let has_code = || memchr::memmem::find(text.as_bytes(), b"&").is_some();
    let has_tag = || {
        memchr::memchr_iter(b'<', text.as_bytes()).any(|at| markup::length(&text[at..]).is_some())
    };
    let has_forum = || memchr::memmem::find(text.as_bytes(), b"[/").is_some();
    let has_plus = || {
        memchr::memchr_iter(b'%', text.as_bytes())
            .any(|at| text[at..].starts_with("%40") || text[..at].ends_with(':'))
    };
    let is_other = |letter| {
        styles::is_styled(letter)
            || matches!(
                letter,
                '➕' | '﹢'
                    | '⁺'
                    | '₊'
                    | '✚'
                    | '✛'
                    | '🞡'
                    | '🞢'
                    | '᛭'
                    | '﹫'
                    | '﹒'
                    | '․'
                    | '⸱'
                    | '‧'
                    | '・'
                    | '･'
                    | '∙'
                    | '⋅'
                    | '⭕'
            )
            || balls::is_ball(letter)
    };
    !text.is_ascii() && (text.chars().any(is_other) || styles::has_thin_gaps(text))
        || has_code()
        || has_tag()
        || has_forum()
        || has_plus()
}

fn fold_characters(text: &str) -> Folded<'_> {
    let mut folded = Folded::with_capacity(text.len());
    let scripts = styles::Scripts::of(text);
    let has_thin_gaps = styles::has_thin_gaps(text);
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let end = at + letter.len_utf8();
        let rest = &text[at..];
        at = match letter {
            '&' => match entities::read(rest) {
                Some((to, length)) => {
                    let mut bytes = [0; 4];
                    // What a code stands for may itself be a disguise.
                    let to = styles::fold(to, &scripts)
                        .map_or_else(|| to.encode_utf8(&mut bytes).to_owned(), |(to, _)| to);
                    folded.write(&to, (at, at + length), Some(StepKind::Entities));
                    at + length
                }
                None => keep(&mut folded, letter, at, end),
            },
            // `tel:%2B1…`: in a web address it stays, since it is the address.
            '%' if folded.text.ends_with(':')
                && (rest.starts_with("%2B") || rest.starts_with("%2b")) =>
            {
                folded.write("+", (at, at + 3), None);
                at + 3
            }
            // `mailto:rose%40example.com`.
            '%' if rest.starts_with("%40")
                && folded
                    .text
                    .ends_with(|before: char| before.is_ascii_alphanumeric())
                && entities::follows_mailto(&folded.text) =>
            {
                folded.write("@", (at, at + 3), None);
                at + 3
            }
            '<' => match markup::length(rest) {
                Some((length, stands_for)) => {
                    let step = Some(StepKind::Markup);
                    folded.write(stands_for, (at, at + length), step);
                    at + length
                }
                None => keep(&mut folded, letter, at, end),
            },
            '[' => match markup::forum(rest) {
                Some(length) if text.contains("[/") => {
                    folded.write("", (at, at + length), Some(StepKind::Markup));
                    at + length
                }
                _ => keep(&mut folded, letter, at, end),
            },
            // An a in a ring that stands where an at sign would.
            'ⓐ' | 'Ⓐ' | '🅐' | '🄰' | '🅰' | '﹫' | '🇦'
                if letter == '﹫' || is_ringed_at(&text[..at], &text[end..]) =>
            {
                folded.write("@", (at, end), Some(StepKind::AtAndDot));
                end
            }
            '﹒' | '․' | '⸱' | '‧' | '・' | '･' | '∙' | '⋅'
                if touches_words(&text[..at], &text[end..]) =>
            {
                folded.write(".", (at, end), Some(StepKind::AtAndDot));
                end
            }
            // `example⚫com`: a ball where a host has its dots.
            letter
                if balls::is_ball(letter)
                    && touches_words(&text[..at], text[end..].trim_start_matches('\u{fe0f}'))
                    && balls::is_within_host(&text[end..]) =>
            {
                folded.write(".", (at, end), Some(StepKind::AtAndDot));
                end
            }
            // `➕44 7700 900123`: a plus sign of another style that begins a number.
            '➕' | '﹢' | '⁺' | '₊' | '✚' | '✛' | '🞡' | '🞢' | '᛭'
                if styles::begins_number(&folded.text, &text[end..]) =>
            {
                folded.write("+", (at, end), Some(StepKind::FullWidth));
                end
            }
            // A ring or a ball among keycaps stands for the digit that it looks like.
            '⭕' | '🅾' | '🎱' if styles::is_among_keycaps(text, at, end) => {
                let digit = if letter == '🎱' { "8" } else { "0" };
                folded.write(digit, (at, end), Some(StepKind::Keycaps));
                end
            }
            _ if letter.is_ascii() => keep(&mut folded, letter, at, end),
            _ if has_thin_gaps && styles::is_thin_space(letter) => {
                folded.push(' ', (at, end));
                end
            }
            // A digit that is crossed out, underlined or circled is that digit.
            _ if styles::is_mark_on_digit(letter)
                && letter != '\u{20e3}'
                && folded
                    .text
                    .ends_with(|before: char| before.is_ascii_digit()) =>
            {
                let place = folded.text.len();
                folded.mark(place - 1, place, StepKind::Circled);
                end
            }
            _ if is_invisible(letter) => {
                let place = folded.text.len();
                // A selector for how an emoji looks hides nothing.
                let chooses_look = matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{200d}')
                    && !folded
                        .text
                        .ends_with(|before: char| before.is_ascii_alphanumeric());
                if letter == '\u{20e3}' {
                    // The keycap is on the digit before it.
                    if folded.text.ends_with(|before: char| before.is_ascii()) {
                        folded.mark(place - 1, place, StepKind::Keycaps);
                    }
                } else if !chooses_look && !rest[letter.len_utf8()..].starts_with('\u{20e3}') {
                    folded.mark(place, place, StepKind::Invisible);
                }
                end
            }
            _ => match styles::fold(letter, &scripts) {
                Some((to, step)) => {
                    folded.write(&to, (at, end), Some(step));
                    end
                }
                None => keep(&mut folded, letter, at, end),
            },
        };
    }
    // A mark may have been set back onto the character before it.
    folded.sort_marks();
    folded
}

/// True between a name and a host in plain letters.
fn is_ringed_at(before: &str, behind: &str) -> bool {
    let before = before.trim_end_matches([' ', '\u{fe0f}']);
    let behind = behind.trim_start_matches([' ', '\u{fe0f}']);
    let host = behind
        .find(|letter: char| {
            !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-') || is_dot(letter))
        })
        .map_or(behind, |end| &behind[..end]);
    let is_host = host
        .trim_end_matches(|letter: char| letter == '.' || is_dot(letter))
        .rsplit_once(|letter: char| letter == '.' || is_dot(letter))
        .is_some_and(|(front, ending)| !front.is_empty() && ending.len() > 1);
    is_host && before.ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
}

/// True for signs that people set where a dot should be.
fn is_dot(letter: char) -> bool {
    matches!(
        letter,
        '·' | '•' | '∙' | '⋅' | '・' | 'ㆍ' | '。' | '｡' | '．' | '․' | '⸱' | '‧' | '﹒'
    )
}

fn touches_words(before: &str, behind: &str) -> bool {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '０'..='９');
    before.ends_with(is_of_word) && behind.starts_with(is_of_word)
}

fn keep(folded: &mut Folded<'_>, letter: char, start: usize, end: usize) -> usize {
    folded.push(letter, (start, end));
    end
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn characters_are_folded_and_their_steps_told() {
        use StepKind::*;
        for (text, plain, steps) in [
            ("plain 123", "plain 123", &[][..]),
            ("café", "café", &[]),
            ("４１５", "415", &[FullWidth]),
            ("電話４１５", "電話415", &[NativeDigits]),
            ("a4\u{200b}1\u{ad}5", "a415", &[Invisible]),
            ("call ٤١٥", "call 415", &[ForeignDigits]),
            ("اتصل ٤١٥", "اتصل 415", &[NativeDigits]),
            ("𝟜𝟙𝟝", "415", &[Mathematical]),
            ("④①⓪⑩❺➏", "4101056", &[Circled]),
            ("⑷⒈", "41", &[Circled]),
            ("⁴₁⁵", "415", &[Superscript]),
            ("4\u{fe0f}\u{20e3}1\u{20e3}🔟", "4110", &[Keycaps]),
            ("𝓻𝓸𝓼𝓮 ⓡ🅡🄡🆁", "rose rRRR", &[StyledLetters]),
            ("&#52;&#x31;5&commat;", "415@", &[Entities]),
            ("4<b>1</b><!-- 9 -->5", "415", &[Markup]),
            ("Call me <tel:415>", "Call me <tel:415>", &[]),
            ("a\u{202e}514\u{202c}b", "a415b", &[Reversed]),
            ("r\u{43e}se", "rose", &[LookAlikes]),
            ("роса", "роса", &[]),
            ("㈡㊂ ㈨", "23 9", &[Circled]),
            (
                "2\u{fe0f}\u{20e3}⭕2\u{20e3} 🎱 5\u{20e3}",
                "202 8 5",
                &[Keycaps],
            ),
            ("⭕ one 2\u{20e3} two", "⭕ one 2 two", &[Keycaps]),
            ("I ❤\u{fe0f} it", "I ❤ it", &[]),
        ] {
            let folded = fold(text);
            assert_eq!(folded.text, plain, "{text}");
            assert_eq!(folded.steps(0, folded.text.len()), steps, "{text}");
        }
    }

    #[test]
    fn folded_spans_lead_back_to_the_original() {
        for (text, part, raw) in [
            ("é ４１５\u{200b}٥ x", "4155", "４１５\u{200b}٥"),
            ("x &#52;1 y", "41", "&#52;1"),
            ("x 4<i>1</i>", "41", "4<i>1"),
            ("x\u{202e}514\u{202c}y", "415", "514"),
        ] {
            let folded = fold(text);
            let at = folded.text.find(part).unwrap();
            let (start, end) = folded.origin(at, at + part.len());
            assert_eq!(&text[start..end], raw);
        }
    }

    #[test]
    fn what_was_left_out_counts_only_inside() {
        let folded = fold("\u{200b}41\u{200b}5\u{200b}");
        assert_eq!(folded.text, "415");
        assert_eq!(folded.steps(0, 2), []);
        assert_eq!(folded.steps(0, 3), [StepKind::Invisible]);
    }

    #[test]
    fn plain_texts_are_not_copied() {
        for text in ["plain 123", "café", "a < b & c"] {
            let folded = fold(text);
            assert!(
                matches!(folded.text, Cow::Borrowed(_)) || text.contains('&'),
                "{text}"
            );
        }
    }

    #[test]
    fn edits_keep_the_way_back_and_the_steps() {
        let folded = fold("４ (at) 5");
        let edited = folded.edited(&[Edit {
            start: 1,
            end: 7,
            to: "@".into(),
            step: StepKind::AtAndDot,
        }]);
        assert_eq!(edited.text, "4@5");
        assert_eq!(edited.origin(1, 2), (3, 9));
        assert_eq!(
            edited.steps(0, 3),
            [StepKind::FullWidth, StepKind::AtAndDot]
        );
        assert_eq!(edited.steps(2, 3), []);
    }
}
