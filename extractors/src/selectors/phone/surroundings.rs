//! Whether what stands around some groups of digits, or the groups themselves, make them something else than a number.

use super::{
    Context, Standing, TAGGED,
    around::{self, Around},
    beside::{self, Beside},
    disguised::has_form,
    is_from_abroad, national, read,
    scan::Candidate,
};

/// What stands around some groups of a candidate, unless it makes them something else than a number.
pub(super) fn surroundings(
    text: &str,
    candidate: &Candidate,
    (from, to): (usize, usize),
    context: &Context<'_>,
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
    let is_named = is_long
        && from == 0
        && around::follows_name(&text[..start])
        // `Photo2025550123.jpg`.
        && !text[end..].strip_prefix(['.', '_']).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    // `TEL02.61.91.44.74BISOUS`.
    let is_behind_named = is_named && around::is_word_behind_named(glued);
    let is_amount = is_last
        && to - from > 1
        && !glued.is_empty()
        && candidate.digits(to - 1, to) <= 2
        && !((is_word || is_behind_named) && is_of_pairs());
    let may_touch = around::is_farewell(glued)
        || is_behind_named
        // `03023125811sin whatsapp`: no code and no measure begins like an area and ends like a word.
        || is_word && starts_strongly && !around.joined_left;
    let goes_on = around.joined_right && !(is_long && may_touch);
    if around.joined_left && from == 0 && !is_named
        || goes_on && is_last
        || is_amount
        || around.is_named_otherwise
            && !raw.starts_with('+')
            && !(around.is_named_apart && stands_alone(candidate, (from, to), context))
    {
        return None;
    }
    if beside::holds_hours(text, (start, end))
        || begins_with_another(candidate, (from, to), context)
        || ends_with_another(candidate, (from, to), context)
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
    let speaks_for_itself = around.is_labelled || around.is_linked;
    // What reads as other figures may be a number all the same, where the region has it.
    let is_valid = || is_valid(candidate, (from, to), context);
    if candidate.ends_measured(from, to)
        // `07700 900 123 hours 9-5`: without its last figures it is no number.
        || candidate.ends_in_time(from, to)
            && !(!candidate.are_durations(from, to)
                && is_valid()
                && !self::is_valid(candidate, (from, to - 1), context))
        || !around.is_linked && national::is_placeholder(raw)
        || is_masked(&text[..start], &text[end..], candidate.digits(from, to), || {
            !raw.starts_with('0') && is_valid()
        })
        || candidate.has_times(from, to)
            // `06.10 20.30 40`.
            && !((speaks_for_itself || is_whole && raw.starts_with('0'))
                && (from + 1..to).all(|index| matches!(candidate.between(index), " " | "."))
                && is_valid())
        || candidate.is_list(from, to) && !(speaks_for_itself && is_valid())
        || !is_abroad && are_sums(candidate, (from, to), speaks_for_itself, context)
        || candidate.is_hours(from, to) && (!around.is_labelled || is_of_day())
    {
        return None;
    }
    let digits = candidate.digits(from, to);
    // A part of a longer run of digits has to look like a number by itself.
    if !is_whole
        && !starts_strongly
        && !speaks_for_itself
        && !candidate.is_grouped_as_nanp(from, to)
        && !(stands_between(candidate, (from, to))
            && digits > super::BARE_DIGITS
            && candidate
                .lengths(from, to)
                .iter()
                .all(|length| *length >= 3)
            && is_valid())
    {
        return None;
    }
    if !speaks_for_itself
        && !is_abroad
        && (candidate.is_date(from, to)
            || candidate.is_other_figure(from, to)
            || candidate.is_of_date(from, to)
            || candidate.is_of_draw(from, to)
            || candidate.is_model(from, to)
            || candidate.spans_sentences(from, to))
    {
        return None;
    }
    if (candidate.follows_price(from) || around.is_price) && !speaks_for_itself {
        return None;
    }
    // A tag of fewer digits is an order's or a room's: `#20261234`.
    if digits < TAGGED && !speaks_for_itself && !is_abroad && text[..start].ends_with(['#', '@']) {
        return None;
    }
    Some(around)
}

/// True where the source's region, or one that the text names, has the number that some groups are, written so.
pub(super) fn is_valid(
    candidate: &Candidate,
    (from, to): (usize, usize),
    context: &Context<'_>,
) -> bool {
    let (start, end) = candidate.span(from, to);
    let raw = &candidate.text[start..end];
    context.regions().any(|(region, _)| {
        read(raw, region).is_some_and(|reading| {
            reading.standing == Standing::Valid && reading.has_trunk_prefix_if_due(raw, region)
        })
    })
}

/// True for a number that is whole by itself behind the figure of something else: valid, in the groups in which its country
/// writes it, or with its zero and in one piece.
fn stands_alone(candidate: &Candidate, (from, to): (usize, usize), context: &Context<'_>) -> bool {
    let (start, end) = candidate.span(from, to);
    let is_dialled = candidate.text[start..end]
        .trim_start_matches('(')
        .starts_with('0');
    let digits = candidate.digits(from, to);
    // The zero is none of the number's own digits.
    digits > super::BARE_DIGITS + usize::from(is_dialled)
        && (is_dialled && to - from == 1 || has_own_form(candidate, (from, to), context))
        && is_valid(candidate, (from, to), context)
}

/// True where the first group is told to be another figure, and the rest is a number without it: `Anna 22 030 23125123`.
fn begins_with_another(
    candidate: &Candidate,
    (from, to): (usize, usize),
    context: &Context<'_>,
) -> bool {
    /// How many more groups the number may have than what is looked at.
    const MORE: usize = 2;
    let first = candidate.groups[from];
    if to - from < 2 || first.end - first.start > 2 {
        return false;
    }
    let begins_with_zero =
        |index: usize| candidate.text.as_bytes()[candidate.groups[index].start] == b'0';
    // Nothing that is dialled with a zero has it behind two figures.
    let is_dialled = !begins_with_zero(from) && begins_with_zero(from + 1);
    let ends = match is_dialled {
        true => to..=candidate.groups.len().min(to + MORE),
        false => to..=to,
    };
    (is_dialled || first.opens == first.start)
        && beside::before(&candidate.text[..candidate.groups[from + 1].opens]) == Some(Beside::Own)
        && ends.into_iter().any(|to| {
            candidate.digits(from + 1, to) > super::BARE_DIGITS
                && is_valid(candidate, (from + 1, to), context)
        })
}

/// True where the last group is told to be another figure, and the rest is a number without it: `030 23125123 24 Jahre`.
fn ends_with_another(
    candidate: &Candidate,
    (from, to): (usize, usize),
    context: &Context<'_>,
) -> bool {
    let last = candidate.groups[to - 1];
    to - from > 1
        && last.end - last.start <= beside::SHORT
        && candidate.digits(from, to - 1) > super::BARE_DIGITS
        && (is_parted(candidate, (from, to))
            || (last.opens == last.start
                || candidate.groups[from..to - 1]
                    .iter()
                    .all(|group| group.opens == group.start))
                && beside::behind(&candidate.text[candidate.groups[to - 2].end..])
                    == Some(Beside::Own))
        && is_read(candidate, (from, to - 1), context)
}

/// True where a region has the number that some groups are, whether with the zero that is dialled first or without.
fn is_read(candidate: &Candidate, (from, to): (usize, usize), context: &Context<'_>) -> bool {
    let (start, end) = candidate.span(from, to);
    let raw = &candidate.text[start..end];
    context.regions().any(|(region, _)| {
        read(raw, region).is_some_and(|reading| reading.standing == Standing::Valid)
    })
}

/// True where what parts sentences or cells stands before the last group, and nothing like it within: `030 23125123 - 90210`.
fn is_parted(candidate: &Candidate, (from, to): (usize, usize)) -> bool {
    let parts = |index: usize| beside::parts(candidate.between(index));
    parts(to - 1) && !(from + 1..to - 1).any(parts)
}

/// True where the figure before some groups stands by itself, any short one before a single group, and the one behind them is told to be another.
fn stands_between(candidate: &Candidate, (from, to): (usize, usize)) -> bool {
    let (start, end) = candidate.span(from, to);
    let stands = |beside: Beside| beside == Beside::Own || to - from == 1;
    (from == 0 || beside::before(&candidate.text[..start]).is_some_and(stands))
        && (to == candidate.groups.len()
            || beside::behind(&candidate.text[end..]) == Some(Beside::Own))
}

/// True where groups that are round and climb as sums do begin with no number that a label may stand before.
pub(super) fn are_sums_alone(candidate: &Candidate, context: &Context<'_>) -> bool {
    let count = candidate.groups.len();
    candidate.are_sums(0, count)
        && candidate.sums_climb(0, count)
        && !may_be_labelled(candidate, (0, count), context)
        && !(3..count).any(|to| {
            may_be_labelled(candidate, (0, to), context)
                && (candidate.is_joined(0, to) || has_own_form(candidate, (0, to), context))
        })
}

/// True for round figures that are a number where something labels them: the region has it; or, where the source has no
/// region, they are joined, or grouped as in North America.
fn may_be_labelled(
    candidate: &Candidate,
    (from, to): (usize, usize),
    context: &Context<'_>,
) -> bool {
    let is_grouped = || {
        let begins = |index: usize| candidate.number(index) >= 200;
        matches!(candidate.lengths(from, to)[..], [3, 3, 4]) && begins(from) && begins(from + 1)
    };
    // `150/250/400` is a list of prices.
    let has_strokes = (from + 1..to).all(|index| candidate.between(index).contains('/'));
    !has_strokes && is_valid(candidate, (from, to), context)
        || context.region.is_none() && (candidate.is_joined(from, to) || is_grouped())
}

/// True for sums. Where the region has such a number, they are none behind a label, where they are joined, or grouped as the
/// country writes it; nor are three that do not climb.
fn are_sums(
    candidate: &Candidate,
    (from, to): (usize, usize),
    is_labelled: bool,
    context: &Context<'_>,
) -> bool {
    if !candidate.are_sums(from, to) {
        return false;
    }
    let climb = candidate.sums_climb(from, to);
    if is_labelled {
        return climb && !may_be_labelled(candidate, (from, to), context);
    }
    if !is_valid(candidate, (from, to), context) {
        return true;
    }
    // `500 650 700` is grouped as Poland writes its numbers, and priced as it is everywhere.
    let are_prices = || climb && (from..to).all(|index| candidate.number(index).is_multiple_of(50));
    (climb || to - from > 3)
        && !candidate.is_joined(from, to)
        && (are_prices() || !has_own_form(candidate, (from, to), context))
}

/// True for groups of the lengths in which the source's region writes the number that they are.
fn has_own_form(candidate: &Candidate, (from, to): (usize, usize), context: &Context<'_>) -> bool {
    let (start, end) = candidate.span(from, to);
    let reading = read(&candidate.text[start..end], context.region);
    reading.is_some_and(|reading| has_form(&candidate.lengths(from, to), &reading))
}

/// True for a part of a number the rest of which is hidden: `0171 392****`, `202 555 ####`. An x behind what is a number as
/// it stands is a kiss.
fn is_masked(before: &str, behind: &str, digits: usize, is_valid: impl Fn() -> bool) -> bool {
    /// A whole number has more.
    const PART: usize = 8;
    // `030 23125 ... (log in)`: the rest is to be had elsewhere.
    let bare = behind.trim_start_matches(' ');
    let told = bare.strip_prefix("...").or_else(|| bare.strip_prefix('…'));
    if digits <= PART
        && told.is_some_and(|told| told.trim_start_matches(' ').starts_with(['(', '[']))
    {
        return true;
    }
    let rest = behind.trim_start_matches([' ', '-', '.']);
    let Some(sign) = rest
        .chars()
        .next()
        .filter(|sign| matches!(sign, '*' | '#' | '•' | '_' | 'x' | 'X' | '●' | '█'))
    else {
        return false;
    };
    let count = rest.chars().take_while(|next| *next == sign).count();
    digits <= PART
        && count > 1
        && !before.trim_end_matches(' ').ends_with(sign)
        && !(matches!(sign, 'x' | 'X') && is_valid())
}
