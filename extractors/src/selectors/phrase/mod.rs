//! Phrases: words and names that are watched, folded so that capitals, widths and line breaks do not matter.

mod fold;

pub use fold::{Folded, Spans, fold_text};

use super::{Refused, fold::look_alikes::latin};

/// The canonical form of a phrase.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    let folded = fold_phrase(written);
    if !folded.chars().any(char::is_alphanumeric) {
        return Err(Refused::new(
            format!("'{written}' holds no letter or digit"),
            "write the words to look for",
        ));
    }
    Ok(folded)
}

/// A phrase as texts are folded in which it is looked for, without the white space around it.
///
/// ```
/// # use sightline_extractors::fold_phrase;
/// assert_eq!(fold_phrase(" BLUE\n Lotus "), "blue lotus");
/// ```
pub fn fold_phrase(written: &str) -> String {
    let folded = fold_text(written).text;
    folded.trim().to_owned()
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
    let mut look = String::with_capacity(folded.len());
    for letter in folded.chars() {
        match latin(letter) {
            Some(latin) => look.push_str(latin),
            None => look.push(letter),
        }
    }
    look
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
            ("i\u{307}stanbul", "istanbul"),
            ("\u{200b} lotus \u{feff}", "lotus"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(folded), "{written}");
        }
        assert!(canonical("…!").is_err());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}|[ -~àßΣﬁ①Åİı\u{301}\u{307}\u{200b}]{0,40}") {
            if let Ok(once) = canonical(&text) {
                prop_assert_eq!(canonical(&once), Ok(once));
            }
        }
    }
}
