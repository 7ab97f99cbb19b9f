//! Parts of a number by their order, each with its figures behind it: "1st part: 702", "Teil 2: 555".

/// Words for a part, in small letters.
const PARTS: [&str; 38] = [
    "part",
    "bit",
    "half",
    "piece",
    "group",
    "block",
    "chunk",
    "section",
    "segment",
    "teil",
    "stück",
    "gruppe",
    "hälfte",
    "parte",
    "trozo",
    "grupo",
    "bloque",
    "mitad",
    "partie",
    "morceau",
    "groupe",
    "bloc",
    "moitié",
    "pezzo",
    "gruppo",
    "pedaço",
    "bloco",
    "deel",
    "stuk",
    "helft",
    "część",
    "kawałek",
    "grupa",
    "часть",
    "кусок",
    "группа",
    "partea",
    "phần",
];

/// Words for the first of several, in small letters.
const FIRST: [&str; 34] = [
    "1",
    "1st",
    "first",
    "one",
    "i",
    "1º",
    "1ª",
    "1o",
    "1a",
    "1er",
    "1re",
    "1ère",
    "1e",
    "1ste",
    "1й",
    "1я",
    "erster",
    "erste",
    "erstes",
    "primera",
    "primero",
    "primer",
    "primeira",
    "primeiro",
    "première",
    "premier",
    "prima",
    "primo",
    "eerste",
    "pierwsza",
    "pierwszy",
    "первая",
    "первый",
    "đầu",
];

/// The longest word for a part, in bytes.
const LONGEST: usize = 16;

/// True for what says that the first part of a number follows, and nothing else: "1st part: ", "Teil 1 - ".
pub(super) fn begins_first(before: &str) -> bool {
    let bare = before.trim_end_matches([' ', ':', '：', '.', ')', '-', '–', '=', '>']);
    if bare.len() > 3 * LONGEST {
        return false;
    }
    let lower = bare.to_lowercase();
    let words = || {
        let words = lower.split([' ', '.', '#', '°', '(', '-']);
        words.filter(|word| !word.is_empty())
    };
    let is_first = |word: &str| FIRST.contains(&word);
    words().all(|word| is_first(word) || is_part(word) || word == "the")
        && words().any(is_first)
        && words().any(is_part)
}

/// True for words between figures that only say which part follows, though a full stop stands among them: "2. Teil: ".
pub(super) fn is_told(between: &str) -> bool {
    let words = || {
        let words = between.split(|letter: char| !letter.is_alphanumeric());
        words.filter(|word| !word.is_empty())
    };
    let is_count =
        |word: &str| word.len() <= 5 && word.starts_with(|letter: char| letter.is_ascii_digit());
    words().all(|word| is_count(word) || is_part(&word.to_lowercase()))
        && words().any(|word| is_part(&word.to_lowercase()))
}

/// True for a figure or word that only says which part follows: the 2 of "part 2: 555" and of "2. Teil: 555".
pub(super) fn counts_part(text: &str, start: usize, end: usize) -> bool {
    let (before, behind) = (&text[..start], &text[end..]);
    let is_signed = |rest: &str| {
        let sign = rest.trim_start_matches(' ');
        sign.starts_with([':', '=', ')', '–']) || sign.starts_with('-') && sign.len() < rest.len()
    };
    let word_before = || {
        let front = before.strip_suffix(' ')?;
        let near = &front[front.ceil_char_boundary(front.len().saturating_sub(LONGEST))..];
        near.rsplit(|letter: char| !letter.is_alphabetic()).next()
    };
    let word_behind = || {
        let rest = behind.trim_start_matches(['.', ' ', 'º', 'ª']);
        let near = &rest[..rest.floor_char_boundary(LONGEST)];
        let length = near.find(|letter: char| !letter.is_alphabetic())?;
        is_signed(&rest[length..]).then_some(&near[..length])
    };
    is_signed(behind) && word_before().is_some_and(|word| is_part(&word.to_lowercase()))
        || behind.starts_with(['.', ' ', 'º', 'ª'])
            && word_behind().is_some_and(|word| is_part(&word.to_lowercase()))
}

fn is_part(word: &str) -> bool {
    word.len() <= LONGEST && PARTS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    #[test]
    fn figures_that_count_parts_are_none_of_a_number_s() {
        for (text, figure, counts) in [
            ("part 2: 555", "2", true),
            ("2. Teil: 555", "2", true),
            ("parte 2 - 555", "2", true),
            ("room 2: 555", "2", false),
            ("2 parts of flour: 300", "2", false),
        ] {
            let start = text.find(figure).unwrap();
            assert_eq!(counts_part(text, start, start + 1), counts, "{text}");
        }
        for (before, begins) in [
            ("1st part: ", true),
            ("Erster Teil: ", true),
            ("partie 1 : ", true),
            ("part: ", false),
            ("Part no. ", false),
        ] {
            assert_eq!(begins_first(before), begins, "{before}");
        }
    }

    #[test]
    fn numbers_are_told_part_by_part() {
        for (text, region, number) in [
            (
                "My digits:\n1st part: 702\n2nd part: 555\n3rd part: 0119",
                "US",
                Some("+17025550119"),
            ),
            (
                "My digits:\nfirst part: 702\nsecond part: 555\nthird part: 0119",
                "US",
                Some("+17025550119"),
            ),
            (
                "Call me\npart 1: 702\npart 2: 555\npart 3: 0119",
                "US",
                Some("+17025550119"),
            ),
            (
                "Meine Nummer:\n1. Teil: 0171\n2. Teil: 392\n3. Teil: 0045",
                "DE",
                Some("+491713920045"),
            ),
            (
                "Phone:\n1st part: 07700\n2nd part: 900\n3rd part: 123",
                "GB",
                Some("+447700900123"),
            ),
            ("Spares:\npart 702\npart 555\npart 0119", "US", None),
        ] {
            let finds = find_all(text, Some(region));
            let found = finds.first().map(|find| &*find.selector.value);
            assert_eq!(found, number, "{text}");
        }
    }
}
