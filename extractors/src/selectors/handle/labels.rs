//! Names by what stands around them: a platform's word and a sign before them, or an at sign of their own.

use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{
    Context, any_name,
    everyday::{
        FILLERS, NOT_AT, NOT_NAMES, is_everyday, is_ideographic, is_joining, is_naming,
        is_ornament, is_picture, is_pointer, is_repeated, is_wide, looks_inflected, naming_prefix,
    },
    find_at,
    words::{self, Label},
};

/// How far around an at sign a platform's word is looked for, in bytes.
const NEAR: usize = 40;
/// How many names one text gives.
const NAMES: usize = 500;

/// Names behind labels, then names behind at signs.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    let labels = labels(text);
    let before = finds.len();
    let mut index = 0;
    while index < labels.len() {
        // `IG / TikTok: name` is one name on both.
        let mut last = index;
        while labels
            .get(last + 1)
            .is_some_and(|next| is_joint(&text[labels[last].end..next.start]))
        {
            last += 1;
        }
        let is_everyday = is_everyday(&text[labels[index].start..labels[index].end]);
        let name = name_behind(text, &labels[last], context).or_else(|| match is_everyday {
            true => None,
            false => name_before(text, &labels[index], context),
        });
        if let Some(name) = name {
            let mut taken = false;
            for label in &labels[index..=last] {
                let Some(value) = label.word.platform.name_of(&text[name.start..name.end]) else {
                    continue;
                };
                let end = name.start + value.len();
                finds.push(labelled(text, (name.start, end), label, &value));
                taken = true;
            }
            if taken {
                index = last + 1;
                continue;
            }
        }
        index += 1;
    }
    finds.truncate(before + NAMES);
    let mut found: Vec<_> = finds[before..]
        .iter()
        .map(|find| (find.start, find.end))
        .collect();
    found.sort_unstable();
    behind_at_signs(text, context, &labels, &found, finds);
}

fn labelled(text: &str, span: (usize, usize), label: &Label, value: &str) -> Find {
    let selector = Selector::new(
        Kind::Handle,
        format!("{}/{value}", label.word.platform.name),
    );
    let mut steps: Vec<Step> = Vec::new();
    if label.word.is_spaced {
        steps.push(StepKind::Spaced.into());
    }
    steps.push(StepKind::Label.into());
    if value != &text[span.0..span.1] {
        steps.push("lower_case".into());
    }
    find_at(text, span, selector, Confidence::Inferred, steps)
}

/// The platforms' words in the text that stand by themselves.
fn labels(text: &str) -> Vec<Label> {
    words::find_iter(text)
        .filter(|found| {
            let before = text[..found.start].chars().next_back();
            let behind = text[found.end..].chars().next();
            // `lotus.ig` and `my_snap` are parts of names.
            let label = &text[found.start..found.end];
            let is_apart = |letter: Option<char>| {
                letter.is_none_or(|letter| {
                    is_ideographic(letter)
                        || is_wide(label)
                        || is_picture(label)
                        || !letter.is_alphanumeric()
                })
            };
            is_apart(before)
                && is_apart(behind)
                && !before.is_some_and(|letter| matches!(letter, '_' | '.' | '@' | '-'))
                && behind != Some('_')
        })
        .collect()
}

/// True where two labels share what follows: `IG/TikTok`, `IG & snap`.
fn is_joint(between: &str) -> bool {
    matches!(
        between.trim(),
        "/" | "&" | "+" | "|" | "," | "and" | "or" | "und" | "y" | "et" | "e"
    )
}

/// The name that a label is about.
struct Name {
    start: usize,
    end: usize,
}

fn name_behind(text: &str, label: &Label, context: &Context<'_>) -> Option<Name> {
    let mut at = label.end;
    // `👻snap👻 name`: pictures around a word are a sign.
    let mut signed = is_picture(&text[label.start..label.end])
        && text[..label.start].ends_with(char::is_alphanumeric);
    let mut signed_by_at = false;
    let mut fillers = 0;
    let mut names = false;
    // The name stands on the line below its label.
    let mut crossed = false;
    let is_heading = !label.word.is_weak
        && (label.start == 0 || text[..label.start].ends_with('\n'))
        && text[label.end..].starts_with('\n');
    // A platform's word in a script without spaces stands right before the name: `加微信roselane`.
    let is_wide_label = !label.word.is_weak && is_wide(&text[label.start..label.end]);
    signed |= is_wide_label;
    loop {
        let rest = &text[at..];
        let next = rest.chars().next()?;
        match next {
            ' ' | '\u{a0}' | '(' | '[' | '"' | '\'' | '*' | '>' | ')' | ']' | '.' | '{' | '<'
            | '^' => {
                at += next.len_utf8();
            }
            '号' | '號' | '是' | '搜' | '加' | '我' | '的' | '同' => {
                signed |= is_wide_label;
                at += next.len_utf8();
            }
            ':' | '：' | '=' | '~' => {
                signed = true;
                at += next.len_utf8();
            }
            _ if is_pointer(next) => {
                signed = true;
                at += next.len_utf8();
            }
            '\n' if (signed || is_heading) && !crossed => {
                crossed = true;
                at += 1;
            }
            '-' | '–' | '—' | '•' | '|' | '·'
                if text[label.end..at].ends_with(' ')
                    || rest[next.len_utf8()..].starts_with(' ') =>
            {
                signed = true;
                at += next.len_utf8();
            }
            '@' => {
                signed_by_at = true;
                at += 1;
            }
            '$' if label.word.platform.name == "cashapp" => {
                signed = true;
                at += 1;
            }
            '\t' => {
                signed = true;
                at += 1;
            }
            _ if next.is_ascii_alphanumeric() || next == '_' => {
                let word = word_at(rest, "");
                let is_filler = (!signed || names)
                    && !signed_by_at
                    && fillers < 4
                    && FILLERS
                        .iter()
                        .any(|filler| word.eq_ignore_ascii_case(filler));
                if !is_filler {
                    break;
                }
                fillers += 1;
                // "My name is", "ID:": what comes next is meant as one.
                names |= is_naming(word);
                signed |= names && word.eq_ignore_ascii_case("is");
                at += word.len();
            }
            // `ig/rose_lane22`.
            '/' | '|' if at == label.end => at += 1,
            _ if !next.is_ascii() && naming_prefix(rest) > 0 => {
                signed = true;
                at += naming_prefix(rest);
            }
            // Pictures and ornaments around the name.
            _ if is_ornament(next) => at += next.len_utf8(),
            _ => return None,
        }
        // Signs and spaces end somewhere near.
        if at > label.end + NEAR {
            return None;
        }
    }
    let token = word_at(&text[at..], label.word.platform.signs);
    let token = token
        .trim_end_matches(['.', '-', ',', ':', '#', '_'])
        .trim_end_matches("'s");
    let end = at + token.len();
    if token.is_empty() || context.is_taken(at, end) || text[end..].starts_with(['@', '/']) {
        return None;
    }
    let is_word = token.bytes().all(|byte| byte.is_ascii_alphabetic());
    let lower = token.to_ascii_lowercase();
    let accepted = match (signed_by_at, signed) {
        // "A photo of @lotus" is no one's page, "OF @lotus" is.
        (true, false) => !is_everyday(&text[label.start..label.end]),
        (true, true) => true,
        (false, true) => {
            let is_prose = is_word
                && !names
                && !is_picture(&text[label.start..label.end])
                && begins_prose(text, at, end);
            !(NOT_NAMES.contains(&lower.as_str()) || is_prose)
        }
        // Without a sign, only what no sentence would hold is a name.
        (false, false) => {
            let is_plain = match label.word.is_weak {
                true => looks_chosen(token) && !is_everyday(&text[label.start..label.end]),
                false => looks_made_up(token),
            };
            !is_word && is_plain
        }
    };
    let is_alone =
        || text[end..].trim_start_matches(' ').starts_with('\n') || text[end..].trim().is_empty();
    let is_name = signed_by_at || looks_made_up(token) || token.len() >= 6 && is_alone();
    if crossed && !is_name {
        return None;
    }
    let has_letter = token.bytes().any(|byte| byte.is_ascii_alphabetic());
    (accepted && (has_letter || signed_by_at && label.word.platform.name == "vk"))
        .then_some(Name { start: at, end })
}

/// The word at the beginning of a text: letters, digits, and the signs that are allowed in it.
fn word_at<'t>(text: &'t str, signs: &str) -> &'t str {
    let end = text
        .find(|letter: char| {
            !(letter.is_ascii_alphanumeric() || letter == '_' || signs.contains(letter))
        })
        .unwrap_or(text.len());
    &text[..end]
}

/// True where a plain word is the first of several: `Facebook: Jane Doe`, `Snap: we are open`.
fn begins_prose(text: &str, start: usize, end: usize) -> bool {
    let token = &text[start..end];
    let capital = token.starts_with(char::is_uppercase);
    let next = text[end..].strip_prefix(' ').unwrap_or_default();
    // Prose goes on in its own script.
    let follows = next.starts_with(|letter: char| letter.is_alphabetic() && letter < '\u{250}');
    let next_capital = next.starts_with(char::is_uppercase);
    let goes_on = || is_joining(word_at(next, "")) && !looks_inflected(token) && token.len() >= 7;
    // A name is followed by the end of the line, a sign, another label, or a word that begins something else.
    follows && (capital == next_capital) && labels(word_at(next, "")).is_empty() && !goes_on()
}

/// True where a word has what names have and words do not: digits or signs inside.
fn looks_made_up(token: &str) -> bool {
    let inner = token.trim_matches(['.', '_', '-']);
    inner.len() >= 4
        && inner.bytes().any(|byte| byte.is_ascii_alphabetic())
        && inner
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
}

/// True for what nobody writes but as a name: letters first, and a line below or several digits among them.
fn looks_chosen(token: &str) -> bool {
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    looks_made_up(token)
        && letters >= 3
        && token.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && (token.contains('_') || token.len() >= 6)
}

/// The name before a label: `rose_lane22 on instagram`, `rose_lane22 (IG)`.
fn name_before(text: &str, label: &Label, context: &Context<'_>) -> Option<Name> {
    let before = text[..label.start].trim_end_matches([' ', '(', '[', '-', '–']);
    if label.start - before.len() > 4 {
        return None;
    }
    let bare = ["on", "en", "sur", "auf", "su", "no", "em", "my", "на", "op"]
        .iter()
        .find_map(|word| {
            let rest = before.strip_suffix(word)?;
            rest.ends_with(' ').then(|| rest.trim_end_matches(' '))
        })
        .unwrap_or(before);
    let signs = label.word.platform.signs;
    let start = bare
        .char_indices()
        .rev()
        .take_while(|(_, letter)| {
            letter.is_ascii_alphanumeric() || *letter == '_' || signs.contains(*letter)
        })
        .last()
        .map(|(at, _)| at)?;
    let token = &bare[start..];
    let is_joined = bare[..start].ends_with(|letter: char| {
        letter.is_alphanumeric() || matches!(letter, '@' | '.' | '/' | '-' | ':')
    });
    let accepted = looks_chosen(token) && !is_joined && !context.is_taken(start, bare.len());
    accepted.then_some(Name {
        start,
        end: bare.len(),
    })
}

/// `@name`: on the platform whose word is near, else on any.
fn behind_at_signs(
    text: &str,
    context: &Context<'_>,
    labels: &[Label],
    found: &[(usize, usize)],
    finds: &mut Vec<Find>,
) {
    // An abbreviation counts where it can mean nothing else: `@lotus on snap`.
    let is_meant = |label: &&Label| {
        let before = &text[..label.start];
        !label.word.is_weak
            || !is_everyday(&text[label.start..label.end])
                && [" on ", " on my ", " (", " my "]
                    .iter()
                    .any(|words| before.ends_with(words))
    };
    let words: Vec<&Label> = labels.iter().filter(is_meant).collect();
    let most = finds.len() + NAMES;
    for at in memchr::memchr_iter(b'@', text.as_bytes()) {
        let start = at + 1;
        let before = text[..at].chars().next_back();
        // An address, or a name that goes on before the sign.
        let is_joined = before.is_some_and(|letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | '@' | '/' | '+')
        });
        if is_joined && !is_repeated(&text[..at]) {
            continue;
        }
        let token = word_at(&text[start..], ".-").trim_end_matches(['.', '-']);
        let end = start + token.len();
        let behind = text[end..].chars().next();
        let goes_on = behind.is_some_and(|letter| {
            letter == '@' || letter.is_alphanumeric() && !is_ideographic(letter)
        });
        if finds.len() >= most {
            return;
        }
        let next = found.partition_point(|(_, to)| *to <= start);
        let is_known = found.get(next).is_some_and(|(from, _)| *from < end);
        if goes_on || is_known || context.is_taken(start, end) || token.len() < 3 {
            continue;
        }
        let lower = token.to_ascii_lowercase();
        if NOT_AT.contains(&lower.as_str()) {
            continue;
        }
        // The platform's word before the sign, else the one behind the name.
        let behind_sign = words.partition_point(|label| label.end <= at);
        let nearest = [
            behind_sign
                .checked_sub(1)
                .and_then(|index| words.get(index)),
            words.get(behind_sign),
        ];
        let placed = nearest.into_iter().flatten().find_map(|label| {
            let (gap_start, gap_end) = match label.end <= at {
                true => (label.end, at),
                false => (end, label.start),
            };
            let gap = text.get(gap_start..gap_end)?;
            if gap.len() > NEAR || gap.contains(['\n', '@']) {
                return None;
            }
            let name = label.word.platform.name_of(token)?;
            Some((label.word.platform.name, name, "near"))
        });
        let Some((platform, name, step)) =
            placed.or_else(|| any_name(token).map(|name| ("any", name, "at_sign")))
        else {
            continue;
        };
        let span = (start, start + name.len());
        let selector = Selector::new(Kind::Handle, format!("{platform}/{name}"));
        finds.push(find_at(
            text,
            span,
            selector,
            Confidence::Inferred,
            vec![step.into()],
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    #[test]
    fn names_are_found_by_labels_and_signs() {
        for (text, handles) in [
            ("IG @blue.lotus", vec!["instagram/blue.lotus"]),
            ("ig: blue.lotus", vec!["instagram/blue.lotus"]),
            ("insta - Blue_Lotus.", vec!["instagram/blue_lotus"]),
            ("Instagram blue_lotus22 now", vec!["instagram/blue_lotus22"]),
            ("snap: lotus_2klj", vec!["snapchat/lotus_2klj"]),
            ("snapchat name is: lotusblue", vec!["snapchat/lotusblue"]),
            ("telegram @blue_lotus", vec!["telegram/blue_lotus"]),
            (
                "TG: @blue_lotus / kik: lotus22",
                vec!["telegram/blue_lotus", "kik/lotus22"],
            ),
            ("telegram t.me/blue_lotus", vec!["telegram/blue_lotus"]),
            (
                "IG/TikTok: @bluelotus",
                vec!["instagram/bluelotus", "tiktok/bluelotus"],
            ),
            ("CashApp: $BlueLotus", vec!["cashapp/bluelotus"]),
            ("cash app $bluelotus", vec!["cashapp/bluelotus"]),
            ("wechat id: blue_lotus", vec!["wechat/blue_lotus"]),
            ("Line ID bluelotus9", vec!["line/bluelotus9"]),
            ("line: bluelotus", vec!["line/bluelotus"]),
            ("Телеграм: @blue_lotus", vec!["telegram/blue_lotus"]),
            ("follow @blue.lotus on insta", vec!["instagram/blue.lotus"]),
            ("find me @blue_lotus", vec!["any/blue_lotus"]),
            ("の@blue_lotusに", vec!["any/blue_lotus"]),
            ("a photo of @blue_lotus", vec!["any/blue_lotus"]),
            ("OF @blue_lotus", vec!["onlyfans/blue_lotus"]),
            ("add my snap and ig", vec![]),
            ("Snap: ask me", vec![]),
            ("Instagram: coming soon", vec![]),
            ("Facebook: Jane Doe", vec![]),
            ("a line of people, signal lost, of course", vec![]),
            ("meet @home or @ 5pm, a@b", vec![]),
            ("lotus@example.com", vec![]),
            ("@alíce", vec![]),
        ] {
            let finds = find_all(text, None);
            let mut values: Vec<_> = finds
                .iter()
                .filter(|find| find.selector.kind == Kind::Handle)
                .map(|find| find.selector.value.as_str())
                .collect();
            let mut handles = handles;
            values.sort_unstable();
            handles.sort_unstable();
            assert_eq!(values, handles, "{text}");
        }
    }
}
