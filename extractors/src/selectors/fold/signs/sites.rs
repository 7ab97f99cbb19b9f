//! Places where a sign may stand in another form: as a word, in brackets, or with white space around it.

use super::{
    around::{Around, Ring, end_of_aside},
    names::{self, ENDINGS, EVERYDAY, FIRST},
};
use crate::selectors::{
    known,
    skim::{Skim, role},
    words::{self, Sign},
};

/// A sign in another form, with the brackets and spaces that go with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub start: usize,
    pub end: usize,
    pub sign: Sign,
    pub form: Form,
}

/// How plainly a sign is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// `(at)`, `[.]`, `roseATexample`: nobody writes it for anything else.
    Certain,
    /// `arroba`, `dot`: a word that is seldom said for anything else.
    Word,
    /// `at`, `point`: a word that is mostly said for something else.
    Everyday,
    /// The sign itself, with white space around it.
    Apart,
    /// An at sign at which a line is broken.
    Broken,
}

/// All sites of a text, in order.
pub(super) fn sites(text: &str, skim: &Skim) -> Vec<Site> {
    let mut sites = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    loop {
        at = skim.next(bytes, at, role::SIGN);
        let Some(&byte) = bytes.get(at) else {
            break;
        };
        if byte.is_ascii_alphabetic() || byte >= 128 {
            let end = word_end(text, at);
            let end = leet(text, at, end, &mut sites).unwrap_or_else(|| {
                word(text, at, end, &mut sites);
                end
            });
            // A name of several words is passed as a whole.
            let passed = sites.last().map_or(0, |site| site.end);
            at = end.max(at + 1).max(passed);
        } else {
            let end = match byte {
                b'@' => leet(text, at, at, &mut sites),
                _ => None,
            };
            if end.is_none() && may_be_told(byte) {
                sign(text, at, &mut sites);
            }
            at = end.unwrap_or(at + 1);
        }
    }
    sites
}

/// True for a sign that may be set apart where an address has it.
pub(in crate::selectors) fn may_be_told(sign: u8) -> bool {
    matches!(sign, b'@' | b'.' | b',' | b'/' | b'_')
}

/// True for a plain word that may be a sign, or hold one between capitals.
pub(in crate::selectors) fn may_be_sign(word: &str) -> bool {
    word.len() > 3 && has_capitals_inside(word) || names::may_be_sign(word)
}

/// A sign word with figures for letters: `arr0ba`, `d0t`, `@rroba`; where it ends.
fn leet(text: &str, start: usize, end: usize, sites: &mut Vec<Site>) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_figure = |byte: &u8| matches!(byte, b'0' | b'1' | b'3' | b'4' | b'@');
    if !(bytes.get(end).is_some_and(is_figure)
        && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic))
    {
        return None;
    }
    let length = bytes[start..]
        .iter()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphabetic() || is_figure(byte))
        .count();
    let stop = start + length;
    let begins =
        start == 0 || !bytes[start - 1].is_ascii_alphanumeric() && bytes[start - 1] != b'.';
    if length > 14
        || !begins
        || bytes
            .get(stop)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
    {
        return None;
    }
    let plain: String = text[start..stop]
        .chars()
        .map(|letter| match letter {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            other => other.to_ascii_lowercase(),
        })
        .collect();
    let (sign, is_weak) = words::sign(&plain)?;
    let around = Around::of(text, start, stop);
    let form = match around.ring {
        Ring::Strong => Form::Certain,
        // `rose @t example d0t com`: nobody writes `@t` for anything else.
        _ if text[start..].starts_with("@t ") => Form::Word,
        _ if is_weak || plain.len() < 3 => return None,
        _ => Form::Word,
    };
    sites.push(Site {
        start: around.start,
        end: around.end,
        sign,
        form,
    });
    Some(around.end.max(stop))
}

fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let ascii = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let end = start + ascii;
    if bytes.get(end).is_none_or(u8::is_ascii) {
        return end;
    }
    let is_unspaced = text[start..].chars().next().is_some_and(words::is_unspaced);
    text[start..]
        .find(|letter: char| {
            let goes_on = letter.is_alphabetic() || matches!(letter, '\u{300}'..='\u{36f}');
            // Scripts without spaces touch others: `roseアットexample`.
            !goes_on
                || !letter.is_ascii() && words::is_unspaced(letter) != is_unspaced
                || letter.is_ascii() && is_unspaced
        })
        .map_or(text.len(), |length| start + length)
        // A sign or an emoji is passed as a whole.
        .max(start + text[start..].chars().next().map_or(1, char::len_utf8))
}

fn word(text: &str, start: usize, end: usize, sites: &mut Vec<Site>) {
    let written = &text[start..end];
    if written.len() > 3 && written.is_ascii() && has_capitals_inside(written) {
        let known = sites.len();
        glued(text, written, start, sites);
        if sites.len() == known {
            before_ending(text, start, &words::fold(written), sites);
        }
        return;
    }
    let is_plain = written.is_ascii();
    if is_plain && !names::may_be_sign(written) {
        return;
    }
    let folded = words::fold(written);
    let (end, sign) = match several(text, end, &folded) {
        Some((end, sign)) => (end_of_aside(text, start, end), Some((sign, false))),
        // `rose圈aexample点com`: an a in a ring, whose name touches what follows.
        None if written == "圈" && text[end..].starts_with(['a', 'A']) => {
            (end + 1, Some((Sign::At, false)))
        }
        None => match &*folded {
            // Only in brackets.
            "a" | "ä" | "æ" => (end, Some((Sign::At, true))),
            "d" | "p" => (end, Some((Sign::Dot, true))),
            other => match words::sign(other) {
                Some(sign) => (end_of_aside(text, start, end), Some(sign)),
                None => (end, None),
            },
        },
    };
    let Some((sign, is_weak)) = sign.filter(|(sign, _)| *sign != Sign::Space) else {
        return before_ending(text, start, &folded, sites);
    };
    let around = Around::of(text, start, end);
    // A full stop of another script is a dot where it stands inside a Latin word, `example。com`, or in brackets.
    let touches_latin = || {
        let bytes = text.as_bytes();
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        let part = text[end..].split(|letter: char| !letter.is_ascii_alphanumeric());
        let behind = part.into_iter().next().unwrap_or_default();
        let goes_on = bytes.get(end + behind.len());
        before.is_some_and(u8::is_ascii_alphanumeric)
            && !behind.is_empty()
            && !matches!(goes_on, Some(b'_' | b'@'))
    };
    if !written.starts_with(char::is_alphabetic) && around.ring != Ring::Strong && !touches_latin()
    {
        return;
    }
    let form = match around.ring {
        Ring::Strong => Form::Certain,
        // "example period com".
        _ if is_weak && sign == Sign::Dot && begins_with_ending(&text[around.end..]) => {
            Form::Everyday
        }
        _ if is_weak => return,
        Ring::None if EVERYDAY.contains(&&*folded) => Form::Everyday,
        Ring::None | Ring::Weak => Form::Word,
    };
    sites.push(Site {
        start: around.start,
        end: around.end,
        sign,
        form,
    });
}

/// True for an ending that most domains have, and no word.
fn begins_with_ending(text: &str) -> bool {
    let length = text
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    ["com", "net", "org"]
        .iter()
        .any(|ending| ending.eq_ignore_ascii_case(&text[..length]))
}

/// The sign whose name is of several words, of which `folded` is the first and ends at `end`; where it ends.
fn several(text: &str, end: usize, folded: &str) -> Option<(usize, Sign)> {
    if !FIRST.contains(&folded) {
        return None;
    }
    let mut name = folded.to_owned();
    let mut at = end;
    let mut found = None;
    for _ in 0..2 {
        let rest = text[at..].strip_prefix([' ', '-', '_'])?;
        let start = text.len() - rest.len();
        let length = rest
            .find(|letter: char| !letter.is_alphabetic())
            .unwrap_or(rest.len());
        if length == 0 || length > 24 {
            break;
        }
        name.push_str(&words::fold(&rest[..length]));
        at = start + length;
        found = words::sign(&name).map(|(sign, _)| (at, sign)).or(found);
        if !text[at..].starts_with([' ', '-', '_']) {
            break;
        }
    }
    found
}

/// `example dotcom`, `example puntocom`: a sign word that an ending has grown on to.
fn before_ending(text: &str, start: usize, folded: &str, sites: &mut Vec<Site>) {
    let ending = ENDINGS.iter().find_map(|ending| {
        let word = folded.strip_suffix(ending)?;
        matches!(words::sign(word), Some((Sign::Dot, false))).then_some(*ending)
    });
    let Some(ending) = ending.filter(|_| text[..start].ends_with(' ')) else {
        return;
    };
    let length = text[start..]
        .find(|letter: char| !letter.is_alphabetic())
        .unwrap_or(text.len() - start);
    sites.push(Site {
        start: text[..start].trim_end_matches(' ').len(),
        end: start + length - ending.len(),
        sign: Sign::Dot,
        form: Form::Word,
    });
}

/// A sign itself, where brackets or white space are around it.
fn sign(text: &str, at: usize, sites: &mut Vec<Site>) {
    let bytes = text.as_bytes();
    let touches = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    // Most dots end a sentence, with one space behind and words on both sides: what follows comes to the same.
    if bytes[at] == b'.'
        && bytes.get(at + 1) == Some(&b' ')
        && touches(bytes.get(at + 2))
        && touches(at.checked_sub(1).and_then(|at| bytes.get(at)))
    {
        sites.push(Site {
            start: at,
            end: at + 2,
            sign: Sign::Dot,
            form: Form::Apart,
        });
        return;
    }
    // Most signs touch what they belong to.
    if touches(bytes.get(at + 1)) && at > 0 && touches(bytes.get(at - 1)) {
        if bytes[at] == b',' && is_comma_for_dot(text, at) {
            sites.push(Site {
                start: at,
                end: at + 1,
                sign: Sign::Dot,
                form: Form::Everyday,
            });
        }
        return;
    }
    if bytes[at] == b'_' {
        // `rose _ lane`.
        let is_space = |byte: Option<&u8>| byte == Some(&b' ');
        if is_space(bytes.get(at + 1)) && at > 0 && is_space(bytes.get(at - 1)) {
            sites.push(Site {
                start: at - 1,
                end: at + 2,
                sign: Sign::Underscore,
                form: Form::Word,
            });
        }
        return;
    }
    if bytes[at] == b'.' && opens_ending(text, at) {
        sites.push(Site {
            start: text[..at - 1].trim_end_matches(' ').len(),
            end: at + 1,
            sign: Sign::Dot,
            form: Form::Certain,
        });
        return;
    }
    let sign = match bytes[at] {
        b'@' => Sign::At,
        b'/' => Sign::Slash,
        _ => Sign::Dot,
    };
    let is_bracket = |byte: Option<&u8>| {
        byte.is_some_and(|byte| matches!(byte, b'(' | b'[' | b'{' | b'<' | b' '))
    };
    let is_comma = matches!(bytes[at], b',' | b'/');
    if is_comma && !is_bracket(at.checked_sub(1).and_then(|at| bytes.get(at))) {
        return;
    }
    let around = Around::of(text, at, at + 1);
    let form = match around.ring {
        // `(,)`; a comma between other signs is a comma.
        Ring::Strong if is_comma && !around.has_bracket => return,
        Ring::Strong => Form::Certain,
        _ if is_comma => return,
        Ring::Weak if sign == Sign::At => Form::Apart,
        Ring::Weak => return,
        Ring::None if let Some(site) = on_lines(text, at, sign) => {
            sites.push(site);
            return;
        }
        Ring::None if around.start < at || around.end > at + 1 => Form::Apart,
        Ring::None => return,
    };
    sites.push(Site {
        start: around.start,
        end: around.end,
        sign,
        form,
    });
}

/// `rose@example,com`, `www.example,com`, `instagram,com/rose`: a comma where an address has its last dot.
fn is_comma_for_dot(text: &str, at: usize) -> bool {
    let behind = &text[at + 1..];
    let length = behind
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(behind.len());
    let before = &text[..at];
    let word = before
        .rfind(|letter: char| letter.is_whitespace() || matches!(letter, '(' | '<' | '"'))
        .map_or(before, |last| {
            before[last..].trim_start_matches(|letter: char| !letter.is_alphanumeric())
        });
    let host = word.rsplit(['@', '/']).next().unwrap_or(word);
    let name = || {
        format!("{host},{}", &behind[..length])
            .replace(',', ".")
            .to_lowercase()
    };
    // `rose@mail,example,com`.
    let goes_on = |rest: &str| {
        let last = rest.strip_prefix(',').unwrap_or_default();
        let end = last.find(|letter: char| !letter.is_ascii_alphanumeric());
        known::may_be_common(&last[..end.unwrap_or(last.len())])
    };
    (2..=63).contains(&length)
        && host.len() < 64
        && (word.contains('@')
            && (known::may_be_common(&behind[..length]) || goes_on(&behind[length..]))
            || word.starts_with("www") && known::may_be_common(&behind[..length])
            || behind[length..].starts_with('/') && known::is_platform_host(&name()))
}

/// `example[.com]`, `example(.net)`.
fn opens_ending(text: &str, at: usize) -> bool {
    let rest = &text[at + 1..];
    let length = rest
        .find(|letter: char| !letter.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let is_closed = matches!(
        (
            at.checked_sub(1).map(|at| text.as_bytes()[at]),
            rest.as_bytes().get(length)
        ),
        (Some(b'['), Some(b']')) | (Some(b'('), Some(b')')) | (Some(b'{'), Some(b'}'))
    );
    is_closed && known::may_be_common(&rest[..length])
}

/// An at sign at the end or the beginning of a line, or on one of its own: `rose@`, and `example.com` below; and a dot
/// so within an address.
fn on_lines(text: &str, at: usize, sign: Sign) -> Option<Site> {
    let before = text[..at].trim_end_matches([' ', '\n']);
    let behind = text[at + 1..].trim_start_matches([' ', '\n']);
    let (start, end) = (before.len(), text.len() - behind.len());
    let breaks = |part: &str| part.matches('\n').count();
    let (above, below) = (breaks(&text[start..at]), breaks(&text[at..end]));
    let is_so = (1..=2).contains(&(above + below))
        && before.ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
        && behind.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    // A full stop at the end of a line ends a sentence, unless an address is before it.
    let is_dot = || {
        let word = before.rsplit([' ', '\n']).next().unwrap_or_default();
        let length = behind
            .find(|letter: char| !letter.is_ascii_alphanumeric())
            .unwrap_or(behind.len());
        above > 0 && known::may_be_common(&behind[..length]) || word.contains('@')
    };
    (is_so && (sign == Sign::At || sign == Sign::Dot && is_dot())).then_some(Site {
        start,
        end,
        sign,
        form: Form::Broken,
    })
}

fn has_capitals_inside(word: &str) -> bool {
    // Most words have none behind the first letter.
    if !word
        .bytes()
        .skip(1)
        .any(|letter| letter.is_ascii_uppercase())
    {
        return false;
    }
    let begins = |sign: &str| {
        word.strip_prefix(sign)
            .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_lowercase()))
    };
    word.as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        || begins("AT")
        || begins("DOT")
}

/// `roseATexampleDOTcom`.
fn glued(text: &str, word: &str, start: usize, sites: &mut Vec<Site>) {
    let bytes = word.as_bytes();
    // `rose22ATexample`.
    let goes_on = text[..start].ends_with(|letter: char| letter.is_ascii_digit() || letter == '_');
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_uppercase())
            .count();
        let sign = match &bytes[at..at + length] {
            b"AT" => Some(Sign::At),
            b"DOT" => Some(Sign::Dot),
            _ => None,
        };
        if let Some(sign) = sign.filter(|_| (at > 0 || goes_on) && at + length < bytes.len()) {
            sites.push(Site {
                start: start + at,
                end: start + at + length,
                sign,
                form: Form::Certain,
            });
        }
        at += length.max(1);
    }
}
