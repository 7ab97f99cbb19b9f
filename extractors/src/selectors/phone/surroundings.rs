//! Whether what stands around some groups of digits, or the groups themselves, make them something else than a number.

use super::{
    TAGGED,
    around::{self, Around},
    is_from_abroad, national,
    scan::Candidate,
};

/// What stands around some groups of a candidate, unless it makes them something else than a number.
pub(super) fn surroundings(
    text: &str,
    candidate: &Candidate,
    (from, to): (usize, usize),
) -> Option<Around> {
    let (start, end) = candidate.span(from, to);
    let raw = &text[start..end];
    let is_whole = from == 0 && to == candidate.groups.len();
    let is_abroad = is_from_abroad(raw);
    let starts_strongly =
        raw.starts_with(['+', '0']) || raw.starts_with("(+") || raw.starts_with("(0");
    let around = Around::of(text, start, end);
    // `2025550123xoxo` is a number; `20256kbit` is none. And `0123 24h` ends with an amount.
    let is_last = to == candidate.groups.len();
    let glued = around::glued_word(&text[end..]);
    let is_long = candidate.digits(from, to) >= 10;
    // `04.65.71.72.36Mia`: a pair behind pairs is no amount.
    let is_of_pairs = || is_long && (from..to).all(|index| candidate.digits(index, index + 1) == 2);
    let is_word = is_long && around::is_plain_word(glued);
    let is_amount = is_last
        && to - from > 1
        && !glued.is_empty()
        && candidate.digits(to - 1, to) <= 2
        && !(is_word && is_of_pairs());
    let is_named = is_long
        && from == 0
        && around::follows_name(&text[..start])
        // `Photo2025550123.jpg`.
        && !text[end..].strip_prefix(['.', '_']).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    let may_touch = around::is_farewell(glued)
        || is_named && around::is_word_behind_named(glued)
        // `03023125811sin whatsapp`: no code and no measure begins like an area and ends like a word.
        || is_word && starts_strongly && !around.joined_left;
    let goes_on = around.joined_right && !(is_long && may_touch);
    if around.joined_left && from == 0 && !is_named
        || goes_on && is_last
        || is_amount
        || (around.is_named_otherwise && !raw.starts_with('+'))
    {
        return None;
    }
    // Hours of a day: `Sun 1200-1900`, where the day is a label elsewhere. Behind any other it may be a number of eight digits.
    let is_of_day = || {
        let front = text[..start].trim_end_matches([' ', ':']);
        front
            .rsplit(|letter: char| !letter.is_alphanumeric())
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("sun"))
    };
    if candidate.ends_measured(from, to)
        || candidate.ends_in_time(from, to)
        || !around.is_linked && national::is_placeholder(raw)
        || is_masked(&text[..start], &text[end..], candidate.digits(from, to))
        || candidate.has_times(from, to)
        || candidate.is_list(from, to)
        || !is_abroad && candidate.are_sums(from, to, around.is_labelled || around.is_linked)
        || candidate.is_hours(from, to) && (!around.is_labelled || is_of_day())
    {
        return None;
    }
    let speaks_for_itself = around.is_labelled || around.is_linked;
    // A part of a longer run of digits has to look like a number by itself.
    if !is_whole
        && !starts_strongly
        && !speaks_for_itself
        && !candidate.is_grouped_as_nanp(from, to)
    {
        return None;
    }
    if !speaks_for_itself
        && !is_abroad
        && (candidate.is_date(from, to)
            || candidate.is_other_figure(from, to)
            || candidate.spans_sentences(from, to))
    {
        return None;
    }
    if (candidate.follows_price(from) || around.is_price) && !speaks_for_itself {
        return None;
    }
    let digits = candidate.digits(from, to);
    // A tag of fewer digits is an order's or a room's: `#20261234`.
    if digits < TAGGED && !speaks_for_itself && !is_abroad && text[..start].ends_with(['#', '@']) {
        return None;
    }
    Some(around)
}

/// True for a part of a number the rest of which is hidden: `0171 392****`, `202 555 ####`.
fn is_masked(before: &str, behind: &str, digits: usize) -> bool {
    /// A whole number has more.
    const PART: usize = 8;
    let rest = behind.trim_start_matches([' ', '-', '.']);
    let Some(sign) = rest
        .chars()
        .next()
        .filter(|sign| matches!(sign, '*' | '#' | '•' | '_' | 'x' | 'X' | '●' | '█'))
    else {
        return false;
    };
    let count = rest.chars().take_while(|next| *next == sign).count();
    digits <= PART && count > 1 && !before.trim_end_matches(' ').ends_with(sign)
}
