//! Names behind their labels: `ig: rose_lane`, "my snap is rosedemo".

use super::{
    Context, before, clauses,
    everyday::{
        is_everyday, is_filler, is_ideographic, is_inviting, is_joining, is_leaving, is_naming,
        is_no_name, is_ornament, is_picture, is_place, is_pointer, is_telling, is_wide,
        looks_inflected, naming_prefix,
    },
    labels::{NEAR, labels},
    said::{at_sign_in_words, instructions},
    words::Label,
};
use crate::selectors::skim::Skim;

/// The name that a label is about.
pub(super) struct Name {
    pub start: usize,
    pub end: usize,
}

/// The name behind the last of some labels that share one; `next_label` is the one that comes after them.
pub(super) fn name(
    text: &str,
    labels: &[Label],
    context: &Context<'_>,
    next_label: Option<&Label>,
) -> Option<Name> {
    let label = labels.last()?;
    let instructions = instructions(&text[label.end..]);
    let mut at = label.end + instructions;
    // `👻snap👻 name`: pictures around a word are a sign.
    let mut signed = is_picture(&text[label.start..label.end])
        && text[..label.start].ends_with(char::is_alphanumeric);
    let mut signed_by_at = false;
    let mut fillers = 0;
    let mut names = false;
    // "My snap is", "en Instagram soy".
    // `TG ✈ rosedemo`: what says so twice means it.
    let mut told = instructions > 0
        // "Kik me, rosedemo".
        || text[label.start..label.end].to_lowercase().ends_with(" me")
        || labels.len() > 1
            && labels
                .iter()
                .all(|other| other.word.platform.name == label.word.platform.name);
    let mut comma = false;
    // The name stands on the line below its label.
    let mut crossed = false;
    let is_heading = !is_everyday(&text[label.start..label.end])
        && (label.start == 0 || text[..label.start].ends_with('\n'))
        && text[label.end..].starts_with('\n');
    // A platform's word in a script without spaces stands right before the name: `加微信roselane`.
    let is_wide_label = !label.word.is_weak && is_wide(&text[label.start..label.end]);
    signed |= is_wide_label;
    // `(snap) rosedemo`, `*IG* rosedemo`.
    let is_ringed = is_ringed(text, label);
    loop {
        let rest = &text[at..];
        let next = rest.chars().next()?;
        // `Instagram: (at)rose_lane`, `IG at-sign rose_lane`.
        if let Some(length) = at_sign_in_words(rest, signed || comma) {
            signed_by_at = true;
            at += length;
            continue;
        }
        match next {
            ' ' | '\u{a0}' | '(' | '[' | '"' | '\'' | '*' | '>' | ')' | ']' | '.' | '{' | '<'
            | '}' | '^' | '#' | '!' => {
                at += next.len_utf8();
            }
            // Particles of languages without spaces.
            '号' | '號' | '是' | '搜' | '加' | '我' | '的' | '同' | 'は' | 'の' | 'が' | 'で'
            | '는' | '은' | '이' | '가' | '로' | '索' | '叫' | '为' => {
                signed |= is_wide_label || matches!(next, '是' | '叫' | '为');
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
            '\n' if !crossed && (signed || is_heading || clauses::is_below(text, label, at)) => {
                crossed = true;
                at += 1;
            }
            // `Telegram-Name: rose_lane`.
            '-' | '_' if at == label.end && is_naming(word_at(&rest[1..], "")) => at += 1,
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
                // "Heißt", "adım": a word with letters beyond ASCII is no name, but may be told before one.
                if rest[word.len()..]
                    .starts_with(|letter: char| letter.is_alphabetic() && !is_ideographic(letter))
                {
                    let length = rest
                        .find(|letter: char| !letter.is_alphanumeric())
                        .unwrap_or(rest.len());
                    let whole = crate::selectors::words::fold(&rest[..length]);
                    if signed || fillers >= 5 || !is_filler(&whole) {
                        return None;
                    }
                    fillers += 1;
                    names |= is_naming(&whole);
                    told |= is_telling(&whole);
                    at += length;
                    continue;
                }
                let behind = rest[word.len()..].trim_start_matches(' ');
                let names_here =
                    is_naming(word) && behind.starts_with([':', '：', '=', '@', '-', '>']);
                let is_filler = (!signed || names || names_here)
                    && !signed_by_at
                    && fillers < 5
                    && is_filler(word);
                if !is_filler {
                    break;
                }
                fillers += 1;
                // "My name is", "ID:": what comes next is meant as one.
                names |= is_naming(word);
                // "Snap me rosedemo": the platform's word says what is to be done.
                told |= is_telling(word)
                    || at == label.end + 1 && fillers == 1 && word.eq_ignore_ascii_case("me");
                signed |= names && is_telling(word);
                at += word.len();
            }
            // "On Telegram, rose_lane22".
            ',' if !comma && !signed => {
                comma = true;
                at += 1;
            }
            // `Snap // rosedemo`.
            '/' | '|'
                if !signed
                    && text[label.end..at].ends_with(' ')
                    && rest[1..].starts_with(next)
                    && rest[2..].starts_with(' ') =>
            {
                signed = true;
                at += 2;
            }
            // `ig/rose_lane22`.
            '/' | '|' if at == label.end => at += 1,
            _ if !next.is_ascii() && naming_prefix(rest) > 0 => {
                told = true;
                signed |=
                    !rest[naming_prefix(rest)..].starts_with(|letter: char| letter.is_alphabetic());
                at += naming_prefix(rest);
            }
            // Pictures and ornaments around the name.
            _ if is_ornament(next) => {
                told |= at > label.end;
                at += next.len_utf8();
            }
            _ => return None,
        }
        // Signs and spaces end somewhere near.
        if at > label.end + instructions + NEAR {
            return None;
        }
    }
    let token = word_at(&text[at..], label.word.platform.signs);
    let token = token
        .trim_end_matches(['.', '-', ',', ':', '#', '_'])
        .trim_end_matches("'s");
    let end = at + token.len();
    // `snap: rose_lane (kik) other`: what stands right behind a label's own sign is on its platform, whatever comes behind it.
    let is_labels = fillers == 0 && (signed || signed_by_at || is_ringed);
    let is_nexts = next_label
        .filter(|_| !is_labels)
        .filter(|next| next.word.platform.name != label.word.platform.name)
        .is_some_and(|next| before::is_placed_on(&text[end..], next.start.saturating_sub(end)));
    if token.is_empty()
        || is_nexts
        || are_hours(token) && !signed_by_at
        // "Telegram @ night".
        || signed_by_at && text[..at].ends_with("@ ") && is_place(&token.to_lowercase())
        || text[end..].starts_with(['@', '/'])
    {
        return None;
    }
    if context.is_taken(at, end) && !context.is_doubtful(at, end) {
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
            !(is_no_name(&lower) || is_prose)
        }
        (false, false) if is_word && names && comma => {
            token.len() >= 5 && !is_no_name(&lower) && ends_clause(&text[end..])
        }
        // Without a sign, only what no sentence would hold is a name.
        (false, false) if !is_word => match label.word.is_weak {
            true => looks_chosen(token) && !is_everyday(&text[label.start..label.end]),
            false => looks_made_up(token),
        },
        // A plain word is one where it is all that is said.
        (false, false) => {
            let written = &text[label.start..label.end];
            let is_sure = match () {
                () if is_ringed || told => token.len() >= 5 && !is_everyday(written),
                () if is_picture(written) && !label.word.is_weak => token.len() >= 6,
                // "Sígueme en insta lotusdemo".
                () if !is_everyday(written) && is_invited(text, label.start) => {
                    token.len() >= 6 + usize::from(label.word.is_weak)
                }
                () if label.word.is_weak && is_whole_line(text, label, end) => {
                    token.len() >= 8 && !is_everyday(written)
                }
                () if !label.word.is_weak || is_ones_own(text, label) => {
                    token.len() >= 8 && begins_clause(text, label.start)
                }
                () => {
                    let is_loud =
                        written.len() > 1 && written.bytes().all(|byte| byte.is_ascii_uppercase());
                    is_loud
                        && !is_everyday(&written.to_lowercase())
                        && token.len() >= 6
                        && begins_clause(text, label.start)
                }
            };
            let is_loud = token.bytes().all(|byte| byte.is_ascii_uppercase());
            // "My kik is rosedemo lol", "add my snap rosedemo for pics".
            let is_followed = || {
                let next = text[end..].strip_prefix(' ').unwrap_or_default();
                let next = &next[..next
                    .find(|letter: char| !letter.is_alphanumeric())
                    .unwrap_or(next.len())];
                let is_said = told || is_invited(text, label.start);
                // "Ищи меня: тг rosedemo Ждём": a name of Latin letters ends where another script begins a sentence; and
                // "WeChat ID rosedemo Te așteptăm" says that it is one.
                let begins = next.starts_with(char::is_uppercase);
                let is_other = next.starts_with(|letter: char| letter >= '\u{370}');
                let is_id = || written.to_lowercase().ends_with("id");
                is_said && token.len() >= 7 && (is_leaving(next) || is_joining(next))
                    || begins && token.len() >= 8 && (is_said && is_other || is_id())
            };
            is_sure
                && !is_loud
                && !is_no_name(&lower)
                && !looks_inflected(token)
                && (ends_clause(&text[end..])
                    || is_followed()
                    || is_picture(written) && !begins_prose(text, at, end))
        }
    };
    let is_alone =
        || text[end..].trim_start_matches(' ').starts_with('\n') || text[end..].trim().is_empty();
    let is_name = signed_by_at || looks_made_up(token) || token.len() >= 6 && is_alone();
    let is_heading_of =
        !(crossed && label.word.is_weak && !signed) || looks_made_up(token) && is_alone();
    if crossed && !(is_name && is_heading_of)
        || comma
            && !(looks_chosen(token)
                || signed_by_at
                || told
                || names
                || token.len() >= 8 && is_invited(text, label.start) && ends_clause(&text[end..]))
    {
        return None;
    }
    let has_letter = token.bytes().any(|byte| byte.is_ascii_alphabetic());
    (accepted && (has_letter || signed_by_at && label.word.platform.name == "vk"))
        .then_some(Name { start: at, end })
}

/// True behind "my", in some languages.
pub(super) fn is_ones_own(text: &str, label: &Label) -> bool {
    let before = text[..label.start].trim_end_matches(' ');
    let word = &before[before.trim_end_matches(char::is_alphabetic).len()..];
    [
        "my", "mi", "mon", "mein", "meu", "mio", "mijn", "moj", "mój", "мой", "min",
    ]
    .contains(&word.to_lowercase().as_str())
}

/// True behind words that ask to be looked up, or behind a colon: "add me on", "find me:".
pub(super) fn is_invited(text: &str, at: usize) -> bool {
    let line = &text[text.floor_char_boundary(at.saturating_sub(NEAR))..at];
    let line = line.rsplit('\n').next().unwrap_or(line);
    let mut before = line.trim_end_matches([' ', '(', '[', '*', '!', ',']);
    if before.ends_with([':', '：']) && before.len() < line.len() {
        return true;
    }
    for _ in 0..4 {
        let word = &before[before
            .trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '-')
            .len()..];
        let lower = word.to_lowercase();
        // `Ajoute-moi`.
        let verb = lower.split('-').next().unwrap_or(&lower);
        if is_inviting(&lower) || is_inviting(verb) || is_wide(word) && invites_wide(word) {
            return true;
        }
        let is_short = word.chars().count() <= 4;
        if word.is_empty()
            || !(is_short || is_filler(&lower) || super::everyday::is_placing(&lower))
        {
            return false;
        }
        before = before[..before.len() - word.len()].trim_end_matches(' ');
    }
    false
}

/// True for an invitation in a script without spaces, at the end of what is before a label: `加我`, `แอด`.
fn invites_wide(word: &str) -> bool {
    [
        "加",
        "加我",
        "搜",
        "搜索",
        "关注",
        "關注",
        "关注我",
        "找我",
        "我的",
        "联系方式",
        "聯繫方式",
        "联系",
        "聯絡",
        "联络",
        "请加",
        "แอด",
        "ติดตาม",
        "หา",
    ]
    .iter()
    .any(|invitation| word.ends_with(invitation))
}

/// True where the label and the plain word behind it are the whole line.
fn is_whole_line(text: &str, label: &Label, end: usize) -> bool {
    let is_quiet = |letter: char| !letter.is_alphanumeric() && letter != '\n';
    let before = text[..label.start].trim_end_matches(is_quiet);
    let behind = text[end..].trim_start_matches(is_quiet);
    (before.is_empty() || before.ends_with('\n')) && (behind.is_empty() || behind.starts_with('\n'))
}

/// True for hours: `10am-10pm`, `9h-22h`.
fn are_hours(token: &str) -> bool {
    token.split(['-', '.', '_']).all(|hour| {
        let unit = hour.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let digits = hour.len() - unit.len();
        let unit = unit.to_ascii_lowercase();
        (1..=4).contains(&digits)
            && [
                "", "am", "pm", "a", "p", "h", "hs", "hrs", "hr", "uhr", "uur",
            ]
            .contains(&unit.as_str())
    })
}

/// True for a label between brackets, or between two signs of the same kind.
fn is_ringed(text: &str, label: &Label) -> bool {
    let before = text[..label.start].chars().next_back();
    let behind = text[label.end..].chars().next();
    match (before, behind) {
        (Some('('), Some(')'))
        | (Some('['), Some(']'))
        | (Some('{'), Some('}'))
        | (Some('<'), Some('>')) => true,
        (Some('【'), Some('】'))
        | (Some('「'), Some('」'))
        | (Some('『'), Some('』'))
        | (Some('《'), Some('》'))
        | (Some('«'), Some('»')) => true,
        (Some(before), Some(behind)) => {
            before == behind
                && !before.is_alphanumeric()
                && !before.is_whitespace()
                && !matches!(before, ',' | '.' | ')' | '(' | '\'')
        }
        _ => false,
    }
}

/// True where nothing that is said goes on before a place, but "my", "on" and the like.
pub(super) fn begins_clause(text: &str, at: usize) -> bool {
    let mut before = text[..at].trim_end_matches([' ', '(', '[', '*']);
    for _ in 0..2 {
        let word = &before[before
            .trim_end_matches(|letter: char| letter.is_alphabetic())
            .len()..];
        if word.is_empty() || !(is_filler(word) || super::everyday::is_placing(word)) {
            break;
        }
        before = before[..before.len() - word.len()].trim_end_matches(' ');
    }
    // A stroke with a space behind it begins an item of a list.
    let is_item =
        before.ends_with('-') && before.len() < at && text[before.len()..].starts_with(' ');
    is_item
        || !before.ends_with(|letter: char| {
            letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '@' | '$' | '-')
        })
}

/// True where what is said ends: at the end of the line, or at a sign that ends it.
pub(super) fn ends_clause(behind: &str) -> bool {
    let behind = behind.trim_start_matches(' ');
    let mut letters = behind.chars();
    match letters.next() {
        None => true,
        Some('.' | '!' | '?') => letters.next().is_none_or(|next| !next.is_alphanumeric()),
        Some('\'' | '’' | '@' | '-' | '&' | '+' | '$') => false,
        Some(letter) => !letter.is_alphanumeric(),
    }
}

/// The word at the beginning of a text: letters, digits, and the signs that are allowed in it.
pub(super) fn word_at<'t>(text: &'t str, signs: &str) -> &'t str {
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
    let goes_on = || {
        let next = word_at(next, "");
        is_joining(next) && !looks_inflected(token) && token.len() >= 7
            // `LINE: rosedemo xx`.
            || is_leaving(next) && token.len() >= 5
    };
    // A name is followed by the end of the line, a sign, another label, or a word that begins something else.
    follows
        && (capital == next_capital)
        && labels(word_at(next, ""), &Skim::nothing()).is_empty()
        && !goes_on()
}

/// True where a word has what names have and words do not: digits or signs inside.
pub(super) fn looks_made_up(token: &str) -> bool {
    let inner = token.trim_matches(['.', '_', '-']);
    inner.len() >= 4
        && inner.bytes().any(|byte| byte.is_ascii_alphabetic())
        && inner
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
}

/// True for what nobody writes but as a name: letters first, and a line below or several digits among them.
pub(super) fn looks_chosen(token: &str) -> bool {
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    looks_made_up(token)
        && letters >= 3
        && token.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && (token.contains('_') || token.len() >= 6)
}
