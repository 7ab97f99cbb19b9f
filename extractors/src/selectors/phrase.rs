//! Phrases: words and names that are watched, folded so that capitals, widths and line breaks do not matter.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::{
    Refused,
    fold::{Folded, is_invisible, look_alikes::latin},
};

/// The canonical form of a phrase.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    let folded = fold_phrase(written).text.into_owned();
    if !folded.chars().any(char::is_alphanumeric) {
        return Err(Refused::new(
            format!("'{written}' holds no letter or digit"),
            "write the words to look for",
        ));
    }
    Ok(folded)
}

/// Folds a text in which phrases are looked for, as phrases themselves are folded: NFKC, case-folded, white space
/// collapsed to single spaces, invisible characters left out. The result knows where each part of it came from.
///
/// ```
/// # use sightline_extractors::fold_phrase;
/// let text = "at the BLUE\n Lotus, daily";
/// let folded = fold_phrase(text);
/// let at = folded.text.find("blue lotus").unwrap();
/// let (start, end) = folded.origin(at, at + "blue lotus".len());
/// assert_eq!(&text[start..end], "BLUE\n Lotus");
/// ```
pub fn fold_phrase(text: &str) -> Folded<'_> {
    let mut folded = Folded::with_capacity(text.len());
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let mut end = start + first.len_utf8();
        if first.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
            push(&mut folded, first.to_ascii_lowercase(), (start, end));
            continue;
        }
        // A letter and the marks on it are one: they compose.
        while let Some((at, mark)) =
            rest.next_if(|(_, next)| canonical_combining_class(*next) != 0 || is_invisible(*next))
        {
            end = at + mark.len_utf8();
        }
        let visible = text[start..end]
            .chars()
            .filter(|letter| !is_invisible(*letter));
        for letter in visible.nfkc().flat_map(fold_letter).nfkc() {
            push(&mut folded, letter, (start, end));
        }
    }
    if folded.text.ends_with(' ') {
        folded.pop_byte();
    }
    folded
}

/// What a name looks like at a glance: folded as phrases are, and letters of other scripts as the Latin ones that they look
/// like. On a page, nobody tells two names of one look from each other.
///
/// ```
/// # use sightline_extractors::look;
/// assert_eq!(look("Ｒооt  Admin"), "root admin");
/// ```
pub fn look(name: &str) -> String {
    let folded = fold_phrase(name);
    let mut look = String::with_capacity(folded.text.len());
    for letter in folded.text.chars() {
        match latin(letter) {
            Some(latin) => look.push_str(latin),
            None => look.push(letter),
        }
    }
    look
}

fn push(folded: &mut Folded<'_>, letter: char, span: (usize, usize)) {
    if letter.is_whitespace() {
        if !folded.text.is_empty() && !folded.text.ends_with(' ') {
            folded.push(' ', span);
        }
    } else if !is_invisible(letter) {
        folded.push(letter, span);
    }
}

/// Case folding: lower case, and the few letters that fold to several or to another lower-case letter.
fn fold_letter(letter: char) -> impl Iterator<Item = char> {
    let special: &[char] = match letter {
        'ß' | 'ẞ' => &['s', 's'],
        'ς' => &['σ'],
        'ſ' => &['s'],
        // Its lower case is an i and a dot above, which no one types.
        'İ' => &['i'],
        _ => &[],
    };
    let plain = special.is_empty().then(|| letter.to_lowercase());
    special.iter().copied().chain(plain.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phrases_fold() {
        for (written, folded) in [
            ("Blue  Lotus\u{a0}Spa", "blue lotus spa"),
            (" ＢＬＵＥ lotus\n", "blue lotus"),
            ("Straße", "strasse"),
            ("ΟΔΟΣ", "οδοσ"),
            ("blue\u{200b}lotus", "bluelotus"),
            ("Cafe\u{301}", "café"),
            ("İSTANBUL", "istanbul"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(folded), "{written}");
        }
        assert!(canonical("…!").is_err());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[ -~àßΣﬁ①Å\u{301}\u{200b}]{0,40}") {
            if let Ok(once) = canonical(&text) {
                prop_assert_eq!(canonical(&once), Ok(once));
            }
        }

        #[test]
        fn every_part_leads_back(text in "\\PC{0,40}") {
            let folded = fold_phrase(&text);
            for (at, letter) in folded.text.char_indices() {
                let (start, end) = folded.origin(at, at + letter.len_utf8());
                prop_assert!(text.get(start..end).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
