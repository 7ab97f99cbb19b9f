//! Everyday words around names: what stands between a label and a name, and what is no name. The words are in
//! everyday.txt.

use std::sync::LazyLock;

use crate::selectors::lists::Lists;

static WORDS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("everyday.txt")));

/// True for a word that says how a name is to be read: "no spaces", "all together".
pub(super) fn is_instruction(word: &str) -> bool {
    WORDS.has("instruction", word)
}

/// True for a word that may stand between a label and a name.
pub(super) fn is_filler(word: &str) -> bool {
    WORDS.has("filler", word) || is_naming(word) || is_telling(word)
}

/// True for a word that says that a name follows.
pub(super) fn is_naming(word: &str) -> bool {
    WORDS.has("naming", word)
}

/// True for a word by which a name is told in a sentence.
pub(super) fn is_telling(word: &str) -> bool {
    WORDS.has("telling", word)
}

/// True for a word that no one is called.
pub(super) fn is_no_name(word: &str) -> bool {
    WORDS.has("no_name", word) || WORDS.has("naming", word)
}

/// True for a word that says that nothing else is meant: `snap only`.
pub(super) fn is_only(word: &str) -> bool {
    WORDS.has("only", word)
}

/// True for a word behind an at sign that is a place.
pub(super) fn is_place(word: &str) -> bool {
    WORDS.has("no_place", word)
}

/// True for a word that stands between a name and its platform.
pub(super) fn is_placing(word: &str) -> bool {
    WORDS.has("placing", word)
}

/// True for a word by which a name is told to be the same on another platform: "same name on".
pub(super) fn is_same(word: &str) -> bool {
    WORDS.has("same", word) || is_placing(word) || is_naming(word)
}

/// True for a word behind which a plain word is a name.
pub(super) fn is_calling(word: &str) -> bool {
    WORDS.has("calling", word)
}

/// True for a word that asks to be looked up on a platform.
pub(super) fn is_inviting(word: &str) -> bool {
    WORDS.has("inviting", word)
}

/// True for a word by which people agree to talk.
pub(super) fn is_talking(word: &str) -> bool {
    WORDS.has("talking", word)
}

/// True for a platform's abbreviation that sentences are made of, unless it stands in capitals.
pub(super) fn is_everyday(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "of" | "line" | "face" | "x" | "ca" | "disc" | "signal"
    ) && !(word.len() > 1 && word.chars().all(char::is_uppercase))
}

/// True behind `RT`, which says whose words are repeated.
pub(super) fn is_repeated(before: &str) -> bool {
    let Some(rest) = before.len().checked_sub(2).and_then(|at| before.get(..at)) else {
        return false;
    };
    before[rest.len()..].eq_ignore_ascii_case("rt") && !rest.ends_with(char::is_alphanumeric)
}

/// True for a word that begins something else behind a name: `snap: roselane and more`.
pub(super) fn is_joining(word: &str) -> bool {
    WORDS.has("joining", word)
}

/// True for what people say at the end: `my kik is roselane lol`.
pub(super) fn is_leaving(word: &str) -> bool {
    WORDS.has("leaving", word)
}

/// True where two labels share what follows: `IG/TikTok`, `IG & snap`, `Insta и TG`.
pub(super) fn is_joint(between: &str) -> bool {
    {
        let between = between.trim();
        between == ","
            || between
                .strip_prefix(", ")
                .is_some_and(|rest| WORDS.has("joint", rest))
            || WORDS.has("joint", between)
    }
}

/// True for what ends as words do that say what is done or counted: `looking for`, `pictures and`.
pub(super) fn looks_inflected(token: &str) -> bool {
    const ENDINGS: [&str; 18] = [
        "s", "ing", "ed", "ly", "ion", "ment", "able", "ible", "idad", "ung", "ando", "endo",
        "ado", "ada", "mente", "ful", "ive", "ible",
    ];
    let lower = token.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// True for a sign that points at what follows.
pub(super) fn is_pointer(letter: char) -> bool {
    matches!(letter, '»' | '›' | '\u{fe0f}' | '☞' | '☛' | '►' | '▶' | '▷' | '⇨' | '👉' | '👇' | '⬇' | '➜' | '\u{2190}'..='\u{21ff}' | '\u{2794}'..='\u{27bf}')
}

/// True for pictures and ornaments: signs that end no sentence and begin no other thing.
pub(super) fn is_ornament(letter: char) -> bool {
    matches!(letter, '“' | '”' | '«' | '‘' | '’' | '【' | '】' | '「' | '」' | '『' | '』' | '《' | '》' | '\u{2500}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// True for a label in a script without spaces.
pub(super) fn is_wide(label: &str) -> bool {
    label.contains(is_ideographic)
}

/// True for a label that is a picture: nobody writes a colon behind one in a sentence.
pub(super) fn is_picture(label: &str) -> bool {
    !label.contains(char::is_alphanumeric)
}

/// Scripts without spaces between words: a name may end where they begin.
pub(super) fn is_ideographic(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{e00}'..='\u{e7f}')
}

/// The length of a word at the beginning of a text that says, in other letters, that a name follows; 0 where there is
/// none.
pub(super) fn naming_prefix(text: &str) -> usize {
    let found = WORDS.all("other").iter().filter(|word| {
        let starts = text
            .get(..word.len())
            .is_some_and(|start| start == **word || start.to_lowercase() == **word);
        let goes_on = || {
            text[word.len()..].starts_with(|letter: char| {
                letter.is_alphabetic() && !letter.is_ascii() && !is_ideographic(letter)
            })
        };
        starts && (word.ends_with(' ') || !goes_on())
    });
    found.map(|word| word.len()).max().unwrap_or(0)
}
