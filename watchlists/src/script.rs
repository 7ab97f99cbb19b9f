//! Where words end, in any script.

use unicode_normalization::char::is_combining_mark;

/// True for what words are made of: letters, digits, marks on letters, and the underscore of names.
pub(crate) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || (!letter.is_ascii() && is_combining_mark(letter))
}

/// True for letters of scripts whose words are not set apart by spaces, or take endings without a space: Thai, Lao,
/// Burmese, Khmer, Tibetan, Chinese, Japanese, Korean. There, a word may end between any two letters.
pub(crate) fn is_unspaced(letter: char) -> bool {
    matches!(
        letter,
        '\u{e00}'..='\u{eff}' // Thai, Lao
            | '\u{f00}'..='\u{fff}' // Tibetan
            | '\u{1000}'..='\u{109f}' // Burmese
            | '\u{1100}'..='\u{11ff}' // Hangul letters
            | '\u{1780}'..='\u{17ff}' // Khmer
            | '\u{2e80}'..='\u{2fdf}' // Chinese radicals
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}' // Hiragana, Katakana
            | '\u{3100}'..='\u{318f}' // Bopomofo, Hangul letters
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7ff}' // Hangul syllables
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// True where `text[start..end]` is made of whole words: no word reaches over either end.
pub(crate) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let parts = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at..].chars().next();
        !matches!((before, after), (Some(before), Some(after)) if is_joined(before, after))
    };
    parts(start) && parts(end)
}

fn is_joined(before: char, after: char) -> bool {
    if !after.is_ascii() && is_combining_mark(after) {
        // Behind a space it stands alone, as folding leaves an accent that was typed for itself.
        return before != ' ';
    }
    is_word(before) && is_word(after) && !is_unspaced(before) && !is_unspaced(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_in_any_script() {
        for (text, word, whole) in [
            ("anna rose", "anna", true),
            ("(anna)", "anna", true),
            ("anna's", "anna", true),
            ("joanna", "anna", false),
            ("annabel", "anna", false),
            ("anna19", "anna", false),
            ("anna_rose", "anna", false),
            ("анна, тут", "анна", true),
            ("жанна", "анна", false),
            ("我叫张伟在这里", "张伟", true),
            ("김민지는", "김민지", true),
            ("ชื่อนิดค่ะ", "นิด", true),
            ("ann\u{30a}", "ann", false),
            ("anna张", "anna", true),
        ] {
            let start = text.find(word).unwrap();
            assert_eq!(is_whole(text, start, start + word.len()), whole, "{text}");
        }
    }
}
