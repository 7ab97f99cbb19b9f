//! Candidates: groups of digits, and what stands between them. No number is read here.

/// The most groups that one candidate has; a longer run is a table, not a number.
const GROUPS: usize = 24;
/// The fewest digits of a number before a lone figure that is a word.
const SAID: usize = 10;
/// How far a bracket may close behind a country's code, in bytes: `0044]`.
const CODE: usize = 6;
/// The most characters between two groups: ` - (`.
const BETWEEN: usize = 4;

/// Groups of digits that may be one number, or several.
pub(super) struct Candidate<'t> {
    pub(super) text: &'t str,
    pub groups: Vec<Group>,
}

/// Some digits in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
    /// Where the plus sign or bracket before it begins; `start` where there is none.
    pub opens: usize,
}

/// All candidates of a text.
pub(super) fn candidates(text: &str) -> impl Iterator<Item = Candidate<'_>> {
    let mut at = 0;
    // Most figures of a text are none, and leave their place to the next.
    let mut groups = Vec::new();
    std::iter::from_fn(move || {
        loop {
            let start = next_digit(text, at)?;
            gather(text, start, &mut groups);
            at = groups.last().map_or(start + 1, |group: &Group| group.end);
            let digits = groups.iter().map(|group| group.end - group.start);
            // Too few digits for a number, wherever it is cut.
            if digits.sum::<usize>() >= super::DIGITS {
                let groups = std::mem::take(&mut groups);
                return Some(Candidate { text, groups });
            }
        }
    })
}

fn next_digit(text: &str, from: usize) -> Option<usize> {
    // Asked for so many bytes at once, the processor compares them together.
    let has_digit = |bytes: &[u8]| {
        let bytes = bytes.iter();
        bytes.fold(false, |has, byte| has | byte.is_ascii_digit())
    };
    let bytes = &text.as_bytes()[from..];
    let mut chunks = bytes.chunks(32).enumerate();
    let (chunk, bytes) = chunks.find(|(_, bytes)| has_digit(bytes))?;
    let at = bytes.iter().position(u8::is_ascii_digit)?;
    Some(from + 32 * chunk + at)
}

/// Gathers the groups that follow each other from the digit at `start` on.
fn gather(text: &str, start: usize, groups: &mut Vec<Group>) {
    groups.clear();
    let mut at = start;
    while groups.len() < GROUPS {
        let end = text.as_bytes()[at..]
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .map_or(text.len(), |length| at + length);
        groups.push(Group {
            start: at,
            end,
            opens: opening(text, at, groups.last().map_or(0, |group| group.end)),
        });
        // `[+44] 7700 900123`: brackets of this kind are a number's around its country alone.
        let closes = groups.len() == 1 && is_bracketed(text, at);
        let between = text[end..]
            .char_indices()
            .take_while(|(_, letter)| is_between(*letter) || closes && *letter == ']')
            .take(BETWEEN + 1)
            .last()
            .map_or(0, |(offset, letter)| offset + letter.len_utf8());
        let next = end + between;
        let goes_on = text[end..next].chars().count() <= BETWEEN
            && text.as_bytes().get(next).is_some_and(u8::is_ascii_digit)
            // A plus sign begins another number.
            && !text[end..next].contains('+');
        if !goes_on || groups.len() == 1 && is_share(text, groups[0]) || is_always(text, groups) {
            break;
        }
        at = next;
    }
    if let [.., before, last] = groups[..]
        && is_said(text, before.end, last)
        && groups[..groups.len() - 1]
            .iter()
            .map(|group| group.end - group.start)
            .sum::<usize>()
            >= SAID
    {
        groups.pop();
    }
}

/// True behind `[+` and `[00`.
fn is_bracketed(text: &str, start: usize) -> bool {
    let before = &text[..start];
    before.ends_with("[+") || before.ends_with('[') && text[start..].starts_with("00")
}

/// True for the second figure of `7j/7` and `24h/24`: no number begins so.
fn is_share(text: &str, group: Group) -> bool {
    group.end - group.start <= 2
        && text[..group.start].strip_suffix('/').is_some_and(|of| {
            let figures = of.strip_suffix(|letter: char| letter.is_ascii_lowercase());
            figures.is_some_and(|figures| figures.ends_with(&text[group.start..group.end]))
        })
}

/// True for `24/7`, `24/24` and `7/7` before anything else: no number begins so.
fn is_always(text: &str, groups: &[Group]) -> bool {
    let [first, last] = groups else {
        return false;
    };
    matches!(&text[first.start..last.end], "24/7" | "24/24" | "7/7")
        && !text[last.end..].starts_with(['/', '.', '-'])
}

/// True for a lone figure behind a number that is a word: `202 555 0123 4 details`, `… 2 book`.
fn is_said(text: &str, before: usize, last: Group) -> bool {
    let behind = text[last.end..].strip_prefix(' ').unwrap_or_default();
    matches!(&text[last.start..last.end], "2" | "4")
        && &text[before..last.start] == " "
        && behind
            .bytes()
            .take(3)
            .filter(u8::is_ascii_lowercase)
            .count()
            == 3
}

/// What may stand between the digits of one number. A line break may not.
fn is_between(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '\t' | '-' | '.' | '/' | '(' | ')' | '+' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{2796}' | '\u{30fc}' | '\u{3000}' | '~' | '·' | '•' | '_'
    )
}

/// Where a group begins with its plus sign and bracket: `+44`, `(020`, `(+44`.
fn opening(text: &str, start: usize, after: usize) -> usize {
    let before = &text[after..start];
    let with_space = before.trim_end_matches(' ');
    let bare = match with_space.ends_with('+') && before.len() - with_space.len() <= 1 {
        true => with_space,
        false => before,
    };
    // `020 7946 0123 + 020 7946 0124` is a list.
    let is_list = bare.len() < before.len()
        && (text.as_bytes()[start] == b'0'
            || text[..after + bare.len() - 1]
                .trim_end_matches(' ')
                .ends_with(|letter: char| letter.is_ascii_digit()));
    let with_plus = match is_list {
        true => before,
        false => bare.strip_suffix('+').unwrap_or(bare),
    };
    let opened = with_plus.strip_suffix('(').unwrap_or(with_plus);
    let closes = || {
        text.as_bytes()[start..]
            .iter()
            .take(CODE)
            .any(|byte| *byte == b']')
    };
    let opened = match is_bracketed(text, start) && closes() {
        true => opened.strip_suffix('[').unwrap_or(opened),
        false => opened,
    };
    after + opened.len()
}

/// How often a sign of ASCII stands in a part of a text.
pub(super) fn count(text: &str, (start, end): (usize, usize), sign: u8) -> usize {
    let bytes = text.as_bytes()[start..end].iter();
    bytes.filter(|byte| **byte == sign).count()
}

impl Candidate<'_> {
    /// How many digits the groups have together.
    pub fn digits(&self, from: usize, to: usize) -> usize {
        self.groups[from..to]
            .iter()
            .map(|group| group.end - group.start)
            .sum()
    }

    /// The span of some groups in the text: with a plus sign, and with brackets if they close.
    pub fn span(&self, from: usize, to: usize) -> (usize, usize) {
        let first = self.groups[from];
        let mut end = self.groups[to - 1].end;
        let mut start = first.opens;
        let closes = self.text[start..end].contains([')', ']']);
        if self.text[start..].starts_with(['(', '[']) && !closes {
            // `(020 7946 0123)` is a number in brackets; they are not its own.
            start += 1;
        }
        let open = count(self.text, (start, end), b'(');
        let closed = count(self.text, (start, end), b')');
        if open > closed && self.text[end..].starts_with(')') {
            end += 1;
        }
        (start, end)
    }

    /// True where a number may begin or end before the group at `index`: where white space or a list's sign stands.
    pub fn may_cut(&self, index: usize) -> bool {
        if index == 0 || index >= self.groups.len() {
            return true;
        }
        let between = self.between(index);
        between.contains(char::is_whitespace) || matches!(between, "/" | "•" | "·")
    }

    /// True where a stroke with spaces around it stands between some of the groups, behind a whole number: another one
    /// follows, or hours.
    pub fn spans_list(&self, from: usize, to: usize) -> bool {
        if (from + 1..to).any(|index| self.begins_another(from, index)) {
            return true;
        }
        let strokes = (from + 1..to).filter(|index| self.between(*index).contains('/'));
        strokes.count() == 1
            && (from + 1..to).any(|index| {
                let between = self.between(index);
                between.contains(" /")
                    && between.contains("/ ")
                    && self.digits(from, index) >= super::BARE_DIGITS
            })
    }

    /// `0302 3125929 - 30 anni`: behind a whole number and a stroke that stands apart, figures before what is measured are
    /// somebody's age or height.
    pub fn ends_measured(&self, from: usize, to: usize) -> bool {
        let last = self.groups[to - 1];
        to > from + 1
            && last.end - last.start <= 3
            && matches!(self.between(to - 1), " - " | " – " | " — " | " / ")
            && self.digits(from, to - 1) > super::BARE_DIGITS
            && super::around::is_measured(&self.text[last.end..])
    }

    /// `030 231 25307 - 0171 39 200 47`: behind a whole number and a stroke that stands apart, what begins as an area's code
    /// does is another's. So it is behind a space where it is dialled from abroad and long enough: `0171 3920045  0049 171 …`.
    fn begins_another(&self, from: usize, index: usize) -> bool {
        let group = self.groups[index];
        let between = self.between(index);
        let is_stroke = || group.end - group.start > 2 && matches!(between, " - " | " – " | " — ");
        let is_abroad = || {
            let figures = &self.text.as_bytes()[group.start..group.end];
            figures.len() > 3
                && figures[1] == b'0'
                && figures[2] != b'0'
                && between.contains(' ')
                && self.digits(index, self.groups.len()) > super::BARE_DIGITS + 2
        };
        self.text.as_bytes()[group.start] == b'0'
            && self.digits(from, index) > super::BARE_DIGITS
            && (is_stroke() || is_abroad())
    }

    /// What stands before the group at `index`, back to the one before it.
    pub(super) fn between(&self, index: usize) -> &str {
        &self.text
            [self.groups[index - 1].end..self.groups[index].opens.max(self.groups[index - 1].end)]
    }

    pub(super) fn lengths(&self, from: usize, to: usize) -> Vec<usize> {
        self.groups[from..to]
            .iter()
            .map(|group| group.end - group.start)
            .collect()
    }

    pub(super) fn number(&self, index: usize) -> u64 {
        let group = self.groups[index];
        self.text[group.start..group.end]
            .parse()
            .unwrap_or(u64::MAX)
    }

    /// `202 555 0123`, `1 202 555 0123`.
    pub fn is_grouped_as_nanp(&self, from: usize, to: usize) -> bool {
        matches!(self.lengths(from, to)[..], [3, 3, 4] | [1, 3, 3, 4])
    }

    /// `1-202-555-0123`.
    pub fn is_american_with_code(&self, from: usize, to: usize) -> bool {
        matches!(self.lengths(from, to)[..], [1, 3, 3, 4]) && self.number(from) == 1
    }
}
