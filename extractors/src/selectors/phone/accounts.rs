//! Numbers of accounts, cards, parcels and goods, which are printed in groups as telephone numbers are.

use super::scan::Candidate;

/// Two letters by which people name where a number is reached.
const CHANNELS: [&str; 9] = ["wa", "tg", "ig", "fb", "sc", "ws", "wp", "wh", "dm"];

impl Candidate<'_> {
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

    /// `4000 0566 5566 5556`: a card's number (ISO/IEC 7812), four fours with their check digit.
    pub fn is_card(&self) -> bool {
        let count = self.groups.len();
        let is_card = |from: usize| {
            let are_fours = self
                .lengths(from, from + CARD)
                .iter()
                .all(|length| *length == 4);
            let is_first = from == 0 || self.lengths(from - 1, from)[0] != 4;
            are_fours && is_first && self.has_card_check(from)
        };
        (0..(count + 1).saturating_sub(CARD)).any(is_card)
    }

    /// `276 090 800 825 752`: what is read from an animal's chip (ISO 11784), five groups of three.
    pub fn is_chip(&self) -> bool {
        let count = self.groups.len();
        let is_whole = count == 5 && self.lengths(0, count).iter().all(|length| *length == 3);
        is_whole && !self.text[..self.groups[0].start].ends_with('+')
    }

    /// True where the last of sixteen digits is the one that a card's number is checked by.
    fn has_card_check(&self, from: usize) -> bool {
        let text = &self.text[self.groups[from].start..self.groups[from + CARD - 1].end];
        let digits = text.chars().rev().filter_map(|sign| sign.to_digit(10));
        let sum: u32 = digits
            .enumerate()
            .map(|(at, digit)| match at % 2 {
                0 => digit,
                _ => 2 * digit / 10 + 2 * digit % 10,
            })
            .sum();
        sum.is_multiple_of(10)
    }

    /// `1Z 999 AA1 01 2345 6784`: what stands behind the letters of a parcel's number of UPS.
    pub fn is_behind_carrier(&self) -> bool {
        /// How far back its beginning stands, in bytes.
        const REACH: usize = 12;
        let before = &self.text[..self.groups[0].opens];
        let near = &before[before.ceil_char_boundary(before.len().saturating_sub(REACH))..];
        near.rfind("1Z").is_some_and(|at| {
            let within = near[at + 2..].bytes();
            let is_part =
                |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
            !near[..at].ends_with(char::is_alphanumeric) && within.into_iter().all(is_part)
        })
    }

    /// `4 006381 333931`: what is printed below bars (EAN).
    pub fn is_barcode(&self) -> bool {
        let count = self.groups.len();
        let is_apart = |index: usize| matches!(self.between(index), " " | "-");
        self.lengths(0, count)[..] == [1, 6, 6] && (1..count).all(is_apart)
    }

    /// `RR 123 456 785 GB`: a parcel's number (UPU S10), with two capitals on either side. `WA 612345678 TG` is none: a label
    /// stands before. Where the digits are `valid` as a telephone's, the last has to be the check digit.
    pub fn is_parcel(&self, valid: impl Fn() -> bool) -> bool {
        let last = self.groups.len() - 1;
        let before = &self.text[..self.groups[0].opens];
        let behind = &self.text[self.groups[last].end..];
        let before = before.strip_suffix(' ').unwrap_or(before).as_bytes();
        let behind = behind.strip_prefix(' ').unwrap_or(behind).as_bytes();
        let is_part = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 128)
        };
        let (front, kind) = before.split_at(before.len().saturating_sub(2));
        let is_label = || {
            let kind = String::from_utf8_lossy(kind).to_lowercase();
            CHANNELS.contains(&&*kind) || super::around::is_label(&kind)
        };
        self.digits(0, last + 1) == 9
            && kind.len() == 2
            && kind.iter().all(u8::is_ascii_uppercase)
            && !is_part(front.last())
            && behind.len() >= 2
            && behind[..2].iter().all(u8::is_ascii_uppercase)
            && !is_part(behind.get(2))
            && !is_label()
            && (self.has_parcel_check() || !valid())
    }

    /// True where the last of nine digits is the one that a parcel's number is checked by.
    fn has_parcel_check(&self) -> bool {
        const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
        let text = &self.text[self.groups[0].start..];
        let mut digits = text.chars().filter_map(|sign| sign.to_digit(10));
        let sum: u32 = WEIGHTS
            .iter()
            .zip(digits.by_ref())
            .map(|(weight, digit)| weight * digit)
            .sum();
        let check = match 11 - sum % 11 {
            10 => 0,
            11 => 5,
            check => check,
        };
        digits.next() == Some(check)
    }
}

/// How many groups a card's number has.
const CARD: usize = 4;
