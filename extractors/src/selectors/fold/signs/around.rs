//! What is set around a sign: brackets, ornaments, white space.

/// The most signs on one side of a site that go with it: a row of dots is a row of dots.
const SIGNS: usize = 3;

/// The spaces and signs that go with a sign.
pub(super) struct Around {
    pub start: usize,
    pub end: usize,
    pub ring: Ring,
    /// True where one of the signs is a bracket.
    pub has_bracket: bool,
}

/// What stands on both sides of a sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ring {
    None,
    /// A sign that words have too: `-at-`, `"at"`.
    Weak,
    /// Brackets, or a sign that nothing else is written with: `(at)`, `*at*`, `💋at💋`.
    Strong,
}

impl Around {
    /// What is around `text[start..end]`: the same on both sides, whatever it is, was put there on purpose.
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let left = text[..start].trim_end_matches(' ');
        let right = text[end..].trim_start_matches(' ');
        let mut around = Self {
            start: left.len(),
            end: text.len() - right.len(),
            ring: Ring::None,
            has_bracket: false,
        };
        let mut pairs = left.chars().rev().zip(right.chars());
        for _ in 0..SIGNS {
            let Some((before, behind)) = pairs.next() else {
                break;
            };
            if !(is_ring(before) && is_ring(behind) && belong(before, behind)) {
                break;
            }
            around.has_bracket |= is_bracket(before);
            let is_weak = matches!(
                before,
                '.' | '-'
                    | ','
                    | '\''
                    | '"'
                    | ':'
                    | ';'
                    | '–'
                    | '—'
                    | '!'
                    | '?'
                    | '…'
                    | '@'
                    | '’'
                    | '/'
            );
            if !is_weak {
                around.ring = Ring::Strong;
            } else if around.ring == Ring::None {
                // What stands apart is the sentence's, unless it is a stroke: `rose / at / example`.
                let touches = around.start == start && around.end == end;
                let stands = matches!(before, '/' | '-' | '–' | '—')
                    && around.start < start
                    && around.end > end;
                if !(touches || stands) {
                    break;
                }
                around.ring = if stands && before == '/' {
                    Ring::Strong
                } else {
                    Ring::Weak
                };
            }
            around.start -= before.len_utf8();
            around.end += behind.len_utf8();
        }
        if around.ring == Ring::None {
            return around;
        }
        // A fourth one makes it a row of signs.
        if pairs
            .next()
            .is_some_and(|(before, behind)| before == behind && is_ring(before))
        {
            around.ring = Ring::None;
            return around;
        }
        around.start = text[..around.start].trim_end_matches(' ').len();
        around.end = text.len() - text[around.end..].trim_start_matches(' ').len();
        around
    }
}

fn is_ring(letter: char) -> bool {
    !letter.is_alphanumeric() && !letter.is_whitespace() && !letter.is_control()
}

fn is_bracket(letter: char) -> bool {
    closing(letter).is_some() || BRACKETS.iter().any(|(_, closes)| *closes == letter)
}

/// Brackets of all scripts.
const BRACKETS: [(char, char); 19] = [
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('<', '>'),
    ('«', '»'),
    ('»', '«'),
    ('‹', '›'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('《', '》'),
    ('〈', '〉'),
    ('〔', '〕'),
    ('⟨', '⟩'),
    ('⟦', '⟧'),
    ('❨', '❩'),
];

fn closing(letter: char) -> Option<char> {
    BRACKETS
        .iter()
        .find(|(opens, _)| *opens == letter)
        .map(|(_, closes)| *closes)
}

/// Where a sign's name ends that stands in brackets with a remark of where it belongs: `(at sign here)`, `[arroba aqui]`.
pub(super) fn end_of_aside(text: &str, start: usize, end: usize) -> usize {
    const HERE: [&str; 22] = [
        "here",
        "goes",
        "there",
        "sign",
        "symbol",
        "character",
        "key",
        "please",
        "instead",
        "aquí",
        "aqui",
        "ahí",
        "ici",
        "là",
        "hier",
        "qui",
        "lì",
        "здесь",
        "тут",
        "tutaj",
        "aici",
        "đây",
    ];
    let near = &text[end..text.floor_char_boundary(end + 24)];
    let remark = near.find([')', ']', '}']).map(|length| &near[..length]);
    match remark {
        Some(remark)
            if text[..start].ends_with(['(', '[', '{'])
                && remark.starts_with(' ')
                && remark
                    .split(' ')
                    .filter(|word| !word.is_empty())
                    .all(|word| HERE.contains(&word)) =>
        {
            end + remark.len()
        }
        _ => end,
    }
}

/// True for two signs of a ring: the same, its mirror image, or two brackets.
fn belong(before: char, behind: char) -> bool {
    before == behind && !matches!(before, '(' | '[' | '{' | ')' | ']' | '}')
        || closing(before) == Some(behind)
        || matches!((before, behind), ('\\', '/') | ('/', '\\'))
        || matches!(before, '(' | '[' | '{' | '<') && matches!(behind, ')' | ']' | '}' | '>')
}
