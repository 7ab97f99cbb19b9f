//! Figures of other kinds than telephone numbers, told by their groups alone: accounts, dates, hours, sizes, draws, sums.

use super::scan::Candidate;

/// What stands on the line that a text ends with.
fn line_of(before: &str) -> &str {
    &before[memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |end| end + 1)..]
}

impl Candidate<'_> {
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

    /// True where some of the groups belong to a date that stands apart: the `05/2025` of `12/05/2025 - 19/05/2025`. Years may
    /// be those of the Thai calendar.
    pub fn is_of_date(&self, from: usize, to: usize) -> bool {
        let count = self.groups.len();
        let size = |index: usize| self.groups[index].end - self.groups[index].start;
        let is_apart =
            |index: usize, sign: &str| index == 0 || index >= count || self.between(index) != sign;
        (from.saturating_sub(2)..to.min(count.saturating_sub(2))).any(|first| {
            let sign = self.between(first + 1);
            size(first) <= 2
                && size(first + 1) <= 2
                && size(first + 2) == 4
                && matches!(sign, "/" | "." | "-")
                && self.between(first + 2) == sign
                && is_apart(first, sign)
                && is_apart(first + 3, sign)
                && self.are_day_and_year(first)
        })
    }

    /// True for a day, a month and a year from some group on, those two in either order.
    fn are_day_and_year(&self, first: usize) -> bool {
        let is_up_to = |index: usize, most: u64| (1..=most).contains(&self.number(index));
        let year = self.number(first + 2);
        is_up_to(first, 31)
            && is_up_to(first + 1, 31)
            && (is_up_to(first, 12) || is_up_to(first + 1, 12))
            && ((1_900..2_100).contains(&year) || (2_443..2_643).contains(&year))
    }

    /// True for the last of some machines whose models have strokes, each behind its maker: `Casio CT-S300, Shure SM58-LC, Fender
    /// 011-3012-300`.
    pub fn is_model(&self, from: usize, to: usize) -> bool {
        let is_joined = (from + 1..to).all(|index| self.between(index) == "-");
        if !is_joined || to - from < 2 || self.is_grouped_as_nanp(from, to) {
            return false;
        }
        let is_code = |word: &str| {
            word.contains('-')
                && word.bytes().any(|byte| byte.is_ascii_uppercase())
                && word.bytes().any(|byte| byte.is_ascii_digit())
        };
        let line = line_of(&self.text[..self.groups[from].opens]);
        let mut items = line.rsplit(", ");
        let maker = items.next().unwrap_or_default().trim_end_matches(' ');
        maker.starts_with(char::is_uppercase)
            && maker.chars().all(char::is_alphabetic)
            && items
                .take(2)
                .filter(|item| item.split(' ').any(is_code))
                .count()
                == 2
    }

    /// True for a part of a draw: six pairs or more, each greater than the one before, of few balls.
    pub fn is_of_draw(&self, from: usize, to: usize) -> bool {
        /// The fewest balls that are drawn at once, where they are more than a number's pairs.
        const BALLS: usize = 6;
        /// The most balls in a drum.
        const MOST: u64 = 60;
        // `03 08 15 22 27 33 + 11`: what is drawn beside them.
        let (from, to) = match to > from + 1 && self.between(to - 1).contains('+') {
            true => (from, to - 1),
            false => (from, to),
        };
        let is_ball = |index: usize| {
            let group = self.groups[index];
            group.end - group.start == 2 && self.number(index) <= MOST
        };
        let follows = |index: usize| {
            self.between(index) == self.between(from + 1)
                && self.number(index - 1) < self.number(index)
        };
        if to - from < 2 || !(from..to).all(is_ball) || !(from + 1..to).all(follows) {
            return false;
        }
        let before = (0..from)
            .rev()
            .take_while(|index| is_ball(*index) && follows(index + 1));
        let behind = (to..self.groups.len()).take_while(|index| is_ball(*index) && follows(*index));
        to - from + before.count() + behind.count() >= BALLS
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
            // 8 10 12 14 16: sizes, as they climb.
            [1..=2, 1..=2, 2, 2, ..]
                if lengths.iter().all(|length| *length <= 2) && {
                    let step =
                        |index: usize| self.number(index + 1).checked_sub(self.number(index));
                    let first = step(from);
                    first.is_some_and(|first| first > 0)
                        && (from..to - 1).all(|index| step(index) == first)
                } =>
            {
                true
            }
            // 0735 1120: from an hour to a later one, as tables of departures have it.
            [4, 4, ref rest @ ..]
                if rest.iter().all(|length| *length == 4) && self.are_clocks(from, to) =>
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

    /// `0735 1120`: times of a day, each later than the one before, on whole fives of minutes.
    fn are_clocks(&self, from: usize, to: usize) -> bool {
        let is_clock = |index: usize| {
            let time = self.number(index);
            time < 2_400 && time % 100 < 60 && time.is_multiple_of(5)
        };
        (from..to).all(is_clock)
            && (from..to - 1).all(|index| self.number(index) < self.number(index + 1))
    }

    /// `9.00 - 21.00 / 365`, `07.15 07.35 07.55`, `05.01 06.01`, `0900-2100 / 7`: two times of a day, or two days, which no
    /// sign joins to what is before them.
    pub fn has_times(&self, from: usize, to: usize) -> bool {
        let size = |index: usize| self.groups[index].end - self.groups[index].start;
        let is_joined = |index: usize| size(index + 1) == 2 && self.between(index + 1) == ".";
        let is_time = |index: usize| {
            size(index) <= 2
                && is_joined(index)
                && self.number(index) <= 24
                && self.number(index + 1) < 60
                && self.number(index + 1).is_multiple_of(5)
        };
        let is_day = |index: usize| {
            size(index) == 2
                && is_joined(index)
                && (1..=31).contains(&self.number(index))
                && (1..=12).contains(&self.number(index + 1))
        };
        let begins = |index: usize| index == from || self.between(index).contains(' ');
        let are_apart = |index: usize| {
            matches!(
                self.between(index),
                " " | " - " | "-" | " – " | "–" | " / " | "/"
            )
        };
        let has_hours = || {
            size(from) == 4
                && size(from + 1) == 4
                && (from + 2..to).all(|index| size(index) <= 3)
                && self.is_hours(from, from + 2)
        };
        let mut pairs =
            (from..to.saturating_sub(3)).filter(|index| begins(*index) && are_apart(*index + 2));
        pairs
            .any(|index| is_time(index) && is_time(index + 2) || is_day(index) && is_day(index + 2))
            || to > from + 2 && has_hours()
    }

    /// `123 456 7890`: what forms are filled in with, as a whole.
    pub fn is_placeholder(&self) -> bool {
        let last = self.groups[self.groups.len() - 1];
        super::national::is_placeholder(&self.text[self.groups[0].start..last.end])
    }

    /// `150 250 400 600`: three sums or more, all of them round.
    pub fn are_sums(&self, from: usize, to: usize) -> bool {
        let is_sum = |index: usize| {
            let group = self.groups[index];
            (2..=4).contains(&(group.end - group.start))
                && self.text.as_bytes()[group.start] != b'0'
                && self.number(index).is_multiple_of(10)
        };
        let raw = &self.text[self.groups[from].opens..self.groups[to - 1].end];
        to - from >= 3 && !raw.contains(['(', ')', '+']) && (from..to).all(is_sum)
    }

    /// True where sums climb, as prices do and numbers that somebody chose seldom do.
    pub fn sums_climb(&self, from: usize, to: usize) -> bool {
        let is_less = |index: usize| self.number(index) < self.number(index + 1);
        (from..to - 1).all(is_less)
            && (from..to).any(|index| {
                let group = self.groups[index];
                group.end - group.start == 4 || !self.number(index).is_multiple_of(100)
            })
    }

    /// `210-640-7890`: one sign without a space joins the groups, as it joins no prices.
    pub fn is_joined(&self, from: usize, to: usize) -> bool {
        ["-", "."]
            .iter()
            .any(|sign| (from + 1..to).all(|index| self.between(index) == *sign))
    }

    /// `8 28 31 35 39`: verses, lines of trams, balls of a draw, the first of which has one figure. Each is greater than the one
    /// before.
    pub fn is_list(&self, from: usize, to: usize) -> bool {
        let lengths = self.lengths(from, to);
        lengths.len() >= 5
            && lengths[0] == 1
            && self.number(from) > 0
            && lengths.iter().all(|length| *length <= 2)
            && (from..to - 1).all(|index| self.number(index) < self.number(index + 1))
    }

    /// `202 555 0123 24 hours`: the last figures are an amount of time, behind a space or a stroke that stands apart.
    pub fn ends_in_time(&self, from: usize, to: usize) -> bool {
        let last = self.groups[to - 1];
        to > from + 1
            && last.end - last.start <= 3
            && self.between(to - 1).contains(' ')
            && super::around::is_span(&self.text[last.end..])
    }

    /// `60 75 90 120 mins`: minutes that are told in fives, as they climb. Before `hours 9-5` they are none.
    pub fn are_durations(&self, from: usize, to: usize) -> bool {
        /// Nobody tells more minutes.
        const MOST: u64 = 240;
        let is_amount = |index: usize| {
            let amount = self.number(index);
            amount.is_multiple_of(5)
                && amount <= MOST
                && !self.text[self.groups[index].start..].starts_with('0')
        };
        let behind = self.text[self.groups[to - 1].end..].trim_start_matches(' ');
        let next = behind.trim_start_matches(char::is_alphabetic);
        let heads = next
            .trim_start_matches([' ', ':'])
            .starts_with(|letter: char| letter.is_ascii_digit());
        !heads
            && (from..to).all(is_amount)
            && (from..to - 1).all(|index| self.number(index) < self.number(index + 1))
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
        let is_behind_amount = amount
            .trim_end_matches(' ')
            .ends_with(|letter: char| letter.is_ascii_digit());
        !(is_behind_amount && before.len() < touching.len())
    }
}
