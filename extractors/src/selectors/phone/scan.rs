//! Candidates: groups of digits, and what stands between them. No number is read here.

/// The most groups that one candidate has; a longer run is a table, not a number.
const GROUPS: usize = 24;
/// The fewest digits of a number before a lone figure that is a word.
const SAID: usize = 10;
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
        let between = text[end..]
            .char_indices()
            .take_while(|(_, letter)| is_between(*letter))
            .take(BETWEEN + 1)
            .last()
            .map_or(0, |(offset, letter)| offset + letter.len_utf8());
        let next = end + between;
        let goes_on = text[end..next].chars().count() <= BETWEEN
            && text.as_bytes().get(next).is_some_and(u8::is_ascii_digit)
            // A plus sign begins another number.
            && !text[end..next].contains('+');
        if !goes_on || groups.len() == 1 && is_share(text, groups[0]) {
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

/// True for the second figure of `7j/7` and `24h/24`: no number begins so.
fn is_share(text: &str, group: Group) -> bool {
    group.end - group.start <= 2
        && text[..group.start].strip_suffix('/').is_some_and(|of| {
            let figures = of.strip_suffix(|letter: char| letter.is_ascii_lowercase());
            figures.is_some_and(|figures| figures.ends_with(&text[group.start..group.end]))
        })
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
    after + opened.len()
}

/// How often a sign of ASCII stands in a part of a text.
pub(super) fn count(text: &str, (start, end): (usize, usize), sign: u8) -> usize {
    let bytes = text.as_bytes()[start..end].iter();
    bytes.filter(|byte| **byte == sign).count()
}

/// What stands on the line that a text ends with.
fn line_of(before: &str) -> &str {
    &before[memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |end| end + 1)..]
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
        let closes = self.text[start..end].contains(')');
        if self.text[start..].starts_with('(') && !closes {
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
    /// does is another's.
    fn begins_another(&self, from: usize, index: usize) -> bool {
        let group = self.groups[index];
        self.text.as_bytes()[group.start] == b'0'
            && group.end - group.start > 2
            && matches!(self.between(index), " - " | " – " | " — ")
            && self.digits(from, index) > super::BARE_DIGITS
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

    /// `DE89 3704 0044 0532 0130 00`: an account's number (ISO 13616).
    pub fn is_account(&self) -> bool {
        let first = self.groups[0];
        let bytes = self.text.as_bytes();
        let is_capital = |back: usize| {
            let at = first.start.checked_sub(back);
            at.is_some_and(|at| bytes[at].is_ascii_uppercase())
        };
        let lengths = self.lengths(0, self.groups.len());
        self.is_within_account()
            || is_capital(1)
                && is_capital(2)
                && lengths[0] == 2
                && lengths[1..]
                    .iter()
                    .take_while(|length| **length == 4)
                    .count()
                    >= 2
    }

    /// `GB82 WEST 1234 5698 7654 32`: fours of capitals and figures stand before, back to a country and two figures.
    fn is_within_account(&self) -> bool {
        /// The longest account's number has eight groups of four.
        const GROUPS: usize = 8;
        let bytes = self.text.as_bytes();
        let mut end = self.groups[0].start;
        for _ in 0..GROUPS {
            let Some(group) = end.checked_sub(5).map(|start| &bytes[start..end]) else {
                return false;
            };
            let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            if group[4] != b' ' || !group[..4].iter().all(is_part) {
                return false;
            }
            end -= 5;
            let is_apart = end == 0 || !bytes[end - 1].is_ascii_alphanumeric();
            if is_apart
                && matches!(group, [a, b, c, d, _] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
            {
                return true;
            }
        }
        false
    }

    /// `2026-11-23`, `23.11.2026`, `23/11/26`, with or without a time.
    pub fn is_date(&self, from: usize, to: usize) -> bool {
        let lengths = self.lengths(from, to);
        let is_year = |index: usize| (1_900..2_100).contains(&self.number(from + index));
        let is_small = |index: usize, most: u64| (1..=most).contains(&self.number(from + index));
        match lengths[..] {
            [4, 1..=2, 1..=2, ..] => is_year(0) && is_small(1, 12) && is_small(2, 31),
            [1..=2, 1..=2, 4, ..] => {
                is_year(2)
                    && is_small(0, 31)
                    && is_small(1, 31)
                    && (is_small(0, 12) || is_small(1, 12))
            }
            [1..=2, 1..=2, 2] => {
                is_small(0, 31) && is_small(1, 31) && (is_small(0, 12) || is_small(1, 12))
            }
            // `20261123 0800`, and two years: `1979-2011 100`.
            [8, 2 | 4] => {
                let day = self.number(from);
                (19_000_000..21_000_000).contains(&day) && (101..=1_231).contains(&(day % 10_000))
            }
            [4, 4, ..] => is_year(0) && (is_year(1) || is_small(1, 1_231)),
            _ => false,
        }
    }

    /// Figures of other kinds: internet addresses, decimal fractions, cards, single digits, sums.
    pub fn is_other_figure(&self, from: usize, to: usize) -> bool {
        let lengths = self.lengths(from, to);
        let all_between = |sign: &str| (from + 1..to).all(|index| self.between(index) == sign);
        let has_brackets =
            self.text[self.groups[from].opens..self.groups[to - 1].end].contains(['(', ')']);
        match lengths[..] {
            // 06/11 – 08/11 – 10/11
            _ if lengths.len() > 2
                && lengths.iter().all(|length| *length <= 2)
                && (from + 1..to).any(|index| self.between(index) == "/")
                && !all_between("/") =>
            {
                true
            }
            // 05.11.-12.11.: from a day to a day.
            [1..=2, 1..=2, 1..=2, 1..=2]
                if self.between(from + 1) == "."
                    && self.between(from + 3) == "."
                    && matches!(
                        self.between(from + 2).trim_matches(['.', ' ']),
                        "-" | "\u{2013}"
                    )
                    && (from..to).all(|index| (1..=31).contains(&self.number(index))) =>
            {
                true
            }
            // 158 / 54 / 85-67-94: height, weight, and what is measured around.
            [3, 2, 2, 2, 2]
                if (140..=199).contains(&self.number(from))
                    && (35..=120).contains(&self.number(from + 1))
                    && (from + 2..to).all(|index| self.number(index) >= 50) =>
            {
                true
            }
            // 10/03-12/03/2026, whole or without its first day: from a day to a day of a year.
            [.., 1..=2, 1..=2, 1..=2, 4]
                if lengths.len() <= 5
                    && (1_900..2_100).contains(&self.number(to - 1))
                    && matches!(self.between(to - 1), "/" | "." | "-")
                    && self.between(to - 1) == self.between(to - 2)
                    && matches!(self.between(to - 3).trim(), "-" | "\u{2013}")
                    && (from..to - 1).all(|index| (1..=31).contains(&self.number(index))) =>
            {
                true
            }
            // 04 08 15 16 23 42: a draw, of few balls, and in their order.
            [2, 2, 2, 2, 2, 2] | [2, 2, 2, 2, 2, 2, 2]
                if self.number(to - 1) <= 60
                    && (from..to - 1).all(|index| self.number(index) < self.number(index + 1)) =>
            {
                true
            }
            // 192.0.2.1
            [1..=3, 1..=3, 1..=3, 1..=3] if all_between(".") => {
                (from..to).all(|index| self.number(index) <= 255)
            }
            // 51.507400
            [1..=3, fraction] if fraction >= 4 && all_between(".") => true,
            // 250/350/4500
            [3, 3, 4]
                if !has_brackets
                    && (from..to).all(|index| self.number(index).is_multiple_of(10))
                    && self.number(to - 1).is_multiple_of(50) =>
            {
                true
            }
            // 4111 1111 1111 1111
            [4, 4, 4, 4, ..] => true,
            // 12.000.000 and 12 000 000
            [1..=3, 3, 3]
                if !has_brackets && (all_between(".") || all_between(" ")) && lengths[0] < 3 =>
            {
                !self.text[self.groups[from].start..].starts_with('0')
            }
            // 34 36 38 40 42: sizes, as they climb.
            [2, 2, 2, 2, ..]
                if lengths.iter().all(|length| *length == 2) && {
                    let step =
                        |index: usize| self.number(index + 1).checked_sub(self.number(index));
                    let first = step(from);
                    first.is_some_and(|first| first > 0)
                        && (from..to - 1).all(|index| step(index) == first)
                } =>
            {
                true
            }
            // 1 2 3 4 5 6 7 8 counts; a spaced number is another work's.
            _ => lengths.iter().filter(|length| **length == 1).count() >= 4,
        }
    }

    /// `1200-1900`: from one quarter of an hour to a later one.
    pub fn is_hours(&self, from: usize, to: usize) -> bool {
        let is_quarter = |index: usize| {
            let time = self.number(index);
            time <= 2_400 && matches!(time % 100, 0 | 15 | 30 | 45)
        };
        matches!(self.lengths(from, to)[..], [4, 4])
            && matches!(self.between(from + 1).trim(), "-" | "\u{2013}")
            && self.number(from) < self.number(from + 1)
            && is_quarter(from)
            && is_quarter(from + 1)
    }

    /// True where a full stop ends a sentence between some of the groups, but does not stand between all: `600. 27 2 2022`.
    pub fn spans_sentences(&self, from: usize, to: usize) -> bool {
        let ends = |index: &usize| {
            let between = self.between(*index);
            between.starts_with(". ") && !between[1..].contains('.')
        };
        let count = (from + 1..to).filter(ends).count();
        count > 0 && count < to - from - 1
    }

    /// True where the group follows a sign of money.
    pub fn follows_price(&self, index: usize) -> bool {
        let touching = &self.text[..self.groups[index].opens];
        let before = touching.trim_end_matches(' ');
        let Some(amount) = before.strip_suffix(['$', '€', '£', '¥', '₹', '₽', '#', '№'])
        else {
            return false;
        };
        // `## 202 555 0123`: a heading, as messengers and forums mark it.
        if amount.ends_with('#') && before.ends_with("##") {
            return false;
        }
        if before.len() == touching.len() && super::around::is_tag(line_of(before)) {
            return false;
        }
        // `200$ 202-555-0123`: the sign stands behind an amount, and is that amount's.
        let is_behind_amount = amount.ends_with(|letter: char| letter.is_ascii_digit());
        !(is_behind_amount && before.len() < touching.len())
    }
}
