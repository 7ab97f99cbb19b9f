//! Figures of other kinds among pieces, told by how they are written: hours, days, results, decimals, postcodes.

use super::{
    gap::Gap,
    pieces::{Piece, What},
};

/// True for spans of hours that follow each other: 08-16, 16-24, 00-08.
pub(super) fn are_shifts(written: &str) -> bool {
    // All of these begin with a figure of one or two places, or have a sign in it.
    let figures = written.bytes().take_while(u8::is_ascii_digit).count();
    let has_sign = || {
        let bytes = written.as_bytes();
        let is_sign = |byte: &u8| matches!(byte, b':' | b'.' | b',' | b'/' | b'\'');
        let is_hour = |pair: &[u8]| pair[0].is_ascii_digit() && pair[1] == b'h';
        bytes.iter().any(is_sign) || bytes.windows(2).any(is_hour)
    };
    if figures > 2 && !has_sign() {
        return false;
    }
    // `02:00:5e:10:03:06` is a device's.
    let pairs = || written.split(':');
    if pairs().nth(4).is_some() && pairs().all(|pair| pair.len() == 2) {
        return true;
    }
    // `3:1, 2:2, 0:1` are scores.
    let mut scores = written
        .split([',', ';', ' ', '\n'])
        .filter(|part| !part.is_empty());
    if written.as_bytes().get(1) == Some(&b':')
        && written.matches(':').count() >= 3
        && scores.all(|score| matches!(score.as_bytes(), [home, b':', away] if home.is_ascii_digit() && away.is_ascii_digit()))
    {
        return true;
    }
    if are_times(written) || are_decimals(written) || are_heights(written) {
        return true;
    }
    // `02/04 au 09/04` are days.
    if matches!(written.as_bytes().get(2), Some(b'/' | b'.')) && are_days(written) {
        return true;
    }
    let hours: Option<Vec<u8>> = written
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|figure| !figure.is_empty())
        .map(|figure| {
            let hour = figure.parse().ok().filter(|hour| *hour <= 24);
            hour.filter(|_| figure.len() == 2)
        })
        .collect();
    let Some(hours) = hours.filter(|hours| hours.len() >= 4 && hours.len().is_multiple_of(2))
    else {
        return false;
    };
    hours[1..hours.len() - 1]
        .chunks(2)
        .all(|pair| pair[0] % 24 == pair[1] % 24)
}

/// True where an address of a network stands among the words: "set to 203.0.113.86".
pub(super) fn has_address(written: &str) -> bool {
    let is_part =
        |part: &str| part.parse::<u8>().is_ok() && (part == "0" || !part.starts_with('0'));
    written.contains('.')
        && written.split(' ').any(|token| {
            let token = token.trim_end_matches('.');
            let has_long = token.split('.').any(|part| part.len() == 3);
            has_long && token.split('.').count() == 4 && token.split('.').all(is_part)
        })
}

/// True for nothing but times of a day, two at least, apart by spaces and strokes: `08:12 08:27 08:42`, `07.15 - 07.35`.
fn are_times(written: &str) -> bool {
    let is_time = |part: &str| {
        let Some((hour, minute)) = part.split_once([':', '.', 'h']) else {
            return false;
        };
        let value = |figure: &str| figure.parse::<u8>().ok().filter(|_| figure.len() <= 2);
        let is_round = |minute: u8| part.contains(':') || minute.is_multiple_of(5);
        value(hour).is_some_and(|hour| hour <= 24)
            && minute.len() == 2
            && value(minute).is_some_and(|minute| minute < 60 && is_round(minute))
    };
    // "Between 09.30 and 18.45".
    let is_word = |part: &str| part.chars().all(char::is_alphabetic);
    let mut parts = written
        .split([' ', '-', '–', ',', '/', '\n'])
        .filter(|part| !part.is_empty() && !is_word(part));
    parts.clone().nth(1).is_some() && parts.all(is_time)
}

/// True for nothing but numbers with one place behind the point, three at least: `36.6 37.2 38.5`.
fn are_decimals(written: &str) -> bool {
    let is_decimal = |part: &str| {
        part.split_once(['.', ',']).is_some_and(|(whole, place)| {
            let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            (1..=3).contains(&whole.len())
                && place.len() == 1
                && are_digits(whole)
                && are_digits(place)
        })
    };
    let mut parts = written
        .split([' ', '\n', ';'])
        .filter(|part| !part.is_empty());
    // `2.0 2.5 5.5` may be a number's figures, two by two; `0,5 1,5 2,5` are none.
    let is_pair = |part: &str| part.len() == 3 && part.contains('.') && !part.ends_with(['0', '5']);
    parts.clone().nth(2).is_some()
        && (!parts.clone().any(is_pair) || parts.clone().any(|part| part.len() > 3))
        && parts.all(is_decimal)
}

/// True for figures of five with words between, as postcodes have: `98101, Seattle 98104`.
pub(super) fn are_postcodes(pieces: &[Piece]) -> bool {
    pieces.len() == 2
        && pieces
            .iter()
            .all(|piece| matches!(piece.what, What::Digits) && piece.size() == 5)
}

/// True for nothing but results of a game, three at least: `6-4 3-6 7-5 6-2`.
pub(super) fn are_scores(written: &str) -> bool {
    let is_score = |part: &str| matches!(part.as_bytes(), [one, b'-' | b':', other] if one.is_ascii_digit() && other.is_ascii_digit());
    let mut parts = written
        .split([' ', ',', ';'])
        .filter(|part| !part.is_empty());
    parts.clone().nth(2).is_some() && parts.all(is_score)
}

/// True for figures two of which are called where help is needed: "911, 112 or 999".
pub(super) fn are_emergency(text: &str, pieces: &[Piece]) -> bool {
    const CALLED: [&str; 8] = ["911", "112", "999", "110", "113", "115", "118", "988"];
    let is_called = |piece: &&Piece| {
        matches!(piece.what, What::Digits) && CALLED.contains(&&text[piece.start..piece.end])
    };
    pieces.iter().filter(is_called).count() > 1
}

/// True for nothing but days with their months, and words between: `du 12/03 au 18/03`.
fn are_days(written: &str) -> bool {
    let is_day = |part: &str| {
        let part = part.trim_end_matches('.');
        part.split_once(['/', '.']).is_some_and(|(day, month)| {
            let fits = |written: &str, most: u8| {
                written.len() == 2
                    && written
                        .parse::<u8>()
                        .is_ok_and(|value| (1..=most).contains(&value))
            };
            fits(day, 31) && fits(month, 12)
        })
    };
    let parts = written
        .split([' ', '-', '–', ',', '\n'])
        .filter(|part| !part.is_empty());
    let mut figures = parts
        .clone()
        .filter(|part| part.contains(|letter: char| letter.is_ascii_digit()));
    let words = parts
        .filter(|part| part.chars().all(char::is_alphabetic))
        .count();
    words > 0 && figures.clone().nth(1).is_some() && figures.all(is_day)
}

/// True for an hour and its minutes between some pieces: what is told in words behind `12:00-04:00` is no part of it.
pub(super) fn has_time(text: &str, pieces: &[Piece]) -> bool {
    let value = |piece: &Piece| -> Option<u32> {
        let written = &text[piece.start..piece.end];
        let is_short = matches!(piece.what, What::Digits) && written.len() <= 2;
        written.parse().ok().filter(|_| is_short)
    };
    pieces.windows(2).any(|pair| {
        &text[pair[0].end..pair[1].start] == ":"
            && pair[1].end - pair[1].start == 2
            && value(&pair[0]).is_some_and(|hour| hour <= 24)
            && value(&pair[1]).is_some_and(|minute| minute < 60)
    })
}

/// True for figures that are a day with its year, a month with its year or a year that words follow, or where the last is the hour of a time:
/// `23.6.2019 um 18` before `:30`.
pub(super) fn has_date(text: &str, pieces: &[Piece], end: usize) -> bool {
    let behind = &text.as_bytes()[end..];
    if matches!(behind, [b':', minute, other, ..] if minute.is_ascii_digit() && other.is_ascii_digit())
    {
        return true;
    }
    let number = |piece: &Piece, length: usize| -> Option<u32> {
        let written = &text[piece.start..piece.end];
        let is_figure = matches!(piece.what, What::Digits) && written.len() <= length;
        written.parse().ok().filter(|_| is_figure)
    };
    let is_year = |piece: &Piece| number(piece, 4).is_some_and(|year| (1950..2050).contains(&year));
    let has_words = pieces
        .iter()
        .any(|piece| !matches!(piece.what, What::Digits))
        || pieces[1..]
            .iter()
            .any(|piece| matches!(piece.gap, Gap::Words(_)));
    let is_day = |part: &[Piece]| {
        let between = |one: &Piece, next: &Piece| text[one.end..next.start].to_owned();
        matches!(&*between(&part[0], &part[1]), "." | "/" | "-")
            && between(&part[0], &part[1]) == between(&part[1], &part[2])
            && number(&part[0], 2).is_some_and(|day| (1..=31).contains(&day))
            && number(&part[1], 2).is_some_and(|month| (1..=31).contains(&month))
            && is_year(&part[2])
    };
    // `bis 03.02.2026, 12345 Berlin`: a day that stands apart from what goes on.
    let is_apart = |index: usize| {
        let sign = &text[pieces[index].end..pieces[index + 1].start];
        let before = index
            .checked_sub(1)
            .map(|last| &text[pieces[last].end..pieces[index].start]);
        let behind = pieces
            .get(index + 3)
            .map(|next| &text[pieces[index + 2].end..next.start]);
        before != Some(sign) && behind != Some(sign)
    };
    let has_day_apart = || {
        (0..pieces.len().saturating_sub(2))
            .any(|index| is_day(&pieces[index..index + 3]) && is_apart(index))
    };
    !has_words && has_day_apart()
        || has_words
            && (pieces.windows(3).any(is_day)
                || matches!(pieces, [month, year, next, ..]
                if matches!(&text[month.end..year.start], "." | "/")
                    && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
                    && is_year(year)
                    && matches!(next.gap, Gap::Words(_)))
                || matches!(pieces, [first, next, ..] if is_year(first) && matches!(next.gap, Gap::Words(_))))
}

/// True for heights in feet and inches, three at least: `5'2" 5'4" 5'7"`.
fn are_heights(written: &str) -> bool {
    let is_height = |part: &str| {
        let bare = part.trim_end_matches(['"', '”', '″', '\'']);
        matches!(bare.as_bytes(), [b'4'..=b'6', b'\'', inch @ ..]
            if (1..=2).contains(&inch.len()) && inch.iter().all(u8::is_ascii_digit))
    };
    let mut parts = written
        .split([' ', ',', '/'])
        .filter(|part| !part.is_empty());
    parts.clone().nth(2).is_some() && parts.all(is_height)
}

/// True behind a figure and a sign that touch what follows, where too few figures stand before for a number: the year of
/// `12/05, 13/05` begins none.
pub(super) fn follows_figure(before: &str) -> bool {
    let front = before.trim_end_matches(['/', ':', ',']);
    let figures = front.bytes().rev().take_while(u8::is_ascii_digit).count();
    front.len() + 1 == before.len() && (1..7).contains(&figures)
}
